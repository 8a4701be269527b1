"""Calendar texts: recurrences, zones, edits of a series and of one occurrence, broken ones."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tandem.connectors.calendars import Agenda, Occurrence, agenda, tasks
from tandem.connectors.edits import changed, new_event, new_task, until, without
from tandem.connectors.records import Item
from tandem.errors import BadRequest

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SPRING = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))


def listed(*texts: str, span: tuple[datetime, datetime] = SPRING) -> Agenda:
    items = [Item(f"{number}.ics", text, "") for number, text in enumerate(texts)]
    return agenda(items, *span, LONDON)


def starts(text: str) -> list[str]:
    return [f"{each.start:%m-%d %H:%M}" for each in listed(text).events]


def weekly(count: int = 6) -> str:
    start = datetime(2026, 3, 16, 9, tzinfo=LONDON)
    end = datetime(2026, 3, 16, 9, 30, tzinfo=LONDON)
    rule = f"FREQ=WEEKLY;COUNT={count}"
    return new_event("w", "Stand-up", start, end, now=NOW, rrule=rule, location="Room 2")


def only(text: str) -> Occurrence:
    (found,) = listed(text).events
    return found


def test_a_series_keeps_its_wall_clock_over_a_change_of_the_clocks() -> None:
    """Nine o'clock stays nine o'clock when summer time begins on 29 March."""
    events = listed(weekly()).events
    assert [f"{each.start:%m-%d %H:%M %z}" for each in events[:3]] == [
        "03-16 09:00 +0000",
        "03-23 09:00 +0000",
        "03-30 09:00 +0100",
    ]
    assert {each.recurrence_id for each in events[:2]} == {"20260316T090000", "20260323T090000"}


def test_one_occurrence_is_moved_and_the_others_stay() -> None:
    """A changed occurrence keeps its length and what else is said of it."""
    text = changed(
        weekly(),
        {"dtstart": datetime(2026, 3, 24, 15, tzinfo=LONDON)},
        recurrence_id="20260323T090000",
        now=NOW,
    )
    assert starts(text)[:3] == ["03-16 09:00", "03-24 15:00", "03-30 09:00"]
    moved = listed(text).events[1]
    assert (moved.end - moved.start).seconds == 1800 and moved.location == "Room 2"
    again = changed(text, {"summary": "Retro"}, recurrence_id="20260323T090000", now=NOW)
    assert [each.summary for each in listed(again).events[:2]] == ["Stand-up", "Retro"]


def test_one_occurrence_is_cancelled() -> None:
    """Also one that had been moved before; a single event has no occurrence to leave out."""
    text = without(weekly(), "20260323T090000", now=NOW)
    assert starts(text)[:2] == ["03-16 09:00", "03-30 09:00"]
    moved = changed(
        weekly(),
        {"dtstart": datetime(2026, 3, 24, 15, tzinfo=LONDON)},
        recurrence_id="20260323T090000",
        now=NOW,
    )
    assert starts(without(moved, "20260323T090000", now=NOW)) == starts(text)
    single = new_event("s", "Lunch", date(2026, 3, 16), date(2026, 3, 17), now=NOW)
    with pytest.raises(BadRequest):
        without(single, "20260316", now=NOW)


def test_a_moved_series_takes_its_exceptions_along() -> None:
    """What was cancelled stays cancelled at the new time."""
    text = without(weekly(), "20260323T090000", now=NOW)
    later = changed(text, {"dtstart": datetime(2026, 3, 16, 10, tzinfo=LONDON)}, now=NOW)
    assert starts(later)[:2] == ["03-16 10:00", "03-30 10:00"]


def test_a_series_ends_before_an_occurrence() -> None:
    """This one and all that follow are gone."""
    assert starts(until(weekly(), "20260330T090000", now=NOW)) == ["03-16 09:00", "03-23 09:00"]


def test_moving_across_a_change_of_the_clocks_keeps_the_elapsed_time() -> None:
    """Eight hours stay eight hours."""
    start = datetime(2026, 3, 20, 20, tzinfo=LONDON)
    text = new_event("n", "Night", start, datetime(2026, 3, 21, 4, tzinfo=LONDON), now=NOW)
    moved = only(changed(text, {"dtstart": datetime(2026, 3, 28, 20, tzinfo=LONDON)}, now=NOW))
    assert (moved.end.astimezone(UTC) - moved.start.astimezone(UTC)).total_seconds() == 8 * 3600


def test_all_day_alarms_guests_and_unknown_properties_stay() -> None:
    """A change of one field loses nothing of the rest; the SEQUENCE rises."""
    text = new_event(
        "d",
        "Fair",
        date(2026, 3, 16),
        date(2026, 3, 18),
        now=NOW,
        alarms=[60],
        attendees=["ben@example.net"],
    )
    text = text.replace("SUMMARY:Fair", "X-COLOUR;X-A=b:green\r\nSUMMARY:Fair")
    after = changed(text, {"dtstart": date(2026, 3, 20)}, now=NOW)
    assert "X-COLOUR;X-A=b:green" in after and "SEQUENCE:1" in after
    found = only(after)
    assert (found.is_all_day, f"{found.end:%m-%d}") == (True, "03-22")
    assert (found.alarms, found.attendees) == ((60,), ("ben@example.net",))


def test_tasks_by_due_date() -> None:
    """The earliest first, those without a date last."""
    texts = [
        new_task("1", "Some time", now=NOW),
        new_task("2", "Later", now=NOW, due=date(2026, 3, 20)),
        new_task("3", "Soon", now=NOW, due=datetime(2026, 3, 13, 17, tzinfo=LONDON), alarms=[0]),
        "no calendar",
    ]
    found = tasks([Item(str(n), text, "") for n, text in enumerate(texts)], LONDON)
    assert [each.summary for each in found] == ["Soon", "Later", "Some time"]
    assert found[0].is_open and found[0].alarms == (0,)


def test_ten_thousand_recurrences_cost_what_is_asked_for() -> None:
    """A month out of a series of 10,000 takes no time; every second for ever is refused."""
    text = weekly(10_000).replace("FREQ=WEEKLY", "FREQ=DAILY")
    began = time.perf_counter()
    assert len(listed(text).events) == 77
    assert time.perf_counter() - began < 1.0
    endless = weekly().replace("FREQ=WEEKLY;COUNT=6", "FREQ=SECONDLY")
    began = time.perf_counter()
    found = listed(endless, weekly())
    assert time.perf_counter() - began < 1.0
    assert found.broken == ("0.ics",) and len(found.events) == 6


def test_a_wrong_time_zone_hides_nothing() -> None:
    """A TZID that nobody knows: the event is still there, at its wall clock."""
    text = weekly(1).replace("TZID=Europe/London", "TZID=Mars/Olympus")
    assert len(listed(text).events) == 1


def test_two_events_of_one_uid_are_both_there() -> None:
    """Duplicate UIDs on two shelves' places are two items."""
    assert len(listed(weekly(1), weekly(1)).events) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "BEGIN:VCALENDAR",
        "\0\1\2",
        "BEGIN:VEVENT\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCARD\nEND:VCARD",
    ],
)
def test_what_is_no_calendar_hides_nothing_else(text: str) -> None:
    """It is named, or holds nothing, and the rest is listed."""
    found = listed(text, weekly(1))
    assert len(found.events) == 1


def test_one_broken_event_in_a_file_hides_no_other() -> None:
    """The text is named as broken, its good events are listed."""
    event = weekly(1).split("BEGIN:VEVENT")[1].split("END:VCALENDAR")[0]
    broken = event.replace("DTSTART;TZID=Europe/London:20260316T090000", "DTSTART:yesterday")
    text = weekly(1).replace("END:VCALENDAR", "BEGIN:VEVENT" + broken.replace("UID:w", "UID:x"))
    found = listed(text + "END:VCALENDAR\r\n")
    assert len(found.events) == 1 and found.broken == ("0.ics",)
