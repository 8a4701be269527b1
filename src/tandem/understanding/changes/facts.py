"""What becomes different about an event: its time, its end, its length, its place. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import ModuleType

from tandem.understanding.changes.pieces import GONE, Piece, end_after, is_now, moment
from tandem.understanding.changes.targets import Target
from tandem.understanding.known import Known, KnownEvent
from tandem.understanding.reading import Filled, Value, When
from tandem.understanding.terms import overlap, terms
from tandem.understanding.tokens import is_chinese


@dataclass(frozen=True, slots=True)
class Said:
    """The parts of a sentence: `text` as it is read, `plain` with signs for titles and times."""

    text: str
    plain: str
    pieces: tuple[Piece, ...]
    event: KnownEvent
    target: Target


def is_said(facts: Mapping[str, Filled], said: Said, left: int, table: ModuleType) -> bool:
    """Whether a word says that something becomes different, one that fits what does."""
    directed = ("later", "earlier", "longer", "shorter")
    if any(one.role in directed for one in said.pieces):
        return True
    if "place" in facts or table.MOVES.search(said.plain):
        return True
    is_well_named = said.target.share >= _WELL or is_chinese(said.text)
    if table.WEAK.search(said.plain) and is_well_named and not left:
        return True
    has_end = any(one.role == "end" for one in said.pieces)
    return (has_end or set(facts) != {"when"}) and table.STRETCHES.search(said.plain) is not None


_WELL = 0.6
"""So much of a title's weight names it well."""


def facts_of(said: Said, known: Known, table: ModuleType) -> dict[str, Filled] | None:
    """What becomes different; `None` where a time or a length found no use."""
    facts: dict[str, Filled] = {}
    event = said.event
    now = [one for one in said.pieces if one.length is None and _is_old(one, said, table)]
    new = [one for one in said.pieces if one.length is None and one not in now]
    new = [_put_off(one, said, table) for one in _after_so(new, said, table)]
    lengths = _lengths(said)
    if lengths is None:
        return None
    ends = [one for one in new if one.role == "end"]
    new = [one for one in new if one.role != "end" and not (one.role == "from" and not now)]
    if place := _place(said, table):
        facts["place"] = place
    if new:
        when = moment(new, known)
        if when is None or any(one.is_range for one in new):
            return None
        if event.is_all_day and when.has_time and not when.has_date:
            return None  # a fair of three days that opens at nine
        words = " ; ".join(one.text for one in new)
        facts["when"] = Filled(words, _near_by(_nearest(when, new, event), words, event, known))
        lengths.pop("shift", None)  # "a day later, so Wednesday the 4th" says it twice
    if any(_is_elsewhere(one, said) for one in ends):
        return None
    if ends and not _with_end(facts, ends, said):
        return None
    facts |= lengths
    if not facts and said.event.is_all_day:
        return facts
    return facts


def _is_elsewhere(one: Piece, said: Said) -> bool:
    """Whether it stands in another clause of an English sentence, which is about something else."""
    at = said.target.units[0].start
    between = said.plain[min(at, one.start) : max(at, one.start)]
    return not is_chinese(said.text) and re.search(r"[,.;] ", between) is not None


def _is_old(one: Piece, said: Said, table: ModuleType) -> bool:
    """A time at which the event is, or which the words take back."""
    if one.role == "old":
        return True
    if one.role == "end" or not is_now(one, said.event):
        return False
    return True


def _put_off(one: Piece, said: Said, table: ModuleType) -> Piece:
    """ "Till Wednesday" is no end of something that takes an hour, nor is what it waits for."""
    if one.role != "end" or (one.has_clock and not table.WAITS.search(said.plain)):
        return one
    return replace(one, role="new", text=table.UNTIL.sub("at " * one.has_clock, one.text))


def _after_so(new: list[Piece], said: Said, table: ModuleType) -> list[Piece]:
    """Of times before and after "so move it to ..." those after, where there are any."""
    so = table.SO.search(said.plain)
    after = [one for one in new if so is not None and one.start >= so.end()]
    return after or new


