"""A small real HTTP server on loopback that answers wrongly on purpose, byte for byte.

Each behaviour is a coroutine that writes raw bytes; nothing of an HTTP library stands between, so
that every fault can be had. `Upstream.requests` keeps what came in, `num_gone` counts clients that
hung up while a behaviour was still busy.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Behaviour = Callable[["Exchange"], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
DONE = b"data: [DONE]\n\n"
BASE = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "up"}


@dataclass(slots=True)
class Exchange:
    """One request, read, and the means to answer it."""

    raw: bytes
    body: bytes
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def piece(self, data: bytes) -> None:
        """One chunk of a chunked body."""
        await self.send(b"%x\r\n%s\r\n" % (len(data), data))

    async def stream(self, *pieces: bytes) -> None:
        """A good stream: head, pieces, end."""
        await self.send(OK)
        for piece in pieces:
            await self.piece(piece)
        await self.send(b"0\r\n\r\n")


@dataclass(slots=True)
class Upstream:
    """What the tests look at afterwards. `gone_at` is on the clock of `time.monotonic`."""

    url: str = ""
    requests: list[bytes] = field(default_factory=list[bytes])
    bodies: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    num_connections: int = 0
    gone_at: float | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def upstream(
    behaviour: Behaviour, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Upstream]:
    """Run the server. Every request is answered by `behaviour`, on kept connections too."""
    seen = Upstream()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        seen.num_connections += 1
        try:
            while True:
                await _exchange(reader, writer, behaviour, seen)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    seen.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}/v1"
    try:
        yield seen
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _exchange(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    behaviour: Behaviour,
    seen: Upstream,
) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    body = await reader.readexactly(length)
    seen.requests.append(head + body)
    seen.bodies.append(json.loads(body))
    seen.asked.set()
    answer = asyncio.ensure_future(behaviour(Exchange(head + body, body, writer)))
    watch = asyncio.ensure_future(reader.read(1))  # nothing more is sent until the answer is whole
    await asyncio.wait({answer, watch}, return_when=asyncio.FIRST_COMPLETED)
    if not answer.done():
        seen.gone_at = time.monotonic()
        seen.gone.set()
        answer.cancel()
        watch.cancel()
        raise ConnectionResetError
    watch.cancel()
    with suppress(asyncio.CancelledError):
        await watch
    answer.result()


# --- pieces of good answers ---------------------------------------------------------------------


def event(choices: Sequence[dict[str, Any]], **more: Any) -> bytes:
    return b"data: " + json.dumps({**BASE, "choices": choices, **more}).encode() + b"\n\n"


def delta(text: str, **more: Any) -> bytes:
    return event([{"index": 0, "delta": {"content": text}, "finish_reason": None, **more}])


def finish(reason: str = "stop") -> bytes:
    return event([{"index": 0, "delta": {}, "finish_reason": reason}])


def usage(num_input: int = 7, num_output: int = 3, cached: int = 0) -> bytes:
    return event(
        [],
        usage={
            "prompt_tokens": num_input,
            "completion_tokens": num_output,
            "prompt_tokens_details": {"cached_tokens": cached},
        },
    )


GOOD = (delta("The "), delta("right "), delta("words."), finish(), usage(), DONE)


# --- behaviours ---------------------------------------------------------------------------------


def streams(*pieces: bytes) -> Behaviour:
    """A stream of just these pieces, then its end."""

    async def behave(exchange: Exchange) -> None:
        await exchange.stream(*pieces)

    return behave


def replies(status: int, body: bytes, *headers: str, kind: str = "application/json") -> Behaviour:
    """A whole reply."""

    async def behave(exchange: Exchange) -> None:
        lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        await exchange.send("\r\n".join([*lines, *headers, "", ""]).encode() + body)

    return behave


def says(raw: bytes) -> Behaviour:
    """Just these bytes, then the connection is cut."""

    async def behave(exchange: Exchange) -> None:
        await exchange.send(raw)
        exchange.writer.close()
        raise ConnectionResetError

    return behave


def hangs(*before: bytes) -> Behaviour:
    """These bytes, then silence for ever."""

    async def behave(exchange: Exchange) -> None:
        for raw in before:
            await exchange.send(raw)
        await asyncio.Event().wait()

    return behave


def never_ends(piece: bytes, *, pause_seconds: float = 0.0) -> Behaviour:
    """A stream without an end."""

    async def behave(exchange: Exchange) -> None:
        await exchange.send(OK)
        while True:
            await exchange.piece(piece)
            await asyncio.sleep(pause_seconds)

    return behave


def trickles(*pieces: bytes) -> Behaviour:
    """A good stream in packets of one byte each, with CR LF as line ends."""

    async def behave(exchange: Exchange) -> None:
        await exchange.send(OK)
        for byte in b"".join(pieces).replace(b"\n", b"\r\n"):
            await exchange.piece(bytes([byte]))
            await asyncio.sleep(0)
        await exchange.send(b"0\r\n\r\n")

    return behave
