"""What an OpenAI-compatible server sends back: bytes in, events out.

Pure: no network, no clock. One `Reply` reads one answer, streamed or whole, however its bytes are
cut, and keeps to two limits so that an endless answer ends. Whatever is not an answer raises
`CloudBroken`; an error inside the stream raises what `openai_faults` makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import Struct

from tandem.engines.openai_faults import fault_from_error
from tandem.errors import CloudBroken, TandemError
from tandem.types import (
    Decided,
    EngineCard,
    FinishReason,
    Route,
    Ruling,
    TextDelta,
    TokenLogprob,
    ToolCall,
    Verdict,
)

# The longest line of one event. A chunk with 20 alternatives per token stays below 64 KiB; a whole
# picture as data: could be larger, but text is what is asked for here.
MAX_LINE_BYTES = 4 * 1024 * 1024
# A piece rarely holds less than a token: twice the tokens asked for, and some, is an endless
# stream.
PIECES_PER_TOKEN = 2
SPARE_PIECES = 16

_FINISH: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


class _Top(Struct):
    token: str = ""
    logprob: float = 0.0


class _Logprob(Struct):
    token: str = ""
    logprob: float = 0.0
    bytes: list[int] | None = None
    top_logprobs: list[_Top] | None = None


class _Logprobs(Struct):
    content: list[_Logprob] | None = None


class _Function(Struct):
    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class _ToolPiece(Struct):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Said(Struct):
    """A delta of a stream or the message of a whole answer: the fields are the same."""

    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_ToolPiece] | None = None


class _Choice(Struct):
    delta: _Said | None = None
    message: _Said | None = None
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class _Cached(Struct):
    cached_tokens: int | None = None


class _Predicted(Struct):
    accepted_prediction_tokens: int | None = None
    rejected_prediction_tokens: int | None = None


class _Usage(Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _Cached | None = None
    completion_tokens_details: _Predicted | None = None


class _Chunk(Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Any = None


class _Vector(Struct):
    embedding: list[float]
    index: int = 0


class _Embeddings(Struct):
    data: list[_Vector]
    usage: _Usage | None = None


_decode_chunk = msgspec.json.Decoder(_Chunk).decode
_decode_embeddings = msgspec.json.Decoder(_Embeddings).decode


@dataclass(frozen=True, slots=True)
class Counts:
    """The server's own token counts."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int
    num_right: int = 0  # of a predicted output's tokens
    num_wrong: int = 0


class EventLines:
    """Server-sent events out of bytes, however cut: the `data` of each, without comments and names.

    WHATWG, HTML, section 9.2.6; lone CR as a line end is left out, as no such server is known.
    """

    def __init__(self) -> None:
        self._tail: list[bytes] = []
        self._num_tail_bytes = 0
        self._data: list[bytes] = []

    def feed(self, received: bytes) -> list[bytes]:
        """The data of the events that are whole now. Raises `CloudBroken` on a line too long."""
        if b"\n" not in received:
            self._keep(received)
            return []
        lines = (b"".join(self._tail) + received).split(b"\n")
        self._tail.clear()
        self._num_tail_bytes = 0
        self._keep(lines.pop())
        events: list[bytes] = []
        for line in lines:
            line = line.removesuffix(b"\r")
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
            elif not line and self._data:
                events.append(b"\n".join(self._data))
                self._data.clear()
        return events

    def _keep(self, tail: bytes) -> None:
        self._tail.append(tail)
        self._num_tail_bytes += len(tail)
        if self._num_tail_bytes > MAX_LINE_BYTES:
            raise CloudBroken(
                "The cloud sent an event of more than 4 MiB.", remedy="Its server is faulty."
            )


@dataclass(slots=True)
class _Call:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list[str])


