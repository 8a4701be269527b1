"""Rules that hold in every language: figures, a day with a time, a range, a repetition.

Symbols: DATE PERIOD CLOCK PART HOURS LENGTH MOMENT STRETCH BOUND REPEAT are meanings of
their own; DAYPART is a part of one day ("tonight"), BARE an hour by its number alone, which counts
only beside something that tells a time.
"""

from __future__ import annotations

from dataclasses import replace

from tandem.understanding.times import clocks, periods, repeats
from tandem.understanding.times.chart import Grammar
from tandem.understanding.times.days import day_of
from tandem.understanding.times.joining import Joined, join
from tandem.understanding.times.values import (
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
    Stretch,
)

SHARED = Grammar()
_rule = SHARED.rule

DayPart = tuple[Date, Part]

# --- figures ------------------------------------------------------------------------------------


@_rule("MONTHDAY", "MD")
def _month_day(setting: Setting, fields: tuple[int, int]) -> tuple[int, int]:
    return fields


@_rule("DATE", "MONTHDAY")
def _this_day(setting: Setting, fields: tuple[int, int]) -> Date | None:
    return day_of(setting, month=fields[0], day=fields[1])


@_rule("DATE", "MDOTHER", weight=-2.5)
def _other_order(setting: Setting, fields: tuple[int, int]) -> Date | None:
    return day_of(setting, month=fields[0], day=fields[1])


@_rule("DATE", "OTHERDATE", weight=-0.5)
def _other_date(setting: Setting, day: Date) -> Date:
    return day


@_rule("DATE", "DASHED|DASHEDOTHER", weight=-1.5)
def _dashed(setting: Setting, fields: tuple[int, int]) -> Date | None:
    return day_of(setting, month=fields[0], day=fields[1])


@_rule("PERIOD", "YM")
def _year_month(setting: Setting, fields: tuple[int, int]) -> Period | None:
    return periods.month(setting, fields[1], fields[0])


@_rule("MOMENT", "STAMP")
def _stamp(setting: Setting, fields: tuple[Date, Clock]) -> Moment | None:
    return clocks.on_day(*fields)


@_rule("BARE", "INT", weight=0.0)
def _bare(setting: Setting, hour: int) -> Clock | None:
    return clocks.clock(hour) if hour <= 24 else None


@_rule("BARE", "CLOCK|DOTTED|MILITARY")
def _known_clock(setting: Setting, clock: Clock) -> Clock:
    return clock


# --- a day with a time --------------------------------------------------------------------------


@_rule("MOMENT", "DATE comma? at|on|for|from|in? CLOCK", "DATE comma? at BARE", weight=1.5)
def _date_clock(setting: Setting, day: Date, clock: Clock) -> Moment | None:
    return clocks.on_day(day, clock)


@_rule("MOMENT", "CLOCK|DOTTED comma? on|in|of? DATE", weight=1.5)
def _clock_date(setting: Setting, clock: Clock, day: Date) -> Moment | None:
    return clocks.on_day(day, clock)


@_rule("DAYPART", "DATE at|in|comma|on? the? PART", weight=1.5)
def _date_part(setting: Setting, day: Date, part: Part) -> DayPart:
    return day, part


@_rule("STRETCH", "DAYPART", weight=0.5)
def _stretch(setting: Setting, daypart: DayPart) -> Stretch:
    return clocks.part_on(*daypart)


@_rule("MOMENT", "DAYPART comma? at|in|for? CLOCK|BARE", weight=1.5)
def _daypart_clock(setting: Setting, daypart: DayPart, clock: Clock) -> Moment | None:
    return clocks.on_day(daypart[0], clocks.settle(clock, daypart[1]))


@_rule("MOMENT", "CLOCK|BARE comma? on|in? DAYPART", weight=1.5)
def _clock_daypart(setting: Setting, clock: Clock, daypart: DayPart) -> Moment | None:
    return clocks.on_day(daypart[0], clocks.settle(clock, daypart[1]))


