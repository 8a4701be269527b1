"""Dates and times written in figures: 2026-03-11, 3/4, 7:30, 1400, 21st, 2.5.

Every pattern is of bounded length, so the work grows linearly with the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from tandem.understanding.times.values import Clock, Conventions, Date

Shape = tuple[int, int, str, Any]
"""First and last character (exclusive), symbol, meaning."""

# Not inside a longer number, an address or a phone number.
_BEFORE = r"(?<![\d])(?<!\d[-/.:])"
_AFTER = r"(?!\d)(?![-/.:]\d)"


def shapes_in(text: str, conventions: Conventions) -> list[Shape]:
    """All shapes of a plain text."""
    if not any(character.isdigit() for character in text):
        return []
    found: list[Shape] = []
    for pattern, meaning in _SHAPES:
        for match in pattern.finditer(text):
            for symbol, value in meaning(match, conventions):
                found.append((match.start(), match.end(), symbol, value))
    return found


Meanings = Iterator[tuple[str, Any]]


def whole_year(year: int) -> int:
    """The year that two figures stand for: the past century's unless it is near."""
    if year >= 100:
        return year
    return 2000 + year if year < 40 else 1900 + year


def exact(year: int, month: int, day: int) -> Date:
    """One day. No options where there is no such day."""
    try:
        options = (date(year, month, day),)
    except ValueError:
        options = ()
    return Date(options, year, month, day, timex=f"{year:04}-{month:02}-{day:02}")


