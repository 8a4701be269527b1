"""Answers from the user's own records: what is on, who, when, how long, what a mail says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from tandem.assistant.planning import Desk, Maker, Outcome, Told, evidence, find_event
from tandem.assistant.ways import HOME, minutes_between, origin_of, too_near, ways_of
from tandem.assistant.words import day_text, moment_text, range_text, span_text
from tandem.understanding import candidates
from tandem.understanding.known import Known, KnownContact, KnownEvent, KnownTask
from tandem.understanding.moments import setting_of, zone_of
from tandem.understanding.reading import When
from tandem.understanding.times import find

LONGEST_LIST = 12
"""Lines of a list that is read at a glance."""

# --- the calendar -------------------------------------------------------------------------------


def window(desk: Desk, when: When | None, *, days: int = 1) -> tuple[datetime, datetime]:
    """The time that is asked about; the rest of today where none was said."""
    if when is None:
        midnight = datetime.combine(desk.now.date(), time(), desk.zone)
        return desk.now, midnight + timedelta(days=days)
    if when.end is not None:
        return when.start, when.end
    if when.has_time:
        return when.start, when.start + timedelta(hours=1)
    start = datetime.combine(when.start.date(), time(), desk.zone)
    return start, start + timedelta(days=1)


def in_window(events: Iterable[KnownEvent], start: datetime, end: datetime) -> list[KnownEvent]:
    """The events that touch the time, in order."""
    return [event for event in events if event.start < end and event.end > start]


def event_line(desk: Desk, event: KnownEvent) -> str:
    """One event in one line, in the user's zone."""
    shown = range_text(event.start, event.end, desk.language, all_day=event.is_all_day)
    place = f", {event.location}" if event.location else ""
    return f"{shown}  {event.summary}{place}"


def shown_window(desk: Desk, when: When | None) -> str:
    start, end = window(desk, when)
    whole = when is None or not when.has_time
    return range_text(start, end, desk.language, all_day=whole and start.time() == time())


def free(desk: Desk) -> Outcome:
    """Whether the user is free in a time, or which times are."""
    when, length = desk.when(), desk.span("duration")
    start, end = window(desk, when, days=7)
    busy = [event for event in in_window(desk.known.events, start, end) if not event.is_all_day]
    if length is None and when is not None and when.has_time:
        shown = range_text(start, end, desk.language, all_day=False)
        if not busy:
            return Told(desk.say("free", when=shown))
        what = "; ".join(event_line(desk, event) for event in busy)
        told = desk.say("not_free", when=shown, what=what)
        rest = list(free_slots(desk, start, end, timedelta(minutes=30)))
        if rest and when.is_part:
            told += "\n" + desk.say("free_slots", what=_shown_slots(desk, rest))
        return Told(told, tuple(map(evidence, busy)))
    slots = list(free_slots(desk, start, end, length or timedelta(minutes=30)))
    if not slots:
        return Told(desk.say("no_slot"))
    shown = _shown_slots(desk, slots)
    return Told(desk.say("free_slots", what=shown), tuple(map(evidence, busy[:3])))


def _shown_slots(desk: Desk, slots: list[tuple[datetime, datetime]]) -> str:
    return "; ".join(range_text(a, b, desk.language, all_day=False) for a, b in slots[:6])


WORKDAY = (time(9), time(18))


def free_slots(
    desk: Desk, start: datetime, end: datetime, length: timedelta
) -> Iterable[tuple[datetime, datetime]]:
    """Times of at least that length without an event, on the hours of a working day."""
    day = start.date()
    while datetime.combine(day, time(), desk.zone) < end:
        opens = max(start, desk.now, datetime.combine(day, WORKDAY[0], desk.zone))
        closes = min(end, datetime.combine(day, WORKDAY[1], desk.zone))
        cursor = opens
        for event in in_window(desk.known.events, opens, closes):
            if event.is_all_day:
                continue
            if event.start - cursor >= length:
                yield cursor, event.start
            cursor = max(cursor, event.end)
        if closes - cursor >= length:
            yield cursor, closes
        day += timedelta(days=1)


