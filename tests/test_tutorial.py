"""The tutorial is walked through as it is written: same commands, same order, real models."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tandem.ledger import SqliteLedger
from tandem.types import Ruling

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "tutorial" / "first-answers.md"


def written_commands() -> list[list[str]]:
    """Every `tandem ...` line in the page's shell blocks, in order."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("tandem ")]


@pytest.fixture
def free_port() -> int:
    """The page's 8311 may be taken on the machine that runs the tests."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def environ(at_home: Path, free_port: int) -> dict[str, str]:
    return {**os.environ, "TANDEM_HOME": str(at_home), "TANDEM_CLOUD_TIER_PORT": str(free_port)}


@pytest.fixture
def second_terminal(environ: dict[str, str]) -> Iterator[list[subprocess.Popen[str]]]:
    """Where `tandem cloud` runs; it is stopped in the end."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.terminate()
        process.communicate(timeout=20)


def test_the_tutorial(
    environ: dict[str, str], free_port: int, second_terminal: list[subprocess.Popen[str]]
) -> None:
    """An answer, a refusal, the refused question escalated, one decoded jointly, and receipts."""
    said: dict[str, subprocess.CompletedProcess[str]] = {}
    for words in written_commands():
        words = [word.replace("8311", str(free_port)) for word in words]
        command = [sys.executable, "-m", "tandem", *words]
        if words == ["cloud"]:
            cloud = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
            second_terminal.append(cloud)
            assert cloud.stdout is not None and "is at" in cloud.stdout.readline()
            continue
        if words == ["escalate"] or "--cloud" in words:
            command.append("--yes")  # there is no terminal to ask on
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
        said[" ".join(words)] = done
    known = said["ask What is a recession?"]
    unknown = said["ask What is a monopsony?"]
    assert known.returncode == 0, known.stderr
    assert unknown.returncode == 3, unknown.stderr
    assert "I don't know that on this device" in unknown.stdout
    assert said["escalate"].returncode == 0, said["escalate"].stderr
    assert "monopsony" in said["escalate"].stderr, "the preview shows what leaves"
    assert len(said["escalate"].stdout.split()) > 3
    jointly = said["ask --cloud What is inflation?"]
    assert jointly.returncode == 0, jointly.stderr
    assert "price" in jointly.stdout
    [entry] = SqliteLedger(Path(environ["TANDEM_HOME"]) / "ledger.sqlite").entries(limit=1)
    work = entry.work[0].usage.joint
    assert work is not None and work.passes
    assert entry.verdict is not None and entry.verdict.ruling is Ruling.ACCEPT
    rows = said["ledger"].stdout.splitlines()[1:]
    assert ["cloud" in row for row in rows] == [True, True, False, False]
