"""The `openai` package, unchanged, against a real server: what its users do every day."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

from tests.clients.conftest import Served

HELLO = [{"role": "user", "content": "hello"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


@pytest.fixture
def client(served: Served) -> Iterator[OpenAI]:
    with OpenAI(base_url=served.url, api_key=served.token, max_retries=0) as made:
        yield made


@pytest.fixture
async def async_client(served: Served) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=served.url, api_key=served.token, max_retries=0) as made:
        yield made


def test_a_whole_reply(client: OpenAI) -> None:
    """Text, usage, our own object and header."""
    raw = client.chat.completions.with_raw_response.create(model="tandem", messages=HELLO)
    reply = raw.parse()
    assert reply.choices[0].message.content == "You said: hello"
    assert reply.choices[0].message.refusal is None and reply.choices[0].logprobs is None
    assert reply.usage is not None and reply.usage.completion_tokens == 3
    assert raw.headers["x-tandem-place"] == "device"
    assert reply.model_extra is not None and reply.model_extra["tandem"]["place"] == "device"
    assert reply._request_id


def test_a_stream(client: OpenAI) -> None:
    """Pieces, then the usage."""
    stream = client.chat.completions.create(
        model="tandem", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    pieces = list(stream)
    texts = [piece.choices[0].delta.content or "" for piece in pieces if piece.choices]
    assert "".join(texts) == "You said: hello"
    assert pieces[-1].usage is not None and pieces[-1].usage.total_tokens == 4
    assert all(piece.usage is None for piece in pieces[:-1])


def test_the_stream_helper_and_tools(client: OpenAI) -> None:
    """A tool call, gathered by the client's own helper, answered, and the words after it."""
    with client.chat.completions.stream(model="tandem", messages=HELLO, tools=[WEATHER]) as stream:
        message = stream.get_final_completion().choices[0].message
    assert message.tool_calls is not None
    (call,) = message.tool_calls
    assert call.function.name == "weather" and call.function.arguments == '{"city": "Bern"}'
    history = [*HELLO, message, {"role": "tool", "tool_call_id": call.id, "content": "rain"}]
    reply = client.chat.completions.create(model="tandem", messages=history, tools=[WEATHER])
    assert reply.choices[0].message.content == "The tool said rain."


class Person(BaseModel):
    name: str
    age: int


def test_structured_output(client: OpenAI, served: Served) -> None:
    """`parse` sends a strict schema and reads the answer into a class."""
    reply = client.chat.completions.parse(
        model="tandem", messages=HELLO, response_format=Person, seed=1, temperature=0
    )
    assert reply.choices[0].message.parsed == Person(name="Ada", age=36)
    asked = served.engine.asked[-1]
    assert asked.response_format.schema_name == "Person" and asked.response_format.strict
    assert asked.sampling.seed == 1


def test_logprobs_n_stop(client: OpenAI) -> None:
    """Less common wishes."""
    reply = client.chat.completions.create(
        model="tandem", messages=HELLO, logprobs=True, top_logprobs=1, n=2, stop=["hello"], seed=3
    )
    assert [choice.message.content for choice in reply.choices] == ["You said: "] * 2
    assert reply.choices[0].logprobs is not None
    content = reply.choices[0].logprobs.content
    assert content is not None and content[0].token == "You" and content[0].top_logprobs


def test_models_and_embeddings(client: OpenAI) -> None:
    """The client asks for base64 by itself and unpacks it."""
    assert "tandem" in [model.id for model in client.models.list()]
    assert client.models.retrieve("tandem").id == "tandem"
    made = client.embeddings.create(model="tandem", input=["a", "b"])
    plain = client.embeddings.create(model="tandem", input=["a", "b"], encoding_format="float")
    assert len(made.data) == 2
    assert made.data[0].embedding == pytest.approx(plain.data[0].embedding)


def test_errors_become_the_clients_exceptions(client: OpenAI, served: Served) -> None:
    """Each kind of fault has the class that its users catch."""

    def ask(text: str, **more: object) -> None:
        messages = [{"role": "user", "content": text}]
        client.chat.completions.create(model="tandem", messages=messages, **more)  # type: ignore[call-overload]

    with pytest.raises(openai.BadRequestError) as caught:
        ask("long")
    assert caught.value.code == "context_length_exceeded"
    with pytest.raises(openai.BadRequestError) as caught:
        ask("hello", extra_body={"temprature": 1})
    assert caught.value.param == "temprature"
    with pytest.raises(openai.InternalServerError):
        ask("busy")
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="nonesuch", messages=HELLO)  # type: ignore[call-overload]
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="wrong").models.list()
    ask("hello", extra_body={"tandem": {"may_leave_device": False, "conversation_id": "c"}})
    assert served.engine.asked[-1].conversation_id == "c"


def test_a_hang_up_stops_the_engine(client: OpenAI, served: Served) -> None:
    """Leaving a stream in the middle frees the engine."""
    messages = [{"role": "user", "content": "slow"}]
    with client.chat.completions.create(model="tandem", messages=messages, stream=True) as stream:
        next(iter(stream))
        assert served.engine.num_running == 1
    end = time.monotonic() + 1.0
    while served.engine.num_running and time.monotonic() < end:
        time.sleep(0.01)
    assert served.engine.num_running == 0


async def test_the_async_client(async_client: AsyncOpenAI) -> None:
    """The same, asynchronously."""
    stream = await async_client.chat.completions.create(model="tandem", messages=HELLO, stream=True)
    texts = [piece.choices[0].delta.content or "" async for piece in stream]
    assert "".join(texts) == "You said: hello"
    reply = await async_client.chat.completions.create(model="tandem", messages=HELLO)
    assert reply.choices[0].message.content == "You said: hello"
