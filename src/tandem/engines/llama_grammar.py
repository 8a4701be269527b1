"""From a JSON schema to GBNF, the grammar form of llama.cpp. Pure.

A keyword that is not fulfilled is refused by name: an answer that only looks valid is worse than
none. Every answer the grammar allows is valid against the schema; not every valid answer is
allowed (properties come in one order, undeclared ones never).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from tandem.engines.llama_gbnf import MAX_REPEAT, check_gbnf
from tandem.engines.llama_tools import is_forced, offered
from tandem.errors import BadRequest, Unsupported
from tandem.types import Request

_MAX_DEPTH = 64
_MAX_RULES = 4000
_MAX_NUMBERS = 1000
_FROM = {0: '"0" | [1-9] [0-9]{0,15}', 1: "[1-9] [0-9]{0,15}"}

# Words about a schema that say nothing of the values. `format` is one by default (JSON Schema
# 2020-12, validation, section 7.2.1).
_NOTES = frozenset(
    "$schema $id $anchor $comment $defs definitions title description default examples deprecated"
    " readOnly writeOnly format".split()
)
_OF_TYPE = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "minItems", "maxItems"}),
    "string": frozenset({"minLength", "maxLength"}),
    "integer": frozenset({"minimum", "maximum"}),
    "number": frozenset[str](),
    "boolean": frozenset[str](),
    "null": frozenset[str](),
}
_BASICS = {
    "ws": r'| " " | "\n" [ \t]{0,20}',
    "char": r'[^"\\\x00-\x1F\x7F] | "\\" (["\\/bfnrt] | "u" code)',
    # Never half of a surrogate pair: it would be no character.
    "code": r"[0-9a-cA-CefEF] hex{3} | [dD] [0-7] hex{2}",
    "hex": "[0-9a-fA-F]",
    "string": r'"\"" char* "\""',
    "integer": '"0" | "-"? [1-9] [0-9]{0,15}',
    "number": 'integer ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,2})?',
    "boolean": '"true" | "false"',
    "null": '"null"',
    "object": '"{" ws (string ws ":" ws value (ws "," ws string ws ":" ws value)*)? ws "}"',
    "array": '"[" ws (value (ws "," ws value)*)? ws "]"',
    "value": "object | array | string | number | boolean | null",
}


def grammar_of(request: Request) -> str | None:
    """The grammar that a request's answer must follow, or `None`.

    Raises `Unsupported` (a keyword by name) or `BadRequest` (no schema, wrong GBNF, no such tool).
    """
    if is_forced(request):
        return _grammar_of_calls(request)
    wanted = request.response_format
    if wanted.kind == "json_object":
        return gbnf_from_schema({"type": "object"})
    if wanted.kind == "json_schema":
        if wanted.schema is None:
            raise BadRequest("The response format has no schema.", param="response_format")
        return gbnf_from_schema(wanted.schema)
    if wanted.kind == "grammar":
        grammar = wanted.grammar or ""
        check_gbnf(grammar)
        return grammar
    return None


def _grammar_of_calls(request: Request) -> str:
    tools = offered(request)
    if not tools:
        raise BadRequest("The tool choice names a tool that is not offered.", param="tool_choice")
    writer = _Writer({})
    calls: list[str] = []
    for tool in tools:
        writer.root = tool.schema
        schema = tool.schema or {"type": "object"}
        name = _literal(json.dumps(tool.name, ensure_ascii=False))
        arguments = writer.rule({**schema, "type": schema.get("type", "object")})
        calls.append(
            f'"{{" ws "\\"name\\"" ws ":" ws {name} ws "," ws '
            f'"\\"arguments\\"" ws ":" ws {arguments} ws "}}"'
        )
    return writer.text(" | ".join(calls))


def gbnf_from_schema(schema: Mapping[str, Any]) -> str:
    """Raises `Unsupported` for a keyword this does not fulfil, `BadRequest` for a broken schema."""
    writer = _Writer(schema)
    return writer.text(writer.rule(schema))


class _Writer:
    """Collects rules. Every `$ref` becomes one rule, so schemas may contain themselves."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self._rules: dict[str, str] = {}
        self._refs: dict[tuple[int, str], str] = {}
        self._depth = 0

    def text(self, root: str) -> str:
        """All rules, checked: a schema may refer to itself with nothing in between."""
        rules = {"root": root, **self._rules, **_BASICS}
        text = "\n".join(f"{name} ::= {body}" for name, body in rules.items()) + "\n"
        try:
            check_gbnf(text)
        except BadRequest as error:
            raise BadRequest(
                "The schema cannot be fulfilled: it refers to itself without end.",
                param="response_format",
            ) from error
        return text

    def rule(self, schema: Any) -> str:
        """The name of the rule for a schema."""
        if schema is True or schema == {}:
            return "value"
        if not isinstance(schema, Mapping):
            raise _broken("a schema must be an object")
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise Unsupported(f"The schema is nested more than {_MAX_DEPTH} deep.")
        try:
            return self._rule(cast("Mapping[str, Any]", schema))
        finally:
            self._depth -= 1

    def _rule(self, schema: Mapping[str, Any]) -> str:
        for keyword in ("$ref", "const", "enum", "anyOf", "oneOf", "allOf"):
            if keyword in schema:
                return self._special(keyword, schema)
        kinds = schema.get("type") or _implied_type(schema)
        if isinstance(kinds, str):
            return self._of_type(kinds, schema)
        if not isinstance(kinds, Sequence) or not kinds:
            raise _broken("type must be a name or a list of names")
        names = cast("Sequence[Any]", kinds)
        allowed = frozenset[str]().union(*(_OF_TYPE.get(str(kind), frozenset()) for kind in names))
        _check_keywords(schema, allowed | {"type"})
        return self._new(" | ".join(self._of_type(str(k), _only(schema, str(k))) for k in names))

    def _special(self, keyword: str, schema: Mapping[str, Any]) -> str:
        wanted = schema[keyword]
        if keyword == "$ref":
            _check_keywords(schema, frozenset({"$ref"}))
            return self._ref(wanted)
        if keyword in ("const", "enum"):
            _check_keywords(schema, frozenset({keyword, "type"}))
            return self._values(_list([wanted] if keyword == "const" else wanted, keyword))
        _check_keywords(schema, frozenset({keyword}))
        parts = _list(wanted, keyword)
        if keyword == "allOf" and len(parts) > 1:
            raise _unsupported("allOf")
        return self._new(" | ".join(self.rule(part) for part in parts))

    def _values(self, values: list[Any]) -> str:
        written = [json.dumps(value, ensure_ascii=False, allow_nan=False) for value in values]
        return self._new(" | ".join(map(_literal, written)))

    def _ref(self, ref: Any) -> str:
        if not isinstance(ref, str) or not (ref == "#" or ref.startswith("#/")):
            raise Unsupported(
                "A schema may refer only to parts of itself ($ref: #/...).", param="$ref"
            )
        key = (id(self.root), ref)
        if key not in self._refs:
            name = self._refs[key] = self._reserve()
            self._rules[name] = self.rule(_found(self.root, ref))
        return self._refs[key]

    def _of_type(self, kind: str, schema: Mapping[str, Any]) -> str:
        allowed = _OF_TYPE.get(kind)
        if allowed is None:
            raise _broken("type is not one of JSON's")
        _check_keywords(schema, allowed | {"type"})
        if kind == "object":
            return self._object(schema)
        if kind == "array":
            return self._array(schema)
        if kind == "string":
            return self._string(schema)
        if kind == "integer":
            return self._integer(schema)
        return kind

    def _object(self, schema: Mapping[str, Any]) -> str:
        extra = schema.get("additionalProperties", True)
        properties = schema.get("properties", {})
        required = _list(schema.get("required", []), "required", may_be_empty=True)
        if not isinstance(properties, Mapping):
            raise _broken("properties must be an object")
        known = cast("Mapping[str, Any]", properties)
        missing = [name for name in required if name not in known]
        if missing and extra is False:
            raise _broken("a required property is not among the allowed ones")
        pairs = {name: self._pair(name, known.get(name, extra)) for name in (*known, *missing)}
        if not pairs:
            return self._free_object(extra)
        first = [pair for name, pair in pairs.items() if name in required]
        rest = [pair for name, pair in pairs.items() if name not in required]
        return self._new(f'"{{" ws {self._members(first, rest)} ws "}}"')

    def _free_object(self, extra: Any) -> str:
        if extra is False:
            return self._new('"{" ws "}"')
        if extra is True or extra == {}:
            return "object"
        pair = f'string ws ":" ws {self.rule(extra)}'
        return self._new(f'"{{" ws ({pair} (ws "," ws {pair})*)? ws "}}"')

    def _pair(self, name: str, schema: Any) -> str:
        key = _literal(json.dumps(name, ensure_ascii=False))
        return self._new(f'{key} ws ":" ws {self.rule(schema)}')

    def _members(self, first: list[str], rest: list[str]) -> str:
        """Required members, then each optional one or not, in one order."""
        comma = ' ws "," ws '
        tails = [""]  # tails[i]: the last i optional members, each with its comma before
        for name in reversed(rest):
            tails.append(self._new(f"({comma}{name})? {tails[-1]}"))
        if first:
            return comma.join(first) + " " + tails[-1]
        starts = [f"{name} {tails[len(rest) - i - 1]}" for i, name in enumerate(rest)]
        return f"({' | '.join(starts)})?"

    def _array(self, schema: Mapping[str, Any]) -> str:
        item = self.rule(schema.get("items", True))
        low, high = _bounds(schema, "minItems", "maxItems")
        if high == 0:
            return self._new('"[" ws "]"')
        more = f'(ws "," ws {item}){{{max(low - 1, 0)},{"" if high is None else high - 1}}}'
        filled = f"{item} {more}"
        return self._new(f'"[" ws {filled if low else f"({filled})?"} ws "]"')

    def _string(self, schema: Mapping[str, Any]) -> str:
        low, high = _bounds(schema, "minLength", "maxLength")
        if not low and high is None:
            return "string"
        return self._new(rf'"\"" char{{{low},{"" if high is None else high}}} "\""')

    def _integer(self, schema: Mapping[str, Any]) -> str:
        """Both bounds: the numbers between them, written out; "at least 0" or 1 alone: by form."""
        low, high = schema.get("minimum"), schema.get("maximum")
        if low is None and high is None:
            return "integer"
        if type(low) is int and type(high) is int and 0 <= high - low < _MAX_NUMBERS:
            return self._values(list(range(low, high + 1)))
        if high is None and type(low) is int and low in _FROM:
            return self._new(_FROM[low])
        raise Unsupported(
            f"Bounds of integers (minimum, maximum) must enclose at most {_MAX_NUMBERS} numbers, "
            "or be a minimum of 0 or 1 alone.",
            param="minimum" if high is None else "maximum",
        )

    def _new(self, body: str) -> str:
        name = self._reserve()
        self._rules[name] = body
        return name

    def _reserve(self) -> str:
        if len(self._rules) >= _MAX_RULES:
            raise Unsupported("The schema is too large.", param="response_format")
        name = f"r{len(self._rules)}"
        self._rules[name] = ""
        return name


