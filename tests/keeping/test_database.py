"""A new database that many open at the same moment."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from tandem.errors import DeviceFault
from tandem.keeping.database import open_database

MIGRATIONS = ("create table things (name text);",)


def test_a_new_database_can_be_opened_by_many_at_once(tmp_path: Path) -> None:
    """SQLite answers "locked" at once to who changes the journal's mode beside another."""
    faults: list[Exception] = []

    def open_it(path: Path, together: threading.Barrier) -> None:
        together.wait(10)
        try:
            connection = open_database(path, MIGRATIONS)
            connection.execute("insert into things values ('one')")
            connection.commit()
            connection.close()
        except (DeviceFault, sqlite3.Error) as fault:
            faults.append(fault)

    for number in range(25):
        together = threading.Barrier(8)
        path = tmp_path / f"{number}.sqlite"
        all_ = [threading.Thread(target=open_it, args=(path, together)) for _ in range(8)]
        for each in all_:
            each.start()
        for each in all_:
            each.join(30)
    assert faults == []
