"""The record of what leaves, on disk before the bytes go; no text of the user's is in it.

One JSON line per departure in a file that the user alone can read. `record` returns when the
operating system has the line, so a kill -9 afterwards cannot lose it. A full disk raises, and then
nothing leaves.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Mapping
from pathlib import Path

import msgspec

from tandem.errors import DeviceFault
from tandem.ports import Clock
from tandem.types import Blocked, Departure


class AuditFile:
    """An Audit in one append-only file."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._descriptor: int | None = None

    def record(self, departure: Departure) -> str:
        """Append one line and return its id. Raises `DeviceFault` when it cannot be written."""
        record_id = uuid.uuid4().hex
        outgoing = departure.outgoing
        told = {
            "id": record_id,
            "at": self._clock.now(),
            "host": departure.host,
            "method": outgoing.method,
            "num_body_bytes": len(outgoing.body),
            "body_sha256": hashlib.sha256(outgoing.body).hexdigest(),
            "placeholder_kinds": [item.kind for item in departure.placeholders],
        }
        self._keep(told)
        return record_id

    def refused(self, blocked: Blocked, model: str) -> str:
        """Append that nothing left, and why: the code, as the words could quote the user."""
        record_id = uuid.uuid4().hex
        told = {"id": record_id, "at": self._clock.now(), "model": model, "refused": blocked.code}
        self._keep(told)
        return record_id

    def _keep(self, told: Mapping[str, object]) -> None:
        line = msgspec.json.encode(told)
        try:
            self._write(line + b"\n")
        except OSError as error:
            raise DeviceFault(
                f"The audit record cannot be written to {self._path} ({error.strerror}), "
                "so nothing was sent.",
                remedy="Free some disk space or set audit.path to a folder that can be written.",
            ) from error

    def aclose(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _write(self, line: bytes) -> None:
        if self._descriptor is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            self._descriptor = os.open(self._path, flags, 0o600)
        # One write call per line: with O_APPEND, lines of several processes do not mix.
        if os.write(self._descriptor, line) != len(line):
            raise OSError(28, "No space left on device")


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
