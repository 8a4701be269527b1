"""The fake that ships with the product: answers by rules instead of a model.

For tests, examples and trying a set-up without a model or money. It keeps the whole Engine
contract: streaming, stop strings, token limits, log-probabilities, faults and cancellation. It
does not know what a model is.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass

from tandem.errors import ContextTooLong, TandemError
from tandem.types import (
    EngineCard,
    Event,
    Finish,
    FinishReason,
    Place,
    Request,
    TextDelta,
    TokenLogprob,
    ToolCall,
    Usage,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer: words, then perhaps tool calls, then an end or a fault.

    `probability` is claimed for every token. `seconds_per_token` is slept before each token;
    `fails_after` raises `error` when that many tokens are out.
    """

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    probability: float = 0.99
    seconds_per_token: float = 0.0
    error: TandemError | None = None
    fails_after: int = 0


Script = Mapping[str, Reply] | Callable[[Request], Reply] | Reply


class ScriptedEngine:
    """Answers from a script: one reply, a function, or a mapping from a question to its reply.

    A mapping is looked up by the last message's text; its key "*" answers everything else.
    `asked` keeps the requests and `num_cancelled` counts streams closed early, for assertions.
    """

    def __init__(
        self,
        script: Script,
        *,
        model: str = "scripted",
        place: Place = Place.DEVICE,
        context_tokens: int | None = None,
    ) -> None:
        self._script = script
        self._card = EngineCard(
            "scripted", model, place, context_tokens, can_embed=True, can_call=True
        )
        self.asked: list[Request] = []
        self.num_cancelled = 0
        self.num_running = 0

    @property
    def card(self) -> EngineCard:
        return self._card

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        """Stream the scripted reply. Raises `ContextTooLong` and whatever the reply holds."""
        self.asked.append(request)
        reply = self._reply(request)
        started = time.monotonic()
        num_input = sum(len(_tokens(message.text)) for message in request.messages)
        self._check_context(num_input)
        self.num_running += 1
        is_done = False
        try:
            text, reason = _cut(reply.text, request)
            num_output = 0
            first: float | None = None
            for token in _tokens(text):
                _fail_if_due(reply, num_output)
                if reply.seconds_per_token:
                    await asyncio.sleep(reply.seconds_per_token)
                first = first or time.monotonic() - started
                num_output += 1
                yield _delta(token, reply, request)
            _fail_if_due(reply, num_output)
            for call in reply.tool_calls:
                num_output += 1
                reason = "tool_calls"
                yield call
            is_done = True
            yield Finish(reason, _usage(num_input, num_output, first, started, reply, request))
        except TandemError:
            is_done = True
            raise
        finally:
            self.num_running -= 1
            if not is_done:
                self.num_cancelled += 1

    async def embed(self, texts: Sequence[str]) -> tuple[list[list[float]], int]:
        """Letter counts as vectors of length 8, normalised: similar texts are near each other."""
        return [_letters(text) for text in texts], sum(len(_tokens(text)) for text in texts)

    async def aclose(self) -> None:
        """Nothing to close."""

    def _reply(self, request: Request) -> Reply:
        if isinstance(self._script, Reply):
            return self._script
        if callable(self._script):
            return self._script(request)
        question = request.messages[-1].text if request.messages else ""
        return self._script.get(question) or self._script.get("*", Reply("I have no script."))

    def _check_context(self, num_input: int) -> None:
        limit = self._card.context_tokens
        if limit is not None and num_input > limit:
            raise ContextTooLong(
                f"The prompt has {num_input} tokens; {self._card.model} takes {limit}.",
                remedy="Shorten it or start a new conversation.",
            )


def _tokens(text: str) -> list[str]:
    return re.findall(r"\s*\S+|\s+$", text)


def _cut(text: str, request: Request) -> tuple[str, FinishReason]:
    """Apply stop strings, then the token limit, as a real engine would."""
    ends = [place for stop in request.sampling.stop if stop and (place := text.find(stop)) >= 0]
    text = text[: min(ends)] if ends else text
    limit = request.sampling.max_output_tokens
    tokens = _tokens(text)
    if limit is not None and len(tokens) > limit:
        return "".join(tokens[:limit]), "length"
    return text, "stop"


def _fail_if_due(reply: Reply, num_output: int) -> None:
    if reply.error is not None and num_output >= reply.fails_after:
        raise reply.error


def _delta(token: str, reply: Reply, request: Request) -> TextDelta:
    if request.sampling.logprobs is None:
        return TextDelta(token)
    logprob = math.log(reply.probability)
    top = ((token, logprob),) if request.sampling.logprobs else ()
    entropy = -logprob * 2
    return TextDelta(token, (TokenLogprob(token, token.encode(), logprob, top, entropy),))


def _usage(
    num_input: int,
    num_output: int,
    first: float | None,
    started: float,
    reply: Reply,
    request: Request,
) -> Usage:
    num_question = len(_tokens(request.messages[-1].text)) if request.messages else 0
    return Usage(
        input_tokens=num_input,
        output_tokens=num_output,
        seconds_to_first_token=first,
        seconds=time.monotonic() - started,
        prompt_logprobs=(math.log(reply.probability),) * num_question,
    )


def _letters(text: str) -> list[float]:
    counts = [1.0] * 8
    for letter in text.lower():
        counts[ord(letter) % 8] += 1
    length = math.sqrt(sum(count * count for count in counts))
    return [count / length for count in counts]
