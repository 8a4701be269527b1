"""What repeats, as an RRULE (RFC 5545) and as a TIMEX. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from tandem.understanding.times.clocks import at_seconds
from tandem.understanding.times.days import WEEKDAYS, month_later
from tandem.understanding.times.values import (
    Bound,
    Clock,
    Date,
    Hours,
    Length,
    Part,
    Period,
    Repeat,
    Setting,
)

_FREQUENCIES: dict[str, tuple[str, int]] = {
    "minute": ("MINUTELY", 1),
    "hour": ("HOURLY", 1),
    "day": ("DAILY", 1),
    "week": ("WEEKLY", 1),
    "fortnight": ("WEEKLY", 2),
    "month": ("MONTHLY", 1),
    "quarter": ("MONTHLY", 3),
    "half": ("MONTHLY", 6),
    "year": ("YEARLY", 1),
    "decade": ("YEARLY", 10),
}
_TIMEX_UNITS = {"day": "D", "week": "W", "month": "M", "year": "Y", "weekend": "WE"}
_TIMEX_FACTORS: dict[str, tuple[str, float]] = {
    "fortnight": ("W", 2),
    "quarter": ("M", 3),
    "half": ("Y", 0.5),
    "decade": ("Y", 10),
    "workday": ("BD", 1),
}
_TIMEX_PARTS = {
    "dawn": "TDA",
    "early": "TMO",
    "morning": "TMO",
    "forenoon": "TMO",
    "noon": "TMI",
    "afternoon": "TAF",
    "dusk": "TEV",
    "evening": "TEV",
    "night": "TNI",
    "breakfast": "TMEB",
    "lunch": "TMEL",
    "dinner": "TMED",
    "daytime": "TDT",
    "business": "TBH",
}
WORKDAYS = (0, 1, 2, 3, 4)


def every(unit: str, count: float = 1) -> Repeat:
    """Every so many units."""
    if unit == "workday":
        return Repeat("week", 1, WORKDAYS)
    if unit == "weekend":
        return Repeat("week", count, (5, 6), is_weekend=True)
    return Repeat(unit, count)


def on_weekdays(*days: int, interval: float = 1) -> Repeat:
    """Every week on these days."""
    return Repeat("week", interval, tuple(sorted(set(days))))


def narrow(
    repeat: Repeat, by: Clock | Part | Hours | Date | Period | Bound | Length
) -> Repeat | None:
    """A repetition with its time of day, its first day, its last day or its length."""
    match by:
        case Clock():
            return replace(repeat, clock=by) if repeat.clock is None else None
        case Part():
            return replace(repeat, part=by) if repeat.part is None else None
        case Hours():
            return replace(repeat, hours=by) if repeat.hours is None else None
        case Date():
            return replace(repeat, start=by.options[0]) if by.options and not repeat.start else None
        case Period():
            return replace(repeat, start=by.options[0][0], until=_last_day(by))
        case Bound():
            return _bounded(repeat, by)
        case Length():
            return _lasting(repeat, by)


def _last_day(period: Period) -> date:
    end = period.through[0] if period.through else period.options[0][1]
    return end - timedelta(days=1)


def _bounded(repeat: Repeat, bound: Bound) -> Repeat | None:
    what = bound.what
    if not isinstance(what, Date | Period) or not what.options:
        return None
    if bound.way in ("since", "after"):
        first = what.options[0] if isinstance(what, Date) else what.options[0][0]
        return replace(repeat, start=first)
    last = what.options[0] if isinstance(what, Date) else _last_day(what)
    if bound.way == "before":
        last = (what.options[0] if isinstance(what, Date) else what.options[0][0]) - timedelta(
            days=1
        )
    return replace(repeat, until=last)


def _lasting(repeat: Repeat, length: Length) -> Repeat | None:
    """Every Monday for six weeks: six times. Every day for two weeks: until then."""
    if len(length.units) != 1:
        return None
    unit, amount = length.units[0]
    per = {"week": {"week": 1, "fortnight": 2}, "day": {"day": 1, "week": 7, "fortnight": 14}}
    per |= {"month": {"month": 1, "quarter": 3, "half": 6, "year": 12}, "year": {"year": 1}}
    factor = per.get(repeat.unit, {}).get(unit)
    if factor is None or amount != int(amount):
        return None
    units = int(amount) * factor
    return replace(repeat, count=max(1, int(units // repeat.every) * max(1, len(repeat.weekdays))))


# --- written forms ------------------------------------------------------------------------------


def rrule(repeat: Repeat) -> str:
    """RFC 5545. Empty where the beat has no RRULE (every half second)."""
    frequency = _FREQUENCIES.get(repeat.unit)
    if frequency is None:
        return ""
    name, factor = frequency
    interval = repeat.every * factor
    if interval != int(interval):
        return ""
    parts = [f"FREQ={name}"]
    if interval != 1:
        parts.append(f"INTERVAL={int(interval)}")
    if repeat.month is not None:
        parts.append(f"BYMONTH={repeat.month}")
    if repeat.weekdays:
        ordinal = "" if repeat.ordinal is None else str(repeat.ordinal)
        parts.append("BYDAY=" + ",".join(ordinal + WEEKDAYS[day] for day in repeat.weekdays))
    if repeat.monthday is not None:
        parts.append(f"BYMONTHDAY={repeat.monthday}")
    if repeat.count is not None:
        parts.append(f"COUNT={repeat.count}")
    elif repeat.until is not None:
        parts.append(f"UNTIL={repeat.until:%Y%m%d}")
    return ";".join(parts)


def first_day(setting: Setting, repeat: Repeat) -> date:
    """The first day on or after today (or its own start) that the repetition falls on."""
    begin = repeat.start or setting.today
    for step in range(800):
        day = begin + timedelta(days=step)
        if falls_on(repeat, day, begin) and not _is_over(setting, repeat, day):
            return day
    return begin


def _is_over(setting: Setting, repeat: Repeat, day: date) -> bool:
    """Today's time has gone by."""
    if repeat.start is not None or day != setting.today:
        return False
    clock = repeat.clock
    return clock is not None and at_seconds(day, clock.options[0]) <= setting.now


