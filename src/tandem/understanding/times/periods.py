"""Weeks, months, years and parts of them. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from tandem.understanding.times.days import (
    add,
    add_days,
    first_week,
    is_clock_unit,
    month_later,
    unit_span,
    unit_start,
    week_of,
    workday_later,
)
from tandem.understanding.times.values import Date, Length, Period, Setting, Stretch

ALIGNED = ("quarter", "half", "decade", "century")
"""Units of which "the last two" are whole ones by the calendar."""


def year(number: int) -> Period | None:
    """A calendar year."""
    if not 1 < number < 9998:
        return None
    return Period(
        (unit_span(date(number, 1, 1), "year"),), "year", year=number, timex=f"{number:04}"
    )


def month(setting: Setting, number: int, in_year: int | None = None) -> Period | None:
    """A month, of a year or the next and the last such month; the present one comes first."""
    if not 1 <= number <= 12:
        return None
    if in_year is not None:
        if not 1 < in_year < 9998:
            return None
        span = unit_span(date(in_year, number, 1), "month")
        return Period((span,), "month", in_year, number, timex=f"{in_year:04}-{number:02}")
    return replace(recurring(setting, number, 1), unit="month", month=number)


def recurring(setting: Setting, first: int, months: int) -> Period:
    """A stretch of months that every year has: the next (or present) one and the one before."""
    now = setting.today
    starts = [date(now.year + step, first, 1) for step in (-2, -1, 0, 1)]
    spans = [(one, month_later(one, months)) for one in starts]
    after = [span for span in spans if span[1] > now][:1]
    before = [span for span in spans if span[1] <= now or span[0] < now][-1:]
    others = [span for span in before if span not in after]
    # Of the present stretch both its neighbours are thinkable.
    if not others:
        others = [span for span in spans if span[1] <= now][-1:]
    later = [span for span in spans if span[0] > now][:1]
    pair = [*after, *others, *(span for span in later if span not in after)]
    if setting.prefers_past:
        pair = [*others, *after]
    return Period(tuple(pair), timex=f"XXXX-{first:02}")


def relative(setting: Setting, unit: str, offset: int) -> Period | None:
    """This (0), the next (1), the last (-1) week, month, ..."""
    try:
        span = unit_span(setting.today, unit, offset)
    except (OverflowError, ValueError):
        return None
    fields = {"year": span[0].year if unit in ("year", "month") else None}
    fields["month"] = span[0].month if unit == "month" else None
    return Period((span,), unit, fields["year"], fields["month"], offset=offset)


def quarter(
    setting: Setting, number: int, in_year: int | None = None, months: int = 3
) -> Period | None:
    """A quarter (or half) of a year."""
    if not 1 <= number <= 12 // months:
        return None
    first = months * (number - 1) + 1
    if in_year is None:
        return replace(recurring(setting, first, months), unit="quarter")
    start = date(in_year, first, 1)
    return Period(((start, month_later(start, months)),), "quarter", in_year)


def running(
    setting: Setting, length: Length, sign: int, *, inclusive: bool = False
) -> Period | Stretch | None:
    """The last (-1) or the next (1) days, weeks, hours.

    `inclusive`: from this moment on ("within"), else the next days start tomorrow.
    """
    units = [unit for unit, _ in length.units]
    try:
        if any(is_clock_unit(unit) for unit in units):
            other = add(setting.now, length, sign)
            return Stretch(((setting.now, other) if sign > 0 else (other, setting.now),))
        if len(units) == 1 and units[0] in ALIGNED:
            return _aligned(setting, units[0], round(length.units[0][1]), sign)
        start = setting.today
        if units == ["workday"] and sign > 0 and not inclusive:
            last = workday_later(start, round(length.units[0][1]))
            return Period(((workday_later(start, 1), last + timedelta(days=1)),))
        if sign < 0:
            return Period(((add_days(start, length, -1), start),))
        if not inclusive:
            start += timedelta(days=1)
        return Period(((start, add_days(start, length)),))
    except (OverflowError, ValueError):
        return None


def _aligned(setting: Setting, unit: str, count: int, sign: int) -> Period:
    if sign < 0:
        first, last = unit_span(setting.today, unit, -count), unit_span(setting.today, unit, -1)
    else:
        first, last = unit_span(setting.today, unit, 1), unit_span(setting.today, unit, count)
    return Period(((first[0], last[1]),))


def from_day(day: Date, length: Length) -> Period:
    """A length that starts on a day."""
    return Period(tuple((one, add_days(one, length)) for one in day.options))


# --- parts of periods ---------------------------------------------------------------------------


def counted(period: Period, unit: str, ordinal: int, count: int = 1) -> Period | None:
    """The so-manieth week, month or day of a period, or the first or last few of them.

    Weeks belong to the month or year that has their Thursday (ISO 8601).
    """
    found: list[tuple[date, date]] = []
    for start, end in period.options:
        try:
            first = first_week(start) if unit == "week" else unit_start(start, unit)
            after = first_week(end) if unit == "week" else end
            if ordinal > 0:
                one = unit_span(first, unit, ordinal - 1)[0]
                found.append((one, unit_span(first, unit, ordinal + count - 2)[1]))
            else:
                last = after - timedelta(days=1)
                one = unit_span(last, unit, ordinal + 1)
                found.append((unit_span(one[0], unit, 1 - count)[0], one[1]))
        except (OverflowError, ValueError):
            return None
    return Period(tuple(found), unit, offset=period.offset)


def day_in(period: Period, ordinal: int) -> Date | None:
    """The so-manieth day; -1 is the last."""
    days = tuple(
        day
        for start, end in period.options
        for day in [
            start + timedelta(days=ordinal - 1) if ordinal > 0 else end + timedelta(days=ordinal)
        ]
        if start <= day < end
    )
    return Date(days) if days else None


def weekday_in(period: Period, weekday: int) -> Date:
    """That weekday of a week."""
    return Date(
        tuple(week_of(start) + timedelta(days=weekday) for start, _ in period.options),
        weekday=weekday,
    )


def week_around(day: Date) -> Period:
    """The week that a day is in."""
    return Period(tuple(unit_span(one, "week") for one in day.options), "week")


def cut_edge(period: Period, edge: str) -> Period:
    """The start, middle or end of a period."""
    spans = tuple(_edge(start, end, period, edge) for start, end in period.options)
    return replace(period, options=spans, edge=edge, through=())


def _edge(start: date, end: date, period: Period, edge: str) -> tuple[date, date]:
    if period.unit == "year":
        # A year by its number has thirds, this year and the next have halves.
        cuts = (4, 8) if period.offset is None else (6, 6)
        borders = (month_later(start, cuts[0]), month_later(start, cuts[1]))
    elif period.unit == "month":
        if edge == "middle":
            return start + timedelta(days=9), start + timedelta(days=20)
        borders = (start + timedelta(days=15), start + timedelta(days=15))
    elif period.unit == "week":
        borders = (start + timedelta(days=3), start + timedelta(days=3))
        if edge == "middle":
            return start + timedelta(days=2), start + timedelta(days=4)
    else:
        half = start + (end - start) / 2
        borders = (half, half)
    if edge == "start":
        return start, borders[0]
    if edge == "end":
        return borders[1], end
    return (borders[0], borders[1]) if borders[0] < borders[1] else _middle_third(start, end)


def _middle_third(start: date, end: date) -> tuple[date, date]:
    third = (end - start) // 3
    return start + third, end - third


def middle_day(start: date, end: date) -> date:
    """The day in the middle."""
    return start + timedelta(days=int((end - start).days / 2))


def later_in(setting: Setting, period: Period) -> Period:
    """What is still to come of a period, its second half or what is left of it."""
    halves = cut_edge(period, "end")
    spans = tuple((max(start, setting.today), end) for start, end in halves.options)
    return replace(
        halves, options=tuple(span for span in spans if span[0] < span[1]) or halves.options
    )


def rest_of(setting: Setting, period: Period) -> Period:
    """From today to the end of a period."""
    spans = tuple((max(start, setting.today), end) for start, end in period.options)
    return replace(period, options=tuple(span for span in spans if span[0] < span[1]))


def so_far(setting: Setting, period: Period) -> Period:
    """From the start of a period to today."""
    spans = tuple((start, setting.today) for start, _ in period.options if start <= setting.today)
    return replace(period, options=spans)


def decade(setting: Setting, first: int, in_century: int | None = None) -> Period | None:
    """The nineties: the last such decade, and the next."""
    if first % 10:
        return None
    if first >= 100:
        years = [first]
    elif in_century is not None:
        years = [in_century + first]
    else:
        this = setting.today.year // 100 * 100 + first
        years = [this - 100, this] if this > setting.today.year else [this, this - 100]
    spans = tuple(unit_span(date(one, 1, 1), "decade") for one in years if 1 < one < 9980)
    return Period(spans, "decade") if spans else None


def midnight(day: date) -> datetime:
    """The start of a day."""
    return datetime(day.year, day.month, day.day)
