"""The house itself: the map is true, the locks fit, and nothing that belongs elsewhere got in."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
# Longer, and better so: each with its reason.
LONG_FILES: dict[str, str] = {
    "src/tandem/types.py": "the nouns of all rooms: one vocabulary, read as one page",
    "src/tandem/serve/schema.py": "one table of OpenAI's fields, each with its rule below it",
}
LONG_FUNCTIONS: dict[str, str] = {}

MAX_POCKET_BYTES = 8_000_000
MAX_TOWER_BYTES = 60_000_000

# Licences that a package under Apache-2.0 may depend on and be shipped beside.
PERMISSIVE = re.compile(
    r"MIT(-0)?|Apache([ -]2\.0| Software)|0?BSD|ISC|PSF|Python Software Foundation|Zlib|MPL-2\.0"
)
# Others, each with its reason.
ACCEPTED: dict[str, str] = {
    "python-stdnum": "LGPL-2.1 or later: imported unchanged, replaceable; decisions/0030 says why",
    "recurring-ical-events": "LGPL: a library of its own, unmodified and replaceable (0044)",
    "x-wr-timezone": "LGPL: needed by recurring-ical-events, as above",
}


def tracked() -> list[str]:
    """What git keeps, and what it would keep: new files count before they are committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    names = done.stdout.decode().split("\0")
    return sorted({name for name in names if name and (ROOT / name).is_file()})


