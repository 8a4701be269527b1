"""The mirror's mailbox: mail on this disk with an index of its words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from tandem.connectors.maildir import fits
from tandem.connectors.mime import body_of, head_of
from tandem.connectors.records import Folder, Head, Mail, MailChanges, MailQuery, MailRef
from tandem.errors import Conflict, StoreUnreachable
from tandem.keeping.index import indexed, query_for
from tandem.keeping.writes import (
    AppendWrite,
    ExpungeWrite,
    FlagWrite,
    FolderWrite,
    MoveWrite,
)

if TYPE_CHECKING:
    from tandem.keeping.mirror import Mirror

VALIDITY = 1  # the mirror's uids are never used again, so one validity is enough
USUAL = {
    "INBOX": "inbox",
    "Sent": "sent",
    "Drafts": "drafts",
    "Trash": "trash",
    "Archive": "archive",
}
_COLUMNS = "id, folder, head, flags, received_at, size"
# An index of more than this of one mail's text finds little more.
MAX_INDEXED_LETTERS = 100_000


class MirrorMailbox:
    """A Mailbox in the mirror."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._database = mirror.database
        if not self._database.execute("SELECT 1 FROM folders LIMIT 1").fetchone():
            with self._database as kept:
                kept.executemany("INSERT OR IGNORE INTO folders VALUES (?, ?)", USUAL.items())

    def folders(self) -> tuple[Folder, ...]:
        rows = self._database.execute("SELECT name, role FROM folders ORDER BY name").fetchall()
        return tuple(Folder(*row) for row in rows)

    def search(self, query: MailQuery) -> tuple[Mail, ...]:
        """Words by the index, the rest by the header."""
        terms, values = list[str](), list[object]()
        if query.folders:
            terms.append(f"folder IN ({', '.join('?' * len(query.folders))})")
            values += query.folders
        else:
            terms.append("folder NOT IN (SELECT name FROM folders WHERE role IN ('trash', 'junk'))")
        if query.message_id:
            terms.append("message_id = ?")
            values.append(query.message_id)
        for moment, sign in ((query.since, ">="), (query.before, "<")):
            if moment is not None:
                terms.append(f"received_at {sign} ?")
                values.append(moment)
        if query.text.strip():
            match = query_for(query.text)
            if not match:
                return ()
            terms.append("id IN (SELECT rowid FROM words WHERE words MATCH ?)")
            values.append(match)
        sql = f"SELECT {_COLUMNS} FROM mails WHERE {' AND '.join(terms)}"
        found: list[Mail] = []
        for row in self._database.execute(f"{sql} ORDER BY received_at DESC, id DESC", values):
            mail = _mail(row)
            if fits(mail, query):
                found.append(mail)
            if query.limit is not None and len(found) >= query.limit:
                break
        return tuple(found)

    def find(self, ref: MailRef) -> Mail | None:
        if ref.validity not in (0, VALIDITY):
            return None
        row = self._database.execute(
            f"SELECT {_COLUMNS} FROM mails WHERE id = ? AND folder = ?", (ref.uid, ref.folder)
        ).fetchone()
        return _mail(row) if row else None

    def read(self, ref: MailRef) -> bytes:
        """Raises `StoreUnreachable` where only the header has come as yet."""
        self._there(ref)
        (raw,) = self._database.execute("SELECT raw FROM mails WHERE id = ?", (ref.uid,)).fetchone()
        if raw is None:
            raise _not_here()
        return raw

    def append(self, folder: str, raw: bytes, flags: frozenset[str], received_at: float) -> MailRef:
        self._needs_folder(folder)
        write = AppendWrite(folder, raw, tuple(sorted(flags)), float(int(received_at)))
        with self._database:
            mail = add_mail(
                self._mirror, folder, raw, head_of(raw), flags, int(received_at), len(raw)
            )
            self._mirror.join_outbox(write, mail=mail)
        return MailRef(folder, mail, VALIDITY)

    def move(self, ref: MailRef, folder: str) -> MailRef:
        mail = self._there(ref)
        self._needs_folder(folder)
        write = MoveWrite(mail.ref, folder, mail.head.message_id, mail.size)
        with self._database as kept:
            version = self._mirror.next_version()
            kept.execute(
                "UPDATE mails SET folder = ?, version = ? WHERE id = ?", (folder, version, ref.uid)
            )
            kept.execute("INSERT INTO gone_mails VALUES (?, ?, ?)", (ref.uid, ref.folder, version))
            self._mirror.join_outbox(write, mail=ref.uid)
        return MailRef(folder, ref.uid, VALIDITY)

    def flag(self, ref: MailRef, *, add: frozenset[str], remove: frozenset[str]) -> frozenset[str]:
        mail = self._there(ref)
        new, old = add - mail.flags, (remove - add) & mail.flags
        if new or old:
            write = FlagWrite(mail.ref, tuple(sorted(new)), tuple(sorted(old)))
            with self._database:
                set_flags(self._mirror, ref.uid, (mail.flags | new) - old)
                self._mirror.join_outbox(write, mail=ref.uid)
        return mail.flags

    def expunge(self, ref: MailRef) -> None:
        mail = self.find(ref)
        if mail is None:
            return
        raw = self._database.execute("SELECT raw FROM mails WHERE id = ?", (ref.uid,)).fetchone()[0]
        if raw is None:
            raise _not_here()
        write = ExpungeWrite(mail.ref, raw, tuple(sorted(mail.flags)), mail.received_at)
        with self._database:
            # The place on the server outlives the row: the outbox needs it.
            self._mirror.join_outbox(write, mail=ref.uid)
            forget_mail(self._mirror, ref.uid, keeps_place=True)

    def make_folder(self, name: str) -> None:
        if any(folder.name == name for folder in self.folders()):
            raise Conflict("There is a folder of this name.", remedy="Choose another name.")
        with self._database as kept:
            kept.execute("INSERT INTO folders VALUES (?, '')", (name,))
            self._mirror.join_outbox(FolderWrite(name, is_made=True))

    def drop_folder(self, name: str) -> None:
        self._needs_folder(name)
        if self._database.execute("SELECT 1 FROM mails WHERE folder = ?", (name,)).fetchone():
            raise Conflict("The folder is not empty.", remedy="Look into it.")
        with self._database as kept:
            kept.execute("DELETE FROM folders WHERE name = ?", (name,))
            self._mirror.join_outbox(FolderWrite(name, is_made=False))

    def changes(self, folder: str, token: str) -> MailChanges:
        self._needs_folder(folder)
        since = int(token or 0)
        rows = self._database.execute(
            f"SELECT {_COLUMNS} FROM mails WHERE folder = ? AND version > ? ORDER BY id",
            (folder, since),
        ).fetchall()
        gone = self._database.execute(
            "SELECT DISTINCT id FROM gone_mails g WHERE folder = ? AND version > ? AND ? > 0"
            " AND NOT EXISTS (SELECT 1 FROM mails m WHERE m.id = g.id AND m.folder = g.folder)",
            (folder, since, since),
        ).fetchall()
        last = self._database.execute("SELECT coalesce(max(number), 0) FROM versions").fetchone()[0]
        refs = tuple(MailRef(folder, row[0], VALIDITY) for row in gone)
        return MailChanges(str(last), tuple(_mail(row) for row in rows), refs)

    def _there(self, ref: MailRef) -> Mail:
        mail = self.find(ref)
        if mail is None:
            raise Conflict("The mail is no longer there.", remedy="Search for it again.")
        return mail

    def _needs_folder(self, name: str) -> None:
        if not self._database.execute("SELECT 1 FROM folders WHERE name = ?", (name,)).fetchone():
            raise Conflict("There is no such folder.", remedy="Make it first.")


