"""An engine that is made when it is first asked: for a model that takes memory and time to load.

Who only asks the cloud never loads it; a broken model file is an error of the request that needs
it, so that the cloud may still answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

from tandem.errors import Unsupported
from tandem.ports import Embedder, Engine
from tandem.types import EngineCard, Event, Request


class OnDemand:
    """An Engine around a way to make one. Until then `card` is the one given."""

    def __init__(self, make: Callable[[], Awaitable[Engine]], card: EngineCard) -> None:
        self._make = make
        self._card = card
        self._engine: Engine | None = None
        self._lock = asyncio.Lock()

    @property
    def card(self) -> EngineCard:
        return self._engine.card if self._engine else self._card

    async def ready(self) -> Engine:
        """The engine, made if it was not there. Raises what making it raises."""
        async with self._lock:
            if self._engine is None:
                self._engine = await self._make()
            return self._engine

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        """Stream from the engine. Raises `BadModel` and the like when it cannot be made."""
        engine = self._engine or await self.ready()
        async with aclosing(engine.generate(request)) as events:
            async for event in events:
                yield event

    async def embed(self, texts: Sequence[str]) -> tuple[list[list[float]], int]:
        """Vectors from the engine. Raises `Unsupported` where it makes none."""
        engine = await self.ready()
        if not isinstance(engine, Embedder):
            raise Unsupported(f"{engine.card.model} makes no embeddings.")
        return await engine.embed(texts)

    async def aclose(self) -> None:
        """Close the engine if it was made."""
        if self._engine is not None:
            await self._engine.aclose()
