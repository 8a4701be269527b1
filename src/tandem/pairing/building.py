"""Joins the parts of joint decoding, on either side; for `bootstrap` alone.

What is built for the device touches the network: it must stand inside the door.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from tandem.engines.llama import LlamaEngine
from tandem.engines.llama_certificate import certify
from tandem.engines.llama_drafter import LlamaDrafter
from tandem.engines.llama_model import Model
from tandem.engines.llama_target import LlamaTarget
from tandem.engines.paced import PacedTarget
from tandem.gguf_header import fingerprint, read_header
from tandem.joint.lookup import InOrder, LookupDrafter
from tandem.joint.ports import Drafter
from tandem.joint.protocol import VERSION
from tandem.joint.scoring import Scores
from tandem.joint.stock import VLLM, SGLang
from tandem.joint.verifying import Verifier
from tandem.pairing.cards import CloudCard, Pairing
from tandem.pairing.drafters import Drafters
from tandem.pairing.hall import VerifyingHall
from tandem.pairing.prompting import Prompting
from tandem.pairing.remote import JointRemote, Manner
from tandem.pairing.stock_remote import Posting, PredictedRemote, StockRemote
from tandem.ports import Clock, Engine, Judge, Remote
from tandem.types import Answer, Finish, Outgoing, Request, Usage

# Drafts of more than 16 are hardly ever all right; one more position is the cloud's own token.
MAX_WIDTH = 17


async def open_hall(
    engine: LlamaEngine,
    file: Path,
    *,
    num_seats: int,
    num_threads: int,
    canonical_width: int,
    pass_seconds: float,
    clock: Clock,
    judge: Judge | None = None,
) -> VerifyingHall:
    """A hall on the engine's weights, probed; close it before the engine. `judge` reads each
    answer, and what it says goes along with the answer's end.

    `pass_seconds` above 0 slows every pass down to it. Raises `BadModel` and `DeviceFault`.
    """
    model = await engine.weights()
    header = read_header(file)
    target = LlamaTarget(
        model,
        name=engine.card.model,
        tokenizer=bytes.fromhex(header.tokenizer),
        num_seats=num_seats,
        context_tokens=engine.card.context_tokens or header.context_tokens,
        num_threads=num_threads,
        max_width=MAX_WIDTH,
    )
    threads = f"{num_threads} thread{'s' * (num_threads > 1)}"
    where = f"xllamacpp {model.library.version}, {platform.machine()}, {threads}"
    probe = partial(certify, target, engine=where, canonical_width=canonical_width)
    certificate = await asyncio.to_thread(probe)
    card = CloudCard(
        protocol=VERSION,
        model=engine.card.model,
        weights=fingerprint(file),
        tokenizer=header.tokenizer,
        template=model.chat_template,
        end_token=model.eos,
        context_tokens=target.card.context_tokens,
        certified=certificate.words,
    )
    paced = PacedTarget(target, pass_seconds) if pass_seconds else target
    judged = None if judge is None else partial(_judged, judge)
    verifier = Verifier(target.card, pass_seconds=pass_seconds or 0.03, judge=judged)
    return VerifyingHall(paced, verifier, card, clock, free=target.free)


@dataclass(frozen=True, slots=True)
class Drafting:
    """What drafts: a model file, `device` the engine that has it loaded (`None` loads it once
    more), for at most `num` sessions at a time; with `has_lookup` the conversation's own past
    drafts first."""

    file: Path
    device: Callable[[], Awaitable[Engine]] | None
    num: int
    num_threads: int
    has_lookup: bool


def _judged(judge: Judge, scores: Scores) -> tuple[float | None, float | None]:
    """Confidence and threshold, by the judge of the plain answers."""
    usage = Usage(output_tokens=len(scores.answer), prompt_logprobs=scores.question)
    text = "".join(each.text for each in scores.answer)
    verdict = judge.accept(Request(()), Answer(text, (), scores.answer, Finish("stop", usage)))
    return verdict.confidence, verdict.threshold


def joint_remote(
    plain: Remote,
    pairings: Sequence[Pairing],
    *,
    drafting: Drafting,
    record: Callable[[Outgoing], None],
    clock: Clock,
    manner: Manner,
) -> Remote:
    """The paired cloud, jointly where the drafter's file has its tokenizer; else `plain` itself.
    Raises `BadModel`.
    """
    header = read_header(drafting.file)
    card = pairings[0].card
    if header.tokenizer != card.tokenizer or card.protocol != VERSION:
        return plain
    return JointRemote(
        plain,
        pairings,
        vocabulary=partial(Model, drafting.file, vocabulary_only=True),
        drafters=_drafters(drafting, min(card.context_tokens, header.context_tokens)),
        record=record,
        clock=clock,
        manner=manner,
    )


def stock_remote(
    plain: Posting,
    kind: Literal["sglang", "vllm", "predicted"],
    model: str,
    *,
    drafting: Drafting,
    record: Callable[[Outgoing], None],
    clock: Clock,
) -> Remote:
    """A stock server that verifies drafts as `kind` does. The drafter's file must have the
    tokenizer and the template of the server's `model`. Raises `BadModel`.
    """
    prompting = Prompting(
        partial(Model, drafting.file, vocabulary_only=True),
        lambda vocabulary: vocabulary.chat_template,
        None,
        clock,
    )
    drafters = _drafters(drafting, read_header(drafting.file).context_tokens)
    if kind == "predicted":
        return PredictedRemote(
            plain, prompting=prompting, drafters=drafters, record=record, clock=clock
        )
    verifier = SGLang() if kind == "sglang" else VLLM(model)
    return StockRemote(
        plain, verifier, prompting=prompting, drafters=drafters, record=record, clock=clock
    )


def _drafters(drafting: Drafting, context_tokens: int) -> Drafters:
    tokenizer = bytes.fromhex(read_header(drafting.file).tokenizer)
    loaded: list[Model] = []

    async def weights() -> Model:
        engine = await drafting.device() if drafting.device is not None else None
        if isinstance(engine, LlamaEngine):
            return await engine.weights()
        if not loaded:
            loaded.append(await asyncio.to_thread(Model, drafting.file))
        return loaded[0]

    async def drafter() -> LlamaDrafter:
        return LlamaDrafter(
            await weights(),
            name=drafting.file.stem,
            tokenizer=tokenizer,
            context_tokens=context_tokens,
            num_threads=drafting.num_threads,
        )

    def together(model: LlamaDrafter | None) -> Drafter | None:
        if not drafting.has_lookup:
            return model
        past = LookupDrafter(tokenizer)
        return past if model is None else InOrder([past, model])

    return Drafters(drafter, drafting.num, together)
