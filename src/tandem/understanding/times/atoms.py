"""From text to the smallest pieces and the words and numbers that they form.

An atom is a run of Latin letters, a run of digits, one Chinese character or one sign. Words may
overlap: Chinese is written without spaces, so every word that fits is offered to the grammar.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tandem.understanding.times.chart import Node
from tandem.understanding.times.numerals import chinese_numbers, english_numbers
from tandem.understanding.times.shapes import shapes_in
from tandem.understanding.times.values import Conventions

_ATOM = re.compile(r"[a-zà-ÿ]+|\d+|\S")

# Traditional forms of the characters that our Chinese words use, one for one.
_TRADITIONAL = str.maketrans(
    "週禮點鐘後個兩號時間內來從節慶陽臘農曆歷隻刻雙開結幾晝氣這過現隨馬將當離應繼續會至於邊際動國莊誕聖復萬億紀"
    "〇",
    "周礼点钟后个两号时间内来从节庆阳腊农历历只刻双开结几昼气这过现随马将当离应继续会至于边际动国庄诞圣复万亿纪零",
)
_ODD = str.maketrans({"–": "-", "—": "-", "−": "-", "～": "~", "〜": "~", "’": "'", "‘": "'"})


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece of the text: characters `start` to `end`, in the one form that the words use."""

    text: str
    start: int
    end: int


_JOINED = re.compile(
    r"\b(\d+|half|an?|one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|thirty|forty|ninety)"
    r"-(hour|minute|min|day|week|month|year)(?=s?\b)",
    re.IGNORECASE,
)
"""A number and its unit as one word: "a half-hour call"."""


def plain(text: str) -> str:
    """The text in lower case, half width and simplified characters, of the same length."""
    if not text.isascii():
        text = "".join(_narrow(character) for character in text)
        text = text.translate(_ODD).translate(_TRADITIONAL)
    text = _JOINED.sub(r"\1 \2", text)
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(_lower(one) for one in text)


def _narrow(character: str) -> str:
    if character < "\u3000":
        return character
    narrow = unicodedata.normalize("NFKC", character)
    return narrow if len(narrow) == 1 else character


def _lower(character: str) -> str:
    lowered = character.lower()
    return lowered if len(lowered) == 1 else character


def cut(text: str) -> list[Atom]:
    """The atoms of a text that `plain` has made plain."""
    return [Atom(found[0], found.start(), found.end()) for found in _ATOM.finditer(text)]


class Lexicon:
    """Words and phrases with their symbols and meanings, found by their first atom."""

    def __init__(self, entries: Iterable[tuple[str, str, Any]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str, Any]]] = {}
        for phrase, symbol, value in entries:
            key = tuple(atom.text for atom in cut(plain(phrase)))
            self._by_first.setdefault(key[0], []).append((key[1:], symbol, value))

    def at(self, atoms: list[Atom], position: int) -> list[Node]:
        """Every word that starts at an atom."""
        found: list[Node] = []
        for rest, symbol, value in self._by_first.get(atoms[position].text, ()):
            end = position + 1 + len(rest)
            if end <= len(atoms) and all(
                atoms[position + 1 + step].text == word for step, word in enumerate(rest)
            ):
                found.append(Node(symbol, position, end, value, 0.2 * len(rest)))
        return found


def lattice(
    text: str, atoms: list[Atom], lexicon: Lexicon, conventions: Conventions, *, chinese: bool
) -> list[list[Node]]:
    """All words, numbers and numeric shapes of a plain text, by the atom at which they start."""
    rows = [lexicon.at(atoms, position) for position in range(len(atoms))]
    _add_shapes(text, atoms, rows, conventions)
    numbers = chinese_numbers if chinese else english_numbers
    words = [atom.text for atom in atoms]
    for position, word in enumerate(words):
        if word.isdecimal():
            rows[position].extend(_digits(word, position))
        for end, symbol, value in numbers(words, position):
            rows[position].append(Node(symbol, position, end, value, 0.0))
    return rows


def _digits(word: str, position: int) -> list[Node]:
    if len(word) > 4:
        return []
    number = int(word)
    nodes = [Node("INT", position, position + 1, number, 0.0)]
    if len(word) == 4 and 1000 <= number < 3000:
        nodes.append(Node("YEAR", position, position + 1, number, 0.3))
    if len(word) == 2:
        nodes.append(Node("YY", position, position + 1, number, 0.0))
    return nodes


def _add_shapes(
    text: str, atoms: list[Atom], rows: list[list[Node]], conventions: Conventions
) -> None:
    found = shapes_in(text, conventions)
    if not found:
        return
    starts: Mapping[int, int] = {atom.start: index for index, atom in enumerate(atoms)}
    ends: Mapping[int, int] = {atom.end: index + 1 for index, atom in enumerate(atoms)}
    for start, end, symbol, value in found:
        if start in starts and end in ends:
            weight = 2.5 if symbol in ("DATE", "STAMP") else 0.3
            rows[starts[start]].append(Node(symbol, starts[start], ends[end], value, weight))
