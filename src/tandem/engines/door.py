"""The door: the only way in which a remote becomes an engine.

One function, `_departure`, makes what the preview shows and what is sent, so the two cannot differ.
Before the bytes leave, the guard has agreed and the audit record is on disk; whatever fails in
between, nothing leaves. The door does not know HTTP and does not decide: the guard does.
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
        return self._departure(replace(request, may_leave_device=True))

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        """Let the request out and the answer in. Raises `Stays` where the guard blocks."""
        departure = self._departure(request)
        if isinstance(departure, Blocked):
            raise Stays(departure.reason, remedy=departure.remedy)
        self._audit.record(departure)
        yield Departed(departure.outgoing.num_bytes)
        async with aclosing(self._remote.send(departure.outgoing, request)) as events:
            async for event in events:
                yield event

    async def aclose(self) -> None:
        await self._remote.aclose()

    def _departure(self, request: Request) -> Departure | Blocked:
        return self._guard.departure(request, self._remote.encode(request))
