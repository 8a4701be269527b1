"""A new engine in one file: it adds up the numbers in a question, and needs no model for it.

To make it one of Tandem's own, see docs/how-to/add-an-engine.md. Here it is asked directly.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from tandem.errors import Unsupported
from tandem.types import EngineCard, Event, Finish, Place, Request, TextDelta, Usage, message


class AddingEngine:
    """Keeps the promise of `tandem.ports.Engine`; tests/test_examples.py runs the contract."""

    @property
    def card(self) -> EngineCard:
        return EngineCard("adding", "adding", Place.DEVICE)

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        """One delta and one finish. Raises `Unsupported` where there is nothing to add."""
        started = time.monotonic()
        question = request.messages[-1].text
        numbers = [int(found) for found in re.findall(r"-?\d+", question)]
        if not numbers:
            raise Unsupported("There is no number in the question.", remedy="Ask with numbers.")
        yield TextDelta(str(sum(numbers)))
        seconds = time.monotonic() - started
        yield Finish("stop", Usage(len(question.split()), 1, seconds=seconds))

    async def aclose(self) -> None:
        """Nothing to close."""


async def main() -> None:
    request = Request((message("user", "What is 2 and 3 and 37?"),))
    async with aclosing(AddingEngine().generate(request)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                print(event.text)


if __name__ == "__main__":
    asyncio.run(main())
