"""The outbox: once, in order, conflicts shown; kills and cuts on real servers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bench import outbox as bench
from tandem.connectors.ports import Stores
from tandem.connectors.records import MailQuery, MailRef
from tandem.errors import BadRequest, StoreRefused, StoreUnreachable
from tandem.keeping.mirror import Mirror
from tandem.keeping.outbox import Outbox, stuck
from tandem.keeping.pulling import pull
from tests.contracts.mailbox_contract import NONE, mail
from tests.contracts.post_contract import LETTER
from tests.keeping.stores import Clock, Postbox, file_stores


class Pair:
    """A mirror and the server behind it."""

    def __init__(self, root: Path) -> None:
        self.clock = Clock()
        self.post = Postbox()
        self.remote: Stores = file_stores(root / "server", self.post)
        self.mirror = Mirror(root / "mirror.sqlite", self.clock)
        self.here = self.mirror.stores
        self.outbox = Outbox(self.mirror, self.remote)
        self.sync()

    def sync(self) -> None:
        self.outbox.deliver()
        pull(self.mirror, self.remote)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = Pair(tmp_path)
    yield made
    made.mirror.close()


def text_of(stores: Stores) -> str | None:
    found = stores.notes.get("a.md")
    return found.text if found else None


def refusing(*_: object, **__: object) -> None:
    raise StoreUnreachable("cut off")


def test_acts_wait_offline_and_arrive_in_order(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network everything is done here; with one it is done there, once."""
    with monkeypatch.context() as patch:
        for verb in ("get", "add", "replace", "remove"):
            patch.setattr(pair.remote.notes, verb, refusing)
        item = pair.here.notes.add("a.md", "one")
        item = pair.here.notes.replace(item, "two")
        delivered = pair.outbox.deliver()
        assert delivered.num_done == 0 and isinstance(delivered.fault, StoreUnreachable)
        assert pair.here.notes.items()[0].text == "two" and pair.remote.notes.items() == ()
    assert pair.outbox.deliver().num_done == 2
    assert pair.remote.notes.items()[0].text == "two"
    pair.sync()
    assert len(pair.here.notes.items()) == 1 and pair.mirror.waiting() == ()


