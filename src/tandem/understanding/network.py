"""The reader's encoder in numpy: one pass over a request gives classes, tags, choices and cuts.

The same computation as the recipe's network (train/reader_model.py), without its training: hashed
features and words, two bidirectional LSTMs, a pooled sentence, light heads per label set. Weights
are 8-bit (the tables, a scale per row) and 16-bit (the rest), and are opened when first needed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tandem.understanding.tokens import Token, features, tokenize, word_row

Array = NDArray[np.float32]

NUM_BAG_ROWS = 1 << 14
BAG_SHARE = 0.4
"""How much of the log-probability of a class is the bag's, where there is one."""
LONGEST = 160
"""Tokens that are looked at; what comes after is neither a class nor a span."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What one label set knows: its classes, its slots, the values of its closed slots."""

    classes: tuple[str, ...]
    slots: tuple[str, ...]
    choices: Mapping[str, tuple[str, ...]]
    has_cuts: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """What the encoder saw: log-probabilities, all of them.

    `tags` is (tokens, 1 + 2 * slots): outside, then first and further token of each slot. `cuts`
    are the probabilities that a new act begins at a token; `moves` (tags, tags) scores one tag
    after another. `opinions` are the classes by each tower and by the bag of words, `tags_of` the
    tags by each tower: where they differ is doubt.
    """

    tokens: list[Token]
    labels: Labels
    classes: Array
    tags: Array
    choices: Mapping[str, Array]
    cuts: Array
    moves: Array
    opinions: tuple[Array, ...] = ()
    tags_of: tuple[Array, ...] = ()

    def ranking(self) -> list[tuple[str, float]]:
        """Classes with their probabilities, the likeliest first."""
        order = np.argsort(-self.classes)
        return [(self.labels.classes[i], float(np.exp(self.classes[i]))) for i in order]

    def choice(self, name: str) -> tuple[str, float]:
        """The likeliest value of a closed slot, and its probability."""
        scores = self.choices[name]
        best = int(scores.argmax())
        return self.labels.choices[name][best], float(np.exp(scores[best]))


@dataclass(frozen=True, slots=True)
class _Glance:
    """One tower's opinion; the fields are those of `Sight`."""

    classes: Array
    tags: Array
    choices: Mapping[str, Array]
    cuts: Array


