"""A scripted cloud that always understands: it turns what a case expects into calls.

The calls still go through the device's own planning, cards and execution, so this counts only what
the device can carry out. It is the second figure of `bench.assistant`, for what the device's own
reader escalates; alone (`--reader perfect`) it tests execution without any understanding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tandem.understanding.known import Known, KnownMail
from tandem.understanding.reading import (
    Call,
    Context,
    Decision,
    Filled,
    Reading,
    Ref,
    Value,
    When,
)


class PerfectCloud:
    """Reads one case; a Reader."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self._case = case

    def read(self, request: str, context: Context) -> Reading:
        """The calls at the last turn; a question before it where one is expected."""
        turns, expect = self._case["turns"], self._case["expect"]
        is_last = request == turns[-1]
        if expect.get("refuses") or expect.get("escalates"):
            return Reading(Decision.ESCALATE)
        if not is_last or (expect.get("asks") and len(turns) == 1):
            return Reading(Decision.ASK if expect.get("asks") else Decision.ACT)
        calls = tuple(calls_for(expect, request, context.known))
        return Reading(Decision.ACT, calls)


def _call(tool: str, **slots: Value | None) -> Call:
    filled = {
        name: Filled(value if isinstance(value, str) else "", value)
        for name, value in slots.items()
        if value is not None
    }
    return Call(tool, filled)


def calls_for(expect: Mapping[str, Any], request: str, known: Known) -> Iterator[Call]:
    """One call for every difference that is expected."""
    calendar, mail = expect.get("calendar", {}), expect.get("mail", {})
    sent = list(mail.get("sent", ()))
    for event in calendar.get("added", ()):
        yield _new_event(event, sent, known)
    for event in calendar.get("changed", ()):
        yield _changed_event(event, sent, known)
    for event in calendar.get("removed", ()):
        ref = _event({"uid": event} if isinstance(event, str) else event)
        yield _call("event_cancel", event=ref)
    yield from _task_calls(expect.get("tasks", {}), ZoneInfo(known.zone))
    yield from (_letter(one, known) for one in sent)
    yield from _filing_calls(mail)
    yield from _record_calls(expect)
    if "answer" in expect:
        yield _call("data_question", question=request)


def _new_event(event: Mapping[str, Any], sent: list[Any], known: Known) -> Call:
    """An event; the mail that goes with an invitation is taken from `sent`."""
    invitation = _invitation(known, event["summary"]) if sent else None
    if invitation is not None:
        sent.clear()
        return _call("invitation_answer", mail=_mail(invitation), answer="accept")
    attendees = _people(event.get("attendees"))
    if attendees:
        sent.clear()
    return _call(
        "event_create",
        title=event["summary"],
        when=_when(event, ZoneInfo(known.zone)),
        place=event.get("location"),
        attendees=attendees,
        alarm=_minutes(event.get("alarm_minutes")),
    )


def _changed_event(event: Mapping[str, Any], sent: list[Any], known: Known) -> Call:
    ref, zone = _event(event), ZoneInfo(known.zone)
    if "attendees" in event:
        sent.clear()
        return _call("event_invite", event=ref, attendees=_people(event["attendees"]))
    until = event.get("rrule", "").partition("UNTIL=")[2].partition(";")[0]
    return _call(
        "event_change",
        event=ref,
        when=_when(event, zone) if "start" in event else None,
        title=event.get("summary"),
        place=event.get("location"),
        alarm=_minutes(event.get("alarm_minutes")),
        until=_until(until, zone) if until else None,
    )


def _task_calls(tasks: Mapping[str, Any], zone: ZoneInfo) -> Iterator[Call]:
    for task in tasks.get("added", ()):
        due = _when({**task, "start": task["due"]}, zone) if "due" in task else None
        yield _call("task_create", title=task["summary"], when=due)
    for task in tasks.get("changed", ()):
        ref = (Ref("task", task["uid"]),)
        if task.get("status") == "COMPLETED":
            yield _call("task_done", task=ref)
        else:
            yield _call("task_change", task=ref, when=_when({"start": task["due"]}, zone))


