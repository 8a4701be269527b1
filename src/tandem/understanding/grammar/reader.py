"""A reader by grammar alone: it knows what it read, and leaves the rest to others.

What a phrase of the tables is, becomes calls whose slots are linked to the user's stores. A
sentence that is none is `ESCALATE` with the reason "no phrase", so that another reader or the cloud
takes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, cast

from tandem.understanding import candidates
from tandem.understanding.catalogue import CATALOGUE, Slot, SlotType, ToolSpec
from tandem.understanding.correcting import completed, corrected
from tandem.understanding.grammar.acts import Act, acts_of, cleaned, created, refused
from tandem.understanding.known import Known, KnownEvent
from tandem.understanding.linking import Memory, link
from tandem.understanding.moments import length_of, setting_of, when_of
from tandem.understanding.reading import (
    Call,
    Context,
    Decision,
    Filled,
    Question,
    Reading,
    Ref,
    When,
)
from tandem.understanding.times import is_chinese, read

NO_PHRASE = "no phrase"
LEAST = 0.5
"""Below it a sentence only looks like a phrase."""
_PRONOUN = re.compile(r"(?:him|her|them|it|that|他|她|他们|对方|它|)", re.IGNORECASE)
_CORRECTS = re.compile(
    r"\s*(?:sorry|actually|no,|oh no|i mean|wait|make (?:it|that)|"
    r"不对|不是|说错|改成|换成|哦不|我是说|等等|还是)",
    re.IGNORECASE,
)
_WORLD = re.compile(
    r"\b(?:weather|forecast|news|stocks?|share price|exchange rate|score|capital of|population)\b|"
    r"天气|气温|下雨|新闻|股价|股票|汇率|比分",
    re.IGNORECASE,
)
_EVERYTHING = re.compile(
    r"^(?:everything|anything|all(?: of it)?|whatever) (?:from|by|of) (?:the )?", re.IGNORECASE
)
_BARE = re.compile(r"[a-z]+|\d{1,2}", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"\+?\d[\d\s()-]{5,18}\d")


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
            calls.append(call)
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


def remembered(context: Context) -> Memory:
    """What pronouns may mean after the earlier turns."""
    memory = Memory()
    for turn in context.turns[-3:]:
        for call in turn.reading.calls:
            _keep(call, memory)
    return memory


def _keep(call: Call, memory: Memory) -> None:
    for filled in call.slots.values():
        if isinstance(filled.value, tuple):
            memory.keep([ref for ref in filled.value if isinstance(ref, Ref)])
        elif isinstance(filled.value, When):
            memory.when = filled.value


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


# --- from an act to a call ----------------------------------------------------------------------


def assemble(act: Act, known: Known, memory: Memory) -> Call | None:
    """The call of an act, its slots linked; `None` when the words fit nothing that is known."""
    if act.tool in ("data_question", "event_search", "mail_read"):
        return _question(act, known, memory)
    spec = CATALOGUE[act.tool]
    slots = _direct(act, spec, known, memory)
    _lengths(act, spec, slots, known, memory)
    if act.choices.get("as") in ("beside", "adjacent") and not _beside(act, slots, known, memory):
        return None
    if "until" in act.words:
        _last_day(act.words["until"], slots, known)
    if act.tool == "contact_create":
        slots |= _details(act.words.get("details", ""), act, known, memory)
        if "mail" in slots and slots["mail"].value is None:
            name = act.words.get("name", "")
            slots["mail"] = link(spec.slot("mail"), spec.name, name, None, known, memory)
    if act.tool == "event_create":
        _guests(act, slots, known, memory)
    if "end" in act.words:
        _ends(act.words["end"], slots, known)
    if not _is_plausible(act, slots):
        return None
    _people_of(act, slots, known, memory)
    call = Call(act.tool, slots, act.sure)
    _keep(call, memory)
    return call


def _direct(act: Act, spec: ToolSpec, known: Known, memory: Memory) -> dict[str, Filled]:
    slots: dict[str, Filled] = {}
    names = {slot.name for slot in spec.slots}
    purpose = act.choices.get("as", "")
    for name, words in act.words.items():
        if name == "when" and purpose in ("before", "beside"):
            continue
        if name == "scope":
            slots["scope"] = Filled(words, "this")
        elif name in names - _apart(spec):
            slots[name] = _linked(spec, name, words, known, memory)
    for name, choice in act.choices.items():
        if name in names:
            slot = spec.slot(name)
            if slot.type is SlotType.CHOICE:
                slots[name] = Filled(choice, choice)
            else:
                slots[name] = link(slot, spec.name, choice, None, known, memory)
    return slots


def _apart(spec: ToolSpec) -> set[str]:
    """Slots that are filled with more than their own words."""
    return {"attendees", "alarm"} if spec.name == "event_create" else {"alarm"}


def _linked(spec: ToolSpec, name: str, words: str, known: Known, memory: Memory) -> Filled:
    """A slot's value; several mails may be named one after the other."""
    slot = spec.slot(name)
    parts = re.split(r"\s*(?:,|、|，| and |和|以及)\s*", words)
    if name in ("phone", "email"):
        found = (_PHONE if name == "phone" else _MAIL).search(words)
        return Filled(words, found[0].strip() if found else words)
    if slot.type is SlotType.MAIL and slot.is_many:
        words = _EVERYTHING.sub("all mails from ", words)
    if name == "when":
        return _when(slot, spec, words, known, memory)
    is_list = all(len(part.split()) > 1 or is_chinese(part) for part in parts)
    if slot.type is SlotType.MAIL and slot.is_many and 1 < len(parts) < 6 and is_list:
        found = [link(slot, spec.name, part, None, known, memory) for part in parts if part]
        values = [one.value for one in found]
        refs = [ref for value in values if isinstance(value, tuple) for ref in value]
        if all(one.value is not None for one in found):
            kept = tuple(dict.fromkeys(ref for ref in refs if isinstance(ref, Ref)))
            return Filled(words, kept)
    return link(slot, spec.name, words, None, known, memory)


