"""Who may ask, and how much: Host, Origin, token, rate, number at once. No I/O.

Decisions read the raw headers and the routed path only, never a URL built from the Host header
(Starlette's CVE-2026-48710 and LiteLLM's CVE-2026-49468 came from that). There is one way to be
authorised, whichever of the two headers carries the token (Open WebUI's CVE-2026-45339).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tandem.errors import BadSettings, Overloaded, Unauthorized
from tandem.ports import Clock
from tandem.serve.failures import HttpRefusal

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
# Shorter ones can be guessed; the token that Tandem makes itself has 43 characters.
MIN_TOKEN_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server takes. `requests_per_minute` of 0 sets no limit.

    `stall_seconds`: how long a client may leave its answer unread before it counts as gone.
    """

    max_body_bytes: int = 8 * 1024 * 1024
    max_concurrent: int = 64
    requests_per_minute: int = 0
    body_seconds: float = 30.0
    stall_seconds: float = 60.0
    deadline_seconds: float | None = None


class Access:
    """The checks before a request is read. `allowed_hosts` adds to the loopback names."""

    def __init__(self, token: str, allowed_hosts: Sequence[str] = ()) -> None:
        """Raises `BadSettings` for a token that is too short to be safe."""
        if len(token) < MIN_TOKEN_CHARACTERS:
            raise BadSettings(
                f"The server's token has fewer than {MIN_TOKEN_CHARACTERS} characters.",
                remedy="Delete its file: a good one is made at the next start.",
            )
        self._digest = _digest(token.encode())
        self._named = tuple(host.lower() for host in allowed_hosts)
        self._hosts: dict[int, frozenset[bytes]] = {}

    def check_host(self, headers: Sequence[tuple[bytes, bytes]], port: int) -> None:
        """Refuse foreign Host and Origin headers: a web page must not reach this server."""
        hosts = [value for name, value in headers if name == b"host"]
        allowed = self._hosts.get(port) or self._allowed(port)
        if len(hosts) != 1 or hosts[0].lower() not in allowed:
            raise HttpRefusal(
                403,
                "host_not_allowed",
                "The Host header names no host of this server.",
                remedy="Use 127.0.0.1 or localhost, or add the name to serve.allowed_hosts.",
                closes=True,
            )
        for name, value in headers:
            if name == b"origin" and not _is_own_origin(value, allowed):
                raise HttpRefusal(
                    403,
                    "origin_not_allowed",
                    "Requests from other web pages are refused.",
                    remedy="Open Tandem's own page.",
                    closes=True,
                )

    def check_token(self, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Raises `Unauthorized` unless every credential that was sent is the token, and one was."""
        shown: list[bytes] = []
        for name, value in headers:
            if name == b"authorization":
                scheme, _, credential = value.partition(b" ")
                shown.append(credential.strip() if scheme.lower() == b"bearer" else b"")
            elif name == b"x-api-key":
                shown.append(value.strip())
        if not shown or not all(hmac.compare_digest(_digest(one), self._digest) for one in shown):
            raise Unauthorized(
                "The token is missing or wrong.",
                remedy="Send 'Authorization: Bearer TOKEN' with the token of tandem serve.",
            )

    def _allowed(self, port: int) -> frozenset[bytes]:
        named: set[str] = set()
        for host in (*LOOPBACK_NAMES, *self._named):
            named.add(f"{host}:{port}")
            if host in self._named or port in (80, 443):
                named.add(host)
        if len(self._hosts) < 16:
            self._hosts[port] = frozenset(host.encode() for host in named)
        return frozenset(host.encode() for host in named)


class Gate:
    """How many at once and how many a minute. Raises `Overloaded` at the limit."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._num_inside = 0
        self._tokens = float(limits.requests_per_minute)
        self._filled_at = clock.monotonic()

    @property
    def num_inside(self) -> int:
        return self._num_inside

    @contextmanager
    def entered(self) -> Generator[None, None, None]:
        """Count one request in, and out again however it ends."""
        self._take()
        if self._num_inside >= self._limits.max_concurrent:
            raise Overloaded(
                f"{self._num_inside} requests are being answered already.",
                remedy="Try again in a moment.",
                retry_after_seconds=1.0,
            )
        self._num_inside += 1
        try:
            yield
        finally:
            self._num_inside -= 1

    def _take(self) -> None:
        """A token bucket that holds one minute's worth."""
        rate = self._limits.requests_per_minute
        if not rate:
            return
        now = self._clock.monotonic()
        self._tokens = min(rate, self._tokens + (now - self._filled_at) * rate / 60)
        self._filled_at = now
        if self._tokens < 1:
            raise Overloaded(
                f"More than {rate} requests in a minute.",
                remedy="Wait a little.",
                retry_after_seconds=(1 - self._tokens) * 60 / rate,
            )
        self._tokens -= 1


def _digest(credential: bytes) -> bytes:
    """Of one length, so that the comparison tells nothing about the token's."""
    return hashlib.sha256(credential).digest()


def _is_own_origin(origin: bytes, allowed: frozenset[bytes]) -> bool:
    scheme, _, host = origin.lower().partition(b"://")
    return scheme in (b"http", b"https") and host in allowed
