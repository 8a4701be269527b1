"""Keeps in mind what the stores hold, so that a request is read without asking a server again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tandem.assistant.parsing import contact_of, events_of, known_mail, tasks_of
from tandem.connectors import tables
from tandem.connectors.cards import people
from tandem.connectors.ports import Shelf, Stores
from tandem.connectors.records import Folder, Item, Mail, MailRef
from tandem.ports import Clock
from tandem.understanding.known import (
    Known,
    KnownContact,
    KnownEvent,
    KnownMail,
    KnownNote,
    KnownTable,
    KnownTask,
)


@dataclass(frozen=True, slots=True)
class Person:
    """Who the user is, from the settings."""

    name: str
    email: str
    zone: str
    language: str = "en"
    home: str = ""
    work: str = ""


@dataclass(slots=True)
class _Mirror:
    """One shelf as it was when last looked at."""

    shelf: Shelf
    token: str = ""
    items: dict[str, Item] = field(default_factory=dict[str, Item])

    def refresh(self) -> set[str]:
        """Look again; gives the hrefs that are new, changed or gone."""
        changes = self.shelf.changes(self.token)
        for item in changes.changed:
            self.items[item.href] = item
        for href in changes.gone:
            self.items.pop(href, None)
        self.token = changes.token
        return {item.href for item in changes.changed} | set(changes.gone)


@dataclass(slots=True)
class _MailFolder:
    token: str = ""
    mails: dict[int, KnownMail] = field(default_factory=dict[int, KnownMail])
    refs: dict[int, MailRef] = field(default_factory=dict[int, MailRef])


class Knowing:
    """The user's stores in memory, brought up to date by `refresh`.

    Everything is parsed once per version; a later refresh costs one look per shelf and folder.
    Blocks while it reads; not for two threads at once.
    """

    def __init__(self, stores: Stores, person: Person, clock: Clock) -> None:
        self.stores = stores
        self.person = person
        self._clock = clock
        self._zone = ZoneInfo(person.zone)
        self._calendar = _Mirror(stores.calendar)
        self._contacts = _Mirror(stores.contacts)
        self._notes = _Mirror(stores.notes)
        self._tables = _Mirror(stores.tables)
        self._sheets: dict[str, KnownTable] = {}
        self._events: dict[str, tuple[KnownEvent, ...]] = {}
        self._marks: dict[tuple[str, datetime], str] = {}
        self._tasks: dict[str, tuple[KnownTask, ...]] = {}
        self._cards: dict[str, KnownContact] = {}
        self._mail: dict[str, _MailFolder] = {}
        self._day = None
        self.folders: tuple[Folder, ...] = ()

    @property
    def now(self) -> datetime:
        """This moment in the user's zone."""
        return datetime.fromtimestamp(self._clock.now(), tz=UTC).astimezone(self._zone)

    def refresh(self) -> Known:
        """Look at every store and give what is known now. Raises `StoreFault`."""
        self._refresh_calendar()
        for href in self._contacts.refresh():
            item = self._contacts.items.get(href)
            self._cards.pop(href, None)
            for person in people([item]) if item else ():
                self._cards[href] = contact_of(person)
        self._notes.refresh()
        self._refresh_tables()
        self._refresh_mail()
        return self.known

    def _refresh_tables(self) -> None:
        for href in self._tables.refresh():
            self._sheets.pop(href, None)
            item = self._tables.items.get(href)
            sheet = tables.parse(item.text) if item else None
            if sheet is not None:
                name = href.rpartition("/")[2].removesuffix(".csv")
                keys = tables.keys_of(sheet.rows)
                self._sheets[href] = KnownTable(name, sheet.columns, sheet.rows, keys)

    def _refresh_calendar(self) -> None:
        now = self.now
        changed = self._calendar.refresh()
        if now.date() != self._day:  # the window of occurrences moves with the day
            self._day = now.date()
            changed = set(self._calendar.items)
        for href in changed:
            self._events.pop(href, None)
            self._tasks.pop(href, None)
            if item := self._calendar.items.get(href):
                found = list(events_of(item, self._zone, now))
                self._events[href] = tuple(event for event, _ in found)
                self._tasks[href] = tuple(tasks_of(item, self._zone))
                for event, mark in found:
                    if event.recurrence_id is not None:
                        self._marks[event.uid, event.recurrence_id] = mark

    def _refresh_mail(self) -> None:
        box = self.stores.mailbox
        self.folders = box.folders()
        names = {folder.name for folder in self.folders}
        for gone in set(self._mail) - names:
            del self._mail[gone]
        for name in names:
            folder = self._mail.setdefault(name, _MailFolder())
            changes = box.changes(name, folder.token)
            folder.token = changes.token
            if changes.is_anew:
                folder.mails.clear()
                folder.refs.clear()
            for ref in changes.gone:
                folder.mails.pop(ref.uid, None)
                folder.refs.pop(ref.uid, None)
            for mail in changes.changed:
                self._take(folder, mail)

    def _take(self, folder: _MailFolder, mail: Mail) -> None:
        uid = mail.ref.uid
        if known := folder.mails.get(uid):  # its bytes never change, its flags do
            folder.mails[uid] = replace(known, flags=mail.flags)
        else:
            folder.mails[uid] = known_mail(mail, self.stores.mailbox.read(mail.ref))
        folder.refs[mail.ref.uid] = mail.ref

    @property
    def known(self) -> Known:
        """What was known at the last refresh."""
        person = self.person
        return Known(
            now=self.now,
            zone=person.zone,
            language=person.language,
            user_name=person.name,
            user_email=person.email,
            home=person.home,
            work=person.work,
            contacts=tuple(self._cards.values()),
            events=tuple(
                sorted((e for es in self._events.values() for e in es), key=lambda e: e.start)
            ),
            tasks=tuple(task for tasks in self._tasks.values() for task in tasks),
            mails=tuple(
                sorted(
                    (m for folder in self._mail.values() for m in folder.mails.values()),
                    key=lambda mail: mail.at,
                    reverse=True,
                )
            ),
            notes=tuple(
                KnownNote(href.rpartition("/")[2].removesuffix(".md"), item.text)
                for href, item in self._notes.items.items()
            ),
            folders=tuple(folder.name for folder in self.folders),
            tables=tuple(self._sheets.values()),
        )

    # --- from a record back to where it lies ----------------------------------------------------

    def calendar_item(self, uid: str) -> Item | None:
        """The calendar object with this event or task."""
        for href, item in self._calendar.items.items():
            if any(record.uid == uid for record in (*self._events[href], *self._tasks[href])):
                return item
        return None

    def mark(self, event: KnownEvent) -> str:
        """An occurrence's name as RFC 5545 writes it; empty for an event that happens once."""
        if event.recurrence_id is None:
            return ""
        return self._marks[event.uid, event.recurrence_id]

    def card_item(self, uid: str) -> Item | None:
        """The vCard of this contact."""
        for href, card in self._cards.items():
            if card.uid == uid:
                return self._contacts.items.get(href)
        return None

    def note_item(self, name: str) -> Item | None:
        """The note of this name."""
        for href, item in self._notes.items.items():
            if href.rpartition("/")[2].removesuffix(".md") == name:
                return item
        return None

    def table_item(self, name: str) -> Item | None:
        """The table of this name."""
        for href, sheet in self._sheets.items():
            if sheet.name == name:
                return self._tables.items.get(href)
        return None

    def mail_refs(self, message_ids: Sequence[str]) -> dict[str, MailRef]:
        """Where these mails lie now."""
        wanted = set(message_ids)
        return {
            mail.message_id: folder.refs[uid]
            for folder in self._mail.values()
            for uid, mail in folder.mails.items()
            if mail.message_id in wanted
        }

    def folder(self, role: str) -> str:
        """The folder with this role, by its name; the usual name where none has it."""
        for folder in self.folders:
            if folder.role == role:
                return folder.name
        usual = {"sent": "Sent", "drafts": "Drafts", "trash": "Trash", "archive": "Archive"}
        return usual.get(role, "INBOX")
