"""Faults for bench.canaries: something on the way out breaks, and nothing may leave after it."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tandem.clock import SystemClock
from tandem.engines.door import Door
from tandem.engines.openai_http import OpenAIRemote
from tandem.errors import DeviceFault
from tandem.personal import NOTHING_AROUND, Around, Finding, Kind
from tandem.policy.leaving import Leaving
from tandem.ports import Detector
from tandem.privacy.audit import AuditFile
from tandem.privacy.detection.detector import LayeredDetector
from tandem.privacy.masking import Masking
from tandem.privacy.vault import Vault
from tandem.types import Request

HOST = "127.0.0.1"
KEY = b"k" * 32


class Faulty:
    """A Detector that fails in one of many ways."""

    def __init__(self, fail: Callable[[str], list[Finding]]) -> None:
        self._fail = fail

    def find(self, text: str, around: Around = NOTHING_AROUND) -> list[Finding]:
        return self._fail(text)


def _raising(error: BaseException) -> Callable[[str], list[Finding]]:
    def fail(text: str) -> list[Finding]:
        raise error

    return fail


def _at(start: int, end: int) -> Callable[[str], list[Finding]]:
    found = Finding(start, end, Kind.PERSON, "person:x", 0.9, "broken")
    return lambda text: [replace(found, end=end if end > -99 else len(text) + 7)]


DETECTORS: Sequence[Callable[[str], list[Finding]]] = (
    _raising(RuntimeError("bug")),
    _raising(MemoryError()),
    _raising(RecursionError()),
    _raising(TimeoutError()),
    _raising(UnicodeError("bad")),
    _raising(OSError(5, "the model's file is gone")),
    _raising(KeyError("x")),
    _at(-3, 2),
    _at(4, 2),
    _at(0, 0),
    _at(0, -99),
)


def _rubbish(folder: Path) -> None:
    for path in folder.glob("vault.sqlite*"):
        path.unlink()
    (folder / "vault.sqlite").write_bytes(b"this is no database at all " * 400)


def _folder_in_the_way(folder: Path) -> None:
    for path in folder.glob("vault.sqlite*"):
        path.unlink()
    (folder / "vault.sqlite").mkdir()


def _changed_rows(folder: Path) -> None:
    with sqlite3.connect(folder / "vault.sqlite") as connection:
        connection.execute("update things set sealed = x'00112233445566778899aabbccddeeff0011'")
    connection.close()


def _foreign_proof(folder: Path) -> None:
    with sqlite3.connect(folder / "vault.sqlite") as connection:
        connection.execute("update meta set value = x'00'")
    connection.close()


def _no_table(folder: Path) -> None:
    with sqlite3.connect(folder / "vault.sqlite") as connection:
        connection.execute("drop table things")
        connection.execute("create table things (wrong integer)")
    connection.close()


VAULTS = (_rubbish, _folder_in_the_way, _changed_rows, _foreign_proof, _no_table)


def _full_disk(folder: Path) -> None:
    (folder / "audit.jsonl").unlink(missing_ok=True)
    (folder / "audit.jsonl.anchor").unlink(missing_ok=True)
    (folder / "audit.jsonl").symlink_to("/dev/full")


def _cut(folder: Path) -> None:
    lines = (folder / "audit.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "audit.jsonl").write_bytes(b"".join(lines[:-1]))


def _without_anchor(folder: Path) -> None:
    (folder / "audit.jsonl.anchor").unlink()


def _bad_anchor(folder: Path) -> None:
    path = folder / "audit.jsonl.anchor"
    path.write_bytes(path.read_bytes().replace(b'"num_lines":', b'"num_lines":1'))


def _lines_added(folder: Path) -> None:
    with (folder / "audit.jsonl").open("ab") as file:
        file.write(b'{"number":9,"event":"left","chain":"00"}\n')


def _emptied(folder: Path) -> None:
    (folder / "audit.jsonl").write_bytes(b"")


def _trail_in_the_way(folder: Path) -> None:
    (folder / "audit.jsonl").unlink()
    (folder / "audit.jsonl").mkdir()


AUDITS = (
    _full_disk,
    _cut,
    _without_anchor,
    _bad_anchor,
    _lines_added,
    _emptied,
    _trail_in_the_way,
)


class LostKey:
    """The vault's key is gone, or there is another."""

    def __init__(self, key: bytes | None) -> None:
        self._key = key

    def __call__(self, *, is_new: bool) -> bytes:
        if self._key is None:
            raise DeviceFault("The vault's key is lost.")
        return self._key


@dataclass(slots=True)
class Tried:
    """What came of one fault."""

    fault: str
    error: str


async def try_fault(
    url: str, folder: Path, request: Request, number: int, draw: random.Random
) -> Tried:
    """One good request into a fresh home, then a fault, then the request that must stay."""
    await _send(url, folder, replace(request, may_leave_device=True), LayeredDetector(), KEY)
    detector: Detector = LayeredDetector()
    key: bytes | None = KEY
    choice = number % 4
    if choice == 0:
        place = draw.randrange(len(DETECTORS))
        detector, name = Faulty(DETECTORS[place]), f"detector {place}"
    elif choice == 1:
        spoil = draw.choice(VAULTS)
        spoil(folder)
        name = f"vault {spoil.__name__}"
    elif choice == 2:
        spoil = draw.choice(AUDITS)
        spoil(folder)
        name = f"audit {spoil.__name__}"
    else:
        key = draw.choice((None, b"x" * 32, b""))
        name = "key lost" if key is None else "key of another machine"
    error: Any = None
    try:
        await _send(url, folder, request, detector, key)
    except BaseException as caught:  # noqa: BLE001  (whatever it is, it is told and counted)
        error = caught
    return Tried(name, type(error).__name__ if error else "none")


async def _send(
    url: str, folder: Path, request: Request, detector: Detector, key: bytes | None
) -> None:
    vault = Vault(folder / "vault.sqlite", LostKey(key))
    audit = AuditFile(folder / "audit.jsonl", SystemClock(), lambda: vault.derived("audit"))
    remote = OpenAIRemote(url, "cloud")
    guard = Masking(Leaving(frozenset({HOST}), {}, "cloud"), detector, vault, host=HOST)
    door = Door(remote, guard, audit)
    try:
        async for _ in door.generate(request):
            pass
    finally:
        await door.aclose()
        with suppress(Exception):
            audit.aclose()
        vault.aclose()
