"""A session reaches the hosts on its list and no other, whoever uses it and however."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tandem.engines.openai_http import OpenAIRemote
from tandem.errors import Stays
from tandem.listed_hosts import session
from tandem.types import Request, message


@asynccontextmanager
async def server() -> AsyncGenerator[tuple[int, list[str]], None]:
    """A server on loopback that writes down what reached it; /away leads to another host's name."""
    reached = list[str]()
    port = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        reached.append(f"{request.host} {request.path}")
        if request.path == "/away":
            raise web.HTTPFound(f"http://localhost:{port}/told?secret=1")
        return web.Response(text="here")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield port, reached
    finally:
        await runner.cleanup()


async def test_a_listed_host_is_reached() -> None:
    """By its name, or by its name with its port; in any case of letters."""
    async with server() as (port, reached):
        for listed in ("127.0.0.1", f"127.0.0.1:{port}"):
            async with session([listed]) as line, line.get(f"http://127.0.0.1:{port}/") as found:
                assert await found.text() == "here"
        assert len(reached) == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:{port}/",
        "http://127.0.0.2:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f.1:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://127.0.0.1.evil.example:{port}/",
        "http://127.0.0.1@localhost:{port}/",
    ],
)
async def test_no_other_host_is_reached(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by another name or spelling of the same machine, and nothing is looked up for it."""

    async def no_look_up(*_: Any, **__: Any) -> None:
        raise AssertionError("a name was looked up")

    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", no_look_up)
    async with server() as (port, reached), session(["127.0.0.1"]) as line:
        with pytest.raises(Stays):
            await line.get(url.format(port=port))
        with pytest.raises(Stays):
            await line.ws_connect(url.format(port=port).replace("http", "ws"))
        assert reached == []


async def test_another_port_is_another_host_where_the_list_says_so() -> None:
    """ "host:port" opens that port alone."""
    async with server() as (port, reached), session([f"127.0.0.1:{port + 1}"]) as line:
        with pytest.raises(Stays):
            await line.get(f"http://127.0.0.1:{port}/")
        assert reached == []


async def test_a_redirect_does_not_lead_away() -> None:
    """The first request arrives; what it leads to is not asked."""
    async with server() as (port, reached), session(["127.0.0.1"]) as line:
        with pytest.raises(Stays):
            await line.get(f"http://127.0.0.1:{port}/away", allow_redirects=True)
        assert reached == [f"127.0.0.1:{port} /away"]


async def test_a_proxy_is_another_host() -> None:
    """Named by a caller; the environment's are never used."""
    async with server() as (port, reached), session(["tower.example"]) as line:
        with pytest.raises(Stays):
            await line.get("http://tower.example/", proxy=f"http://127.0.0.1:{port}/")
        assert reached == []


async def test_the_environments_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would see every request to a cloud without TLS."""
    async with server() as (port, reached):
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1/")
        async with session(["127.0.0.1"]) as line, line.get(f"http://127.0.0.1:{port}/") as found:
            assert found.status == 200 and len(reached) == 1


async def test_the_remote_cannot_be_led_elsewhere() -> None:
    """A remote whose host is not on the user's list sends nothing, also where no guard was asked;
    and code that borrows its session gets no further than the remote.
    """
    async with server() as (port, reached):
        remote = OpenAIRemote(f"http://127.0.0.1:{port}/v1", "m", hosts=["tower.example"])
        request = Request((message("user", "hello"),))
        with pytest.raises(Stays):
            async for _ in remote.send(remote.encode(request), request):
                pass
        await remote.aclose()
        other = OpenAIRemote(f"http://127.0.0.1:{port}/v1", "m")
        borrowed = other._client()  # pyright: ignore[reportPrivateUsage]
        with pytest.raises(Stays):
            await borrowed.get(f"http://localhost:{port}/")
        await other.aclose()
        assert reached == []


def test_sessions_are_made_in_one_place() -> None:
    """Whoever made one elsewhere would have none of this."""
    root = Path(__file__).parents[1] / "src" / "tandem"
    makers = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if re.search(
            r"ClientSession\(|TCPConnector\)?\(|aiohttp\.request\(", path.read_text("utf-8")
        )
    }
    # A download follows a hub to its storage, and sends nothing of the user's.
    assert makers == {"listed_hosts.py", "pulling.py"}
