"""Which records of the user's stores do some words mean? Scored by shared words, name by name.

The stores' texts are matched against and nothing else. Two records that fit equally well both come
back: the one who asks decides that it is a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from tandem.understanding.known import (
    Known,
    KnownContact,
    KnownEvent,
    KnownMail,
    KnownNote,
)
from tandem.understanding.reading import Ref
from tandem.understanding.terms import STOP, one_slip, overlap, stem, terms
from tandem.understanding.tokens import fold, is_chinese, tokenize

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """A record and how well it fits, above 0."""

    ref: Ref
    score: float


# --- people -------------------------------------------------------------------------------------

_RELATIONS = {
    "mum": ("mum", "mom", "mother", "妈", "母亲"), "dad": ("dad", "father", "爸", "父亲"),
    "gran": ("gran", "grandma", "grandmother", "奶奶", "外婆", "姥姥"),
    "grandpa": ("grandpa", "grandfather", "爷爷", "外公"),
    "sister": ("sister", "姐", "妹"), "brother": ("brother", "哥", "弟"),
    "boss": ("boss", "manager", "老板", "领导"), "landlord": ("landlord", "landlady", "房东"),
    "partner": ("husband", "wife", "partner", "老公", "老婆"),
    "dentist": ("dentist", "牙医"), "accountant": ("accountant", "会计"),
}  # fmt: skip
_OTHERS = re.compile(
    r"\w+['’]s? (?:\w+ )?(?:mum|mom|mother|dad|father|sister|brother|wife|husband|boss)"
    r"|[\u4e00-\u9fff]{2,3}的(?:妈妈?|母亲|爸爸?|父亲|姐|妹|哥|弟|老公|老婆|老板)"
)
_HONOURS = "总|经理|老师|医生|主任|教练|阿姨|叔叔|律师|教授|姐|哥|师傅|工"


def contacts(words: str, known: Known) -> list[Found]:
    """Cards that these words may mean, the best first."""
    flat = re.sub(r"['’]s\b", "", fold(words)).strip(" ,.?!:，。")
    if found := re.search(r"[\w.+-]+@[\w.-]+\w", flat):
        return [Found(Ref("contact", _uid_of(found[0], known) or found[0], address=found[0]), 1.0)]
    scored = [(card, _person(flat, card)) for card in known.contacts]
    return [Found(Ref("contact", card.uid), score) for card, score in _best(scored, 0.45)]


def _uid_of(address: str, known: Known) -> str | None:
    return next((c.uid for c in known.contacts if address in map(str.lower, c.emails)), None)


def _person(flat: str, card: KnownContact) -> float:
    names = [fold(name) for name in (card.name, *card.nicknames, *card.relations) if name]
    if flat in names:
        return 1.0
    about = fold(f"{card.organisation} {card.title} {card.note}")
    if is_chinese(flat):
        return _chinese_person(flat, card, names, about)
    words = [word for word in re.findall(r"[^\W_]+", flat) if word not in STOP]
    if not words:
        return 0.0
    pieces = {piece for name in names for piece in re.findall(r"[^\W_]+", name)}
    hits = [_piece(word, pieces, about) for word in words]
    relation = _relation(flat, about, names)
    if max(hits) >= 0.8:
        return max(relation, 0.95 * sum(hits) / len(hits))
    return max(relation, 0.7 if min(hits) >= 0.75 else 0.0)


def _piece(word: str, pieces: set[str], about: str) -> float:
    if word in pieces:
        return 1.0
    if word.endswith("s") and word[:-1] in pieces:
        return 0.95
    if len(word) >= 4 and any(
        p[0] == word[0] and len(p) >= 4 and one_slip(word, p) for p in pieces
    ):
        return 0.8
    return 0.75 if len(word) > 2 and re.search(rf"\b{re.escape(word)}", about) else 0.0


def _relation(flat: str, about: str, names: Sequence[str]) -> float:
    """Whether the card says that this is the user's mum; "Tomas's mother" is somebody else's."""
    about = _OTHERS.sub(" ", about)
    for words in _RELATIONS.values():
        if any(re.search(rf"(?<![a-z]){word}s?(?![a-z])", flat) for word in words) and any(
            word in about or word in names for word in words
        ):
            return 0.9
    return 0.0


