"""`tandem models`: fetched, listed, chosen, calibrated, removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import Home
from tests.engines.tiny_gguf import write_tiny_gguf


@pytest.fixture
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's own model."""
    return write_tiny_gguf(tmp_path_factory.mktemp("downloads") / "mine.gguf")


def test_a_model_goes_in_is_used_and_goes_out(home: Home, file: Path) -> None:
    """The whole life of a model; what is in use is not removed."""
    assert home.run("models", "pull", str(file)).exit_code == 0
    assert "mine" in home.run("models").stdout
    assert home.run("models", "use", "mine").exit_code == 0
    (mine,) = [each for each in home.json("models", "list", "--json") if each["name"] == "mine"]
    assert mine["used_as"] == "device"
    assert mine["num_bytes"] == file.stat().st_size
    assert not mine["is_calibrated"]
    in_use = home.run("models", "rm", "mine")
    assert in_use.exit_code == 2
    assert "in use" in in_use.stderr
    assert home.run("config", "unset", "device.model").exit_code == 0
    assert home.run("models", "rm", "mine").exit_code == 0
    assert "mine" not in [each["name"] for each in home.json("models", "list", "--json")]


def test_what_is_no_model_is_not_taken_in(home: Home, file: Path) -> None:
    """The file is named guilty, and nothing is left behind."""
    file.write_text("<html>Sign in</html>")
    result = home.run("models", "pull", str(file))
    assert result.exit_code == 1
    assert result.stderr.startswith("The model is at fault")
    assert not list(home.folder.glob("models/*.gguf*"))


@pytest.mark.parametrize("args", [("use", "nope"), ("rm", "nope"), ("calibrate", "nope")])
def test_a_model_that_is_not_there_is_said_with_how_to_get_one(
    home: Home, args: tuple[str, ...]
) -> None:
    """The same words everywhere."""
    result = home.run("models", *args)
    assert result.exit_code == 1
    assert "tandem models pull" in result.stderr


def test_calibrating_leaves_a_calibration_behind(home: Home, file: Path) -> None:
    """Own questions, one JSON line each; random weights know nothing, and it says so."""
    questions = home.folder / "questions.jsonl"
    lines = [
        json.dumps({"question": f"What is {n}?", "answers": [str(n)], "group": str(n)})
        for n in range(44)
    ]
    questions.write_text("\n".join(lines))
    home.run("models", "pull", str(file))
    result = home.run("models", "calibrate", "mine", "--questions", str(questions), "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["num_questions"] == 44
    (mine,) = [each for each in home.json("models", "list", "--json") if each["name"] == "mine"]
    assert mine["is_calibrated"]
    assert (
        home.run("--set", "device.kind=llama", "--set", "device.model=mine", "ask", "x").exit_code
        == 3
    )
