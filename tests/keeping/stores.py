"""Stores for these tests: files, and files that fail on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tandem.connectors.files import FileShelf
from tandem.connectors.maildir import Maildir
from tandem.connectors.ports import Stores
from tandem.connectors.records import Letter


@dataclass
class Clock:
    """Time that stands still until it is moved."""

    at: float = 1_773_220_800.0

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


@dataclass
class Postbox:
    """A Post that keeps what it gets. `knows`: whether it can tell what it has taken."""

    letters: list[Letter] = field(default_factory=list[Letter])
    knows: bool = True
    before: Callable[[], None] | None = None
    after: Callable[[], None] | None = None

    def send(self, letter: Letter, *, about_to: Callable[[], None] | None = None) -> None:
        if self.before:
            self.before()
        if about_to:
            about_to()
        self.letters.append(letter)
        if self.after:
            self.after()

    def has_taken(self, letter: Letter) -> bool | None:
        return letter in self.letters if self.knows else None

    def recall(self, letter: Letter) -> bool:
        del letter
        return False


def file_stores(root: Path, post: Postbox | None = None) -> Stores:
    """A server of plain files."""
    return Stores(
        mailbox=Maildir(root / "mail"),
        post=post or Postbox(),
        calendar=FileShelf(root / "calendar", ".ics"),
        contacts=FileShelf(root / "contacts", ".vcf"),
        notes=FileShelf(root / "notes", ".md"),
        messages=FileShelf(root / "messages", ".json"),
        tables=FileShelf(root / "tables", ".csv"),
    )
