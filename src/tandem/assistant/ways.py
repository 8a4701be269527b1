"""How long the ways are, by the user's own words: there is no map on the device.

A note called `ways` (or `travel times`, 路程) has a way a line: "Mesa Dental: 25 min" from home, or
"Studio > Mesa Dental: 10 min", 公司到图书馆：20分钟. Both directions count the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from tandem.understanding.known import Known, KnownEvent

NAMES = frozenset({"ways", "travel", "travel times", "travel-times", "路程", "路上时间", "路上"})
HOME = "home"
LEAST_GAP = timedelta(hours=3)
"""After so long the user is taken to have gone home in between."""
_LINE = re.compile(
    r"^[-*\s]*(?:(?P<start>.+?)\s*(?:->|→|>|–|—|\bto\b|到|至)\s*)?(?P<end>.+?)\s*[:：=]\s*"
    r"(?:about |约)?(?P<minutes>\d{1,4})\s*(?:min(?:ute)?s?\.?|m|'|分钟?)?\s*$",
    re.I,
)
_HOME = re.compile(r"^(?:home|my (?:home|place)|家里?|我家)$", re.I)


@dataclass(frozen=True, slots=True)
class Way:
    """From one place to another, in minutes; places as the user wrote them."""

    start: str
    end: str
    minutes: int


def ways_of(known: Known) -> tuple[Way, ...]:
    """What the user's note says; () without such a note. Lines of another form are left out."""
    found: list[Way] = []
    for note in known.notes:
        if note.name.strip().casefold() not in NAMES:
            continue
        for line in note.text.splitlines():
            if match := _LINE.match(line):
                start = match["start"] or HOME
                found.append(Way(_place(start), _place(match["end"]), int(match["minutes"])))
    return tuple(found)


def minutes_between(ways: Iterable[Way], one: str, other: str) -> int | None:
    """Minutes from one place to the other, `None` where no way is known; 0 within a place.

    A place is known by the words of the note ("Mesa Dental" in "Mesa Dental, 4 Main St").
    """
    if _same(one, other):
        return 0
    for way in ways:
        if (_is(way.start, one) and _is(way.end, other)) or (
            _is(way.start, other) and _is(way.end, one)
        ):
            return way.minutes
    return None


def origin_of(event: KnownEvent, known: Known) -> str:
    """Where the user comes from: the event that ended shortly before, else home."""
    before = [
        one
        for one in known.events
        if one.location
        and not one.is_all_day
        and one.end <= event.start
        and event.start - one.end < LEAST_GAP
        and one.uid != event.uid
    ]
    return max(before, key=lambda one: one.end).location if before else HOME


def too_near(event: KnownEvent, known: Known) -> list[tuple[KnownEvent, int]]:
    """Events from which, or to which, there is not time enough to go, with the minutes needed."""
    ways = ways_of(known)
    if not ways or not event.location or event.is_all_day:
        return []
    found: list[tuple[KnownEvent, int]] = []
    for other in known.events:
        if other.is_all_day or not other.location or other.uid == event.uid:
            continue
        gap = max(event.start - other.end, other.start - event.end)
        needed = minutes_between(ways, event.location, other.location)
        if needed and timedelta() <= gap < timedelta(minutes=needed):
            found.append((other, needed))
    return found


def _place(words: str) -> str:
    words = words.strip()
    return HOME if _HOME.match(words) else words


def _is(name: str, place: str) -> bool:
    if HOME in (name, place):
        return name == place
    said, where = name.casefold(), place.casefold()
    return said in where or where in said


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
