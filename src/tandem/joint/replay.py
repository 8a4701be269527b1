"""Targets and drafters without a model: a trace played back, a small table of laws, a dial.

They keep the promises of `ports` and ship with the product, so that benches and tests measure the
protocol and its policies apart from any model. Time is the caller's: these answer at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from tandem.errors import BadRequest, ContextTooLong, Overloaded
from tandem.joint.coupling import Doubles, Draw, best_two, words
from tandem.joint.ports import Guess, Rows, Step, TargetCard

FINGERPRINT = b"replayed ids"
_UNIT = 2.0**-32


class ReplayTarget:
    """A target whose law after some tokens is `law(tokens)`: a row of logits (vocabulary,)."""

    def __init__(
        self,
        law: Callable[[list[int]], Rows],
        num_vocab: int,
        *,
        num_seats: int = 64,
        context_tokens: int = 1 << 20,
        max_width: int = 64,
        end_ids: frozenset[int] = frozenset(),
        has_branches: bool = True,
    ) -> None:
        self.card = TargetCard(
            "replay",
            FINGERPRINT,
            num_vocab,
            context_tokens,
            num_seats,
            max_width,
            end_ids,
            "certified",
            has_branches,
        )
        self._law = law
        self._seats: dict[int, list[int]] = {}
        self._prompts: dict[int, list[int]] = {}

    def open(self, prompt: Sequence[int]) -> int:
        """Take a seat."""
        if not prompt or not all(0 <= token < self.card.num_vocab for token in prompt):
            raise BadRequest("A prompt has at least one token, all within the vocabulary.")
        if len(prompt) >= self.card.context_tokens:
            raise ContextTooLong("The prompt does not fit the target's context.")
        free = (n for n in range(self.card.num_seats) if n not in self._seats)
        seat = next(free, None)
        if seat is None:
            raise Overloaded("All seats are taken.")
        self._seats[seat] = []
        self._prompts[seat] = list(prompt[:-1])
        return seat

    def prefill(self, seat: int, num_tokens: int) -> int:
        """Read a part of the prompt; what is left."""
        lacking = self._prompts[seat]
        self._seats[seat] += lacking[:num_tokens]
        del lacking[:num_tokens]
        return len(lacking)

    def advance(self, steps: Sequence[Step]) -> list[Rows]:
        """One pass."""
        return [self._rows(self._seats[step.seat], step) for step in steps]

    def _rows(self, cached: list[int], step: Step) -> Rows:
        before = len(cached)
        rows: list[Rows] = []
        for token in step.tokens:
            cached.append(token)
            rows.append(self._law(cached))
        for at, token in step.branches:
            rows.append(self._law([*cached[: before + at + 1], token]))
        return np.stack(rows)

    def rollback(self, seat: int, num_tokens: int) -> None:
        """Keep the first `num_tokens`."""
        del self._seats[seat][num_tokens:]

    def close(self, seat: int) -> None:
        """Give the seat back."""
        self._seats.pop(seat, None)
        self._prompts.pop(seat, None)


@cache
def _one_hot(num_vocab: int) -> Rows:
    """A law per token that can only be that token; made once, as it is large."""
    return np.eye(num_vocab, dtype=np.float32)


def trace_target(
    prompt_length: int, trace: Sequence[int], num_vocab: int, *, has_branches: bool = True
) -> ReplayTarget:
    """A target that says `trace` after any prompt of that length, whatever is drafted."""
    rows = _one_hot(num_vocab)

    def law(tokens: list[int]) -> Rows:
        at = len(tokens) - prompt_length
        return rows[trace[at] if at < len(trace) else 0]

    return ReplayTarget(law, num_vocab, has_branches=has_branches)


def table_target(table: Doubles, *, num_seats: int = 64) -> ReplayTarget:
    """A target whose law depends on the last token: row `token` of `table` (V, V)."""
    return ReplayTarget(lambda tokens: table[tokens[-1]], len(table), num_seats=num_seats)


class TableDrafter:
    """A drafter with a table of its own, guessing with the shared noise."""

    name = "table"
    fingerprint = FINGERPRINT
    is_free = False

    def __init__(self, table: Doubles) -> None:
        self._table = table
        self._draw = Draw()
        self._last = 0
        self._position = 0

    def start(self, prompt: Sequence[int], draw: Draw) -> None:
        """Begin a text."""
        self._last, self._draw, self._position = prompt[-1], draw, 0

    def observe(self, ids: Sequence[int]) -> None:
        """The text grew."""
        if ids:
            self._last = ids[-1]
            self._position += len(ids)

    def propose(self, path: Sequence[int], num: int) -> list[Guess]:
        """Guess on after `path`."""
        token = path[-1] if path else self._last
        guesses: list[Guess] = []
        for at in range(num):
            position = self._position + len(path) + at
            token, second = best_two(self._table[token], self._draw, position)
            guesses.append(Guess(token, second))
        return guesses

    def stop(self) -> None:
        """Nothing runs for long."""


@dataclass(frozen=True, slots=True)
class Dial:
    """How often a dialled drafter is right.

    Each guess on a right path is right with probability `acceptance`; where it is wrong, the second
    is right with probability `second`. With `burst` above 0, easy stretches (always right) and hard
    ones alternate with that mean length, at the same `acceptance` over all (at least 0.5).
    """

    acceptance: float
    second: float = 0.5
    burst: float = 0.0
    seed: int = 1


@dataclass
class DialDrafter:
    """Knows the target's trace and is right as often as its dial says, wrong ever after a miss."""

    trace: Sequence[int]
    num_vocab: int
    dial: Dial
    name: str = "dial"
    fingerprint: bytes = FINGERPRINT
    is_free: bool = False
    _position: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        num = len(self.trace)
        at = np.arange(num, dtype=np.int64)
        # Three uniform numbers per position, of the dial's own stream.
        first, second, third, _ = (words(self.dial.seed, at, 4) * _UNIT).T
        rate = np.full(num, self.dial.acceptance)
        if self.dial.burst > 0:
            rate = _bursts(third, self.dial)
        self._is_right = first < rate
        self._is_second = second < self.dial.second

    def start(self, prompt: Sequence[int], draw: Draw) -> None:
        """Begin a text."""
        self._position = 0

    def observe(self, ids: Sequence[int]) -> None:
        """The text grew."""
        self._position += len(ids)

    def propose(self, path: Sequence[int], num: int) -> list[Guess]:
        """Guess on: right by the dial where the path is."""
        start = self._position
        on_path = list(path) == list(self.trace[start : start + len(path)])
        guesses: list[Guess] = []
        for at in range(start + len(path), min(start + len(path) + num, len(self.trace))):
            guess = self._guess(at, on_path)
            on_path = on_path and guess.token == self.trace[at]
            guesses.append(guess)
        return guesses

    def stop(self) -> None:
        """Nothing runs for long."""

    def _guess(self, at: int, on_path: bool) -> Guess:
        truth = self.trace[at]
        wrong, other = (truth + 1) % self.num_vocab, (truth + 2) % self.num_vocab
        if on_path and self._is_right[at]:
            return Guess(truth, wrong)
        if on_path and self._is_second[at]:
            return Guess(wrong, truth)
        return Guess(wrong, other)


def _bursts(uniform: Doubles, dial: Dial) -> Doubles:
    """The rate per position: stretches that are easy (1.0) and hard, in equal shares."""
    hard = max(0.0, 2.0 * dial.acceptance - 1.0)
    flips = np.cumsum(uniform < 1.0 / dial.burst) % 2
    return np.where(flips == 0, 1.0, hard)
