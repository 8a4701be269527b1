"""Records that a request picks out by order: "my first meeting on Monday", "the latest mail from
Ann about 'Plan'", "all mails from Ann of the last three days"; and what it puts in quotes.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from tandem.understanding.catalogue import CATALOGUE
from tandem.understanding.known import Known, KnownContact, KnownEvent, KnownMail
from tandem.understanding.moments import borders_of, when_of, window_of
from tandem.understanding.reading import (
    Call,
    Decision,
    Filled,
    Question,
    Reading,
    Ref,
    Value,
)

_MEETING = re.compile(
    r"\b(?:my|the)\s+(?P<order>first|last|next)\s+(?P<name>[\w' -]*?)\s*"
    r"(?:meeting|event|appointment)\b"
    r"(?:\s+with\s+(?P<who>[\w'-]+))?(?:\s+(?:on|this|for)\s+(?P<when>[^,.]+?))?"
    r"(?=\s+(?:by|to|and|with)\b|[,.?!]|$)",
    re.I,
)
_MAIL = re.compile(
    r"\b(?:latest|last|most recent|newest)\s+(?:e-?mail|mail|message)\b"
    r"(?:\s+(?:from|by)\s+(?P<who>[\w'-]+)|\s+(?P<sent>they|he|she) sent me)?"
    r"(?:\s+(?:about|titled|called|with the subject)\s+['\"“](?P<subject>.+?)['\"”])?",
    re.I,
)
_MAILS = re.compile(
    r"\ball\s+(?:of\s+)?(?:my|the)?\s*(?:e-?mails|mails|messages)\s+from\s+(?P<who>[\w'-]+)"
    r"(?:\s+(?:from|in|of|over)\s+the\s+(?:last|past)\s+(?P<days>\d+)\s+days)?",
    re.I,
)
_SAYING = re.compile(
    r"\b(?:saying|that says|say|tell (?:them|him|her))\s+['\"“](?P<text>.+?)['\"”]"
    r"(?=\s+and\b|\s+titled?\b|[.?]|\s*$)",
    re.I | re.S,
)
_TITLE = re.compile(
    r"\b(?:title(?:d)?(?:\s+(?:it|the email))?|subject|called)\s+['\"“](?P<text>.+?)['\"”]", re.I
)


def selected(reading: Reading, request: str, known: Known) -> Reading:
    """The reading with what its words pick out; a question that is thereby answered is none."""
    calls = tuple(_selected(call, request, known) for call in reading.calls)
    question = reading.question
    if calls == reading.calls and question is not None and not question.options:
        return _with_options(reading, question, known)
    if calls == reading.calls:
        return reading
    is_answered = question is not None and question.slot in calls[question.call].slots
    if is_answered and all(_is_whole(call) for call in calls):
        return replace(reading, calls=calls, decision=Decision.ACT, question=None)
    return replace(reading, calls=calls)


def _with_options(reading: Reading, question: Question, known: Known) -> Reading:
    """A question for an event of which only the day is clear names those of that day."""
    call = reading.calls[question.call]
    filled = call.slots.get(question.slot)
    if call.tool not in ("event_change", "event_cancel") or question.slot != "event":
        return reading
    window, _ = window_of(filled.text, known) if filled is not None else (None, "")
    if filled is None or window is None or filled.value is not None:
        return reading
    options = tuple(
        (Ref("event", one.uid, one.recurrence_id),)
        for one in known.events
        if window[0] <= one.start < window[1] and not one.is_all_day
    )
    if picked := _LAST_OR_FIRST.search(filled.text):
        options = options[-1:] if picked["last"] else options[:1]
        return _settled(reading, question, options)
    if not 1 < len(options) <= _MOST_OPTIONS:
        return reading
    slots = {**call.slots, question.slot: replace(filled, options=options)}
    calls = list(reading.calls)
    calls[question.call] = replace(call, slots=slots)
    return replace(reading, calls=tuple(calls), question=replace(question, options=options))


_MOST_OPTIONS = 5
_LAST_OR_FIRST = re.compile(r"(?P<last>\blast\b|最后)|\bfirst\b|第一|最早", re.I)


def _settled(reading: Reading, question: Question, options: tuple[tuple[Ref, ...], ...]) -> Reading:
    """The question answered by the one that is left."""
    if not options:
        return reading
    call = reading.calls[question.call]
    filled = replace(call.slots[question.slot], value=options[0])
    calls = list(reading.calls)
    calls[question.call] = replace(call, slots={**call.slots, question.slot: filled})
    if not all(_is_whole(one) for one in calls):
        return reading
    return replace(reading, calls=tuple(calls), decision=Decision.ACT, question=None)


def _is_whole(call: Call) -> bool:
    slots = call.slots
    return all(
        name in slots and slots[name].value is not None for name in CATALOGUE[call.tool].required
    )


def _selected(call: Call, request: str, known: Known) -> Call:
    slots = dict(call.slots)
    names = {slot.name for slot in CATALOGUE[call.tool].slots}
    if "event" in names and (event := _event(request, known)):
        slots["event"] = Filled("", (Ref("event", event.uid, event.recurrence_id),))
    if "mails" in names and (found := _mails(request, known)):
        slots["mails"] = Filled("", tuple(Ref("mail", mail.message_id) for mail in found))
    if "mail" in names and (mail := _mail(request, known)):
        slots["mail"] = Filled("", (Ref("mail", mail.message_id),))
    if call.tool in ("mail_send", "mail_draft", "mail_reply"):
        for name, pattern in (("body", _SAYING), ("subject", _TITLE)):
            match = pattern.search(request)
            if match is not None and name in names:
                slots[name] = Filled(match["text"], match["text"], match.span("text"))
    if call.tool == "mail_move":
        _refiled(slots, known)
    return call if slots == dict(call.slots) else replace(call, slots=slots)


def _refiled(slots: dict[str, Filled], known: Known) -> None:
    """Of mails that fit equally well those that lie in the folder already are not meant."""
    folder, mails = slots.get("folder"), slots.get("mails")
    if folder is None or mails is None or mails.value is not None or not mails.options:
        return
    names = {one.id for one in _refs(folder.value)}
    there = {mail.message_id for mail in known.mails if mail.folder in names}
    open_ones = [
        option for option in mails.options if not {one.id for one in _refs(option)} & there
    ]
    if len(open_ones) == 1:
        slots["mails"] = replace(mails, value=open_ones[0], options=())
    elif open_ones:
        slots["mails"] = replace(mails, options=tuple(open_ones))


def _refs(value: Value | None) -> list[Ref]:
    return [one for one in value if isinstance(one, Ref)] if isinstance(value, tuple) else []


def _event(request: str, known: Known) -> KnownEvent | None:
    match = _MEETING.search(request)
    if match is None:
        return None
    day = when_of(match["when"], known) if match["when"] else None
    start, end = borders_of(day) if day is not None else (known.now, datetime.max.replace(
        tzinfo=known.now.tzinfo))  # fmt: skip
    who = _contact(match["who"], known) if match["who"] else None
    if match["who"] and who is None:
        return None
    name = match["name"].strip().lower()
    found = [
        event
        for event in known.events
        if start <= event.start < end
        and name in event.summary.lower()
        and (who is None or _is_with(event, who))
    ]
    if not found:
        return None
    return found[-1] if match["order"].lower() == "last" else found[0]


def _is_with(event: KnownEvent, who: KnownContact) -> bool:
    addresses = {one.lower() for one in event.attendees}
    first = who.name.split()[0].lower()
    return bool(addresses & {one.lower() for one in who.emails}) or first in event.summary.lower()


def _contact(word: str, known: Known) -> KnownContact | None:
    """The one contact with this name; `None` where there are none or several."""
    plain = word.lower().removesuffix("'s")
    found = [
        contact
        for contact in known.contacts
        if plain in (part.lower() for name in (contact.name, *contact.nicknames)
                     for part in (name, *name.split()))
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _inbox(known: Known) -> list[KnownMail]:
    away = ("trash", "junk", "drafts", "sent")
    return [mail for mail in known.mails if mail.folder.lower() not in away]


def _mail(request: str, known: Known) -> KnownMail | None:
    match = _MAIL.search(request)
    if match is None or not (match["who"] or match["sent"] or match["subject"]):
        return None
    word = match["who"] or next(iter(re.findall(r"\w+", request)), "")
    who = _contact(word, known) if match["who"] or match["sent"] else None
    if (match["who"] or match["sent"]) and who is None:
        return None
    addresses = {one.lower() for one in who.emails} if who else set[str]()
    for mail in _inbox(known):  # the newest first
        is_from = not addresses or mail.sender.lower() in addresses
        if is_from and (match["subject"] or "").lower() in mail.subject.lower():
            return mail
    return None


def _mails(request: str, known: Known) -> list[KnownMail]:
    match = _MAILS.search(request)
    if match is None:
        return [mail] if (mail := _mail(request, known)) else []
    who = _contact(match["who"], known)
    if who is None:
        return []
    addresses = {one.lower() for one in who.emails}
    days = int(match["days"]) if match["days"] else 36500
    since = known.now - timedelta(days=days)
    return [m for m in _inbox(known) if m.sender.lower() in addresses and m.at >= since]
