"""What "it" may be in the next turn."""

from __future__ import annotations

from pathlib import Path

from tandem.assistant.recent import FRESH, keep, recent
from tandem.understanding.reading import Ref
from tests.assistant.lives import acts, call, small_life


def test_what_was_made_changed_or_shown_is_spoken_of(tmp_path: Path) -> None:
    """A new event by its own id; what is cancelled is gone."""
    life = small_life(tmp_path)
    life.script.readings = [acts(call("task_create", title="descale kettle"))]
    life.assistant.say("todo descale kettle")
    made = life.assistant.records
    assert [ref.kind for ref in made] == ["task"]
    life.script.readings = [acts(call("task_delete", task=made))]
    life.assistant.say("delete it")
    assert life.assistant.records == ()


def test_the_next_process_knows_for_ten_minutes(tmp_path: Path) -> None:
    """Ids alone, and no longer; a broken file is no reason to fail."""
    path = tmp_path / "recent.json"
    assert recent(path, 0.0) == ()
    keep(path, (Ref("event", "tea"),), 1000.0)
    assert recent(path, 1000.0 + FRESH - 1) == (Ref("event", "tea"),)
    assert recent(path, 1000.0 + FRESH + 1) == ()
    assert recent(path, 999.0) == ()
    path.write_text("{broken")
    assert recent(path, 1000.0) == ()
