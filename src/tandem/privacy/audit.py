"""The record of what leaves and of what was refused, on disk before the bytes go.

One JSON line per event, in a file that the user alone can read; no text of the user's is in it.
Each line ends in a keyed hash over itself and the hash before it, and a file beside it, the anchor,
holds the number of lines and the last hash under the same key: who edits, deletes, moves or cuts
off lines is found, and so is who adds some. The key comes from the vault's.

`record` returns when the disk has the line (fsync). A full disk raises, and then nothing leaves; so
does a trail that does not fit its anchor, until the user has looked at it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import msgspec

from tandem.errors import DeviceFault
from tandem.ports import Clock
from tandem.private_file import lock_file
from tandem.types import Action, Blocked, Departure, Placeholder

_START = "0" * 64
_CHAIN = b',"chain":"'
_LINE_END = b'"}\n'
ANCHOR_BYTES = 512  # one sector: written whole or not at all
_TAIL_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Anchor:
    """How far the trail went: its lines, its bytes and its last hash."""

    num_lines: int = 0
    num_bytes: int = 0
    chain: str = _START


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the trail. `line` counts from 1; `None`: it is the whole's."""

    line: int | None
    message: str


class AuditFile:
    """An Audit in one append-only file. Thread-safe, and safe between processes.

    `key` is asked at the first record; it raises `DeviceFault` where there is none.
    """

    def __init__(self, path: Path, clock: Clock, key: Callable[[], bytes]) -> None:
        self._path = path
        self._anchor_path = path.with_name(path.name + ".anchor")
        self._clock = clock
        self._key = key
        self._lock = threading.Lock()
        self._descriptor: int | None = None

    def record(self, departure: Departure) -> str:
        """Append one line and return its id. Raises `DeviceFault` when it cannot be written."""
        outgoing = departure.outgoing
        return self._keep(
            {
                "event": "left",
                "host": departure.host,
                "method": outgoing.method,
                "num_body_bytes": len(outgoing.body),
                "body_sha256": hashlib.sha256(outgoing.body).hexdigest(),
                "policy": departure.policy,
                **_counts(departure.placeholders),
            }
        )

    def refused(self, blocked: Blocked, model: str) -> str:
        """Append that nothing left, and why: the code, as the words could quote the user."""
        told = {"event": "stayed", "model": model, "code": blocked.code, **_counts(blocked.items)}
        return self._keep(told)

    def lines(self) -> Iterator[dict[str, Any]]:
        """All records in order. Raises `DeviceFault`; a line that is no JSON is left out."""
        for line in self._data().splitlines():
            try:
                yield msgspec.json.decode(line)
            except msgspec.DecodeError:
                continue

    def problems(self) -> list[Problem]:
        """Whether the trail is as it was written. Raises `DeviceFault` without its key."""
        if not self._path.exists() and not self._anchor_path.exists():
            return []
        key = self._key()
        with self._lock, self._locked():
            try:
                anchor = self._anchor(key)
            except ValueError:
                return [Problem(None, "its anchor was changed or is damaged")]
            return list(_faults_in(self._data(), anchor, key))

    def start_anew(self) -> Path | None:
        """Put the trail and its anchor aside, so that a new one begins; where it is now."""
        with self._lock, self._locked():
            self._close()
            stem = f"{self._path.name}.{int(self._clock.now())}"
            aside = self._path.with_name(stem)
            if self._anchor_path.exists():
                self._anchor_path.replace(self._path.with_name(stem + ".anchor"))
            if not self._path.exists():
                return None
            self._path.replace(aside)
            return aside

    def aclose(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()

    # --- writing ----------------------------------------------------------------------------

    def _keep(self, told: Mapping[str, object]) -> str:
        record_id = uuid.uuid4().hex
        key = self._key()
        try:
            with self._lock, self._locked():
                descriptor = self._opened()
                anchor = self._checked_anchor(descriptor, key)
                head = {"number": anchor.num_lines + 1, "id": record_id, "at": self._clock.now()}
                body = msgspec.json.encode({**head, **told})[:-1]
                chain = _chained(key, anchor.chain, body)
                line = body + _CHAIN + chain.encode() + _LINE_END
                self._write(descriptor, line, anchor.num_bytes)
                size = anchor.num_bytes + len(line)
                self._write_anchor(Anchor(anchor.num_lines + 1, size, chain), key)
        except OSError as error:
            raise DeviceFault(
                f"The audit record cannot be written to {self._path} ({error.strerror}), "
                "so nothing was sent.",
                remedy="Free some disk space or set audit.path to a folder that can be written.",
            ) from error
        return record_id

    def _checked_anchor(self, descriptor: int, key: bytes) -> Anchor:
        """The end of the trail. Raises `DeviceFault` where it is not as it was left.

        Lines after the anchor that prove themselves were written just before a crash; a piece of a
        line there was never told to anybody and goes.
        """
        try:
            anchor = self._anchor(key)
            size = os.fstat(descriptor).st_size
            if size == anchor.num_bytes:
                return self._proven(descriptor, anchor)
            if size < anchor.num_bytes:
                raise ValueError
            rest = os.pread(descriptor, size - anchor.num_bytes, anchor.num_bytes)
            for line in rest.splitlines(keepends=True):
                if not line.endswith(b"\n"):
                    os.ftruncate(descriptor, anchor.num_bytes)
                    break
                anchor = _followed(anchor, line, key)
            return anchor
        except ValueError:
            raise DeviceFault(
                f"The audit trail {self._path} was changed from outside, so nothing was sent.",
                remedy="See what: tandem privacy audit --verify; then put it aside and begin a new "
                "one: tandem privacy audit --new.",
            ) from None

    def _proven(self, descriptor: int, anchor: Anchor) -> Anchor:
        """The last line is the one that the anchor knows."""
        if anchor.num_lines:
            start = max(0, anchor.num_bytes - len(anchor.chain) - len(_LINE_END))
            end = os.pread(descriptor, anchor.num_bytes - start, start)
            if end != anchor.chain.encode() + _LINE_END:
                raise ValueError
        return anchor

    def _write(self, descriptor: int, line: bytes, size: int) -> None:
        try:
            if os.write(descriptor, line) != len(line):
                raise OSError(28, "No space left on device")
            os.fsync(descriptor)
        except OSError:
            # Half a line must not stand in the way of the next.
            if os.fstat(descriptor).st_size > size:
                os.ftruncate(descriptor, size)
            raise

    def _opened(self) -> int:
        """The file, opened again where it was moved or deleted meanwhile."""
        if self._descriptor is not None:
            here = os.fstat(self._descriptor)
            try:
                there = self._path.stat()
            except FileNotFoundError:
                there = None
            if there is None or (there.st_ino, there.st_dev) != (here.st_ino, here.st_dev):
                self._close()
        if self._descriptor is None:
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
            self._descriptor = os.open(self._path, flags, 0o600)
        return self._descriptor

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @contextmanager
    def _locked(self) -> Generator[None]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with lock_file(self._path.with_name(self._path.name + ".lock")):
            yield

    def _data(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise DeviceFault(
                f"The audit trail {self._path} cannot be read: {error.strerror}.",
                remedy="Check the file's permissions.",
            ) from None

    # --- the anchor -------------------------------------------------------------------------

    def _anchor(self, key: bytes) -> Anchor:
        """Raises `ValueError` where it is not ours."""
        try:
            data = self._anchor_path.read_bytes()
        except FileNotFoundError:
            # A trail without its anchor could be any piece of it.
            if self._path.exists() and self._path.stat().st_size:
                raise ValueError from None
            return Anchor()
        body, _, proof = data.rstrip().rpartition(b" ")
        if not hmac.compare_digest(_keyed(key, b"anchor", body).encode(), proof):
            raise ValueError
        return msgspec.json.decode(body, type=Anchor)

    def _write_anchor(self, anchor: Anchor, key: bytes) -> None:
        body = msgspec.json.encode(anchor)
        told = body + b" " + _keyed(key, b"anchor", body).encode()
        descriptor = os.open(self._anchor_path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, told.ljust(ANCHOR_BYTES - 1) + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _counts(items: tuple[Placeholder, ...]) -> dict[str, dict[str, int]]:
    """What was found, as numbers by kind."""
    kept = Counter(item.kind for item in items if item.action is Action.KEEP)
    covered = Counter(item.kind for item in items if item.action is not Action.KEEP)
    origins = Counter(origin for item in items for origin in item.origins)
    told = {"covered": covered, "kept": kept, "origins": origins}
    return {name: dict(sorted(counts.items())) for name, counts in told.items() if counts}


def _keyed(key: bytes, label: bytes, body: bytes) -> str:
    return hmac.digest(key, label + b"\0" + body, "sha256").hex()


def _chained(key: bytes, before: str, body: bytes) -> str:
    return _keyed(key, b"line", before.encode() + body)


def _followed(anchor: Anchor, line: bytes, key: bytes) -> Anchor:
    """The anchor after one more line. Raises `ValueError` where the line does not follow."""
    body, mark, rest = line.rpartition(_CHAIN)
    chain = _chained(key, anchor.chain, body)
    if not mark or not hmac.compare_digest(chain.encode() + _LINE_END, rest):
        raise ValueError
    return Anchor(anchor.num_lines + 1, anchor.num_bytes + len(line), chain)


def _faults_in(data: bytes, anchor: Anchor, key: bytes) -> Iterator[Problem]:
    here = Anchor()
    has_met = anchor == here
    for line in data.splitlines(keepends=True):
        number = here.num_lines + 1
        try:
            here = _followed(here, line, key)
        except ValueError:
            if here.num_lines >= anchor.num_lines and not line.endswith(b"\n"):
                break  # a crash in the middle of a line that was never told to anybody
            known = _number_of(line)
            moved = known is not None and known != number
            what = f"is line {known} out of its place" if moved else "was changed"
            yield Problem(number, f"{what}, or what stood before it was")
            return
        has_met = has_met or here == anchor
    if here.num_lines < anchor.num_lines:
        missing = anchor.num_lines - here.num_lines
        yield Problem(here.num_lines + 1, f"{missing} lines are missing from the end")
    elif not has_met:
        yield Problem(None, "it does not fit its anchor")


def _number_of(line: bytes) -> int | None:
    try:
        told = msgspec.json.decode(line)
    except msgspec.DecodeError:
        return None
    number = cast("dict[str, Any]", told).get("number") if isinstance(told, dict) else None
    return number if isinstance(number, int) else None


class MemoryAudit:
    """An Audit that keeps the departures in a list: for tests and for a demo that shows them."""

    def __init__(self) -> None:
        self.departures: list[Departure] = []
        self.refusals: list[Blocked] = []

    def record(self, departure: Departure) -> str:
        """Keep it."""
        self.departures.append(departure)
        return str(len(self.departures))

    def refused(self, blocked: Blocked, model: str) -> str:
        """Keep it."""
        self.refusals.append(blocked)
        return str(len(self.refusals))
