"""Events as OpenAI's JSON and server-sent events. Pure: values in, bytes out.

Required-but-null fields (`logprobs`, `refusal`) are there, as strict clients want them. What only
Tandem knows stands in one `tandem` object. The pieces of a stream are cut from ready-made bytes, as
they are most of the server's work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tandem.serve.failures import Failure
from tandem.types import (
    Decided,
    EngineCard,
    Entry,
    Finish,
    FinishReason,
    Money,
    TextDelta,
    TokenLogprob,
    ToolCall,
    Usage,
)

DONE = b"data: [DONE]\n\n"
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Head:
    """What all pieces of one reply share. `created` is in seconds since the Unix epoch."""

    id: str
    created: int
    model: str


class Pieces:
    """The server-sent events of one choice of one streamed reply."""

    def __init__(self, head: Head, index: int, *, includes_usage: bool) -> None:
        base = _encode(
            {
                "id": head.id,
                "object": "chat.completion.chunk",
                "created": head.created,
                "model": head.model,
            }
        )
        self._stem = b"data: " + base[:-1]
        self._open = self._stem + b',"choices":[{"index":%d,"delta":' % index
        self._usage = b',"usage":null' if includes_usage else b""
        self._close = b',"logprobs":null,"finish_reason":null}]' + self._usage + b"}\n\n"
        self._num_calls = 0

    def first(self) -> bytes:
        """The role, which clients expect before the text."""
        return self._open + b'{"role":"assistant","content":"","refusal":null}' + self._close

    def text(self, delta: TextDelta) -> bytes:
        said = b'{"content":' + _encode(delta.text) + b"}"
        if not delta.logprobs:
            return self._open + said + self._close
        logprobs = _encode(_logprobs(delta.logprobs))
        end = b',"finish_reason":null}]' + self._usage + b"}\n\n"
        return self._open + said + b',"logprobs":' + logprobs + end

    def refusal(self, delta: TextDelta) -> bytes:
        """Words in place of the form that was asked for."""
        return self._open + b'{"refusal":' + _encode(delta.text) + b"}" + self._close

    def tool_call(self, call: ToolCall) -> bytes:
        body = {"index": self._num_calls, **_call(call)}
        self._num_calls += 1
        return self._open + _encode({"tool_calls": [body]}) + self._close

    def last(self, reason: FinishReason, tandem: dict[str, Any]) -> bytes:
        middle = b'{},"logprobs":null,"finish_reason":"' + reason.encode() + b'"}]'
        return self._open + middle + self._usage + b',"tandem":' + _encode(tandem) + b"}\n\n"

    def usage(self, usage: dict[str, Any]) -> bytes:
        return self._stem + b',"choices":[],"usage":' + _encode(usage) + b"}\n\n"


def error_piece(failure: Failure) -> bytes:
    """An error in the middle of a stream: the stream ends after it, without [DONE]."""
    return b"data: " + failure.body + b"\n\n"


def completion(
    head: Head, choices: list[dict[str, Any]], usage: dict[str, Any], tandem: dict[str, Any]
) -> bytes:
    """A whole reply."""
    return _encode(
        {
            "id": head.id,
            "object": "chat.completion",
            "created": head.created,
            "model": head.model,
            "choices": choices,
            "usage": usage,
            "tandem": tandem,
        }
    )


def choice(
    index: int,
    text: str,
    calls: Sequence[ToolCall],
    logprobs: Sequence[TokenLogprob] | None,
    reason: FinishReason,
    *,
    is_refusal: bool = False,
) -> dict[str, Any]:
    """One answer of a whole reply; `logprobs` of `None`: none were asked for.

    `is_refusal`: the text stands in `refusal`, as it does not have the form that was asked for.
    """
    message: dict[str, Any] = {
        "role": "assistant",
        "content": None if is_refusal or (calls and not text) else text,
        "refusal": text if is_refusal else None,
    }
    if calls:
        message["tool_calls"] = [_call(call) for call in calls]
    return {
        "index": index,
        "message": message,
        "logprobs": None if logprobs is None else _logprobs(logprobs),
        "finish_reason": reason,
    }


def usage_body(usages: Sequence[Usage]) -> dict[str, Any]:
    """Token counts of all choices; the prompt is read once for all of them, as OpenAI counts."""
    first = usages[0] if usages else Usage()
    num_output = sum(usage.output_tokens for usage in usages)
    return {
        "prompt_tokens": first.input_tokens,
        "completion_tokens": num_output,
        "total_tokens": first.input_tokens + num_output,
        "prompt_tokens_details": {"cached_tokens": first.cached_tokens},
    }


def tandem_body(decided: Decided | None, card: EngineCard, finishes: Sequence[Finish]) -> Any:
    """Who answered, why, and the receipt: of the first choice, with the others' beside it."""
    receipts = [_receipt(finish) for finish in finishes]
    body: dict[str, Any] = {
        "place": decided.place if decided else card.place,
        "model": decided.model if decided else card.model,
        "route": decided.route if decided else None,
        "verdict": decided.verdict if decided else None,
        "receipt": receipts[0] if receipts else None,
    }
    if len(receipts) > 1:
        body["receipts"] = receipts
    return body


def model_body(name: str, created: int) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": created, "owned_by": "tandem"}


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def _logprobs(logprobs: Sequence[TokenLogprob]) -> dict[str, Any]:
    content = [
        {
            "token": one.text,
            "logprob": one.logprob,
            "bytes": list(one.token_bytes),
            "top_logprobs": [
                {"token": text, "logprob": logprob, "bytes": list(text.encode("utf-8", "replace"))}
                for text, logprob in one.top
            ],
        }
        for one in logprobs
    ]
    return {"content": content, "refusal": None}


def _receipt(finish: Finish) -> dict[str, Any]:
    usage, entry = finish.usage, finish.entry
    body: dict[str, Any] = {
        "entry": entry.id if entry else None,
        "seconds_to_first_token": usage.seconds_to_first_token,
        "seconds": usage.seconds,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "is_estimated": usage.is_estimated,
        "bytes_out": usage.num_bytes_out,
        "money": None,
        "joules": None,
        "covered": {},
        "work": [],
    }
    if entry is not None:
        body.update(_costs(entry))
    return body


def _costs(entry: Entry) -> dict[str, Any]:
    joules = [part.joules for part in entry.work if part.joules is not None]
    money = [part.money for part in entry.work if part.money is not None]
    return {
        "seconds_to_first_token": entry.seconds_to_first_token,
        "seconds": entry.seconds,
        "bytes_out": entry.num_bytes_out,
        "money": _sum(money),
        "joules": sum(joules) if joules else None,
        "covered": dict(entry.covered),
        "work": [
            {
                "place": part.place,
                "model": part.model,
                "input_tokens": part.usage.input_tokens,
                "output_tokens": part.usage.output_tokens,
                "seconds": part.usage.seconds,
                "bytes_out": part.usage.num_bytes_out,
                "joules": part.joules,
                "joules_source": part.joules_source,
            }
            for part in entry.work
        ],
    }


def _sum(money: Sequence[Money]) -> dict[str, Any] | None:
    """One sum where there is one currency; amounts of several are not added."""
    currencies = {one.currency for one in money}
    if len(currencies) != 1:
        return None
    return {"amount": sum(one.amount for one in money), "currency": currencies.pop()}
