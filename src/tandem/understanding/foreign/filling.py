"""Fills a tool's arguments from a request by their JSON schema, with the user's own words.

Each argument takes the piece of the text that fits its type and whose neighbourhood shares words
with the argument's name and description; choices and switches are looked for by their words. What
has no evidence is left out: a required argument without a value is missing, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from tandem.understanding.foreign.pieces import Piece
from tandem.understanding.foreign.retrieving import terms
from tandem.understanding.foreign.tables import ALSO, CUES, TYPES
from tandem.understanding.tokens import Token, fold, tokenize

Schema = Mapping[str, Any]

_DATE = re.compile(r"\b(date|day|deadline|yyyy)|日期|时间|日子|生日", re.I)
_CLOCK = re.compile(r"\btime\b|hh:mm|时间|几点", re.I)
_WHERE = re.compile(
    r"\b(location|city|place|address|country|region|state|area|town|destination|origin)|城市|地点|地址|位置|国家|地区",
    re.I,
)
_WHO = re.compile(
    r"\b(name|person|user|author|artist|actor|director|recipient|receiver|payee|friend|contact|sender)|姓名|名字|人名|作者",
    re.I,
)
_FREE = re.compile(
    r"\b(query|question|keyword|text|message|content|description|topic|prompt|search|term)|关键词|问题|内容|描述|主题|文本",
    re.I,
)
_ID = re.compile(r"(^|[_ ])id$|\bid\b|identifier|\bcode\b|\bkey\b|编号|标识|代码", re.I)
_FITS = {
    "email": (re.compile(r"mail|recipient|邮", re.I), 1.6, 0.2),
    "url": (re.compile(r"\burl|link|website|网址|链接", re.I), 1.6, 0.3),
    "path": (re.compile(r"file|path|folder|director|文件|路径", re.I), 1.4, 0.3),
    "code": (_ID, 1.1, 0.4),
}
_SWITCHING = frozenset(terms("is has include enable detailed needed required show with only"))
_SWITCHING_ZH = frozenset(
    "是否 否包 包括 括在 否需 需要 是启 启用 否启 否在 否使 使用 包含 否要".split()
)
_NOT = re.compile(
    r"\b(no|not|without|don't|dont|never|disable|exclude|off)\W+(?:\w+\W+){0,3}$|(?:不|无需|别|关闭|没有)[^，。]{0,5}$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was found. `missing` are the required ones without a value; `unused` how many quoted
    words, numbers and names of the request went nowhere; `evidence` the sum of what spoke for it;
    `guessed` how many values are mere phrases, whose borders nothing marks.
    """

    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    missing: tuple[str, ...] = ()
    unused: int = 0
    evidence: float = 0.0
    guessed: int = 0


@dataclass(slots=True)
class _Leaf:
    path: tuple[str, ...]
    schema: Schema
    type: str
    is_required: bool
    words: dict[str, float]
    told: str


def fill(request: str, schema: Schema, found: Sequence[Piece], about: str = "") -> Arguments:
    """The arguments that the request gives. Pure.

    `found` are the request's `pieces`; `about` is what the tool says of itself: a phrase of such
    words alone names the tool, not a value.
    """
    leaves = list(_leaves(schema, (), True))
    spoken = frozenset(terms(about))
    values: dict[tuple[str, ...], Any] = {}
    taken: list[Piece] = []
    listed: dict[tuple[str, ...], list[tuple[int, Any]]] = {}
    evidence, guessed = 0.0, 0
    for leaf in leaves:  # choices and switches first: they are known by their own words
        if (value := _by_word(request, leaf)) is not None:
            values[leaf.path] = value
            evidence += 1.0
    pairs = [
        (score, -at, -number)
        for at, leaf in enumerate(leaves)
        if leaf.path not in values and not leaf.schema.get("enum") and leaf.type != "boolean"
        for number, piece in enumerate(found)
        if (score := _fit(request, leaf, piece, spoken)) > 0
    ]
    for score, at, number in sorted(pairs, reverse=True):
        leaf, piece = leaves[-at], found[-number]
        is_full = leaf.path in values and leaf.type != "array"
        if is_full or any(piece.start < one.end and one.start < piece.end for one in taken):
            continue
        if score < (0.5 if leaf.is_required else 1.2):
            continue
        value = _value(leaf, piece)
        if value is None:
            continue
        if leaf.type == "array":
            if leaf.path in values and score < 1.0:
                continue
            values[leaf.path] = True
            listed.setdefault(leaf.path, []).append((piece.start, value))
        else:
            values[leaf.path] = value
        taken.append(piece)
        guessed += piece.kind == "phrase" or score < 1.0
        evidence += min(2.0, score)
    for path, places in listed.items():
        values[path] = [value for _, value in sorted(places, key=lambda one: one[0])]
    missing = tuple(
        ".".join(leaf.path) for leaf in leaves if leaf.is_required and leaf.path not in values
    )
    solid = [p for p in found if p.kind in ("quoted", "number", "email", "url", "code", "name")]
    unused = sum(not any(p.start < t.end and t.start < p.end for t in taken) for p in solid)
    return Arguments(_nested(values), missing, unused, evidence, guessed)


