"""Joins the user's stores: plain files, or a mirror of real servers with its outbox; and the
journal.

In local-only mode no connection is built but to servers on this very machine: reading goes on from
the mirror, acts wait in the outbox, 0 bytes leave.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tandem.clock import SystemClock
from tandem.config import DavServer, MailServer, Paths, Settings
from tandem.connectors.accounts import Account, Credential, is_this_machine
from tandem.connectors.files import FileShelf
from tandem.connectors.maildir import Maildir
from tandem.connectors.ports import Stores
from tandem.connectors.post_files import FilePost
from tandem.connectors.records import MailQuery
from tandem.errors import BadSettings, Stays, StoreFault
from tandem.keeping.journal import Journal
from tandem.keeping.mirror import Mirror
from tandem.keeping.outbox import Delivered, Outbox
from tandem.keeping.pulling import pull
from tandem.keeping.writes import ShelfName
from tandem.ports import Clock
from tandem.secrets import Secrets
from tandem.types import Mode

PASSWORDS: Mapping[str, str] = {
    "mail": "TANDEM_MAIL_PASSWORD",
    "calendar": "TANDEM_CALENDAR_PASSWORD",
    "contacts": "TANDEM_CONTACTS_PASSWORD",
}


# Servers end an IDLE after half an hour (RFC 2177); calendars are looked at this often.
WATCH_SECONDS = 300.0
OFFLINE_SECONDS = 30.0
# How often the outbox is looked at: one small query on this disk.
COURIER_SECONDS = 1.0
COURIER_END_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Synced:
    """What one round with the servers did. `fault`: why it ended early, where it did."""

    delivered: Delivered | None = None
    num_new: int = 0
    fault: StoreFault | Stays | None = None


@dataclass(frozen=True, slots=True)
class OpenStores:
    """`stores` are watched by the journal. `mirror` is `None` where everything is plain files."""

    stores: Stores
    journal: Journal
    mirror: Mirror | None
    remote: Callable[[], Generator[Stores]] | None = None
    settings: Settings | None = None

    def sync(self) -> Synced:
        """Deliver what waits, then bring what is new. Raises nothing of the servers."""
        if self.mirror is None or self.remote is None:
            return Synced()
        try:
            with contextmanager(self.remote)() as remote:
                return self._round(self.mirror, remote)
        except (StoreFault, Stays) as fault:
            return Synced(fault=fault)

    def finish(self, *, pause: Callable[[float], None] = time.sleep) -> Synced:
        """Deliver until nothing is left that could go, held letters included.

        `pause` is given how many seconds the next one is still held.
        """
        done = self.sync()
        while self.mirror is not None and done.fault is None:
            seconds = self.mirror.seconds_to_next()
            is_going_on = done.delivered is None or done.delivered.num_done > 0
            if seconds is None or (seconds == 0 and not is_going_on):
                break  # nothing left, or only what waits for the user's word
            pause(seconds + 0.01)
            done = self.sync()
        return done

    def wait(self, seconds: float = WATCH_SECONDS) -> None:
        """Until mail comes (IDLE), or this long where no server tells."""
        try:
            if self.remote is not None:
                with contextmanager(self.remote)() as remote:
                    idle = getattr(remote.mailbox, "wait", None)
                    if idle is not None:
                        idle("INBOX", seconds)
                        return
        except (StoreFault, Stays):
            pass  # offline: the pause is the wait
        time.sleep(min(seconds, OFFLINE_SECONDS))

    def close(self) -> None:
        """Close the files."""
        self.journal.close()
        if self.mirror is not None:
            self.mirror.close()

    def outbox(self, remote: Stores) -> Outbox:
        """The outbox to these servers."""
        assert self.mirror is not None and self.settings is not None  # asked only with servers
        mail = self.settings.mail
        roles = {folder.role: folder.name for folder in self.mirror.mailbox.folders()}
        sent = "" if mail.files_sent else roles.get("sent", "Sent")
        return Outbox(self.mirror, remote, sent_folder=sent)

    def _round(self, mirror: Mirror, remote: Stores) -> Synced:
        assert self.settings is not None  # see `outbox`
        delivered = self.outbox(remote).deliver()
        if delivered.fault is not None:
            return Synced(delivered, fault=delivered.fault)
        shelves = _shelves(self.settings)
        with_mail = bool(self.settings.mail.imap_host)
        pulled = pull(mirror, remote, shelves=shelves, with_mail=with_mail)
        return Synced(delivered, pulled.num_items + pulled.num_mails)


@contextmanager
def open_stores(
    settings: Settings,
    paths: Paths,
    secrets: Secrets,
    *,
    local_only: bool = False,
    clock: Clock | None = None,
) -> Generator[OpenStores]:
    """The stores as the settings say; closed in the end. Raises `BadSettings` and `DeviceFault`."""
    opened = joined_stores(settings, paths, secrets, local_only=local_only, clock=clock)
    try:
        yield opened
    finally:
        opened.close()


def joined_stores(
    settings: Settings,
    paths: Paths,
    secrets: Secrets | None = None,
    *,
    local_only: bool = False,
    clock: Clock | None = None,
) -> OpenStores:
    """As `open_stores`, for who closes them himself. Without `secrets` no server can be asked."""
    clock = clock or SystemClock()
    is_local = local_only or settings.mode is Mode.LOCAL_ONLY
    stores = file_stores(paths.stores)
    mirror = None
    if has_servers(settings):
        homes: dict[ShelfName, str] = {}
        if settings.calendar.collections:
            homes["calendar"] = settings.calendar.collections[0]
        if settings.contacts.collections:
            homes["contacts"] = settings.contacts.collections[0]
        mirror = Mirror(
            paths.data / "mirror.sqlite",
            clock,
            hold_seconds=settings.mail.hold_seconds,
            homes=homes,
        )
        stores = _mirrored(settings, stores, mirror)
    journal = Journal(paths.data / "journal.sqlite", stores, clock)
    journal.recover()

    def remote() -> Generator[Stores]:
        known = secrets or Secrets({})
        with remote_stores(settings, known, paths, is_local=is_local, clock=clock) as found:
            yield found

    return OpenStores(journal.stores, journal, mirror, remote if mirror else None, settings)


@contextmanager
def mirrored_stores(settings: Settings, paths: Paths, clock: Clock) -> Generator[Stores]:
    """What is on this disk of the user's stores, for reading alone; no journal, no server."""
    mirror = Mirror(paths.data / "mirror.sqlite", clock)
    try:
        yield _mirrored(settings, file_stores(paths.stores), mirror)
    finally:
        mirror.close()


