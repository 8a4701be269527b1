"""Every text of a request, wherever it stands: one walk reads them, the same walk replaces them.

Messages of every role, names of speakers, tool calls and their arguments (the strings inside the
JSON), results, tools' names, descriptions and schemas, the wished shape, grammars, stop texts,
pictures. A field that is added to the types and not here is found by the test that
fills every field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from tandem.types import (
    ImagePart,
    Message,
    Origin,
    Part,
    Request,
    ResponseFormat,
    TextPart,
    Tool,
    most_private,
)

_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_FIELD = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:\s*$')
# Names must stay names for whoever reads them: letters, digits, _ and -.
_MAX_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands. `field`: the name of what it is the value of, where it has one.

    `is_name`: it must stay an identifier. `is_answer`: an earlier answer of a model.
    """

    origin: Origin = Origin.TYPED
    field: str = ""
    is_name: bool = False
    is_answer: bool = False


Visit = Callable[[str, Place], str]
SeePicture = Callable[[ImagePart, Place], Part]


def walked(request: Request, visit: Visit, see_picture: SeePicture) -> Request:
    """The request with every text as `visit` gives it back, each picture as `see_picture` does."""
    typed = Place()
    return replace(
        request,
        messages=tuple(_messages(request.messages, visit, see_picture)),
        tools=tuple(_tool(each, visit) for each in request.tools),
        tool_choice=replace(
            request.tool_choice, name=_name(request.tool_choice.name, visit, typed)
        ),
        response_format=_format(request.response_format, visit),
        sampling=replace(
            request.sampling, stop=tuple(visit(each, typed) for each in request.sampling.stop)
        ),
    )


def _messages(
    messages: Iterable[Message], visit: Visit, see_picture: SeePicture
) -> Iterator[Message]:
    """An answer is made of what was said before it: a summary of a mail is the mail's still."""
    before = Origin.TYPED
    for each in messages:
        if each.role == "assistant":
            each = replace(each, content=tuple(_made_of(part, before) for part in each.content))
        before = most_private((before, _origin_of(each, before)))
        yield _message(each, visit, see_picture, before)


def _made_of(part: Part, before: Origin) -> Part:
    if isinstance(part, ImagePart):
        return part
    return replace(part, origin=most_private((part.origin, before)))


def _message(message: Message, visit: Visit, see_picture: SeePicture, before: Origin) -> Message:
    is_answer = message.role == "assistant"
    origin = _origin_of(message, before)
    return replace(
        message,
        content=tuple(_part(each, visit, see_picture, message) for each in message.content),
        tool_calls=tuple(
            replace(
                call,
                name=visit(call.name, Place(origin, is_name=True, is_answer=is_answer)),
                arguments=in_json(call.arguments, visit, Place(origin, is_answer=is_answer)),
            )
            for call in message.tool_calls
        ),
        name=_name(message.name, visit, Place(origin)),
    )


def _origin_of(message: Message, before: Origin) -> Origin:
    """A message's own origin; a tool's result nobody labelled is a tool's, a call is an answer."""
    found = most_private(part.origin for part in message.content if isinstance(part, TextPart))
    if message.role == "assistant":
        return most_private((found, before))
    return Origin.TOOL if message.role == "tool" and found is Origin.TYPED else found


def _part(part: Part, visit: Visit, see_picture: SeePicture, message: Message) -> Part:
    if isinstance(part, ImagePart):
        own = _origin_of(message, Origin.TYPED)
        return see_picture(part, Place(own, is_answer=message.role == "assistant"))
    origin = part.origin
    if message.role == "tool" and origin is Origin.TYPED:
        origin = Origin.TOOL
    place = Place(origin, is_answer=message.role == "assistant")
    text = part.text
    if message.role == "tool" and text.lstrip()[:1] in ("{", "["):
        return replace(part, text=in_json(text, visit, place))
    return replace(part, text=visit(text, place))


def _name(name: str | None, visit: Visit, place: Place) -> str | None:
    return None if name is None else visit(name, replace(place, is_name=True))


def _tool(tool: Tool, visit: Visit) -> Tool:
    return replace(
        tool,
        name=visit(tool.name, Place(is_name=True)),
        description=visit(tool.description, Place()),
        schema=cast("Mapping[str, Any]", in_tree(tool.schema, visit)),
    )


def _format(shape: ResponseFormat, visit: Visit) -> ResponseFormat:
    return replace(
        shape,
        schema=None
        if shape.schema is None
        else cast("Mapping[str, Any]", in_tree(shape.schema, visit)),
        schema_name=visit(shape.schema_name, Place(is_name=True)),
        grammar=None if shape.grammar is None else visit(shape.grammar, Place()),
    )


def in_tree(tree: Any, visit: Visit, field: str = "", depth: int = 0) -> Any:
    """Every text of a tree of JSON, the keys of its objects too. Raises `ValueError` too deep."""
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(tree, str):
        return visit(tree, Place(field=field))
    if isinstance(tree, Mapping):
        items = cast("Mapping[str, Any]", tree)
        return {
            visit(key, Place()): in_tree(value, visit, key, depth + 1)
            for key, value in items.items()
        }
    if isinstance(tree, list | tuple):
        return [in_tree(each, visit, field, depth + 1) for each in cast("list[Any]", tree)]
    return tree


def in_json(text: str, visit: Visit, place: Place) -> str:
    """JSON text with the strings inside it visited; not a byte of the rest changes.

    Numbers are looked at where they stand, as a phone number may be one; text that is no JSON is
    visited as it is.
    """
    if not is_json(text):
        return visit(text, place)
    pieces: list[str] = []
    at = 0
    for match in _JSON_STRING.finditer(text):
        pieces.append(
            _outside(text[at : match.start()], visit, replace(place, field=_field(pieces)))
        )
        pieces.append(_string(match[0], visit, replace(place, field=_field(pieces))))
        at = match.end()
    pieces.append(_outside(text[at:], visit, replace(place, field=_field(pieces))))
    return "".join(pieces)


def is_json(text: str) -> bool:
    """Whether it is JSON as a whole."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _field(pieces: list[str]) -> str:
    """The name before a value: `"name": ` is what was read last."""
    found = _FIELD.search("".join(pieces[-2:])[-200:])
    return found[1] if found else ""


def _string(quoted: str, visit: Visit, place: Place) -> str:
    text = json.loads(quoted, strict=False)
    changed = visit(text, place)
    if changed == text:
        return quoted
    return json.dumps(changed, ensure_ascii=quoted.isascii() and "\\u" in quoted)


def _outside(text: str, visit: Visit, place: Place) -> str:
    """Between strings: a number that is somebody's becomes a string, as a placeholder is one."""
    if not any(char.isdigit() for char in text):
        return text

    def number(match: re.Match[str]) -> str:
        changed = visit(match[0], place)
        return match[0] if changed == match[0] else json.dumps(changed, ensure_ascii=False)

    return re.sub(r"-?\d[\d.eE+-]{5,}", number, text)
