"""Who gets in: the token on every route, the Host and Origin headers, the limits. Raw sockets.

Several are replays of what went wrong elsewhere; the CVE stands in the test's docstring.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tandem.engines.scripted import Reply, ScriptedEngine
from tandem.serve.access import Limits
from tandem.serve.app import ROUTES, Route
from tandem.serve.running import MAX_HEADER_BYTES
from tests.serve.raw import Got, post, receive, send
from tests.serving import TOKEN, made, serving

ASK = {"model": "tandem", "messages": [{"role": "user", "content": "q"}]}
LIMITS = Limits(max_body_bytes=2000, body_seconds=0.3)


# One server for the whole module: nothing here changes it.
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def port() -> AsyncIterator[int]:
    app = made(ScriptedEngine(Reply("words")), limits=LIMITS, allowed_hosts=["tandem.home"])
    async with serving(app) as port:
        yield port


def path_of(route: Route) -> str:
    return route.path.replace("{id}", "tandem")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_every_route_but_health_wants_the_token(port: int, route: Route) -> None:
    """Made from the route table: no token or a wrong one is 401, before anything is read."""
    for token in (None, "wrong-token-of-some-length", TOKEN + "x", TOKEN[:-1], TOKEN.upper()):
        got = await send(
            port, post(port, ASK, path=path_of(route), method=route.method, token=token)
        )
        if route.is_open:
            assert got.status == 200
            continue
        assert got.status == 401
        assert got.headers["www-authenticate"].startswith("Bearer")
        assert got.error["code"] == "unauthorized"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v1/chat/completions/",
        "//v1/models",
        "/v1/nonesuch",
        "/v1/models/",
        "/%2e%2e/health",
        "/health/../v1/models",
        "/HEALTH",
        "/v1/chat%2fcompletions",
    ],
)
async def test_an_unknown_path_tells_nothing_without_the_token(port: int, path: str) -> None:
    """401 first; with the token 404 in OpenAI's shape, and no redirect anywhere."""
    assert (await send(port, post(port, b"", path=path, method="GET", token=None))).status == 401
    got = await send(port, post(port, b"", path=path, method="GET"))
    assert got.status in (404, 405) and got.error["code"] in ("not_found", "method_not_allowed")


async def test_the_wrong_method_is_405(port: int) -> None:
    """With the methods that are allowed."""
    got = await send(port, post(port, b"", method="DELETE"))
    assert got.status == 405 and got.headers["allow"] == "POST" and got.error


async def test_either_header_carries_the_token_but_both_must_be_right(port: int) -> None:
    """One way of authorisation for all headers (Open WebUI's CVE-2026-45339, by x-api-key)."""
    for lines, status in (
        ([f"x-api-key: {TOKEN}"], 200),
        ([f"Authorization: bearer {TOKEN}"], 200),
        (["x-api-key: wrong"], 401),
        ([f"x-api-key: {TOKEN}", "Authorization: Bearer wrong"], 401),
        ([f"Authorization: Bearer {TOKEN}", "x-api-key: wrong"], 401),
        ([f"Authorization: Bearer {TOKEN}", "Authorization: Bearer wrong"], 401),
        ([f"Authorization: Basic {TOKEN}"], 401),
        ([f"Authorization: {TOKEN}"], 401),
        ([f"Cookie: token={TOKEN}"], 401),
    ):
        raw = post(port, b"", *lines, path="/v1/models", method="GET", token=None)
        assert (await send(port, raw)).status == status, lines


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1:{port}.evil.example",
        "localhost.evil.example:{port}",
        "127.0.0.1:{port}/",
        "127.0.0.1:{port}@evil.example",
        "127.1:{port}",
        "0.0.0.0:{port}",
        "2130706433:{port}",
        "[::ffff:127.0.0.1]:{port}",
        "localhost:{port} ,evil",
        "{port}",
        "127.0.0.1%00:{port}",
        "/v1/models?x",
    ],
)
async def test_a_foreign_host_is_refused(port: int, host: str) -> None:
    """DNS rebinding and Host tricks (LiteLLM's CVE-2026-49468): 403, on open routes too."""
    for path, token in (("/health", None), ("/v1/models", TOKEN)):
        raw = post(port, b"", path=path, method="GET", host=host.format(port=port), token=token)
        got = await send(port, raw)
        assert got.status == 403 and got.error["code"] == "host_not_allowed"


@pytest.mark.parametrize(
    "host", ["127.0.0.1:{port}", "LocalHost:{port}", "[::1]:{port}", "tandem.home"]
)
async def test_own_names_are_taken(port: int, host: str) -> None:
    """Loopback by its three names with the port, and the names in the settings."""
    raw = post(port, b"", path="/health", method="GET", host=host.format(port=port))
    assert (await send(port, raw)).status == 200


async def test_two_hosts_or_none_are_refused(port: int) -> None:
    """A proxy and this server could read them differently."""
    twice = post(port, b"", f"Host: 127.0.0.1:{port}", path="/health", method="GET")
    assert (await send(port, twice)).status in (400, 403)
    none = b"GET /health HTTP/1.1\r\n\r\n"
    assert (await send(port, none)).status in (400, 403)


