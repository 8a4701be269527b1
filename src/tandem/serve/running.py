"""Runs the application on uvicorn: one socket, a bounded drain at SIGTERM, no word printed.

uvicorn leaves three doors open that are closed here: headers without end, headers that never come,
and connections without number (`_GuardedProtocol`). Its own signal code is replaced, as it raises
the signal again after the drain.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import signal
import socket
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tandem.errors import BadSettings, DeviceFault
from tandem.serve.app import AsgiApp

# Browsers and proxies stay below 16 KiB; nginx takes 32 KiB in all (large_client_header_buffers).
MAX_HEADER_BYTES = 32 * 1024
HEADER_SECONDS = 10.0
MAX_CONNECTIONS = 1024
# Larger frames are cut off by the server; somewhat smaller ones that are too large get a reason.
MAX_WS_FRAME_BYTES = 4 * 1024 * 1024
MAX_GATHERED_BYTES = 32 * 1024
KEEP_ALIVE_SECONDS = 15
DRAIN_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Certificate:
    """What TLS needs: the chain and its private key, as PEM files."""

    chain: Path
    key: Path


async def run(
    app: AsgiApp,
    *,
    host: str,
    port: int,
    on_ready: Callable[[int], None] = lambda port: None,
    certificate: Certificate | None = None,
    drain_seconds: int = DRAIN_SECONDS,
    header_seconds: float = HEADER_SECONDS,
) -> None:
    """Serve until SIGTERM or SIGINT, or until the task is cancelled; then finish what is running.

    `port` 0 takes a free one; `on_ready` is told the real one as soon as connections are taken.
    What still runs after `drain_seconds` is cut. Raises `BadSettings` for a host that is not this
    machine's own without TLS, and `DeviceFault` when the port cannot be had.
    """
    if certificate is None and not _is_loopback(host):
        raise BadSettings(
            f"Serving on {host} would show the token and all text to the network.",
            remedy="Serve on 127.0.0.1, or give a certificate and its key.",
        )
    with _bound(host, port) as bound:
        config = uvicorn.Config(
            app,  # type: ignore[arg-type] # uvicorn's own types for ASGI are stricter than ASGI
            loop="none",
            http=partial(_GuardedProtocol, header_seconds),  # type: ignore[arg-type] # makes one
            ws="websockets-sansio",
            ws_max_size=MAX_WS_FRAME_BYTES,
            ws_per_message_deflate=False,  # ids do not shrink, and it costs memory per session
            lifespan="off",
            access_log=False,
            log_config=None,
            log_level="critical",
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=drain_seconds,
            ssl_certfile=certificate.chain if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
        )
        server = _Server(config, lambda: on_ready(bound.getsockname()[1]))
        serving = asyncio.ensure_future(server.serve([bound]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.stop()
            await serving
            raise


def blocking(main: Any) -> None:
    """Run a coroutine on uvloop where there is one: it halves the CPU time of a request."""
    # Windows has no uvloop, so it is looked for at the moment of need.
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
        return
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


class _Server(uvicorn.Server):
    """uvicorn's server, telling when it is ready, and not raising the signal again at its end."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """The first call drains, the second ends at once."""
        self.force_exit = self.should_exit
        self.should_exit = True
        self._stopping.set()

    async def main_loop(self) -> None:
        """Sleep until stopped; uvicorn's own looks up ten times a second, which costs a battery."""
        await self._stopping.wait()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        caught: list[signal.Signals] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            # Not in the main thread, or no such call (Windows): whoever started this stops it.
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self.stop)
                caught.append(number)
        try:
            yield
        finally:
            for number in caught:
                loop.remove_signal_handler(number)


