"""Where the grammar of times is surer than the encoder: its borders win, and what it found is used.

The encoder knows which words are the new time and which belong to the event that is moved; the
grammar knows where an expression begins and ends. A time that was found and not tagged fills the
slot of a tool that needs one.
"""

from __future__ import annotations

import re

from tandem.understanding.catalogue import CATALOGUE, SlotType
from tandem.understanding.known import Known
from tandem.understanding.moments import setting_of
from tandem.understanding.times import find

Piece = tuple[int, int, str]
"""Characters from, to (exclusive), and the slot, or the kind of a time expression."""

_TO = re.compile(
    r"(.*?)(?:\s+(?:to|until|till|for|at)\s+|改到|挪到|推到|移到|提前到|推迟到|到|改成)$", re.S
)
_LENGTHS = ("duration", "shift", "lengthen", "alarm")


def times_in(text: str, known: Known) -> list[Piece]:
    """The time expressions of a text with the kind of their likeliest reading."""
    return [
        (one.start, one.end, one.best.kind)
        for one in find(text, setting_of(known))
        if one.best is not None
    ]


def fitted(text: str, tool: str, spans: list[Piece], times: list[Piece]) -> list[Piece]:
    """The encoder's spans with the borders of the time expressions they touch."""
    slots = {slot.name: slot.type for slot in CATALOGUE[tool].slots}
    spans = [_widened(span, slots, times) for span in spans]
    spans = _without_doubles(spans)
    has_moment = any(slots[slot] is SlotType.WHEN for *_, slot in spans)
    if "when" in slots and not has_moment:
        spans = _split(text, tool, spans, times)
        if not any(slot in ("when", *_LENGTHS) for *_, slot in spans) or tool != "event_change":
            spans += [
                (start, end, "when")
                for start, end, kind in times
                if kind != "duration" and not _touches(start, end, spans)
            ]
    if tool == "event_create" and not any(slot == "duration" for *_, slot in spans):
        spans += [
            (start, end, "duration")
            for start, end, kind in times
            if kind == "duration" and not _touches(start, end, spans)
        ]
    return sorted(spans)


def _touches(start: int, end: int, spans: list[Piece]) -> bool:
    return any(a < end and start < b for a, b, _ in spans)


def _widened(span: Piece, slots: dict[str, SlotType], times: list[Piece]) -> Piece:
    start, end, slot = span
    if slots[slot] not in (SlotType.WHEN, SlotType.DURATION):
        return span
    for first, last, _ in times:
        if first < end and start < last:
            start, end = min(start, first), max(end, last)
    return start, end, slot


def _without_doubles(spans: list[Piece]) -> list[Piece]:
    """Where widened spans meet: of one slot they become one, of two the first keeps the words."""
    kept: list[Piece] = []
    for start, end, slot in sorted(spans):
        if kept and start < kept[-1][1]:
            if slot == kept[-1][2]:
                kept[-1] = (kept[-1][0], max(end, kept[-1][1]), slot)
                continue
            if slot == "when":  # a moment is surer than what it was cut from
                kept[-1] = (kept[-1][0], start, kept[-1][2])
            else:
                start = kept[-1][1]
        if start < end:
            kept.append((start, end, slot))
    return kept


def _split(text: str, tool: str, spans: list[Piece], times: list[Piece]) -> list[Piece]:
    """ "Lunch on Friday to 1pm" as one event: what comes after "to" is the new time."""
    if tool not in ("event_change", "task_change"):
        return spans
    out: list[Piece] = []
    for start, end, slot in spans:
        last = next(
            (
                (a, b)
                for a, b, kind in reversed(times)
                if start < a and b <= end + 1 and kind != "duration"
            ),
            None,
        )
        match = _TO.match(text[start : last[0]]) if last and last[1] >= end - 1 else None
        if match is not None and last is not None and slot in ("event", "task"):
            out += [(start, start + len(match[1]), slot), (last[0], last[1], "when")]
        else:
            out.append((start, end, slot))
    return out
