"""An engine slowed down to a given pace: to see on a small machine how a large cloud model feels.

The embedded tier stands in for a model that gives some tens of tokens per second; at full speed its
answer would be there before a person, or a test, could stop it in the middle.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

from tandem.ports import Engine
from tandem.types import EngineCard, Event, Request, TextDelta

# English has about three words to four tokens (OpenAI's rule of thumb): words are what is paced.
TOKENS_PER_WORD = 4 / 3
_WORD = re.compile(r"\s*\S+\s*$|\s*\S+|\s+")


class Paced:
    """An Engine around an engine; text comes word by word at `tokens_per_second`."""

    def __init__(self, engine: Engine, tokens_per_second: float) -> None:
        self._engine = engine
        self._pause = TOKENS_PER_WORD / tokens_per_second

    @property
    def card(self) -> EngineCard:
        return self._engine.card

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        """The engine's events; text with log-probabilities keeps its pieces."""
        async with aclosing(self._engine.generate(request)) as events:
            async for event in events:
                if not isinstance(event, TextDelta):
                    yield event
                    continue
                for piece in _pieces(event):
                    await asyncio.sleep(self._pause)
                    yield piece

    async def aclose(self) -> None:
        await self._engine.aclose()


def _pieces(delta: TextDelta) -> list[TextDelta]:
    if delta.logprobs:
        return [delta]
    return [TextDelta(word) for word in _WORD.findall(delta.text)]
