"""Undo: over files, over the mirror and over real servers; after crashes; never over changes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from bench import undo
from tandem.clock import SystemClock
from tandem.connectors.records import MailQuery
from tandem.errors import BadRequest, Conflict
from tandem.keeping.journal import Journal
from tandem.keeping.mirror import Mirror
from tandem.keeping.writes import same
from tests.contracts.mailbox_contract import NONE, mail
from tests.contracts.post_contract import LETTER
from tests.contracts.shelf_contract import CALENDAR
from tests.keeping.stores import Clock, file_stores


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal.sqlite", file_stores(tmp_path), SystemClock())
    yield made
    made.close()


def test_an_act_is_undone_as_a_whole(journal: Journal) -> None:
    """All its writes, the last first; an act before it stays; twice is an error."""
    stores = journal.stores
    with journal.act("Note"):
        stores.notes.add("a.md", "one")
    with journal.act("Much") as act:
        stores.notes.replace(stores.notes.items()[0], "two")
        stores.notes.add("b.md", "three")
        ref = stores.mailbox.append("Drafts", mail(1), NONE, 1.0)
        ref = stores.mailbox.move(ref, "INBOX")
        stores.mailbox.flag(ref, add=frozenset({"flagged"}), remove=NONE)
    assert [each.title for each in journal.acts()] == ["Much", "Note"]
    assert journal.undo(act).num_undone == 5
    assert [(item.href, item.text) for item in stores.notes.items()] == [("a.md", "one")]
    assert stores.mailbox.search(MailQuery()) == ()
    assert [each.is_undone for each in journal.acts()] == [True, False]
    with pytest.raises(BadRequest):
        journal.undo(act)


def test_undo_overwrites_nothing(journal: Journal) -> None:
    """What somebody else changed since stays, and the act can be undone later."""
    stores = journal.stores
    with journal.act("x") as act:
        stores.notes.add("a.md", "one")
    other = stores.notes.items()[0]
    with journal.act("somebody else"):
        stores.notes.replace(other, "theirs")
    with pytest.raises(Conflict):
        journal.undo(act)
    assert stores.notes.items()[0].text == "theirs"


def test_a_mail_is_followed_through_its_moves(journal: Journal) -> None:
    """Acts that know it by an old uid are undone on the mail where it is now."""
    box = journal.stores.mailbox
    first = box.append("INBOX", mail(1), frozenset({"seen"}), 5.0)
    acts: list[str] = []
    with journal.act("flag") as act:
        acts.append(act)
        box.flag(first, add=frozenset({"flagged"}), remove=frozenset({"seen"}))
    with journal.act("move") as act:
        acts.append(act)
        moved = box.move(first, "Archive")
    with journal.act("throw away") as act:
        acts.append(act)
        box.expunge(moved)
    for act in reversed(acts):
        journal.undo(act)
    (found,) = box.search(MailQuery())
    assert (found.ref.folder, found.flags, found.received_at) == ("INBOX", {"seen"}, 5.0)


def test_a_letter_that_is_out_is_told(tmp_path: Path) -> None:
    """Undo does the rest and names what nothing takes back; in the outbox it is recalled."""
    journal = Journal(tmp_path / "j.sqlite", file_stores(tmp_path), SystemClock())
    with journal.act("send") as act:
        journal.stores.notes.add("a.md", "sent it")
        journal.stores.post.send(LETTER)
    assert journal.undo(act).left == ("send",)
    assert journal.stores.notes.items() == ()
    journal.close()
    mirror = Mirror(tmp_path / "m.sqlite", Clock())
    held = Journal(tmp_path / "j2.sqlite", mirror.stores, SystemClock())
    with held.act("send") as act:
        held.stores.post.send(LETTER)
    assert held.undo(act).left == () and mirror.waiting() == ()
    held.close()
    mirror.close()


def test_a_kill_at_any_moment_leaves_what_undo_can_undo(tmp_path: Path) -> None:
    """A process is killed while it writes; a new one undoes what happened of the act."""
    for number in range(12):
        root = tmp_path / str(number)
        stores = file_stores(root)
        stores.notes.add("kept.md", "kept")
        kept = stores.mailbox.append("INBOX", mail(1), frozenset({"seen"}), 5.0)
        child = os.fork()
        if child == 0:
            try:
                _act_and_die(root, number)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        journal = Journal(root / "journal.sqlite", stores, SystemClock())
        journal.recover()
        for act in journal.acts():
            journal.undo(act.id)
        assert [(item.href, item.text) for item in stores.notes.items()] == [("kept.md", "kept")]
        (found,) = stores.mailbox.search(MailQuery())
        assert found.flags == {"seen"} and found.ref.folder == kept.folder
        journal.close()


def _act_and_die(root: Path, after_writes: int) -> None:
    """Die at the n-th step, before or after the write itself."""
    stores = file_stores(root)
    left = [after_writes]

    def step() -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for shelf, verb in (
        (stores.notes, "add"),
        (stores.notes, "replace"),
        (stores.mailbox, "append"),
        (stores.mailbox, "move"),
        (stores.mailbox, "flag"),
    ):
        real = getattr(shelf, verb)

        def stepped(*args: object, real=real, **named: object) -> object:
            step()
            done = real(*args, **named)
            step()
            return done

        setattr(shelf, verb, stepped)
    journal = Journal(root / "journal.sqlite", stores, SystemClock())
    with journal.act("doomed"):
        watched = journal.stores
        watched.notes.replace(watched.notes.add("a.md", "one"), "two")
        ref = watched.mailbox.append("Drafts", mail(2), NONE, 1.0)
        watched.mailbox.move(ref, "INBOX")
        (old,) = (each for each in watched.mailbox.search(MailQuery()) if each.received_at == 5.0)
        watched.mailbox.flag(old.ref, add=frozenset({"flagged"}), remove=frozenset({"seen"}))


def test_texts_are_compared_by_what_they_say() -> None:
    """Order of lines and parameters, folds and zone definitions do not count; words do."""
    text = CALENDAR.format(uid="a", title="Tea")
    lines = text.split("\r\n")
    lines[4:8] = reversed(lines[4:8])
    assert same(text, "\n".join(lines))
    assert same(
        text.replace("SUMMARY", "SUMMARY;A=1;B=x"), text.replace("SUMMARY", "SUMMARY;B=X;A=1")
    )
    assert not same(text, text.replace("Tea", "Coffee"))
    assert not same("note", "note ") and same("a\r\nb", "a\nb") and not same(None, "")


def test_random_acts_on_real_servers_are_undone(needs_servers: None) -> None:
    """A small bench.undo, cut lines included."""
    assert undo.run(6, Random().randrange(10**6))["restored"] == 1.0
