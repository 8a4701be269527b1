"""`langchain-openai`, `llm` and `litellm`, unchanged, against a real server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from llm.default_plugins.openai_models import Chat
from pydantic import BaseModel, SecretStr

from tests.clients.conftest import Served

# litellm pins an older openai, so it has an environment of its own; `make setup` makes it.
LITELLM = Path(__file__).parents[2] / ".venvs" / "litellm" / "bin" / "python"


def langchain(served: Served) -> ChatOpenAI:
    key = SecretStr(served.token)
    return ChatOpenAI(model="tandem", base_url=served.url, api_key=key, max_retries=0)


class Person(BaseModel):
    """A person."""

    name: str
    age: int


class TestLangchain:
    """langchain-openai."""

    def test_whole_and_streamed(self, served: Served) -> None:
        """Text and usage, both ways."""
        model = langchain(served)
        reply = model.invoke("hello")
        assert reply.content == "You said: hello"
        assert reply.usage_metadata is not None and reply.usage_metadata["total_tokens"] == 4
        assert "".join(str(piece.content) for piece in model.stream("hello")) == "You said: hello"

    def test_tools(self, served: Served) -> None:
        """A bound tool is called."""

        def weather(city: str) -> str:
            """The weather in a city."""
            return city

        (call,) = langchain(served).bind_tools([weather]).invoke("hello").tool_calls
        assert call["name"] == "weather" and call["args"] == {"city": "Bern"}

    def test_structured_output(self, served: Served) -> None:
        """A schema, strictly."""
        model = langchain(served).with_structured_output(Person, method="json_schema")
        assert model.invoke("hello") == Person(name="Ada", age=36)

    def test_embeddings_of_texts(self, served: Served) -> None:
        """As texts; langchain's default of sending token numbers is switched off, as told."""
        key = SecretStr(served.token)
        embeddings = OpenAIEmbeddings(
            model="tandem", base_url=served.url, api_key=key, check_embedding_ctx_length=False
        )
        assert len(embeddings.embed_documents(["a", "b"])) == 2


class TestLlm:
    """Simon Willison's llm."""

    def test_prompt(self, served: Served) -> None:
        """Streamed and whole."""
        for stream in (True, False):
            model = Chat("tandem", key=served.token, model_name="tandem", api_base=served.url)
            reply = model.prompt("hello", stream=stream, key=served.token)
            assert reply.text() == "You said: hello"

    def test_conversation(self, served: Served) -> None:
        """A second question carries the first."""
        model = Chat("tandem", key=served.token, model_name="tandem", api_base=served.url)
        conversation = model.conversation()
        for text in ("one", "two"):
            assert conversation.prompt(text, key=served.token).text() == f"You said: {text}"
        assert len(served.engine.asked[-1].messages) == 3


PROGRAM = """
import json, sys
import litellm
url, key = sys.argv[1:]
ask = dict(model="openai/tandem", api_base=url, api_key=key, num_retries=0,
           messages=[{"role": "user", "content": "hello"}])
whole = litellm.completion(**ask)
pieces = list(litellm.completion(**ask, stream=True, stream_options={"include_usage": True}))
tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
called = litellm.completion(**ask, tools=[tool])
try:
    litellm.completion(**{**ask, "messages": [{"role": "user", "content": "long"}]})
    error = None
except litellm.ContextWindowExceededError as caught:
    error = "too long"
print(json.dumps({
    "text": whole.choices[0].message.content,
    "streamed": "".join(p.choices[0].delta.content or "" for p in pieces if p.choices),
    "tool": called.choices[0].message.tool_calls[0].function.name,
    "error": error,
}))
"""


def test_litellm(served: Served) -> None:
    """As a client in a process of its own: whole, streamed, tools, and its own exception."""
    if not LITELLM.exists():
        pytest.skip("no environment of litellm: make setup")
    # S603: our own program in our own environment.
    done = subprocess.run(
        [LITELLM, "-c", PROGRAM, served.url, served.token],
        capture_output=True,
        text=True,
        timeout=120,
        env={"LITELLM_LOCAL_MODEL_COST_MAP": "True", "HOME": "/nonexistent"},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "text": "You said: hello",
        "streamed": "You said: hello",
        "tool": "weather",
        "error": "too long",
    }
