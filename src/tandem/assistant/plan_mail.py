"""Plans what is done with mail and messages."""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Mapping
from datetime import datetime

from tandem.assistant.cards import (
    FlagMail,
    KeepMail,
    Line,
    MoveMail,
    Origin,
    Send,
    SendMessage,
    Step,
)
from tandem.assistant.letters import Draft, attachments_of, forwarded, quoted, reply_subject
from tandem.assistant.manner import as_letter, split_mail, subject_from
from tandem.assistant.planning import (
    Desk,
    Maker,
    Outcome,
    Told,
    evidence,
    names,
    new_id,
)
from tandem.assistant.words import count_text
from tandem.connectors.mime import head_of, header_of
from tandem.connectors.records import Address, MailRef
from tandem.understanding.known import KnownContact, KnownMail
from tandem.understanding.reading import Ref

# --- writing ------------------------------------------------------------------------------------


def send(desk: Desk) -> Outcome:
    """A new mail; as a draft it stays here."""
    people = desk.people("to")
    if not people:
        raise desk.need("to", "ask_to")
    words = _words(desk, people[0][0].address)
    subject = desk.text("subject") or subject_from(words, desk.language)
    draft = Draft(
        tuple(one for one, _ in people),
        subject[:1].upper() + subject[1:],
        words,
        tuple(one for one, _ in desk.people("cc")),
        _greeting(desk, people[0][0]),
        attachments_of([_raw(desk, mail) for mail in desk.mails("attachments")]),
    )
    title = desk.say(desk.call.tool, people=names(people, desk.language))
    return _letter_step(desk, draft, title, people)


def draft(desk: Desk) -> Outcome:
    """A mail or a reply that is kept and not sent."""
    if desk.refs("mail"):
        return reply(desk)
    return send(desk) if desk.refs("to") else _draft_to_nobody(desk)


def _draft_to_nobody(desk: Desk) -> Outcome:
    raise desk.need("to", "ask_unknown_person" if desk.words("to") else "ask_to")


def reply(desk: Desk) -> Outcome:
    """An answer in the thread, to who wrote it; quoted as the user usually does."""
    mail = desk.mail()
    raw = _raw(desk, mail)
    head = head_of(raw)
    to, origin = _reply_address(desk, mail, head.reply_to)
    people = ((to, origin),)
    others = desk.people("cc")
    if desk.text("audience") == "all":
        mine = {desk.known.user_email.lower(), to.address.lower()}
        rest = (one for one in (*head.to, *head.cc) if one.address.lower() not in mine)
        others = (*others, *((one, Origin.UNTRUSTED) for one in rest))
    quotes = desk.writer.manner.quotes
    draft = Draft(
        (to,),
        reply_subject(mail.subject),
        _words(desk, to.address),
        tuple(one for one, _ in others),
        _greeting(desk, to),
        below=quoted(raw, mail.text, _local(desk, mail), _spoken(mail)) if quotes else "",
        in_reply_to=mail.message_id,
        references=head.references,
    )
    key = "mail_draft" if desk.call.tool == "mail_draft" else "mail_reply"
    title = desk.say(key, people=names(people, desk.language))
    return _letter_step(desk, draft, title, people, mail)


def _reply_address(
    desk: Desk, mail: KnownMail, reply_to: tuple[Address, ...]
) -> tuple[Address, Origin]:
    """Where a reply goes. A Reply-To that is not the sender is somebody else's wish: marked."""
    address = reply_to[0] if reply_to else Address(mail.sender_name, mail.sender)
    if mail.sender.lower() == desk.known.user_email.lower() and mail.to:
        address = Address("", mail.to[0])  # answering one's own mail goes on to whom it went
    known = any(
        address.address.lower() == one.lower()
        for contact in desk.known.contacts
        for one in contact.emails
    )
    return address, Origin.OWN if known else Origin.UNTRUSTED


