"""The texts of the stores as records: .ics, .vcf and mails. Broken ones give what can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar
from icalendar.parser import Contentlines

from tandem.connectors.mime import body_of, header_of, parsed
from tandem.connectors.records import Mail
from tandem.understanding.known import KnownContact, KnownEvent, KnownMail, KnownTask

PAST, FUTURE = timedelta(days=60), timedelta(days=300)
"""Occurrences of a repeating event are known in this window around now."""

# --- calendars ----------------------------------------------------------------------------------


def read_calendar(text: str) -> Calendar | None:
    """A calendar object, or `None` where the text is none."""
    try:
        return cast(Calendar, Calendar.from_ical(text))
    except (ValueError, KeyError, IndexError):
        return None


def events_of(text: str, zone: ZoneInfo, now: datetime) -> Iterator[KnownEvent]:
    """Every event of a calendar object; of a repeating one the occurrences around now."""
    calendar = read_calendar(text)
    if calendar is None:
        return
    events = list(calendar.walk("VEVENT"))
    repeats = any("RRULE" in event or "RDATE" in event for event in events)
    if not repeats:
        for event in events:
            if known := _event(event, zone, is_repeating=False):
                yield known
        return
    try:
        found = recurring_ical_events.of(calendar, components=["VEVENT"]).between(
            now - PAST, now + FUTURE
        )
    except (ValueError, TypeError, KeyError, OverflowError):
        found = events
    for event in found:
        if known := _event(event, zone, is_repeating=True):
            yield known


def _event(event: Any, zone: ZoneInfo, *, is_repeating: bool) -> KnownEvent | None:
    try:
        start, end = event["DTSTART"].dt, event_end(event)
    except (KeyError, AttributeError, ValueError):
        return None
    is_all_day = not isinstance(start, datetime)
    original = event.get("RECURRENCE-ID")
    moment = original.dt if original is not None else start
    params = getattr(event["DTSTART"], "params", {})
    return KnownEvent(
        uid=str(event.get("UID", "")),
        summary=str(event.get("SUMMARY", "")),
        start=in_zone(start, zone),
        end=in_zone(end, zone),
        is_all_day=is_all_day,
        recurrence_id=in_zone(moment, zone) if is_repeating else None,
        location=str(event.get("LOCATION", "")),
        attendees=tuple(_addresses(event.get("ATTENDEE"))),
        description=str(event.get("DESCRIPTION", "")),
        organizer=next(_addresses(event.get("ORGANIZER")), ""),
        alarm_minutes=_alarm(event),
        zone=str(params.get("TZID", "")),
    )


def event_end(event: Any) -> date | datetime:
    """The end of an event by DTEND, by DURATION, or as RFC 5545 says where there is neither."""
    if "DTEND" in event:
        return event["DTEND"].dt
    start = event["DTSTART"].dt
    if "DURATION" in event:
        return start + event["DURATION"].dt
    return start if isinstance(start, datetime) else start + timedelta(days=1)


def in_zone(moment: date | datetime, zone: ZoneInfo) -> datetime:
    """A moment in the user's zone; a date is its midnight, a floating time is the user's."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(), zone)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=zone)
    return moment.astimezone(zone)


def _addresses(field: Any) -> Iterator[str]:
    for one in field if isinstance(field, list) else [field] if field is not None else []:
        yield re.sub(r"(?i)^mailto:", "", str(one))


def _alarm(event: Any) -> int | None:
    for alarm in event.walk("VALARM"):
        trigger = getattr(alarm.get("TRIGGER"), "dt", None)
        if isinstance(trigger, timedelta):
            return round(-trigger.total_seconds() / 60)
    return None


def tasks_of(text: str, zone: ZoneInfo) -> Iterator[KnownTask]:
    """Every task of a calendar object."""
    calendar = read_calendar(text)
    for task in calendar.walk("VTODO") if calendar is not None else ():
        due = getattr(task.get("DUE"), "dt", None)
        rule = task.get("RRULE")
        yield KnownTask(
            uid=str(task.get("UID", "")),
            summary=str(task.get("SUMMARY", "")),
            due=in_zone(due, zone) if isinstance(due, datetime) else due,
            is_done=str(task.get("STATUS", "")) in ("COMPLETED", "CANCELLED"),
            description=str(task.get("DESCRIPTION", "")),
            recurrence=rule.to_ical().decode() if rule is not None else None,
        )


