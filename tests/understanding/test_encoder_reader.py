"""The device's reader, on the encoder that comes with the package."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.understanding.catalogue import CATALOGUE
from tandem.understanding.encoder_reader import EncoderReader
from tandem.understanding.known import Known, KnownContact, KnownEvent, KnownMail, KnownTask
from tandem.understanding.reading import Context, Decision, Reading, Ref, Turn, When

ZONE = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 11, 9, 20, tzinfo=ZONE)


def event(uid: str, summary: str, day: int, hour: int) -> KnownEvent:
    start = datetime(2026, 3, day, hour, tzinfo=ZONE)
    return KnownEvent(uid, summary, start, start + timedelta(hours=1))


def mail(number: int, name: str, address: str, subject: str, day: int) -> KnownMail:
    at = datetime(2026, 3, day, 8, tzinfo=ZONE)
    return KnownMail(f"<{number}@x>", "INBOX", name, address, ("me@x",), subject, at)


KNOWN = Known(
    NOW,
    "Europe/London",
    contacts=(
        KnownContact("ana", "Ana Ruiz", emails=("ana@ruiz.example",)),
        KnownContact("tom1", "Tom Barker", emails=("tom@barker.example",)),
        KnownContact("tom2", "Tom Lind", emails=("tom@lind.example",)),
        KnownContact("mum", "Rita Voss", emails=("rita@voss.example",), note="Mum"),
    ),
    events=(
        event("dentist", "Dentist Dr Hale", 17, 10),
        event("lunch", "Lunch with Ana", 13, 12),
        event("review", "Budget review", 12, 15),
    ),
    mails=(
        mail(1, "Ana Ruiz", "ana@ruiz.example", "Tiles for the bathroom", 5),
        mail(2, "Gravel Weekly", "news@gravel.example", "Gravel Weekly 12", 6),
        mail(3, "Gravel Weekly", "news@gravel.example", "Gravel Weekly 13", 10),
    ),
    tasks=(KnownTask("passport", "Renew passport"),),
    folders=("INBOX", "Archive", "Receipts"),
)


@pytest.fixture(scope="module")
def reader() -> EncoderReader:
    return EncoderReader()


def read(reader: EncoderReader, text: str, *turns: Turn) -> Reading:
    return reader.read(text, Context(KNOWN, turns))


def refs(reading: Reading, slot: str, call: int = 0) -> list[str]:
    value = reading.calls[call].slots[slot].value
    assert isinstance(value, tuple)
    return [one.id for one in value if isinstance(one, Ref)]


def test_moves_an_event_that_is_in_the_calendar(reader: EncoderReader) -> None:
    """The event is linked, the new time is read, nothing is asked."""
    reading = read(reader, "move the dentist appointment to friday at three pm")
    assert reading.decision is Decision.ACT
    assert reading.calls[0].tool == "event_change"
    assert refs(reading, "event") == ["dentist"]
    when = reading.calls[0].slots["when"].value
    assert isinstance(when, When)
    assert when.start == datetime(2026, 3, 13, 15, tzinfo=ZONE)


def test_two_people_of_one_name_are_asked_about(reader: EncoderReader) -> None:
    """Which Tom: a question with both, and the answer completes the call."""
    first = read(reader, "email Tom that the keys are at the desk")
    assert first.decision is Decision.ASK
    assert first.question is not None
    assert len(first.question.options) == 2
    second = read(reader, "Lind", Turn("email Tom that the keys are at the desk", first))
    assert second.decision is Decision.ACT
    assert refs(second, "to") == ["tom2"]


def test_a_missing_time_is_asked_for(reader: EncoderReader) -> None:
    """A required slot that was not said is one question about that slot."""
    reading = read(reader, "schedule a meeting with Ana")
    assert reading.decision is Decision.ASK
    assert reading.question is not None and reading.question.slot == "when"


def test_bulk_acts_take_all_that_are_meant(reader: EncoderReader) -> None:
    """ "All" links every mail of the sender."""
    reading = read(reader, "archive all Gravel Weekly newsletters")
    assert reading.calls[0].tool == "mail_move"
    assert sorted(refs(reading, "mails")) == ["<2@x>", "<3@x>"]


def test_chinese_reminder(reader: EncoderReader) -> None:
    """A reminder in Chinese with its time."""
    reading = read(reader, "明天下午三点提醒我给妈妈打电话")
    assert reading.decision is Decision.ACT
    assert reading.calls[0].tool == "task_create"
    when = reading.calls[0].slots["when"].value
    assert isinstance(when, When)
    assert when.start == datetime(2026, 3, 12, 15, tzinfo=ZONE)


@pytest.mark.parametrize(
    "text", ["what is the capital of peru", "write me a poem about the sea", "上海明天天气怎么样"]
)
def test_knowledge_is_not_for_the_device(reader: EncoderReader, text: str) -> None:
    """Nothing is done about what no tool can do."""
    assert read(reader, text).decision in (Decision.ESCALATE, Decision.REFUSE)


@given(st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_it(text: str) -> None:
    """Any text gives a reading whose slots belong to their tools and whose acts are complete."""
    reading = _READER.read(text, Context(KNOWN))
    for call in reading.calls:
        spec = CATALOGUE[call.tool]
        assert set(call.slots) <= {slot.name for slot in spec.slots}
        if reading.decision is Decision.ACT:
            assert all(call.slots[name].value is not None for name in spec.required)


_READER = EncoderReader()
