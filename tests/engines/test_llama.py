"""The in-process engine: the contract, and what it promises beyond it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

import tandem
from tandem.engines.llama import LlamaEngine
from tandem.errors import (
    BadModel,
    BadRequest,
    ContextTooLong,
    DeviceFault,
    Overloaded,
    Unsupported,
)
from tandem.types import (
    Finish,
    ImagePart,
    Message,
    Request,
    ResponseFormat,
    Sampling,
    TextDelta,
    TextPart,
    Tool,
    ToolCall,
    ToolChoice,
    Usage,
    message,
)
from tests.contracts.engine_contract import EngineContract, gathered, text_of
from tests.engines.tiny_gguf import write_tiny_gguf

POCKET = Path(tandem.__file__).parent / "models" / "pocket" / "pocket.gguf"


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture
async def engine(tiny: Path) -> AsyncIterator[LlamaEngine]:
    engine = await LlamaEngine.load(tiny, model_name="tiny")
    yield engine
    await engine.aclose()


def asked(text: str = "Hello there", **sampling: object) -> Request:
    values = {"max_output_tokens": 24, **sampling}
    return Request((message("user", text),), sampling=Sampling(**values))  # pyright: ignore[reportArgumentType]


async def usage_of(engine: LlamaEngine, request: Request) -> Usage:
    events = await gathered(engine.generate(request))
    finish = events[-1]
    assert isinstance(finish, Finish)
    return finish.usage


class TestTinyContract(EngineContract):
    """The contract on a random model."""


@pytest.mark.skipif(not POCKET.exists(), reason="pocket is not trained yet (models/pocket)")
class TestPocketContract(EngineContract):
    """The contract on the model that is shipped."""

    @pytest.fixture
    async def engine(self) -> AsyncIterator[LlamaEngine]:
        engine = await LlamaEngine.load(POCKET, model_name="pocket")
        yield engine
        await engine.aclose()


# --- sampling ------------------------------------------------------------------------------------


async def test_seed_gives_the_same_text_beside_other_streams(engine: LlamaEngine) -> None:
    """A drawn text depends on its seed alone, not on who else is computed in the same batch."""
    drawn = asked(temperature=1.0, seed=11, max_output_tokens=60)
    alone = text_of(await gathered(engine.generate(drawn)))
    others = [
        gathered(engine.generate(asked("x" * (7 * i), temperature=1.0, seed=i))) for i in range(9)
    ]
    beside, *_ = await asyncio.gather(gathered(engine.generate(drawn)), *others)
    assert text_of(beside) == alone


async def test_other_seeds_and_no_seed_give_other_texts(engine: LlamaEngine) -> None:
    """Seeds matter, and without one every draw is new."""
    requests = [asked(temperature=1.0, seed=1), asked(temperature=1.0, seed=2)]
    requests += [asked(temperature=1.0)] * 2
    texts = [text_of(await gathered(engine.generate(request))) for request in requests]
    assert len(set(texts)) == 4


async def test_top_k_1_is_argmax(engine: LlamaEngine) -> None:
    """One candidate leaves nothing to draw."""
    greedy = text_of(await gathered(engine.generate(asked(temperature=0.0))))
    drawn = text_of(await gathered(engine.generate(asked(temperature=1.0, top_k=1, seed=3))))
    assert drawn == greedy


async def test_frequency_penalty_avoids_repetition(engine: LlamaEngine) -> None:
    """With an absurd penalty no token comes twice."""
    request = asked(frequency_penalty=1e6, logprobs=0, max_output_tokens=60)
    events = await gathered(engine.generate(request))
    tokens = [t.token_bytes for e in events if isinstance(e, TextDelta) for t in e.logprobs]
    tokens = [token for token in tokens if token]  # control tokens have no text
    assert len(tokens) > 10 and len(set(tokens)) == len(tokens)


async def test_logprobs_tell_alternatives_and_entropy(engine: LlamaEngine) -> None:
    """At temperature 0 the chosen token is the likeliest of the alternatives; entropy is filled."""
    events = await gathered(engine.generate(asked(logprobs=5)))
    tokens = [token for e in events if isinstance(e, TextDelta) for token in e.logprobs]
    assert len(tokens) > 5
    for token in tokens:
        assert len(token.top) == 5
        assert token.top[0][1] == pytest.approx(token.logprob, abs=1e-6)
        assert token.entropy is not None and token.entropy >= 0


# --- prefix reuse and the question's probabilities ------------------------------------------------


async def test_next_turn_reuses_the_prefix(engine: LlamaEngine) -> None:
    """The second turn of a conversation decodes only what is new, with the same result."""
    first = replace(asked("Tell me a long story. " * 6), conversation_id="c")
    answer = text_of(await gathered(engine.generate(first)))
    messages = (*first.messages, message("assistant", answer), message("user", "And then?"))
    second = replace(first, messages=messages)
    events = await gathered(engine.generate(second))
    finish = events[-1]
    assert isinstance(finish, Finish)
    assert finish.usage.cached_tokens > 130
    fresh = await gathered(engine.generate(replace(second, conversation_id=None)))
    assert text_of(fresh) == text_of(events)


async def test_question_probabilities_are_read_also_from_the_cache(engine: LlamaEngine) -> None:
    """One probability per byte of the question, the same when asked again and when it changes."""
    question = asked("What is it?")
    first = await usage_of(engine, question)
    again = await usage_of(engine, question)
    assert len(first.prompt_logprobs) == len("What is it?")
    assert again.prompt_logprobs == pytest.approx(first.prompt_logprobs)
    assert again.cached_tokens > 10
    await usage_of(engine, asked("What is it not?"))
    other = await usage_of(engine, asked("What is if?"))
    assert other.prompt_logprobs[:8] == pytest.approx(first.prompt_logprobs[:8])


async def test_question_probabilities_can_be_left_out(tiny: Path) -> None:
    """Without `read_prompt_logprobs` the prompt's logits are never computed."""
    engine = await LlamaEngine.load(tiny, model_name="tiny", read_prompt_logprobs=False)
    assert (await usage_of(engine, asked())).prompt_logprobs == ()
    await engine.aclose()


