"""Is every act delivered exactly once, whatever is killed or cut?

    python -m bench.outbox [--cycles 1000] [--seed 1] [--plain-cycles 200] [--json]

In each cycle one to three acts go into the mirror (events made, changed and removed; drafts, moves,
flags, folders; letters), and a process of its own delivers them to Dovecot, Radicale and an SMTP
server. It is ended by SIGKILL at a random moment, or its lines are cut. In the end what is left is
delivered in peace, and the servers are compared with the mirror: every letter once, every mail in
one place with its flags, every event once with its text.

The mail server files a copy of each letter into Sent, as Gmail's and Outlook's do: that is what
tells whether a letter is out. `--plain-cycles` run letters alone against a server that does not:
there a death between the last dot and its answer leaves a doubt, which must be shown and not sent
again.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.parser import BytesHeaderParser
from pathlib import Path
from random import Random
from typing import Any

from bench.results_file import write_result
from bench.servers import (
    PASSWORD,
    USER,
    Dovecot,
    Proxy,
    Radicale,
    Sink,
    dovecot,
    radicale,
    smtp_sink,
)
from tandem.clock import SystemClock
from tandem.connectors.accounts import Account, Credential
from tandem.connectors.dav import DavShelf
from tandem.connectors.dav_http import DavHttp
from tandem.connectors.edits import changed, new_event
from tandem.connectors.files import FileShelf
from tandem.connectors.imap import ImapMailbox
from tandem.connectors.ports import Stores
from tandem.connectors.records import Letter, Mail, MailQuery
from tandem.connectors.smtp import SmtpPost
from tandem.keeping.mirror import Mirror
from tandem.keeping.outbox import Outbox, stuck
from tandem.keeping.pulling import pull
from tandem.keeping.writes import SendWrite, ShelfName, canonical

NOW = datetime(2026, 3, 11, 9, 20, tzinfo=UTC)
FOLDERS = ("INBOX", "Archive", "Drafts", "Trash")


@dataclass(frozen=True, slots=True)
class World:
    """Servers, the lines to them, and the folder of the mirror."""

    mail: Dovecot
    dav: Radicale
    sink: Sink
    to_mail: Proxy
    to_dav: Proxy
    to_sink: Proxy
    folder: Path
    files_sent: bool

    @property
    def lines(self) -> tuple[Proxy, ...]:
        """All that can be cut."""
        return self.to_mail, self.to_dav, self.to_sink

    @contextmanager
    def remote(self, *, through_proxies: bool = True) -> Iterator[Stores]:
        """The servers as stores."""
        mail = self.to_mail.port if through_proxies else self.mail.port
        dav = self.to_dav.port if through_proxies else self.dav.port
        sink = self.to_sink.port if through_proxies else self.sink.port
        box = ImapMailbox(account(mail))

        def is_in_sent(message_id: str) -> bool:
            return bool(box.search(MailQuery(message_id=message_id, folders=("Sent",))))

        line = DavHttp(account(dav))
        files = self.folder / "files"
        try:
            yield Stores(
                mailbox=box,
                post=SmtpPost(account(sink), is_in_sent=is_in_sent, files_sent=self.files_sent),
                calendar=DavShelf(line, (self.dav.calendar,), "calendar"),
                contacts=DavShelf(line, (self.dav.contacts,), "contacts"),
                notes=FileShelf(files / "notes", ".md"),
                messages=FileShelf(files / "messages", ".json"),
                tables=FileShelf(files / "tables", ".csv"),
            )
        finally:
            box.close()
            line.close()

    def mirror(self) -> Mirror:
        """The mirror; letters are not held back here."""
        homes: dict[ShelfName, str] = {"calendar": self.dav.calendar}
        path = self.folder / "mirror.sqlite"
        return Mirror(path, SystemClock(), hold_seconds=0.0, homes=homes)


def account(port: int) -> Account:
    """The test user."""
    return Account("127.0.0.1", port, USER, lambda: Credential(PASSWORD), "plain", 20.0)


@contextmanager
def world(*, files_sent: bool = True) -> Iterator[World]:
    """Everything started."""
    with ExitStack() as stack:
        mail, dav = stack.enter_context(dovecot()), stack.enter_context(radicale())
        sink = stack.enter_context(smtp_sink())
        filing = ImapMailbox(account(mail.port))
        stack.callback(filing.close)
        if files_sent:
            sink.on_letter = lambda raw: _filed(filing, raw)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        to_mail, to_dav, to_sink = Proxy(mail.port), Proxy(dav.port), Proxy(sink.port)
        for line in (to_mail, to_dav, to_sink):
            stack.callback(line.close)
        yield World(mail, dav, sink, to_mail, to_dav, to_sink, folder, files_sent)


def _filed(box: ImapMailbox, raw: bytes) -> None:
    box.append("Sent", raw, frozenset({"seen"}), 1_773_000_000)


# --- acts ---------------------------------------------------------------------------------------


class Acting:
    """Puts acts into the mirror."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.number = 0
        self.letters: list[str] = []

    def act(self, mirror: Mirror, *, only_letters: bool = False) -> None:
        """One random act."""
        self.number += 1
        acts = (
            self._event, self._event, self._change, self._change, self._remove, self._draft,
            self._draft, self._move, self._move, self._flag, self._send, self._send, self._folder,
        )  # fmt: skip
        (self._send if only_letters else self.random.choice(acts))(mirror)

    def _event(self, mirror: Mirror) -> None:
        start = NOW + timedelta(hours=self.number)
        uid = f"e{self.number}"
        shelf = mirror.stores.calendar
        text = new_event(uid, f"Event {uid}", start, start + timedelta(hours=1), now=NOW)
        shelf.add(shelf.href_for(uid), text)

    def _change(self, mirror: Mirror) -> None:
        shelf = mirror.stores.calendar
        items = shelf.items()
        if items:
            item = self.random.choice(items)
            shelf.replace(item, changed(item.text, {"summary": f"Now {self.number}"}, now=NOW))

    def _remove(self, mirror: Mirror) -> None:
        items = mirror.stores.calendar.items()
        if items:
            mirror.stores.calendar.remove(self.random.choice(items))

    def _draft(self, mirror: Mirror) -> None:
        raw = mail(f"d{self.number}")
        mirror.stores.mailbox.append("Drafts", raw, frozenset({"draft"}), 1_773_000_000)

    def _any(self, mirror: Mirror) -> Mail | None:
        mails = mirror.stores.mailbox.search(MailQuery(folders=FOLDERS))
        return self.random.choice(mails) if mails else None

    def _move(self, mirror: Mirror) -> None:
        found = self._any(mirror)
        if found:
            others = [folder for folder in FOLDERS if folder != found.ref.folder]
            mirror.stores.mailbox.move(found.ref, self.random.choice(others))

    def _flag(self, mirror: Mirror) -> None:
        found = self._any(mirror)
        if found:
            flags = frozenset(self.random.sample(["seen", "flagged", "answered"], 1))
            add = flags - found.flags
            mirror.stores.mailbox.flag(found.ref, add=add, remove=flags - add)

    def _folder(self, mirror: Mirror) -> None:
        mirror.stores.mailbox.make_folder(f"F{self.number}")

    def _send(self, mirror: Mirror) -> None:
        message_id = f"<s{self.number}@example.org>"
        self.letters.append(message_id)
        raw = mail(f"s{self.number}")
        letter = Letter(message_id, "ana@example.org", (f"p{self.number}@example.net",), raw)
        mirror.stores.post.send(letter)


