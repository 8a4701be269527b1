"""What is on the servers, and whether it is what a request should have led to.

The format is that of the outcome cases: a state before, a state after, what is expected; nothing
else may have changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations
from typing import Any, cast
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Event, vRecur

from bench.written_forms import holds
from tandem.connectors.cards import people
from tandem.connectors.mime import body_of, head_of
from tandem.connectors.ports import Stores
from tandem.connectors.records import Item, MailQuery, MailRef

FREE_PROPERTIES = frozenset(
    {"DTSTAMP", "SEQUENCE", "LAST-MODIFIED", "CREATED", "PRODID", "COMPLETED", "PERCENT-COMPLETE"}
)
FREE_FLAGS = frozenset({"seen", "answered", "recent", "$forwarded", "draft"})


@dataclass(frozen=True, slots=True)
class MailState:
    """One mail: where it lies, its flags, its bytes."""

    folder: str
    flags: frozenset[str]
    raw: bytes


@dataclass(frozen=True, slots=True)
class State:
    """Everything on the servers. `sent` are the mails that the far side has taken."""

    calendar: Mapping[str, str]
    mails: Mapping[str, MailState]
    contacts: Mapping[str, str]
    notes: Mapping[str, str]
    sent: Sequence[bytes] = ()
    drafts_folder: str = "Drafts"
    trash_folder: str = "Trash"


def state_of(
    stores: Stores, sent: Sequence[bytes], read: dict[MailRef, bytes] | None = None
) -> State:
    """Read it all, past the assistant's own memory. `read` keeps what has been read before: the
    bytes of a mail under one uid never change.
    """
    read = {} if read is None else read
    mails: dict[str, MailState] = {}
    roles = {folder.role: folder.name for folder in stores.mailbox.folders()}
    for folder in stores.mailbox.folders():
        for mail in stores.mailbox.search(MailQuery(folders=(folder.name,))):
            raw = read.get(mail.ref) or stores.mailbox.read(mail.ref)
            read[mail.ref] = raw
            key = mail.head.message_id
            if key in mails:
                key = f"{key} (again in {folder.name})"
            mails[key] = MailState(folder.name, mail.flags, raw)
    return State(
        {_uid(item.text) or item.href: item.text for item in stores.calendar.items()},
        mails,
        {_uid(item.text) or item.href: item.text for item in stores.contacts.items()},
        {item.href: item.text for item in stores.notes.items()},
        list(sent),
        roles.get("drafts", "Drafts"),
        roles.get("trash", "Trash"),
    )


def _uid(text: str) -> str:
    found = re.search(r"(?mi)^UID:(.*?)\r?$", re.sub(r"\r?\n[ \t]", "", text))
    return found[1].strip() if found else ""


# --- one calendar object ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Happening:
    """An event or task as it counts: instants in UTC, or days."""

    kind: str
    summary: str
    start: datetime | date | None
    end: datetime | date | None
    location: str
    status: str
    attendees: frozenset[str]
    alarms: tuple[int, ...]
    rule: str
    starts: tuple[datetime, ...] = ()  # of a repeating one, the first ten


def _parts(text: str) -> list[Any]:
    calendar = cast(Any, Calendar.from_ical(text))
    return [*calendar.walk("VEVENT"), *calendar.walk("VTODO")]


def canonical(text: str) -> list[tuple[Any, ...]]:
    """A calendar object without what is free to change, comparable by `==`."""
    found: list[tuple[Any, ...]] = []
    for part in _parts(text):
        rows: list[tuple[str, str]] = []
        for name, value in part.property_items(recursive=True):
            if name not in FREE_PROPERTIES and name not in ("BEGIN", "END"):
                rows.append((name, _plain(value)))
        found.append(tuple(sorted(rows)))
    return sorted(found)


def _plain(value: Any) -> str:
    moment = getattr(value, "dt", None)
    if isinstance(moment, datetime):
        return _instant(moment, ZoneInfo("UTC")).isoformat()
    if isinstance(moment, date):
        return moment.isoformat()
    if type(value).__name__ == "vDDDLists":
        return ",".join(sorted(_plain(one) for one in value.dts))
    raw = value.to_ical() if hasattr(value, "to_ical") else str(value)
    return raw.decode() if isinstance(raw, bytes) else str(raw)


def _instant(moment: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(), zone)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def happening(part: Any, zone: ZoneInfo) -> Happening:
    """What counts of a VEVENT or VTODO."""
    start = _moment(part, "DTSTART", zone)
    end = _moment(part, "DTEND", zone)
    if part.name == "VTODO":
        start, end = _moment(part, "DUE", zone), None
    elif end is None and start is not None:
        length = part["DURATION"].dt if "DURATION" in part else None
        whole_day = timedelta(days=0 if isinstance(start, datetime) else 1)
        end = start + (length or whole_day)
    people = part.get("ATTENDEE", [])
    people = people if isinstance(people, list) else [people]
    alarms: list[int] = []
    for alarm in part.walk("VALARM"):
        trigger = getattr(alarm.get("TRIGGER"), "dt", None)
        if isinstance(trigger, timedelta):
            alarms.append(round(-trigger.total_seconds() / 60))
    rule = part["RRULE"].to_ical().decode() if "RRULE" in part else ""
    return Happening(
        part.name,
        str(part.get("SUMMARY", "")),
        start,
        end,
        str(part.get("LOCATION", "")),
        str(part.get("STATUS", "")),
        frozenset(re.sub("(?i)^mailto:", "", str(one)).lower() for one in people),
        tuple(alarms),
        rule,
        first_starts(part, rule, zone) if rule else (),
    )


def _moment(part: Any, name: str, zone: ZoneInfo) -> datetime | date | None:
    value = getattr(part.get(name), "dt", None)
    if isinstance(value, datetime):
        return _instant(value, zone)
    return value


def first_starts(part: Any, rule: str, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The first ten instants of a rule, from the part's own start (RFC 5545, 3.8.5.3)."""
    field_name = "DTSTART" if "DTSTART" in part else "DUE"
    if field_name not in part:
        return ()
    moment = part[field_name].dt
    return rule_starts(rule, moment, zone)


