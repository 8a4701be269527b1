"""What plans for events share: borders, the occurrence that is meant, how times are shown."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo

from tandem.assistant.cards import Line, Origin
from tandem.assistant.planning import Asked, Desk, Unclear, later
from tandem.assistant.ways import too_near
from tandem.assistant.words import range_text
from tandem.connectors.calendars import calendar_of
from tandem.connectors.records import Item
from tandem.understanding.known import KnownEvent
from tandem.understanding.reading import When

USUAL_LENGTH = timedelta(hours=1)
"""Of an event whose end was not said, as calendars do it."""


def borders(
    when: When, duration: timedelta | None
) -> tuple[datetime, datetime] | tuple[date, date]:
    """Start and end (exclusive) as the calendar wants them: dates for whole days."""
    if when.has_time:
        if when.end is not None and duration is None:
            return when.start, when.end
        return when.start, later(when.start, duration or USUAL_LENGTH)
    first = when.start.date()
    if when.end is not None:
        last = when.end.date() if when.end.time() == time() else when.end.date() + timedelta(days=1)
        return first, max(last, first + timedelta(days=1))
    return first, first + max(timedelta(days=duration.days if duration else 1), timedelta(days=1))


_MORNING, _AFTERNOON = time(9), time(13)
"""When a morning and an afternoon begin for an appointment: not at six, nor at noon."""


def settled(desk: Desk, when: When, length: timedelta, *, but: str = "") -> When:
    """A part of a day as a time in it: the first half hour at which nothing else is on, else the
    first; any other time as it is. `but` is the event that moves.
    """
    if not when.is_part or when.end is None:
        return when
    start = when.start
    if start.time() < _MORNING:
        start = start.replace(hour=_MORNING.hour, minute=0)
    elif start.time() == time(12):
        start = start.replace(hour=_AFTERNOON.hour)
    if start + length > when.end:
        start = when.start
    if start < desk.now <= when.end:
        start = desk.now.replace(second=0, microsecond=0)
        start += timedelta(minutes=30 - start.minute % 30)
    at = start
    while later(at, length) <= when.end:
        if not overlaps(desk, at, later(at, length), but=but):
            return When(at, later(at, length))
        at = later(at, timedelta(minutes=30))
    return When(start, later(start, length))


def span_of(desk: Desk, start: datetime | date, end: datetime | date) -> str:
    if isinstance(start, datetime) and isinstance(end, datetime):
        zone = desk.zone
        shown = start.astimezone(zone), end.astimezone(zone)
        return range_text(*shown, desk.language, all_day=False)
    at = datetime.combine(start, time(), desk.zone), datetime.combine(end, time(), desk.zone)
    return range_text(*at, desk.language, all_day=True)


def overlaps(
    desk: Desk,
    start: datetime | date,
    end: datetime | date,
    *,
    but: str = "",
    place: str = "",
) -> list[Line]:
    """Events at the same time, and those from which the way to `place` is too long."""
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return []
    here = KnownEvent(but, "", start, end, location=place)
    near = [
        desk.line("too_near", desk.say("way_from", title=one.summary, minutes=needed), Origin.OWN)
        for one, needed in too_near(here, desk.known)
    ]
    return near + [
        desk.line("overlaps", event.summary, Origin.OWN)
        for event in desk.known.events
        if event.uid != but and not event.is_all_day and event.start < end and event.end > start
    ]


def minutes(span: timedelta) -> int:
    """Whole minutes before, for an alarm."""
    return round(abs(span.total_seconds()) / 60)


def new_times(desk: Desk, event: KnownEvent) -> tuple[datetime | date, datetime | date]:
    """Start and end after the change; only what was said becomes different."""
    when = desk.when()
    if event.is_all_day and (when is None or not when.has_time):
        return _new_days(desk, event, when)
    start, length = event.start, event.end.astimezone() - event.start.astimezone()
    if when is not None:
        if when.is_part and not when.has_date:
            when = _on_day_of(event, when)
        when = settled(desk, when, desk.span("duration") or length, but=event.uid)
        if when.has_time and not when.is_part:
            when = _same_half(when, event, desk.words("when"))
        start = _merged(in_its_week(desk, when, event), event)
    if shift := desk.span("shift"):
        # Days and weeks keep the hour on the clock, also over a change of the clocks.
        start = start + shift if not shift % timedelta(days=1) else later(start, shift)
    if (duration := desk.span("duration")) is not None:
        length = duration
    elif when is not None and when.end is not None and when.has_time:
        length = when.end - when.start
    length += desk.span("lengthen") or timedelta()
    return start, later(start, length)


_WEEKDAY = re.compile(
    r"(?:on |to )?(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b(?!.*\bnext\b)"
    r"|(?:改到|到)?(?:周|星期|礼拜)[一二三四五六日天]",
    re.I,
)
_DATED = re.compile(
    r"\d(?:st|nd|rd|th)\b|\bthe (?:first|second|third|\w+th)\b|\d{1,2}[/.]\d|\d\s*[号日]"
    r"|\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b",
    re.I,
)
"""Which day it is stands there: "Friday the 6th"."""


def in_its_week(desk: Desk, when: When, event: KnownEvent) -> When:
    """A weekday alone ("move Tuesday's yoga to Wednesday") is that of the event's own week, unless
    that day is over.
    """
    words = desk.words("when").strip()
    is_weekday = _WEEKDAY.match(words) is not None and _DATED.search(words) is None
    if not (when.has_date and is_weekday) or event.start <= desk.now:
        return when
    monday = event.start.date() - timedelta(days=event.start.weekday())
    target = monday + timedelta(days=when.start.weekday())
    moved = target - when.start.date()
    if target < desk.now.date() or not moved:
        return when
    end = when.end + moved if when.end else None
    return replace(when, start=when.start + moved, end=end)


def times_of(event: KnownEvent) -> tuple[datetime | date, datetime | date]:
    if event.is_all_day:
        return event.start.date(), event.end.date()
    return event.start, event.end


def _new_days(
    desk: Desk, event: KnownEvent, when: When | None
) -> tuple[datetime | date, datetime | date]:
    first, length = event.start.date(), event.end.date() - event.start.date()
    if when is not None and when.has_date:
        first = when.start.date()
        if when.end is not None:
            length = when.end.date() - first
    first += timedelta(days=(desk.span("shift") or timedelta()).days)
    return first, first + length + timedelta(days=(desk.span("lengthen") or timedelta()).days)


def _on_day_of(event: KnownEvent, when: When) -> When:
    day = event.start.date() - when.start.date()
    return replace(when, start=when.start + day, end=when.end and when.end + day, has_date=True)


_SAYS_HALF = re.compile(
    r"\b(?:[ap]\.?m|morning|noon|midnight|0\d:\d\d)\b|\d[ap]\.?m\b|早|上午|凌晨|中午", re.I
)


def _same_half(when: When, event: KnownEvent, words: str) -> When:
    """ "To 7:30" of an evening's event is the evening, where nothing else was said."""
    if when.start.hour >= 12 or event.start.hour < 12 or _SAYS_HALF.search(words):
        return when
    old = event.start.hour * 60 + event.start.minute
    new = when.start.hour * 60 + when.start.minute
    if abs(new + 720 - old) >= abs(new - old):
        return when
    half = timedelta(hours=12)
    return replace(when, start=when.start + half, end=when.end and when.end + half)


