"""A device's link to a paired cloud: one WebSocket, behind the door.

It knows addresses, TLS and frames, and nothing of what the frames say.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress

import aiohttp

from tandem.errors import (
    CloudBroken,
    CloudBusy,
    CloudFault,
    CloudRejected,
    CloudTimeout,
    CloudUnreachable,
)

MAX_WAITING_BYTES = 64 * 1024
HEARTBEAT_SECONDS = 20.0
MAX_FRAME_BYTES = 4 * 1024 * 1024


class WebSocketLink:
    """A Link over one aiohttp WebSocket. `num_bytes_out` and `num_bytes_in` count frames with their
    framing (2 to 14 bytes, and the mask of a client's)."""

    def __init__(self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse):
        self._session = session
        self._socket = socket
        self._frames: list[bytes] = []
        self._num_waiting = 0
        self._wake = asyncio.Event()
        self._is_ending = False
        self._writer = asyncio.ensure_future(self._writing())
        self.num_bytes_out = 0
        self.num_bytes_in = 0

    @property
    def is_congested(self) -> bool:
        return self._num_waiting > MAX_WAITING_BYTES

    def send(self, frame: bytes) -> None:
        """Queue a frame; silent on a broken link."""
        if not self._socket.closed:
            self._frames.append(frame)
            self._num_waiting += len(frame)
            self._wake.set()

    async def receive(self) -> bytes | None:
        """The next frame; `None` once the link is gone."""
        message = await self._socket.receive()
        if message.type is not aiohttp.WSMsgType.BINARY:
            return None
        data: bytes = message.data
        self.num_bytes_in += len(data) + _framing(len(data))
        return data

    async def aclose(self) -> None:
        """Send what is queued, then close; never longer than a second."""
        self._is_ending = True
        self._wake.set()
        with suppress(TimeoutError, OSError, aiohttp.ClientError):
            async with asyncio.timeout(1.0):
                await asyncio.shield(self._writer)
                await self._socket.close()
        self._writer.cancel()
        with suppress(asyncio.CancelledError):
            await self._writer
        await self._session.close()

    async def _writing(self) -> None:
        with suppress(OSError, aiohttp.ClientError, RuntimeError):
            while True:
                while self._frames:
                    frame = self._frames[0]
                    await self._socket.send_bytes(frame)
                    self._frames.pop(0)
                    self._num_waiting -= len(frame)
                    self.num_bytes_out += len(frame) + _framing(len(frame)) + 4
                if self._is_ending:
                    return
                await self._wake.wait()
                self._wake.clear()


def _framing(num: int) -> int:
    """RFC 6455, 5.2: two bytes, and two or eight for lengths above 125 and 65,535."""
    return 2 if num < 126 else 4 if num < 65_536 else 10


async def connected(
    url: str,
    headers: Sequence[tuple[str, str]],
    *,
    context: ssl.SSLContext | None,
    seconds: float,
) -> WebSocketLink:
    """A link. Raises a `CloudFault` with the cloud's own word where it says no."""
    session = aiohttp.ClientSession(
        trust_env=False,
        connector=aiohttp.TCPConnector(ssl=context or True),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )
    try:
        async with asyncio.timeout(seconds):
            socket = await session.ws_connect(
                url,
                headers=list(headers),
                heartbeat=HEARTBEAT_SECONDS,
                max_msg_size=MAX_FRAME_BYTES,
                compress=0,
            )
    except BaseException as error:
        await session.close()
        if isinstance(error, (TimeoutError, aiohttp.ClientError, OSError)):
            raise _fault(error, url) from error
        raise
    return WebSocketLink(session, socket)


def _fault(error: Exception, url: str) -> CloudFault:
    host = url.split("://")[-1].split("/")[0]
    if isinstance(error, aiohttp.WSServerHandshakeError):
        return _refusal(error.status, host)
    if isinstance(error, TimeoutError):
        return CloudTimeout(f"{host} did not take the connection in time.", remedy="Try again.")
    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
        return CloudUnreachable(
            f"{host} shows another certificate than when it was paired.",
            remedy="If it was changed on purpose, pair again: tandem pair ADDRESS.",
            has_connected=False,
        )
    return CloudUnreachable(
        f"{host} does not take connections.",
        remedy="Check that tandem cloud runs there, and the network.",
        has_connected=False,
    )


def _refusal(status: int, host: str) -> CloudFault:
    """An upgrade that was answered with an error."""
    if status == 409:
        return CloudRejected(
            f"{host} has another model or template than when it was paired.",
            remedy="Pair again: tandem pair ADDRESS.",
            status=status,
        )
    if status in (401, 403):
        return CloudRejected(
            f"{host} does not take the token of the pairing.",
            remedy="Pair again with the cloud's present token: tandem pair ADDRESS.",
            status=status,
        )
    if status in (429, 503):
        return CloudBusy(f"{host} is at a limit.", remedy="Try again in a moment.")
    if status == 404:
        return CloudRejected(
            f"{host} does not verify drafts any more.",
            remedy="Start it with cloud_tier.verify, or: tandem config set joint.enabled false.",
            status=status,
        )
    return CloudBroken(f"{host} answered the session with {status}.", remedy="Try again.")
