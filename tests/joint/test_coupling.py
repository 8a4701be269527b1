"""Both sides draw the same token: the generator, the logarithm, the rule."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.joint import coupling
from tandem.joint.coupling import Draw, best_two, gumbel, log, philox, pick, processed, words

# Random123's published known answers for philox4x32-10: counter, key, words.
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    (
        (0xFFFFFFFF,) * 4,
        (0xFFFFFFFF,) * 2,
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


PINNED_WORDS = [
    [224386737, 4105692844, 400639035, 1624397539, 2065439817, 3786332912],
    [3762909711, 4240348931, 3527133347, 4258238083, 2323526272, 2261182838],
    [1746079948, 3987229100, 2688432497, 3767265482, 1797841293, 958516723],
]
PINNED_NOISE = ["-0x1.1519c8d5421b1p+0", "0x1.8cbe16c0abe83p+1"]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_philox_gives_the_known_answers(
    counter: tuple[int, ...], key: tuple[int, int], answer: tuple[int, ...]
) -> None:
    """The published vectors."""
    assert tuple(philox(np.array([counter], np.uint64), key)[0]) == answer


def test_noise_is_the_same_everywhere() -> None:
    """Words, noise and tokens pinned: a change here changes every seeded text ever made."""
    random = words(20261125, np.array([0, 1, 1 << 33]), 6)
    assert random.tolist() == PINNED_WORDS
    assert [x.hex() for x in gumbel(random[0, :2])] == PINNED_NOISE


def test_words_do_not_depend_on_the_vocabulary_or_on_company() -> None:
    """A token's word is its own: drafter and target may pad their vocabularies differently."""
    many = words(5, np.arange(50), 100)
    assert np.array_equal(many[:, :33], words(5, np.arange(50), 33))
    assert np.array_equal(many[17:18], words(5, np.array([17]), 100))
    assert not np.array_equal(many, words(6, np.arange(50), 100))


def test_words_are_uniform() -> None:
    """Mean and spread of 400,000 uniforms, and no correlation of neighbours."""
    u = words(9, np.arange(4000), 100) * 2.0**-32
    assert u.mean() == pytest.approx(0.5, abs=0.003)
    assert u.var() == pytest.approx(1 / 12, abs=0.001)
    for shifted in (u[:, 1:] - 0.5, (u[1:] - 0.5)):
        base = u[: shifted.shape[0], : shifted.shape[1]] - 0.5
        assert abs(float((base * shifted).mean())) < 0.001


def test_the_logarithm_is_one() -> None:
    """Within 4 units in the last place over the whole range, 0 at 1."""
    x = np.exp(np.random.default_rng(1).uniform(-700, 700, 4_000))
    true = np.array([math.log(each) for each in x])
    assert np.all(np.abs(log(x) - true) <= 4 * np.spacing(np.abs(true)))
    assert log(np.array([1.0]))[0] == 0.0


draws = st.builds(
    Draw,
    temperature=st.sampled_from([0.0, 0.3, 0.7, 1.0, 2.0]),
    top_k=st.sampled_from([0, 1, 5, 40]),
    top_p=st.sampled_from([1.0, 0.9, 0.5]),
    min_p=st.sampled_from([0.0, 0.05]),
    seed=st.integers(0, 2**64 - 1),
)


@settings(max_examples=60, deadline=None)
@given(draws, st.integers(0, 2**40), st.integers(1, 3000), st.floats(0.1, 8.0))
def test_the_short_cut_finds_what_the_long_way_finds(
    draw: Draw, position: int, num: int, spread: float
) -> None:
    """Leaving out tokens that cannot win never changes the best two."""
    rng = np.random.default_rng(draw.seed)
    logits = (rng.standard_normal(num) * spread).astype(np.float32)
    if draw.temperature <= 0.0:
        assert pick(logits, draw, position) == int(logits.argmax())
        return
    row = processed(logits, draw)
    random = words(draw.seed, np.array([position]), num)[0]
    noisy = np.where(np.isfinite(row), row + gumbel(random), -np.inf)
    order = np.argsort(-noisy, kind="stable")
    best, second = best_two(logits, draw, position)
    assert best == order[0]
    assert second == (order[1] if np.isfinite(row).sum() > 1 else best)


@settings(max_examples=60, deadline=None)
@given(draws.filter(lambda draw: draw.temperature > 0), st.integers(1, 500))
def test_processed_is_a_law(draw: Draw, num: int) -> None:
    """Probabilities add up to one, and no more than top-k tokens have any."""
    logits = np.random.default_rng(num).standard_normal(num).astype(np.float32) * 3
    row = processed(logits, draw)
    assert float(np.exp(row).sum()) == pytest.approx(1.0)
    if draw.top_k:
        assert np.isfinite(row).sum() <= draw.top_k


def test_equal_logits_take_the_smaller_id() -> None:
    """Ties are decided once and for all."""
    flat = np.zeros(9, np.float32)
    assert best_two(flat, Draw(), 3) == (0, 1)
    assert np.flatnonzero(np.isfinite(processed(flat, Draw(1.0, top_k=2)))).tolist() == [0, 1]


def test_draws_follow_the_law() -> None:
    """The share of each token over 4,000 positions is its probability."""
    logits = np.array([2.0, 1.0, 0.0, -1.0], np.float32)
    draw = Draw(1.0, seed=3)
    counts = np.bincount([pick(logits, draw, at) for at in range(4_000)], minlength=4)
    law = np.exp(processed(logits, draw))
    assert float((((counts - 4_000 * law) ** 2) / (4_000 * law)).sum()) < 16.3  # p = 0.001


def test_first_is_a_bound() -> None:
    """The largest noise there is stays below what the short cut assumes."""
    top = float(gumbel(np.array([0xFFFFFFFF], np.uint32))[0])
    assert top < coupling._MAX_GUMBEL  # pyright: ignore[reportPrivateUsage]
