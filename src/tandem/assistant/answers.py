"""Answers from the user's own records: what is on, who, when, how long, what a mail says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from tandem.assistant import lookup
from tandem.assistant.cards import Evidence
from tandem.assistant.planning import Desk, Maker, Outcome, Told, evidence, find_event
from tandem.assistant.words import moment_text, range_text, span_text
from tandem.understanding.known import KnownContact, KnownEvent, KnownMail, KnownTask
from tandem.understanding.reading import Ref, When

LONGEST_LIST = 12

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


def agenda(desk: Desk) -> Outcome:
    """What is on in a time, or when and where one event is."""
    found = list(desk.events())
    when = desk.when()
    if not found:
        if when is None and (asked := desk.text("about") or desk.words("event")):
            return _found_in_data(desk, asked)
        start, end = window(desk, when, days=7 if when is None else 1)
        found = in_window(desk.known.events, start, end)
        people = {ref.id for ref in desk.refs("people")}
        if people or desk.text("about"):
            found = [event for event in found if _concerns(desk, event, people)]
    if not found:
        shown = _shown_window(desk, when)
        return Told(desk.say("nothing_on", when=shown))
    lines = [event_line(desk, event) for event in found[:LONGEST_LIST]]
    return Told("\n".join(lines), tuple(evidence(event) for event in found[:3]))


def _concerns(desk: Desk, event: KnownEvent, people: set[str]) -> bool:
    text = f"{event.summary} {event.description} {' '.join(event.attendees)}".lower()
    if about := desk.text("about"):
        return any(term in lookup.terms(text) for term in lookup.terms(about))
    contacts = [contact for contact in desk.known.contacts if contact.uid in people]
    return any(
        name.lower() in text for c in contacts for name in (c.name, c.name.split()[0], *c.nicknames)
    )


def event_line(desk: Desk, event: KnownEvent) -> str:
    """One event in one line, in the user's zone."""
    shown = range_text(event.start, event.end, desk.language, all_day=event.is_all_day)
    place = f", {event.location}" if event.location else ""
    return f"{shown}  {event.summary}{place}"


def _shown_window(desk: Desk, when: When | None) -> str:
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
        return Told(desk.say("not_free", when=shown, what=what), tuple(map(evidence, busy)))
    slots = list(free_slots(desk, start, end, length or timedelta(minutes=30)))
    if not slots:
        return Told(desk.say("no_slot"))
    shown = "; ".join(range_text(a, b, desk.language, all_day=False) for a, b in slots[:6])
    return Told(desk.say("free_slots", what=shown), tuple(map(evidence, busy[:3])))


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
    """Events that overlap."""
    when = desk.when()
    start, end = window(desk, when, days=7)
    timed = [e for e in in_window(desk.known.events, start, end) if not e.is_all_day]
    pairs = [
        (one, two)
        for index, one in enumerate(timed)
        for two in timed[index + 1 :]
        if two.start < one.end and one.start < two.end
    ]
    if not pairs:
        return Told(desk.say("no_conflicts", when=_shown_window(desk, when)))
    lines = [
        desk.say("conflict", one=event_line(desk, one), two=event_line(desk, two))
        for one, two in pairs
    ]
    return Told("\n".join(lines), tuple(evidence(event) for pair in pairs[:2] for event in pair))


def travel(desk: Desk) -> Outcome:
    """Without a map nobody knows the way; the event's place is told."""
    found = desk.events()
    text = desk.say("no_travel")
    if found:
        text = f"{text}\n{event_line(desk, found[0])}"
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
    lines = [_card_text(desk, one, desk.text("field")) for one in people[:3]]
    return Told("\n".join(lines), tuple(map(evidence, people[:3])))


def _card_text(desk: Desk, one: KnownContact, field: str) -> str:
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


# --- mail and notes -----------------------------------------------------------------------------


def find_mails(desk: Desk) -> Outcome:
    """The mails that fit, the newest first."""
    found = _fitting(desk)
    if not found:
        return Told(desk.say("no_mails"))
    lines = [
        f"{moment_text(mail.at.astimezone(desk.zone), desk.language)}  "
        f"{mail.sender_name or mail.sender}: {mail.subject} [{mail.folder}]"
        for mail in found[:LONGEST_LIST]
    ]
    if len(found) > LONGEST_LIST:
        lines.append(f"+ {len(found) - LONGEST_LIST}")
    return Told("\n".join(lines), tuple(map(evidence, found[:3])))


def _fitting(desk: Desk) -> list[KnownMail]:
    pool = [m for m in desk.known.mails if m.folder.lower() not in ("trash", "junk", "drafts")]
    state, when = desk.text("state"), desk.when()
    if state == "unread":
        pool = [mail for mail in pool if "seen" not in mail.flags]
    elif state == "flagged":
        pool = [mail for mail in pool if "flagged" in mail.flags]
    elif state == "attachment":
        pool = [mail for mail in pool if mail.attachments]
    if when is not None:
        start, end = window(desk, when)
        pool = [mail for mail in pool if start <= mail.at < end]
    for slot in ("sender", "recipient"):
        if addresses := _addresses(desk, slot):
            pool = [mail for mail in pool if addresses & _of_mail(mail, slot)]
    if folders := {ref.id for ref in desk.refs("folder")}:
        pool = [mail for mail in pool if mail.folder in folders]
    if about := desk.text("about"):
        ranked = [p.id for _, p in lookup.search(about, desk.known, kinds=("mail",))]
        by_id = {mail.message_id: mail for mail in pool}
        pool = [by_id[one] for one in ranked if one in by_id]
    return pool


def _addresses(desk: Desk, slot: str) -> set[str]:
    found: set[str] = set()
    for ref in desk.refs(slot):
        one = desk.contact(ref)
        found |= {email.lower() for email in one.emails} if one else {ref.id.lower()}
    return found


