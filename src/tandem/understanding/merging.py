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
    spans = [_widened(text, span, slots, times) for span in spans]
    spans = _without_doubles(spans)
    spans = _beside(text, spans)
    spans = [(start, end, _meant(text, tool, slot)) for start, end, slot in spans]
    if tool == "event_create":
        spans = _with_alarm(text, spans)
    if tool in ("event_change", "event_cancel") and not any(s == "event" for *_, s in spans):
        spans += _leftover(text, spans, times)
    has_moment = any(slots[slot] is SlotType.WHEN for *_, slot in spans)
    if "when" in slots and not has_moment:
        spans = _split(text, tool, spans, times)
        if not any(slot in ("when", *_LENGTHS) for *_, slot in spans) or tool != "event_change":
            spans += [
                (start, end, "when")
                for start, end, kind in times
                if kind != "duration" and not _touches(start, end, _but(spans, "zone"))
            ]
    if tool == "event_create" and not any(slot == "duration" for *_, slot in spans):
        spans += [
            (start, end, "duration")
            for start, end, kind in times
            if kind == "duration" and not _touches(start, end, spans)
        ]
    return sorted(spans)


_LATER = re.compile(r"往后|推迟|延后|顺延|晚|\blater\b|\bback\b|postpone|delay|longer|延长", re.I)
_EARLIER = re.compile(r"提前|往前|\bearlier\b|\bforward\b|shorter|shorten|缩短", re.I)
_MOVES = re.compile(r"往(后|前)|推(迟|后)?|提前|延后|顺延|\b(later|earlier|postpone|delay)\b", re.I)
_STRETCHES = re.compile(r"延长|加长|缩短|\b(longer|shorter|lengthen|extend|shorten)\b", re.I)
_ENDS = re.compile(
    r"(上|开|办|做)到.*(不|没|停|结束|为止)|为止|"
    r"\b(goes on|runs|lasts|only) until\b|\bno more\b|\bstop|"
    r"\blast\b.*\bis on\b|\bends? (after|at the end)\b",
    re.I,
)
_ALARM = re.compile(r"\b(remind|alert|warn|ping|notify)\b.*\bbefore\b|提前.*(提醒|通知|叫)我", re.I)


def direction(text: str) -> str:
    """Which way a length goes, where a word says it: later, earlier, or nothing."""
    if _EARLIER.search(text):
        return "earlier"
    return "later" if _LATER.search(text) else ""


def _meant(text: str, tool: str, slot: str) -> str:
    """The slot of a changed event that its words name: moved by, longer by, alarm, last day."""
    if tool != "event_change":
        return slot
    if slot in _LENGTHS:
        if _ALARM.search(text):
            return "alarm"
        if _STRETCHES.search(text):
            return "lengthen"
        return "shift" if _MOVES.search(text) else slot
    if slot in ("when", "until"):
        return "until" if _ENDS.search(text) else "when"
    return slot


def _leftover(text: str, spans: list[Piece], times: list[Piece]) -> list[Piece]:
    """What is left before the first time: "dentist -> Friday" names its event without a verb."""
    first = min((start for start, *_ in (*spans, *times)), default=len(text))
    words = text[:first].rstrip(" ->,:：，把")
    return [(0, len(words), "event")] if len(words) > 1 else []


_RELATIVE = re.compile(r"\b(before|after|day|same)\b|前|后|当天|那天", re.I)
_HANGING = re.compile(r"\b(before|after)(\s+(the|my|our))?\s*$", re.I)
_ALARM_SPAN = re.compile(
    r"(?:提前|会前|前)(?P<zh>.{1,8}?)(?:提醒|叫|通知)我|"
    r"\b(?:remind|alert|warn|ping) me (?P<en>.{2,24}?) (?:before|beforehand|ahead)\b", re.I
)  # fmt: skip


def _beside(text: str, spans: list[Piece]) -> list[Piece]:
    """A moment that ends in "before the" goes on with the words that were taken for a title."""
    out: list[Piece] = []
    for start, end, slot in sorted(spans):
        last = out[-1] if out else None
        hangs = last is not None and last[2] == "when" and _HANGING.search(text[last[0] : start])
        if hangs and last is not None and slot in ("title", "event", "place"):
            out[-1] = (last[0], end, "when")
        else:
            out.append((start, end, slot))
    return out


def _with_alarm(text: str, spans: list[Piece]) -> list[Piece]:
    match = _ALARM_SPAN.search(text)
    if match is None:
        return spans
    start, end = match.span("zh") if match["zh"] else match.span("en")
    kept = [one for one in spans if not (one[0] < match.end() and match.start() < one[1])]
    return [*kept, (start, end, "alarm")]


def _but(spans: list[Piece], slot: str) -> list[Piece]:
    return [span for span in spans if span[2] != slot]


def _touches(start: int, end: int, spans: list[Piece]) -> bool:
    return any(a < end and start < b for a, b, _ in spans)


def _widened(text: str, span: Piece, slots: dict[str, SlotType], times: list[Piece]) -> Piece:
    start, end, slot = span
    if slots[slot] not in (SlotType.WHEN, SlotType.DURATION):
        return span
    touched = [(first, last) for first, last, _ in times if first < end and start < last]
    if not touched:
        return span
    first, last = touched[0][0], touched[-1][1]
    if slots[slot] is SlotType.WHEN and _RELATIVE.search(text[start:end]):
        return min(start, first), max(end, last), slot
    return first, last, slot


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
