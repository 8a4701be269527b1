"""One chat completion over HTTP: consent and model name in, events out, as JSON or as a stream.

Nothing is sent before the first word is there, so that an error until then has its own HTTP status.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from tandem.errors import TandemError
from tandem.ports import Clock, Engine
from tandem.serve.failures import Headers, HttpRefusal, failure_from
from tandem.serve.line import Line
from tandem.serve.replies import (
    DONE,
    Head,
    Pieces,
    choice,
    completion,
    error_piece,
    tandem_body,
    usage_body,
)
from tandem.serve.schema import ChatCall, chat_call
from tandem.types import (
    Decided,
    Departed,
    EngineCard,
    Event,
    Finish,
    Mode,
    Request,
    Ruling,
    TextDelta,
    TokenLogprob,
    ToolCall,
    Usage,
)

_STREAM_HEADERS: Headers = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
)


def no_model(known: Sequence[str]) -> HttpRefusal:
    """The refusal of a model's name, with the names that exist."""
    return HttpRefusal(
        404,
        "model_not_found",
        "There is no such model here.",
        remedy=f"Choose one of: {', '.join(known)}.",
        param="model",
    )


@dataclass(slots=True)
class _Said:
    """One choice of a whole reply, being gathered."""

    texts: list[str] = field(default_factory=list[str])
    calls: list[ToolCall] = field(default_factory=list[ToolCall])
    logprobs: list[TokenLogprob] = field(default_factory=list[TokenLogprob])


@dataclass(slots=True)
class _Stream:
    """One streamed reply, being sent. The head is fixed by the first choice."""

    line: Line
    call: ChatCall
    request_id: str
    head: Head | None = None
    pieces: Pieces | None = None
    usages: list[Usage] = field(default_factory=list[Usage])

    def usage_piece(self) -> bytes:
        """The counts of all choices, where they were asked for."""
        if self.pieces is None or not self.call.includes_usage:
            return b""
        return self.pieces.usage(usage_body(self.usages))


class Chat:
    """Chat completions over one engine. The arguments are `create_app`'s."""

    def __init__(
        self,
        engine: Engine,
        *,
        models: Mapping[str, Mode | None],
        clock: Clock,
        api_may_leave: bool,
        honour_request_consent: bool,
        deadline_seconds: float | None,
    ) -> None:
        self._engine = engine
        self._models = models
        self._clock = clock
        self._api_may_leave = api_may_leave
        self._honour_request_consent = honour_request_consent
        self._deadline_seconds = deadline_seconds

    async def answer(self, line: Line, body: bytes, request_id: str) -> None:
        """Answer one call. Raises `TandemError` as long as nothing has been sent, and `HungUp`."""
        call = chat_call(body)
        request = self._request(call)
        if call.is_stream:
            await self._stream(line, call, request, request_id)
        else:
            await self._whole(line, call, request, request_id)

    def _request(self, call: ChatCall) -> Request:
        """The request with the mode of its model's name and with the consent that counts.

        A model's name that stands for a mode goes before the request's own wish for one.
        """
        if call.model not in self._models:
            raise no_model(tuple(self._models))
        return replace(
            call.request,
            mode=self._models[call.model] or call.mode,
            may_leave_device=self._may_leave(call.consent),
            deadline_seconds=self._deadline_seconds,
        )

    def _may_leave(self, consent: bool | None) -> bool:
        """A request's no always counts; its yes only where the settings honour it."""
        if consent is False:
            return False
        return self._api_may_leave or (consent is True and self._honour_request_consent)

    async def _stream(self, line: Line, call: ChatCall, request: Request, request_id: str) -> None:
        stream = _Stream(line, call, request_id)
        async with line:
            try:
                for index in range(call.num_choices):
                    async with aclosing(self._engine.generate(_seeded(request, index))) as events:
                        last = await self._stream_choice(stream, index, events)
                    if index + 1 < call.num_choices:
                        await line.write(last)
                    else:
                        await line.finish(last + stream.usage_piece() + DONE)
            except TandemError as error:
                if not line.has_begun:
                    raise
                await line.finish(error_piece(failure_from(error)))

    async def _stream_choice(
        self, stream: _Stream, index: int, events: AsyncGenerator[Event, None]
    ) -> bytes:
        """Send one choice but for its last piece, which may go out with the stream's end."""
        decided, event = await _first(events)
        card = self._engine.card
        line = stream.line
        if stream.head is None:
            stream.head = self._head(decided, stream.request_id)
            headers = _headers(decided, card, stream.request_id)
            await line.start(200, (*_STREAM_HEADERS, *headers))
        pieces = stream.pieces = Pieces(
            stream.head, index, includes_usage=stream.call.includes_usage
        )
        said = pieces.refusal if _is_refusal(decided, stream.call.request) else pieces.text
        opening = pieces.first()
        while not isinstance(event, Finish):
            if isinstance(event, TextDelta):
                await line.write(opening + said(event))
                opening = b""
            elif isinstance(event, ToolCall):
                await line.write(opening + pieces.tool_call(event))
                opening = b""
            event = await anext(events)
        stream.usages.append(event.usage)
        return opening + pieces.last(event.reason, tandem_body(decided, card, [event]))

    async def _whole(self, line: Line, call: ChatCall, request: Request, request_id: str) -> None:
        finishes: list[Finish] = []
        choices: list[dict[str, object]] = []
        decided: Decided | None = None
        wants_logprobs = request.sampling.logprobs is not None
        async with line:
            for index in range(call.num_choices):
                said = _Said()
                async with aclosing(self._engine.generate(_seeded(request, index))) as events:
                    async for event in events:
                        if isinstance(event, TextDelta):
                            said.texts.append(event.text)
                            said.logprobs.extend(event.logprobs)
                        elif isinstance(event, ToolCall):
                            said.calls.append(event)
                        elif isinstance(event, Finish):
                            finishes.append(event)
                        elif isinstance(event, Decided):
                            decided = decided or event
                logprobs = said.logprobs if wants_logprobs else None
                text = "".join(said.texts)
                reason, no = finishes[-1].reason, _is_refusal(decided, request)
                one = choice(index, text, said.calls, logprobs, reason, is_refusal=no)
                choices.append(one)
            card = self._engine.card
            body = completion(
                self._head(decided, request_id),
                choices,
                usage_body([finish.usage for finish in finishes]),
                tandem_body(decided, card, finishes),
            )
            headers = _headers(decided, card, request_id, finishes[0])
            await line.reply(200, headers, body)

    def _head(self, decided: Decided | None, request_id: str) -> Head:
        model = decided.model if decided else self._engine.card.model
        return Head(f"chatcmpl-{request_id}", int(self._clock.now()), model)


