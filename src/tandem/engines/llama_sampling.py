"""How a token is drawn from logits: pure, and the same for a seed whatever else runs.

The uniform number of a draw comes from the seed and the token's place in the answer alone, so no
generator has a state that another stream could move on. Temperature is applied first and top-k,
top-p and min-p to the tempered probabilities, as vLLM and the OpenAI API do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tandem.joint import coupling

Floats = NDArray[np.float32]

_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Draw:
    """How to draw. Temperature 0 takes the likeliest; `top_k` 0, `top_p` 1, `min_p` 0 are off."""

    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    seed: int = 0

    @property
    def is_penalised(self) -> bool:
        """Whether tokens already said are made less likely."""
        return self.presence_penalty != 0.0 or self.frequency_penalty != 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """A token's natural-log probability under the model's own, untempered distribution."""

    logprob: float
    entropy: float
    top: tuple[tuple[int, float], ...]


# The token at a place of the answer; "attempt" 1 draws once more, among what a grammar allows.
Pick = Callable[[Floats, Draw, int, int], int]


def uniform(seed: int, place: int, attempt: int = 0) -> float:
    """A number in [0, 1) for one draw: splitmix64 of seed, place in the answer and attempt.

    Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014). A numpy Philox
    for one number costs ten times as much as the rest of a draw from a small vocabulary.
    """
    state = _mixed((seed & _MASK) ^ _mixed(place * 2 + 1) ^ _mixed(attempt * 2 + 2 << 32))
    return (state >> 11) * 2.0**-53


def _mixed(x: int) -> int:
    x = (x + 0x9E3779B97F4A7C15) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


def pick(logits: Floats, draw: Draw, place: int, attempt: int = 0) -> int:
    """The token at `place` of the answer."""
    if draw.temperature <= 0.0:
        return int(logits.argmax())
    tokens, weights = _candidates(logits, draw)
    sums = np.cumsum(weights, dtype=np.float64)
    target = uniform(draw.seed, place, attempt) * sums[-1]
    chosen = int((sums[:-1] <= target).sum())
    return chosen if tokens is None else int(tokens[chosen])


def pick_coupled(logits: Floats, draw: Draw, place: int, attempt: int = 0) -> int:
    """The same law, drawn as joint decoding draws: a cloud's plain stream then says for a seed what
    a session of it says, so that either can go on where the other broke off.
    """
    rule = coupling.Draw(
        draw.temperature, draw.top_k, draw.top_p, draw.min_p, draw.seed ^ (attempt << 48)
    )
    return coupling.pick(logits, rule, place)


def penalised(logits: Floats, draw: Draw, said: Mapping[int, int]) -> Floats:
    """A copy in which tokens already said are less likely (OpenAI's definition)."""
    changed = logits.copy()
    if said:
        tokens = np.fromiter(said.keys(), np.int64, len(said))
        counts = np.fromiter(said.values(), np.float32, len(said))
        changed[tokens] -= draw.presence_penalty + draw.frequency_penalty * counts
    return changed


def measured(logits: Floats, token: int, num_top: int) -> Measured:
    """The token's probability, the whole distribution's entropy (nats) and the likeliest tokens."""
    peak = float(logits.max())
    weights = np.exp(logits - np.float32(peak))
    total = float(weights.sum())
    log_total = peak + math.log(total)
    entropy = max(0.0, log_total - float(weights @ logits) / total)
    logprob = min(0.0, float(logits[token]) - log_total)
    top = tuple((i, min(0.0, float(logits[i]) - log_total)) for i in _likeliest(logits, num_top))
    return Measured(logprob, entropy, top)


def _likeliest(logits: Floats, num: int) -> list[int]:
    if num <= 0:
        return []
    if num == 1:
        return [int(logits.argmax())]
    top = np.argpartition(logits, -min(num, len(logits)))[-num:]
    return top[np.argsort(-logits[top], kind="stable")].tolist()


def logprobs_of(rows: Floats, tokens: list[int]) -> list[float]:
    """The natural-log probability of `tokens[i]` under row i."""
    peaks = rows.max(axis=1)
    totals = peaks + np.log(np.exp(rows - peaks[:, None]).sum(axis=1))
    chosen = rows[np.arange(len(tokens)), tokens]
    return np.minimum(chosen - totals, 0.0).tolist()


def _candidates(logits: Floats, draw: Draw) -> tuple[NDArray[np.intp] | None, Floats]:
    """Tokens that may be drawn (`None`: all, in order) and their weights; the peak weighs 1."""
    tokens: NDArray[np.intp] | None = None
    if 0 < draw.top_k < len(logits):
        tokens = np.argpartition(logits, -draw.top_k)[-draw.top_k :]
        logits = logits[tokens]
    scaled = logits * np.float32(1.0 / draw.temperature)
    scaled -= scaled.max()
    weights: Floats = np.exp(scaled, out=scaled)
    if draw.min_p > 0.0:
        tokens, weights = _kept(tokens, weights, weights >= draw.min_p)
    if draw.top_p < 1.0:
        tokens, weights = _kept_by_top_p(tokens, weights, draw.top_p)
    return tokens, weights


def _kept(
    tokens: NDArray[np.intp] | None, weights: Floats, chosen: NDArray[Any]
) -> tuple[NDArray[np.intp], Floats]:
    places = np.flatnonzero(chosen)
    return (places if tokens is None else tokens[places]), weights[places]


def _kept_by_top_p(
    tokens: NDArray[np.intp] | None, weights: Floats, top_p: float
) -> tuple[NDArray[np.intp], Floats]:
    """The fewest of the likeliest tokens that together hold `top_p`.

    All tokens below (1 - top_p) / number hold less than 1 - top_p together, so only the others,
    mostly a few hundred, need sorting.
    """
    total = float(weights.sum(dtype=np.float64))
    floor = (1.0 - top_p) * total / len(weights)
    tokens, weights = _kept(tokens, weights, weights >= min(floor, 1.0))
    order = np.argsort(-weights, kind="stable")
    sums = np.cumsum(weights[order], dtype=np.float64)
    num = int((sums < top_p * total).sum()) + 1
    chosen = order[:num]
    return tokens[chosen], weights[chosen]
