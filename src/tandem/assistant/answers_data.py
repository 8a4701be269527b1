"""Answers from the text of the user's mails and notes: quotations, never words of a model's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tandem.assistant import lookup
from tandem.assistant.answers import (
    LONGEST_LIST,
    card_text,
    event_line,
    in_window,
    shown_window,
    window,
)
from tandem.assistant.cards import Evidence
from tandem.assistant.planning import Desk, Maker, Outcome, Told, evidence, find_event
from tandem.assistant.words import moment_text
from tandem.understanding.known import KnownEvent, KnownMail
from tandem.understanding.reading import Ref

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
        return card_text(desk, one, "")
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
        shown = shown_window(desk, when)
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


MAKERS: Mapping[str, Maker] = {
    "event_search": agenda,
    "mail_search": find_mails,
    "mail_read": read_mail,
    "note_search": note,
    "data_question": question,
}
