"""The detector: looks at a text's view with every recognizer and settles which findings stand."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tandem.personal import NOTHING_AROUND, Around, Finding, Kind
from tandem.ports import Detector
from tandem.privacy.detection.addresses import AddressRecognizer
from tandem.privacy.detection.chinese_names import ChineseNameRecognizer
from tandem.privacy.detection.credentials import CredentialRecognizer
from tandem.privacy.detection.dates import DateRecognizer
from tandem.privacy.detection.dictionary import IN_A_DICTIONARY, Entry, PrivateDictionary
from tandem.privacy.detection.groups import GroupRecognizer
from tandem.privacy.detection.labelled import LabelledRecognizer
from tandem.privacy.detection.numbers import NumberRecognizer
from tandem.privacy.detection.patterns import FormRecognizer
from tandem.privacy.detection.phones import PhoneRecognizer
from tandem.privacy.detection.recognizer import Recognizer
from tandem.privacy.detection.tagger import TaggerRecognizer
from tandem.privacy.detection.view import view_of


class LayeredDetector:
    """A Detector out of recognizers; what is already known comes with each call."""

    def __init__(self, recognizers: Sequence[Recognizer] | None = None) -> None:
        self._recognizers = standard_recognizers() if recognizers is None else tuple(recognizers)

    def find(self, text: str, around: Around = NOTHING_AROUND) -> list[Finding]:
        """What is personal in `text`."""
        view = view_of(text)
        found = [
            replace(item, start=start, end=end)
            for recognizer in self._recognizers
            for item in recognizer.find(view, around)
            for start, end in (view.span(item.start, item.end),)
        ]
        for known in around.known:
            found += map(_surer, known.matches(text))
        return settled(found, text)


def _surer(item: Finding) -> Finding:
    """What is known stands before a guess in the same place, however sure the guess is."""
    return item if _is_known(item) else replace(item, score=max(item.score, 0.995))


def pattern_recognizers() -> tuple[Recognizer, ...]:
    """The ones that need no model."""
    return (
        FormRecognizer(),
        NumberRecognizer(),
        LabelledRecognizer(),
        CredentialRecognizer(),
        PhoneRecognizer(),
        AddressRecognizer(),
        ChineseNameRecognizer(),
        DateRecognizer(),
        GroupRecognizer(),
    )


def standard_recognizers() -> tuple[Recognizer, ...]:
    """The ones that come along."""
    return (*pattern_recognizers(), TaggerRecognizer())


# What its own form or checksum proves: it stands even inside a longer stretch that is only told by
# its surroundings.
_PROVEN = frozenset(
    {
        Kind.EMAIL, Kind.PHONE, Kind.IP_ADDRESS, Kind.DEVICE_ID, Kind.PAYMENT_CARD, Kind.IBAN,
        Kind.CRYPTO_WALLET, Kind.NATIONAL_ID, Kind.TAX_ID, Kind.PASSWORD, Kind.SECRET, Kind.PLATE,
        Kind.URL, Kind.COORDINATES, Kind.PASSPORT, Kind.BANK_ACCOUNT, Kind.BIRTH_DATE,
        Kind.DRIVING_LICENCE, Kind.HEALTH_ID,
    }
)  # fmt: skip
# What is looked for in the rest of a conversation once it was seen: not a number of two digits.
_LEARNT = _PROVEN - {Kind.URL, Kind.BIRTH_DATE} | {
    Kind.PERSON, Kind.ORGANISATION, Kind.PLACE, Kind.ADDRESS, Kind.ACCOUNT_NAME, Kind.REFERENCE,
}  # fmt: skip
_NAMES = frozenset({Kind.PERSON, Kind.ORGANISATION, Kind.PLACE, Kind.ADDRESS})
_SECRET = frozenset({Kind.PASSWORD, Kind.SECRET, Kind.EMAIL, Kind.URL, Kind.ACCOUNT_NAME})
_MIN_LEARNT_SCORE = 0.55


def settled(findings: Iterable[Finding], text: str) -> list[Finding]:
    """In order and without overlap. The proven stand first, then the longer, then the surer; what
    a losing one covers alone stays covered. A name that is known gets the key by which it is known.
    """
    settled_all: list[Finding] = []
    cluster: list[Finding] = []
    end = 0
    for item in sorted(findings, key=lambda item: item.start):
        if cluster and item.start >= end:
            settled_all += _settled_cluster(cluster, text)
            cluster = []
        cluster.append(item)
        end = max(end, item.end)
    return settled_all + _settled_cluster(cluster, text)


def _settled_cluster(cluster: list[Finding], text: str) -> list[Finding]:
    """The same for findings that touch each other: few, so that looking at all of them is quick."""
    if len(cluster) < 2:
        return cluster
    taken: list[Finding] = []
    starts: list[int] = []
    known = [item for item in cluster if item.kind in _NAMES and _is_known(item)]
    keys = {item.key for item in known}
    named = [_with_known_key(item, known) for item in cluster] if known else cluster
    for item in sorted(named, key=lambda item: _rank(item, keys)):
        for start, end in _free(item, taken, starts):
            piece = item
            if (start, end) != (item.start, item.end):
                if not _is_worth(item.kind, text[start:end]):
                    continue
                key = f"{item.kind}:{text[start:end].strip().lower()}"
                piece = replace(item, start=start, end=end, key=key)
            at = bisect.bisect(starts, start)
            starts.insert(at, start)
            taken.insert(at, piece)
    return taken


def _is_worth(kind: Kind, rest: str) -> bool:
    """Whether what is left of a stretch still tells something."""
    if kind in _NAMES or kind in (Kind.TITLE, Kind.GROUP):
        return sum(char.isalnum() for char in rest) > 1
    return any(char.isdigit() for char in rest) or (kind in _SECRET and len(rest.strip()) > 3)


def _rank(item: Finding, keys: set[str]) -> tuple[int, int, bool, bool, float]:
    # A phone number has no checksum: of a number with one it is at most a part.
    tier = 1 if item.kind is Kind.PHONE else 0 if item.kind in _PROVEN else 2
    if item.score >= 1:  # whoever is certain stands whole, such as the door's own findings
        tier = -1
    # Of two names in one place the known one tells what it is. Then whoever found it by itself
    # stands before the dictionary: its reason tells more.
    is_other = item.kind in _NAMES and item.key not in keys
    return tier, item.start - item.end, is_other, _is_known(item), -item.score


def _is_known(item: Finding) -> bool:
    return item.reason.startswith(IN_A_DICTIONARY)


def _with_known_key(item: Finding, known: list[Finding]) -> Finding:
    """The same person in a longer stretch: "Yajing's mother" is told by "Yajing"."""
    if item.kind not in _NAMES or _is_known(item):
        return item
    inside = [
        other
        for other in known
        if other.kind is item.kind and other.start < item.end and item.start < other.end
    ]
    if not inside:
        return item
    return replace(item, key=max(inside, key=lambda other: other.end - other.start).key)


def _free(item: Finding, taken: list[Finding], starts: list[int]) -> list[tuple[int, int]]:
    """The parts of `item` that no taken finding covers."""
    at = max(bisect.bisect(starts, item.start) - 1, 0)
    free: list[tuple[int, int]] = []
    start = item.start
    while at < len(taken) and taken[at].start < item.end:
        other = taken[at]
        if other.end > start:
            if other.start > start:
                free.append((start, other.start))
            start = max(start, other.end)
        at += 1
    if start < item.end:
        free.append((start, item.end))
    return free


def find_everywhere(
    detector: Detector, texts: Sequence[str], around: Around = NOTHING_AROUND
) -> list[list[Finding]]:
    """Findings for each text of a conversation; found in one is found in all, in every form.

    What `around.known` lacks is learnt from the texts themselves; `learn` does the same for a
    dictionary that is kept over the texts of a conversation.
    """
    first = [detector.find(text, around) for text in texts]
    shown = PrivateDictionary()
    for text, findings in zip(texts, first, strict=True):
        learn(shown, text, findings)
    if not len(shown):
        return first
    return [
        settled([*items, *shown.matches(text)], text)
        for text, items in zip(texts, first, strict=True)
    ]


def learn(dictionary: PrivateDictionary, text: str, findings: Iterable[Finding]) -> None:
    """Put what was found in `text` into a conversation's dictionary, the fullest names first."""
    everyday: frozenset[str] | None = None
    for item in sorted(findings, key=lambda item: item.start - item.end):
        value = text[item.start : item.end].strip()
        if item.kind not in _LEARNT or item.score < _MIN_LEARNT_SCORE or len(value) < 2:
            continue
        if item.kind not in _NAMES and len(value) < 5:
            continue
        if item.kind in _NAMES:
            everyday = _everyday_words(text) if everyday is None else everyday
            if not _is_name(value, everyday):
                continue
        whole = dictionary.matches(value) if item.kind is Kind.PERSON else []
        if not any(other.kind is item.kind for other in whole):
            dictionary.add(Entry(item.key, item.kind, (value,), "this conversation"))


def _everyday_words(text: str) -> frozenset[str]:
    """The words that the text itself writes in lower case, if it uses capitals at all."""
    return frozenset() if text.islower() else frozenset(_LOWER_WORD.findall(text))


def _is_name(value: str, everyday: frozenset[str]) -> bool:
    """Whether a tagged word may be looked for elsewhere: a mistake must not spread."""
    words = value.split()
    if len(words) > 1:
        return value != value.lower() or not everyday
    return value.lower() not in everyday and (
        not everyday or value != value.lower() or not value.isascii()
    )


_LOWER_WORD = re.compile(r"\b[a-z]{2,24}\b")