def _merged(when: When, event: KnownEvent) -> datetime:
    if when.has_date and when.has_time:
        return when.start
    if when.has_date:
        return datetime.combine(when.start.date(), event.start.time(), event.start.tzinfo)
    return datetime.combine(event.start.date(), when.start.time(), when.start.tzinfo)


def occurrence_meant(desk: Desk, event: KnownEvent) -> str:
    """Which occurrence alone is meant, by its name; empty for the whole event."""
    if event.recurrence_id is None or desk.text("scope") == "all":
        return ""
    named = any(ref.recurrence_id is not None for ref in desk.refs("event"))
    return desk.knowing.mark(event) if named or desk.text("scope") == "this" else ""


def wall(moment: datetime | date) -> datetime:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=None)
    return datetime.combine(moment, time())


def event_span(desk: Desk, event: KnownEvent) -> str:
    return range_text(event.start, event.end, desk.language, all_day=event.is_all_day)


def event_and_item(desk: Desk) -> tuple[KnownEvent, Item]:
    event = desk.event()
    if event.end < desk.now and desk.call.tool == "event_change" and desk.when():
        raise Unclear(Asked(desk.say("event_over", title=event_span(desk, event)), "event"))
    item = desk.knowing.calendar_item(event.uid)
    if item is None:
        raise desk.need("event", "ask_event")
    return event, item


def events_and_items(desk: Desk) -> list[tuple[KnownEvent, Item]]:
    """All events of the slot with the objects that hold them."""
    found = [(event, desk.knowing.calendar_item(event.uid)) for event in desk.events()]
    kept = [(event, item) for event, item in found if item is not None]
    over = [event for event, _ in kept if event.end < desk.now]
    if len(over) == len(kept) == 1:
        raise Unclear(Asked(desk.say("event_over", title=event_span(desk, over[0])), "event"))
    if not kept:
        raise desk.need("event", "ask_event")
    return kept


def in_zone_of(item: Item, moment: datetime | date) -> datetime | date:
    """A new time in the zone the event had, so that it keeps its meaning for those invited."""
    zone = _zone_of(item)
    return moment.astimezone(zone) if isinstance(moment, datetime) and zone else moment


def _zone_of(item: Item) -> tzinfo | None:
    for part in calendar_of(item.text).subcomponents:
        if part.name == "VEVENT" and isinstance(start := part.decoded("DTSTART"), datetime):
            return start.tzinfo
    return None


def alarm_line(desk: Desk, span: timedelta) -> Line:
    return desk.line("alarm", desk.say("minutes_before", count=minutes(span)))
