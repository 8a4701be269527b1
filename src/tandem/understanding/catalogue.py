"""The assistant's tools: what each does to the world and what it must be told.

One table for everybody: the reader picks from it, the assistant executes it, clouds and MCP clients
see it as JSON schemas. A tool's name is a class of the encoder, so a rename means training anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tandem.types import Effect, Tool

NONE = "none"
"""No tool of the catalogue: talk, knowledge, payments, what the device cannot do."""


class SlotType(StrEnum):
    """What fills a slot. `tandem.understanding.reading` says which value stands for which type."""

    TEXT = "text"  # copied words: a title, a body, a question
    WHEN = "when"  # a point, a day, a range, a repetition: `When`
    DURATION = "duration"  # a length of time, signed where it shifts
    NUMBER = "number"
    CHOICE = "choice"  # one of `choices`
    CONTACT = "contact"  # a person or an address: ids of contacts, or an address as written
    EVENT = "event"  # an event or one occurrence of it
    MAIL = "mail"  # one mail, or several where the slot is `is_many`
    TASK = "task"
    NOTE = "note"
    FOLDER = "folder"
    PLACE = "place"
    ITEMS = "items"  # things with amounts; values of a row as column=value
    ROW = "row"  # rows of a table that the user keeps


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing a tool can be told. `is_required`: without it there is one question to the user.

    `lifts`: filling it makes the act outward (an event becomes an invitation).
    """

    name: str
    type: SlotType
    description: str
    is_required: bool = False
    is_many: bool = False
    lifts: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool with its slots; `tool` is the same thing as a cloud or an MCP client sees it."""

    name: str
    description: str
    effect: Effect
    slots: tuple[Slot, ...] = ()

    @property
    def tool(self) -> Tool:
        return Tool(self.name, self.description, self.schema, self.effect, strict=True)

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of the arguments; values are the user's words, the device resolves
        them.
        """
        return {
            "type": "object",
            "properties": {slot.name: _slot_schema(slot) for slot in self.slots},
            "required": [slot.name for slot in self.slots if slot.is_required],
            "additionalProperties": False,
        }

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(slot.name for slot in self.slots if slot.is_required)

    def slot(self, name: str) -> Slot:
        """The slot of that name; `KeyError` when the tool has none."""
        for slot in self.slots:
            if slot.name == name:
                return slot
        raise KeyError(f"{self.name} has no slot {name}")


def _slot_schema(slot: Slot) -> dict[str, Any]:
    one: dict[str, Any] = {"type": "number" if slot.type is SlotType.NUMBER else "string"}
    if slot.choices:
        one["enum"] = list(slot.choices)
    if slot.is_many:
        return {"type": "array", "items": one, "description": slot.description}
    return {**one, "description": slot.description}


# --- the table ----------------------------------------------------------------------------------

_T = SlotType
_READ, _KEEP, _OUT = Effect.READ, Effect.REVERSIBLE, Effect.OUTWARD


def _need(name: str, type: SlotType, description: str, *, many: bool = False) -> Slot:
    return Slot(name, type, description, is_required=True, is_many=many)


def _may(
    name: str, type: SlotType, description: str, *, many: bool = False, lifts: bool = False
) -> Slot:
    return Slot(name, type, description, is_many=many, lifts=lifts)


def _pick(name: str, description: str, *choices: str, required: bool = False) -> Slot:
    return Slot(name, _T.CHOICE, description, is_required=required, choices=choices)


_SCOPE = _pick("scope", "of a repeating event: this one, this and all later, or all",
               "this", "following", "all")  # fmt: skip
_MAILS = _need("mails", _T.MAIL, "which mails", many=True)

_MAIL = (
    ToolSpec("mail_search", "Find mails by sender, words, time or state.", _READ, (
        _may("sender", _T.CONTACT, "who wrote it"),
        _may("recipient", _T.CONTACT, "who got it"),
        _may("about", _T.TEXT, "words of subject or text"),
        _may("when", _T.WHEN, "when it came"),
        _may("folder", _T.FOLDER, "where it lies"),
        _pick("state", "unread, flagged, with an attachment", "unread", "flagged", "attachment"),
    )),
    ToolSpec("mail_read", "Say what a mail says.", _READ, (
        _need("mail", _T.MAIL, "which mail"),
        _may("question", _T.TEXT, "what to find out from it"),
    )),
    ToolSpec("mail_draft", "Write a mail or a reply and keep it as a draft.", _KEEP, (
        _may("to", _T.CONTACT, "to whom", many=True),
        _may("cc", _T.CONTACT, "copies", many=True),
        _may("mail", _T.MAIL, "the mail it replies to"),
        _may("subject", _T.TEXT, "the subject"),
        _need("body", _T.TEXT, "what it says"),
        _may("attachments", _T.MAIL, "the mail whose attachments go along", many=True),
    )),
    ToolSpec("mail_send", "Write a new mail and send it.", _OUT, (
        _need("to", _T.CONTACT, "to whom", many=True),
        _may("cc", _T.CONTACT, "copies", many=True),
        _may("subject", _T.TEXT, "the subject"),
        _need("body", _T.TEXT, "what it says"),
    )),
    ToolSpec("mail_reply", "Answer a mail in its thread and send it.", _OUT, (
        _need("mail", _T.MAIL, "the mail to answer"),
        _need("body", _T.TEXT, "what to say"),
        _may("cc", _T.CONTACT, "copies", many=True),
        _pick("audience", "the sender alone or everybody", "sender", "all"),
    )),
    ToolSpec("mail_forward", "Send a mail on, with its attachments.", _OUT, (
        _need("mail", _T.MAIL, "the mail to send on"),
        _need("to", _T.CONTACT, "to whom", many=True),
        _may("body", _T.TEXT, "words to put before it"),
    )),
    ToolSpec("mail_move", "File mails in a folder; archiving is the folder Archive.", _KEEP, (
        _MAILS,
        _need("folder", _T.FOLDER, "where to"),
    )),
    ToolSpec("mail_delete", "Put mails into the trash.", _KEEP, (_MAILS,)),
    ToolSpec("mail_flag", "Mark mails read, unread, flagged or not flagged.", _KEEP, (
        _MAILS,
        _pick("state", "what they become", "seen", "unseen", "flagged", "unflagged", required=True),
    )),
    ToolSpec("mail_unsubscribe", "Leave a mailing list.", _OUT, (
        _need("mail", _T.MAIL, "a mail of the list"),
    )),
)  # fmt: skip

