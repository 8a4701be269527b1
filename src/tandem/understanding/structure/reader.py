"""Takes a request apart before it is read: what it hangs on, what is quoted, what the records name.

A Reader around another one, which reads the plain acts that are left. Which acts there may be is in
the user's words alone; the records decide between the two that the user named, and fill in moments
and addresses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tandem.understanding import candidates
from tandem.understanding.beyond import BEYOND, is_beyond
from tandem.understanding.catalogue import CATALOGUE
from tandem.understanding.grammar.acts import language_of
from tandem.understanding.known import Known
from tandem.understanding.moments import setting_of
from tandem.understanding.reading import (
    Call,
    Context,
    Decision,
    Filled,
    Question,
    Reader,
    Reading,
    Ref,
    Turn,
)
from tandem.understanding.structure.checks import Unclear, check, understands
from tandem.understanding.structure.conditions import (
    Conditional,
    conditional,
    seems_conditional,
)
from tandem.understanding.structure.many import many_events, many_moved
from tandem.understanding.structure.people import people_in
from tandem.understanding.structure.quotes import Quote, Role, masked, quotes, without
from tandem.understanding.structure.references import NothingThere, Resolved, resolved
from tandem.understanding.structure.table_acts import added_row, table_call
from tandem.understanding.times import find
from tandem.understanding.tokens import is_chinese, without_signs

NOT_UNDERSTOOD = "a condition that the records cannot answer"
NOTHING_THERE = "nothing in the records fits"
WHO = "who is meant in the condition"


class StructuredReader:
    """Reads conditions, quotes, references and tables; the rest is the other reader's."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self, request: str, context: Context) -> Reading:
        """The reading of the last turn."""
        request = without_signs(request)
        known = context.known
        if is_beyond(request):
            return Reading(Decision.ESCALATE, confidence=0.9, reason=BEYOND)
        if (again := _answered(request, context)) is not None:
            return self.read(again, replace(context, turns=context.turns[:-1]))
        if context.turns and context.turns[-1].reading.decision is Decision.ASK:
            return self._reader.read(request, context)
        found = conditional(request, lambda words: understands(words, known))
        if found is not None:
            return self._hanging(found, context)
        if seems_conditional(request):
            return Reading(Decision.ESCALATE, confidence=0.0, reason=NOT_UNDERSTOOD)
        return self._acts(request, context, None)

    def _hanging(self, request: Conditional, context: Context) -> Reading:
        """The act that the records choose; nothing where the user named none for this case."""
        condition = _named_in(request, context.known)
        answer = check(condition, context.known)
        if isinstance(answer, Unclear):
            return _who(answer)
        assert answer is not None  # it was understood
        words = request.then if answer.holds else request.otherwise
        words = _completed(words, request.then if not answer.holds else request.otherwise)
        if not words:
            return Reading(Decision.ACT, confidence=0.9, finding=answer)
        them = _person(condition, context.known)
        reading = self._acts(words, context, them)
        return replace(reading, finding=answer)

    # --- acts -----------------------------------------------------------------------------------

    def _acts(self, text: str, context: Context, them: Ref | None) -> Reading:
        known = context.known
        if new := added_row(text, known):
            return Reading(Decision.ACT, (new,), confidence=0.95)
        before, text = _order_of(text, known)
        them = them or (_person(before, known) if before else None)
        try:
            meant = resolved(text, known)
        except NothingThere as nothing:
            return Reading(Decision.ESCALATE, confidence=0.0, reason=f"{NOTHING_THERE}: {nothing}")
        if meant.said and not meant.title and _is_beside(meant):
            plain = self._reader.read(text, context)
            if plain.decision is Decision.ACT and plain.confidence >= SURE:
                return plain  # the reader knows this way to tell a moment itself
        pieces = _pieces(meant.text)
        if many := many_events(text, known):
            return Reading(Decision.ACT, (many,), confidence=0.95)
        if moved := many_moved(text, known):
            return Reading(Decision.ACT, moved, confidence=0.95)
        is_plain = not (meant.said or quotes(text) or them)
        if is_plain and not any(table_call(piece, known, them) for piece in pieces):
            return self._reader.read(text, context)
        readings: list[Reading] = []
        here = _with_person(context, them)
        for piece in pieces if len(pieces) > 1 else [meant.text]:
            call = table_call(piece, known, them)
            reading = (
                Reading(Decision.ACT, (call,), confidence=0.95) if call else self._one(piece, here)
            )
            readings.append(_with_references(reading, meant))
            here = replace(here, turns=(*here.turns, Turn(piece, _quiet(reading))))
        return _together(readings)

    def _one(self, text: str, context: Context) -> Reading:
        """One act, its quoted texts taken out and put into their slots."""
        found = quotes(text)
        taken = [one for one in found if one.role is not Role.OTHER]
        if not taken and not found:
            return self._reader.read(text, context)
        has_body = any(one.role is Role.BODY for one in taken)
        reading = self._reader.read(_stub(without(text, taken), has_body=has_body), context)
        if not reading.calls:
            return reading
        calls = tuple(_filled(call, found) for call in reading.calls[:1])
        return _decided(replace(reading, calls=calls))


