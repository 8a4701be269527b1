"""How Chinese words of time go together: weeks, months, years and parts of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from tandem.understanding.times import periods
from tandem.understanding.times.chart import Grammar
from tandem.understanding.times.days import month_later
from tandem.understanding.times.values import (
    Length,
    Period,
    Setting,
    Stretch,
)

PERIODS = Grammar()
_rule = PERIODS.rule

_SEASON_MONTHS = {"SP": 3, "SU": 6, "FA": 9, "WI": 12}


@_rule("PERIOD", "REL UNIT", weight=2.2)
def _related(setting: Setting, offset: int, unit: str) -> Period | None:
    if unit in ("week", "weekend", "month", "quarter", "half", "year", "century"):
        return periods.relative(setting, unit, offset)
    return None


@_rule("STRETCH", "REL UNIT", weight=1.0)
def _related_hour(setting: Setting, offset: int, unit: str) -> Stretch | None:
    if unit not in ("hour", "minute") or abs(offset) != 1:
        return None
    found = periods.running(setting, Length(((unit, 1),)), offset)
    return found if isinstance(found, Stretch) else None


@_rule("RUNNING", "RUN LENGTH", "RUN LENGTH within", weight=1.6)
def _running(setting: Setting, sign: int, length: Length) -> Period | Stretch | None:
    return periods.running(setting, length, sign)


@_rule("RUNNING", "LENGTH within", weight=1.0)
def _within(setting: Setting, length: Length) -> Period | Stretch | None:
    return periods.running(setting, length, 1, inclusive=True)


@_rule("PERIOD", "RUNNING", weight=0.1)
def _running_days(setting: Setting, found: Period | Stretch) -> Period | None:
    return found if isinstance(found, Period) else None


@_rule("STRETCH", "RUNNING", weight=0.1)
def _running_hours(setting: Setting, found: Period | Stretch) -> Stretch | None:
    return found if isinstance(found, Stretch) else None


@_rule("PERIOD", "WEEKEND", weight=0.6)
def _weekend(setting: Setting, _: int) -> Period | None:
    return periods.relative(setting, "weekend", 0)


@_rule("PERIOD", "PERIOD WEEKEND", "PERIOD de WEEKEND", weight=1.0)
def _week_end(setting: Setting, period: Period, _: int) -> Period | None:
    if period.unit != "week":
        return None
    starts = tuple(start + timedelta(days=5) for start, _ in period.options)
    return Period(tuple((one, one + timedelta(days=2)) for one in starts), "weekend")


@_rule("PERIOD", "REL WEEKEND", weight=2.5)
def _related_weekend(setting: Setting, offset: int, _: int) -> Period | None:
    return periods.relative(setting, "weekend", offset)


@_rule("PERIOD", "PERIOD de? ordinal INT UNIT", weight=1.2)
def _counted(setting: Setting, period: Period, ordinal: int, unit: str) -> Period | None:
    if unit not in ("week", "month", "quarter", "weekend", "half") or period.unit == unit:
        return None
    return periods.counted(period, unit, ordinal)


@_rule("PERIOD", "ordinal INT weekword", weight=0.6)
def _week_number(setting: Setting, number: int) -> Period | None:
    year = periods.year(setting.today.year)
    return periods.counted(year, "week", number) if year and 1 <= number <= 53 else None


@_rule("PERIOD", "PERIOD de? last-one UNIT", weight=1.2)
def _last_counted(setting: Setting, period: Period, unit: str) -> Period | None:
    return _counted(setting, period, -1, unit)


@_rule("PERIOD", "PERIOD de? front INT UNIT", weight=1.3)
def _first_few(setting: Setting, period: Period, count: int, unit: str) -> Period | None:
    if unit not in ("day", "week", "month", "quarter", "year"):
        return None
    return periods.counted(period, unit, 1, count)


@_rule("PERIOD", "PERIOD de? final|hence INT UNIT", weight=1.3)
def _last_few(setting: Setting, period: Period, count: int, unit: str) -> Period | None:
    if unit not in ("day", "week", "month", "quarter", "year"):
        return None
    return periods.counted(period, unit, -1, count)


@_rule("QUARTERNUM", "QUARTER", weight=0.5)
def _quarter_letter(setting: Setting, number: int) -> int:
    return number


@_rule("QUARTERNUM", "ordinal INT UNIT", "INT UNIT", weight=0.6)
def _quarter_words(setting: Setting, number: int, unit: str) -> int | None:
    return number if unit == "quarter" and 1 <= number <= 4 else None


@_rule("PERIOD", "QUARTERNUM", weight=0.6)
def _quarter(setting: Setting, number: int) -> Period | None:
    return periods.quarter(setting, number)


@_rule("PERIOD", "Y de? QUARTERNUM", "YEAR dash|slash? QUARTERNUM", weight=1.2)
def _year_quarter(setting: Setting, year: int, number: int) -> Period | None:
    return periods.quarter(setting, number, year)


@_rule("PERIOD", "HALFYEAR", weight=2.5)
def _half_year(setting: Setting, number: int) -> Period | None:
    return periods.quarter(setting, number, setting.today.year, months=6)


@_rule("PERIOD", "Y de? HALFYEAR", weight=1.4)
def _year_half(setting: Setting, year: int, number: int) -> Period | None:
    return periods.quarter(setting, number, year, months=6)


@_rule("PERIOD", "HALFMONTH", weight=2.5)
def _half_month(setting: Setting, number: int) -> Period | None:
    month = periods.relative(setting, "month", 0)
    return None if month is None else _month_half(setting, month, number)


@_rule("PERIOD", "PERIOD de? HALFMONTH", weight=1.4)
def _month_half(setting: Setting, period: Period, number: int) -> Period | None:
    if period.unit != "month":
        return None
    return replace(periods.cut_edge(period, "start" if number == 1 else "end"), edge="")


@_rule("PERIOD", "SEASON", weight=-0.2)
def _season(setting: Setting, key: str) -> Period:
    found = periods.recurring(setting, _SEASON_MONTHS[key], 3)
    return Period(found.options, "season", timex=key)


@_rule("PERIOD", "Y de? SEASON", weight=1.2)
def _season_year(setting: Setting, year: int, key: str) -> Period:
    start = date(year, _SEASON_MONTHS[key], 1)
    return Period(((start, month_later(start, 3)),), "season", timex=f"{year}-{key}")


@_rule("PERIOD", "INT years", "YEAR years", weight=1.0)
def _decade(setting: Setting, first: int) -> Period | None:
    return periods.decade(setting, first) if first >= 10 else None


@_rule("PERIOD", "INT century de? INT years", weight=1.5)
def _century_decade(setting: Setting, century: int, first: int) -> Period | None:
    return periods.decade(setting, first, century * 100 - 100) if century <= 30 else None


@_rule("PERIOD", "PERIOD de? INT years", weight=1.3)
def _decade_of(setting: Setting, period: Period, first: int) -> Period | None:
    if period.unit != "century":
        return None
    return periods.decade(setting, first, period.options[0][0].year // 100 * 100)


@_rule("PERIOD", "INT century", weight=1.0)
def _century(setting: Setting, number: int) -> Period | None:
    found = periods.year(number * 100 - 100) if 2 <= number <= 30 else None
    if found is None:
        return None
    start = found.options[0][0]
    return Period(((start, month_later(start, 1200)),), "century")


# --- edges --------------------------------------------------------------------------------------


@_rule("PERIOD", "PERIOD de? EDGE", "PERIOD de MONTHEDGE|YEAREDGE", weight=0.9)
def _edge(setting: Setting, period: Period, edge: str) -> Period | None:
    if period.edge or period.unit not in ("month", "year", "quarter", "century", "decade"):
        return None
    return periods.cut_edge(period, edge)


@_rule("PERIOD", "MONTHEDGE", weight=1.0)
def _month_edge(setting: Setting, edge: str) -> Period | None:
    return _unit_edge(setting, "month", edge)


@_rule("PERIOD", "YEAREDGE", weight=1.0)
def _year_edge(setting: Setting, edge: str) -> Period | None:
    return _unit_edge(setting, "year", edge)


@_rule("PERIOD", "WEEKEDGE", weight=0.8)
def _week_edge(setting: Setting, edge: str) -> Period | None:
    return _unit_edge(setting, "week", edge)


def _unit_edge(setting: Setting, unit: str, edge: str) -> Period | None:
    found = periods.relative(setting, unit, 0)
    return None if found is None else periods.cut_edge(found, edge)


@_rule("PERIOD", "REL MONTHEDGE", weight=1.4)
def _related_edge(setting: Setting, offset: int, edge: str) -> Period | None:
    found = periods.relative(setting, "month", offset)
    return None if found is None else periods.cut_edge(found, edge)


@_rule("PERIOD", "YEARWORD YEAREDGE", "YEAR YEAREDGE", weight=1.4)
def _related_year_edge(setting: Setting, offset: int, edge: str) -> Period | None:
    if abs(offset) < 100:
        found = periods.relative(setting, "year", offset)
    else:
        found = periods.year(offset)
    return None if found is None else periods.cut_edge(found, edge)


@_rule("PERIOD", "PERIOD TENDAYS", "REL UNIT TENDAYS", weight=1.2)
def _ten_days(setting: Setting, *found: Any) -> Period | None:
    period = found[0] if isinstance(found[0], Period) else None
    if len(found) == 3 and found[1] == "month":
        period = periods.relative(setting, "month", int(str(found[0])))
    if period is None or period.unit != "month":
        return None
    first = int(str(found[-1]))
    spans = tuple(
        (
            start + timedelta(days=first - 1),
            end if first == 21 else start + timedelta(days=first + 9),
        )
        for start, end in period.options
    )
    return Period(spans, "day")
