"""How Chinese words of time go together: days."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tandem.understanding.times import periods
from tandem.understanding.times.chart import Grammar
from tandem.understanding.times.clocks import part_of_day
from tandem.understanding.times.days import (
    add_days,
    around,
    day_of,
    nth_weekday,
    week_of,
    weekday_of,
)
from tandem.understanding.times.feasts import feast
from tandem.understanding.times.lunar import lunar_date
from tandem.understanding.times.shapes import exact, whole_year
from tandem.understanding.times.values import (
    Date,
    Length,
    Part,
    Period,
    Setting,
)

DAYS = Grammar()
_rule = DAYS.rule

# --- years --------------------------------------------------------------------------------------


@_rule("Y", "YEAR year", weight=1.0)
def _year(setting: Setting, year: int) -> int:
    return year


@_rule("Y", "YY year", weight=1.6)
def _short_year(setting: Setting, year: int) -> int:
    return whole_year(year)


@_rule("Y", "INT year", weight=0.2)
def _year_number(setting: Setting, year: int) -> int | None:
    return whole_year(year) if 10 <= year < 100 else None


@_rule("Y", "YEARWORD", weight=1.0)
def _related_year(setting: Setting, offset: int) -> int:
    return setting.today.year + offset


@_rule("ERAYEAR", "ERA INT|FIRSTYEAR year", weight=1.5)
def _era(setting: Setting, start: int, number: int) -> int:
    return start + number - 1


@_rule("PERIOD", "ERAYEAR", weight=0.2)
def _era_period(setting: Setting, year: int) -> Period | None:
    return periods.year(year)


@_rule("PERIOD", "Y", weight=0.0)
def _year_period(setting: Setting, year: int) -> Period | None:
    found = periods.year(year)
    return found


@_rule("PERIOD", "YEARWORD", weight=1.2)
def _related_period(setting: Setting, offset: int) -> Period | None:
    return periods.relative(setting, "year", offset)


@_rule("PERIOD", "YEAR", weight=-0.5)
def _bare_year(setting: Setting, year: int) -> Period | None:
    return periods.year(year)


# --- months and days ----------------------------------------------------------------------------


@_rule("M", "INT month", weight=0.8)
def _month(setting: Setting, number: int) -> int | None:
    return number if 1 <= number <= 12 else None


@_rule("D", "INT day", weight=0.8)
def _day(setting: Setting, number: int) -> int | None:
    return number if 1 <= number <= 31 else None


@_rule("MONTHDAY", "M D", "M INT", weight=0.8)
def _month_day(setting: Setting, month: int, day: int) -> tuple[int, int] | None:
    return (month, day) if 1 <= day <= 31 else None


@_rule("DATE", "Y de? MONTHDAY", weight=1.0)
def _full(setting: Setting, year: int, fields: tuple[int, int]) -> Date:
    return exact(year, *fields)


@_rule("DATE", "YEAR dash? MONTHDAY", weight=0.6)
def _full_bare(setting: Setting, year: int, fields: tuple[int, int]) -> Date:
    return exact(year, *fields)


@_rule("DATE", "D", weight=0.4)
def _day_alone(setting: Setting, day: int) -> Date | None:
    return day_of(setting, day=day)


@_rule("DATE", "PERIOD de? D|INT", weight=1.0)
def _day_of_month(setting: Setting, period: Period, day: int) -> Date | None:
    return (
        periods.day_in(period, day)
        if period.unit == "month" and period.offset is not None
        else None
    )


@_rule("PERIOD", "M", weight=0.3)
def _month_period(setting: Setting, number: int) -> Period | None:
    return periods.month(setting, number)


@_rule("PERIOD", "Y de? M", "YEAR M", weight=1.0)
def _year_month(setting: Setting, year: int, number: int) -> Period | None:
    return periods.month(setting, number, year)


@_rule("PERIOD", "ERAYEAR M", weight=1.2)
def _era_month(setting: Setting, year: int, number: int) -> Period | None:
    return periods.month(setting, number, year)


# --- the lunar calendar -------------------------------------------------------------------------


@_rule("LD", "first INT", weight=1.0)
def _early_day(setting: Setting, number: int) -> int | None:
    return number if 1 <= number <= 10 else None


@_rule("LD", "twenty INT", weight=1.0)
def _late_day(setting: Setting, number: int) -> int | None:
    return 20 + number if 1 <= number <= 9 else None


@_rule(
    "LUNARDAY",
    "LUNARMONTH LD|INT|D",
    "lunar LUNARMONTH LD|INT",
    "lunar M LD|INT|D",
    "M LD",
    weight=1.5,
)
def _lunar_fields(setting: Setting, month: int, day: int) -> tuple[int, int] | None:
    return (month, day) if 1 <= day <= 30 else None


@_rule("LUNARDAY", "new-year LD", weight=2.5)
def _after_new_year(setting: Setting, day: int) -> tuple[int, int]:
    return 1, day


@_rule("DATE", "LUNARDAY", weight=0.5)
def _lunar_day(setting: Setting, fields: tuple[int, int]) -> Date:
    year = setting.today.year
    days = [lunar_date(one, *fields) for one in (year - 2, year - 1, year, year + 1)]
    options = around(setting, (day for day in days if day is not None))
    return Date(options, lunar=f"XXXX-{fields[0]:02}-{fields[1]:02}")


@_rule("DATE", "Y lunar? LUNARDAY", "lunar Y LUNARDAY", weight=1.5)
def _lunar_year(setting: Setting, year: int, fields: tuple[int, int]) -> Date | None:
    day = lunar_date(year, *fields)
    lunar = f"{year:04}-{fields[0]:02}-{fields[1]:02}"
    return None if day is None else Date((day,), lunar=lunar)


@_rule("DATE", "ERAYEAR LUNARDAY", weight=1.5)
def _era_day(setting: Setting, year: int, fields: tuple[int, int]) -> Date | None:
    """Before 1600 our lunar calendar does not reach: the day is left as it was written."""
    day = lunar_date(year, *fields)
    written = exact(year, *fields)
    lunar = f"{year:04}-{fields[0]:02}-{fields[1]:02}"
    return replace(written, options=(day,) if day else written.options, lunar=lunar)


@_rule("DATE", "ERAYEAR MONTHDAY", weight=1.5)
def _era_date(setting: Setting, year: int, fields: tuple[int, int]) -> Date:
    return exact(year, *fields)


# --- weekdays and distances ---------------------------------------------------------------------


@_rule("DATE", "WDAY", weight=0.8)
def _weekday(setting: Setting, weekday: int) -> Date:
    return weekday_of(setting, weekday)


@_rule("DATE", "REL WDAY", weight=1.2)
def _related_weekday(setting: Setting, offset: int, weekday: int) -> Date:
    monday = week_of(setting.today) + timedelta(days=7 * offset)
    return Date((monday + timedelta(days=weekday),), weekday=weekday)


@_rule("DATE", "PERIOD de? WDAY", "PERIOD de? WDAYTAIL", weight=1.1)
def _week_weekday(setting: Setting, period: Period, weekday: int) -> Date | None:
    return periods.weekday_in(period, weekday) if period.unit == "week" else None


@_rule("DATE", "PERIOD de? ordinal INT piece? WDAY", weight=2.4)
def _nth_weekday(setting: Setting, period: Period, ordinal: int, weekday: int) -> Date | None:
    days = [nth_weekday(start, end, weekday, ordinal) for start, end in period.options]
    found = tuple(day for day in days if day is not None)
    return Date(found) if found and period.unit in ("month", "year") else None


@_rule("DATE", "PERIOD de? last-one piece? WDAY", weight=1.4)
def _last_weekday(setting: Setting, period: Period, weekday: int) -> Date | None:
    return _nth_weekday(setting, period, -1, weekday)


@_rule("DATE", "PERIOD de? ordinal INT UNIT", weight=1.2)
def _nth_day(setting: Setting, period: Period, ordinal: int, unit: str) -> Date | None:
    return periods.day_in(period, ordinal) if unit == "day" else None


@_rule("DATE", "PERIOD de? last-one UNIT", weight=1.2)
def _last_day(setting: Setting, period: Period, unit: str) -> Date | None:
    return periods.day_in(period, -1) if unit == "day" else None


@_rule("DATE", "DATE comma? open? WDAY close?", weight=0.6)
def _date_weekday(setting: Setting, day: Date, weekday: int) -> Date | None:
    fitting = tuple(one for one in day.options if one.weekday() == weekday)
    return replace(day, options=fitting or day.options) if day.weekday is None else None


@_rule("DATE", "DAYOFFSET", weight=0.8)
def _offset_day(setting: Setting, days: int) -> Date:
    return Date((setting.today + timedelta(days=days),))


@_rule("DAYPART", "DAYPARTWORD", weight=1.2)
def _daypart(setting: Setting, found: tuple[int, str]) -> tuple[Date, Part]:
    day = Date((setting.today + timedelta(days=found[0]),))
    return day, part_of_day(setting.conventions, found[1])


@_rule(
    "DATE", "DATE de? hence|RUN LENGTH", "DATE LENGTH hence", "DATE de? LENGTH hence", weight=1.0
)
def _after_day(setting: Setting, day: Date, *found: int | Length) -> Date | None:
    length = found[-1]
    sign = found[0] if len(found) > 1 else 1
    if not isinstance(length, Length) or not isinstance(sign, int) or length.seconds % 86_400:
        return None
    return Date(tuple(add_days(one, length, sign) for one in day.options))


@_rule("DATE", "DATE de? ago LENGTH", "DATE LENGTH ago", "DATE de LENGTH ago", weight=1.0)
def _before_day(setting: Setting, day: Date, length: Length) -> Date | None:
    if length.seconds % 86_400:
        return None
    return Date(tuple(add_days(one, length, -1) for one in day.options))


# --- feasts -------------------------------------------------------------------------------------


@_rule("DATE", "FEAST", weight=1.0)
def _feast(setting: Setting, key: str) -> Date | None:
    return feast(setting, key)


@_rule("DATE", "Y de? FEAST", weight=1.4)
def _feast_year(setting: Setting, year: int, key: str) -> Date | None:
    return feast(setting, key, year)


@_rule("DATE", "REL FEAST", weight=1.2)
def _related_feast(setting: Setting, offset: int, key: str) -> Date | None:
    day = feast(setting, key)
    if day is None or not offset:
        return feast(setting, key, setting.today.year)
    wanted = [one for one in day.options if (one > setting.today) == (offset > 0)]
    return replace(day, options=tuple(wanted) or day.options)
