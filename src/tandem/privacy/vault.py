"""The vault: which placeholder stands for what, sealed on this disk, one key per conversation.

A SQLite file of sealed rows (AES-256-GCM); what is in clear is a keyed hash of the conversation's
id and the number in a placeholder. The master key is in the keyring or in a file that the user
alone can read, never here. A lost key, or a vault from another machine, is an error that says so:
nothing is decrypted wrongly, nothing is made anew in silence, and so nothing leaves.
"""

from __future__ import annotations

import hmac
import os
import secrets
import sqlite3
import threading
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import msgspec

from tandem.errors import DeviceFault
from tandem.privacy.book import Book, Thing
from tandem.private_file import write_ahead
from tandem.types import Origin

_SCHEMA = """
create table if not exists meta (name text primary key, value blob not null);
create table if not exists things (
  conversation blob not null, number integer not null, sealed blob not null,
  primary key (conversation, number)) without rowid;
"""
_NONCE_BYTES = 12
BUSY_SECONDS = 10.0
LOST = (
    "Bring back the key, or, if it is gone for good, move the vault away: old placeholders then "
    "stay as they are in old answers. "
)


class MasterKey(Protocol):
    """Where the key comes from. `is_new`: there is no vault yet, so a key may be made."""

    def __call__(self, *, is_new: bool) -> bytes: ...


