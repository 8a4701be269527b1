"""A life on servers of its own: a fresh copy for every request."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tandem.assistant.knowing import Person
from tandem.bootstrap_assistant import file_stores
from tandem.connectors.life import load_life
from tandem.connectors.ports import Stores


@dataclass(frozen=True, slots=True)
class Fixed:
    """A clock that stands at the moment of the request."""

    moment: float

    def now(self) -> float:
        return self.moment

    def monotonic(self) -> float:
        return 0.0


@dataclass(frozen=True, slots=True)
class Life:
    """One loaded life. `sent` reads what the far side of the post has taken."""

    person: Person
    now: datetime
    stores: Stores
    sent: Callable[[], Sequence[bytes]]
    journal: Path


def files_sent(folder: Path) -> Sequence[bytes]:
    """The letters in a post's folder, without the envelope's lines."""
    found: list[bytes] = []
    for path in sorted(folder.glob("*.eml")):
        lines = path.read_bytes().split(b"\r\n")
        found.append(b"\r\n".join(x for x in lines if not x.startswith(b"X-Envelope-")))
    return found


def profile_of(folder: Path) -> tuple[Person, datetime]:
    """Who it is and when."""
    data: dict[str, Any] = json.loads((folder / "profile.json").read_text("utf-8"))
    person = Person(
        data["name"], data["email"], data["timezone"], data.get("language", "en"),
        data.get("home", ""), data.get("work", ""),
    )  # fmt: skip
    return person, datetime.fromisoformat(data["now"])


class FilesBackend:
    """Plain files; a copy of a life is a copy of a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def close(self) -> None:
        """Nothing runs."""

    @contextmanager
    def life(self, folder: Path) -> Iterator[Life]:
        """A fresh copy, thrown away in the end."""
        person, now = profile_of(folder)
        master = self._root / f"master-{folder.name}"
        if not master.exists():
            load_life(folder, file_stores(master))
        copy = Path(tempfile.mkdtemp(prefix=folder.name, dir=self._root))
        try:
            shutil.copytree(master, copy, dirs_exist_ok=True)
            yield Life(
                person,
                now,
                file_stores(copy),
                lambda: files_sent(copy / "sent"),
                copy / "j.sqlite",
            )
        finally:
            shutil.rmtree(copy, ignore_errors=True)