# --- limits, faults, cancellation -----------------------------------------------------------------


async def test_too_long_a_prompt_names_both_numbers(engine: LlamaEngine) -> None:
    """The error says how long the prompt is and how long it may be."""
    with pytest.raises(ContextTooLong, match=r"\b60\d\b.*\b512\b"):
        await gathered(engine.generate(asked("x" * 600)))


async def test_context_end_is_a_length_finish(engine: LlamaEngine) -> None:
    """A text that reaches the end of the context stops there."""
    events = await gathered(engine.generate(asked("x" * 480, max_output_tokens=None)))
    finish = events[-1]
    assert isinstance(finish, Finish)
    assert finish.reason in ("length", "stop")
    assert finish.usage.input_tokens + finish.usage.output_tokens <= 512


async def test_more_requests_than_slots_wait_and_too_many_are_refused(tiny: Path) -> None:
    """With 1 slot and 2 places to wait, the fourth request at once is refused."""
    engine = await LlamaEngine.load(tiny, model_name="tiny", num_slots=1, max_waiting=2)
    streams = [gathered(engine.generate(asked(max_output_tokens=400))) for _ in range(8)]
    results = await asyncio.gather(*streams, return_exceptions=True)
    refused = [result for result in results if isinstance(result, Overloaded)]
    answered = [result for result in results if isinstance(result, list)]
    assert len(refused) >= 4 and len(answered) >= 2
    assert len(refused) + len(answered) == 8
    await engine.aclose()


