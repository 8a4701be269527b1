"""New calendar texts and changes to old ones: a whole series, or one occurrence of it. Pure.

Whatever a change does not name stays: unknown properties, alarms, attendees, other occurrences. The
SEQUENCE rises where a guest must notice (RFC 5546, 2.1.4).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar

from tandem.connectors.calendars import LIBRARY_FAULTS, Part, as_list, calendar_of, text_of
from tandem.errors import BadRequest

_types: Any = icalendar  # partly untyped

_FRAME = frozenset({"BEGIN", "END"})
PRODID = "-//Tandem//EN"


@contextmanager
def _readable() -> Generator[None]:
    """What the library cannot make sense of is said, whatever it raises."""
    try:
        yield
    except BadRequest:
        raise
    except LIBRARY_FAULTS as error:
        raise BadRequest(
            f"This calendar text is damaged ({type(error).__name__}).",
            remedy="Change it in the program that made it.",
        ) from None


def new_event(
    uid: str,
    summary: str,
    start: date,
    end: date,
    *,
    now: datetime,
    alarms: Iterable[int] = (),
    attendees: Iterable[str] = (),
    **fields: str,
) -> str:
    """An event. `start` and `end` are both dates (all day, `end` exclusive) or both aware.

    `alarms` are minutes before the start, `attendees` addresses; `fields` are properties by their
    small name: location, description, rrule, organizer, status, transp.
    """
    event: Part = icalendar.Event()
    _put(event, {"uid": uid, "dtstamp": now.astimezone(UTC), "summary": summary})
    _put(event, {"dtstart": start, "dtend": end, **fields})
    for each in attendees:
        _add_attendee(event, each)
    _set_alarms(event, summary, alarms)
    return _wrapped(event)


def new_task(
    uid: str,
    summary: str,
    *,
    now: datetime,
    due: date | None = None,
    alarms: Iterable[int] = (),
    **fields: str,
) -> str:
    """A task; `fields` as in `new_event`."""
    task: Part = icalendar.Todo()
    given: dict[str, Any] = {"uid": uid, "dtstamp": now.astimezone(UTC), "summary": summary}
    _put(task, {**given, "status": "NEEDS-ACTION", **({"due": due} if due else {}), **fields})
    _set_alarms(task, summary, alarms)
    return _wrapped(task)


@_readable()
def changed(
    text: str,
    fields: Mapping[str, Any],
    *,
    now: datetime,
    recurrence_id: str = "",
    alarms: Iterable[int] | None = None,
) -> str:
    """The text with properties set (`None` takes one away), of all or of one occurrence.

    A new `dtstart` without `dtend` keeps the length. Times are `date` or aware `datetime`. A
    changed start of a whole series moves the occurrences that were changed or left out with it.
    """
    calendar = calendar_of(text)
    part = _part(calendar, recurrence_id)
    before = part.decoded("DTSTART") if part.get("DTSTART") is not None else None
    wanted = dict(fields)
    if "dtstart" in wanted and "dtend" not in wanted and before is not None:
        length = _length(part, before)
        part.pop("DURATION", None)
        wanted["dtend"] = _later(wanted["dtstart"], length)
    if "dtend" in wanted:
        part.pop("DURATION", None)
    _put(part, wanted)
    if "dtstart" in wanted and before is not None and not recurrence_id:
        _shift_marks(calendar, part, before, wanted["dtstart"])
    if alarms is not None:
        part.subcomponents = [each for each in part.subcomponents if each.name != "VALARM"]
        _set_alarms(part, str(part.get("SUMMARY", "")), alarms)
    _touch(part, now)
    return _whole(text, _written(calendar), set(wanted) | {"duration"})


@_readable()
def without(text: str, recurrence_id: str, *, now: datetime) -> str:
    """The series without this occurrence (EXDATE). Raises `BadRequest` if it is none."""
    calendar = calendar_of(text)
    master = _master(calendar)
    if master.get("RRULE") is None and master.get("RDATE") is None:
        raise BadRequest("This event happens once.", remedy="Remove it as a whole.")
    moment = _moment(recurrence_id, master)
    gone = [each for each in calendar.subcomponents if _is_override(each, recurrence_id, master)]
    calendar.subcomponents = [
        each for each in calendar.subcomponents if not any(each is other for other in gone)
    ]
    dropped = {str(name) for part in gone for one in part.walk() for name in one}
    master.add("EXDATE", moment)
    _touch(master, now)
    return _whole(text, _written(calendar), {part.upper() for part in dropped})


@_readable()
def until(text: str, recurrence_id: str, *, now: datetime) -> str:
    """The series ended before this occurrence: this one and all after it are gone."""
    calendar = calendar_of(text)
    master = _master(calendar)
    rule = master.get("RRULE")
    if rule is None:
        raise BadRequest("This event has no rule to end.", remedy="Remove single occurrences.")
    moment = _moment(recurrence_id, master)
    rule.pop("COUNT", None)
    if isinstance(moment, datetime):
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        rule["UNTIL"] = [aware.astimezone(UTC) - timedelta(seconds=1)]
    else:
        rule["UNTIL"] = [moment - timedelta(days=1)]
    _touch(master, now)
    return _whole(text, _written(calendar), set())


# --- parts --------------------------------------------------------------------------------------


def _wrapped(part: Part) -> str:
    calendar: Part = icalendar.Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", PRODID)
    calendar.add_component(part)
    return _written(calendar)


def _written(calendar: Part) -> str:
    """A TZID without its VTIMEZONE would be read as another time by others."""
    starts: list[date] = [
        part.decoded("DTSTART")
        for part in calendar.subcomponents
        if part.name in ("VEVENT", "VTODO") and part.get("DTSTART") is not None
    ]
    # From the year before on: the whole history of a zone would be 3 kB in every event.
    first = min((each.year for each in starts), default=2000) - 1
    calendar.add_missing_timezones(first_date=date(max(first, 1970), 1, 1))
    return text_of(calendar)


def _whole(before: str, after: str, touched: set[str]) -> str:
    """`after`, if nothing but what was touched has gone: what the library cannot read, it drops."""
    names = {name.upper() for name in touched} | {"SEQUENCE", "DTSTAMP", "LAST-MODIFIED"}
    lost = _properties(before) - _properties(after)
    if lost := {name for name in lost if name not in names}:
        raise BadRequest(
            f"This calendar text is damaged: a change would lose its {min(lost)}.",
            remedy="Change it in the program that made it.",
        )
    return after


def _properties(text: str) -> Counter[str]:
    """How often each property with a value is there; time zones apart, which are written anew."""
    lines = re.sub(r"\r?\n[ \t]", "", text).splitlines()
    found: Counter[str] = Counter()
    zone = False
    for line in lines:
        name = re.match(r"([\w-]+)\s*[;:]", line)
        if line.upper().startswith(("BEGIN:VTIMEZONE", "END:VTIMEZONE")):
            zone = line.upper().startswith("BEGIN")
        elif name and not zone and not line.endswith(":") and name[1].upper() not in _FRAME:
            found[name[1].upper()] += 1
    return found


def _master(calendar: Part) -> Part:
    for part in calendar.subcomponents:
        if part.name in ("VEVENT", "VTODO") and part.get("RECURRENCE-ID") is None:
            return part
    raise BadRequest("The text holds no event and no task.", remedy="Look at it again.")


def _part(calendar: Part, recurrence_id: str) -> Part:
    """The event itself, or its one occurrence, which becomes a part of its own here."""
    master = _master(calendar)
    if not recurrence_id:
        return master
    for each in calendar.subcomponents:
        if _is_override(each, recurrence_id, master):
            return each
    single = deepcopy(master)
    for name in ("RRULE", "RDATE", "EXDATE", "EXRULE"):
        single.pop(name, None)
    start: date = master.decoded("DTSTART")
    moment = _moment(recurrence_id, master)
    length = _length(master, start)
    single.pop("DURATION", None)
    _put(single, {"dtstart": moment, "recurrence-id": moment})
    if master.name == "VEVENT":
        _put(single, {"dtend": _later(moment, length)})
    elif master.get("DUE") is not None:
        _put(single, {"due": moment + (master.decoded("DUE") - start)})
    calendar.add_component(single)
    return single


def _is_override(part: Part, recurrence_id: str, master: Any) -> bool:
    marker = part.get("RECURRENCE-ID")
    if marker is None:
        return False
    return _instant(marker.dt) == _instant(_moment(recurrence_id, master))


def _moment(recurrence_id: str, master: Part) -> date:
    """The occurrence's own start, in the zone of the series."""
    try:
        moment: Any = _types.vDDDTypes.from_ical(recurrence_id)
    except ValueError:
        raise BadRequest("This names no occurrence.", remedy="Look at the series again.") from None
    start = master.decoded("DTSTART") if master.get("DTSTART") is not None else None
    if isinstance(start, datetime) and isinstance(moment, datetime):
        if start.tzinfo and moment.tzinfo:
            return moment.astimezone(start.tzinfo)
        return moment.replace(tzinfo=start.tzinfo)
    return moment


