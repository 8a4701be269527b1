"""The frame: help, errors, exit codes, completion; what every command shares."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tandem import __version__
from tandem.cli.app import COMMANDS, loaded
from tests.cli.running import Home

HEAVY = ("aiohttp", "uvicorn", "jinja2", "prompt_toolkit", "xllamacpp", "numpy", "rich", "keyring")


def test_help_loads_nothing_heavy() -> None:
    """`tandem --help` costs a look at a table, not the engines."""
    command = [sys.executable, "-X", "importtime", "-m", "tandem", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded_modules = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "typer" in loaded_modules
    assert not {name for name in loaded_modules if name.partition(".")[0] in HEAVY}
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_the_command_says(name: str, home: Home) -> None:
    """The help lines that stand in for the commands cannot drift from them."""
    assert loaded(name).help == COMMANDS[name]
    result = home.run(name, "--help")
    assert result.exit_code == 0
    assert COMMANDS[name] in " ".join(result.stdout.split())


def test_the_version_is_the_package_s(home: Home) -> None:
    """What bug reports begin with."""
    assert home.run("--version").stdout == f"tandem {__version__}\n"


def test_nothing_given_shows_the_help(home: Home) -> None:
    """A bare `tandem` is a question for help, and wrong usage for scripts."""
    result = home.run()
    assert "Commands:" in result.output
    assert result.exit_code == 2


@pytest.mark.parametrize(
    "args", [("aks", "hello"), ("ask", "--nope"), ("ask", "--max-tokens", "0", "x"), ("--set", "x")]
)
def test_wrong_usage_is_exit_code_2(home: Home, args: tuple[str, ...]) -> None:
    """And no traceback."""
    result = home.run(*args)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_wrong_settings_are_exit_code_2_with_the_nearest_key(home: Home) -> None:
    """From the file, from the environment, from the command line."""
    result = home.run("--set", "cloud.ulr=x", "ask", "hello")
    assert result.exit_code == 2
    assert 'Did you mean "cloud.url"?' in result.stderr


def test_a_bug_is_told_without_traceback_and_without_the_question(home: Home) -> None:
    """Whatever breaks inside, the user's words stay out of what may be pasted into a report."""

    def broken(*args: Any, **options: Any) -> Any:
        raise KeyError("my secret question")

    result = home.run("ask", "my secret question", opener=broken)
    assert result.exit_code == 1
    assert "bug in Tandem: KeyError in test_app.py" in result.stderr
    assert "secret" not in result.output
    assert "Traceback" not in result.output


def test_errors_are_json_where_json_was_asked_for(home: Home) -> None:
    """A program reads the error where it reads everything else."""
    (told,) = home.lines("ask", "--json", "--cloud", "hello")
    assert told["type"] == "error"
    assert told["error"]["code"] == "stays_on_device"
    assert told["error"]["remedy"]


def test_the_shell_completes_commands_and_options(home: Home) -> None:
    """Completion sees the real commands, although they are loaded late."""
    completed = {}
    for words, number in (("tandem le", "1"), ("tandem ask --m", "2")):
        environ = {**os.environ, "_TANDEM_COMPLETE": "complete_bash"}
        environ |= {"COMP_WORDS": words, "COMP_CWORD": number}
        program = str(Path(sys.executable).with_name("tandem"))
        done = subprocess.run([program], env=environ, capture_output=True, text=True)
        completed[words] = done.stdout.split()
    assert completed["tandem le"] == ["ledger"]
    assert "--mode" in completed["tandem ask --m"]