def _implied_type(schema: Mapping[str, Any]) -> str:
    """A schema without a type that speaks of properties means an object, and so on."""
    for kind, keywords in _OF_TYPE.items():
        if keywords & schema.keys():
            return kind
    unknown = sorted(schema.keys() - _NOTES)
    if unknown:
        raise _unsupported(unknown[0])
    raise Unsupported("A schema needs a type.", param="type")


def _only(schema: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The keywords of a schema with several types that concern this one."""
    keywords = _OF_TYPE.get(kind, frozenset[str]())
    return {name: value for name, value in schema.items() if name in keywords}


def _check_keywords(schema: Mapping[str, Any], allowed: frozenset[str]) -> None:
    unknown = sorted(schema.keys() - allowed - _NOTES)
    if unknown:
        raise _unsupported(unknown[0])


def _found(root: Mapping[str, Any], ref: str) -> Any:
    """What a JSON pointer points at (RFC 6901)."""
    at: Any = root
    for part in ref.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(at, Mapping) or name not in at:
            raise _broken("a $ref points at nothing")
        at = cast("Mapping[str, Any]", at)[name]
    return at


def _bounds(schema: Mapping[str, Any], low: str, high: str) -> tuple[int, int | None]:
    least, most = schema.get(low, 0), schema.get(high)
    for name, bound in ((low, least), (high, most)):
        if bound is not None and (type(bound) is not int or bound < 0):
            raise _broken(f"{name} must be a whole number")
        if bound is not None and bound > MAX_REPEAT:
            raise Unsupported(f"{name} may be at most {MAX_REPEAT}.", param=name)
    if most is not None and most < least:
        raise _broken(f"{high} is below {low}")
    return least, most


def _list(value: Any, keyword: str, *, may_be_empty: bool = False) -> list[Any]:
    if not isinstance(value, list | tuple) or not (value or may_be_empty):
        raise _broken(f"{keyword} must be a list")
    return list(cast("Sequence[Any]", value))


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\x7f", "\\x7F")
    return f'"{escaped}"'


def _broken(why: str) -> BadRequest:
    return BadRequest(f"The JSON schema is not valid: {why}.", param="response_format")


def _unsupported(keyword: str) -> Unsupported:
    return Unsupported(
        f"The JSON schema keyword {keyword[:40]} is not supported here.",
        remedy="Leave it out, or check the answer yourself.",
        param=keyword[:40],
    )