def _leaves(schema: Schema, path: tuple[str, ...], is_required: bool) -> list[_Leaf]:
    properties = cast("Mapping[str, Any]", schema.get("properties") or {})
    needed = set(cast("Sequence[str]", schema.get("required") or ()))
    found: list[_Leaf] = []
    for name, told_of in properties.items():
        if not isinstance(told_of, Mapping):
            continue
        one = cast("Schema", told_of)
        kind = _type(one)
        is_needed = is_required and name in needed
        if kind == "object" and one.get("properties") and len(path) < 4:
            found += _leaves(one, (*path, name), is_needed)
            continue
        told = str(one.get("description", ""))
        words: dict[str, float] = {}
        for term in terms(told.split("e.g.")[0].split("such as")[0]):
            words.setdefault(term, 0.3)
        for term in terms(name):
            words[term] = 1.0
        found.append(
            _Leaf((*path, name), one, kind, is_needed, words, f"{name.replace('_', ' ')} {told}")
        )
    return found


def _type(schema: Schema) -> str:
    kind: Any = schema.get("type", "string")
    if isinstance(kind, list):
        kind = next((k for k in cast("list[str]", kind) if k != "null"), "string")
    return TYPES.get(str(kind), str(kind))


# --- choices and switches -----------------------------------------------------------------------


def _by_word(request: str, leaf: _Leaf) -> Any:
    items: Any = leaf.schema.get("items") or {}
    options: Any = leaf.schema.get("enum")
    if options is None and leaf.type == "array" and isinstance(items, Mapping):
        options = items.get("enum")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        said = [one for one in options or () if _said(request, str(one)) > 0]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return said or None  # pyright: ignore[reportUnknownVariableType]
    if options:
        if all(str(one).strip().isdigit() for one in options) and not any(
            t in terms(request) for t in terms(leaf.path[-1])
        ):
            return None
        best = max(options, key=lambda one: _said(request, str(one)))
        return best if _said(request, str(best)) > 0 else None
    if leaf.type == "boolean":
        return _switch(request, leaf)
    return None


def _said(request: str, option: str) -> float:
    """How much of a choice the request says: its length where it stands there whole."""
    low, want = fold(request), fold(option).replace("_", " ").replace("-", " ")
    if any(word in low for word in ALSO.get(want, "").split() if len(word) > 1):
        return 1.5
    if not want.strip():
        return 0.0
    flat = low.replace("_", " ").replace("-", " ")
    if want.isascii():
        if re.search(rf"(?<!\w){re.escape(want)}(?!\w)", flat):
            return len(want) + 1.0
        mine, theirs = set(terms(option)), set(terms(request))
        if mine and mine <= theirs:
            return len(want) * 0.9
        words = [w for w in re.findall(r"[a-z]+", flat) if len(w) > 3]
        return 0.5 if len(want) > 4 and any(want.startswith(w) for w in words) else 0.0
    return len(want) + 1.0 if want in flat else 0.0


def _switch(request: str, leaf: _Leaf) -> bool | None:
    """True or false where the request names what is switched; in Chinese, where it shares words
    with the description.
    """
    low, said = fold(request), set(terms(request))
    names = [t for t in terms(leaf.path[-1]) if t not in _SWITCHING]
    if names and all(term in said for term in names):
        place = min(low.find(term) for term in names)
        return not _NOT.search(low[: max(0, place)])
    shared = [t for t in leaf.words if t[0] >= "\u4e00" and t in said and t not in _SWITCHING_ZH]
    if len(shared) < 2:
        return None
    return not _NOT.search(low[: min(low.find(term) for term in shared)])


# --- pieces -------------------------------------------------------------------------------------


def _fit(request: str, leaf: _Leaf, piece: Piece, spoken: frozenset[str]) -> float:
    """How well a piece fits an argument; 0 where its type forbids it."""
    kind = leaf.type
    if kind == "array":
        items: Any = leaf.schema.get("items") or {}
        kind = _type(items) if isinstance(items, Mapping) else "string"  # pyright: ignore[reportUnknownArgumentType]
    prior = _prior(kind, leaf, piece)
    if prior <= 0:
        return 0.0
    if piece.kind in ("name", "phrase"):
        mine = terms(piece.text)
        if not mine or all(term in spoken or leaf.words.get(term, 0) >= 1 for term in mine):
            return 0.0
    return prior + _near(request, leaf, piece)


