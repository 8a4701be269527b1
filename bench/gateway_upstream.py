"""The scripted upstream of bench.gateway: one fixed answer, as cheaply as Python can send it.

A process of its own, so that its work is in nobody's figures. Streamed, each piece goes out by
itself, as a model's tokens do.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, cast

import uvloop

WORDS = ("The", " quick", " brown", " fox", " jumps", " over", " the", " dog.")
TEXT = "".join(WORDS)
_BASE = {"id": "chatcmpl-1", "created": 1, "model": "upstream"}
_USAGE = {"prompt_tokens": 9, "completion_tokens": len(WORDS), "total_tokens": 9 + len(WORDS)}


def _event(choices: list[dict[str, Any]], usage: dict[str, int] | None = None) -> bytes:
    chunk = {**_BASE, "object": "chat.completion.chunk", "choices": choices, "usage": usage}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def _choice(delta: dict[str, str], reason: str | None = None) -> list[dict[str, Any]]:
    return [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]


def _chunked(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


STREAM = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
    _chunked(_event(_choice({"role": "assistant", "content": ""}))),
    *(_chunked(_event(_choice({"content": word}))) for word in WORDS),
    _chunked(_event(_choice({}, "stop"))),
    _chunked(_event([], _USAGE)),
    _chunked(b"data: [DONE]\n\n") + b"0\r\n\r\n",
)
_MESSAGE = {"role": "assistant", "content": TEXT, "refusal": None}
_WHOLE = json.dumps(
    {
        **_BASE,
        "object": "chat.completion",
        "choices": [{"index": 0, "message": _MESSAGE, "logprobs": None, "finish_reason": "stop"}],
        "usage": _USAGE,
    }
).encode()
WHOLE = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(_WHOLE)
    + _WHOLE
)


class Upstream(asyncio.Protocol):
    """HTTP/1.1 with a Content-Length, as all clients of the bench send it; nothing else."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (request := self._request()) is not None:
            if b'"stream":true' in request or b'"stream": true' in request:
                self._send(0)
            else:
                self._transport.write(WHOLE)

    def _request(self) -> bytes | None:
        head, gap, rest = self._buffer.partition(b"\r\n\r\n")
        if not gap:
            return None
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return None
        self._buffer = rest[length:]
        return rest[:length]

    def _send(self, number: int) -> None:
        """One piece each turn of the loop, so that each is a packet of its own."""
        self._transport.write(STREAM[number])
        if number + 1 < len(STREAM):
            asyncio.get_running_loop().call_soon(self._send, number + 1)


async def main() -> None:
    """Serve on a free port, print it, and go on until killed."""
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))
