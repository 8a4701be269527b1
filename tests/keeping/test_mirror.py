"""The mirror keeps the ports' promises without any server, and finds Chinese words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tandem.clock import SystemClock
from tandem.connectors.ports import Mailbox, Post, Shelf
from tandem.connectors.records import MailQuery
from tandem.keeping.index import indexed, query_for
from tandem.keeping.mirror import Mirror
from tests.contracts.mailbox_contract import NONE, MailboxContract, mail
from tests.contracts.post_contract import LETTER
from tests.contracts.shelf_contract import CARD, ShelfContract


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    made = Mirror(tmp_path / "mirror.sqlite", SystemClock())
    yield made
    made.close()


class TestMirrorCalendar(ShelfContract):
    @pytest.fixture
    def shelf(self, mirror: Mirror) -> Shelf:
        return mirror.stores.calendar


class TestMirrorContacts(ShelfContract):
    def text(self, uid: str, title: str) -> str:
        return CARD.format(uid=uid, title=title)

    @pytest.fixture
    def shelf(self, mirror: Mirror) -> Shelf:
        return mirror.stores.contacts


class TestMirrorMailbox(MailboxContract):
    @pytest.fixture
    def mailbox(self, mirror: Mirror) -> Mailbox:
        return mirror.stores.mailbox


def test_a_letter_waits_and_can_be_recalled(mirror: Mirror) -> None:
    """It is in the outbox once, however often it is sent; recalled, it is gone."""
    post: Post = mirror.stores.post
    post.send(LETTER)
    post.send(LETTER)
    assert len(mirror.waiting()) == 1 and post.has_taken(LETTER)
    assert post.recall(LETTER) and not post.recall(LETTER)
    assert mirror.waiting() == () and not post.has_taken(LETTER)
    post.send(LETTER)
    assert len(mirror.waiting()) == 1


def test_chinese_words_of_any_length_are_found(mirror: Mirror) -> None:
    """One letter, two, a whole sentence; not what only shares letters. English by beginnings."""
    box = mirror.stores.mailbox
    box.append("INBOX", mail(1, "出差报销", "请在星期五之前提交发票 Invoice 2026"), NONE, 1.0)
    box.append("INBOX", mail(2, "Tea", "发 票"), NONE, 2.0)

    def found(text: str) -> list[str]:
        return [each.head.message_id[1] for each in box.search(MailQuery(text=text))]

    assert found("报销") == ["1"] and found("星期五之前") == ["1"]
    assert found("票") == ["2", "1"] and found("发票") == ["1"]
    assert found("invo 报销") == ["1"] and found("销报") == []
    assert found("***") == [] and found('"') == []


def test_the_index_is_made_of_pairs() -> None:
    """Overlapping pairs and the last letter."""
    assert indexed("出差报 A").split() == ["出差", "差报", "报", "a"]
    assert query_for("出差 tea") == '"出差" AND "tea"*'


def test_many_mails_are_searched_in_milliseconds(mirror: Mirror) -> None:
    """The index, not a scan."""
    import time

    with mirror.database:
        pass
    for number in range(300):
        mirror.stores.mailbox.append("INBOX", mail(number, f"Subject {number} 账单"), NONE, number)
    began = time.perf_counter()
    assert len(mirror.stores.mailbox.search(MailQuery(text="账单", limit=5))) == 5
    assert time.perf_counter() - began < 0.2
