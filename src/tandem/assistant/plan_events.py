"""Plans what is done to the calendar and to tasks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from tandem.assistant import calendar_text as series
from tandem.assistant.cards import Line, Origin, Put, Remove, Replace, Step, Write
from tandem.assistant.event_parts import (
    USUAL_LENGTH,
    alarm_line,
    borders,
    event_and_item,
    event_span,
    events_and_items,
    in_zone_of,
    minutes,
    new_times,
    occurrence_meant,
    overlaps,
    settled,
    span_of,
    times_of,
    wall,
)
from tandem.assistant.plan_guests import invitation_letter, with_guests
from tandem.assistant.planning import (
    Desk,
    Maker,
    Outcome,
    evidence,
    new_id,
)
from tandem.assistant.rhythms import repeat_text
from tandem.assistant.words import moment_text
from tandem.connectors import edits
from tandem.connectors.records import Address, Item
from tandem.understanding.known import KnownEvent
from tandem.understanding.reading import When

# --- new events ---------------------------------------------------------------------------------


def create(desk: Desk) -> Outcome:
    """A new event; with attendees also the invitation to them."""
    when = desk.when()
    if when is None:
        raise desk.need("when", "ask_when")
    length = desk.span("duration")
    start, end = borders(settled(desk, when, length or USUAL_LENGTH), length)
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
        description="\n".join(filter(None, (desk.text("notes"), _with_whom(desk)))),
    )
    if people:
        text = with_guests(desk, text, people)
    shown = span_of(desk, start, end)
    lines = [desk.line("when", shown)]
    repeats = ""
    if when.recurrence:
        repeats = f", {repeat_text(when.recurrence, desk.language)}"
        lines.append(desk.line("repeats", repeat_text(when.recurrence, desk.language)))
    beside = [
        desk.line(label, value)
        for label, value in (("place", place), ("notes", desk.text("notes")))
        if value
    ]
    lines += beside
    lines += [alarm_line(desk, alarm)] if alarm is not None else []
    lines += [desk.line("people", str(one), origin) for one, origin in people]
    clashes = overlaps(desk, start, end, place=place)
    lines += clashes
    writes: list[Write] = [Put("calendar", uid, text)]
    if people:
        writes.append(invitation_letter(desk, text, title, shown, tuple(one for one, _ in people)))
    heading = desk.say("event_create", title=title)
    told = "".join(f"\n{line.label}: {line.value}" for line in (*beside, *clashes))
    done = f"{heading}, {shown}{repeats}{told}"
    return Step(desk.call.tool, heading, tuple(writes), tuple(lines), done=done)


def event_title(desk: Desk) -> str:
    """The title in the user's words, with the people who are meant."""
    title = desk.text("title")
    if is_quoted(desk):
        return title  # exactly as the user gave it
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


def _with_whom(desk: Desk) -> str:
    """Who is meant, where the title does not say it."""
    people = [c.name for ref in desk.refs("people") if (c := desk.contact(ref)) is not None]
    if not (people and is_quoted(desk)):
        return ""
    return desk.say("with_whom", people=("、" if desk.language == "zh" else ", ").join(people))


def is_quoted(desk: Desk) -> bool:
    """Whether the title stood in quotes."""
    return desk.words("title").startswith("“")


def _said_name(desk: Desk, uid: str) -> str:
    """How the user called this person, where that is known, else by the card."""
    contact = next((c for c in desk.known.contacts if c.uid == uid), None)
    words = desk.words("people") or desk.words("attendees")
    if contact is None:
        return words
    if len(desk.refs("people") + desk.refs("attendees")) == 1 and words:
        return words
    return contact.name.split()[0] if contact.name.isascii() else contact.name


# --- events that are there ----------------------------------------------------------------------


def change(desk: Desk) -> Outcome:
    """Another time, length, name, place or alarm; of one occurrence, all later ones, or all."""
    event, item = event_and_item(desk)
    if until := desk.when("until"):
        return _end(desk, event, item, until)
    start, end = new_times(desk, event)
    is_moved = (start, end) != times_of(event)
    title, place, alarm = desk.text("title"), desk.text("place"), desk.span("alarm")
    occurrence = occurrence_meant(desk, event)
    if is_moved and not occurrence and event.recurrence_id is not None:
        text = _moved_series(event, item, start, end, desk)
    else:
        fields: dict[str, Any] = {}
        if is_moved:
            fields |= {
                "dtstart": in_zone_of(item, start),
                "dtend": in_zone_of(item, end),
            }
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
        lines.append(desk.line("was", event_span(desk, event), Origin.OWN))
        lines.append(desk.line("when", span_of(desk, start, end)))
        lines += overlaps(desk, start, end, but=event.uid, place=place or event.location)
    lines += [desk.line("title", title)] if title else []
    beside = [
        desk.line(label, value)
        for label, value in (("place", place), ("notes", desk.text("notes")))
        if value
    ]
    lines += beside
    lines += [alarm_line(desk, alarm)] if alarm is not None else []
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


def _moved_series(
    event: KnownEvent, item: Item, start: datetime | date, end: datetime | date, desk: Desk
) -> str:
    # The difference on the clock, so that a series keeps its hour over a change of the clocks.
    shift = wall(start) - wall(times_of(event)[0])
    return series.moved_series(item.text, shift, wall(end) - wall(start), desk.now)


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


def cancel(desk: Desk) -> Outcome:
    """An event, an occurrence or the rest of a series out of the calendar.

    When the user invited others to it they are told, so it waits for a yes; so do several events.
    """
    steps = [_cancel_one(desk, event, item) for event, item in events_and_items(desk)]
    if len(steps) == 1:
        return steps[0]
    heading = desk.say("events_cancel", count=len(steps))
    lines = [Line(step.title, step.lines[0].value, Origin.OWN) for step in steps]
    writes = tuple(write for step in steps for write in step.writes)
    proof = tuple(one for step in steps[:3] for one in step.evidence)
    return Step(
        desk.call.tool, heading, writes, tuple(lines), proof, heading, count=len(steps)
    )  # fmt: skip


def _cancel_one(desk: Desk, event: KnownEvent, item: Item) -> Step:
    occurrence = occurrence_meant(desk, event)
    scope = desk.text("scope")
    lines = [desk.line("when", event_span(desk, event), Origin.OWN)]
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
        writes.append(
            invitation_letter(desk, item.text, heading, event_span(desk, event), others, "CANCEL")
        )
        lines += [desk.line("people", one.address, Origin.OWN) for one in others]
    return Step(
        desk.call.tool,
        heading,
        tuple(writes),
        tuple(lines),
        (evidence(event),),
        f"{heading}, {event_span(desk, event)}",
    )


MAKERS: Mapping[str, Maker] = {
    "event_create": create,
    "event_change": change,
    "event_cancel": cancel,
}