def _of_mail(mail: KnownMail, slot: str) -> set[str]:
    if slot == "sender":
        return {mail.sender.lower()}
    return {one.lower() for one in (*mail.to, *mail.cc)}


def read_mail(desk: Desk) -> Outcome:
    """What a mail says, quoted. Orders to an assistant in it are left out, and said so."""
    mails = desk.mails("mail")
    if not mails:
        return _found_in_data(desk, desk.text("question") or desk.words("mail"), kinds=("mail",))
    return Told(mail_text(desk, mails[0]), (evidence(mails[0]),))


def mail_text(desk: Desk, mail: KnownMail) -> str:
    """Who wrote when about what, and the text."""
    excerpt, had_orders = lookup.mail_excerpt(mail)
    when = moment_text(mail.at.astimezone(desk.zone), desk.language)
    lines = [f"{mail.sender_name or mail.sender}, {when}: {mail.subject}", excerpt]
    if mail.attachments:
        lines.append(f"[{', '.join(mail.attachments)}]")
    if had_orders:
        lines.append(desk.say("injection"))
    return "\n".join(lines)


def note(desk: Desk) -> Outcome:
    """What a note says."""
    named = {ref.id for ref in desk.refs("note")}
    found = [one for one in desk.known.notes if one.name in named]
    if found:
        return Told("\n".join(f"{one.name}\n{one.text.strip()}" for one in found[:2]))
    asked = desk.text("about") or desk.words("note")
    return _found_in_data(desk, asked, kinds=("note",))


def question(desk: Desk) -> Outcome:
    """An answer from anything of the user's: the best passage, and the next where it is close."""
    asked = desk.text("question")
    if asked_unread(asked):
        return _open_mail(desk)
    return _found_in_data(desk, asked)


def asked_unread(text: str) -> bool:
    """Whether the question is what is unread and waiting."""
    lowered = text.lower()
    return ("unread" in lowered or "未读" in lowered) and any(
        word in lowered for word in ("answer", "reply", "respond", "回", "处理")
    )


def _open_mail(desk: Desk) -> Outcome:
    mine = desk.known.user_email.lower()
    waiting = [
        mail
        for mail in desk.known.mails
        if "seen" not in mail.flags
        and not mail.list_id
        and mail.sender.lower() != mine
        and mail.folder.lower() not in ("trash", "junk", "sent", "drafts")
    ]
    asking = [m for m in waiting if "?" in m.text or "？" in m.text or m.invitation]
    shown = asking or waiting
    if not shown:
        return Told(desk.say("no_mails"))
    what = "\n".join(f"{mail.sender_name or mail.sender}: {mail.subject}" for mail in shown[:8])
    return Told(desk.say("unread_open", what="\n" + what), tuple(map(evidence, shown[:3])))


def _found_in_data(desk: Desk, asked: str, kinds: Sequence[str] = ()) -> Outcome:
    found = lookup.search(asked, desk.known, kinds=kinds)
    if not found:
        return Told(desk.say("no_answer"))
    best = found[0][0]
    texts: list[str] = []
    shown: list[Ref] = []
    for score, passage in found[:3]:
        if score < 0.6 * best:
            break
        shown.append(Ref(passage.kind, passage.id))
        texts.append(_passage_text(desk, passage))
    return Told("\n\n".join(texts), tuple(e for ref in shown for e in _evidence(desk, ref)))


def _passage_text(desk: Desk, passage: lookup.Passage) -> str:
    if passage.kind == "mail":
        mail = next(m for m in desk.known.mails if m.message_id == passage.id)
        return mail_text(desk, mail)
    if passage.kind == "event":
        event = find_event(desk.known, Ref("event", passage.id))
        return _event_text(desk, event) if event else passage.title
    if passage.kind == "contact":
        one = next(c for c in desk.known.contacts if c.uid == passage.id)
        return _card_text(desk, one, "")
    return f"{passage.title}\n{passage.text.strip()}"


def _event_text(desk: Desk, event: KnownEvent) -> str:
    line = event_line(desk, event)
    return f"{line}\n{event.description}" if event.description else line


def _evidence(desk: Desk, ref: Ref) -> Iterator[Evidence]:
    for mail in desk.known.mails:
        if ref.kind == "mail" and mail.message_id == ref.id:
            yield evidence(mail)
    event = find_event(desk.known, ref) if ref.kind == "event" else None
    if event is not None:
        yield evidence(event)


# --- time ---------------------------------------------------------------------------------------


def time_question(desk: Desk) -> Outcome:
    """A moment in the user's own zone, or the span between two events."""
    events = desk.events("events")
    if len(events) >= 2:
        one, two = sorted(events[:2], key=lambda event: event.start)
        text = span_text(two.start.astimezone() - one.end.astimezone(), desk.language)
        lines = [text, event_line(desk, one), event_line(desk, two)]
        return Told("\n".join(lines), tuple(map(evidence, (one, two))))
    if len(events) == 1:
        return Told(event_line(desk, events[0]), (evidence(events[0]),))
    when = desk.when()
    if when is None:
        return Told(moment_text(desk.now, desk.language))
    moment = when.start.astimezone(desk.zone)
    shown = moment if when.has_time else moment.date()
    return Told(moment_text(shown, desk.language))


MAKERS: Mapping[str, Maker] = {
    "event_search": agenda,
    "free_time": free,
    "conflicts": conflicts,
    "travel_time": travel,
    "task_search": tasks,
    "contact_search": contact,
    "mail_search": find_mails,
    "mail_read": read_mail,
    "note_search": note,
    "data_question": question,
    "time_question": time_question,
}
