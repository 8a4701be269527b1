"""Plans what is done to the calendar and to tasks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from tandem.assistant import calendar_text as series
from tandem.assistant.cards import Line, Origin, Put, Remove, Replace, Send, Step, Write
from tandem.assistant.letters import Draft
from tandem.assistant.parsing import events_of, invitation_of
from tandem.assistant.planning import (
    Desk,
    Maker,
    Outcome,
    Told,
    date_or_time,
    evidence,
    later,
    names,
    new_id,
)
from tandem.assistant.words import moment_text, range_text
from tandem.connectors import edits
from tandem.connectors.calendars import calendar_of
from tandem.connectors.records import Address, Item
from tandem.understanding.known import KnownEvent
from tandem.understanding.reading import When

USUAL_LENGTH = timedelta(hours=1)
"""Of an event whose end was not said, as calendars do it."""

# --- new events ---------------------------------------------------------------------------------


def create(desk: Desk) -> Outcome:
    """A new event; with attendees also the invitation to them."""
    when = desk.when()
    if when is None:
        raise desk.need("when", "ask_when")
    start, end = borders(when, desk.span("duration"))
    title, place = event_title(desk), desk.text("place")
    people = desk.people("attendees")
    alarm = desk.span("alarm")
    uid = new_id()
    text = edits.new_event(
        uid,
        title,
        start,
        end,
        now=desk.now,
        alarms=() if alarm is None else (minutes(alarm),),
        location=place,
        rrule=when.recurrence or "",
    )
    if people:
        text = _with_guests(desk, text, people)
    shown = _span_of(desk, start, end)
    lines = [desk.line("when", shown)]
    if when.recurrence:
        lines.append(desk.line("repeats", when.recurrence))
    lines += [desk.line("place", place)] if place else []
    lines += [_alarm_line(desk, alarm)] if alarm is not None else []
    lines += [desk.line("people", str(one), origin) for one, origin in people]
    lines += _overlaps(desk, start, end)
    writes: list[Write] = [Put("calendar", uid, text)]
    if people:
        writes.append(_invitation(desk, text, title, shown, tuple(one for one, _ in people)))
    heading = desk.say("event_create", title=title)
    return Step(desk.call.tool, heading, tuple(writes), tuple(lines), done=f"{heading}, {shown}")


def borders(
    when: When, duration: timedelta | None
) -> tuple[datetime, datetime] | tuple[date, date]:
    """Start and end (exclusive) as the calendar wants them: dates for whole days."""
    if when.has_time:
        if when.end is not None and duration is None:
            return when.start, when.end
        return when.start, later(when.start, duration or USUAL_LENGTH)
    first = when.start.date()
    if when.end is not None:
        last = when.end.date() if when.end.time() == time() else when.end.date() + timedelta(days=1)
        return first, max(last, first + timedelta(days=1))
    return first, first + max(timedelta(days=duration.days if duration else 1), timedelta(days=1))


def event_title(desk: Desk) -> str:
    """The title in the user's words, with the people who are meant."""
    title = desk.text("title")
    missing = [
        word
        for ref in desk.refs("people") + desk.refs("attendees")
        if (word := _said_name(desk, ref.id)) and word.lower() not in title.lower()
    ]
    if missing:
        if desk.language == "zh":
            title = f"和{'、'.join(missing)}{title}"
        else:
            title = f"{title} with {' and '.join(missing)}"
    return title[:1].upper() + title[1:]


def _said_name(desk: Desk, uid: str) -> str:
    """How the user called this person, where that is known, else by the card."""
    contact = next((c for c in desk.known.contacts if c.uid == uid), None)
    words = desk.words("people") or desk.words("attendees")
    if contact is None:
        return words
    if len(desk.refs("people") + desk.refs("attendees")) == 1 and words:
        return words
    return contact.name.split()[0] if contact.name.isascii() else contact.name


