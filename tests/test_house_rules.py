"""Each rule of the house is broken once on purpose: the machine that keeps it must notice."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "pytest_asyncio.plugin")


def run(*command: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, env={**os.environ, **environ}
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source tree and its rules, to be spoiled."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", copy)
    only_code = shutil.ignore_patterns("__pycache__", "*.gguf")
    shutil.copytree(ROOT / "src", copy / "src", ignore=only_code)
    return copy


# --- ruff ---------------------------------------------------------------------------------------

_BRANCHES = "\n".join(f"    if x == {n}:\n        return {n}" for n in range(11))

# rule -> a line or two that break it, as if written into src/tandem/policy.
LINT = {
    "E501": "x = 1  # " + "long " * 30,
    "F401": "import json",
    "I001": "import sys\nimport json\nprint_ = (sys, json)",
    "UP006": "from typing import List\nx: List[int] = []",
    "B006": "def f(x: list[int] = []) -> None: ...",
    "C901": f"def f(x: int) -> int:\n{_BRANCHES}\n    return 0",
    "PTH123": "open('x')",
    "PTH118": "import os\nx = os.path.join('a', 'b')",
    "RUF100": "x = 1  # noqa: E501",
    "PGH003": "x = 1  # type: ignore",
    "BLE001": "try:\n    x = 1\nexcept Exception:\n    pass",
    "T201": "print('x')",
    "TID252": "from . import routing",
    "ASYNC251": "import time\nasync def f() -> None:\n    time.sleep(1)",
    "S602": "import subprocess\nsubprocess.run('ls', shell=True)",
    "S307": "eval('1')",
    "S301": "import pickle\npickle.loads(b'')",
}
BANNED = {
    "socket.socket": "import socket\nsocket.socket()",
    "asyncio.open_connection": "import asyncio\nx = asyncio.open_connection('h', 1)",
    "aiohttp": "import aiohttp",
    "urllib.request": "import urllib.request",
    "imaplib": "import imaplib",
    "smtplib": "import smtplib",
    "http.client": "import http.client",
    "datetime.datetime.now": "import datetime\nx = datetime.datetime.now()",
    "time.time": "import time\nx = time.time()",
    "random.random": "import random\nx = random.random()",
    "os.environ": "import os\nx = os.environ['HOME']",
}


@pytest.fixture(scope="module")
def lint(house: Path) -> dict[str, set[str]]:
    """For each planted file: the rules that ruff says it breaks, banned names by their name."""
    room = house / "src/tandem/policy"
    planted = {f"lint_{rule.lower()}": code for rule, code in LINT.items()}
    planted |= {f"ban_{name.replace('.', '_')}": code for name, code in BANNED.items()}
    for stem, code in planted.items():
        (room / f"{stem}.py").write_text(code + "\n", encoding="utf-8")
    done = run(str(BIN / "ruff"), "check", "--no-cache", "--output-format=json", ".", cwd=house)
    found: dict[str, set[str]] = {}
    for breach in json.loads(done.stdout):
        named = re.match(r"`([\w.]+)` is banned", breach["message"])
        what = named[1] if named else breach["code"]
        found.setdefault(Path(breach["filename"]).stem, set()).add(what)
    for stem in planted:
        (room / f"{stem}.py").unlink()
    return found


@pytest.mark.parametrize("rule", LINT)
def test_lint_bites(lint: dict[str, set[str]], rule: str) -> None:
    """ruff reports this rule where it is broken."""
    assert rule in lint.get(f"lint_{rule.lower()}", set())


@pytest.mark.parametrize("name", BANNED)
def test_banned_calls_bite(lint: dict[str, set[str]], name: str) -> None:
    """A call that belongs to another room is reported."""
    assert name in lint.get(f"ban_{name.replace('.', '_')}", set())


# --- import-linter ------------------------------------------------------------------------------

# contract -> (module that is spoiled, the import that it must not have)
IMPORTS = {
    "Imports point down": ("types", "import tandem.ledger"),
    "What decides or translates does no I/O": ("policy/routing", "import socket"),
    "Settings are read by bootstrap and cli alone": ("ledger", "import tandem.config"),
    "Only bootstrap builds what touches the network": (
        "orchestrator",
        "import tandem.engines.openai_http",
    ),
    "Only bootstrap connects to the user's own servers": (
        "calibrating",
        "import tandem.connectors.imap",
    ),
    "Training's packages are never needed": ("engines/scripted", "import torch"),
}


@pytest.fixture(scope="module")
def contracts(house: Path) -> str:
    """What import-linter says of a house with one breach for each contract."""
    kept: dict[Path, str] = {}
    for module, line in IMPORTS.values():
        path = house / f"src/tandem/{module}.py"
        kept[path] = path.read_text(encoding="utf-8")
        path.write_text(kept[path] + f"\n{line}\n", encoding="utf-8")
    (house / "src/tandem/roomless.py").write_text('"""It has no room."""\n', encoding="utf-8")
    done = run(
        str(BIN / "lint-imports"),
        "--no-cache",
        cwd=house,
        PYTHONPATH=str(house / "src"),
        COLUMNS="200",
    )
    (house / "src/tandem/roomless.py").unlink()
    for path, text in kept.items():
        path.write_text(text, encoding="utf-8")
    return done.stdout


@pytest.mark.parametrize("contract", IMPORTS)
def test_import_contracts_bite(contracts: str, contract: str) -> None:
    """A breach of each contract is reported."""
    said = [line for line in contracts.splitlines() if line.startswith(contract)]
    assert any(line.endswith("BROKEN") for line in said), said


def test_a_module_without_a_room_is_noticed(contracts: str) -> None:
    """A new module must be put into a layer before it may stay."""
    assert "tandem.roomless" in contracts


# --- types --------------------------------------------------------------------------------------


def test_strict_types_bite(tmp_path: Path) -> None:
    """In src an untyped parameter is an error: pyright runs strict, on the node of the lock."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/loose.py").write_text("def f(x):\n    return x\n", encoding="utf-8")
    kept = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(
        re.sub(r'^venv.*=.*"\n', "", kept, flags=re.MULTILINE), encoding="utf-8"
    )
    done = run(str(BIN / "pyright"), "--outputjson", "src", cwd=tmp_path)
    rules = {breach.get("rule") for breach in json.loads(done.stdout)["generalDiagnostics"]}
    assert "reportMissingParameterType" in rules


