"""One HTTP round trip: its connection, its time limits, its counts, and its faults in our words.

It knows HTTP but not what the bytes mean.
"""

from __future__ import annotations

import io
import ssl
import time
from dataclasses import dataclass

import aiohttp
from yarl import URL

from tandem.engines.patience import OutOfPatience, Patience
from tandem.errors import (
    CloudBroken,
    CloudFault,
    CloudRejected,
    CloudTimeout,
    CloudUnreachable,
)
from tandem.types import Outgoing

# After [DONE] only the end of the chunked body is due. Waiting this long for it saves a handshake.
DRAIN_SECONDS = 0.05
# aiohttp warns above this size, as one write of it would hold up the loop.
LARGE_BODY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much. `first_byte` counts from the sent request to the first byte."""

    connect_seconds: float = 5.0
    first_byte_seconds: float = 30.0
    idle_seconds: float = 30.0
    total_seconds: float = 300.0
    max_bytes_in: int = 16 * 1024 * 1024


class RoundTrip:
    """One round trip: its connection, its time limits and its counts."""

    def __init__(self, limits: Limits, deadline_seconds: float | None, host: str) -> None:
        total = limits.total_seconds
        if deadline_seconds is not None:
            total = min(total, deadline_seconds)
        self._patience = Patience(total)
        self._limits = limits
        self._host = host
        self._started = time.perf_counter()  # uvloop's own clock has steps of 1 ms
        self._response: aiohttp.ClientResponse | None = None
        self._num_body_bytes = 0
        self.num_bytes_out = 0
        self.num_bytes_in = 0
        self.seconds_to_first_token: float | None = None

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._started

    def mark_token(self) -> None:
        if self.seconds_to_first_token is None:
            self.seconds_to_first_token = self.seconds

    def count_head(self, outgoing: Outgoing, headers: list[tuple[str, str]]) -> None:
        """Bytes out: request line, headers and body; TLS and TCP framing are not counted."""
        target = URL(outgoing.url, encoded=True).raw_path_qs
        line = len(f"{outgoing.method} {target} HTTP/1.1\r\n\r\n")
        lines = sum(len(name) + len(value.encode()) + 4 for name, value in headers)
        self._num_to_send = line + lines + len(outgoing.body)

    async def open(
        self, client: aiohttp.ClientSession, outgoing: Outgoing, headers: list[tuple[str, str]]
    ) -> aiohttp.ClientResponse:
        body = outgoing.body
        asking = client.request(
            outgoing.method,
            URL(outgoing.url, encoded=True),
            data=body if len(body) <= LARGE_BODY_BYTES else io.BytesIO(body),
            headers=headers,
            allow_redirects=False,
        )
        limit = self._limits.connect_seconds + self._limits.first_byte_seconds
        self.num_bytes_out += self._num_to_send
        try:
            response = await self._patience.wait(asking, "first byte", limit)
        except (OutOfPatience, aiohttp.ClientError, OSError, ValueError) as error:
            raise _fault(error, self._host) from error
        self._response = response
        head = sum(len(name) + len(value) + 4 for name, value in response.raw_headers)
        self.num_bytes_in += head + len(f"HTTP/1.1 {response.status} {response.reason}\r\n\r\n")
        return response

    async def read(self) -> bytes:
        """More of the body; empty at its end. Raises `CloudTimeout` and `CloudBroken`."""
        assert self._response is not None  # it is opened first
        limits = self._limits
        is_first = self._num_body_bytes == 0
        name = "first byte" if is_first else "idle"
        seconds = limits.first_byte_seconds if is_first else limits.idle_seconds
        try:
            received = await self._patience.wait(self._response.content.readany(), name, seconds)
        except (OutOfPatience, aiohttp.ClientError, OSError) as error:
            raise _fault(error, self._host, is_answering=True) from error
        self.num_bytes_in += len(received)
        self._num_body_bytes += len(received)
        if self._num_body_bytes > limits.max_bytes_in:
            raise CloudBroken(
                f"The cloud's answer never ends: more than {limits.max_bytes_in} bytes.",
                remedy="Its server is faulty; the answer was cut.",
            )
        return received

    async def read_all(self, max_bytes: int, *, is_cut: bool = False) -> bytes:
        """The body, or its first `max_bytes`. Raises `CloudBroken` on more, unless `is_cut`."""
        parts: list[bytes] = []
        while self._num_body_bytes < max_bytes and (received := await self.read()):
            parts.append(received)
        body = b"".join(parts)
        if len(body) >= max_bytes and not is_cut:
            raise CloudBroken(f"The cloud's reply has more than {max_bytes} bytes.")
        return body[:max_bytes]

    async def drain(self) -> None:
        """Let the connection be used again if the body ends at once."""
        response = self._response
        if response is None or response.content.at_eof():
            return
        try:
            await self._patience.wait(response.content.readany(), "drain", DRAIN_SECONDS)
        except (OutOfPatience, aiohttp.ClientError, OSError):
            return  # the answer is whole; only the connection is lost

    def close(self) -> None:
        """Give a finished connection back; cut an unfinished one, so that the server notices."""
        self._patience.close()
        response, self._response = self._response, None
        if response is not None and not response.content.at_eof():
            response.close()


def _fault(error: Exception, host: str, *, is_answering: bool = False) -> CloudFault:
    """The error of the network in Tandem's words."""
    if isinstance(error, OutOfPatience):
        return CloudTimeout(
            f"{host} took too long ({error.limit}: {error.seconds:g} s).",
            remedy="Try again, or raise the limit in the settings.",
        )
    if isinstance(error, TimeoutError):  # aiohttp's own: the connection was not made in time
        return CloudTimeout(f"{host} did not take the connection in time.", remedy="Try again.")
    if isinstance(error, (aiohttp.ClientConnectorError, ssl.SSLError)):
        return _unreachable(error, host)
    if isinstance(error, (aiohttp.ClientResponseError, aiohttp.InvalidURL)):
        return CloudBroken(f"{host} does not speak HTTP.", remedy="Check the URL.")
    if isinstance(error, ValueError):
        return CloudRejected("The API key holds a character that no header can carry.")
    if is_answering:
        return CloudBroken(f"{host} broke off in mid-answer.", remedy="Ask again.")
    return CloudUnreachable(f"{host} closed the connection.", remedy="Try again.")


def _unreachable(error: Exception, host: str) -> CloudUnreachable:
    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
        return CloudUnreachable(
            f"The secure connection to {host} failed: its certificate is not valid here.",
            remedy="Check the URL, this machine's clock and its certificates.",
            has_connected=False,
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return CloudUnreachable(
            f"There is no host {host}.",
            remedy="Check the URL and the network.",
            has_connected=False,
        )
    return CloudUnreachable(
        f"{host} does not take connections.",
        remedy="Check that it runs, and the URL.",
        has_connected=False,
    )