def sources() -> list[Path]:
    return sorted(SRC.rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = [module_of(path) for path in sources()]


# --- modules ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODULES)
def test_every_module_imports_and_says_what_it_is_for(name: str) -> None:
    """Each module imports by itself, has a docstring, and its `__all__`, if any, is true."""
    module = importlib.import_module(name)
    assert (module.__doc__ or "").strip(), f"{name} does not say what it is for"
    for public in getattr(module, "__all__", ()):
        assert hasattr(module, public), f"{name}.__all__ names {public}, which is not there"


def test_importing_does_no_work() -> None:
    """Importing all of Tandem opens no file for writing, no socket and no process."""
    watch = (
        "import sys, importlib\n"
        "def hook(event, arguments):\n"
        "    if event in ('socket.connect', 'socket.bind', 'subprocess.Popen', 'os.mkdir',"
        " 'sqlite3.connect'):\n"
        "        raise SystemExit(f'{event} at import: {arguments}')\n"
        "sys.addaudithook(hook)\n"
        f"for name in {MODULES!r}: importlib.import_module(name)\n"
    )
    done = subprocess.run([sys.executable, "-c", watch], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


# --- sizes --------------------------------------------------------------------------------------


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_files_and_functions_are_short_or_say_why_not() -> None:
    """A long file or function needs a reason in the lists above; a reason no longer needed goes."""
    files, functions = set[str](), set[str]()
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        if len(path.read_text(encoding="utf-8").splitlines()) > MAX_FILE_LINES:
            files.add(name)
        for function, lines in _functions(path):
            if lines > MAX_FUNCTION_LINES:
                functions.add(f"{name}:{function}")
    assert files == set(LONG_FILES)
    assert functions == set(LONG_FUNCTIONS)


def test_no_drawers() -> None:
    """No module or class is called after a drawer or a job title: the name says what it is."""
    drawers = re.compile(
        r"(?i)(utils?|common|helpers?|managers?|handlers?|services?|processors?|factory|wrappers?)$"
    )
    found: list[str] = []
    for path in sources():
        names = [path.stem]
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names += [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
        found += [f"{path.name}: {name}" for name in names if drawers.search(name)]
    assert found == []


# --- the map ------------------------------------------------------------------------------------

# Folders that the map shows by one line for all their files.
_BY_FOLDER = ("tests/", "docs/decisions/", "bench/results/")


def mapped() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("<!-- map -->")[1].split("<!-- /map -->")[0]
    return re.findall(r"^([\w./-]+)(?: {2,}\S.*)$", block, re.MULTILINE)


def test_every_file_has_one_line_in_the_map() -> None:
    """A newcomer finds each file of the house in the README."""
    lines = mapped()
    assert sorted(set(lines)) == sorted(lines), "a line stands twice"
    wanted = {
        name
        for name in tracked()
        if not name.startswith(_BY_FOLDER) and not name.endswith(("/__init__.py", "py.typed"))
    }
    wanted -= {name for name in wanted if any(name.startswith(f) for f in lines if f[-1] == "/")}
    assert sorted(wanted - set(lines)) == [], "these files have no line in README's map"


def test_every_line_of_the_map_has_its_file() -> None:
    """Nothing on the map is gone."""
    assert [line for line in mapped() if not (ROOT / line).exists()] == []


# --- locks --------------------------------------------------------------------------------------


def pins(lock: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in (ROOT / "requirements" / lock).read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([A-Za-z0-9][\w.-]*)==([\w.+!-]+)", line):
            found.setdefault(match[1], set()).add(match[2])
    return found


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("run.lock", PROJECT["project"]["dependencies"]),
        ("dev.lock", PROJECT["project"]["dependencies"]),
        ("dev.lock", PROJECT["project"]["optional-dependencies"]["dev"]),
        ("build.lock", PROJECT["build-system"]["requires"]),
    ],
)
def test_locks_fit_the_project_file(lock: str, wanted: list[str]) -> None:
    """What pyproject.toml asks for is locked, in a version that it allows: else run `make lock`."""
    locked = pins(lock)
    for line in wanted:
        requirement = Requirement(line)
        versions = locked.get(canonical(requirement.name), set())
        assert any(requirement.specifier.contains(version) for version in versions), line


def test_locks_agree_and_hold_hashes() -> None:
    """The runtime in the tests is the runtime of the user, and every pin has its hashes."""
    dev = pins("dev.lock")
    for lock in ("run.lock", "build.lock"):
        for name, versions in pins(lock).items():
            if name in dev:
                assert versions == dev[name], f"{name} differs between {lock} and dev.lock"
    for lock in ("run.lock", "build.lock", "dev.lock", "litellm.lock"):
        text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
        blocks = re.split(r"\n(?=\w)", text.strip())
        assert all("--hash=sha256:" in block for block in blocks), f"a pin in {lock} has no hash"


def test_what_is_installed_is_what_is_locked() -> None:
    """This very environment came from the lock."""
    for name, versions in pins("run.lock").items():
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another platform or Python
        assert installed in versions, f"{name} {installed}: run `make setup`"


def test_licences_are_permissive() -> None:
    """Nothing the runtime needs forbids what Apache-2.0 allows."""
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    strict: list[str] = []
    for name in pins("run.lock"):
        try:
            about = importlib.metadata.metadata(name).json
        except importlib.metadata.PackageNotFoundError:
            continue
        said = [str(about.get("license_expression", "")), str(about.get("license", ""))[:60]]
        said += [each for each in about.get("classifier", ()) if each.startswith("License")]
        if name not in ACCEPTED and not PERMISSIVE.search(" ".join(said)):
            strict.append(f"{name}: {said}")
    assert strict == []


# --- what must not get in -----------------------------------------------------------------------


def test_no_machine_path_and_no_registry_host() -> None:
    """The tree names no folder of one machine and no package registry: mirrors are the user's."""
    # Written in pieces, so that this file does not find itself.
    banned = ["/wo" + "rk/", "/ro" + "ot/", "/tmp" + "/w/", "/ho" + "me/", "/Us" + "ers/"]
    banned += ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "index" + "-url"]
    pattern = re.compile("|".join(re.escape(word) for word in banned))
    found: list[str] = []
    for name in tracked():
        path = ROOT / name
        if path.suffix in {".gguf", ".png", ".jsonl"}:
            continue
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{name}:{number}: {line.strip()[:80]}")
    assert found == []


def test_no_secret_looking_strings() -> None:
    """No key of a known shape is in the tree."""
    shapes = re.compile(
        r"\b(sk-\w{20,}|gh[pousr]_[A-Za-z0-9]{30,}|hf_[A-Za-z0-9]{30,}|AKIA[0-9A-Z]{16})\b"
    )
    found = [
        name
        for name in tracked()
        if not name.endswith(".gguf") and shapes.search((ROOT / name).read_text("utf-8", "replace"))
    ]
    assert found == []


# --- what is shipped ----------------------------------------------------------------------------


def test_the_pair_of_models_is_here_and_small() -> None:
    """pocket is in the package, tower beside it, both GGUF, both with a card, both within size."""
    pocket = SRC / "tandem/models/pocket/pocket.gguf"
    tower = ROOT / "models/tower/tower.gguf"
    for path, limit in ((pocket, MAX_POCKET_BYTES), (tower, MAX_TOWER_BYTES)):
        assert path.read_bytes()[:4] == b"GGUF"
        assert path.stat().st_size <= limit
        card = "".join(each.read_text("utf-8") for each in path.parent.glob("*.md")).lower()
        for word in ("data", "licen", "training", "limit"):
            assert word in card, f"{path.parent.name}'s card says nothing of {word}"


def test_the_wheel_holds_pocket_and_not_tower(tmp_path: Path) -> None:
    """What a user installs answers at once, and is light."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "tandem/models/pocket/pocket.gguf" in names
    assert not [name for name in names if "tower" in name or name.endswith(".pth")]
    in_tree = {path.relative_to(SRC).as_posix() for path in sources()}
    assert {name for name in names if name.endswith(".py")} == in_tree


def test_make_lists_its_verbs() -> None:
    """`make help` is read from the Makefile itself."""
    if shutil.which("make") is None:
        pytest.skip("no make on this machine")
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True)
    for verb in ("demo", "test", "setup", "check", "format", "lock"):
        assert re.search(rf"^{verb} ", done.stdout, re.MULTILINE), verb
