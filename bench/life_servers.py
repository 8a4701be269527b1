"""Lives on Dovecot, Radicale and an SMTP sink on loopback."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import servers
from bench.lives import Life, profile_of
from tandem.connectors.accounts import Account, Credential
from tandem.connectors.dav import DavShelf
from tandem.connectors.dav_http import DavHttp
from tandem.connectors.files import FileShelf
from tandem.connectors.imap import ImapMailbox
from tandem.connectors.life import load_life
from tandem.connectors.ports import Stores
from tandem.connectors.smtp import SmtpPost


class ServersBackend:
    """Dovecot, Radicale and an SMTP sink on loopback, started once.

    A life is loaded over the protocols once; a fresh copy is the servers' own files put back, which
    takes a tenth of the time and leaves the same state.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open = ExitStack()
        self._dovecot = self._open.enter_context(servers.dovecot())
        self._radicale = self._open.enter_context(servers.radicale())
        self._sink = self._open.enter_context(servers.smtp_sink())
        self._empty = self._kept("empty")
        self._masters: dict[str, Path] = {}

    def close(self) -> None:
        """End the servers."""
        self._open.close()

    @contextmanager
    def life(self, folder: Path) -> Iterator[Life]:
        """A fresh copy on the servers."""
        person, now = profile_of(folder)
        notes = self._root / "notes"
        if folder.name not in self._masters:
            self._put_back(self._empty)
            with self._stores(notes) as stores:
                load_life(folder, stores)
            self._masters[folder.name] = self._kept(folder.name)
        self._put_back(self._masters[folder.name])
        self._sink.letters.clear()
        with self._stores(notes) as stores:
            journal = self._root / "journal.sqlite"
            journal.unlink(missing_ok=True)
            yield Life(person, now, stores, self._letters, journal)

    def _letters(self) -> list[bytes]:
        return [raw for _, _, raw in self._sink.letters]

    @contextmanager
    def _stores(self, notes: Path) -> Iterator[Stores]:
        def credential() -> Credential:
            return Credential(servers.PASSWORD)

        def account(port: int) -> Account:
            return Account("127.0.0.1", port, servers.USER, credential, "plain")

        mailbox = ImapMailbox(account(self._dovecot.port))
        line = DavHttp(account(self._radicale.port))
        stores = Stores(
            mailbox=mailbox,
            post=SmtpPost(account(self._sink.port)),
            calendar=DavShelf(line, (self._radicale.calendar,), "calendar"),
            contacts=DavShelf(line, (self._radicale.contacts,), "contacts"),
            notes=FileShelf(notes / "notes", ".md"),
            messages=FileShelf(notes / "messages", ".json"),
            tables=FileShelf(notes / "tables", ".csv"),
        )
        try:
            yield stores
        finally:
            mailbox.close()
            line.close()

    def _places(self) -> dict[str, Path]:
        return {
            "mail": self._dovecot.root / "mail" / servers.USER,
            "dav": self._radicale.root / "collections",
            "notes": self._root / "notes",
        }

    def _kept(self, name: str) -> Path:
        kept = self._root / f"kept-{name}"
        for part, place in self._places().items():
            _copy(place, kept / part)
        return kept

    def _put_back(self, kept: Path) -> None:
        for part, place in self._places().items():
            _copy(kept / part, place)


def _copy(source: Path, target: Path) -> None:
    """The whole folder with owners and times, in the place of what was there."""
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.exists():
        subprocess.run(["cp", "-a", str(source), str(target)], check=True)
