"""A target on llama.cpp: many sessions in one batch, each with a cache of its own.

A width rule says how many tokens a forward pass of one session may have, so that the bits of its
logits do not depend on it; `engines.llama_certificate` finds the rule. Shorter passes are padded
with tokens that are forgotten again, longer ones are cut. Where the rule allows it, all sessions
share a pass; else they go one after the other, as the library cuts a mixed batch into pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tandem.engines.llama_context import Context
from tandem.engines.llama_model import Model
from tandem.engines.llama_slots import num_common
from tandem.errors import BadRequest, ContextTooLong, DeviceFault, Overloaded
from tandem.joint.ports import Rows, Step, TargetCard

# The largest micro-batch before llama.cpp changes its attention kernel (CPU).
MAX_PASS_TOKENS = 63


@dataclass(frozen=True, slots=True)
class Widths:
    """A pass of one session has `low` to `high` tokens, or `reading` tokens of its prompt.

    `is_joint`: sessions may share a pass.
    """

    low: int = 1
    high: int = MAX_PASS_TOKENS
    reading: int = MAX_PASS_TOKENS
    is_joint: bool = True


@dataclass(eq=False, slots=True)
class _Seat:
    """A sequence of the context and the tokens that its cache holds.

    `last_used` orders free seats: the one unused for longest is taken for a prompt that shares
    nothing with any.
    """

    index: int
    tokens: list[int] = field(default_factory=list[int])
    prompt: list[int] = field(default_factory=list[int])
    is_open: bool = False
    last_used: int = 0


class LlamaTarget:
    """See `tandem.joint.ports.Target`. The model stays the caller's to close."""

    def __init__(
        self,
        model: Model,
        *,
        name: str,
        tokenizer: bytes,
        num_seats: int = 4,
        context_tokens: int = 4096,
        num_threads: int = 1,
        max_width: int = 17,
        widths: Widths = Widths(),
        verdict: str = "not certified",
        flash_attention: bool = True,
    ) -> None:
        """Raises `DeviceFault` when there is no memory for the caches."""
        self._model = model
        self._context = Context(
            model,
            context_tokens=context_tokens + MAX_PASS_TOKENS,  # the last ones are for padding
            num_seqs=num_seats,
            num_threads=num_threads,
            batch_tokens=MAX_PASS_TOKENS,
            ubatch_tokens=MAX_PASS_TOKENS,
            flash_attention=flash_attention,
        )
        self._seats = [_Seat(index) for index in range(num_seats)]
        self._widths = widths
        self._uses = 0
        self._card = TargetCard(
            model=name,
            fingerprint=tokenizer,
            num_vocab=model.num_vocab,
            context_tokens=context_tokens,
            num_seats=num_seats,
            max_width=min(max_width, widths.high),
            end_ids=model.end_tokens,
            verdict=verdict,
        )

    @property
    def card(self) -> TargetCard:
        return self._card

    def bind(self, widths: Widths, verdict: str) -> None:
        """Compute by this rule from now on; all seats must be closed, all caches are forgotten."""
        self._widths = widths
        max_width = min(self._card.max_width, widths.high)
        self._card = replace(self._card, max_width=max_width, verdict=verdict)
        for seat in self._seats:
            self._forget(seat)

    def open(self, prompt: Sequence[int]) -> int:
        """A seat for the prompt: the free one whose cache shares most with it."""
        self._check(prompt)
        free = [seat for seat in self._seats if not seat.is_open]
        if not free:
            raise Overloaded(
                f"All {len(self._seats)} seats for joint decoding are taken.",
                remedy="Try again in a moment, or give the cloud more slots.",
                retry_after_seconds=1.0,
            )
        wanted = list(prompt)
        seat = max(free, key=lambda seat: _usefulness(seat, wanted))
        # The last token is always computed anew, as its row is what the first draw needs.
        common = min(num_common(seat.tokens, wanted), len(wanted) - 1)
        self._cut(seat, common)
        self._uses += 1
        seat.prompt, seat.is_open, seat.last_used = wanted, True, self._uses
        return seat.index

    def num_cached(self, seat: int) -> int:
        """How many tokens a seat's cache holds: after `open`, what it reuses."""
        return len(self._seats[seat].tokens)

    def prefill(self, seat: int, num_tokens: int) -> int:
        """Read more of the prompt; returns how many tokens of it are left."""
        place = self._opened(seat)
        end = len(place.prompt) - 1
        budget = num_tokens
        while budget > 0 and len(place.tokens) < end:
            start = len(place.tokens)
            num = self._reading_width(min(budget, end - start))
            width = max(num, self._widths.low)
            self._pass(place, place.prompt[start : start + num], num_rows=0, width=width)
            budget -= num
        return end - len(place.tokens)

    def advance(self, steps: Sequence[Step]) -> list[Rows]:
        """One pass over several seats. Raises `BadRequest` for a step longer than `max_width`."""
        for step in steps:
            self._check_step(step)
        if self._widths.is_joint:
            return self._together(steps)
        return [self._alone(step) for step in steps]

    def raw_pass(self, seat: int, tokens: Sequence[int]) -> Rows:
        """A pass of just this width, whatever the rule says: for the probe that finds the rule."""
        return self._pass(self._opened(seat), tokens, len(tokens), width=len(tokens))

    def rollback(self, seat: int, num_tokens: int) -> None:
        """Forget all but the first `num_tokens` tokens of a seat."""
        self._cut(self._opened(seat), num_tokens)

    def close(self, seat: int) -> None:
        """Give the seat back; its cache stays for the next turn of the same conversation."""
        self._seats[seat].is_open = False

    def free(self) -> None:
        """Free the caches; nothing may be asked afterwards."""
        self._context.close()

    # --- passes ----------------------------------------------------------------------------------

    def _together(self, steps: Sequence[Step]) -> list[Rows]:
        """As many steps in one pass as it takes; their rows are copied only where that is several
        passes."""
        passes: list[list[Step]] = [[]]
        num = 0
        for step in steps:
            if passes[-1] and num + len(step.tokens) > MAX_PASS_TOKENS:
                passes.append([])
                num = 0
            passes[-1].append(step)
            num += len(step.tokens)
        if len(passes) == 1:
            return self._joint(passes[0])
        return [row.copy() for part in passes for row in self._joint(part)]

    def _joint(self, steps: Sequence[Step]) -> list[Rows]:
        context = self._context
        context.clear_batch()
        places: list[slice] = []
        for step in steps:
            seat = self._seats[step.seat]
            place = context.extend(step.tokens, len(seat.tokens), seat.index)
            context.want(place)
            places.append(place)
        self._decode([self._seats[step.seat] for step in steps])
        logits = context.logits()
        for step in steps:
            self._seats[step.seat].tokens += step.tokens
        return [logits[place] for place in places]

    def _alone(self, step: Step) -> Rows:
        """A pass for one session; the rows are a copy."""
        num = len(step.tokens)
        width = max(num, self._widths.low)
        return self._pass(self._seats[step.seat], step.tokens, num, width=width).copy()

    def _pass(self, seat: _Seat, tokens: Sequence[int], num_rows: int, *, width: int) -> Rows:
        """A pass of one session padded up to `width`; the first `num_rows` rows."""
        context, start = self._context, len(seat.tokens)
        num_more = width - len(tokens)
        context.clear_batch()
        place = context.extend([*tokens, *[tokens[-1]] * num_more], start, seat.index)
        # The library computes the end of the last layer for those rows alone that are asked for:
        # all are, so that the width is the same there too. The cache does not depend on it.
        if num_rows:
            context.want(place)
        self._decode([seat])
        seat.tokens += tokens
        if num_more and not context.remove(seat.index, len(seat.tokens)):
            raise _cannot_forget()
        rows: Rows = context.logits() if num_rows else np.empty((0, 0), np.float32)
        return rows[:num_rows]

    def _reading_width(self, num_left: int) -> int:
        """How many tokens of a prompt the next pass reads."""
        reading, high = self._widths.reading, self._widths.high
        return reading if num_left >= reading else min(num_left, high)

    def _decode(self, seats: Sequence[_Seat]) -> None:
        """Run the batch; after a fault nobody can vouch for the caches that took part."""
        try:
            is_whole = self._context.decode()
        except DeviceFault:
            for seat in seats:
                self._forget(seat)
            raise
        if not is_whole:
            self._context.go()
            for seat in seats:
                self._forget(seat)
            raise DeviceFault("The forward pass was interrupted.")

    # --- caches ----------------------------------------------------------------------------------

    def _cut(self, seat: _Seat, num_tokens: int) -> None:
        if num_tokens >= len(seat.tokens):
            return
        if not self._context.remove(seat.index, num_tokens):
            raise _cannot_forget()
        del seat.tokens[num_tokens:]

    def _forget(self, seat: _Seat) -> None:
        self._context.remove(seat.index, 0)
        seat.tokens.clear()

    def _opened(self, index: int) -> _Seat:
        if not 0 <= index < len(self._seats) or not self._seats[index].is_open:
            raise BadRequest("This seat is not open.")
        return self._seats[index]

    def _check(self, prompt: Sequence[int]) -> None:
        if not prompt:
            raise BadRequest("The prompt is empty.")
        if len(prompt) >= self._card.context_tokens:
            raise ContextTooLong(
                f"The prompt has {len(prompt)} tokens; {self._card.model} takes "
                f"{self._card.context_tokens} with its answer.",
                remedy="Shorten it or start a new conversation.",
                param="messages",
            )
        self._check_ids(prompt)

    def _check_ids(self, tokens: Sequence[int]) -> None:
        if min(tokens) < 0 or max(tokens) >= self._card.num_vocab:
            raise BadRequest("A token id is not in the vocabulary.")

    def _check_step(self, step: Step) -> None:
        seat = self._opened(step.seat)
        if not 1 <= len(step.tokens) <= self._card.max_width:
            raise BadRequest(f"A step has 1 to {self._card.max_width} tokens.")
        self._check_ids(step.tokens)
        if len(seat.tokens) + len(step.tokens) > self._card.context_tokens:
            raise ContextTooLong("The session is at the end of the model's context.")
        if len(seat.tokens) < len(seat.prompt) - 1:
            raise BadRequest("The prompt is not read yet.")


def _usefulness(seat: _Seat, prompt: list[int]) -> tuple[int, int]:
    """A cache that shares little is as good as none: then the seat unused for longest is better."""
    common = num_common(seat.tokens, prompt)
    is_shared = 2 * common >= min(len(seat.tokens), len(prompt))
    return (common if is_shared else 0, -seat.last_used)


def _cannot_forget() -> DeviceFault:
    return DeviceFault(
        "This model's memory cannot forget a part, so it cannot verify drafts.",
        remedy="Choose a model without recurrent layers.",
    )
