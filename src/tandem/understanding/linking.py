"""From the words of a slot to its value, and what to ask when the words leave it open."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tandem.understanding import candidates
from tandem.understanding.candidates import Found
from tandem.understanding.catalogue import Slot, SlotType
from tandem.understanding.known import Known, KnownEvent
from tandem.understanding.moments import length_of, when_of, window_of
from tandem.understanding.reading import Filled, Ref, When
from tandem.understanding.structure.references import event_of
from tandem.understanding.structure.rows import rows_meant, tables_meant
from tandem.understanding.tokens import fold

CLOSE = 0.06
"""Two records whose scores differ by less fit equally well."""

_MANY = re.compile(
    r"\b(all|every|everything|both|those|newsletters|digests|invoices|receipts|notifications|mails|"
    r"emails|messages|ads|updates|promotions)\b|所有|全部|都|那几|那些|几封|两封|统统", re.I
)  # fmt: skip
_PRONOUN = re.compile(r"(him|her|them|it|that|this|he|she|他|她|他们|对方|它|这个|那个|大家)", re.I)
_LAST = re.compile(r"\b(last|final)\b|最后", re.I)
_FIRST = re.compile(r"\b(first|next)\b|第一|下一个|最近", re.I)
_OLDER = re.compile(r"\bolder than\s+(.+)$|(?:超过|早于)?(.{1,6}?)(?:以前|之前|前)的", re.I)


@dataclass(slots=True)
class Memory:
    """What pronouns may mean: what was linked before, here or in the last turns. `is_plural`: the
    act at hand is said of all ("everything from ..."). `said`: the words of the act before."""

    people: list[Ref] = field(default_factory=list[Ref])
    events: list[Ref] = field(default_factory=list[Ref])
    mails: list[Ref] = field(default_factory=list[Ref])
    when: When | None = None
    is_plural: bool = False
    said: str = ""

    def keep(self, refs: Sequence[Ref]) -> None:
        for ref in refs:
            store = {"contact": self.people, "event": self.events, "mail": self.mails}.get(ref.kind)
            if store is not None:
                store.insert(0, ref)


_BY_NAME: Mapping[SlotType, Callable[[str, Known], list[Found]]] = {
    SlotType.TASK: candidates.tasks,
    SlotType.NOTE: candidates.notes,
    SlotType.FOLDER: candidates.folders,
}


def link(
    slot: Slot, tool: str, text: str, span: tuple[int, int] | None, known: Known, memory: Memory
) -> Filled:
    """The value of a slot from the user's words for it."""
    match slot.type:
        case SlotType.WHEN:
            value = when_of(text, known, past=tool.startswith("mail_"), anchor=memory.when)
            if value is not None:
                memory.when = value
            return Filled(text, value, span)
        case SlotType.DURATION:
            return Filled(text, length_of(text, known), span)
        case SlotType.CONTACT:
            return _contact(slot, text, span, known, memory)
        case SlotType.EVENT:
            return _event(slot, text, span, known, memory)
        case SlotType.MAIL:
            return _mail(slot, tool, text, span, known, memory)
        case SlotType.TASK | SlotType.NOTE | SlotType.FOLDER:
            return _settled(_BY_NAME[slot.type](text, known), text, span, memory)
        case SlotType.ROW:
            return _rows(text, span, known)
        case _:
            return Filled(text, text, span)


def _rows(text: str, span: tuple[int, int] | None, known: Known) -> Filled:
    """Rows of the first table of which the words narrow some down: never a whole table."""
    for table in tables_meant(text, known):
        rows = rows_meant(text, known, table)
        if rows.said and rows.unclear is None:
            refs = tuple(Ref("row", key, address=table.name) for key in rows.keys)
            return Filled(text, refs or None, span)
    return Filled(text, None, span)


def _settled(
    found: Sequence[Found], text: str, span: tuple[int, int] | None, memory: Memory
) -> Filled:
    """One record, or as options all that fit equally well."""
    top = [one for one in found if one.score >= found[0].score - CLOSE] if found else []
    if not top:
        return Filled(text, None, span)
    if len({one.ref.id for one in top}) > 1:
        return Filled(text, None, span, tuple((one.ref,) for one in top))
    memory.keep([top[0].ref])
    return Filled(text, (top[0].ref,), span)