def _span_of(desk: Desk, start: datetime | date, end: datetime | date) -> str:
    if isinstance(start, datetime) and isinstance(end, datetime):
        zone = desk.zone
        shown = start.astimezone(zone), end.astimezone(zone)
        return range_text(*shown, desk.language, all_day=False)
    at = datetime.combine(start, time(), desk.zone), datetime.combine(end, time(), desk.zone)
    return range_text(*at, desk.language, all_day=True)


def _overlaps(
    desk: Desk, start: datetime | date, end: datetime | date, *, but: str = ""
) -> list[Line]:
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return []
    return [
        desk.line("overlaps", event.summary, Origin.OWN)
        for event in desk.known.events
        if event.uid != but and not event.is_all_day and event.start < end and event.end > start
    ]


def minutes(span: timedelta) -> int:
    """Whole minutes before, for an alarm."""
    return round(abs(span.total_seconds()) / 60)


def _alarm_line(desk: Desk, span: timedelta) -> Line:
    return desk.line("alarm", desk.say("minutes_before", count=minutes(span)))


def _with_guests(desk: Desk, text: str, people: tuple[tuple[Address, Origin], ...]) -> str:
    guests = tuple((one.name, one.address) for one, _ in people)
    me = (desk.known.user_name, desk.known.user_email)
    return series.with_attendees(text, guests, me, desk.now)


def _invitation(
    desk: Desk, text: str, title: str, shown: str, people: tuple[Address, ...],
    method: str = "REQUEST",
) -> Send:  # fmt: skip
    draft = Draft(
        people, title, f"{title}\n{shown}", calendar=(method, series.with_method(text, method))
    )
    return Send(desk.writer.letter(draft, desk.now, new_id()))


# --- events that are there ----------------------------------------------------------------------


def change(desk: Desk) -> Outcome:
    """Another time, length, name, place or alarm; of one occurrence, all later ones, or all."""
    event, item = _event_and_item(desk)
    if until := desk.when("until"):
        return _end(desk, event, item, until)
    start, end = new_times(desk, event)
    is_moved = (start, end) != _times(event)
    title, place, alarm = desk.text("title"), desk.text("place"), desk.span("alarm")
    occurrence = _occurrence(desk, event)
    if is_moved and not occurrence and event.recurrence_id is not None:
        text = _moved_series(event, item, start, end, desk)
    else:
        fields: dict[str, Any] = {}
        if is_moved:
            fields |= {"dtstart": _like(event, item, start), "dtend": _like(event, item, end)}
        fields |= {"summary": title} if title else {}
        fields |= {"location": place} if place else {}
        if not fields and alarm is None:
            raise desk.need("when", "ask_when")
        text = edits.changed(
            item.text,
            fields,
            now=desk.now,
            recurrence_id=occurrence,
            alarms=None if alarm is None else (minutes(alarm),),
        )
    lines: list[Line] = []
    if is_moved:
        lines.append(desk.line("was", _shown(desk, event), Origin.OWN))
        lines.append(desk.line("when", _span_of(desk, start, end)))
        lines += _overlaps(desk, start, end, but=event.uid)
    lines += [desk.line("title", title)] if title else []
    lines += [desk.line("place", place)] if place else []
    lines += [_alarm_line(desk, alarm)] if alarm is not None else []
    if occurrence:
        lines.append(desk.line("repeats", desk.say("only_this"), Origin.OWN))
    heading = desk.say("event_change", title=event.summary)
    told = "; ".join(f"{line.label}: {line.value}" for line in lines)
    return Step(
        desk.call.tool,
        heading,
        (Replace("calendar", item, text),),
        tuple(lines),
        (evidence(event),),
        f"{heading} ({told})",
    )


def _times(event: KnownEvent) -> tuple[datetime | date, datetime | date]:
    if event.is_all_day:
        return event.start.date(), event.end.date()
    return event.start, event.end


