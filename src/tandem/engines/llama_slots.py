"""What a stream wants, how far it is, and which slot saves it most work. Computes nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from tandem.engines.llama_model import Grammar
from tandem.engines.llama_sampling import Draw
from tandem.engines.llama_text import Text
from tandem.errors import TandemError
from tandem.types import Finish, TextDelta

Item = TextDelta | Finish | TandemError


@dataclass(frozen=True, slots=True)
class Work:
    """What a stream is to do, in tokens.

    The question is `prompt[question_start:question_end]`; its probabilities are read when
    `reads_question`. `num_logprobs` is the number of alternatives per output token, or `None`.
    """

    prompt: list[int]
    max_output_tokens: int
    draw: Draw = Draw()
    stop: tuple[str, ...] = ()
    num_logprobs: int | None = None
    grammar: str | None = None
    question_start: int = 0
    question_end: int = 0
    reads_question: bool = False
    conversation_id: str | None = None


@dataclass(eq=False, slots=True)
class Job:
    """One stream's work and the way back to whoever asked. `post` is called in the worker."""

    work: Work
    post: Callable[[Item], None]
    started: float  # seconds, of the clock that time.monotonic reads
    is_cancelled: bool = False


@dataclass(eq=False, slots=True)
class Running:
    """A job that has a slot: how far it is."""

    job: Job
    text: Text
    grammar: Grammar | None
    num_cached: int
    num_done: int  # prompt tokens already decoded or in this batch
    num_held: int  # tokens in the slot before this batch
    row: int = -1  # its row of logits in this batch, -1 when it wants none
    question_rows: range = range(0)
    question_places: range = range(0)
    token: int = -1  # the newest token, not yet decoded
    num_output: int = 0
    partial: bytes = b""  # with a grammar: the beginning of a character not yet whole
    said: dict[int, int] = field(default_factory=dict[int, int])
    first_seconds: float | None = None
    flushed: float = 0.0

    @property
    def is_prefilling(self) -> bool:
        return self.num_done < len(self.job.work.prompt)


@dataclass(eq=False, slots=True)
class Slot:
    """A sequence of the context: which tokens its KV cache holds, and who uses it.

    `logprobs[i]` is the probability of `tokens[i]` after the ones before, NaN where never read.
    """

    index: int
    tokens: list[int] = field(default_factory=list[int])
    logprobs: list[float] = field(default_factory=list[float])
    conversation_id: str | None = None
    used: float = 0.0
    running: Running | None = None


def num_common(one: list[int], other: list[int]) -> int:
    num = min(len(one), len(other))
    if one[:num] == other[:num]:
        return num
    return next(i for i in range(num) if one[i] != other[i])


def num_reusable(slot: Slot, work: Work) -> int:
    """How many of the slot's tokens this prompt can keep.

    The last prompt token is always decoded again, since its logits are needed; so is the token
    before any question token whose probability was never read.
    """
    common = min(num_common(slot.tokens, work.prompt), len(work.prompt) - 1)
    if work.reads_question:
        for place in range(max(1, work.question_start), min(work.question_end, common + 1)):
            is_known = place < common and not math.isnan(slot.logprobs[place])
            if not is_known:
                return place - 1
    return common


def best_slot(free: list[Slot], work: Work) -> Slot:
    """The slot that saves most: the same conversation's, or one whose cache is mostly shared;
    otherwise an empty one or the one unused for longest."""

    def saved(slot: Slot) -> tuple[bool, int, float]:
        common = num_common(slot.tokens, work.prompt)
        is_same = slot.conversation_id is not None and slot.conversation_id == work.conversation_id
        is_shared = is_same or 2 * common >= min(len(slot.tokens), len(work.prompt))
        useful = common if is_shared and common else 0
        return (is_same and common > 0, useful, -slot.used if slot.tokens else math.inf)

    return max(free, key=saved)
