"""Tags become spans of the slots that are allowed, and of nothing else."""

from __future__ import annotations

import numpy as np

from tandem.understanding.network import Labels, Sight
from tandem.understanding.spans import best_spans
from tandem.understanding.tokens import tokenize


def sight(tags: list[list[float]]) -> Sight:
    labels = Labels(("x",), ("who", "when"), {}, has_cuts=False)
    scores = np.log(np.array(tags, np.float32))
    zero = np.zeros(1, np.float32)
    return Sight(tokenize("ask Ana now"), labels, zero, scores, {}, zero)


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
