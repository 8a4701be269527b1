"""The Chinese calendar, computed: months start on the day of the new moon at 120° east.

New moons after Meeus, Astronomical Algorithms (2nd ed.), chapter 49, the sun's longitude after
chapter 25 (0.01°). Both are right to minutes between 1700 and 2300, which moves a month only when
the new moon falls within minutes of midnight. The rules are those of GB/T 33661-2017: the winter
solstice is in month 11, and a year of 13 months repeats the first month without a major solar term.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import lru_cache

_SYNODIC = 29.530588861
_EPOCH = date(2000, 1, 1)
_EPOCH_JD = 2451544.5  # midnight UT of 2000-01-01
_CHINA = 8 / 24

# Amplitude (days), multiples of E, of the sun's anomaly, the moon's, and the moon's latitude.
_NEW_MOON = (
    (-0.40720, 0, 0, 1, 0), (0.17241, 1, 1, 0, 0), (0.01608, 0, 0, 2, 0), (0.01039, 0, 0, 0, 2),
    (0.00739, 1, -1, 1, 0), (-0.00514, 1, 1, 1, 0), (0.00208, 2, 2, 0, 0), (-0.00111, 0, 0, 1, -2),
    (-0.00057, 0, 0, 1, 2), (0.00056, 1, 1, 2, 0), (-0.00042, 0, 0, 3, 0), (0.00042, 1, 1, 0, 2),
    (0.00038, 1, 1, 0, -2), (-0.00024, 1, -1, 2, 0), (-0.00007, 0, 2, 1, 0), (0.00004, 0, 0, 2, -2),
)  # fmt: skip
_PLANETS = (
    (0.000325, 299.77, 0.107408), (0.000165, 251.88, 0.016321), (0.000164, 251.83, 26.651886),
    (0.000126, 349.42, 36.412478), (0.000110, 84.66, 18.206239), (0.000062, 141.74, 53.303771),
    (0.000060, 207.14, 2.453732), (0.000056, 154.84, 7.306860), (0.000047, 34.52, 27.261239),
    (0.000042, 207.19, 0.121824), (0.000040, 291.34, 1.844379), (0.000037, 161.72, 24.198154),
    (0.000035, 239.56, 25.513099), (0.000023, 331.55, 3.592518),
)  # fmt: skip


def _sine(degrees: float) -> float:
    return math.sin(math.radians(degrees))


def _delta_t(year: float) -> float:
    """Days by which dynamical time is ahead of the earth's turning (a smooth estimate)."""
    return (62.92 + 0.32217 * (year - 2000) + 0.005589 * (year - 2000) ** 2) / 86_400


@lru_cache(maxsize=1024)
def new_moon(k: int) -> float:
    """New moon number k since January 2000, in days (UT) since the start of that year."""
    t = k / 1236.85
    day = 2451550.09766 + _SYNODIC * k + 0.00015437 * t * t
    eccentricity = 1 - 0.002516 * t - 0.0000074 * t * t
    sun = 2.5534 + 29.10535670 * k - 0.0000014 * t * t
    moon = 201.5643 + 385.81693528 * k + 0.0107582 * t * t
    latitude = 160.7108 + 390.67050284 * k - 0.0016118 * t * t
    node = 124.7746 - 1.56375588 * k + 0.0020672 * t * t
    for size, power, s, m, f in _NEW_MOON:
        day += size * eccentricity**power * _sine(s * sun + m * moon + f * latitude)
    day -= 0.00017 * _sine(node)
    for size, start, speed in _PLANETS:
        extra = -0.009173 * t * t if speed == 0.107408 else 0.0
        day += size * _sine(start + speed * k + extra)
    return day - _delta_t(2000 + t * 100) - _EPOCH_JD


def _new_moon(k: int) -> date:
    """Its day in China."""
    return _EPOCH + timedelta(days=math.floor(new_moon(k) + _CHINA))


def sun_longitude(jd: float) -> float:
    """The sun's apparent longitude in degrees at a Julian date (UT)."""
    t = (jd + _delta_t(2000 + (jd - 2451545) / 365.25) - 2451545.0) / 36525
    mean = 280.46646 + 36000.76983 * t + 0.0003032 * t * t
    anomaly = 357.52911 + 35999.05029 * t - 0.0001537 * t * t
    centre = (1.914602 - 0.004817 * t) * _sine(anomaly)
    centre += (0.019993 - 0.000101 * t) * _sine(2 * anomaly) + 0.000289 * _sine(3 * anomaly)
    return (mean + centre - 0.00569 - 0.00478 * _sine(125.04 - 1934.136 * t)) % 360


def _term_index(day: date) -> int:
    """Which twelfth of its way the sun is in at the start of a day in China."""
    return int(sun_longitude((day - _EPOCH).days + _EPOCH_JD - _CHINA) // 30)


@lru_cache(maxsize=512)
def solar_term(year: int, longitude: int) -> date:
    """The day, in China, on which the sun reaches a longitude (0 is the March equinox)."""
    guess = date(year, 3, 20) + timedelta(days=longitude / 360 * 365.2422)
    if guess.year > year:
        guess -= timedelta(days=365)
    day = guess - timedelta(days=4)
    for _ in range(10):
        start = (day - _EPOCH).days + _EPOCH_JD - _CHINA
        here = (sun_longitude(start) - longitude + 180) % 360 - 180
        there = (sun_longitude(start + 1) - longitude + 180) % 360 - 180
        if here < 0 <= there:
            return day
        day += timedelta(days=1)
    return guess


@lru_cache(maxsize=256)
def _months(year: int) -> tuple[tuple[int, bool, date], ...]:
    """Months from month 11 of the year before: number, is it a leap month, first day."""
    winter = [solar_term(year - 1, 270), solar_term(year, 270)]
    k = math.floor(((winter[0] - date(2000, 1, 6)).days) / _SYNODIC) + 1
    while _new_moon(k) > winter[0]:
        k -= 1
    starts = [_new_moon(k)]
    while (following := _new_moon(k + len(starts))) <= winter[1]:
        starts.append(following)
    months: list[tuple[int, bool, date]] = []
    has_leap = len(starts) == 14  # month 11 of this year is the last of them
    number = 10
    for index, start in enumerate(starts[:-1]):
        after = starts[index + 1]
        is_leap = has_leap and index > 0 and _term_index(start) == _term_index(after)
        if is_leap:
            has_leap = False
        else:
            number += 1
        months.append(((number - 1) % 12 + 1, is_leap, start))
    return tuple(months)


def lunar_date(year: int, month: int, day: int, *, is_leap: bool = False) -> date | None:
    """The day of a Chinese date: `year` is that in which the lunar new year falls.

    `None` when there is no such day. Day 30 of a short month is its last day, as for birthdays.
    """
    if not (1 <= month <= 12 and 1 <= day <= 30 and 1600 <= year <= 2400):
        return None
    # Months 11 and 12 are reckoned with the winter solstice that follows.
    rows = _months(year + 1) if month >= 11 else _months(year)
    starts = [*rows, (0, False, _months(year + 2 if month >= 11 else year + 1)[0][2])]
    for (number, leap, start), after in zip(rows, starts[1:], strict=True):
        if number == month and leap == is_leap:
            return start + timedelta(days=min(day, (after[2] - start).days) - 1)
    return None


def last_of_year(year: int) -> date | None:
    """New year's eve of a lunar year."""
    first = lunar_date(year + 1, 1, 1)
    return None if first is None else first - timedelta(days=1)
