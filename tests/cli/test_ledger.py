"""`tandem ledger`: receipts as a table, as JSON, as files, and added up."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tandem.engines.scripted import Reply
from tests.cli.running import Home, scripted_cloud

PRIVATE = "my dentist appointment"


@pytest.fixture
def home(home: Home) -> Home:
    """Three receipts: answered here, refused here, answered by the cloud at a price."""
    home.run("ask", PRIVATE)
    home.run("--set", "device.threshold=1", "ask", PRIVATE)
    (home.folder / "tandem.toml").write_text("[prices.scripted]\noutput_per_million = 1000000\n")
    with scripted_cloud(home, Reply("one two three")):
        home.run("ask", "--cloud", "--yes", PRIVATE)
    return home


def test_the_table_has_a_line_per_receipt_the_newest_first(home: Home) -> None:
    """Where, what, how sure, what it cost, what left."""
    head, *lines = home.run("ledger").stdout.splitlines()
    assert head.split()[:5] == ["ID", "WHEN", "PLACE", "MODEL", "OUTCOME"]
    assert [line.split()[3] for line in lines] == ["cloud", "device", "device"]
    assert [line.split()[5] for line in lines] == ["answered", "refused", "answered"]
    assert "3.0000" in lines[0]
    assert all(len(line.rstrip()) <= 80 for line in lines)
    assert len(home.run("ledger", "--limit", "2").stdout.splitlines()) == 3


def test_one_receipt_is_found_by_how_its_id_begins(home: Home) -> None:
    """With its reasons, its costs and their sources."""
    newest = home.json("ledger", "--json")[0]
    shown = home.run("ledger", "show", newest["id"][:8]).stdout
    assert newest["id"] in shown
    assert "about 3.00 USD" in shown
    assert "J (estimate" in shown
    assert "route     cloud-only" in shown
    assert home.json("ledger", "show", newest["id"], "--json") == newest
    missing = home.run("ledger", "show", "nope")
    assert missing.exit_code == 2
    assert "tandem ledger" in missing.stderr


def test_exports_hold_every_receipt_and_never_the_text(home: Home) -> None:
    """The oldest first, to a pipe or a file."""
    lines = [json.loads(line) for line in home.run("ledger", "export").stdout.splitlines()]
    assert [line["outcome"] for line in lines] == ["answered", "refused", "answered"]
    target = home.folder / "out.csv"
    assert home.run("ledger", "export", "--format", "csv", "-o", str(target)).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(target.read_text())))
    assert [row["id"] for row in rows] == [line["id"] for line in lines]
    assert float(rows[2]["money"]) == 3.0
    assert int(rows[2]["num_bytes_out"]) > 0
    assert PRIVATE not in target.read_text() + json.dumps(lines)
    nowhere = home.run("ledger", "export", "-o", str(home.folder / "no" / "out"))
    assert nowhere.exit_code == 1


def test_totals_are_the_sums_of_the_receipts(home: Home) -> None:
    """Per day, place, model and outcome."""
    rows = home.json("ledger", "totals", "--json")
    entries = home.json("ledger", "--json")
    assert sum(row["answers"] for row in rows) == len(entries)
    spent = [part["usage"]["output_tokens"] for each in entries for part in each["work"]]
    assert sum(row["output_tokens"] for row in rows) == sum(spent)
    (cloud,) = [row for row in rows if row["place"] == "cloud"]
    assert cloud["money_USD"] == 3.0
    assert "3.0000 USD" in home.run("ledger", "totals").stdout


def test_an_empty_ledger_says_how_to_fill_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No table of nothing."""
    assert "tandem ask" in Home(tmp_path_factory.mktemp("new")).run("ledger").stdout
