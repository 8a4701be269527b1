"""A pronoun stands for what the last turn was about; without such a turn nothing changes."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tandem.bootstrap_assistant import device_reader
from tandem.understanding.known import Known, KnownEvent, KnownMail, KnownTask
from tandem.understanding.reading import Context, Decision, Reading, Ref, Turn

ZONE = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 11, 9, 20, tzinfo=ZONE)
KNOWN = Known(
    NOW,
    "Europe/London",
    events=(
        KnownEvent(
            "quarter",
            "Cancel the lease at 4 on Friday",  # a title that reads like a request
            datetime(2026, 3, 12, 15, tzinfo=ZONE),
            datetime(2026, 3, 12, 16, tzinfo=ZONE),
        ),
        KnownEvent(
            "tea",
            "Tea",
            datetime(2026, 3, 13, 15, tzinfo=ZONE),
            datetime(2026, 3, 13, 16, tzinfo=ZONE),
        ),
    ),
    tasks=(KnownTask("paint", "buy paint"),),
    mails=tuple(
        KnownMail(f"<{n}@x.example>", "INBOX", "Ann", "ann@x.example", (), f"Plan {n}", NOW)
        for n in (1, 2, 3)
    ),
    folders=("INBOX", "Receipts"),
)
EVENT, TASK = Ref("event", "quarter"), Ref("task", "paint")
MAILS = tuple(Ref("mail", mail.message_id) for mail in KNOWN.mails)


def read(request: str, *records: Ref) -> Reading:
    turn = Turn("before", Reading(Decision.ACT), is_done=True, records=records)
    return device_reader().read(request, Context(KNOWN, (turn,)))


@pytest.mark.parametrize(
    ("request_", "records", "tool", "slot", "meant"),
    [
        ("push it back by half an hour", (EVENT,), "event_change", "event", (EVENT,)),
        ("actually, make it an hour longer", (EVENT,), "event_change", "event", (EVENT,)),
        ("rename it to harvest", (EVENT,), "event_change", "event", (EVENT,)),
        ("cancel that", (EVENT,), "event_cancel", "event", (EVENT,)),
        ("把它推迟半小时", (EVENT,), "event_change", "event", (EVENT,)),
        ("再推迟一小时", (EVENT,), "event_change", "event", (EVENT,)),
        ("move it to tomorrow", (TASK,), "task_change", "task", (TASK,)),
        ("reply to the second one that I'm on it", MAILS, "mail_reply", "mail", MAILS[1:2]),
        ("archive them", MAILS, "mail_move", "mails", MAILS),
    ],
)
def test_a_pronoun_is_the_record(
    request_: str, records: tuple[Ref, ...], tool: str, slot: str, meant: tuple[Ref, ...]
) -> None:
    """Whatever the record's title says; the order is the order shown."""
    reading = read(request_, *records)
    assert reading.decision is Decision.ACT
    assert not reading.corrects
    assert [call.tool for call in reading.calls] == [tool]
    assert reading.calls[0].slots[slot].value == meant


@pytest.mark.parametrize(
    "request_", ["push it back by half an hour", "把它推迟半小时", "remind me that it is late at 5"]
)
def test_without_a_record_nothing_is_made_up(request_: str) -> None:
    """No turn before: the reading is the other reader's."""
    plain = device_reader().read(request_, Context(KNOWN))
    assert all(call.slots["event"].value is None for call in plain.calls if "event" in call.slots)


@pytest.mark.parametrize(
    "request_",
    [
        "remind me at 5 pm to take it to the shop",
        "note that this week is quiet",
        "tell Ann that that is fine",
        "what is on this friday",
        "move the tea to 4pm",
        "提醒我五点把它带走",
    ],
)
def test_other_uses_of_the_words_are_left_alone(request_: str) -> None:
    """ "It" inside of what is to be remembered or said is not the record."""
    reading = read(request_, EVENT)
    refs = [
        ref
        for call in reading.calls
        for filled in call.slots.values()
        if isinstance(filled.value, tuple)
        for ref in filled.value
    ]
    assert EVENT not in refs
