"""The private dictionary: the people, places and numbers of the user's own contacts, calendar and
mail, and what a conversation has already shown, found in every written form.

A trie over words (Chinese: over characters), so that the time depends on the text and not on how
many contacts there are. Changes are made under a lock in an order that a look-up never sees half
of; a look-up takes no lock.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import getaddresses
from typing import Any

from tandem.personal import Finding, Kind
from tandem.privacy.detection.chinese_names import is_given_name, is_likely
from tandem.privacy.detection.phones import canonical_phone
from tandem.privacy.detection.pinyin import pinyin_of
from tandem.privacy.detection.recognizer import compact
from tandem.privacy.detection.view import View, folded, view_of
from tandem.privacy.detection.written_forms import Form, Needs, forms_of, sounds_of

_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]{1,64}")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]{2,400}")
_END = ""  # the key of a trie's node under which its forms lie; no token is empty
# What may stand between two words of one name; more than this is not the same name any more.
_GAP = re.compile(r"[ \t'’.,·\-_/#:;()（）&@+]{0,3}|\s\n?\s{0,4}")
_RUN = re.compile(r"(?<![A-Za-z0-9_])\+?[\dA-Za-z]{0,4}\d[\d \-.()]{3,25}[\dXx](?![A-Za-z0-9_])")
_NUMBER_KINDS = frozenset(
    {Kind.PHONE, Kind.PAYMENT_CARD, Kind.IBAN, Kind.BANK_ACCOUNT, Kind.NATIONAL_ID, Kind.TAX_ID,
     Kind.PASSPORT, Kind.DRIVING_LICENCE, Kind.HEALTH_ID, Kind.REFERENCE}
)  # fmt: skip
_BEFORE = re.compile(
    r"(?i)(?:\b(?:mr|mrs|ms|dr|prof|st)\.|\b(?:mr|mrs|ms|dr|miss|prof|professor|sir|madam|aunt|auntie|uncle|brother|sister|sis|master|manager|"
    r"director|boss|teacher|doctor|coach|nurse|grandma|grandpa|lao|xiao|old|little|captain|president|chairman|engineer|lawyer|"
    r"attorney|chef|editor|curator|principal|instructor|supervisor|minister|secretary|officer|dean|chief|herr|frau|señor|señora|"
    r"madame|monsieur))[ -]{1,2}$|[小老阿]$"
)
_BEHIND = re.compile(
    r"先生|女士|小姐|太太|老师|老板|经理|总|主任|教授|博士|医生|大夫|护士|律师|师傅|同学|阿姨|叔|姐|哥|工|局|处长|院长|校长|书记|教练|伯|爷|奶|婶|嫂"
    r"|[ -](?:Laoshi|laoshi|Jie|jie|Ge|ge|Zong|zong|Shifu|shifu|[Ss]an|Sir)\b"
)
# Words that are names too. In the middle of a sentence a capital tells; at its start nothing does.
_EVERYDAY = frozenset(
    """will mark rose may june april august grace hope faith joy bill rob jack pat sue art dean grant chase drew
    frank guy hunter jay ray rich rick dick sandy summer autumn dawn eve ivy lily olive pearl ruby amber crystal
    holly iris jade jasmine melody penny robin star victor earl duke king prince max buck cash chip cliff dale
    gene glen hunt lance lane miles norm pierce reed rusty skip wade ward woody young long song sun he she an
    man can fan hang gang ping pin ting wan lang sang bang dang rang tang shan so su you we me die sue due ran
    ban bin pan pen den hen fen men ken gong hung sheng ye yes ding dong hua ming ai bo gene ha ho hu li an no
    do de la le long lu mi mo na ni on one ou pi re si ta ti to tu wo wu xi yi yin yang in bay wang main china
    west east north south park hill wood stone brown green white black gray grey field ford cook baker smith
    mason carter parker cooper fisher page price day love best bell rice hall bush cross banks wells woods
    brooks rivers waters snow frost winter major noble wise sharp short small little moody savage""".split()
)
_SENTENCE = re.compile(r"(?:^|[.!?:;\n\"“”(\[*>-])\s*$")
IN_A_DICTIONARY = "it is in"  # how the reason of each such finding begins
_MEMBER_LIMIT = 24  # forms under one key of the trie: a family name that a thousand contacts share


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing the user knows: a person by all given names, a phone number, a place.

    `key` is its identity; entries of one key are added and removed together.
    """

    key: str
    kind: Kind
    values: tuple[str, ...]
    source: str = "your contacts"