# --- cards --------------------------------------------------------------------------------------


def contact_of(text: str) -> KnownContact | None:
    """A vCard of any version as a record, or `None` where it has no name."""
    fields = list(card_lines(text))
    values = {name: value for name, _, value in reversed(fields)}
    name = values.get("FN") or " ".join(reversed(values.get("N", "").split(";")[:2])).strip()
    if not name:
        return None
    phonetic = (values.get("X-PHONETIC-LAST-NAME", ""), values.get("X-PHONETIC-FIRST-NAME", ""))
    relations = [v for n, _, v in fields if n in ("RELATED", "X-ABRELATEDNAMES", "CATEGORIES")]
    return KnownContact(
        uid=values.get("UID", ""),
        name=name,
        nicknames=tuple(
            nick.strip() for nick in values.get("NICKNAME", "").split(",") if nick.strip()
        ),
        emails=tuple(v for n, _, v in fields if n == "EMAIL"),
        phones=tuple(v.removeprefix("tel:") for n, _, v in fields if n == "TEL"),
        organisation=values.get("ORG", "").replace(";", " ").strip(),
        title=values.get("TITLE", "") or values.get("ROLE", ""),
        note=values.get("NOTE", ""),
        phonetic=" ".join(phonetic).strip(),
        birthday=_birthday(values.get("BDAY", "")),
        address=", ".join(part for part in values.get("ADR", "").split(";") if part),
        relations=tuple(relations),
    )


def card_lines(text: str) -> Iterator[tuple[str, str, str]]:
    """A vCard's lines as (NAME, parameters, value), unfolded and unescaped."""
    for line in Contentlines.from_ical(text):
        head, colon, value = str(line).partition(":")
        if not colon:
            continue
        name, _, parameters = head.partition(";")
        yield name.rpartition(".")[2].upper(), parameters, unescape(value.strip())


def unescape(value: str) -> str:
    """RFC 6350, 3.4, but `\\;` and `\\,` keep no mark of having been escaped."""
    return re.sub(r"\\([nN;,\\:])", lambda m: "\n" if m[1] in "nN" else m[1], value)


def _birthday(value: str) -> date | None:
    digits = re.sub(r"\D", "", value.split("T")[0])
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


# --- mail ---------------------------------------------------------------------------------------


def known_mail(mail: Mail, raw: bytes) -> KnownMail:
    """A mail with its text; what cannot be decoded is left out."""
    head, body = mail.head, body_of(raw)
    sender = head.sender
    invitation = invitation_of(raw)
    return KnownMail(
        message_id=head.message_id,
        folder=mail.ref.folder,
        sender_name=sender.name if sender else "",
        sender=sender.address if sender else "",
        to=tuple(one.address for one in head.to),
        cc=tuple(one.address for one in head.cc),
        subject=head.subject,
        at=datetime.fromtimestamp(head.sent_at or mail.received_at, tz=ZoneInfo("UTC")),
        text=_HIDDEN.sub("", body.text).strip(),
        flags=mail.flags,
        attachments=tuple(part.name for part in body.attachments if part.name),
        list_id=header_of(raw, "List-Id") or header_of(raw, "List-Unsubscribe"),
        invitation=_invitation_uid(invitation) if invitation else None,
        in_reply_to=head.in_reply_to or None,
    )


# Comments and characters that no reader sees: a favourite hiding place of instructions.
_HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]",
    re.DOTALL,
)


def invitation_of(raw: bytes) -> str | None:
    """The iCalendar text of an invitation (iMIP), where the mail has one."""
    for part in parsed(raw).walk():
        if part.get_content_type() == "text/calendar":
            payload = part.get_payload(decode=True)
            return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else None
    return None


def _invitation_uid(text: str) -> str | None:
    calendar = read_calendar(text)
    if calendar is None or str(calendar.get("METHOD", "")).upper() not in ("REQUEST", ""):
        return None
    return next((str(event.get("UID", "")) for event in calendar.walk("VEVENT")), None)