def finish_acts(
    settings: Settings,
    paths: Paths,
    secrets: Secrets,
    *,
    pause: Callable[[float], None] = time.sleep,
) -> Synced:
    """Carry what was done to the servers, held letters included; nothing where all is files."""
    if not has_servers(settings):
        return Synced()
    with open_stores(settings, paths, secrets) as opened:
        return opened.finish(pause=pause)


@contextmanager
def courier(settings: Settings, paths: Paths, secrets: Secrets) -> Generator[None]:
    """For processes that live long: a thread that carries acts to the servers as they come.

    It has its own connections; what it cannot deliver waits in the outbox.
    """
    if not has_servers(settings):
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(
        target=_carry, args=(settings, paths, secrets, stop), name="courier", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(COURIER_END_SECONDS)


def _carry(settings: Settings, paths: Paths, secrets: Secrets, stop: threading.Event) -> None:
    with open_stores(settings, paths, secrets) as opened:
        assert opened.mirror is not None  # there are servers
        next_try, next_pull = 0.0, 0.0
        while not stop.wait(COURIER_SECONDS):
            now = time.monotonic()
            seconds = opened.mirror.seconds_to_next()
            if now >= next_try and (seconds == 0 or now >= next_pull):
                done = opened.sync()
                next_pull = now + WATCH_SECONDS
                # A dead line stays dead a while, and what waits behind a conflict is due for ever.
                num_done = done.delivered.num_done if done.delivered else 0
                is_vain = done.fault is not None or (seconds == 0 and not num_done)
                next_try = now + OFFLINE_SECONDS if is_vain else 0.0


def has_servers(settings: Settings) -> bool:
    """Whether anything of the user's is on a server."""
    return bool(settings.mail.imap_host or settings.calendar.host or settings.contacts.host)


def file_stores(folder: Path) -> Stores:
    """The user's stores as plain files; what is sent lies in `sent`."""
    return Stores(
        mailbox=Maildir(folder / "mail"),
        post=FilePost(folder / "sent"),
        calendar=FileShelf(folder / "calendar", ".ics"),
        contacts=FileShelf(folder / "contacts", ".vcf"),
        notes=FileShelf(folder / "notes", ".md"),
        messages=FileShelf(folder / "messages", ".json"),
        tables=FileShelf(folder / "tables", ".csv"),
    )


@contextmanager
def remote_stores(
    settings: Settings, secrets: Secrets, paths: Paths, *, is_local: bool, clock: Clock
) -> Generator[Stores]:
    """The servers. Raises `Stays` where one is on another machine and local-only is on."""
    # The clients take a tenth of a second: only who goes to a server waits for them.
    from tandem.connectors.dav import DavShelf
    from tandem.connectors.dav_http import DavHttp
    from tandem.connectors.imap import ImapMailbox
    from tandem.connectors.smtp import SmtpPost

    for host in {settings.mail.imap_host, settings.mail.smtp_host, settings.calendar.host,
                 settings.contacts.host}:  # fmt: skip
        if host and is_local and not is_this_machine(host):
            raise Stays(
                "Local-only is switched on: your servers are not asked, and what should go there"
                " waits.",
                remedy="Choose another mode: tandem config set mode prefer-local.",
            )
    stores = file_stores(paths.stores)
    with ExitStack() as stack:
        mail = settings.mail
        if mail.imap_host:
            credential = mail_credential(mail, secrets, clock)
            box = ImapMailbox(imap_account(mail, credential))
            stack.callback(box.close)

            def is_in_sent(message_id: str) -> bool:
                sent = tuple(each.name for each in box.folders() if each.role == "sent")
                return bool(box.search(MailQuery(message_id=message_id, folders=sent)))

            post = SmtpPost(
                smtp_account(mail, credential), is_in_sent=is_in_sent, files_sent=mail.files_sent
            )
            stores = replace(stores, mailbox=box, post=post)
        for name, server in (("calendar", settings.calendar), ("contacts", settings.contacts)):
            if server.host:
                line = DavHttp(dav_account(name, server, secrets))
                stack.callback(line.close)
                kind = "calendar" if name == "calendar" else "contacts"
                stores = replace(stores, **{name: DavShelf(line, server.collections, kind)})
        yield stores


# --- accounts -----------------------------------------------------------------------------------


def imap_account(mail: MailServer, credential: Callable[[], Credential]) -> Account:
    """Where mail is read."""
    return Account(mail.imap_host, mail.imap_port, mail.user, credential, mail.imap_security)


def smtp_account(mail: MailServer, credential: Callable[[], Credential]) -> Account:
    """Where mail is sent."""
    host = mail.smtp_host or mail.imap_host
    return Account(host, mail.smtp_port, mail.user, credential, mail.smtp_security)


def dav_account(name: str, server: DavServer, secrets: Secrets) -> Account:
    """Where calendars or contacts are."""
    found = partial_password(secrets, name, server.user, server.host)
    return Account(server.host, server.port, server.user, found, server.security)


def mail_credential(mail: MailServer, secrets: Secrets, clock: Clock) -> Callable[[], Credential]:
    """A password, or a fresh token by the refresh token that is kept."""
    password = partial_password(secrets, "mail", mail.user, mail.imap_host)
    if mail.sign_in == "password":
        return password
    from tandem.connectors.oauth import Provider, Tokens  # only who signs in so

    provider = Provider("", mail.oauth_token_url, mail.oauth_client_id)
    return Tokens(provider, password().secret, clock).credential


def partial_password(secrets: Secrets, name: str, user: str, host: str) -> Callable[[], Credential]:
    """The password of one user at one host, looked up when it is needed: it goes nowhere else."""

    def credential() -> Credential:
        found = secrets.api_key(variable=PASSWORDS[name], host=keyring_name(name, user, host))
        if not found:
            raise BadSettings(
                f"There is no password for {user} on {host}.",
                remedy=f"Connect again: tandem connect {name}, or set {PASSWORDS[name]}.",
            )
        return Credential(found)

    return credential


def keyring_name(name: str, user: str, host: str) -> str:
    """The keyring's entry: a password for one host is never sent to another."""
    return f"{name}:{user}@{host}"


def _shelves(settings: Settings) -> tuple[ShelfName, ...]:
    found: list[ShelfName] = []
    if settings.calendar.host:
        found.append("calendar")
    if settings.contacts.host:
        found.append("contacts")
    return tuple(found)


def _mirrored(settings: Settings, files: Stores, mirror: Mirror) -> Stores:
    """The mirror where there is a server, plain files for the rest."""
    stores = files
    if settings.mail.imap_host:
        stores = replace(stores, mailbox=mirror.stores.mailbox, post=mirror.stores.post)
    if settings.calendar.host:
        stores = replace(stores, calendar=mirror.stores.calendar)
    if settings.contacts.host:
        stores = replace(stores, contacts=mirror.stores.contacts)
    return stores