async def test_a_closed_stream_frees_its_slot_also_while_waiting(tiny: Path) -> None:
    """Closing a running and a waiting stream leaves the engine idle within 250 ms."""
    engine = await LlamaEngine.load(tiny, model_name="tiny", num_slots=1)
    running = engine.generate(asked("go", max_output_tokens=None, temperature=1.0, seed=5))
    await anext(running)
    waiting = asyncio.create_task(gathered(engine.generate(asked())))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await running.aclose()
    started = time.monotonic()
    for _ in range(400):
        if not engine.num_running:
            break
        await asyncio.sleep(0.005)
    assert time.monotonic() - started < 1
    await engine.aclose()


async def test_interrupted_pass_leaves_the_others_unharmed(tiny: Path) -> None:
    """Cutting a forward pass short loses only the cancelled stream."""
    engine = await LlamaEngine.load(tiny, model_name="tiny", num_slots=4)
    request = asked("A question. " * 30, max_output_tokens=100)
    alone = text_of(await gathered(engine.generate(request)))
    staying = [asyncio.create_task(gathered(engine.generate(request))) for _ in range(3)]
    context = engine._loaded._context  # pyright: ignore[reportPrivateUsage, reportOptionalMemberAccess]
    for _ in range(30):
        await asyncio.sleep(0.002)
        context.stop()
    for events in await asyncio.gather(*staying):
        assert text_of(events) == alone
    await engine.aclose()


async def test_deadline_ends_the_stream(tiny: Path) -> None:
    """A deadline that cannot be kept is an error that names it; the engine works on."""
    engine = await LlamaEngine.load(tiny, model_name="tiny", ignore_end=True)
    with pytest.raises(Overloaded, match=r"0\.001 seconds"):
        await gathered(
            engine.generate(replace(asked(max_output_tokens=None), deadline_seconds=0.001))
        )
    assert (await usage_of(engine, asked())).output_tokens > 0
    await engine.aclose()


async def test_lone_surrogates_are_no_fault(engine: LlamaEngine) -> None:
    """Text that has no UTF-8 form is read with replacement characters."""
    assert (await usage_of(engine, asked("a\ud800b"))).input_tokens > 3


async def test_images_are_refused(engine: LlamaEngine) -> None:
    """A picture is refused, not dropped."""
    seen = Message("user", (TextPart("look"), ImagePart("data:image/png;base64,")))
    with pytest.raises(Unsupported):
        await gathered(engine.generate(Request((seen,))))


async def test_wrong_file_is_refused_when_the_engine_is_made(tmp_path: Path) -> None:
    """An empty, wrong or missing file never reaches native code."""
    for content in (b"", b"GGUF", b"not a model" * 100):
        path = tmp_path / "wrong.gguf"
        path.write_bytes(content)
        with pytest.raises(BadModel):
            LlamaEngine(path, model_name="wrong")
    with pytest.raises(BadModel):
        LlamaEngine(tmp_path / "missing.gguf", model_name="missing")


async def test_lazy_engine_loads_on_the_first_request(tiny: Path) -> None:
    """Made without `load`, the engine knows its card at once and answers when asked."""
    engine = LlamaEngine(tiny, model_name="tiny")
    assert engine.card.context_tokens == 512 and engine.card.fingerprint
    answers = await asyncio.gather(*(usage_of(engine, asked()) for _ in range(3)))
    assert all(usage.output_tokens for usage in answers)
    await engine.aclose()
    with pytest.raises(BadRequest):
        await usage_of(engine, asked())


async def test_ignore_end_runs_to_the_limit(tiny: Path) -> None:
    """For benchmarks: the end token is only a token."""
    engine = await LlamaEngine.load(tiny, model_name="tiny", ignore_end=True)
    drawn = asked(max_output_tokens=300, temperature=2.0, seed=1)
    assert (await usage_of(engine, drawn)).output_tokens == 300
    await engine.aclose()


