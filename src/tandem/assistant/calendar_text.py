"""Calendar texts beyond single edits: whole series moved or ended, invitations (RFC 5546)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from icalendar import vCalAddress, vText

from tandem.connectors import edits
from tandem.connectors.calendars import Part, as_list, calendar_of, text_of
from tandem.errors import BadRequest

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def new_task(
    uid: str, title: str, due: datetime | date | None, recurrence: str | None, now: datetime
) -> str:
    """A task that alerts when it is due; a repeating one gets the start that RFC 5545 asks for."""
    alarms = (0,) if isinstance(due, datetime) else ()
    if not recurrence:
        return edits.new_task(uid, title, now=now, due=due, alarms=alarms)
    text = edits.new_task(uid, title, now=now, due=due, alarms=alarms, rrule=recurrence)
    calendar = calendar_of(text)
    for task in _parts(calendar, "VTODO"):
        if due is not None:
            task.add("DTSTART", due)
    return text_of(calendar)


def _parts(calendar: Part, kind: str = "VEVENT") -> list[Part]:
    return [part for part in calendar.subcomponents if part.name == kind]


def _series(text: str) -> Part:
    for part in _parts(calendar_of(text)):
        if part.get("RECURRENCE-ID") is None:
            return part
    raise BadRequest("There is no event in this calendar object.")


def moved_series(text: str, shift: timedelta, length: timedelta, now: datetime) -> str:
    """A repeating event with every occurrence later by `shift` on the clock, `length` long."""
    part = _series(text)
    start: date = part.decoded("DTSTART")
    begin = start + shift
    fields: dict[str, Any] = {"dtstart": begin, "dtend": begin + length}
    turned = begin.weekday() - start.weekday()
    rule = part["RRULE"].to_ical().decode() if part.get("RRULE") is not None else ""
    if rule and turned:
        fields["rrule"] = re.sub(r"BYDAY=([^;]+)", lambda m: f"BYDAY={_turned(m[1], turned)}", rule)
    return edits.changed(text, fields, now=now)


def _turned(days: str, num_days: int) -> str:
    return ",".join(
        day[:-2] + _DAYS[(_DAYS.index(day[-2:]) + num_days) % 7] for day in days.split(",")
    )


def ended_series(text: str, last: datetime, now: datetime) -> str:
    """A repeating event without the occurrences after `last`."""
    part = _series(text)
    if part.get("RRULE") is None:
        raise BadRequest("This event does not repeat.")
    rule = re.sub(r";?(UNTIL|COUNT)=[^;]*", "", part["RRULE"].to_ical().decode()).strip(";")
    is_timed = isinstance(part.decoded("DTSTART"), datetime)
    end = f"{last.astimezone(UTC):%Y%m%dT%H%M%SZ}" if is_timed else f"{last:%Y%m%d}"
    return edits.changed(text, {"rrule": f"{rule};UNTIL={end}"}, now=now)


# --- invitations --------------------------------------------------------------------------------


def with_attendees(
    text: str, people: tuple[tuple[str, str], ...], organizer: tuple[str, str], now: datetime
) -> str:
    """The event with these (name, address) invited; the user organizes what nobody does."""
    calendar = calendar_of(text)
    for part in _parts(calendar):
        if part.get("ORGANIZER") is None:
            part.add("ORGANIZER", _person(*organizer))
        for name, address in people:
            guest = _person(name, address)
            for key, value in (
                ("ROLE", "REQ-PARTICIPANT"), ("PARTSTAT", "NEEDS-ACTION"), ("RSVP", "TRUE"),
            ):  # fmt: skip
                guest.params[key] = vText(value)
            part.add("ATTENDEE", guest)
    return edits.changed(text_of(calendar), {}, now=now)


def _person(name: str, address: str) -> Any:
    person: Any = vCalAddress(f"mailto:{address}")
    if name:
        person.params["CN"] = vText(name)
    return person


def with_method(text: str, method: str) -> str:
    """The object as a message of iTIP: REQUEST or CANCEL."""
    calendar = calendar_of(text)
    calendar.pop("METHOD", None)
    calendar.add("METHOD", method)
    return text_of(calendar)


def answered(text: str, address: str, partstat: str, now: datetime) -> tuple[str, str]:
    """An invitation answered: the object for the own calendar, and the REPLY for the organizer."""
    own = calendar_of(text)
    own.pop("METHOD", None)
    for part in _parts(own):
        mine = _own_entry(part, address)
        mine.params["PARTSTAT"] = vText(partstat)
        mine.params.pop("RSVP", None)
    reply = calendar_of(text_of(own))
    for part in _parts(reply):
        mine = _own_entry(part, address)
        part.pop("ATTENDEE")
        part.subcomponents = []
        part.add("ATTENDEE", mine)
        part.pop("DTSTAMP", None)
        part.add("DTSTAMP", now.astimezone(UTC))
    reply.add("METHOD", "REPLY")
    return text_of(own), text_of(reply)


def _own_entry(part: Part, address: str) -> Any:
    for person in as_list(part.get("ATTENDEE")):
        if str(person).lower() == f"mailto:{address}".lower():
            return person
    person = _person("", address)
    part.add("ATTENDEE", person)
    return part["ATTENDEE"] if not isinstance(part["ATTENDEE"], list) else part["ATTENDEE"][-1]
