"""What every Target and every Drafter of joint decoding promises, as tests.

Subclass, give the fixtures, inherit. A target says in its card whether it is certified: only then
must its rows be bit for bit the same in all widths, seats and company.
"""

from __future__ import annotations

import numpy as np
import pytest

from tandem.errors import BadRequest, Overloaded
from tandem.joint.coupling import Draw, pick
from tandem.joint.ports import Drafter, Rows, Step, Target

NUM_TOKENS = 24


def ready(target: Target, prompt: list[int]) -> int:
    """A seat that can advance."""
    seat = target.open(prompt)
    while target.prefill(seat, 5):
        pass
    return seat


def said_alone(target: Target, prompt: list[int], draw: Draw, num: int) -> list[int]:
    """The target's own text, one token a pass."""
    seat, last, text = ready(target, prompt), prompt[-1], list[int]()
    for position in range(num):
        (rows,) = target.advance([Step(seat, [last])])
        last = pick(rows[0], draw, position)
        text.append(last)
    target.close(seat)
    return text


class TargetContract:
    """Inherit as `class TestX(TargetContract)` and give a `target` fixture, and a `prompt`."""

    @pytest.fixture
    def prompt(self) -> list[int]:
        return [3, 1, 4, 1, 5, 9, 2, 6]

    def rows_of(self, target: Target, prompt: list[int], widths: list[int]) -> Rows:
        """The rows over the target's own greedy text, in passes of these widths."""
        text = said_alone(target, prompt, Draw(), sum(widths))
        fed = [prompt[-1], *text]
        seat, at, rows = ready(target, prompt), 0, list[Rows]()
        for width in widths:
            rows.append(target.advance([Step(seat, fed[at : at + width])])[0].copy())
            at += width
        target.close(seat)
        return np.concatenate(rows)

    def test_card_tells_what_a_session_needs(self, target: Target) -> None:
        """Vocabulary, seats, width, context and fingerprint are there."""
        card = target.card
        assert min(card.num_vocab, card.context_tokens, card.num_seats, card.max_width) >= 1
        assert card.fingerprint and card.model

    def test_rows_have_the_shape_of_their_step(self, target: Target, prompt: list[int]) -> None:
        """One row per token of the step, as long as the vocabulary."""
        seat = ready(target, prompt)
        width = min(3, target.card.max_width)
        (rows,) = target.advance([Step(seat, [prompt[-1]] * width)])
        assert rows.shape == (width, target.card.num_vocab)
        target.close(seat)

    def test_rows_do_not_depend_on_the_width(self, target: Target, prompt: list[int]) -> None:
        """Certified: bit for bit; else about the same."""
        alone = self.rows_of(target, prompt, [1] * 12)
        width = min(4, target.card.max_width)
        together = self.rows_of(target, prompt, [width] * (12 // width))
        if target.card.verdict == "not certified":
            np.testing.assert_allclose(together, alone[: len(together)], atol=1.0)
        else:
            assert np.array_equal(together, alone[: len(together)])

    def test_rollback_forgets(self, target: Target, prompt: list[int]) -> None:
        """After a rollback the same tokens give the same rows as if nothing had been."""
        seat = ready(target, prompt)
        (rows,) = target.advance([Step(seat, [prompt[-1], 1])])
        before = rows[0].copy()
        target.rollback(seat, len(prompt) - 1)
        (rows,) = target.advance([Step(seat, [prompt[-1], 2])])
        assert np.array_equal(rows[0], before)
        target.close(seat)

    def test_seats_keep_apart(self, target: Target, prompt: list[int]) -> None:
        """Two sessions in one pass say what each says alone."""
        if target.card.num_seats < 2:
            pytest.skip("one seat")
        texts = [said_alone(target, p, Draw(), 8) for p in (prompt, prompt[::-1])]
        seats = [ready(target, p) for p in (prompt, prompt[::-1])]
        last = [prompt[-1], prompt[0]]
        for position in range(8):
            steps = [Step(seat, [token]) for seat, token in zip(seats, last, strict=True)]
            rows = target.advance(steps)
            last = [pick(each[0], Draw(), position) for each in rows]
            assert last == [text[position] for text in texts]
        for seat in seats:
            target.close(seat)

    def test_a_seat_comes_back(self, target: Target, prompt: list[int]) -> None:
        """More sessions than seats, one after the other; one too many at once is `Overloaded`."""
        seats = [target.open(prompt) for _ in range(target.card.num_seats)]
        with pytest.raises(Overloaded):
            target.open(prompt)
        for seat in seats:
            target.close(seat)
        target.close(target.open(prompt))

    def test_foreign_ids_are_refused(self, target: Target) -> None:
        """An id outside the vocabulary, or no id at all, is the caller's fault."""
        for wrong in ([target.card.num_vocab], []):
            with pytest.raises(BadRequest):
                target.open(wrong)


class DrafterContract:
    """Inherit as `class TestX(DrafterContract)` and give a `drafter` fixture, and a `prompt`."""

    @pytest.fixture
    def prompt(self) -> list[int]:
        return [3, 1, 4, 1, 5, 9, 2, 6]

    @pytest.fixture
    def draw(self) -> Draw:
        return Draw(temperature=0.8, seed=7)

    def test_it_guesses_at_most_so_many(
        self, drafter: Drafter, prompt: list[int], draw: Draw
    ) -> None:
        """Never more than asked for."""
        drafter.start(prompt, draw)
        for num in (1, 2, 5):
            assert len(drafter.propose([], num)) <= num

    def test_one_by_one_is_the_same_as_at_once(
        self, drafter: Drafter, prompt: list[int], draw: Draw
    ) -> None:
        """A path of its own guesses leads to the same next guess."""
        drafter.start(prompt, draw)
        whole = [guess.token for guess in drafter.propose([], 6)]
        path: list[int] = []
        while len(path) < len(whole) and (guesses := drafter.propose(path, 1)):
            path.append(guesses[0].token)
        assert path == whole[: len(path)]

    def test_paths_may_alternate(self, drafter: Drafter, prompt: list[int], draw: Draw) -> None:
        """Guessing on after another path changes nothing for the first."""
        drafter.start(prompt, draw)
        before = drafter.propose([1, 2], 3)
        drafter.propose([2, 2, 1], 3)
        drafter.propose([], 4)
        assert [g.token for g in drafter.propose([1, 2], 3)] == [g.token for g in before]

    def test_what_is_observed_counts_as_the_path(
        self, drafter: Drafter, prompt: list[int], draw: Draw
    ) -> None:
        """Committed tokens lead to the same guesses as the same tokens on a path."""
        drafter.start(prompt, draw)
        ahead = drafter.propose([1, 2, 3], 3)
        drafter.observe([1, 2])
        assert [g.token for g in drafter.propose([3], 3)] == [g.token for g in ahead]
        drafter.observe([3])
        assert [g.token for g in drafter.propose([], 3)] == [g.token for g in ahead]

    def test_it_starts_anew(self, drafter: Drafter, prompt: list[int], draw: Draw) -> None:
        """A second text is not coloured by the first."""
        drafter.start(prompt, draw)
        first = [guess.token for guess in drafter.propose([], 4)]
        drafter.observe([5, 6, 7])
        drafter.start(prompt, draw)
        assert [guess.token for guess in drafter.propose([], 4)] == first
