"""A SQLite file of one's own: readable by the user alone, WAL, numbered migrations.

`synchronous=FULL`: what was committed survives a power cut too, as an act on somebody's mail must
not be forgotten between its doing and its undoing.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from tandem.errors import DeviceFault
from tandem.private_file import write_ahead

WAIT_SECONDS = 10.0


def open_database(path: Path, migrations: Sequence[str]) -> sqlite3.Connection:
    """Open or create it. Raises `DeviceFault` on a folder that cannot be written, a damaged file,
    or one that a newer version has written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        # One user at a time by the ports' promise, but perhaps from several threads in turn.
        connection = sqlite3.connect(path, timeout=WAIT_SECONDS, check_same_thread=False)
        write_ahead(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        _migrate(connection, migrations)
    except (sqlite3.Error, OSError) as error:
        raise DeviceFault(
            f"{path} cannot be used: {error}.",
            remedy="Free some disk space, check the folder's rights, or move the file away.",
        ) from error
    return connection


def _migrate(connection: sqlite3.Connection, migrations: Sequence[str]) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for number, script in enumerate(migrations[version:], start=version + 1):
        # Another process may be doing the same: whoever is second finds the tables there.
        with contextlib.suppress(sqlite3.OperationalError):
            connection.executescript(
                f"BEGIN IMMEDIATE; {script} PRAGMA user_version={number}; COMMIT;"
            )
    if connection.in_transaction:
        connection.rollback()
    (reached,) = connection.execute("PRAGMA user_version").fetchone()
    if reached != len(migrations):
        raise sqlite3.DatabaseError("its tables are of another version")
