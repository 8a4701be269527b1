"""How sure is a call? One probability, comparable from one label set to the next.

The product of the encoder's own probabilities says too little: where towers and bag disagree, where
one tag hangs on a thread, a call is wrong more often than the product tells. A logistic regression
over such signs, fitted on requests that the encoder had not seen, gives the probability that tool
and all values are right (train/reader_confidence.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tandem.understanding.network import Array, Sight
from tandem.understanding.spans import Span

SIGNS = (
    "class", "class least", "class apart", "margin", "agreed", "path", "tag least",
    "tag least of any", "tags apart", "tags disagreed", "choices", "choice least", "spans",
    "tokens", "bare", "none",
)  # fmt: skip
"""What `signs` returns, in this order."""


def signs(sight: Sight, tool: str, spans: Sequence[Span], path: float) -> Array:
    """The signs of doubt about one call, (len(SIGNS),): logs of probabilities, counts.

    `path` is the log-probability of the tags, as `best_spans` returns it.
    """
    at = sight.labels.classes.index(tool)
    opinions = [one[at] for one in sight.opinions] or [sight.classes[at]]
    rest = np.delete(sight.classes, at)
    agreed = sum(int(one.argmax()) == at for one in sight.opinions)
    tags = _tags(sight, spans)
    row = np.arange(len(tags))
    mixed = sight.tags[row, tags]
    each = [one[row, tags] for one in sight.tags_of] or [mixed]
    chosen = [float(scores.max()) for scores in sight.choices.values()]
    return np.array(
        [
            sight.classes[at], min(opinions), max(opinions) - min(opinions),
            min(8.0, sight.classes[at] - rest.max()), agreed - len(sight.opinions), path,
            mixed.min(), min(one.min() for one in each),
            float(np.abs(each[0] - each[-1]).mean()),
            sum(int((one.argmax(-1) != tags).sum()) for one in sight.tags_of),
            sum(chosen), min(chosen, default=0.0),
            min(len(spans), 5), min(len(tags), 20) / 10, not spans, tool.startswith("none"),
        ],
        np.float32,
    )  # fmt: skip


def _tags(sight: Sight, spans: Sequence[Span]) -> list[int]:
    tags = [0] * len(sight.tokens)
    for span in spans:
        first = 1 + 2 * sight.labels.slots.index(span.slot)
        inside = [
            i for i, t in enumerate(sight.tokens) if t.start < span.end and t.end > span.start
        ]
        for i in inside:
            tags[i] = first if i == inside[0] else first + 1
    return tags


def shaped(raw: Array) -> Array:
    """Signs as the regression takes them: logs bent, so that one hopeless tag does not rule."""
    bent = np.sign(raw) * np.log1p(np.abs(raw))
    return np.concatenate([raw.clip(-6, 6), bent], -1)


def confidence(about: Mapping[str, Any], domain: str, raw: Array, part: int = 0) -> float | None:
    """The probability that the call is right, 0..1, by the model's own regression; `None` where the
    label set has none. `part` chooses among regressions fitted on different rows.
    """
    fits = about.get("confidence", [])
    if not fits or domain not in fits[part % len(fits)]["sets"]:
        return None
    fit = fits[part % len(fits)]
    x = (shaped(raw) - np.array(fit["mean"])) / np.array(fit["scale"])
    own = fit["sets"][domain]
    score = float(x @ np.array(own["weights"])) + own["bias"]
    return float(1 / (1 + np.exp(-score)))