def _contact(
    slot: Slot, text: str, span: tuple[int, int] | None, known: Known, memory: Memory
) -> Filled:
    refs: list[Ref] = []
    for part in re.split(r"\s+and\s+|\s*[,、&]\s*|和", text) if slot.is_many else [text]:
        if not part.strip():
            continue
        if _PRONOUN.fullmatch(part.strip()):
            if memory.people:
                refs.append(memory.people[0])
            continue
        one = _settled(candidates.contacts(part, known), part, span, memory)
        if one.options:
            return Filled(text, None, span, one.options)
        if isinstance(one.value, tuple):
            refs += [ref for ref in one.value if isinstance(ref, Ref)]
        elif slot.name not in ("sender", "recipient", "people"):
            return Filled(text, None, span)
    return Filled(text, tuple(dict.fromkeys(refs)) or None, span)


_ONE = Slot("event", SlotType.EVENT, "one of several")
_ASIDE = re.compile(r"[,;.，；。]\s|\bbecause\b")


def _refs(filled: Filled) -> list[Ref]:
    value = filled.value if isinstance(filled.value, tuple) else ()
    return [one for one in value if isinstance(one, Ref)]


def _event(
    slot: Slot, text: str, span: tuple[int, int] | None, known: Known, memory: Memory
) -> Filled:
    if slot.is_many:
        parts = re.split(r"\s+and\s+|\s+to\s+|和|到|与", text)
        refs = [
            ref
            for part in parts if part.strip()
            for ref in _refs(_event(_ONE, part, span, known, memory))
        ]  # fmt: skip
        return Filled(text, tuple(refs) or None, span)
    if _PRONOUN.fullmatch(text.strip()) and memory.events:
        return Filled(text, (memory.events[0],), span)
    text = _ASIDE.split(text)[0] or text
    window, rest = window_of(text, known)
    people = [a for f in candidates.contacts(rest, known)[:2] for a in _addresses(f.ref.id, known)]
    found = candidates.events(rest, known, window, people)
    if not found and window:
        found = candidates.events(rest, known, None, people)
    if (pick := _ordinal(text)) and found:
        records = _records(found, known, window)
        if records:
            chosen = records[-1] if pick == "last" else records[0]
            found = [Found(Ref("event", chosen.uid, chosen.recurrence_id), 1.0)]
    memory.keep([one.ref for one in candidates.contacts(rest, known)[:1] if one.score > 0.7])
    if not found and _ordinal(text) and (by_order := event_of(text, known)):
        found = [Found(Ref("event", by_order.uid, by_order.recurrence_id), 1.0)]
    return _settled(found, text, span, memory)


def _ordinal(text: str) -> str:
    if _LAST.search(text):
        return "last"
    return "first" if _FIRST.search(text) else ""


def _records(found: Sequence[Found], known: Known, window: object) -> list[KnownEvent]:
    keys = {
        (one.ref.id, one.ref.recurrence_id) for one in found if one.score >= found[0].score - 0.3
    }
    them = [e for e in known.events if (e.uid, e.recurrence_id) in keys and not e.is_all_day]
    coming = [event for event in them if event.end >= known.now] if window is None else them
    return sorted(coming or them, key=lambda event: event.start)


def _addresses(uid: str, known: Known) -> list[str]:
    return [address for card in known.contacts if card.uid == uid for address in card.emails]


def _mail(
    slot: Slot, tool: str, text: str, span: tuple[int, int] | None, known: Known, memory: Memory
) -> Filled:
    if _PRONOUN.fullmatch(text.strip()) and memory.mails:
        return Filled(text, (memory.mails[0],), span)
    several = _several(text, known) if slot.is_many else None
    if several is not None:
        memory.keep(several)
        return Filled(text, several or None, span)
    window, rest = window_of(text, known, past=True)
    older = _OLDER.search(text)
    if older:
        length = length_of(older[1] or older[2] or "", known)
        if length is not None:
            window, rest = (known.now - length * 400, known.now - length), text[: older.start()]
    found = candidates.mails(rest, known, window) if window else []
    whole = candidates.mails(text, known)  # a month may stand in the subject
    more_said = candidates.terms(text) != candidates.terms(rest)
    if not found or (whole and more_said and not older and whole[0].score >= found[0].score):
        found = whole
    if tool == "invitation_answer":
        invites = {mail.message_id for mail in known.mails if mail.invitation}
        found = [one for one in found if one.ref.id in invites] or found
    if not found:
        return Filled(text, None, span)
    if slot.is_many and (memory.is_plural or _MANY.search(fold(text)) or _is_plural(text)):
        refs = tuple(one.ref for one in found if one.score >= found[0].score - 0.12)
        memory.keep(refs)
        return Filled(text, refs, span)
    top = [one for one in found if one.score >= found[0].score - CLOSE]
    ids = {one.ref.id for one in top}
    mine = [mail for mail in known.mails if mail.message_id in ids]
    senders = min(
        ({one.list_id or one.sender for one in mine}, {one.sender for one in mine}), key=len
    )
    is_newest = _NEWEST.search(text) is not None
    is_open = len(senders) > 1 or (slot.is_many and not _ordinal(text) and not is_newest)
    is_open |= tool in _ON_ONE and _is_unmet(text, ids, known)
    if len(top) > 1 and is_open:
        return Filled(text, None, span, tuple((one.ref,) for one in top[:6]))
    memory.keep([top[0].ref])  # the newest of one sender
    return Filled(text, (top[0].ref,), span)