def conflicts(desk: Desk) -> Outcome:
    """Events that overlap, or between which there is no time to go."""
    when = desk.when()
    start, end = window(desk, when, days=7)
    timed = [e for e in in_window(desk.known.events, start, end) if not e.is_all_day]
    pairs = [
        (one, two)
        for index, one in enumerate(timed)
        for two in timed[index + 1 :]
        if two.start < one.end and one.start < two.end
    ]
    pairs += [
        (one, two)
        for one in timed
        for two, _ in too_near(one, desk.known)
        if two in timed and one.start < two.start
    ]
    if not pairs:
        return Told(desk.say("no_conflicts", when=shown_window(desk, when)))
    lines = [
        desk.say(
            "conflict" if two.start < one.end else "too_near_pair",
            one=event_line(desk, one),
            two=event_line(desk, two),
        )
        for one, two in pairs
    ]
    return Told("\n".join(lines), tuple(evidence(event) for pair in pairs[:2] for event in pair))


def travel(desk: Desk) -> Outcome:
    """By the user's own note of ways; to an event also when to leave."""
    found = desk.events()
    event = found[0] if found else None
    place = (event.location if event is not None else desk.text("place")) or desk.words("event")
    origin = desk.text("origin") or (origin_of(event, desk.known) if event is not None else HOME)
    minutes = minutes_between(ways_of(desk.known), origin, place) if place else None
    if minutes is None:
        text = desk.say("no_travel", place=place or "...")
    elif event is None or event.is_all_day:
        text = desk.say("travel_plain", minutes=minutes)
    else:
        leave = event.start.astimezone(desk.zone) - timedelta(minutes=minutes)
        text = desk.say("travel", minutes=minutes, leave=f"{leave:%H:%M}")
    if event is not None:
        text = f"{text}\n{event_line(desk, event)}"
    return Told(text, tuple(map(evidence, found[:1])))


# --- tasks, contacts ----------------------------------------------------------------------------


def tasks(desk: Desk) -> Outcome:
    """The open tasks, those of a time where one was said."""
    when = desk.when()
    found = [task for task in desk.known.tasks if not task.is_done]
    named = {ref.id for ref in desk.refs("task")}
    if named:
        found = [task for task in desk.known.tasks if task.uid in named]
    elif when is not None:
        start, end = window(desk, when)
        found = [t for t in found if t.due is not None and start <= _due(desk, t) < end]
    if not found:
        return Told(desk.say("no_tasks"))
    found.sort(key=lambda task: (task.due is None, _due(desk, task)))
    lines = [_task_line(desk, task) for task in found[:LONGEST_LIST]]
    return Told("\n".join(lines), tuple(map(evidence, found[:3])))


def _due(desk: Desk, task: KnownTask) -> datetime:
    if isinstance(task.due, datetime):
        return task.due
    return datetime.combine(task.due or date.max, time(), desk.zone)


def _task_line(desk: Desk, task: KnownTask) -> str:
    if task.due is None:
        return task.summary
    return f"{task.summary} ({desk.say('due', when=moment_text(task.due, desk.language))})"


def contact(desk: Desk) -> Outcome:
    """What a card says: one field, or all of it. The note goes along, as it may restrict it."""
    people = [c for ref in desk.refs("contact") if (c := desk.contact(ref)) is not None]
    if not people:
        raise desk.need("contact", "ask_unknown_person")
    lines = [card_text(desk, one, desk.text("field")) for one in people[:3]]
    return Told("\n".join(lines), tuple(map(evidence, people[:3])))


def card_text(desk: Desk, one: KnownContact, field: str) -> str:
    fields = {
        "phone": ", ".join(one.phones),
        "email": ", ".join(one.emails),
        "address": one.address,
        "organisation": " ".join(part for part in (one.organisation, one.title) if part),
        "birthday": one.birthday.isoformat() if one.birthday else _birthday(desk, one),
        "note": one.note,
    }
    if field in fields:
        value = fields[field] or desk.say("no_field", name=one.name)
        note = f" ({one.note})" if one.note and field != "note" else ""
        return f"{one.name}: {value}{note}"
    parts = [f"{desk.say(key)}: {value}" for key, value in fields.items() if value]
    return f"{one.name}: " + "; ".join(parts)


def _birthday(desk: Desk, one: KnownContact) -> str:
    """From the calendar, where the card has none."""
    names = {one.name.lower(), one.name.split()[0].lower(), *(n.lower() for n in one.nicknames)}
    names |= {word.lower() for word in one.note.replace("。", " ").replace("，", " ").split()}
    for event in desk.known.events:
        title = event.summary.lower()
        is_birthday = "birthday" in title or "生日" in title
        if is_birthday and event.end > desk.now and any(n and n in title for n in names):
            return event.start.date().isoformat()
    return ""


# --- time ---------------------------------------------------------------------------------------


