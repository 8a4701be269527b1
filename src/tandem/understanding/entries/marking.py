"""A sentence with its times as single signs, so that patterns can speak of what stands around them.

What the speaker takes back ("at three, no, four") is gone; ways to say a time that hide from the
normaliser ("the first Monday" of "next month", said the other way round) are turned about first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from types import ModuleType

from dateutil.rrule import rrulestr

from tandem.understanding.known import Known
from tandem.understanding.moments import borders_of, setting_of, when_of
from tandem.understanding.reading import When
from tandem.understanding.times import TimeExpression, find

FIRST_SIGN = 0xE100
SIGN = "[\ue100-\ue1ff]"
"""One private character for each time; its number is the time's."""
MENDED = "\ue0f0"
"""Stands where the speaker corrects what was said just before."""
BREAK = "\ue0f1"
"""Stands where no time may reach across."""
APART = " ; "
MASKED = str.maketrans("早晚夜午晨", "\ue211\ue212\ue213\ue214\ue215")
"""Characters that are a part of a day elsewhere: 早班, 夜跑."""
NUMBERED = str.maketrans(
    "0123456789", "\ue220\ue221\ue222\ue223\ue224\ue225\ue226\ue227\ue228\ue229"
)
"""Digits of a house: "at 12 Elm Street" is no hour."""
UNMASKED = {number: chr(char) for char, number in (*MASKED.items(), *NUMBERED.items())}


@dataclass(frozen=True, slots=True)
class Marked:
    """The words with signs in them, and what each sign stands for."""

    words: str
    times: tuple[TimeExpression, ...]
    title: str = ""
    """The sentence that names it, where another tells when."""

    def time(self, sign: str) -> TimeExpression:
        """The time behind a sign."""
        return self.times[ord(sign) - FIRST_SIGN]

    def of(self, words: str) -> list[TimeExpression]:
        """The times that stand in a piece of the words, in their order."""
        return [self.time(sign) for sign in re.findall(SIGN, words)]

    def plain(self, words: str) -> str:
        """A piece with its times as they were said."""
        said = re.sub(SIGN, lambda sign: self.time(sign[0]).text, words)
        return said.translate(UNMASKED).replace(BREAK, "").replace(MENDED, " ")


def marked(text: str, known: Known, table: ModuleType) -> Marked:
    """The sentence with signs."""
    text = spelt(text)
    for pattern, better in table.TURNED:
        text = pattern.sub(better, text)
    text = table.CORRECTION.sub(table.corrected, text)
    found = [one for one in find(text, setting_of(known)) if _tells(one, text, known, table)]
    parts, at = list[str](), 0
    for number, one in enumerate(found[:200]):
        parts += [text[at : one.start], chr(FIRST_SIGN + number)]
        at = one.end
    return Marked("".join((*parts, text[at:])), tuple(found))


def _tells(one: TimeExpression, text: str, known: Known, table: ModuleType) -> bool:
    """Whether it tells a time here, and not a house number or a "just now"."""
    if one.best is None or one.best.timex.endswith("_REF"):
        return False
    start = one.best.start
    if isinstance(start, date) and not known.now.year - 90 <= start.year <= known.now.year + 90:
        return False  # a flight's number is no year
    around = f"{text[: one.start]}{MENDED}{one.text}{MENDED}{text[one.end :]}"
    return table.NO_TIME.search(around) is None


_NAMES = (
    "monday tuesday wednesday thursday friday saturday sunday tomorrow tonight january february "
    "september october november december"
).split()
_WORD = re.compile(r"[A-Za-z]{6,10}")


def spelt(text: str) -> str:
    """Names of days and months with one slip of the keys put right: "thrusday", "tomorow"."""

    def right(found: re.Match[str]) -> str:
        word = found[0].lower()
        if word in _NAMES or word.rstrip("s") in _NAMES:
            return found[0]
        near = [name for name in _NAMES if name[0] == word[0] and _is_near(word, name)]
        return near[0] if len(near) == 1 else found[0]

    return _WORD.sub(right, text)


