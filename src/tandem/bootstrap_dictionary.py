"""Whom the user knows, for the guard: out of the user's own contacts, calendar and mail headers.

Kept current: before each request the stores' state is compared, and what changed is read anew. What
cannot be read is an error, and then nothing leaves, as a name that is not known could.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

from tandem.bootstrap_stores import file_stores, has_servers, mirrored_stores
from tandem.clock import SystemClock
from tandem.config import Paths, Settings
from tandem.connectors.cards import people
from tandem.connectors.ports import Stores
from tandem.connectors.records import Address, MailQuery
from tandem.errors import DeviceFault, StoreFault
from tandem.personal import Finding, Kind
from tandem.ports import Clock
from tandem.privacy.detection.dictionary import Entry, PrivateDictionary

MAX_MAILS = 5000  # headers read, the newest: who wrote longer ago is in the contacts, or is not
FRESH_SECONDS = 2.0  # within one question the stores are not looked at again
_ATTENDEE = re.compile(
    r"^(?:ATTENDEE|ORGANIZER)(?P<more>[;:][^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.M
)
_COMMON_NAME = re.compile(r'CN=(?:"([^"]*)"|([^;:]*))')
_MAILTO = re.compile(r"(?i)mailto:([^\s;]+)")


class OwnPeople:
    """A Known over the user's stores. Thread-safe."""

    def __init__(self, settings: Settings, paths: Paths, clock: Clock | None = None) -> None:
        self._settings = settings
        self._paths = paths
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._known = PrivateDictionary()
        self._state: object = None
        self._looked_at = float("-inf")

    def matches(self, text: str) -> list[Finding]:
        """Everyone of them in the text. Raises `DeviceFault` where the stores cannot be read."""
        return self._current().matches(text)

    def _current(self) -> PrivateDictionary:
        with self._lock:
            now = self._clock.monotonic()
            if now - self._looked_at > FRESH_SECONDS:
                state = _state_of(self._paths)
                if state != self._state:
                    self._known = PrivateDictionary(self._entries())
                    self._state = state
                self._looked_at = now
            return self._known

    def _entries(self) -> list[Entry]:
        try:
            if has_servers(self._settings):
                with mirrored_stores(self._settings, self._paths, self._clock) as stores:
                    return list(entries_of(stores))
            if not self._paths.stores.exists():
                return []
            return list(entries_of(file_stores(self._paths.stores)))
        except (StoreFault, OSError) as error:
            raise DeviceFault(
                "Your contacts, calendar and mail cannot be read, so it is not known whom to "
                f"cover, and nothing leaves ({type(error).__name__}).",
                remedy="`tandem doctor` says more.",
            ) from None


def _state_of(paths: Paths) -> object:
    """Changes whenever a store does: files and their times, and the mirror's."""
    found: list[tuple[str, int, int]] = []
    for folder in (paths.stores / "contacts", paths.stores / "calendar", paths.stores / "mail"):
        found += [_stamp(path) for path in folder.rglob("*") if path.is_file()]
    found += [_stamp(path) for path in paths.data.glob("mirror.sqlite*")]
    return tuple(sorted(found))


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return str(path), 0, 0
    return str(path), stat.st_mtime_ns, stat.st_size


def entries_of(stores: Stores) -> Iterator[Entry]:
    """Everyone and everything in the stores that leads to a person."""
    for person in people(stores.contacts.items()):
        key = f"person:{person.uid or person.href}"
        if names := tuple(dict.fromkeys(filter(None, (person.name, *person.names)))):
            yield Entry(key, Kind.PERSON, names)
        for kind, values in (
            (Kind.EMAIL, person.mails),
            (Kind.PHONE, person.phones),
            (Kind.ORGANISATION, (person.organization,)),
            (Kind.ADDRESS, (person.address,)),
        ):
            for value in filter(None, values):
                yield Entry(f"{kind}:{value.casefold()}", kind, (value,))
    for item in stores.calendar.items():
        for found in _ATTENDEE.finditer(item.text):
            yield from _attendee(re.sub(r"\r?\n[ \t]", "", found["more"]))
    for mail in stores.mailbox.search(MailQuery(limit=MAX_MAILS)):
        head = mail.head
        for address in (head.sender, *head.to, *head.cc, *head.reply_to):
            if address is not None:
                yield from _addressed(address)


def _attendee(line: str) -> Iterator[Entry]:
    name = _COMMON_NAME.search(line)
    mail = _MAILTO.search(line)
    shown = (name[1] or name[2] or "") if name else ""
    yield from _entries_for(shown, mail[1] if mail else "", "your calendar")


def _addressed(address: Address) -> Iterator[Entry]:
    yield from _entries_for(address.name, address.address, "your mail")


def _entries_for(name: str, mail: str, source: str) -> Iterator[Entry]:
    name = name.strip().strip("\"'")
    if name and "@" not in name and not name.isdigit():
        yield Entry(f"person:{name.casefold()}", Kind.PERSON, (name,), source)
    if "@" in mail:
        yield Entry(f"email:{mail.casefold()}", Kind.EMAIL, (mail,), source)
