"""What the device knows of the user at this moment: records to link words to.

The assistant fills it from the connectors; the readers only read it. Texts in it that others wrote
(subjects, bodies, titles of invitations) serve for matching alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class KnownContact:
    """A card. `note` often tells the relation ("Mum", "妈妈"); `phonetic` is the reading."""

    uid: str
    name: str
    nicknames: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    organisation: str = ""
    title: str = ""
    note: str = ""
    phonetic: str = ""
    birthday: date | None = None
    address: str = ""
    relations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """One occurrence of an event, in a window of some months around now.

    An all-day event has midnights in the user's zone as borders. `recurrence_id` is set for
    occurrences of a repeating event: the moment at which it would have been by its rule.
    """

    uid: str
    summary: str
    start: datetime
    end: datetime
    is_all_day: bool = False
    recurrence_id: datetime | None = None
    location: str = ""
    attendees: tuple[str, ...] = ()
    description: str = ""
    organizer: str = ""
    alarm_minutes: int | None = None
    zone: str = ""


@dataclass(frozen=True, slots=True)
class KnownTask:
    """A task. `due` is a date where the task has no time."""

    uid: str
    summary: str
    due: datetime | date | None = None
    is_done: bool = False
    description: str = ""
    recurrence: str | None = None


@dataclass(frozen=True, slots=True)
class KnownMail:
    """A mail. `flags` among seen, flagged, answered; `invitation` is the uid of an event that it
    invites to; `list_id` is set for mail of a list.
    """

    message_id: str
    folder: str
    sender_name: str
    sender: str
    to: tuple[str, ...]
    subject: str
    at: datetime
    text: str = ""
    cc: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    attachments: tuple[str, ...] = ()
    list_id: str = ""
    invitation: str | None = None
    in_reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class KnownNote:
    """A note; `name` is its file's name without the ending."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class KnownTable:
    """A table that the user keeps: `keys` name its rows, one each. `name` is its file's name
    without the ending; every row has a value for every column.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Everything together. `now` carries the user's time zone, whose name is `zone` (IANA).

    `language` is the user's: "en" or "zh". `folders` are the mail folders by their own names.
    """

    now: datetime
    zone: str
    language: str = "en"
    user_name: str = ""
    user_email: str = ""
    home: str = ""
    work: str = ""
    contacts: tuple[KnownContact, ...] = ()
    events: tuple[KnownEvent, ...] = ()
    tasks: tuple[KnownTask, ...] = ()
    mails: tuple[KnownMail, ...] = ()
    notes: tuple[KnownNote, ...] = ()
    folders: tuple[str, ...] = ()
    tables: tuple[KnownTable, ...] = ()
