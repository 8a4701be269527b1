"""Two readers, one reading: a grammar that knows what it read, and a model that has seen more.

The grammar is precise where a sentence is one of its phrases and silent elsewhere; the encoder
always has an opinion. Where both read the same tools, the reading is surer than either. Where they
differ over something that leaves the device, neither is followed.
"""

from __future__ import annotations

from dataclasses import replace

from tandem.types import Effect
from tandem.understanding.catalogue import CATALOGUE, effect_of
from tandem.understanding.changes.wording import worded
from tandem.understanding.reading import Context, Decision, Reader, Reading

SURE = 0.85
"""A phrase of the grammar with this confidence is followed against the other reader."""
CERTAIN = 0.97
"""So sure must the other reader be to be heard against the grammar over an outward act."""


class TogetherReader:
    """Asks the grammar first and weighs its reading against the other's."""

    def __init__(self, grammar: Reader, other: Reader) -> None:
        self._grammar = grammar
        self._other = other

    def read(self, request: str, context: Context) -> Reading:
        """One reading of the last turn."""
        ours = self._grammar.read(request, context)
        theirs = self._other.read(request, context)
        reading = weighed(ours, theirs)
        is_answer = bool(context.turns) and context.turns[-1].reading.decision is Decision.ASK
        return reading if is_answer else worded(reading, request, context.known)


def weighed(ours: Reading, theirs: Reading) -> Reading:
    """The reading to follow, with the confidence of both."""
    if ours.decision is Decision.REFUSE or ours.corrects:
        return ours
    if not ours.calls or ours.decision is Decision.ESCALATE:
        return _heard(theirs)
    if _tools(ours) == _tools(theirs):
        doubt = (1 - ours.confidence) * (1 - theirs.confidence)
        return replace(ours, confidence=1 - doubt)
    if ours.confidence < SURE and theirs.confidence > ours.confidence and theirs.calls:
        return theirs
    if _leaves(ours) and theirs.calls and theirs.confidence > CERTAIN:
        reason = "two readers read different outward acts"
        return Reading(Decision.ESCALATE, ours.calls, confidence=0.5, reason=reason)
    return ours


def _heard(theirs: Reading) -> Reading:
    """Alone, the other reader does not ask for what the user may have said in words it missed."""
    question = theirs.question
    if theirs.decision is Decision.ASK and question is not None and not question.options:
        if theirs.confidence < SURE:
            reason = "a part of the request was not understood"
            return replace(theirs, decision=Decision.ESCALATE, question=None, reason=reason)
    return theirs


def _tools(reading: Reading) -> list[str]:
    return [call.tool for call in reading.calls]


def _leaves(reading: Reading) -> bool:
    return any(
        effect_of(call.tool, frozenset(call.slots)) is Effect.OUTWARD
        for call in reading.calls
        if call.tool in CATALOGUE
    )
