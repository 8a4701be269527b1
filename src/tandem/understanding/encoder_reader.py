"""The device's reader: the encoder chooses tools and slots, code links and counts, doubt asks.

A request is cut into acts, each is read by itself and assembled by its tool's slots: a call cannot
be malformed. What the encoder is unsure of goes to the cloud; what the stores leave open is one
question.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from tandem.understanding.candidates import Marks, terms
from tandem.understanding.catalogue import CATALOGUE, Slot, SlotType, ToolSpec
from tandem.understanding.correcting import completed, corrected
from tandem.understanding.known import Known
from tandem.understanding.leaning import leaned, second_act
from tandem.understanding.linking import Memory, link
from tandem.understanding.merging import Piece, direction, fitted, times_in
from tandem.understanding.moments import window_of
from tandem.understanding.network import Encoder, Sight, shipped
from tandem.understanding.reading import Call, Context, Decision, Filled, Question, Reading, When
from tandem.understanding.spans import Span, best_spans

CUT = 0.5
ACT_FROM = 0.34
"""Least probability of a tool on which the device acts or asks; below it is the cloud's."""
READ_FROM = 0.28
"""The same where nothing would be written."""

_NONE = {
    "none_escalate": Decision.ESCALATE,
    "none_refuse": Decision.REFUSE,
    "none_talk": Decision.ESCALATE,
}
_QUESTION_TOOLS = ("data_question", "time_question", "mail_read")


@dataclass(frozen=True, slots=True)
class Clause:
    """One act of a request: its words, where they begin, and what the encoder saw of them."""

    text: str
    start: int
    sight: Sight
    tool: str
    confidence: float


class EncoderReader:
    """Reads with the package's encoder; it is opened at the first request."""

    def __init__(self, encoder: Encoder | None = None) -> None:
        self._encoder = encoder
        self._marks: Marks | None = None

    def read(self, request: str, context: Context) -> Reading:
        """The reading of the request's last turn."""
        encoder = self._encoder = self._encoder or shipped()
        if self._marks is None or self._marks.known is not context.known:
            self._marks = Marks(context.known)
        clauses = cut(request, encoder, self._marks)
        if not clauses:
            return Reading(Decision.ESCALATE, confidence=0.0, reason="there are no words")
        if (earlier := self._earlier(request, context, clauses)) is not None:
            return earlier
        memory = remembered(context)
        calls = [
            call_of(clause, request, context.known, memory)
            for clause in clauses
            if clause.tool in CATALOGUE
        ]
        return decide(clauses, calls, context.known)

    def _earlier(self, request: str, context: Context, clauses: list[Clause]) -> Reading | None:
        """A turn that answers a question or corrects what was done."""
        if not context.turns:
            return None
        last = context.turns[-1]
        tool, sure = clauses[0].tool, clauses[0].confidence
        if last.reading.decision is Decision.ASK and not (
            tool in CATALOGUE and sure > 0.9 and len(request) > 25
        ):
            return completed(request, last.reading, context, clauses[0].sight)
        if last.is_done and tool != "undo" and (tool == "amend" or _CORRECTS.match(request)):
            return corrected(request, last, context, clauses[0].sight)
        return None


_REFERENCES = (SlotType.EVENT, SlotType.MAIL, SlotType.TASK, SlotType.NOTE, SlotType.CONTACT)
_EDGES = " ,.;:'\"“”‘’。，、；："
_ANSWER = re.compile(r"\b(answer|reply|respond)\b|回复|要回", re.I)
_EVERYTHING = re.compile(r"\b(everything|all|every)\b|所有|全部|都", re.I)
_CORRECTS = re.compile(
    r"(sorry|actually|no,|i mean|make (it|that)|不对|不是|说错|改成|换成|哦不|我是说)", re.I
)


