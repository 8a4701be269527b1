"""`tandem doctor`: each planted fault is named, with its cure, and nothing else is blamed."""

from __future__ import annotations

import importlib.metadata
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tandem.cli.start import Start
from tandem.doctor import check_clock, check_key, check_libraries
from tandem.engines.scripted import Reply
from tandem.secrets import Secrets, token_from
from tests.cli.running import Home, beside, scripted_cloud
from tests.engines.tiny_gguf import write_tiny_gguf
from tests.faulty_upstream import Behaviour, hangs, replies, upstream


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A healthy machine, whose server would take any free port."""
    home = Home(tmp_path)
    home.environ["TANDEM_SERVE_PORT"] = "0"
    return home


def faults(home: Home, *args: str) -> list[dict[str, Any]]:
    found = home.json("doctor", "--json", *args)
    assert all(each["remedy"] for each in found if each["status"] == "fault")
    return [each for each in found if each["status"] == "fault"]


def the_fault(home: Home, *args: str) -> dict[str, Any]:
    (fault,) = faults(home, *args)
    return fault


def test_a_healthy_machine_has_no_fault_and_exit_code_0(home: Home) -> None:
    """Also with a cloud that answers, whose one word has a receipt."""
    with scripted_cloud(home, Reply("OK")) as cloud:
        result = home.run("doctor")
        assert result.exit_code == 0, result.output
        assert "All is well." in result.stdout
        assert len(cloud.asked) == 1
    (entry,) = home.json("ledger", "--json")
    assert entry["answered_by"] == "cloud"


def test_a_fault_is_exit_code_1_with_its_cure(home: Home) -> None:
    """In words, for a person."""
    home.environ["TANDEM_DEVICE_KIND"] = "llama"
    home.environ["TANDEM_DEVICE_MODEL"] = "nowhere"
    result = home.run("doctor")
    assert result.exit_code == 1
    assert "FAULT" in result.stdout
    assert "-> Get one: tandem models pull" in result.stdout
    assert "1 to mend." in result.stdout


def test_every_wrong_setting_is_named_at_once(home: Home) -> None:
    """Not one per run; and the rest of the machine is examined all the same."""
    (home.folder / "tandem.toml").write_text(
        "mode = 'prefer-loca'\n[cloud]\nulr = 'x'\napi_key = 'sk-do-not-print'\n"
        "[serve]\nport = 'x'\n"
    )
    home.environ["TANDEM_MODEE"] = "local-only"
    del home.environ["TANDEM_SERVE_PORT"]
    home.environ["TANDEM_SERVE_HOST"] = "127.0.0.1"
    result = home.run("doctor", "--json")
    assert "sk-do-not-print" not in result.stdout
    told = [
        each["message"] + each["remedy"] for each in faults(home) if each["check"] == "settings"
    ]
    assert len(told) == 5
    for expected in ("prefer-local", "cloud.url", "keyring", "a whole number", "TANDEM_MODE"):
        assert any(expected in each for each in told), expected


@pytest.mark.parametrize("content", ["mode = \n[cloud]", "mode\n"])
def test_a_settings_file_that_is_no_toml_is_named(home: Home, content: str) -> None:
    """With its line."""
    (home.folder / "tandem.toml").write_text(content)
    fault = the_fault(home)
    assert fault["check"] == "settings"
    assert "not valid TOML" in fault["message"]
    assert "line 1" in fault["message"]


def _truncated(path: Path) -> None:
    path.write_bytes(write_tiny_gguf(path).read_bytes()[:-5000])


def _not_gguf(path: Path) -> None:
    path.write_text("<html>Sign in to download</html>")


def _empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("spoil", [_truncated, _not_gguf, _empty, lambda path: None])
def test_a_bad_model_file_is_named(home: Home, spoil: Callable[[Path], None]) -> None:
    """Truncated, something else, empty, or not there."""
    path = home.folder / "mine.gguf"
    spoil(path)
    home.environ |= {"TANDEM_DEVICE_KIND": "llama", "TANDEM_DEVICE_MODEL": str(path)}
    fault = the_fault(home)
    assert fault["check"] == "device model"
    assert "mine" in fault["message"]


def test_a_good_model_without_calibration_is_a_warning(home: Home) -> None:
    """It works, and the user learns why it is trusted little."""
    path = write_tiny_gguf(home.folder / "mine.gguf")
    home.environ |= {"TANDEM_DEVICE_KIND": "llama", "TANDEM_DEVICE_MODEL": str(path)}
    assert faults(home) == []
    found = {each["check"]: each for each in home.json("doctor", "--json")}
    assert found["device model"]["status"] == "ok"
    assert found["calibration"]["status"] == "warning"
    assert "tandem models calibrate" in found["calibration"]["remedy"]


def test_a_port_in_use_is_named_with_another(home: Home) -> None:
    """As `tandem serve` would find it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        home.environ["TANDEM_SERVE_PORT"] = str(port)
        fault = the_fault(home)
    assert fault["check"] == "port"
    assert str(port) in fault["message"]
    assert "serve.port" in fault["remedy"]


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (replies(401, b'{"error":{"code":"invalid_api_key"}}'), "key is missing, wrong or expired"),
        (replies(404, b'{"error":{"code":"model_not_found"}}'), "model's name"),
        (replies(429, b"{}", "Retry-After: 7"), "Try again in 7 s"),
        (replies(500, b"oops"), "failed (HTTP 500)"),
        (replies(200, b"<html>", kind="text/html"), "127.0.0.1"),
        (hangs(), "127.0.0.1"),
    ],
)
def test_a_cloud_that_does_not_answer_well_is_named(
    home: Home, behaviour: Behaviour, expected: str
) -> None:
    """Wrong key, unknown model, busy, broken, something else, hanging: each in its own words."""
    with beside(lambda: upstream(behaviour)) as cloud:
        home.has_cloud(
            cloud.url,
            TANDEM_CLOUD_FIRST_BYTE_TIMEOUT_SECONDS="0.3",
            TANDEM_CLOUD_CONNECT_TIMEOUT_SECONDS="0.3",
        )
        fault = the_fault(home)
    assert fault["check"] == "cloud"
    assert expected in fault["message"] + fault["remedy"]


