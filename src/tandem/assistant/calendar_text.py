"""Writes calendar objects: new ones, changed ones, one occurrence of a repeating one (RFC 5545).

What is not named stays as it is: zones, alarms, attendees and properties nobody here knows.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Todo, vCalAddress, vRecur, vText

from tandem.assistant.parsing import event_end, in_zone, read_calendar
from tandem.errors import StoreBroken

_PRODID = "-//Tandem//assistant//EN"


@dataclass(frozen=True, slots=True)
class EventFields:
    """What an event becomes; `None` leaves it as it is. `end` is exclusive; both dates or both
    datetimes.
    """

    title: str | None = None
    start: datetime | date | None = None
    end: datetime | date | None = None
    place: str | None = None
    recurrence: str | None = None
    alarm_minutes: int | None = None
    description: str | None = None
    attendees: tuple[tuple[str, str], ...] = ()  # (name, address)
    organizer: tuple[str, str] | None = None


def new_event(uid: str, fields: EventFields, now: datetime) -> str:
    """A calendar object with one event."""
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("created", now.astimezone(UTC))
    _fill(event, fields)
    return _with_zones(_calendar(event))


def new_task(
    uid: str, title: str, due: datetime | date | None, recurrence: str | None, now: datetime
) -> str:
    """A calendar object with one task; with a time it alerts when it is due."""
    task = Todo()
    task.add("uid", uid)
    task.add("dtstamp", now.astimezone(UTC))
    task.add("summary", title)
    task.add("status", "NEEDS-ACTION")
    if due is not None:
        if recurrence:  # RFC 5545: a recurring task needs a start
            task.add("dtstart", due)
        task.add("due", due)
    if recurrence:
        task.add("rrule", vRecur.from_ical(recurrence))
    if isinstance(due, datetime):
        task.add_component(_alarm(title, timedelta(0), related="END"))
    return _with_zones(_calendar(task))


def _calendar(component: Any) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", _PRODID)
    calendar.add("version", "2.0")
    calendar.add_component(component)
    return calendar


def _with_zones(calendar: Calendar) -> str:
    """The text with a VTIMEZONE for every zone it names (RFC 5545, 3.6.5)."""
    try:
        calendar.add_missing_timezones()
    except (ValueError, KeyError, TypeError):
        pass  # a zone that nobody knows stays a name
    return calendar.to_ical().decode("utf-8")


def _fill(event: Any, fields: EventFields) -> None:
    if fields.title is not None:
        _set(event, "summary", fields.title)
    if fields.start is not None:
        _set(event, "dtstart", fields.start)
    if fields.end is not None:
        event.pop("DURATION", None)
        _set(event, "dtend", fields.end)
    if fields.place is not None:
        _set(event, "location", fields.place)
    if fields.description is not None:
        _set(event, "description", fields.description)
    if fields.recurrence is not None:
        _set(event, "rrule", vRecur.from_ical(fields.recurrence))
    if fields.alarm_minutes is not None:
        event.subcomponents = [c for c in event.subcomponents if c.name != "VALARM"]
        before = timedelta(minutes=-fields.alarm_minutes)
        event.add_component(_alarm(str(event.get("SUMMARY", "")), before))
    if fields.organizer is not None and "ORGANIZER" not in event:
        event.add("organizer", _person(*fields.organizer), encode=0)
    for name, address in fields.attendees:
        attendee = _person(name, address)
        attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
        attendee.params["PARTSTAT"] = vText("NEEDS-ACTION")
        attendee.params["RSVP"] = vText("TRUE")
        event.add("attendee", attendee, encode=0)


def _set(event: Any, name: str, value: Any) -> None:
    event.pop(name.upper(), None)
    event.add(name, value)


def _person(name: str, address: str) -> Any:
    person = vCalAddress(f"mailto:{address}")
    if name:
        person.params["CN"] = vText(name)
    return person


def _alarm(title: str, trigger: timedelta, *, related: str = "") -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", trigger, parameters={"RELATED": related} if related else None)
    return alarm


# --- changing -----------------------------------------------------------------------------------


def parse(text: str) -> Calendar:
    """The calendar object; raises `StoreBroken` when it is none."""
    calendar = read_calendar(text)
    if calendar is None:
        raise StoreBroken(
            "The event in the calendar cannot be read.", remedy="Nothing was changed."
        )
    return calendar


def change_event(
    text: str, fields: EventFields, now: datetime, zone: ZoneInfo,
    occurrence: datetime | None = None,
) -> str:  # fmt: skip
    """The whole event, or one occurrence of it, with other fields."""
    calendar = parse(text)
    if occurrence is None:
        target = _master(calendar)
    else:
        target = _override(calendar, occurrence, zone)
    _fill(target, _in_event_zone(target, fields))
    _touch(target, now)
    return _with_zones(calendar)


def cancel_occurrence(text: str, occurrence: datetime, now: datetime, zone: ZoneInfo) -> str:
    """The event without this occurrence."""
    calendar = parse(text)
    master = _master(calendar)
    calendar.subcomponents = [
        c for c in calendar.subcomponents if not _is_occurrence(c, occurrence, zone)
    ]
    master.add("exdate", _like(master["DTSTART"].dt, occurrence))
    _touch(master, now)
    return _with_zones(calendar)


def end_series(text: str, last: datetime, now: datetime, zone: ZoneInfo) -> str:
    """The repeating event, whose occurrences after `last` are gone."""
    calendar = parse(text)
    master = _master(calendar)
    rule = vRecur(cast(Any, master["RRULE"]))
    rule.pop("COUNT", None)
    is_timed = isinstance(master["DTSTART"].dt, datetime)
    rule["UNTIL"] = [last.astimezone(UTC) if is_timed else last.date()]
    _set(master, "rrule", rule)
    calendar.subcomponents = [
        c
        for c in calendar.subcomponents
        if "RECURRENCE-ID" not in c or in_zone(c["RECURRENCE-ID"].dt, zone) <= last
    ]
    _touch(master, now)
    return _with_zones(calendar)


def shift_series(text: str, delta: timedelta, end_delta: timedelta, now: datetime) -> str:
    """Every occurrence of a repeating event later by `delta`; its end by `end_delta`."""
    calendar = parse(text)
    master = _master(calendar)
    start, end = master["DTSTART"].dt, event_end(master)
    _fill(master, EventFields(start=start + delta, end=end + end_delta))
    rule: Any = master.get("RRULE")
    days = delta.days if isinstance(start, datetime) else delta.days
    moved = (start + delta).weekday() - start.weekday()
    if rule is not None and "BYDAY" in rule and moved:
        _set(master, "rrule", _turned(vRecur(rule), moved))
    for name in ("EXDATE",):
        if name in master and days == 0 and delta:
            _shift_dates(master, name, delta)
    _touch(master, now)
    return _with_zones(calendar)


_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def _turned(rule: vRecur, num_days: int) -> vRecur:
    turned = [
        str(day)[:-2] + _DAYS[(_DAYS.index(str(day)[-2:]) + num_days) % 7] for day in rule["BYDAY"]
    ]
    rule["BYDAY"] = turned
    return rule


def _shift_dates(master: Any, name: str, delta: timedelta) -> None:
    old = master.pop(name)
    for group in old if isinstance(old, list) else [old]:
        for one in group.dts:
            master.add(name.lower(), one.dt + delta)


def set_task(
    text: str, now: datetime, *, title: str | None = None, due: datetime | date | None = None,
    is_done: bool = False,
) -> str:  # fmt: skip
    """A task with another name or time, or ticked off."""
    calendar = parse(text)
    task = next(iter(calendar.walk("VTODO")))
    if title is not None:
        _set(task, "summary", title)
    if due is not None:
        _set(task, "due", due)
    if is_done:
        _set(task, "status", "COMPLETED")
        _set(task, "percent-complete", 100)
        _set(task, "completed", now.astimezone(UTC))
    _touch(task, now)
    return _with_zones(calendar)


def _master(calendar: Calendar) -> Any:
    events = list(calendar.walk("VEVENT"))
    if not events:
        raise StoreBroken("There is no event in this calendar object.")
    return next((e for e in events if "RECURRENCE-ID" not in e), events[0])


def _is_occurrence(component: Any, occurrence: datetime, zone: ZoneInfo) -> bool:
    original = component.get("RECURRENCE-ID")
    return original is not None and in_zone(original.dt, zone) == occurrence


def _override(calendar: Calendar, occurrence: datetime, zone: ZoneInfo) -> Any:
    """The component of this occurrence; made from the master where there is none yet."""
    for component in calendar.walk("VEVENT"):
        if _is_occurrence(component, occurrence, zone):
            return component
    master = _master(calendar)
    override = copy.deepcopy(master)
    for name in ("RRULE", "RDATE", "EXDATE", "EXRULE"):
        override.pop(name, None)
    start = master["DTSTART"].dt
    length = event_end(master) - start
    moment = _like(start, occurrence)
    override.pop("DURATION", None)
    _set(override, "dtstart", moment)
    _set(override, "dtend", moment + length)
    override.add("recurrence-id", moment)
    calendar.add_component(override)
    return override


def _like(pattern: datetime | date, moment: datetime) -> datetime | date:
    """The moment written as the event writes its own: a date, a floating time, in its zone."""
    if not isinstance(pattern, datetime):
        return moment.date()
    if pattern.tzinfo is None:
        return moment.replace(tzinfo=None)
    return moment.astimezone(pattern.tzinfo)


def _in_event_zone(event: Any, fields: EventFields) -> EventFields:
    """New times in the zone the event had, so that it keeps its meaning for those invited."""
    old = event["DTSTART"].dt if "DTSTART" in event else None

    def moved(moment: datetime | date | None) -> datetime | date | None:
        if not isinstance(moment, datetime) or not isinstance(old, datetime) or not old.tzinfo:
            return moment
        return moment.astimezone(old.tzinfo)

    return EventFields(
        fields.title, moved(fields.start), moved(fields.end), fields.place, fields.recurrence,
        fields.alarm_minutes, fields.description, fields.attendees, fields.organizer,
    )  # fmt: skip


def _touch(component: Any, now: datetime) -> None:
    _set(component, "dtstamp", now.astimezone(UTC))
    _set(component, "last-modified", now.astimezone(UTC))
    _set(component, "sequence", int(component.get("SEQUENCE", 0)) + 1)


# --- iTIP (RFC 5546) ----------------------------------------------------------------------------


def with_method(text: str, method: str) -> str:
    """The object as a message of iTIP: REQUEST, REPLY or CANCEL."""
    calendar = parse(text)
    calendar.pop("METHOD", None)
    calendar.add("method", method)
    return calendar.to_ical().decode("utf-8")


def accepted(text: str, address: str, partstat: str, now: datetime) -> tuple[str, str]:
    """An invitation answered: the object for the own calendar, and the REPLY for the organizer."""
    calendar = parse(text)
    calendar.pop("METHOD", None)
    mine = []
    for event in calendar.walk("VEVENT"):
        people = event.get("ATTENDEE", [])
        people = people if isinstance(people, list) else [people]
        for person in people:
            if str(person).lower() == f"mailto:{address}".lower():
                person.params["PARTSTAT"] = vText(partstat)
                person.params.pop("RSVP", None)
                mine = [person]
        if not mine:
            me = _person("", address)
            me.params["PARTSTAT"] = vText(partstat)
            event.add("attendee", me, encode=0)
            mine = [me]
    own = calendar.to_ical().decode("utf-8")
    for event in calendar.walk("VEVENT"):
        event.pop("ATTENDEE", None)
        event.subcomponents = []
        event.add("attendee", mine[0], encode=0)
        _set(event, "dtstamp", now.astimezone(UTC))
    calendar.add("method", "REPLY")
    return own, calendar.to_ical().decode("utf-8")
