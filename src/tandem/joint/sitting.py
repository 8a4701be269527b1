"""One session as the cloud holds it: the answer so far, the hints for what follows.

Pure. A session outlives its links. Hints are stored by position and by the fold of the text before
them, so they may come late, twice, in any order or for several branches: those that contradict
what is committed are dropped before they cost a pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from tandem.joint.protocol import Chain, Close, Open, Reason, fold

Judged = tuple[float | None, float | None]
_Hint = tuple[int, int | None]  # a guess and its runner-up

MAX_HINTS = 2048
_LEARN = 0.05  # weight of one more guess in the measured acceptance
_MAX_PATIENCE = 5.0  # seconds: no wish for economy makes a session hang


def num_equal(ids: Sequence[int], drafts: Sequence[int]) -> int:
    """How many drafts were accepted."""
    num = 0
    while num < min(len(ids), len(drafts)) and ids[num] == drafts[num]:
        num += 1
    return num


@dataclass(slots=True)
class Sitting:
    """The session's state. `seat` is the target's, -1 while it has none."""

    opening: Open
    prompt: tuple[int, ...]
    text: list[int]
    num_cached: int = 0  # tokens in the target's cache, prompt included
    seat: int = -1
    num_unread: int = 0  # tokens of the prompt that the target has not read
    is_running: bool = False  # in the pass that runs now
    acceptance: float = 0.7  # of guesses whose path was right; learnt
    second: float = 0.3  # of runners-up, where the guess was wrong; learnt
    passes: int = 0
    positions: int = 0
    hinted: int = 0  # ids ever hinted
    ended: Close | None = None
    idle_since: float = 0.0  # the last pass's end
    left_at: float | None = None  # when the link was lost
    have: int = 0  # tokens that the device said it holds
    _gain: float = 3.0  # tokens that a waited-for draft brought, learnt
    _folds: list[int] = field(default_factory=list[int])  # of the text before each position
    _hints: dict[int, dict[int, _Hint]] = field(default_factory=dict[int, "dict[int, _Hint]"])
    _num_hints: int = 0

    def __post_init__(self) -> None:
        self._folds = [0]
        for token in self.text:
            self._folds.append(fold(self._folds[-1], (token,)))
        self.num_cached = self.num_unread = len(self.prompt) + len(self.text) - 1

    # --- hints -----------------------------------------------------------------------------------

    def hint(self, chains: Sequence[Chain]) -> None:
        """Keep what may still be of use; the first guess for a place stays."""
        length = len(self.text)
        for chain in chains:
            parent = chain.parent
            self.hinted += len(chain.ids)
            for at, (token, second) in enumerate(zip_longest(chain.ids, chain.seconds)):
                position = chain.start + at
                if position >= length and self._num_hints < MAX_HINTS:
                    place = self._hints.setdefault(position, {})
                    self._num_hints += parent not in place
                    place.setdefault(parent, (token, second))
                parent = fold(parent, (token,))

    @property
    def is_hinted(self) -> bool:
        """Whether there is a hint for the next position."""
        return self._hint(len(self.text), self._folds[-1]) is not None

    def drafts(self, num: int) -> list[_Hint]:
        """At most `num` hints that follow the text: tokens and their runners-up."""
        position, parent = len(self.text), self._folds[-1]
        found: list[_Hint] = []
        while len(found) < num and (hint := self._hint(position, parent)) is not None:
            found.append(hint)
            position, parent = position + 1, fold(parent, (hint[0],))
        return found

    def _hint(self, position: int, parent: int) -> _Hint | None:
        place = self._hints.get(position)
        return None if place is None else place.get(parent)

    # --- passes ----------------------------------------------------------------------------------

    @property
    def tail(self) -> list[int]:
        """The tokens that are not in the target's cache yet: one, or two after a branch."""
        missing = len(self.prompt) + len(self.text) - self.num_cached
        short = missing - len(self.text)
        return (
            [*self.prompt[len(self.prompt) - short :], *self.text]
            if short > 0
            else self.text[-missing:]
        )

    def width(self, share: float, most: int) -> int:
        """How many drafts are worth a pass that costs `share` more with each: maximises tokens per
        time, (1 - a^(w+1)) / (1 - a) / (1 + share w).
        """
        best, best_rate, tokens, chance = 0, 1.0, 1.0, 1.0
        for width in range(1, most + 1):
            chance *= self.acceptance
            tokens += chance
            rate = tokens / (1.0 + share * width)
            if rate > best_rate:
                best, best_rate = width, rate
            elif width > best + 2:
                break
        return best

    def waits_until(self, pass_seconds: float) -> float:
        """When the pass should start at the latest, if no draft comes before: the wish for economy,
        weighed with what waiting has brought so far.
        """
        patience = self.opening.economy * pass_seconds * self._gain
        return self.idle_since + min(patience, _MAX_PATIENCE)

    def branches(self, hints: Sequence[_Hint], share: float) -> list[tuple[int, int]]:
        """The runners-up that are worth a position of a pass: (place among the hints, token)."""
        found: list[tuple[int, int]] = []
        chance = (1.0 - self.acceptance) * self.second
        for at, (_, second) in enumerate(hints):
            if second is not None and chance > share / (1.0 - min(self.acceptance, 0.99)):
                found.append((at, second))
            chance *= self.acceptance
        return found

    def advance(self, ids: Sequence[int], drafted: Sequence[int], cost: int, now: float) -> None:
        """A pass of `cost` positions brought `ids`: accepted drafts, perhaps a branch's token, and
        one token of the target's own.
        """
        has_waited = self.opening.economy > 0.0
        self.passes += 1
        self.positions += cost
        self.num_cached += len(self.tail) + num_equal(ids, drafted)
        self._learn(ids, drafted)
        if has_waited:
            self._gain += 0.3 * (len(ids) - 1 - self._gain) if drafted else -0.5 * self._gain
        for token in ids:
            self._num_hints -= len(self._hints.pop(len(self.text), ()))
            self.text.append(token)
            self._folds.append(fold(self._folds[-1], (token,)))
        self.idle_since = now

    def _learn(self, ids: Sequence[int], drafted: Sequence[int]) -> None:
        """Acceptance, also from hints that came too late for the pass but lay on its path."""
        position = len(self.text)
        for at, token in enumerate(ids):
            hint = self._hint(position + at, self._folds[-1]) if at == 0 else None
            guess = drafted[at] if at < len(drafted) else hint[0] if hint else None
            if guess is None:
                return
            self.acceptance += _LEARN * ((guess == token) - self.acceptance)
            if guess != token:
                if hint is not None and hint[1] is not None:
                    self.second += _LEARN * ((hint[1] == token) - self.second)
                return

    # --- the end ---------------------------------------------------------------------------------

    def end(self, reason: Reason, words: str = "", judged: Judged | None = None) -> None:
        """The answer is over; the first reason stays. `judged`: confidence and threshold."""
        if self.ended is None:
            self.ended = Close(
                reason, words, len(self.text), self.passes, self.positions, *(judged or ())
            )
            self._hints.clear()
            self._num_hints = 0
