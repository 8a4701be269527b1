"""The ledger keeps what it has taken, whatever happens to the process."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tandem.errors import DeviceFault
from tandem.ledger import SqliteLedger, totals
from tandem.types import Entry, Money, Place, PlaceUsage, Route, Ruling, Usage, Verdict


def entry(number: int = 1, *, money: float = 0.5) -> Entry:
    usage = Usage(input_tokens=10, output_tokens=5, num_bytes_out=100, seconds=0.2)
    work = PlaceUsage(Place.CLOUD, "tower", usage, Money(money, "EUR"), 1.5, "assumed")
    return Entry(
        id=f"id-{number:04d}",
        started_at=1000.0 + number,
        outcome="answered",
        answered_by=Place.CLOUD,
        model="tower",
        route=Route(Place.DEVICE, None, None, "asked first"),
        verdict=Verdict(Ruling.ESCALATE, 0.2, 0.8, "not sure"),
        work=(work,),
        seconds_to_first_token=0.1,
        seconds=0.3,
        finish_reason="stop",
    )


async def test_an_entry_comes_back_whole(tmp_path: Path) -> None:
    """What is read equals what was recorded, in either order, after reopening too."""
    ledger = SqliteLedger(tmp_path / "deep" / "ledger.sqlite")
    await ledger.record(entry(1))
    await ledger.record(entry(2))
    assert list(ledger.entries()) == [entry(2), entry(1)]
    await ledger.aclose()
    again = SqliteLedger(tmp_path / "deep" / "ledger.sqlite")
    assert list(again.entries(newest_first=False, limit=1)) == [entry(1)]
    assert again.entry("id-0002") == entry(2)
    assert again.entry("id-000") is None, "an ambiguous beginning is nobody's"
    assert again.entry("") is None
    assert again.problems() == []
    await again.aclose()


async def test_many_at_once_all_arrive(tmp_path: Path) -> None:
    """A thousand records from one loop are all there."""
    ledger = SqliteLedger(tmp_path / "ledger.sqlite")
    await asyncio.gather(*(ledger.record(entry(number)) for number in range(1000)))
    assert len(list(ledger.entries())) == 1000
    await ledger.aclose()


async def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    """The file's rights are 0600."""
    ledger = SqliteLedger(tmp_path / "ledger.sqlite")
    assert (tmp_path / "ledger.sqlite").stat().st_mode & 0o777 == 0o600
    await ledger.aclose()


def test_kill_9_loses_no_finished_entry(tmp_path: Path) -> None:
    """A process that is killed at any moment has kept every entry that it was told is kept."""
    program = textwrap.dedent(
        """
        import asyncio, dataclasses, pathlib, sys
        sys.path.insert(0, sys.argv[2])
        from tandem.ledger import SqliteLedger
        from tests.test_ledger import entry
        async def main():
            ledger = SqliteLedger(pathlib.Path(sys.argv[1]))
            number = int(sys.argv[3])
            while True:
                number += 1
                await ledger.record(entry(number))
                print(number, flush=True)
        asyncio.run(main())
        """
    )
    path = tmp_path / "ledger.sqlite"
    root = str(Path(__file__).parent.parent)
    told = 0
    for attempt in range(5):
        arguments = [sys.executable, "-c", program, str(path), root, str(attempt * 100_000)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(3 + attempt * 7)]
            os.kill(process.pid, signal.SIGKILL)
            lines += process.stdout.read().splitlines(keepends=True)
        told += sum(line.endswith("\n") for line in lines)
        connection = sqlite3.connect(path)
        (kept,) = connection.execute("SELECT count(*) FROM entries").fetchone()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
        assert kept >= told


def test_a_file_that_is_no_ledger_is_named(tmp_path: Path) -> None:
    """A damaged file is a DeviceFault that names it and says what to do."""
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"this is not a database at all, not even nearly" * 40)
    with pytest.raises(DeviceFault, match=r"ledger\.sqlite.*Move it away"):
        SqliteLedger(path)


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    """A place that cannot be written is a DeviceFault."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(DeviceFault, match="cannot be opened"):
        SqliteLedger(tmp_path / "file" / "ledger.sqlite")


async def test_a_full_disk_is_told_to_the_caller(tmp_path: Path) -> None:
    """A commit that fails raises in `record`, and the ledger works again afterwards."""
    path = tmp_path / "ledger.sqlite"
    ledger = SqliteLedger(path)
    await ledger.record(entry(1))
    blocker = sqlite3.connect(path)
    blocker.execute(
        "CREATE TRIGGER full BEFORE INSERT ON entries BEGIN SELECT RAISE(FAIL, 'x'); END"
    )
    blocker.commit()
    with pytest.raises(DeviceFault):
        await ledger.record(entry(2))
    blocker.execute("DROP TRIGGER full")
    blocker.commit()
    blocker.close()
    await ledger.record(entry(3))
    assert [kept.id for kept in ledger.entries()] == ["id-0003", "id-0001"]
    await ledger.aclose()


async def test_two_processes_may_share_it(tmp_path: Path) -> None:
    """Two ledgers on one file interleave without an error."""
    first, second = (SqliteLedger(tmp_path / "ledger.sqlite") for _ in range(2))
    await asyncio.gather(
        *(
            ledger.record(entry(n + base))
            for n in range(50)
            for ledger, base in ((first, 0), (second, 1000))
        )
    )
    assert len(list(first.entries())) == 100
    await first.aclose()
    await second.aclose()


def test_totals_add_up() -> None:
    """The sum over entries is the sum of their usage."""
    sums = totals(iter([entry(1), entry(2, money=0.25)]))
    row = sums["answered", "cloud", "tower"]
    assert row["answers"] == 2
    assert row["output_tokens"] == 10
    assert row["money_EUR"] == 0.75
    assert row["num_bytes_out"] == 200
