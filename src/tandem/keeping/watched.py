"""The user's stores with every write handed to the journal: stores of the same kind."""

from __future__ import annotations

from collections.abc import Callable

from tandem.connectors.ports import Mailbox, Post, Shelf
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
from tandem.errors import Conflict
from tandem.keeping.writes import (
    AppendWrite,
    ExpungeWrite,
    FlagWrite,
    FolderWrite,
    ItemWrite,
    MoveWrite,
    SendWrite,
    ShelfName,
    Write,
)

Run = Callable[[Write], MailRef | None]


class WatchedShelf:
    """A Shelf whose writes go through the journal."""

    def __init__(self, name: ShelfName, shelf: Shelf, run: Run) -> None:
        self._name: ShelfName = name
        self._shelf = shelf
        self._run = run

    def items(self) -> tuple[Item, ...]:
        return self._shelf.items()

    def get(self, href: str) -> Item | None:
        return self._shelf.get(href)

    def href_for(self, name: str) -> str:
        return self._shelf.href_for(name)

    def add(self, href: str, text: str) -> Item:
        if self._shelf.get(href) is not None:
            raise Conflict("There is one already.", remedy="Choose another name.")
        self._run(ItemWrite(self._name, href, None, text))
        return self._there(href)

    def replace(self, item: Item, text: str) -> Item:
        self._check(item)
        self._run(ItemWrite(self._name, item.href, item.text, text))
        return self._there(item.href)

    def remove(self, item: Item) -> None:
        self._check(item)
        self._run(ItemWrite(self._name, item.href, item.text, None))

    def changes(self, token: str) -> Changes:
        return self._shelf.changes(token)

    def _check(self, item: Item) -> None:
        current = self._shelf.get(item.href)
        if current is None or current.etag != item.etag:
            raise Conflict(
                "It has been changed or deleted meanwhile.", remedy="Look at it again, then decide."
            )

    def _there(self, href: str) -> Item:
        found = self._shelf.get(href)
        if found is None:
            raise Conflict("It was taken away at the same moment.", remedy="Look again.")
        return found


class WatchedMailbox:
    """A Mailbox whose writes go through the journal."""

    def __init__(self, box: Mailbox, run: Run) -> None:
        self._box = box
        self._run = run

    def folders(self) -> tuple[Folder, ...]:
        return self._box.folders()

    def search(self, query: MailQuery) -> tuple[Mail, ...]:
        return self._box.search(query)

    def find(self, ref: MailRef) -> Mail | None:
        return self._box.find(ref)

    def read(self, ref: MailRef) -> bytes:
        return self._box.read(ref)

    def append(self, folder: str, raw: bytes, flags: frozenset[str], received_at: float) -> MailRef:
        write = AppendWrite(folder, raw, tuple(sorted(flags)), float(int(received_at)))
        return _placed(self._run(write))

    def move(self, ref: MailRef, folder: str) -> MailRef:
        mail = self._there(ref)
        write = MoveWrite(mail.ref, folder, mail.head.message_id, mail.size)
        return _placed(self._run(write))

    def flag(self, ref: MailRef, *, add: frozenset[str], remove: frozenset[str]) -> frozenset[str]:
        mail = self._there(ref)
        new, old = tuple(sorted(add - mail.flags)), tuple(sorted((remove - add) & mail.flags))
        if new or old:
            self._run(FlagWrite(mail.ref, new, old))
        return mail.flags

    def expunge(self, ref: MailRef) -> None:
        mail = self._box.find(ref)
        if mail is not None:
            raw = self._box.read(ref)
            flags = tuple(sorted(mail.flags))
            self._run(ExpungeWrite(mail.ref, raw, flags, mail.received_at))

    def make_folder(self, name: str) -> None:
        self._run(FolderWrite(name, is_made=True))

    def drop_folder(self, name: str) -> None:
        self._run(FolderWrite(name, is_made=False))

    def changes(self, folder: str, token: str) -> MailChanges:
        return self._box.changes(folder, token)

    def _there(self, ref: MailRef) -> Mail:
        mail = self._box.find(ref)
        if mail is None:
            raise Conflict("The mail is no longer there.", remedy="Search for it again.")
        return mail


class WatchedPost:
    """A Post whose letters go through the journal."""

    def __init__(self, post: Post, run: Run) -> None:
        self._post = post
        self._run = run

    def send(self, letter: Letter, *, about_to: Callable[[], None] | None = None) -> None:
        if about_to is not None:
            about_to()
        self._run(SendWrite(letter))

    def has_taken(self, letter: Letter) -> bool | None:
        return self._post.has_taken(letter)

    def recall(self, letter: Letter) -> bool:
        return self._post.recall(letter)


def _placed(ref: MailRef | None) -> MailRef:
    if ref is None:
        raise Conflict("The mail has gone at the same moment.", remedy="Search for it again.")
    return ref