class _GuardedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP with limits on headers and connections, and JSON for its own 400."""

    def __init__(self, header_seconds: float, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._header_seconds = header_seconds
        self._header_timer: asyncio.TimerHandle | None = None
        self._num_header_bytes = 0
        self._num_parsed_bytes = 0
        self._is_in_headers = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast(asyncio.Transport, _Gathering(transport, self.loop)))
        if len(self.connections) > MAX_CONNECTIONS:
            self._refuse(b"503 Service Unavailable", b"Too many connections.", b"overloaded")
            return
        self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._is_in_headers:
            self._num_header_bytes += len(data)
            if self._header_timer is None:
                self._await_headers()
        super().data_received(data)
        if self._is_in_headers and self._num_header_bytes > MAX_HEADER_BYTES:
            self._refuse_headers()

    def on_message_begin(self) -> None:
        self._is_in_headers = True
        self._num_parsed_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(name, value)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._is_in_headers = False
        self._num_header_bytes = 0
        self._stop_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._is_in_headers = True

    def send_400_response(self, msg: str) -> None:
        self._refuse(b"400 Bad Request", b"This is not valid HTTP.", b"bad_request")

    def _count(self, *parts: bytes) -> None:
        """Headers that came whole in one packet are counted here; the error stops the parser."""
        self._num_parsed_bytes += sum(map(len, parts)) + 4
        if self._num_parsed_bytes > MAX_HEADER_BYTES:
            self._refuse_headers()
            raise ValueError("headers too long")

    def _refuse_headers(self) -> None:
        status = b"431 Request Header Fields Too Large"
        self._refuse(status, b"The headers are too long.", b"headers_too_long")

    def _await_headers(self) -> None:
        self._header_timer = self.loop.call_later(self._header_seconds, self._headers_too_slow)

    def _headers_too_slow(self) -> None:
        self._header_timer = None
        self._refuse(
            b"408 Request Timeout", b"The headers did not come in time.", b"headers_too_slow"
        )

    def _stop_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _refuse(self, status: bytes, message: bytes, code: bytes) -> None:
        """An answer in OpenAI's shape before there is a request, and the end of the connection."""
        if self.transport.is_closing():
            return
        # Before the first request there is no cycle, whatever uvicorn's types say.
        if self.cycle and not self.cycle.response_complete:
            self.transport.close()  # an answer is on its way: no other may be mixed into it
            return
        body = (
            b'{"error":{"message":"%s","type":"invalid_request_error","param":null,"code":"%s"}}'
            % (message, code)
        )
        head = b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n" % (
            status,
            len(body),
        )
        self.transport.write(head + b"connection: close\r\n\r\n" + body)
        self.transport.close()


class _Gathering:
    """A transport that sends what one turn of the loop writes in one piece.

    uvloop makes a system call of every write, and on a short answer these calls are most of the CPU
    time: head and body, or the pieces of a stream that came together, then cost one. Whatever else
    a transport does, the real one does.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []
        self._num_bytes = 0

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)
        self._num_bytes += len(data)
        if self._num_bytes > MAX_GATHERED_BYTES:
            self._flush()  # so that a client that does not read is noticed

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _flush(self) -> None:
        if self._parts:
            data = b"".join(self._parts)
            self._parts.clear()
            self._num_bytes = 0
            self._transport.write(data)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@contextlib.contextmanager
def _bound(host: str, port: int) -> Generator[socket.socket, None, None]:
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
            bound.listen(2048)
        except OSError as error:
            raise _bind_fault(error, host, port) from None
        bound.setblocking(False)
        yield bound
    finally:
        bound.close()


def _bind_fault(error: OSError, host: str, port: int) -> DeviceFault:
    if error.errno == errno.EADDRINUSE:
        return DeviceFault(
            f"Port {port} on {host} is in use.",
            remedy="Stop the other program, or choose another port: tandem serve --port N.",
        )
    if error.errno == errno.EACCES:
        return DeviceFault(f"Port {port} needs more rights.", remedy="Choose a port above 1023.")
    return DeviceFault(
        f"{host} port {port} cannot be served on ({error.strerror}).",
        remedy="Check serve.host: it must be an address of this machine.",
    )
