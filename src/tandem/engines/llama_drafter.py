"""A drafter on llama.cpp: a small model guesses what the target will say, with the same noise.

The device's numerics need not equal the cloud's: they change how often a guess is right, never the
text. One cache follows the text; a guess after another path cuts it back to what the two share.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tandem.engines.llama_context import Context
from tandem.engines.llama_model import Model
from tandem.engines.llama_slots import num_common
from tandem.errors import DeviceFault
from tandem.joint.coupling import Draw, best_two
from tandem.joint.ports import Guess, Rows

PASS_TOKENS = 63


class LlamaDrafter:
    """See `tandem.joint.ports.Drafter`. The model stays the caller's to close.

    It says nothing more where its own context is full: then the target goes on alone.
    """

    is_free = False

    def __init__(
        self,
        model: Model,
        *,
        name: str,
        tokenizer: bytes,
        context_tokens: int = 4096,
        num_threads: int = 1,
    ) -> None:
        """Raises `DeviceFault` when there is no memory for the cache."""
        self.name = name
        self.fingerprint = tokenizer
        self._ends = model.end_tokens
        self._context = Context(
            model,
            context_tokens=context_tokens,
            num_threads=num_threads,
            batch_tokens=PASS_TOKENS,
            ubatch_tokens=PASS_TOKENS,
        )
        self._limit = context_tokens
        self._prompt_length = 0
        self._text: list[int] = []
        self._held: list[int] = []
        self._draw = Draw()
        self._is_stopped = False

    def start(self, prompt: Sequence[int], draw: Draw) -> None:
        """Begin a text; what the cache shares with it is kept."""
        self._text = list(prompt)
        self._prompt_length = len(prompt)
        self._draw = draw

    def observe(self, ids: Sequence[int]) -> None:
        """The text grew."""
        self._text += ids

    def propose(self, path: Sequence[int], num: int) -> list[Guess]:
        """Guess on after `path`, until an end token. Raises `DeviceFault`."""
        self._is_stopped = False
        wanted = [*self._text, *path]
        num = min(num, self._limit - len(wanted))
        if num < 1 or (path and path[-1] in self._ends):
            return []
        guesses: list[Guess] = []
        while True:
            guess = self._guess(self._row_after(wanted), len(wanted) - self._prompt_length)
            guesses.append(guess)
            if len(guesses) == num or guess.token in self._ends or self._is_stopped:
                return guesses
            wanted.append(guess.token)

    def stop(self) -> None:
        """From any thread: let the guess that is being made be the last of this `propose`."""
        self._is_stopped = True

    def free(self) -> None:
        """Free the cache; nothing may be asked afterwards."""
        self._context.close()

    def _guess(self, row: Rows, position: int) -> Guess:
        token, second = best_two(row, self._draw, position)
        # The draft's own probability of its guess: how likely the target says the same.
        confidence = 1.0 / float(np.exp(row - row[token]).sum(dtype=np.float64))
        return Guess(token, second, confidence if math.isfinite(confidence) else 0.0)

    def _row_after(self, wanted: list[int]) -> Rows:
        """The logits after these tokens; the cache holds exactly them afterwards."""
        context = self._context
        # The last token is always read anew, since its row is what is asked for.
        common = min(num_common(self._held, wanted), len(wanted) - 1)
        if common < len(self._held):
            if not context.remove(0, common):
                context.remove(0, 0)
                common = 0
            del self._held[common:]
        for start in range(common, len(wanted), PASS_TOKENS):
            tokens = wanted[start : start + PASS_TOKENS]
            context.clear_batch()
            place = context.extend(tokens, start, 0)
            context.want(slice(place.stop - 1, place.stop))
            if not context.decode():
                context.go()
                context.remove(0, 0)
                self._held.clear()
                raise DeviceFault("The draft model's forward pass was interrupted.")
            self._held += tokens
        return context.logits()[0]
