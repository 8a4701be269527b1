"""Does undo restore everything? Random acts over CalDAV, CardDAV and IMAP, undone, state compared.

    python -m bench.undo [--sequences 1000] [--seed 1] [--json]

Each sequence does one to five acts of one to four random writes each (events, contacts, mails,
flags, folders) on Radicale and Dovecot, undoes them, the last first, and compares the servers'
state with the one before: calendar texts and cards semantically, mails byte for byte with flags,
time of arrival and folder. A tenth of the writes is met by a cut line.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bench.results_file import write_result
from bench.servers import PASSWORD, USER, Proxy, dovecot, radicale, smtp_sink
from tandem.clock import SystemClock
from tandem.connectors.accounts import Account, Credential
from tandem.connectors.cards import new_card
from tandem.connectors.dav import DavShelf
from tandem.connectors.dav_http import DavHttp
from tandem.connectors.edits import changed, new_event, without
from tandem.connectors.files import FileShelf
from tandem.connectors.imap import ImapMailbox
from tandem.connectors.ports import Stores
from tandem.connectors.records import Mail, MailRef
from tandem.connectors.smtp import SmtpPost
from tandem.errors import StoreFault
from tandem.keeping.journal import Journal
from tandem.keeping.writes import canonical

NOW = datetime(2026, 3, 11, 9, 20, tzinfo=UTC)
FLAGS = ("seen", "flagged", "answered", "Later")
KEPT = {"INBOX", "Sent", "Drafts", "Trash", "Archive"}


@dataclass(frozen=True, slots=True)
class Bench:
    """The stores under test, and the lines that can be cut."""

    stores: Stores
    lines: tuple[Proxy, ...]


def account(port: int) -> Account:
    """The test user."""
    return Account("127.0.0.1", port, USER, lambda: Credential(PASSWORD), "plain", 20.0)


def opened(stack: ExitStack, folder: Path) -> Bench:
    """Real servers behind proxies, filled with a small life."""
    mail, dav, sink = (
        stack.enter_context(dovecot()),
        stack.enter_context(radicale()),
        stack.enter_context(smtp_sink()),
    )
    to_mail, to_dav = Proxy(mail.port), Proxy(dav.port)
    stack.callback(to_mail.close)
    stack.callback(to_dav.close)
    box = ImapMailbox(account(to_mail.port))
    stack.callback(box.close)
    line = DavHttp(account(to_dav.port))
    stack.callback(line.close)
    stores = Stores(
        mailbox=box,
        post=SmtpPost(account(sink.port)),
        calendar=DavShelf(line, (dav.calendar,), "calendar"),
        contacts=DavShelf(line, (dav.contacts,), "contacts"),
        notes=FileShelf(folder / "notes", ".md"),
        messages=FileShelf(folder / "messages", ".json"),
        tables=FileShelf(folder / "tables", ".csv"),
    )
    _fill(stores, Random(0))
    return Bench(stores, (to_mail, to_dav))


def _fill(stores: Stores, random: Random) -> None:
    for number in range(8):
        shelf = stores.calendar
        shelf.add(shelf.href_for(f"e{number}"), _event(f"e{number}", random))
        card = new_card(f"c{number}", f"Person {number}", mails=[f"p{number}@example.org"])
        stores.contacts.add(stores.contacts.href_for(f"c{number}"), card)
        stores.notes.add(stores.notes.href_for(f"n{number}"), f"Note {number}\n")
    for number in range(20):
        folder = random.choice(sorted(KEPT))
        flags = frozenset(random.sample(FLAGS, random.randrange(3)))
        stores.mailbox.append(folder, _mail(number, random), flags, 1_770_000_000 + number)
    stores.mailbox.append("INBOX", _mail(3, Random(3)), frozenset({"seen"}), 1_770_000_000)
    stores.mailbox.append("INBOX", _mail(3, Random(3)), frozenset(), 1_770_000_000)  # a twin


def _event(uid: str, random: Random) -> str:
    start = NOW + timedelta(days=random.randrange(60), minutes=15 * random.randrange(40))
    rule = random.choice(["", "", "FREQ=WEEKLY;COUNT=8", "FREQ=DAILY;COUNT=5"])
    end = start + timedelta(minutes=30)
    return new_event(uid, f"Event {uid}", start, end, now=NOW, rrule=rule, alarms=[10])


def _mail(number: int, random: Random) -> bytes:
    lines = [
        f"Message-ID: <m{number}@example.org>",
        "From: Ana Roth <ana@example.org>",
        f"Subject: Mail {number} =?utf-8?b?5L2g5aW9?=",
        "Content-Type: text/plain; charset=utf-8",
        "",
        "词" * random.randrange(200),
        "",
    ]
    return "\r\n".join(lines).encode()


# --- the state ----------------------------------------------------------------------------------


def state_of(stores: Stores, texts: dict[MailRef, bytes]) -> dict[str, Any]:
    """All that a user could see, without what no user sees (uids, etags).

    `texts`: mails read before; IMAP promises that the bytes under a uid never change.
    """
    found: dict[str, Any] = {}
    for name in ("calendar", "contacts", "notes"):
        shelf = getattr(stores, name)
        found[name] = {item.href: canonical(item.text) for item in shelf.items()}
    for folder in stores.mailbox.folders():
        mails = stores.mailbox.changes(folder.name, "").changed
        for mail in mails:
            if mail.ref not in texts:
                texts[mail.ref] = stores.mailbox.read(mail.ref)
        found[f"mail/{folder.name}"] = sorted(
            (texts[mail.ref], tuple(sorted(mail.flags)), mail.received_at) for mail in mails
        )
    return found


# --- random acts --------------------------------------------------------------------------------


class Acting:
    """Writes at random."""

    def __init__(self, stores: Stores, random: Random) -> None:
        self._stores = stores
        self._random = random
        self._number = 1000

    def write(self) -> None:
        """One random write; raises what it raises."""
        writes: tuple[Callable[[], object], ...] = (
            self._add, self._add, self._replace, self._replace, self._remove, self._occurrence,
            self._move, self._move, self._move, self._flag, self._flag, self._draft, self._draft,
            self._expunge, self._folder,
        )  # fmt: skip
        self._random.choice(writes)()

    def _new(self) -> str:
        self._number += 1
        return f"x{self._number}-{self._random.randrange(10**9)}"

    def _add(self) -> None:
        uid = self._new()
        name = self._random.choice(["calendar", "contacts", "notes"])
        shelf = getattr(self._stores, name)
        text = {
            "calendar": lambda: _event(uid, self._random),
            "contacts": lambda: new_card(uid, "Neu 新", phones=["+44 20 7946 0000"]),
            "notes": lambda: "note\n",
        }[name]()
        shelf.add(shelf.href_for(uid), text)

    def _replace(self) -> None:
        shelf = self._stores.calendar
        items = shelf.items()
        if items:
            item = self._random.choice(items)
            start = NOW + timedelta(days=self._random.randrange(90))
            shelf.replace(item, changed(item.text, {"dtstart": start}, now=NOW))

    def _occurrence(self) -> None:
        shelf = self._stores.calendar
        series = [item for item in shelf.items() if "RRULE" in item.text]
        if series:
            item = self._random.choice(series)
            first = item.text.split("DTSTART:")[-1][:16].strip()
            if first.endswith("Z"):
                shelf.replace(item, without(item.text, first, now=NOW))

    def _remove(self) -> None:
        shelf = getattr(self._stores, self._random.choice(["calendar", "contacts", "notes"]))
        items = shelf.items()
        if items:
            shelf.remove(self._random.choice(items))

    def _any_mail(self) -> Mail | None:
        folders = [each.name for each in self._stores.mailbox.folders()]
        self._random.shuffle(folders)
        for folder in folders:
            mails = self._stores.mailbox.changes(folder, "").changed
            if mails:
                return self._random.choice(mails)
        return None

    def _move(self) -> None:
        mail = self._any_mail()
        folders = [each.name for each in self._stores.mailbox.folders()]
        if mail:
            others = [each for each in folders if each != mail.ref.folder]
            self._stores.mailbox.move(mail.ref, self._random.choice(others))

    def _flag(self) -> None:
        mail = self._any_mail()
        if mail:
            some = frozenset(self._random.sample(FLAGS, 2))
            other = frozenset(self._random.sample(FLAGS, 1)) - some
            self._stores.mailbox.flag(mail.ref, add=some, remove=other)

    def _draft(self) -> None:
        self._number += 1
        raw = _mail(self._number, self._random)
        self._stores.mailbox.append("Drafts", raw, frozenset({"draft"}), 1_773_000_000)

    def _expunge(self) -> None:
        mail = self._any_mail()
        if mail:
            self._stores.mailbox.expunge(mail.ref)

    def _folder(self) -> None:
        folders = [each.name for each in self._stores.mailbox.folders() if each.name not in KEPT]
        if folders and self._random.random() < 0.5:
            self._stores.mailbox.drop_folder(self._random.choice(folders))
        else:
            self._stores.mailbox.make_folder(f"旅行 {self._new()}")


def run(num_sequences: int, seed: int, *, share_cut: float = 0.1) -> dict[str, Any]:
    """The figures."""
    figures = {"sequences": 0, "equal": 0, "acts": 0, "writes_refused": 0, "cuts": 0}
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        bench = opened(stack, Path(folder))
        journal = Journal(Path(folder) / "journal.sqlite", bench.stores, SystemClock())
        stack.callback(journal.close)
        texts = dict[MailRef, bytes]()
        after = state_of(bench.stores, texts)
        for number in range(num_sequences):
            random = Random(seed * 1_000_003 + number)
            before = after
            _sequence(bench, journal, random, figures, share_cut)
            after = state_of(bench.stores, texts)
            figures["sequences"] += 1
            figures["equal"] += before == after
            if before != after:
                print(
                    f"sequence {number} (seed {seed}) is not restored: {_differing(before, after)}"
                )
                break  # what follows would start from a wrong state
    share = figures["equal"] / num_sequences
    return {**figures, "restored": round(share, 4), "floor": 1.0}


def _sequence(
    bench: Bench, journal: Journal, random: Random, figures: dict[str, int], share_cut: float
) -> None:
    acting = Acting(journal.stores, random)
    acts: list[str] = []
    for _ in range(random.randrange(1, 6)):
        with journal.act("bench") as act:
            acts.append(act)
            for _ in range(random.randrange(1, 5)):
                if random.random() < share_cut:
                    figures["cuts"] += 1
                    line = random.choice(bench.lines)
                    way = random.choice(["cut_after_to_server", "cut_after_to_client"])
                    setattr(line, way, random.randrange(1500))
                try:
                    acting.write()
                except StoreFault:
                    figures["writes_refused"] += 1
                for line in bench.lines:
                    line.cut_after_to_server = line.cut_after_to_client = None
        figures["acts"] += 1
    for act in reversed(acts):
        journal.undo(act)


def _differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sequences", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="write bench/results/undo.json")
    options = parser.parse_args()
    figures = run(options.sequences, options.seed)
    print(json.dumps(figures, indent=2))
    if options.json:
        write_result("undo", figures, packages=["imap-tools", "icalendar"])


if __name__ == "__main__":
    main()
