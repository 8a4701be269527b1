"""What every Engine promises, as tests. Subclass, give the fixtures, and inherit them all.

A subclass overrides the fixture `engine` (ready to answer) and, where its engine needs other words,
`question`. `long_question` must make an answer that would run for many tokens, to be cut or
cancelled. Engines that know no seed, stop or log-probabilities say so in `skips`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import ClassVar

import pytest

from tandem.ports import Engine
from tandem.types import (
    Decided,
    Departed,
    EngineCard,
    Event,
    Finish,
    Request,
    Sampling,
    TextDelta,
    ToolCall,
    message,
)

# The promise is 250 ms; the rest is room for a loaded machine.
CANCEL_SECONDS = 0.25
SLACK_SECONDS = 0.75


async def gathered(stream: AsyncGenerator[Event, None]) -> list[Event]:
    """All events of a stream."""
    async with aclosing(stream) as events:
        return [event async for event in events]


def text_of(events: list[Event]) -> str:
    """The text of a stream's events."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


class EngineContract:
    """Inherit as `class TestX(EngineContract)` and give an `engine` fixture."""

    skips: ClassVar[frozenset[str]] = frozenset()

    @pytest.fixture
    def question(self) -> str:
        return "What is opportunity cost?"

    @pytest.fixture
    def long_question(self, question: str) -> str:
        return question

    @pytest.fixture
    def request_(self, question: str) -> Request:
        return self.make_request(question)

    def make_request(self, text: str) -> Request:
        """A request that any engine may answer; the door's needs consent."""
        sampling = Sampling(temperature=0.0, max_output_tokens=24)
        return Request((message("user", text),), sampling=sampling, may_leave_device=True)

    async def test_card_names_the_engine(self, engine: Engine) -> None:
        """The card says which engine, which model and where."""
        assert isinstance(engine.card, EngineCard)
        assert engine.card.name and engine.card.model

    async def test_ends_in_exactly_one_finish(self, engine: Engine, request_: Request) -> None:
        """One Finish, last; a Departed and a Decided only before the words; nothing else."""
        events = await gathered(engine.generate(request_))
        assert [isinstance(event, Finish) for event in events].count(True) == 1
        assert isinstance(events[-1], Finish)
        heads = [event for event in events if isinstance(event, (Decided, Departed))]
        assert events[: len(heads)] == heads and len(heads) <= 2
        assert all(isinstance(e, (TextDelta, ToolCall, Finish)) for e in events[len(heads) :])

    async def test_text_implies_counted_tokens(self, engine: Engine, request_: Request) -> None:
        """An answer with text counts its output tokens, and the question its input tokens."""
        events = await gathered(engine.generate(request_))
        finish = events[-1]
        assert isinstance(finish, Finish)
        assert finish.usage.input_tokens > 0
        assert not text_of(events) or finish.usage.output_tokens > 0
        assert finish.usage.seconds >= 0

    async def test_same_request_same_text_at_temperature_0(
        self, engine: Engine, request_: Request
    ) -> None:
        """At temperature 0 the same question has the same answer."""
        first = text_of(await gathered(engine.generate(request_)))
        assert first == text_of(await gathered(engine.generate(request_)))

    async def test_token_limit_is_kept(self, engine: Engine, long_question: str) -> None:
        """`max_output_tokens` cuts the answer and the finish reason says so."""
        request = self.make_request(long_question)
        short = replace(request, sampling=replace(request.sampling, max_output_tokens=2))
        events = await gathered(engine.generate(short))
        finish = events[-1]
        assert isinstance(finish, Finish)
        assert finish.usage.output_tokens <= 2
        assert finish.reason == "length"

    async def test_stop_string_ends_and_is_not_shown(
        self, engine: Engine, request_: Request
    ) -> None:
        """A stop string ends the text before it; no part of it is shown."""
        if "stop" in self.skips:
            pytest.skip("this engine takes no stop strings")
        whole = text_of(await gathered(engine.generate(request_)))
        words = whole.split()
        if len(words) < 3:
            pytest.skip("the answer is too short to be stopped")
        stop = words[2]
        stopped = replace(request_, sampling=replace(request_.sampling, stop=(stop,)))
        events = await gathered(engine.generate(stopped))
        assert text_of(events) == whole[: whole.index(stop)]

    async def test_logprobs_are_told_when_asked(self, engine: Engine, request_: Request) -> None:
        """Log-probabilities come with their tokens, are not above 0 and spell the text."""
        if "logprobs" in self.skips:
            pytest.skip("this engine tells no log-probabilities")
        asked = replace(request_, sampling=replace(request_.sampling, logprobs=1))
        events = await gathered(engine.generate(asked))
        tokens = [token for e in events if isinstance(e, TextDelta) for token in e.logprobs]
        assert tokens and all(token.logprob <= 1e-6 for token in tokens)
        spelt = b"".join(token.token_bytes for token in tokens).decode("utf-8", "replace")
        assert spelt.strip() == text_of(events).strip()

    async def test_seed_repeats_a_draw(self, engine: Engine, request_: Request) -> None:
        """With a seed, a drawn answer can be had again."""
        if "seed" in self.skips:
            pytest.skip("this engine knows no seed")
        drawn = replace(request_, sampling=replace(request_.sampling, temperature=1.0, seed=7))
        first = text_of(await gathered(engine.generate(drawn)))
        assert first == text_of(await gathered(engine.generate(drawn)))

    async def test_early_close_is_silent_and_soon(self, engine: Engine, long_question: str) -> None:
        """Closing a stream raises nothing and returns within 250 ms."""
        stream = engine.generate(self.make_request(long_question))
        async for event in stream:
            if isinstance(event, TextDelta):
                break
        started = time.monotonic()
        await stream.aclose()
        assert time.monotonic() - started < CANCEL_SECONDS + SLACK_SECONDS

    async def test_close_before_start_is_silent(self, engine: Engine, request_: Request) -> None:
        """A stream that was never read can be closed."""
        await engine.generate(request_).aclose()

    async def test_works_after_a_cancelled_task(
        self, engine: Engine, long_question: str, request_: Request
    ) -> None:
        """A cancelled task leaves the engine fit for the next request."""
        task = asyncio.create_task(gathered(engine.generate(self.make_request(long_question))))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        events = await gathered(engine.generate(request_))
        assert isinstance(events[-1], Finish)

    async def test_many_at_once_keep_apart(self, engine: Engine, request_: Request) -> None:
        """Eight streams at once give the same text as one alone."""
        alone = text_of(await gathered(engine.generate(request_)))
        streams = [gathered(engine.generate(request_)) for _ in range(8)]
        for events in await asyncio.gather(*streams):
            assert text_of(events) == alone

    async def test_event_loop_is_not_blocked(self, engine: Engine, long_question: str) -> None:
        """While it answers, the loop's longest pause stays far below a second."""
        pauses: list[float] = []

        async def watch() -> None:
            while True:
                before = time.monotonic()
                await asyncio.sleep(0.005)
                pauses.append(time.monotonic() - before)

        watcher = asyncio.create_task(watch())
        await gathered(engine.generate(self.make_request(long_question)))
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)
        assert not pauses or max(pauses) < 0.5
