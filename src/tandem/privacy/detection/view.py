"""A text as the recognizers see it: one form per character, with a map back to the original.

Whoever hides a number in full-width digits, zero-width characters, right-to-left marks, letters of
another alphabet, percent or JSON escapes hides it from every pattern at once; undone here, it is
undone for all. Traditional characters become simplified ones, so that one list of names and one
tagger serve both.
"""

from __future__ import annotations

import html
import re
import unicodedata
from array import array
from dataclasses import dataclass

from tandem.simplified import simplified_char

# Letters that look like a Latin one, by the Unicode consortium's list of confusables: only the
# ones whose usual fonts cannot be told apart.
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТХУаеѕіјорсухԁһԛԝ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονιυρ",
    "ABESIJKMHOPCTXYaesijopcyxdhqw" + "ABEZHIKMNOPTYXoviup",
)
_LOOKALIKE_WORD = re.compile(r"[\w@.-]*[\u0370-\u03ff\u0400-\u052f][\w@.-]*")
_LATIN = re.compile(r"[A-Za-z0-9@]")

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－⁃˗"), "-")
_KEPT_WIDE = frozenset("，。：；！？（）【】、")  # sentence marks tell the tagger where it is
# Not \s: line ends are line ends.
_REMOVED = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]+"
)
_COMPOSED = re.compile(r"[^\W\d_][\u0300-\u036f]+")
_EXPANDED = re.compile("[\u00bc-\u00be\u2000-\u2bff\u3200-\u33ff\ufb00-\ufb06]")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_JSON_ESCAPE = re.compile(r"(?:\\u[0-9A-Fa-f]{4})+")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|amp|lt|gt|quot|apos|nbsp|commat|period);")


@dataclass(frozen=True, slots=True)
class View:
    """`text` is what to look at; `span` leads back into `original`."""

    original: str
    text: str
    starts: array[int] | None = None  # None: as long as the original, place by place
    ends: array[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The offsets in the original of `text[start:end]`, which must not be empty."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def view_of(text: str) -> View:
    """The view of a text. Linear in its length."""
    same_length = text if text.isascii() else _lookalikes(text.translate(_ONE_TO_ONE))
    edits = _edits(same_length)
    return _edited(text, same_length, edits) if edits else View(text, same_length)


def folded(text: str) -> str:
    """The text of its view: for lists that are compared with views."""
    return view_of(text).text


class _OneToOne(dict[int, str]):
    """A table for `str.translate` that fills itself: one character in, one out."""

    def __missing__(self, code: int) -> str:
        result = self[code] = _one(chr(code))
        return result


def _one(char: str) -> str:
    if char in _KEPT_WIDE:
        return char
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if unicodedata.category(char) == "Zs":
        return " "
    folded_char = unicodedata.normalize("NFKC", char)
    if len(folded_char) != 1:
        return char
    return simplified_char(folded_char)


_ONE_TO_ONE = _OneToOne(_DASHES)


def _lookalikes(text: str) -> str:
    """Letters of other alphabets inside Latin words: a wholly Greek or Russian word stays."""
    if not re.search(r"[\u0370-\u052f]", text):
        return text

    def latin(match: re.Match[str]) -> str:
        word = match[0]
        return word.translate(_LOOKALIKES) if _LATIN.search(word) else word

    return _LOOKALIKE_WORD.sub(latin, text)


def _edits(text: str) -> list[tuple[int, int, str]]:
    """What changes the length, as (start, end, replacement), in order and without overlap."""
    found: list[tuple[int, int, str]] = []
    if "%" in text:
        found += [(m.start(), m.end(), _percent(m[0])) for m in _PERCENT.finditer(text)]
    if "\\u" in text:
        found += [(m.start(), m.end(), _json_escape(m[0])) for m in _JSON_ESCAPE.finditer(text)]
    if "&" in text:
        found += [(m.start(), m.end(), html.unescape(m[0])) for m in _ENTITY.finditer(text)]
    if not text.isascii():
        found += [(m.start(), m.end(), "") for m in _REMOVED.finditer(text)]
        for match in _COMPOSED.finditer(text):
            found.append((*match.span(), unicodedata.normalize("NFC", match[0])))
        for match in _EXPANDED.finditer(text):
            found.append((*match.span(), unicodedata.normalize("NFKC", match[0])))
    found = [edit for edit in found if edit[2] != text[edit[0] : edit[1]]]
    found.sort()
    kept: list[tuple[int, int, str]] = []
    for edit in found:
        if not kept or edit[0] >= kept[-1][1]:
            kept.append(edit)
    return kept


def _percent(escaped: str) -> str:
    try:
        return bytes.fromhex(escaped.replace("%", "")).decode("utf-8")
    except UnicodeDecodeError:
        return escaped


def _json_escape(escaped: str) -> str:
    units = bytes.fromhex(escaped.replace("\\u", ""))
    return units.decode("utf-16-be", "replace")


def _edited(original: str, text: str, edits: list[tuple[int, int, str]]) -> View:
    pieces: list[str] = []
    starts, ends = array("l"), array("l")
    at = 0
    for start, end, replacement in [*edits, (len(text), len(text), "")]:
        pieces += (text[at:start], replacement.translate(_ONE_TO_ONE))
        starts.extend(range(at, start))
        ends.extend(range(at + 1, start + 1))
        starts.extend([start] * len(replacement))
        ends.extend([end] * len(replacement))
        at = end
    return View(original, "".join(pieces), starts, ends)
