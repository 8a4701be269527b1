"""Rows as batches: tokens, tags, and the changes that make ten thousand sentences a million."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import torch

from tandem.understanding.tokens import features, tokenize, word_row
from train.reader_model import Batch, Labels
from train.reader_rows import Row

KINDS = (
    "person", "event", "mail", "task", "note", "folder", "place", "time", "name", "area", "floor",
    "list",
)  # fmt: skip
LONGEST = 64

Pools = Mapping[tuple[str, str], Sequence[str]]


def pools_of(rows: Iterable[Row]) -> dict[tuple[str, str], list[str]]:
    """By domain and slot the values that occur: what a value may be swapped for."""
    pools: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        for start, end, slot in row.spans if row.has_spans else ():
            pools[row.domain, slot].append(row.text[start:end])
    return dict(pools)


def changed(row: Row, pools: Pools, rng: random.Random) -> Row:
    """The same request with other values, other case, a typo: as another user would say it."""
    if row.domain in ("nlu", "snips") and rng.random() < 0.45:
        row = swapped(row, pools, rng)
    if rng.random() < 0.15:
        row = replace(row, text=row.text.lower()) if len(row.text.lower()) == len(row.text) else row
    if rng.random() < 0.08:
        row = mistyped(row, rng)
    if row.known and rng.random() < 0.15:
        row = replace(row, known=())
    return row


def swapped(row: Row, pools: Pools, rng: random.Random) -> Row:
    text, spans, shift = row.text, list[tuple[int, int, str]](), 0
    for start, end, slot in row.spans:
        start, end = start + shift, end + shift
        if rng.random() < 0.5 and (pool := pools.get((row.domain, slot))):
            value = rng.choice(pool)
            text = text[:start] + value + text[end:]
            shift += len(value) - (end - start)
            end = start + len(value)
        spans.append((start, end, slot))
    return replace(row, text=text, spans=tuple(spans), known=())


def mistyped(row: Row, rng: random.Random) -> Row:
    """Two letters of one word change places: no border moves."""
    places = [
        i
        for i in range(len(row.text) - 1)
        if row.text[i : i + 2].isascii() and row.text[i : i + 2].isalpha()
    ]
    if not places:
        return row
    at = rng.choice(places)
    text = row.text[:at] + row.text[at + 1] + row.text[at] + row.text[at + 2 :]
    return replace(row, text=text)


class Packer:
    """Turns rows of one domain into a batch."""

    def __init__(self, labels: Mapping[str, Labels]) -> None:
        self.labels = labels
        self.classes = {d: {n: i for i, n in enumerate(one.classes)} for d, one in labels.items()}
        self.tags = {
            d: {n: 1 + 2 * i for i, n in enumerate(one.slots)} for d, one in labels.items()
        }

    def pack(self, rows: Sequence[Row]) -> Batch:
        domain = rows[0].domain
        labels = self.labels[domain]
        cut = [tokenize(row.text)[:LONGEST] for row in rows]
        time = len(cut[0])
        flat, offsets = list[int](), list[int]()
        words = torch.zeros(len(rows), time, dtype=torch.long)
        kinds = torch.zeros(len(rows), time, len(KINDS))
        tags = torch.full((len(rows), time), -1)
        cuts = torch.zeros(len(rows), time)
        for index, (row, tokens) in enumerate(zip(rows, cut, strict=True)):
            for one in features(tokens, row.text):
                offsets.append(len(flat))
                flat += one
            words[index, : len(tokens)] = torch.tensor([word_row(t.form) for t in tokens])
            if row.has_spans:
                tags[index, : len(tokens)] = torch.tensor(tag(row, tokens, self.tags[domain]))
            for start, end, kind in row.known:
                for at, token in enumerate(tokens):
                    if start <= token.start and token.end <= end:
                        kinds[index, at, KINDS.index(kind)] = 1
            for place in row.cuts:
                at = next((i for i, t in enumerate(tokens) if t.start >= place), None)
                if at is not None:
                    cuts[index, at] = 1
        choices = {
            name: torch.tensor([self._choice(row, name, values) for row in rows])
            for name, values in labels.choices.items()
        }
        return Batch(
            torch.tensor(flat), torch.tensor(offsets), words, kinds,
            torch.tensor([self.classes[domain][row.label] for row in rows]),
            tags, choices, cuts,
        )  # fmt: skip

    @staticmethod
    def _choice(row: Row, name: str, values: Sequence[str]) -> int:
        return values.index(row.choices[name]) if name in row.choices else -1


def tag(row: Row, tokens: list, slots: Mapping[str, int]) -> list[int]:
    """A tag per token: 0 outside, odd for the first token of a slot, the next even for the rest."""
    tags = [0] * len(tokens)
    for start, end, slot in row.spans:
        first = True
        for at, token in enumerate(tokens):
            if token.start < end and token.end > start:
                tags[at] = slots[slot] + (0 if first else 1)
                first = False
    return tags


def stream(
    rows: Sequence[Row], size: int, rng: random.Random, pools: Pools, pack: Packer
) -> Iterator[Batch]:
    """Batches without end, each of one length: padding would cost a third of the time. Every row
    comes once a round; what fills no batch of its length waits for the next round.
    """
    waiting: dict[int, list[Row]] = defaultdict(list)
    while True:
        order = list(rows)
        rng.shuffle(order)
        for row in order:
            row = changed(row, pools, rng)
            length = length_of(row)
            if not length:
                continue
            mine = waiting[length]
            mine.append(row)
            if len(mine) * (1 if length < 16 else 1 + length / 32) >= size:
                yield pack.pack(waiting.pop(length))
        for length in [n for n, some in waiting.items() if len(some) >= 8]:
            yield pack.pack(waiting.pop(length))


def length_of(row: Row) -> int:
    return min(LONGEST, len(tokenize(row.text)))


def of_one_length(rows: Sequence[Row], size: int = 128) -> Iterator[list[Row]]:
    """The rows in groups that can be packed."""
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if length := length_of(row):
            groups[length].append(row)
    for group in groups.values():
        for at in range(0, len(group), size):
            yield group[at : at + size]