def _is_day(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= 31


def _year_first(match: re.Match[str], _: Conventions) -> Meanings:
    year, month, day = int(match["y"]), int(match["m"]), int(match["d"])
    if _is_day(month, day):
        yield "DATE", exact(year, month, day)


def _year_last(match: re.Match[str], conventions: Conventions) -> Meanings:
    first, second, year = int(match["a"]), int(match["b"]), int(match["y"])
    if len(match["y"]) == 2 and conventions.year_first and _is_day(second, year):
        yield "DATE", exact(2000 + first, second, year)
        return
    for symbol, (month, day) in zip(
        ("DATE", "OTHERDATE"), _orders(first, second, conventions), strict=False
    ):
        if len(match["y"]) == 2:
            near = whole_year(year)
            far = near + 100 if near < 2000 else near - 100
            options = exact(near, month, day).options + exact(far, month, day).options
            yield symbol, Date(options, near, month, day)
        else:
            yield symbol, exact(year, month, day)


def _orders(first: int, second: int, conventions: Conventions) -> list[tuple[int, int]]:
    """Month and day, in the order of the place and then in the other."""
    orders = [(first, second), (second, first)]
    if conventions.day_first:
        orders.reverse()
    return [fields for fields in dict.fromkeys(orders) if _is_day(*fields)]


def _month_and_day(match: re.Match[str], conventions: Conventions) -> Meanings:
    first, second = int(match["a"]), int(match["b"])
    fitting = _orders(first, second, conventions)
    for other, fields in zip(("", "OTHER"), fitting, strict=False):
        kind = "MD" if match["s"] == "/" else "DASHED"
        yield kind + other, fields


def _year_and_month(match: re.Match[str], _: Conventions) -> Meanings:
    year, month = int(match["y"]), int(match["m"])
    if 1 <= month <= 12 and 1000 <= year < 3000:
        yield "YM", (year, month)


def _month_and_year(match: re.Match[str], _: Conventions) -> Meanings:
    year, month = int(match["y"]), int(match["m"])
    if 1 <= month <= 12 and 1000 <= year < 3000:
        yield "YM", (year, month)


def _clock(match: re.Match[str], _: Conventions) -> Meanings:
    hour, minute, second = int(match["h"]), int(match["m"]), int(match["s"] or 0)
    if hour <= 24 and minute < 60 and second < 60:
        yield "CLOCK", Clock(hour, minute, second, is_open=1 <= hour <= 12)


def _dotted(match: re.Match[str], _: Conventions) -> Meanings:
    hour, minute = int(match["h"]), int(match["m"])
    if hour < 24 and minute < 60:
        yield "DOTTED", Clock(hour, minute, is_open=1 <= hour <= 12)


def _four_figures(match: re.Match[str], _: Conventions) -> Meanings:
    hour, minute = int(match["h"]), int(match["m"])
    # 1994 and 2026 are years to most readers.
    if hour < 24 and minute < 60 and not 1900 <= int(match[0]) < 2100:
        yield "MILITARY", Clock(hour, minute, is_open=1 <= hour <= 12)


def _three_figures(match: re.Match[str], _: Conventions) -> Meanings:
    hour, minute = int(match["h"]), int(match["m"])
    if hour and minute < 60:
        yield "SHORT", Clock(hour, minute, is_open=True)


def _ordinal(match: re.Match[str], _: Conventions) -> Meanings:
    yield "ORD", int(match["n"])


def _number(match: re.Match[str], _: Conventions) -> Meanings:
    yield "NUM", float(match[0])


def _grouped(match: re.Match[str], _: Conventions) -> Meanings:
    yield "NUM", float(match[0].replace(",", ""))


_LETTERS = {"s": "second", "h": "hour", "d": "day", "w": "week", "y": "year"}


def _letter(match: re.Match[str], _: Conventions) -> Meanings:
    yield "UNIT", _LETTERS[match[0]]


def _half_day(match: re.Match[str], _: Conventions) -> Meanings:
    yield "AMPM", match[0] == "p"


def _stamp(match: re.Match[str], _: Conventions) -> Meanings:
    day = exact(int(match["y"]), int(match["m"]), int(match["d"]))
    hour, minute = int(match["h"]), int(match["n"])
    if day.options and hour < 24 and minute < 60:
        zone = "UTC" if match["z"] == "z" else (match["z"] or "")
        yield "STAMP", (day, Clock(hour, minute, int(match["s"] or 0), zone=zone))


Meaning = Callable[[re.Match[str], Conventions], Meanings]

_SHAPES: tuple[tuple[re.Pattern[str], Meaning], ...] = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (
            r"(?<!\d)(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})[t ](?P<h>\d{2}):(?P<n>\d{2})"
            r"(?::(?P<s>\d{2}))?(?:\.\d{1,7})?(?P<z>z|[+-]\d{2}:?\d{2})?(?!\d)",
            _stamp,
        ),
        (
            r"(?<!\d)(?<!\d[./])(?P<y>\d{4})(?P<x>[-/.])(?P<m>\d{1,2})(?P=x)(?P<d>\d{1,2})(?!\d)",
            _year_first,
        ),
        (_BEFORE + r"(?P<y>[12]\d{3})(?P<m>[01]\d)(?P<d>[0-3]\d)" + _AFTER, _year_first),
        (
            r"(?<!\d)(?<!\d\.)(?P<a>\d{1,2})(?P<x>[-/.])(?P<b>\d{1,2})(?P=x)"
            r"(?P<y>\d{4}|\d{2})(?!\d)(?!\.\d)",
            _year_last,
        ),
        (
            r"(?<!\d)(?<!\d[.:/])(?P<a>\d{1,2})(?P<s>[-/])(?P<b>\d{1,2})(?!\d)(?![/.]\d)",
            _month_and_day,
        ),
        (r"(?<!\d)(?<!\d[-/.])(?P<y>\d{4})[-/](?P<m>\d{1,2})(?!\d)(?![-/.:]\d)", _year_and_month),
        (r"(?<!\d)(?<!\d[-/.])(?P<m>\d{1,2})[-/](?P<y>\d{4})(?!\d)", _month_and_year),
        (r"(?<![\d:])(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2}))?(?![\d:])", _clock),
        (r"(?<!\d)(?<!\d\.)(?P<h>\d{1,2})\.(?P<m>\d{2})(?!\d)(?!\.\d)", _dotted),
        (r"(?<!\d)(?P<h>\d{2})(?P<m>\d{2})(?!\d)", _four_figures),
        (r"(?<!\d)(?P<h>\d)(?P<m>\d{2})(?!\d)", _three_figures),
        (r"(?<!\d)(?P<n>\d{1,2})(?:st|nd|rd|th)(?![a-z])", _ordinal),
        (r"(?<=\d)[shdwy](?![a-z'])", _letter),
        (r"(?<=\d)[ap](?![a-z])", _half_day),
        (r"(?<!\d)(?<!\d\.)\d{1,6}\.\d{1,6}(?!\.?\d)", _number),
        (r"(?<!\d)\d{1,3}(?:,\d{3}){1,3}(?!\d)", _grouped),
    )
)