# --- rows, for the parts of the mirror; all inside a transaction ----------------------------------


def add_mail(
    mirror: Mirror,
    folder: str,
    raw: bytes | None,
    head: Head,
    flags: Iterable[str],
    received_at: float,
    size: int,
    remote: MailRef | None = None,
) -> int:
    """A new row; gives its id."""
    place = (remote.folder, remote.uid, remote.validity) if remote else (None, None, None)
    cursor = mirror.database.execute(
        "INSERT INTO mails (folder, head, message_id, flags, received_at, size, raw, version,"
        " remote_folder, remote_uid, remote_validity) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            folder,
            msgspec.msgpack.encode(head),
            head.message_id,
            " ".join(sorted(flags)),
            float(received_at),
            size,
            raw,
            mirror.next_version(),
            *place,
        ),
    )
    mail = cursor.lastrowid or 0
    index_mail(mirror, mail, head, raw, is_new=True)
    return mail


def index_mail(
    mirror: Mirror, mail: int, head: Head, raw: bytes | None, *, is_new: bool = False
) -> None:
    """The words of header and text."""
    people = (head.sender, *head.to, *head.cc)
    parts = [head.subject, *(str(each) for each in people if each)]
    if raw is not None:
        parts.append(body_of(raw).text[:MAX_INDEXED_LETTERS])
    if not is_new:
        mirror.database.execute("DELETE FROM words WHERE rowid = ?", (mail,))
    mirror.database.execute(
        "INSERT INTO words (rowid, text) VALUES (?, ?)", (mail, indexed(" ".join(parts)))
    )