def new_times(desk: Desk, event: KnownEvent) -> tuple[datetime | date, datetime | date]:
    """Start and end after the change; only what was said becomes different."""
    when = desk.when()
    if event.is_all_day and (when is None or not when.has_time):
        return _new_days(desk, event, when)
    start, length = event.start, event.end.astimezone() - event.start.astimezone()
    if when is not None:
        start = _merged(when, event)
    if shift := desk.span("shift"):
        start = later(start, shift)
    if (duration := desk.span("duration")) is not None:
        length = duration
    elif when is not None and when.end is not None and when.has_time:
        length = when.end - when.start
    length += desk.span("lengthen") or timedelta()
    return start, later(start, length)


def _new_days(
    desk: Desk, event: KnownEvent, when: When | None
) -> tuple[datetime | date, datetime | date]:
    first, length = event.start.date(), event.end.date() - event.start.date()
    if when is not None and when.has_date:
        first = when.start.date()
        if when.end is not None:
            length = when.end.date() - first
    first += timedelta(days=(desk.span("shift") or timedelta()).days)
    return first, first + length + timedelta(days=(desk.span("lengthen") or timedelta()).days)


def _merged(when: When, event: KnownEvent) -> datetime:
    if when.has_date and when.has_time:
        return when.start
    if when.has_date:
        return datetime.combine(when.start.date(), event.start.time(), event.start.tzinfo)
    return datetime.combine(event.start.date(), when.start.time(), when.start.tzinfo)


def _occurrence(desk: Desk, event: KnownEvent) -> str:
    """Which occurrence alone is meant, by its name; empty for the whole event."""
    if event.recurrence_id is None or desk.text("scope") == "all":
        return ""
    named = any(ref.recurrence_id is not None for ref in desk.refs("event"))
    return desk.knowing.mark(event) if named or desk.text("scope") == "this" else ""


def _like(event: KnownEvent, item: Item, moment: datetime | date) -> datetime | date:
    """A new time in the zone the event had, so that it keeps its meaning for those invited."""
    zone = _zone_of(item)
    return moment.astimezone(zone) if isinstance(moment, datetime) and zone else moment


def _zone_of(item: Item) -> tzinfo | None:
    for part in calendar_of(item.text).subcomponents:
        if part.name == "VEVENT" and isinstance(start := part.decoded("DTSTART"), datetime):
            return start.tzinfo
    return None


def _moved_series(
    event: KnownEvent, item: Item, start: datetime | date, end: datetime | date, desk: Desk
) -> str:
    # The difference on the clock, so that a series keeps its hour over a change of the clocks.
    shift = _wall(start) - _wall(_times(event)[0])
    return series.moved_series(item.text, shift, _wall(end) - _wall(start), desk.now)


def _wall(moment: datetime | date) -> datetime:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=None)
    return datetime.combine(moment, time())


def _end(desk: Desk, event: KnownEvent, item: Item, until: When) -> Outcome:
    last = until.end or until.start
    if not until.has_time:
        day = (last - timedelta(seconds=1)).date() if until.end else last.date()
        last = datetime.combine(day, time(23, 59, 59), desk.zone)
    text = series.ended_series(item.text, last, desk.now)
    heading = desk.say("event_change", title=event.summary)
    line = desk.line("until", moment_text(last.date(), desk.language))
    return Step(
        desk.call.tool,
        heading,
        (Replace("calendar", item, text),),
        (line,),
        (evidence(event),),
        f"{heading} ({line.label} {line.value})",
    )


def _shown(desk: Desk, event: KnownEvent) -> str:
    return range_text(event.start, event.end, desk.language, all_day=event.is_all_day)


def _event_and_item(desk: Desk) -> tuple[KnownEvent, Item]:
    event = desk.event()
    item = desk.knowing.calendar_item(event.uid)
    if item is None:
        raise desk.need("event", "ask_event")
    return event, item