def _chinese_person(flat: str, card: KnownContact, names: Sequence[str], about: str) -> float:
    flat = re.sub(r"^(我|做|那个|这个|公司的?)+|(那个|这个|他|她)$", "", flat)
    best = max((0.95 for name in names if len(name) > 1 and name in flat), default=0.0)
    given = [name[1:] for name in names if is_chinese(name) and len(name) >= 3]
    best = max(best, *(0.9 for part in given if part in flat), 0.0)
    best = max(
        best, *(0.85 for n in names if is_chinese(n) and len(n) >= 2 and n[1:] + "子" == flat), 0.0
    )
    if (
        (found := re.fullmatch(r"[小老阿]([一-鿿])", flat))
        and names
        and names[0].startswith(found[1])
    ):
        best = max(best, 0.8)
    if found := re.search(rf"([一-鿿])({_HONOURS})", flat):
        if names and names[0].startswith(found[1]):
            best = max(best, 0.8)
    best = max(best, _relation(flat, about, names))
    company = fold(card.organisation)
    rest = [piece for piece in terms(flat) if any(piece in text for text in (about, company))]
    return min(1.0, best + 0.1 * len(rest)) if best else 0.0


# --- events, mails, tasks, notes, folders -------------------------------------------------------


def events(
    words: str,
    known: Known,
    window: tuple[datetime, datetime] | None = None,
    people: Iterable[str] = (),
) -> list[Found]:
    """Occurrences that these words may mean, those of the `window` and the coming ones first."""
    wanted = terms(words)
    people = set(people)
    phrases = re.findall(r"\b(?:to|from|at) \w{3,}", fold(words))
    scored: list[tuple[KnownEvent, float]] = []
    for event in known.events:
        if window and not (event.start < window[1] and event.end > window[0]):
            continue
        score = max(
            overlap(wanted, event.summary),
            0.9 * overlap(wanted, f"{event.summary} {event.location} {_names_of(event, known)}"),
            0.7 * overlap(wanted, f"{event.summary} {event.description}"),
        )
        if people & set(event.attendees):
            score = max(score, 0.8)
        score += 0.1 * any(phrase in fold(event.summary) for phrase in phrases)
        if window:
            score = score + 0.15 if score > 0 else 0.6 * (not wanted)
        scored.append((event, score - (0.3 if event.end < known.now and not window else 0.0)))
    best = _best(scored, 0.34)
    return [
        Found(Ref("event", event.uid, event.recurrence_id), score)
        for event, score in _one_of_each(best, known.now)
    ]


def _names_of(event: KnownEvent, known: Known) -> str:
    mine = {address.lower() for address in event.attendees}
    return " ".join(c.name for c in known.contacts if mine.intersection(map(str.lower, c.emails)))


def _one_of_each(
    found: Sequence[tuple[KnownEvent, float]], now: datetime
) -> list[tuple[KnownEvent, float]]:
    """Of a repeating event the next occurrence alone."""
    kept: dict[str, tuple[KnownEvent, float]] = {}
    for event, score in sorted(
        found, key=lambda pair: (pair[0].end < now, abs(pair[0].start - now))
    ):
        kept.setdefault(event.uid, (event, score))
    return sorted(kept.values(), key=lambda pair: -pair[1])


def mails(
    words: str, known: Known, window: tuple[datetime, datetime] | None = None, *, sent: bool = False
) -> list[Found]:
    """Mails that these words may mean, the newest first among equals."""
    wanted, senders = terms(words), _senders(words, known)
    if _LIST.search(words):
        wanted -= {"list"}  # the kind of mail, no word in it
    rest = frozenset(
        term for term in wanted if not any(term in about for about in senders.values())
    )
    scored: list[tuple[KnownMail, float]] = []
    for mail in sorted(known.mails, key=lambda one: one.at, reverse=True):
        if (mail.folder.lower() in ("sent", "drafts", "trash")) != sent:
            continue
        if window and not window[0] <= mail.at < window[1]:
            continue
        head = (
            f"{mail.sender_name} {mail.sender.replace('@', ' ').replace('.', ' ')} {mail.subject}"
        )
        whole = f"{head} {mail.text[:1500]} {' '.join(mail.attachments)}"
        score = max(overlap(wanted, head), 0.8 * overlap(wanted, whole))
        if mail.sender.lower() in senders:
            more = max(overlap(rest, head), 0.8 * overlap(rest, whole)) if rest else 1.0
            score = max(score, 0.55 + 0.4 * more)
        elif senders and not rest:
            score *= 0.6
        if not wanted and window:
            score = 0.6
        scored.append((mail, score))
    best = _best(scored, 0.34)
    if _LIST.search(words) and any(mail.list_id and score > 0.5 for mail, score in best):
        best = [(mail, score) for mail, score in best if mail.list_id]
    return [Found(Ref("mail", mail.message_id), score) for mail, score in best]


