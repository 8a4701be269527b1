"""What was read from a request, and the port of those who read it.

A reading is made from the user's words alone. The stores are looked at only to link a name to a
record ("lunch with Bea" to an event's uid); their text never decides which tool is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from tandem.understanding.known import Known

# --- values -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class When:
    """A point, a day, a range or a repetition.

    `start` and `end` know their time zone; `end` is exclusive. `has_date` and `has_time` tell what
    was said: "at four" has no date (the day is today's, or the event's that is moved), "on Friday"
    no time. Without a time and without an end it is one whole day. `recurrence` is an RRULE without
    its name. `is_part`: a part of a day was said ("Monday morning"), within which a time is free.
    """

    start: datetime
    end: datetime | None = None
    has_date: bool = True
    has_time: bool = True
    recurrence: str | None = None
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Ref:
    """A record of the user's stores. `kind`: contact, event, mail, task, note, folder, place,
    row (whose `id` is the row's key and whose `address` names the table).

    `id` is the record's own: uid, Message-ID, path, folder name; for somebody who is no contact,
    the address as written. `recurrence_id` names one occurrence of an event. `address`: where the
    user said which of a contact's addresses or numbers is meant.
    """

    kind: str
    id: str
    recurrence_id: datetime | None = None
    address: str | None = None


Value = str | float | timedelta | When | tuple[str, ...] | tuple[Ref, ...]
"""By type of slot: text, choice, place: str. number: float. duration: timedelta. when: When.
contact, event, mail, task, note, folder: a tuple of Ref (one, or several where the slot is
`is_many`). items: a tuple of str."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A slot's value. `text` are the user's words for it and `span` their place in the last turn
    (characters, end exclusive; `None` when it was not said there). `value` is `None` when the words
    were not understood or nothing fits. `options` are the readings that fit equally well: more
    than one means a question.
    """

    text: str
    value: Value | None = None
    span: tuple[int, int] | None = None
    options: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One tool with its slots; `confidence` is the probability that all of it is right, 0..1."""

    tool: str
    slots: Mapping[str, Filled] = field(default_factory=dict[str, Filled])
    confidence: float = 1.0


# --- the decision -------------------------------------------------------------------------------


class Decision(StrEnum):
    """What to do with a reading. `refuse`: nobody could do it from here, neither device nor cloud
    (paying, taking back a mail that was sent).
    """

    ACT = "act"
    ASK = "ask"
    ESCALATE = "escalate"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Question:
    """The one thing to ask. `call` is the index of the call it is about; `options` are shown to
    choose from; without options the slot was not said.
    """

    slot: str
    call: int = 0
    options: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What the user's records say of a condition. `words` are the user's for it; `refs` are the
    records that were found (at most a few of `count`), which is what makes it hold or fail.
    """

    words: str
    holds: bool
    count: int = 0
    refs: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a request asks for, in the order of the words. Acts only on `ACT`.

    `corrects`: these calls stand in the place of the last turn's, whose acts are undone first.
    `finding`: the calls hang on a condition, and this is what the records say of it; without calls
    there is nothing to do.
    """

    decision: Decision
    calls: tuple[Call, ...] = ()
    question: Question | None = None
    confidence: float = 1.0
    corrects: bool = False
    reason: str = ""
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier turn of this conversation, as it was read; `is_done` when its acts were done.
    `records`: what it made, changed or showed, in the order shown; "it" in the next turn is one.
    """

    text: str
    reading: Reading
    is_done: bool = False
    records: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What a reader may know: the moment, the user's records, and what was said before."""

    known: Known
    turns: tuple[Turn, ...] = ()


class Reader(Protocol):
    """Reads a request.

    Every slot of the result belongs to its tool, and every required slot of an `ACT` has a value.
    A turn that answers a question gives the calls of the earlier reading, completed; one that
    corrects an act that is done gives the whole call as it should have been, with `corrects`.
    Never raises for any text.
    """

    def read(self, request: str, context: Context) -> Reading: ...


class NoReader:
    """A device that understands nothing: everything is escalated."""

    def read(self, request: str, context: Context) -> Reading:
        """The same for every request."""
        return Reading(Decision.ESCALATE, confidence=0.0, reason="no reader is set up")