def _letter(one: Mapping[str, Any], known: Known) -> Call:
    body = ", ".join(one.get("body_contains", ("x",)))
    if "in_reply_to" in one:
        return _call("mail_reply", mail=(Ref("mail", one["in_reply_to"]),), body=body)
    wanted = set(one.get("attachments", ("?",)))
    source = next((mail for mail in known.mails if wanted <= set(mail.attachments)), None)
    to = _people(one["to"])
    if source is not None:
        return _call("mail_forward", mail=_mail(source), to=to, body=body)
    return _call("mail_send", to=to, body=body)


def _filing_calls(mail: Mapping[str, Any]) -> Iterator[Call]:
    for one in mail.get("drafts", ()):
        body = ", ".join(one.get("body_contains", ("x",)))
        ref = (Ref("mail", one["in_reply_to"]),) if "in_reply_to" in one else None
        yield _call("mail_draft", to=_people(one.get("to")), mail=ref, body=body)
    folders = _grouped((one["folder"], one["message_id"]) for one in mail.get("moved", ()))
    for folder, refs in folders.items():
        yield _call("mail_move", mails=refs, folder=(Ref("folder", folder),))
    if mail.get("deleted"):
        yield _call("mail_delete", mails=tuple(Ref("mail", one) for one in mail["deleted"]))
    added = [(flag, one["message_id"]) for one in mail.get("flags", ())
             for flag in one.get("add", ())]  # fmt: skip
    taken = [(f"un{flag}", one["message_id"]) for one in mail.get("flags", ())
             for flag in one.get("remove", ())]  # fmt: skip
    for state, refs in _grouped([*added, *taken]).items():
        yield _call("mail_flag", mails=refs, state=state)


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[Ref, ...]]:
    found: dict[str, tuple[Ref, ...]] = {}
    for key, message_id in pairs:
        found[key] = (*found.get(key, ()), Ref("mail", message_id))
    return found


def _record_calls(expect: Mapping[str, Any]) -> Iterator[Call]:
    contacts = expect.get("contacts", {})
    for one in contacts.get("added", ()):
        yield _call("contact_create", **{k: one.get(k) for k in ("name", "email", "phone")})
    for one in contacts.get("changed", ()):
        rest = {k: v for k, v in one.items() if k != "uid"}
        yield _call("contact_change", contact=(Ref("contact", one["uid"]),), way="add", **rest)
    for one in expect.get("notes", {}).get("added", ()):
        yield _call("note_create", text=" ".join(one["contains"]))


def _mail(mail: KnownMail) -> tuple[Ref, ...]:
    return (Ref("mail", mail.message_id),)


def _invitation(known: Known, summary: str) -> KnownMail | None:
    words = summary.lower().split()
    for mail in known.mails:
        if mail.invitation and all(word in mail.subject.lower() for word in words):
            return mail
    return None


def _people(addresses: Any) -> tuple[Ref, ...] | None:
    return tuple(Ref("contact", one) for one in addresses) if addresses else None


def _event(event: Mapping[str, Any]) -> tuple[Ref, ...]:
    moment = event.get("recurrence_id")
    return (Ref("event", event["uid"], datetime.fromisoformat(moment) if moment else None),)


def _minutes(count: int | None) -> timedelta | None:
    return None if count is None else timedelta(minutes=count)


def _when(event: Mapping[str, Any], zone: ZoneInfo) -> When:
    start, end = event["start"], event.get("end")
    has_time = len(start) > 10
    return When(
        _moment(start, zone),
        _moment(end, zone) if end else None,
        has_time=has_time,
        recurrence=event.get("rrule"),
    )


def _moment(text: str, zone: ZoneInfo) -> datetime:
    if len(text) == 10:
        return datetime.combine(datetime.fromisoformat(text).date(), time(), zone)
    return datetime.fromisoformat(text).astimezone(zone)


def _until(text: str, zone: ZoneInfo) -> When:
    moment = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=ZoneInfo("UTC"))
    day = datetime.combine(moment.astimezone(zone).date(), time(), zone)
    return When(day, has_time=False)