def _is_near(word: str, name: str) -> bool:
    """One letter too many, too few, wrong, or two that changed places."""
    if abs(len(word) - len(name)) > 1:
        return False
    start = 0
    while start < min(len(word), len(name)) and word[start] == name[start]:
        start += 1
    rest, wanted = word[start:], name[start:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return rest[1:] == wanted[1:] or rest[1:] == wanted or rest == wanted[1:] or swapped == wanted


def is_length(one: TimeExpression) -> bool:
    """A length of time, not a moment."""
    return bool(one.readings) and one.readings[0].kind == "duration"


def has_clock(one: TimeExpression, known: Known) -> bool:
    """Whether a time of day is told."""
    when = None if is_length(one) else when_of(one.text, known)
    return when is not None and when.has_time


# --- from times to one moment -------------------------------------------------------------------


def moment_of(
    said: Sequence[TimeExpression], known: Known, begins: Sequence[TimeExpression] = ()
) -> When | None:
    """All times of one entry as one moment. `begins`: those with "starting" or the like before.

    An end that is not behind its start was read wrongly: none is better.
    """
    when = _moment(said, known, begins)
    if when is not None and when.end is not None and when.end <= when.start:
        return replace(when, end=None)
    return when


def _moment(
    said: Sequence[TimeExpression], known: Known, begins: Sequence[TimeExpression]
) -> When | None:
    moments = [one for one in said if not is_length(one)]
    lengths = [one for one in said if is_length(one)]
    since = [one for one in moments if one in begins or _bound(one) in ("since", "after")]
    until = [one for one in moments if _bound(one) in ("until", "before")]
    plain = [one for one in moments if one not in since and one not in until]
    core = _joined(plain, known)
    if core is None or not core.recurrence:
        if core is not None and until and not core.has_time and core.end is None:
            last = _due(until[:1], known)
            if last is not None and not last.has_time and last.start > core.start:
                return replace(core, end=last.start + timedelta(days=1))
        return _due(until, known) if until and core is None else _joined(moments, known)
    spans = [one for one in plain if one.best is not None and one.best.kind == "daterange"]
    if spans:  # "every weekday for the rest of the year"
        core = _joined([one for one in plain if one not in spans], known) or core
        since, until = [*since, *spans], [*until, *spans]
    core = _bounded(core, since, until, known)
    return _counted(core, lengths)


def _joined(said: Sequence[TimeExpression], known: Known) -> When | None:
    words = [one.text for one in said]
    if not words:
        return None
    joined = when_of(APART.join(words), known)
    if joined is None or len(words) < 2:
        return joined
    each = [when for one in words if (when := when_of(one, known)) is not None]
    return _clocked(_within(_days_in_a_row(joined, each), each), each)


def _bound(one: TimeExpression) -> str:
    return one.best.bound if one.best is not None else ""


def _due(until: Sequence[TimeExpression], known: Known) -> When | None:
    """ "By Friday noon" as a point; by the end of a month is its last day."""
    best = until[0].best if until else None
    if best is None or best.end is None:
        return None
    zone = known.now.tzinfo
    end = best.end
    if isinstance(end, datetime):
        return When(end.replace(tzinfo=zone))
    if isinstance(end, time):
        start = datetime.combine(known.now.date(), end, zone)
        return When(start, has_date=False)
    if best.edge == "end" or end.day == 1:
        end -= timedelta(days=1)
    return When(datetime.combine(end, time(), zone), has_time=False)


def _bounded(
    when: When, since: Sequence[TimeExpression], until: Sequence[TimeExpression], known: Known
) -> When:
    """A repetition from a day on, up to a day."""
    rule = when.recurrence or ""
    first = _day(since[0].best.start) if since and since[0].best is not None else None
    if first is not None:
        begin = when.start.replace(year=first.year, month=first.month, day=first.day, tzinfo=None)
        plain = re.sub(r";?(?:UNTIL|COUNT)=[^;]*", "", rule)
        now = known.now.replace(tzinfo=None)
        begin = rrulestr(plain, dtstart=begin).after(max(now, begin), inc=True) or begin
        moved = begin.replace(tzinfo=when.start.tzinfo)
        when = replace(when, start=moved, end=when.end and moved + (when.end - when.start))
    last = _day(until[0].best.end) if until and until[0].best is not None else None
    if last is not None and "UNTIL" not in rule and "COUNT" not in rule:
        if last.day == 1:  # the end of a month or year, told as the day after it
            last -= timedelta(days=1)
        when = replace(when, recurrence=f"{rule};UNTIL={last:%Y%m%d}")
    return when


def _day(value: date | datetime | time | None) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


_PERIODS = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 30, "YEARLY": 365}


