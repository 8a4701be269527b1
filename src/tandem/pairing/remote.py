"""A paired cloud as a Remote: jointly where that is possible, else as the plain stream it also is.

`encode` makes the opening frame: the conversation as the cloud's own token ids, through the cloud's
own template, which the pairing keeps. Token ids are text, so the door decides over them as over any
other; `Outgoing.shown` is what they say. What the device drafts later leaves under the same consent
and has records of its own: one before the first draft leaves, one of all drafts in the end.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from tandem.engines.llama_model import Model
from tandem.errors import CloudBroken, CloudFault, CloudTimeout, Unsupported
from tandem.joint.device import Device
from tandem.joint.device_loop import DeviceLoop
from tandem.joint.ports import Drafter
from tandem.joint.protocol import Close, Limits, Open, id_bits
from tandem.joint.wire import decode, encode
from tandem.pairing.answering import Answering, Words
from tandem.pairing.cards import Pairing
from tandem.pairing.drafters import Drafters
from tandem.pairing.prompting import ASSUMED_OUTPUT_TOKENS, Prompting, draw_of, fits
from tandem.pairing.reaching import TEXT_HEADER, Reaching
from tandem.pairing.watching import Watch
from tandem.ports import Clock, EmbeddingRemote, Remote
from tandem.types import (
    Decided,
    EngineCard,
    Event,
    Finish,
    JointWork,
    Outgoing,
    Request,
    Ruling,
    TextDelta,
    Usage,
    Verdict,
)

METHOD = "JOINT"  # in records and previews: an upgrade and the frames after it
NO_SESSION = bytes(16)


@dataclass(frozen=True, slots=True)
class Manner:
    """How to answer jointly; see the settings of the same names."""

    economy: float = 0.0
    resume_seconds: float = 5.0
    allow_unverified: bool = False
    total_seconds: float = 300.0


class JointRemote:
    """See `tandem.ports.Remote`. `vocabulary` opens a model file that has the cloud's tokenizer;
    `pairings`: the cloud, then its replicas; `record` keeps a departure before it leaves."""

    def __init__(
        self,
        plain: Remote,
        pairings: Sequence[Pairing],
        *,
        vocabulary: Callable[[], Model],
        drafters: Drafters,
        record: Callable[[Outgoing], None],
        clock: Clock,
        manner: Manner = Manner(),
    ) -> None:
        self._plain = plain
        self._pairings = pairings
        card = pairings[0].card
        self._prompting = Prompting(vocabulary, lambda _: card.template, card.end_token, clock)
        self._drafters = drafters
        self._record = record
        self._clock = clock
        self._manner = manner

    @property
    def card(self) -> EngineCard:
        return self._plain.card

    def encode(self, request: Request) -> Outgoing:
        """The request as it would leave: pure but for opening the vocabulary at the first call.

        The session's number and an unwanted seed are drawn when it is sent; they tell nothing.
        """
        if not fits(request):
            return self._plain.encode(request)
        asked = self._prompting.prompt(request)
        prompt = asked.tokens
        card = self._pairings[0].card
        num_free = card.context_tokens - len(prompt)
        if num_free < 1:
            return self._plain.encode(request)
        opening = Open(
            session=NO_SESSION,
            fingerprint=bytes.fromhex(card.tokenizer),
            draw=draw_of(request.sampling),
            prompt=tuple(prompt),
            max_tokens=min(request.sampling.max_output_tokens or ASSUMED_OUTPUT_TOKENS, num_free),
            economy=self._manner.economy,
            id_bits=id_bits(self._prompting.model.num_vocab),
            question=(asked.question_start, asked.question_end),
        )
        parts = urlsplit(self._pairings[0].url)
        headers = (("Host", parts.netloc), (TEXT_HEADER, card.text_print))
        return Outgoing(
            METHOD,
            f"{self._pairings[0].url}/joint",
            headers,
            encode(opening),
            "of the pairing",
            shown=self._prompting.model.shown(prompt),
        )

    async def send(self, outgoing: Outgoing, request: Request) -> AsyncGenerator[Event, None]:
        """Answer jointly, or by the plain stream where the request is for that.

        Raises `CloudFault`s; before the first word the plain stream is tried first.
        """
        if outgoing.method != METHOD:
            sending = self._plain.send(outgoing, request)
        else:
            sending = self._jointly(outgoing, request)
        async with aclosing(sending) as events:
            async for event in events:
                yield event

    def encode_embedding(self, texts: Sequence[str]) -> Outgoing:
        """As the plain remote; raises `Unsupported` where it makes no embeddings."""
        return self._embedding().encode_embedding(texts)

    async def send_embedding(
        self, outgoing: Outgoing, num_texts: int
    ) -> tuple[list[list[float]], int]:
        """As the plain remote."""
        return await self._embedding().send_embedding(outgoing, num_texts)

    def _embedding(self) -> EmbeddingRemote:
        if not isinstance(self._plain, EmbeddingRemote):
            raise Unsupported("This cloud makes no embeddings.", param="model")
        return self._plain

    async def aclose(self) -> None:
        """Close drafters, vocabulary and connections."""
        await self._drafters.aclose()
        self._prompting.close()
        await self._plain.aclose()

    # --- a session -------------------------------------------------------------------------------

    async def _jointly(self, outgoing: Outgoing, request: Request) -> AsyncGenerator[Event, None]:
        started = self._clock.monotonic()
        opening = self._opening(outgoing, request)
        drafter = await self._drafters.lease()
        device = Device(opening)
        watch = Watch(outgoing.url, self._record, device.connection.context)
        reaching = Reaching(
            self._pairings,
            device.connection,
            watch.over,
            lambda url: self._record(replace(outgoing, url=url)),
        )
        resume = self._manner.resume_seconds
        loop = DeviceLoop(device, drafter, reaching, self._clock, resume_seconds=resume)
        limit = min(self._manner.total_seconds, request.deadline_seconds or math.inf)
        answering = self._answering(loop, reaching, watch, request, started + limit)
        first: float | None = None
        try:
            telling = self._told(answering, drafter, opening, request)
            async with aclosing(telling) as events:
                async for event in events:
                    if first is None and isinstance(event, TextDelta):
                        first = self._clock.monotonic() - started
                    if isinstance(event, Finish):
                        usage = self._usage(answering, watch, opening, event.usage)
                        seconds = self._clock.monotonic() - started
                        usage = replace(usage, seconds_to_first_token=first, seconds=seconds)
                        event = replace(event, usage=usage)
                    yield event
        finally:
            self._drafters.release(drafter)
            watch.end()

    def _answering(
        self, loop: DeviceLoop, reaching: Reaching, watch: Watch, request: Request, deadline: float
    ) -> Answering:
        text = self._prompting.text(request.sampling)
        words = Words(self._prompting.model.piece, self._prompting.end_ids)
        return Answering(loop, reaching, watch, text, words, self._clock, deadline)

    async def _told(
        self, answering: Answering, drafter: Drafter | None, opening: Open, request: Request
    ) -> AsyncGenerator[Event, None]:
        """Jointly; then, if that ends early, the plain stream; then, if allowed, the device."""
        faults: list[CloudFault] = []
        ways = [
            self._by_session(answering),
            self._by_stream(answering.shown_so_far, request),
            self._by_device(answering, drafter, opening),
        ]
        for way in ways if self._manner.allow_unverified else ways[:2]:
            try:
                async with aclosing(way) as events:
                    async for event in events:
                        yield event
                return
            except CloudFault as fault:
                faults.append(fault)
                if isinstance(fault, CloudTimeout):
                    break
        raise faults[0]

    async def _by_session(self, answering: Answering) -> AsyncGenerator[Event, None]:
        async with aclosing(answering.jointly()) as deltas:
            async for delta in deltas:
                yield delta
        verdict = _verdict(answering.closed)
        yield Finish(answering.reason or "stop", _ended_by("joint"), verdict=verdict)

    async def _by_device(
        self, answering: Answering, drafter: Drafter | None, opening: Open
    ) -> AsyncGenerator[Event, None]:
        async with aclosing(
            answering.alone(self._drafters.model(drafter), opening.max_tokens)
        ) as deltas:
            async for delta in deltas:
                yield delta
        yield Finish(answering.reason or "stop", _ended_by("device"))

    async def _by_stream(
        self, shown_so_far: Callable[[], str], request: Request
    ) -> AsyncGenerator[Event, None]:
        """The cloud's plain stream from the beginning, of which a part was shown already.

        Same weights, same rule of drawing: the same text. Raises `CloudBroken` if it is not.
        """
        shown = shown_so_far()
        outgoing = self._plain.encode(request)
        self._record(outgoing)
        text = ""
        async with aclosing(self._plain.send(outgoing, request)) as events:
            async for event in events:
                if isinstance(event, Finish):
                    if len(text) < len(shown):
                        raise _other_text()
                    usage = replace(event.usage, joint=JointWork(ended_by="stream"))
                    yield replace(event, usage=usage)
                elif not shown or not isinstance(event, TextDelta):
                    if not shown or not _is_refusal(event):
                        yield event
                else:
                    before, text = max(len(text), len(shown)), text + event.text
                    if not text.startswith(shown[: len(text)]):
                        raise _other_text()
                    if len(text) > before:
                        yield TextDelta(text[before:])

    def _opening(self, outgoing: Outgoing, request: Request) -> Open:
        """The opening frame as it was encoded, with the numbers that are drawn now."""
        opening = decode(outgoing.body, "device", Limits())
        assert isinstance(opening, Open)
        seed = secrets.randbits(63) if request.sampling.seed is None else request.sampling.seed
        draw = replace(opening.draw, seed=seed)
        return replace(opening, session=secrets.token_bytes(16), draw=draw)

    def _usage(self, answering: Answering, watch: Watch, opening: Open, told: Usage) -> Usage:
        """The receipt's counts: the session's, and the stream's where one went on."""
        closed = answering.closed
        work = replace(
            told.joint or JointWork(),
            passes=closed.passes if closed else None,
            positions=closed.positions if closed else None,
            drafted=watch.num_drafted,
            accepted=answering.num_accepted,
            certified=self._pairings[0].card.certified,
            num_links=watch.num_links,
            num_unverified=answering.num_unverified,
        )
        return replace(
            told,
            input_tokens=told.input_tokens or len(opening.prompt),
            output_tokens=told.output_tokens or answering.num_tokens,
            num_bytes_out=told.num_bytes_out + watch.num_bytes_out,
            num_bytes_in=told.num_bytes_in + watch.num_bytes_in,
            joint=work,
        )


def _verdict(closed: Close | None) -> Verdict | None:
    """What the cloud's judge said of its own answer, `None` where nobody judged."""
    if closed is None or closed.confidence is None or closed.threshold is None:
        return None
    is_sure = closed.confidence >= closed.threshold
    words = f"the cloud's own: confidence {closed.confidence:.2f}, threshold {closed.threshold:.2f}"
    ruling = Ruling.ACCEPT if is_sure else Ruling.REFUSE
    return Verdict(ruling, closed.confidence, closed.threshold, words)


def _ended_by(way: Literal["joint", "device"]) -> Usage:
    return Usage(joint=JointWork(ended_by=way))


def _is_refusal(event: Event) -> bool:
    """A tier that would rather say nothing cannot take back what was shown."""
    verdict = event.verdict if isinstance(event, Decided) else None
    return verdict is not None and verdict.ruling is Ruling.REFUSE


def _other_text() -> CloudBroken:
    return CloudBroken(
        "The link was lost, and the cloud's plain stream says something else than its session did.",
        remedy="Ask again.",
    )
