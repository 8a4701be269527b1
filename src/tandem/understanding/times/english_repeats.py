"""How English words of time go together: repetitions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tandem.understanding.times import clocks, repeats
from tandem.understanding.times.chart import Grammar
from tandem.understanding.times.values import (
    Clock,
    Date,
    Hours,
    Part,
    Period,
    Repeat,
    Setting,
)

REPEATS = Grammar()
_rule = REPEATS.rule


@_rule("REPEAT", "every UNIT", "any UNIT", weight=1.0)
def _every(setting: Setting, unit: str) -> Repeat:
    return repeats.every(unit)


@_rule("REPEAT", "every INT UNIT", weight=1.2)
def _every_few(setting: Setting, count: int, unit: str) -> Repeat | None:
    return repeats.every(unit, count) if count > 0 else None


@_rule("REPEAT", "every other UNIT", weight=1.2)
def _every_other(setting: Setting, unit: str) -> Repeat:
    return repeats.every(unit, 2)


@_rule("REPEAT", "RATE", weight=0.8)
def _rate(setting: Setting, rate: tuple[str, float]) -> Repeat:
    return repeats.every(*rate)


@_rule("REPEAT", "once a|every|per UNIT", weight=1.2)
def _once(setting: Setting, unit: str) -> Repeat:
    return repeats.every(unit)


@_rule("DAYLIST", "WDAY|WDAYS", weight=0.0)
def _one_day(setting: Setting, day: int) -> tuple[int, ...]:
    return (day,)


@_rule("DAYLIST", "WDAY|WDAYS comma? and|or? DAYLIST", weight=0.4)
def _more_days(setting: Setting, day: int, others: tuple[int, ...]) -> tuple[int, ...]:
    return (day, *others)


@_rule("REPEAT", "every DAYLIST", weight=1.2)
def _on_days(setting: Setting, days: tuple[int, ...]) -> Repeat:
    return repeats.on_weekdays(*days)


@_rule("REPEAT", "every other DAYLIST", weight=1.4)
def _on_other_days(setting: Setting, days: tuple[int, ...]) -> Repeat:
    return repeats.on_weekdays(*days, interval=2)


@_rule("REPEAT", "every INT UNIT on DAYLIST", "RATE on DAYLIST", weight=1.4)
def _every_few_on(setting: Setting, *found: Any) -> Repeat | None:
    days: tuple[int, ...] = found[-1]
    rate: tuple[str, float] = found[0] if len(found) == 2 else (found[1], found[0])
    return repeats.on_weekdays(*days, interval=rate[1]) if rate[0] == "week" else None


@_rule("DAYPLURALS", "WDAYS")
def _plural(setting: Setting, day: int) -> tuple[int, ...]:
    return (day,)


@_rule("DAYPLURALS", "WDAYS comma? and? DAYPLURALS", weight=0.4)
def _plurals(setting: Setting, day: int, others: tuple[int, ...]) -> tuple[int, ...]:
    return (day, *others)


@_rule("REPEAT", "on? DAYPLURALS", weight=0.8)
def _on_plurals(setting: Setting, days: tuple[int, ...]) -> Repeat:
    return repeats.on_weekdays(*days)


@_rule("REPEAT", "WORKDAYS", "every WORKDAYS", "on WORKDAYS", weight=1.0)
def _workdays(setting: Setting, *_: int) -> Repeat:
    return repeats.every("workday")


@_rule("REPEAT", "WEEKENDS", "on WEEKENDS", "every WEEKEND", "any|all WEEKENDS|WEEKEND", weight=1.0)
def _weekends(setting: Setting, _: int) -> Repeat:
    return repeats.every("weekend")


@_rule("REPEAT", "WDAY PARTS", weight=4)
def _weekday_parts(setting: Setting, day: int, name: str) -> Repeat:
    part = clocks.part_of_day(setting.conventions, name)
    return replace(repeats.on_weekdays(day), part=part)


@_rule("REPEAT", "every PARTWORD", "every WDAY PARTWORD", weight=1.2)
def _every_part(setting: Setting, *found: int | str) -> Repeat:
    part = clocks.part_of_day(setting.conventions, str(found[-1]))
    beat = repeats.on_weekdays(int(found[0])) if len(found) > 1 else repeats.every("day")
    return replace(beat, part=part)


@_rule("REPEAT", "the? ORD day? of every UNIT", "the? ORD of|in the UNIT", "every ORD of the UNIT",
       "every UNIT on the ORD", "RATE on the ORD", weight=1.5)  # fmt: skip
def _monthday(setting: Setting, *found: Any) -> Repeat | None:
    day = next((one for one in found if isinstance(one, int)), 0)
    unit = next((one for one in found if not isinstance(one, int)), "")
    if unit not in ("month", ("month", 1)) or not 1 <= day <= 31:
        return None
    return Repeat("month", monthday=day)


@_rule("REPEAT", "every ORD", weight=1.0)
def _every_date(setting: Setting, day: int) -> Repeat | None:
    return Repeat("month", monthday=day) if 4 <= day <= 31 else None


@_rule("REPEAT", "the? LASTORD day of every UNIT", weight=1.5)
def _last_monthday(setting: Setting, ordinal: int, unit: str) -> Repeat | None:
    return Repeat("month", monthday=-1) if unit == "month" else None


@_rule("REPEAT", "the? ORD|LASTORD WDAY of|in every|the UNIT",
       "every ORD|LASTORD WDAY of|in the UNIT",
       weight=1.6)  # fmt: skip
def _nth_weekday(setting: Setting, ordinal: int, day: int, unit: str) -> Repeat | None:
    if unit != "month" or ordinal > 5:
        return None
    return Repeat("month", weekdays=(day,), ordinal=ordinal)


@_rule("REPEAT", "every MONTHDAY", "every year on MONTHDAY", weight=1.5)
def _yearly(setting: Setting, fields: tuple[int, int]) -> Repeat:
    return Repeat("year", month=fields[0], monthday=fields[1])


@_rule("REPEAT", "CLOCK|HOURS|PART comma? on? REPEAT", weight=1.0)
def _time_repeat(setting: Setting, time: Clock | Hours | Part, repeat: Repeat) -> Repeat | None:
    return repeats.narrow(repeat, time)


@_rule("REPEAT", "PERIOD comma? REPEAT", "starting on|from|in? DATE comma? REPEAT", weight=0.6)
def _frame_repeat(setting: Setting, frame: Period | Date, repeat: Repeat) -> Repeat | None:
    if isinstance(frame, Period) and frame.unit not in ("range", "month", "year"):
        return None
    return repeats.narrow(repeat, frame)
