"""How English words of time go together: weeks, months, years, and parts of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tandem.understanding.times import periods
from tandem.understanding.times.chart import Grammar
from tandem.understanding.times.joining import join
from tandem.understanding.times.shapes import whole_year
from tandem.understanding.times.values import (
    Date,
    Length,
    Period,
    Setting,
    Stretch,
)

PERIODS = Grammar()
_rule = PERIODS.rule

_OFFSETS = {"this": 0, "next": 1, "coming": 1, "last": -1, "past": -1}
_SEASON_MONTHS = {"SP": 3, "SU": 6, "FA": 9, "WI": 12}

# --- months and years ---------------------------------------------------------------------------


@_rule("PERIOD", "the? MONTH dot?", weight=0.8)
def _month(setting: Setting, number: int) -> Period | None:
    return periods.month(setting, number)


@_rule("PERIOD", "MONTH dot? of|in|comma|slash|dash? YEAR", weight=1.2)
def _month_year(setting: Setting, number: int, year: int) -> Period | None:
    return periods.month(setting, number, year)


@_rule("PERIOD", "YEAR dash|slash|comma? MONTH", weight=1.2)
def _year_month(setting: Setting, year: int, number: int) -> Period | None:
    return periods.month(setting, number, year)


@_rule("PERIOD", "MONTH of|dash|apostrophe YY", "MONTH of apostrophe YY")
def _month_short_year(setting: Setting, number: int, year: int) -> Period | None:
    return periods.month(setting, number, whole_year(year))


@_rule("PERIOD", "REL MONTH", weight=1.2)
def _related_month(setting: Setting, relation: str, number: int) -> Period | None:
    today = setting.today
    if relation == "this":
        return periods.month(setting, number, today.year)
    found = periods.month(setting, number)
    if found is None:
        return None
    if relation in ("next", "last"):
        # "Next March" is a March of next year or the next to come: the next to come after this one.
        later = relation == "next"
        year = today.year + (number <= today.month if later else -(number >= today.month))
        return periods.month(setting, number, year)
    year = today.year + (number < today.month if relation == "coming" else -(number > today.month))
    return periods.month(setting, number, year)


@_rule("PERIOD", "MONTH REL yearword", "MONTH of? REL yearword", weight=1.3)
def _month_of_year(setting: Setting, number: int, relation: str) -> Period | None:
    return periods.month(setting, number, setting.today.year + _OFFSETS[relation])


@_rule("PERIOD", "the? yearword YEAR", "YEAR", "equals YEAR", weight=0.8)
def _year(setting: Setting, number: int) -> Period | None:
    return periods.year(number)


@_rule("PERIOD", "the? fiscal yearword? YEAR", "the? fiscal yearword")
def _fiscal(setting: Setting, *year: int) -> Period:
    return Period((), "year", timex=f"FY{year[0]}" if year else "FYXXXX")


# --- units --------------------------------------------------------------------------------------


@_rule("PERIOD", "the? REL UNIT", weight=1.0)
def _related(setting: Setting, relation: str, unit: str) -> Period | Stretch | None:
    if unit in ("day", "workday", "second", "minute"):
        return None
    if unit == "hour":
        return None
    return periods.relative(setting, unit, _OFFSETS[relation])


@_rule("STRETCH", "the? REL UNIT")
def _related_hour(setting: Setting, relation: str, unit: str) -> Stretch | None:
    if unit not in ("hour", "minute"):
        return None
    found = periods.running(setting, Length(((unit, 1),)), 1 if _OFFSETS[relation] > 0 else -1)
    return found if isinstance(found, Stretch) and relation != "this" else None


@_rule("PERIOD", "the UNIT", weight=-0.5)
def _the_unit(setting: Setting, unit: str) -> Period | None:
    if unit not in ("week", "month", "year", "weekend", "quarter"):
        return None
    return periods.relative(setting, unit, 0)


@_rule("PERIOD", "same UNIT", weight=-0.2)
def _same(setting: Setting, unit: str) -> Period | None:
    return _the_unit(setting, unit)


@_rule("PERIOD", "WEEKEND", weight=0.4)
def _weekend(setting: Setting, _: int) -> Period | None:
    return periods.relative(setting, "weekend", 0)


@_rule("PERIOD", "UNIT afternext", "the UNIT afternext", weight=1.3)
def _after_next(setting: Setting, unit: str) -> Period | None:
    if unit in ("day", "hour", "minute", "second", "workday"):
        return None
    return periods.relative(setting, unit, 2)


@_rule("RUNNING", "the? REL LENGTH", "within the? REL LENGTH", weight=1.3)
def _running(setting: Setting, relation: str, length: Length) -> Period | Stretch | None:
    if relation == "this":
        return None
    return periods.running(setting, length, 1 if _OFFSETS[relation] > 0 else -1)


@_rule("RUNNING", "the? INT|COUNT REL UNIT", weight=1.3)
def _running_inverse(
    setting: Setting, count: int, relation: str, unit: str
) -> Period | Stretch | None:
    return _running(setting, relation, Length(((unit, count),)))


@_rule("RUNNING", "within the? LENGTH", "within the REL LENGTH", "within REL LENGTH",
       "over the REL LENGTH", weight=1.6)  # fmt: skip
def _within(setting: Setting, *found: str | Length) -> Period | Stretch | None:
    length = found[-1]
    assert isinstance(length, Length)
    sign = -1 if found[0] in ("last", "past") else 1
    return periods.running(setting, length, sign, inclusive=True)


@_rule("PERIOD", "RUNNING", weight=0.1)
def _running_days(setting: Setting, found: Period | Stretch) -> Period | None:
    return found if isinstance(found, Period) else None


@_rule("STRETCH", "RUNNING", weight=0.1)
def _running_hours(setting: Setting, found: Period | Stretch) -> Stretch | None:
    return found if isinstance(found, Stretch) else None


@_rule("PERIOD", "from? INT dash|to INT of|in PERIOD", weight=1.5)
def _days_in(setting: Setting, first: int, last: int, period: Period) -> Period | None:
    if period.unit != "month":
        return None
    begin, end = periods.day_in(period, first), periods.day_in(period, last)
    if begin is None or end is None:
        return None
    joined = join(setting, begin, end)
    return joined if isinstance(joined, Period) else None


@_rule("PERIOD", "LENGTH starting on|from? DATE", weight=1.3)
def _from_day(setting: Setting, length: Length, day: Date) -> Period | None:
    return None if length.seconds % 86_400 else periods.from_day(day, length)


@_rule("PERIOD", "for LENGTH comma? from|starting DATE", weight=1.5)
def _for_from(setting: Setting, length: Length, day: Date) -> Period | None:
    return _from_day(setting, length, day)


@_rule("PERIOD", "DATE WEEKEND", weight=0.5)
def _long_weekend(setting: Setting, day: Date, _: int) -> Period | None:
    """The weekend at a feast, which belongs to it."""
    spans: list[tuple[date, date]] = []
    for one in day.options:
        monday = one - timedelta(days=one.weekday())
        saturday = monday + timedelta(days=-2 if one.weekday() < 2 else 5)
        after = saturday + timedelta(days=2)
        spans.append((min(saturday, one), max(after, one + timedelta(days=1))))
    return Period(tuple(spans), "weekend") if day.weekday is None else None


@_rule("PERIOD", "from? DATE comma? for LENGTH", "starting|since DATE for LENGTH", weight=1.0)
def _day_for(setting: Setting, day: Date, length: Length) -> Period | None:
    return _from_day(setting, length, day)


# --- counted ------------------------------------------------------------------------------------


@_rule("PERIOD", "the? ORD UNIT of|in PERIOD", weight=1.3)
def _counted(setting: Setting, ordinal: int, unit: str, period: Period) -> Period | None:
    if unit in ("day", "workday", "hour", "minute", "second"):
        return None
    return periods.counted(period, unit, ordinal)


@_rule("PERIOD", "the? ORD week", weight=0.0)
def _week_of_month(setting: Setting, ordinal: int) -> Period | None:
    """The second week: of this month."""
    month = periods.relative(setting, "month", 0)
    return periods.counted(month, "week", ordinal) if month and ordinal <= 5 else None


@_rule("PERIOD", "LASTORD UNIT of|in PERIOD", weight=1.3)
def _last_counted(setting: Setting, ordinal: int, unit: str, period: Period) -> Period | None:
    return _counted(setting, ordinal, unit, period)


@_rule("PERIOD", "the? ORD|LASTORD INT|COUNT UNIT of|in PERIOD", weight=1.4)
def _counted_many(
    setting: Setting, ordinal: int, count: int, unit: str, period: Period
) -> Period | None:
    if unit in ("hour", "minute", "second") or ordinal not in (1, -1):
        return None
    return periods.counted(period, "day" if unit == "workday" else unit, ordinal, count)


@_rule("PERIOD", "the? week INT", "the? week INT of|in? YEAR", weight=1.2)
def _week_number(setting: Setting, number: int, year: int | None = None) -> Period | None:
    whole = periods.year(year or setting.today.year)
    if whole is None or not 1 <= number <= 53:
        return None
    return periods.counted(whole, "week", number)


@_rule("PERIOD", "the? week INT of|in? the? REL yearword", weight=1.3)
def _week_of_other_year(setting: Setting, number: int, relation: str) -> Period | None:
    return _week_number(setting, number, setting.today.year + _OFFSETS[relation])


@_rule("PERIOD", "the? REL workweek", weight=1.2)
def _work_week(setting: Setting, relation: str) -> Period | None:
    """Monday to Friday."""
    week = periods.relative(setting, "week", _OFFSETS[relation])
    if week is None:
        return None
    return Period(tuple((start, start + timedelta(days=5)) for start, _ in week.options))


@_rule("PERIOD", "the? weekof DATE", "REL? weekof DATE", weight=1.5)
def _week_of(setting: Setting, *found: Any) -> Period | None:
    day = found[-1]
    return periods.week_around(day) if isinstance(day, Date) else None


@_rule("PERIOD", "the? QUARTER", weight=0.8)
def _quarter(setting: Setting, number: int) -> Period | None:
    return periods.quarter(setting, number)


@_rule("PERIOD", "the? QUARTER of|in|dash|comma|slash? YEAR", weight=1.3)
def _quarter_year(setting: Setting, number: int, year: int) -> Period | None:
    return periods.quarter(setting, number, year)


@_rule("PERIOD", "YEAR dash|slash|comma? QUARTER", weight=4)
def _year_quarter(setting: Setting, year: int, number: int) -> Period | None:
    return periods.quarter(setting, number, year)


@_rule("QUARTER", "ORD quarter", "quarter INT", weight=0.5)
def _quarter_words(setting: Setting, number: int) -> int | None:
    return number if number <= 4 else None


@_rule("PERIOD", "the? QUARTER of? REL yearword", weight=1.3)
def _quarter_of(setting: Setting, number: int, relation: str) -> Period | None:
    return periods.quarter(setting, number, setting.today.year + _OFFSETS[relation])


@_rule("PERIOD", "the? ORD half of PERIOD", "the? HALF of? PERIOD", weight=1.2)
def _half(setting: Setting, number: int, period: Period) -> Period | None:
    if number not in (1, 2) or period.unit != "year" or period.year is None:
        return None
    return periods.quarter(setting, number, period.year, months=6)


@_rule("PERIOD", "the? SEASON", weight=0.2)
def _season(setting: Setting, key: str) -> Period:
    found = periods.recurring(setting, _SEASON_MONTHS[key], 3)
    return Period(found.options, "season", timex=key)


@_rule("PERIOD", "the? REL SEASON", weight=1.0)
def _related_season(setting: Setting, relation: str, key: str) -> Period | None:
    return _season_in(setting, key, setting.today.year + _OFFSETS[relation])


@_rule("PERIOD", "the? SEASON of|in|comma? YEAR", weight=1.2)
def _season_year(setting: Setting, key: str, year: int) -> Period | None:
    return _season_in(setting, key, year)


def _season_in(setting: Setting, key: str, year: int) -> Period | None:
    found = periods.month(setting, _SEASON_MONTHS[key], year)
    if found is None:
        return None
    start = found.options[0][0]
    end = periods.month_later(start, 3)
    return Period(((start, end),), "season", timex=f"{year}-{key}")


@_rule("PERIOD", "the? YEAR apostrophe? s", "the? DECADE", weight=1.2)
def _decade(setting: Setting, first: int) -> Period | None:
    return periods.decade(setting, first) if first < 100 or first % 10 == 0 else None


@_rule("DECADE", "apostrophe? INT apostrophe? s")
def _short_decade(setting: Setting, first: int) -> int | None:
    return first if first in range(10, 100, 10) else None


@_rule("PERIOD", "the? ORD century", weight=1.2)
def _century(setting: Setting, number: int) -> Period | None:
    whole = periods.year(number * 100 - 100)
    if whole is None or number > 30:
        return None
    start = whole.options[0][0]
    return Period(((start, periods.month_later(start, 1200)),), "century")


# --- edges --------------------------------------------------------------------------------------


@_rule("PERIOD", "the? EDGE dash? the? PERIOD", weight=1.2)
def _edge(setting: Setting, edge: str, period: Period) -> Period | None:
    if period.edge or period.unit in ("range", "day"):
        return None
    return periods.cut_edge(period, edge)


@_rule("PERIOD", "EDGE of? UNIT", "the EDGE of? UNIT", weight=0.6)
def _edge_unit(setting: Setting, edge: str, unit: str) -> Period | None:
    if unit not in ("week", "month", "year", "quarter", "decade", "century"):
        return None
    found = periods.relative(setting, unit, 0)
    return None if found is None else periods.cut_edge(found, edge)


@_rule("PERIOD", "the? EDGEWORD", weight=1.0)
def _edge_word(setting: Setting, found: tuple[str, str]) -> Period | None:
    return _edge_unit(setting, found[1], found[0])


@_rule("PERIOD", "later in? PERIOD", "later in the PERIOD", "later on in? PERIOD", weight=1.0)
def _later(setting: Setting, period: Period) -> Period | None:
    return periods.later_in(setting, period) if period.unit in ("week", "month", "year") else None


@_rule("PERIOD", "earlier in? PERIOD", weight=1.0)
def _earlier(setting: Setting, period: Period) -> Period | None:
    if period.unit not in ("week", "month", "year"):
        return None
    if period.offset == 0 and period.options[0][0] < setting.today:
        return periods.so_far(setting, period)
    return periods.cut_edge(period, "start")


@_rule("PERIOD", "restof PERIOD", weight=1.0)
def _rest(setting: Setting, period: Period) -> Period:
    return periods.rest_of(setting, period)


@_rule("PERIOD", "PERIOD todate|sofar", weight=1.0)
def _so_far(setting: Setting, period: Period) -> Period:
    return periods.so_far(setting, period)


@_rule("PERIOD", "the? ytd|yearword todate")
def _year_to_date(setting: Setting) -> Period | None:
    found = periods.relative(setting, "year", 0)
    return None if found is None else periods.so_far(setting, found)