@_rule("MOMENT", "MOMENT in? the? PART", weight=1.0)
def _moment_part(setting: Setting, moment: Moment, part: Part) -> Moment | None:
    start = min(part.span[0], 12 * 3600) // 3600 if part.span[0] >= 11 * 3600 else 0
    end = start + 12
    kept = tuple(one for one in moment.options if start <= one.hour < end)
    return replace(moment, options=kept) if kept else None


@_rule("STRETCH", "DATE comma? at|on|for? HOURS|BAREHOURS", weight=1.5)
def _date_hours(setting: Setting, day: Date, hours: Hours) -> Stretch:
    return clocks.hours_on(day, hours)


@_rule("STRETCH", "HOURS|BAREHOURS comma? on|in|of? DATE", weight=1.5)
def _hours_date(setting: Setting, hours: Hours, day: Date) -> Stretch:
    return clocks.hours_on(day, hours)


@_rule("STRETCH", "DAYPART comma? at|for? HOURS|BAREHOURS", weight=1.5)
def _daypart_hours(setting: Setting, daypart: DayPart, hours: Hours) -> Stretch:
    return clocks.hours_on(daypart[0], clocks.settle_hours(hours, daypart[1]))


@_rule("STRETCH", "HOURS|BAREHOURS comma? on? DAYPART", weight=1.5)
def _hours_daypart(setting: Setting, hours: Hours, daypart: DayPart) -> Stretch:
    return clocks.hours_on(daypart[0], clocks.settle_hours(hours, daypart[1]))


@_rule("BOUND", "DATE comma? BOUND", "DATE comma? at|by? BOUND", weight=1.5)
def _date_bound(setting: Setting, day: Date, bound: Bound) -> Bound | None:
    return _on_day(day, bound)


@_rule("BOUND", "BOUND on|comma? DATE", weight=1.4)
def _bound_date(setting: Setting, bound: Bound, day: Date) -> Bound | None:
    return _on_day(day, bound)


def _on_day(day: Date, bound: Bound) -> Bound | None:
    if isinstance(bound.what, Clock):
        moment = clocks.on_day(day, bound.what)
        return None if moment is None else Bound(bound.way, moment)
    if isinstance(bound.what, Part):
        return Bound(bound.way, clocks.part_on(day, bound.what))
    return None


@_rule("MOMENT", "PERIOD at? CLOCK", "PERIOD at BARE", weight=0.2)
def _period_clock(setting: Setting, period: Period, clock: Clock) -> Moment | None:
    if not setting.conventions.rolls_over or period.unit not in ("week", "month", "year"):
        return None
    return clocks.first_of(period, clock)


@_rule("STRETCH", "PERIOD HOURS", weight=0.2)
def _period_hours(setting: Setting, period: Period, hours: Hours) -> Stretch | None:
    if not setting.conventions.rolls_over or period.unit not in ("week", "month", "year"):
        return None
    return clocks.hours_on(Date(tuple(start for start, _ in period.options)), hours)


@_rule("BOUND", "PERIOD BOUND", weight=0.2)
def _period_bound(setting: Setting, period: Period, bound: Bound) -> Bound | None:
    if not isinstance(bound.what, Clock):
        return None
    first = _period_clock(setting, period, bound.what)
    return None if first is None else Bound(bound.way, first)


# --- ranges -------------------------------------------------------------------------------------


@_rule("END", "DATE|PERIOD|CLOCK|MOMENT", weight=0.0)
def _end(
    setting: Setting, end: Date | Period | Clock | Moment
) -> Date | Period | Clock | Moment | None:
    if isinstance(end, Period) and end.unit == "range":
        return None
    return end


@_rule(
    "RANGE", "END to|dash the? END", "from END to|dash the? END", "between END and|dash the? END"
)
def _range(
    setting: Setting, first: Date | Period | Clock | Moment, last: Date | Period | Clock | Moment
) -> Joined | None:
    return join(setting, first, last)


