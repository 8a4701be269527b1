"""All events of a time at once: "cancel my meetings on Friday before twelve". Pure.

What is done to several records waits for a yes that sees their number.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from tandem.understanding.known import Known, KnownEvent
from tandem.understanding.moments import setting_of
from tandem.understanding.reading import Call, Filled, Ref
from tandem.understanding.structure.people import people_in
from tandem.understanding.times import TimeReading, find

_CANCEL = re.compile(
    r"\b(?:cancel|delete|clear|remove|drop|call off|get rid of|scrap|wipe)\s+(?:out )?(?:all (?:of )?|every |each )?(?:my |the |our )?(?:other )?"
    r"(?:(?P<things>meetings|events|appointments|calls|plans|everything|anything)(?: (?:in|on) my (?:calendar|diary))?|(?:calendar|schedule|diary|day))\b(?P<rest>.*)$"
    r"|(?P<zh>.*?)(?:的)?(?:所有|全部)?(?:的)?(?:会议|日程|安排|会|约会)(?:都|全部?|全都|统统)(?:取消|删掉|删除|推掉|清掉|清空)"
    r"|(?:取消|删掉|删除|推掉|清空)(?P<zh2>.*?)(?:的)?(?:所有|全部)(?:的)?(?:会议|日程|安排|会|约会)",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"\b(?:on|in|for|at|with|from|this|that|the|my|please|thanks|can|you|do|and|all|of|are|is|i|have)\b|[\W_]+|把|我|帮|请|的|跟|和|与|将",
    re.IGNORECASE,
)


def many_events(text: str, known: Known) -> Call | None:
    """The call that cancels every event of a time; `None` where the words ask for no such thing,
    or name something besides a time and people.
    """
    found = _CANCEL.search(text)
    if found is None:
        return None
    rest = found["rest"] or found["zh"] or found["zh2"] or ""
    times = [
        one for one in find(rest, setting_of(known)) if one.best and one.best.kind != "duration"
    ]
    people = people_in(rest, known)
    left = list(rest)
    for one in (*times, *people):
        left[one.start : one.end] = " " * (one.end - one.start)
    if not times or _PLAIN.sub("", "".join(left)):
        return None
    readings = [one.best for one in times if one.best is not None]
    addresses = {m.lower() for one in people for c in one.contacts for m in c.emails}
    events = [
        event
        for event in known.events
        if all(_is_in(event, reading, known) for reading in readings)
        and (not people or addresses & {a.lower() for a in event.attendees})
    ]
    if not events:
        return None
    refs = tuple(Ref("event", event.uid, event.recurrence_id) for event in events)
    return Call("event_cancel", {"event": Filled(found[0].strip(), refs)}, 0.95)


def _is_in(event: KnownEvent, reading: TimeReading, known: Known) -> bool:
    """Whether the event begins in the time; an open end goes to the day's end."""
    start, end = _borders(reading)
    if start is None and end is None:
        return True
    zone = known.now.tzinfo
    first = start or datetime.combine((end or datetime.max).date(), time())
    last = end or datetime.combine(first.date() + timedelta(days=1), time())
    return first.replace(tzinfo=zone) <= event.start < last.replace(tzinfo=zone)


def _borders(reading: TimeReading) -> tuple[datetime | None, datetime | None]:
    start, end = (_moment(one) for one in (reading.start, reading.end))
    if start is not None and end is None and reading.kind == "date":
        return start, start + timedelta(days=1)
    if start is not None and end is None and reading.kind == "datetime":
        return start, start + timedelta(minutes=1)
    return start, end


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    return None
