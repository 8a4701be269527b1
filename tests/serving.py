"""A real server in the test's own event loop, on a free port of loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tandem.clock import SystemClock
from tandem.ports import Engine
from tandem.serve.app import AsgiApp, create_app
from tandem.serve.running import run
from tandem.types import Mode

TOKEN = "a-token-for-tests-0123456789"
MODELS: dict[str, Mode | None] = {
    "tandem": None,
    "tandem-device": Mode.LOCAL_ONLY,
    "tandem-cloud": Mode.CLOUD_ONLY,
    "scripted": Mode.LOCAL_ONLY,
}


def made(engine: Engine, **options: Any) -> AsgiApp:
    """The application over an engine, with this module's token and names."""
    chosen: dict[str, Any] = {"models": MODELS, "token": TOKEN, "clock": SystemClock(), **options}
    return create_app(engine, **chosen)


@asynccontextmanager
async def serving(app: AsgiApp) -> AsyncIterator[int]:
    """Run `app`; gives the port."""
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    server = asyncio.ensure_future(
        run(app, host="127.0.0.1", port=0, on_ready=port.set_result, drain_seconds=1)
    )
    await asyncio.wait({server, port}, return_when=asyncio.FIRST_COMPLETED)
    if server.done():
        server.result()
    try:
        yield port.result()
    finally:
        server.cancel()
        await asyncio.gather(server, return_exceptions=True)


@asynccontextmanager
async def served(engine: Engine, **options: Any) -> AsyncIterator[str]:
    """Serve an engine; gives the API's root URL."""
    async with serving(made(engine, **options)) as port:
        yield f"http://127.0.0.1:{port}/v1"
