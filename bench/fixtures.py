"""Odd and broken calendars and mails: no crash, and nothing lost on the way through the stores.

    python -m bench.fixtures [--data DIR] [--json]

`DIR` holds `ics_icalendar/*.ics` and `mail_cpython/*.eml`. Each text is read, stored and read back:
from plain files and from the mirror byte for byte; from Radicale and Dovecot by what it says (line
ends of the wire, servers' own order); each event is changed and all else must stay. A store that
says clearly that it will not take a text has lost nothing: such are counted beside.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bench.data_files import folder_with
from bench.results_file import write_result
from bench.servers import PASSWORD, USER, dovecot, missing, radicale
from tandem.clock import SystemClock
from tandem.connectors.accounts import Account, Credential
from tandem.connectors.calendars import agenda, tasks
from tandem.connectors.cards import people
from tandem.connectors.dav import DavShelf
from tandem.connectors.dav_http import DavHttp
from tandem.connectors.edits import changed
from tandem.connectors.files import FileShelf
from tandem.connectors.imap import ImapMailbox
from tandem.connectors.maildir import Maildir
from tandem.connectors.mime import body_of, head_of
from tandem.connectors.ports import Mailbox, Shelf
from tandem.connectors.records import Item
from tandem.errors import TandemError
from tandem.keeping.mirror import Mirror
from tandem.keeping.writes import canonical, same

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "assistant" / "permissive"
SPAN = (datetime(1990, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))


def account(port: int) -> Account:
    """The test user."""
    return Account("127.0.0.1", port, USER, lambda: Credential(PASSWORD), "plain", 20.0)


class Tally:
    """What came of each text on each way."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.rewritten: list[str] = []

    def run(self, way: str, name: str, attempt: Callable[[], bool]) -> None:
        """Count it as kept, refused, lost or crashed."""
        try:
            outcome = "kept" if attempt() else "lost"
        except TandemError:
            outcome = "refused"
        except Exception as error:  # noqa: BLE001  (a crash is what is counted)
            outcome = "crashed"
            self.faults.append(f"{way} {name}: {type(error).__name__}")
        if outcome == "lost":
            self.faults.append(f"{way} {name}: lost")
        self.counts[f"{way} {outcome}"] += 1


def run(data: Path, *, with_servers: bool = True) -> dict[str, Any]:
    """The figures."""
    tally = Tally()
    calendars = sorted((data / "ics_icalendar").glob("*.ics"))
    mails = sorted((data / "mail_cpython").glob("*.eml"))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        mirror = Mirror(root / "mirror.sqlite", SystemClock())
        for path in calendars:
            _calendar(tally, path, FileShelf(root / "calendar", ".ics"), mirror.stores.calendar)
        box = Maildir(root / "mail")
        for path in mails:
            _mail(tally, path, box, mirror.stores.mailbox)
        mirror.close()
    if with_servers:
        _on_servers(tally, calendars, mails)
    bad = sum(n for what, n in tally.counts.items() if what.endswith(("lost", "crashed")))
    total = sum(tally.counts.values())
    return {
        "calendars": len(calendars),
        "mails": len(mails),
        "good": round((total - bad) / total, 4) if total else 0.0,
        "floor": 1.0,
        "servers": with_servers,
        **dict(sorted(tally.counts.items())),
        "rewritten_by_the_server": tally.rewritten,
        "faults": tally.faults,
    }


def _calendar(tally: Tally, path: Path, files: Shelf, mirror: Shelf) -> None:
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    item = Item(path.name, text, "")

    def read() -> bool:
        agenda([item], *SPAN, UTC)
        tasks([item], UTC)
        people([item])
        canonical(text)
        return True

    tally.run("read", path.name, read)
    tally.run("files", path.name, lambda: _stored(files, path.name, text) == text)
    tally.run("mirror", path.name, lambda: _stored(mirror, path.name, text) == text)
    tally.run("edit", path.name, lambda: _edited(text))


def _edited(text: str) -> bool:
    """Another title for the first event: everything else must be there afterwards."""
    after = changed(text, {"summary": "Another title"}, now=SPAN[0] + timedelta(days=1))
    return "Another title" in after and bool(canonical(after))


def _mail(tally: Tally, path: Path, files: Mailbox, mirror: Mailbox) -> None:
    raw = path.read_bytes()

    def read() -> bool:
        head_of(raw)
        body_of(raw)
        return True

    tally.run("read", path.name, read)
    tally.run("files", path.name, lambda: _kept(files, raw) == raw)
    tally.run("mirror", path.name, lambda: _kept(mirror, raw) == raw)


def _on_servers(tally: Tally, calendars: list[Path], mails: list[Path]) -> None:
    with radicale() as server:
        line = DavHttp(account(server.port))
        shelf = DavShelf(line, (server.calendar,), "calendar")
        for path in calendars:
            text = path.read_bytes().decode("utf-8", "surrogateescape")
            href = shelf.href_for(path.stem)
            tally.run("caldav", path.name, partial(_through, tally, shelf, href, text, path.name))
        line.close()
    with dovecot() as server:
        box = ImapMailbox(account(server.port))
        for path in mails:
            raw = path.read_bytes()
            tally.run("imap", path.name, lambda r=raw: _kept(box, r) == _on_wire(r))
        box.close()


def _through(tally: Tally, shelf: Shelf, href: str, text: str, name: str) -> bool:
    """Stored as it was sent; what the server itself writes otherwise is named, not ours."""
    stored = _stored(shelf, href, text)
    if stored and not same(stored, text):
        tally.rewritten.append(name)
    return bool(stored)


def _stored(shelf: Shelf, href: str, text: str) -> str:
    shelf.add(href, text)
    found = shelf.get(href)
    return found.text if found else ""


def _kept(box: Mailbox, raw: bytes) -> bytes:
    return box.read(box.append("INBOX", raw, frozenset(), 1_773_000_000))


def _on_wire(raw: bytes) -> bytes:
    """IMAP's lines end with CRLF."""
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--json", action="store_true", help="write bench/results/fixtures.json")
    options = parser.parse_args()
    figures = run(folder_with(options.data, "ics_icalendar"), with_servers=not missing())
    print(json.dumps(figures, indent=2))
    if options.json:
        write_result("fixtures", figures, packages=["icalendar", "imap-tools"])


if __name__ == "__main__":
    main()
