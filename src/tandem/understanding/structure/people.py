"""People named anywhere in a text: by first name, full name, address or what they are to the user.

Pure. For texts whose form is not known (a condition, a row's description): there the words around a
name do not tell that it is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tandem.understanding import candidates
from tandem.understanding.known import Known, KnownContact
from tandem.understanding.tokens import fold, is_chinese

_EVERYDAY = frozenset(
    "will may mark rich art bill rose grace hope sue jack june april august pat drew miles page dean"
    " guy ray rob josh chase faith joy summer the an any new my in on at is be do go so no may".split()
)
"""Names that are everyday words, too: they count with a capital alone."""
_RELATION = re.compile(
    r"\bmy (?!last|next|first|own|calendar|inbox|diary)[a-z]+(?: [a-z]+)?\b", re.IGNORECASE
)
_RELATION_ZH = re.compile(
    r"我?(?:的)?(?:妈妈?|爸爸?|老板|领导|房东|老公|老婆|姐姐?|哥哥?|弟弟|妹妹|奶奶|爷爷)"
)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who is named: the place in the text (end exclusive) and whom it may be."""

    start: int
    end: int
    words: str
    contacts: tuple[KnownContact, ...]
    address: str = ""

    @property
    def contact(self) -> KnownContact | None:
        """The one who is meant, where there is one alone."""
        return self.contacts[0] if len(self.contacts) == 1 else None


def people_in(text: str, known: Known) -> list[Named]:
    """Everybody who is named, in order; a longer name hides the shorter one in it."""
    found = [*_addresses(text, known), *_names(text, known), *_relations(text, known)]
    found.sort(key=lambda one: (one.start, one.start - one.end))
    kept: list[Named] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _addresses(text: str, known: Known) -> Iterator[Named]:
    for found in _ADDRESS.finditer(text):
        word = found[0].lower()
        cards = tuple(c for c in known.contacts if word in map(str.lower, c.emails))
        yield Named(*found.span(), found[0], cards, found[0])


def _names(text: str, known: Known) -> Iterator[Named]:
    flat = fold(text)
    by_name: dict[str, dict[str, KnownContact]] = {}
    carded = {mail.lower() for card in known.contacts for mail in card.emails}
    carded.add(known.user_email.lower())
    for card in known.contacts:
        for name in _names_of(card):
            by_name.setdefault(name, {})[card.uid] = card
    for mail in known.mails:  # who writes and is in no address book
        if len(mail.sender_name) > 1 and mail.sender.lower() not in carded:
            stranger = KnownContact(mail.sender, mail.sender_name, emails=(mail.sender,))
            for name in _names_of(stranger):
                by_name.setdefault(name, {}).setdefault(mail.sender.lower(), stranger)
    for name, cards in by_name.items():
        at = flat.find(name)
        while at >= 0:
            end = at + len(name)
            if _stands_alone(text, name, at, end):
                yield Named(at, end, text[at:end], tuple(cards.values()))
            at = flat.find(name, end)


def _names_of(card: KnownContact) -> set[str]:
    """Full name, nicknames, and the first name of a Latin one, the given one of a Chinese one."""
    names = {fold(name) for name in (card.name, *card.nicknames) if len(name) > 1}
    for name in tuple(names):
        if is_chinese(name):
            if len(name) >= 3:
                names.add(name[1:])
        elif len(parts := name.split()) > 1 and len(parts[0]) > 1:
            names.add(parts[0])
    return names


def _stands_alone(text: str, name: str, start: int, end: int) -> bool:
    if is_chinese(name):
        return True
    if re.search(r"[\w@.]$", text[:start]) or re.match(r"[\w@]|\.\w", text[end:]):
        return False
    return name not in _EVERYDAY or (text[start].isupper() and start > 0)


def _relations(text: str, known: Known) -> Iterator[Named]:
    for pattern in (_RELATION, _RELATION_ZH):
        for found in pattern.finditer(text):
            for words in dict.fromkeys((found[0], " ".join(found[0].split()[:2]))):
                best = [one for one in candidates.contacts(words, known) if one.score >= 0.85]
                cards = tuple(c for c in known.contacts if c.uid in {one.ref.id for one in best})
                if cards:
                    yield Named(found.start(), found.start() + len(words), words, cards)
                    break
