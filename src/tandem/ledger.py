"""The append-only record of decisions and costs: SQLite in WAL mode. Never the user's text.

One thread owns the connection and commits whatever has gathered since its last commit (group
commit), so the event loop never waits on a disk. `record` returns after the commit: with WAL and
`synchronous=NORMAL` a committed entry survives a kill -9 of this process
(sqlite.org/pragma.html); only a power cut may take the last ones, never the file's integrity.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import sqlite3
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tandem.errors import DeviceFault
from tandem.private_file import write_ahead
from tandem.types import Entry

# Numbered steps, each applied once; never edit one that has been released.
MIGRATIONS = (
    """
    CREATE TABLE entries (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        started_at REAL NOT NULL,
        outcome TEXT NOT NULL,
        answered_by TEXT,
        model TEXT,
        num_bytes_out INTEGER NOT NULL,
        entry BLOB NOT NULL
    ) STRICT;
    CREATE INDEX entries_by_time ON entries (started_at);
    """,
)
INSERT = (
    "INSERT INTO entries (id, started_at, outcome, answered_by, model, num_bytes_out, entry)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class _Pending:
    row: tuple[object, ...]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[None]


class SqliteLedger:
    """A Ledger in one SQLite file, readable by the user alone. Many processes may share it."""

    def __init__(self, path: Path) -> None:
        """Open or create. Raises `DeviceFault` on a folder that cannot be written or a broken
        file.
        """
        self._path = path
        self._queue: queue.SimpleQueue[_Pending | None] = queue.SimpleQueue()
        with _faults(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
            self._reader = _connect(path)
            _migrate(self._reader)
        self._thread = threading.Thread(target=self._write_all, name="ledger", daemon=True)
        self._thread.start()

    async def record(self, entry: Entry) -> None:
        """Append; returns when the entry is committed. Raises `DeviceFault` when it cannot be."""
        loop = asyncio.get_running_loop()
        pending = _Pending(_row(entry), loop, loop.create_future())
        self._queue.put(pending)
        await pending.done

    def entries(self, *, limit: int | None = None, newest_first: bool = True) -> Iterator[Entry]:
        """Entries in order of arrival."""
        order = "DESC" if newest_first else "ASC"
        sql = f"SELECT entry FROM entries ORDER BY number {order} LIMIT ?"
        with _faults(self._path):
            for (blob,) in self._reader.execute(sql, (-1 if limit is None else limit,)):
                yield msgspec.json.decode(blob, type=Entry)

    def entry(self, entry_id: str) -> Entry | None:
        """The entry with this id, or with a unique id that begins so."""
        sql = "SELECT entry FROM entries WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2"
        with _faults(self._path):
            rows = self._reader.execute(sql, (entry_id,)).fetchall() if entry_id else []
        return msgspec.json.decode(rows[0][0], type=Entry) if len(rows) == 1 else None

    def problems(self) -> list[str]:
        """What SQLite's own check finds wrong with the file; empty when it is sound."""
        with _faults(self._path):
            rows = self._reader.execute("PRAGMA quick_check").fetchall()
        return [] if rows == [("ok",)] else [str(row[0]) for row in rows]

    async def aclose(self) -> None:
        """Write what waits, then close."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._reader.close()

    def _write_all(self) -> None:
        """The writer thread: one transaction for all that waits."""
        connection: sqlite3.Connection | None = None
        is_open = True
        while is_open:
            batch = [self._queue.get()]
            with contextlib.suppress(queue.Empty):
                while True:
                    batch.append(self._queue.get_nowait())
            is_open = None not in batch
            pending = [item for item in batch if item is not None]
            if not pending:
                continue
            fault: DeviceFault | None = None
            try:
                with _faults(self._path):
                    connection = connection or _connect(self._path)
                    with connection:
                        connection.executemany(INSERT, [item.row for item in pending])
            except DeviceFault as error:
                fault = error
            _settle(pending, fault)
        if connection is not None:
            connection.close()


class NoLedger:
    """A Ledger that keeps nothing: for the cloud tier, which is not to remember its callers."""

    async def record(self, entry: Entry) -> None:
        """Forget it."""

    def entries(self, *, limit: int | None = None, newest_first: bool = True) -> Iterator[Entry]:
        """None."""
        return iter(())

    def entry(self, entry_id: str) -> Entry | None:
        """None."""
        return None

    async def aclose(self) -> None:
        """Nothing to close."""


def totals(entries: Iterator[Entry]) -> dict[tuple[str, str, str], dict[str, float]]:
    """Sums per (outcome, place, model): answers, tokens, seconds, joules, bytes, money by
    currency.
    """
    sums: dict[tuple[str, str, str], dict[str, float]] = {}
    for entry in entries:
        place = entry.answered_by.value if entry.answered_by else "-"
        row = sums.setdefault((entry.outcome, place, entry.model or "-"), {"answers": 0.0})
        _add(row, "answers", 1)
        _add(row, "seconds", entry.seconds)
        for part in entry.work:
            _add(row, "input_tokens", part.usage.input_tokens)
            _add(row, "output_tokens", part.usage.output_tokens)
            _add(row, "num_bytes_out", part.usage.num_bytes_out)
            _add(row, "joules", part.joules or 0.0)
            if part.money:
                _add(row, f"money_{part.money.currency}", part.money.amount)
    return sums


def _add(row: dict[str, float], key: str, value: float) -> None:
    row[key] = row.get(key, 0.0) + value


def _row(entry: Entry) -> tuple[object, ...]:
    return (
        entry.id,
        entry.started_at,
        entry.outcome,
        entry.answered_by,
        entry.model,
        entry.num_bytes_out,
        msgspec.json.encode(entry),
    )


def _settle(pending: list[_Pending], fault: DeviceFault | None) -> None:
    """Wake the waiting tasks, one wake-up per event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Pending]] = {}
    for item in pending:
        by_loop.setdefault(item.loop, []).append(item)
    for loop, items in by_loop.items():
        # The loop may be gone when the process is ending; the rows are written all the same.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_wake, items, fault)


def _wake(items: list[_Pending], fault: DeviceFault | None) -> None:
    for item in items:
        if item.done.done():
            continue
        if fault is None:
            item.done.set_result(None)
        else:
            item.done.set_exception(fault)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10.0, check_same_thread=False)
    write_ahead(connection)
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        with contextlib.suppress(sqlite3.OperationalError):
            connection.executescript(
                f"BEGIN IMMEDIATE; {script} PRAGMA user_version={number}; COMMIT;"
            )
    (reached,) = connection.execute("PRAGMA user_version").fetchone()
    if reached < len(MIGRATIONS):
        raise sqlite3.DatabaseError("its tables cannot be made")


@contextlib.contextmanager
def _faults(path: Path) -> Generator[None]:
    """Say whose fault it is when the file cannot be used."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise DeviceFault(
            f"The ledger {path} cannot be used: {error}.",
            remedy="Free some disk space, check the folder's rights, or set ledger.path.",
        ) from error
    except (sqlite3.DatabaseError, msgspec.DecodeError) as error:
        raise DeviceFault(
            f"The ledger {path} is damaged: {error}.",
            remedy="Move it away to start anew; `sqlite3 FILE .recover` may save what was in it.",
        ) from error
    except OSError as error:
        raise DeviceFault(
            f"The ledger {path} cannot be opened: {error.strerror}.",
            remedy="Check the folder's rights, or set ledger.path.",
        ) from error
