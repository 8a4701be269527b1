"""From tags to spans: the likeliest sequence in which every span belongs to a slot that is allowed.

A span that goes on without having begun cannot come out, nor a slot that the chosen tool has not:
so no call can be malformed, whatever the encoder says.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

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
    whole sequence by the tags' own probabilities.
    """
    slots = sight.labels.slots
    keep = [i for i, slot in enumerate(slots) if allowed is None or slot in allowed]
    columns = [0, *(1 + 2 * i for i in keep), *(2 + 2 * i for i in keep)]
    path = _viterbi(sight.tags[:, columns], len(keep))
    tags = [columns[state] for state in path]
    chosen = sight.tags[np.arange(len(tags)), tags]
    return _collect(sight, tags, chosen), float(chosen.sum())


def _viterbi(scores: Array, count: int) -> list[int]:
    """States: 0 outside, 1..count first of a slot, count+1..2*count further of a slot."""
    inside = np.arange(count + 1, 2 * count + 1)
    best = scores[0].copy()
    best[inside] = -np.inf
    back = np.zeros(scores.shape, np.int64)
    for step in range(1, len(scores)):
        top = int(best.argmax())
        gained = np.full(scores.shape[1], best[top])
        back[step] = top
        if count:
            first, further = best[1 : count + 1], best[inside]
            is_first = first >= further
            gained[inside] = np.where(is_first, first, further)
            back[step, inside] = np.where(is_first, inside - count, inside)
        best = gained + scores[step]
    path = [int(best.argmax())]
    for step in range(len(scores) - 1, 0, -1):
        path.append(int(back[step, path[-1]]))
    return path[::-1]


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
