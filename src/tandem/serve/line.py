"""The line to one client: reads its request, writes its answer, and notices when it hangs up.

A hang-up, or an answer left unread, cancels the task that works for the client, wherever that task
is waiting. It knows ASGI and nothing of what is said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from types import TracebackType
from typing import Any

from tandem.serve.failures import Headers, HttpRefusal

Scope = MutableMapping[str, Any]
AsgiMessage = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[AsgiMessage]]
Send = Callable[[AsgiMessage], Awaitable[None]]

# A body somewhat too large is read to its end, so that a client which writes before it reads sees
# the refusal and not a broken connection; a much larger one is cut.
PATIENT_FACTOR = 4


class HungUp(Exception):
    """The client is gone: nobody reads what could be said."""


class Line:
    """One request and its answer. `watching` it cancels the work when the client is gone."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, stall_seconds: float) -> None:
        self.headers: list[tuple[bytes, bytes]] = scope["headers"]
        self.has_begun = False
        self._receive = receive
        self._send = send
        self._stall_seconds = stall_seconds
        self._loop = asyncio.get_running_loop()
        self._sending_since: float | None = None
        self._task: asyncio.Task[Any] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_gone = False

    async def body(self, max_bytes: int, seconds: float) -> bytes:
        """The request's body. Raises `HttpRefusal` (408, 413, 415) and `HungUp`."""
        self._check_head(max_bytes)
        message = await self._first(seconds)
        if not message.get("more_body"):
            body: bytes = message["body"]
            if len(body) > max_bytes:
                raise _too_large(max_bytes)
            return body
        try:
            async with asyncio.timeout(seconds):
                return await self._rest(message, max_bytes)
        except TimeoutError:
            raise _too_slow() from None

    async def start(self, status: int, headers: Headers) -> None:
        self.has_begun = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, body: bytes) -> None:
        self._sending_since = self._loop.time()
        await self._send({"type": "http.response.body", "body": body, "more_body": True})
        self._sending_since = None

    async def finish(self, body: bytes = b"") -> None:
        """The last words; from here on a hang-up changes nothing."""
        self._stop_watching()
        await self._send({"type": "http.response.body", "body": body})

    async def reply(self, status: int, headers: Headers, body: bytes) -> None:
        """A whole answer."""
        self._stop_watching()
        length = (b"content-length", str(len(body)).encode())
        kind = (b"content-type", b"application/json")
        await self.start(status, (kind, length, *headers))
        await self._send({"type": "http.response.body", "body": body})

    async def __aenter__(self) -> Line:
        """Watch from here on, the body being read. Leaving raises `HungUp` if the client went."""
        self._task = asyncio.current_task()
        self._watch = self._loop.create_task(self._listen())
        self._timer = self._loop.call_later(self._stall_seconds, self._check_stall)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._stop_watching()
        if self._is_gone and kind is asyncio.CancelledError and self._task is not None:
            if self._task.uncancel() == 0:
                raise HungUp from None

    # --- the watch --------------------------------------------------------------------------

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._hang_up()

    def _check_stall(self) -> None:
        since = self._sending_since
        if since is not None and self._loop.time() - since >= self._stall_seconds:
            self._hang_up()
        else:
            self._timer = self._loop.call_later(self._stall_seconds, self._check_stall)

    def _hang_up(self) -> None:
        self._is_gone = True
        if self._task is not None:
            self._task.cancel()

    def _stop_watching(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- the body ---------------------------------------------------------------------------

    def _check_head(self, max_bytes: int) -> None:
        for name, value in self.headers:
            if name == b"content-encoding" and value.lower() != b"identity":
                raise HttpRefusal(
                    415,
                    "compressed_body",
                    "Compressed bodies are not taken.",
                    remedy="Send the JSON as it is.",
                    closes=True,
                )
            if name == b"content-length" and int(value) > max_bytes * PATIENT_FACTOR:
                raise _too_large(max_bytes)

    async def _first(self, seconds: float) -> AsgiMessage:
        try:
            async with asyncio.timeout(seconds):
                message = await self._receive()
        except TimeoutError:
            raise _too_slow() from None
        if message["type"] == "http.disconnect":
            raise HungUp
        return message

    async def _rest(self, message: AsgiMessage, max_bytes: int) -> bytes:
        parts: list[bytes] = [message["body"]]
        num_bytes = len(parts[0])
        while message.get("more_body"):
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise HungUp
            num_bytes += len(message["body"])
            if num_bytes <= max_bytes:
                parts.append(message["body"])
            elif num_bytes > max_bytes * PATIENT_FACTOR:
                break
        if num_bytes > max_bytes:
            raise _too_large(max_bytes)
        return b"".join(parts)


def _too_large(max_bytes: int) -> HttpRefusal:
    return HttpRefusal(
        413,
        "body_too_large",
        f"The body has more than {max_bytes} bytes.",
        remedy="Shorten it, or raise serve.max_body_bytes.",
        closes=True,
    )


def _too_slow() -> HttpRefusal:
    return HttpRefusal(
        408,
        "body_too_slow",
        "The body did not come in time.",
        remedy="Send it at once.",
        closes=True,
    )