def cut(request: str, encoder: Encoder, marks: Marks) -> list[Clause]:
    """The acts of a request in their order."""
    known = marks.of(request)
    sight = encoder.see(request, "tandem", known)
    if sight is None:
        return []
    places = [
        token.start
        for token, p in zip(sight.tokens, sight.cuts, strict=True)
        if p > CUT and token.start
    ]
    if not places:
        more = second_act(request, leaned(sight.ranking(), request)[0][0])
        places = [] if more is None else [more]
    found: list[Clause] = []
    for start, end in zip([0, *places], [*places, len(request)], strict=True):
        words = request[start:end]
        seen = sight if not places else encoder.see(words, "tandem", marks.of(words))
        if seen is not None:
            tool, sure = leaned(seen.ranking(), words)[0]
            found.append(Clause(words, start, seen, tool, sure))
    return found


def remembered(context: Context) -> Memory:
    """What pronouns may mean after the earlier turns."""
    memory = Memory()
    for turn in context.turns[-3:]:
        for call in turn.reading.calls:
            for filled in call.slots.values():
                if isinstance(filled.value, tuple):
                    memory.keep([ref for ref in filled.value if not isinstance(ref, str)])
    return memory


def call_of(clause: Clause, request: str, known: Known, memory: Memory) -> Call:
    """The call of one act, with every slot that was said."""
    spec = CATALOGUE[clause.tool]
    names = {slot.name for slot in spec.slots}
    spans, log = best_spans(clause.sight, names)
    slots: dict[str, Filled] = {}
    memory.is_plural = _EVERYTHING.search(clause.text) is not None
    times = times_in(clause.text, known)
    for name, (words, start) in _said(clause, spans, times).items():
        slot = spec.slot(name)
        for part in _parts(slot, words, known):
            filled = link(slot, spec.name, part, (start, start + len(part)), known, memory)
            slots[name] = _together(slots.get(name), filled, slot.is_many)
            if slot.type in _REFERENCES and not slot.is_many and filled.value is not None:
                break
    if is_new(clause, slots):
        return call_of(replace(clause, tool="event_create"), request, known, memory)
    _title(clause, spec, slots)
    _choose(clause, spec, slots)
    _to_whom(clause, spec, slots, known, memory)
    _sign(clause, slots)
    _evening(slots, known)
    _usual(clause, spec, slots, known, memory)
    sure = clause.confidence * math.exp(log / max(1, len(clause.sight.tokens)))
    return Call(spec.name, slots, round(sure, 4))


def _parts(slot: Slot, words: list[str], known: Known) -> list[str]:
    """Several records each by itself; of one record its pieces in turn, each with the times that
    were said apart ("on the 29th ... the ride").
    """
    if slot.is_many:
        return words
    if slot.type not in _REFERENCES:
        return [" ".join(words)]
    times = [one for one in words if not terms(window_of(one, known)[1])]
    names = [one for one in words if one not in times]
    return [" ".join((one, *times)) for one in names] or words


_CHANGES = re.compile(
    r"\b(move|shift|change|push|postpone|reschedule|make|delay|bring|slide|rename|extend|shorten|"
    r"instead|later|earlier|longer|now|moved|alert|remind|warn)\b|->|"
    r"改|挪|推|提前|延|换|移|调", re.I
)  # fmt: skip


def is_new(clause: Clause, slots: dict[str, Filled]) -> bool:
    """A change of an event that is not there, without a word of change: it is a new one."""
    if clause.tool != "event_change" or _CHANGES.search(clause.text):
        return False
    event, when = slots.get("event"), slots.get("when")
    is_there = event is not None and event.value is not None
    has_time = when is not None and when.value is not None
    return not is_there and (has_time or event is not None)


