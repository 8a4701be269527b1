"""One real server in a thread of its own, for clients that block as well as those that do not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass

import pytest

from tandem.engines.scripted import Reply, ScriptedEngine
from tandem.errors import CloudBusy, ContextTooLong
from tandem.serve.running import run
from tandem.types import Request, ToolCall
from tests.serving import TOKEN, made


@dataclass(frozen=True, slots=True)
class Served:
    """Where the server is, and its engine to look at."""

    url: str
    token: str
    engine: ScriptedEngine


def script(request: Request) -> Reply:
    """What the engine says, by the last message."""
    last = request.messages[-1]
    if request.response_format.kind == "json_schema":
        return Reply('{"name": "Ada", "age": 36}')
    if last.role == "tool":
        return Reply(f"The tool said {last.text}.")
    if request.tools:
        return Reply(tool_calls=(ToolCall("call_1", request.tools[0].name, '{"city": "Bern"}'),))
    rules = {
        "slow": Reply("word " * 2000, seconds_per_token=0.02),
        "long": Reply(error=ContextTooLong("Too long.")),
        "busy": Reply(error=CloudBusy("Busy.", retry_after_seconds=1)),
    }
    return rules.get(last.text, Reply(f"You said: {last.text}"))


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """The server, up for all client tests."""
    engine = ScriptedEngine(script)
    ready: Future[int] = Future()
    stop: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = Future()

    async def main() -> None:
        app = made(engine, embedder=engine)
        task = asyncio.ensure_future(
            run(app, host="127.0.0.1", port=0, on_ready=ready.set_result, drain_seconds=1)
        )
        stop.set_result((asyncio.get_running_loop(), task))
        await asyncio.gather(task, return_exceptions=True)

    thread = threading.Thread(target=lambda: asyncio.run(main()), name="server")
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{ready.result(timeout=10)}/v1", TOKEN, engine)
    finally:
        loop, task = stop.result(timeout=10)
        loop.call_soon_threadsafe(task.cancel)
        thread.join(timeout=10)