def _is_unmet(text: str, ids: Collection[str], known: Known) -> bool:
    """Whether the words say more than the sender and no mail has it: then the newest is a guess."""
    mails = [mail for mail in known.mails if mail.message_id in ids]
    senders = {mail.sender.lower() for mail in mails}
    cards = [c for c in known.contacts if senders & {one.lower() for one in c.emails}]
    about = [f"{mail.sender_name} {mail.sender}" for mail in mails]
    about += [" ".join((c.name, *c.nicknames, c.organisation, c.title, c.note)) for c in cards]
    more = candidates.terms(text) - candidates.terms(" ".join(about)) - _PLAIN_WORDS
    texts = (f"{mail.subject} {mail.text} {' '.join(mail.attachments)}" for mail in mails)
    return bool(more) and not any(more & candidates.terms(one) for one in texts)


_NEWEST = re.compile(r"\b(?:latest|newest|most recent|last)\b|最新|最近|最后", re.I)
_ON_ONE = frozenset({"mail_forward", "mail_delete", "mail_move", "mail_flag", "mail_read"})
"""What is done to one mail, where the newest is a guess; an answer goes to the sender anyway."""
_PLAIN_WORDS = frozenset(
    "latest newest recent today yesterday morning reply answer yes thank thanks mine".split()
)


def _several(text: str, known: Known) -> tuple[Ref, ...] | None:
    """Mails that are named one by one, or all mails of lists; `None` where neither is said."""
    return _each(text, known) or _of_lists(text, known)


_LISTS = re.compile(
    r"(?:(?:all|every|my|the|of|old|unread) )*(?:e-?mail )?"
    r"(?:newsletters?|mailing lists?|subscriptions?|list mails?)\b(?P<rest>.*)$"
    r"|(?:所有|全部|我的)*(?:的)?(?:新闻通讯|订阅邮件|邮件订阅|newsletters?|通讯邮件|订阅)(?:邮件)?",
    re.I,
)
_INBOX_ONLY = ("trash", "junk", "sent", "drafts", "archive")


def _of_lists(text: str, known: Known) -> tuple[Ref, ...] | None:
    """All mails of lists, those of a time where one is said; `None` where a list is named."""
    found = _LISTS.search(fold(text))
    older = _OLDER.search(text)
    window, rest = (None, text[: older.start()]) if older else window_of(text, known, past=True)
    if found is None or candidates.terms(_LISTS.sub(" ", fold(rest))):
        return None
    if older and (length := length_of(older[1] or older[2] or "", known)):
        window = (known.now - length * 400, known.now - length)
    return tuple(
        Ref("mail", mail.message_id)
        for mail in known.mails
        if mail.list_id
        and mail.folder.lower() not in _INBOX_ONLY
        and (window is None or window[0] <= mail.at < window[1])
    )


_BOTH = re.compile(r"(?:这|那)?(?:两|几|三)封(?:邮件|信)?$|\b(?:both|e-?mails|mails)\b", re.I)
_AND = re.compile(r"\s+and\s+|\s*[,、]\s*|和|与")


def _each(text: str, known: Known) -> tuple[Ref, ...]:
    """ "The power bill and the invoice": the best mail for each part, where every part has one."""
    parts = [part for part in _AND.split(_BOTH.sub("", text)) if candidates.terms(part)]
    if len(parts) < 2 or not (_BOTH.search(text) or len(parts) == len(_AND.split(text))):
        return ()
    refs: list[Ref] = []
    for part in parts:
        found = candidates.mails(part, known)
        if not found or found[0].score < 0.6:
            return ()
        refs.append(found[0].ref)
    return tuple(refs) if len({ref.id for ref in refs}) == len(parts) else ()


_ONE_MAIL = re.compile(
    r"\b(?:the|that|this|an?) (?:\w+ )?(?:e-?mail|mail|message|letter|one)\b(?! list)", re.I
)


def _is_plural(text: str) -> bool:
    if _ONE_MAIL.search(text):
        return False
    words = fold(text).split()
    return bool(words) and words[-1].endswith("s") and not words[-1].endswith(("ss", "us", "'s"))
