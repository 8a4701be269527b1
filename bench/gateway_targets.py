"""The processes that bench.gateway compares: the upstream, `tandem serve`, LiteLLM's proxy."""

from __future__ import annotations

import json
import os
import secrets
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.results_file import ROOT

LITELLM = ROOT / ".venvs" / "litellm" / "bin"
START_SECONDS = 120.0  # LiteLLM takes about 17 s of CPU time to start

TANDEM_SETTINGS = """
mode = "cloud-only"
[device]
kind = "scripted"
[cloud]
url = "{url}"
model = "upstream"
consent = "always"
api_key_keyring = false
[serve]
api_may_leave = true
max_concurrent = 256
"""

LITELLM_SETTINGS = """
model_list:
  - model_name: tandem
    litellm_params:
      model: openai/upstream
      api_base: {url}
      api_key: none
general_settings:
  master_key: {key}
litellm_settings:
  telemetry: false
  num_retries: 0
"""


@dataclass(frozen=True, slots=True)
class Target:
    """Something that answers chat completions. `process` is `None` for the upstream itself."""

    name: str
    url: str
    token: str
    process: psutil.Process | None = None

    def cpu_seconds(self) -> float:
        """User and system time of the process and of all its children so far."""
        if self.process is None:
            return 0.0
        tree = [self.process, *self.process.children(recursive=True)]
        times = [one.cpu_times() for one in tree]
        return sum(time.user + time.system for time in times)

    def resident_bytes(self) -> int:
        """Memory of the whole tree."""
        if self.process is None:
            return 0
        tree = [self.process, *self.process.children(recursive=True)]
        return sum(one.memory_info().rss for one in tree)


@contextmanager
def upstream() -> Iterator[Target]:
    """The scripted upstream; asked without a gateway, it is what "direct" means."""
    with _running([sys.executable, "-m", "bench.gateway_upstream"], {}) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield Target("direct", f"http://127.0.0.1:{port}/v1", "none")


@contextmanager
def tandem(upstream_url: str) -> Iterator[tuple[Target, Path]]:
    """`tandem serve` as a user starts it, in a home of its own. Gives the ledger's path too."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "tandem.toml").write_text(TANDEM_SETTINGS.format(url=upstream_url))
        words = {"TANDEM_HOME": folder, "TANDEM_CLOUD_API_KEY": "none"}
        command = [sys.executable, "-m", "tandem", "serve", "--port", "0", "--json"]
        with _running(command, words) as process:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise RuntimeError("tandem serve did not start")
            told = json.loads(line)
            token = Path(told["token_file"]).read_text().strip()
            target = Target("tandem", told["url"], token, psutil.Process(process.pid))
            yield target, home / "ledger.sqlite"


@contextmanager
def litellm(upstream_url: str) -> Iterator[Target]:
    """LiteLLM's proxy with one worker, from its own environment; its figures go nowhere else."""
    key = "sk-" + secrets.token_urlsafe(32)
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "litellm.yaml"
        settings.write_text(LITELLM_SETTINGS.format(url=upstream_url, key=key))
        command = [
            str(LITELLM / "litellm"), "--config", str(settings), "--host", "127.0.0.1",
            "--port", str(port), "--num_workers", "1", "--telemetry", "False",
        ]  # fmt: skip
        words = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "HOME": folder}
        with _running(command, words) as process:
            url = f"http://127.0.0.1:{port}"
            _await_answer(f"{url}/health/liveliness", process)
            yield Target("litellm", f"{url}/v1", key, psutil.Process(process.pid))


def litellm_version() -> str | None:
    """The version in its environment, or `None` where `make setup` has not made it."""
    if not (LITELLM / "litellm").exists():
        return None
    program = "import importlib.metadata as m; print(m.version('litellm'))"
    done = subprocess.run([LITELLM / "python", "-c", program], capture_output=True, text=True)
    return done.stdout.strip() or None


def num_entries(ledger: Path) -> int:
    """Receipts written: the whole gateway worked, not a part of it."""
    with sqlite3.connect(ledger) as connection:
        return int(connection.execute("SELECT count(*) FROM entries").fetchone()[0])


@contextmanager
def _running(command: Sequence[str], words: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    environ = {**os.environ, **words, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    if command[0] != sys.executable:
        del environ["PYTHONPATH"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environ,
        text=True,
        stdout=subprocess.PIPE if command[0] == sys.executable else subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _await_answer(url: str, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError("the gateway ended at its start")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise RuntimeError("the gateway did not start in time")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
