"""Links over WebSocket, both ends. One binary frame is one message; compression is off, as ids do
not compress and a round would wait for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from tandem.errors import CloudBusy, CloudRejected, CloudUnreachable
from tandem.joint.ports import Link
from tandem.listed_hosts import session

PATH = "/joint"
MAX_FRAME_BYTES = 1 << 20
_MAX_QUEUED_FRAMES = 256
_MAX_QUEUED_BYTES = 1 << 20
_CONNECT_SECONDS = 10.0
_HEARTBEAT_SECONDS = 20.0

Socket = aiohttp.ClientWebSocketResponse | web.WebSocketResponse


class WebSocketLink:
    """A `Link` over an open WebSocket. `on_close` lets go of what was made for it."""

    def __init__(
        self, socket: Socket, on_close: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self._socket = socket
        self._on_close = on_close
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._is_closing = False
        self._has_frames = asyncio.Event()
        self._writer = asyncio.create_task(self._write(), name="link")

    @property
    def is_congested(self) -> bool:
        """Whether the other side reads too slowly."""
        return len(self._queue) > _MAX_QUEUED_FRAMES or self._queued_bytes > _MAX_QUEUED_BYTES

    def send(self, frame: bytes) -> None:
        """Queue a frame."""
        self._queue.append(frame)
        self._queued_bytes += len(frame)
        self._has_frames.set()

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError, aiohttp.ClientError):
            while not self._is_closing or self._queue:
                while self._queue:
                    frame = self._queue.popleft()
                    await self._socket.send_bytes(frame)
                    self._queued_bytes -= len(frame)
                if not self._is_closing:
                    self._has_frames.clear()
                    await self._has_frames.wait()

    async def receive(self) -> bytes | None:
        """The next frame; `None` when the link is gone, or the other side sends text."""
        try:
            message = await self._socket.receive()
        except (ConnectionError, RuntimeError, aiohttp.ClientError):
            return None
        return message.data if message.type is aiohttp.WSMsgType.BINARY else None

    async def aclose(self) -> None:
        """Send what is queued, then hang up."""
        self._is_closing = True
        self._has_frames.set()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await asyncio.wait([self._writer])
                    await self._socket.close()
        finally:  # given up while hanging up: what was made is let go of all the same
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
            on_close, self._on_close = self._on_close, None
            if on_close is not None:
                await on_close()


async def connect(
    url: str, *, headers: Mapping[str, str] | None = None, tls: ssl.SSLContext | bool = True
) -> WebSocketLink:
    """A link to the verifier at `url` (ws:// or wss://, path included).

    The connection reaches that host alone.

    Raises `CloudUnreachable`, `CloudRejected` (401 and other refusals) and `CloudBusy` (429, 503).
    """
    line = session((urlsplit(url).hostname or "",))
    try:
        socket = await line.ws_connect(
            url,
            headers=headers,
            ssl=tls,
            compress=0,
            max_msg_size=MAX_FRAME_BYTES,
            heartbeat=_HEARTBEAT_SECONDS,
            timeout=aiohttp.ClientWSTimeout(ws_close=1.0),  # pyright: ignore[reportCallIssue]
        )
    except aiohttp.WSServerHandshakeError as error:
        await line.close()
        if error.status in (429, 503):
            raise CloudBusy("The verifier has no room now.") from error
        raise CloudRejected(
            f"The verifier refused the connection (HTTP {error.status}).", status=error.status
        ) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        await line.close()
        raise CloudUnreachable(
            "The verifier cannot be reached.", remedy="Is `tandem cloud` running there?"
        ) from error
    except BaseException:  # given up while connecting
        await line.close()
        raise
    return WebSocketLink(socket, line.close)


def route(attend: Callable[[Link], Awaitable[None]]) -> web.RouteDef:
    """The route of an aiohttp application that serves `attend` (a `VerifierLoop`'s)."""

    async def join(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(
            compress=False, max_msg_size=MAX_FRAME_BYTES, heartbeat=_HEARTBEAT_SECONDS, timeout=1.0
        )
        await socket.prepare(request)
        await attend(WebSocketLink(socket))
        return socket

    return web.get(PATH, join)


@contextlib.asynccontextmanager
async def listening(
    attend: Callable[[Link], Awaitable[None]],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
) -> AsyncGenerator[int, None]:
    """A server for as long as the block runs; gives the port. `port` 0 takes a free one."""
    application = web.Application()
    application.add_routes([route(attend)])
    runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, host, port, ssl_context=tls)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
