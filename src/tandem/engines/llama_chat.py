"""A conversation as token ids, through the model's own Jinja template.

What people wrote is never read as control tokens: the template is rendered with unforgeable marks
in place of their texts, and only the pieces between the marks are tokenized with control tokens
allowed. The template itself comes from a file of unknown origin and runs in Jinja's sandbox.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, cast

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tandem.errors import BadModel, BadRequest, Unsupported
from tandem.ports import Clock
from tandem.types import ImagePart, Message, TextPart, Tool, ToolCall

# The two defaults for a file without a template. ChatML is what most models know; where its tokens
# do not exist, plain roles are the best guess for a base model.
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
PLAIN = (
    "{% for message in messages %}{{ message['role'] | capitalize }}: {{ message['content'] }}\n"
    "{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}"
)
PLAIN_STOP = ("\nUser:", "\nSystem:")

# The form that Hermes, Qwen and many others were trained on.
TOOL_INSTRUCTION = (
    "You may call one of these tools to answer. To call one, reply with only "
    '<tool_call>{"name": NAME, "arguments": OBJECT}</tool_call>. The tools:\n'
)

_TOLD = -1  # the source of texts that are no message: tools and their schemas


class Vocabulary(Protocol):
    """What the template needs of a model."""

    vocab_type: int
    bos: int
    eos: int
    adds_bos: bool

    def tokenize(self, text: str, *, parse_special: bool) -> list[int]: ...

    def special_text(self, token: int) -> str: ...


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the prompt: the template's own words (`source` None) or a message's."""

    text: str
    source: int | None


@dataclass(frozen=True, slots=True)
class Prompt:
    """Token ids, and where the last user message's own tokens lie in them."""

    tokens: list[int]
    question_start: int
    question_end: int


