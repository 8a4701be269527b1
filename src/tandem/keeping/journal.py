"""The journal: every write with its exact inverse, on disk before the write is done.

It wraps the user's stores in stores of the same kind, so that whoever writes need not know of it.
An act is a handful of writes that are undone together, last first. After a kill -9 at any point the
stores themselves tell which write of an act happened, and undo goes from there.
"""

from __future__ import annotations

import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tandem.connectors.ports import Stores
from tandem.connectors.records import MailRef
from tandem.errors import BadRequest, Conflict, StoreFault
from tandem.keeping.database import open_database
from tandem.keeping.watched import WatchedMailbox, WatchedPost, WatchedShelf
from tandem.keeping.writes import (
    AppendWrite,
    ExpungeWrite,
    FlagWrite,
    MoveWrite,
    SendWrite,
    Write,
    decoded,
    encoded,
    happened,
    inverse,
    perform,
    with_evidence,
)
from tandem.ports import Clock

MIGRATIONS = (
    """
    CREATE TABLE acts (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        started_at REAL NOT NULL,
        is_undone INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE writes (
        number INTEGER PRIMARY KEY,
        act TEXT NOT NULL REFERENCES acts (id),
        write BLOB NOT NULL,
        state TEXT NOT NULL,          -- begun, done, void (it never happened)
        undoes INTEGER,               -- the write whose inverse this is
        folder TEXT, uid INTEGER, validity INTEGER   -- where the mail is afterwards
    ) STRICT;
    CREATE INDEX writes_by_act ON writes (act);
    -- A mail that came back has another uid: where older writes say A, it is now B.
    CREATE TABLE places (
        folder TEXT NOT NULL, uid INTEGER NOT NULL, validity INTEGER NOT NULL,
        new_folder TEXT NOT NULL, new_uid INTEGER NOT NULL, new_validity INTEGER NOT NULL,
        PRIMARY KEY (folder, uid, validity)
    ) STRICT;
    """,
)


@dataclass(frozen=True, slots=True)
class Act:
    """What the user is told of an act. `num_writes` that happened; a sent letter is among them."""

    id: str
    title: str
    started_at: float
    num_writes: int
    is_undone: bool


@dataclass(frozen=True, slots=True)
class Undone:
    """What undo did. `left` are writes that nothing takes back: letters that are out."""

    num_undone: int
    left: tuple[str, ...] = ()


