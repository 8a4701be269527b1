"""Finds the time expressions of a sentence, and reads one that is known to be an expression."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from tandem.understanding.times.atoms import Atom, Lexicon, cut, lattice, plain
from tandem.understanding.times.chart import Chart, Grammar, Node, parse
from tandem.understanding.times.reading import readings
from tandem.understanding.times.shared import SHARED
from tandem.understanding.times.values import (
    Conventions,
    Setting,
    TimeExpression,
    TimeReading,
    Value,
)

_CHINESE = re.compile(r"[㐀-鿿]")
LONGEST = 20_000
"""Characters that are looked at; a request is never so long, and a mail is read by parts."""

_WHOLE = (
    "REPEAT", "STRETCH", "MOMENT", "BOUND", "PERIOD", "DATE", "HOURS", "CLOCK", "PART", "LENGTH",
)  # fmt: skip
_LAST_RESORT = ("BARE", "BAREHOURS")
# A word by itself that is more often something else.
_WEAK = re.compile(
    r"(may|march|mar|sun|sat|second|eve|now|the day|fall|spring|wed|eid|\d{1,2}[-/.]\d{1,2}|am|"
    r"early|late|lunch|dinner|breakfast|supper|a second|a minute|the (hour|second|minute))"
)


_COUNT = re.compile(
    r"(?:(?<![\d:.])\d{1,3}|\b(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve))$",
    re.IGNORECASE,
)
_PART = re.compile(r"(?:morning|afternoon|evening|night|noon)", re.IGNORECASE)
_NOUN = re.compile(
    r"\s+(?!(?:on|at|of|from|for|with|before|until|till|to|in|and|or|next|this|please|is|are|the|my|after|by|around|about|it|i|we)\b)[a-z]{3,}",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?!(?:this|the|that|in|every|each|all|one|next|last|on|at|by|early|late|good|tomorrow|today|yesterday|tonight"
    r"|\w*days?|mon|tues?|wed|thur?s?|fri|sat|sun|before|after|until|till|from|for|of|to|and|or)\b)[a-z]{3,}\s+$",
    re.IGNORECASE,
)
_MONTH = re.compile(r"(?:april|may|june|august|jan|april|jun|mar|march|augusta?)", re.IGNORECASE)
_WITH = re.compile(
    r"(?:\bwith|\bw/?|\bask|\btell|\bcall|\bmail|\btext|\bmeet|\bsee)\s+$", re.IGNORECASE
)
_NUMERAL = re.compile(r"[一二两三四五六七八九十百千万零]+")
_UNIT = re.compile(
    r"[\s-]*(?:hours?|hrs?|minutes?|mins?|days?|weeks?|months?|years?|seconds?|secs?)\b",
    re.IGNORECASE,
)


def is_chinese(text: str) -> bool:
    """Is it written in Chinese characters?"""
    return _CHINESE.search(text) is not None


@lru_cache(maxsize=2)
def _language(chinese: bool) -> tuple[Grammar, Lexicon]:
    if chinese:
        from tandem.understanding.times import chinese as words
        from tandem.understanding.times import (
            chinese_clocks,
            chinese_days,
            chinese_periods,
            chinese_repeats,
        )

        grammar = Grammar(
            SHARED,
            chinese_days.DAYS,
            chinese_periods.PERIODS,
            chinese_clocks.CLOCKS,
            chinese_repeats.REPEATS,
        )
        return grammar, words.LEXICON
    from tandem.understanding.times import (
        english,
        english_bounds,
        english_clocks,
        english_days,
        english_parts,
        english_periods,
        english_repeats,
    )

    grammar = Grammar(
        SHARED,
        english_days.DAYS,
        english_parts.PARTS,
        english_periods.PERIODS,
        english_bounds.BOUNDS,
        english_clocks.CLOCKS,
        english_repeats.REPEATS,
    )
    return grammar, english.LEXICON


def _parsed(text: str, setting: Setting) -> tuple[list[Atom], Chart]:
    flat = plain(text[:LONGEST])
    chinese = is_chinese(flat)
    grammar, lexicon = _language(chinese)
    if chinese and setting.conventions == Conventions():
        setting = replace(setting, conventions=Conventions(year_first=True))
    atoms = cut(flat)
    rows = lattice(flat, atoms, lexicon, setting.conventions, chinese=chinese)
    return atoms, parse(grammar, rows, setting)


def read(text: str, setting: Setting) -> tuple[TimeReading, ...]:
    """What an expression may mean, likeliest first; nothing if it is none.

    Where the whole is not understood, the longest part that is.
    """
    _, chart = _parsed(text, setting)
    best: Node | None = None
    for node in _candidates(chart, (*_WHOLE, *_LAST_RESORT)):
        if best is None or _worth(node) > _worth(best):
            best = node
    return () if best is None else readings(setting, best.value)


def _worth(node: Node) -> tuple[int, bool, float]:
    return node.end - node.start, node.symbol in _WHOLE, node.weight


def _candidates(chart: Chart, symbols: tuple[str, ...]) -> Iterator[Node]:
    for row in chart:
        for symbol in symbols:
            yield from row.get(symbol, ())


def find(text: str, setting: Setting) -> tuple[TimeExpression, ...]:
    """The expressions of a text, from left to right, without overlaps. Never raises for any text.

    `setting.now` is the local time. Positions are characters of the text.
    """
    atoms, chart = _parsed(text, setting)
    best: list[Node | None] = [None] * len(atoms)
    for node in _candidates(chart, _WHOLE):
        here = best[node.start]
        if _is_telling(text, atoms, node) and (here is None or _worth(node) > _worth(here)):
            best[node.start] = node
    found: list[TimeExpression] = []
    position = 0
    while position < len(atoms):
        node = best[position]
        if node is None:
            position += 1
            continue
        # A longer expression that starts inside wins: "may 3 to 5 june".
        rival = max(
            (other for other in best[position + 1 : node.end] if other is not None),
            key=_worth,
            default=None,
        )
        if rival is not None and _worth(rival) > _worth(node):
            position += 1
            continue
        found.append(_expression(text, atoms, node, setting))
        position = node.end
    return tuple(found)


def _is_telling(text: str, atoms: list[Atom], node: Node) -> bool:
    start, end = atoms[node.start].start, atoms[node.end - 1].end
    if _PART.fullmatch(text[start:end]) and (
        _NOUN.match(text[end:]) or _NAMED.search(text[:start])
    ):
        return False  # "night watch", "parent evening": what it is, not when
    if _MONTH.fullmatch(text[start:end]) and _WITH.search(text[:start]):
        return False  # "lunch with June"
    if text[start:end] in ("早", "晚") and text[end : end + 1] in tuple("点些日安一两三半几"):
        return False  # "早点睡": sooner, not in the morning
    if _NUMERAL.fullmatch(text[start:end]) and not re.match(r"\s*年", text[end:]):
        return False  # "两千字" counts, it is no year
    if _COUNT.search(text[start:end]) and _UNIT.match(text[end:]):
        return False  # "on Friday by 2 hours": the number belongs to what follows
    return _WEAK.fullmatch(text[start:end].lower()) is None


def _expression(text: str, atoms: list[Atom], node: Node, setting: Setting) -> TimeExpression:
    start, end = atoms[node.start].start, atoms[node.end - 1].end
    value: Value = node.value
    return TimeExpression(start, end, text[start:end], value, readings(setting, value))
