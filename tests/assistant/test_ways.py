"""Travel times come from the user's own note, and nothing is made up without it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tandem.assistant.ways import HOME, minutes_between, origin_of, too_near, ways_of
from tandem.understanding.known import Known, KnownEvent, KnownNote

NOTE = """# How long it takes
- Mesa Dental: 25 min
Studio > Mesa Dental: 10 minutes
from the heart to home
公司到图书馆：20分钟
Old Mill = 5
"""
NINE = datetime(2026, 3, 12, 9, tzinfo=UTC)


def event(uid: str, place: str, start: datetime, hours: float = 1) -> KnownEvent:
    return KnownEvent(uid, uid, start, start + timedelta(hours=hours), location=place)


STUDIO = event("stand-up", "Larkfield Studio, Dock 3", NINE)
DENTIST = event("dentist", "Mesa Dental, 4 Main St", NINE + timedelta(minutes=65))
LATE = event("late", "Old Mill", NINE + timedelta(hours=9))
KNOWN = Known(NINE, "UTC", events=(STUDIO, DENTIST, LATE), notes=(KnownNote("Ways", NOTE),))


@pytest.mark.parametrize(
    ("one", "other", "minutes"),
    [
        (HOME, "Mesa Dental, 4 Main St", 25),
        ("Mesa Dental", HOME, 25),
        ("Studio", "mesa dental", 10),
        ("Larkfield Studio, Dock 3", "Mesa Dental, 4 Main St", 10),
        ("图书馆", "公司", 20),
        (HOME, "Old Mill", 5),
        (HOME, "the moon", None),
        ("Old Mill", "Mesa Dental", None),
    ],
)
def test_a_way_is_known_in_both_directions(one: str, other: str, minutes: int | None) -> None:
    """By the note's words within a place; unknown ways stay unknown."""
    assert minutes_between(ways_of(KNOWN), one, other) == minutes


def test_without_a_note_nothing_is_known() -> None:
    assert ways_of(Known(NINE, "UTC", notes=(KnownNote("other", NOTE),))) == ()
    assert too_near(DENTIST, Known(NINE, "UTC", events=(STUDIO,))) == []


def test_one_comes_from_the_event_before_else_from_home() -> None:
    assert origin_of(DENTIST, KNOWN) == STUDIO.location
    assert origin_of(LATE, KNOWN) == HOME
    assert origin_of(STUDIO, KNOWN) == HOME


def test_too_near_is_a_gap_shorter_than_the_way() -> None:
    """Five minutes for a way of ten; ten would do."""
    assert too_near(DENTIST, KNOWN) == [(STUDIO, 10)]
    later = event("dentist", DENTIST.location, NINE + timedelta(minutes=70))
    assert too_near(later, KNOWN) == []
