"""The one question: what is missing, or which of several records is meant."""

from __future__ import annotations

from tandem.assistant.words import say
from tandem.understanding.known import Known
from tandem.understanding.reading import Call, Question, Ref, Value, When

_MISSING = {
    "when": "ask_when", "to": "ask_to", "attendees": "ask_to", "body": "ask_body",
    "event": "ask_event", "mail": "ask_mail", "mails": "ask_mail", "task": "ask_task",
    "note": "ask_note", "contact": "ask_contact",
}  # fmt: skip


def missing(call: Call, question: Question, language: str) -> str:
    filled = call.slots.get(question.slot)
    if question.slot in ("to", "contact", "attendees", "people") and filled and filled.text:
        return say(language, "ask_unknown_person", name=filled.text)
    if question.slot in _MISSING:
        return say(language, _MISSING[question.slot])
    return say(language, "ask_slot", slot=question.slot)


def shown(option: Value, known: Known, language: str) -> str:
    if isinstance(option, tuple):
        return ", ".join(
            _record(one, known, language) if isinstance(one, Ref) else one for one in option
        )
    if isinstance(option, When):
        return f"{option.start:%Y-%m-%d %H:%M}"
    return str(option)


def _record(ref: Ref, known: Known, language: str) -> str:
    if ref.kind == "contact":
        found = next((c for c in known.contacts if c.uid == ref.id), None)
        if found is None:
            return ref.address or ref.id
        more = ref.address or found.organisation or found.title
        return f"{found.name} ({more})" if more else found.name
    if ref.kind == "event":
        event = next(
            (
                e
                for e in known.events
                if e.uid == ref.id and ref.recurrence_id in (None, e.recurrence_id)
            ),
            None,
        )
        return f"{event.summary} {event.start:%m-%d %H:%M}" if event else ref.id
    if ref.kind == "mail":
        mail = next((m for m in known.mails if m.message_id == ref.id), None)
        return f"{mail.sender_name or mail.sender}: {mail.subject}" if mail else ref.id
    if ref.kind == "task":
        return next((t.summary for t in known.tasks if t.uid == ref.id), ref.id)
    return ref.id