def mail(name: str) -> bytes:
    """A small mail."""
    lines = [f"Message-ID: <{name}@example.org>", f"Subject: {name}", "", "Dear Ben,", "bye", ""]
    return "\r\n".join(lines).encode()


# --- kills and cuts -----------------------------------------------------------------------------


def deliver_in_a_process(
    here: World, random: Random, seconds: float, figures: Counter[str]
) -> float:
    """One delivery in a process that is killed, or whose lines are cut; gives how long it took."""
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        try:
            _deliver(here)
        finally:
            os._exit(0)
    time.sleep(random.uniform(0, seconds))
    how = random.choice(["kill", "kill", "cut", "none"])
    is_over, _ = os.waitpid(child, os.WNOHANG)
    if not is_over:
        figures[f"{how}s" if how != "none" else "undisturbed"] += 1
        if how == "kill":
            os.kill(child, signal.SIGKILL)
        elif how == "cut":
            for line in here.lines:
                line.cut()
        os.waitpid(child, 0)
    else:
        figures["over_before"] += 1
    return time.perf_counter() - began


def _deliver(here: World) -> None:
    mirror = here.mirror()
    with here.remote() as remote:
        outbox = Outbox(mirror, remote, sent_folder="" if here.files_sent else "Sent")
        for _ in range(3):
            if not outbox.deliver().num_left:
                break


