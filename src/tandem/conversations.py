"""What was said, kept on this machine so that a conversation can go on after an end or a crash.

One JSON file per conversation, readable by the user alone, replaced whole at each step: a kill -9
loses at most the answer that was being written. The ledger's receipts never hold text; this does,
and it never leaves but through the door. An escalated answer stands beside the first, which stays.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import msgspec

from tandem import private_file
from tandem.errors import DeviceFault
from tandem.types import Finish, Message, Origin, Outcome, Place, message

FOLDER_LIMIT = 200  # conversations kept; the oldest go first


@dataclass(frozen=True, slots=True)
class Said:
    """One answer: whole, refused, or as far as it came. `entry_id` is its receipt."""

    text: str
    outcome: Outcome
    place: Place | None = None
    model: str | None = None
    entry_id: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with its answers in the order they came; the last whole one counts.

    `origin`: where the question's text came from.
    """

    question: str
    answers: tuple[Said, ...] = ()
    origin: Origin = Origin.TYPED

    @property
    def answer(self) -> Said | None:
        """The answer that the next turn builds on, if there is one."""
        whole = [each for each in self.answers if each.outcome == "answered"]
        return whole[-1] if whole else None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A chat. `started_at` is seconds since the Unix epoch."""

    id: str
    started_at: float
    system: str = ""
    exchanges: tuple[Exchange, ...] = ()
    version: Literal[1] = 1

    def asked(self, question: str, origin: Origin = Origin.TYPED) -> Conversation:
        """With one more question."""
        asked = Exchange(question, origin=origin)
        return replace(self, exchanges=(*self.exchanges, asked))

    def answered(self, said: Said) -> Conversation:
        """With one more answer to the last question."""
        *before, last = self.exchanges
        last = replace(last, answers=(*last.answers, said))
        return replace(self, exchanges=(*before, last))

    def messages(self) -> tuple[Message, ...]:
        """What an engine is given to answer the last question.

        A question that got no whole answer is left out with its refusal: "I don't know" in the
        history would teach a small model to say it again.
        """
        said = [message("system", self.system)] if self.system else []
        for exchange in self.exchanges[:-1]:
            if exchange.answer is not None:
                said.append(message("user", exchange.question, exchange.origin))
                said.append(message("assistant", exchange.answer.text))
        return (
            *said,
            *(message("user", each.question, each.origin) for each in self.exchanges[-1:]),
        )


def new_conversation(started_at: float, system: str = "") -> Conversation:
    """An empty one with an id of its own."""
    return Conversation(uuid.uuid4().hex, started_at, system)


def said_from(text: str, outcome: Outcome, finish: Finish | None, error: str | None = None) -> Said:
    """An answer with what its receipt tells."""
    entry = finish.entry if finish else None
    if entry is None:
        return Said(text, outcome, error=error)
    return Said(text, entry.outcome, entry.answered_by, entry.model, entry.id, error)


class Conversations:
    """A folder of conversations."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, conversation: Conversation) -> None:
        """Write it whole; on disk when this returns. Raises `DeviceFault`."""
        text = msgspec.json.encode(conversation).decode()
        try:
            private_file.replace(self._path(conversation.id), text)
            for old in self._by_age()[FOLDER_LIMIT:]:
                old.unlink(missing_ok=True)
        except OSError as error:
            raise DeviceFault(
                f"The conversation cannot be written to {self._folder}: {error.strerror}.",
                remedy="Free some disk space or make the folder writable.",
            ) from None

    def latest(self) -> Conversation | None:
        """The one that was spoken last, or `None`. Raises `DeviceFault` on a damaged file."""
        by_age = self._by_age()
        return _read(by_age[0]) if by_age else None

    def _path(self, conversation_id: str) -> Path:
        return self._folder / f"{conversation_id}.json"

    def _by_age(self) -> list[Path]:
        """The newest first."""
        files = [each for each in self._folder.glob("*.json") if not each.name.startswith(".")]
        return sorted(files, key=lambda each: each.stat().st_mtime_ns, reverse=True)


def _read(path: Path) -> Conversation:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Conversation)
    except (msgspec.DecodeError, OSError):
        raise DeviceFault(
            f"The conversation file {path} cannot be read.",
            remedy=f"Delete it: rm {path}",
        ) from None
