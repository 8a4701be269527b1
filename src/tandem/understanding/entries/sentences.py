"""Which sentences tell something to be entered, and where one entry ends and the next begins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import ModuleType

from tandem.understanding.entries.marking import (
    MENDED,
    SIGN,
    Marked,
    has_clock,
    is_length,
    moment_of,
)
from tandem.understanding.entries.titles import named
from tandem.understanding.known import Known
from tandem.understanding.times import TimeExpression

_SENTENCE = re.compile(
    r"(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bSt\.)(?<!\bProf\.)(?<!\bno\.)(?<!appt\.)"
    r"(?<=[.!?。！？;；])\s+|(?<=[。！？；])|\n",
    re.IGNORECASE,
)


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, none empty."""
    return [piece for piece in _SENTENCE.split(text) if piece.strip()]


def telling(sentence: Marked, known: Known, table: ModuleType) -> Marked:
    """Without the sentences that only talk, where another has a clock; what is named in one
    sentence may have its time in the next.
    """
    pieces = sentences_of(sentence.words)
    if len(pieces) < 2:
        return sentence
    timed = [piece for piece in pieces if re.search(SIGN, piece)]
    clocked = [piece for piece in timed if any(has_clock(one, known) for one in sentence.of(piece))]
    if not clocked:
        return sentence
    named_there = [named(piece, table).title for piece in timed]
    if all(
        table.HOLLOW_LINE.match(title) or table.NO_TITLE.fullmatch(title) for title in named_there
    ):
        bare = [piece for piece in pieces if piece not in timed and not table.WHERE.search(piece)]
        return replace(sentence, title=bare[-1] if bare else "")
    kept = [
        piece
        for piece in pieces
        if piece in timed
        or table.CALLED.search(piece)
        or table.WHERE.search(piece)
        or table.NOTES.search(" " + piece)
    ]
    return replace(sentence, words=" ".join(kept))


Part = tuple[str, list[TimeExpression]]
"""The words of one entry, and times that were said for all of them."""


def parts_of(sentence: Marked, known: Known, table: ModuleType) -> list[Part]:
    """The sentence, or its pieces where each has a clock and words of its own."""
    words = sentence.words
    header = table.HEADER.match(words)
    shared = sentence.of(header[0]) if header is not None else []
    if header is not None:
        words = words[header.end() :]
    pieces, start = list[str](), 0
    for found in table.JOINTS.finditer(words):
        # "drop the van off at 7, pick up at 5": some joints are the next entry's first words.
        cut = found.start() if found.lastgroup == "kept" else found.end()
        left, right = words[start : found.start()], words[cut:]
        if _stands(left, sentence, known, table) and _begins(right, sentence, known, table):
            pieces.append(left)
            start = cut
    pieces.append(words[start:])
    if header is not None and len(pieces) == 1:
        return [(sentence.words, [])]
    return list(_with_days(pieces, shared, sentence, known))


def _with_days(
    pieces: Sequence[str], shared: list[TimeExpression], sentence: Marked, known: Known
) -> Iterator[Part]:
    """Each piece with the day that was said for all, or before it."""
    last = shared
    for piece in pieces:
        own = sentence.of(piece)
        has_day = (moment := moment_of(own, known)) is not None and moment.has_date
        yield piece, [] if has_day else list(last)
        if has_day:
            last = [one for one in own if not is_length(one)]


def _stands(words: str, sentence: Marked, known: Known, table: ModuleType) -> bool:
    """Whether it is an entry by itself: a clock, and words besides."""
    clocks = [one for one in sentence.of(words) if has_clock(one, known)]
    return bool(clocks) and MENDED not in words and bool(named(words, table).title)


def _begins(words: str, sentence: Marked, known: Known, table: ModuleType) -> bool:
    """Whether another entry begins here, before the next joint but one."""
    first = table.JOINTS.split(words.strip(), maxsplit=1)[0] or words
    return _stands(first, sentence, known, table)