def _prior(kind: str, leaf: _Leaf, piece: Piece) -> float:
    if kind in ("integer", "number"):
        return 0.8 if piece.kind == "number" else 0.0
    if kind in ("object", "boolean"):
        return 0.0
    told, name = leaf.told, leaf.path[-1]
    is_time = bool(_DATE.search(told) or _CLOCK.search(name))
    if piece.kind == "time":
        return 1.4 if is_time else 0.0
    if piece.kind in _FITS:
        pattern, fits, otherwise = _FITS[piece.kind]
        return fits if pattern.search(told) else otherwise
    if piece.kind == "number":
        return 0.7 if _ID.search(name) else 0.1
    if piece.kind == "quoted":
        return 0.9
    if is_time:
        return 0.0
    is_named = bool(_WHERE.search(told) or _WHO.search(told))
    if piece.kind == "name":
        return 1.1 if is_named else 0.6
    return 0.55 if _FREE.search(told) or _WHERE.search(name) or _WHO.search(name) else 0.25


def _near(request: str, leaf: _Leaf, piece: Piece) -> float:
    """What the words around a piece share with the argument's name, and the cue right before it."""
    before = tokenize(request[: piece.start])[-6:]
    total = 0.0
    for at, token in enumerate(reversed(before)):
        for term in terms(token.form) or [token.form]:
            total += leaf.words.get(term, 0.0) / (1 + 0.35 * at)
    for at, token in enumerate(tokenize(request[piece.end :])[:3]):
        total += 0.9 * sum(leaf.words.get(t, 0.0) for t in terms(token.form)) / (1 + 0.5 * at)
    chinese = fold(request[max(0, piece.start - 8) : piece.start])
    total += sum(0.7 * w for t, w in leaf.words.items() if t[0] >= "\u4e00" and t in chinese)
    if piece.kind == "number":
        total += sum(leaf.words.get(term, 0.0) for term in terms(piece.text))
    return min(total + _cued(leaf, piece, before), 3.0)


def _cued(leaf: _Leaf, piece: Piece, before: Sequence[Token]) -> float:
    last = before[-1].form if before else ""
    is_open = piece.kind == "phrase" and last in ("to", "for", "in", "on")
    name = set(terms(leaf.path[-1])) | set(re.findall(r"[a-z]+", leaf.path[-1].lower()))
    total = 0.0
    for word, cues in CUES.items():
        if last not in cues.split() or (is_open and word in ("to", "recipient")):
            continue  # after an open "to" there may be a verb
        if word in name:
            total += 1.0
        elif re.search(rf"\b{word}\b", leaf.told[:120].lower()):
            total += 0.4
    return total


def _value(leaf: _Leaf, piece: Piece) -> Any:
    kind = leaf.type
    if kind == "array":
        items: Any = leaf.schema.get("items") or {}
        kind = _type(items) if isinstance(items, Mapping) else "string"  # pyright: ignore[reportUnknownArgumentType]
    if kind in ("integer", "number"):
        if not isinstance(piece.value, float):
            return None
        if piece.value.is_integer():
            return int(piece.value)
        return piece.value if kind == "number" else None
    if piece.kind == "time" and isinstance(piece.value, str):
        return _dated(leaf.told, piece.value) or piece.text
    return piece.text


def _dated(told: str, value: str) -> str | None:
    """A moment in the form that the description asks for; `None` where it asks for none."""
    day, _, clock = value.partition("T")
    year, month, number = day.split("-") if day else ("", "", "")
    if re.search(r"yyyy-mm-dd[t ]*hh:mm|iso[ -]?8601|date-?time", told, re.I) and day and clock:
        zone = "Z" if re.search(r"ss'?z|z\b", told, re.I) else ""
        return f"{day}T{clock}{zone}"
    if re.search(r"yyyy[-/.]mm[-/.]dd|iso[ -]?8601|年-月-日", told, re.I) and day:
        return day
    if re.search(r"mm/dd/yyyy", told, re.I) and day:
        return f"{month}/{number}/{year}"
    if re.search(r"dd[-/.]mm[-/.]yyyy", told, re.I) and day:
        return f"{number}/{month}/{year}"
    if re.search(r"hh:mm", told, re.I) and clock:
        return clock[:5]
    return None


def _nested(values: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for path, value in values.items():
        at = out
        for name in path[:-1]:
            at = at.setdefault(name, {})
        at[path[-1]] = value
    return out
