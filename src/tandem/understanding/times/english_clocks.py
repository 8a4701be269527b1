"""How English words of time go together: clocks and lengths."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tandem.understanding.times import clocks
from tandem.understanding.times.chart import Grammar
from tandem.understanding.times.shapes import exact
from tandem.understanding.times.values import (
    Clock,
    Hours,
    Length,
    Moment,
    Part,
    Setting,
    Stretch,
)

CLOCKS = Grammar()
_rule = CLOCKS.rule

# --- clocks -------------------------------------------------------------------------------------


@_rule("CLOCK", "BARE AMPM", "SHORT AMPM", weight=1.2)
def _half_day(setting: Setting, time: Clock, is_late: bool) -> Clock | None:
    if not 1 <= time.hour <= 12:
        return replace(time, is_open=False) if time.hour < 24 else None
    return replace(time, hour=time.hour % 12 + 12 * is_late, is_open=False)


@_rule("CLOCK", "BARE ampm")
def _either(setting: Setting, time: Clock) -> Clock:
    return time


@_rule("CLOCK", "BARE oclock", "CLOCK oclock|sharp", "BARE sharp", weight=1.0)
def _oclock(setting: Setting, time: Clock) -> Clock:
    return time


@_rule("CLOCK", "BARE dash? ish", weight=0.8)
def _ish(setting: Setting, time: Clock) -> Clock:
    # Who says "elevenish" without more means the morning up to eleven, the afternoon before seven.
    return Clock(time.options[0] // 3600, time.minute, is_approximate=True)


@_rule(
    "CLOCK",
    "at|around BARE",
    "at around BARE|CLOCK",
    "around CLOCK",
    "at CLOCK",
    "at DOTTED",
    weight=0.6,
)
def _at(setting: Setting, time: Clock) -> Clock:
    return time


@_rule("CLOCK", "half past? BARE", weight=1.2)
def _half_past(setting: Setting, time: Clock) -> Clock | None:
    return replace(time, minute=30) if not time.minute else None


@_rule("CLOCK", "a? quarter past BARE", weight=1.2)
def _quarter_past(setting: Setting, time: Clock) -> Clock | None:
    return replace(time, minute=15) if not time.minute else None


@_rule("CLOCK", "a? quarter to-only BARE", weight=1.2)
def _quarter_to(setting: Setting, time: Clock) -> Clock | None:
    return _before(time, 15)


@_rule("CLOCK", "INT MINUTES? past BARE", weight=1.2)
def _minutes_past(setting: Setting, *found: int | Clock) -> Clock | None:
    minutes, time = found[0], found[-1]
    assert isinstance(minutes, int)
    assert isinstance(time, Clock)
    return replace(time, minute=minutes) if minutes < 60 and not time.minute else None


@_rule("CLOCK", "INT MINUTES to-only BARE", "SPELT to-only BARE", weight=1.2)
def _minutes_to(setting: Setting, *found: int | Clock) -> Clock | None:
    minutes, time = found[0], found[-1]
    assert isinstance(minutes, int)
    assert isinstance(time, Clock)
    return (
        _before(time, minutes)
        if 0 < minutes < 60 and (len(found) > 2 or minutes % 5 == 0)
        else None
    )


@_rule("MINUTES", "UNIT")
def _minutes(setting: Setting, unit: str) -> int | None:
    return 1 if unit == "minute" else None


def _before(time: Clock, minutes: int) -> Clock | None:
    if time.minute:
        return None
    hour = (time.hour - 1) % 24 if not time.is_open else (time.hour - 2) % 12 + 1
    return replace(time, hour=hour, minute=60 - minutes)


@_rule("CLOCK", "SPELT dash? SPELT", weight=4)
def _spelt(setting: Setting, hour: int, minute: int) -> Clock | None:
    return clocks.clock(hour, minute) if 1 <= hour <= 23 and 10 <= minute < 60 else None


@_rule("CLOCK", "SPELT o SPELT", weight=0.8)
def _spelt_oh(setting: Setting, hour: int, minute: int) -> Clock | None:
    return clocks.clock(hour, minute) if 1 <= hour <= 23 and 1 <= minute < 10 else None


@_rule("CLOCK", "CLOCK PART", "BARE INPART", "PART at|comma? CLOCK", "INPART at? BARE", weight=1.2)
def _with_part(setting: Setting, first: Clock | Part, second: Clock | Part) -> Clock | None:
    time, part = (first, second) if isinstance(first, Clock) else (second, first)
    assert isinstance(time, Clock)
    assert isinstance(part, Part)
    return clocks.settle(time, part)


@_rule("CLOCK", "CLOCK ZONE", "CLOCK open? ZONE close?", weight=1.2)
def _zone(setting: Setting, time: Clock, zone: str) -> Clock:
    return replace(time, zone=zone)


@_rule("HOURS", "HOURS|BAREHOURS ZONE", weight=1.2)
def _hours_zone(setting: Setting, hours: Hours, zone: str) -> Hours:
    return replace(hours, zone=zone)


@_rule(
    "HOURS", "from? CLOCK|BARE for LENGTH", "for? LENGTH from|starting at? CLOCK|BARE", weight=1.0
)
def _lasting(setting: Setting, first: Clock | Length, second: Clock | Length) -> Hours | None:
    time, length = (first, second) if isinstance(first, Clock) else (second, first)
    assert isinstance(time, Clock)
    assert isinstance(length, Length)
    if length.seconds > 86_400:
        return None
    return clocks.hours_of(replace(time, is_open=time.is_open and time.hour != 9), length)


@_rule("HOURS", "PART HOURS|BAREHOURS", "HOURS|BAREHOURS PART", weight=1.2)
def _part_hours(setting: Setting, first: Hours | Part, second: Hours | Part) -> Hours:
    hours, part = (first, second) if isinstance(first, Hours) else (second, first)
    assert isinstance(hours, Hours)
    assert isinstance(part, Part)
    return clocks.settle_hours(hours, part)


@_rule("STRETCH", "MOMENT for LENGTH", weight=1.0)
def _moment_for(setting: Setting, moment: Moment, length: Length) -> Stretch | None:
    if length.seconds > 7 * 86_400:
        return None
    spans = tuple((one, one + length_of(length)) for one in moment.options)
    return Stretch(spans, moment.zone)


def length_of(length: Length) -> timedelta:
    """A length as elapsed time."""
    return timedelta(seconds=length.seconds)


@_rule("STRETCH", "between|from CLOCK|BARE and|to now", weight=1.2)
def _until_now(setting: Setting, time: Clock) -> Stretch | None:
    starts = [clocks.at_seconds(setting.today, at) for at in time.options]
    spans = tuple((one, setting.now) for one in sorted(starts) if one < setting.now)
    return Stretch(spans[-1:]) if spans else None


@_rule("MOMENT", "LENGTH after MOMENT", weight=1.0)
def _after_moment(setting: Setting, length: Length, moment: Moment) -> Moment:
    return Moment(tuple(one + length_of(length) for one in moment.options), moment.zone)


@_rule("MOMENT", "LENGTH before MOMENT", weight=1.0)
def _before_moment(setting: Setting, length: Length, moment: Moment) -> Moment:
    return Moment(tuple(one - length_of(length) for one in moment.options), moment.zone)


@_rule("MOMENT", "WEEKDAYWORD? MONTHDAY CLOCK YEAR", weight=1.5)
def _stamp(setting: Setting, *found: Any) -> Moment | None:
    """Wed Oct 26 15:50:06 2016."""
    *_, fields, time, year = found
    return clocks.on_day(exact(year, fields[0], fields[1]), replace(time, is_open=False))


@_rule("WEEKDAYWORD", "WDAY comma?")
def _weekday_word(setting: Setting, weekday: int) -> int:
    return weekday


@_rule("CLOCK", "around CLOCK", weight=0.7)
def _around(setting: Setting, time: Clock) -> Clock:
    return replace(time, is_approximate=True)


# --- lengths ------------------------------------------------------------------------------------


@_rule("LENGTH", "INT|NUM|COUNT dash? UNIT", weight=0.8)
def _length(setting: Setting, amount: float, unit: str) -> Length:
    return Length(((unit, amount),))


@_rule("LENGTH", "a UNIT", weight=0.3)
def _one(setting: Setting, unit: str) -> Length:
    return Length(((unit, 1),))


@_rule("LENGTH", "fortnight", weight=-0.5)
def _fortnight(setting: Setting) -> Length:
    return Length((("fortnight", 1),))


@_rule("CLOCK", "LENGTH before CLOCK", weight=1.0)
def _before_clock(setting: Setting, length: Length, time: Clock) -> Clock | None:
    """Half an hour before noon."""
    at = time.options[0] - round(length.seconds)
    if at < 0 or length.seconds > 43_200:
        return None
    return Clock(at // 3600, at // 60 % 60, at % 60, zone=time.zone)


@_rule("LENGTH", "half-a UNIT", weight=0.8)
def _half(setting: Setting, unit: str) -> Length | None:
    return None if unit in ("weekend", "half") else Length(((unit, 0.5),))


@_rule("LENGTH", "a? quarter of? a? UNIT", "INT quarter of? a? UNIT", weight=0.9)
def _quarter(setting: Setting, *found: Any) -> Length | None:
    *counts, unit = found
    return Length(((unit, 0.25 * sum(counts or [1])),)) if unit == "hour" else None


@_rule("LENGTH", "INT and-a-half UNIT", weight=1.2)
def _and_a_half(setting: Setting, amount: int, unit: str) -> Length:
    return Length(((unit, amount + 0.5),))


@_rule("LENGTH", "INT and-a-quarter UNIT", weight=1.2)
def _and_a_quarter(setting: Setting, amount: int, unit: str) -> Length:
    return Length(((unit, amount + 0.25),))


@_rule("LENGTH", "INT and INT UNIT", weight=1.0)
def _old_number(setting: Setting, tens: int, ones: int, unit: str) -> Length | None:
    """Four and twenty hours, twenty and four hours."""
    if not (tens % 10 == 0 and 20 <= tens < 100 and 0 < ones < 10):
        return None
    return Length(((unit, tens + ones),))


@_rule("LENGTH", "LENGTH and-a-half", weight=1.0)
def _half_more(setting: Setting, length: Length) -> Length:
    *rest, (unit, amount) = length.units
    return Length((*rest, (unit, amount + 0.5)))


@_rule("LENGTH", "LENGTH and-a-quarter", weight=1.0)
def _quarter_more(setting: Setting, length: Length) -> Length:
    *rest, (unit, amount) = length.units
    return Length((*rest, (unit, amount + 0.25)))


@_rule("LENGTH", "LENGTH and|comma? LENGTH", weight=0.6)
def _sum(setting: Setting, first: Length, second: Length) -> Length | None:
    if first.units[-1][0] == second.units[0][0] or first.bound or second.bound:
        return None
    if Length(first.units[-1:]).seconds <= Length(second.units[:1]).seconds:
        return None
    return Length((*first.units, *second.units))


@_rule("LENGTH", "UNIT and LENGTH", weight=0.2)
def _unit_and(setting: Setting, unit: str, length: Length) -> Length | None:
    """The next "day and five hours": the article is gone."""
    if unit not in ("day", "week", "month", "year", "hour"):
        return None
    return _sum(setting, Length(((unit, 1),)), length)


@_rule("LENGTH", "more-than LENGTH", weight=0.8)
def _more(setting: Setting, length: Length) -> Length | None:
    return None if length.bound else replace(length, bound="more")


@_rule("LENGTH", "less-than LENGTH", weight=0.8)
def _less(setting: Setting, length: Length) -> Length | None:
    return None if length.bound else replace(length, bound="less")


@_rule("LENGTH", "all|whole UNIT", "the whole UNIT", weight=0.8)
def _all_day(setting: Setting, unit: str) -> Length:
    return Length(((unit, 1),))


@_rule("LENGTH", "the UNIT", weight=-0.6)
def _the_hour(setting: Setting, unit: str) -> Length | None:
    return Length(((unit, 1),)) if unit in ("hour", "minute", "second") else None
