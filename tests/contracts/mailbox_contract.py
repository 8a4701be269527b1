"""What every Mailbox promises. A subclass gives a fixture `mailbox`, empty."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tandem.connectors.ports import Mailbox
from tandem.connectors.records import MailQuery, MailRef
from tandem.errors import Conflict

NONE = frozenset[str]()


def mail(number: int, subject: str = "Tea", body: str = "Shall we?") -> bytes:
    """A small mail with a Message-ID of its own."""
    lines = [
        f"Message-ID: <{number}@example.org>",
        "From: Ana Roth <ana@example.org>",
        "To: Ben <ben@example.net>",
        f"Subject: {subject}",
        "Date: Wed, 11 Mar 2026 09:20:00 +0000",
        "",
        body,
        "",
    ]
    return "\r\n".join(lines).encode()


class MailboxContract:
    """Subclasses give a fixture `mailbox`, empty but for the usual folders."""

    def test_there_are_folders_with_roles(self, mailbox: Mailbox) -> None:
        """Inbox, sent, drafts and trash are known by what they are for."""
        roles = {each.role: each.name for each in mailbox.folders()}
        assert roles["inbox"] == "INBOX"
        assert {"sent", "drafts", "trash"} <= roles.keys()

    def test_a_mail_comes_back_byte_for_byte(self, mailbox: Mailbox) -> None:
        """What was appended is read unchanged, and reading sets no flag."""
        ref = mailbox.append("INBOX", mail(1), frozenset({"flagged"}), 1_773_000_000)
        assert mailbox.read(ref) == mail(1)
        found = mailbox.find(ref)
        assert found is not None
        assert (found.flags, found.received_at) == (frozenset({"flagged"}), 1_773_000_000)
        assert found.size == len(mail(1)) and found.head.message_id == "<1@example.org>"

    def test_a_broken_mail_comes_back_too(self, mailbox: Mailbox) -> None:
        """Bytes that are no good MIME are kept as they are."""
        raw = (
            b"Subject: =?utf-8?q?half\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
            b"--x\r\n\xff\xfe\r\n"
        )
        ref = mailbox.append("INBOX", raw, NONE, 1_773_000_000)
        assert mailbox.read(ref) == raw

    def test_moving_keeps_everything_and_can_be_undone(self, mailbox: Mailbox) -> None:
        """Flags, time and bytes go along; there and back again leaves one mail."""
        flags = frozenset({"seen", "answered"})
        first = mailbox.append("INBOX", mail(1), flags, 1_773_000_000)
        away = mailbox.move(first, "Trash")
        assert away.folder == "Trash" and mailbox.find(first) is None
        back = mailbox.move(away, "INBOX")
        found = mailbox.find(back)
        assert found is not None
        assert (found.flags, found.received_at) == (flags, 1_773_000_000)
        assert mailbox.read(back) == mail(1)
        assert len(mailbox.changes("INBOX", "").changed) == 1
        assert mailbox.changes("Trash", "").changed == ()

    def test_a_uid_is_never_used_again(self, mailbox: Mailbox) -> None:
        """Whoever kept the old place of a mail does not find another one there."""
        first = mailbox.append("INBOX", mail(1), NONE, 1_773_000_000)
        mailbox.expunge(first)
        second = mailbox.append("INBOX", mail(2), NONE, 1_773_000_000)
        assert second.uid != first.uid and mailbox.find(first) is None

    def test_flags_come_and_go(self, mailbox: Mailbox) -> None:
        """The flags before are told, keywords included; others stay."""
        ref = mailbox.append("INBOX", mail(1), frozenset({"seen"}), 1_773_000_000)
        before = mailbox.flag(ref, add=frozenset({"flagged", "Later"}), remove=NONE)
        assert before == frozenset({"seen"})
        found = mailbox.find(ref)
        assert found is not None
        assert {each.lower() for each in found.flags} == {"seen", "flagged", "later"}
        mailbox.flag(ref, add=NONE, remove=frozenset({"flagged", "Later"}))
        found = mailbox.find(ref)
        assert found is not None and found.flags == frozenset({"seen"})

    def test_a_mail_that_is_gone_is_a_conflict(self, mailbox: Mailbox) -> None:
        """Nothing is done to it, and expunging it once more is no error."""
        ref = mailbox.append("INBOX", mail(1), NONE, 1_773_000_000)
        mailbox.expunge(ref)
        mailbox.expunge(ref)
        for act in (
            lambda: mailbox.read(ref),
            lambda: mailbox.move(ref, "Trash"),
            lambda: mailbox.flag(ref, add=NONE, remove=NONE),
        ):
            with pytest.raises(Conflict):
                act()

    def test_another_validity_means_another_mail(self, mailbox: Mailbox) -> None:
        """A uid under an old UIDVALIDITY finds nothing, whatever has its number now."""
        ref = mailbox.append("INBOX", mail(1), NONE, 1_773_000_000)
        old = replace(ref, validity=ref.validity + 1)
        assert mailbox.find(old) is None
        with pytest.raises(Conflict):
            mailbox.move(old, "Trash")
        assert mailbox.find(ref) is not None

    def test_expunging_takes_one_mail_alone(self, mailbox: Mailbox) -> None:
        """Others that are marked as deleted stay."""
        marked = mailbox.append("INBOX", mail(1), frozenset({"deleted"}), 1_773_000_000)
        ref = mailbox.append("INBOX", mail(2), NONE, 1_773_000_000)
        mailbox.expunge(ref)
        assert mailbox.find(marked) is not None and mailbox.find(ref) is None

    def test_folders_are_made_and_dropped(self, mailbox: Mailbox) -> None:
        """Any name, also Chinese and nested; a folder with mail in it is not dropped."""
        for name in ("旅行", "Old & odd", "Work/Bills"):
            mailbox.make_folder(name)
            with pytest.raises(Conflict):
                mailbox.make_folder(name)
            ref = mailbox.append(name, mail(1), NONE, 1_773_000_000)
            assert name in {each.name for each in mailbox.folders()}
            with pytest.raises(Conflict):
                mailbox.drop_folder(name)
            assert mailbox.find(ref) is not None
            mailbox.expunge(ref)
            mailbox.drop_folder(name)
            assert name not in {each.name for each in mailbox.folders()}
        with pytest.raises(Conflict):
            mailbox.append("nowhere", mail(1), NONE, 1_773_000_000)

    def test_search_finds_by_every_part(self, mailbox: Mailbox) -> None:
        """Each part of a query narrows; the newest come first; trash is left out unless named."""
        for number, subject in ((1, "Invoice of March"), (2, "三月的账单"), (3, "Tea")):
            mailbox.append("INBOX", mail(number, subject), NONE, 1_773_000_000 + number * 86400)
        trashed = mailbox.append("Trash", mail(4, "Invoice of April"), NONE, 1_773_000_000)

        def ids(query: MailQuery) -> list[str]:
            return [found.head.message_id[1] for found in mailbox.search(query)]

        assert ids(MailQuery()) == ["3", "2", "1"]
        assert ids(MailQuery(limit=1)) == ["3"]
        assert ids(MailQuery(subject="invoice")) == ["1"]
        assert ids(MailQuery(text="账单")) == ["2"]
        assert ids(MailQuery(text="shall", sender="ana")) == ["3", "2", "1"]
        assert ids(MailQuery(sender="ben")) == []
        assert ids(MailQuery(to="ben@example.net", message_id="<3@example.org>")) == ["3"]
        assert ids(MailQuery(since=1_773_000_000 + 2 * 86400)) == ["3", "2"]
        assert ids(MailQuery(before=1_773_000_000 + 2 * 86400)) == ["1"]
        assert [each.ref for each in mailbox.search(MailQuery(folders=("Trash",)))] == [trashed]

    def test_search_by_flags(self, mailbox: Mailbox) -> None:
        """With and without."""
        mailbox.append("INBOX", mail(1), frozenset({"seen"}), 1_773_000_000)
        mailbox.append("INBOX", mail(2), frozenset({"seen", "flagged"}), 1_773_000_000)
        found = mailbox.search(MailQuery(with_flags=frozenset({"seen"})))
        assert len(found) == 2
        (found_one,) = mailbox.search(MailQuery(without_flags=frozenset({"flagged"})))
        assert found_one.head.message_id == "<1@example.org>"

    def test_changes_tell_what_is_new(self, mailbox: Mailbox) -> None:
        """New mails, changed flags and gone ones since the token; then nothing."""
        one = mailbox.append("INBOX", mail(1), NONE, 1_773_000_000)
        two = mailbox.append("INBOX", mail(2), NONE, 1_773_000_000)
        first = mailbox.changes("INBOX", "")
        assert {each.ref for each in first.changed} == {one, two} and not first.is_anew
        mailbox.flag(one, add=frozenset({"seen"}), remove=NONE)
        mailbox.move(two, "Archive" if self._has_archive(mailbox) else "Trash")
        three = mailbox.append("INBOX", mail(3), NONE, 1_773_000_000)
        second = mailbox.changes("INBOX", first.token)
        flags = {each.ref: each.flags for each in second.changed}
        assert flags == {one: frozenset({"seen"}), three: NONE}
        assert second.gone == (MailRef("INBOX", two.uid, two.validity),)
        third = mailbox.changes("INBOX", second.token)
        assert third.changed == () and third.gone == ()

    def _has_archive(self, mailbox: Mailbox) -> bool:
        return any(each.name == "Archive" for each in mailbox.folders())
