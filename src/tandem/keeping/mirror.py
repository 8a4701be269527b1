"""The mirror: mail, calendars, contacts and notes on this disk, and what is still to be done there.

The assistant reads and writes here alone, so that it works without a network and in milliseconds.
Every write changes the mirror and joins the outbox in one transaction: after a kill -9 there are
both or neither. `tandem.keeping.outbox` carries the writes to the servers, `tandem.keeping.pulling`
brings what changed there.
"""

from __future__ import annotations

import fcntl
import hashlib
import sqlite3
import uuid
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tandem.connectors.files import file_name, url_name
from tandem.connectors.ports import Stores
from tandem.connectors.records import Changes, Item, Letter
from tandem.errors import Conflict
from tandem.keeping.database import open_database
from tandem.keeping.mirror_mail import MirrorMailbox
from tandem.keeping.writes import ItemWrite, SendWrite, ShelfName, Write, decoded, encoded
from tandem.ports import Clock

MIGRATIONS = (
    """
    CREATE TABLE items (
        shelf TEXT NOT NULL, href TEXT NOT NULL, text BLOB NOT NULL, version INTEGER NOT NULL,
        PRIMARY KEY (shelf, href)
    ) STRICT;
    CREATE TABLE gone_items (
        shelf TEXT NOT NULL, href TEXT NOT NULL, version INTEGER NOT NULL,
        PRIMARY KEY (shelf, href)
    ) STRICT;
    CREATE TABLE versions (number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL) STRICT;
    CREATE TABLE mails (
        id INTEGER PRIMARY KEY AUTOINCREMENT,      -- the uid that the assistant sees; never again
        folder TEXT NOT NULL,
        head BLOB NOT NULL,
        message_id TEXT NOT NULL,
        flags TEXT NOT NULL,
        received_at REAL NOT NULL,
        size INTEGER NOT NULL,
        raw BLOB,                                  -- null: only the header is here as yet
        version INTEGER NOT NULL,
        remote_folder TEXT, remote_uid INTEGER, remote_validity INTEGER  -- where the server has it
    ) STRICT;
    CREATE INDEX mails_by_folder ON mails (folder, received_at);
    CREATE INDEX mails_by_message_id ON mails (message_id);
    CREATE UNIQUE INDEX mails_by_place ON mails (remote_folder, remote_uid, remote_validity);
    CREATE VIRTUAL TABLE words USING fts5 (text);
    -- Where the server has mails that are gone here and not yet there.
    CREATE TABLE left_places (
        mail INTEGER PRIMARY KEY, remote_folder TEXT, remote_uid INTEGER, remote_validity INTEGER
    ) STRICT;
    CREATE TABLE gone_mails (
        id INTEGER NOT NULL, folder TEXT NOT NULL, version INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE folders (name TEXT PRIMARY KEY, role TEXT NOT NULL) STRICT;
    CREATE TABLE tokens (place TEXT PRIMARY KEY, token TEXT NOT NULL) STRICT;
    CREATE TABLE acts (
        number INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,                  -- an act that is put in twice is one act
        write BLOB NOT NULL,
        state TEXT NOT NULL,  -- one of PENDING, done, or dropped: the user has given it up
        mail INTEGER,
        not_before REAL NOT NULL,
        reason TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE INDEX acts_by_state ON acts (state);
    """,
)
PENDING = ("queued", "trying", "committing", "conflict", "refused", "doubtful")


@dataclass(frozen=True, slots=True)
class Waiting:
    """An act that is not at the server. `state`: queued (or on its way), conflict (something
    changed there), refused (the server said no), doubtful (a letter that may be out).
    """

    number: int
    state: str
    write: Write
    reason: str