@_rule("RANGE", "from BARE to|dash BARE", "between BARE and|dash BARE", "CLOCK to|dash BARE",
       "BARE to|dash CLOCK", weight=0.9)  # fmt: skip
def _bare_range(setting: Setting, first: Clock, last: Clock) -> Joined | None:
    return join(setting, first, last)


@_rule("RANGE", "between now and DATE|PERIOD", "from now to DATE|PERIOD", weight=2)
def _from_now(setting: Setting, last: Date | Period) -> Joined | None:
    return join(setting, Date((setting.today,)), last)


@_rule("BAREHOURS", "BARE to|dash BARE", weight=-0.5)
def _bare_hours(setting: Setting, first: Clock, last: Clock) -> Joined | None:
    return join(setting, first, last)


@_rule("RANGE", "from? MOMENT to|dash BARE", "between MOMENT and BARE", weight=1.2)
def _moment_range(setting: Setting, first: Moment, last: Clock) -> Joined | None:
    return join(setting, first, last)


@_rule("PERIOD", "RANGE")
def _range_days(setting: Setting, found: Joined) -> Period | None:
    return found if isinstance(found, Period) else None


@_rule("HOURS", "RANGE")
def _range_hours(setting: Setting, found: Joined) -> Hours | None:
    return found if isinstance(found, Hours) else None


@_rule("STRETCH", "RANGE")
def _range_moments(setting: Setting, found: Joined) -> Stretch | None:
    return found if isinstance(found, Stretch) else None


# --- repetitions --------------------------------------------------------------------------------


@_rule("REPEAT", "REPEAT comma? at|in|on|from|for? the? CLOCK|PART|HOURS", weight=1.2)
def _repeat_time(setting: Setting, repeat: Repeat, time: Clock | Part | Hours) -> Repeat | None:
    if isinstance(time, Clock) and repeat.part is not None:
        return repeats.narrow(repeat, clocks.settle(time, repeat.part))
    return repeats.narrow(repeat, time)


@_rule("REPEAT", "REPEAT at BARE", weight=1.2)
def _repeat_bare(setting: Setting, repeat: Repeat, time: Clock) -> Repeat | None:
    return repeats.narrow(repeat, clocks.settle(time, repeat.part) if repeat.part else time)


@_rule("REPEAT", "REPEAT comma? for LENGTH", "REPEAT comma? BOUND|PERIOD", weight=1.2)
def _repeat_frame(
    setting: Setting, repeat: Repeat, frame: Length | Bound | Period
) -> Repeat | None:
    if isinstance(frame, Period) and frame.unit not in ("range", "month", "year", "week"):
        return None
    return repeats.narrow(repeat, frame)


@_rule("REPEAT", "REPEAT comma? starting on|from? DATE|PERIOD", weight=1.2)
def _repeat_from(setting: Setting, repeat: Repeat, start: Date | Period) -> Repeat | None:
    return repeats.narrow(repeat, Bound("since", start))


# --- now ----------------------------------------------------------------------------------------


@_rule("MOMENT", "NOW", weight=0.5)
def _now(setting: Setting, _: int) -> Moment:
    return Moment((setting.now.replace(microsecond=0),), timex="PRESENT_REF")


@_rule("MOMENT", "SOON", weight=0.5)
def _soon(setting: Setting, _: int) -> Moment:
    return Moment((setting.now.replace(microsecond=0),), timex="FUTURE_REF")


@_rule("MOMENT", "RECENT", weight=0.0)
def _recent(setting: Setting, _: int) -> Moment:
    return Moment((setting.now.replace(microsecond=0),), timex="PAST_REF")


@_rule("END", "NOW", weight=0.5)
def _now_day(setting: Setting, _: int) -> Date:
    return Date((setting.today,))