class Encoder:
    """Weights in memory. One instance may be used from several threads."""

    def __init__(self, file: Path) -> None:
        with np.load(file, allow_pickle=False) as held:
            self._w = {name: held[name] for name in held.files if name != "about"}
            about: dict[str, Any] = json.loads(bytes(held["about"]).decode())
        self.about = about
        self.kinds: tuple[str, ...] = tuple(about["kinds"])
        self.labels = {
            domain: Labels(
                tuple(one["classes"]),
                tuple(one["slots"]),
                {name: tuple(values) for name, values in one["choices"].items()},
                one["has_cuts"],
            )
            for domain, one in about["labels"].items()
        }
        for name, array in list(self._w.items()):
            if name.startswith("towers.") and not name.endswith(".scale"):
                if array.dtype == np.int8:
                    array = array * self._w.pop(f"{name}.scale").astype(np.float32)
                self._w[name] = array.astype(np.float32)
        self.num_towers = count = len(
            {name.split(".")[1] for name in self._w if name.startswith("towers.")}
        )
        self._lstms = [
            tuple(self._lstm(f"towers.{at}.{name}") for name in ("first", "second"))
            for at in range(count)
        ]
        self._moves = {
            domain: _mean([self._w[f"towers.{at}.heads.{domain}.moves"] for at in range(count)])
            for domain in self.labels
        }

    def see(
        self, text: str, domain: str, known: Sequence[tuple[int, int, str]] = ()
    ) -> Sight | None:
        """Look at `text` with the heads of `domain`; `None` when there is no token in it.

        `known` are (start, end, kind) of characters that stand in the user's stores. What
        the towers say together is the mean of their log-probabilities.
        """
        tokens = tokenize(text)[:LONGEST]
        if not tokens:
            return None
        entry = self._entry(tokens, text, known)
        seen = [self._look(tower, entry, domain) for tower in range(self.num_towers)]
        labels = self.labels[domain]
        opinions = [one.classes for one in seen]
        own = _log_softmax(_mean(opinions))
        bag = self._bag(domain, tokens)
        if bag is not None:
            opinions.append(bag)
            own = _log_softmax((BAG_SHARE * bag + (1 - BAG_SHARE) * own).astype(np.float32))
        return Sight(
            tokens,
            labels,
            own,
            _log_softmax(_mean([one.tags for one in seen])),
            {n: _log_softmax(_mean([one.choices[n] for one in seen])) for n in labels.choices},
            _mean([one.cuts for one in seen]),
            self._moves[domain],
            tuple(opinions),
            tuple(one.tags for one in seen),
        )

    def _look(self, tower: int, entry: Array, domain: str) -> _Glance:
        """One tower's opinion on everything."""
        labels, way = self.labels[domain], f"towers.{tower}."
        states, pooled = self._encode(tower, entry)
        head = f"{way}heads.{domain}."
        hidden = np.maximum(
            self._linear(states, head + "token") + pooled @ self._w[head + "sentence.weight"].T, 0
        )
        cuts = np.zeros(len(entry), np.float32)
        if labels.has_cuts:
            cuts = _sigmoid(self._linear(hidden, head + "cuts")[:, 0])
        return _Glance(
            _log_softmax(self._linear(pooled, head + "classes")),
            _log_softmax(self._linear(hidden, head + "tags")),
            {
                name: _log_softmax(self._linear(pooled, f"{head}choices.{name}"))
                for name in labels.choices
            },
            cuts,
        )

    def _bag(self, domain: str, tokens: list[Token]) -> Array | None:
        """The opinion of a bag of words on the class, where the label set has one."""
        if f"bag.{domain}" not in self._w:
            return None
        weights = self._w[f"bag.{domain}"][bag_rows(tokens)].astype(np.float32).sum(0)
        return _log_softmax(weights * self._w[f"bag.{domain}.scale"][0])

    def _entry(
        self, tokens: list[Token], text: str, known: Sequence[tuple[int, int, str]]
    ) -> Array:
        """What all towers see of each token: its features, its word, what the stores know."""
        rows = features(tokens, text)
        hashed = np.stack([self._rows("table", row).mean(0) for row in rows])
        words = self._rows("words", [word_row(token.form) for token in tokens])
        return np.concatenate([hashed, words, self._marks(tokens, known)], 1)

    def _encode(self, tower: int, entry: Array) -> tuple[Array, Array]:
        """States (tokens, 2 * hidden) and the sentence's vector."""
        way = f"towers.{tower}."
        first, second = self._lstms[tower]
        x = np.tanh(self._linear(entry, way + "enter"))
        x = _run(first, x)
        states = _run(second, x) + x
        weight = self._linear(states, way + "attend")
        weight = np.exp(_log_softmax(weight.T)).T
        views = weight.reshape(len(entry), 2, 2).mean(2)
        seen = (views.T @ states).reshape(-1)
        pooled = self._linear(np.concatenate([seen, states.max(0)]), way + "pool")
        return states, np.maximum(pooled, 0)

    def _marks(self, tokens: list[Token], known: Sequence[tuple[int, int, str]]) -> Array:
        marks = np.zeros((len(tokens), len(self.kinds)), np.float32)
        for start, end, kind in known:
            for at, token in enumerate(tokens):
                if start <= token.start and token.end <= end:
                    marks[at, self.kinds.index(kind)] = 1
        return marks

    def _rows(self, table: str, rows: list[int]) -> Array:
        return self._w[table][rows].astype(np.float32) * self._w[f"{table}.scale"][rows]

    def _linear(self, x: Array, name: str) -> Array:
        return x @ self._w[f"{name}.weight"].T + self._w[f"{name}.bias"]

    def _lstm(self, name: str) -> tuple[Array, Array, Array]:
        """Both directions in one: entry (in, 8h), biases (8h), recurrence (2, h, 4h)."""
        both = ("", "_reverse")
        entry = np.concatenate([self._w[f"{name}.weight_ih_l0{way}"] for way in both]).T
        bias = np.concatenate(
            [
                self._w[f"{name}.bias_ih_l0{way}"] + self._w[f"{name}.bias_hh_l0{way}"]
                for way in both
            ]
        )
        back = np.stack([self._w[f"{name}.weight_hh_l0{way}"].T for way in both])
        return np.ascontiguousarray(entry), bias, np.ascontiguousarray(back)


def bag_rows(tokens: list[Token]) -> list[int]:
    """Rows of the bag's table: words, pairs, pairs with one between, beginnings of words."""
    forms = ["^", *(token.form for token in tokens), "$"]
    names = [f"u{form}" for form in forms[1:-1]]
    names += [f"b{a} {b}" for a, b in zip(forms, forms[1:], strict=False)]
    names += [f"s{a} {b}" for a, b in zip(forms, forms[2:], strict=False)]
    names += [f"p{form[:4]}" for form in forms[1:-1] if len(form) > 4]
    return [crc32(name.encode()) % NUM_BAG_ROWS for name in dict.fromkeys(names)]


def _run(lstm: tuple[Array, Array, Array], x: Array) -> Array:
    """A bidirectional LSTM over (tokens, in); gates in the order in, forget, cell, out."""
    entry, bias, back = lstm
    size = back.shape[1]
    drive = (x @ entry + bias).reshape(len(x), 2, 4 * size)
    drive[:, 1] = drive[::-1, 1].copy()
    hidden = np.zeros((2, 1, size), np.float32)
    cell = np.zeros((2, size), np.float32)
    out = np.empty((len(x), 2, size), np.float32)
    for step in range(len(x)):
        gates = drive[step] + np.matmul(hidden, back)[:, 0]
        open_ = _sigmoid(gates)
        new = np.tanh(gates[:, 2 * size : 3 * size])
        cell = open_[:, size : 2 * size] * cell + open_[:, :size] * new
        out[step] = open_[:, 3 * size :] * np.tanh(cell)
        hidden = out[step][:, None]
    return np.concatenate([out[:, 0], out[::-1, 1]], 1)


def _mean(them: Sequence[Array]) -> Array:
    return sum(them[1:], them[0]) / np.float32(len(them))


def _sigmoid(x: Array) -> Array:
    half = np.float32(0.5)
    return half * (np.tanh(half * x) + np.float32(1))


def _log_softmax(x: Array) -> Array:
    shifted = x - x.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


@cache
def shipped() -> Encoder:
    """The encoder that comes with the package, opened once."""
    with resources.as_file(resources.files("tandem.models") / "reader" / "reader.npz") as file:
        return Encoder(file)
