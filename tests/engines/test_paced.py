"""A paced engine is the same engine, slower."""

from __future__ import annotations

import time

import pytest

from tandem.engines.on_demand import OnDemand
from tandem.engines.paced import Paced
from tandem.engines.scripted import Reply, ScriptedEngine
from tandem.errors import BadModel
from tandem.ports import Engine
from tandem.types import EngineCard, Place, Request, TextDelta, message
from tests.contracts.engine_contract import EngineContract, gathered, text_of

WORDS = "one two three four five six seven"


class TestPaced(EngineContract):
    @pytest.fixture
    def engine(self) -> Paced:
        return Paced(ScriptedEngine(Reply(WORDS)), tokens_per_second=1000)


class TestOnDemand(EngineContract):
    @pytest.fixture
    def engine(self) -> OnDemand:
        async def make() -> Engine:
            return ScriptedEngine(Reply(WORDS, seconds_per_token=0.001))

        return OnDemand(make, EngineCard("scripted", "scripted", Place.DEVICE))


async def test_words_come_at_the_pace_and_unchanged() -> None:
    """Seven words at 4/3 tokens each and 100 tokens a second take about 93 ms."""
    text = "  one two\n\nthree, four  "
    engine = Paced(ScriptedEngine(Reply(text)), tokens_per_second=100)
    started = time.monotonic()
    events = await gathered(engine.generate(Request((message("user", "q"),))))
    assert text_of(events) == text
    assert time.monotonic() - started >= 4 * 4 / 3 / 100
    assert sum(isinstance(event, TextDelta) for event in events) >= 4


async def test_an_engine_on_demand_is_made_once_and_late() -> None:
    """Nothing is made before the first question; a failed making is that question's error."""
    num_made = 0

    async def make() -> Engine:
        nonlocal num_made
        num_made += 1
        if num_made == 1:
            raise BadModel("not yet")
        return ScriptedEngine(Reply("hi"), model="made")

    engine = OnDemand(make, EngineCard("llama", "later", Place.DEVICE))
    request = Request((message("user", "q"),))
    assert engine.card.model == "later" and num_made == 0
    with pytest.raises(BadModel):
        await gathered(engine.generate(request))
    assert text_of(await gathered(engine.generate(request))) == "hi"
    assert (await engine.embed(["x"]))[1] == 1
    assert engine.card.model == "made" and num_made == 2
