"""The audit file: on disk before the bytes go, without the user's words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tandem.clock import SystemClock
from tandem.errors import DeviceFault
from tandem.privacy.audit import AuditFile
from tandem.types import Departure, Outgoing, Placeholder

DEPARTURE = Departure(
    Outgoing("POST", "https://cloud.example/v1", (), b"my secret words"),
    "cloud.example",
    (Placeholder("Person 1", "person"),),
)


def test_a_record_is_on_disk_and_holds_no_words(tmp_path: Path) -> None:
    """One line per departure with a hash of the body; the body itself is not there."""
    audit = AuditFile(tmp_path / "deep" / "audit.jsonl", SystemClock())
    record_id = audit.record(DEPARTURE)
    audit.record(DEPARTURE)
    text = (tmp_path / "deep" / "audit.jsonl").read_text()
    rows = [json.loads(line) for line in text.splitlines()]
    assert len(rows) == 2 and rows[0]["id"] == record_id
    assert rows[0]["num_body_bytes"] == 15 and rows[0]["placeholder_kinds"] == ["person"]
    assert "secret" not in text
    assert (tmp_path / "deep" / "audit.jsonl").stat().st_mode & 0o777 == 0o600
    audit.aclose()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_an_error_that_says_nothing_was_sent() -> None:
    """The write fails, and the message says what that means."""
    audit = AuditFile(Path("/dev/full"), SystemClock())
    with pytest.raises(DeviceFault, match="nothing was sent"):
        audit.record(DEPARTURE)
    audit.aclose()


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    """A path through a file is a DeviceFault."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(DeviceFault):
        AuditFile(tmp_path / "file" / "audit.jsonl", SystemClock()).record(DEPARTURE)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
