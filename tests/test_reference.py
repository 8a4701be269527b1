"""The documentation cannot lie: references are generated, links lead somewhere, commands exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tandem.cli.app import COMMANDS
from tandem.config_keys import keys

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])


@pytest.fixture(scope="module")
def fresh() -> dict[str, str]:
    """The generated pages as the code has them now. In a process of its own: it fixes widths."""
    code = "import json, write_reference as w; print(json.dumps(w.pages()))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=DOCS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    import json

    return json.loads(done.stdout)


def test_references_are_what_the_code_says(fresh: dict[str, str]) -> None:
    """docs/reference is as `make docs` would write it now."""
    assert fresh
    for name, text in fresh.items():
        kept = (DOCS / "reference" / name).read_text("utf-8")
        assert kept == text, f"docs/reference/{name} is old: run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """Each link to a file finds it, and each link to a heading finds one."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in _anchors(file.read_text("utf-8")), f"{page.name}: {target}"


def _anchors(text: str) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def test_commands_and_settings_in_the_docs_exist() -> None:
    """No page names a command, or sets a setting, that is not there."""
    wrong: list[str] = []
    for page in PAGES:
        text = page.read_text("utf-8")
        blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
        for name in re.findall(r"^tandem ([a-z]+)", blocks, re.MULTILINE):
            if name not in COMMANDS:
                wrong.append(f"{page.name}: tandem {name}")
        for key in re.findall(r"tandem config set ([a-z_.]+)", text):
            if key not in keys() and not key.startswith("prices"):
                wrong.append(f"{page.name}: {key}")
    assert wrong == []


def test_makefile_verbs_in_the_docs_exist() -> None:
    """No page names a verb of `make` that is not there."""
    verbs = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page in PAGES:
        text = page.read_text("utf-8")
        used = re.findall(r"^make ([a-z]+)", text, re.MULTILINE)
        used += re.findall(r"`make ([a-z]+)`", text)
        assert set(used) <= verbs, f"{page.name}: {set(used) - verbs}"
