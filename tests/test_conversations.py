"""What was said is kept, whole, private, and given on in the right form."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tandem.conversations import FOLDER_LIMIT, Conversations, Said, new_conversation
from tandem.errors import DeviceFault


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    """All of it, from the newest file, readable by the user alone."""
    store = Conversations(tmp_path / "conversations")
    assert store.latest() is None
    store.save(new_conversation(1.0).asked("old"))
    talk = new_conversation(2.0, "Be brief.").asked("Why?").answered(Said("So.", "answered"))
    store.save(talk)
    assert store.latest() == talk
    for file in (tmp_path / "conversations").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_engine_gets_whole_answers_only(tmp_path: Path) -> None:
    """Refused, failed and cancelled answers are no history; an escalated one replaces the first."""
    talk = new_conversation(1.0, "Be brief.")
    talk = talk.asked("one").answered(Said("weak", "answered")).answered(Said("good", "answered"))
    talk = talk.asked("two").answered(Said("I don't know", "refused"))
    talk = talk.asked("three").answered(Said("kept", "answered")).answered(Said("ha", "failed"))
    talk = talk.asked("four")
    assert [(each.role, each.text) for each in talk.messages()] == [
        ("system", "Be brief."),
        ("user", "one"),
        ("assistant", "good"),
        ("user", "three"),
        ("assistant", "kept"),
        ("user", "four"),
    ]


def test_a_damaged_file_is_named_with_its_cure(tmp_path: Path) -> None:
    """Not a traceback, and not a silent fresh start that looks like a loss."""
    store = Conversations(tmp_path)
    store.save(new_conversation(1.0))
    (file,) = tmp_path.iterdir()
    file.write_text("{")
    with pytest.raises(DeviceFault, match="cannot be read") as caught:
        store.latest()
    assert str(file) in caught.value.remedy


def test_the_folder_does_not_grow_without_end(tmp_path: Path) -> None:
    """The oldest go; the newest stay."""
    store = Conversations(tmp_path)
    for number in range(FOLDER_LIMIT + 3):
        store.save(new_conversation(float(number)).asked(str(number)))
    assert len(list(tmp_path.iterdir())) == FOLDER_LIMIT
    latest = store.latest()
    assert latest is not None
    assert latest.exchanges[0].question == str(FOLDER_LIMIT + 2)


def test_a_place_that_cannot_be_written_is_this_machines_fault(tmp_path: Path) -> None:
    """A file in the folder's place stands for every such place."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DeviceFault, match="cannot be written"):
        Conversations(tmp_path / "file").save(new_conversation(1.0))
