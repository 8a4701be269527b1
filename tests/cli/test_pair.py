"""`tandem pair` and two clouds in processes of their own, over TLS; one is killed in mid-answer."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tandem.cli import say
from tandem.pairing.cards import read_pairings
from tandem.private_file import is_open_to_others
from tests.cli.running import Home
from tests.cli.test_chat import Terminal
from tests.engines.tiny_gguf import write_tiny_gguf

START_SECONDS = 120  # on a busy machine with two cores


@dataclass
class Running:
    """A cloud's process and, once it was asked for, what it said when it was ready."""

    process: subprocess.Popen[str]

    @cached_property
    def told(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.told['port']}"

    @property
    def token_file(self) -> str:
        return str(self.told["token_file"])


@contextmanager
def running(folder: Path, model: Path) -> Iterator[Running]:
    """`tandem cloud` off loopback: TLS with a certificate of its own; slow, so as to be caught."""
    home = Home(folder)
    home.environ |= {"TANDEM_CLOUD_TIER_MODEL": str(model)}
    home.environ |= {"OMP_NUM_THREADS": "1", "TANDEM_CLOUD_TIER_TOKENS_PER_SECOND": "25"}
    process = home.start("cloud", "--host", "0.0.0.0", "--port", "0", "--json")
    try:
        yield Running(process)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_tiny_gguf(tmp_path / "tiny.gguf")


@pytest.fixture
def near(tmp_path: Path, model: Path) -> Home:
    home = Home(tmp_path / "device")
    home.environ |= {"TANDEM_DEVICE_KIND": "llama", "TANDEM_DEVICE_MODEL": str(model)}
    return home


def asked(home: Home) -> list[str]:
    return ["ask", "--cloud", "--yes", "--json", "--seed", "5", "--max-tokens", "60", "a question"]


def heard(lines: list[str]) -> tuple[str, dict[str, Any]]:
    events = [json.loads(line) for line in lines]
    assert events[-1]["type"] == "finish", events[-1]
    text = "".join(event["text"] for event in events if event["type"] == "text")
    return text, events[-1]["usage"]["joint"]


@pytest.mark.slow  # four processes that load a model
def test_one_of_two_clouds_is_killed_and_the_same_text_goes_on(
    tmp_path: Path, near: Home, model: Path
) -> None:
    """Pairing checks the certificate, keeps the token to itself, knows a replica; kill -9 in the
    middle of the answer changes nothing of it; what left is in the receipt."""
    with running(tmp_path / "one", model) as one, running(tmp_path / "two", model) as two:
        wrong = near.run("pair", one.address, "--token-file", one.token_file, "--pin", "sha256:00")
        assert wrong.exit_code == 2 and "another certificate" in wrong.output
        unsure = near.run("pair", one.address, "--token-file", one.token_file)
        assert unsure.exit_code == 2 and one.told["pin"] in unsure.output
        for each in (one, two):
            given = ("--token-file", each.token_file, "--pin", each.told["pin"], "--json")
            told = near.json("pair", each.address, *given)
            assert told["replica"] is (each is two) and "drafts" in told["drafting"]
        pairings = near.folder / "pairings.json"
        assert len(read_pairings(pairings)) == 2 and not is_open_to_others(pairings)

        alone, work = heard(near.run(*asked(near)).stdout.splitlines())
        assert alone and work["ended_by"] == "joint"

        process = near.start(*asked(near))
        assert process.stdout is not None and process.stderr is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if len(lines) == 4:
                os.kill(one.process.pid, signal.SIGKILL)
        process.wait(START_SECONDS)
        process.stdout.close()
        process.stderr.close()
        text, work = heard(lines)
        assert text == alone
        assert work["num_links"] == 2 and work["ended_by"] == "joint"
    doctor = near.run("doctor", "--json")
    assert any(each["check"] == "pairing" for each in json.loads(doctor.stdout))
    gone = near.run("pair", one.address, "--remove")
    assert gone.exit_code == 0 and len(read_pairings(pairings)) == 1


@pytest.mark.slow  # two processes, one of them a terminal
def test_a_terminal_shows_who_had_each_word_first(tmp_path: Path, near: Home, model: Path) -> None:
    """`chat --show-draft` on a real terminal: the legend, then each piece in its colour, and the
    receipt's count is that of the green ones."""
    with running(tmp_path / "one", model) as one:
        given = ("--token-file", one.token_file, "--pin", one.told["pin"], "--json")
        near.json("pair", one.address, *given)
        near.environ["TANDEM_CLOUD_CONSENT"] = "always"
        terminal = Terminal(near, "--show-draft", "--mode", "cloud-only")
        terminal.wait_for("cloud-only", START_SECONDS)
        terminal.type("a question\r")
        terminal.wait_for(" drafted, ", START_SECONDS)
        terminal.wait_for("cloud-only")
        terminal.type("\x04")
        assert terminal.end() == 0
        said, _ = heard(near.run(*asked(near)).stdout.splitlines())
    legend, answer = terminal.whole.split("Ask me something.", 1)
    colours = {"accepted": "32", "recovered": "33", "bonus": "36", "unverified": "4;35"}
    for mark, code in colours.items():
        assert f"\x1b[{code}m{mark}\x1b[0m" in legend
    pieces = re.findall(r"\x1b\[(32|33|36)m(.*?)\x1b\[0m", answer, re.DOTALL)
    text = "".join(piece for _, piece in pieces).replace("\r\n", "\n")
    said, doubt, _ = said.partition("\n\n(The cloud itself is not sure")
    assert doubt in terminal.whole.replace("\r\n", "\n")
    assert text == say.printable(said) and {"32"} < {code for code, _ in pieces}
    receipt = re.search(r"(\d+) drafted, (\d+) passes", answer)
    assert receipt is not None and int(receipt[2]) < len(pieces)
    assert 0 < sum(code == "32" for code, _ in pieces) <= int(receipt[1])


def test_addresses_that_cannot_be_paired(near: Home) -> None:
    """Plain http to another machine, no address, nobody there, local-only: words, no traceback."""
    for address, words in (
        ("http://192.0.2.1:8311", "Plain http"),
        ("https://user@host:1", "no address"),
        ("https://127.0.0.1:1", "no certificate"),
    ):
        result = near.run("pair", address, stdin="a-token-0123456789\n")
        assert result.exit_code in (2, 5) and words in result.output, result.output
    stays = near.run("--set", "mode=local-only", "pair", "https://127.0.0.1:1")
    assert stays.exit_code == 4
