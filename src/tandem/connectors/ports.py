"""The verbs of the user's stores. The same promises as tests are in `tests/contracts/`.

All verbs block: files, IMAP, SMTP and SQLite do. From an event loop they are called in a thread. No
object here is used by two threads at once.

Every verb may raise a `StoreFault`: the other side is unreachable, refuses, is busy or broken. A
write that raises `Conflict` or `StoreRefused` changed nothing; after any other fault the write may
have happened, and reading tells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tandem.connectors.records import (
    Changes,
    Folder,
    Item,
    Letter,
    Mail,
    MailChanges,
    MailQuery,
    MailRef,
)


class Shelf(Protocol):
    """A collection of texts: a calendar (.ics), contacts (.vcf), notes (.md), messages (.json),
    tables (.csv).

    Every write has its exact inverse: `add` and `remove`, `replace` and `replace`.
    """

    def items(self) -> tuple[Item, ...]:
        """All, in order of `href`."""
        ...

    def get(self, href: str) -> Item | None: ...

    def href_for(self, name: str) -> str:
        """The href under which a new item with this name (a UID, a title) is added."""
        ...

    def add(self, href: str, text: str) -> Item:
        """Put a new one there; raises `Conflict` where there is one already."""
        ...

    def replace(self, item: Item, text: str) -> Item:
        """Put `text` in its place; raises `Conflict` if it is no longer as in `item`."""
        ...

    def remove(self, item: Item) -> None:
        """Take it away; raises `Conflict` if it is no longer as in `item`, or gone."""
        ...

    def changes(self, token: str) -> Changes:
        """What is new since `token`; the empty token gives everything."""
        ...


class Mailbox(Protocol):
    """Mail in folders. A mail's bytes never change; its folder and flags do.

    Inverses: `append` and `expunge`; `move` and `move` (the uid is a new one each time); `flag`
    with `add` and `remove` exchanged for what it changed; `make_folder` and `drop_folder`.
    """

    def folders(self) -> tuple[Folder, ...]:
        """All, in order of name. There is always one with the role "inbox"."""
        ...

    def search(self, query: MailQuery) -> tuple[Mail, ...]:
        """The newest first."""
        ...

    def find(self, ref: MailRef) -> Mail | None:
        """The mail at this place, without its body."""
        ...

    def read(self, ref: MailRef) -> bytes:
        """The whole mail, byte for byte; no flag changes. Raises `Conflict` when it is gone."""
        ...

    def append(self, folder: str, raw: bytes, flags: frozenset[str], received_at: float) -> MailRef:
        """Put a mail into a folder. `received_at` keeps whole seconds only."""
        ...

    def move(self, ref: MailRef, folder: str) -> MailRef:
        """Flags and time of arrival stay. Raises `Conflict` when the mail is not there."""
        ...

    def flag(self, ref: MailRef, *, add: frozenset[str], remove: frozenset[str]) -> frozenset[str]:
        """Gives the flags as they were before. Raises `Conflict` when the mail is not there."""
        ...

    def expunge(self, ref: MailRef) -> None:
        """Remove for ever, this one mail alone; one that is gone already is no error."""
        ...

    def make_folder(self, name: str) -> None:
        """Raises `Conflict` where there is one. A `/` stands between the levels."""
        ...

    def drop_folder(self, name: str) -> None:
        """Raises `Conflict` unless it is there and empty."""
        ...

    def changes(self, folder: str, token: str) -> MailChanges:
        """What is new in a folder since `token`; the empty token gives everything."""
        ...


class Post(Protocol):
    """The way out for mail."""

    def send(self, letter: Letter, *, about_to: Callable[[], None] | None = None) -> None:
        """Hand it over. When this returns the other side has taken it for every recipient.

        `about_to` is called right before the point of no return: what fails before it was surely
        not taken. Raises `StoreRefused` when it was taken for nobody; a `StoreFault` of another
        kind after `about_to` leaves open whether it was taken.
        """
        ...

    def has_taken(self, letter: Letter) -> bool | None:
        """Whether the other side took this letter earlier; `None` where nobody can tell."""
        ...

    def recall(self, letter: Letter) -> bool:
        """Take it back; false where it is out already."""
        ...


@dataclass(frozen=True, slots=True)
class Stores:
    """All that the assistant reads and writes."""

    mailbox: Mailbox
    post: Post
    calendar: Shelf
    contacts: Shelf
    notes: Shelf
    messages: Shelf
    tables: Shelf