class Journal:
    """Remembers acts on these stores. `stores` gives the same stores, watched.

    Raises `DeviceFault` where the file cannot be used.
    """

    def __init__(self, path: Path, stores: Stores, clock: Clock) -> None:
        self._bare = stores
        self._clock = clock
        self._database = open_database(path, MIGRATIONS)
        self._act: str | None = None
        self.stores = Stores(
            mailbox=WatchedMailbox(stores.mailbox, self.run),
            post=WatchedPost(stores.post, self.run),
            calendar=WatchedShelf("calendar", stores.calendar, self.run),
            contacts=WatchedShelf("contacts", stores.contacts, self.run),
            notes=WatchedShelf("notes", stores.notes, self.run),
            messages=WatchedShelf("messages", stores.messages, self.run),
            tables=WatchedShelf("tables", stores.tables, self.run),
        )

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @contextmanager
    def act(self, title: str, act_id: str = "") -> Generator[str]:
        """All writes inside belong to one act; gives its id. An error leaves what was done, so
        that the caller decides whether to undo it.
        """
        if self._act is not None:
            yield self._act  # an act within an act is a part of it
            return
        self._act = act_id or uuid.uuid4().hex
        with self._database as kept:
            kept.execute(
                "INSERT INTO acts (id, title, started_at) VALUES (?, ?, ?)",
                (self._act, title, self._clock.now()),
            )
        try:
            yield self._act
        finally:
            self._act = None

    def acts(self, limit: int = 20) -> tuple[Act, ...]:
        """The newest first; those that wrote nothing are left out."""
        sql = """
            SELECT a.id, a.title, a.started_at, count(w.number), a.is_undone
            FROM acts a JOIN writes w ON w.act = a.id AND w.state = 'done' AND w.undoes IS NULL
            GROUP BY a.number ORDER BY a.number DESC LIMIT ?
        """
        rows = self._database.execute(sql, (limit,)).fetchall()
        return tuple(Act(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows)

    def run(self, write: Write) -> MailRef | None:
        """Do one write: on disk with its evidence, then done, then marked. Gives a mail's place."""
        if self._act is None:
            with self.act("A single write"):
                return self.run(write)
        return self._run(with_evidence(self._bare, write), self._act, None)

    def recover(self) -> None:
        """After a crash: ask the stores which begun writes happened. Raises a `StoreFault`."""
        rows = self._database.execute(
            "SELECT number, write FROM writes WHERE state = 'begun' ORDER BY number"
        ).fetchall()
        for number, content in rows:
            write = decoded(content)
            took_effect, place = happened(self._bare, write)
            if isinstance(write, FlagWrite) or (
                isinstance(write, SendWrite) and took_effect is None
            ):
                took_effect = True  # undo sets flags as before; a letter counts as out
            self._settle(number, "done" if took_effect else "void", write, place)

    def undo(self, act_id: str) -> Undone:
        """Restore what was before the act. Raises `BadRequest` if there is none or it is undone,
        and `Conflict` if something was changed since: nothing is overwritten, what could be undone
        until then is, and the rest can be tried again.
        """
        row = self._database.execute(
            "SELECT is_undone FROM acts WHERE id = ?", (act_id,)
        ).fetchone()
        if row is None or row[0]:
            raise BadRequest(
                "There is no such act to undo.", remedy="List them: tandem undo --list."
            )
        self.recover()
        sql = """
            SELECT number, write, folder, uid, validity FROM writes w
            WHERE act = ? AND state = 'done' AND undoes IS NULL AND NOT EXISTS
                (SELECT 1 FROM writes u WHERE u.undoes = w.number AND u.state = 'done')
            ORDER BY number DESC
        """
        num_undone, left = 0, list[str]()
        for number, content, folder, uid, validity in self._database.execute(
            sql, (act_id,)
        ).fetchall():
            write = decoded(content)
            place = MailRef(folder, uid, validity) if folder is not None else None
            if isinstance(write, SendWrite):
                if self._bare.post.recall(write.letter):
                    num_undone += 1
                else:
                    left.append("send")
                continue
            self._undo(write, place, act_id, number)
            num_undone += 1
        with self._database as kept:
            kept.execute("UPDATE acts SET is_undone = 1 WHERE id = ?", (act_id,))
        return Undone(num_undone, tuple(left))

    # --- one write ------------------------------------------------------------------------------

    def _undo(self, write: Write, place: MailRef | None, act: str, number: int) -> None:
        here = place or getattr(write, "ref", None)
        back = inverse(write, self._now_at(here) if here is not None else None)
        if back is None:
            raise Conflict("This write cannot be undone.", remedy="Look at it yourself.")
        self._run(with_evidence(self._bare, back), act, number)

    def _run(self, write: Write, act: str, undoes: int | None) -> MailRef | None:
        with self._database as kept:
            cursor = kept.execute(
                "INSERT INTO writes (act, write, state, undoes) VALUES (?, ?, 'begun', ?)",
                (act, encoded(write), undoes),
            )
        number = cursor.lastrowid or 0
        try:
            place = perform(self._bare, write)
        except StoreFault as error:
            place = self._after(error, number, write)
        self._settle(number, "done", write, place)
        return place

    def _after(self, error: StoreFault, number: int, write: Write) -> MailRef | None:
        """A write that ended in an error: void where it surely did not happen, else as it proves.

        Where the stores cannot be asked now, it stays begun, for `recover`.
        """
        if error.code in ("conflict", "store_refused", "store_busy"):
            self._settle(number, "void", write, None)
            raise error
        try:
            took_effect, place = happened(self._bare, write)
        except StoreFault:
            raise error from None
        if took_effect is None:
            raise error
        if not took_effect and not isinstance(write, FlagWrite):
            self._settle(number, "void", write, None)
            raise error
        if isinstance(write, FlagWrite):
            raise error  # begun: undo sets the flags as before in any case
        return place

    def _settle(self, number: int, state: str, write: Write, place: MailRef | None) -> None:
        row = (place.folder, place.uid, place.validity) if place else (None, None, None)
        with self._database as kept:
            kept.execute(
                "UPDATE writes SET state = ?, folder = ?, uid = ?, validity = ? WHERE number = ?",
                (state, *row, number),
            )
            old = self._old_place(number, write)
            if place is not None and old is not None and state == "done":
                kept.execute(
                    "INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?, ?, ?)",
                    (old.folder, old.uid, old.validity, *row),
                )

    def _old_place(self, number: int, write: Write) -> MailRef | None:
        """The place that older writes know the mail by: where it was, or where it had been before
        it was expunged.
        """
        if isinstance(write, MoveWrite):
            return write.ref
        if isinstance(write, AppendWrite):
            row = self._database.execute(
                "SELECT u.write FROM writes w JOIN writes u ON u.number = w.undoes"
                " WHERE w.number = ?",
                (number,),
            ).fetchone()
            undone = decoded(row[0]) if row else None
            return undone.ref if isinstance(undone, ExpungeWrite) else None
        return None

    def _now_at(self, place: MailRef) -> MailRef:
        """Follow a mail to where it is now."""
        seen: set[MailRef] = set()
        while place not in seen:
            seen.add(place)
            row = self._database.execute(
                "SELECT new_folder, new_uid, new_validity FROM places"
                " WHERE folder = ? AND uid = ? AND validity = ?",
                (place.folder, place.uid, place.validity),
            ).fetchone()
            if row is None:
                break
            place = MailRef(*row)
        return place
