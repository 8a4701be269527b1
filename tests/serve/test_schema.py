"""OpenAI's JSON as a Request: what is honoured, what is passed over, what is refused by name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import completion_create_params
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming

from tandem.errors import BadRequest, TandemError, Unsupported
from tandem.serve.schema import chat_call, embeddings_call
from tandem.types import ImagePart, Message, Mode, Sampling, TextPart, ToolCall, ToolChoice

LEAST = {"model": "tandem", "messages": [{"role": "user", "content": "q"}]}
FIND = {"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}


def read(**more: Any) -> Any:
    return chat_call(json.dumps({**LEAST, **more}).encode())


def test_the_least_is_enough() -> None:
    """A model and one message make a request that may not leave."""
    call = read()
    assert call.request.messages == (Message("user", (TextPart("q"),)),)
    assert call.request.may_leave_device is False
    assert (call.num_choices, call.is_stream, call.includes_usage) == (1, False, False)


def test_sampling_is_honoured() -> None:
    """Every sampling wish arrives; the newer name of the limit goes before the older."""
    call = read(
        temperature=0.5, top_p=0.9, top_k=4, min_p=0.1, presence_penalty=1, frequency_penalty=-1,
        max_tokens=5, max_completion_tokens=6, seed=-3, stop="END", logprobs=True, top_logprobs=2,
    )  # fmt: skip
    assert call.request.sampling == Sampling(0.5, 0.9, 4, 0.1, 1, -1, 6, -3, ("END",), 2)
    assert read(logprobs=True).request.sampling.logprobs == 0
    assert read(stop=["a", "b"]).request.sampling.stop == ("a", "b")


def test_a_whole_conversation_arrives() -> None:
    """Roles, parts, pictures, tool calls and their results, and what other servers added."""
    called = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
    call = read(
        messages=[
            {"role": "developer", "content": "be brief"},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "what is "},
                    {"type": "image_url", "image_url": {"url": "data:x", "detail": "low"}},
                ],
            },
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [called],
                "annotations": [],
                "refusal": None,
            },
            {"role": "tool", "tool_call_id": "c1", "content": "found"},
        ]
    )
    system, user, assistant, tool = call.request.messages
    assert system.role == "system"
    assert user.content == (TextPart("what is "), ImagePart("data:x"))
    assert assistant.tool_calls == (ToolCall("c1", "find", "{}"),)
    assert (tool.role, tool.tool_call_id, tool.text) == ("tool", "c1", "found")


def test_tools_and_choices() -> None:
    """A tool by name, none, any; a name that is not offered is refused."""
    assert read(tools=[FIND]).request.tool_choice == ToolChoice("auto")
    assert read(tools=[FIND], tool_choice="required").request.tool_choice.kind == "required"
    named = {"type": "function", "function": {"name": "find"}}
    chosen = read(tools=[FIND], tool_choice=named, parallel_tool_calls=False).request
    assert chosen.tool_choice == ToolChoice("named", "find")
    assert chosen.parallel_tool_calls is False
    named["function"] = {"name": "nonesuch"}
    with pytest.raises(BadRequest, match="not offered"):
        read(tools=[FIND], tool_choice=named)


def test_formats() -> None:
    """Text, any JSON, a schema, or llama-server's grammar."""
    assert read(response_format={"type": "text"}).request.response_format.kind == "text"
    assert (
        read(response_format={"type": "json_object"}).request.response_format.kind == "json_object"
    )
    shape = {"name": "thing", "schema": {"type": "object"}, "strict": False}
    asked = read(response_format={"type": "json_schema", "json_schema": shape}).request
    assert asked.response_format.schema == {"type": "object"}
    assert asked.response_format.schema_name == "thing" and not asked.response_format.strict
    assert read(grammar="root ::= x").request.response_format.grammar == "root ::= x"


