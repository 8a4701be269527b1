"""`tandem demo`: it must really do what it shows, and say so when it does not."""

from __future__ import annotations

from pathlib import Path

from tests.cli.running import Home
from tests.engines.tiny_gguf import write_tiny_gguf


def shipped(home: Home) -> Home:
    """The pair of models that comes with the project."""
    home.environ.pop("TANDEM_DEVICE_KIND")
    return home


def test_the_tour_does_what_it_shows(home: Home) -> None:
    """Five steps on the real pair, each checked on events and receipts; nothing left behind."""
    before = set(Path("/tmp").glob("tandem-demo-*"))
    told = shipped(home).json("demo", "--json")
    assert told["ok"], told
    assert len(told["checks"]) >= 12
    assert all(told["checks"].values())
    assert told["seconds"] < 30
    assert set(Path("/tmp").glob("tandem-demo-*")) <= before
    assert list(home.folder.iterdir()) == []


def test_a_tour_that_fails_says_so(home: Home) -> None:
    """With random models nothing is known: exit code 1, and the steps that did not hold."""
    model = write_tiny_gguf(home.folder / "random.gguf")
    shipped(home).environ |= {
        "TANDEM_DEVICE_MODEL": str(model),
        "TANDEM_DEVICE_MAX_OUTPUT_TOKENS": "4",
        "TANDEM_CLOUD_TIER_MODEL": str(model),
    }
    result = home.run("demo", "--json", "--seed", "1")
    assert result.exit_code == 1
    assert '"1: answered on the device, 0 bytes left": false' in result.stdout


def test_a_tour_without_its_models_says_what_is_missing(home: Home) -> None:
    """No traceback, and no process left."""
    shipped(home).environ["TANDEM_CLOUD_TIER_MODEL"] = "nope"
    home.environ["TANDEM_DEVICE_KIND"] = "scripted"
    result = home.run("demo")
    assert result.exit_code == 1
    assert "nope" in result.stderr