def rule_starts(rule: str, moment: date | datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The first ten instants of a rule that starts at `moment`, read in the given zone."""

    if isinstance(moment, datetime):
        moment = moment.astimezone(zone)
    event = cast(Any, Event())
    event.add("uid", "x")
    event.add("dtstart", moment)
    event.add("rrule", vRecur.from_ical(rule))
    calendar = cast(Any, Calendar())
    calendar.add_component(event)
    begin = _instant(moment, zone)
    found: Any = recurring_ical_events.of(calendar).between(
        begin - timedelta(days=1), begin + timedelta(days=800)
    )
    return tuple(sorted(_instant(one["DTSTART"].dt, zone) for one in found)[:10])


def occurrences(text: str, zone: ZoneInfo, around: datetime) -> dict[datetime, Happening]:
    """Every occurrence around a moment by its recurrence id."""
    calendar = cast(Any, Calendar.from_ical(text))
    found: Any = recurring_ical_events.of(calendar, components=["VEVENT"]).between(
        around - timedelta(days=60), around + timedelta(days=200)
    )
    result: dict[datetime, Happening] = {}
    for part in found:
        own = part.get("RECURRENCE-ID")
        moment = own.dt if own is not None else part["DTSTART"].dt
        result[_instant(moment, zone)] = happening(part, zone)
    return result


# --- expectations -------------------------------------------------------------------------------


def _said_moment(text: str) -> datetime | date:
    if len(text) == 10:
        return date.fromisoformat(text)
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def _same_moment(found: datetime | date | None, wanted: str, zone: ZoneInfo) -> bool:
    moment = _said_moment(wanted)
    if isinstance(moment, datetime):
        return isinstance(found, datetime) and found.astimezone(UTC) == moment
    if isinstance(found, datetime):
        return found.astimezone(zone).date() == moment and _is_day_edge(found, zone)
    return found == moment


def _is_day_edge(found: datetime, zone: ZoneInfo) -> bool:
    local = found.astimezone(zone)
    return local.time() in (time(), time(23, 59), time(23, 59, 59))


def _words_in(wanted: str, text: str) -> bool:
    return all(word in text.lower() for word in wanted.lower().split())


def fits(wanted: Mapping[str, Any], found: Happening, zone: ZoneInfo) -> bool:
    """Whether an event or a task is as expected; fields that are not named are free."""
    checks = {
        "summary": lambda v: _words_in(v, found.summary),
        "start": lambda v: _same_moment(found.start, v, zone),
        "end": lambda v: _same_moment(found.end, v, zone),
        "due": lambda v: _same_moment(found.start, v, zone),
        "location": lambda v: _words_in(v, found.location),
        "status": lambda v: found.status == v,
        "attendees": lambda v: {one.lower() for one in v} <= found.attendees,
        "alarm_minutes": lambda v: v in found.alarms,
        "rrule": lambda v: _same_rule(v, found, zone),
    }
    return all(checks[name](value) for name, value in wanted.items() if name in checks)


def _same_rule(wanted: str, found: Happening, zone: ZoneInfo) -> bool:
    if not found.rule or found.start is None:
        return False
    return rule_starts(wanted, found.start, zone) == rule_starts(found.rule, found.start, zone)


@dataclass(slots=True)
class Judged:
    """The faults found; none means success."""

    faults: list[str] = field(default_factory=list[str])

    def fault(self, text: str) -> None:
        self.faults.append(text)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the user saw: all words, whether a question came first, and how many cards."""

    words: str
    asked_first: bool
    not_done: bool  # refused or escalated
    num_cards: int


def judge(
    case: Mapping[str, Any],
    before: State,
    after: State,
    shown: Shown,
    zone: ZoneInfo,
    now: datetime,
) -> list[str]:
    """Everything that is not as expected, in words."""
    expect = case["expect"]
    result = Judged()
    _judge_calendar(expect, before, after, zone, now, result)
    _judge_mail(expect.get("mail", {}), before, after, result)
    _judge_contacts(expect.get("contacts", {}), before, after, result)
    _judge_notes(expect.get("notes", {}), before, after, result)
    _judge_words(expect, shown, now, result)
    return result.faults


# --- calendar and tasks -------------------------------------------------------------------------


def _judge_calendar(
    expect: Mapping[str, Any], before: State, after: State, zone: ZoneInfo, now: datetime,
    result: Judged,
) -> None:  # fmt: skip
    events, tasks = expect.get("calendar", {}), expect.get("tasks", {})
    added = [uid for uid in after.calendar if uid not in before.calendar]
    new = [happening(_parts(after.calendar[uid])[0], zone) for uid in added]
    wanted = [("VEVENT", one) for one in events.get("added", ())]
    wanted += [("VTODO", one) for one in tasks.get("added", ())]
    if len(new) != len(wanted):
        result.fault(f"added {len(new)} to the calendar, not {len(wanted)}: {new}")
    elif not any(
        all(
            _fits_kind(kind, want, one, zone)
            for (kind, want), one in zip(wanted, order, strict=True)
        )
        for order in permutations(new)
    ):
        result.fault(f"what was added is not as expected: {new}")
    changed = {**_by_uid(events.get("changed", ())), **_by_uid(tasks.get("changed", ()))}
    removed = _by_uid(events.get("removed", ())) | _by_uid(tasks.get("removed", ()))
    for uid, text in before.calendar.items():
        wants = changed.get(uid, []) + removed.get(uid, [])
        if uid not in after.calendar:
            if not any("recurrence_id" not in one and uid in removed for one in wants):
                result.fault(f"{uid} is gone")
        elif not wants:
            if canonical(text) != canonical(after.calendar[uid]):
                result.fault(f"{uid} changed")
        elif uid in removed and "recurrence_id" not in wants[0]:
            result.fault(f"{uid} is still there")
        else:
            _judge_change(uid, text, after.calendar[uid], changed.get(uid, []),
                          removed.get(uid, []), zone, now, result)  # fmt: skip


def _by_uid(entries: Iterable[Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        one = {"uid": entry} if isinstance(entry, str) else dict(entry)
        found.setdefault(one["uid"], []).append(one)
    return found


def _fits_kind(kind: str, wanted: Mapping[str, Any], found: Happening, zone: ZoneInfo) -> bool:
    if found.kind == kind:
        return fits(wanted, found, zone)
    if kind == "VTODO" and "due" in wanted:  # an event with an alarm then will do, too
        return fits(wanted, found, zone) and bool(found.alarms)
    return False


def _judge_change(
    uid: str, old: str, new: str, changed: list[dict[str, Any]], removed: list[dict[str, Any]],
    zone: ZoneInfo, now: datetime, result: Judged,
) -> None:  # fmt: skip
    if any("recurrence_id" in one for one in changed + removed):
        was, is_now = occurrences(old, zone, now), occurrences(new, zone, now)
        _judge_occurrences(uid, was, is_now, changed, removed, zone, result)
        return
    want = changed[0]
    old_part, new_part = (happening(_parts(text)[0], zone) for text in (old, new))
    if not fits(want, new_part, zone):
        result.fault(f"{uid} is not as expected: {new_part}")
    for name in ("summary", "start", "location", "status", "rule"):
        key = {"rule": "rrule"}.get(name, name)
        is_named = key in want or (name == "start" and "due" in want)
        if not is_named and getattr(old_part, name) != getattr(new_part, name):
            result.fault(f"{uid}: {name} changed, too")


def _judge_occurrences(
    uid: str, was: dict[datetime, Happening], is_now: dict[datetime, Happening],
    changed: list[dict[str, Any]], removed: list[dict[str, Any]], zone: ZoneInfo, result: Judged,
) -> None:  # fmt: skip
    wants = {_said_moment(one["recurrence_id"]): one for one in changed if "recurrence_id" in one}
    gone = {_said_moment(one["recurrence_id"]) for one in removed}
    for moment in was.keys() | is_now.keys():
        found = is_now.get(moment)
        if moment in gone:
            if found is not None:
                result.fault(f"{uid}: the occurrence is still there")
        elif moment in wants:
            if found is None or not fits(wants[moment], found, zone):
                result.fault(f"{uid}: the occurrence is not as expected: {found}")
        elif moment not in was or found is None or _core(was[moment]) != _core(found):
            result.fault(f"{uid}: another occurrence changed: {moment}")


def _core(one: Happening) -> tuple[Any, ...]:
    return one.summary, one.start, one.end, one.location


# --- mail ---------------------------------------------------------------------------------------


def _judge_mail(expect: Mapping[str, Any], before: State, after: State, result: Judged) -> None:
    own_sent = {head_of(raw).message_id for raw in after.sent}
    new = {k: v for k, v in after.mails.items() if k not in before.mails and k not in own_sent}
    drafts = [v.raw for v in new.values() if v.folder == after.drafts_folder]
    strange = [k for k, v in new.items() if v.folder != after.drafts_folder]
    if strange:
        result.fault(f"new mails that nobody wanted: {strange}")
    _match_mails("sent", expect.get("sent", ()), list(after.sent), result)
    _match_mails("drafts", expect.get("drafts", ()), drafts, result)
    moved = {one["message_id"]: one["folder"] for one in expect.get("moved", ())}
    deleted = set(expect.get("deleted", ()))
    flags = {one["message_id"]: one for one in expect.get("flags", ())}
    for key, was in before.mails.items():
        now = after.mails.get(key)
        if now is None:
            if key not in deleted:
                result.fault(f"{key} is gone")
            continue
        wanted = moved.get(key, after.trash_folder if key in deleted else was.folder)
        if now.folder.lower() != wanted.lower():
            result.fault(f"{key} is in {now.folder}, not in {wanted}")
        change = flags.get(key, {})
        expected = (set(was.flags) | set(change.get("add", ()))) - set(change.get("remove", ()))
        named = set(change.get("add", ())) | set(change.get("remove", ()))
        free = FREE_FLAGS - named
        if expected - free != set(now.flags) - free:
            result.fault(f"{key} has the flags {sorted(now.flags)}, not {sorted(expected)}")


def _match_mails(
    name: str, wanted: Sequence[Mapping[str, Any]], found: list[bytes], result: Judged
) -> None:
    if len(wanted) != len(found):
        subjects = [head_of(raw).subject for raw in found]
        result.fault(f"{name}: {len(found)} mails, not {len(wanted)}: {subjects}")
        return
    for order in permutations(found):
        if all(not _mail_faults(want, raw) for want, raw in zip(wanted, order, strict=True)):
            return
    result.fault(f"{name}: {[_mail_faults(w, r) for w, r in zip(wanted, found, strict=True)]}")


def _mail_faults(wanted: Mapping[str, Any], raw: bytes) -> list[str]:
    head, body = head_of(raw), body_of(raw)
    faults: list[str] = []
    for name in ("to", "cc"):
        people = {one.address.lower() for one in getattr(head, name)}
        if name in wanted and people != {one.lower() for one in wanted[name]}:
            faults.append(f"{name} is {sorted(people)}")
    if not _words_in(wanted.get("subject", ""), head.subject):
        faults.append(f"subject is {head.subject}")
    if "in_reply_to" in wanted and head.in_reply_to != wanted["in_reply_to"]:
        faults.append(f"replies to {head.in_reply_to}")
    text = body.text.lower()
    own = _own_words(body.text).lower()
    faults += [f"no {word!r} in the body" for word in wanted.get("body_contains", ())
               if word.lower() not in text]  # fmt: skip
    faults += [f"{word!r} in the body" for word in wanted.get("body_omits", ())
               if word.lower() in own]  # fmt: skip
    names = {part.name for part in body.attachments}
    if not set(wanted.get("attachments", ())) <= names:
        faults.append(f"attached: {sorted(names)}")
    return faults


def _own_words(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith(">"))


# --- contacts, notes, words ---------------------------------------------------------------------


def _card(text: str) -> Any:
    found = people([Item("", text, "")])
    return found[0] if found else text


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _card_fits(wanted: Mapping[str, Any], text: str) -> bool:
    card = _card(text)
    phones = {_digits(one) for one in card.phones}
    return (
        _words_in(wanted.get("name", ""), card.name)
        and ("email" not in wanted or wanted["email"].lower() in map(str.lower, card.mails))
        and ("phone" not in wanted or _phone_in(_digits(wanted["phone"]), phones))
    )


def _phone_in(wanted: str, phones: Iterable[str]) -> bool:
    return any(one == wanted or one.endswith(wanted) for one in phones)


def _judge_contacts(expect: Mapping[str, Any], before: State, after: State, result: Judged) -> None:
    new = [text for uid, text in after.contacts.items() if uid not in before.contacts]
    wanted = expect.get("added", ())
    if len(new) != len(wanted) or not any(
        all(_card_fits(want, one) for want, one in zip(wanted, order, strict=True))
        for order in permutations(new)
    ):
        result.fault(f"contacts added: {new}")
    changed = _by_uid(expect.get("changed", ()))
    removed = _by_uid(expect.get("removed", ()))
    for uid, text in before.contacts.items():
        now = after.contacts.get(uid)
        if now is None:
            if uid not in removed:
                result.fault(f"contact {uid} is gone")
        elif uid in removed:
            result.fault(f"contact {uid} is still there")
        elif uid in changed:
            if not _card_fits(changed[uid][0], now):
                result.fault(f"contact {uid} is not as expected: {now}")
        elif _card(text) != _card(now):
            result.fault(f"contact {uid} changed")


def _judge_notes(expect: Mapping[str, Any], before: State, after: State, result: Judged) -> None:
    new = [text for href, text in after.notes.items() if href not in before.notes]
    wanted = expect.get("added", ())
    if len(new) != len(wanted) or not any(
        all(
            all(word.lower() in one.lower() for word in want["contains"])
            for want, one in zip(wanted, order, strict=True)
        )
        for order in permutations(new)
    ):
        result.fault(f"notes added: {new}")
    free = set(expect.get("removed", ())) | {one["name"] for one in expect.get("changed", ())}
    for href, text in before.notes.items():
        if after.notes.get(href) != text and href.rpartition("/")[2] not in free:
            result.fault(f"note {href} changed")


def _judge_words(expect: Mapping[str, Any], shown: Shown, now: datetime, result: Judged) -> None:
    answer = expect.get("answer", {})
    for word in answer.get("contains", ()):
        if not holds(shown.words, word, now):
            result.fault(f"the answer lacks {word!r}")
    if answer.get("any") and not any(holds(shown.words, word, now) for word in answer["any"]):
        result.fault(f"the answer has none of {answer['any']}")
    for word in answer.get("omits", ()):
        if word.lower() in shown.words.lower():
            result.fault(f"the answer has {word!r}")
    if expect.get("asks") and not shown.asked_first:
        result.fault("no question was asked")
    if (expect.get("refuses") or expect.get("escalates")) and not shown.not_done:
        result.fault("neither refused nor escalated")
    if shown.num_cards < expect.get("cards", 0):
        result.fault(f"{shown.num_cards} cards shown, not {expect['cards']}")
