"""Any OpenAI-compatible server as a Remote: OpenAI, vLLM, SGLang, Ollama, llama-server and our own.

Two halves, so that the door stands between them: `encode` is pure and makes the bytes, `send` makes
the one round trip with exactly these bytes. What the bytes mean is in `openai_schema` (out) and
`openai_wire` (in). It does not decide what may leave and is no Engine by itself.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import time
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from tandem.engines.openai_faults import fault_from_status
from tandem.engines.openai_schema import Dialect, chat_body, dialect_from, embedding_body
from tandem.engines.openai_wire import Reply, decision_from, vectors_from
from tandem.engines.round_trip import Limits, RoundTrip
from tandem.errors import (
    BadSettings,
    CloudBroken,
    CloudUnreachable,
)
from tandem.listed_hosts import session
from tandem.types import EngineCard, Event, Finish, JointWork, Outgoing, Place, Request, Usage

# Where stock servers verify drafts: SGLang's own call, and completions.
OTHER_PATHS = ("/generate", "/v1/completions")
# An error's body is read for its code only.
MAX_ERROR_BYTES = 64 * 1024
# Bytes of English per token, OpenAI's rule of thumb; used only where the server counts nothing.
BYTES_PER_TOKEN = 4
# A second try of a connection, after this pause; a budget keeps a dead cloud from doubling the load
# (finagle's and Envoy's retry budgets: a share of the requests and a small reserve).
RETRY_PAUSE_SECONDS = 0.05
RETRY_RESERVE = 5.0
RETRY_SHARE = 0.1


class OpenAIRemote:
    """One model on one OpenAI-compatible server.

    `credential` is asked anew for each request, so a changed key works at once; it goes to `url`'s
    host only. `hosts` are all that its connections can reach; `None`: `url`'s. Raises `BadSettings`
    for a URL that is none, or plain http to another machine.
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        credential: Callable[[], str | None] = lambda: None,
        credential_name: str | None = None,
        dialect: str = "auto",
        context_tokens: int | None = None,
        limits: Limits | None = None,
        allow_plain_http: bool = False,
        ssl_context: ssl.SSLContext | None = None,
        hosts: Collection[str] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        root = _checked_url(url, allow_plain_http)
        self._chat_url = root / "chat/completions"
        self._embeddings_url = root / "embeddings"
        # Other calls of the same server, which lie beside the API's root or under it.
        above = root.parent if root.name == "v1" else root
        self._others = {path: above / path.lstrip("/") for path in OTHER_PATHS}
        self._host = root.host or ""
        self._hosts = frozenset({self._host} if hosts is None else hosts)
        self._model = model
        self._dialect: Dialect = dialect_from(dialect, self._host)
        self._card = EngineCard(
            "openai_http", model, Place.CLOUD, context_tokens, can_embed=True, can_see=True
        )
        self._credential = credential
        self._credential_name = credential_name
        self._limits = limits or Limits()
        self._ssl_context = ssl_context
        self._now = now
        self._session: aiohttp.ClientSession | None = None
        self._retries_left = RETRY_RESERVE

    @property
    def card(self) -> EngineCard:
        return self._card

    def encode(self, request: Request) -> Outgoing:
        """The request as it would leave. Pure. Raises `Unsupported` for what the server lacks."""
        body = chat_body(request, self._model, self._dialect)
        return self._outgoing(self._chat_url, body, "text/event-stream")

    def encode_embedding(self, texts: Sequence[str]) -> Outgoing:
        """An embeddings call as it would leave. Pure."""
        body = embedding_body(texts, self._model)
        return self._outgoing(self._embeddings_url, body, "application/json")

    def encode_json(self, path: str, body: bytes) -> Outgoing:
        """A call of one of `OTHER_PATHS`, as it would leave. Pure."""
        return self._outgoing(self._others[path], body, "application/json")

    async def send_json(
        self, outgoing: Outgoing, deadline_seconds: float | None = None
    ) -> tuple[bytes, Usage]:
        """The answer's body and what the round trip took. Raises `CloudFault`s."""
        trip = RoundTrip(self._limits, deadline_seconds, self._host)
        try:
            await self._open(outgoing, trip)
            body = await trip.read_all(self._limits.max_bytes_in)
            return body, Usage(
                num_bytes_out=trip.num_bytes_out,
                num_bytes_in=trip.num_bytes_in,
                seconds=trip.seconds,
            )
        finally:
            trip.close()

    async def send(self, outgoing: Outgoing, request: Request) -> AsyncGenerator[Event, None]:
        """One round trip. Closing it early closes the connection at once. Raises `CloudFault`s."""
        trip = RoundTrip(self._limits, request.deadline_seconds, self._host)
        reply = Reply(request.sampling.max_output_tokens)
        try:
            response = await self._open(outgoing, trip)
            if decided := decision_from(response.headers, self._card):
                yield decided
            if response.content_type == "application/json":
                delta = reply.feed_whole(await trip.read_all(self._limits.max_bytes_in))
                if delta is not None:
                    trip.mark_token()
                    yield delta
            else:
                while not reply.is_done and (received := await trip.read()):
                    delta = reply.feed(received)
                    if delta is not None:
                        trip.mark_token()
                        yield delta
                await trip.drain()
            calls, reason = reply.end()
            for call in calls:
                trip.mark_token()
                yield call
            yield Finish(reason, _usage(reply, trip, len(outgoing.body)))
        finally:
            trip.close()

    async def send_embedding(
        self, outgoing: Outgoing, num_texts: int
    ) -> tuple[list[list[float]], int]:
        """The vectors and the number of tokens read, in one round trip. Raises `CloudFault`s."""
        trip = RoundTrip(self._limits, None, self._host)
        try:
            await self._open(outgoing, trip)
            return vectors_from(await trip.read_all(self._limits.max_bytes_in), num_texts)
        finally:
            trip.close()

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _outgoing(self, url: URL, body: bytes, accept: str) -> Outgoing:
        headers = (
            ("Host", url.host_port_subcomponent or ""),
            ("User-Agent", "tandem"),
            ("Accept", accept),
            ("Accept-Encoding", "identity"),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
        )
        return Outgoing("POST", str(url), headers, body, self._credential_name)

    async def _open(self, outgoing: Outgoing, trip: RoundTrip) -> aiohttp.ClientResponse:
        """The response, as soon as its head says that it is an answer."""
        known = (self._chat_url, self._embeddings_url, *self._others.values())
        if outgoing.url not in map(str, known):
            raise BadSettings("A request for another address was given to this remote.")
        headers = list(outgoing.headers)
        credential = self._credential()
        if credential:
            headers.append(("Authorization", f"Bearer {credential}"))
        trip.count_head(outgoing, headers)
        response = await self._connect(outgoing, headers, trip)
        if response.status != 200:
            body = await trip.read_all(MAX_ERROR_BYTES, is_cut=True)
            raise fault_from_status(
                response.status,
                body,
                response.headers.get("Retry-After"),
                now=self._now(),
                credential_name=self._credential_name,
            )
        _check_type(response)
        return response

    async def _connect(
        self, outgoing: Outgoing, headers: list[tuple[str, str]], trip: RoundTrip
    ) -> aiohttp.ClientResponse:
        self._retries_left = min(self._retries_left + RETRY_SHARE, RETRY_RESERVE)
        try:
            return await trip.open(self._client(), outgoing, headers)
        except CloudUnreachable as fault:
            error = fault.__cause__
            is_retried = isinstance(error, aiohttp.ClientConnectorError) and not isinstance(
                error, aiohttp.ClientSSLError
            )
            if not is_retried or self._retries_left < 1:
                raise
        self._retries_left -= 1
        await asyncio.sleep(RETRY_PAUSE_SECONDS)
        return await trip.open(self._client(), outgoing, headers)

    def _client(self) -> aiohttp.ClientSession:
        """Made at the first use, as aiohttp wants a running loop; it keeps no cookies."""
        if self._session is None:
            self._session = session(
                self._hosts,
                tls=self._ssl_context or True,
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, connect=self._limits.connect_seconds),
            )
        return self._session


