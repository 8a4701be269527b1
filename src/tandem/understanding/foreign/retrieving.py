"""Which of many tools a request may mean: BM25 over what each tool says of itself.

Names are cut at case and underscores, Chinese into pairs of characters; the name and the arguments'
names weigh more than their descriptions. Robertson & Zaragoza, "The Probabilistic Relevance
Framework: BM25 and Beyond", 2009.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tandem.understanding.tokens import fold

K1 = 1.2
"""How soon a repeated word stops counting."""
B = 0.6
"""How much a long text is held against a tool."""
_NAME, _TOLD, _ARGUMENT, _ARGUMENT_TOLD = 3.0, 1.5, 1.0, 0.4

_PIECE = re.compile(r"[一-鿿]+|[^\W_一-鿿]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_STOP = frozenset(
    "a an the of to in on at for with and or is are was be been do does did can could would will "
    "shall should i you we it me my your our this that these those what which who how when where "
    "please want need like get give tell show by from as if so not no any some all has have had s "
    "t m re ll ve d help using use used tool api function specific specified based given".split()
)
_STOP_ZH = frozenset("的了我你是在有和与或请想要能否可以帮一下吗呢吧这那个什么怎么")


@dataclass(frozen=True, slots=True)
class ToolText:
    """A tool as it describes itself. `schema` is the JSON schema of its arguments."""

    name: str
    description: str
    schema: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Shelf:
    """Tools to choose from. Pure; building it costs a pass over their texts."""

    def __init__(self, tools: Sequence[ToolText]) -> None:
        self.tools = tuple(tools)
        self._texts = [_weighed(tool) for tool in self.tools]
        self._lengths = [sum(text.values()) for text in self._texts]
        self._mean = sum(self._lengths) / max(1, len(self._lengths))
        count = Counter(term for text in self._texts for term in text)
        total = len(self.tools)
        self._rarity = {t: math.log(1 + (total - n + 0.5) / (n + 0.5)) for t, n in count.items()}

    def find(self, request: str, limit: int = 5) -> list[tuple[ToolText, float]]:
        """The likeliest tools with their scores, the best first; none that shares no word."""
        asked = Counter(_with_beginnings(terms(request)))
        scored = [(self._score(asked, at), -at) for at in range(len(self.tools))]
        best = sorted(scored, reverse=True)[:limit]
        return [(self.tools[-at], score) for score, at in best if score > 0]

    def _score(self, asked: Counter[str], at: int) -> float:
        text, total = self._texts[at], 0.0
        norm = K1 * (1 - B + B * self._lengths[at] / (self._mean or 1))
        for term in asked:
            weight = text.get(term, 0.0)
            if weight:
                total += self._rarity[term] * weight * (K1 + 1) / (weight + norm)
        return total


def _weighed(tool: ToolText) -> dict[str, float]:
    text: dict[str, float] = {}
    parts = [(tool.name, _NAME), (tool.description, _TOLD)]
    for name, told in _arguments(tool.schema):
        parts += [(name, _ARGUMENT), (told, _ARGUMENT_TOLD)]
    for words, weight in parts:
        for term in _with_beginnings(terms(words)):
            share = 0.4 if term.endswith("~") else 1.0
            text[term] = text.get(term, 0.0) + share * weight
    return text


def _arguments(schema: Mapping[str, Any], depth: int = 0) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if depth > 4:
        return found
    properties: Any = schema.get("properties") or {}
    for name, one in properties.items():
        if not isinstance(one, Mapping):
            continue
        told = f"{one.get('description', '')} {' '.join(map(str, one.get('enum') or ()))}"  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        found.append((str(name), told))
        found += _arguments(one, depth + 1)  # pyright: ignore[reportUnknownArgumentType]
        items: Any = one.get("items")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if isinstance(items, Mapping):
            found += _arguments(items, depth + 1)  # pyright: ignore[reportUnknownArgumentType]
    return found


def terms(text: str) -> list[str]:
    """Stems of words, pairs of Chinese characters; what says nothing of a tool is left out."""
    found: list[str] = []
    for piece in _PIECE.findall(_CAMEL.sub(" ", text)):
        piece = fold(piece)
        if piece[0] >= "\u4e00":
            pairs = [piece[i : i + 2] for i in range(len(piece) - 1)] or [piece]
            found += [pair for pair in pairs if not set(pair) & _STOP_ZH]
        elif piece not in _STOP:
            found.append(stem(piece))
    return found


def _with_beginnings(words: list[str]) -> list[str]:
    """Long words also count by their beginning: "multiplication" finds "multiply"."""
    return words + [f"{word[:5]}~" for word in words if len(word) > 5 and word.isascii()]


def stem(word: str) -> str:
    """A word without its endings; crude, but the same on both sides."""
    if len(word) < 5:
        return word[:-1] if len(word) == 4 and word.endswith("s") and word[-2] != "s" else word
    for ending, put in (
        ("ations", "at"), ("ation", "at"), ("ating", "at"), ("ated", "at"), ("ates", "at"),
        ("ate", "at"),
        ("ings", ""), ("ing", ""), ("ies", "y"), ("ied", "y"), ("ers", ""), ("ed", ""), ("es", ""),
        ("s", ""), ("er", ""), ("e", ""), ("ly", ""), ("al", ""),
    ):  # fmt: skip
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)] + put
    return word