def _counted(when: When, lengths: Sequence[TimeExpression]) -> When:
    """ "Eight weeks of it": how often a repetition comes."""
    rule = when.recurrence or ""
    freq = re.search(r"FREQ=(\w+)", rule)
    period = _PERIODS.get(freq[1]) if freq is not None else None
    if period is None or "UNTIL" in rule or "COUNT" in rule:
        return when
    for one in lengths:
        length = one.best.length if one.best is not None else None
        days = length.seconds / 86400 if length is not None else 0
        every = int(found[1]) if (found := re.search(r"INTERVAL=(\d+)", rule)) else 1
        if days >= 2 * period:
            byday = re.search(r"BYDAY=([^;]+)", rule)
            times = len(byday[1].split(",")) if byday is not None and period == 7 else 1
            count = max(1, round(days / (period * every))) * times
            return replace(when, recurrence=f"{rule};COUNT={count}")
    return when


def due_alone(said: Sequence[TimeExpression], when: When | None) -> bool:
    """Whether it is only told by when something must be done."""
    bounds = [_bound(one) in ("until", "before") for one in said]
    return bool(bounds) and all(bounds) and when is not None and not when.recurrence


def is_count(one: TimeExpression, when: When | None) -> bool:
    """Whether a length says how long a repetition goes on, and not how long each time is."""
    length = one.best.length if one.best is not None else None
    return length is not None and length.seconds >= 86400 * (2 if when and when.recurrence else 28)


def _clocked(joined: When, each: Sequence[When]) -> When:
    """ "On the 5th in the afternoon, at three": the clock says when, the part which half."""
    parts = [one for one in each if one.is_part]
    clocks = [one for one in each if one.has_time and not one.is_part and one.end is None]
    if len(parts) != 1 or len(clocks) != 1 or joined.recurrence:
        return joined
    clock = clocks[0].start.time()
    if clock.hour < 12 <= parts[0].start.hour and 1 <= clock.hour:
        clock = clock.replace(hour=clock.hour + 12)
    day = next((one.start.date() for one in each if one.has_date), joined.start.date())
    start = datetime.combine(day, clock, joined.start.tzinfo)
    return replace(joined, start=start, end=None, has_time=True, is_part=False)


def _days_in_a_row(joined: When, each: Sequence[When]) -> When:
    """ "The 14th and 15th" are two days."""
    days = [one for one in each if one.has_date]
    clocked = [one for one in each if one.has_time and not one.is_part]
    if len(days) < 2 or len(clocked) > 1 or any(one.recurrence for one in each):
        return joined
    if any(one.end is not None and not one.has_time for one in days):
        return joined
    last = days[-1].start.date()
    firsts = [last - timedelta(days=len(days) - 1 - at) for at in range(len(days))]
    if [one.day for one in firsts] != [one.start.day for one in days]:
        return joined
    zone = days[-1].start.tzinfo
    if clocked:  # the same hours on each
        clock = clocked[0]
        start = datetime.combine(firsts[0], clock.start.time(), zone)
        end = clock.end and start + (clock.end - clock.start)
        return When(start, end, recurrence=f"FREQ=DAILY;COUNT={len(days)}")
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