class Reply:
    """One answer being read. `feed` gives text as it comes; tool calls come whole, at the end."""

    def __init__(self, max_output_tokens: int | None) -> None:
        self._lines = EventLines()
        self._calls: dict[int, _Call] = {}
        self._reason: FinishReason | None = None
        self._fault: TandemError | None = None
        limit = max_output_tokens
        self._max_pieces = None if limit is None else PIECES_PER_TOKEN * limit + SPARE_PIECES
        self.num_pieces = 0
        self.counts: Counts | None = None
        self.is_done = False

    def feed(self, received: bytes) -> TextDelta | None:
        """The text of what came in one read, as one delta: passing it on costs the same for few
        words as for many. A fault is kept for `end`, so that the words before it are not lost.
        """
        texts: list[str] = []
        logprobs: list[TokenLogprob] = []
        try:
            for data in self._lines.feed(received):
                if data == b"[DONE]":
                    self.is_done = True
                    break
                self._read(_chunk(data), texts, logprobs)
        except TandemError as fault:
            self._fault = fault
            self.is_done = True
        if not texts and not logprobs:
            return None
        return TextDelta("".join(texts), tuple(logprobs))

    def feed_whole(self, body: bytes) -> TextDelta | None:
        """Read an answer that came in one piece although a stream was asked for."""
        texts: list[str] = []
        logprobs: list[TokenLogprob] = []
        self._read(_chunk(body), texts, logprobs)
        self.is_done = True
        return TextDelta("".join(texts), tuple(logprobs)) if texts or logprobs else None

    def end(self) -> tuple[list[ToolCall], FinishReason]:
        """The tool calls and the reason. Raises the stream's fault; no end is one too."""
        if self._fault is not None:
            raise self._fault
        reason = self._reason
        if reason is None and not (self.is_done and (self.num_pieces or self._calls)):
            raise CloudBroken("The cloud's answer broke off before its end.", remedy="Ask again.")
        calls = [
            ToolCall(call.id or f"call_{number}", call.name, "".join(call.arguments) or "{}")
            for number, call in enumerate(self._calls.values())
        ]
        if calls and reason in (None, "stop"):
            reason = "tool_calls"
        return calls, reason or "stop"

    def _read(self, chunk: _Chunk, texts: list[str], logprobs: list[TokenLogprob]) -> None:
        if chunk.error:
            raise fault_from_error(chunk.error)
        if chunk.usage is not None:
            self._count(chunk.usage)
        if not chunk.choices:
            return
        choice = chunk.choices[0]
        if choice.finish_reason:
            self._reason = _FINISH.get(choice.finish_reason, "stop")
        said = choice.delta or choice.message
        if said is None:
            return
        for piece in said.tool_calls or ():
            self._add_call(piece)
        text = said.content or said.refusal
        told = _logprobs(choice.logprobs)
        if text or told:
            self._count_piece()
            texts.append(text or "")
            logprobs.extend(told)

    def _count(self, usage: _Usage) -> None:
        details = usage.prompt_tokens_details
        cached = details.cached_tokens if details is not None else None
        told = usage.completion_tokens_details or _Predicted()
        self.counts = Counts(
            usage.prompt_tokens,
            usage.completion_tokens,
            cached or 0,
            told.accepted_prediction_tokens or 0,
            told.rejected_prediction_tokens or 0,
        )

    def _count_piece(self) -> None:
        self.num_pieces += 1
        if self._max_pieces is not None and self.num_pieces > self._max_pieces:
            raise CloudBroken(
                "The cloud goes on past the number of tokens that it was asked for.",
                remedy="Its server is faulty; the answer was cut.",
            )

    def _add_call(self, piece: _ToolPiece) -> None:
        self._count_piece()
        call = self._calls.setdefault(self._number(piece), _Call())
        call.id = call.id or piece.id or ""
        if piece.function is None:
            return
        call.name = call.name or piece.function.name or ""
        arguments = piece.function.arguments
        if isinstance(arguments, dict):  # some small servers send the object instead of its text
            arguments = msgspec.json.encode(arguments).decode()
        call.arguments.append(arguments or "")

    def _number(self, piece: _ToolPiece) -> int:
        """Which call a piece belongs to; some servers number none and begin each with its id."""
        if piece.index is not None:
            return piece.index
        is_new = piece.id or (piece.function is not None and piece.function.name)
        return len(self._calls) if is_new else max(len(self._calls) - 1, 0)


def vectors_from(body: bytes, num_texts: int) -> tuple[list[list[float]], int]:
    """The vectors of an embeddings reply, in the order asked, and the tokens read."""
    try:
        reply = _decode_embeddings(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _malformed() from None
    found = {vector.index: vector.embedding for vector in reply.data}
    if sorted(found) != list(range(num_texts)):
        raise CloudBroken(
            f"The cloud sent {len(reply.data)} vectors for {num_texts} texts.",
            remedy="Its server is faulty.",
        )
    num_tokens = reply.usage.prompt_tokens if reply.usage is not None else 0
    return [found[number] for number in range(num_texts)], num_tokens


def _chunk(data: bytes) -> _Chunk:
    try:
        return _decode_chunk(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _malformed() from None


def _malformed() -> CloudBroken:
    return CloudBroken(
        "The cloud sent data that is no valid answer (malformed JSON).",
        remedy="Check that the URL is that of an OpenAI-compatible API.",
    )


def _logprobs(found: _Logprobs | None) -> tuple[TokenLogprob, ...]:
    if found is None or not found.content:
        return ()
    return tuple(
        TokenLogprob(
            one.token,
            _token_bytes(one),
            one.logprob,
            tuple((top.token, top.logprob) for top in one.top_logprobs or ()),
        )
        for one in found.content
    )


def _token_bytes(one: _Logprob) -> bytes:
    if one.bytes is None:
        return one.token.encode("utf-8", "replace")
    try:
        return bytes(one.bytes)
    except ValueError:
        raise _malformed() from None


def decision_from(headers: Mapping[str, str], card: EngineCard) -> Decided | None:
    """What a cloud that is a Tandem itself says of its own answer, before the first word.

    Only its verdict counts here; any other server sends none, and nonsense is none.
    """
    try:
        ruling = Ruling(headers.get("x-tandem-verdict", ""))
    except ValueError:
        return None
    verdict = Verdict(ruling, None, None, "the cloud's own judge")
    return Decided(card.place, card.model, Route(card.place, None, None, "cloud"), verdict)
