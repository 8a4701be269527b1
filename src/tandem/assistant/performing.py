"""Does the writes of a step through the journal, so that each has its inverse on disk."""

from __future__ import annotations

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
from tandem.errors import StoreFault
from tandem.keeping.journal import Act, Journal, Undone
from tandem.ports import Clock


class Hands:
    """Performs steps and takes them back. Blocks.

    Raises `StoreFault`; a step that fails half way is taken back before.
    """

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock

    @property
    def stores(self) -> Stores:
        """The stores whose writes are remembered."""
        return self._journal.stores

    def perform(self, step: Step) -> str:
        """Do all writes of the step; gives the id of the act."""
        with self._journal.act(step.title) as act_id:
            try:
                for write in step.writes:
                    self._do(write)
            except StoreFault:
                if self._has_written(act_id):
                    self._journal.undo(act_id)
                raise
        return act_id

    def _has_written(self, act_id: str) -> bool:
        return any(act.id == act_id for act in self._journal.acts())

    def undo(self, act_id: str) -> Undone:
        """Restore what was before the act; raises `Conflict` where something changed since."""
        return self._journal.undo(act_id)

    def done(self, limit: int = 20) -> tuple[Act, ...]:
        """The acts of all conversations that can still be undone, the newest first."""
        return tuple(act for act in self._journal.acts(limit) if not act.is_undone)

    def _do(self, write: Write) -> None:
        stores = self._journal.stores
        match write:
            case Put() | Replace() | Remove():
                self._to_shelf(write)
            case MoveMail():
                self._make_folder(write.folder)
                stores.mailbox.move(write.ref, write.folder)
            case FlagMail():
                stores.mailbox.flag(write.ref, add=write.add, remove=write.remove)
            case KeepMail():
                self._make_folder(write.folder)
                now = float(int(self._clock.now()))
                stores.mailbox.append(write.folder, write.raw, write.flags, now)
            case Send():
                stores.post.send(write.letter)
            case SendMessage():
                stores.messages.add(stores.messages.href_for(write.name), write.text)

    def _to_shelf(self, write: Put | Replace | Remove) -> None:
        shelf: Shelf = getattr(self._journal.stores, write.shelf)
        if isinstance(write, Put):
            shelf.add(shelf.href_for(write.name), write.text)
        elif isinstance(write, Replace):
            shelf.replace(write.item, write.text)
        else:
            shelf.remove(write.item)

    def _make_folder(self, name: str) -> None:
        mailbox = self._journal.stores.mailbox
        if name not in {folder.name for folder in mailbox.folders()}:
            mailbox.make_folder(name)
