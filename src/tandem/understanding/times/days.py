"""Arithmetic of days, weeks and months, and the days that a few fields may mean. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import replace
from datetime import MAXYEAR, date, datetime, timedelta

from tandem.understanding.times.values import Date, Length, Setting

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_MONTHS: dict[str, int] = {
    "month": 1,
    "quarter": 3,
    "half": 6,
    "year": 12,
    "decade": 120,
    "century": 1200,
}
_DAYS: dict[str, int] = {"day": 1, "weekend": 7, "week": 7, "fortnight": 14}
_SECONDS: dict[str, int] = {"second": 1, "minute": 60, "quarter-hour": 900, "hour": 3600}


def is_clock_unit(unit: str) -> bool:
    """Shorter than a day."""
    return unit in _SECONDS


def month_later(day: date, months: int) -> date:
    """So many months later, on the last day where the month is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= MAXYEAR:
        raise OverflowError("outside of the calendar")
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add(moment: datetime, length: Length, sign: int = 1) -> datetime:
    """A length later, or earlier with `sign` -1: months and days on the calendar, hours elapsed.

    Raises OverflowError outside of the years 1 to 9999.
    """
    for unit, amount in length.units:
        step = amount * sign
        if unit == "workday":
            moment = datetime.combine(workday_later(moment.date(), round(step)), moment.time())
        elif unit in _MONTHS:
            months = _MONTHS[unit] * step
            whole = int(months)
            moment = datetime.combine(month_later(moment.date(), whole), moment.time())
            moment += timedelta(days=round((months - whole) * 30))
        else:
            size = _SECONDS.get(unit) or _DAYS[unit] * 86_400
            moment += timedelta(seconds=size * step)
    return moment


def add_days(day: date, length: Length, sign: int = 1) -> date:
    """The day a length later; hours do not count."""
    return add(datetime(day.year, day.month, day.day), length, sign).date()


def workday_later(day: date, count: int) -> date:
    """So many days from Monday to Friday later, public holidays not counted out."""
    step = 1 if count >= 0 else -1
    for _ in range(min(abs(count), 5000)):
        day += timedelta(days=step)
        while day.weekday() > 4:
            day += timedelta(days=step)
    return day


# --- borders ------------------------------------------------------------------------------------


def week_of(day: date) -> date:
    """The Monday on or before."""
    return day - timedelta(days=day.weekday())


def first_week(start: date) -> date:
    """The Monday of the first week that has most of its days after `start`."""
    return week_of(start + timedelta(days=3))


def unit_start(day: date, unit: str) -> date:
    """The first day of the week, month, ... that a day is in."""
    match unit:
        case "week" | "fortnight":
            return week_of(day)
        case "weekend":
            return week_of(day) + timedelta(days=5)
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "half":
            return day.replace(month=(day.month - 1) // 6 * 6 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case "decade":
            return date(day.year // 10 * 10 or 1, 1, 1)
        case "century":
            return date(day.year // 100 * 100 or 1, 1, 1)
        case _:
            return day


def unit_span(day: date, unit: str, offset: int = 0) -> tuple[date, date]:
    """The unit that a day is in, or the one `offset` later: first day, day after the last."""
    start = unit_start(day, unit)
    if unit == "weekend":
        start += timedelta(days=7 * offset)
        return start, start + timedelta(days=2)
    if unit in _MONTHS:
        start = month_later(start, _MONTHS[unit] * offset)
        return start, month_later(start, _MONTHS[unit])
    size = _DAYS.get(unit, 1)
    start += timedelta(days=size * offset)
    return start, start + timedelta(days=size)


# --- which day do these fields mean? ------------------------------------------------------------


def around(setting: Setting, days: Iterable[date], today_is_past: bool = False) -> tuple[date, ...]:
    """The next of some days and the last of them, the preferred one first."""
    today = setting.today
    ordered = sorted(set(days))
    after = [one for one in ordered if one > today or (one == today and not today_is_past)]
    before = [one for one in ordered if one < today or (one == today and today_is_past)]
    pair = [*after[:1], *before[-1:]]
    if setting.prefers_past:
        pair.reverse()
    return tuple(pair)


def _try(year: int, month: int, day: int) -> list[date]:
    try:
        return [date(year, month, day)]
    except ValueError:
        return []


def day_of(
    setting: Setting,
    *,
    year: int | None = None,
    month: int | None = None,
    day: int,
    weekday: int | None = None,
) -> Date | None:
    """The days that have these fields: exact with a year, else the next and the last."""
    if not 1 <= day <= 31 or (month is not None and not 1 <= month <= 12):
        return None
    fields = Date((), year, month, day, weekday)
    now = setting.today
    if year is not None and month is not None:
        timex = f"{year:04}-{month:02}-{day:02}"
        return replace(fields, options=tuple(_try(year, month, day)), timex=timex)
    if month is not None:
        days = [one for y in range(now.year - 8, now.year + 9) for one in _try(y, month, day)]
        return replace(fields, options=around(setting, days), timex=f"XXXX-{month:02}-{day:02}")
    reach = 5 if weekday is None else 30
    days = [
        one
        for step in range(-reach, reach + 1)
        for first in [month_later(now.replace(day=1), step)]
        for one in _try(first.year, first.month, day)
        if weekday is None or one.weekday() == weekday
    ]
    return replace(fields, options=around(setting, days), timex=f"XXXX-XX-{day:02}")


def weekday_of(setting: Setting, weekday: int) -> Date:
    """The next such weekday, today included, and the last one."""
    today = setting.today
    after = today + timedelta(days=(weekday - today.weekday()) % 7)
    options = (after, after - timedelta(days=7))
    if setting.prefers_past:
        options = options[::-1]
    return Date(options, weekday=weekday, timex=f"XXXX-WXX-{weekday + 1}")


def nth_weekday(first: date, after: date, weekday: int, ordinal: int) -> date | None:
    """The so-manieth weekday from `first` to before `after`; -1 is the last."""
    if ordinal > 0:
        day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (ordinal - 1))
    else:
        last = after - timedelta(days=1)
        day = last - timedelta(days=(last.weekday() - weekday) % 7 + 7 * (-ordinal - 1))
    return day if first <= day < after else None
