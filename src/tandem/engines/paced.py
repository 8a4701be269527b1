"""An engine slowed down to a given pace: to see on a small machine how a large cloud model feels.

The embedded tier stands in for a model that gives some tens of tokens per second; at full speed its
answer would be there before a person, or a test, could stop it in the middle.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from tandem.joint.ports import Rows, Step, Target, TargetCard
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


class PacedTarget:
    """A Target around a target whose passes take at least `pass_seconds`, whatever their width: how
    a large model on an accelerator feels to joint decoding."""

    def __init__(self, target: Target, pass_seconds: float) -> None:
        self._target = target
        self._pass_seconds = pass_seconds

    @property
    def card(self) -> TargetCard:
        return self._target.card

    def open(self, prompt: Sequence[int]) -> int:
        """Not paced."""
        return self._target.open(prompt)

    def prefill(self, seat: int, num_tokens: int) -> int:
        """Not paced: accelerators read fast."""
        return self._target.prefill(seat, num_tokens)

    def advance(self, steps: Sequence[Step]) -> list[Rows]:
        """One pass; it blocks for the rest of its time."""
        started = time.monotonic()
        rows = self._target.advance(steps)
        time.sleep(max(0.0, self._pass_seconds - (time.monotonic() - started)))
        return rows

    def rollback(self, seat: int, num_tokens: int) -> None:
        """Not paced."""
        self._target.rollback(seat, num_tokens)

    def close(self, seat: int) -> None:
        """Not paced."""
        self._target.close(seat)


def _pieces(delta: TextDelta) -> list[TextDelta]:
    if delta.logprobs:
        return [delta]
    return [TextDelta(word) for word in _WORD.findall(delta.text)]
