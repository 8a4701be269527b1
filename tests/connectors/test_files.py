"""The reference backends: plain files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tandem.connectors.files import FileShelf, file_name
from tandem.connectors.life import load_life
from tandem.connectors.maildir import Maildir
from tandem.connectors.ports import Stores
from tandem.connectors.post_files import FilePost
from tandem.connectors.records import MailQuery
from tandem.errors import BadRequest, DeviceFault
from tests.contracts.mailbox_contract import MailboxContract
from tests.contracts.post_contract import PostContract
from tests.contracts.shelf_contract import CARD, ShelfContract


def file_stores(root: Path) -> Stores:
    """Stores in one folder."""
    return Stores(
        mailbox=Maildir(root / "mail"),
        post=FilePost(root / "outgoing"),
        calendar=FileShelf(root / "calendar", ".ics"),
        contacts=FileShelf(root / "contacts", ".vcf"),
        notes=FileShelf(root / "notes", ".md"),
        messages=FileShelf(root / "messages", ".json"),
        tables=FileShelf(root / "tables", ".csv"),
    )


class TestCalendarFiles(ShelfContract):
    @pytest.fixture
    def shelf(self, tmp_path: Path) -> FileShelf:
        return FileShelf(tmp_path / "calendar", ".ics")


class TestContactFiles(ShelfContract):
    def text(self, uid: str, title: str) -> str:
        return CARD.format(uid=uid, title=title)

    @pytest.fixture
    def shelf(self, tmp_path: Path) -> FileShelf:
        return FileShelf(tmp_path / "contacts", ".vcf")


class TestNoteFiles(ShelfContract):
    def text(self, uid: str, title: str) -> str:
        return f"# {title}\n"

    @pytest.fixture
    def shelf(self, tmp_path: Path) -> FileShelf:
        return FileShelf(tmp_path / "notes", ".md")


class TestMaildir(MailboxContract):
    @pytest.fixture
    def mailbox(self, tmp_path: Path) -> Maildir:
        return Maildir(tmp_path / "mail")


class TestFilePost(PostContract):
    @pytest.fixture
    def post(self, tmp_path: Path) -> FilePost:
        self.folder = tmp_path / "outgoing"
        return FilePost(self.folder)

    def arrived(self) -> list[tuple[str, tuple[str, ...], bytes]]:
        found: list[tuple[str, tuple[str, ...], bytes]] = []
        for path in self.folder.glob("*.eml"):
            lines = path.read_bytes().split(b"\r\n")
            sender = lines[0].partition(b": ")[2].decode()
            to = [line.partition(b": ")[2].decode() for line in lines if b"X-Envelope-To" in line]
            found.append((sender, tuple(to), b"\r\n".join(lines[1 + len(to) :])))
        return found


def test_a_shelf_reaches_no_other_folder(tmp_path: Path) -> None:
    """An href is a name, not a path."""
    shelf = FileShelf(tmp_path / "notes", ".md")
    for href in ("../out.md", "a/b.md", ".hidden.md", "x.txt"):
        with pytest.raises(BadRequest):
            shelf.add(href, "x")


def test_two_names_never_become_one_file() -> None:
    """Escaping and shortening keep names apart."""
    names = ["a/b", "a%2Fb", "x" * 300, "x" * 301, ".a", "%2Ea", ""]
    assert len({file_name(name) for name in names}) == len(names)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """The machine's fault, with a remedy, and nothing half written."""
    shelf = FileShelf(tmp_path, ".md")
    tmp_path.chmod(0o500)
    with pytest.raises(DeviceFault, match="rights"):
        shelf.add("a.md", "x")


LIVES = Path(__file__).parents[3] / "shared/data/assistant/outcomes/lives"


@pytest.mark.skipif(not LIVES.is_dir(), reason="the shared lives are not beside this checkout")
def test_lives_load_whole(tmp_path: Path) -> None:
    """Every mail, event, contact and note of a life is there, its flags too."""
    for life in LIVES.iterdir():
        stores = file_stores(tmp_path / life.name)
        load_life(life, stores)
        for name, shelf in (("calendar", stores.calendar), ("contacts", stores.contacts)):
            assert len(shelf.items()) == len(list((life / name).iterdir())) > 0
        every = tuple(each.name for each in stores.mailbox.folders())
        mails = stores.mailbox.search(MailQuery(folders=every))
        assert len(mails) == len(list((life / "mail").rglob("*.eml"))) > 0
        assert all(mail.head.message_id and mail.received_at for mail in mails)
        assert any("seen" in mail.flags for mail in mails)
        assert not any(b"X-Flags" in stores.mailbox.read(mail.ref) for mail in mails)
