"""The door: the only way in which a remote becomes an engine.

The guard's one function makes what the preview shows and what is sent, so the two cannot differ.
Before the bytes leave, the guard has agreed and the audit record is on disk; whatever fails in
between, nothing leaves. On the way back the guard puts the user's own values into the answer. The
door does not know HTTP and does not decide: the guard does.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from tandem.errors import Stays
from tandem.ports import Audit, Guard, Remote
from tandem.types import Blocked, Departed, Departure, EngineCard, Event, Request


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
        departure = self._guard.departure(request, self._remote.encode)
        if isinstance(departure, Blocked):
            self._audit.refused(departure, self._remote.card.model)
            raise Stays(departure.reason, remedy=departure.remedy)
        # Who sends reads the request as it leaves, never the one that came.
        leaving = departure.request
        if leaving is None:
            raise Stays("The guard did not say in which form the request may leave.")
        restoring = self._guard.restoring(request, departure)
        self._audit.record(departure)
        yield Departed(departure.outgoing.num_bytes)
        async with aclosing(self._remote.send(departure.outgoing, leaving)) as events:
            async for event in events:
                for restored in restoring.feed(event):
                    yield restored

    async def aclose(self) -> None:
        await self._remote.aclose()