def test_our_own_wishes() -> None:
    """Consent, mode and conversation stand in one `tandem` object."""
    call = read(tandem={"may_leave_device": True, "mode": "cloud-only", "conversation_id": "c"})
    assert (call.consent, call.mode, call.request.conversation_id) == (True, Mode.CLOUD_ONLY, "c")


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"temperature": 3}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"max_tokens": 2**40}, "max_tokens"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"top_k": -1}, "top_k"),
        ({"seed": 2**70}, "seed"),
        ({"n": 0}, "n"),
        ({"n": 1000}, "n"),
        ({"top_logprobs": 21, "logprobs": True}, "top_logprobs"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"stop": [""]}, "stop"),
        ({"stop": ["x"] * 100}, "stop"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "king", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id"),
        ({"messages": "q"}, "messages"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tools": [{**FIND, "function": {"name": "a b"}}]}, "tools[0].function.name"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema.schema"),
        ({"tandem": {"mode": "any"}}, "tandem.mode"),
        ({"model": None}, "model"),
    ],
)
def test_a_wrong_value_is_named(change: dict[str, Any], param: str) -> None:
    """The error names the field, as OpenAI's `param`, and never quotes the value."""
    with pytest.raises(BadRequest) as caught:
        read(**change)
    assert caught.value.param == param
    assert "king" not in str(caught.value) and "hot" not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "near"),
    [("temprature", "temperature"), ("max_output_tokens", "max_tokens")],
)
def test_an_unknown_field_names_the_nearest(field: str, near: str) -> None:
    """A slip of the pen is not passed over in silence."""
    with pytest.raises(BadRequest, match=f"Unknown field: {field}. Did you mean {near}"):
        read(**{field: 1})
    with pytest.raises(BadRequest, match="tandem.may_leave. Did you mean may_leave_device"):
        read(tandem={"may_leave": True})


def test_every_field_of_openais_is_known() -> None:
    """No field of OpenAI's own client is called unknown: it is taken, or refused with a reason."""
    names = completion_create_params.CompletionCreateParamsBase.__annotations__
    assert len(names) >= 35
    for name in {*names, *CompletionCreateParamsNonStreaming.__annotations__} - set(LEAST):
        read(**{name: None})


@pytest.mark.parametrize(
    "change",
    [
        {"logit_bias": {"5": 100}},
        {"modalities": ["text", "audio"]},
        {"audio": {"voice": "x"}},
        {"functions": [{"name": "f"}]},
        {"web_search_options": {"search_context_size": "low"}},
        {"tools": [{"type": "custom", "custom": {"name": "x"}}]},
        {"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]},
    ],
)
def test_what_would_change_the_answer_is_refused(change: dict[str, Any]) -> None:
    """A wish that cannot be met is an error, not a different answer."""
    with pytest.raises(Unsupported):
        read(**change)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"model": "m", "messages": NaN}',
        b'{"model": "m", "temperature": Infinity}',
        b'{"model": "m", "temperature": 1e999}',
        b'{"model": "\xff"}',
        b'{"model": "m", "messages": ' + b"[" * 100_000,
        b'{"tools": [{"function": {"parameters": ' + b'{"a":' * 100_000,
        b'{"model": "\\ud83d"}',
        b"\xef\xbb\xbf{}",
        b"\x00",
    ],
)
def test_no_json_is_a_bad_request(body: bytes) -> None:
    """Broken, deep, not UTF-8, not numbers: refused without a crash."""
    with pytest.raises(BadRequest):
        chat_call(body)


_NAMES = st.sampled_from([*LEAST, "tools", "stop"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(_NAMES, inner),
    max_leaves=12,
)


@given(st.binary(max_size=200) | _JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Whatever comes in: a call or a TandemError, nothing else."""
    for read_call in (chat_call, embeddings_call):
        try:
            read_call(body)
        except TandemError:
            continue


def test_embeddings_take_texts_only() -> None:
    """One text or many; numbers of tokens belong to another vocabulary and are refused."""

    def embed(**body: Any) -> Any:
        return embeddings_call(json.dumps({"model": "m", **body}).encode())

    assert embed(input="a").texts == ("a",)
    call = embed(input=["a", "b"], encoding_format="base64", dimensions=8, user="u")
    assert (call.texts, call.is_base64, call.num_dimensions) == (("a", "b"), True, 8)
    for tokens in ([1, 2], [[1, 2], [3]]):
        with pytest.raises(Unsupported, match="token numbers"):
            embed(input=tokens)
    for wrong in ([], [""], "", ["a"] * 3000):
        with pytest.raises(BadRequest):
            embed(input=wrong)
