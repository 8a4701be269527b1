"""Plans what is done to contacts and notes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tandem.assistant.cards import Line, Origin, Put, Remove, Replace, Step
from tandem.assistant.planning import Desk, Maker, Outcome, evidence, new_id
from tandem.connectors.records import Item
from tandem.understanding.known import KnownContact

# --- contacts -----------------------------------------------------------------------------------

_FIELDS = {"email": "EMAIL", "phone": "TEL", "address": "ADR", "organisation": "ORG", "name": "FN"}


def create_contact(desk: Desk) -> Outcome:
    """A new card; an address taken from a mail is marked."""
    name = desk.text("name")
    values = {field: desk.text(field) for field in _FIELDS if field != "name"}
    origin = Origin.USER
    if found := re.search(r"[\w.+-]+@[\w.-]+\w", name):  # "Dana, dana@x.example, as a contact"
        values["email"] = values["email"] or found[0]
        name = name[: found.start()].strip(" ,，:：")
    mails = desk.mails("mail")
    if mails and not values["email"]:
        values["email"], origin = mails[0].sender, Origin.UNTRUSTED
    uid = new_id()
    family = name.split()[-1] if " " in name else name[:1]
    given = name.rpartition(" ")[0] if " " in name else name[1:]
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:{escape(name)}"]
    lines.append(f"N:{escape(family)};{escape(given)};;;")
    shown: list[Line] = []
    for field, value in values.items():
        if value:
            lines.append(_card_line(field, value))
            shown.append(desk.line(field, value, origin if field == "email" else Origin.USER))
    text = "\r\n".join([*lines, "END:VCARD", ""])
    title = desk.say("contact_create", title=name)
    found = tuple(evidence(mail) for mail in mails)
    told = ", ".join([title, *(line.value for line in shown)])
    return Step(desk.call.tool, title, (Put("contacts", uid, text),), tuple(shown), found, told)


def escape(value: str) -> str:
    """RFC 6350, 3.4."""
    value = value.replace("\\", "\\\\").replace("\n", "\\n")
    return value.replace(";", "\\;").replace(",", "\\,")


def _card_line(field: str, value: str) -> str:
    if field == "address":
        return f"ADR:;;{escape(value)};;;;"
    kind = {"phone": ";TYPE=CELL", "email": ";TYPE=INTERNET"}.get(field, "")
    return f"{_FIELDS[field]}{kind}:{escape(value)}"


def change_contact(desk: Desk) -> Outcome:
    """A card with another value; beside the old one or in its place."""
    contact, item = _contact(desk)
    values = {field: desk.text(field) for field in _FIELDS if desk.text(field)}
    if not values:
        raise desk.need("contact", "ask_contact")
    text = item.text
    shown: list[Line] = []
    for field, value in values.items():
        text = with_field(text, field, value, adds=desk.text("way") == "add")
        shown.append(desk.line(field, value))
    title = desk.say("contact_change", title=contact.name)
    told = ", ".join([title, *(line.value for line in shown)])
    write = Replace("contacts", item, text)
    return Step(desk.call.tool, title, (write,), tuple(shown), (evidence(contact),), told)


def with_field(text: str, field: str, value: str, *, adds: bool) -> str:
    """A vCard with this value; every other line stays byte for byte.

    In the place of the first of its kind, keeping its parameters, unless `adds`.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    pattern = re.compile(
        rf"^(?:[\w-]+\.)?{_FIELDS[field]}(;[^:\r\n]*)?:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*",
        re.MULTILINE | re.IGNORECASE,
    )
    found = pattern.search(text)
    line = _card_line(field, value)
    if found is None or (adds and field in ("phone", "email")):
        at = text.rindex("END:VCARD")
        return f"{text[:at]}{line}{newline}{text[at:]}"
    head = found[0].partition(":")[0]
    return text[: found.start()] + f"{head}:{line.partition(':')[2]}" + text[found.end() :]


def delete_contact(desk: Desk) -> Outcome:
    """A card out of the address book."""
    contact, item = _contact(desk)
    title = desk.say("contact_delete", title=contact.name)
    return Step(desk.call.tool, title, (Remove("contacts", item),), (), (evidence(contact),), title)


def _contact(desk: Desk) -> tuple[KnownContact, Item]:
    for ref in desk.refs("contact"):
        contact, item = desk.contact(ref), desk.knowing.card_item(ref.id)
        if contact is not None and item is not None:
            return contact, item
    raise desk.need("contact", "ask_unknown_person")


# --- notes --------------------------------------------------------------------------------------


def create_note(desk: Desk) -> Outcome:
    """A new note; its title is the beginning of its text where none was said."""
    text = desk.text("text")
    title = desk.text("title") or _title(text)
    taken = {note.name for note in desk.known.notes}
    name, number = title, 2
    while name in taken:
        name, number = f"{title} {number}", number + 1
    heading = desk.say("note_create", title=title)
    body = f"# {title}\n{text}\n" if desk.text("title") else f"{text}\n"
    return Step(
        desk.call.tool,
        heading,
        (Put("notes", name, body),),
        (desk.line("text", text),),
        done=f"{heading}: {text}" if title != text else heading,
    )


def _title(text: str) -> str:
    first = re.split(r"[。，,.!！?？:：;；\n]", text.strip())[0]
    words = first.split()
    short = " ".join(words[:6]) if len(words) > 1 else first[:16]
    return re.sub(r'[\\/:*?"<>|]', " ", short).strip() or "note"


def change_note(desk: Desk) -> Outcome:
    """Words added at the end of a note."""
    name, item = _note(desk)
    text = desk.text("text")
    heading = desk.say("note_change", title=name)
    bullet = "- " if re.search(r"^- ", item.text, re.MULTILINE) else ""
    write = Replace("notes", item, f"{item.text.rstrip()}\n{bullet}{text}\n")
    told = f"{heading}: {text}"
    return Step(desk.call.tool, heading, (write,), (desk.line("text", text),), (), told)


def delete_note(desk: Desk) -> Outcome:
    """A note thrown away; an undo brings it back."""
    name, item = _note(desk)
    heading = desk.say("note_delete", title=name)
    return Step(desk.call.tool, heading, (Remove("notes", item),), (), (), heading)


def _note(desk: Desk) -> tuple[str, Item]:
    for ref in desk.refs("note"):
        if item := desk.knowing.note_item(ref.id):
            return ref.id, item
    raise desk.need("note", "ask_note")


MAKERS: Mapping[str, Maker] = {
    "contact_create": create_contact,
    "contact_change": change_contact,
    "contact_delete": delete_contact,
    "note_create": create_note,
    "note_change": change_note,
    "note_delete": delete_note,
}