def _said(
    clause: Clause, spans: list[Span], times: list[Piece]
) -> dict[str, tuple[list[str], int]]:
    """By slot its words, span by span, and where the first begins. Moments come first, so that "the
    same day" of what follows has a day.
    """
    found: dict[str, tuple[list[str], int]] = {}
    pieces = fitted(clause.text, clause.tool, [(s.start, s.end, s.slot) for s in spans], times)
    for start, end, slot in sorted(pieces, key=lambda one: (one[2] != "when", one[0])):
        words = clause.text[start:end].strip(_EDGES)
        if words:
            at = clause.start + clause.text.index(words, start)
            found.setdefault(slot, ([], at))[0].append(words)
    return found


def _together(old: Filled | None, new: Filled, is_many: bool) -> Filled:
    if old is None:
        return new
    if is_many and isinstance(old.value, tuple) and isinstance(new.value, tuple):
        return replace(old, value=(*old.value, *new.value), text=f"{old.text}, {new.text}")  # pyright: ignore[reportArgumentType]
    if old.value is None and new.value is not None:
        return new
    if isinstance(old.value, str) and isinstance(new.value, str):
        return replace(old, value=f"{old.value} {new.value}", text=f"{old.text} {new.text}")
    return old


def _title(clause: Clause, spec: ToolSpec, slots: dict[str, Filled]) -> None:
    """A title that was not marked is the longest run of words that nothing else took."""
    if "title" not in spec.required or "title" in slots:
        return
    said = [f.span for f in slots.values() if f.span is not None]
    gaps, at = list[str](), 0
    taken = sorted((a - clause.start, b - clause.start) for a, b in said)
    for start, end in [*taken, (len(clause.text), len(clause.text))]:
        gaps.append(clause.text[at : max(at, start)])
        at = max(at, end)
    best = max((_VERBS.sub("", gap).strip(_EDGES) for gap in gaps), key=len, default="")
    if len(best) > 1 and terms(best):
        slots["title"] = Filled(best, best)


_TO = re.compile(
    r"\bto (?!say\b|the\b)([\w'’ ]{2,30}?)(?:\s*[:,.]|\s+(?:that|saying|and|about)\b|$)"
)


def _to_whom(
    clause: Clause, spec: ToolSpec, slots: dict[str, Filled], known: Known, memory: Memory
) -> None:
    """Who stands after "to", where the marked words are nobody."""
    if not spec.name.startswith("mail_") or (found := _TO.search(clause.text)) is None:
        return
    is_reply = re.search(r"\b(reply|answer)\b", clause.text, re.I) is not None
    name = "mail" if is_reply and spec.name in ("mail_draft", "mail_reply") else "to"
    filled = slots.get("to") or slots.get("mail")
    if filled is not None and (filled.value is not None or filled.options):
        return
    if name in {slot.name for slot in spec.slots}:
        other = link(spec.slot(name), spec.name, found[1], None, known, memory)
        if other.value is not None or other.options:
            slots.pop("to", None)
            slots[name] = other


def _evening(slots: dict[str, Filled], known: Known) -> None:
    """ "Half eight" for an event in the evening is half past eight in the evening."""
    event, filled = slots.get("event"), slots.get("when")
    when = filled.value if filled is not None else None
    if (
        filled is None
        or event is None
        or not isinstance(when, When)
        or not isinstance(event.value, tuple)
    ):
        return
    if when.has_date or not when.has_time or when.start.hour >= 12 or _CLEAR.search(filled.text):
        return
    ref = event.value[0]
    starts = [e.start for e in known.events if not isinstance(ref, str) and e.uid == ref.id]
    if starts and abs(starts[0].hour - when.start.hour) > 6:
        slots["when"] = replace(filled, value=replace(when, start=when.start + timedelta(hours=12)))


_CLEAR = re.compile(r"\b(am|pm|morning|noon)\b|\d[ap]m|[早上下]|午|晚|:|：", re.I)
_VERBS = re.compile(
    r"\b(put|add|pop|enter|schedule|book|set up|create|in|into|to|on|at|for|my|the|a|an|"
    r"calendar|diary|please|and|can you|could you|that|it)\b|"
    r"帮我|加到|日历|日程|记一下|安排|新建|添加|，|,", re.I
)  # fmt: skip