def _checked_url(url: str, allow_plain_http: bool) -> URL:
    try:
        root = URL(url.rstrip("/"))
        second_opinion = urlsplit(url).hostname  # two parsers that differ are how SSRF gets through
    except ValueError:
        root, second_opinion = URL(), None
    if root.scheme not in ("http", "https") or not root.host:
        raise BadSettings(
            "The cloud's URL is not an http(s) address.",
            remedy="Give it as in https://api.example.com/v1.",
        )
    if root.raw_host != second_opinion and root.host != second_opinion:
        raise BadSettings("The cloud's URL can be read in two ways.", remedy="Write it plainly.")
    if root.user is not None or root.password is not None:
        raise BadSettings(
            "The cloud's URL holds a name or a password.",
            remedy="Keep the key in the environment or the keyring.",
        )
    if root.query_string or root.fragment:
        raise BadSettings("The cloud's URL holds a query.", remedy="Give only the API's root.")
    if root.scheme == "http" and not allow_plain_http and not _is_loopback(root.host):
        raise BadSettings(
            "The cloud's URL is plain http to another machine: anyone on the way could read along.",
            remedy="Use https, or set cloud.allow_plain_http in a network that is all yours.",
        )
    return root


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_type(response: aiohttp.ClientResponse) -> None:
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding != "identity":
        raise CloudBroken("The cloud sent a compressed answer although none was asked for.")
    if response.content_type not in ("text/event-stream", "application/json"):
        raise CloudBroken(
            "The cloud answered with something that is neither events nor JSON.",
            remedy="Check that the URL is that of an OpenAI-compatible API (it often ends in /v1).",
        )


def _usage(reply: Reply, trip: RoundTrip, num_body_bytes: int) -> Usage:
    counts = reply.counts
    joint = None
    if counts is not None and counts.num_right + counts.num_wrong:
        drafted = counts.num_right + counts.num_wrong
        joint = JointWork(drafted=drafted, accepted=counts.num_right, ended_by="stream")
    return Usage(
        input_tokens=counts.input_tokens if counts else num_body_bytes // BYTES_PER_TOKEN,
        output_tokens=counts.output_tokens if counts else reply.num_pieces,
        cached_tokens=counts.cached_tokens if counts else 0,
        num_bytes_out=trip.num_bytes_out,
        num_bytes_in=trip.num_bytes_in,
        seconds_to_first_token=trip.seconds_to_first_token,
        seconds=trip.seconds,
        is_estimated=counts is None,
        joint=joint,
    )
