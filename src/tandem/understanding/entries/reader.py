"""A reader of new entries beside another reader: words decide what is entered, both decide whether.

Where the words order an entry, they are followed. Where they only tell that something is on, the
other reader must have read a new entry as well, or have understood nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace

from tandem.understanding import candidates
from tandem.understanding.entries.composing import Entry, entries_of
from tandem.understanding.entries.sentences import sentences_of
from tandem.understanding.known import Known
from tandem.understanding.reading import (
    Call,
    Context,
    Decision,
    Filled,
    Reader,
    Reading,
)
from tandem.understanding.terms import terms
from tandem.understanding.times import is_chinese
from tandem.understanding.tokens import fold

LONG = 18
"""Words; two Chinese characters count as one."""
_NEW = frozenset({"event_create", "task_create"})
SURE = 0.9
THERE = 0.6
"""So much of an event's words in a title say that this event is meant."""
NOT_FROM_HERE = "not from here"
"""Why the grammar refuses: paying, calling. An encoder's guess of that is no reason."""
ALONE = 0.5
"""How sure an entry is that no other reader has read: of unseen ones two in three were right, so
where there is a cloud it is asked.
"""


class EntryReader:
    """Asks another reader, and says itself what is new."""

    def __init__(self, other: Reader) -> None:
        self._other = other

    def read(self, request: str, context: Context) -> Reading:
        """The other's reading, with entries as the words tell them."""
        theirs = self._other.read(request, context)
        is_answer = bool(context.turns) and context.turns[-1].reading.decision is Decision.ASK
        if is_answer or theirs.corrects or theirs.reason == NOT_FROM_HERE:
            return theirs
        made = entries_of(request, context.known)
        if not made or any(entry.when is None and entry.kind != "task" for entry in made):
            return theirs
        tools = [call.tool for call in theirs.calls]
        is_agreed = bool(tools) and set(tools) <= _NEW
        if tools == ["event_create", "note_create"] and len(made) == 1 and made[0].notes:
            is_agreed = True  # the note belongs to the event
        elif is_agreed and len(tools) > len(made):
            return theirs  # it has seen more
        if is_agreed and any(_changes(entry, request, context.known) for entry in made):
            return Reading(Decision.ESCALATE, confidence=0.3, reason="it names an event there is")
        is_there = any(_is_there(entry, context.known) for entry in made)
        if not (is_agreed or (not is_there and _is_clear(theirs, made))):
            return theirs
        calls = [_call(entry, theirs, at) for at, entry in enumerate(made)]
        if _is_long(request):
            calls = [replace(call, confidence=min(call.confidence, ALONE)) for call in calls]
        sure = max(theirs.confidence, SURE) if is_agreed else ALONE
        return Reading(Decision.ACT, tuple(calls), confidence=sure)


def _is_there(entry: Entry, known: Known) -> bool:
    """Whether the calendar has what it names: "the Keller call is at three now" is a change."""
    if entry.kind == "task":
        return False
    found = candidates.events(entry.title, known, None)
    return bool(found) and found[0].score >= THERE


_CHANGED = re.compile(
    r"\b(?:now|not|instead|later|earlier|off|only|longer|shorter|any ?more|rather)\b"
    r"|[了改缩推延]|不上",
    re.IGNORECASE,
)


def _changes(entry: Entry, request: str, known: Known) -> bool:
    """Whether a statement tells something new of an event that the calendar has by its whole name:
    "lunch with Mo is at the Anvil on Friday now". What is ordered is new.
    """
    if entry.is_ordered or entry.kind == "task":
        return False
    title = fold(entry.title)
    for event in known.events:
        name = fold(event.summary).strip()
        if event.end < known.now or len(name) < 2 or name not in title:
            continue
        if len(terms(name)) > 1 or _CHANGED.search(request):
            return True
    return False


def _is_clear(theirs: Reading, made: list[Entry]) -> bool:
    """Whether it is an entry although the other reader has not seen one: a clock and words that
    order it, or a clock, where the other has found nothing that it could do.
    """
    has_nothing = theirs.decision is not Decision.ACT
    is_doubted = has_nothing or theirs.confidence < SURE
    if all(entry.is_ordered and entry.kind == "task" for entry in made):
        # "The van needs oil, remind me on Monday" is no change of the van's appointment.
        return is_doubted or not any("alarm" in call.slots for call in theirs.calls)
    if all(entry.is_ordered and entry.has_clock for entry in made):
        is_note = [call.tool for call in theirs.calls] == ["note_create"]
        return is_doubted or (is_note and all(e.when and e.when.has_date for e in made))
    return has_nothing and all(entry.has_clock or entry.is_ordered for entry in made)


def _is_long(request: str) -> bool:
    """Whether it is told in several sentences or more words than one holds: of such entries half
    were right when they were first seen, of the others six in seven.
    """
    num_words = len(request) / 2 if is_chinese(request) else len(request.split())
    return num_words > LONG or len(sentences_of(request)) > 1


def _call(entry: Entry, theirs: Reading, at: int) -> Call:
    """The entry's slots; whom to invite and what else it does not know stays the other's."""
    other = theirs.calls[at] if len(theirs.calls) > at and theirs.calls[at].tool in _NEW else None
    tool = {"task": "task_create", "event": "event_create"}.get(entry.kind) or (
        other.tool if other is not None else "event_create"
    )
    slots: dict[str, Filled] = {"title": Filled(entry.title, entry.title)}
    if entry.when is not None:
        slots["when"] = Filled(entry.when_words, entry.when)
    if tool == "event_create":
        if entry.length is not None:
            slots["duration"] = Filled(entry.length_words, entry.length)
        if entry.notes:
            slots["notes"] = Filled(entry.notes, entry.notes)
        if entry.place:
            slots["place"] = Filled(entry.place, entry.place)
        if entry.alarm is not None:
            slots["alarm"] = Filled(entry.alarm_words, entry.alarm)
        for name in ("people", "attendees", "alarm"):
            if other is not None and name in other.slots and name not in slots:
                slots[name] = other.slots[name]
    return Call(tool, slots, other.confidence if other is not None else ALONE)
