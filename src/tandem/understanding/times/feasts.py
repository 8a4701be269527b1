"""Public holidays and feasts by name. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from tandem.understanding.times.days import around, nth_weekday
from tandem.understanding.times.lunar import last_of_year, lunar_date, new_moon, solar_term
from tandem.understanding.times.values import Date, Setting

Rule = Callable[[int], date | None]
"""The day of a feast in a year."""


def easter(year: int) -> date:
    """Western Easter (the anonymous Gregorian algorithm, Meeus, chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _fixed(month: int, day: int) -> Rule:
    return lambda year: date(year, month, day)


def _nth(month: int, weekday: int, ordinal: int, plus: int = 0) -> Rule:
    def rule(year: int) -> date | None:
        first = date(year, month, 1)
        after = date(year + month // 12, month % 12 + 1, 1)
        day = nth_weekday(first, after, weekday, ordinal)
        return None if day is None else day + timedelta(days=plus)

    return rule


def _easter(plus: int) -> Rule:
    return lambda year: easter(year) + timedelta(days=plus)


def _lunar(month: int, day: int) -> Rule:
    # Of the two lunar years that reach into a calendar year, the one that starts in it.
    return lambda year: lunar_date(year, month, day)


def _term(longitude: int) -> Rule:
    return lambda year: solar_term(year, longitude)


def _islamic(month: int, day: int) -> Rule:
    """By the new moon at Mecca: a month starts on the day after a new moon before sunset.

    That is how the Umm al-Qura calendar reckons, but for the moon's own setting; where the crescent
    is watched for, a month may start a day later.
    """

    def rule(year: int) -> date | None:
        # Month 10 of 1443 began after new moon 276, on 30 April 2022.
        first = round((year - 2022) * 12.3683) + 276
        for k in range(first - 14, first + 15):
            if (k - 276 + 9) % 12 + 1 != month:
                continue
            local = new_moon(k) + 3 / 24
            start = int(local) + (1 if local % 1 < 17 / 24 else 2)
            found = date(2000, 1, 1) + timedelta(days=start + day - 1)
            if found.year == year:
                return found
        return None

    return rule


FEASTS: dict[str, Rule] = {
    "new-year": _fixed(1, 1),
    "new-year-eve": _fixed(12, 31),
    "martin-luther-king": _nth(1, 0, 3),
    "groundhog": _fixed(2, 2),
    "valentine": _fixed(2, 14),
    "presidents": _nth(2, 0, 3),
    "women": _fixed(3, 8),
    "tree": _fixed(3, 12),
    "pi": _fixed(3, 14),
    "patrick": _fixed(3, 17),
    "fools": _fixed(4, 1),
    "earth": _fixed(4, 22),
    "labour": _fixed(5, 1),
    "youth": _fixed(5, 4),
    "mother": _nth(5, 6, 2),
    "memorial": _nth(5, 0, -1),
    "children": _fixed(6, 1),
    "father": _nth(6, 6, 3),
    "juneteenth": _fixed(6, 19),
    "party": _fixed(7, 1),
    "independence": _fixed(7, 4),
    "bastille": _fixed(7, 14),
    "army": _fixed(8, 1),
    "us-labor": _nth(9, 0, 1),
    "teacher": _fixed(9, 10),
    "china-national": _fixed(10, 1),
    "columbus": _nth(10, 0, 2),
    "halloween": _fixed(10, 31),
    "all-saints": _fixed(11, 1),
    "guy-fawkes": _fixed(11, 5),
    "veterans": _fixed(11, 11),
    "singles": _fixed(11, 11),
    "thanksgiving": _nth(11, 3, 4),
    "black-friday": _nth(11, 3, 4, 1),
    "cyber-monday": _nth(11, 3, 4, 4),
    "christmas-eve": _fixed(12, 24),
    "christmas": _fixed(12, 25),
    "boxing": _fixed(12, 26),
    "early-may": _nth(5, 0, 1),
    "spring-bank": _nth(5, 0, -1),
    "summer-bank": _nth(8, 0, -1),
    "shrove-tuesday": _easter(-47),
    "ash-wednesday": _easter(-46),
    "mothering": _easter(-21),
    "palm-sunday": _easter(-7),
    "maundy-thursday": _easter(-3),
    "good-friday": _easter(-2),
    "easter": _easter(0),
    "easter-monday": _easter(1),
    "ascension": _easter(39),
    "pentecost": _easter(49),
    "ramadan": _islamic(9, 1),
    "eid-al-fitr": _islamic(10, 1),
    "eid-al-adha": _islamic(12, 10),
    "laba": lambda year: lunar_date(year - 1, 12, 8),
    "little-new-year": lambda year: lunar_date(year - 1, 12, 23),
    "spring-eve": lambda year: last_of_year(year - 1),
    "spring-festival": _lunar(1, 1),
    "lantern": _lunar(1, 15),
    "qingming": _term(15),
    "dragon-boat": _lunar(5, 5),
    "qixi": _lunar(7, 7),
    "ghost": _lunar(7, 15),
    "mid-autumn": _lunar(8, 15),
    "double-ninth": _lunar(9, 9),
    "winter-solstice": _term(270),
    "summer-solstice": _term(90),
}
"""The feasts by key. The two-week clock changes and moved bridge days are not in it."""


def feast(setting: Setting, key: str, year: int | None = None) -> Date | None:
    """The day of a feast in a year, or the next and the last one."""
    rule = FEASTS[key]
    if year is not None:
        day = rule(year) if 1 < year < 9998 else None
        return None if day is None else Date((day,), year, day.month, day.day)
    now = setting.today.year
    days = [day for one in (now - 1, now, now + 1) if (day := rule(one)) is not None]
    return Date(around(setting, days), timex=key)