def set_flags(mirror: Mirror, mail: int, flags: Iterable[str]) -> None:
    """Other flags."""
    mirror.database.execute(
        "UPDATE mails SET flags = ?, version = ? WHERE id = ?",
        (" ".join(sorted(flags)), mirror.next_version(), mail),
    )


def forget_mail(mirror: Mirror, mail: int, *, keeps_place: bool = False) -> None:
    """The row and its words."""
    row = mirror.database.execute(
        "SELECT folder, remote_folder, remote_uid, remote_validity FROM mails WHERE id = ?", (mail,)
    ).fetchone()
    if row is None:
        return
    mirror.database.execute(
        "INSERT INTO gone_mails VALUES (?, ?, ?)", (mail, row[0], mirror.next_version())
    )
    mirror.database.execute("DELETE FROM mails WHERE id = ?", (mail,))
    mirror.database.execute("DELETE FROM words WHERE rowid = ?", (mail,))
    if keeps_place and row[1] is not None:
        mirror.database.execute(
            "INSERT OR REPLACE INTO left_places VALUES (?, ?, ?, ?)", (mail, *row[1:])
        )


def remote_place(mirror: Mirror, mail: int) -> MailRef | None:
    """Where the server has the mail, as far as is known."""
    for table, column in (("mails", "id"), ("left_places", "mail")):
        row = mirror.database.execute(
            f"SELECT remote_folder, remote_uid, remote_validity FROM {table} WHERE {column} = ?",
            (mail,),
        ).fetchone()
        if row and row[0] is not None:
            return MailRef(*row)
    return None


def set_remote_place(mirror: Mirror, mail: int, place: MailRef | None) -> None:
    """The mail is there now."""
    values = (place.folder, place.uid, place.validity) if place else (None, None, None)
    mirror.database.execute(
        "UPDATE mails SET remote_folder = ?, remote_uid = ?, remote_validity = ? WHERE id = ?",
        (*values, mail),
    )
    mirror.database.execute(
        "UPDATE left_places SET remote_folder = ?, remote_uid = ?, remote_validity = ?"
        " WHERE mail = ?",
        (*values, mail),
    )


def show_remote_mail(mirror: Mirror, mail: int, there: Mail | None) -> None:
    """What was done to the mail here is given up: it is as the server has it, or not at all."""
    if there is None:
        forget_mail(mirror, mail)
    elif mirror.database.execute("SELECT 1 FROM mails WHERE id = ?", (mail,)).fetchone():
        mirror.database.execute(
            "UPDATE mails SET folder = ? WHERE id = ?", (there.ref.folder, mail)
        )
        set_flags(mirror, mail, there.flags)
    else:
        add_mail(
            mirror, there.ref.folder, None, there.head, there.flags, there.received_at,
            there.size, there.ref,
        )  # fmt: skip


def _not_here() -> StoreUnreachable:
    return StoreUnreachable(
        "The text of this mail is not on this disk yet.",
        remedy="Go online and let it be fetched: tandem connect sync.",
    )


def _mail(row: sqlite3.Row) -> Mail:
    head = msgspec.msgpack.decode(row[2], type=Head)
    return Mail(MailRef(row[1], row[0], VALIDITY), head, frozenset(row[3].split()), row[4], row[5])
