"""Drawing tokens: the right distribution, repeatable, and honest probabilities."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.engines.llama_sampling import Draw, logprobs_of, measured, penalised, pick, uniform

LOGITS = np.log(np.array([0.5, 0.25, 0.15, 0.07, 0.03], np.float32))


def shares(draw: Draw, logits: np.ndarray = LOGITS, num: int = 4000) -> list[float]:
    """How often each token is drawn, over the places of one answer."""
    counts = Counter(pick(logits, draw, place) for place in range(num))
    return [counts[token] / num for token in range(len(logits))]


def test_draws_follow_the_probabilities() -> None:
    """At temperature 1 the shares are the probabilities; at 0.5 their squares, normalised."""
    assert shares(Draw(1.0, seed=3)) == pytest.approx([0.5, 0.25, 0.15, 0.07, 0.03], abs=0.03)
    squares = np.exp(2 * LOGITS) / np.exp(2 * LOGITS).sum()
    assert shares(Draw(0.5, seed=3)) == pytest.approx(squares.tolist(), abs=0.03)


@pytest.mark.parametrize(
    ("draw", "allowed"),
    [
        (Draw(1.0, top_k=2), {0, 1}),
        (Draw(1.0, top_p=0.7), {0, 1}),
        (Draw(1.0, top_p=0.76), {0, 1, 2}),
        (Draw(1.0, top_p=0.0), {0}),
        (Draw(1.0, min_p=0.2), {0, 1, 2}),
        (Draw(1.0, min_p=1.0), {0}),
        (Draw(1.0, top_k=3, top_p=0.9), {0, 1, 2}),
        (Draw(1.0, top_k=99), {0, 1, 2, 3, 4}),
    ],
)
def test_unlikely_tokens_are_left_out(draw: Draw, allowed: set[int]) -> None:
    """top-k, top-p and min-p leave exactly the tokens that they should."""
    drawn = {token for token, share in enumerate(shares(draw)) if share}
    assert drawn == allowed


def test_temperature_0_is_the_likeliest() -> None:
    """No chance at temperature 0."""
    assert {pick(LOGITS, Draw(seed=seed), 0) for seed in range(50)} == {0}


@given(st.integers(), st.integers(0, 10**6), st.integers(0, 3))
def test_uniform_is_in_range_and_repeatable(seed: int, place: int, attempt: int) -> None:
    """Any seed gives numbers in [0, 1), the same for the same place."""
    number = uniform(seed, place, attempt)
    assert 0.0 <= number < 1.0 and number == uniform(seed, place, attempt)


def test_uniform_is_even_over_places_and_over_seeds() -> None:
    """Neither neighbouring places nor neighbouring seeds are alike."""
    for numbers in (
        [uniform(7, place) for place in range(5000)],
        [uniform(seed, 0) for seed in range(5000)],
    ):
        counts, _ = np.histogram(numbers, bins=10, range=(0, 1))
        assert abs(counts - 500).max() < 100
        assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 0.05


def test_penalties_are_per_presence_and_per_count() -> None:
    """OpenAI's definition: presence once, frequency per time said."""
    draw = Draw(presence_penalty=1.0, frequency_penalty=0.5)
    changed = penalised(LOGITS, draw, {1: 3, 4: 1})
    assert (LOGITS - changed).tolist() == pytest.approx([0, 2.5, 0, 0, 1.5], abs=1e-6)


def test_measured_is_of_the_whole_untempered_distribution() -> None:
    """Probability, entropy and alternatives agree with the definition."""
    found = measured(LOGITS + 5, 2, 2)
    assert found.logprob == pytest.approx(math.log(0.15), abs=1e-5)
    probabilities = np.exp(LOGITS)
    assert found.entropy == pytest.approx(-(probabilities * LOGITS).sum(), abs=1e-5)
    assert [token for token, _ in found.top] == [0, 1]
    assert [token for token, _ in measured(LOGITS, 2, 1).top] == [0]
    assert logprobs_of(np.stack([LOGITS, LOGITS + 9]), [0, 3]) == pytest.approx(
        [math.log(0.5), math.log(0.07)], abs=1e-5
    )