class Mirror:
    """The stores on this disk. `hold_seconds`: how long a letter waits before it may leave.

    `homes`: the collections on the server that new items go into, by shelf.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        hold_seconds: float = 10.0,
        homes: Mapping[ShelfName, str] | None = None,
    ) -> None:
        self.database = open_database(path, MIGRATIONS)
        self._lock = path.with_suffix(".lock")
        self.clock = clock
        self.hold_seconds = hold_seconds
        self.mailbox = MirrorMailbox(self)
        self.stores = Stores(
            mailbox=self.mailbox,
            post=MirrorPost(self),
            calendar=MirrorShelf(self, "calendar", ".ics"),
            contacts=MirrorShelf(self, "contacts", ".vcf"),
            notes=MirrorShelf(self, "notes", ".md"),
            messages=MirrorShelf(self, "messages", ".json"),
            tables=MirrorShelf(self, "tables", ".csv"),
        )
        self.homes: Mapping[ShelfName, str] = homes or {}

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def waiting(self) -> tuple[Waiting, ...]:
        """What is not at the servers as yet, in order."""
        marks = ", ".join("?" * len(PENDING))
        rows = self.database.execute(
            f"SELECT number, state, write, reason FROM acts WHERE state IN ({marks})"
            " ORDER BY number",
            PENDING,
        ).fetchall()
        return tuple(Waiting(row[0], row[1], decoded(row[2]), row[3]) for row in rows)

    @contextmanager
    def delivering(self) -> Generator[None]:
        """One process at a time; the lock dies with the process that holds it."""
        with self._lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def seconds_to_next(self) -> float | None:
        """How long until a held act may leave; `None` where nothing can leave any more."""
        row = self.database.execute(
            "SELECT min(not_before) FROM acts WHERE state IN ('queued', 'trying', 'committing')"
        ).fetchone()
        return None if row[0] is None else max(0.0, row[0] - self.clock.now())

    # --- for the parts of the mirror ------------------------------------------------------------

    def next_version(self) -> int:
        """A number that only rises; inside a transaction."""
        return self.database.execute("INSERT INTO versions (at) VALUES (0)").lastrowid or 0

    def join_outbox(
        self, write: Write, *, mail: int | None = None, key: str = "", hold_seconds: float = 0.0
    ) -> None:
        """Put the write into the outbox; inside the transaction that changes the mirror."""
        self.database.execute(
            "INSERT OR IGNORE INTO acts (key, write, state, mail, not_before)"
            " VALUES (?, ?, 'queued', ?, ?)",
            (key or uuid.uuid4().hex, encoded(write), mail, self.clock.now() + hold_seconds),
        )

    def is_pending(self, *, shelf: str = "", href: str = "", mail: int | None = None) -> bool:
        """Whether the outbox holds a write to this item or mail."""
        marks = ", ".join("?" * len(PENDING))
        if mail is not None:
            sql = f"SELECT 1 FROM acts WHERE mail = ? AND state IN ({marks}) LIMIT 1"
            return self.database.execute(sql, (mail, *PENDING)).fetchone() is not None
        return any(
            isinstance(each.write, ItemWrite)
            and (each.write.shelf, each.write.href) == (shelf, href)
            for each in self.waiting()
        )


class MirrorShelf:
    """A Shelf in the mirror."""

    def __init__(self, mirror: Mirror, name: ShelfName, suffix: str) -> None:
        self._mirror = mirror
        self._name: ShelfName = name
        self._suffix = suffix

    def items(self) -> tuple[Item, ...]:
        rows = self._mirror.database.execute(
            "SELECT href, text, version FROM items WHERE shelf = ? ORDER BY href", (self._name,)
        ).fetchall()
        return tuple(_item(row) for row in rows)

    def get(self, href: str) -> Item | None:
        row = self._mirror.database.execute(
            "SELECT href, text, version FROM items WHERE shelf = ? AND href = ?",
            (self._name, href),
        ).fetchone()
        return _item(row) if row else None

    def href_for(self, name: str) -> str:
        home = self._mirror.homes.get(self._name, "")
        return home + (url_name(name) if home else file_name(name)) + self._suffix

    def add(self, href: str, text: str) -> Item:
        if self.get(href) is not None:
            raise Conflict("There is one of this name already.", remedy="Choose another name.")
        return self._write(ItemWrite(self._name, href, None, text))

    def replace(self, item: Item, text: str) -> Item:
        current = self._current(item)
        return self._write(ItemWrite(self._name, item.href, current.text, text))

    def remove(self, item: Item) -> None:
        current = self._current(item)
        write = ItemWrite(self._name, item.href, current.text, None)
        with self._mirror.database:
            drop_item(self._mirror, self._name, item.href)
            self._mirror.join_outbox(write)

    def changes(self, token: str) -> Changes:
        since = int(token or 0)
        database = self._mirror.database
        changed = database.execute(
            "SELECT href, text, version FROM items WHERE shelf = ? AND version > ? ORDER BY href",
            (self._name, since),
        ).fetchall()
        gone = database.execute(
            "SELECT href FROM gone_items WHERE shelf = ? AND version > ? AND ? > 0",
            (self._name, since, since),
        ).fetchall()
        (last,) = database.execute("SELECT coalesce(max(number), 0) FROM versions").fetchone()
        hrefs = tuple(row[0] for row in gone)
        return Changes(str(last), tuple(_item(row) for row in changed), hrefs)

    def _write(self, write: ItemWrite) -> Item:
        with self._mirror.database:
            item = put_item(self._mirror, self._name, write.href, write.after or "")
            self._mirror.join_outbox(write)
        return item

    def _current(self, item: Item) -> Item:
        current = self.get(item.href)
        if current is None or current.etag != item.etag:
            raise Conflict(
                "It has been changed or deleted meanwhile.", remedy="Look at it again, then decide."
            )
        return current


class MirrorPost:
    """A Post whose letters wait in the outbox: to be recalled for some seconds, then to leave."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror

    def send(self, letter: Letter, *, about_to: Callable[[], None] | None = None) -> None:
        """Put it into the outbox. A letter of the same Message-ID is there once."""
        if about_to is not None:
            about_to()
        with self._mirror.database:
            self._mirror.join_outbox(
                SendWrite(letter), key=_key(letter), hold_seconds=self._mirror.hold_seconds
            )

    def has_taken(self, letter: Letter) -> bool:
        """Whether it is in the outbox, or has gone through it."""
        row = self._mirror.database.execute(
            "SELECT state FROM acts WHERE key = ?", (_key(letter),)
        ).fetchone()
        return row is not None and row[0] != "dropped"

    def recall(self, letter: Letter) -> bool:
        """One update decides between this and the outbox, which may be about to send it."""
        with self._mirror.database as kept:
            cursor = kept.execute(
                "UPDATE acts SET state = 'dropped', key = key || ? WHERE key = ?"
                " AND state IN ('queued', 'refused')",
                (f" recalled {uuid.uuid4().hex}", _key(letter)),
            )
        return cursor.rowcount > 0


def put_item(mirror: Mirror, shelf: str, href: str, text: str) -> Item:
    """Into the mirror alone; inside a transaction."""
    version = mirror.next_version()
    mirror.database.execute(
        "INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?)",
        (shelf, href, text.encode("utf-8", "surrogateescape"), version),
    )
    mirror.database.execute("DELETE FROM gone_items WHERE shelf = ? AND href = ?", (shelf, href))
    return Item(href, text, str(version))


def drop_item(mirror: Mirror, shelf: str, href: str) -> None:
    """From the mirror alone; inside a transaction."""
    mirror.database.execute("DELETE FROM items WHERE shelf = ? AND href = ?", (shelf, href))
    mirror.database.execute(
        "INSERT OR REPLACE INTO gone_items VALUES (?, ?, ?)", (shelf, href, mirror.next_version())
    )


def _item(row: sqlite3.Row) -> Item:
    return Item(row[0], row[1].decode("utf-8", "surrogateescape"), str(row[2]))


def _key(letter: Letter) -> str:
    digest = hashlib.sha256("\0".join(sorted(letter.recipients)).encode()).hexdigest()[:16]
    return f"send {letter.message_id} {digest}"
