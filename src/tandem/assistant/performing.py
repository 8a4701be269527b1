"""Does the writes of a step, each with its inverse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tandem.assistant.cards import (
    FlagMail,
    KeepMail,
    MoveMail,
    Put,
    Remove,
    Replace,
    Send,
    SendMessage,
    Step,
    Write,
)
from tandem.connectors.ports import Shelf, Stores
from tandem.connectors.records import Item


class Hands(Protocol):
    """Performs steps and takes them back. Blocks. Raises `StoreFault`, and has then done nothing
    that it does not take back or name.
    """

    def perform(self, step: Step) -> str:
        """Do all writes of the step; gives the id of the act."""
        ...

    def undo(self, act_id: str) -> None:
        """Restore what was before the act."""
        ...


@dataclass(frozen=True, slots=True)
class _Done:
    writes: list[Callable[[], object]]


class DirectHands:
    """Writes straight to the stores; remembers the inverses for as long as it lives."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._acts: dict[str, _Done] = {}

    def perform(self, step: Step) -> str:
        act_id = str(len(self._acts) + 1)
        inverses: list[Callable[[], object]] = []
        try:
            for write in step.writes:
                inverses.append(self._do(write))
        except BaseException:
            for inverse in reversed(inverses):
                inverse()
            raise
        self._acts[act_id] = _Done(inverses)
        return act_id

    def undo(self, act_id: str) -> None:
        done = self._acts.pop(act_id)
        for inverse in reversed(done.writes):
            inverse()

    def _do(self, write: Write) -> Callable[[], object]:
        match write:
            case Put() | Replace() | Remove():
                return self._shelf_write(write)
            case MoveMail():
                self._folder(write.folder)
                moved = self._stores.mailbox.move(write.ref, write.folder)
                return lambda: self._stores.mailbox.move(moved, write.ref.folder)
            case FlagMail():
                before = self._stores.mailbox.flag(write.ref, add=write.add, remove=write.remove)
                return lambda: self._stores.mailbox.flag(
                    write.ref, add=write.remove & before, remove=write.add - before
                )
            case KeepMail():
                self._folder(write.folder)
                ref = self._stores.mailbox.append(write.folder, write.raw, write.flags, 0.0)
                return lambda: self._stores.mailbox.expunge(ref)
            case Send():
                self._stores.post.send(write.letter)
                return _nothing
            case SendMessage():
                shelf = self._stores.messages
                shelf.add(shelf.href_for(write.name), write.text)
                return _nothing

    def _shelf_write(self, write: Put | Replace | Remove) -> Callable[[], object]:
        shelf: Shelf = getattr(self._stores, write.shelf)
        if isinstance(write, Put):
            item = shelf.add(shelf.href_for(write.name), write.text)
            return lambda: shelf.remove(item)
        if isinstance(write, Replace):
            new: Item = shelf.replace(write.item, write.text)
            return lambda: shelf.replace(new, write.item.text)
        shelf.remove(write.item)
        return lambda: shelf.add(write.item.href, write.item.text)

    def _folder(self, name: str) -> None:
        if name not in {folder.name for folder in self._stores.mailbox.folders()}:
            self._stores.mailbox.make_folder(name)


def _nothing() -> None:
    """What was sent cannot be taken back."""