SURE = 0.85
"""A reading of the whole that is followed before one with a moment put in."""
_DAY_WORDS = re.compile(r"\b(?:before|after)\b|前|后", re.IGNORECASE)


def _is_beside(meant: Resolved) -> bool:
    """Whether all that was put in is a moment told by an event."""
    return all(_DAY_WORDS.search(said) for said in meant.said.values())


def _stub(text: str, *, has_body: bool) -> str:
    """The words without the quoted body, and with a plain one that every reader knows."""
    text = text.strip(" ,，.。;；?？")
    if not has_body:
        return text
    return f"{text}说请看下文" if is_chinese(text) else f"{text} saying please see below"


def _filled(call: Call, found: Sequence[Quote]) -> Call:
    names = {slot.name for slot in CATALOGUE[call.tool].slots}
    slots = dict(call.slots)
    for one in found:
        targets = {
            Role.TITLE: ("subject", "title", "name"),
            Role.BODY: ("body", "text"),
            Role.OTHER: ("title", "text") if call.tool.endswith("_create") else (),
        }[one.role]
        name = next((target for target in targets if target in names), None)
        if name is not None:
            slots[name] = Filled(f"“{one.text}”", one.text)
    return replace(call, slots=slots)


def _decided(reading: Reading) -> Reading:
    """A question that a quoted text answers is none."""
    if reading.decision is Decision.REFUSE:
        return reading
    for index, call in enumerate(reading.calls):
        for slot in CATALOGUE[call.tool].slots:
            filled = call.slots.get(slot.name)
            if filled is not None and filled.value is None and len(filled.options) > 1:
                question = Question(slot.name, index, filled.options)
                return replace(reading, decision=Decision.ASK, question=question)
            if slot.is_required and (filled is None or filled.value is None):
                return replace(reading, decision=Decision.ASK, question=Question(slot.name, index))
    return replace(reading, decision=Decision.ACT, question=None)


def _with_references(reading: Reading, meant: Resolved) -> Reading:
    """The user's own words back beside the values that the records gave, so that a card shows that
    they were not said.
    """
    if not meant.said and not meant.title:
        return reading
    calls: list[Call] = []
    for call in reading.calls:
        slots = dict(call.slots)
        for name, filled in slots.items():
            for value, said in meant.said.items():
                if value in filled.text or filled.text in value:
                    slots[name] = replace(filled, text=said)
        if meant.title and any(slot.name == "subject" for slot in CATALOGUE[call.tool].slots):
            slots["subject"] = Filled("", meant.title)
        calls.append(replace(call, slots=slots))
    return replace(reading, calls=tuple(calls))


def _together(readings: Sequence[Reading]) -> Reading:
    """All acts, or the first thing that keeps one from being done: nothing is done by halves."""
    calls: list[Call] = []
    for reading in readings:
        if reading.decision in (Decision.ESCALATE, Decision.REFUSE):
            return reading
        if reading.decision is Decision.ASK and reading.question is not None:
            question = replace(reading.question, call=reading.question.call + len(calls))
            return replace(reading, calls=(*calls, *reading.calls), question=question)
        calls += reading.calls
    confidence = min((reading.confidence for reading in readings), default=0.0)
    return Reading(Decision.ACT, tuple(calls), confidence=confidence)


def _quiet(reading: Reading) -> Reading:
    """As an earlier turn that asked nothing."""
    return replace(reading, decision=Decision.ACT, question=None)


def _pieces(text: str) -> list[str]:
    """The acts of a request, cut where a joining word stands before a verb; never within quotes."""
    plain = masked(text)
    pieces: list[str] = []
    at = 0
    labels = [(one.first, one.end) for one in quotes(text) if one.role is not Role.OTHER]
    for found in language_of(text).CUT.finditer(plain):
        if any(first <= found.end() and found.start() < end for first, end in labels):
            continue  # "and tell them '...'" says what the mail says
        pieces.append(text[at : found.start()])
        at = found.end()
    pieces.append(text[at:])
    return [piece.strip() for piece in pieces if len(piece.strip()) > 2]


