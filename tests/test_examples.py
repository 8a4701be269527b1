"""The examples run as they stand in the documentation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.an_engine import AddingEngine
from tandem.engines.scripted import ScriptedEngine
from tandem.ports import Engine
from tandem.types import Request, message
from tests.contracts.engine_contract import gathered, text_of

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"


def run(name: str, *arguments: str, **environ: str) -> str:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environ},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_device_is_asked_in_process() -> None:
    """One question, an answer or an honest refusal, and 0 bytes that left."""
    said = run("ask_the_device.py", "What is a recession?")
    assert "0 bytes left" in said
    assert "by the device" in said


def test_a_judge_of_ones_own_escalates_and_refuses() -> None:
    """The same answer is refused where nothing may leave and escalated where it may."""
    alone, together = run("a_judge.py").split("may leave: True")
    assert "I don't know that on this device" in alone
    assert "8 legs" in together


def test_the_assistant_in_a_program() -> None:
    """An appointment moved and put back."""
    said = run("the_assistant.py")
    assert "Change: Dentist" in said
    assert "Taken back" in said


def test_a_recognizer_of_ones_own() -> None:
    """It finds a ticket in full-width characters, beside what comes along."""
    said = run("a_recognizer.py")
    assert "reference: ＴＫＴ－４７１１" in said and "email: ann@example.org" in said


def test_an_engine_in_one_file() -> None:
    """It adds."""
    assert run("an_engine.py").strip() == "42"


async def test_the_example_engine_is_an_engine() -> None:
    """It keeps the protocol: text, then exactly one finish with counted tokens."""
    engine: Engine = AddingEngine()
    events = await gathered(engine.generate(Request((message("user", "1 and 2"),))))
    assert text_of(events) == "3"
    assert [type(event).__name__ for event in events] == ["TextDelta", "Finish"]
    assert isinstance(ScriptedEngine({}), Engine)


@pytest.fixture
def server(at_home: Path) -> Iterator[dict[str, str]]:
    """`tandem serve` with the scripted engine, in a process of its own."""
    command = [sys.executable, "-m", "tandem", "--set", "device.kind=scripted"]
    process = subprocess.Popen(
        [*command, "serve", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None and process.stderr is not None
        line = process.stdout.readline()
        if not line:
            process.kill()
            pytest.fail(process.stderr.read())
        told = json.loads(line)
        assert told["type"] == "ready", told
        token = Path(told["token_file"]).read_text("ascii").strip()
        yield {"OPENAI_BASE_URL": told["url"], "OPENAI_API_KEY": token}
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_openai_client_against_the_server(server: dict[str, str]) -> None:
    """OpenAI's own client needs only an address and a token."""
    said = run("openai_client.py", **server)
    assert "answered by the device" in said


def test_each_example_is_run() -> None:
    """A new example gets its test here."""
    tested = Path(__file__).read_text("utf-8")
    assert [path.name for path in EXAMPLES.glob("*.py") if f'"{path.name}"' not in tested] == []


def test_an_act_is_undone() -> None:
    """Moved, and back."""
    assert run("undo_an_act.py").split() == [
        "Friday",
        "09:30",
        "Dentist",
        "Monday",
        "09:30",
        "Dentist",
    ]


def test_time_expressions_in_both_languages() -> None:
    """Each sentence with its expressions and their readings."""
    said = run("time_expressions.py", "lunch next Friday at half past one", "下周三下午三点半开会")
    assert "2026-03-20 13:30:00" in said
    assert "2026-03-18 15:30:00" in said