def test_an_answer_that_never_came_is_no_second_act(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server did it and the line died: found out by looking."""
    box = pair.remote.mailbox
    real = box.append

    def done_then_cut(*arguments: Any) -> MailRef:
        real(*arguments)
        raise StoreUnreachable("cut off")

    pair.here.mailbox.append("Drafts", mail(1), NONE, 5.0)
    monkeypatch.setattr(box, "append", done_then_cut)
    assert isinstance(pair.outbox.deliver().fault, StoreUnreachable)
    monkeypatch.setattr(box, "append", real)
    assert pair.outbox.deliver().num_done == 1
    assert len(box.search(MailQuery())) == 1
    pair.sync()
    assert len(pair.here.mailbox.search(MailQuery())) == 1


def test_a_conflict_is_shown_and_nothing_overwritten(pair: Pair) -> None:
    """Changed on both sides: the server's stays, the user decides, what follows waits."""
    pair.here.notes.add("a.md", "one")
    pair.sync()
    pair.remote.notes.replace(pair.remote.notes.items()[0], "theirs")
    item = pair.here.notes.replace(pair.here.notes.items()[0], "mine")
    pair.here.notes.replace(item, "mine, too")
    pair.here.notes.add("b.md", "other")
    delivered = pair.outbox.deliver()
    assert (delivered.num_done, delivered.num_stuck, delivered.num_left) == (1, 1, 1)
    pair.sync()
    assert text_of(pair.remote) == "theirs"
    assert text_of(pair.here) == "mine, too"
    (conflict,) = stuck(pair.mirror)
    assert conflict.state == "conflict" and "changed" in conflict.reason
    pair.outbox.resolve(conflict.number, "mine")
    pair.sync()
    assert text_of(pair.remote) == "mine, too" and pair.mirror.waiting() == ()


def test_theirs_gives_the_act_up(pair: Pair) -> None:
    """The mirror then shows what the server has."""
    pair.here.notes.add("a.md", "one")
    pair.sync()
    pair.remote.notes.replace(pair.remote.notes.items()[0], "theirs")
    pair.here.notes.replace(pair.here.notes.items()[0], "mine")
    pair.sync()
    number = stuck(pair.mirror)[0].number
    pair.outbox.resolve(number, "theirs")
    pair.sync()
    assert text_of(pair.here) == "theirs" and pair.mirror.waiting() == ()
    with pytest.raises(BadRequest):
        pair.outbox.resolve(number, "mine")


def test_a_mail_that_somebody_threw_away_is_a_conflict(pair: Pair) -> None:
    """A move of it is shown, not forced."""
    ref = pair.here.mailbox.append("INBOX", mail(1), NONE, 5.0)
    pair.sync()
    (there,) = pair.remote.mailbox.search(MailQuery())
    pair.remote.mailbox.expunge(there.ref)
    pair.here.mailbox.move(ref, "Archive")
    assert pair.outbox.deliver().num_stuck == 1
    assert stuck(pair.mirror)[0].state == "conflict"


def test_theirs_shows_the_mail_as_the_server_has_it(pair: Pair) -> None:
    """Given up: a move that was refused, a mail thrown away here, one that is gone there."""
    box = pair.remote.mailbox
    for number in (1, 2, 3):
        box.append("INBOX", mail(number), NONE, float(number))
    pair.sync()
    moved, expunged, gone = reversed(pair.here.mailbox.search(MailQuery()))
    pair.here.mailbox.move(moved.ref, "Archive")
    pair.here.mailbox.expunge(expunged.ref)
    pair.here.mailbox.flag(gone.ref, add=frozenset({"seen"}), remove=NONE)
    (there,) = box.search(MailQuery(message_id="<3@example.org>"))
    box.expunge(there.ref)
    pair.mirror.database.execute("UPDATE acts SET state = 'refused' WHERE state = 'queued'")
    pair.mirror.database.commit()
    for waiting in stuck(pair.mirror):
        pair.outbox.resolve(waiting.number, "theirs")
    pair.sync()
    found = {
        each.head.message_id: each.ref.folder for each in pair.here.mailbox.search(MailQuery())
    }
    assert found == {"<1@example.org>": "INBOX", "<2@example.org>": "INBOX"}
    assert pair.here.mailbox.read(pair.here.mailbox.search(MailQuery())[0].ref) == mail(2)


def test_a_letter_is_held_and_then_sent_once(pair: Pair) -> None:
    """Ten seconds to recall it; then out, with one copy in Sent."""
    pair.here.post.send(LETTER)
    assert pair.outbox.deliver().num_left == 1 and pair.post.letters == []
    pair.clock.at += 10.5
    pair.sync()
    pair.sync()
    assert pair.post.letters == [LETTER]
    assert len(pair.remote.mailbox.search(MailQuery(folders=("Sent",)))) == 1
    assert len(pair.here.mailbox.search(MailQuery(folders=("Sent",)))) == 1
    assert not pair.here.post.recall(LETTER)
    pair.here.post.send(LETTER)
    pair.clock.at += 10.5
    pair.sync()
    assert pair.post.letters == [LETTER]


@pytest.mark.parametrize("knows", [True, False])
def test_a_line_that_dies_after_the_last_dot(pair: Pair, knows: bool) -> None:
    """Where the server can tell, it is asked; where not, the doubt is shown, nothing sent twice."""
    pair.post.knows = knows
    pair.post.after = refusing
    pair.here.post.send(LETTER)
    pair.clock.at += 11
    pair.outbox.deliver()
    pair.post.after = None
    pair.outbox.deliver()
    assert pair.post.letters == [LETTER]
    assert [each.state for each in stuck(pair.mirror)] == ([] if knows else ["doubtful"])


def test_a_line_that_dies_before_the_last_dot(pair: Pair) -> None:
    """Surely not out: sent again without asking anybody."""
    pair.post.knows = False
    pair.post.before = refusing
    pair.here.post.send(LETTER)
    pair.clock.at += 11
    pair.outbox.deliver()
    pair.post.before = None
    pair.outbox.deliver()
    assert pair.post.letters == [LETTER] and stuck(pair.mirror) == ()


def test_a_refusal_is_shown(pair: Pair) -> None:
    """A full server says no: the act waits with its reason and can be tried again."""

    def full() -> None:
        raise StoreRefused("There is no room left.")

    pair.post.before = full
    pair.here.post.send(LETTER)
    pair.clock.at += 11
    assert pair.outbox.deliver().num_stuck == 1
    (refused,) = stuck(pair.mirror)
    assert refused.state == "refused" and "room" in refused.reason
    pair.post.before = None
    pair.outbox.resolve(refused.number, "mine")
    pair.outbox.deliver()
    assert pair.post.letters == [LETTER]


def test_pulling_brings_changes_and_keeps_ours(pair: Pair) -> None:
    """New, changed and gone items and mails; flags; a new UIDVALIDITY loses no text."""
    box = pair.remote.mailbox
    one = box.append("INBOX", mail(1, "账单"), NONE, 5.0)
    box.make_folder("旅行")
    pair.remote.notes.add("a.md", "one")
    pair.sync()
    (here,) = pair.here.mailbox.search(MailQuery(text="账单"))
    assert pair.here.mailbox.read(here.ref) == mail(1, "账单")
    assert "旅行" in {folder.name for folder in pair.here.mailbox.folders()}
    box.flag(one, add=frozenset({"seen"}), remove=NONE)
    box.drop_folder("旅行")
    pair.remote.notes.remove(pair.remote.notes.items()[0])
    pair.sync()
    found = pair.here.mailbox.find(here.ref)
    assert found is not None and found.flags == {"seen"} and pair.here.notes.items() == ()
    assert "旅行" not in {folder.name for folder in pair.here.mailbox.folders()}
    box.expunge(one)
    pair.sync()
    assert pair.here.mailbox.search(MailQuery()) == ()


def test_a_new_uidvalidity_keeps_what_is_known(pair: Pair, tmp_path: Path) -> None:
    """The same mails under new uids are the same mails here; acts hit the right one."""
    pair.remote.mailbox.append("INBOX", mail(1), NONE, 5.0)
    pair.remote.mailbox.append("INBOX", mail(2), NONE, 6.0)
    pair.sync()
    before = pair.here.mailbox.search(MailQuery())
    uids = tmp_path / "server/mail/INBOX/.uids"
    validity, following = uids.read_text().split()
    uids.write_text(f"{int(validity) + 7} {following}")
    pair.sync()
    assert pair.here.mailbox.search(MailQuery()) == before
    pair.here.mailbox.move(before[0].ref, "Archive")
    pair.sync()
    (moved,) = pair.remote.mailbox.search(MailQuery(folders=("Archive",)))
    assert moved.head.message_id == "<2@example.org>" and stuck(pair.mirror) == ()


def test_two_letters_of_one_message_id_to_different_people(pair: Pair) -> None:
    """They are two letters."""
    pair.here.post.send(LETTER)
    pair.here.post.send(replace(LETTER, recipients=("other@example.net",)))
    assert len(pair.mirror.waiting()) == 2


def test_two_deliverers_do_not_do_one_act_twice(pair: Pair, tmp_path: Path) -> None:
    """The second waits for the first, and then finds nothing left to do."""
    other = Mirror(tmp_path / "mirror.sqlite", pair.clock)
    others: list[int] = []
    thread = threading.Thread(
        target=lambda: others.append(Outbox(other, pair.remote).deliver().num_done)
    )

    def meanwhile() -> None:
        thread.start()
        time.sleep(0.2)

    pair.post.after = meanwhile
    pair.here.post.send(LETTER)
    pair.clock.at += 11
    assert pair.outbox.deliver().num_done == 1
    thread.join()
    other.close()
    assert pair.post.letters == [LETTER] and others == [1]  # the copy for Sent


def test_kills_and_cuts_on_real_servers(needs_servers: None) -> None:
    """A small bench.outbox: nothing lost, nothing twice."""
    figures = bench.run(12, Random().randrange(10**6), files_sent=True)
    assert (figures["lost"], figures["doubled"], figures["left"]) == (0, 0, 0)
    assert figures["mirror_equals_servers"]
