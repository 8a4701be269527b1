"""From a meaning to readings: each thing that was left open becomes one of its own. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from tandem.understanding.times.clocks import at_seconds
from tandem.understanding.times.periods import midnight
from tandem.understanding.times.repeats import first_day, part_timex, rrule, timex
from tandem.understanding.times.values import (
    DAY_SECONDS,
    Bound,
    Clock,
    Date,
    Hours,
    Length,
    Moment,
    Part,
    Period,
    Repeat,
    Setting,
    Span,
    Stretch,
    TimeReading,
    Value,
)

# How much likelier a reading is than the next one in the row; the reason to ask when it is small.
_FALL = 0.3


def readings(setting: Setting, value: Value) -> tuple[TimeReading, ...]:
    """All readings, likeliest first; their likelihoods sum to 1."""
    found = list(dict.fromkeys(_each(setting, value)))
    total = sum(_FALL**index for index in range(len(found)))
    return tuple(replace(one, likelihood=_FALL**index / total) for index, one in enumerate(found))


def _each(setting: Setting, value: Value) -> Iterator[TimeReading]:
    match value:
        case Date() | Period():
            return _days(value)
        case Clock():
            return _clock(setting, value)
        case Part():
            return _hours(setting, value.span, value.edge, part_timex(value))
        case Hours():
            return (one for span in value.options for one in _hours(setting, span, zone=value.zone))
        case Length():
            return iter((TimeReading("duration", length=value, bound=value.bound),))
        case Moment() | Stretch():
            return _moments(value)
        case Bound():
            return (_bounded(value.way, one) for one in _each(setting, value.what))
        case Repeat():
            return iter((_repeated(setting, value),))


def _days(value: Date | Period) -> Iterator[TimeReading]:
    if isinstance(value, Period):
        yield from _period(value)
        return
    plain = TimeReading(
        "date", is_approximate=value.is_approximate, lunar=value.lunar, timex=value.timex
    )
    if not value.options:
        yield plain
    for day in value.options:
        yield replace(plain, start=day)


def _moments(value: Moment | Stretch) -> Iterator[TimeReading]:
    if isinstance(value, Moment):
        plain = TimeReading(
            "datetime", is_approximate=value.is_approximate, zone=value.zone, timex=value.timex
        )
        for moment in value.options:
            yield replace(plain, start=moment)
        return
    for first, last in value.options:
        yield TimeReading("datetimerange", first, last, zone=value.zone, edge=value.edge)


def _clock(setting: Setting, value: Clock) -> Iterator[TimeReading]:
    plain = TimeReading("time", is_approximate=value.is_approximate, zone=value.zone)
    for at in value.options:
        day = _rolled(setting, at)
        if day is None:
            yield replace(plain, start=_time(at))
        else:
            yield replace(plain, kind="datetime", start=at_seconds(day, at))


def _rolled(setting: Setting, seconds: int) -> date | None:
    """Tomorrow, where a time has gone by and its next one is meant."""
    if not setting.conventions.rolls_over or at_seconds(setting.today, seconds) > setting.now:
        return None
    return setting.today + timedelta(days=1)


def _hours(
    setting: Setting, span: Span, edge: str = "", timex: str = "", zone: str = ""
) -> Iterator[TimeReading]:
    day = _rolled(setting, span[0])
    kind = "timerange" if day is None else "datetimerange"
    ends = [_time(one) if day is None else at_seconds(day, one) for one in span]
    yield TimeReading(kind, ends[0], ends[1], edge=edge, timex=timex, zone=zone)


def _time(seconds: int) -> time:
    seconds %= DAY_SECONDS
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def _period(value: Period) -> Iterator[TimeReading]:
    for index, (start, end) in enumerate(value.options):
        through = value.through[index] if index < len(value.through) else end
        yield TimeReading(
            "daterange", start, end, through, edge=value.edge, lunar=value.lunar, timex=value.timex
        )
    if not value.options and value.timex:
        yield TimeReading("daterange", timex=value.timex)


def _bounded(way: str, one: TimeReading) -> TimeReading:
    """Open on one side: a range gives the border that the word names."""
    kind = {"date": "daterange", "time": "timerange", "datetime": "datetimerange"}.get(
        one.kind, one.kind
    )
    if one.end is None:
        border = one.start
    else:
        border = one.start if way in ("before", "since") else one.end
    if way in ("since", "after"):
        return replace(one, kind=kind, start=border, end=None, through=None, bound=way)
    through = one.through if isinstance(one.through, date) else None
    if through is None and isinstance(one.start, date) and not isinstance(one.start, datetime):
        through = one.start + timedelta(days=1)
    if way == "before":
        through = None
    return replace(one, kind=kind, start=None, end=border, through=through, bound=way)


def _repeated(setting: Setting, value: Repeat) -> TimeReading:
    day = first_day(setting, value)
    start: date | datetime = day
    end: datetime | None = None
    if value.clock is not None:
        start = at_seconds(day, value.clock.options[0])
    elif value.hours is not None:
        start = at_seconds(day, value.hours.options[0][0])
        end = at_seconds(day, value.hours.options[0][1])
    elif value.part is not None:
        start = midnight(day) + timedelta(seconds=value.part.span[0])
    zone = value.clock.zone if value.clock else value.hours.zone if value.hours else ""
    return TimeReading(
        "set", start, end, rrule=rrule(value), repeat=value, timex=timex(value), zone=zone
    )
