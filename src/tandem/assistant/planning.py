"""From a call to a step: what exactly would be written, or what is told or asked instead.

The plan is made from the call alone, and the call from the user's words. Records of the stores fill
in values; which tool, which recipient and what is sent never come out of their texts.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from tandem.assistant.cards import Evidence, Line, Origin, Step
from tandem.assistant.knowing import Knowing
from tandem.assistant.letters import Writer
from tandem.assistant.words import say
from tandem.connectors.records import Address
from tandem.understanding.catalogue import CATALOGUE
from tandem.understanding.known import Known, KnownContact, KnownEvent, KnownMail, KnownTask
from tandem.understanding.reading import Call, Ref, Value, When


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: nothing is written."""

    text: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to the user, about one slot."""

    text: str
    slot: str


Outcome = Step | Told | Asked


def new_id() -> str:
    """A name that nobody else has and nobody can guess."""
    return uuid.uuid4().hex


class Unclear(Exception):
    """A slot is not clear enough to act; carries the question."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked.text)
        self.asked = asked


@dataclass(frozen=True, slots=True)
class Desk:
    """One call with all that is needed to plan it: the records, the moment, the language."""

    call: Call
    known: Known
    knowing: Knowing
    writer: Writer
    language: str

    # --- the call's values ----------------------------------------------------------------------

    def value(self, slot: str) -> Value | None:
        filled = self.call.slots.get(slot)
        return filled.value if filled is not None else None

    def text(self, slot: str) -> str:
        """A text slot, empty where it was not filled."""
        value = self.value(slot)
        if isinstance(value, str):
            return value.strip()
        filled = self.call.slots.get(slot)
        return filled.text.strip() if filled is not None and value is None else ""

    def words(self, slot: str) -> str:
        """The user's own words for a slot."""
        filled = self.call.slots.get(slot)
        return filled.text.strip() if filled is not None else ""

    def when(self, slot: str = "when") -> When | None:
        value = self.value(slot)
        return value if isinstance(value, When) else None

    def span(self, slot: str) -> timedelta | None:
        value = self.value(slot)
        return value if isinstance(value, timedelta) else None

    def refs(self, slot: str) -> tuple[Ref, ...]:
        value = self.value(slot)
        if not isinstance(value, tuple):
            return ()
        return tuple(one for one in cast(tuple[object, ...], value) if isinstance(one, Ref))

    # --- records --------------------------------------------------------------------------------

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.known.zone)

    @property
    def now(self) -> datetime:
        return self.known.now

    def need(self, slot: str, key: str) -> Unclear:
        """The question for a slot that holds nothing usable."""
        words = self.words(slot)
        text = say(self.language, key, name=words, text=words)
        if words and key in ("ask_event", "ask_mail", "ask_task", "ask_note"):
            text = f"{say(self.language, 'not_found', text=words)} {text}"
        return Unclear(Asked(text, slot))

    def events(self, slot: str = "event") -> tuple[KnownEvent, ...]:
        """The events of a slot, each as the occurrence that is meant."""
        return tuple(
            found for ref in self.refs(slot) if (found := find_event(self.known, ref)) is not None
        )

    def event(self, slot: str = "event") -> KnownEvent:
        found = self.events(slot)
        if not found:
            raise self.need(slot, "ask_event")
        return found[0]

    def mails(self, slot: str) -> tuple[KnownMail, ...]:
        ids = {ref.id for ref in self.refs(slot)}
        return tuple(mail for mail in self.known.mails if mail.message_id in ids)

    def mail(self, slot: str = "mail") -> KnownMail:
        found = self.mails(slot)
        if not found:
            raise self.need(slot, "ask_mail")
        return found[0]

    def task(self) -> KnownTask:
        for ref in self.refs("task"):
            for task in self.known.tasks:
                if task.uid == ref.id:
                    return task
        raise self.need("task", "ask_task")

    def contact(self, ref: Ref) -> KnownContact | None:
        return next((c for c in self.known.contacts if c.uid == ref.id), None)

    def people(self, slot: str) -> tuple[tuple[Address, Origin], ...]:
        """Addresses of a slot's people: from the address book, or as the user wrote them.

        Raises `Unclear` for somebody without a mail address.
        """
        found: list[tuple[Address, Origin]] = []
        for ref in self.refs(slot):
            contact = self.contact(ref)
            if contact is None:
                if "@" not in (ref.address or ref.id):
                    raise self.need(slot, "ask_unknown_person")
                found.append((Address("", ref.address or ref.id), self._origin(ref)))
                continue
            address = ref.address or (contact.emails[0] if contact.emails else "")
            if "@" not in address:
                name = contact.name
                raise Unclear(Asked(say(self.language, "ask_address", name=name), slot))
            origin = Origin.OWN if address in contact.emails else self._origin(ref)
            found.append((Address(contact.name, address), origin))
        return tuple({one.address.lower(): (one, origin) for one, origin in found}.values())

    def _origin(self, ref: Ref) -> Origin:
        """An address that the user did not write and that is in no card was found in a mail."""
        said = " ".join(filled.text for filled in self.call.slots.values())
        return Origin.USER if (ref.address or ref.id) in said else Origin.UNTRUSTED

    # --- sentences ------------------------------------------------------------------------------

    def say(self, key: str, **values: object) -> str:
        return say(self.language, key, **values)

    def asked(self, key: str, slot: str, name: str) -> Asked:
        return Asked(say(self.language, key, name=name), slot)

    def line_of(self, label: str, value: str) -> Line:
        """A line under a label of the user's own: a column of a table."""
        return Line(label, value)

    def line(self, label: str, value: str, origin: Origin = Origin.USER) -> Line:
        return Line(self.say(label), value, origin)