_LIST = re.compile(
    r"\b(?:mailing )?list\W*$|\bnewsletters?\b|\bsubscriptions?\b|邮件列表|订阅|通讯", re.I
)


def _card(card: KnownContact) -> str:
    return " ".join((card.name, *card.nicknames, card.organisation, card.title, card.note))


def _senders(words: str, known: Known) -> dict[str, frozenset[str]]:
    """Addresses of those who are named, with the terms that name them."""
    found = contacts(words, known)
    close = {one.ref.id for one in found if one.score >= max(0.6, found[0].score - 0.08)}
    honours = frozenset(
        pair for pair in terms(words) if any(pair.endswith(h) for h in _HONOURS.split("|"))
    )
    return {
        address.lower(): terms(_card(c)) | honours
        for c in known.contacts if c.uid in close for address in c.emails
    }  # fmt: skip


def tasks(words: str, known: Known) -> list[Found]:
    """Tasks, the open ones first."""
    wanted = terms(words)
    scored = [
        (task, overlap(wanted, f"{task.summary} {task.description}") - 0.2 * task.is_done)
        for task in known.tasks
    ]
    return [Found(Ref("task", task.uid), score) for task, score in _best(scored, 0.3)]


def notes(words: str, known: Known) -> list[Found]:
    """Notes by name and first lines."""
    wanted = terms(words)
    scored = [(note, _note(wanted, note)) for note in known.notes]
    return [Found(Ref("note", note.name), score) for note, score in _best(scored, 0.3)]


def _note(wanted: frozenset[str], note: KnownNote) -> float:
    title = f"{note.name.replace('-', ' ')} {note.text[:80]}"
    return max(overlap(wanted, title), 0.6 * overlap(wanted, note.text))


_USUAL = {
    "archive": "Archive",
    "归档": "Archive",
    "存档": "Archive",
    "trash": "Trash",
    "bin": "Trash",
    "垃圾箱": "Trash",
}


def folders(words: str, known: Known) -> list[Found]:
    """Folders by name."""
    flat = re.sub(r"^(the|my)\s+|\s*(folder|文件夹)(里)?$", "", fold(words)).strip()
    for name in known.folders:
        if fold(name) == flat:
            return [Found(Ref("folder", name), 1.0)]
    if flat in _USUAL:
        return [Found(Ref("folder", _USUAL[flat]), 1.0)]
    scored = [
        (name, max(overlap(terms(flat), name), float(bool(flat) and fold(name) in flat)))
        for name in known.folders
    ]
    return [Found(Ref("folder", name), score) for name, score in _best(scored, 0.5)]


def _best(scored: Iterable[tuple[T, float]], least: float) -> list[tuple[T, float]]:
    """Those above the least, the best first, in their order among equals."""
    return sorted((pair for pair in scored if pair[1] >= least), key=lambda pair: -pair[1])


# --- marks for the encoder ----------------------------------------------------------------------


class Marks:
    """Where words of a request stand in the stores; the encoder sees it beside the words."""

    def __init__(self, known: Known) -> None:
        self.known = known
        sources: tuple[tuple[str, Iterable[str]], ...] = (
            ("person", (" ".join((c.name, *c.nicknames, *c.relations)) for c in known.contacts)),
            ("event", (event.summary for event in known.events)),
            ("mail", (f"{mail.subject} {mail.sender_name}" for mail in known.mails)),
            ("task", (task.summary for task in known.tasks)),
            ("note", (f"{note.name} {note.text[:60]}" for note in known.notes)),
            ("folder", known.folders),
        )  # fmt: skip
        self._forms = {kind: _forms(texts) for kind, texts in sources}

    def of(self, text: str) -> list[tuple[int, int, str]]:
        """(start, end, kind) by characters."""
        tokens = tokenize(text)
        found: list[tuple[int, int, str]] = []
        for kind, forms in self._forms.items():
            for at, token in enumerate(tokens):
                if token.form in STOP or not token.form.isalnum():
                    continue
                if is_chinese(token.form) and len(token.form) == 1:
                    pair = token.form + (tokens[at + 1].form if at + 1 < len(tokens) else "")
                    if pair in forms:
                        found.append((token.start, tokens[at + 1].end, kind))
                elif stem(token.form) in forms:
                    found.append((token.start, token.end, kind))
        return found


def _forms(texts: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for text in texts:
        found |= terms(text)
    return found
