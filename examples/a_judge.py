"""A judge of your own: it accepts an answer to "how many" only if there is a number in it.

A judge is a value with one pure method, so it is tried without any model.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass

from tandem.clock import SystemClock
from tandem.engines.scripted import Reply, ScriptedEngine
from tandem.ledger import NoLedger
from tandem.orchestrator import Orchestrator
from tandem.policy.routing import ModeRouter
from tandem.types import (
    Answer,
    Place,
    PlaceUsage,
    Request,
    Ruling,
    TextDelta,
    Usage,
    Verdict,
    message,
)


@dataclass(frozen=True, slots=True)
class NumberJudge:
    """Keeps the promise of `tandem.ports.Judge`."""

    def accept(self, request: Request, answer: Answer) -> Verdict:
        """Accept, or ask the cloud where the request may leave, or refuse."""
        asks_for_number = request.messages[-1].text.lower().startswith("how many")
        if not asks_for_number or any(sign.isdigit() for sign in answer.text):
            return Verdict(Ruling.ACCEPT, None, None, "it has what was asked for")
        otherwise = Ruling.ESCALATE if request.may_leave_device else Ruling.REFUSE
        return Verdict(otherwise, 0.0, None, "a number was asked for, and there is none")


def no_prices(place: Place, model: str, usage: Usage) -> PlaceUsage:
    return PlaceUsage(place, model, usage)


async def main() -> None:
    engine = Orchestrator(
        device=ScriptedEngine({"How many legs has a spider?": Reply("Many."), "*": Reply("Hm.")}),
        cloud=ScriptedEngine(Reply("A spider has 8 legs."), model="big", place=Place.CLOUD),
        router=ModeRouter(has_cloud=True),
        judge=NumberJudge(),
        ledger=NoLedger(),
        costing=no_prices,
        clock=SystemClock(),
    )
    question = (message("user", "How many legs has a spider?"),)
    for may_leave in (False, True):
        request = Request(question, may_leave_device=may_leave)
        async with aclosing(engine.generate(request)) as events:
            words = [event.text async for event in events if isinstance(event, TextDelta)]
        print(f"may leave: {may_leave}\n  {''.join(words)}")


if __name__ == "__main__":
    asyncio.run(main())
