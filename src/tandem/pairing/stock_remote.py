"""A stock server as a Remote: the device drafts, and one request a round verifies.

SGLang and vLLM tell the likeliest tokens after each of ours, and the device draws with them; OpenAI
takes one draft of the whole answer. Each round waits for its answer, so these reach what
synchronous drafting can: the planner counts the round trips and leaves the answer to the server's
own stream where that is faster. Their bits depend on the server's batch, which nobody certifies.

What leaves first is what the door saw: the prompt without a draft. Drafts leave under the same
consent, as in `pairing.remote`, with a record before the first and one of all of them.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Protocol

from tandem.engines.llama_text import Text
from tandem.errors import CloudBroken
from tandem.joint.coupling import Draw
from tandem.joint.planning import Measured, best_run, plan_for
from tandem.joint.ports import Drafter
from tandem.joint.stock import (
    PREDICTION,
    StockVerifier,
    can_draw,
    check_law,
    verified,
    with_prediction,
)
from tandem.pairing.drafters import Drafters
from tandem.pairing.prompting import ASSUMED_OUTPUT_TOKENS, Prompting, draw_of, fits
from tandem.ports import Clock, EmbeddingRemote, Remote
from tandem.types import (
    EngineCard,
    Event,
    Finish,
    JointWork,
    Mark,
    Outgoing,
    Request,
    TextDelta,
    Usage,
)

_LEARN = 0.2
_TRY_EVERY = 8  # answers that the stream gives, after which drafting is tried again
ALONE_TOKENS = 16  # guesses at a time, for a prediction


class Posting(Remote, EmbeddingRemote, Protocol):
    """The plain remote of the same server, which also posts to its other calls."""

    def encode_json(self, path: str, body: bytes) -> Outgoing: ...

    async def send_json(
        self, outgoing: Outgoing, deadline_seconds: float | None = None
    ) -> tuple[bytes, Usage]: ...


class _Stock:
    """What both kinds share: the plain remote, the vocabulary, drafters and records."""

    def __init__(
        self,
        plain: Posting,
        *,
        prompting: Prompting,
        drafters: Drafters,
        record: Callable[[Outgoing], None],
        clock: Clock,
    ) -> None:
        self._plain = plain
        self._prompting = prompting
        self._drafters = drafters
        self._record = record
        self._clock = clock

    @property
    def card(self) -> EngineCard:
        return self._plain.card

    def encode_embedding(self, texts: Sequence[str]) -> Outgoing:
        """As the plain remote."""
        return self._plain.encode_embedding(texts)

    async def send_embedding(
        self, outgoing: Outgoing, num_texts: int
    ) -> tuple[list[list[float]], int]:
        """As the plain remote."""
        return await self._plain.send_embedding(outgoing, num_texts)

    async def aclose(self) -> None:
        """Close drafters, vocabulary and connections."""
        await self._drafters.aclose()
        self._prompting.close()
        await self._plain.aclose()


@dataclass(slots=True)
class _Answer:
    """One answer on its way."""

    prompt: list[int]
    draw: Draw
    text: Text
    max_tokens: int
    ids: list[int] = field(default_factory=list[int])
    is_ended: bool = False
    rounds: int = 0
    positions: int = 0
    drafted: int = 0
    accepted: int = 0
    num_bytes_out: int = 0
    num_bytes_in: int = 0
    drafts_sent: list[bytes] = field(default_factory=list[bytes])


class StockRemote(_Stock):
    """See `tandem.ports.Remote`. Requests whose law needs more tokens than the server tells, and
    those that ids alone cannot answer, go by the plain stream."""

    def __init__(
        self,
        plain: Posting,
        verifier: StockVerifier,
        *,
        prompting: Prompting,
        drafters: Drafters,
        record: Callable[[Outgoing], None],
        clock: Clock,
    ) -> None:
        super().__init__(plain, prompting=prompting, drafters=drafters, record=record, clock=clock)
        self._verifier = verifier
        # No way at all to begin with: rounds are tried, and what they take is then known.
        self.measured = Measured(round_trip=0.0, is_synchronous=True)
        self._num_left_out = 0

    def encode(self, request: Request) -> Outgoing:
        """The first round's request, without a draft. Pure but for opening the vocabulary."""
        if not fits(request) or not can_draw(draw_of(request.sampling)):
            return self._plain.encode(request)
        ids = self._prompting.prompt(request).tokens
        outgoing = self._plain.encode_json(self._verifier.path, self._verifier.body(ids, ()))
        return replace(outgoing, shown=self._prompting.model.shown(ids))

    async def send(self, outgoing: Outgoing, request: Request) -> AsyncGenerator[Event, None]:
        """In rounds, or by the server's stream where that is faster. Raises `CloudFault`s."""
        if not outgoing.url.endswith(self._verifier.path):
            events = self._streamed(outgoing, request)
        elif not self._pays():
            plain = self._plain.encode(request)
            self._record(plain)
            events = self._streamed(plain, request)
        else:
            events = self._in_rounds(outgoing, request)
        async with aclosing(events) as told:
            async for event in told:
                yield event

    def _pays(self) -> bool:
        """Whether rounds are faster than the stream, by all that was measured; now and then they
        are tried all the same."""
        if plan_for(self.measured).plan.is_on:
            return True
        self._num_left_out = (self._num_left_out + 1) % _TRY_EVERY
        return not self._num_left_out

    async def _streamed(self, outgoing: Outgoing, request: Request) -> AsyncGenerator[Event, None]:
        """The plain stream; its pace is what rounds are measured against."""
        first = last = self._clock.monotonic()
        num = 0
        async with aclosing(self._plain.send(outgoing, request)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    last = self._clock.monotonic()
                    first, num = (first, num + 1) if num else (last, 1)
                yield event
        if num > 4:
            self._learn_pass((last - first) / (num - 1))

    def _learn_pass(self, seconds: float) -> None:
        measured = self.measured
        whole = measured.round_trip + measured.pass_seconds
        measured.pass_seconds += _LEARN * (max(1e-4, seconds) - measured.pass_seconds)
        measured.round_trip = max(0.0, whole - measured.pass_seconds)

    async def _in_rounds(self, outgoing: Outgoing, request: Request) -> AsyncGenerator[Event, None]:
        started = self._clock.monotonic()
        answer = self._begun(outgoing, request)
        drafter = await self._drafters.lease()
        first: float | None = None
        try:
            if drafter is not None:
                drafter.start(answer.prompt, answer.draw)
            drafts: list[int] = []
            while not answer.is_ended and len(answer.ids) < answer.max_tokens:
                left = None
                if request.deadline_seconds is not None:
                    left = request.deadline_seconds - (self._clock.monotonic() - started)
                ids = await self._round(answer, outgoing, drafts, left)
                delta = self._said(answer, ids, drafts)
                if delta is not None:
                    if first is None:
                        first = self._clock.monotonic() - started
                    yield delta
                if not answer.is_ended:
                    drafts = await self._drafted(answer, drafter, ids)
            is_stopped = answer.text.end()
            rest = answer.text.take()
            if rest is not None and rest.text:
                yield TextDelta(rest.text, marks=((rest.text, Mark.BONUS),))
        finally:
            self._drafters.release(drafter)
            if answer.drafts_sent:
                body = b"\n".join(answer.drafts_sent)
                self._record(Outgoing("DRAFTS", outgoing.url, (), body))
        seconds = self._clock.monotonic() - started
        usage = self._usage(answer, first, seconds)
        yield Finish("stop" if answer.is_ended or is_stopped else "length", usage)

    def _begun(self, outgoing: Outgoing, request: Request) -> _Answer:
        draw = draw_of(request.sampling)
        check_law(draw)
        if request.sampling.seed is None:
            draw = replace(draw, seed=secrets.randbits(63))
        return _Answer(
            self._verifier.text(outgoing.body),
            draw,
            self._prompting.text(request.sampling),
            request.sampling.max_output_tokens or ASSUMED_OUTPUT_TOKENS,
        )

    async def _round(
        self, answer: _Answer, opening: Outgoing, drafts: list[int], left: float | None
    ) -> list[int]:
        """One request: the target's own next ids."""
        text = [*answer.prompt, *answer.ids]
        outgoing = opening
        if answer.ids:
            outgoing = self._plain.encode_json(
                self._verifier.path, self._verifier.body(text, drafts)
            )
        if drafts:
            if not answer.drafts_sent:
                self._record(Outgoing("DRAFT", outgoing.url, (), outgoing.body))
            answer.drafts_sent.append(outgoing.body)
        body, took = await self._plain.send_json(outgoing, left)
        rows = self._verifier.rows(body, len(text), len(drafts))
        num_vocab = self._prompting.model.num_vocab
        if max(max(row.ids) for row in rows) >= num_vocab:
            raise CloudBroken(
                f"{self._verifier.card.name} tells ids that the device's model does not have.",
                remedy="Set joint.drafter to a model with the cloud model's tokenizer.",
            )
        answer.rounds += 1
        answer.positions += len(drafts) + 1
        answer.drafted += len(drafts)
        answer.num_bytes_out += took.num_bytes_out
        answer.num_bytes_in += took.num_bytes_in
        if answer.rounds > 1:  # the first one reads the prompt
            measured = self.measured
            passes = measured.pass_seconds * (1.0 + measured.position_share * len(drafts))
            trip = max(0.0, took.seconds - passes)
            measured.round_trip += _LEARN * (trip - measured.round_trip)
        return verified(rows, drafts, answer.draw, len(answer.ids))

    def _said(self, answer: _Answer, ids: list[int], drafts: list[int]) -> TextDelta | None:
        """What these ids add to the text, each piece with how it came about."""
        marks: list[tuple[str, Mark]] = []
        model, ends = self._prompting.model, self._prompting.end_ids
        for at, token in enumerate(ids[: answer.max_tokens - len(answer.ids)]):
            mark = Mark.BONUS
            if at < len(drafts):
                mark = Mark.ACCEPTED if token == drafts[at] else Mark.RECOVERED
                self._learn_draft(mark is Mark.ACCEPTED)
            if token in ends:
                answer.is_ended = True
                break
            answer.ids.append(token)
            answer.accepted += mark is Mark.ACCEPTED
            answer.is_ended = answer.text.add(model.piece(token))
            delta = answer.text.take()
            if delta is not None and delta.text:
                marks.append((delta.text, mark))
            if answer.is_ended:
                break
        text = "".join(piece for piece, _ in marks)
        return TextDelta(text, marks=tuple(marks)) if text else None

    def _learn_draft(self, is_right: bool) -> None:
        self.measured.acceptance += 0.05 * (is_right - self.measured.acceptance)

    async def _drafted(self, answer: _Answer, drafter: Drafter | None, ids: list[int]) -> list[int]:
        """The next round's draft: as long as the planner says."""
        left = answer.max_tokens - len(answer.ids) - 1
        if drafter is None or left < 1:
            return []
        drafter.observe(ids)
        num = min(left, best_run(self.measured).plan.run)
        before = self._clock.monotonic()
        guesses = await asyncio.to_thread(drafter.propose, (), num)
        if guesses:
            each = (self._clock.monotonic() - before) / len(guesses)
            self.measured.draft_seconds += _LEARN * (each - self.measured.draft_seconds)
        return [guess.token for guess in guesses]

    def _usage(self, answer: _Answer, first: float | None, seconds: float) -> Usage:
        work = JointWork(
            passes=answer.rounds,
            positions=answer.positions,
            drafted=answer.drafted,
            accepted=answer.accepted,
            certified=f"not certified: {self._verifier.card.words}",
        )
        return Usage(
            input_tokens=len(answer.prompt),
            output_tokens=len(answer.ids),
            num_bytes_out=answer.num_bytes_out,
            num_bytes_in=answer.num_bytes_in,
            seconds_to_first_token=first,
            seconds=seconds,
            joint=work,
        )


class PredictedRemote(_Stock):
    """See `tandem.ports.Remote`. The device drafts a whole answer, which goes along as OpenAI's
    predicted output; the text is the server's, and tokens that were guessed wrong are billed."""

    def encode(self, request: Request) -> Outgoing:
        """The plain request; the prediction has a record of its own."""
        return self._plain.encode(request)

    async def send(self, outgoing: Outgoing, request: Request) -> AsyncGenerator[Event, None]:
        """Draft, then ask once. Raises `CloudFault`s."""
        draft = await self._draft(request) if fits(request) else ""
        if draft:
            body = with_prediction(outgoing.body, draft)
            headers = tuple(
                (name, str(len(body)) if name == "Content-Length" else value)
                for name, value in outgoing.headers
            )
            outgoing = replace(outgoing, body=body, headers=headers)
            self._record(Outgoing("DRAFTS", outgoing.url, (), draft.encode()))
        async with aclosing(self._plain.send(outgoing, request)) as events:
            async for event in events:
                if isinstance(event, Finish) and event.usage.joint is not None:
                    words = f"not certified: {PREDICTION.words}"
                    work = replace(event.usage.joint, certified=words)
                    event = replace(event, usage=replace(event.usage, joint=work))
                yield event

    async def _draft(self, request: Request) -> str:
        """The device's own answer, as far as it goes."""
        drafter = await self._drafters.lease()
        try:
            model = self._drafters.model(drafter)
            if model is None:
                return ""
            text = self._prompting.text(request.sampling)
            model.start(self._prompting.prompt(request).tokens, draw_of(request.sampling))
            left = request.sampling.max_output_tokens or ASSUMED_OUTPUT_TOKENS
            said: list[str] = []
            is_over = False
            while left > 0 and not is_over:
                guesses = await asyncio.to_thread(model.propose, (), min(left, ALONE_TOKENS))
                ids = [guess.token for guess in guesses]
                model.observe(ids)
                left -= len(ids)
                is_over = not ids
                for token in ids:
                    is_over = is_over or token in self._prompting.end_ids
                    is_over = is_over or text.add(self._prompting.model.piece(token))
                    if is_over:
                        break
                delta = text.take()
                said.append(delta.text if delta is not None else "")
            return "".join(said)
        finally:
            self._drafters.release(drafter)
