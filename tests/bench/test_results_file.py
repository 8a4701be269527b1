"""Result files say where their numbers come from."""

from __future__ import annotations

import json
from pathlib import Path

from bench.results_file import ROOT, write_result


def test_a_result_says_where_it_comes_from(tmp_path: Path) -> None:
    """Figures, commit, machine, date and package versions stand in one file."""
    path = write_result("trial", {"right": 0.5}, packages=["numpy"], folder=tmp_path)
    told = json.loads(path.read_text("utf-8"))
    assert told["figures"] == {"right": 0.5}
    assert told["bench"] == "trial"
    assert told["machine"]["num_cpus"] >= 1
    assert told["packages"]["numpy"]
    assert told["at"].endswith("+00:00")
    if (ROOT / ".git").exists():
        assert len(told["commit"]) == 40


def test_a_result_names_no_machine_and_no_user(tmp_path: Path) -> None:
    """The file can be published: no folder of this machine is in it."""
    text = write_result("trial", {}, folder=tmp_path).read_text("utf-8")
    assert str(Path.home()) not in json.loads(text)["machine"].values()
    assert str(ROOT) not in text


def test_kept_results_can_be_read() -> None:
    """Every file in bench/results has its figures and, unless it is raw data, its commit."""
    for path in (ROOT / "bench" / "results").glob("*.json"):
        told = json.loads(path.read_text("utf-8"))
        assert told["figures"], path.name
        assert told["commit"], path.name
