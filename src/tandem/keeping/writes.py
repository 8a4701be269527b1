"""One write to the user's stores as a value: done once, seen to have happened, turned round.

The journal keeps these to undo them, the outbox to do them later. Both must tell after a kill -9,
or after an answer that never came, whether a write happened: so each write carries the state before
it, and the stores tell the rest. Nothing is written over what has changed meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from tandem.connectors.mime import head_of
from tandem.connectors.ports import Mailbox, Shelf, Stores
from tandem.connectors.records import Letter, Mail, MailQuery, MailRef
from tandem.errors import Conflict

ShelfName = Literal["calendar", "contacts", "notes", "messages", "tables"]
SHELVES: tuple[ShelfName, ...] = ("calendar", "contacts", "notes", "messages", "tables")


class ItemWrite(msgspec.Struct, frozen=True, tag="item"):
    """A text exchanged for another: `before` `None` adds, `after` `None` removes."""

    shelf: ShelfName
    href: str
    before: str | None
    after: str | None


class MoveWrite(msgspec.Struct, frozen=True, tag="move"):
    """A mail put into another folder. `known`: uids there that had its Message-ID before."""

    ref: MailRef
    folder: str
    message_id: str
    size: int
    known: tuple[int, ...] = ()


class FlagWrite(msgspec.Struct, frozen=True, tag="flag"):
    """Flags set and taken away: only those that were not so before."""

    ref: MailRef
    add: tuple[str, ...]
    remove: tuple[str, ...]


class AppendWrite(msgspec.Struct, frozen=True, tag="append"):
    """A mail put into a folder. `known` as in `MoveWrite`."""

    folder: str
    raw: bytes
    flags: tuple[str, ...]
    received_at: float
    known: tuple[int, ...] = ()


class ExpungeWrite(msgspec.Struct, frozen=True, tag="expunge"):
    """A mail removed for ever, with all that brings it back."""

    ref: MailRef
    raw: bytes
    flags: tuple[str, ...]
    received_at: float


class FolderWrite(msgspec.Struct, frozen=True, tag="folder"):
    """A folder made, or dropped when empty."""

    name: str
    is_made: bool


class SendWrite(msgspec.Struct, frozen=True, tag="send"):
    """A letter handed over. It cannot be taken back once it is out."""

    letter: Letter


Write = ItemWrite | MoveWrite | FlagWrite | AppendWrite | ExpungeWrite | FolderWrite | SendWrite


def encoded(write: Write) -> bytes:
    """As it is kept on disk."""
    return msgspec.msgpack.encode(write)


def decoded(content: bytes) -> Write:
    """From the disk. Raises `msgspec.DecodeError`."""
    return msgspec.msgpack.decode(content, type=Write)


# --- doing --------------------------------------------------------------------------------------


def perform(stores: Stores, write: Write) -> MailRef | None:
    """Do it; gives the mail's new place. Raises `Conflict` if the state before is another one.

    A text that is already as it should be is left alone, so that doing it twice is doing it once.
    """
    box = stores.mailbox
    match write:
        case ItemWrite():
            _exchange(shelf_of(stores, write.shelf), write)
        case MoveWrite():
            return box.move(write.ref, write.folder)
        case FlagWrite():
            box.flag(write.ref, add=frozenset(write.add), remove=frozenset(write.remove))
        case AppendWrite():
            return box.append(write.folder, write.raw, frozenset(write.flags), write.received_at)
        case ExpungeWrite():
            box.expunge(write.ref)
        case FolderWrite(is_made=True):
            box.make_folder(write.name)
        case FolderWrite():
            box.drop_folder(write.name)
        case SendWrite():
            stores.post.send(write.letter)
    return None


def _exchange(shelf: Shelf, write: ItemWrite) -> None:
    current = shelf.get(write.href)
    if same(current.text if current else None, write.after):
        return
    if not same(current.text if current else None, write.before):
        raise Conflict(
            "It has been changed meanwhile; nothing was overwritten.",
            remedy="Look at what is there now, then decide.",
        )
    if current is None and write.after is not None:
        shelf.add(write.href, write.after)
    elif current is not None and write.after is None:
        shelf.remove(current)
    elif current is not None and write.after is not None:
        shelf.replace(current, write.after)


def happened(stores: Stores, write: Write) -> tuple[bool | None, MailRef | None]:
    """Whether an attempt that was cut off took effect, and where the mail is then.

    `None`: nobody can tell (a letter, on servers that keep no copy).
    """
    box = stores.mailbox
    match write:
        case ItemWrite():
            current = shelf_of(stores, write.shelf).get(write.href)
            return same(current.text if current else None, write.after), None
        case MoveWrite():
            if box.find(write.ref) is not None:
                return False, None
            found = _newcomer(box, write.folder, write.message_id, write.size, write.known)
            return (True, found.ref) if found else (False, None)
        case FlagWrite():
            return False, None  # to set flags twice is to set them once
        case AppendWrite():
            head = head_of(write.raw)
            found = _newcomer(box, write.folder, head.message_id, len(write.raw), write.known)
            return (True, found.ref) if found else (False, None)
        case ExpungeWrite():
            return box.find(write.ref) is None, None
        case FolderWrite():
            return (write.name in {each.name for each in box.folders()}) == write.is_made, None
        case SendWrite():
            return stores.post.has_taken(write.letter), None


def inverse(write: Write, place: MailRef | None) -> Write | None:
    """What undoes it; `place` is where the mail is now. `None`: nothing does."""
    match write:
        case ItemWrite():
            return ItemWrite(write.shelf, write.href, write.after, write.before)
        case MoveWrite() if place is not None:
            return MoveWrite(place, write.ref.folder, write.message_id, write.size)
        case FlagWrite():
            return FlagWrite(place or write.ref, write.remove, write.add)
        case AppendWrite() if place is not None:
            return ExpungeWrite(place, write.raw, write.flags, write.received_at)
        case ExpungeWrite():
            folder = write.ref.folder
            return AppendWrite(folder, write.raw, write.flags, write.received_at)
        case FolderWrite():
            return FolderWrite(write.name, not write.is_made)
        case _:
            return None


def with_evidence(stores: Stores, write: Write) -> Write:
    """The write with what `happened` needs, read before it is done."""
    match write:
        case MoveWrite():
            known = _uids(stores.mailbox, write.folder, write.message_id)
            return msgspec.structs.replace(write, known=known)
        case AppendWrite():
            known = _uids(stores.mailbox, write.folder, head_of(write.raw).message_id)
            return msgspec.structs.replace(write, known=known)
        case _:
            return write


def shelf_of(stores: Stores, name: ShelfName) -> Shelf:
    """The shelf by its name."""
    shelf: Shelf = getattr(stores, name)
    return shelf


def _uids(box: Mailbox, folder: str, message_id: str) -> tuple[int, ...]:
    return tuple(sorted(mail.ref.uid for mail in _namesakes(box, folder, message_id)))


def _newcomer(
    box: Mailbox, folder: str, message_id: str, size: int, known: Iterable[int]
) -> Mail | None:
    """The mail that came into the folder since `known` was read, if one did."""
    old = frozenset(known)
    # A server may end lines otherwise than we did, which changes the size by a few bytes.
    new = [mail for mail in _namesakes(box, folder, message_id) if mail.ref.uid not in old]
    exact = [mail for mail in new if mail.size == size]
    return (exact or new or [None])[0]


def _namesakes(box: Mailbox, folder: str, message_id: str) -> tuple[Mail, ...]:
    if not message_id:
        return box.changes(folder, "").changed
    try:
        return box.search(MailQuery(message_id=message_id, folders=(folder,)))
    except Conflict:
        return ()


# --- the same text ------------------------------------------------------------------------------

_FOLD = re.compile(r"\r?\n[ \t]")
# What servers write anew by themselves.
_FREE = frozenset({"PRODID", "X-RADICALE-NAME", "DTSTAMP", "VERSION"})


def same(one: str | None, other: str | None) -> bool:
    """Whether two texts say the same: servers reorder lines and parameters, and fold anew."""
    if one is None or other is None or one == other:
        return one == other
    return canonical(one) == canonical(other)


def canonical(text: str) -> tuple[str, ...]:
    """A calendar text or a card as a bag of lines, each with the components it stands in.

    Any other text is its own canonical form. Definitions of time zones are left out: servers put
    them in and take them out.
    """
    lines = [line for line in re.split(r"\r?\n", _FOLD.sub("", text)) if line.strip()]
    if not lines or not lines[0].upper().startswith("BEGIN:"):
        return (text.replace("\r\n", "\n"),)
    return tuple(sorted(_components(lines)))


def _components(lines: list[str]) -> list[str]:
    """Each component as one line: its own properties sorted, then its parts sorted."""
    stack: list[tuple[str, list[str]]] = [("", [])]
    for line in lines:
        upper = line.upper()
        if upper.startswith("BEGIN:"):
            stack.append((upper[6:].strip(), []))
        elif upper.startswith("END:") and len(stack) > 1:
            name, inner = stack.pop()
            if name != "VTIMEZONE":
                stack[-1][1].append(f"{name}{{{'|'.join(sorted(inner))}}}")
        else:
            name, value = _property(line)
            if name.partition(";")[0] not in _FREE:
                stack[-1][1].append(f"{name}:{value}")
    while len(stack) > 1:
        name, inner = stack.pop()
        stack[-1][1].append(f"{name}{{{'|'.join(sorted(inner))}")
    return stack[0][1]


_HEAD = re.compile(r'((?:"[^"]*"|[^":])*):(.*)', re.S)


def _property(line: str) -> tuple[str, str]:
    match = _HEAD.fullmatch(line)
    if match is None:
        return line, ""
    name, *parameters = re.findall(r'(?:"[^"]*"|[^";])+', match[1]) or [""]
    plain = sorted(each.replace('"', "").upper() for each in parameters)
    return ";".join([name.upper(), *plain]), match[2].strip()
