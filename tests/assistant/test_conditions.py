"""A request that hangs on something, from words to what was done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tandem.assistant.assistant import Assistant, Kind
from tandem.bootstrap_assistant import device_reader
from tests.assistant.lives import Life, small_life

TABLE = (
    "id,title,owner,state\r\n"
    "1,Beam check,priya@tensile.example,open\r\n"
    "2,Bolts,priya@tensile.example,done\r\n"
)


@pytest.fixture
def life(tmp_path: Path) -> Life:
    life = small_life(tmp_path / "life")
    life.stores.tables.add(life.stores.tables.href_for("jobs"), TABLE)
    old = life.assistant
    life.assistant = Assistant(device_reader(), old.knowing, old._hands, "en")  # pyright: ignore[reportPrivateUsage]
    return life


def test_the_records_choose_between_the_users_own_words(life: Life) -> None:
    """Priya wrote five days ago: the condition holds for four days, not for a week."""
    reply = life.assistant.say(
        "If Priya hasn't written in four days, email her saying 'Any news?' Otherwise remind me"
        " tomorrow at 9 to thank her"
    )
    assert (reply.kind, len(reply.waiting)) == (Kind.WAITING, 1)
    assert "priya@tensile.example" in reply.waiting[0].text
    assert life.sent() == []
    life.assistant.answer(reply.waiting[0].id, yes=True)
    assert len(life.sent()) == 1
    assert b"Any news?" in life.sent()[0]


def test_what_does_not_hold_does_nothing_and_says_so(life: Life) -> None:
    """With the mail as evidence."""
    reply = life.assistant.say("If Priya hasn't written in a week, email her saying 'Any news?'")
    assert reply.kind is Kind.ANSWERED
    assert "nothing to do" in reply.text
    assert [one.kind for one in reply.evidence] == ["mail"]
    assert life.sent() == []


def test_what_cannot_be_checked_is_never_done(life: Life) -> None:
    """The weather is in no record."""
    reply = life.assistant.say("If it rains tomorrow, cancel yoga")
    assert reply.kind is Kind.ESCALATED
    assert len(life.stores.calendar.items()) == 1


def test_rows_are_changed_and_taken_back_byte_for_byte(life: Life) -> None:
    """A table is written in place; undo restores the file."""
    reply = life.assistant.say("mark Beam check as done")
    assert reply.kind is Kind.DONE, reply.text
    (item,) = life.stores.tables.items()
    assert item.text == TABLE.replace("example,open", "example,done")
    life.assistant.undo()
    (item,) = life.stores.tables.items()
    assert item.text == TABLE