# --- pytest -------------------------------------------------------------------------------------


def test_the_rules_of_testing_bite(tmp_path: Path) -> None:
    """Warnings fail, an expected failure that passes fails, and paid tests do not run unasked."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_planted.py").write_text(
        textwrap.dedent(
            """
            import warnings
            import pytest

            def test_warns(): warnings.warn("old")

            @pytest.mark.xfail
            def test_passes_though_expected_to_fail(): pass

            @pytest.mark.paid
            def test_paid(): raise SystemExit("money spent")

            async def test_async(): pass
            """
        ),
        encoding="utf-8",
    )
    done = run(*PYTEST, cwd=tmp_path, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert re.search(r"2 failed, 1 passed, 1 deselected", done.stdout), done.stdout


def test_an_unknown_marker_bites(tmp_path: Path) -> None:
    """A misspelt marker is an error, not a test that silently runs."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "tests").mkdir()
    planted = "import pytest\n@pytest.mark.payed\ndef test_x(): pass\n"
    (tmp_path / "tests/test_planted.py").write_text(planted, encoding="utf-8")
    done = run(*PYTEST, cwd=tmp_path, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert "'payed' not found in `markers`" in done.stdout


def test_tests_cannot_leave_this_machine() -> None:
    """A test that forgets to be marked `network` is refused before a name is looked up."""
    import socket

    from tandem.errors import Stays

    with socket.socket() as probe, pytest.raises(Stays):
        probe.connect(("192.0.2.1", 80))
    with pytest.raises(Stays):
        socket.getaddrinfo("example.com", 80)