def time_question(desk: Desk) -> Outcome:
    """A moment in the user's own zone or another one, or the span between two events."""
    events = desk.events("events") or _event_asked(desk)
    if len(events) >= 2:
        one, two = sorted(events[:2], key=lambda event: event.start)
        text = span_text(two.start.astimezone() - one.end.astimezone(), desk.language)
        lines = [text, event_line(desk, one), event_line(desk, two)]
        return Told("\n".join(lines), tuple(map(evidence, (one, two))))
    if len(events) == 1 and _COUNTS_DAYS.search(desk.words("question")):
        day = events[0].start.astimezone(desk.zone).date()
        count = (day - desk.now.date()).days
        told = desk.say("days_until", count=count, day=day_text(day, desk.language))
        return Told(f"{told}\n{event_line(desk, events[0])}", (evidence(events[0]),))
    zone, there = zone_asked(desk.words("question") or desk.words("zone"), desk.known)
    if len(events) == 1:
        lines = [event_line(desk, events[0])]
        if zone is not None:
            start = events[0].start.astimezone(zone)
            lines.insert(0, f"{there}: {moment_text(start, desk.language)}")
        return Told("\n".join(lines), (evidence(events[0]),))
    when = desk.when()
    if _COUNTS_DAYS.search(desk.words("question")) and (day := _day_asked(desk)) is not None:
        days = (day - desk.now.astimezone(desk.zone).date()).days
        told = desk.say("days_until", count=days, day=day_text(day, desk.language))
        return Told(told if days > 0 else day_text(day, desk.language))
    if when is None:
        return Told(moment_text(desk.now.astimezone(zone or desk.zone), desk.language))
    moment = when.start.astimezone((zone if when.has_time else None) or desk.zone)
    shown = moment if when.has_time else moment.date()
    return Told(moment_text(shown, desk.language))


_COUNTS_DAYS = re.compile(
    r"\bhow (?:many (?:days|weeks)|long)\b.*\b(?:until|till?|to|before)\b"
    r"|(?:离|距离?|到).*(?:几|多少)天",
    re.IGNORECASE,
)


def _day_asked(desk: Desk) -> date | None:
    """The day that "how many days until ..." counts to."""
    for one in find(desk.words("question"), setting_of(desk.known)):
        best = one.best
        if best is None or best.kind == "duration":
            continue
        for value in (best.end, best.start) if best.start is None else (best.start,):
            if isinstance(value, date):
                return value.date() if isinstance(value, datetime) else value
    return None


_CITY = re.compile(
    r"\bin (?P<en>(?!the\b|my\b|an?\b)[A-Za-z][\w-]+(?: (?!now|right)[A-Za-z][\w-]+)?)"
    r"|(?:在|用)?(?P<zh>[\u4e00-\u9fff]{2,4}?)(?:那边|当地|时间|现在)"
)
_EVENTISH = re.compile(
    r"\b(?:call|meeting|appointment|event|flight|lunch|dinner|party|lesson|class)\b|会|电话|约|航班|课",
    re.IGNORECASE,
)


def zone_asked(words: str, known: Known) -> tuple[ZoneInfo | None, str]:
    """The zone of a place that is named, and the place."""
    for found in _CITY.finditer(words):
        place = (found["en"] or "").title() or found["zh"]
        asked = f"10:00 {place} time" if found["en"] else f"{place}时间上午十点"
        for one in find(asked, setting_of(known)):
            zone = zone_of(one.best.zone) if one.best else None
            if zone is not None:
                return zone, place
        if (name := _zones_by_city().get(place.lower())) is not None:
            return ZoneInfo(name), place
    return None, ""


@cache
def _zones_by_city() -> Mapping[str, str]:
    """The zones whose own names hold a city: Australia/Perth."""
    names = sorted(name for name in available_timezones() if "/" in name and "Etc" not in name)
    return {name.rpartition("/")[2].replace("_", " ").lower(): name for name in names}


def _event_asked(desk: Desk) -> tuple[KnownEvent, ...]:
    """The event that a question of a time is about, where its words name one."""
    words = desk.words("question")
    is_about = _EVENTISH.search(words) or _COUNTS_DAYS.search(words)
    if not is_about or (desk.when() is not None and not _COUNTS_DAYS.search(words)):
        return ()
    found = [one for one in candidates.events(words, desk.known) if one.score >= 0.5]
    event = find_event(desk.known, found[0].ref) if found else None
    return (event,) if event is not None else ()


MAKERS: Mapping[str, Maker] = {
    "free_time": free,
    "conflicts": conflicts,
    "travel_time": travel,
    "task_search": tasks,
    "contact_search": contact,
    "time_question": time_question,
}