def cancel(desk: Desk) -> Outcome:
    """An event, an occurrence or the rest of a series out of the calendar.

    When the user invited others to it they are told, so it waits for a yes.
    """
    event, item = _event_and_item(desk)
    occurrence = _occurrence(desk, event)
    scope = desk.text("scope")
    lines = [desk.line("when", _shown(desk, event), Origin.OWN)]
    if scope == "following" and event.recurrence_id is not None:
        last = event.recurrence_id - timedelta(seconds=1)
        write: Write = Replace("calendar", item, series.ended_series(item.text, last, desk.now))
    elif occurrence:
        text = edits.without(item.text, occurrence, now=desk.now)
        write = Replace("calendar", item, text)
        lines.append(desk.line("repeats", desk.say("only_this"), Origin.OWN))
    else:
        write = Remove("calendar", item)
    heading = desk.say("event_cancel", title=event.summary)
    writes: list[Write] = [write]
    me = desk.known.user_email.lower()
    others = tuple(Address("", one) for one in event.attendees if one.lower() != me)
    if others and event.organizer.lower() == me:
        writes.append(_invitation(desk, item.text, heading, _shown(desk, event), others, "CANCEL"))
        lines += [desk.line("people", one.address, Origin.OWN) for one in others]
    return Step(
        desk.call.tool,
        heading,
        tuple(writes),
        tuple(lines),
        (evidence(event),),
        f"{heading}, {_shown(desk, event)}",
    )


def invite(desk: Desk) -> Outcome:
    """People added to an event, and the invitation sent to them."""
    event, item = _event_and_item(desk)
    people = desk.people("attendees")
    if not people:
        raise desk.need("attendees", "ask_to")
    text = _with_guests(desk, item.text, people)
    title = desk.say("event_invite", people=names(people, desk.language), title=event.summary)
    shown = _shown(desk, event)
    letter = _invitation(desk, text, event.summary, shown, tuple(one for one, _ in people))
    lines = [desk.line("people", str(one), origin) for one, origin in people]
    lines.append(desk.line("when", shown, Origin.OWN))
    return Step(
        desk.call.tool,
        title,
        (Replace("calendar", item, text), letter),
        tuple(lines),
        (evidence(event),),
        title,
    )


def answer_invitation(desk: Desk) -> Outcome:
    """Yes, no or perhaps to an invitation: the event into the calendar, the reply to its sender."""
    mail = desk.mail()
    refs = desk.knowing.mail_refs([mail.message_id])
    text = invitation_of(desk.knowing.stores.mailbox.read(refs[mail.message_id]))
    found = events_of(Item("", text, ""), desk.zone, desk.now) if text else iter(())
    event = next((one for one, _ in found), None)
    if text is None or event is None:
        return Told(desk.say("no_invitation"), (evidence(mail),))
    answer = desk.text("answer") or "accept"
    partstat = {"accept": "ACCEPTED", "decline": "DECLINED"}.get(answer, "TENTATIVE")
    own, reply = series.answered(text, desk.known.user_email, partstat, desk.now)
    writes: list[Write] = []
    there = desk.knowing.calendar_item(event.uid)
    if answer != "decline":
        writes.append(Replace("calendar", there, own) if there else Put("calendar", event.uid, own))
    elif there:
        writes.append(Remove("calendar", there))
    to = Address("" if event.organizer else mail.sender_name, event.organizer or mail.sender)
    heading = desk.say(f"invitation_{answer}", title=event.summary)
    words = desk.text("body")
    draft = Draft(
        (to,), heading, words or heading, in_reply_to=mail.message_id, calendar=("REPLY", reply)
    )
    writes.append(Send(desk.writer.letter(draft, desk.now, new_id())))
    known = any(to.address in contact.emails for contact in desk.known.contacts)
    lines = (
        desk.line("to", to.address, Origin.OWN if known else Origin.UNTRUSTED),
        desk.line("when", _shown(desk, event), Origin.UNTRUSTED),
        *([desk.line("place", event.location, Origin.UNTRUSTED)] if event.location else ()),
        *_overlaps(desk, event.start, event.end, but=event.uid),
    )
    return Step(desk.call.tool, heading, tuple(writes), lines, (evidence(mail),), heading)


