"""From a reading to the state of the stores: acts, cards, undo, and what never happens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tandem.assistant.assistant import Kind
from tandem.connectors.records import MailQuery
from tandem.understanding.reading import Decision, Question, Reading, Ref, When
from tests.assistant.lives import CARD, EVENT, Life, acts, call, small_life

OCCURRENCE = datetime(2026, 3, 17, 18, 30, tzinfo=UTC)
MAIL = (Ref("mail", "<beam@tensile.example>"),)


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return small_life(tmp_path)


def texts(life: Life) -> list[str]:
    return [item.text for item in life.stores.calendar.items()]


def test_an_occurrence_moves_alone_and_undo_restores_the_text(life: Life) -> None:
    """Only the one occurrence is elsewhere; the undo gives the very text back."""
    when = When(datetime(2026, 3, 18, 18, 30, tzinfo=UTC))
    event = (Ref("event", "yoga", OCCURRENCE),)
    life.script.readings = [acts(call("event_change", event=event, when=when))]
    reply = life.assistant.say("yoga on the 17th to wednesday")
    assert reply.kind is Kind.DONE
    assert not reply.waiting
    assert "RECURRENCE-ID" in texts(life)[0]
    assert life.assistant.undo().kind is Kind.DONE
    assert texts(life) == [EVENT.replace("\n", "\r\n")]


def test_a_reply_waits_for_a_yes_and_goes_out_once(life: Life) -> None:
    """Nothing leaves before the yes; the card shows to whom and what; a second yes does nothing."""
    life.script.readings = [acts(call("mail_reply", mail=MAIL, body="450 mm is fine"))]
    reply = life.assistant.say("reply to priya that 450 mm is fine")
    assert reply.kind is Kind.WAITING
    assert life.sent() == []
    card = reply.waiting[0]
    assert "priya@tensile.example" in card.text
    assert "450 mm is fine." in card.text
    assert life.assistant.answer(card.id, yes=True).kind is Kind.DONE
    assert life.assistant.answer(card.id, yes=True).kind is Kind.ANSWERED
    assert len(life.sent()) == 1
    assert b"In-Reply-To: <beam@tensile.example>" in life.sent()[0]


@pytest.mark.parametrize("how", ["no", "silence", "wrong id", "next turn"])
def test_without_a_yes_nothing_goes_out(life: Life, how: str) -> None:
    """The card fails closed: no answer, another card's answer, or a new turn is no yes."""
    life.script.readings = [
        acts(call("mail_reply", mail=MAIL, body="fine")),
        Reading(Decision.ESCALATE),
    ]
    card = life.assistant.say("reply fine").waiting[0]
    if how == "no":
        life.assistant.answer(card.id, yes=False)
    elif how == "wrong id":
        life.assistant.answer("another", yes=True)
    elif how == "next turn":
        life.assistant.say("what is the weather")
        life.assistant.answer(card.id, yes=True)
    assert life.sent() == []


def test_many_mails_at_once_show_their_count_before(life: Life) -> None:
    """A bulk act is reversible, but the count is seen before it is done."""
    raw = b"Message-ID: <two@x.example>\r\nSubject: two\r\nFrom: a@x.example\r\n\r\nhi\r\n"
    life.stores.mailbox.append("INBOX", raw, frozenset(), 0.0)
    mails = (*MAIL, Ref("mail", "<two@x.example>"))
    folder = (Ref("folder", "Archive"),)
    life.script.readings = [acts(call("mail_move", mails=mails, folder=folder))]
    reply = life.assistant.say("archive both")
    assert reply.waiting[0].step.count == 2
    assert "2 mails" in reply.waiting[0].text
    life.assistant.answer(reply.waiting[0].id, yes=True)
    assert len(life.stores.mailbox.search(MailQuery(folders=("Archive",)))) == 2
    life.assistant.undo()
    assert len(life.stores.mailbox.search(MailQuery(folders=("INBOX",)))) == 2


def test_a_question_changes_nothing_and_names_the_choices(life: Life) -> None:
    """Two readings that fit equally well: the user chooses."""
    options = ((Ref("contact", "priya"),), (Ref("contact", "other@x.example"),))
    question = Question("to", 0, options)
    life.script.readings = [
        Reading(Decision.ASK, (call("mail_send", body="hi"),), question),
    ]
    reply = life.assistant.say("mail her hi")
    assert reply.kind is Kind.ASKED
    assert "Priya Raman" in reply.text
    assert "other@x.example" in reply.text


def test_a_missing_value_becomes_a_question_and_half_a_request_is_not_done(life: Life) -> None:
    """Of two acts the first is not done when the second is unclear."""
    ok = call("task_create", title="descale kettle")
    life.script.readings = [acts(ok, call("event_create", title="call"))]
    reply = life.assistant.say("todo descale kettle and put a call in")
    assert reply.kind is Kind.ASKED
    assert len(texts(life)) == 1


def test_a_correction_takes_the_place_of_the_act_before(life: Life) -> None:
    """One event in the end, at the corrected time."""
    one, two = (When(datetime(2026, 3, 18, hour, 30, tzinfo=UTC)) for hour in (13, 14))
    first = acts(call("event_create", title="lunch", when=one))
    second = Reading(Decision.ACT, (call("event_create", title="lunch", when=two),), corrects=True)
    life.script.readings = [first, second]
    life.assistant.say("lunch wednesday half one")
    life.assistant.say("sorry, half two")
    assert len(texts(life)) == 2
    assert any("20260318T143000" in text for text in texts(life))


def test_a_changed_card_keeps_every_other_line(life: Life) -> None:
    """A property that nobody here knows survives."""
    life.script.readings = [
        acts(call("contact_change", contact=(Ref("contact", "priya"),), phone="+44 1", way="add"))
    ]
    life.assistant.say("priya's number is +44 1")
    (item,) = life.stores.contacts.items()
    assert "X-CUSTOM:kept" in item.text
    assert "TEL;TYPE=CELL:+44 1" in item.text
    life.assistant.undo()
    assert life.stores.contacts.items()[0].text == CARD


def test_what_a_mail_hides_is_neither_shown_nor_followed(life: Life) -> None:
    """A comment in a mail is not among the words that the user sees."""
    life.script.readings = [acts(call("mail_read", mail=MAIL))]
    reply = life.assistant.say("what does priya's mail say")
    assert "450 mm" in reply.text
    assert "evil" not in reply.text
    assert life.sent() == []


def test_elapsed_time_counts_over_a_change_of_the_clocks(life: Life) -> None:
    """Seven hours from 23:30 on the night when an hour is lost end at 07:30."""
    when = When(datetime.fromisoformat("2026-03-28T23:30:00+00:00"))
    life.script.readings = [
        acts(call("event_create", title="train", when=when, duration=timedelta(hours=7)))
    ]
    reply = life.assistant.say("train saturday 23:30, seven hours")
    assert reply.kind is Kind.DONE
    assert any("20260329T063000Z" in text or "T073000" in text for text in texts(life))