def _lengths(said: Said) -> dict[str, Filled] | None:
    """Each length by its purpose; one that the event has now is no new one."""
    found: dict[str, Filled] = {}
    span = said.event.end - said.event.start
    given = [one for one in said.pieces if one.length is not None and one.role != "old"]
    if len(given) > 1:
        given = [one for one in given if one.length != span or one.role not in ("", "duration")]
    for one in given:
        assert one.length is not None
        role = one.role or ("" if len(given) > 1 else _loose_role(one))
        slot = {"later": "shift", "earlier": "shift", "longer": "lengthen", "shorter": "lengthen",
                "duration": "duration"}.get(role)  # fmt: skip
        sign = -1 if role in ("earlier", "shorter") else 1
        if slot is None or (slot in found and found[slot].value != one.length * sign):
            return None
        found[slot] = Filled(one.text, one.length * sign)
    if "duration" in found:
        found.pop("lengthen", None)
    return found


def _loose_role(one: Piece) -> str:
    """A length without a word beside it: the new length, where it is as long as events are."""
    assert one.length is not None
    return "duration" if timedelta(minutes=5) <= one.length <= timedelta(hours=12) else ""


def _nearest(when: When, new: Sequence[Piece], event: KnownEvent) -> When:
    """Of two readings of a clock the one nearer to when the event is: "at seven" for one at eight
    in the morning.
    """
    if not when.has_time or when.end is not None or event.is_all_day:
        return when
    starts = [getattr(r.start, "hour", -1) for one in new if one.has_clock for r in one.readings]
    later = (when.start.hour + 12) % 24
    if later not in starts:
        return when
    old = event.start.hour * 60 + event.start.minute
    hours = sorted((when.start.hour, later), key=lambda h: abs(h * 60 + when.start.minute - old))
    return replace(when, start=when.start.replace(hour=hours[0]))


_DAY_ALONE = re.compile(r"(?:(?:on )?the )?\d{1,2}(?:st|nd|rd|th)\b|\d{1,2}[号日]", re.I)
_MONTH = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|月|\d/|\bnext\b", re.I
)


def _near_by(when: When, words: str, event: KnownEvent, known: Known) -> When:
    """A day of the month alone is the one nearest to the event: 23号 of one in October is not in
    September.
    """
    if not when.has_date or not _DAY_ALONE.search(words) or _MONTH.search(words):
        return when
    days: list[date] = []
    for months in (-1, 0, 1):
        month = event.start.month - 1 + months
        with suppress(ValueError):  # no 31st in that month
            days.append(date(event.start.year + month // 12, month % 12 + 1, when.start.day))
    coming = [day for day in days if day >= known.now.date() and _same_day(day, when, words)]
    if not coming:
        return when
    best = min(coming, key=lambda day: abs((day - event.start.date()).days))
    moved = best - when.start.date()
    return replace(when, start=when.start + moved, end=when.end and when.end + moved)


def _same_day(day: date, when: When, words: str) -> bool:
    """A weekday beside the number must fit: "Friday the 6th"."""
    has_weekday = re.search(r"\b\w+day\b|周|星期|礼拜", words) is not None
    return not has_weekday or day.weekday() == when.start.weekday()


def _with_end(facts: dict[str, Filled], ends: Sequence[Piece], said: Said) -> bool:
    """A new end: the start stays, or is the new one that was said."""
    event = said.event
    filled = facts.get("when")
    when = filled.value if filled is not None else None
    start = event.start
    if isinstance(when, When):
        if not when.has_time:
            return False
        start = when.start if when.has_date else datetime.combine(
            event.start.date(), when.start.time(), event.start.tzinfo
        )  # fmt: skip
    if len(ends) != 1 or event.is_all_day:
        return False
    end = end_after(ends[0], replace(event, start=start))
    if end is None or end == event.end:
        return False
    words = ends[0].text if filled is None else f"{filled.text} ; {ends[0].text}"
    value: Value = When(start, end, True, True)
    facts["when"] = Filled(words, value)
    return True


_HANGING = re.compile(r"\s+(?:in|on|at|from|for|by|to)$|^[来去到在](?=..)", re.I)


def _place(said: Said, table: ModuleType) -> Filled | None:
    """Where it is now, in the user's words."""
    for pattern in table.PLACES:
        for found in pattern.finditer(said.plain):
            start, end = found.span("place")
            place = _HANGING.sub("", said.text[start:end].strip(" ,."))
            if GONE in found["place"] or table.NO_PLACE.match(place):
                continue
            if said.event.location and overlap(terms(place), said.event.location) >= 0.9:
                continue
            return Filled(place, place)
    return None