_DO_THAT = re.compile(
    r"[.!]?\s*(?:can|could|would|will) you (?:please )?(?:do|help with|handle) (?:that|this|it)(?: for me)?\W*$",
    re.I,
)
_NEED = re.compile(
    r"^\W*i(?:['’]d like| need| want| have|(?: wou|['’])ld like)(?: you)? to (?=(?:reply|send|e-?mail|write|forward|delete|cancel|move|book|schedule|add|create|archive|answer|change|make)\b)",
    re.I,
)
_PASSIVE = re.compile(
    r"^\W*(?P<what>.+?) (?:need|have|ought|want)s? to be (?P<done>deleted|archived|cancell?ed|removed|flagged|moved|forwarded)\b(?P<rest>.*)$",
    re.I,
)
_STATEMENT = re.compile(
    r"^(?P<before>\W*(?:i|we|it|he|she|they|there|something|things)\b[^.?!\d]{4,}?)[.!]\s+"
    r"(?P<order>(?:(?:can|could|would|will) you|please|so please|let['’]s)\b.+)$",
    re.I | re.S,
)


def _order_of(text: str, known: Known) -> tuple[str, str]:
    """What leads up to an order, and the order alone: "I haven't seen Olga in a while. Can you
    schedule ...". A statement with a time or another order in it stays with the rest.
    """
    plain = masked(text)
    if done := _DO_THAT.search(plain):
        text = text[: done.start()]
        plain = masked(text)
    if need := _NEED.match(plain):
        text, plain = text[need.end() :], plain[need.end() :]
    if passive := _PASSIVE.match(plain):
        verb = {"canceled": "cancel", "cancelled": "cancel"}.get(
            passive["done"].lower(),
            passive["done"][:-1].lower() if passive["done"].lower().endswith("ed") else "",
        )
        verb = {
            "delete": "delete",
            "archive": "archive",
            "remove": "remove",
            "move": "move",
            "flagge": "flag",
            "forwarde": "forward",
        }.get(verb, verb)
        return "", f"{verb} {text[: passive.end('what')].strip()}{text[passive.start('rest') :]}"
    if found := _STATEMENT.match(plain):
        before = text[: found.end("before")]
        if not find(before, setting_of(known)) or people_in(before, known):
            return before, text[found.start("order") :]
    return "", text


# --- whom the condition is about ----------------------------------------------------------------


def _person(words: str, known: Known) -> Ref | None:
    """Who "them" is after the condition: the one person that it names."""
    people = people_in(words, known)
    contact = people[0].contact if people else None
    if contact is None:
        return None
    is_carded = any(card.uid == contact.uid for card in known.contacts)
    address = None if is_carded else contact.emails[0]
    return Ref("contact", contact.uid, address=address)


_THEY = re.compile(r"\b(?:they|he|she|them|him|her)\b|他们|她们|他|她|对方", re.IGNORECASE)


def _named_in(request: Conditional, known: Known) -> str:
    """The condition with "they" as the person whom the act names: "book it with Bo if he is free"."""
    condition = request.condition
    if people_in(condition, known) or not _THEY.search(condition):
        return condition
    people = people_in(request.then, known) or people_in(request.otherwise, known)
    contact = people[0].contact if people else None
    return condition if contact is None else _THEY.sub(contact.name, condition, count=1)


def _with_person(context: Context, them: Ref | None) -> Context:
    if them is None:
        return context
    named = Call("event_search", {"people": Filled("them", (them,))})
    return replace(context, turns=(*context.turns, Turn("", Reading(Decision.ACT, (named,)))))


_SAYS = re.compile(
    r"^(?:please |just |instead )*(?:say|write|tell (?:them|him|her))(?: in (?:the|that) (?:e-?mail|mail|message))?\s*$",
    re.IGNORECASE,
)


def _completed(words: str, other: str) -> str:
    """ "If not, say in the email '...'": the other case's mail with this text."""
    found = quotes(words)
    if len(found) != 1 or not _SAYS.match(words[: found[0].start].strip()):
        return words
    for piece in _pieces(other):
        bodies = [one for one in quotes(piece) if one.role is Role.BODY]
        if bodies:
            return f"{piece[: bodies[0].start]}'{found[0].text}'{piece[bodies[0].end :]}"
    return words


def _who(unclear: Unclear) -> Reading:
    options = tuple((Ref("contact", card.uid),) for card in unclear.named.contacts)
    asked = Call("contact_search", {"contact": Filled(unclear.named.words, None, None, options)})
    return Reading(Decision.ASK, (asked,), Question("contact", 0, options), 0.9, reason=WHO)


def _answered(request: str, context: Context) -> str | None:
    """The earlier request with the person by full name, once the user has said who is meant."""
    last = context.turns[-1] if context.turns else None
    if last is None or last.reading.reason != WHO or last.reading.decision is not Decision.ASK:
        return None
    filled = last.reading.calls[0].slots["contact"]
    ids = {
        ref.id
        for option in filled.options
        if isinstance(option, tuple)
        for ref in option
        if isinstance(ref, Ref)
    }
    found = [one for one in candidates.contacts(request, context.known) if one.ref.id in ids]
    if not found:
        return None
    card = next(c for c in context.known.contacts if c.uid == found[0].ref.id)
    return last.text.replace(filled.text, card.name, 1)