class PrivateDictionary:
    """A `Known` that can be kept current. Thread-safe."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._lock = threading.Lock()
        self._trie: dict[str, Any] = {}
        self._numbers: dict[str, Entry] = {}
        self._sounds: dict[tuple[str, ...], Entry] = {}
        self._entries: dict[str, list[Entry]] = {}
        for entry in entries:
            self.add(entry)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def add(self, entry: Entry) -> None:
        """Know `entry` from now on, beside what is known of the same key."""
        with self._lock:
            known = self._entries.setdefault(entry.key, [])
            if entry in known:
                return
            known.append(entry)
            for number in _numbers_of(entry):
                self._numbers.setdefault(number, entry)
            for sounds in _sounds_of(entry):
                self._sounds.setdefault(sounds, entry)
            for form in forms_of(entry.kind, entry.values):
                self._insert(entry, form)

    def remove(self, key: str) -> None:
        """Forget everything of this key; nothing happens if there is nothing."""
        with self._lock:
            for entry in self._entries.pop(key, []):
                for number in _numbers_of(entry):
                    if self._numbers.get(number) == entry:
                        del self._numbers[number]
                for sounds in _sounds_of(entry):
                    if self._sounds.get(sounds) == entry:
                        del self._sounds[sounds]
                for form in forms_of(entry.kind, entry.values):
                    self._delete(entry, form)

    def matches(self, text: str) -> list[Finding]:
        """All mentions in the text as it was given, the longest at each place."""
        return self.matches_in(view_of(text))

    def matches_in(self, view: View) -> list[Finding]:
        """The same for a text that has a view already."""
        found = list(self._mentions(view)) if self._trie else []
        if self._numbers:
            found += self._known_numbers(view)
        if self._sounds:
            found += self._by_sound(view)
        return found

    def _by_sound(self, view: View) -> Iterator[Finding]:
        """Names in characters that are known in pinyin alone."""
        for run in _HAN_RUN.finditer(view.text):
            words, at = run[0], 0
            while at < len(words) - 1:
                entry, size, score = self._sounding(words, at)
                if entry is None:
                    at += 1
                    continue
                span = view.span(run.start() + at, run.start() + at + size)
                why = f"{IN_A_DICTIONARY} {entry.source}, by its sound"
                yield Finding(*span, entry.kind, entry.key, score, why)
                at += size

    def _sounding(self, words: str, at: int) -> tuple[Entry | None, int, float]:
        family = pinyin_of(words[at], is_family=True)
        others = [pinyin_of(char) for char in words[at + 1 : at + 4]]
        for size in (4, 3, 2):
            name = words[at : at + size]
            entry = self._sounds.get((family, *others[: size - 1]))
            if entry is not None and len(name) == size and is_likely(Kind.PERSON, name):
                return entry, size, 0.8
        given = words[at : at + 2]
        entry = self._sounds.get(("", pinyin_of(words[at]), *others[:1]))
        if entry is not None and is_given_name(given):
            return entry, 2, 0.7
        return None, 0, 0.0

    def _mentions(self, view: View) -> Iterator[Finding]:
        text = view.text
        tokens = [(match[0].lower(), *match.span()) for match in _TOKEN.finditer(text)]
        index = 0
        while index < len(tokens):
            if tokens[index][0] in self._trie:
                last, best = self._longest(text, tokens, index)
                if best is not None:
                    entry, form = best
                    start = _with_title(text, tokens[index][1], entry)
                    span = view.span(start, tokens[last][2])
                    yield Finding(
                        *span,
                        entry.kind,
                        entry.key,
                        form.score,
                        f"{IN_A_DICTIONARY} {entry.source}",
                    )
                    index = last
            index += 1

    def _longest(
        self, text: str, tokens: list[tuple[str, int, int]], first: int
    ) -> tuple[int, tuple[Entry, Form] | None]:
        node = self._trie
        best: tuple[Entry, Form] | None = None
        last = first
        for index in range(first, len(tokens)):
            token, start, _ = tokens[index]
            if index > first and not _GAP.fullmatch(text, tokens[index - 1][2], start):
                break
            next_node = node.get(token)
            if next_node is None:
                break
            node = next_node
            for entry, form in node.get(_END, ()):
                if _fits(form, text, tokens[first][1], tokens[index][2]):
                    best, last = (entry, form), index
                    break
        return last, best

    def _known_numbers(self, view: View) -> Iterator[Finding]:
        for match in _RUN.finditer(view.text):
            digits = compact(match[0]).lstrip("+")
            for tail in (digits, digits[-11:], digits[-10:], digits[-8:]):
                entry = self._numbers.get(tail)
                if entry is not None:
                    span = view.span(*match.span())
                    yield Finding(
                        *span, entry.kind, entry.key, 0.97, f"{IN_A_DICTIONARY} {entry.source}"
                    )
                    break

    def _insert(self, entry: Entry, form: Form) -> None:
        node = self._trie
        for token in tokens_of(form.text):
            node = node.setdefault(token, {})
        if node is self._trie:
            return
        # The surest first: a full name of one person before a nickname of another.
        items = sorted((*node.get(_END, ()), (entry, form)), key=lambda item: -item[1].score)
        node[_END] = tuple(items[:_MEMBER_LIMIT])

    def _delete(self, entry: Entry, form: Form) -> None:
        path: list[tuple[dict[str, Any], str]] = []
        node = self._trie
        for token in tokens_of(form.text):
            path.append((node, token))
            node = node.get(token, {})
        left = tuple(item for item in node.get(_END, ()) if item[0] != entry)
        if left:
            node[_END] = left
            return
        node.pop(_END, None)
        for parent, token in reversed(path):
            if parent.get(token):
                break
            parent.pop(token, None)


def entries_of(
    key: str,
    *,
    names: Iterable[str] = (),
    phones: Iterable[str] = (),
    emails: Iterable[str] = (),
    organisations: Iterable[str] = (),
    places: Iterable[str] = (),
    source: str = "your contacts",
) -> list[Entry]:
    """A contact card or an appointment as entries; `key` is its own id, such as a card's UID."""
    named = tuple(names)
    entries = [Entry(f"{Kind.PERSON}:{key}", Kind.PERSON, named, source)] if named else []
    for kind, values in (
        (Kind.PHONE, phones),
        (Kind.EMAIL, emails),
        (Kind.ORGANISATION, organisations),
        (Kind.ADDRESS, places),
    ):
        for value in values:
            if value.strip():
                same = canonical_phone(value) if kind is Kind.PHONE else value.strip().lower()
                entries.append(Entry(f"{kind}:{same}", kind, (value,), source))
    return entries


