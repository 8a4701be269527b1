"""Files that only the user can read, written whole or not at all.

A reader, or a kill -9 at any moment, finds the old content or the new one, never a half.
"""

from __future__ import annotations

import os
import secrets
import stat
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


def create_once(path: Path, text: str) -> None:
    """Write the file unless there is one: of several first writers exactly one wins."""
    with _draft(path, text.encode("utf-8")) as draft, suppress(FileExistsError):
        path.hardlink_to(draft)


def replace(path: Path, text: str) -> None:
    """Write the file, or put this text in the old one's place; on disk when it returns."""
    replace_bytes(path, text.encode("utf-8"))


def replace_bytes(path: Path, content: bytes) -> None:
    """Write the file, or put these bytes in the old one's place; on disk when it returns."""
    with _draft(path, content) as draft:
        draft.replace(path)


def is_open_to_others(path: Path) -> bool:
    """Whether anyone but the owner may read or write the file. Windows keeps this elsewhere."""
    return os.name != "nt" and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


@contextmanager
def _draft(path: Path, content: bytes) -> Generator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.partial")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def lock_file(path: Path) -> Generator[None]:
    """Hold a lock that other processes wait for; the system frees it when a process dies.

    `path` is a file for the lock alone: it stays, as taking it away would break the lock.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)  # which frees it


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        while True:
            with suppress(OSError):  # it gives up after ten seconds
                msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
                return
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)


WAL_SECONDS = 10.0


def write_ahead(connection: sqlite3.Connection) -> None:
    """Change to WAL. While another process does the same, SQLite says "locked" at once, whatever
    the timeout is, so the wait is ours.
    """
    import sqlite3  # not for who only writes a settings file

    last = time.monotonic() + WAL_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > last:
                raise
            time.sleep(0.02)
