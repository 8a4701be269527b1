"""What joint decoding asks of its parts: a target, a drafter, a link. Protocols only.

The same promises as tests are in `tests/contracts/joint_contract.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tandem.joint.coupling import Draw

Rows = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class TargetCard:
    """What a target is, as the handshake tells it.

    `fingerprint` is of the tokenizer: both sides must have the same. `verdict` is what the
    certificate says: "certified" (same bits at every width up to `max_width`), "canonical" (made
    exact by passes of one fixed width) or "not certified". `num_seats` sessions may be open at
    once, each of at most `context_tokens` tokens, prompt included. `max_width` is the longest step
    of one session. After one of `end_ids` the answer is over. `has_branches`: a step may also look
    at tokens beside its chain, as engines with tree attention can.
    """

    model: str
    fingerprint: bytes
    num_vocab: int
    context_tokens: int
    num_seats: int
    max_width: int
    end_ids: frozenset[int] = frozenset()
    verdict: str = "not certified"
    has_branches: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One session's share of a pass: its last tokens that are not in the cache yet, then drafts.

    `branches`, for targets that have them: (at, token) stands beside `tokens[at + 1]`, after
    `tokens[: at + 1]`.
    """

    seat: int
    tokens: Sequence[int]
    branches: Sequence[tuple[int, int]] = ()


class Target(Protocol):
    """The model whose text it is. Blocking; used by one thread at a time, never two.

    A seat is one session: a prompt and what was committed after it. `open` is quick: it takes a
    seat (raises `Overloaded` when none is free, `ContextTooLong`, `BadRequest` for ids outside
    the vocabulary) and may reuse a prefix that is still in a cache. `prefill` reads at most
    `num_tokens` of all but the last token of the prompt and returns how many are left; a seat can
    advance when none is. `advance` runs one pass over the steps of several seats and returns, per
    step, logits of shape (number of its tokens, vocabulary): row i is the law after
    `tokens[: i + 1]`, and one more row per branch follows. Rows are valid only until the next
    call. All `tokens` of a step, but no branch, are then in the seat's cache; `rollback` keeps the
    first `num_tokens`, prompt included. Rows depend on the tokens before them alone, not on the
    widths or seats of the pass: a certificate says so.
    """

    @property
    def card(self) -> TargetCard: ...

    def open(self, prompt: Sequence[int]) -> int: ...

    def prefill(self, seat: int, num_tokens: int) -> int: ...

    def advance(self, steps: Sequence[Step]) -> list[Rows]: ...

    def rollback(self, seat: int, num_tokens: int) -> None: ...

    def close(self, seat: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Guess:
    """A guessed token, the runner-up (for the hedge) and, where known, how likely it is right."""

    token: int
    second: int | None = None
    confidence: float | None = None


class Drafter(Protocol):
    """Guesses what the target will say, with the same noise. Blocking, one thread at a time.

    `start` begins a text: prompt and the rule of drawing. `observe` appends committed tokens.
    `propose` guesses at most `num` tokens after the committed text and `path`, in order; fewer,
    even none, when it has nothing to say (an n-gram that was never seen). The position of the
    first guess, which keys its noise, is the number of committed tokens plus the length of `path`.
    Calls with other paths may alternate: `propose` neither commits nor forgets anything that
    changes a later guess. `stop`, from any thread, cuts short the `propose` that runs now: it
    returns what it has. `fingerprint` is of its tokenizer. `is_free` says that guesses cost no time
    worth planning with.
    """

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> bytes: ...

    @property
    def is_free(self) -> bool: ...

    def start(self, prompt: Sequence[int], draw: Draw) -> None: ...

    def observe(self, ids: Sequence[int]) -> None: ...

    def propose(self, path: Sequence[int], num: int) -> list[Guess]: ...

    def stop(self) -> None: ...


class Link(Protocol):
    """Frames to the other side and back, over one WebSocket or in a test's memory.

    `send` queues a frame and returns at once; it is silent on a broken link. `is_congested` says
    that the other side does not read. `receive` returns the next frame and `None` once the link is
    gone, for whatever reason.
    """

    @property
    def is_congested(self) -> bool: ...

    def send(self, frame: bytes) -> None: ...

    async def receive(self) -> bytes | None: ...

    async def aclose(self) -> None: ...
