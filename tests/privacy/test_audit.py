"""The audit trail: on disk before the bytes go, without the user's words, and not to be changed."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from tandem.clock import SystemClock
from tandem.errors import DeviceFault
from tandem.privacy.audit import AuditFile
from tandem.types import Action, Blocked, Departure, Origin, Outgoing, Placeholder

KEY = b"k" * 32
DEPARTURE = Departure(
    Outgoing("POST", "https://cloud.example/v1", (), b"my secret words"),
    "cloud.example",
    (
        Placeholder("Person 482", "person", "Ann Lee", (Origin.MAIL,)),
        Placeholder("Date 711", "date", "Friday", (Origin.TYPED,), Action.KEEP),
    ),
)


def audit_in(folder: Path) -> AuditFile:
    return AuditFile(folder / "audit.jsonl", SystemClock(), lambda: KEY)


def trail(folder: Path, num_lines: int = 5) -> list[bytes]:
    audit = audit_in(folder)
    for _ in range(num_lines):
        audit.record(DEPARTURE)
    audit.aclose()
    return (folder / "audit.jsonl").read_bytes().splitlines(keepends=True)


def test_a_record_is_on_disk_and_holds_no_words(tmp_path: Path) -> None:
    """One line per event with a hash of the body and counts by kind; no word of the user's."""
    audit = audit_in(tmp_path / "deep")
    record_id = audit.record(DEPARTURE)
    audit.refused(Blocked("Ann Lee", "Ann Lee", DEPARTURE.placeholders, "forbidden"), "tower")
    path = tmp_path / "deep" / "audit.jsonl"
    text = path.read_text()
    rows = [json.loads(line) for line in text.splitlines()]
    assert rows == list(audit.lines())
    assert [row["number"] for row in rows] == [1, 2] and rows[0]["id"] == record_id
    assert rows[0]["num_body_bytes"] == 15 and rows[0]["covered"] == {"person": 1}
    assert rows[0]["kept"] == {"date": 1} and rows[0]["origins"] == {"mail": 1, "typed": 1}
    assert rows[1]["event"] == "stayed" and rows[1]["code"] == "forbidden"
    assert "secret" not in text and "Ann" not in text and "Person 482" not in text
    assert path.stat().st_mode & 0o777 == 0o600
    assert audit.problems() == []
    audit.aclose()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_an_error_that_says_nothing_was_sent(tmp_path: Path) -> None:
    """The write fails, and the message says what that means."""
    (tmp_path / "audit.jsonl").symlink_to("/dev/full")
    audit = audit_in(tmp_path)
    with pytest.raises(DeviceFault, match="nothing was sent"):
        audit.record(DEPARTURE)
    audit.aclose()


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    """A path through a file is a DeviceFault."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(DeviceFault):
        audit_in(tmp_path / "file").record(DEPARTURE)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def _edited(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1].replace(b'"num_body_bytes":15', b'"num_body_bytes":16'), *lines[2:]]


CHANGES: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "an edit": _edited,
    "a line deleted": lambda lines: [*lines[:2], *lines[3:]],
    "the first deleted": lambda lines: lines[1:],
    "two swapped": lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
    "the last cut off": lambda lines: lines[:-1],
    "all cut off": lambda lines: [],
    "a line doubled": lambda lines: [*lines, lines[-1]],
    "a line made up": lambda lines: [*lines, b'{"number":6,"chain":"' + b"0" * 64 + b'"}\n'],
    "half a line": lambda lines: [*lines[:-1], lines[-1][:40]],
    "a blank put in": lambda lines: [lines[0], b"\n", *lines[1:]],
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_found_and_nothing_leaves_after_it(tmp_path: Path, change: str) -> None:
    """Edits, deletions, swaps, cuts and additions: verification says so and `record` refuses."""
    path = tmp_path / "audit.jsonl"
    lines = trail(tmp_path)
    path.write_bytes(b"".join(CHANGES[change](lines)))
    audit = audit_in(tmp_path)
    assert audit.problems(), change
    is_inside = change in ("an edit", "two swapped")  # same length, sound end: found when looked at
    if not is_inside:
        with pytest.raises(DeviceFault, match="changed from outside"):
            audit.record(DEPARTURE)
    audit.aclose()


def test_a_changed_or_missing_anchor_is_found(tmp_path: Path) -> None:
    """The anchor is under the key: made anew, put back to an older one with a cut, or gone."""
    path, anchor = tmp_path / "audit.jsonl", tmp_path / "audit.jsonl.anchor"
    lines = trail(tmp_path)
    good = anchor.read_bytes()
    anchor.write_bytes(good.replace(b'"num_lines":5', b'"num_lines":4'))
    path.write_bytes(b"".join(lines[:4]))
    assert audit_in(tmp_path).problems()
    anchor.unlink()
    assert audit_in(tmp_path).problems()
    path.unlink()
    anchor.write_bytes(good)
    assert audit_in(tmp_path).problems()


def test_another_key_does_not_fit(tmp_path: Path) -> None:
    """A trail made with one key proves nothing with another."""
    trail(tmp_path)
    other = AuditFile(tmp_path / "audit.jsonl", SystemClock(), lambda: b"x" * 32)
    assert other.problems()
    with pytest.raises(DeviceFault):
        other.record(DEPARTURE)


def test_a_crash_between_line_and_anchor_is_no_tampering(tmp_path: Path) -> None:
    """A line the anchor does not know yet proves itself; a piece of a line goes."""
    path, anchor = tmp_path / "audit.jsonl", tmp_path / "audit.jsonl.anchor"
    trail(tmp_path, 3)
    before = anchor.read_bytes()
    trail(tmp_path, 1)
    anchor.write_bytes(before)
    with path.open("ab") as file:
        file.write(b'{"number":5,"id')
    audit = audit_in(tmp_path)
    assert audit.problems() == []
    audit.record(DEPARTURE)
    assert audit.problems() == []
    audit.aclose()


def test_a_new_trail_begins_when_the_old_one_is_put_aside(tmp_path: Path) -> None:
    """The old file is kept, and records are taken again."""
    path = tmp_path / "audit.jsonl"
    trail(tmp_path)
    path.write_bytes(b"rubbish\n")
    audit = audit_in(tmp_path)
    aside = audit.start_anew()
    assert aside is not None and aside.read_bytes() == b"rubbish\n"
    audit.record(DEPARTURE)
    assert audit.problems() == [] and len(list(audit.lines())) == 1
    audit.aclose()


def test_many_processes_write_one_chain(tmp_path: Path) -> None:
    """Four processes at once: every record is there and the chain holds."""
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from tests.privacy.test_audit import DEPARTURE, audit_in
        audit = audit_in(Path(sys.argv[1]))
        for _ in range(25):
            audit.record(DEPARTURE)
        """
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    processes = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait() for process in processes] == [0] * 4
    audit = audit_in(tmp_path)
    assert len(list(audit.lines())) == 100 and audit.problems() == []