# --- tasks --------------------------------------------------------------------------------------


def create_task(desk: Desk) -> Outcome:
    """A task; with a time it reminds then."""
    when = desk.when()
    title = desk.text("title")
    due = date_or_time(when) if when else None
    uid = new_id()
    text = series.new_task(uid, title, due, when.recurrence if when else None, desk.now)
    lines = [desk.line("when", moment_text(_local(desk, due), desk.language))] if due else []
    if when and when.recurrence:
        lines.append(desk.line("repeats", when.recurrence))
    heading = desk.say("task_create", title=title)
    told = ", ".join([heading, *(line.value for line in lines)])
    return Step(desk.call.tool, heading, (Put("calendar", uid, text),), tuple(lines), done=told)


def _local(desk: Desk, moment: datetime | date) -> datetime | date:
    return moment.astimezone(desk.zone) if isinstance(moment, datetime) else moment


def set_timer(desk: Desk) -> Outcome:
    """A timer is a reminder so long from now."""
    span = desk.span("duration")
    if span is None:
        raise desk.need("duration", "ask_when")
    title = desk.text("title") or desk.say("timer_set", title=desk.words("duration"))
    due = later(desk.now, span)
    uid = new_id()
    text = series.new_task(uid, title, due, None, desk.now)
    shown = moment_text(due, desk.language)
    heading = desk.say("timer_set", title=desk.words("duration") or title)
    line = desk.line("when", shown)
    return Step(
        desk.call.tool, heading, (Put("calendar", uid, text),), (line,), done=f"{heading}, {shown}"
    )


def change_task(desk: Desk) -> Outcome:
    """Another name or due time for a task; `task_done` ticks it off."""
    task, is_done = desk.task(), desk.call.tool == "task_done"
    item = desk.knowing.calendar_item(task.uid)
    if item is None:
        raise desk.need("task", "ask_task")
    when, title, due = desk.when(), desk.text("title"), None
    if when is not None:
        due = date_or_time(when)
        if when.has_time and not when.has_date and task.due is not None:
            day = task.due.date() if isinstance(task.due, datetime) else task.due
            due = datetime.combine(day, when.start.time(), when.start.tzinfo)
    elif (shift := desk.span("shift")) and task.due is not None:
        due = later(task.due, shift) if isinstance(task.due, datetime) else task.due + shift
    if not (is_done or title or due):
        raise desk.need("when", "ask_when")
    fields: dict[str, Any] = {}
    fields |= {"summary": title} if title else {}
    fields |= {"due": due} if due else {}
    if is_done:
        done = desk.now.astimezone(UTC)
        fields |= {"status": "COMPLETED", "percent-complete": 100, "completed": done}
    text = edits.changed(item.text, fields, now=desk.now)
    heading = desk.say(desk.call.tool, title=task.summary)
    lines = [desk.line("when", moment_text(_local(desk, due), desk.language))] if due else []
    lines += [desk.line("title", title)] if title else []
    told = ", ".join([heading, *(line.value for line in lines)])
    write = Replace("calendar", item, text)
    return Step(desk.call.tool, heading, (write,), tuple(lines), (evidence(task),), told)


def delete_task(desk: Desk) -> Outcome:
    """A task out of the list."""
    task = desk.task()
    item = desk.knowing.calendar_item(task.uid)
    if item is None:
        raise desk.need("task", "ask_task")
    heading = desk.say("task_delete", title=task.summary)
    write = Remove("calendar", item)
    return Step(desk.call.tool, heading, (write,), (), (evidence(task),), heading)


MAKERS: Mapping[str, Maker] = {
    "event_create": create,
    "event_change": change,
    "event_cancel": cancel,
    "event_invite": invite,
    "invitation_answer": answer_invitation,
    "task_create": create_task,
    "task_change": change_task,
    "task_done": change_task,
    "task_delete": delete_task,
    "timer_set": set_timer,
}
