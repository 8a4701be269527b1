"""What a request picks out by order, and what it quotes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tandem.understanding.known import Known, KnownContact, KnownEvent, KnownMail
from tandem.understanding.reading import Call, Decision, Filled, Question, Reading, Ref
from tandem.understanding.selecting import selected

NOW = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)


def event(uid: str, hours: int, *guests: str) -> KnownEvent:
    start = NOW + timedelta(hours=hours)
    return KnownEvent(uid, "sync", start, start + timedelta(hours=1), attendees=guests)


def mail(key: str, sender: str, subject: str, days: int) -> KnownMail:
    return KnownMail(key, "INBOX", "", sender, (), subject, NOW - timedelta(days=days))


KNOWN = Known(
    NOW,
    "UTC",
    contacts=(KnownContact("kofi", "Kofi Mensah", emails=("kofi@a.example",)),),
    events=(event("e1", 2), event("e2", 5, "kofi@a.example"), event("e3", 7)),
    mails=(
        mail("<m1>", "kofi@a.example", "Plan", 1),
        mail("<m2>", "ann@a.example", "Plan B", 2),
        mail("<m3>", "kofi@a.example", "Old", 9),
    ),
)


def slots(tool: str, request: str) -> dict[str, Filled]:
    reading = Reading(Decision.ASK, (Call(tool),), Question("event"))
    return dict(selected(reading, request, KNOWN).calls[0].slots)


def test_first_last_and_next_meetings() -> None:
    """By order in the day, and by who is there."""
    first = slots("event_cancel", "Cancel my first meeting with kofi on March 11")
    assert first["event"].value == (Ref("event", "e2"),)
    last = slots("event_cancel", "cancel my last meeting on March 11")
    assert last["event"].value == (Ref("event", "e3"),)


def test_the_latest_mail_by_sender_and_by_subject() -> None:
    """A quoted subject counts as it stands."""
    found = slots("mail_forward", "Forward the latest email about 'Plan B' to kofi")
    assert found["mail"].value == (Ref("mail", "<m2>"),)
    found = slots("mail_delete", "delete all my emails from kofi from the last 3 days")
    assert found["mails"].value == (Ref("mail", "<m1>"),)


def test_what_is_quoted_is_the_text() -> None:
    """Body and subject as the user wrote them."""
    found = slots("mail_send", "mail kofi saying 'All done.' and title it 'Status'")
    assert found["body"].value == "All done."
    assert found["subject"].value == "Status"


def test_a_question_that_is_answered_is_none() -> None:
    """With its event found the act is clear."""
    reading = Reading(Decision.ASK, (Call("event_cancel"),), Question("event"))
    found = selected(reading, "cancel my next meeting", KNOWN)
    assert found.decision is Decision.ACT
    assert selected(reading, "cancel something", KNOWN) is reading
