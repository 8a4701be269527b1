"""The stores' records as the readers know them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tandem.connectors.calendars import Occurrence, Task, agenda, calendar_of, tasks
from tandem.connectors.cards import Person
from tandem.connectors.mime import body_of, header_of
from tandem.connectors.records import Item, Mail
from tandem.errors import BadRequest
from tandem.understanding.known import KnownContact, KnownEvent, KnownMail, KnownTask

PAST, FUTURE = timedelta(days=60), timedelta(days=300)
"""Occurrences of a repeating event are known in this window around now."""

_ALWAYS = timedelta(days=3650)
"""Single events are known as far as this: they cost nothing."""


def events_of(item: Item, zone: ZoneInfo, now: datetime) -> Iterator[tuple[KnownEvent, str]]:
    """The events of a calendar object, each with its occurrence's name as RFC 5545 writes it."""
    span = (PAST, FUTURE) if re.search(r"(?m)^(RRULE|RDATE)", item.text) else (_ALWAYS, _ALWAYS)
    for one in agenda([item], now - span[0], now + span[1], zone).events:
        yield _event(one, zone), one.recurrence_id


def _event(one: Occurrence, zone: ZoneInfo) -> KnownEvent:
    return KnownEvent(
        uid=one.uid,
        summary=one.summary,
        start=one.start.astimezone(zone),
        end=one.end.astimezone(zone),
        is_all_day=one.is_all_day,
        recurrence_id=_mark(one.recurrence_id, one.start, zone) if one.recurrence_id else None,
        location=one.location,
        attendees=one.attendees,
        description=one.description,
        organizer=one.organizer,
        alarm_minutes=one.alarms[0] if one.alarms else None,
    )


def _mark(written: str, start: datetime, zone: ZoneInfo) -> datetime:
    """An occurrence's name as a moment; its own start where the name has another form."""
    try:
        if len(written) == 8:
            return datetime.strptime(written, "%Y%m%d").replace(tzinfo=zone)
        if written.endswith("Z"):
            moment = datetime.strptime(written, "%Y%m%dT%H%M%SZ").replace(tzinfo=ZoneInfo("UTC"))
            return moment.astimezone(zone)
        return datetime.strptime(written, "%Y%m%dT%H%M%S").replace(tzinfo=zone)
    except ValueError:
        return start.astimezone(zone)


def tasks_of(item: Item, zone: ZoneInfo) -> Iterator[KnownTask]:
    """The tasks of a calendar object."""
    for task in tasks([item], zone):
        yield KnownTask(
            uid=task.uid,
            summary=task.summary,
            due=_due(task, zone),
            is_done=not task.is_open,
            description=task.description,
            recurrence=task.rrule or None,
        )


def _due(task: Task, zone: ZoneInfo) -> datetime | date | None:
    if task.due is None:
        return None
    local = task.due.astimezone(zone)
    return local.date() if task.is_all_day else local


def contact_of(person: Person) -> KnownContact:
    """A card as a record."""
    return KnownContact(
        uid=person.uid,
        name=person.name,
        nicknames=person.names[1:],
        emails=person.mails,
        phones=person.phones,
        organisation=person.organization,
        title=person.title,
        note=person.note,
        phonetic=" ".join(reversed(person.words)),
        birthday=_birthday(person.birthday),
        address=person.address,
    )


def _birthday(value: str) -> date | None:
    digits = re.sub(r"\D", "", value.split("T")[0])
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def known_mail(mail: Mail, raw: bytes) -> KnownMail:
    """A mail with the text that its reader sees."""
    head, body = mail.head, body_of(raw)
    sender = head.sender
    return KnownMail(
        message_id=head.message_id,
        folder=mail.ref.folder,
        sender_name=sender.name if sender else "",
        sender=sender.address if sender else "",
        to=tuple(one.address for one in head.to),
        cc=tuple(one.address for one in head.cc),
        subject=head.subject,
        at=datetime.fromtimestamp(head.sent_at or mail.received_at, tz=ZoneInfo("UTC")),
        text=_UNSEEN.sub("", body.text).strip(),
        flags=mail.flags,
        attachments=tuple(
            part.name for part in body.attachments if part.name and part.kind != "text/calendar"
        ),
        list_id=header_of(raw, "List-Id") or header_of(raw, "List-Unsubscribe"),
        invitation=_invitation_uid(invitation_of(raw)),
        in_reply_to=head.in_reply_to or None,
    )


# Comments and characters that no reader sees: a favourite hiding place of instructions.
_UNSEEN = re.compile(
    "<!--.*?(?:-->|\\Z)|[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]",
    re.DOTALL,
)


def invitation_of(raw: bytes) -> str | None:
    """The iCalendar text of an invitation (iMIP), where the mail has one."""
    for part in body_of(raw).attachments:
        if part.kind == "text/calendar":
            return part.content.decode("utf-8", "replace")
    return None


def _invitation_uid(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        calendar = calendar_of(text)
    except BadRequest:
        return None
    if str(calendar.get("METHOD", "")).upper() not in ("REQUEST", ""):
        return None
    parts: Iterable[str] = (
        str(part.get("UID", "")) for part in calendar.subcomponents if part.name == "VEVENT"
    )
    return next(iter(parts), None)
