"""How Chinese words of time go together: repetitions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tandem.understanding.times import clocks, repeats
from tandem.understanding.times.chart import Grammar
from tandem.understanding.times.values import (
    Bound,
    Date,
    Period,
    Repeat,
    Setting,
)

REPEATS = Grammar()
_rule = REPEATS.rule


@_rule("REPEAT", "every UNIT", weight=1.0)
def _every(setting: Setting, unit: str) -> Repeat:
    return repeats.every(unit)


@_rule("REPEAT", "every INT UNIT", weight=1.2)
def _every_few(setting: Setting, count: int, unit: str) -> Repeat | None:
    return repeats.every(unit, count) if count > 0 else None


@_rule("REPEAT", "skip INT UNIT", weight=1.3)
def _skipping(setting: Setting, count: int, unit: str) -> Repeat | None:
    # With one between it is every second; with more, people mean the number itself.
    return repeats.every(unit, 2 if count == 1 else count) if count > 0 else None


@_rule("REPEAT", "skip UNIT", weight=1.1)
def _skipping_one(setting: Setting, unit: str) -> Repeat:
    return repeats.every(unit, 2)


@_rule("REPEAT", "ALTERNATE", weight=1.0)
def _alternate(setting: Setting, unit: str) -> Repeat:
    return repeats.every(unit, 2)


@_rule("DAYLIST", "WDAY", weight=0.0)
def _one_day(setting: Setting, day: int) -> tuple[int, ...]:
    return (day,)


@_rule("DAYLIST", "WDAY comma|and? DAYLIST", "WDAY comma|and? DAYTAILS", weight=0.4)
def _more_days(setting: Setting, day: int, others: tuple[int, ...]) -> tuple[int, ...]:
    return (day, *others)


@_rule("DAYTAILS", "WDAYTAIL")
def _tail(setting: Setting, day: int) -> tuple[int, ...]:
    return (day,)


@_rule("DAYTAILS", "WDAYTAIL comma|and? DAYTAILS", weight=0.2)
def _tails(setting: Setting, day: int, others: tuple[int, ...]) -> tuple[int, ...]:
    return (day, *others)


@_rule("REPEAT", "every DAYLIST", weight=1.3)
def _on_days(setting: Setting, days: tuple[int, ...]) -> Repeat:
    return repeats.on_weekdays(*days)


@_rule("REPEAT", "every INT weekword de? DAYLIST", "ALTERNATE de? DAYLIST",
       "skip INT weekword de? DAYLIST", weight=1.5)  # fmt: skip
def _other_weeks(setting: Setting, beat: int | str, days: tuple[int, ...]) -> Repeat | None:
    if isinstance(beat, str):
        return repeats.on_weekdays(*days, interval=2) if beat == "week" else None
    return repeats.on_weekdays(*days, interval=max(2, beat))


@_rule("REPEAT", "WORKDAYS", "every WORKDAYS", "WORKDAYS every UNIT", weight=1.0)
def _workdays(setting: Setting, *_: Any) -> Repeat:
    return repeats.every("workday")


@_rule("REPEAT", "every WEEKEND", weight=1.2)
def _weekends(setting: Setting, _: int) -> Repeat:
    return repeats.every("weekend")


@_rule("REPEAT", "NIGHTLY", weight=1.2)
def _nightly(setting: Setting, name: str) -> Repeat:
    return replace(repeats.every("day"), part=clocks.part_of_day(setting.conventions, name))


@_rule("REPEAT", "every UNIT de? D|INT", weight=1.3)
def _monthday(setting: Setting, unit: str, day: int) -> Repeat | None:
    return Repeat("month", monthday=day) if unit == "month" and 1 <= day <= 31 else None


@_rule("REPEAT", "every UNIT de? last-one UNIT", weight=1.4)
def _last_monthday(setting: Setting, unit: str, *rest: str) -> Repeat | None:
    return Repeat("month", monthday=-1) if unit == "month" and rest[-1] == "day" else None


@_rule("REPEAT", "every MONTHEDGE", weight=1.3)
def _month_edge(setting: Setting, edge: str) -> Repeat | None:
    return Repeat("month", monthday=-1 if edge == "end" else 1) if edge != "middle" else None


@_rule("REPEAT", "every UNIT de? ordinal INT piece? WDAY", weight=1.5)
def _nth_weekday(setting: Setting, unit: str, ordinal: int, day: int) -> Repeat | None:
    if unit != "month" or not 1 <= ordinal <= 5:
        return None
    return Repeat("month", weekdays=(day,), ordinal=ordinal)


@_rule("REPEAT", "every UNIT de? last-one piece? WDAY", weight=1.5)
def _last_weekday(setting: Setting, unit: str, day: int) -> Repeat | None:
    return Repeat("month", weekdays=(day,), ordinal=-1) if unit == "month" else None


@_rule("REPEAT", "every UNIT de? MONTHDAY", weight=1.5)
def _yearly(setting: Setting, unit: str, fields: tuple[int, int]) -> Repeat | None:
    return Repeat("year", month=fields[0], monthday=fields[1]) if unit == "year" else None


@_rule(
    "REPEAT",
    "BOUND comma? de? REPEAT",
    "PERIOD comma? de? REPEAT",
    "from? DATE comma? REPEAT",
    weight=0.9,
)
def _frame(setting: Setting, frame: Bound | Period | Date, repeat: Repeat) -> Repeat | None:
    return repeats.narrow(repeat, frame)