def entries_of_header(header: str, source: str = "your mail") -> list[Entry]:
    """The people of a From, To or Cc header as entries."""
    entries: list[Entry] = []
    for name, address in getaddresses([header]):
        if "@" in address:
            entries += entries_of(
                address.lower(), names=(name,) if name else (), emails=(address,), source=source
            )
    return entries


def tokens_of(text: str) -> list[str]:
    """The words of a form, as the trie knows them."""
    return [match[0].lower() for match in _TOKEN.finditer(folded(text))]


def _sounds_of(entry: Entry) -> set[tuple[str, ...]]:
    values = entry.values if entry.kind is Kind.PERSON else ()
    return {sounds for value in values for sounds in sounds_of(value)}


def _numbers_of(entry: Entry) -> set[str]:
    numbers: set[str] = set()
    for value in entry.values if entry.kind in _NUMBER_KINDS else ():
        digits = compact(folded(value)).lstrip("+")
        if len(digits) >= 6 and digits[-2:-1].isdigit():
            numbers.add(digits)
        if len(digits) > 8 and entry.kind is Kind.PHONE:
            numbers |= {digits[-11:], digits[-10:], digits[-8:]}
    return numbers


def _with_title(text: str, start: int, entry: Entry) -> int:
    """Where a mention begins with its form of address: "Dr. Yu" is as telling as "Yu"."""
    if entry.kind is not Kind.PERSON:
        return start
    before = _BEFORE.search(text, max(0, start - 16), start)
    return before.start() if before else start


def _fits(form: Form, text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]`, whose letters fit, is meant by its form."""
    words = text[start:end]
    if form.needs is Needs.FORM_OF_ADDRESS:
        if not words[:1].isupper() and not "\u3400" <= words[:1] <= "\u9fff":
            return False
        return bool(_BEFORE.search(text, max(0, start - 16), start) or _BEHIND.match(text, end))
    if form.needs is Needs.CAPITALS:
        return words.isupper()
    if form.needs is Needs.POINTS:
        return words.isupper() and words.count(".") >= len(form.text.split()) - 1
    if form.needs is Needs.CAPITAL:
        return _has_capital(text, start, end)
    # "he will mark it" is not about Will Mark.
    return not (words.islower() and all(word in _EVERYDAY for word in words.split()))


def _has_capital(text: str, start: int, end: int) -> bool:
    """Whether a word is written as a name: a capital, and not one that any sentence begins with."""
    words = text[start:end]
    if not words[:1].isupper():
        return "\u3400" <= words[:1] <= "\u9fff"
    if words.lower() not in _EVERYDAY or text[end : end + 2] in ("'s", "’s"):
        return True
    if _BEFORE.search(text, max(0, start - 16), start):
        return True
    return not _SENTENCE.search(text, max(0, start - 8), start)