def _choose(clause: Clause, spec: ToolSpec, slots: dict[str, Filled]) -> None:
    for slot in spec.slots:
        if slot.type is SlotType.CHOICE and slot.name in clause.sight.choices:
            value, _ = clause.sight.choice(slot.name)
            if value in slot.choices:
                slots[slot.name] = Filled(value, value)
            elif slot.is_required:
                slots[slot.name] = Filled("", slot.choices[0])


def _sign(clause: Clause, slots: dict[str, Filled]) -> None:
    sign, _ = clause.sight.choice("sign")
    sign = direction(clause.text) or sign
    for name in ("shift", "lengthen"):
        filled = slots.get(name)
        if filled is not None and filled.value is not None and sign == "earlier":
            slots[name] = replace(filled, value=-filled.value)  # pyright: ignore[reportOperatorIssue, reportArgumentType]


def _usual(
    clause: Clause, spec: ToolSpec, slots: dict[str, Filled], known: Known, memory: Memory
) -> None:
    """Values that need no span: the question itself, the archive, what "about it" says."""
    names = {slot.name for slot in spec.slots}
    words = clause.text.strip(" ,.;。，")
    if spec.name in _QUESTION_TOOLS and "question" in names:
        slots["question"] = Filled(words, words, (clause.start, clause.start + len(clause.text)))
    if spec.name == "contact_create" and "name" in slots and not {"email", "phone"} & set(slots):
        slots["mail"] = link(spec.slot("mail"), spec.name, slots["name"].text, None, known, memory)
    if "body" in names and "body" not in slots and memory.said and spec.name == "mail_send":
        slots["body"] = Filled(memory.said, memory.said)
    if spec.name == "mail_search" and "state" in slots and _ANSWER.search(clause.text):
        slots.pop("when", None)  # it is the day to answer, not the day it came
    memory.said = words
    if spec.name == "mail_move" and "folder" not in slots:
        slots["folder"] = link(spec.slot("folder"), spec.name, "archive", None, known, memory)


# --- the decision -------------------------------------------------------------------------------


def decide(clauses: list[Clause], calls: list[Call], known: Known) -> Reading:
    """Act, ask one question, escalate or refuse."""
    for clause in clauses:
        if clause.tool in _NONE:
            return Reading(
                _NONE[clause.tool], tuple(calls), confidence=clause.confidence, reason=clause.tool
            )
        if clause.tool == "amend":
            return Reading(
                Decision.ESCALATE,
                tuple(calls),
                confidence=clause.confidence,
                reason="nothing to amend",
            )
    sure = min(clause.confidence for clause in clauses)
    least = min(READ_FROM if is_reading(call) else ACT_FROM for call in calls)
    if sure < least:
        return Reading(
            Decision.ESCALATE, tuple(calls), confidence=sure, reason="unsure of the tool"
        )
    confidence = min(call.confidence for call in calls)
    if (question := open_question(calls)) is not None:
        return Reading(Decision.ASK, tuple(calls), question, confidence)
    return Reading(Decision.ACT, tuple(calls), confidence=confidence)


def is_reading(call: Call) -> bool:
    """Whether the call only looks."""
    return CATALOGUE[call.tool].effect.value == "read"


def open_question(calls: list[Call]) -> Question | None:
    """The first thing that keeps a call from being done: several records, or no value."""
    for index, call in enumerate(calls):
        spec = CATALOGUE[call.tool]
        for slot in spec.slots:
            filled = call.slots.get(slot.name)
            if filled is not None and len(filled.options) > 1 and filled.value is None:
                return Question(slot.name, index, filled.options)
            if slot.is_required and (filled is None or filled.value is None):
                return Question(slot.name, index)
    return None


def filled_by(values: Mapping[str, Filled], call: Call) -> Call:
    """The call with some slots filled anew."""
    return replace(call, slots={**call.slots, **values})
