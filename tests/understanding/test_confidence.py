"""A confidence is a probability that falls where opinions differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tandem.understanding.confidence import SIGNS, confidence, shaped, signs
from tandem.understanding.network import Labels, Sight
from tandem.understanding.spans import best_spans
from tandem.understanding.tokens import tokenize

LABELS = Labels(("x", "y"), ("who",), {}, has_cuts=False)


def sight(first: list[float], second: list[float]) -> Sight:
    """Two towers' opinions on two classes, the same tags."""
    tags = np.log(np.array([[0.9, 0.05, 0.05], [0.1, 0.8, 0.1]], np.float32))
    opinions = tuple(np.log(np.array(one, np.float32)) for one in (first, second))
    mean = ((opinions[0] + opinions[1]) / 2).astype(np.float32)
    moves = np.zeros((3, 3), np.float32)
    nothing = np.zeros(2, np.float32)
    tokens = tokenize("ask Ana")
    return Sight(tokens, LABELS, mean, tags, {}, nothing, moves, opinions, (tags, tags))


def seen(one: Sight) -> dict[str, float]:
    spans, path = best_spans(one)
    return dict(zip(SIGNS, signs(one, "x", spans, path), strict=True))


def test_signs_tell_agreement_from_discord() -> None:
    agreed = seen(sight([0.9, 0.1], [0.9, 0.1]))
    torn = seen(sight([0.9, 0.1], [0.2, 0.8]))
    assert agreed["agreed"] == 0
    assert torn["agreed"] == -1
    assert torn["class least"] < agreed["class least"]
    assert torn["margin"] < agreed["margin"]
    assert agreed["spans"] == 1
    shaken = sight([0.9, 0.1], [0.9, 0.1])
    other = np.log(np.array([[0.9, 0.05, 0.05], [0.6, 0.3, 0.1]], np.float32))
    shaken = replace(shaken, tags_of=(shaken.tags, other))
    assert seen(shaken)["tags disagreed"] == 1


def test_the_models_own_regression_decides_and_is_absent_where_it_was_not_fitted() -> None:
    one = sight([0.9, 0.1], [0.9, 0.1])
    spans, path = best_spans(one)
    raw = signs(one, "x", spans, path)
    size = len(shaped(raw))
    weights = [1.0] + [0.0] * (size - 1)  # on the class alone
    fit = {
        "mean": [0.0] * size,
        "scale": [1.0] * size,
        "sets": {"d": {"weights": weights, "bias": 0.0}},
    }
    known = confidence({"confidence": [fit]}, "d", raw)
    assert known is not None
    assert abs(known - 0.9 / 1.9) < 1e-3
    assert confidence({"confidence": [fit]}, "other", raw) is None
    assert confidence({}, "d", raw) is None
