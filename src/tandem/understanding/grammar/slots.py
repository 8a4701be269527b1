"""From an act to a call: words of the holes become values and records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from tandem.understanding import candidates
from tandem.understanding.catalogue import CATALOGUE, Slot, SlotType, ToolSpec
from tandem.understanding.grammar.acts import Act
from tandem.understanding.known import Known, KnownEvent
from tandem.understanding.linking import CLOSE, Memory, link
from tandem.understanding.moments import length_of, setting_of, when_of
from tandem.understanding.reading import Call, Filled, Ref, When
from tandem.understanding.times import is_chinese, read

_PRONOUN = re.compile(r"(?:him|her|them|it|that|他|她|他们|对方|它|)", re.IGNORECASE)
_EVERYTHING = re.compile(
    r"^(?:everything|anything|all(?: of it)?|whatever) (?:from|by|of) (?:the )?", re.IGNORECASE
)
_ALL = re.compile("全部|全都|统统|所有|[全都](?=删|移|归|标|挪|转|清|存)")
_BARE = re.compile(r"[a-z]+|\d{1,2}", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"\+?\d[\d\s()-]{5,18}\d")
_WORLD = re.compile(
    r"\b(?:weather|forecast|news|stocks?|share price|exchange rate|score|capital of|population)\b|"
    r"天气|气温|下雨|新闻|股价|股票|汇率|比分",
    re.IGNORECASE,
)


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
    if act.tool == "event_change":
        _same_half(act, slots, known)
    _people_of(act, slots, known, memory)
    call = Call(act.tool, slots, act.sure)
    keep(call, memory)
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
            if name == "mails" and _ALL.search(act.text) and not _ALL.search(words):
                words = f"全部{words}"
            slots[name] = _linked(spec, name, words, known, memory)
    if "mail" in slots and spec.name in ("mail_reply", "mail_draft"):
        body = act.words.get("body", "")
        slots["mail"] = _answered(act.words["mail"], body, known, slots["mail"])
    for name, choice in act.choices.items():
        if name in names:
            slot = spec.slot(name)
            if slot.type is SlotType.CHOICE:
                slots[name] = Filled(choice, choice)
            else:
                slots[name] = link(slot, spec.name, choice, None, known, memory)
    return slots


def _same_half(act: Act, slots: dict[str, Filled], known: Known) -> None:
    """Drinks at eight that "start half eight" stay in the evening: of two readings the nearer."""
    filled, event = slots.get("when"), slots.get("event")
    if filled is None or event is None or not isinstance(filled.value, When):
        return
    old = event_of(known, event.value[0]) if isinstance(event.value, tuple) else None
    when = filled.value
    if old is None or old.is_all_day or when.end is not None:
        return
    words = act.words["when"]
    if when.has_date and not when.has_time:
        slots["when"] = replace(filled, value=_after_event(when, words, old, known))
    if not when.has_time:
        return
    open_hours = [one for one in read(words, setting_of(known)) if one.kind in ("time", "datetime")]
    times = {getattr(one.start, "hour", -1) for one in open_hours}
    later = (when.start.hour + 12) % 24
    if {when.start.hour, later} <= times:
        hours = sorted((when.start.hour, later), key=lambda hour: abs(hour - old.start.hour))
        slots["when"] = replace(
            filled, value=replace(when, start=when.start.replace(hour=hours[0]))
        )


def _after_event(when: When, words: str, old: KnownEvent, known: Known) -> When:
    """ "From Tuesday to Wednesday", said on a Wednesday: the one after the event."""
    is_today = when.start.date() == known.now.date() < old.start.date()
    if not is_today or len(read(words, setting_of(known))) < 2:
        return when
    days = (old.start.date() - when.start.date()).days
    return replace(when, start=when.start + timedelta(days=-(-days // 7) * 7))


def _answered(words: str, body: str, known: Known, linked: Filled) -> Filled:
    """Of several mails of one sender the one that an answer speaks of."""
    found = candidates.mails(words, known)
    ties = {one.ref.id for one in found if one.score >= found[0].score - CLOSE}
    if len(ties) < 2 or not isinstance(linked.value, tuple):
        return linked
    wanted = candidates.terms(body)
    scored = sorted(
        (candidates.overlap(wanted, f"{mail.subject} {mail.text[:800]}"), mail.message_id)
        for mail in known.mails
        if mail.message_id in ties
    )
    if scored[-1][0] < scored[-2][0] + 0.1:
        return linked
    return replace(linked, value=(Ref("mail", scored[-1][1]),), options=())


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
        start = event.end if act.words["way"] in ("after", "之后", "后") else event.start - length
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


def keep(call: Call, memory: Memory) -> None:
    """Remember what the words of a call meant."""
    for filled in call.slots.values():
        if isinstance(filled.value, tuple):
            memory.keep([ref for ref in filled.value if isinstance(ref, Ref)])
        elif isinstance(filled.value, When):
            memory.when = filled.value


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
