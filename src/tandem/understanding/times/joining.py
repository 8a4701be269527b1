"""From one thing to another: what the second end says, the first one borrows, and back. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from tandem.understanding.times.clocks import at_seconds, hours_between
from tandem.understanding.times.days import day_of, weekday_of
from tandem.understanding.times.periods import middle_day, midnight, month
from tandem.understanding.times.values import (
    Clock,
    Date,
    Hours,
    Moment,
    Period,
    Setting,
    Stretch,
)

End = Date | Period | Clock | Moment
Joined = Period | Hours | Stretch


def join(setting: Setting, first: End, last: End) -> Joined | None:
    """The range from one end to another, `None` where they do not go together."""
    if isinstance(first, Clock) and isinstance(last, Clock):
        return hours_between(first, last)
    if isinstance(first, Date | Period) and isinstance(last, Date | Period):
        return _days(setting, first, last)
    if isinstance(first, Clock | Moment) and isinstance(last, Clock | Moment):
        return _moments(setting, first, last)
    if isinstance(first, Moment) and isinstance(last, Date):
        return _stretch(first.options, tuple(midnight(day) for day in last.options))
    return None


# --- days ---------------------------------------------------------------------------------------


def _days(setting: Setting, first: Date | Period, last: Date | Period) -> Period | None:
    first = _borrow(setting, first, last)
    pairs: list[tuple[date, date]] = []
    through: list[date] = []
    for start in _starts(first):
        base = replace(setting, now=midnight(start), prefers_past=False)
        end = _end_after(base, first, last, start)
        if end is None:
            continue
        if (start, end[0]) not in pairs:
            pairs.append((start, end[0]))
            through.append(end[1])
    if not pairs:
        return None
    order = sorted(range(len(pairs)), key=lambda i: not pairs[i][0] <= setting.today < through[i])
    return Period(tuple(pairs[i] for i in order), "range", through=tuple(through[i] for i in order))


def _borrow(setting: Setting, first: Date | Period, last: Date | Period) -> Date | Period:
    """The start with the month and the year of the end, where it has none itself."""
    if isinstance(first, Date) and first.day is not None:
        month_number = first.month if first.month is not None else last.month
        year = first.year if first.month is not None else (first.year or last.year)
        if first.month is not None and first.year is None:
            year = _year_before(first.month, first.day, last)
        if (month_number, year) != (first.month, first.year):
            if month_number is not None:
                return day_of(setting, year=year, month=month_number, day=first.day) or first
        return first
    if isinstance(first, Period) and first.month is not None and first.year is None:
        year = _year_before(first.month, 1, last)
        if year is not None:
            return _edged(first, month(setting, first.month, year))
    return first


def _edged(like: Period, whole: Period | None) -> Period:
    return like if whole is None or like.edge else whole


def _year_before(month_number: int, day: int, last: Date | Period) -> int | None:
    """The year in which a day comes before an end whose year is known."""
    known = last.year
    if known is None:
        if isinstance(last, Date) and last.day is None and last.weekday is None and last.options:
            end = last.options[0]  # "today", a feast
            return end.year if (month_number, day) <= (end.month, end.day) else end.year - 1
        return None
    if last.month is None:
        return known
    end_day = last.day if isinstance(last, Date) and last.day is not None else 31
    return known if (month_number, day) <= (last.month, end_day) else known - 1


def _starts(first: Date | Period) -> tuple[date, ...]:
    if isinstance(first, Date):
        return first.options
    if first.edge == "end":
        return tuple(end for _, end in first.options)
    if first.edge == "middle":
        return tuple(_middle(first, span) for span in first.options)
    return tuple(start for start, _ in first.options)


def _middle(period: Period, span: tuple[date, date]) -> date:
    if period.unit == "month":
        return span[0].replace(day=16)
    if period.unit == "year":
        return middle_day(date(span[0].year, 1, 1), date(span[0].year + 1, 1, 1))
    return middle_day(*span)


def _end_after(
    base: Setting, first: Date | Period, last: Date | Period, start: date
) -> tuple[date, date] | None:
    """The end that follows a start: as said, and with its own last day included."""
    if isinstance(last, Date):
        options = _later_days(base, first, last, start)
        end = next((day for day in options if day > start), None)
        if end is None:
            end = next((day for day in options if day == start), None)
        return None if end is None else (end, end + timedelta(days=1))
    options_ = last.options
    if last.month is not None and last.year is None and not last.edge:
        options_ = (month(base, last.month) or last).options
    for span in sorted(options_):
        end = span[1] if last.edge == "end" else span[0]
        if last.edge == "middle":
            end = _middle(last, span)
        if end > start:
            return end, (end if last.edge else span[1])
    return None


def _later_days(base: Setting, first: Date | Period, last: Date, start: date) -> tuple[date, ...]:
    if last.day is not None and last.year is None:
        if last.month is None and first.month is not None and last.weekday is None:
            later = day_of(base, day=last.day)
        else:
            later = day_of(base, month=last.month, day=last.day, weekday=last.weekday)
        return tuple(sorted(later.options)) if later else ()
    if last.weekday is not None and last.day is None and len(last.options) > 1:
        return (weekday_of(base, last.weekday).options[0],)
    return tuple(sorted(last.options))


# --- moments ------------------------------------------------------------------------------------


def _moments(setting: Setting, first: Clock | Moment, last: Clock | Moment) -> Stretch | None:
    if isinstance(first, Moment) and isinstance(last, Clock):
        return _until_clock(first, last)
    if isinstance(first, Clock) and isinstance(last, Moment):
        # "From three to now", "from ten to noon on Friday": the day of the end.
        starts = tuple(at_seconds(end.date(), at) for end in last.options for at in first.options)
        return _stretch(starts, last.options, last.zone)
    if isinstance(first, Moment) and isinstance(last, Moment):
        return _stretch(first.options, last.options, first.zone or last.zone)
    return None


def _until_clock(first: Moment, last: Clock) -> Stretch | None:
    pairs: list[tuple[datetime, datetime]] = []
    for start in first.options:
        seconds = start.hour * 3600 + start.minute * 60 + start.second
        begins = Clock(start.hour, start.minute, start.second)
        for _, end in hours_between(begins, last).options:
            pairs.append((start, at_seconds(start.date(), end)))
            if end <= seconds:
                pairs.pop()
    return Stretch(tuple(pairs), first.zone or last.zone) if pairs else None


def _stretch(
    starts: tuple[datetime, ...], ends: tuple[datetime, ...], zone: str = ""
) -> Stretch | None:
    pairs: list[tuple[datetime, datetime]] = []
    for start in starts:
        after = sorted(end for end in ends if end > start)
        if after:
            pairs.append((start, after[0]))
    return Stretch(tuple(pairs), zone) if pairs else None