def run(cycles: int, seed: int, *, files_sent: bool, only_letters: bool = False) -> dict[str, Any]:
    """Kill and cut, then deliver in peace and compare."""
    figures: Counter[str] = Counter()
    with world(files_sent=files_sent) as here:
        acting = Acting(seed)
        usual = 0.1
        mirror = here.mirror()
        with here.remote(through_proxies=False) as remote:
            pull(mirror, remote)
        mirror.close()
        num_ended = 0
        while num_ended < cycles:
            mirror = here.mirror()
            if not only_letters:
                for _ in range(acting.random.randrange(1, 4)):
                    acting.act(mirror)
                    figures["acts"] += 1
            else:
                acting.act(mirror, only_letters=True)
                figures["acts"] += 1
            mirror.close()
            took = deliver_in_a_process(here, acting.random, 1.3 * usual, figures)
            usual = 0.9 * usual + 0.1 * took
            num_ended = figures["kills"] + figures["cuts"]
        return {**figures, **_compared(here, acting)}


def _compared(here: World, acting: Acting) -> dict[str, Any]:
    """What is at the servers after all is delivered, against the mirror and what was asked for."""
    mirror = here.mirror()
    with here.remote(through_proxies=False) as remote:
        outbox = Outbox(mirror, remote, sent_folder="" if here.files_sent else "Sent")
        for _ in range(10):
            if not outbox.deliver().num_left:
                break
        num_left = outbox.deliver().num_left
        doubtful = [each for each in stuck(mirror) if each.state == "doubtful"]
        others = [each for each in stuck(mirror) if each.state != "doubtful"]
        before = _counted(mirror.stores)
        lost, doubled = _differences(before, _counted(remote), here.files_sent)
        pull(mirror, remote)
        is_same_after_pull = _counted(mirror.stores) == _counted(remote)
    parser = BytesHeaderParser()
    arrived = Counter(str(parser.parsebytes(raw)["Message-ID"]) for _, _, raw in here.sink.letters)
    unsure = {
        each.write.letter.message_id for each in doubtful if isinstance(each.write, SendWrite)
    }
    lost += sum(1 for each in acting.letters if not arrived[each] and each not in unsure)
    doubled += sum(count - 1 for count in arrived.values())
    mirror.close()
    return {
        "letters": len(acting.letters),
        "lost": lost,
        "doubled": doubled,
        "doubts_shown": len(doubtful),
        "doubts_that_were_out": sum(1 for each in unsure if arrived[each]),
        "stuck": len(others),
        "left": num_left,
        "mirror_equals_servers": is_same_after_pull,
    }


def _counted(stores: Stores) -> Counter[Any]:
    """Every event and every mail with its place and flags, and how often it is there."""
    found: Counter[Any] = Counter()
    for item in stores.calendar.items():
        found["event", item.href, canonical(item.text)] += 1
    for folder in stores.mailbox.folders():
        found["folder", folder.name] += 1
        for each in stores.mailbox.changes(folder.name, "").changed:
            key = ("mail", each.head.message_id, folder.name, tuple(sorted(each.flags)))
            found[key] += 1
    return found


def _differences(here: Counter[Any], there: Counter[Any], files_sent: bool) -> tuple[int, int]:
    """(lost, doubled or too much) at the servers; copies that the server filed are its own."""
    missing, extra = here - there, there - here
    if files_sent:
        extra = Counter({k: n for k, n in extra.items() if k[0] != "mail" or k[2] != "Sent"})
    for key in (*missing, *extra):
        print("differs:", key[:3])
    return sum(missing.values()), sum(extra.values())


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cycles", type=int, default=1000)
    parser.add_argument("--plain-cycles", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="write bench/results/outbox.json")
    options = parser.parse_args()
    figures = {"filing": run(options.cycles, options.seed, files_sent=True)}
    if options.plain_cycles:
        figures["plain"] = run(
            options.plain_cycles, options.seed, files_sent=False, only_letters=True
        )
    parts = figures.values()
    both = sum(part["lost"] + part["doubled"] + part["left"] for part in parts)
    result = {"lost_or_doubled": both, "floor": 0, **figures}
    print(json.dumps(result, indent=2))
    if options.json:
        write_result("outbox", result, packages=["imap-tools", "icalendar"])


if __name__ == "__main__":
    main()
