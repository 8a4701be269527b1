"""A sentence with its times as single signs, so that patterns can speak of what stands around them.

What the speaker takes back ("at three, no, four") is gone; ways to say a time that hide from the
normaliser ("the first Monday" of "next month", said the other way round) are turned about first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import ModuleType

from tandem.understanding.known import Known
from tandem.understanding.moments import borders_of, setting_of, when_of
from tandem.understanding.reading import When
from tandem.understanding.times import TimeExpression, find

FIRST_SIGN = 0xE100
SIGN = "[\ue100-\ue1ff]"
"""One private character for each time; its number is the time's."""
MENDED = "\ue0f0"
"""Stands where the speaker corrects what was said just before."""
APART = " ; "


@dataclass(frozen=True, slots=True)
class Marked:
    """The words with signs in them, and what each sign stands for."""

    words: str
    times: tuple[TimeExpression, ...]

    def time(self, sign: str) -> TimeExpression:
        """The time behind a sign."""
        return self.times[ord(sign) - FIRST_SIGN]

    def of(self, words: str) -> list[TimeExpression]:
        """The times that stand in a piece of the words, in their order."""
        return [self.time(sign) for sign in re.findall(SIGN, words)]

    def plain(self, words: str) -> str:
        """A piece with its times as they were said."""
        return re.sub(SIGN, lambda sign: self.time(sign[0]).text, words)


def marked(text: str, known: Known, table: ModuleType) -> Marked:
    """The sentence with signs."""
    for pattern, better in table.TURNED:
        text = pattern.sub(better, text)
    text = table.CORRECTION.sub(table.corrected, text)
    found = [one for one in find(text, setting_of(known)) if _tells(one, text, table)]
    parts, at = list[str](), 0
    for number, one in enumerate(found[:200]):
        parts += [text[at : one.start], chr(FIRST_SIGN + number)]
        at = one.end
    return Marked("".join((*parts, text[at:])), tuple(found))


def _tells(one: TimeExpression, text: str, table: ModuleType) -> bool:
    """Whether it tells a time here, and not a house number or a "just now"."""
    if one.best is None or one.best.timex.endswith("_REF"):
        return False
    return table.NO_TIME.search(text[: one.start] + MENDED + text[one.start : one.end]) is None


def is_length(one: TimeExpression) -> bool:
    """A length of time, not a moment."""
    return bool(one.readings) and one.readings[0].kind == "duration"


def has_clock(one: TimeExpression, known: Known) -> bool:
    """Whether a time of day is told."""
    when = None if is_length(one) else when_of(one.text, known)
    return when is not None and when.has_time


# --- from times to one moment -------------------------------------------------------------------


def moment_of(said: Sequence[TimeExpression], known: Known) -> When | None:
    """All times of one entry as one moment."""
    words = [one.text for one in said if not is_length(one)]
    if not words:
        return None
    joined = when_of(APART.join(words), known)
    if joined is None or len(words) < 2:
        return joined
    each = [when for one in words if (when := when_of(one, known)) is not None]
    return _within(_days_in_a_row(joined, each), each)


def _days_in_a_row(joined: When, each: Sequence[When]) -> When:
    """ "The 14th and 15th" are two days."""
    days = [one for one in each if one.has_date and not one.has_time and one.end is None]
    if len(days) != len(each) or len(days) < 2 or any(one.recurrence for one in days):
        return joined
    last = days[-1].start.date()
    firsts = [last - timedelta(days=len(days) - 1 - at) for at in range(len(days))]
    if [one.day for one in firsts] != [one.start.day for one in days]:
        return joined
    zone = days[-1].start.tzinfo
    start = datetime.combine(firsts[0], days[-1].start.time(), zone)
    return replace(joined, start=start, end=days[-1].start + timedelta(days=1), has_time=False)


def _within(joined: When, each: Sequence[When]) -> When:
    """ "Next week, say Wednesday at ten": the Wednesday of that week."""
    spans = [one for one in each if one.has_date and not one.has_time and one.end is not None]
    points = [one for one in each if one not in spans and one.has_date and not one.recurrence]
    if len(spans) != 1 or len(points) != 1 or joined.recurrence:
        return joined
    (first, last), point = borders_of(spans[0]), points[0]
    moved = point.start
    while moved < first:
        moved += timedelta(days=7)
    if not first <= moved < last:
        return joined
    return replace(point, start=moved, end=point.end and point.end + (moved - point.start))


def mended(before: When | None, after: When | None) -> When | None:
    """What holds after a correction: the new time, with what it leaves unsaid of the old one."""
    if before is None or after is None:
        return after or before
    if after.has_date and after.has_time:
        return after
    if after.has_date:
        start = datetime.combine(after.start.date(), before.start.time(), before.start.tzinfo)
        end = before.end and start + (before.end - before.start)
        return replace(before, start=start, end=end, has_date=True)
    clock = after.start.time()
    if before.has_time and before.start.hour >= 12 > clock.hour >= 1 and after.end is None:
        clock = clock.replace(hour=clock.hour + 12)
    start = datetime.combine(before.start.date(), clock, before.start.tzinfo)
    end = after.end and start + (after.end - after.start)
    return replace(before, start=start, end=end, has_time=True)
