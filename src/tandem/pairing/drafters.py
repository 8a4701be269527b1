"""Drafters for sessions: each has one to itself, as its cache follows one text.

The first are made when they are needed, on the device's own loaded weights; above their number a
session does with what costs no memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tandem.engines.llama_drafter import LlamaDrafter
from tandem.errors import TandemError
from tandem.joint.ports import Drafter


class Drafters:
    """Lends drafters. `make` may raise; then a session goes without a model's drafts."""

    def __init__(
        self,
        make: Callable[[], Awaitable[LlamaDrafter]] | None,
        num: int,
        together: Callable[[LlamaDrafter | None], Drafter | None] = lambda model: model,
    ) -> None:
        self._make = make
        self._num_left = num
        self._together = together
        self._free: list[LlamaDrafter] = []
        self._lent: dict[int, LlamaDrafter] = {}
        self._lock = asyncio.Lock()

    async def lease(self) -> Drafter | None:
        """A drafter until `release`; `None` when there is nothing to draft with."""
        model = await self._model()
        drafter = self._together(model)
        if model is not None and drafter is not None:
            self._lent[id(drafter)] = model
        return drafter

    def model(self, drafter: Drafter | None) -> Drafter | None:
        """The model behind a lent drafter: it alone may speak for the device."""
        return self._lent.get(id(drafter))

    def release(self, drafter: Drafter | None) -> None:
        """Back from a session that is over."""
        model = self._lent.pop(id(drafter), None)
        if model is not None:
            self._free.append(model)

    async def aclose(self) -> None:
        """Free those that are not lent."""
        free, self._free = self._free, []
        for model in free:
            await asyncio.to_thread(model.free)

    async def _model(self) -> LlamaDrafter | None:
        async with self._lock:
            if self._free:
                return self._free.pop()
            if self._make is None or self._num_left < 1:
                return None
            self._num_left -= 1
            try:
                return await self._make()
            except TandemError:
                self._make = None
                return None
