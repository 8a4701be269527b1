"""Runs the command line for tests: in this process, in one of its own, and a cloud beside it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from tandem.cli.app import app
from tandem.cli.start import Start
from tandem.engines.scripted import Reply, ScriptedEngine
from tests.serving import TOKEN, served

DEVICE_SAYS = "This is the scripted engine."


class Home:
    """A user's machine: a folder and an environment; the device answers by script."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {"TANDEM_HOME": str(folder), "TANDEM_DEVICE_KIND": "scripted"}

    def knows_nothing(self) -> None:
        """The judge accepts no answer of the device."""
        self.environ["TANDEM_DEVICE_THRESHOLD"] = "1.0"

    def has_cloud(self, url: str, model: str = "scripted", **more: str) -> None:
        self.environ |= {
            "TANDEM_CLOUD_URL": url,
            "TANDEM_CLOUD_MODEL": model,
            "TANDEM_CLOUD_API_KEY": TOKEN,
            **more,
        }

    def run(self, *args: str, stdin: str | bytes | None = None, **start: Any) -> Result:
        """One command in this process."""
        return CliRunner().invoke(app, args, input=stdin, obj=Start(self.environ, **start))

    def json(self, *args: str) -> Any:
        """A command's one JSON value."""
        result = self.run(*args)
        assert result.exit_code in (0, 1), result.output
        return json.loads(result.stdout)

    def lines(self, *args: str, **more: Any) -> list[dict[str, Any]]:
        """A command's JSON lines."""
        return [json.loads(line) for line in self.run(*args, **more).stdout.splitlines()]

    def start(self, *args: str, **more: Any) -> subprocess.Popen[str]:
        """One command in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "tandem", *args],
            env=self.whole_environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def whole_environ(self) -> Mapping[str, str]:
        plain = {k: v for k, v in os.environ.items() if not k.startswith("TANDEM_")}
        return {**plain, **self.environ}


@contextmanager
def beside(opening: Callable[[], AbstractAsyncContextManager[Any]]) -> Iterator[Any]:
    """Run a server in a thread with a loop of its own, as commands bring theirs."""
    is_open, is_over = threading.Event(), threading.Event()
    got: list[Any] = []

    async def run() -> None:
        async with opening() as value:
            got.append(value)
            is_open.set()
            await asyncio.to_thread(is_over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        assert is_open.wait(10)
        yield got[0]
    finally:
        is_over.set()
        thread.join(10)


@contextmanager
def scripted_cloud(home: Home, reply: Reply, **more: str) -> Iterator[ScriptedEngine]:
    """A cloud that answers by script over a real connection; `home` is set up for it."""
    engine = ScriptedEngine(reply)
    with beside(lambda: served(engine)) as url:
        home.has_cloud(url, **more)
        yield engine
