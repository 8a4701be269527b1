"""Tags become spans of the slots that are allowed, and of nothing else."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from tandem.understanding.network import Labels, Sight
from tandem.understanding.spans import best_spans
from tandem.understanding.tokens import tokenize


def sight(tags: list[list[float]]) -> Sight:
    labels = Labels(("x",), ("who", "when"), {}, has_cuts=False)
    scores = np.log(np.array(tags, np.float32))
    zero = np.zeros(1, np.float32)
    moves = np.zeros((5, 5), np.float32)
    return Sight(tokenize("ask Ana now"), labels, zero, scores, {}, zero, moves)


# outside, who first, who further, when first, when further
TAGS = [
    [0.9, 0.025, 0.025, 0.025, 0.025],
    [0.1, 0.30, 0.50, 0.05, 0.05],
    [0.1, 0.05, 0.05, 0.40, 0.40],
]


def test_a_span_begins_with_its_first_token() -> None:
    """The likeliest tag of "Ana" is a further one, but nothing has begun before it."""
    spans, _ = best_spans(sight(TAGS))
    assert [(span.slot, span.start, span.end) for span in spans] == [("who", 4, 7), ("when", 8, 11)]


def test_slots_of_other_tools_cannot_come_out() -> None:
    """With one slot allowed, the other one is outside."""
    spans, _ = best_spans(sight(TAGS), {"who"})
    assert {span.slot for span in spans} <= {"who"}
    assert best_spans(sight(TAGS), set())[0] == []


def test_the_confidence_is_that_of_the_sequence_among_all() -> None:
    """The score is the best path's share of all paths that can be said, counted one by one."""
    seen = sight(TAGS)
    shares: list[float] = []
    for path in itertools.product(range(5), repeat=3):
        pairs = zip((0, *path), path, strict=False)
        if all(b not in (2, 4) or a in (b - 1, b) for a, b in pairs):
            shares.append(sum(float(seen.tags[at, tag]) for at, tag in enumerate(path)))
    _, log = best_spans(seen)
    assert log == pytest.approx(max(shares) - np.log(np.exp(shares).sum()), abs=1e-4)


def test_a_move_that_never_occurs_is_not_taken() -> None:
    """What one tag says of the next may overrule the tags themselves."""
    seen = sight(TAGS)
    moves = seen.moves.copy()
    moves[1, 3] = moves[2, 3] = -9.0
    spans, _ = best_spans(replace(seen, moves=moves))
    assert [span.slot for span in spans] in (["who"], ["when"])
