"""Cuts a request into tokens and gives each its hashed features: what the encoder sees of a text.

Training and reading share this file, so a change here means training anew. Latin words are one
token, Chinese characters are one token each, and every token knows where it stands in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from tandem.simplified import simplified_char

NUM_FEATURES = 1 << 15
"""Rows of the table of hashed features; row 0 is never used by a feature."""
NUM_WORDS = 1 << 14
"""Rows of the table of whole words and characters; row 0 stands for none."""

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(
    r"[A-Za-z0-9_.+-]+@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+"  # an address
    r"|https?://\S+"
    rf"|[{_CJK}]"
    rf"|(?:(?![{_CJK}])[^\W\d_])+(?:['’]t\b)?"
    r"|['’](?:s|re|ve|ll|d|m)\b"
    r"|\d+"
    r"|\S"
)
_IS_CJK = re.compile(rf"[{_CJK}]")
_MOST_GRAMS = 18  # a longer word is known by its first grams; this keeps the cost even


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: characters `start` to `end` (exclusive), and its folded form."""

    start: int
    end: int
    form: str


def tokenize(text: str) -> list[Token]:
    """The tokens of `text` in their order; spaces are none of them."""
    return [Token(m.start(), m.end(), fold(m.group())) for m in _TOKEN.finditer(text)]


_PRIVATE = re.compile("[\ue000-\uf8ff]")


def without_signs(text: str) -> str:
    """Blanks in the place of private characters: readers use them as signs of their own. The length
    stays the same.
    """
    return _PRIVATE.sub(" ", text)


def fold(text: str) -> str:
    """Lower case, simplified characters, half-width forms; the length stays the same."""
    simple = simplified(text)
    lower = simple.lower()
    return lower if len(lower) == len(simple) else simple


class _Table(dict[int, str]):
    """Traditional to simplified, full width to half width; it fills itself, one for one."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if not 0xFF00 <= code < 0xFFF0:
            char = simplified_char(char)
        self[code] = char
        return char


_TABLE = _Table({0xFF01 + i: chr(0x21 + i) for i in range(94)} | {ord("’"): "'"})


def simplified(text: str) -> str:
    """Simplified characters and half-width forms; the length stays the same."""
    return text.translate(_TABLE)


def is_chinese(text: str) -> bool:
    """Whether there is a Chinese character in it."""
    return _IS_CJK.search(text) is not None


def features(tokens: list[Token], text: str) -> list[list[int]]:
    """For each token the rows of the feature table that it is the sum of.

    A Chinese character also carries the pairs and triples it stands in, as there are no words.
    """
    forms = [token.form for token in tokens]
    found: list[list[int]] = []
    for index, token in enumerate(tokens):
        form = forms[index]
        if _IS_CJK.match(form):
            left = forms[index - 1] if index else "^"
            right = forms[index + 1] if index + 1 < len(forms) else "$"
            far = forms[index + 2] if index + 2 < len(forms) else "$"
            found.append(list(_character(form, left, right, far)))
        else:
            found.append([*_word(form), _shape(text[token.start : token.end])])
    return found


@lru_cache(maxsize=50_000)
def _word(form: str) -> tuple[int, ...]:
    marked = f"<{form}>"
    names = [f"w{form}", f"p{form[:2]}", f"s{form[-2:]}", f"l{min(len(form), 12)}"]
    grams = [marked[i : i + n] for n in (3, 4) for i in range(len(marked) - n + 1)]
    names += [f"g{gram}" for gram in grams[:_MOST_GRAMS]]
    return tuple(_row(name) for name in names)


@lru_cache(maxsize=50_000)
def _character(form: str, left: str, right: str, far: str) -> tuple[int, ...]:
    names = (f"c{form}", f"c{form}", f"L{left}{form}", f"R{form}{right}", f"T{left}{form}{right}",
             f"F{form}{right}{far}")  # fmt: skip
    return tuple(_row(name) for name in names)


@lru_cache(maxsize=5_000)
def _shape(word: str) -> int:
    if word.isdigit():
        return _row(f"#d{min(len(word), 6)}")
    if word.isupper() and len(word) > 1:
        return _row("#XX")
    return _row("#Xx" if word[:1].isupper() else "#xx")


def word_row(form: str) -> int:
    """The row of a whole word or character in the table of words."""
    return 1 + crc32(form.encode()) % (NUM_WORDS - 1)


def _row(name: str) -> int:
    return 1 + crc32(name.encode()) % (NUM_FEATURES - 1)
