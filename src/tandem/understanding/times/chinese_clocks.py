"""How Chinese words of time go together: clocks, lengths and bounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tandem.understanding.times import clocks
from tandem.understanding.times.chart import Grammar
from tandem.understanding.times.days import day_of
from tandem.understanding.times.joining import Joined, join
from tandem.understanding.times.periods import month
from tandem.understanding.times.values import (
    Bound,
    Clock,
    Date,
    Hours,
    Length,
    Moment,
    Part,
    Period,
    Setting,
)

CLOCKS = Grammar()
_rule = CLOCKS.rule

# --- clocks -------------------------------------------------------------------------------------


@_rule("CLOCK", "INT point whole?", weight=0.8)
def _hour(setting: Setting, hour: int) -> Clock | None:
    return clocks.clock(hour) if hour <= 24 else None


@_rule("CLOCK", "INT point past? INT minute?", weight=0.9)
def _minutes(setting: Setting, hour: int, minute: int) -> Clock | None:
    return clocks.clock(hour, minute)


@_rule("CLOCK", "INT point INT minute INT second?", weight=1.1)
def _seconds(setting: Setting, hour: int, minute: int, second: int) -> Clock | None:
    return clocks.clock(hour, minute, second)


@_rule("CLOCK", "INT point half", weight=1.2)
def _half(setting: Setting, hour: int) -> Clock | None:
    return clocks.clock(hour, 30)


@_rule("CLOCK", "INT point past? INT quarter", weight=1.2)
def _quarters(setting: Setting, hour: int, number: int) -> Clock | None:
    return clocks.clock(hour, 15 * number) if 1 <= number <= 3 else None


@_rule(
    "CLOCK", "lacking INT minute|quarter? INT point", "lacking INT quarter INT point", weight=1.2
)
def _lacking(setting: Setting, minute: int, hour: int) -> Clock | None:
    return _before(hour, minute)


@_rule("CLOCK", "INT point lacking INT minute?", weight=1.3)
def _lacking_after(setting: Setting, hour: int, minute: int) -> Clock | None:
    return _before(hour, minute)


def _before(hour: int, minute: int) -> Clock | None:
    if not 0 < minute < 60:
        return None
    open_hour = (hour - 2) % 12 + 1 if 1 <= hour <= 12 else hour - 1
    return clocks.clock(open_hour, 60 - minute)


@_rule("CLOCK", "PART de? CLOCK", "CLOCK PART", weight=1.2)
def _with_part(setting: Setting, first: Clock | Part, second: Clock | Part) -> Clock | None:
    time, part = (first, second) if isinstance(first, Clock) else (second, first)
    assert isinstance(time, Clock)
    assert isinstance(part, Part)
    return clocks.settle(time, part)


@_rule("CLOCK", "about CLOCK", "CLOCK orso", weight=0.8)
def _about(setting: Setting, time: Clock) -> Clock:
    return replace(time, is_approximate=True)


@_rule("DATE", "about DATE", "DATE orso", weight=0.3)
def _about_day(setting: Setting, day: Date) -> Date:
    return replace(day, is_approximate=True)


@_rule("CLOCK", "ZONE de? CLOCK", weight=1.2)
def _zone(setting: Setting, zone: str, time: Clock) -> Clock:
    return replace(time, zone=zone)


@_rule("MOMENT", "ZONE de? MOMENT", weight=1.2)
def _zone_moment(setting: Setting, zone: str, moment: Moment) -> Moment:
    return replace(moment, zone=zone)


@_rule("PART", "PARTWORD", weight=0.6)
def _part(setting: Setting, name: str) -> Part:
    return clocks.part_of_day(setting.conventions, name)


@_rule("HOURS", "PART HOURS", weight=1.2)
def _part_hours(setting: Setting, part: Part, hours: Hours) -> Hours:
    return clocks.settle_hours(hours, part)


@_rule("MOMENT", "DATE de? CLOCK", weight=1.2)
def _date_clock(setting: Setting, day: Date, time: Clock) -> Moment | None:
    return clocks.on_day(day, time)


@_rule("DATE", "LATELY", weight=0.0)
def _lately(setting: Setting, _: int) -> Date:
    return Date((setting.today,), is_approximate=True, timex="PAST_REF")


# --- lengths ------------------------------------------------------------------------------------


@_rule("LENGTH", "INT|NUM|COUNT UNIT", weight=0.8)
def _length(setting: Setting, amount: float, unit: str) -> Length | None:
    if unit in ("weekend", "decade") or (unit == "year" and amount >= 1000):
        return None
    if unit == "half":
        return Length((("year", amount / 2),))
    return Length(((unit, amount),))


@_rule("LENGTH", "INT UNIT half", weight=1.2)
def _and_half(setting: Setting, amount: int, unit: str) -> Length | None:
    return (
        None
        if unit in ("minute", "weekend", "half") and amount > 59
        else Length(((unit, amount + 0.5),))
    )


@_rule("LENGTH", "LENGTH INT point", weight=1.5)
def _days_and_hours(setting: Setting, length: Length, hours: int) -> Length | None:
    """八天二十时: beside days it is no time of day."""
    if length.units[-1][0] != "day" or length.bound:
        return None
    return Length((*length.units, ("hour", hours)))


@_rule("LENGTH", "INT piece half UNIT", weight=1.3)
def _piece_half(setting: Setting, amount: int, unit: str) -> Length:
    return Length(((unit, amount + 0.5),))


@_rule("LENGTH", "half UNIT", weight=0.8)
def _half_unit(setting: Setting, unit: str) -> Length | None:
    if unit in ("weekend", "half", "decade", "quarter-hour"):
        return None
    return Length(((unit, 0.5),))


@_rule("LENGTH", "LENGTH more? LENGTH", weight=0.7)
def _sum(setting: Setting, first: Length, second: Length) -> Length | None:
    if Length(first.units[-1:]).seconds <= Length(second.units[:1]).seconds:
        return None
    return Length((*first.units, *second.units))


@_rule("LENGTH", "LENGTH more LENGTH", weight=0.5)
def _sum_of_any(setting: Setting, first: Length, second: Length) -> Length:
    return Length((*first.units, *second.units))


@_rule("LENGTH", "INT and-a-bit UNIT", "LENGTH and-a-bit", weight=0.8)
def _and_a_bit(setting: Setting, *found: Any) -> Length | None:
    if isinstance(found[0], Length):
        return found[0] if found[0].bound else replace(found[0], bound="more")
    return Length(((str(found[1]), float(str(found[0]))),), bound="more")


@_rule("LENGTH", "all UNIT", weight=0.4)
def _all_day(setting: Setting, unit: str) -> Length | None:
    return Length((("day", 1),)) if unit == "day" else None


@_rule("MOMENT", "AGO", weight=0.2)
def _ago_moment(setting: Setting, found: Moment | Date) -> Moment | None:
    return found if isinstance(found, Moment) else None


@_rule("DATE", "AGO", weight=0.2)
def _ago_day(setting: Setting, found: Moment | Date) -> Date | None:
    return found if isinstance(found, Date) else None


@_rule("AGO", "LENGTH ago", weight=1.1)
def _ago(setting: Setting, length: Length) -> Moment | Date | None:
    return clocks.from_now(setting, length, -1)


@_rule("AGO", "LENGTH hence", weight=1.1)
def _hence(setting: Setting, length: Length) -> Moment | Date | None:
    return clocks.from_now(setting, length, 1)


@_rule("MOMENT", "MOMENT LENGTH hence", "MOMENT hence LENGTH", weight=1.0)
def _after_moment(setting: Setting, moment: Moment, length: Length) -> Moment:
    step = timedelta(seconds=length.seconds)
    return replace(moment, options=tuple(one + step for one in moment.options))


# --- ranges and bounds --------------------------------------------------------------------------


@_rule("RANGE", "from? END to|dash|and END amid", "END and END amid", weight=1.0)
def _between(
    setting: Setting, first: Date | Period | Clock | Moment, last: Date | Period | Clock | Moment
) -> Joined | None:
    return join(setting, first, last)


@_rule("RANGE", "from? INT to|dash D", weight=0.8)
def _days(setting: Setting, first: int, last: int) -> Joined | None:
    start, end = day_of(setting, day=first), day_of(setting, day=last)
    return join(setting, start, end) if start and end else None


@_rule("RANGE", "from? INT to|dash M", weight=1.0)
def _months(setting: Setting, first: int, last: int) -> Joined | None:
    start, end = month(setting, first), month(setting, last)
    return join(setting, start, end) if start and end else None


@_rule("BOUND", "eversince LIMIT", weight=0.8)
def _ever_since(setting: Setting, what: Date | Period | Clock) -> Bound:
    return Bound("since", what)


@_rule("RANGE", "from? INT to|dash CLOCK", "PART INT to|dash CLOCK", weight=0.8)
def _clock_range(setting: Setting, *found: Any) -> Joined | None:
    part = found[0] if isinstance(found[0], Part) else None
    first, last = found[-2], found[-1]
    assert isinstance(first, int)
    assert isinstance(last, Clock)
    start = clocks.clock(first)
    if start is None:
        return None
    if part is not None:
        start, last = clocks.settle(start, part), clocks.settle(last, part)
    return join(setting, start, last)


@_rule("LIMIT", "DATE|PERIOD|CLOCK|PART|MOMENT|STRETCH", weight=0.0)
def _limit(setting: Setting, what: object) -> object | None:
    return None if isinstance(what, Period) and not what.options else what


@_rule("BOUND", "LIMIT before", weight=0.7)
def _before_limit(setting: Setting, what: Date | Period | Clock) -> Bound:
    if isinstance(what, Period) and what.edge == "end":
        return Bound("until", what)  # 五月底之前: May may be over
    return Bound("before", what)


@_rule("BOUND", "LIMIT until", "till LIMIT until|before", "asof LIMIT", weight=0.8)
def _until_limit(setting: Setting, what: Date | Period | Clock) -> Bound:
    return Bound("until", what)


@_rule("BOUND", "from? LIMIT since", "from LIMIT after since", weight=0.8)
def _since_limit(setting: Setting, what: Date | Period | Clock) -> Bound:
    return Bound("since", what)


@_rule("BOUND", "LIMIT after", "from LIMIT after", weight=0.7)
def _after_limit(setting: Setting, what: Date | Period | Clock) -> Bound:
    return Bound("after", what)
