"""Requests for the assistant's own tools, made from a grammar: `requests(rng, count)`.

A pattern is text with alternatives `(a|b|)`, values `<slot:kind>` whose words are drawn from the
kind's list, and macros `{name}` for shared lists of phrases. What a pattern chooses (a state, an
answer) stands behind ` ## name=value`. Words that would stand in the user's stores are marked as
known, mostly and with errors, as the real stores will be.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tandem.understanding.catalogue import CATALOGUE, SlotType
from tandem.understanding.tokens import tokenize
from train.reader_rows import ABSENT, Row

CHOICES = ("state", "audience", "scope", "answer", "by", "field", "way", "sign")
KIND_OF = {
    SlotType.CONTACT: "person", SlotType.EVENT: "event", SlotType.MAIL: "mail",
    SlotType.TASK: "task", SlotType.NOTE: "note", SlotType.FOLDER: "folder",
    SlotType.PLACE: "place",
}  # fmt: skip
STOP = frozenset(
    "the a an of with to in on at for my me i it and or is are was that this about from by".split()
    + ["的", "那", "个", "封", "我", "了", "把", "给", "和", "跟", "一", "下"]
)
_PART = re.compile(r"<(\w+):(\w+)>|\{(\w+)\}|\(([^()]*)\)")


@dataclass(frozen=True)
class Language:
    """Everything that differs: patterns by class, word lists by kind, how acts are joined."""

    patterns: Mapping[str, Sequence[str]]
    macros: Mapping[str, Sequence[str]]
    kinds: Mapping[str, Callable[[random.Random], str]]
    joins: Sequence[str]
    dress: Callable[[str, random.Random], tuple[str, int]]


def expand(pattern: str, language: Language, rng: random.Random) -> Row:
    """One request of this pattern; the label is filled in by the caller."""
    body, _, said = pattern.partition(" ## ")
    text, spans = _fill(body, language, rng)
    text, spans = _tidy(text, spans)
    choices = dict.fromkeys(CHOICES, ABSENT)
    choices.update(pair.split("=") for pair in said.split())
    return Row(text, "tandem", "", tuple(spans), choices)


def _fill(body: str, language: Language, rng: random.Random) -> tuple[str, list]:
    while "(" in body and (inner := re.search(r"\(([^()]*)\)", body)):
        body = body[: inner.start()] + rng.choice(inner[1].split("|")) + body[inner.end() :]
    text, spans, at = "", list[tuple[int, int, str]](), 0
    for part in _PART.finditer(body):
        text += body[at : part.start()]
        at = part.end()
        if part[3]:
            inner, more = _fill(rng.choice(language.macros[part[3]]), language, rng)
            spans += [(s + len(text), e + len(text), n) for s, e, n in more]
            text += inner
        elif part[1]:
            value, _ = _fill(language.kinds[part[2]](rng), language, rng)
            spans.append((len(text), len(text) + len(value), part[1]))
            text += value
    return text + body[at:], spans


def _tidy(text: str, spans: list) -> tuple[str, list]:
    """Single spaces, none before a comma or at the ends; borders follow."""
    keep = [
        i for i, c in enumerate(text)
        if not (c == " " and (i == 0 or text[i - 1] == " " or text[i : i + 2] in (" ,", " .", " ?", " ")))
    ]  # fmt: skip
    new = {old: at for at, old in enumerate(keep)}
    out = "".join(text[i] for i in keep)
    moved = []
    for start, end, slot in spans:
        inside = [new[i] for i in range(start, end) if i in new and text[i] != " "]
        if inside:
            moved.append((inside[0], inside[-1] + 1, slot))
    return out, moved


def requests(rng: random.Random, count: int = 60_000) -> Iterator[Row]:
    """That many rows, English and Chinese, one act or two, dressed as people speak."""
    from train.reader_chinese import CHINESE
    from train.reader_english import ENGLISH

    for _ in range(count):
        language = ENGLISH if rng.random() < 0.55 else CHINESE
        row = one(language, rng)
        if len(row.text) < 200:
            yield row


def one(language: Language, rng: random.Random) -> Row:
    row = _act(language, rng)
    is_act = row.label in CATALOGUE
    if is_act and rng.random() < 0.16:
        row = _joined(row, language, rng)
    if is_act or rng.random() < 0.5:
        text, shift = language.dress(row.text, rng)
        row = _moved(row, text, shift)
    return _marked(row, rng)


def _act(language: Language, rng: random.Random, *, tools_only: bool = False) -> Row:
    labels = [n for n in language.patterns if not tools_only or n in CATALOGUE]
    weights = [len(language.patterns[n]) ** 0.7 for n in labels]
    label = rng.choices(labels, weights)[0]
    row = expand(rng.choice(language.patterns[label]), language, rng)
    return replace(row, label=label)


def _joined(row: Row, language: Language, rng: random.Random) -> Row:
    """Two acts in one sentence; the second begins at a cut."""
    other = _act(language, rng, tools_only=True)
    join = rng.choice(language.joins)
    head = row.text.rstrip("?.!。？！ ")
    place = len(head) + len(join)
    return replace(
        row, text=head + join + other.text, cuts=(place,),
        spans=(*row.spans, *((s + place, e + place, n) for s, e, n in other.spans)),
        choices={},  # a joined sentence is cut first and read again
    )  # fmt: skip


def _moved(row: Row, text: str, shift: int) -> Row:
    return replace(
        row, text=text, cuts=tuple(c + shift for c in row.cuts),
        spans=tuple((s + shift, e + shift, n) for s, e, n in row.spans),
    )  # fmt: skip


def _marked(row: Row, rng: random.Random) -> Row:
    """Marks words as known to the stores: most of those that refer, few of the others."""
    found: list[tuple[int, int, str]] = []
    sure, noise = rng.choice((0.95, 0.8, 0.5)), rng.choice((0.0, 0.03, 0.08))
    for token in tokenize(row.text):
        if token.form in STOP or not token.form.isalnum():
            continue
        kind = next((_kind(n, rng) for s, e, n in row.spans if s <= token.start < e), None)
        if kind and rng.random() < sure:
            found.append((token.start, token.end, kind))
        if rng.random() < noise:
            any_kind = rng.choice(("person", "event", "mail", "mail", "task", "note"))
            found.append((token.start, token.end, any_kind))
    return replace(row, known=tuple(found))


_SLOT_KINDS = {
    slot.name: KIND_OF[slot.type]
    for spec in CATALOGUE.values() for slot in spec.slots if slot.type in KIND_OF
}  # fmt: skip


def _kind(slot: str, rng: random.Random) -> str | None:
    kind = _SLOT_KINDS.get(slot)
    if slot in ("title", "body", "text") and rng.random() < 0.25:
        return rng.choice(("event", "mail", "person", "task"))
    if kind in ("event", "mail", "task", "note") and rng.random() < 0.2:
        return "person"
    if kind == "person" and rng.random() < 0.3:
        return "mail"
    return kind
