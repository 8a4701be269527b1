"""A paired cloud as a Remote: jointly where that is possible, else as the plain stream it also is.

`encode` makes the opening frame: the conversation as the cloud's own token ids, through the cloud's
own template, which the pairing keeps. Token ids are text, so the door decides over them as over any
other; `Outgoing.shown` is what they say. What the device drafts later leaves under the same consent
and has records of its own: one before the first draft leaves, one of all drafts in the end.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

from tandem.engines.llama_chat import Chat
from tandem.engines.llama_model import Model
from tandem.engines.llama_text import Text
from tandem.errors import CloudBroken, CloudFault, CloudRejected
from tandem.joint.coupling import Draw
from tandem.joint.device import Device
from tandem.joint.protocol import Limits, Open
from tandem.joint.wire import decode, encode
from tandem.pairing.answering import Answering, Progress
from tandem.pairing.cards import Pairing
from tandem.pairing.certificate import trusting
from tandem.pairing.drafters import Drafters
from tandem.pairing.session import DeviceSession
from tandem.pairing.websocket import WebSocketLink, connected
from tandem.ports import Clock, Remote
from tandem.types import (
    Decided,
    EngineCard,
    Event,
    Finish,
    ImagePart,
    JointWork,
    Outgoing,
    Request,
    Ruling,
    TextDelta,
    Usage,
)

METHOD = "JOINT"  # in records and previews: an upgrade and the frames after it
ASSUMED_OUTPUT_TOKENS = 512
NO_SESSION = bytes(16)


@dataclass(frozen=True, slots=True)
class Manner:
    """How to answer jointly; see the settings of the same names."""

    economy: float = 0.0
    resume_seconds: float = 5.0
    allow_unverified: bool = False
    connect_seconds: float = 5.0
    idle_seconds: float = 30.0
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
        self._open_vocabulary = vocabulary
        self._drafters = drafters
        self._record = record
        self._clock = clock
        self._manner = manner
        self._read: tuple[Model, Chat] | None = None

    @property
    def card(self) -> EngineCard:
        return self._plain.card

    def encode(self, request: Request) -> Outgoing:
        """The request as it would leave: pure but for opening the vocabulary at the first call.

        The session's number and an unwanted seed are drawn when it is sent; they tell nothing.
        """
        if not _fits(request):
            return self._plain.encode(request)
        model, chat = self._vocabulary()
        prompt = chat.prompt(request.messages).tokens
        card = self._pairings[0].card
        num_free = card.context_tokens - len(prompt)
        if num_free < 1:
            return self._plain.encode(request)
        sampling = request.sampling
        draw = Draw(
            temperature=sampling.temperature or 0.0,
            top_k=sampling.top_k or 0,
            top_p=1.0 if sampling.top_p is None else sampling.top_p,
            min_p=sampling.min_p or 0.0,
            seed=sampling.seed or 0,
        )
        opening = Open(
            session=NO_SESSION,
            fingerprint=bytes.fromhex(card.tokenizer),
            draw=draw,
            prompt=tuple(prompt),
            max_tokens=min(sampling.max_output_tokens or ASSUMED_OUTPUT_TOKENS, num_free),
            economy=self._manner.economy,
        )
        parts = urlsplit(self._pairings[0].url)
        headers = (("Host", parts.netloc), ("X-Tandem-Text", card.text_print))
        return Outgoing(
            METHOD,
            f"{self._pairings[0].url}/joint",
            headers,
            encode(opening),
            "of the pairing",
            shown=model.shown(prompt),
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

    async def aclose(self) -> None:
        """Close drafters, vocabulary and connections."""
        await self._drafters.aclose()
        if self._read is not None:
            self._read[0].close()
            self._read = None
        await self._plain.aclose()

    # --- a session -------------------------------------------------------------------------------

    async def _jointly(self, outgoing: Outgoing, request: Request) -> AsyncGenerator[Event, None]:
        started = self._clock.monotonic()
        opening = self._opening(outgoing, request)
        model, chat = self._vocabulary()
        leaving = _Leaving(outgoing.url, self._record)
        drafter = await self._drafters.lease()
        session = DeviceSession(
            Device(opening),
            drafter,
            self._clock,
            idle_seconds=self._manner.idle_seconds,
            deadline=started + min(self._manner.total_seconds, request.deadline_seconds or 1e9),
            leaving=leaving.frame,
        )
        answering = Answering(
            session,
            [partial(self._link, pairing) for pairing in self._pairings],
            Text((*request.sampling.stop, *chat.stop)),
            piece=model.piece,
            end_ids=model.end_tokens | {self._pairings[0].card.end_token},
            clock=self._clock,
            resume_seconds=self._manner.resume_seconds,
        )
        first: float | None = None
        try:
            async with aclosing(self._told(answering, session, opening, request)) as events:
                async for event in events:
                    if first is None and isinstance(event, TextDelta):
                        first = self._clock.monotonic() - started
                    if isinstance(event, Finish):
                        usage = self._usage(answering.progress, session, opening, event.usage)
                        seconds = self._clock.monotonic() - started
                        usage = replace(usage, seconds_to_first_token=first, seconds=seconds)
                        event = replace(event, usage=usage)
                    yield event
        finally:
            await session.aclose()
            self._drafters.release(drafter)
            leaving.end()

    async def _told(
        self, answering: Answering, session: DeviceSession, opening: Open, request: Request
    ) -> AsyncGenerator[Event, None]:
        """Jointly; then, if that ends early, the plain stream; then, if allowed, the device."""
        fault: CloudFault
        try:
            async with aclosing(answering.jointly()) as deltas:
                async for delta in deltas:
                    yield delta
            yield Finish(answering.progress.reason or "stop", _work("joint"))
            return
        except CloudFault as error:
            fault = error
        if not isinstance(fault, CloudRejected) or not answering.shown:
            try:
                async with aclosing(self._streamed(answering.shown, request)) as events:
                    async for event in events:
                        yield event
                return
            except CloudFault as error:
                if isinstance(error, CloudBroken) or not self._manner.allow_unverified:
                    raise (fault if answering.shown else error) from None
        if not self._manner.allow_unverified or session.device.connection.lacks:
            raise fault
        async with aclosing(answering.alone(opening.max_tokens)) as deltas:
            async for delta in deltas:
                yield delta
        yield Finish(answering.progress.reason or "stop", _work("device"))

    async def _streamed(self, shown: str, request: Request) -> AsyncGenerator[Event, None]:
        """The cloud's plain stream from the beginning, of which `shown` is there already.

        Same weights, same rule of drawing: the same text. Raises `CloudBroken` if it is not.
        """
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

    async def _link(self, pairing: Pairing) -> WebSocketLink:
        headers = [
            ("Authorization", f"Bearer {pairing.token}"),
            ("X-Tandem-Text", pairing.card.text_print),
        ]
        context = trusting(pairing.certificate) if pairing.certificate else None
        seconds = self._manner.connect_seconds
        return await connected(f"{pairing.url}/joint", headers, context=context, seconds=seconds)

    def _vocabulary(self) -> tuple[Model, Chat]:
        if self._read is None:
            model = self._open_vocabulary()
            card = self._pairings[0].card
            self._read = model, Chat(model, card.template, self._clock, eos=card.end_token)
        return self._read

    def _usage(
        self, progress: Progress, session: DeviceSession, opening: Open, told: Usage
    ) -> Usage:
        """The receipt's counts: ours of the session, and the stream's where one went on."""
        closed = progress.closed
        joint = told.joint or JointWork()
        work = replace(
            joint,
            passes=closed.passes if closed else 0,
            positions=closed.positions if closed else 0,
            drafted=session.num_drafted,
            accepted=progress.num_accepted,
            certified=progress.certified and self._pairings[0].card.certified,
            num_links=progress.num_links,
            num_unverified=progress.num_unverified,
        )
        num_ids = len(session.device.connection.text) + progress.num_unverified
        return replace(
            told,
            input_tokens=told.input_tokens or len(opening.prompt),
            output_tokens=told.output_tokens or num_ids,
            num_bytes_out=told.num_bytes_out + progress.num_bytes_out,
            num_bytes_in=told.num_bytes_in + progress.num_bytes_in,
            joint=work,
        )


class _Leaving:
    """Records what is drafted: before the first frame of it leaves, and all of it in the end."""

    def __init__(self, url: str, record: Callable[[Outgoing], None]) -> None:
        self._url = url
        self._record = record
        self._frames: list[bytes] = []

    def frame(self, frame: bytes) -> None:
        if not self._frames:
            self._record(Outgoing("DRAFT", self._url, (), frame))
        self._frames.append(frame)

    def end(self) -> None:
        if self._frames:
            self._record(Outgoing("DRAFTS", self._url, (), b"".join(self._frames)))


def _fits(request: Request) -> bool:
    """Whether ids alone can answer it; for the rest there is the plain stream."""
    sampling = request.sampling
    is_plain_text = not request.tools and request.response_format.kind == "text"
    has_penalties = bool(sampling.presence_penalty or sampling.frequency_penalty)
    sees = any(isinstance(part, ImagePart) for m in request.messages for part in m.content)
    calls = any(m.tool_calls or m.role == "tool" for m in request.messages)
    return is_plain_text and not (has_penalties or sees or calls or sampling.logprobs is not None)


def _work(ended_by: str) -> Usage:
    return Usage(joint=JointWork(ended_by=ended_by))  # type: ignore[arg-type]


def _is_refusal(event: Event) -> bool:
    """A tier that would rather say nothing cannot take back what was shown."""
    verdict = event.verdict if isinstance(event, Decided) else None
    return verdict is not None and verdict.ruling is Ruling.REFUSE


def _other_text() -> CloudBroken:
    return CloudBroken(
        "The link was lost, and the cloud's plain stream says something else than its session did.",
        remedy="Ask again.",
    )
