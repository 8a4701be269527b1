"""The assistant's steps of `tandem demo`, on a life made up for the occasion."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from rich.console import Console
from rich.text import Text

from tandem.assistant.assistant import Assistant, Kind, Reply
from tandem.bootstrap_assistant import file_stores, open_assistant
from tandem.cli import say
from tandem.cli.start import Ready
from tandem.cli.tour import Checks
from tandem.clock import SystemClock
from tandem.connectors import edits
from tandem.connectors.cards import new_card
from tandem.connectors.ports import Stores
from tandem.connectors.records import MailQuery

_FIRST = ("Ada", "Bruno", "Clara", "Dmitri", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas")
_LAST = ("Abbott", "Berger", "Costa", "Dahl", "Evans", "Fischer", "Grant", "Hale", "Ivers")
_THINGS = ("the roof tiles", "the kitchen lamps", "the oak floor", "the garden wall", "the stairs")
_OTHERS = ("Team meeting", "Lunch", "Choir", "Haircut", "Book club")


@dataclass(frozen=True, slots=True)
class MadeUp:
    """Who and what this life is about."""

    friend: str
    address: str
    thing: str
    price: int
    dentist_at: datetime


def make_life(stores: Stores, rng: random.Random, now: datetime) -> MadeUp:
    """Fill empty stores: people, a week of events, a few mails."""
    names = [f"{a} {b}" for a, b in zip(rng.sample(_FIRST, 5), rng.sample(_LAST, 5), strict=True)]
    monday = (now + timedelta(days=7 - now.weekday())).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    life = MadeUp(
        names[0],
        f"{names[0].split()[0].lower()}@example.org",
        rng.choice(_THINGS),
        rng.randrange(200, 900, 10),
        monday + timedelta(days=1, hours=rng.choice((9, 10, 11))),
    )
    for name in names:
        address = f"{name.split()[0].lower()}@example.org"
        stores.contacts.add(
            stores.contacts.href_for(name), new_card(f"c-{name}", name, mails=[address])
        )
    _event(stores, "Dentist", life.dentist_at, now)
    for day, title in enumerate(rng.sample(_OTHERS, 4)):
        _event(stores, title, monday + timedelta(days=day, hours=rng.choice((13, 15, 18))), now)
    _mails(stores, life, names, now)
    return life


def _event(stores: Stores, title: str, start: datetime, now: datetime) -> None:
    text = edits.new_event(f"e-{title}", title, start, start + timedelta(minutes=45), now=now)
    stores.calendar.add(stores.calendar.href_for(f"e-{title}"), text)


def _mails(stores: Stores, life: MadeUp, names: Sequence[str], now: datetime) -> None:
    offer = (
        f"Hello,\n\nfor {life.thing} I can offer {life.price} pounds, all in.\n"
        f"Is that fine with you?\n\n{life.friend.split()[0]}"
    )
    texts = [(life.friend, f"Offer for {life.thing}", offer)]
    texts += [(name, "Thank you", "It was lovely to see you.") for name in names[1:]]
    for number, (name, subject, text) in enumerate(texts):
        sent = now - timedelta(hours=5 + number)
        mail = EmailMessage()
        mail["From"] = f"{name} <{name.split()[0].lower()}@example.org>"
        mail["To"] = "You <you@example.org>"
        mail["Subject"] = subject
        mail["Date"] = format_datetime(sent)
        mail["Message-ID"] = f"<{number}.tour@example.org>"
        mail.set_content(text)
        stores.mailbox.append("INBOX", mail.as_bytes(), frozenset(), float(int(sent.timestamp())))


class LifeTour:
    """Move an appointment, find a mail and draft the reply, undo: offline, on files."""

    def __init__(self, console: Console, ready: Ready, seed: int, checks: Checks) -> None:
        self._console = console
        self._ready = ready
        self._checks = checks
        self._stores = file_stores(ready.paths.stores)
        now = datetime.fromtimestamp(SystemClock().now(), tz=UTC)
        self._life = make_life(self._stores, random.Random(seed), now)

    def run(self) -> None:
        """The three steps, each checked on the files."""
        self._console.print()
        self._console.print(Text("6  The assistant, on a made-up life", style="bold cyan"))
        assistant = open_assistant(self._ready.settings, self._ready.paths)
        before = self._calendar()
        self._say(assistant, "move the dentist to next friday at 3 pm")
        moved = self._calendar()
        self._checks.that("6: the appointment moved, and nothing else", self._only_one(before))
        friend = self._life.friend.split()[0]
        found = self._say(assistant, f"what did {friend} offer for {self._life.thing}")
        self._checks.that("6: the mail was found", str(self._life.price) in found.text)
        self._say(assistant, f"draft a reply to {friend}: that is fine, please go ahead")
        drafts = self._stores.mailbox.search(MailQuery(folders=("Drafts",)))
        self._checks.that(
            "6: the reply is a draft in the thread, nothing was sent",
            len(drafts) == 1
            and drafts[0].head.in_reply_to == "<0.tour@example.org>"
            and not list((self._ready.paths.stores / "sent").glob("*")),
        )
        self._say(assistant, "undo that")
        self._say(assistant, "undo")
        gone = not self._stores.mailbox.search(MailQuery(folders=("Drafts",)))
        is_back = self._calendar() == before != moved
        self._checks.that("6: both taken back, the calendar is as it was", gone and is_back)

    def _say(self, assistant: Assistant, words: str) -> Reply:
        self._console.print(Text(f"> {words}", style="bold"))
        reply = assistant.say(words)
        self._console.print(Text(say.printable(reply.text)))
        for card in reply.waiting:
            self._console.print(Text(say.printable(card.text), style="dim"))
        self._checks.that("6: every request was understood", reply.kind is not Kind.ESCALATED)
        return reply

    def _calendar(self) -> dict[str, str]:
        return {item.href: item.text for item in self._stores.calendar.items()}

    def _only_one(self, before: dict[str, str]) -> bool:
        now = self._calendar()
        changed = [href for href in now if before.get(href) != now[href]]
        return len(now) == len(before) and [one for one in changed if "entist" in one] == changed