def _when(slot: Slot, spec: ToolSpec, words: str, known: Known, memory: Memory) -> Filled:
    """A moment; a bare number is an hour, and "by the end of May" is its last day."""
    if _BARE.fullmatch(words):
        words = f"at {words}"
    filled = link(slot, spec.name, words, None, known, memory)
    if spec.name.startswith("task_"):
        found: dict[str, Filled] = {}
        _last_day(words, found, known)
        return found.get("until", filled)
    return filled


def _lengths(
    act: Act, spec: ToolSpec, slots: dict[str, Filled], known: Known, memory: Memory
) -> None:
    """A length by what it is for: longer, later, a reminder before."""
    words = act.words.get("length")
    if alarm := act.words.get("alarm"):
        slots["alarm"] = Filled(alarm, length_of(alarm, known))
    if words is None:
        return
    length = length_of(words, known)
    purpose = act.choices.get("as", "duration")
    if purpose == "before":
        _before(act, slots, length, known, memory)
    elif (
        length is not None and purpose != "beside" and purpose in {slot.name for slot in spec.slots}
    ):
        sign = -1 if act.choices.get("sign") == "earlier" else 1
        slots[purpose] = Filled(words, length * sign)


def _before(
    act: Act, slots: dict[str, Filled], length: timedelta | None, known: Known, memory: Memory
) -> None:
    """So long before the event that was spoken of; "the day before at five" keeps its own clock."""
    base = memory.when
    if base is None or length is None:
        return
    moment = base.start - length
    clock = when_of(act.words["when"], known) if "when" in act.words else None
    if clock is not None and clock.has_time:
        moment = moment.replace(hour=clock.start.hour, minute=clock.start.minute)
    slots["when"] = Filled(act.text, When(moment))


def _beside(act: Act, slots: dict[str, Filled], known: Known, memory: Memory) -> bool:
    """So long after or before an event, at its own time where no other is said."""
    slot = CATALOGUE["event_change"].slot("event")
    anchor = link(slot, "event_change", act.words["anchor"], None, known, memory)
    if not isinstance(anchor.value, tuple):
        return False
    event = event_of(known, anchor.value[0])
    said = f"{act.words['length']} {act.words['way']} {act.words['anchor']}"
    if act.choices["as"] == "adjacent":
        length = length_of(act.words["length"], known)
        if event is None or length is None:
            return False
        start = event.end if act.words["way"] == "after" else event.start - length
        slots["when"] = Filled(said, When(start, start + length))
        return True
    when = when_of(said, known)
    if event is None or when is None:
        return False
    same = act.words.get("same", "")
    clock = when_of(act.words["when"], known) if "when" in act.words else None
    if clock is not None and clock.has_time:
        when = When(when.start.replace(hour=clock.start.hour, minute=clock.start.minute))
    elif "time" in same:
        start = when.start.replace(hour=event.start.hour, minute=event.start.minute)
        when = When(start, start + (event.end - event.start))
    slots["when"] = Filled(said, when)
    if "place" in same and event.location:
        slots["place"] = Filled(same, event.location)
    return True


def event_of(known: Known, ref: object) -> KnownEvent | None:
    """The occurrence that a reference names."""
    if not isinstance(ref, Ref):
        return None
    for event in known.events:
        if event.uid == ref.id and event.recurrence_id == ref.recurrence_id:
            return event
    return None


def _last_day(words: str, slots: dict[str, Filled], known: Known) -> None:
    """The end of the month is its last day."""
    found = read(words, setting_of(known))
    if found and found[0].edge == "end" and isinstance(found[0].end, date):
        last = found[0].end - timedelta(days=1)
        zone = known.now.tzinfo
        slots["until"] = Filled(
            words, When(datetime(last.year, last.month, last.day, tzinfo=zone), has_time=False)
        )