def forward(desk: Desk) -> Outcome:
    """A mail sent on with its attachments."""
    mail, people = desk.mail(), desk.people("to")
    if not people:
        raise desk.need("to", "ask_to")
    raw = _raw(desk, mail)
    words = _words(desk, people[0][0].address) if desk.text("body") else ""
    draft = Draft(
        tuple(one for one, _ in people),
        f"Fwd: {mail.subject}",
        words,
        greeting=_greeting(desk, people[0][0]) if words else "",
        attachments=attachments_of([raw]),
        below=forwarded(raw, mail.text, _local(desk, mail), desk.language),
    )
    title = desk.say("mail_forward", people=names(people, desk.language))
    return _letter_step(desk, draft, title, people, mail)


def _letter_step(
    desk: Desk,
    draft: Draft,
    title: str,
    people: tuple[tuple[Address, Origin], ...],
    mail: KnownMail | None = None,
) -> Step:
    letter = desk.writer.letter(draft, desk.now, new_id())
    lines = [desk.line("to", str(one), origin) for one, origin in people]
    lines += [desk.line("cc", str(one)) for one in draft.cc]
    from_mail = Origin.UNTRUSTED if mail is not None else Origin.USER
    lines.append(desk.line("subject", draft.subject, from_mail))
    if draft.words:
        lines.append(desk.line("text", draft.words))
    if draft.attachments:
        lines.append(
            desk.line("attachments", ", ".join(a.name for a in draft.attachments), from_mail)
        )
    found = (evidence(mail),) if mail is not None else ()
    if desk.call.tool == "mail_draft":
        keep = KeepMail(desk.knowing.folder("drafts"), letter.raw, frozenset({"seen", "draft"}))
        return Step(desk.call.tool, title, (keep,), tuple(lines), found, f"{title}: {draft.words}")
    return Step(desk.call.tool, title, (Send(letter),), tuple(lines), found, title)


def _words(desk: Desk, address: str) -> str:
    if desk.words("body").startswith("“"):
        return desk.text("body")  # it stood in quotes: word for word
    greeting = desk.writer.manner.greetings.get(address.lower(), "")
    language = "zh" if re.search(r"[\u4e00-\u9fff]", desk.text("body")) else "en"
    formal = "总" in greeting or "您" in greeting or "总" in desk.words("to") + desk.words("mail")
    return as_letter(desk.text("body"), language, formal=formal)


def _greeting(desk: Desk, to: Address) -> str:
    contact = next((c for c in desk.known.contacts if to.address in c.emails), None)
    return desk.writer.manner.greeting(to.address, contact, desk.language)


def _raw(desk: Desk, mail: KnownMail) -> bytes:
    ref = desk.knowing.mail_refs([mail.message_id])[mail.message_id]
    return desk.knowing.stores.mailbox.read(ref)


def _local(desk: Desk, mail: KnownMail) -> datetime:
    return mail.at.astimezone(desk.zone)


def _spoken(mail: KnownMail) -> str:
    return "zh" if re.search(r"[\u4e00-\u9fff]", split_mail(mail.text)[0]) else "en"


def send_message(desk: Desk) -> Outcome:
    """A text message, handed to the messages shelf."""
    numbers = [_number(ref, desk.contact(ref)) for ref in desk.refs("to")]
    if not numbers:
        raise desk.need("to", "ask_to")
    body = as_letter(desk.text("body"), desk.language)
    name = new_id()
    text = json.dumps(
        {"id": name, "to": [number for _, number in numbers], "text": body,
         "at": desk.now.isoformat()}, ensure_ascii=False,
    )  # fmt: skip
    title = desk.say("message_send", people=", ".join(n or number for n, number in numbers))
    lines = [desk.line("to", f"{n} {number}".strip(), Origin.OWN) for n, number in numbers]
    lines.append(desk.line("text", body))
    return Step(desk.call.tool, title, (SendMessage(name, text),), tuple(lines), (), title)


def _number(ref: Ref, contact: KnownContact | None) -> tuple[str, str]:
    """A name and the number to write to."""
    first = contact.phones[0] if contact and contact.phones else ref.id
    return contact.name if contact else "", ref.address or first


# --- filing -------------------------------------------------------------------------------------


def _refs(desk: Desk) -> list[tuple[KnownMail, MailRef]]:
    mails = desk.mails("mails")
    if not mails:
        raise desk.need("mails", "ask_mail")
    where = desk.knowing.mail_refs([mail.message_id for mail in mails])
    return [(mail, where[mail.message_id]) for mail in mails if mail.message_id in where]


