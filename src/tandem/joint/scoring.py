"""How likely the target finds an answer that is over: what a judge reads. Pure but for the target.

A session's rows are gone when its answer ends, and those of its question were never made. The
answer is therefore read once more, in steps as wide as the certificate allows: the same bits, and
the prefix before the question stays in the cache.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tandem.joint.ports import Step, Target
from tandem.joint.sitting import Sitting
from tandem.types import TokenLogprob

_PREFILL_TOKENS = 512


@dataclass(frozen=True, slots=True)
class Scores:
    """Natural-log probabilities of the question's own tokens, and reports of the answer's tokens
    without the end token, each with its two likeliest. Texts are ids: nobody here has the words.
    """

    question: tuple[float, ...]
    answer: tuple[TokenLogprob, ...]


def scored(target: Target, sitting: Sitting) -> Scores:
    """Read question and answer again. Raises what the target raises."""
    said = [each for each in sitting.text if each not in target.card.end_ids]
    tokens = [*sitting.prompt, *said]
    first, stop = sitting.opening.question
    first, answer_at = max(1, first), len(sitting.prompt)
    reports: dict[int, TokenLogprob] = {}
    at = min(first if stop > first else answer_at, len(tokens)) - 1
    # The seat is taken anew for what comes before, which is still in the cache.
    target.close(sitting.seat)
    sitting.seat = target.open(tokens[: at + 1])
    while target.prefill(sitting.seat, _PREFILL_TOKENS):
        pass
    while at + 1 < len(tokens):
        step = tokens[at : min(at + target.card.max_width, len(tokens) - 1)]
        [rows] = target.advance([Step(sitting.seat, step)])
        for row, place in zip(rows, range(at + 1, at + 1 + len(step)), strict=True):
            reports[place] = _report(np.asarray(row, np.float64), tokens[place])
        at += len(step)
    question = tuple(reports[place].logprob for place in range(first, stop) if place in reports)
    answer = tuple(reports[place] for place in range(answer_at, len(tokens)))
    return Scores(question, answer)


def _report(row: np.ndarray[tuple[int, ...], np.dtype[np.float64]], token: int) -> TokenLogprob:
    row = row - row.max()
    weights = np.exp(row)
    total = float(weights.sum())
    row = np.minimum(row - np.log(total), 0.0)
    entropy = max(0.0, -float((weights * row).sum()) / total)
    two = sorted(np.argpartition(-row, 1)[:2].tolist(), key=lambda i: (-row[i], i))
    top = tuple((str(i), float(row[i])) for i in two)
    return TokenLogprob(str(token), b"", float(row[token]), top, entropy)
