"""How English words of time go together: days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from tandem.understanding.times import periods
from tandem.understanding.times.chart import Grammar
from tandem.understanding.times.clocks import from_now
from tandem.understanding.times.days import add_days, day_of, nth_weekday, weekday_of
from tandem.understanding.times.feasts import feast
from tandem.understanding.times.shapes import exact, whole_year
from tandem.understanding.times.values import (
    Date,
    Length,
    Moment,
    Period,
    Setting,
)

DAYS = Grammar()
_rule = DAYS.rule

_OFFSETS = {"this": 0, "next": 1, "coming": 1, "last": -1, "past": -1}

# --- days by their number -----------------------------------------------------------------------


@_rule("DAYNUM", "the? ORD", "INT")
def _day_number(setting: Setting, day: int) -> int | None:
    return day if 1 <= day <= 31 else None


@_rule("MONTHDAY", "MONTH dot? comma? DAYNUM", "MONTH dash|slash INT", weight=1.2)
def _month_first(setting: Setting, month: int, day: int) -> tuple[int, int] | None:
    return (month, day) if 1 <= day <= 31 else None


@_rule(
    "MONTHDAY", "DAYNUM of? MONTH dot?", "INT dash|slash MONTH", "the? ORD day of MONTH", weight=1.2
)
def _day_first(setting: Setting, day: int, month: int) -> tuple[int, int] | None:
    return (month, day) if 1 <= day <= 31 else None


@_rule("DATE", "MONTHDAY of|in|comma? YEAR", "MONTHDAY slash|dash YEAR", weight=1.5)
def _with_year(setting: Setting, fields: tuple[int, int], year: int) -> Date:
    return exact(year, *fields)


@_rule(
    "DATE", "MONTHDAY of|comma apostrophe? YY", "MONTHDAY apostrophe YY", "MONTHDAY slash|dash YY"
)
def _with_short_year(setting: Setting, fields: tuple[int, int], year: int) -> Date:
    return exact(whole_year(year), *fields)


@_rule("DATE", "YEAR INT INT", weight=1.0)
def _spaced(setting: Setting, year: int, month: int, day: int) -> Date | None:
    return exact(year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


@_rule("THENUM", "the INT")
def _the_number(setting: Setting, day: int) -> Date | None:
    return day_of(setting, day=day)


@_rule("DATE", "YEAR slash|dash|comma? MONTH slash|dash? DAYNUM")
def _year_first(setting: Setting, year: int, month: int, day: int) -> Date:
    return exact(year, month, day)


@_rule("DATE", "INT dash YEAR dash MONTH")
def _year_amid(setting: Setting, day: int, year: int, month: int) -> Date | None:
    return exact(year, month, day) if 1 <= day <= 31 else None


@_rule("DATE", "MONTH dash YEAR dash INT")
def _year_between(setting: Setting, month: int, year: int, day: int) -> Date | None:
    return exact(year, month, day) if 1 <= day <= 31 else None


@_rule("DATE", "the ORD", "ORD", weight=0.3)
def _ordinal(setting: Setting, day: int) -> Date | None:
    return day_of(setting, day=day)


@_rule("DATE", "the? ORD of? PERIOD", "the? ORD day in|of PERIOD", "DAYNUM of PERIOD", weight=1.2)
def _ordinal_of(setting: Setting, day: int, period: Period) -> Date | None:
    return periods.day_in(period, day) if period.unit in ("month", "year", "week") else None


@_rule("DATE", "PERIOD INT|ORD", weight=0.2)
def _number_of(setting: Setting, period: Period, day: int) -> Date | None:
    """Next month 21."""
    is_said = period.unit == "month" and period.offset is not None
    return periods.day_in(period, day) if is_said and 1 <= day <= 31 else None


@_rule("DATE", "the? REL day in|of PERIOD")
def _last_day(setting: Setting, relation: str, period: Period) -> Date | None:
    return periods.day_in(period, -1) if relation == "last" else None


@_rule("DATE", "the? WDAY comma? the? ORD", "WDAY INT", weight=1.0)
def _weekday_number(setting: Setting, weekday: int, day: int) -> Date | None:
    found = day_of(setting, day=day, weekday=weekday)
    if found is None:
        return None
    near = sorted(found.options, key=lambda one: abs((one - setting.today).days))
    return replace(found, options=tuple(near))


@_rule("DATE", "WDAY comma? the? MONTHDAY", weight=1.2)
@_rule("DATE", "REL WDAY comma|dash? open? MONTHDAY close?", weight=1.2)
def _weekday_date(setting: Setting, *parts: Any) -> Date | None:
    *_, weekday, fields = parts
    day = day_of(setting, month=fields[0], day=fields[1])
    if day is None:
        return None
    fitting = tuple(one for one in day.options if one.weekday() == weekday)
    if not fitting and len(parts) == 3:
        return exact(setting.today.year, *fields)  # "this Friday 5/12": of this year at least
    return replace(day, options=fitting or day.options)


@_rule("DATE", "WDAY comma? the? DATE", "DATE open|comma WDAY close?", weight=1.0)
def _weekday_and_date(setting: Setting, first: int | Date, second: int | Date) -> Date | None:
    day, weekday = (second, first) if isinstance(first, int) else (first, second)
    if not isinstance(day, Date) or day.day is None or day.month is None:
        return None
    fitting = tuple(one for one in day.options if one.weekday() == weekday)
    return replace(day, options=fitting or day.options)


@_rule("DATE", "REL MONTHDAY", weight=1.0)
def _related_date(setting: Setting, relation: str, fields: tuple[int, int]) -> Date | None:
    day = day_of(setting, month=fields[0], day=fields[1])
    if day is None or relation == "this":
        return exact(setting.today.year, *fields)
    wanted = [one for one in day.options if (one > setting.today) == (_OFFSETS[relation] > 0)]
    return replace(day, options=tuple(wanted) or day.options)


# --- weekdays -----------------------------------------------------------------------------------


@_rule("DATE", "WDAY", weight=0.8)
def _weekday(setting: Setting, weekday: int) -> Date:
    return weekday_of(setting, weekday)


@_rule("DATE", "the? REL WDAY", weight=1.2)
def _related_weekday(setting: Setting, relation: str, weekday: int) -> Date | None:
    today = setting.today
    monday = today - timedelta(days=today.weekday())
    if relation in ("coming", "past"):
        near = [today + timedelta(days=step) for step in range(-7, 8) if step]
        fitting = [one for one in near if one.weekday() == weekday]
        return Date(((fitting[-1] if relation == "coming" else fitting[0]),), weekday=weekday)
    day = monday + timedelta(days=weekday + 7 * _OFFSETS[relation])
    # "Next Friday" said on a Wednesday is to some the Friday in two days; the same backwards.
    near = weekday_of(replace(setting, prefers_past=relation == "last"), weekday).options[0]
    others = (near,) if relation in ("next", "last") and near not in (day, today) else ()
    return Date((day, *others), weekday=weekday)


@_rule("DATE", "this REL WDAY", weight=1.3)
def _this_coming(setting: Setting, relation: str, weekday: int) -> Date | None:
    return _related_weekday(setting, relation, weekday) if relation in ("coming", "past") else None


@_rule("DATE", "the? WDAY afternext", weight=1.5)
def _after_next(setting: Setting, weekday: int) -> Date:
    today = setting.today
    monday = today - timedelta(days=today.weekday())
    by_week = monday + timedelta(days=weekday + 14)
    by_day = weekday_of(setting, weekday).options[0] + timedelta(days=7)
    return Date(tuple(dict.fromkeys((by_week, by_day))), weekday=weekday)


@_rule("DATE", "WDAY week", "week on? WDAY", "a week on WDAY", weight=1.4)
def _week_on(setting: Setting, weekday: int) -> Date:
    day = weekday_of(replace(setting, prefers_past=False), weekday).options[0]
    if day == setting.today:
        day += timedelta(days=7)
    return Date((day + timedelta(days=7),))


@_rule("DATE", "LENGTH on DATE", weight=1.0)
def _length_on(setting: Setting, length: Length, day: Date) -> Date | None:
    """A week on Tuesday, two weeks on Friday."""
    if (
        day.weekday is None
        or day.day is not None
        or length.units[0][0] not in ("week", "fortnight")
    ):
        return None
    return Date((add_days(day.options[0], length),))


@_rule("DATE", "PERIOD comma|possessive? on? WDAY", weight=1.3)
def _week_weekday(setting: Setting, period: Period, weekday: int) -> Date | None:
    return periods.weekday_in(period, weekday) if period.unit == "week" else None


@_rule("DATE", "WDAY comma? of|in? PERIOD", weight=1.3)
def _weekday_week(setting: Setting, weekday: int, period: Period) -> Date | None:
    return _week_weekday(setting, period, weekday)


@_rule("DATE", "the? ORD|LASTORD WDAY of|in? PERIOD", weight=1.3)
def _nth_weekday(setting: Setting, ordinal: int, weekday: int, period: Period) -> Date | None:
    if period.unit not in ("month", "year", "quarter"):
        return None
    days = [nth_weekday(start, end, weekday, ordinal) for start, end in period.options]
    found = tuple(day for day in days if day is not None)
    return Date(found) if found else None


@_rule("LASTORD", "the? REL")
def _last_ordinal(setting: Setting, relation: str) -> int | None:
    return -1 if relation == "last" else None


@_rule("DATE", "WDAY AWAY", "AWAY WDAY", weight=1.3)
def _weekday_away(
    setting: Setting, first: int | tuple[date, date], second: int | tuple[date, date]
) -> Date | None:
    """Sunday three weeks after 15 January: the last such weekday on the way there."""
    weekday, away = (first, second) if isinstance(first, int) else (second, first)
    assert isinstance(weekday, int)
    assert isinstance(away, tuple)
    base, end = away
    day = end - timedelta(days=(end.weekday() - weekday) % 7)
    return Date((day,)) if day > base else None


@_rule("AWAY", "LENGTH fromnow|hence", "in LENGTH on?")
def _away_now(setting: Setting, length: Length) -> tuple[date, date] | None:
    return setting.today, add_days(setting.today, length)


@_rule("AWAY", "LENGTH after|from DATE")
def _away(setting: Setting, length: Length, day: Date) -> tuple[date, date] | None:
    return (day.options[0], add_days(day.options[0], length)) if day.options else None


# --- days by their distance ---------------------------------------------------------------------


@_rule("DATE", "DAYOFFSET possessive?", weight=1.0)
def _offset_day(setting: Setting, days: int) -> Date:
    return Date((setting.today + timedelta(days=days),))


@_rule("DATE", "DATE DAYOFFSET", "DAYOFFSET comma? open? DATE close?", weight=0.5)
def _named_twice(setting: Setting, first: Date | int, second: Date | int) -> Date | None:
    day, offset = (first, second) if isinstance(first, Date) else (second, first)
    assert isinstance(day, Date)
    assert isinstance(offset, int)
    same = setting.today + timedelta(days=offset)
    return Date((same,)) if same in day.options else None


@_rule("AGO", "LENGTH ago", "LENGTH before now", weight=1.0)
def _ago(setting: Setting, length: Length) -> Moment | Date | None:
    return from_now(setting, length, -1)


@_rule("AGO", "LENGTH fromnow|hence", "in LENGTH time?", "in LENGTH apostrophe time?",
       "LENGTH from now", "in LENGTH from now", "LENGTH after now", weight=1.0)  # fmt: skip
def _from_now(setting: Setting, length: Length) -> Moment | Date | None:
    return from_now(setting, length, 1)


@_rule("DATE", "AGO", weight=0.2)
def _ago_day(setting: Setting, found: Moment | Date) -> Date | None:
    return found if isinstance(found, Date) else None


@_rule("MOMENT", "AGO", weight=0.2)
def _ago_moment(setting: Setting, found: Moment | Date) -> Moment | None:
    return found if isinstance(found, Moment) else None


@_rule("DATE", "LENGTH after|from DATE", "LENGTH fromnow? DATE later", weight=1.2)
def _after_day(setting: Setting, length: Length, day: Date) -> Date | None:
    if length.seconds % 86_400:
        return None
    return Date(tuple(add_days(one, length) for one in day.options))


@_rule("DATE", "LENGTH before DATE", weight=1.2)
def _before_day(setting: Setting, length: Length, day: Date) -> Date | None:
    if length.seconds % 86_400:
        return None
    return Date(tuple(add_days(one, length, -1) for one in day.options))


@_rule("DATE", "the day after DATE", "day after DATE", weight=1.2)
def _next_day(setting: Setting, day: Date) -> Date:
    return Date(tuple(one + timedelta(days=1) for one in day.options))


@_rule("DATE", "the day before DATE", "day before DATE", weight=1.2)
def _previous_day(setting: Setting, day: Date) -> Date:
    return Date(tuple(one - timedelta(days=1) for one in day.options))


@_rule("DATE", "the? day before", weight=-0.2)
def _day_before(setting: Setting) -> Date:
    return Date((setting.today - timedelta(days=1),))


@_rule("DATE", "the? day after", "the? next day", "the following-word day", weight=-0.2)
def _day_after(setting: Setting) -> Date:
    return Date((setting.today + timedelta(days=1),))


@_rule("DATE", "the day", weight=-1.0)
def _the_day(setting: Setting) -> Date:
    return Date((setting.today,))


@_rule("DATE", "around DATE", weight=0.2)
def _about_day(setting: Setting, day: Date) -> Date:
    return replace(day, is_approximate=True)


# --- feasts -------------------------------------------------------------------------------------


@_rule("DATE", "FEAST", weight=2.0)
def _feast(setting: Setting, key: str) -> Date | None:
    return feast(setting, key)


@_rule("DATE", "FEAST of|in|comma? YEAR", weight=1.3)
def _feast_of(setting: Setting, key: str, year: int) -> Date | None:
    return feast(setting, key, year)


@_rule("DATE", "the? REL FEAST", weight=1.2)
def _related_feast(setting: Setting, relation: str, key: str) -> Date | None:
    day = feast(setting, key)
    if day is None:
        return None
    if relation == "this":
        return feast(setting, key, setting.today.year)
    wanted = [one for one in day.options if (one > setting.today) == (_OFFSETS[relation] > 0)]
    return replace(day, options=tuple(wanted) or day.options)


@_rule("DATE", "FEAST REL yearword")
def _feast_year(setting: Setting, key: str, relation: str) -> Date | None:
    return feast(setting, key, setting.today.year + _OFFSETS[relation])
