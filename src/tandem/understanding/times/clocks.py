"""Times of day, alone and on a day. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from tandem.understanding.times.days import add
from tandem.understanding.times.values import (
    DAY_SECONDS,
    Clock,
    Conventions,
    Date,
    Hours,
    Length,
    Moment,
    Part,
    Period,
    Setting,
    Span,
    Stretch,
)

_MORNING = ("dawn", "early", "breakfast", "morning", "forenoon")
_LATE = ("afternoon", "dusk", "dinner", "evening")
_HALF_DAY = DAY_SECONDS // 2


def clock(hour: int, minute: int = 0, second: int = 0) -> Clock | None:
    """A time as said, open between morning and afternoon up to twelve."""
    if not (0 <= hour <= 24 and 0 <= minute < 60 and 0 <= second < 60):
        return None
    return Clock(hour, minute, second, is_open=1 <= hour <= 12)


def part_of_day(conventions: Conventions, name: str, edge: str = "") -> Part:
    """A named part of the day; early is its first half, late its second."""
    start, end = conventions.part(name)
    half = (start + end) // 2
    if edge == "start":
        return Part(name, (start, half), edge)
    return Part(name, (half, end) if edge == "end" else (start, end), edge)


def settle(time: Clock, part: Part | str) -> Clock:
    """A time whose part of the day was said."""
    name = part if isinstance(part, str) else part.name
    if not time.is_open:
        return replace(time, part=name)
    hour = time.hour % 12
    if name in _MORNING:
        is_late = name == "forenoon" and hour == 0
    elif name in ("noon", "lunch"):
        is_late = hour in (0, 1, 2, 3)
    elif name in ("night", "midnight"):
        is_late = 5 <= hour
        if hour == 0:
            return replace(time, hour=0, day=1, is_open=False, part=name)
    elif name in _LATE:
        if hour == 0 and name == "evening":
            return replace(time, hour=0, day=1, is_open=False, part=name)  # twelve in the evening
        is_late = True
    else:
        return replace(time, part=name)
    return replace(time, hour=hour + 12 * is_late, is_open=False, part=name)


def hours_between(first: Clock, last: Clock) -> Hours:
    """From one time to another; what one says of morning and afternoon holds for both."""
    zone = first.zone or last.zone
    if not first.is_open and not last.is_open:
        start, end = first.options[0], last.options[0]
        return Hours(((start, end if end > start else _wrap(start, end)),), zone)
    if first.is_open and last.is_open:
        starts = first.options
        if first.hour < last.hour or first.hour == 12:
            starts = tuple(sorted(starts, key=lambda at: not 6 * 3600 <= at < 19 * 3600))
        else:
            starts = tuple(sorted(starts))
        return Hours(tuple((at, _next(at, last.options)) for at in starts), zone)
    if first.is_open:
        end = last.options[0]
        fitting = [at for at in first.options if at < end]
        start = max(fitting) if fitting else first.options[0]
        return Hours(((start, end if end > start else end + DAY_SECONDS),), zone)
    start = first.options[0]
    return Hours(((start, _next(start, last.options)),), zone)


def _wrap(start: int, end: int) -> int:
    """10 am to 12 am: the noon that was meant, else the next day."""
    if end == 0 and start < _HALF_DAY and start % DAY_SECONDS:
        return _HALF_DAY
    return end + DAY_SECONDS


def _next(start: int, ends: tuple[int, ...]) -> int:
    after = [end + shift for end in ends for shift in (0, DAY_SECONDS) if end + shift > start]
    return min(after)


def hours_of(time: Clock, length: Length) -> Hours:
    """A length from a time on."""
    seconds = round(length.seconds)
    return Hours(tuple((at, at + seconds) for at in time.options), time.zone)


# --- on a day -----------------------------------------------------------------------------------


def at_seconds(day: date, seconds: int) -> datetime:
    """So many seconds after midnight by the clock on the wall."""
    return datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)


def on_day(day: Date, time: Clock) -> Moment | None:
    """A day with a time. The likeliest day is named with each of its times first."""
    if not day.options:
        return None
    options = tuple(at_seconds(one, at) for one in day.options for at in time.options)
    return Moment(options, time.zone, day.is_approximate or time.is_approximate)


def part_on(day: Date, part: Part) -> Stretch:
    """A part of a day."""
    start, end = part.span
    # By convention a day's last part ends within the day.
    spans = tuple((at_seconds(one, start), at_seconds(one, end)) for one in day.options)
    return Stretch(spans, edge=part.edge)


def hours_on(day: Date, span: Hours) -> Stretch:
    """Hours of a day."""
    spans = tuple(
        (at_seconds(one, start), at_seconds(one, end))
        for one in day.options
        for start, end in span.options
    )
    return Stretch(spans, span.zone)


def settle_hours(span: Hours, part: Part) -> Hours:
    """Of the readings those that lie in a part of the day."""
    start, end = _reach(part)
    kept = tuple(one for one in span.options if start <= one[0] < end)
    return Hours(kept or span.options, span.zone)


def _reach(part: Part) -> Span:
    if part.name in _MORNING:
        return 0, _HALF_DAY
    if part.name in ("noon", "lunch"):
        return 10 * 3600, 16 * 3600
    return _HALF_DAY, DAY_SECONDS + 6 * 3600


def from_now(setting: Setting, length: Length, sign: int) -> Moment | Date | None:
    """In two hours, three days ago: a moment for hours, a day for days."""
    try:
        moment = add(setting.now, length, sign)
    except (OverflowError, ValueError):
        return None
    if any(unit in ("second", "minute", "quarter-hour", "hour") for unit, _ in length.units):
        return Moment((moment.replace(microsecond=0),))
    return Date((moment.date(),))


def next_at(setting: Setting, time: Clock) -> Moment:
    """The next moments with a time, for reminders without a day."""
    moments = sorted(
        at if at > setting.now else at + timedelta(days=1)
        for seconds in time.options
        for at in [at_seconds(setting.today, seconds)]
    )
    return Moment(tuple(moments), time.zone)


def first_of(period: Period, time: Clock) -> Moment:
    """A time on the first day of a period."""
    options = tuple(at_seconds(start, at) for start, _ in period.options for at in time.options)
    return Moment(options, time.zone)


def same_span(first: Span, second: Span) -> bool:
    """Do two spans of a day touch each other?"""
    return first[0] < second[1] and second[0] < first[1]