def test_an_unreachable_cloud_is_named_and_offline_does_not_ask_it(home: Home) -> None:
    """Nobody listens on a port that was just given back."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    home.has_cloud(f"http://127.0.0.1:{port}/v1")
    assert the_fault(home)["check"] == "cloud"
    assert faults(home, "--offline") == []


@pytest.mark.parametrize(
    "setting", [{"TANDEM_MODE": "local-only"}, {"TANDEM_CLOUD_CONSENT": "never"}]
)
def test_where_nothing_may_leave_nothing_is_tried(home: Home, setting: dict[str, str]) -> None:
    """The doctor goes round no switch."""
    with scripted_cloud(home, Reply("OK"), **setting) as cloud:
        assert faults(home) == []
        assert cloud.asked == []


def test_a_cloud_without_a_model_is_a_wrong_setting(home: Home) -> None:
    """Half a cloud is worse than none."""
    home.environ["TANDEM_CLOUD_URL"] = "http://127.0.0.1:1/v1"
    assert "cloud.model" in the_fault(home)["message"]


def test_a_missing_key_is_a_warning_that_knows_about_the_keyring(home: Home) -> None:
    """On a headless machine only the environment is left."""
    home.environ |= {"TANDEM_CLOUD_URL": "https://a.example/v1", "TANDEM_CLOUD_MODEL": "m"}
    settings = Start(home.environ).ready().settings
    (found,) = check_key(settings, Secrets({}, lambda: None))
    assert found.status == "warning"
    assert "no keyring" in found.message
    (found,) = check_key(settings, Secrets({"TANDEM_CLOUD_API_KEY": "k"}, lambda: None))
    assert found.status == "ok"


def test_a_damaged_ledger_is_named(home: Home) -> None:
    """Both a file that is no database and one with a broken page."""
    ledger = home.folder / "ledger.sqlite"
    ledger.write_text("this is no database, however long one reads it" * 100)
    ledger.chmod(0o600)
    assert {each["check"] for each in faults(home)} == {"ledger", "start"}
    ledger.unlink()
    home.run("ask", "x")
    with sqlite3.connect(ledger) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    raw = bytearray(ledger.read_bytes())
    raw[4096 : 4096 + 2048] = b"\xff" * 2048
    ledger.write_bytes(raw)
    assert "ledger" in {each["check"] for each in faults(home)}


def test_private_files_that_others_can_read_are_named(home: Home) -> None:
    """Tokens are made anew, as they may be known; receipts are closed."""
    token = home.folder / "token"
    token_from(token)
    token.chmod(0o644)
    assert "rm " in the_fault(home)["remedy"]
    token.unlink()
    home.run("ask", "x")
    (home.folder / "ledger.sqlite").chmod(0o644)
    assert "chmod 600" in the_fault(home)["remedy"]
    (home.folder / "ledger.sqlite").chmod(0o600)
    token.write_text("")
    token.chmod(0o600)
    assert "no usable token" in the_fault(home)["message"]


def test_a_damaged_conversation_is_named(home: Home) -> None:
    """`tandem escalate` would trip over it."""
    home.run("ask", "x")
    (file,) = (home.folder / "conversations").glob("*.json")
    file.write_text("{")
    assert the_fault(home)["check"] == "conversations"


def test_a_folder_that_cannot_be_written_is_named(home: Home) -> None:
    """A device that takes no files stands for read-only and full disks, for root as well."""
    home.environ["TANDEM_MODELS_FOLDER"] = "/proc/tandem"
    fault = the_fault(home)
    assert fault["check"] == "folders"
    assert "/proc" in fault["message"]


def test_a_wrong_or_missing_library_is_named() -> None:
    """The engine speaks one version's C interface; extras and other platforms do not count."""
    wanted = ["xllamacpp==2.0", "rich<16,>=15", "torch==1; extra == 'train'", "gone>=1"]

    def version(name: str) -> str:
        if name == "gone":
            raise importlib.metadata.PackageNotFoundError(name)
        return {"xllamacpp": "1.0"}.get(name, "15.1")

    found = list(check_libraries(version, wanted))
    assert [each.status for each in found] == ["fault", "fault"]
    assert "xllamacpp is 1.0; Tandem was made for 2.0" in found[0].message
    assert "gone is not installed" in found[1].message


def test_a_clock_far_behind_is_named() -> None:
    """1970 breaks TLS and every receipt."""

    class Clock:
        def __init__(self, now: float) -> None:
            self._now = now

        def now(self) -> float:
            return self._now

        def monotonic(self) -> float:
            return 0.0

    assert [each.status for each in check_clock(Clock(0.0))] == ["fault"]
    assert [each.status for each in check_clock(Clock(4e9))] == ["ok"]
