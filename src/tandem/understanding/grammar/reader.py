"""A reader by grammar alone: it knows what it read, and leaves the rest to others.

What a phrase of the tables is, becomes calls whose slots are linked to the user's stores. A
sentence that is none is `ESCALATE` with the reason "no phrase", so that another reader or the cloud
takes it.
"""

from __future__ import annotations

import re
from typing import Any, cast

from tandem.understanding import candidates
from tandem.understanding.catalogue import CATALOGUE
from tandem.understanding.correcting import completed, corrected
from tandem.understanding.grammar.acts import Act, acts_of, cleaned, created, refused
from tandem.understanding.grammar.slots import assemble, keep
from tandem.understanding.known import Known
from tandem.understanding.linking import Memory, link
from tandem.understanding.moments import setting_of
from tandem.understanding.reading import (
    Call,
    Context,
    Decision,
    Question,
    Reading,
)

NO_PHRASE = "no phrase"
LEAST = 0.5
"""Below it a sentence only looks like a phrase."""
_CORRECTS = re.compile(
    r"\s*(?:sorry|actually|no,|oh no|i mean|wait|make (?:it|that)|"
    r"不对|不是|说错|改成|换成|哦不|我是说|等等|还是)",
    re.IGNORECASE,
)


class GrammarReader:
    """Reads what the tables know."""

    def read(self, request: str, context: Context) -> Reading:
        """The reading of the last turn."""
        if context.turns and (earlier := self._earlier(request, context)) is not None:
            return earlier
        if refused(request):
            return Reading(Decision.REFUSE, reason="not from here")
        known = context.known
        memory = remembered(context)
        acts = acts_of(request, setting_of(known))
        calls: list[Call] = []
        for act in acts:
            call = assemble(act, known, memory)
            if call is None and len(acts) == 1:
                call = self._new(act, known, memory)
            if call is None:
                return Reading(Decision.ESCALATE, reason=NO_PHRASE, confidence=0.0)
            calls.append(_mail_instead(act, call, known, memory) or call)
        if not calls:
            return Reading(Decision.ESCALATE, reason=NO_PHRASE, confidence=0.0)
        return decided(calls)

    def _new(self, act: Act, known: Known, memory: Memory) -> Call | None:
        """What changes no event that is there may be a new one."""
        if not act.tool.startswith("event_"):
            return None
        other = created(act.text, setting_of(known))
        return None if other is None else assemble(other, known, memory)

    def _earlier(self, request: str, context: Context) -> Reading | None:
        last = context.turns[-1]
        nothing = cast(Any, None)
        acts = acts_of(request, setting_of(context.known))
        is_new = bool(acts) and acts[0].sure >= 0.85 and len(cleaned(request)) > 8
        if last.reading.decision is Decision.ASK and not is_new:
            return completed(request, last.reading, context, nothing)
        if last.is_done and _CORRECTS.match(request) and not (acts and acts[0].tool == "undo"):
            return corrected(request, last, context, nothing)
        return None


_DELETES = re.compile(r"\b(?:delete|remove|drop|clear|bin|trash)\b|删|清掉|去掉", re.IGNORECASE)
_SURE_MAIL = 0.7


def _mail_instead(act: Act, call: Call, known: Known, memory: Memory) -> Call | None:
    """ "Delete last week's digest": no event has such a name, and one mail has."""
    event = call.slots.get("event")
    if call.tool != "event_cancel" or event is None or event.value is not None or event.options:
        return None
    found = candidates.mails(event.text, known) if _DELETES.search(act.text) else []
    if not found or found[0].score < _SURE_MAIL:
        return None
    slot = CATALOGUE["mail_delete"].slot("mails")
    filled = link(slot, "mail_delete", event.text, None, known, memory)
    return Call("mail_delete", {"mails": filled}, act.sure) if filled.value is not None else None


def remembered(context: Context) -> Memory:
    """What pronouns may mean after the earlier turns."""
    memory = Memory()
    for turn in context.turns[-3:]:
        for call in turn.reading.calls:
            keep(call, memory)
    return memory


def decided(calls: list[Call]) -> Reading:
    """Act, or ask the one thing that is missing or open."""
    confidence = min(call.confidence for call in calls)
    if confidence < LEAST:
        return Reading(Decision.ESCALATE, tuple(calls), confidence=confidence, reason=NO_PHRASE)
    for index, call in enumerate(calls):
        for slot in CATALOGUE[call.tool].slots:
            filled = call.slots.get(slot.name)
            if filled is not None and len(filled.options) > 1 and filled.value is None:
                question = Question(slot.name, index, filled.options)
                return Reading(Decision.ASK, tuple(calls), question, confidence)
            if slot.is_required and (filled is None or filled.value is None):
                return Reading(Decision.ASK, tuple(calls), Question(slot.name, index), confidence)
    return Reading(Decision.ACT, tuple(calls), confidence=confidence)
