"""Keys and tokens: found in the right order, kept from other eyes."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from tandem.errors import BadSettings, DeviceFault
from tandem.secrets import Secrets, token_from


class PocketRing:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, name: str, /) -> str | None:
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, secret: str, /) -> None:
        self.kept[service, name] = secret

    def delete_password(self, service: str, name: str, /) -> None:
        del self.kept[service, name]


def broken() -> None:
    raise RuntimeError("locked")


def test_the_environment_wins_over_the_keyring() -> None:
    """One run can use another key without touching the kept one."""
    ring = PocketRing()
    Secrets({}, lambda: ring).keep_api_key("a.example", "kept")
    secrets = Secrets({"K": " given "}, lambda: ring)
    assert secrets.api_key(variable="K", host="a.example") == "given"
    assert secrets.api_key(variable="OTHER", host="a.example") == "kept"
    assert secrets.api_key(variable="OTHER", host="a.example", use_keyring=False) is None


def test_a_key_is_for_its_host_alone() -> None:
    """Changing the cloud's address does not send the old key to the new host."""
    ring = PocketRing()
    Secrets({}, lambda: ring).keep_api_key("a.example", "kept")
    assert Secrets({}, lambda: ring).api_key(variable="", host="b.example") is None


@pytest.mark.parametrize("keyring", [lambda: None, broken])
def test_without_a_keyring_the_environment_still_works_and_keeping_says_why_not(
    keyring,
) -> None:
    """Headless machines have none, or a locked one."""
    secrets = Secrets({"K": "given"}, keyring)
    assert secrets.api_key(variable="K", host="a") == "given"
    assert secrets.api_key(variable="", host="a") is None
    assert not secrets.has_keyring()
    with pytest.raises(BadSettings, match="keyring") as caught:
        secrets.keep_api_key("a", "sk-do-not-print")
    assert "sk-do-not-print" not in str(caught.value)
    assert "api_key_env" in caught.value.remedy


def test_the_token_is_made_once_and_only_for_the_owner(tmp_path: Path) -> None:
    """The second start finds the first start's token; nobody else can read it."""
    path = tmp_path / "data" / "token"
    token = token_from(path)
    assert token_from(path) == token
    assert len(token) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["token"]


def test_two_first_starts_agree_on_one_token(tmp_path: Path) -> None:
    """Server and client may start at the same moment."""
    path, found = tmp_path / "token", list[str]()
    starts = [threading.Thread(target=lambda: found.append(token_from(path))) for _ in range(8)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert len(found) == 8
    assert set(found) == {path.read_text().strip()}


def test_a_token_that_others_could_read_or_that_is_none_is_refused(
    tmp_path: Path,
) -> None:
    """Whoever could read it may have it, so it is not quietly mended."""
    path = tmp_path / "token"
    token_from(path)
    path.chmod(0o644)
    with pytest.raises(DeviceFault, match="other users"):
        token_from(path)
    path.write_text("")
    path.chmod(0o600)
    with pytest.raises(DeviceFault, match="no usable token"):
        token_from(path)


def test_a_place_that_cannot_be_written_is_this_machines_fault(tmp_path: Path) -> None:
    """A file where the folder should be stands for every unwritable place."""
    (tmp_path / "data").write_text("")
    with pytest.raises(DeviceFault, match="cannot be written"):
        token_from(tmp_path / "data" / "token")
