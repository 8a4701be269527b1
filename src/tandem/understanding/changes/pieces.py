"""The times and lengths of a request for a change, each with what it is for. Pure.

A time at which the event is now names the event or what no longer holds; any other is new. So the
records tell the two apart, however the sentence is built.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from types import ModuleType

from tandem.understanding.known import Known, KnownEvent
from tandem.understanding.moments import length_of, setting_of, when_of
from tandem.understanding.reading import When
from tandem.understanding.times import TimeReading, find

GONE = "\ue0e1"
"""Stands for the characters of what was read already."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters `start` to `end` (exclusive). `role`: for lengths later, earlier, longer, shorter
    or duration; for moments new, end, old or from.
    """

    start: int
    end: int
    text: str
    role: str
    length: timedelta | None = None
    readings: tuple[TimeReading, ...] = ()

    @property
    def has_clock(self) -> bool:
        """Whether a time of day is told."""
        kinds = ("time", "datetime", "timerange", "datetimerange")
        return bool(self.readings) and self.readings[0].kind in kinds

    @property
    def has_day(self) -> bool:
        """Whether a day is told."""
        kinds = ("date", "datetime", "daterange", "datetimerange")
        return bool(self.readings) and self.readings[0].kind in kinds

    @property
    def is_range(self) -> bool:
        """Whether several days are told."""
        return bool(self.readings) and self.readings[0].kind == "daterange"


def pieces_of(text: str, known: Known, table: ModuleType) -> tuple[list[Piece], str]:
    """The lengths and moments of a text in their order, and the text with signs in their stead."""
    text = _hidden(table.SAME, text)
    found, text = _lengths(text, known, table)
    setting = setting_of(known)
    for one in find(text, setting):
        if one.best is None or one.best.timex.endswith("_REF") or one.best.kind == "set":
            continue
        if table.NO_TIME.fullmatch(one.text):
            continue
        if one.best.kind == "duration":
            length = length_of(one.text, known)
            role = _role(text, one.start, one.end, table)
            found.append(Piece(one.start, one.end, one.text, role, length))
        else:
            role = "end" if table.UNTIL.match(one.text) else ""
            words = table.LEADS.sub("", table.LEADS.sub("", one.text))
            found.append(Piece(one.start, one.end, words, role, None, tuple(one.readings)))
    text = _blanked(text, found)
    for hour in table.HOUR.finditer(text):
        said = find(f"at {hour['hour']}", setting)
        if said and said[0].readings:
            words = f"at {hour['hour']}"
            start, end = hour.span("hour")
            found.append(Piece(start, end, words, "", None, tuple(said[0].readings)))
    text = _blanked(text, found)
    found.sort(key=lambda one: one.start)
    return [_with_role(one, text, table) for one in found], text


def _hidden(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda found: GONE * len(found[0]), text)


def _lengths(text: str, known: Known, table: ModuleType) -> tuple[list[Piece], str]:
    """Lengths first: "an hour later" must not be taken for a moment of today."""
    found: list[Piece] = []
    for one in table.LENGTH.finditer(text):
        plain = table.DRESS.sub("", one[0])
        length = length_of(plain, known) or length_of(f"an {plain}", known)
        if length is None:
            continue
        role = _role(text, one.start(), one.end(), table)
        if table.ADDS.search(one[0]) and role in ("", "duration"):
            role = "longer"
        found.append(Piece(one.start(), one.end(), one[0], role, length))
    blank = _blanked(text, found)
    for one in reversed(found):  # "a day later in November": not late in November
        for _, pattern in table.ROLES:
            if behind := pattern.match(blank[one.end :]):
                at = one.end + behind.end()
                blank = f"{blank[: one.end]}{GONE * behind.end()}{blank[at:]}"
                break
    return found, blank


def _role(text: str, start: int, end: int, table: ModuleType) -> str:
    """What a length is for: "ends half an hour early" is shorter by it."""
    role = _plain_role(text, start, end, table)
    is_end = table.ENDS.search(text[:start]) or table.END_BEHIND.match(text[end:])
    return {"earlier": "shorter", "later": "longer"}.get(role, role) if is_end else role


def _plain_role(text: str, start: int, end: int, table: ModuleType) -> str:
    """By the words behind a length, then by those before it."""
    for role, pattern in table.ROLES:
        if pattern.match(text[end:]):
            return str(role)
    before = text[max(0, start - 60) : start]
    if table.OLD.search(before):
        return "old"
    for role, pattern in table.BEFORE_LENGTH:
        if pattern.search(before):
            return str(role)
    return ""


def _with_role(one: Piece, text: str, table: ModuleType) -> Piece:
    if one.length is not None or one.role:
        return one
    before, behind = text[: one.start], text[one.end :]
    is_clock = one.has_clock and not one.has_day
    if table.OLD.search(before) or table.OLD_BEHIND.match(behind):
        return replace(one, role="old")
    if table.FROM.search(before):
        return replace(one, role="from")
    if one.has_clock and (
        table.END_BEHIND.match(behind) or (is_clock and table.END.search(before))
    ):
        return replace(one, role="end")
    return one


def _blanked(text: str, found: Sequence[Piece]) -> str:
    letters = list(text)
    for one in found:
        letters[one.start : one.end] = GONE * (one.end - one.start)
    return "".join(letters)


def mended(found: Sequence[Piece], text: str, table: ModuleType) -> list[Piece]:
    """Without what the speaker takes back: "to four, no, half past"."""
    kept: list[Piece] = []
    for one in found:
        last = kept[-1] if kept else None
        if last is not None and table.MENDS.search(text[last.end : one.start]):
            same = (one.length is None) == (last.length is None)
            if same and (one.length is not None or one.has_clock == last.has_clock):
                role = one.role or last.role
                kept[-1] = replace(one, role=role)
                continue
        kept.append(one)
    return kept


# --- beside the event ---------------------------------------------------------------------------


def is_now(one: Piece, event: KnownEvent) -> bool:
    """Whether the event is at this time as it stands."""
    zone = event.start.tzinfo
    return any(_covers(reading, event, zone) for reading in one.readings)


def _covers(reading: TimeReading, event: KnownEvent, zone: object) -> bool:
    start, end = reading.start, reading.end
    clock = event.start.time().replace(second=0, microsecond=0)
    match reading.kind:
        case "date":
            return isinstance(start, date) and _date(start) == event.start.date()
        case "time":
            return start == clock and not event.is_all_day
        case "datetime":
            same = isinstance(start, datetime) and start == event.start.replace(tzinfo=None)
            return same and not event.is_all_day
        case "timerange":
            first = start if isinstance(start, time) else None
            return first == clock
        case "daterange":
            first, last = _date(start), _date(end)
            return first is not None and last is not None and first <= event.start.date() < last
        case "datetimerange":
            if not isinstance(start, datetime) or not isinstance(end, datetime):
                return False
            return start <= event.start.replace(tzinfo=None) < end
        case _:
            return False


def _date(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


_CLAUSE = re.compile(r"[,;.，；。]\s?(?=\S)")


def of_clause(found: Sequence[Piece], text: str, end: int) -> list[Piece]:
    """Those before the clause ends that a title stands in, which ends at `end`: "scrap the talk, I
    was there last week".
    """
    borders = [one.start() for one in _CLAUSE.finditer(text) if one.start() >= end]
    return [one for one in found if not borders or one.start < borders[0]]


def end_after(one: Piece, event: KnownEvent) -> datetime | None:
    """The clock of a piece as the event's new end: the first after its start."""
    ends: list[datetime] = []
    for reading in one.readings:
        clock = reading.end if reading.kind in ("timerange", "datetimerange") else reading.start
        if isinstance(clock, datetime):
            clock = clock.time()
        if not isinstance(clock, time):
            continue
        at = datetime.combine(event.start.date(), clock, event.start.tzinfo)
        at = at if at > event.start else at + timedelta(days=1)
        if at - event.start < timedelta(hours=18):
            ends.append(at)
    return min(ends, default=None)


def moment(found: Sequence[Piece], known: Known) -> When | None:
    """All new moments as one; `None` where they tell two of a kind."""
    days = [one for one in found if one.has_day]
    clocks = [one for one in found if one.has_clock]
    if len(days) > 1 or len(clocks) > 1 or not found:
        return None
    return when_of(" ; ".join(one.text for one in found), known)
