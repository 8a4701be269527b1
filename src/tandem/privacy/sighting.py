"""What is personal in all texts of one request together.

The detector looks at each text; the user's dictionary, what the conversation has shown before, and
what any of these texts shows, are looked for in all of them. Three things no detector sees are
found here: text packed as base64 or hex, the user's own words that look like a placeholder, and
numbers that no placeholder may get.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from tandem.personal import Around, Finding, Kind, Known
from tandem.ports import Detector
from tandem.privacy.book import Book
from tandem.privacy.detection.detector import learn, settled
from tandem.privacy.detection.dictionary import Entry, PrivateDictionary
from tandem.privacy.detection.view import View, folded, view_of
from tandem.privacy.exact import ExactTexts
from tandem.privacy.placeholders import LITERAL, mentions
from tandem.privacy.walking import Place
from tandem.types import Origin

MAX_REMEMBERED = 100_000  # characters of one text
_NUMBERS = re.compile(r"\d{3,9}")
_PACKED = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{12,}={0,2}(?![\w+/=-])")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){6,}")
# A text that is packed tells its kind by what is in it; of several the one that tells most.
_TELL_LITTLE = frozenset(
    {Kind.DATE, Kind.AGE, Kind.GROUP, Kind.TITLE, Kind.URL, Kind.PLACE, Kind.ORGANISATION}
)
# "30" and "Friday" are found where they mean a person's age or day, not wherever they stand.
NOT_LEARNT = frozenset({Kind.DATE, Kind.AGE, Kind.GROUP, Kind.TITLE})
_CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(slots=True)
class Seen:
    """One thing in one request: in which forms and from where."""

    kind: str
    key: str
    reason: str
    forms: dict[str, int] = field(default_factory=dict[str, int])
    origins: set[Origin] = field(default_factory=set[Origin])


@dataclass(slots=True)
class Sightings:
    """Findings by text, things by key, and the numbers that stand in the texts."""

    findings: dict[tuple[str, Place], list[Finding]]
    things: dict[str, Seen]
    taken: set[int]
    is_chinese: bool

    @classmethod
    def of(
        cls,
        texts: Sequence[tuple[str, Place]],
        detector: Detector,
        known: Sequence[Known],
        book: Book,
    ) -> Sightings:
        """Look through the texts. Raises what the detector raises."""
        shown = _dictionary_of(book)
        wanted = dict.fromkeys(texts)
        first = {each: _look(detector, *each, known) for each in wanted}
        for (text, _), (found, _) in first.items():
            _check(found, text)
        for (text, _), (found, _) in first.items():
            learn(shown, text, (item for item in found if item.kind not in NOT_LEARNT))
        again = _Again(book, first)
        self = cls({}, {}, set(), _is_chinese(text for text, _ in texts))
        for (text, place), (found, own) in first.items():
            certain = [*again.matches(text), *shown.matches(text)]
            wider = [*found, *certain]
            packed = _packed(text, detector, (*known, shown, again), place)
            alike = () if place.is_answer else self._alike(text, book)
            stand = settled([*wider, *packed, *alike], text)
            stand = led_by(certain, stand, text)
            self.findings[text, place] = stand = filled(stand, [*wider, *packed])
            for item in stand:
                self._note(item, text[item.start : item.end], place.origin, own)
            if place.is_name and stand:
                # An identifier that holds something personal is replaced whole.
                whole = replace(stand[0], key=f"{LITERAL}:{text}")
                self._note(whole, text, place.origin, own)
        return self

    def note_in(self, book: Book) -> None:
        """Enter everything into the conversation's book."""
        for seen in self.things.values():
            for form in seen.forms:
                book.seen(
                    seen.kind,
                    seen.key,
                    form,
                    seen.origins,
                    is_chinese=self.is_chinese,
                    taken=self.taken,
                )

    def _note(self, item: Finding, form: str, origin: Origin, own: frozenset[str]) -> None:
        seen = self.things.setdefault(item.key, Seen(_kind_of(item), item.key, item.reason))
        seen.forms[form] = seen.forms.get(form, 0) + 1
        seen.origins.add(origin)
        if item.key in own:
            # Whoever is in the user's contacts is the user's life, wherever the name stands.
            seen.origins.add(Origin.CONTACTS)

    def _alike(self, text: str, book: Book) -> list[Finding]:
        """The user's own words that a restorer would take for a placeholder."""
        if not any(char.isdigit() for char in text):
            return []
        view = view_of(text)
        self.taken.update(int(match[0]) for match in _NUMBERS.finditer(view.text))
        found: list[Finding] = []
        for mention in mentions(lowered(view), book.by_number.__contains__):
            if book.by_number[mention.number].kind in mention.kinds:
                start, end = view.span(mention.start, mention.end)
                key = f"{LITERAL}:{text[start:end]}"
                why = "looks like a placeholder of this conversation"
                found.append(Finding(start, end, Kind.REFERENCE, key, 1.0, why))
        return found


# A view keeps the sentence marks of Chinese; inside a password they are only wide.
_HALF = str.maketrans("，。：；！？（）【】、", ",.:;!?()[],")


def _half(text: str) -> str:
    return text.translate(_HALF)


