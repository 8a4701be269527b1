"""OpenAI's JSON as a Request. Pure: bytes in, values out, or a `BadRequest` that names the field.

Three kinds of fields: those that are honoured; those of OpenAI's that change nothing here and are
taken in silence (`user`, `metadata`, ...); those of OpenAI's that would change the answer and
cannot be honoured, which are refused. Any other name is an error that names the nearest right one.
Inside messages unknown names are passed over, as clients send back what other servers gave them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from tandem.errors import BadRequest, Unsupported
from tandem.types import (
    Effect,
    ImagePart,
    Message,
    Mode,
    Origin,
    Part,
    Request,
    ResponseFormat,
    Sampling,
    TextPart,
    Tool,
    ToolCall,
    ToolChoice,
)

MAX_CHOICES = 8  # runs of the model for one request; OpenAI's own limit is 128, on its own machines
MAX_STOPS = 16  # OpenAI takes 4, llama-server any number
_TOOL_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")

Ignored = Raw | UnsetType


class _ImageUrl(Struct):
    url: str


class _Part(Struct):
    type: str
    origin: Origin | None = None  # not OpenAI's: where the text came from
    text: str | None = None
    refusal: str | None = None
    image_url: _ImageUrl | str | None = None


class _Called(Struct):
    name: str
    arguments: str = "{}"


class _ToolCall(Struct):
    id: str
    function: _Called | None = None


class _Message(Struct):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[_Part] | None = None
    name: str | None = None
    tool_calls: list[_ToolCall] | None = None
    tool_call_id: str | None = None
    origin: Origin | None = None  # not OpenAI's: of the whole message


class _Function(Struct):
    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None
    effect: Effect | None = None  # not OpenAI's: what the tool does to the world


class _Tool(Struct):
    type: str
    function: _Function | None = None


class _Named(Struct):
    name: str


class _Choice(Struct):
    type: str
    function: _Named | None = None


class _Schema(Struct):
    name: str = "answer"
    schema: dict[str, Any] | None = None
    strict: bool | None = None


class _Format(Struct):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: _Schema | None = None


class _StreamOptions(Struct):
    include_usage: bool | None = None


class TandemOptions(Struct, forbid_unknown_fields=True):
    """Our own wishes, in the request's `tandem` object."""

    may_leave_device: bool | None = None
    mode: Mode | None = None
    conversation_id: Annotated[str, Meta(min_length=1, max_length=128)] | None = None
    covered: Annotated[list[str], Meta(max_length=10_000)] | None = None
    uncovered: Annotated[list[str], Meta(max_length=10_000)] | None = None


