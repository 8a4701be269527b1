"""Joint decoding at the server: the card of what it verifies, and one session per WebSocket.

It knows ASGI, frames and who may come in; what the frames mean is the hall's. A client that does
not read is not sent to: its frames wait here up to a limit, and the verifier is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from tandem.errors import TandemError
from tandem.joint.ports import Link
from tandem.serve.failures import HttpRefusal, failure_from
from tandem.serve.line import Receive, Scope, Send

PATH = "/v1/joint"
# The device says which text it counts on; a cloud that would say another one refuses at once.
TEXT_HEADER = b"x-tandem-text"
# A session has tens of bytes under way. What a client leaves unread above this is its own fault.
MAX_WAITING_BYTES = 64 * 1024


class Hall(Protocol):
    """Where sessions are held: the card to show, and a session for as long as its link lasts."""

    @property
    def card_json(self) -> bytes: ...

    @property
    def text_print(self) -> str: ...

    async def attend(self, link: Link) -> None: ...


class AsgiLink:
    """A Link over one accepted ASGI WebSocket; `writing` sends what was queued."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._frames: list[bytes] = []
        self._num_waiting = 0
        self._wake = asyncio.Event()
        self._is_gone = False

    @property
    def is_congested(self) -> bool:
        return self._num_waiting > MAX_WAITING_BYTES

    def send(self, frame: bytes) -> None:
        """Queue a frame; silent on a broken link."""
        if not self._is_gone:
            self._frames.append(frame)
            self._num_waiting += len(frame)
            self._wake.set()

    async def receive(self) -> bytes | None:
        """The next frame; text frames count as empty ones, which no session understands."""
        if self._is_gone:
            return None
        message = await self._receive()
        if message["type"] == "websocket.receive":
            return message.get("bytes") or b""
        self._end()
        return None

    async def aclose(self) -> None:
        """No more frames after those that are queued."""
        self._end()

    async def writing(self) -> None:
        """Send until the link is closed and the queue is empty, or the client is gone."""
        # uvicorn raises its own kinds when the client left in between: then there is no reader.
        with suppress(OSError, RuntimeError):
            while True:
                while self._frames:
                    frame = self._frames.pop(0)
                    await self._send({"type": "websocket.send", "bytes": frame})
                    self._num_waiting -= len(frame)
                if self._is_gone:
                    await self._send({"type": "websocket.close", "code": 1000})
                    return
                await self._wake.wait()
                self._wake.clear()
        self._end()

    def _end(self) -> None:
        self._is_gone = True
        self._wake.set()


async def attend(hall: Hall, receive: Receive, send: Send, stall_seconds: float) -> None:
    """Hold one session on an upgrade that was checked; returns when its link is gone."""
    if (await receive())["type"] != "websocket.connect":
        return
    await send({"type": "websocket.accept"})
    link = AsgiLink(receive, send)
    writer = asyncio.ensure_future(link.writing())
    try:
        await hall.attend(link)
        await link.aclose()
        # Whoever does not read the end either is not waited for.
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(writer), stall_seconds)
    finally:
        writer.cancel()
        with suppress(asyncio.CancelledError):
            await writer


def check_text(hall: Hall, headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Raises `HttpRefusal` (409) for a device that counts on another model or template."""
    told = [value for name, value in headers if name == TEXT_HEADER]
    if told != [hall.text_print.encode()]:
        raise HttpRefusal(
            409,
            "other_text",
            "This cloud has another model, template or protocol than when the device was paired.",
            remedy="Pair again: tandem pair ADDRESS.",
        )


async def refuse(scope: Scope, send: Send, error: TandemError) -> None:
    """Answer an upgrade with an HTTP error, where the server can."""
    failure = failure_from(error)
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = (
        (b"content-type", b"application/json"),
        (b"content-length", str(len(failure.body)).encode()),
        *failure.headers,
    )
    start = {"type": "websocket.http.response.start", "status": failure.status, "headers": headers}
    await send(start)
    await send({"type": "websocket.http.response.body", "body": failure.body})