class _Again:
    """A Known: what was found once, letter by letter, wherever it stands again; in wide letters or
    with marks in between, too.

    A dictionary knows names in all their forms; a password or a key has one form and no words.
    """

    def __init__(
        self,
        book: Book,
        first: Mapping[tuple[str, Place], tuple[list[Finding], frozenset[str]]],
    ) -> None:
        self._things: dict[str, tuple[Kind, str]] = {}
        for thing in book.by_number.values():
            if thing.kind not in (LITERAL, *NOT_LEARNT):
                for form in thing.forms:
                    self._things[_half(folded(form))] = (
                        Kind(thing.kind),
                        thing.key.partition("\0")[0],
                    )
        for (text, _), (found, _) in first.items():
            for item in found:
                if item.kind not in NOT_LEARNT:
                    form = _half(folded(text[item.start : item.end]))
                    self._things.setdefault(form, (item.kind, item.key))
        self._texts = ExactTexts(self._things)

    def matches(self, text: str) -> list[Finding]:
        """All of them, without overlap."""
        view = view_of(text)
        found: list[Finding] = []
        for place, place_end, form in self._texts.places(_half(view.text)):
            start, end = view.span(place, place_end)
            kind, key = self._things[form]
            found.append(Finding(start, end, kind, key, 0.9, "found elsewhere in the conversation"))
        return settled(found, text)


def led_by(certain: Iterable[Finding], stand: Sequence[Finding], text: str) -> list[Finding]:
    """The findings, with what is known in the place of a guess that would swallow it and may be
    left readable: a person in the contacts is no part of a firm that the tagger sees around her.
    """
    strong = settled((item for item in certain if item.kind not in _TELL_LITTLE), text)
    guesses = [
        item
        for item in stand
        if item.kind in _TELL_LITTLE
        and any(other.start < item.end and item.start < other.end for other in strong)
    ]
    if not guesses:
        return list(stand)
    others = [item for item in stand if item not in guesses]
    return filled(filled(others, strong), guesses)


def filled(stand: Sequence[Finding], wanted: Iterable[Finding]) -> list[Finding]:
    """The findings that stand, with whatever of the wanted ones they leave bare.

    Which of two overlapping findings stands is a question of taste; that both are covered is none.
    """
    covered = sorted(stand, key=lambda item: item.start)
    for item in wanted:
        at, bare = item.start, list[Finding]()
        for other in covered:
            if other.end <= at:
                continue
            if other.start >= item.end:
                break
            if other.start > at:
                bare.append(replace(item, start=at, end=other.start))
            at = max(at, other.end)
        if at < item.end:
            bare.append(replace(item, start=at))
        if bare:
            covered = sorted([*covered, *bare], key=lambda each: each.start)
    return covered


def _check(findings: Sequence[Finding], text: str) -> None:
    """A detector that points beside the text hides what it found: better nothing leaves."""
    if any(not 0 <= item.start < item.end <= len(text) for item in findings):
        raise RuntimeError("a detector pointed outside of the text")


def _kind_of(item: Finding) -> str:
    return LITERAL if item.key.startswith(f"{LITERAL}:") else item.kind


def lowered(view: View) -> str:
    """The view's text in lower case, character by character, so that offsets stay."""
    text = view.text.lower()
    if len(text) == len(view.text):
        return text
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in view.text)


def _dictionary_of(book: Book) -> PrivateDictionary:
    """What the conversation has shown so far."""
    return PrivateDictionary(
        Entry(thing.key, Kind(thing.kind), thing.forms, "this conversation")
        for thing in book.by_number.values()
        if thing.kind not in (LITERAL, *NOT_LEARNT) and "\0" not in thing.key
    )


def _look(
    detector: Detector, text: str, place: Place, known: Sequence[Known]
) -> tuple[list[Finding], frozenset[str]]:
    """What the detector and the user's dictionary find, and which of it the dictionary knows."""
    plain = text.replace("_", " ") if place.is_name else text
    look = _remembered if len(plain) < MAX_REMEMBERED else _remembered.__wrapped__
    found = look(detector, plain, place.field)
    own = [item for each in known for item in each.matches(plain)]
    stand = led_by(own, settled([*found, *own], plain), plain)
    return filled(stand, own), frozenset(item.key for item in own)


@lru_cache(maxsize=512)
def _remembered(detector: Detector, text: str, named: str) -> tuple[Finding, ...]:
    """A conversation's old texts come with every turn: each is looked through once."""
    return tuple(detector.find(text, Around(field=named)))


def _packed(
    text: str, detector: Detector, known: Sequence[Known], place: Place
) -> Iterator[Finding]:
    """Runs of base64 or hex that hold something personal are personal as a whole."""
    for match in _PACKED.finditer(text):
        for plain in _unpacked(match[0]):
            found, _ = _look(detector, plain, replace(place, is_name=False), known)
            if found:
                kind = min(found, key=lambda item: item.kind in _TELL_LITTLE).kind
                key = f"{kind}:packed {match[0]}"
                yield Finding(*match.span(), kind, key, 1.0, "packed as base64 or hex")
                break


def _unpacked(run: str) -> Iterator[str]:
    if _HEX.fullmatch(run):
        yield from _as_text(bytes.fromhex(run))
    plain = run.rstrip("=").replace("-", "+").replace("_", "/")
    # A run may begin or end with a sign that only touches it; four places are tried.
    for cut in range(min(4, len(plain) - 8)):
        piece = plain[cut:]
        piece = piece[: len(piece) - 1] if len(piece) % 4 == 1 else piece
        try:
            yield from _as_text(base64.b64decode(piece + "=" * (-len(piece) % 4), validate=True))
        except (binascii.Error, ValueError):
            continue


def _as_text(data: bytes) -> Iterator[str]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    if sum(char.isprintable() or char.isspace() for char in text) == len(text):
        yield text


def _is_chinese(texts: Iterable[str]) -> bool:
    """Whether the conversation is: a third of its letters suffices, as code and names are Latin."""
    num_chinese = num_letters = 0
    for text in texts:
        num_chinese += len(_CHINESE.findall(text))
        num_letters += sum(map(str.isalpha, text)) if text.isascii() else len(text)
    return num_chinese * 3 > num_letters
