"""Events and tasks out of calendar texts (RFC 5545): what happens when, recurrences expanded.

Pure. A text that cannot be read hides nothing else: it is named among the `broken`. The library
expands recurrences lazily, but a rule of every second in a range of years would never end: such a
text counts as broken, too, which `MAX_OCCURRENCES` decides.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, cast

import icalendar
import recurring_ical_events  # pyright: ignore[reportMissingTypeStubs]

from tandem.connectors.records import Item
from tandem.errors import BadRequest

# A component of icalendar, whose methods are only partly typed.
Part = Any

MAX_OCCURRENCES = 10_000
_SECONDS = {"SECONDLY": 1, "MINUTELY": 60, "HOURLY": 3600}
LIBRARY_FAULTS = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One event as it happens once. `start` and `end` are aware; of an all-day event, midnights in
    the zone that was asked for, `end` exclusive.

    `recurrence_id` (as RFC 5545 writes it) names this occurrence of a series, and is empty for an
    event that happens once. `alarms` are minutes before the start.
    """

    href: str
    uid: str
    recurrence_id: str
    start: datetime
    end: datetime
    is_all_day: bool
    summary: str
    location: str = ""
    description: str = ""
    status: str = ""
    organizer: str = ""
    attendees: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    is_free: bool = False
    alarms: tuple[int, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A thing to do. `due` is aware, or `None`."""

    href: str
    uid: str
    summary: str
    due: datetime | None = None
    is_all_day: bool = False
    status: str = ""
    description: str = ""
    rrule: str = ""
    alarms: tuple[int, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.status not in ("COMPLETED", "CANCELLED")


@dataclass(frozen=True, slots=True)
class Agenda:
    """What happens in a range, in order of time. `broken` are hrefs that could not be read."""

    events: tuple[Occurrence, ...]
    broken: tuple[str, ...] = ()


def calendar_of(text: str) -> Part:
    """The text as a tree. Raises `BadRequest` where it is no calendar."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = text.removeprefix("\ufeff")
            found: list[Part] = [*icalendar.Calendar.from_ical(text, multiple=True)]
    except LIBRARY_FAULTS as error:
        raise BadRequest(
            f"This is no calendar text ({type(error).__name__}).",
            remedy="Export it again from where it came.",
        ) from None
    if not found:
        raise BadRequest("This is no calendar text.", remedy="It must begin with VCALENDAR.")
    roots = [each for each in found if each.name == "VCALENDAR"]
    whole: Part = roots[0] if roots else icalendar.Calendar()
    for other in found:
        if other is not whole:
            # Several calendars in one text count as one, and so does an event without a calendar.
            for part in other.subcomponents if other.name == "VCALENDAR" else [other]:
                whole.add_component(part)
    return whole


def text_of(calendar: Part) -> str:
    """The tree as a text, lines folded; properties stay in their order."""
    return calendar.to_ical(sorted=False).decode("utf-8")


def agenda(items: Iterable[Item], start: datetime, end: datetime, zone: tzinfo) -> Agenda:
    """Every occurrence that touches [`start`, `end`), both aware. Floating times are in `zone`."""
    found, broken = list[Occurrence](), list[str]()
    for item in items:
        try:
            found += _occurrences(item, start, end, zone)
        except (BadRequest, *LIBRARY_FAULTS):
            broken.append(item.href)
            with suppress(BadRequest, *LIBRARY_FAULTS):
                found += _occurrences(item, start, end, zone, is_lenient=True)
    found.sort(key=lambda each: (each.start, each.end, each.uid))
    return Agenda(tuple(found), tuple(broken))


def tasks(items: Iterable[Item], zone: tzinfo) -> tuple[Task, ...]:
    """Every task, those with a due date first and in its order; broken texts are left out."""
    found: list[Task] = []
    for item in items:
        try:
            found += [_task(item, part, zone) for part in _parts(calendar_of(item.text), "VTODO")]
        except (BadRequest, *LIBRARY_FAULTS):
            continue
    last = datetime.max.replace(tzinfo=UTC)
    return tuple(sorted(found, key=lambda each: (each.due or last, each.summary)))


def series_start(item: Item, zone: tzinfo) -> datetime | None:
    """When the first event of the text starts; `None` where it has none."""
    for part in _parts(calendar_of(item.text), "VEVENT"):
        if part.get("RECURRENCE-ID") is None:
            return _instant(part.decoded("DTSTART"), zone)
    return None


# --- reading ------------------------------------------------------------------------------------


def _parts(calendar: Part, kind: str) -> list[Part]:
    return [part for part in calendar.subcomponents if part.name == kind]


def _occurrences(
    item: Item, start: datetime, end: datetime, zone: tzinfo, *, is_lenient: bool = False
) -> list[Occurrence]:
    """`is_lenient`: what can be read of a text in which something cannot."""
    calendar = calendar_of(item.text)
    if is_lenient:
        calendar.subcomponents = [part for part in calendar.subcomponents if _is_usable(part)]
    events = _parts(calendar, "VEVENT")
    if not events:
        return []
    for event in events:
        _refuse_endless(event, start, end)
    is_series = any(event.get("RRULE") or event.get("RDATE") for event in events) or len(events) > 1
    query = cast("Any", recurring_ical_events).of(calendar, skip_bad_series=is_lenient)
    # All-day and floating times are compared as if in UTC: a day of slack on both sides, then ours.
    day = timedelta(days=1)
    found: Iterable[Part] = query.between(start.astimezone(UTC) - day, end.astimezone(UTC) + day)
    every = (_occurrence(item, part, is_series, zone) for part in found)
    return [
        one
        for one in itertools.islice(every, MAX_OCCURRENCES)
        if one.start < end
        and (one.end > start or one.start == one.end >= start)
        and one.status != "CANCELLED"
    ]


def _is_usable(part: Part) -> bool:
    try:
        return part.name != "VEVENT" or isinstance(part.decoded("DTSTART"), date)
    except LIBRARY_FAULTS:
        return False


def _refuse_endless(event: Part, start: datetime, end: datetime) -> None:
    for rule in as_list(event.get("RRULE")):
        frequency = str(as_list(rule.get("FREQ"))[0]).upper()
        seconds = _SECONDS.get(frequency)
        every = int(as_list(rule.get("INTERVAL", 1))[0])
        counted = int(as_list(rule.get("COUNT", MAX_OCCURRENCES + 1))[0]) <= MAX_OCCURRENCES
        span = (end - start).total_seconds()
        if seconds and not counted and span / (seconds * max(every, 1)) > MAX_OCCURRENCES:
            raise BadRequest("This event happens too often to be listed.")


def _occurrence(item: Item, part: Part, is_series: bool, zone: tzinfo) -> Occurrence:
    first: date = part.decoded("DTSTART")
    last = _end(part, first)
    marker = part.get("RECURRENCE-ID")
    if is_series and marker is None:
        marker = part.get("DTSTART")
    return Occurrence(
        href=item.href,
        uid=str(part.get("UID", "")),
        recurrence_id=_written(marker) if is_series and marker is not None else "",
        start=_instant(first, zone),
        end=_instant(last, zone),
        is_all_day=not isinstance(first, datetime),
        summary=str(part.get("SUMMARY", "")),
        location=str(part.get("LOCATION", "")),
        description=str(part.get("DESCRIPTION", "")),
        status=str(part.get("STATUS", "")).upper(),
        organizer=_address(part.get("ORGANIZER")),
        attendees=tuple(_address(each) for each in as_list(part.get("ATTENDEE"))),
        categories=tuple(_categories(part)),
        is_free=str(part.get("TRANSP", "")).upper() == "TRANSPARENT",
        alarms=_alarms(part),
        url=str(part.get("URL", "")),
    )


def _task(item: Item, part: Part, zone: tzinfo) -> Task:
    due: date | None = part.decoded("DUE") if part.get("DUE") is not None else None
    rule = part.get("RRULE")
    return Task(
        href=item.href,
        uid=str(part.get("UID", "")),
        summary=str(part.get("SUMMARY", "")),
        due=None if due is None else _instant(due, zone),
        is_all_day=due is not None and not isinstance(due, datetime),
        status=str(part.get("STATUS", "")).upper(),
        description=str(part.get("DESCRIPTION", "")),
        rrule=rule.to_ical().decode() if rule is not None else "",
        alarms=_alarms(part),
    )


def _end(part: Part, first: date) -> date:
    if part.get("DTEND") is not None:
        return part.decoded("DTEND")
    if part.get("DURATION") is not None:
        return first + part.decoded("DURATION")
    return first if isinstance(first, datetime) else first + timedelta(days=1)


def _instant(value: date, zone: tzinfo) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    return datetime(value.year, value.month, value.day, tzinfo=zone)


def _written(value: Any) -> str:
    return value.to_ical().decode()


def _alarms(part: Part) -> tuple[int, ...]:
    """Minutes before the start; alarms at a fixed time or after the start are left out."""
    found: list[int] = []
    for alarm in part.subcomponents:
        trigger = getattr(alarm.get("TRIGGER"), "dt", None)
        if alarm.name == "VALARM" and isinstance(trigger, timedelta) and trigger <= timedelta():
            found.append(round(-trigger.total_seconds() / 60))
    return tuple(found)


def _categories(part: Part) -> Iterator[str]:
    for each in as_list(part.get("CATEGORIES")):
        yield from (str(name) for name in getattr(each, "cats", [each]))


def _address(value: Any) -> str:
    text = str(value or "")
    return text[7:] if text.lower().startswith("mailto:") else text


def as_list(value: Any) -> list[Any]:
    """What icalendar gives for a property: nothing, one value or a list of them."""
    if value is None:
        return []
    return cast("list[Any]", value) if isinstance(value, list) else [value]
