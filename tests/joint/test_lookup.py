"""Drafting by what the text said before, alone and before another drafter."""

from __future__ import annotations

import numpy as np
import pytest

from tandem.joint.coupling import Draw
from tandem.joint.lookup import InOrder, LookupDrafter
from tandem.joint.ports import Guess
from tandem.joint.replay import FINGERPRINT, TableDrafter
from tests.contracts.joint_contract import DrafterContract


def tokens(guesses: list[Guess]) -> list[int]:
    return [guess.token for guess in guesses]


class TestLookupDrafter(DrafterContract):
    """A text's own past is a Drafter."""

    @pytest.fixture
    def prompt(self) -> list[int]:
        return [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3]

    @pytest.fixture
    def drafter(self) -> LookupDrafter:
        return LookupDrafter(FINGERPRINT)


class TestInOrder(DrafterContract):
    """Several drafters are a Drafter."""

    @pytest.fixture
    def drafter(self) -> InOrder:
        table = np.random.default_rng(3).normal(0.0, 2.0, (16, 16))
        return InOrder([LookupDrafter(FINGERPRINT), TableDrafter(table)])


def test_it_copies_what_followed_the_longest_run() -> None:
    """Two places fit two tokens, one fits four: that one is copied."""
    drafter = LookupDrafter(b"x")
    drafter.start([1, 2, 3, 4, 5, 6, 9, 3, 4, 7, 1, 2, 3, 4], Draw())
    assert tokens(drafter.propose((), 3)) == [5, 6, 9]
    assert tokens(drafter.propose((5,), 2)) == [6, 9]
    drafter.observe([7])
    assert tokens(drafter.propose((), 2)) == [1, 2]


def test_what_never_was_is_not_guessed() -> None:
    """Nothing to copy: nothing is said."""
    drafter = LookupDrafter(b"x")
    drafter.start(list(range(20)), Draw())
    assert drafter.propose((), 4) == []
    drafter.start([], Draw())
    assert drafter.propose((), 4) == []


def test_a_long_text_takes_time_in_proportion() -> None:
    """Each token is indexed once, however often it is asked."""
    drafter = LookupDrafter(b"x")
    drafter.start([i % 977 for i in range(100_000)], Draw())
    for _ in range(1000):
        (guess,) = drafter.propose((), 1)
        drafter.observe([guess.token])
    assert len(drafter._ends) <= 3 * 977  # pyright: ignore[reportPrivateUsage]


class Always:
    """Says one token, as often as it may."""

    is_free = True

    def __init__(self, token: int, fingerprint: bytes = b"x") -> None:
        self.token, self.fingerprint, self.name = token, fingerprint, f"always {token}"

    def start(self, prompt: object, draw: object) -> None: ...

    def observe(self, ids: object) -> None: ...

    def stop(self) -> None: ...

    def propose(self, path: object, num: int) -> list[Guess]:
        return [Guess(self.token)] * num


def test_a_drafter_that_is_mostly_wrong_is_passed_over() -> None:
    """The second takes its place; the first is heard again now and then, and wins back."""
    drafter = InOrder([Always(1), Always(2)])
    drafter.start([0], Draw())
    said: list[int] = []
    for right in [2] * 100 + [1] * 200:
        said += tokens(drafter.propose((), 1))
        drafter.observe([right])
    assert said[0] == 1
    assert 0.05 < said[50:100].count(1) / 50 < 0.2
    assert said[-50:].count(1) == 50


def test_drafters_in_order_share_a_tokenizer() -> None:
    """Else their guesses would mean other words."""
    with pytest.raises(ValueError, match="tokenizer"):
        InOrder([Always(1, b"x"), Always(2, b"y")])