_CALENDAR = (
    ToolSpec("event_create", "Put an event into the calendar.", _KEEP, (
        _need("title", _T.TEXT, "what it is"),
        _need("when", _T.WHEN, "when it is, with any repetition"),
        _may("duration", _T.DURATION, "how long it takes"),
        _may("place", _T.PLACE, "where it is"),
        _may("people", _T.CONTACT, "who is meant, without an invitation", many=True),
        _may("attendees", _T.CONTACT, "whom to invite", many=True, lifts=True),
        _may("alarm", _T.DURATION, "how long before to alert"),
        _may("notes", _T.TEXT, "what is to be known at it"),
    )),
    ToolSpec("event_change", "Move, lengthen, rename or otherwise change an event.", _KEEP, (
        _need("event", _T.EVENT, "which event"),
        _may("when", _T.WHEN, "its new time; only what is said changes"),
        _may("shift", _T.DURATION, "later by so much, negative is earlier"),
        _may("lengthen", _T.DURATION, "longer by so much, negative is shorter"),
        _may("duration", _T.DURATION, "its new length"),
        _may("title", _T.TEXT, "its new name"),
        _may("place", _T.PLACE, "its new place"),
        _may("alarm", _T.DURATION, "how long before to alert"),
        _may("until", _T.WHEN, "the last day of a repeating event"),
        _SCOPE,
    )),
    ToolSpec("event_cancel", "Take an event, or one occurrence, out of the calendar.", _KEEP, (
        _need("event", _T.EVENT, "which event"),
        _SCOPE,
    )),
    ToolSpec("event_search", "Say what is in the calendar, when or where an event is.", _READ, (
        _may("event", _T.EVENT, "which event"),
        _may("when", _T.WHEN, "in which time"),
        _may("about", _T.TEXT, "words of the title"),
        _may("people", _T.CONTACT, "with whom", many=True),
    )),
    ToolSpec("event_invite", "Invite people to an event that is in the calendar.", _OUT, (
        _need("event", _T.EVENT, "which event"),
        _need("attendees", _T.CONTACT, "whom to invite", many=True),
    )),
    ToolSpec("invitation_answer", "Accept or decline an invitation that came by mail.", _OUT, (
        _need("mail", _T.MAIL, "the mail that invites"),
        _pick("answer", "what to say", "accept", "decline", "tentative", required=True),
        _may("body", _T.TEXT, "words to add"),
    )),
    ToolSpec("free_time", "Say whether, or when, the user is free.", _READ, (
        _may("when", _T.WHEN, "in which time"),
        _may("duration", _T.DURATION, "how long it must be"),
    )),
    ToolSpec("conflicts", "Find events that overlap.", _READ, (
        _may("when", _T.WHEN, "in which time"),
    )),
    ToolSpec("travel_time", "Say how long the way is and when to leave.", _READ, (
        _may("origin", _T.PLACE, "from where; home when not said"),
        _may("place", _T.PLACE, "where to"),
        _may("event", _T.EVENT, "the event to be at"),
        _pick("by", "how", "foot", "bicycle", "car", "transit"),
    )),
)  # fmt: skip