def _instant(value: date) -> tuple[int, ...]:
    if isinstance(value, datetime) and value.tzinfo:
        value = value.astimezone(UTC)
    return value.timetuple()[:6]


def _length(part: Part, start: date) -> timedelta:
    """Elapsed time: across a change of the clocks eight hours stay eight hours."""
    if part.get("DTEND") is not None:
        end = part.decoded("DTEND")
        if isinstance(start, datetime) and start.tzinfo and end.tzinfo:
            return end.astimezone(UTC) - start.astimezone(UTC)
        return end - start
    if part.get("DURATION") is not None:
        return part.decoded("DURATION")
    return timedelta() if isinstance(start, datetime) else timedelta(days=1)


def _later(start: date, length: timedelta) -> date:
    if isinstance(start, datetime) and start.tzinfo:
        return (start.astimezone(UTC) + length).astimezone(start.tzinfo)
    return start + length


def _shift_marks(calendar: Part, master: Part, before: date, after: date) -> None:
    """What was said of single occurrences goes along with the series: by the wall clock."""
    if isinstance(before, datetime) != isinstance(after, datetime):
        return
    shift = _wall(after) - _wall(before)
    zone = after.tzinfo if isinstance(after, datetime) else None

    def moved(value: date) -> date:
        found = value + shift
        return found.replace(tzinfo=zone) if isinstance(found, datetime) else found

    excluded: Any = master.pop("EXDATE", None)
    for group in as_list(excluded):
        for each in group.dts:
            master.add("EXDATE", moved(each.dt))
    for part in calendar.subcomponents:
        marker = part.get("RECURRENCE-ID")
        if marker is not None:
            _put(part, {"recurrence-id": moved(marker.dt)})