def falls_on(repeat: Repeat, day: date, begin: date) -> bool:
    """May the first occurrence be on this day?"""
    if repeat.month is not None and day.month != repeat.month:
        return False
    if repeat.monthday is not None:
        last = (month_later(day.replace(day=1), 1) - timedelta(days=1)).day
        return day.day == (last if repeat.monthday == -1 else repeat.monthday)
    if repeat.weekdays and day.weekday() not in repeat.weekdays:
        return False
    if repeat.ordinal is None:
        return True
    if repeat.ordinal > 0:
        return (day.day - 1) // 7 + 1 == repeat.ordinal
    return (day + timedelta(days=7 * -repeat.ordinal)).month != day.month


def timex(repeat: Repeat) -> str:
    """TIMEX3 of a set, as far as the form goes: it has no word for "every other Friday"."""
    when = _timex_time(repeat)
    if repeat.is_weekend and repeat.every != 1:
        return f"P{repeat.every:g}WE"
    if repeat.is_weekend:
        return "XXXX-WXX-WE" + when
    if repeat.weekdays == WORKDAYS and repeat.unit == "week":
        return "P1BD" if not when else "XXXX-WXX-BD" + when
    if len(repeat.weekdays) == 1 and repeat.unit == "week":
        return f"XXXX-WXX-{repeat.weekdays[0] + 1}" + when
    if repeat.month is not None and repeat.monthday is not None:
        return f"XXXX-{repeat.month:02}-{repeat.monthday:02}" + when
    if repeat.monthday is not None:
        return f"XXXX-XX-{repeat.monthday:02}" + when
    if when and repeat.unit == "day":
        return when
    return "P" + _beat(repeat) + when


def _beat(repeat: Repeat) -> str:
    if repeat.unit in _TIMEX_FACTORS:
        letter, factor = _TIMEX_FACTORS[repeat.unit]
        return f"{repeat.every * factor:g}{letter}"
    if repeat.unit in ("hour", "minute", "second"):
        return f"T{repeat.every:g}{repeat.unit[0].upper()}"
    return f"{repeat.every:g}{_TIMEX_UNITS.get(repeat.unit, '?')}"


def clock_timex(clock: Clock) -> str:
    """T08, T08:30."""
    minute = f":{clock.minute:02}" if clock.minute or clock.second else ""
    second = f":{clock.second:02}" if clock.second else ""
    return f"T{clock.options[0] // 3600 % 24:02}{minute}{second}"


def _timex_time(repeat: Repeat) -> str:
    if repeat.clock is not None:
        return clock_timex(repeat.clock)
    return part_timex(repeat.part) if repeat.part is not None else ""


def part_timex(part: Part) -> str:
    """TMO for a morning."""
    return _TIMEX_PARTS.get(part.name, "")
