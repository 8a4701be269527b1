"""The scripted engine keeps the contract, and its own promises."""

from __future__ import annotations

from contextlib import aclosing

import pytest

from tandem.engines.scripted import Reply, ScriptedEngine
from tandem.errors import CloudBroken, ContextTooLong
from tandem.types import Finish, Request, Sampling, TextDelta, ToolCall, message
from tests.contracts.engine_contract import EngineContract, gathered, text_of

WORDS = "what you give up to get something else is its cost in the words of economists"


def ask(text: str = "hello") -> Request:
    return Request((message("user", text),))


class TestScriptedEngine(EngineContract):
    @pytest.fixture
    def engine(self) -> ScriptedEngine:
        return ScriptedEngine(Reply(WORDS, seconds_per_token=0.001))


async def test_a_mapping_answers_by_question_and_has_a_last_resort() -> None:
    """The reply is looked up by the last message; "*" answers all else."""
    engine = ScriptedEngine({"hello": Reply("hi"), "*": Reply("what?")})
    assert text_of(await gathered(engine.generate(ask()))) == "hi"
    assert text_of(await gathered(engine.generate(ask("other")))) == "what?"


async def test_tool_calls_are_events_and_the_reason() -> None:
    """A scripted tool call comes as an event, and the stream ends for it."""
    call = ToolCall("1", "look_up", '{"word": "cost"}')
    events = await gathered(ScriptedEngine(Reply(tool_calls=(call,))).generate(ask()))
    assert call in events
    assert isinstance(events[-1], Finish) and events[-1].reason == "tool_calls"


async def test_a_planted_fault_comes_where_it_was_planted() -> None:
    """`fails_after` tokens are given, then the error; it does not count as a cancel."""
    engine = ScriptedEngine(Reply(WORDS, error=CloudBroken("cut"), fails_after=3))
    seen: list[str] = []
    with pytest.raises(CloudBroken):
        async for event in engine.generate(ask()):
            assert isinstance(event, TextDelta)
            seen.append(event.text)
    assert len(seen) == 3
    assert engine.num_cancelled == 0


async def test_an_early_close_is_counted() -> None:
    """A stream closed before its end is a cancel."""
    engine = ScriptedEngine(Reply(WORDS))
    async with aclosing(engine.generate(ask())) as events:
        await anext(events)
    assert engine.num_cancelled == 1
    assert engine.num_running == 0


async def test_the_context_is_a_limit() -> None:
    """A prompt of more tokens than the card says is refused with both numbers."""
    engine = ScriptedEngine(Reply("x"), context_tokens=3)
    with pytest.raises(ContextTooLong, match=r"4 tokens.* 3"):
        await gathered(engine.generate(ask("one two three four")))


async def test_the_limit_of_tokens_is_the_scripts_words() -> None:
    """A limit of two gives two words."""
    request = Request((message("user", "x"),), sampling=Sampling(max_output_tokens=2))
    assert text_of(await gathered(ScriptedEngine(Reply(WORDS)).generate(request))) == "what you"