def find_event(known: Known, ref: Ref) -> KnownEvent | None:
    """The occurrence that is meant; without one named, the next one, else the last."""
    same = [event for event in known.events if event.uid == ref.id]
    if ref.recurrence_id is not None:
        for event in same:
            if event.recurrence_id == ref.recurrence_id:
                return event
    coming = [event for event in same if event.end > known.now]
    return (coming or same[-1:] or [None])[0]


def names(people: Sequence[tuple[Address, Origin]], language: str) -> str:
    """People in a title: names, else addresses."""
    return ("、" if language == "zh" else ", ").join(one.name or one.address for one, _ in people)


def later(moment: datetime, span: timedelta) -> datetime:
    """The moment that much later in elapsed time, also over a change of the clocks."""
    return (moment.astimezone(ZoneInfo("UTC")) + span).astimezone(moment.tzinfo)


def evidence(record: KnownEvent | KnownMail | KnownTask | KnownContact) -> Evidence:
    """A record as evidence on a card."""
    if isinstance(record, KnownMail):
        who = record.sender_name or record.sender
        return Evidence("mail", record.message_id, f"{who}: {record.subject}")
    if isinstance(record, KnownEvent):
        title = f"{record.summary}, {record.start:%Y-%m-%d %H:%M}"
        return Evidence("event", record.uid, title, record.recurrence_id)
    if isinstance(record, KnownTask):
        return Evidence("task", record.uid, record.summary)
    return Evidence("contact", record.uid, record.name)


def date_or_time(when: When) -> datetime | date:
    """A day where no time was said, else the moment."""
    return when.start if when.has_time else when.start.date()


Maker = Callable[[Desk], Outcome]


def plan(desk: Desk, makers: Mapping[str, Maker]) -> Outcome:
    """The step or the words for one call. A missing required value becomes the one question."""
    spec = CATALOGUE[desk.call.tool]
    for slot in spec.slots:
        filled = desk.call.slots.get(slot.name)
        if slot.is_required and (filled is None or (filled.value is None and not filled.text)):
            return Asked(_question(desk, slot.name), slot.name)
    try:
        return makers[desk.call.tool](desk)
    except Unclear as unclear:
        return unclear.asked


_QUESTIONS = {
    "when": "ask_when", "to": "ask_to", "attendees": "ask_to", "body": "ask_body",
    "event": "ask_event", "mail": "ask_mail", "mails": "ask_mail", "task": "ask_task",
    "note": "ask_note", "contact": "ask_contact",
}  # fmt: skip


def _question(desk: Desk, slot: str) -> str:
    if slot in _QUESTIONS:
        return desk.say(_QUESTIONS[slot])
    return desk.say("ask_slot", slot=CATALOGUE[desk.call.tool].slot(slot).description)