class _Chat(Struct, forbid_unknown_fields=True):
    model: str
    messages: Annotated[list[_Message], Meta(min_length=1)]
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    presence_penalty: Annotated[float, Meta(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, Meta(ge=-2, le=2)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    max_completion_tokens: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    seed: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    stop: str | Annotated[list[str], Meta(max_length=MAX_STOPS)] | None = None
    n: Annotated[int, Meta(ge=1, le=MAX_CHOICES)] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    tools: list[_Tool] | None = None
    tool_choice: Literal["auto", "none", "required"] | _Choice | None = None
    parallel_tool_calls: bool | None = None
    response_format: _Format | None = None
    # Not OpenAI's, but every local server's: top_k and min_p, and llama-server's grammar (GBNF).
    top_k: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    min_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    grammar: Annotated[str, Meta(min_length=1)] | None = None
    tandem: TandemOptions | None = None
    # OpenAI's, refused unless they change nothing.
    audio: Any = None
    function_call: Any = None
    functions: Any = None
    logit_bias: dict[str, float] | None = None
    modalities: list[str] | None = None
    moderation: Any = None
    web_search_options: Any = None
    # OpenAI's, without a meaning here.
    metadata: Ignored = UNSET
    prediction: Ignored = UNSET
    prompt_cache_key: Ignored = UNSET
    prompt_cache_options: Ignored = UNSET
    prompt_cache_retention: Ignored = UNSET
    reasoning_effort: Ignored = UNSET
    safety_identifier: Ignored = UNSET
    service_tier: Ignored = UNSET
    store: Ignored = UNSET
    user: Ignored = UNSET
    verbosity: Ignored = UNSET


class _Embeddings(Struct, forbid_unknown_fields=True):
    model: str
    input: str | list[str | int | list[int]]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[int, Meta(ge=1)] | None = None
    user: Ignored = UNSET


_chat_decoder = msgspec.json.Decoder(_Chat)
_embeddings_decoder = msgspec.json.Decoder(_Embeddings)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ChatCall:
    """A chat completion as asked for. `consent` is the caller's own word on leaving the device.

    `request` has neither consent nor mode yet: these depend on the server's settings too.
    """

    model: str
    request: Request
    num_choices: int
    is_stream: bool
    includes_usage: bool
    consent: bool | None
    mode: Mode | None


@dataclass(frozen=True, slots=True)
class EmbeddingsCall:
    """Texts to embed and the form wanted."""

    model: str
    texts: tuple[str, ...]
    is_base64: bool
    num_dimensions: int | None


def chat_call(body: bytes) -> ChatCall:
    """Read a chat completion's body. Raises `BadRequest` and `Unsupported`, naming the field."""
    chat = _decoded(_chat_decoder, body)
    _refuse_unsupported(chat)
    options = chat.tandem or TandemOptions()
    tools = tuple(_tool(tool, number) for number, tool in enumerate(chat.tools or ()))
    request = Request(
        messages=tuple(_message(said, number) for number, said in enumerate(chat.messages)),
        tools=tools,
        tool_choice=_tool_choice(chat.tool_choice, tools),
        parallel_tool_calls=chat.parallel_tool_calls is not False,
        response_format=_format(chat),
        sampling=_sampling(chat),
        conversation_id=options.conversation_id,
        covered=frozenset(options.covered or ()),
        uncovered=frozenset(options.uncovered or ()),
    )
    stream_options = chat.stream_options
    if stream_options is not None and not chat.stream:
        raise BadRequest("stream_options is only allowed with stream.", param="stream_options")
    return ChatCall(
        model=chat.model,
        request=request,
        num_choices=chat.n or 1,
        is_stream=bool(chat.stream),
        includes_usage=stream_options is not None and bool(stream_options.include_usage),
        consent=options.may_leave_device,
        mode=options.mode,
    )


def embeddings_call(body: bytes, *, max_texts: int = 2048) -> EmbeddingsCall:
    """Read an embeddings call. Token numbers are refused: they mean nothing to another model.

    `max_texts` is OpenAI's own limit.
    """
    asked = _decoded(_embeddings_decoder, body)
    texts = [asked.input] if isinstance(asked.input, str) else asked.input
    if not texts or len(texts) > max_texts or "" in texts:
        raise BadRequest(f"input must hold 1 to {max_texts} texts, none empty.", param="input")
    strings = tuple(text for text in texts if isinstance(text, str))
    if len(strings) != len(texts):
        raise Unsupported(
            "Arrays of token numbers cannot be embedded: they belong to one vocabulary.",
            remedy="Send the text itself.",
            param="input",
        )
    return EmbeddingsCall(asked.model, strings, asked.encoding_format == "base64", asked.dimensions)


# --- errors -------------------------------------------------------------------------------------


def _decoded(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    try:
        return decoder.decode(body.decode())
    except UnicodeDecodeError:
        raise BadRequest("The body is not valid UTF-8.", remedy="Send JSON in UTF-8.") from None
    except RecursionError:
        raise BadRequest("The body is nested too deeply.", remedy="Send flat JSON.") from None
    except msgspec.ValidationError as error:
        raise _invalid(str(error), decoder.type) from None
    except msgspec.DecodeError:
        raise BadRequest("The body is not valid JSON.", remedy="Send one JSON object.") from None


def _invalid(complaint: str, shape: Any) -> BadRequest:
    """msgspec's complaint in OpenAI's manner, without the value: it may be the user's text."""
    complaint, _, place = complaint.partition(" - at `$")
    place = place.rstrip("`").lstrip(".")
    unknown = re.search(r"unknown field `(.*)`", complaint)
    if unknown:
        return _unknown(unknown[1], place, shape)
    missing = re.search(r"missing required field `(.*)`", complaint)
    if missing:
        param = f"{place}.{missing[1]}".lstrip(".")
        return BadRequest(f"{param} is missing.", remedy="It is required.", param=param)
    if complaint.startswith("Invalid enum value"):
        complaint = "The value is not one of those allowed"
    return BadRequest(f"{complaint} at {place or 'the top'}.", param=place or None)


def _unknown(name: str, place: str, shape: Any) -> BadRequest:
    fields = TandemOptions if place.startswith("tandem") else shape
    near = difflib.get_close_matches(name, fields.__struct_fields__, n=1, cutoff=0.5)
    shown = name if re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", name) else "a field"
    param = f"{place}.{shown}".lstrip(".")
    remedy = f"Did you mean {near[0]}?" if near else "Remove it."
    return BadRequest(f"Unknown field: {param}.", remedy=remedy, param=param)


def _refuse_unsupported(chat: _Chat) -> None:
    refused = {
        "audio": chat.audio,
        "function_call": chat.function_call,
        "functions": chat.functions,
        "logit_bias": chat.logit_bias,
        "modalities": [kind for kind in chat.modalities or () if kind != "text"],
        "moderation": chat.moderation,
        "web_search_options": chat.web_search_options,
    }
    for name, wish in refused.items():
        if wish:
            remedy = "Use tools instead." if name.startswith("function") else "Leave it out."
            raise Unsupported(f"{name} is not supported here.", remedy=remedy, param=name)


# --- the parts ----------------------------------------------------------------------------------


def _message(said: _Message, number: int) -> Message:
    content = said.content
    origin = said.origin or (Origin.TOOL if said.role == "tool" else Origin.TYPED)
    parts: tuple[Part, ...] = ()
    if isinstance(content, str):
        parts = (TextPart(content, origin),)
    elif content is not None:
        parts = tuple(_part(part, number, origin) for part in content)
    elif said.role != "assistant":
        raise BadRequest("A message has no content.", param=f"messages[{number}].content")
    if said.role == "tool" and not said.tool_call_id:
        raise BadRequest(
            "A tool's message does not say which call it answers.",
            param=f"messages[{number}].tool_call_id",
        )
    role = "system" if said.role == "developer" else said.role
    calls = tuple(_call(call, number) for call in said.tool_calls or ())
    return Message(role, parts, calls, said.tool_call_id, said.name)


def _part(part: _Part, number: int, origin: Origin) -> Part:
    if part.type in ("text", "refusal"):
        return TextPart(part.text or part.refusal or "", part.origin or origin)
    if part.type == "image_url" and part.image_url is not None:
        url = part.image_url
        return ImagePart(url if isinstance(url, str) else url.url)
    raise Unsupported(
        "A message holds a part that is neither text nor image_url.",
        remedy="Send text.",
        param=f"messages[{number}].content",
    )


def _call(call: _ToolCall, number: int) -> ToolCall:
    if call.function is None:
        raise Unsupported(
            "Only function calls are supported.", param=f"messages[{number}].tool_calls"
        )
    return ToolCall(call.id, call.function.name, call.function.arguments)


def _tool(tool: _Tool, number: int) -> Tool:
    if tool.type != "function" or tool.function is None:
        raise Unsupported("Only tools of type function are supported.", param=f"tools[{number}]")
    asked = tool.function
    if not _TOOL_NAME.fullmatch(asked.name):
        raise BadRequest(
            "A tool's name may hold 1 to 64 letters, digits, _, - and dots.",
            param=f"tools[{number}].function.name",
        )
    return Tool(
        asked.name,
        asked.description or "",
        asked.parameters or {"type": "object", "properties": {}},
        effect=asked.effect or Effect.OUTWARD,
        strict=bool(asked.strict),
    )


def _tool_choice(choice: str | _Choice | None, tools: Sequence[Tool]) -> ToolChoice:
    if choice is None or choice == "auto":
        return ToolChoice()
    if choice == "none":
        return ToolChoice("none")
    if not tools:
        raise BadRequest("tool_choice asks for a tool, but there are none.", param="tool_choice")
    if choice == "required":
        return ToolChoice("required")
    if isinstance(choice, str) or choice.type != "function" or choice.function is None:
        raise Unsupported("This kind of tool_choice is not supported.", param="tool_choice")
    if choice.function.name not in {tool.name for tool in tools}:
        raise BadRequest("tool_choice names a tool that is not offered.", param="tool_choice")
    return ToolChoice("named", choice.function.name)


def _format(chat: _Chat) -> ResponseFormat:
    asked = chat.response_format
    if chat.grammar is not None:
        if asked is not None and asked.type != "text":
            raise BadRequest("Give either grammar or response_format.", param="grammar")
        return ResponseFormat("grammar", grammar=chat.grammar)
    if asked is None or asked.type == "text":
        return ResponseFormat()
    if asked.type == "json_object":
        return ResponseFormat("json_object")
    shape = asked.json_schema
    if shape is None or shape.schema is None:
        raise BadRequest("The JSON schema is missing.", param="response_format.json_schema.schema")
    return ResponseFormat(
        "json_schema",
        schema=shape.schema,
        schema_name=shape.name,
        strict=shape.strict is not False,
    )


def _sampling(chat: _Chat) -> Sampling:
    if chat.top_logprobs is not None and not chat.logprobs:
        raise BadRequest("top_logprobs needs logprobs to be true.", param="top_logprobs")
    stop = (chat.stop,) if isinstance(chat.stop, str) else tuple(chat.stop or ())
    if "" in stop:
        raise BadRequest("A stop text is empty.", param="stop")
    limit = chat.max_completion_tokens
    return Sampling(
        temperature=chat.temperature,
        top_p=chat.top_p,
        top_k=chat.top_k,
        min_p=chat.min_p,
        presence_penalty=chat.presence_penalty,
        frequency_penalty=chat.frequency_penalty,
        max_output_tokens=chat.max_tokens if limit is None else limit,
        seed=chat.seed,
        stop=stop,
        logprobs=(chat.top_logprobs or 0) if chat.logprobs else None,
    )
