"""The one place where HTTP sessions are made: they reach the hosts on their list and no other.

The guard asks the list for each request that it lets out. This is the second lock, below it:
whoever gets hold of a session cannot open a connection elsewhere with it, by a bug, by a redirect
or through a proxy. It refuses before the name is looked up, as a look-up tells somebody the name.
"""

from __future__ import annotations

import ssl
from collections.abc import Collection
from typing import Any

import aiohttp
from aiohttp.abc import ResolveResult
from aiohttp.client import ClientTimeout
from aiohttp.tracing import Trace

from tandem.errors import Stays


def session(
    hosts: Collection[str], *, tls: ssl.SSLContext | bool = True, limit: int = 0, **more: Any
) -> aiohttp.ClientSession:
    """A session that reaches `hosts` alone, each "host" or "host:port", and keeps no cookies.

    Reaching for another raises `Stays`. `limit`: connections at once, 0 for any number. It needs a
    running loop. The environment's proxies are not used.
    """
    return aiohttp.ClientSession(
        connector=ListedConnector(hosts, tls=tls, limit=limit),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        **more,
    )


class ListedConnector(aiohttp.TCPConnector):
    """Makes connections to listed hosts."""

    def __init__(
        self, hosts: Collection[str], *, tls: ssl.SSLContext | bool = True, limit: int = 0
    ) -> None:
        super().__init__(limit=limit, ssl=tls)  # pyright: ignore[reportUnknownMemberType]
        self._hosts = frozenset(host.lower() for host in hosts)

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109 (aiohttp's own signature)
    ) -> aiohttp.connector.Connection:
        """A connection for the request. Raises `Stays` for a host that is not on the list."""
        proxy = req.proxy
        for url in (req.url,) if proxy is None else (req.url, proxy):
            self._check(url.host or "", url.port)
        return await super().connect(req, traces, timeout)

    async def _resolve_host(self, host: str, port: int, traces: Any = None) -> list[ResolveResult]:
        """The same where a name becomes an address: nothing past `connect` looks one up."""
        self._check(host, port)
        return await super()._resolve_host(host, port, traces)

    def _check(self, host: str, port: int | None) -> None:
        name = host.lower().rstrip(".")
        shown = f"[{name}]" if ":" in name else name
        if not self._hosts & {name, shown, f"{shown}:{port}"}:
            raise Stays(
                f"The host {host!r} is not on the list of hosts that may be reached.",
                remedy="Set cloud.url, or add the host to cloud.hosts in the settings.",
            )
