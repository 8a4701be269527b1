"""A Request as an OpenAI-compatible server wants it, and the small differences between the servers.

Pure: values in, bytes out; the same request gives the same bytes. It knows no network and no reply:
what comes back is read by `tandem.engines.openai_wire`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from tandem.errors import BadRequest, BadSettings, Unsupported
from tandem.types import ImagePart, Message, Request, ResponseFormat, Sampling, TextPart, Tool


@dataclass(frozen=True, slots=True)
class Dialect:
    """Where one server's chat API differs from the others'.

    `limit_field` names the limit on output tokens. `grammar_field` names the field that takes GBNF,
    llama.cpp's form of grammars; `None`: it takes none. `has_top_k` and `has_min_p`: an unknown
    field is an error for OpenAI, so these two wishes are sent only where they are understood.
    """

    name: str
    limit_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    has_top_k: bool = False
    has_min_p: bool = False
    has_penalties: bool = True
    has_named_tool_choice: bool = True
    grammar_field: str | None = None


# From each project's reference for its OpenAI-compatible endpoint. OpenAI's reasoning models refuse
# `max_tokens`; Ollama takes neither `tool_choice` by name nor `top_k` there.
DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect("generic"),
        Dialect("openai", limit_field="max_completion_tokens"),
        Dialect("vllm", has_top_k=True, has_min_p=True),
        Dialect("sglang", has_top_k=True, has_min_p=True),
        Dialect("ollama", has_named_tool_choice=False),
        Dialect("llama-server", has_top_k=True, has_min_p=True, grammar_field="grammar"),
        Dialect("tandem", has_top_k=True, has_min_p=True, grammar_field="grammar"),
    )
}
_OPENAI_HOSTS = ("api.openai.com", "openai.azure.com")


def dialect_from(name: str, host: str) -> Dialect:
    """The dialect called `name`; "auto" takes the careful one for every host but OpenAI's own.

    Raises `BadSettings` for a name that does not exist.
    """
    if name == "auto":
        is_openai = any(host == own or host.endswith("." + own) for own in _OPENAI_HOSTS)
        return DIALECTS["openai" if is_openai else "generic"]
    if name not in DIALECTS:
        known = ", ".join(sorted(DIALECTS))
        raise BadSettings(f"There is no dialect {name!r}.", remedy=f"Choose one of: auto, {known}.")
    return DIALECTS[name]


def chat_body(request: Request, model: str, dialect: Dialect) -> bytes:
    """The body of a streamed chat completion. Raises `Unsupported` for what the dialect lacks."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [_message(message) for message in request.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    _add_sampling(body, request.sampling, dialect)
    _add_tools(body, request, dialect)
    _add_format(body, request.response_format, dialect)
    return _encode(body)


def embedding_body(texts: Sequence[str], model: str) -> bytes:
    """The body of an embeddings call."""
    return _encode({"model": model, "input": list(texts), "encoding_format": "float"})


def _encode(body: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        raise BadRequest(
            "The text holds half a character (a lone surrogate), which no JSON can carry.",
            remedy="Remove it and ask again.",
        ) from None


def _message(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = {"role": message.role, "content": _content(message)}
    if message.name is not None:
        body["name"] = message.name
    if message.tool_calls:
        body["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        body["tool_call_id"] = message.tool_call_id
    return body


def _content(message: Message) -> str | list[dict[str, Any]] | None:
    if not any(isinstance(part, ImagePart) for part in message.content):
        return None if message.tool_calls and not message.content else message.text
    return [
        {"type": "text", "text": part.text}
        if isinstance(part, TextPart)
        else {"type": "image_url", "image_url": {"url": part.url}}
        for part in message.content
    ]


def _add_sampling(body: dict[str, Any], sampling: Sampling, dialect: Dialect) -> None:
    wishes = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k if dialect.has_top_k else None,
        "min_p": sampling.min_p if dialect.has_min_p else None,
        "presence_penalty": sampling.presence_penalty if dialect.has_penalties else None,
        "frequency_penalty": sampling.frequency_penalty if dialect.has_penalties else None,
        dialect.limit_field: sampling.max_output_tokens,
        "seed": sampling.seed,
        "stop": list(sampling.stop) or None,
    }
    body.update((name, wish) for name, wish in wishes.items() if wish is not None)
    if sampling.logprobs is not None:
        body["logprobs"] = True
        if sampling.logprobs:
            body["top_logprobs"] = sampling.logprobs


def _add_tools(body: dict[str, Any], request: Request, dialect: Dialect) -> None:
    if not request.tools:
        return
    body["tools"] = [_tool(tool) for tool in request.tools]
    if not request.parallel_tool_calls:
        body["parallel_tool_calls"] = False
    choice = request.tool_choice
    if choice.kind == "named":
        if not dialect.has_named_tool_choice:
            raise Unsupported(
                f"{dialect.name} cannot be told to call one particular tool.",
                remedy="Offer only that tool, with tool_choice 'required' or 'auto'.",
                param="tool_choice",
            )
        body["tool_choice"] = {"type": "function", "function": {"name": choice.name}}
    elif choice.kind != "auto":
        body["tool_choice"] = choice.kind


def _tool(tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    function["parameters"] = tool.schema
    if tool.strict:
        function["strict"] = True
    return {"type": "function", "function": function}


def _add_format(body: dict[str, Any], shape: ResponseFormat, dialect: Dialect) -> None:
    if shape.kind == "json_object":
        body["response_format"] = {"type": "json_object"}
    elif shape.kind == "json_schema":
        schema = {"name": shape.schema_name, "schema": shape.schema, "strict": shape.strict}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif shape.kind == "grammar":
        if dialect.grammar_field is None:
            raise Unsupported(
                f"A server of kind {dialect.name!r} takes no GBNF grammar.",
                remedy="Use a JSON schema, or a llama-server.",
                param="response_format",
            )
        body[dialect.grammar_field] = shape.grammar
