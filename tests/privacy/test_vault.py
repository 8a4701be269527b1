"""The vault: sealed, the user's alone, and never a wrong answer to a wrong key."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from tandem.errors import DeviceFault
from tandem.privacy.book import Book
from tandem.privacy.vault import Vault
from tandem.secrets import Secrets
from tandem.types import Origin


def vault_in(folder: Path, key: bytes = b"k" * 32) -> Vault:
    return Vault(folder / "vault.sqlite", lambda *, is_new: key)


def note(book: Book, name: str) -> str:
    thing = book.seen("person", f"person:{name}", name, [Origin.TYPED], is_chinese=False)
    return thing.shown(name)


def keep(vault: Vault, talk: str, name: str) -> str:
    shown: list[str] = []
    vault.keep(talk, lambda book: shown.append(note(book, name)))
    return shown[0]


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    """The same thing has the same placeholder in another process, another in another talk."""
    vault = vault_in(tmp_path)
    shown = keep(vault, "one", "Ann Lee")
    vault.aclose()
    again = vault_in(tmp_path)
    book = again.book("one")
    assert note(book, "Ann Lee") == shown and not book.changed
    assert again.book("two").by_number == {}
    others = {note(again.empty_book(str(number)), "Ann Lee") for number in range(20)}
    assert len(others) > 15
    assert again.forget("one") == 1 and again.book("one").by_number == {}
    again.aclose()


def test_written_forms_are_told_apart_by_a_letter(tmp_path: Path) -> None:
    """One number per thing, one letter per form; more forms than letters are another thing."""
    book = vault_in(tmp_path).empty_book("x")
    forms = [f"Ann {number}" for number in range(12)]
    shown = [
        book.seen("person", "person:ann", form, [Origin.TYPED], is_chinese=False) for form in forms
    ]
    names = {thing.shown(form) for thing, form in zip(shown, forms, strict=True)}
    assert len(names) == 12
    assert len({thing.number for thing in shown[:7]}) == 1


def test_the_file_holds_nothing_in_clear(tmp_path: Path) -> None:
    """Neither names nor conversation ids are in the files, and others cannot read them."""
    vault = vault_in(tmp_path)
    keep(vault, "my-talk-id", "Ann Lee")
    for path in tmp_path.iterdir():
        data = path.read_bytes()
        assert b"Ann" not in data and b"my-talk" not in data
        assert path.stat().st_mode & 0o077 == 0
    vault.aclose()


def test_another_key_is_an_error(tmp_path: Path) -> None:
    """A vault from another machine: it says so, and nothing is read or written."""
    vault = vault_in(tmp_path)
    keep(vault, "one", "Ann Lee")
    vault.aclose()
    other = vault_in(tmp_path, b"x" * 32)
    for use in (lambda: other.book("one"), lambda: other.derived("audit")):
        with pytest.raises(DeviceFault, match="another key"):
            use()


@pytest.mark.parametrize(
    "change", ["sealed = x'00'", "number = number + 1", "conversation = x'00'"]
)
def test_a_changed_row_is_an_error(tmp_path: Path, change: str) -> None:
    """A row that was damaged or moved is not taken for anything."""
    vault = vault_in(tmp_path)
    for name in ("one", "two"):
        keep(vault, name, "Ann Lee")
    vault.aclose()
    with sqlite3.connect(tmp_path / "vault.sqlite") as connection:
        if change.startswith("conversation"):
            rows = connection.execute("select conversation from things").fetchall()
            connection.execute("delete from things where conversation = ?", rows[0])
            connection.execute("update things set conversation = ?", rows[0])
        else:
            connection.execute(f"update things set {change}")
    again = vault_in(tmp_path)
    with pytest.raises(DeviceFault, match="changed or damaged"):
        for name in ("one", "two"):
            again.book(name)


@pytest.mark.parametrize("data", [b"not a database at all, but long enough to be read as one" * 9])
def test_a_broken_file_is_an_error(tmp_path: Path, data: bytes) -> None:
    """Rubbish where the vault was: a DeviceFault."""
    (tmp_path / "vault.sqlite").write_bytes(data)
    with pytest.raises(DeviceFault, match="nothing leaves"):
        vault_in(tmp_path).book("one")


def test_a_failed_change_keeps_nothing(tmp_path: Path) -> None:
    """What fails in the middle leaves the vault as it was."""
    vault = vault_in(tmp_path)

    def fail(book: Book) -> None:
        note(book, "Ann Lee")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        vault.keep("one", fail)
    assert vault.book("one").by_number == {}
    vault.aclose()


def test_threads_and_processes_never_give_one_number_twice(tmp_path: Path) -> None:
    """Eight threads and three processes fill one conversation."""
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from tests.privacy.test_vault import keep, vault_in
        vault = vault_in(Path(sys.argv[1]))
        for number in range(20):
            keep(vault, "one", f"{sys.argv[2]} {number}")
        """
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    processes = [subprocess.Popen([*command, f"process {number}"]) for number in range(3)]
    vault = vault_in(tmp_path)

    def fill(name: str) -> None:
        for number in range(10):
            keep(vault, "one", f"{name} {number}")

    threads = [threading.Thread(target=fill, args=(f"thread {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait() for process in processes] == [0] * 3
    things = vault.book("one").by_number
    assert len(things) == 140 and len({thing.key for thing in things.values()}) == 140
    vault.aclose()


# --- the key ------------------------------------------------------------------------------------


class Ring:
    """A keyring in memory."""

    def __init__(self, *, is_locked: bool = False) -> None:
        self.kept: dict[str, str] = {}
        self.is_locked = is_locked

    def get_password(self, service: str, name: str, /) -> str | None:
        if self.is_locked:
            raise RuntimeError("locked")
        return self.kept.get(name)

    def set_password(self, service: str, name: str, secret: str, /) -> None:
        if self.is_locked:
            raise RuntimeError("locked")
        self.kept[name] = secret

    def delete_password(self, service: str, name: str, /) -> None:
        del self.kept[name]


def test_the_key_is_in_the_keyring_or_in_a_file_of_the_users(tmp_path: Path) -> None:
    """With a keyring no file is made; without one the file is readable by the user alone."""
    file = tmp_path / "vault-key"
    ring = Ring()
    secrets = Secrets({}, lambda: ring)
    key = secrets.vault_key(file, is_new=True)
    assert len(key) == 32 and not file.exists()
    assert secrets.vault_key(file, is_new=False) == key
    bare = Secrets({}, lambda: None)
    made = bare.vault_key(file, is_new=True)
    assert file.stat().st_mode & 0o777 == 0o600
    assert bare.vault_key(file, is_new=False) == made != key


def test_a_lost_key_is_never_made_anew(tmp_path: Path) -> None:
    """With a vault there and no key, or a locked keyring: an error with a remedy."""
    file = tmp_path / "vault-key"
    for secrets in (Secrets({}, lambda: None), Secrets({}, lambda: Ring(is_locked=True))):
        with pytest.raises(DeviceFault, match="lost") as caught:
            secrets.vault_key(file, is_new=False)
        assert "move" in caught.value.remedy
    assert not file.exists()
    locked = Secrets({}, lambda: Ring(is_locked=True))
    assert len(locked.vault_key(file, is_new=True)) == 32 and file.exists()


def test_a_key_others_can_read_or_a_damaged_one_is_refused(tmp_path: Path) -> None:
    """Nothing is sealed with a key that is no secret."""
    file = tmp_path / "vault-key"
    secrets = Secrets({}, lambda: None)
    secrets.vault_key(file, is_new=True)
    file.chmod(0o644)
    with pytest.raises(DeviceFault, match="other users"):
        secrets.vault_key(file, is_new=False)
    file.chmod(0o600)
    file.write_text("short")
    with pytest.raises(DeviceFault, match="damaged"):
        secrets.vault_key(file, is_new=False)