def _mail_lines(desk: Desk, mails: list[tuple[KnownMail, MailRef]]) -> tuple[Line, ...]:
    shown = [
        desk.line("mails", f"{mail.sender_name or mail.sender}: {mail.subject}", Origin.UNTRUSTED)
        for mail, _ in mails[:5]
    ]
    if len(mails) > 5:
        shown.append(desk.line("mails", f"+ {len(mails) - 5}", Origin.OWN))
    return tuple(shown)


def move(desk: Desk) -> Outcome:
    """Mails into a folder; into the trash for `mail_delete`."""
    is_delete = desk.call.tool == "mail_delete"
    folder = desk.knowing.folder("trash") if is_delete else _folder(desk)
    mails = [(mail, ref) for mail, ref in _refs(desk) if ref.folder != folder]
    if not mails:
        raise desk.need("mails", "ask_mail")
    title = desk.say(desk.call.tool, count=count_text(len(mails), desk.language), folder=folder)
    return Step(
        desk.call.tool,
        title,
        tuple(MoveMail(ref, folder) for _, ref in mails),
        _mail_lines(desk, mails),
        tuple(evidence(mail) for mail, _ in mails[:3]),
        title,
        len(mails),
    )


def _folder(desk: Desk) -> str:
    refs = desk.refs("folder")
    name = refs[0].id if refs else desk.text("folder")
    if name.lower() in ("archive", "归档", "存档"):
        return desk.knowing.folder("archive")
    if not name:
        raise desk.need("folder", "ask_mail")
    return next((one for one in desk.known.folders if one.lower() == name.lower()), name)


_FLAGS = {
    "seen": (frozenset({"seen"}), frozenset[str]()),
    "unseen": (frozenset[str](), frozenset({"seen"})),
    "flagged": (frozenset({"flagged"}), frozenset[str]()),
    "unflagged": (frozenset[str](), frozenset({"flagged"})),
}


def flag(desk: Desk) -> Outcome:
    """Mails marked read, unread, flagged or not."""
    state = desk.text("state")
    add, remove = _FLAGS[state]
    mails = _refs(desk)
    title = desk.say(
        "mail_flag", count=count_text(len(mails), desk.language), state=desk.say(state)
    )
    return Step(
        desk.call.tool,
        title,
        tuple(FlagMail(ref, add, remove) for _, ref in mails),
        _mail_lines(desk, mails),
        tuple(evidence(mail) for mail, _ in mails[:3]),
        title,
        len(mails),
    )


def unsubscribe(desk: Desk) -> Outcome:
    """Off a list, by the mail its header asks for; a web link is shown, never opened."""
    mail = desk.mail()
    targets = re.findall(r"<([^>]+)>", header_of(_raw(desk, mail), "List-Unsubscribe"))
    address = next((t for t in targets if t.lower().startswith("mailto:")), None)
    if address is None:
        link = next((t for t in targets if t.lower().startswith("http")), None)
        text = desk.say("link_only", link=link) if link else desk.say("no_unsubscribe")
        return Told(text, (evidence(mail),))
    to, _, query = address.partition(":")[2].partition("?")
    asked = dict(urllib.parse.parse_qsl(query))
    draft = Draft((Address("", urllib.parse.unquote(to)),), asked.get("subject", "unsubscribe"), "")
    letter = desk.writer.letter(draft, desk.now, new_id())
    title = desk.say("mail_unsubscribe", title=mail.sender_name or mail.sender)
    line = desk.line("to", draft.to[0].address, Origin.UNTRUSTED)
    return Step(desk.call.tool, title, (Send(letter),), (line,), (evidence(mail),), title)


MAKERS: Mapping[str, Maker] = {
    "mail_send": send,
    "mail_draft": draft,
    "mail_reply": reply,
    "mail_forward": forward,
    "mail_move": move,
    "mail_delete": move,
    "mail_flag": flag,
    "mail_unsubscribe": unsubscribe,
    "message_send": send_message,
}