def _wall(value: date) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime(value.year, value.month, value.day)


def _put(part: Part, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        part.pop(name.upper(), None)
        if value is None or value == "":
            continue
        if name.lower() == "rrule" and isinstance(value, str):
            value = icalendar.vRecur.from_ical(value)
        if name.lower() == "organizer":
            value = icalendar.vCalAddress(f"mailto:{value}")
        part.add(name.upper(), value)


def _add_attendee(part: Part, address: str) -> None:
    guest = icalendar.vCalAddress(f"mailto:{address}")
    guest.params["PARTSTAT"] = "NEEDS-ACTION"
    guest.params["RSVP"] = "TRUE"
    part.add("ATTENDEE", guest)


def _set_alarms(part: Part, summary: str, minutes: Iterable[int]) -> None:
    for each in minutes:
        alarm: Part = icalendar.Alarm()
        alarm.add("ACTION", "DISPLAY")
        alarm.add("DESCRIPTION", summary)
        alarm.add("TRIGGER", -timedelta(minutes=each))
        part.add_component(alarm)


def _touch(part: Part, now: datetime) -> None:
    sequence = int(part.get("SEQUENCE", 0))
    _put(part, {"sequence": sequence + 1, "dtstamp": now.astimezone(UTC)})
    if part.get("LAST-MODIFIED") is not None:
        _put(part, {"last-modified": now.astimezone(UTC)})
