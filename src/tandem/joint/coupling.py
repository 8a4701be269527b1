"""How both sides draw the same token: noise that depends on the seed and the position alone.

The token at a position is the argmax of the target's own processed log-probabilities plus Gumbel
noise. The noise comes from a counter-based generator keyed by (seed, position), so it does not
depend on the draft's length, on batching, retries or the order of packets. The drafter guesses with
the same noise; the verifier draws, then compares: a guess is accepted if and only if it is equal.
So whatever the drafter does, the text is the target's own (Daliri, Musco and Suresh, "Coupling
without communication and drafter-invariant speculative decoding", 2024).

Never mix it with the ratio rule (u < p/q): shared noise would then bias the text.

The generator is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011)
in integers, and the logarithm uses only additions, multiplications and divisions in float64: both
give the same bits on every machine and with every numpy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Doubles = NDArray[np.float64]
Words = NDArray[np.uint32]

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10
_STREAM = 0x7A4D  # the counter's last word: no other use of the seed shares it

_BLOCK_WORDS = 1 << 16  # made together: a quarter of a megabyte

# The likeliest tokens get their noise first; the rest only where it could still win.
_FIRST = 32
# Uniforms are (word + 0.5) / 2^32, so Gumbel noise is between -3.2 and 22.9.
_MAX_GUMBEL = 23.0


@dataclass(frozen=True, slots=True)
class Draw:
    """How the target draws. Temperature 0 takes the likeliest: the same rule without noise.

    `top_k` 0, `top_p` 1 and `min_p` 0 are off. Temperature comes first, the others look at the
    tempered probabilities, in the order top-k, min-p, top-p.
    """

    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    seed: int = 0


def philox(counter: NDArray[np.uint64], key: tuple[int, int]) -> NDArray[np.uint64]:
    """Philox4x32-10 of counters (..., 4) under one key: words (..., 4), each below 2^32."""
    a, b, c, d = (counter[..., lane].copy() for lane in range(4))
    first, second = key
    for _ in range(_ROUNDS):
        left, right = a * _MULTIPLIERS[0], c * _MULTIPLIERS[1]
        a, b, c, d = (
            (right >> _HALF) ^ b ^ np.uint64(first),
            right & _LOW,
            (left >> _HALF) ^ d ^ np.uint64(second),
            left & _LOW,
        )
        first, second = (first + _WEYL[0]) & 0xFFFFFFFF, (second + _WEYL[1]) & 0xFFFFFFFF
    return np.stack((a, b, c, d), axis=-1)


def words(seed: int, positions: NDArray[np.int64], num: int) -> Words:
    """The random words of tokens 0 to `num` - 1 at each position: shape (positions, num).

    A word depends on (seed, position, token) alone, not on `num`.
    """
    blocks = -(-num // 4)
    counter = np.empty((len(positions), blocks, 4), np.uint64)
    counter[..., 0] = np.arange(blocks, dtype=np.uint64)
    at = positions.astype(np.uint64)[:, None]
    counter[..., 1], counter[..., 2] = at & _LOW, at >> _HALF
    counter[..., 3] = _STREAM
    key = (seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF)
    return philox(counter, key).reshape(len(positions), blocks * 4)[:, :num].astype(np.uint32)


def words_at(seed: int, position: int, num: int) -> Words:
    """The words of one position. Neighbours are made together, as making few costs as much."""
    size = max(1, min(64, _BLOCK_WORDS // num))
    block, at = divmod(position, size)
    return _block(seed, block, size, num)[at]


@lru_cache(maxsize=64)
def _block(seed: int, block: int, size: int, num: int) -> Words:
    return words(seed, np.arange(block * size, (block + 1) * size, dtype=np.int64), num)


def log(x: Doubles) -> Doubles:
    """Natural logarithm of positive doubles, the same bits everywhere; within 4 units in the last
    place of the true one.

    log(m 2^e) = e log 2 + 2 artanh((m - 1) / (m + 1)), the series taken to its 23rd power.
    """
    mantissa, exponent = np.frexp(x)
    small = mantissa < math.sqrt(0.5)
    mantissa = np.where(small, mantissa * 2.0, mantissa)
    exponent = exponent - small
    f = (mantissa - 1.0) / (mantissa + 1.0)
    square = f * f
    total = np.full_like(f, 1.0 / 23.0)
    for power in range(21, 0, -2):
        total = total * square + 1.0 / power
    return exponent * 0.6931471805599453 + 2.0 * f * total


def gumbel(random: Words) -> Doubles:
    """Standard Gumbel noise from random words: -log(-log(u)) with u = (word + 0.5) / 2^32."""
    return -log(-log((random.astype(np.float64) + 0.5) * 2.0**-32))


def processed(logits: Floats, draw: Draw) -> Doubles:
    """Natural-log probabilities of the law that `draw` makes of one row of logits (vocabulary,).

    Tokens that are left out get minus infinity. For temperature above 0 only.
    """
    tokens, kept = _kept(logits, draw)
    row = np.full(len(logits), -np.inf)
    row[tokens] = kept - (kept.max() + math.log(float(np.exp(kept - kept.max()).sum())))
    return row


def pick(logits: Floats, draw: Draw, position: int) -> int:
    """The token at `position` under the row `logits` (vocabulary,): the rule itself."""
    if draw.temperature <= 0.0:
        return int(logits.argmax())  # of equal ones the first, which has the smaller id
    return best_two(logits, draw, position)[0]


def best_two(logits: Floats, draw: Draw, position: int) -> tuple[int, int]:
    """The token at `position`, and the one that comes next in the same order: a drafter's hedge.

    The second equals the first where only one token may be drawn.
    """
    if draw.temperature <= 0.0:
        return _top_two(np.arange(len(logits)), logits)
    tokens, kept = _kept(logits, draw)
    random = words_at(draw.seed, position, len(logits))
    return _top_two(*_contenders(tokens, kept, random))


def _contenders(
    tokens: NDArray[np.intp], scores: Doubles, random: Words
) -> tuple[NDArray[np.intp], Doubles]:
    """Tokens and noisy scores of all that can be among the best two: the others provably cannot.

    Noise is costly, so the likeliest get theirs first; any other token lies below the least of
    them and needs more than a certain noise, which a look at the bare words rules out.
    """
    if len(tokens) <= _FIRST * 2:
        return tokens, scores + gumbel(random[tokens])
    order = np.argpartition(-scores, _FIRST)
    first, rest = order[:_FIRST], order[_FIRST:]
    noisy = scores[first] + gumbel(random[tokens[first]])
    lacking = float(np.partition(noisy, -2)[-2] - scores[rest].max()) - 1e-9
    if lacking < _MAX_GUMBEL:
        floor = math.exp(-math.exp(-max(lacking, -3.5))) * 2.0**32 - 2.0
        rest = rest[random[tokens[rest]] >= max(floor, 0.0)]
    else:
        rest = rest[:0]
    noisy_rest = scores[rest] + gumbel(random[tokens[rest]])
    return tokens[np.concatenate((first, rest))], np.concatenate((noisy, noisy_rest))


def _top_two(tokens: NDArray[np.intp], scores: Floats) -> tuple[int, int]:
    """The two best tokens; of equal scores the smaller id is better."""
    best = _first_max(tokens, scores)
    others = tokens != best
    if not others.any():
        return best, best
    return best, _first_max(tokens[others], scores[others])


def _first_max(tokens: NDArray[np.intp], scores: Floats) -> int:
    return int(tokens[scores == scores.max()].min())


def _kept(logits: Floats, draw: Draw) -> tuple[NDArray[np.intp], Doubles]:
    """Ids of the tokens that may be drawn and their tempered logits, the largest being 0."""
    scaled = logits.astype(np.float64) / draw.temperature
    scaled -= scaled.max()
    # No noise lifts a token from further below, and exp of less would be slow.
    tokens = np.flatnonzero(scaled > -(_MAX_GUMBEL + 4.0) if _is_plain(draw) else scaled > -700.0)
    kept = scaled[tokens]
    if 0 < draw.top_k < len(tokens):
        tokens, kept = _likeliest(tokens, kept, draw.top_k)
    if draw.min_p > 0.0:
        wide = kept >= math.log(draw.min_p)
        tokens, kept = tokens[wide], kept[wide]
    if draw.top_p < 1.0:
        order = np.lexsort((tokens, -kept))
        sums = np.cumsum(np.exp(kept[order]))
        num = int((sums < draw.top_p * sums[-1]).sum()) + 1
        tokens, kept = tokens[order[:num]], kept[order[:num]]
    return tokens, kept


def _is_plain(draw: Draw) -> bool:
    return draw.top_k == 0 and draw.min_p == 0.0 and draw.top_p >= 1.0


def _likeliest(
    tokens: NDArray[np.intp], scores: Doubles, num: int
) -> tuple[NDArray[np.intp], Doubles]:
    """Exactly `num` tokens; of equal scores the smaller ids."""
    least = np.partition(scores, -num)[-num]
    above = scores > least
    ties = np.flatnonzero(scores == least)[: num - int(above.sum())]
    chosen = np.sort(np.concatenate((np.flatnonzero(above), ties)))
    return tokens[chosen], scores[chosen]
