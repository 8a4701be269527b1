"""What an act is before it is done: writes that are pure data, and the card that shows them.

A step holds all it will do. `Send` is the only way out of the device, so whether a step is outward
is read from its writes and from nothing that a model or a text says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tandem.connectors.records import Item, Letter, MailRef
from tandem.types import Effect

# --- writes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Put:
    """A new text on a shelf: `shelf` is a name of `Stores` (calendar, contacts, notes, tables)."""

    shelf: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Replace:
    """Another text in the place of this very version of an item."""

    shelf: str
    item: Item
    text: str


@dataclass(frozen=True, slots=True)
class Remove:
    """An item taken from a shelf."""

    shelf: str
    item: Item


@dataclass(frozen=True, slots=True)
class MoveMail:
    """A mail into another folder, which is made where it is missing."""

    ref: MailRef
    folder: str


@dataclass(frozen=True, slots=True)
class FlagMail:
    """Flags of a mail."""

    ref: MailRef
    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class KeepMail:
    """A mail of the user's own, into drafts."""

    folder: str
    raw: bytes
    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Send:
    """A mail to others."""

    letter: Letter


@dataclass(frozen=True, slots=True)
class SendMessage:
    """A text message to others, by the messages shelf."""

    name: str
    text: str


Write = Put | Replace | Remove | MoveMail | FlagMail | KeepMail | Send | SendMessage

# --- cards --------------------------------------------------------------------------------------


class Origin(StrEnum):
    """Where a value came from. Only `UNTRUSTED` is marked: somebody else wrote it."""

    USER = "user"  # said in the request
    OWN = "own"  # the user's address book, calendar, settings
    UNTRUSTED = "untrusted"  # a mail, an invitation, a page, a tool's result


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a card: a label in the user's language, the value, and whence it is."""

    label: str
    value: str
    origin: Origin = Origin.USER


@dataclass(frozen=True, slots=True)
class Evidence:
    """A record that led here. `kind`: mail, event, contact, task, note; `id` is the record's.
    `occurrence` names the one of a series that is meant.
    """

    kind: str
    id: str
    title: str
    occurrence: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One act, ready to be done: what the user sees and what it writes.

    `is_said`: every value comes from the user's words. `count` is the number of records it touches.
    """

    tool: str
    title: str
    writes: tuple[Write, ...]
    lines: tuple[Line, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    done: str = ""
    count: int = 1
    is_said: bool = True

    @property
    def effect(self) -> Effect:
        """Read from the writes: only what sends is outward."""
        if any(isinstance(write, Send | SendMessage) for write in self.writes):
            return Effect.OUTWARD
        return Effect.REVERSIBLE if self.writes else Effect.READ


@dataclass(frozen=True, slots=True)
class Card:
    """An act that waits for the user's yes, or one that was done and can be undone.

    `id` cannot be guessed; a yes names it. `is_undo`: it was done; the card takes it back.
    """

    id: str
    step: Step
    is_undo: bool = False

    @property
    def text(self) -> str:
        """The card in plain text; what others wrote is marked with ⚠."""
        lines = [self.step.title]
        for line in self.step.lines:
            mark = " ⚠" if line.origin is Origin.UNTRUSTED else ""
            lines.append(f"  {line.label}: {line.value}{mark}")
        if self.step.evidence:
            lines.append("  ← " + "; ".join(one.title for one in self.step.evidence))
        return "\n".join(lines)