class Vault:
    """Thread-safe, and safe between processes. Everything raises `DeviceFault` when it cannot."""

    def __init__(self, path: Path, master_key: MasterKey) -> None:
        self._path = path
        self._master_key = master_key
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._key = b""

    def derived(self, purpose: str) -> bytes:
        """A key of its own for another purpose, such as the audit's chain."""
        with self._lock:
            self._open()
            return hmac.digest(self._key, purpose.encode("utf-8", "surrogatepass"), "sha256")

    def book(self, conversation_id: str) -> Book:
        """The conversation's things as they are kept; an empty book for an unknown one."""
        with self._used() as connection:
            return self._read(connection, conversation_id)

    def keep(self, conversation_id: str, change: Callable[[Book], None]) -> Book:
        """Apply `change` to the newest state and keep what it added; on disk when it returns.

        Nobody else can change the vault meanwhile, so two processes never give one number to two
        things.
        """
        with self._used() as connection, _transaction(connection):
            book = self._read(connection, conversation_id)
            change(book)
            name = self._name(conversation_id)
            connection.executemany(
                "insert or replace into things values (?, ?, ?)",
                (
                    (name, number, self._sealed(book, name, book.by_number[number]))
                    for number in sorted(book.changed)
                ),
            )
            book.changed.clear()
            return book

    def forget(self, conversation_id: str) -> int:
        """Forget a conversation's things; their number."""
        with self._used() as connection, _transaction(connection):
            name = self._name(conversation_id)
            return connection.execute("delete from things where conversation = ?", (name,)).rowcount

    def aclose(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    # --- the file ---------------------------------------------------------------------------

    @contextmanager
    def _used(self) -> Generator[sqlite3.Connection]:
        with self._lock, self._as_fault():
            yield self._open()

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            with self._as_fault():
                connection = _connected(self._path)
                try:
                    self._key = self._checked_key(connection)
                except BaseException:
                    connection.close()
                    raise
                self._connection = connection
        return self._connection

    def _checked_key(self, connection: sqlite3.Connection) -> bytes:
        """The key that this vault was made with, and no other."""
        row = connection.execute("select value from meta where name = 'key'").fetchone()
        if row is not None:
            return self._proven(row[0])
        with _transaction(connection):
            row = connection.execute("select value from meta where name = 'key'").fetchone()
            if row is not None:
                return self._proven(row[0])
            key = self._master_key(is_new=True)
            connection.execute("insert into meta values ('key', ?)", (_proof(key),))
            return key

    def _proven(self, proof: bytes) -> bytes:
        key = self._master_key(is_new=False)
        if not hmac.compare_digest(_proof(key), proof):
            raise DeviceFault(
                f"The vault {self._path} was sealed with another key: it is from another machine, "
                "or the key was replaced. Nothing leaves.",
                remedy=f"{LOST}mv {self._path} {self._path}.old",
            )
        return key

    @contextmanager
    def _as_fault(self) -> Generator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise DeviceFault(
                f"The vault {self._path} cannot be used ({error}), so nothing leaves.",
                remedy="Free some disk space or make its folder writable; `tandem doctor` says "
                "more.",
            ) from None

    # --- one conversation -------------------------------------------------------------------

    def _name(self, conversation_id: str) -> bytes:
        return hmac.digest(self._key, b"name\0" + _bytes(conversation_id), "sha256")[:16]

    def _read(self, connection: sqlite3.Connection, conversation_id: str) -> Book:
        book = self.empty_book(conversation_id)
        name = self._name(conversation_id)
        rows = connection.execute(
            "select number, sealed from things where conversation = ?", (name,)
        ).fetchall()
        if rows:
            opener = _cipher(book.key)
            for number, sealed in rows:
                book.put(_opened(opener, name, number, sealed, self._path))
        return book

    def empty_book(self, conversation_id: str) -> Book:
        """A book with the conversation's key and nothing in it."""
        return Book(self._book_key(b"conversation\0" + _bytes(conversation_id)))

    def book_for_vectors(self) -> Book:
        """An empty book whose placeholders are the same in every request for vectors."""
        return Book(self._book_key(b"vectors"), is_for_vectors=True)

    def _book_key(self, told: bytes) -> bytes:
        with self._lock:
            self._open()
            return hmac.digest(self._key, told, "sha256")

    def _sealed(self, book: Book, name: bytes, thing: Thing) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        told = msgspec.json.encode(_plain(thing))
        return nonce + _cipher(book.key).encrypt(nonce, told, _label(name, thing.number))


def _connected(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite would take the umask's rights
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    write_ahead(connection)
    connection.execute("pragma synchronous = full")
    with closing(connection.cursor()) as cursor:
        cursor.executescript(_SCHEMA)
    return connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Generator[None]:
    connection.execute("begin immediate")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def _proof(key: bytes) -> bytes:
    return hmac.digest(key, b"tandem vault", "sha256")


def _cipher(key: bytes) -> Any:
    # 30 ms: only who has something to keep waits for it.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(hmac.digest(key, b"seal", "sha256"))


def _label(name: bytes, number: int) -> bytes:
    """A row is good in its own place only."""
    return name + number.to_bytes(8, "big")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _plain(thing: Thing) -> dict[str, Any]:
    # Half characters (lone surrogates) are no JSON; they travel as bytes.
    return {
        "kind": thing.kind,
        "key": _bytes(thing.key),
        "forms": [_bytes(form) for form in thing.forms],
        "origins": sorted(thing.origins),
        "is_chinese": thing.is_chinese,
    }


class _Kept(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    key: bytes
    forms: list[bytes]
    origins: list[str]
    is_chinese: bool


def _opened(opener: Any, name: bytes, number: int, sealed: bytes, path: Path) -> Thing:
    from cryptography.exceptions import InvalidTag

    try:
        plain = opener.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _label(name, number))
        kept = msgspec.json.decode(plain, type=_Kept)
    except (InvalidTag, ValueError, msgspec.DecodeError):
        raise DeviceFault(
            f"A row of the vault {path} was changed or damaged, so nothing leaves.",
            remedy=f"Bring back a copy of it, or move it away: mv {path} {path}.old",
        ) from None
    forms = tuple(form.decode("utf-8", "surrogatepass") for form in kept.forms)
    key = kept.key.decode("utf-8", "surrogatepass")
    origins = frozenset(map(Origin, kept.origins))
    return Thing(number, kept.kind, key, forms, origins, kept.is_chinese)
