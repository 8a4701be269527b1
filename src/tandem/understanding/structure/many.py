"""All events of a time at once: "cancel my meetings on Friday before twelve", "push everything on
Thursday afternoon back by half an hour". Pure.

What takes several records away waits for a yes that sees their number.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from tandem.understanding.known import Known, KnownEvent
from tandem.understanding.moments import length_of, setting_of
from tandem.understanding.reading import Call, Filled, Ref
from tandem.understanding.structure.people import people_in
from tandem.understanding.times import TimeExpression, TimeReading, find

_CANCEL = re.compile(
    r"\b(?:cancel|delete|clear|remove|drop|call off|get rid of|scrap|wipe)\s+(?:out )?(?:all (?:of )?|every |each )?(?:my |the |our )?(?:other )?"
    r"(?:(?P<things>meetings|events|appointments|calls|plans|everything|anything|what(?:ever|'s| is))(?: (?:in|on) my (?:calendar|diary))?|(?:calendar|schedule|diary|day))\b(?P<rest>.*)$"
    r"|^\W*(?:cancel|clear|wipe)(?: out)? (?:my |all (?:of )?(?:my )?)?(?P<part>(?:\w+ )?(?:morning|afternoon|evening|(?:mon|tues|wednes|thurs|fri|satur|sun)day))\W*$"
    r"|^(?:把|将)?(?P<zh3>[^，,]*(?:[点午天上]|晚上|周.|星期.|号)(?:以?[前后]|之[前后])?)的(?:事|东西)?(?:都|全部?|全都|统统)(?:给我)?(?:取消|删掉|删除|删了?|推掉|清掉|清空|不去)了?(?:吧)?$"
    r"|(?P<zh>.*?)(?:的)?(?:所有|全部)?(?:的)?(?:会议|日程|安排|会|约会)(?:都|全部?|全都|统统)(?:取消|删掉|删除|推掉|清掉|清空)"
    r"|(?:取消|删掉|删除|推掉|清空)(?P<zh2>.*?)(?:的)?(?:所有|全部)(?:的)?(?:会议|日程|安排|会|约会)",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"\b(?:on|in|for|at|with|from|this|that|the|my|please|thanks|can|you|do|and|all|of|are|is|i|have|by|got|ve|planned|scheduled|there|back|forward"
    r"|later|earlier|out|up|just|s)\b|[\W_]+|把|我|帮|请|的|跟|和|与|将",
    re.IGNORECASE,
)


def many_events(text: str, known: Known) -> Call | None:
    """The call that cancels every event of a time; `None` where the words ask for no such thing,
    or name something besides a time and people.
    """
    found = _CANCEL.search(text)
    if found is None:
        return None
    rest = next((one for one in found.group("rest", "part", "zh", "zh2", "zh3") if one), "")
    events = _events_of(rest, known)
    if not events:
        return None
    refs = tuple(Ref("event", event.uid, event.recurrence_id) for event in events)
    return Call("event_cancel", {"event": Filled(found[0].strip(), refs)}, 0.95)


_SHIFT = re.compile(
    r"^\W*(?:push|move|shift|postpone|delay|bring|slide|pull)\s+(?:all (?:of )?)?(?:my |the )?(?:other )?"
    r"(?:everything|anything|whatever|meetings|events|appointments|calls)\b(?P<rest>.*)$"
    r"|^(?:把|将)?(?P<zh>[^，,]*?)的?(?:所有|全部)?(?:会议?|日程|安排|活动)?(?:都|全部?|全都|统统)"
    r"(?P<way>往[前后][推挪移延]?|推迟|延后|推后|顺延|提前|提早)(?P<by>.+?)(?:吧)?$",
    re.IGNORECASE,
)
_EARLIER = re.compile(r"\b(?:earlier|forward|sooner|up)\b|往前|提前|提早", re.IGNORECASE)


def many_moved(text: str, known: Known) -> tuple[Call, ...]:
    """A call for each event of a time that is moved by so much; none where the words ask for no such
    thing.
    """
    found = _SHIFT.search(text)
    if found is None:
        return ()
    rest = f"{found['rest'] or found['zh'] or ''} {found['by'] or ''}"
    lengths = [one for one in find(rest, setting_of(known)) if _is_length(one)]
    if len(lengths) != 1 or (length := length_of(lengths[0].text, known)) is None:
        return ()
    rest = rest[: lengths[0].start] + rest[lengths[0].end :]
    sign = -1 if _EARLIER.search(text) else 1
    shift = Filled(lengths[0].text, length * sign)
    events = [one for one in _events_of(rest, known) if not one.is_all_day]
    return tuple(
        Call(
            "event_change",
            {
                "event": Filled(found[0].strip(), (Ref("event", one.uid, one.recurrence_id),)),
                "shift": shift,
            },
            0.95,
        )
        for one in events
    )


def _is_length(one: TimeExpression) -> bool:
    return one.best is not None and one.best.kind == "duration"


def _events_of(rest: str, known: Known) -> list[KnownEvent]:
    """The events that begin in the time, or are on at the moment, that the words tell; none where
    they name something besides times and people.
    """
    times = [one for one in find(rest, setting_of(known)) if one.best and not _is_length(one)]
    people = people_in(rest, known)
    left = list(rest)
    for one in (*times, *people):
        left[one.start : one.end] = " " * (one.end - one.start)
    if not times or _PLAIN.sub("", "".join(left)):
        return []
    readings = [one.best for one in times if one.best is not None]
    addresses = {m.lower() for one in people for c in one.contacts for m in c.emails}
    return [
        event
        for event in known.events
        if all(_is_in(event, reading, known) for reading in readings)
        and (not people or addresses & {a.lower() for a in event.attendees})
    ]


def _is_in(event: KnownEvent, reading: TimeReading, known: Known) -> bool:
    """Whether the event begins in the time, or is on at the moment; an open end goes to the day's
    end.
    """
    start, end = _borders(reading)
    if start is None and end is None:
        return True
    zone = known.now.tzinfo
    if reading.kind == "datetime" and start is not None:
        return not event.is_all_day and event.start <= start.replace(tzinfo=zone) < event.end
    first = start or datetime.combine((end or datetime.max).date(), time())
    last = end or datetime.combine(first.date() + timedelta(days=1), time())
    return first.replace(tzinfo=zone) <= event.start < last.replace(tzinfo=zone)


def _borders(reading: TimeReading) -> tuple[datetime | None, datetime | None]:
    start, end = (_moment(one) for one in (reading.start, reading.end))
    if start is not None and end is None and reading.kind == "date":
        return start, start + timedelta(days=1)
    return start, end


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    return None