async def test_the_path_is_not_read_from_the_host(port: int) -> None:
    """A Host that would make the URL look like an open route (Starlette's CVE-2026-48710)."""
    for host in (f"127.0.0.1:{port}/health?", f"127.0.0.1:{port}/health#"):
        raw = post(port, b"", path="/v1/models", method="GET", host=host, token=None)
        assert (await send(port, raw)).status in (401, 403)
    absolute = post(
        port, b"", path=f"http://127.0.0.1:{port}/health/../v1/models", method="GET", token=None
    )
    assert (await send(port, absolute)).status == 401


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:{port}", 200),
        ("http://localhost:{port}", 200),
        ("https://evil.example", 403),
        ("null", 403),
        ("http://127.0.0.1:{port}.evil.example", 403),
        ("http://127.0.0.1", 403),
        ("file://", 403),
        ("", 403),
        ("chrome-extension://127.0.0.1:{port}", 403),
    ],
)
async def test_another_pages_origin_is_refused(port: int, origin: str, status: int) -> None:
    """Cross-site requests do not get in, and no CORS header invites them."""
    line = f"Origin: {origin.format(port=port)}"
    got = await send(port, post(port, b"", line, path="/v1/models", method="GET"))
    assert got.status == status
    assert not any(name.startswith("access-control") for name in got.headers)
    preflight = await send(port, post(port, b"", line, method="OPTIONS", token=None))
    assert preflight.status in (401, 403)


# --- bodies -------------------------------------------------------------------------------------


def large(num_bytes: int) -> bytes:
    return json.dumps({**ASK, "user": "x" * num_bytes}).encode()


async def test_a_large_body_is_413(port: int) -> None:
    """Announced, or in chunks that announce nothing; a body at the limit is taken."""
    assert (await send(port, post(port, large(1000)))).status == 200
    announced = await send(port, post(port, large(3000)))
    assert announced.status == 413 and announced.error["code"] == "body_too_large"
    body = large(3000)
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    assert (await send(port, post(port, chunked, "Transfer-Encoding: chunked"))).status == 413


async def test_a_huge_announcement_is_refused_unread(port: int) -> None:
    """Nobody waits for ten gigabytes; a client that asks first is told at once."""
    got = await send(port, post(port, b"{", "Content-Length: 10000000000"))
    assert got.status == 413 and got.headers["connection"] == "close"
    lines = ("Content-Length: 100000", "Expect: 100-continue")
    assert (await send(port, post(port, b"", *lines))).status == 413


async def test_endless_chunks_are_cut(port: int) -> None:
    """A body without an end is cut after a few times the limit."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(post(port, b"", "Transfer-Encoding: chunked"))
    num_sent = 0

    async def pour() -> None:
        nonlocal num_sent
        while True:
            writer.write(b"400\r\n" + b" " * 1024 + b"\r\n")
            await writer.drain()
            num_sent += 1024
            await asyncio.sleep(0.001)

    pouring = asyncio.ensure_future(pour())
    got = await asyncio.wait_for(receive(reader), 5)
    pouring.cancel()
    await asyncio.gather(pouring, return_exceptions=True)
    writer.close()
    assert got.status == 413 and num_sent < 200_000


@pytest.mark.parametrize(
    "raw",
    [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: -5",
        "Content-Length: 0x5",
        "Transfer-Encoding: chunked, identity",
        "Bad Header: x",
        "X: a\r\n b: folded",
        "X:\x00y",
    ],
)
async def test_ambiguous_framing_is_refused(port: int, raw: str) -> None:
    """Two lengths, a length and chunks, odd numbers: what smuggling is made of."""
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{raw}\r\n\r\n"
    got = await send(port, head.encode() + b"GET / HTTP/1.1\r\n\r\n")
    assert got.status in (400, 401) and got.error


async def test_a_slow_body_is_408(port: int) -> None:
    """A client that never finishes its body does not hold a place for long."""
    started = time.monotonic()
    got = await send(port, post(port, b"{", "Content-Length: 100"))
    assert got.status == 408 and got.error["code"] == "body_too_slow"
    assert time.monotonic() - started < 2


async def test_a_short_body_that_hangs_up_harms_nobody(port: int) -> None:
    """A lying Content-Length and a closed connection: the server goes on."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(post(port, b"{", "Content-Length: 100"))
    await writer.drain()
    writer.close()
    assert (await send(port, post(port, ASK))).status == 200


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip", "zstd"])
async def test_compressed_bodies_are_415(port: int, encoding: str) -> None:
    """No decompression, so no bombs."""
    got = await send(port, post(port, ASK, f"Content-Encoding: {encoding}"))
    assert got.status == 415 and got.error


async def test_headers_have_a_limit(port: int) -> None:
    """431, in one line or in many, whole or never ending."""
    for lines in ([f"X: {'a' * MAX_HEADER_BYTES}"], [f"X-{n}: y" for n in range(6000)]):
        got = await send(port, post(port, ASK, *lines))
        assert got.status == 431 and got.error
    got = await send(port, b"GET /health HTTP/1.1\r\nX: " + b"a" * (MAX_HEADER_BYTES + 10))
    assert got.status == 431


async def test_noise_is_400_in_openais_shape(port: int) -> None:
    """Not HTTP at all."""
    for noise in (
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"hello\r\n\r\n",
        os.urandom(200) + b"\r\n\r\n",
    ):
        got = await send(port, noise)
        assert got.status == 400 and got.error


# --- how much -----------------------------------------------------------------------------------


async def test_the_limit_of_running_requests_is_429() -> None:
    """One too many is told to come back; health stays open; the place is free afterwards."""
    engine = ScriptedEngine(Reply("a b c", seconds_per_token=0.15))
    async with serving(made(engine, limits=Limits(max_concurrent=2))) as port:
        asks = [asyncio.ensure_future(send(port, post(port, ASK))) for _ in range(2)]
        await asyncio.sleep(0.1)
        refused = await send(port, post(port, ASK))
        assert refused.status == 429 and refused.error["code"] == "overloaded"
        assert int(refused.headers["retry-after"]) >= 1
        assert (await send(port, post(port, b"", path="/health", method="GET"))).status == 200
        answers: list[Got] = await asyncio.gather(*asks)
        assert [got.status for got in answers] == [200, 200]
        assert (await send(port, post(port, ASK))).status == 200
