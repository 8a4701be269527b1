"""The door: the only way in which a remote becomes an engine.

The guard's one function makes what the preview shows and what is sent, so the two cannot differ.
Before the bytes leave, the guard has agreed and the audit record is on disk; whatever fails in
between, nothing leaves. On the way back the guard puts the user's own values into the answer. The
door does not know HTTP and does not decide: the guard does.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from tandem.errors import Stays, TandemError, Unsupported
from tandem.ports import Audit, EmbeddingRemote, Encode, Guard, Remote
from tandem.types import (
    Action,
    Blocked,
    Departed,
    Departure,
    EngineCard,
    Event,
    Outgoing,
    Request,
    message,
)


class Door:
    """An Engine around a Remote: guarded, audited, failing closed."""

    def __init__(self, remote: Remote, guard: Guard, audit: Audit) -> None:
        self._remote = remote
        self._guard = guard
        self._audit = audit

    @property
    def card(self) -> EngineCard:
        return self._remote.card

    def preview(self, request: Request) -> Departure | Blocked:
        """What would leave if the user agreed; `Blocked` if it could not leave even then."""
        agreed = replace(request, may_leave_device=True)
        return self._guard.departure(agreed, self._remote.encode, is_preview=True)

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        """Let the request out and the answer in. Raises `Stays` where the guard blocks."""
        # A long text takes the guard a while, and others are waiting for their answers.
        departure = await asyncio.to_thread(self._let_out, request, self._remote.encode)
        restoring = await asyncio.to_thread(self._guard.restoring, request, departure)
        # Who sends reads the request as it leaves, never the one that came.
        leaving = departure.request
        assert leaving is not None, "a guard says in which form the request may leave"
        yield Departed(departure.outgoing.num_bytes, kinds_in(departure))
        async with aclosing(self._remote.send(departure.outgoing, leaving)) as events:
            try:
                async for event in events:
                    for restored in restoring.feed(event):
                        yield restored
            except TandemError:
                for held in restoring.rest():
                    yield held
                raise

    async def embed(
        self, texts: Sequence[str], *, may_leave_device: bool
    ) -> tuple[list[list[float]], int]:
        """Vectors of what may leave of the texts. Raises `Stays`, and `Unsupported`.

        A person has the same name in all of them, today and in a year.
        """
        remote = self._remote
        if not isinstance(remote, EmbeddingRemote):
            raise Unsupported("This cloud makes no embeddings.", param="model")

        def encode(leaving: Request) -> Outgoing:
            return remote.encode_embedding([each.text for each in leaving.messages])

        request = Request(
            tuple(message("user", text) for text in texts),
            may_leave_device=may_leave_device,
            is_for_vectors=True,
        )
        departure = await asyncio.to_thread(self._let_out, request, encode)
        return await remote.send_embedding(departure.outgoing, len(texts))

    async def aclose(self) -> None:
        await self._remote.aclose()

    def _let_out(self, request: Request, encode: Encode) -> Departure:
        """Agreed and on record: from here on the bytes may go."""
        departure = self._guard.departure(request, encode)
        if isinstance(departure, Blocked):
            self._audit.refused(departure, self._remote.card.model)
            raise Stays(departure.reason, remedy=departure.remedy)
        self._audit.record(departure)
        return departure


class DoorEmbedder:
    """An Embedder through a door. `may_leave`: whether its texts have leave to go."""

    def __init__(self, door: Door, *, may_leave: bool) -> None:
        self._door = door
        self._may_leave = may_leave

    async def embed(self, texts: Sequence[str]) -> tuple[list[list[float]], int]:
        """Vectors of what may leave of the texts. Raises `Stays`, and `Unsupported`."""
        return await self._door.embed(texts, may_leave_device=self._may_leave)


def kinds_in(departure: Departure) -> tuple[tuple[str, int], ...]:
    """How many things stayed behind, by kind: what a receipt tells of them."""
    covered = [each for each in departure.placeholders if each.action is not Action.KEEP]
    return tuple(sorted(Counter(each.kind for each in covered).items()))