# --- shapes ---------------------------------------------------------------------------------------

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 8},
        "age": {"type": "integer"},
        "kind": {"enum": ["cat", "dog"]},
    },
    "required": ["name", "kind"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("seed", range(4))
async def test_schema_shapes_the_answer(engine: LlamaEngine, seed: int) -> None:
    """Even a random model writes JSON of the wanted shape."""
    request = replace(
        asked(temperature=1.0, seed=seed, max_output_tokens=300),
        response_format=ResponseFormat("json_schema", PERSON),
    )
    answer = json.loads(text_of(await gathered(engine.generate(request))))
    assert set(answer) <= {"name", "age", "kind"}
    assert answer["kind"] in ("cat", "dog") and len(answer["name"]) <= 8
    assert isinstance(answer.get("age", 0), int)


async def test_grammar_shapes_the_answer(engine: LlamaEngine) -> None:
    """GBNF is kept to the letter."""
    shape = ResponseFormat("grammar", grammar='root ::= "yes" | "no"')
    answer = text_of(await gathered(engine.generate(replace(asked(), response_format=shape))))
    assert answer in ("yes", "no")


async def test_wrong_grammar_is_the_callers_fault(engine: LlamaEngine) -> None:
    """A grammar that is none is refused before the library sees it."""
    shape = ResponseFormat("grammar", grammar="root ::= (")
    with pytest.raises(BadRequest, match="GBNF"):
        await gathered(engine.generate(replace(asked(), response_format=shape)))


@pytest.mark.parametrize("choice", [ToolChoice("required"), ToolChoice("named", "pay")])
async def test_a_required_call_fits_its_schema(engine: LlamaEngine, choice: ToolChoice) -> None:
    """`tool_choice` makes a call of an offered tool with valid arguments and no text."""
    pay = {
        "type": "object",
        "properties": {"to": {"enum": ["Ann", "Bob"]}, "euros": {"type": "integer"}},
        "required": ["to", "euros"],
    }
    tools = (Tool("pay", "Pay someone", pay), Tool("wait", "Do nothing"))
    request = replace(
        asked(temperature=1.0, seed=4, max_output_tokens=300), tools=tools, tool_choice=choice
    )
    events = await gathered(engine.generate(request))
    calls = [event for event in events if isinstance(event, ToolCall)]
    finish = events[-1]
    assert isinstance(finish, Finish)
    if finish.reason == "length":
        pytest.skip("the random model's number never ended")
    assert finish.reason == "tool_calls" and len(calls) == 1 and not text_of(events)
    arguments = json.loads(calls[0].arguments)
    if calls[0].name == "pay":
        assert arguments["to"] in ("Ann", "Bob") and isinstance(arguments["euros"], int)
    assert choice.name in (None, calls[0].name)


# --- embeddings -----------------------------------------------------------------------------------


async def test_embeddings_have_length_1_and_do_not_depend_on_company(engine: LlamaEngine) -> None:
    """A text has one vector, alone or among others, while an answer is being computed."""
    async with aclosing(engine.generate(asked(max_output_tokens=None))) as stream:
        await anext(stream)
        alone, num_alone = await engine.embed(["hello"])
        both, num_both = await engine.embed(["x" * 200, "hello"])
    assert sum(x * x for x in alone[0]) == pytest.approx(1.0)
    assert both[1] == pytest.approx(alone[0])
    assert num_both == num_alone + 201


async def test_a_text_too_long_to_embed_is_refused(engine: LlamaEngine) -> None:
    """Embedding never cuts a text silently."""
    with pytest.raises(ContextTooLong):
        await engine.embed(["x" * 600])


async def test_closing_the_engine_tells_everyone_who_waits(tiny: Path) -> None:
    """Streams and embeddings still open when the engine closes fail with a clear word."""
    engine = await LlamaEngine.load(tiny, model_name="tiny", num_slots=1, ignore_end=True)
    endless = asked(max_output_tokens=None)
    waiting: list[asyncio.Task[object]] = [
        asyncio.create_task(gathered(engine.generate(endless))) for _ in range(3)
    ]
    waiting.append(asyncio.create_task(engine.embed(["x" * 400] * 50)))
    await asyncio.sleep(0.02)
    await engine.aclose()
    results = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), timeout=5)
    assert all(isinstance(result, list | DeviceFault) for result in results)
    assert any(isinstance(result, DeviceFault) for result in results)
    await engine.aclose()