_TASKS = (
    ToolSpec("task_create", "Make a task, or a reminder where there is a time.", _KEEP, (
        _need("title", _T.TEXT, "what to do"),
        _may("when", _T.WHEN, "when to remind or when it is due, with any repetition"),
    )),
    ToolSpec("task_change", "Change a task's name or due time.", _KEEP, (
        _need("task", _T.TASK, "which task"),
        _may("title", _T.TEXT, "its new name"),
        _may("when", _T.WHEN, "its new due time"),
        _may("shift", _T.DURATION, "later by so much, negative is earlier"),
    )),
    ToolSpec("task_done", "Tick a task off.", _KEEP, (_need("task", _T.TASK, "which task"),)),
    ToolSpec("task_delete", "Delete a task.", _KEEP, (_need("task", _T.TASK, "which task"),)),
    ToolSpec("task_search", "Say which tasks are open.", _READ, (
        _may("task", _T.TASK, "which task"),
        _may("when", _T.WHEN, "due in which time"),
    )),
    ToolSpec("timer_set", "Start a timer.", _KEEP, (
        _need("duration", _T.DURATION, "how long"),
        _may("title", _T.TEXT, "what for"),
    )),
)  # fmt: skip

_NOTES = (
    ToolSpec("note_create", "Write a note.", _KEEP, (
        _need("text", _T.TEXT, "what to note"),
        _may("title", _T.TEXT, "its title"),
    )),
    ToolSpec("note_change", "Add words to a note.", _KEEP, (
        _need("note", _T.NOTE, "which note"),
        _need("text", _T.TEXT, "what to add"),
    )),
    ToolSpec("note_delete", "Delete a note.", _KEEP, (_need("note", _T.NOTE, "which note"),)),
    ToolSpec("note_search", "Say what a note says.", _READ, (
        _may("note", _T.NOTE, "which note"),
        _may("about", _T.TEXT, "words in it"),
    )),
)  # fmt: skip

_CONTACTS = (
    ToolSpec("contact_create", "Make a contact.", _KEEP, (
        _need("name", _T.TEXT, "the name"),
        _may("email", _T.TEXT, "the mail address"),
        _may("phone", _T.TEXT, "the number"),
        _may("address", _T.TEXT, "where they live"),
        _may("organisation", _T.TEXT, "where they work"),
        _may("mail", _T.MAIL, "the mail that has the address"),
    )),
    ToolSpec("contact_change", "Change or add to a contact.", _KEEP, (
        _need("contact", _T.CONTACT, "whose card"),
        _may("name", _T.TEXT, "the new name"),
        _may("email", _T.TEXT, "the new mail address"),
        _may("phone", _T.TEXT, "the new number"),
        _may("address", _T.TEXT, "the new address"),
        _may("organisation", _T.TEXT, "the new employer"),
        _pick("way", "beside what is there, or in its place", "add", "replace"),
    )),
    ToolSpec("contact_delete", "Delete a contact.", _KEEP, (
        _need("contact", _T.CONTACT, "whose card"),
    )),
    ToolSpec("contact_search", "Look up a number, an address or a birthday.", _READ, (
        _need("contact", _T.CONTACT, "whose"),
        _pick("field", "what", "email", "phone", "address", "birthday", "organisation", "note"),
    )),
    ToolSpec("message_send", "Send a text message.", _OUT, (
        _need("to", _T.CONTACT, "to whom", many=True),
        _need("body", _T.TEXT, "what it says"),
    )),
)  # fmt: skip

_ROWS = _need("rows", _T.ROW, "which rows, in words", many=True)
_VALUES = _need("values", _T.ITEMS, "new values as column=value", many=True)

_TABLES = (
    ToolSpec("row_search", "Say which rows of a table of the user's fit.", _READ, (
        _ROWS,
        _may("table", _T.TEXT, "the table's name"),
    )),
    ToolSpec("row_create", "Add a row to a table of the user's.", _KEEP, (
        _need("table", _T.TEXT, "the table's name"),
        _VALUES,
    )),
    ToolSpec("row_change", "Change values of rows of a table: reassign, move, mark.", _KEEP, (
        _ROWS,
        _VALUES,
    )),
    ToolSpec("row_delete", "Take rows out of a table.", _KEEP, (_ROWS,)),
)  # fmt: skip

_OTHER = (
    ToolSpec("data_question", "Answer from the user's own mail, notes and calendar.", _READ, (
        _need("question", _T.TEXT, "what is asked"),
        _may("people", _T.CONTACT, "who it is about", many=True),
        _may("when", _T.WHEN, "which time it is about"),
    )),
    ToolSpec("time_question", "Tell a time, a date, a span between, another zone's clock.", _READ, (
        _need("question", _T.TEXT, "what is asked"),
        _may("when", _T.WHEN, "the moment or day that is asked about"),
        _may("zone", _T.TEXT, "the place whose clock is meant; here when not said"),
        _may("events", _T.EVENT, "the events between which a span is asked", many=True),
    )),
    ToolSpec("undo", "Take back the last act.", _KEEP),
)  # fmt: skip

CATALOGUE: Mapping[str, ToolSpec] = {
    spec.name: spec
    for spec in (*_MAIL, *_CALENDAR, *_TASKS, *_NOTES, *_CONTACTS, *_TABLES, *_OTHER)
}
"""Every tool by its name; `NONE` is not among them."""


def effect_of(tool: str, filled: frozenset[str]) -> Effect:
    """What a call does to the world when these slots are filled."""
    spec = CATALOGUE[tool]
    if any(slot.lifts and slot.name in filled for slot in spec.slots):
        return Effect.OUTWARD
    return spec.effect
