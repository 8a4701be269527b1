"""How a token is drawn from logits: pure, and the same for a seed whatever else runs.

The uniform number of a draw comes from the seed and the token's place in the answer alone, so no
generator has a state that another stream could move on. Temperature is applied first and top-k,
top-p and min-p to the tempered probabilities, as vLLM and the OpenAI API do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_MASK = (1 << 64) - 1
_TOP_P_GUESS = 512  # the likeliest tokens sorted first; nearly always they hold top-p's share


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
    weights = _weights(logits, draw)
    sums = np.cumsum(weights, dtype=np.float64)
    target = uniform(draw.seed, place, attempt) * sums[-1]
    return int(np.searchsorted(sums[:-1], target, "right"))


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
    peak = logits.max()
    weights = np.exp(logits - peak)
    total = float(weights.sum())
    log_total = float(peak) + math.log(total)
    finite = logits if peak > -math.inf else np.zeros_like(logits)
    entropy = max(0.0, log_total - float(weights @ finite) / total)
    logprob = min(0.0, float(logits[token]) - log_total)
    if num_top <= 0:
        return Measured(logprob, entropy, ())
    top = np.argpartition(logits, -min(num_top, len(logits)))[-num_top:]
    top = top[np.argsort(-logits[top], kind="stable")]
    pairs = tuple((int(i), min(0.0, float(logits[i]) - log_total)) for i in top)
    return Measured(logprob, entropy, pairs)


def logprobs_of(rows: Floats, tokens: list[int]) -> list[float]:
    """The natural-log probability of `tokens[i]` under row i."""
    peaks = rows.max(axis=1)
    totals = peaks + np.log(np.exp(rows - peaks[:, None]).sum(axis=1))
    chosen = rows[np.arange(len(tokens)), tokens]
    return np.minimum(chosen - totals, 0.0).tolist()


def _weights(logits: Floats, draw: Draw) -> Floats:
    """Unnormalised probabilities, 0 for what top-k, min-p and top-p leave out; the peak is 1."""
    scaled = logits * np.float32(1.0 / draw.temperature)
    scaled -= scaled.max()
    num = len(scaled)
    if 0 < draw.top_k < num:
        least = np.partition(scaled, num - draw.top_k)[num - draw.top_k]
        scaled[scaled < least] = -np.inf
    weights: Floats = np.exp(scaled, out=scaled)
    if draw.min_p > 0.0:
        weights[weights < draw.min_p] = 0.0
    if draw.top_p < 1.0:
        weights[weights < _least_of_top_p(weights, draw.top_p)] = 0.0
    return weights


def _least_of_top_p(weights: Floats, top_p: float) -> float:
    """The smallest weight among the likeliest tokens that together hold `top_p`."""
    share = top_p * float(weights.sum(dtype=np.float64))
    num = len(weights)
    for size in (min(_TOP_P_GUESS, num), num):
        top = weights if size == num else np.partition(weights, num - size)[num - size :]
        top = np.sort(top)[::-1]
        sums = np.cumsum(top, dtype=np.float64)
        if sums[-1] >= share or size == num:
            return float(top[min(int(sums.searchsorted(share)), size - 1)])
    raise AssertionError("unreachable: the whole vocabulary holds every share")