def _seeded(request: Request, index: int) -> Request:
    """Each choice has its own seed, so that they differ and can be had again."""
    if index == 0 or request.sampling.seed is None:
        return request
    seed = request.sampling.seed + index
    return replace(request, sampling=replace(request.sampling, seed=seed))


async def _first(events: AsyncGenerator[Event, None]) -> tuple[Decided | None, Event]:
    """The decision, if one is told, and the first word, call or end after it."""
    decided: Decided | None = None
    while isinstance(event := await anext(events), (Decided, Departed)):
        if isinstance(event, Decided):
            decided = event
    return decided, event


def _is_refusal(decided: Decided | None, request: Request) -> bool:
    """Whether honest words stand where JSON was asked for: clients look for them in `refusal`."""
    verdict = decided.verdict if decided else None
    is_no = verdict is not None and verdict.ruling is Ruling.REFUSE
    return is_no and request.response_format.kind != "text"


def _headers(
    decided: Decided | None, card: EngineCard, request_id: str, finish: Finish | None = None
) -> Headers:
    """Who answers and why, for clients that cannot read the `tandem` object."""
    pairs: list[tuple[bytes, bytes]] = [(b"x-request-id", request_id.encode())]
    if decided is None:
        pairs += [(b"x-tandem-place", _plain(card.place)), (b"x-tandem-model", _plain(card.model))]
    else:
        pairs += [
            (b"x-tandem-place", _plain(decided.place)),
            (b"x-tandem-model", _plain(decided.model)),
            (b"x-tandem-reason", _plain(decided.route.reason)),
        ]
        verdict = decided.verdict
        if verdict is not None:
            pairs.append((b"x-tandem-verdict", _plain(verdict.ruling)))
            if verdict.confidence is not None:
                pairs.append((b"x-tandem-confidence", b"%.4f" % verdict.confidence))
    if finish is not None and finish.entry is not None:
        pairs.append((b"x-tandem-entry", _plain(finish.entry.id)))
    return tuple(pairs)


def _plain(text: str) -> bytes:
    """What a header may hold: printable ASCII, so that no text can end the line."""
    return "".join(sign if " " <= sign <= "~" else "?" for sign in text).encode()
