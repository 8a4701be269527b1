"""The Chinese calendar against almanac dates."""

from __future__ import annotations

from datetime import date

import pytest

from tandem.understanding.times.feasts import FEASTS, easter
from tandem.understanding.times.lunar import last_of_year, lunar_date, solar_term


@pytest.mark.parametrize(
    ("year", "new_year"),
    [
        (1984, date(1984, 2, 2)),
        (2000, date(2000, 2, 5)),
        (2023, date(2023, 1, 22)),
        (2025, date(2025, 1, 29)),
        (2026, date(2026, 2, 17)),
        (2027, date(2027, 2, 6)),
        (2033, date(2033, 1, 31)),
        (2034, date(2034, 2, 19)),
    ],
)
def test_new_year(year: int, new_year: date) -> None:
    """New year, also around the odd year 2033."""
    assert lunar_date(year, 1, 1) == new_year


@pytest.mark.parametrize(
    ("fields", "first"),
    [
        ((2020, 4), date(2020, 5, 23)),
        ((2023, 2), date(2023, 3, 22)),
        ((2025, 6), date(2025, 7, 25)),
        ((2033, 11), date(2033, 12, 22)),
    ],
)
def test_leap_months(fields: tuple[int, int], first: date) -> None:
    """Leap months start where almanacs have them, and exist in no other year."""
    year, month = fields
    assert lunar_date(year, month, 1, is_leap=True) == first
    assert lunar_date(year + 1, month, 1, is_leap=True) is None


def test_days_that_do_not_exist() -> None:
    """Out of range is no day; day 30 of a short month is its last."""
    assert lunar_date(2026, 13, 1) is None
    assert lunar_date(2026, 1, 31) is None
    assert last_of_year(2026) == date(2027, 2, 5)


def test_feasts() -> None:
    """Some feasts of 2026, by the sun, the moon and the week."""
    days = {
        "qingming": date(2026, 4, 5),
        "dragon-boat": date(2026, 6, 19),
        "mid-autumn": date(2026, 9, 25),
        "winter-solstice": date(2026, 12, 22),
        "eid-al-fitr": date(2026, 3, 20),
        "thanksgiving": date(2026, 11, 26),
        "good-friday": date(2026, 4, 3),
    }
    assert {key: FEASTS[key](2026) for key in days} == days
    assert easter(2038) == date(2038, 4, 25)
    assert solar_term(2026, 0) == date(2026, 3, 20)
