"""A text as tokens and hashed features: what the tagger reads, in training and on the device.

A word is known by itself, its beginning, its end, its letters in threes and its shape; a Chinese
character by itself and with its neighbours. Hashed into one table, these let names that were
never seen look like names.
"""

from __future__ import annotations

import functools
import re
import zlib

import numpy as np
import numpy.typing as npt

NUM_ROWS = 49152
NUM_FEATURES = 12
PAD = 0  # row 0 is all zeros
NUM_CONTEXT_ROWS = 8  # rows 1 to 7 tell what stands before a token

TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]+|\d{1,24}|\n+|[^\w\s]|_", re.UNICODE)
_IS_HAN = re.compile(r"[\u3400-\u9fff]")


def tokens_of(text: str) -> tuple[list[str], npt.NDArray[np.int32]]:
    """The tokens and their (start, end) as an array of shape (n, 2)."""
    matches = list(TOKEN.finditer(text))
    spans = np.array([match.span() for match in matches], dtype=np.int32).reshape(-1, 2)
    return [match[0] for match in matches], spans


def features_of(tokens: list[str], spans: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Rows of the embedding table, shape (n, NUM_FEATURES); unused places hold PAD."""
    if not tokens:
        return np.zeros((0, NUM_FEATURES), dtype=np.int32)
    rows = np.array([_own_rows(token) for token in tokens], dtype=np.int32)
    # Touching the token before, after a space, after a line end: the last place but two.
    is_apart = np.ones(len(tokens), dtype=np.int32)
    is_apart[1:] = spans[1:, 0] > spans[:-1, 1]
    rows[:, -3] = 1 + is_apart
    for index in _han_places(tokens):
        if index and _IS_HAN.match(tokens[index - 1]):
            rows[index, -2] = _row("<", tokens[index - 1] + tokens[index])
        if index + 1 < len(tokens) and _IS_HAN.match(tokens[index + 1]):
            rows[index, -1] = _row(">", tokens[index] + tokens[index + 1])
    return rows


def _han_places(tokens: list[str]) -> list[int]:
    return [index for index, token in enumerate(tokens) if "\u3400" <= token <= "\u9fff"]


@functools.lru_cache(maxsize=1 << 15)
def _own_rows(token: str) -> tuple[int, ...]:
    rows = _word_rows(token) if token[0].isalpha() else _other_rows(token)
    free = NUM_FEATURES - 3
    return (*rows[:free], *(PAD,) * (free - len(rows)), PAD, PAD, PAD)


def _word_rows(token: str) -> list[int]:
    if _IS_HAN.match(token):
        return [_row("c", token)]
    lower = token.lower()
    shape = _shape(token)
    rows = [_row("w", lower), _row("s", shape), _row("p", lower[:3]), _row("x", lower[-3:])]
    rows += [_row("q", shape + lower[-2:])]
    marked = f"^{lower[:20]}$"
    return rows + [_row("n", marked[i : i + 4]) for i in range(0, max(len(marked) - 3, 0), 2)]


def _other_rows(token: str) -> list[int]:
    if token[0].isdigit():
        return [
            _row("d", str(len(token))),
            _row("e", token[:2] + str(len(token))),
            _row("f", token if len(token) < 5 else token[:3]),
        ]
    return [_row("o", token[:2])]


def _shape(token: str) -> str:
    if token.islower():
        kind = "x"
    elif token.isupper():
        kind = "X"
    elif token[0].isupper() and token[1:].islower():
        kind = "Xx"
    else:
        kind = "xX"
    script = "" if token.isascii() else "*"
    return f"{kind}{min(len(token), 8)}{script}"


def _row(space: str, value: str) -> int:
    hashed = zlib.crc32(f"{space}{value}".encode("utf-8", "surrogatepass"))
    return NUM_CONTEXT_ROWS + hashed % (NUM_ROWS - NUM_CONTEXT_ROWS)
