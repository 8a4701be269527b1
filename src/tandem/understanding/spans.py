"""From tags to spans: the likeliest sequence in which every span belongs to a slot that is allowed.

A span that goes on without having begun cannot come out, nor a slot that the chosen tool has not:
so no call can be malformed, whatever the encoder says.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

import numpy as np

from tandem.understanding.network import Array, Sight


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) are the words of `slot`; `confidence` is the mean
    probability of its tags, 0..1.
    """

    start: int
    end: int
    slot: str
    confidence: float


def best_spans(sight: Sight, allowed: Collection[str] | None = None) -> tuple[list[Span], float]:
    """The likeliest spans among the `allowed` slots (`None`: all), and the log-probability of the
    whole sequence among all that the encoder could have said (a linear-chain CRF).
    """
    slots = sight.labels.slots
    moves = sight.moves + _forbidden(len(slots))
    keep = [i for i, slot in enumerate(slots) if allowed is None or slot in allowed]
    columns = [0] + [tag for i in keep for tag in (1 + 2 * i, 2 + 2 * i)]
    path, best = _viterbi(sight.tags[:, columns], moves[np.ix_(columns, columns)])
    tags = [columns[state] for state in path]
    chosen = sight.tags[np.arange(len(tags)), tags]
    return _collect(sight, tags, chosen), best - _total(sight.tags, moves)


@cache
def _forbidden(count: int) -> Array:
    """Tags: 0 outside, then first and further token of each slot. Nothing goes on unbegun."""
    moves = np.zeros((1 + 2 * count, 1 + 2 * count), np.float32)
    moves[:, 2::2] = -np.inf
    for further in range(2, 1 + 2 * count, 2):
        moves[[further - 1, further], further] = 0
    return moves


def _viterbi(scores: Array, moves: Array) -> tuple[list[int], float]:
    """The best sequence and its score."""
    best = scores[0].copy()
    best[2::2] = -np.inf
    back = np.zeros(scores.shape, np.int64)
    for step in range(1, len(scores)):
        ways = best[:, None] + moves
        back[step] = ways.argmax(0)
        best = ways.max(0) + scores[step]
    path = [int(best.argmax())]
    for step in range(len(scores) - 1, 0, -1):
        path.append(int(back[step, path[-1]]))
    return path[::-1], float(best.max())


def _total(scores: Array, moves: Array) -> float:
    """The log of the sum over all sequences."""
    steps = np.exp(moves)
    total = scores[0].copy()
    total[2::2] = -np.inf
    for step in range(1, len(scores)):
        top = total.max()
        total = top + np.log(np.exp(total - top) @ steps + 1e-30) + scores[step]
    top = total.max()
    return float(top + np.log(np.exp(total - top).sum()))


def _collect(sight: Sight, tags: list[int], chosen: Array) -> list[Span]:
    spans: list[Span] = []
    at = 0
    while at < len(tags):
        if tags[at] == 0:
            at += 1
            continue
        end = at + 1
        while end < len(tags) and tags[end] == tags[at] + 1:
            end += 1
        slot = sight.labels.slots[(tags[at] - 1) // 2]
        sure = float(np.exp(chosen[at:end].mean()))
        spans.append(Span(sight.tokens[at].start, sight.tokens[end - 1].end, slot, sure))
        at = end
    return spans