class Chat:
    """One model's template. Raises `BadModel` when the template is not valid Jinja."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        template: str | None,
        clock: Clock,
        *,
        eos: int | None = None,
    ) -> None:
        """`eos`: what the template calls `eos_token`, where it is not the vocabulary's own."""
        self._vocabulary = vocabulary
        self.stop: tuple[str, ...] = ()
        if template is None:
            template = self._default()
        self._takes_tools = "tools" in template
        self._environment = _environment(clock)
        try:
            self._template = self._environment.from_string(template)
        except jinja2.TemplateError as error:
            raise BadModel(
                f"The model's chat template is not valid: {error.message}.",
                remedy="Choose another build of this model.",
            ) from error
        self._bos_text = vocabulary.special_text(vocabulary.bos)
        self._eos_text = vocabulary.special_text(vocabulary.eos if eos is None else eos)

    @property
    def takes_tools(self) -> bool:
        """Whether the model's own template tells of tools: it was trained to call them."""
        return self._takes_tools

    def prompt(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> Prompt:
        """Raises `BadRequest` when the template refuses, `Unsupported` for images."""
        asked = [i for i, message in enumerate(messages) if message.role == "user"]
        last = asked[-1] if asked else None
        tokens: list[int] = []
        places: list[tuple[int, int]] = []
        for piece in _with_blanks_moved(self.pieces(messages, tools)):
            start = len(tokens)
            tokens += self._tokens(piece, is_first=not tokens)
            if last is not None and piece.source == last:
                places.append((start, len(tokens)))
        shift = self._add_bos(tokens)
        start = min((start for start, _ in places), default=0) + shift
        end = max((end for _, end in places), default=-shift) + shift
        return Prompt(tokens, start, max(start, end))

    def pieces(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> list[Piece]:
        """The prompt, cut into the template's words and people's."""
        if not messages:
            raise BadRequest("The conversation is empty.", param="messages")
        if tools and not self._takes_tools:
            messages = _with_instruction(messages, tools)
        marks = _Marks()
        values = {
            "messages": [_message(i, message, marks) for i, message in enumerate(messages)],
            "tools": [_tool(tool, marks) for tool in tools] or None,
            "add_generation_prompt": True,
            "bos_token": self._bos_text,
            "eos_token": self._eos_text,
        }
        try:
            text = self._template.render(values, tojson_marks=marks)
        except Exception as error:  # a template of unknown origin may raise anything
            raise _refusal(error, marks) from error
        return marks.split(text)

    def _tokens(self, piece: Piece, *, is_first: bool) -> list[int]:
        """SPM vocabularies put a blank before every text; behind a line break they do not."""
        is_ours = piece.source is None
        if is_first or self._vocabulary.vocab_type != 1:
            return self._vocabulary.tokenize(piece.text, parse_special=is_ours)
        before = len(self._vocabulary.tokenize("\n", parse_special=False))
        return self._vocabulary.tokenize("\n" + piece.text, parse_special=is_ours)[before:]

    def _add_bos(self, tokens: list[int]) -> int:
        bos = self._vocabulary.bos
        if not self._vocabulary.adds_bos or bos < 0 or tokens[:1] == [bos]:
            return 0
        tokens.insert(0, bos)
        return 1

    def _default(self) -> str:
        if len(self._vocabulary.tokenize("<|im_start|>", parse_special=True)) == 1:
            return CHATML
        self.stop = PLAIN_STOP
        return PLAIN


class _Marks:
    """Stands a mark for every text of one rendering, and puts the texts back."""

    def __init__(self) -> None:
        key = secrets.token_hex(16)  # 128 bits of chance: no text can hold it
        self._open = f"[[{key}:"
        self._pattern = re.compile(rf"\[\[{key}:(\d+)\]\]")
        self._texts: list[tuple[str, int]] = []

    def mark(self, text: str, source: int) -> _Marked:
        """A text as the template sees it."""
        self._texts.append((text, source))
        return _Marked(f"{self._open}{len(self._texts) - 1}]]", text, source, self)

    def restored(self, text: str) -> str:
        """The text with its marks replaced."""
        return self._pattern.sub(lambda found: self._texts[int(found[1])][0], text)

    def hidden(self, text: str) -> str:
        """The text with its marks left out: for messages to people."""
        return self._pattern.sub("...", text)

    def split(self, text: str) -> list[Piece]:
        """Template words and people's words, in order."""
        pieces: list[Piece] = []
        for i, part in enumerate(self._pattern.split(text)):
            if i % 2:
                pieces.append(Piece(*self._texts[int(part)]))
            elif part:
                pieces.append(Piece(part, None))
        return pieces


class _Marked(str):
    """A mark that answers the questions that templates ask of a text, from the text itself."""

    __slots__ = ("_marks", "_source", "_text")
    _text: str
    _source: int
    _marks: _Marks

    def __new__(cls, mark: str, text: str, source: int, marks: _Marks) -> _Marked:
        made = super().__new__(cls, mark)
        made._text, made._source, made._marks = text, source, marks
        return made

    def _of(self, text: str) -> _Marked:
        return self._marks.mark(text, self._source)

    def strip(self, chars: str | None = None, /) -> str:
        return self._of(self._text.strip(chars))

    def lstrip(self, chars: str | None = None, /) -> str:
        return self._of(self._text.lstrip(chars))

    def rstrip(self, chars: str | None = None, /) -> str:
        return self._of(self._text.rstrip(chars))

    def split(self, sep: str | None = None, maxsplit: Any = -1) -> list[str]:
        return [self._of(part) for part in self._text.split(sep, maxsplit)]

    def replace(self, old: str, new: str, count: Any = -1, /) -> str:
        return self._of(self._text.replace(old, new, count))

    def startswith(self, prefix: Any, *places: Any) -> bool:
        return self._text.startswith(prefix, *places)

    def endswith(self, suffix: Any, *places: Any) -> bool:
        return self._text.endswith(suffix, *places)

    def __contains__(self, key: str, /) -> bool:
        return key in self._text

    def __len__(self) -> int:
        return len(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)


def _with_blanks_moved(pieces: list[Piece]) -> list[Piece]:
    """Blanks that the template puts before a text go to the text.

    Vocabularies hold " word" as one token, and models were trained on that; blanks cannot make a
    control token of a text.
    """
    moved: list[Piece] = []
    blanks = ""
    for i, piece in enumerate(pieces):
        text = blanks + piece.text
        is_before_text = i + 1 < len(pieces) and pieces[i + 1].source is not None
        kept = text.rstrip(" ") if is_before_text and piece.source is None else text
        blanks = text[len(kept) :]
        if kept:
            moved.append(Piece(kept, piece.source))
    return moved


def _environment(clock: Clock) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )

    def strftime_now(form: str) -> str:
        return time.strftime(form, time.localtime(clock.now()))

    # Jinja types neither of the two.
    filters = cast("dict[str, Callable[..., Any]]", environment.filters)  # pyright: ignore[reportUnknownMemberType]
    names = cast("dict[str, Any]", environment.globals)  # pyright: ignore[reportUnknownMemberType]
    filters |= {"tojson": _tojson, "trim": _trim}
    names |= {"raise_exception": _raise_exception, "strftime_now": strftime_now}
    return environment


@jinja2.pass_context
def _tojson(context: jinja2.runtime.Context, value: Any, indent: int | None = None) -> str:
    """JSON as a text of people: names and descriptions of tools may come from anywhere.

    Unlike Jinja's own filter it does not escape for HTML: models were trained without.
    """
    marks: _Marks = context["tojson_marks"]
    value = _mapped(value, lambda text: marks.restored(text))
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    return marks.mark(text, _TOLD)


def _trim(value: Any, chars: str | None = None) -> str:
    return value.strip(chars) if isinstance(value, str) else str(value).strip(chars)


def _raise_exception(message: str) -> None:
    raise jinja2.TemplateError(message)


def _refusal(error: Exception, marks: _Marks) -> BadRequest:
    """The template's own words are the model maker's; texts of people are left out of them."""
    words = marks.hidden(str(error)) if isinstance(error, jinja2.TemplateError) else ""
    why = words or type(error).__name__
    return BadRequest(
        f"The model's chat template refuses this conversation: {why[:200]}.",
        remedy="Check the order of the roles; some models take no system message or no tools.",
        param="messages",
    )


def _message(source: int, message: Message, marks: _Marks) -> dict[str, Any]:
    if any(isinstance(part, ImagePart) for part in message.content):
        raise Unsupported(
            "This model cannot see images.",
            remedy="Send text only, or choose an engine that can see.",
            param="messages",
        )
    said: dict[str, Any] = {"role": message.role, "content": marks.mark(message.text, source)}
    if message.tool_calls:
        said["tool_calls"] = [_call(call, source, marks) for call in message.tool_calls]
    if message.tool_call_id is not None:
        said["tool_call_id"] = marks.mark(message.tool_call_id, source)
    if message.name is not None:
        said["name"] = marks.mark(message.name, source)
    return said


def _call(call: ToolCall, source: int, marks: _Marks) -> dict[str, Any]:
    try:
        arguments: Any = _mapped(
            json.loads(call.arguments or "{}"), lambda text: marks.mark(text, source)
        )
    except (ValueError, RecursionError):
        arguments = marks.mark(call.arguments, source)
    function = {"name": marks.mark(call.name, source), "arguments": arguments}
    return {"id": marks.mark(call.id, source), "type": "function", "function": function}


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """JSON-like data with every text in it changed, keys excepted."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list | tuple):
        items = cast("Iterable[Any]", value)
        return [_mapped(item, change) for item in items]
    if isinstance(value, Mapping):
        pairs = cast("Mapping[Any, Any]", value)
        return {key: _mapped(item, change) for key, item in pairs.items()}
    return value


def _tool(tool: Tool, marks: _Marks) -> dict[str, Any]:
    function = {
        "name": tool.name,
        "description": marks.mark(tool.description, _TOLD),
        "parameters": dict(tool.schema),
    }
    return {"type": "function", "function": function}


def _with_instruction(messages: Sequence[Message], tools: Sequence[Tool]) -> list[Message]:
    """Tell of the tools in words, for a template that knows none."""
    lines = [
        json.dumps(
            {"name": t.name, "description": t.description, "parameters": dict(t.schema)},
            ensure_ascii=False,
        )
        for t in tools
    ]
    told = TextPart(TOOL_INSTRUCTION + "\n".join(lines))
    first = messages[0]
    if first.role != "system":
        return [Message("system", (told,)), *messages]
    return [replace(first, content=(*first.content, TextPart("\n\n"), told)), *messages[1:]]
