"""A real mail server: Dovecot."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bench.servers import Dovecot, Proxy, dovecot
from tandem.connectors.imap import ImapMailbox
from tandem.connectors.imap_words import ranges, uids_in
from tandem.connectors.records import MailQuery
from tandem.errors import StoreRefused, StoreUnreachable
from tests.connectors.accounts import account
from tests.contracts.mailbox_contract import NONE, MailboxContract, mail

Opening = Callable[..., ImapMailbox]
USUAL = {"INBOX", "Sent", "Drafts", "Trash", "Archive"}


def emptied(box: ImapMailbox) -> ImapMailbox:
    """As on the first day, but with uids going on."""
    for folder in sorted((each.name for each in box.folders()), reverse=True):
        for each in box.changes(folder, "").changed:
            box.expunge(each.ref)
        if folder not in USUAL:
            box.drop_folder(folder)
    return box


@pytest.fixture
def opening() -> Iterator[Opening]:
    """Mailboxes that are closed in the end."""
    boxes: list[ImapMailbox] = []

    def made(port: int, **options: Any) -> ImapMailbox:
        boxes.append(ImapMailbox(account(port, **options)))
        return boxes[-1]

    yield made
    for box in boxes:
        box.close()


class TestImap(MailboxContract):
    @pytest.fixture
    def mailbox(self, dovecot_server: Dovecot) -> Iterator[ImapMailbox]:
        box = emptied(ImapMailbox(account(dovecot_server.port)))
        yield box
        box.close()


def test_a_wrong_password_is_said(opening: Opening, dovecot_server: Dovecot) -> None:
    """Refused, not unreachable, with a remedy, and the password in no message."""
    box = opening(dovecot_server.port, password="wrong-one")
    with pytest.raises(StoreRefused, match="password") as caught:
        box.folders()
    assert "wrong-one" not in str(caught.value) and caught.value.remedy


def test_nobody_there_is_said(opening: Opening) -> None:
    """A closed port."""
    with pytest.raises(StoreUnreachable):
        opening(1).folders()


def test_a_dead_connection_is_made_anew_for_reading(
    opening: Opening, dovecot_server: Dovecot
) -> None:
    """The user notices nothing; one that is cut at once is an error."""
    proxy = Proxy(dovecot_server.port)
    box = emptied(opening(proxy.port))
    ref = box.append("INBOX", mail(1), NONE, 1_773_000_000)
    proxy.cut()
    assert box.read(ref) == mail(1)
    proxy.close()
    with pytest.raises(StoreUnreachable):
        box.read(ref)


def test_a_write_that_is_cut_off_is_not_done_again(
    opening: Opening, dovecot_server: Dovecot
) -> None:
    """Cut in the midst of an APPEND: an error, and not two mails."""
    proxy = Proxy(dovecot_server.port)
    box = emptied(opening(proxy.port))
    proxy.cut_after_to_server = 200
    with pytest.raises(StoreUnreachable):
        box.append("INBOX", mail(1, body="long " * 2000), NONE, 1_773_000_000)
    assert len(box.search(MailQuery())) <= 1
    proxy.close()


def test_a_full_mailbox_is_said(opening: Opening) -> None:
    """Quota: refused, nothing lost."""
    with dovecot(quota="20K") as server:
        box = opening(server.port)
        ref = box.append("INBOX", mail(1), NONE, 1_773_000_000)
        with pytest.raises(StoreRefused, match="full"):
            box.append("INBOX", mail(2, body="x" * 40_000), NONE, 1_773_000_000)
        assert box.find(ref) is not None


def test_another_uidvalidity_starts_anew(opening: Opening, dovecot_server: Dovecot) -> None:
    """A folder deleted and made again: all known of it is void, and nothing hits another mail."""
    box = emptied(opening(dovecot_server.port))
    box.make_folder("Trips")
    ref = box.append("Trips", mail(1), NONE, 1_773_000_000)
    token = box.changes("Trips", "").token
    box.expunge(ref)
    box.drop_folder("Trips")
    time.sleep(1.1)  # Dovecot takes the second as UIDVALIDITY
    box.make_folder("Trips")
    new = box.append("Trips", mail(2), NONE, 1_773_000_000)
    assert new.validity != ref.validity and box.find(ref) is None
    changes = box.changes("Trips", token)
    assert changes.is_anew and [each.ref for each in changes.changed] == [new]


def test_idle_tells_of_new_mail(opening: Opening, dovecot_server: Dovecot) -> None:
    """A new mail ends the wait; without one it ends in time."""
    box = emptied(opening(dovecot_server.port))
    other = opening(dovecot_server.port)
    assert not box.wait("INBOX", 0.1)
    late = threading.Timer(0.3, lambda: other.append("INBOX", mail(1), NONE, 1_773_000_000))
    late.start()
    assert box.wait("INBOX", 10)
    late.join()


def test_uid_ranges() -> None:
    """There and back."""
    assert ranges([3, 1, 2, 7]) == "1:3,7" and list(uids_in("1:3,7")) == [1, 2, 3, 7]
    assert ranges([]) == "" and list(uids_in("")) == []
