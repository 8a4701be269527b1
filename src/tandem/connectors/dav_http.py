"""HTTP to a user's own calendar and contacts server: one connection, few verbs, no surprises.

The standard library's client, because the ports block and nothing else is needed. Only listed hosts
are ever spoken to: a redirect to another one is refused, so that a password cannot be led astray.
A read is tried once more when a kept connection has died; a write never is: it may have happened.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from tandem.connectors.accounts import Account
from tandem.errors import (
    Conflict,
    StoreBroken,
    StoreBusy,
    StoreFault,
    StoreRefused,
    StoreUnreachable,
)

MAX_BYTES = 64 * 1024 * 1024
_MAX_REDIRECTS = 5
_READS = frozenset({"GET", "PROPFIND", "REPORT", "OPTIONS"})
# A connection that has rested longer may be dead without our knowing: not for a write.
_STALE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer. Header names are in small letters; `path` is where it came from."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    path: str


class DavHttp:
    """The line to one server."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._line: http.client.HTTPConnection | None = None
        self._used_at = 0.0

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        allowed: frozenset[int] = frozenset(),
    ) -> Reply:
        """One request; redirects of a read are followed on this host.

        Gives answers below 300 and those `allowed`; every other one is raised as a `StoreFault`.
        """
        reply = self._once(method, path, {**(headers or {})}, body)
        for _ in range(_MAX_REDIRECTS):
            if reply.status not in (301, 302, 303, 307, 308) or method not in _READS:
                break
            path = self._redirected(path, reply.headers.get("location", ""))
            reply = self._once(method, path, {**(headers or {})}, body)
        if reply.status < 300 or reply.status in allowed:
            return reply
        raise self._fault(reply)

    def close(self) -> None:
        """End the connection."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _redirected(self, path: str, location: str) -> str:
        account = self._account
        scheme = "http" if account.security == "plain" else "https"
        here = f"{scheme}://{account.host}:{account.port}{path}"
        url = urlsplit(urljoin(here, location))
        port = url.port or (443 if url.scheme == "https" else 80)
        if (url.scheme, (url.hostname or "").lower(), port) != (
            scheme,
            account.host.lower(),
            account.port,
        ):
            raise StoreRefused(
                f"{account.host} sends us to another server, {url.hostname}.",
                remedy="If that is right, connect to that one: tandem connect calendar.",
            )
        return (url.path or "/") + (f"?{url.query}" if url.query else "")

    def _once(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        is_old = self._line is not None
        if is_old and method not in _READS and time.monotonic() - self._used_at > _STALE_SECONDS:
            self.close()
        try:
            return self._round(method, path, headers, body)
        except StoreUnreachable:
            self.close()
            if not is_old or method not in _READS:
                raise
        return self._round(method, path, headers, body)

    def _round(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        account = self._account
        try:
            line = self._line = self._line or self._connection()
            line.request(method, path, body or None, headers | self._credential())
            response = line.getresponse()
            content = response.read(MAX_BYTES + 1)
            fields = {name.lower(): value for name, value in response.getheaders()}
        except ssl.SSLCertVerificationError:
            raise StoreUnreachable(
                f"The secure connection to {account.host} failed: its certificate is not valid.",
                remedy="Check the host's name, this machine's clock and its certificates.",
            ) from None
        except TimeoutError:
            raise StoreUnreachable(
                f"{account.host} did not answer in time.", remedy="Try again."
            ) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise StoreUnreachable(
                f"The connection to {account.host} failed ({type(error).__name__}).",
                remedy="Check that the server runs, and the network.",
            ) from None
        self._used_at = time.monotonic()
        if len(content) > MAX_BYTES or fields.get("connection", "").lower() == "close":
            self.close()
        if len(content) > MAX_BYTES:
            raise StoreBroken(f"The answer of {account.host} never ends.", remedy="Try again.")
        return Reply(response.status, fields, content, path)

    def _connection(self) -> http.client.HTTPConnection:
        account = self._account
        if account.security == "plain":
            return http.client.HTTPConnection(
                account.host, account.port, timeout=account.timeout_seconds
            )
        return http.client.HTTPSConnection(
            account.host,
            account.port,
            timeout=account.timeout_seconds,
            context=ssl.create_default_context(),
        )

    def _credential(self) -> dict[str, str]:
        credential = self._account.credential()
        if credential.is_token:
            return {"Authorization": f"Bearer {credential.secret}"}
        pair = f"{self._account.user}:{credential.secret}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}

    def _fault(self, reply: Reply) -> StoreFault:
        host, status = self._account.host, reply.status
        if status == 401:
            return StoreRefused(
                f"{host} does not accept the user or the password.",
                remedy="Connect again: tandem connect calendar. Some servers want an app password.",
            )
        if status in (409, 412, 404, 410):
            return Conflict(
                "It has been changed or deleted meanwhile, or there is one already.",
                remedy="Look at it again, then decide.",
            )
        if status in (413, 507):
            return StoreRefused(f"There is no room left on {host}.", remedy="Make room there.")
        if status in (429, 503):
            seconds: float | None = None
            with contextlib.suppress(ValueError):
                seconds = float(reply.headers.get("retry-after", ""))
            return StoreBusy(
                f"{host} asks to come again later.",
                remedy="Try again later.",
                retry_after_seconds=seconds,
            )
        if status < 500:
            return StoreRefused(
                f"{host} refuses this ({status}).", remedy="Check the rights and the address."
            )
        return StoreBroken(f"{host} has failed ({status}).", remedy="Try again later.")