def _ends(words: str, slots: dict[str, Filled], known: Known) -> None:
    """Until four: the next four o'clock after the start."""
    filled, clock = slots.get("when"), when_of(words, known)
    if filled is None or not isinstance(filled.value, When) or clock is None or not clock.has_time:
        return
    start = filled.value.start
    end = start.replace(hour=clock.start.hour, minute=clock.start.minute)
    if end <= start and clock.start.hour <= 12:
        end += timedelta(hours=12)
    if start < end < start + timedelta(hours=12):
        slots["when"] = replace(filled, value=replace(filled.value, end=end))


def _people_of(act: Act, slots: Mapping[str, Filled], known: Known, memory: Memory) -> None:
    """Whom "her" will mean after an event was spoken of: its guests, and those it names."""
    words = act.words.get("event") or (act.words.get("title") if act.tool == "event_create" else "")
    if not words:
        return
    named = re.search(r"(?:with|和|跟|与|约|同)\s*(.+)", words, re.IGNORECASE)
    found = candidates.contacts(named[1] if named else words, known)
    if not found:
        found = [
            one
            for piece in re.findall(r"[A-Z]\w+|[一-鿿]{2,3}", words)
            for one in candidates.contacts(piece, known)
        ]
    if found:
        memory.keep([found[0].ref])
        return
    filled = slots.get("event")
    event = event_of(known, filled.value[0]) if filled and isinstance(filled.value, tuple) else None
    for card in known.contacts if event else ():
        if event and set(card.emails) & set(event.attendees):
            memory.keep([Ref("contact", card.uid)])


def _guests(act: Act, slots: dict[str, Filled], known: Known, memory: Memory) -> None:
    if "invites" not in act.choices:
        return
    words = act.words.get("attendees", "")
    if _PRONOUN.fullmatch(words):
        words = act.words.get("title", "")
    slot = CATALOGUE["event_create"].slot("attendees")
    slots["attendees"] = link(slot, "event_create", words, None, known, memory)


def _details(words: str, act: Act, known: Known, memory: Memory) -> dict[str, Filled]:
    """Address and number of a new contact, wherever they stand."""
    found: dict[str, Filled] = {}
    text = f"{words} {act.text}"
    if mail := _MAIL.search(text):
        found["email"] = Filled(mail[0], mail[0])
    if phone := _PHONE.search(_MAIL.sub(" ", text)):
        found["phone"] = Filled(phone[0], phone[0].strip())
    name = act.words.get("name", "")
    if name:
        plain = re.split(r"\s*[,，:：\d]", _MAIL.sub("", name))[0].strip() or name
        found["name"] = Filled(plain, plain)
        if (
            "mail" not in act.words
            and not found.get("email")
            and re.search(r"from|写|来信|发来", act.text)
        ):
            slot = CATALOGUE["contact_create"].slot("mail")
            found["mail"] = link(slot, "contact_create", plain, None, known, memory)
    return found


def _is_plausible(act: Act, slots: Mapping[str, Filled]) -> bool:
    """An event or task that is nowhere in the stores: the phrase was something else."""
    if act.tool in ("event_change", "task_done", "task_change", "event_invite"):
        name = "task" if act.tool.startswith("task") else "event"
        filled = slots.get(name)
        return filled is not None and (filled.value is not None or len(filled.options) > 1)
    return True


# --- questions ----------------------------------------------------------------------------------


def _question(act: Act, known: Known, memory: Memory) -> Call | None:
    """To the calendar where an event is meant, to everything that is known else."""
    spec = CATALOGUE[act.tool]
    slots = _direct(act, spec, known, memory)
    if act.tool == "event_search":
        event = slots.get("event")
        if event is None or event.value is not None or len(event.options) > 1:
            return Call(act.tool, slots, act.sure)
    if act.tool == "mail_read" and slots["mail"].value is not None:
        return Call(act.tool, slots, act.sure)
    if not is_about(act.text, known):
        return None
    return Call("data_question", {"question": Filled(act.text, act.text)}, min(act.sure, 0.7))


def is_about(text: str, known: Known) -> bool:
    """Do the user's own records speak of it? General knowledge is for others."""
    wanted = candidates.terms(text)
    if _WORLD.search(text):
        return False
    if re.search(r"\b(my|our|i|me|mine)\b|我", text, re.IGNORECASE):
        return True
    if not wanted:
        return False
    have: set[str] = set()
    for one in known.mails:
        have |= candidates.terms(f"{one.sender_name} {one.subject} {one.text[:1000]}")
    for event in known.events:
        have |= candidates.terms(f"{event.summary} {event.location}")
    for note in known.notes:
        have |= candidates.terms(f"{note.name} {note.text}")
    for card in known.contacts:
        have |= candidates.terms(f"{card.name} {card.note} {card.organisation}")
    hits = sum(term in have for term in wanted)
    if is_chinese(text):
        return hits >= 2 or hits >= 0.3 * len(wanted)  # pairs of characters, half of them by chance
    return hits >= 0.6 * len(wanted)


def agreeing(reading: Reading, sure: float) -> Reading:
    """The reading with the confidence of two readers that read the same."""
    return replace(reading, confidence=1 - (1 - reading.confidence) * (1 - sure))
