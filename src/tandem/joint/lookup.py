"""Drafting without a model: what the text said before, and several drafters in order.

A text that repeats itself (a quotation, code, a name) is guessed by copying what followed the same
words earlier: prompt lookup (Saxena 2023; also in llama.cpp and vLLM). It costs no time and, as all
drafts, changes speed only.
"""

from __future__ import annotations

from collections.abc import Sequence

from tandem.joint.coupling import Draw
from tandem.joint.ports import Drafter, Guess

LONGEST, SHORTEST = 4, 2
"""Tokens in a row that must have occurred before; the longest that did is copied from."""


class LookupDrafter:
    """See `tandem.joint.ports.Drafter`. It knows only the text itself, prompt included.

    Memory and time are linear in the text: each run of tokens is kept with the place where it ended
    last.
    """

    name = "lookup"
    is_free = True

    def __init__(self, fingerprint: bytes) -> None:
        self.fingerprint = fingerprint
        self._text: list[int] = []
        self._ends: dict[tuple[int, ...], int] = {}
        self._num_indexed = 0

    def start(self, prompt: Sequence[int], draw: Draw) -> None:
        """Begin a text."""
        self._text = list(prompt)
        self._ends = {}
        self._num_indexed = 0

    def observe(self, ids: Sequence[int]) -> None:
        """The text grew."""
        self._text += ids

    def propose(self, path: Sequence[int], num: int) -> list[Guess]:
        """Copy on from the last place where the end of text and path occurred before."""
        self._note(self._ends, self._text, self._num_indexed, len(self._text))
        self._num_indexed = max(self._num_indexed, len(self._text))
        # The path, and what is guessed, may repeat itself too, but is forgotten afterwards.
        recent = self._text[-LONGEST:] + list(path)
        ends: dict[tuple[int, ...], int] = {}
        self._note(ends, recent, len(recent) - len(path), len(recent))
        guesses: list[Guess] = []
        while len(guesses) < num and (token := self._after(recent, ends)) is not None:
            guesses.append(Guess(token))
            recent.append(token)
            self._note(ends, recent, len(recent) - 1, len(recent))
        return guesses

    def stop(self) -> None:
        """Nothing runs for long."""

    def _after(self, recent: list[int], ends: dict[tuple[int, ...], int]) -> int | None:
        """What followed the longest run that ends `recent`; `None` when none occurred before."""
        for length in range(min(LONGEST, len(recent)), SHORTEST - 1, -1):
            run = tuple(recent[-length:])
            if run in ends:
                return recent[ends[run]]
            if run in self._ends:
                return self._text[self._ends[run]]
        return None

    @staticmethod
    def _note(
        ends: dict[tuple[int, ...], int], tokens: Sequence[int], start: int, stop: int
    ) -> None:
        """Where runs end that a token from `start` to `stop` follows, the later place winning."""
        for end in range(start, stop):
            for length in range(SHORTEST, min(LONGEST, end) + 1):
                ends[tuple(tokens[end - length : end])] = end


class InOrder:
    """Several drafters: the first that has something to say is heard. See `Drafter`.

    A drafter whose last guesses were mostly wrong is passed over, so that a cheap one does not
    stand in the way of a good one; now and then it gets another chance. The last is always heard.
    """

    TRUSTED = 0.5  # least share of right guesses
    MEMORY = 0.9  # of that share, per guess: about the last ten
    CHANCE_EVERY = 8  # proposals without it, after which a drafter is heard again

    def __init__(self, drafters: Sequence[Drafter]) -> None:
        """Raises `ValueError` for drafters of different tokenizers, or none."""
        if len({drafter.fingerprint for drafter in drafters}) != 1:
            raise ValueError("Drafters in order need one tokenizer.")
        self._drafters = list(drafters)
        self.name = "+".join(drafter.name for drafter in drafters)
        self.fingerprint = drafters[0].fingerprint
        self.is_free = all(drafter.is_free for drafter in drafters)
        self._shares = [1.0] * len(drafters)
        self._passed_over = [0] * len(drafters)
        self._position = 0
        self._open: dict[int, tuple[int, int]] = {}  # position: who guessed what

    def start(self, prompt: Sequence[int], draw: Draw) -> None:
        """Begin a text; what is known of the drafters stays."""
        self._position = 0
        self._open = {}
        for drafter in self._drafters:
            drafter.start(prompt, draw)

    def observe(self, ids: Sequence[int]) -> None:
        """The text grew: who was right?"""
        for at, token in enumerate(ids, self._position):
            if at in self._open:
                who, guess = self._open.pop(at)
                hit = float(guess == token)
                self._shares[who] += (1 - self.MEMORY) * (hit - self._shares[who])
        self._position += len(ids)
        for drafter in self._drafters:
            drafter.observe(ids)

    def propose(self, path: Sequence[int], num: int) -> list[Guess]:
        """What the first trusted drafter guesses that guesses at all."""
        for who, drafter in enumerate(self._drafters):
            if not self._is_heard(who):
                continue
            if guesses := drafter.propose(path, num):
                start = self._position + len(path)
                self._open |= {start + i: (who, g.token) for i, g in enumerate(guesses)}
                return guesses
        return []

    def stop(self) -> None:
        """From any thread."""
        for drafter in self._drafters:
            drafter.stop()

    def _is_heard(self, who: int) -> bool:
        if who == len(self._drafters) - 1 or self._shares[who] >= self.TRUSTED:
            return True
        self._passed_over[who] = (self._passed_over[who] + 1) % self.CHANCE_EVERY
        return not self._passed_over[who]
