"""From JSON schemas to grammars, judged by the library that reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.engines.llama_gbnf import check_gbnf
from tandem.engines.llama_grammar import gbnf_from_schema
from tandem.engines.llama_model import Grammar, Model
from tandem.errors import BadRequest, TandemError, Unsupported
from tests.engines.tiny_gguf import write_tiny_gguf


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    model = Model(write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf"))
    yield model
    model.close()


def allows(model: Model, grammar: str, text: str) -> bool:
    """Whether a text is a whole sentence of the grammar."""
    check_gbnf(grammar)
    state = Grammar(model, grammar)
    try:
        for token in model.tokenize(text, parse_special=False):
            if not state.allows(token):
                return False
            state.accept(token)
        return state.allows(model.eos)
    finally:
        state.close()


CASES: list[tuple[Any, list[Any], list[Any]]] = [
    ({"type": "integer"}, [0, 7, -12], [1.5, "1", "x", None]),
    ({"type": "integer", "minimum": 0}, [0, 7, 120], [-1, -7]),
    ({"type": "integer", "minimum": -2, "maximum": 11}, [-2, 0, 11], [-3, 12, 110]),
    ({"type": "number"}, [0, 1.5, -2e-5, 123456], ["1", True]),
    ({"type": "boolean"}, [True, False], [0, "true"]),
    ({"type": ["string", "null"]}, ["a", None, ""], [1]),
    ({"type": "string", "maxLength": 2}, ["", "a", "äß"], ["abc", 1]),
    ({"type": "string", "minLength": 2}, ["ab", 'ab\n"\\'], ["a"]),
    ({"enum": ["a", 1, None, {"b": []}]}, ["a", 1, None], ["b", 2]),
    ({"const": 'x"\\y'}, ['x"\\y'], ["x"]),
    ({"type": "array", "items": {"type": "integer"}}, [[], [1], [1, 2]], [["a"], {}]),
    (
        {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2},
        [[1], [1, 2]],
        [[], [1, 2, 3]],
    ),
    ({"type": "array", "maxItems": 0}, [[]], [[1]]),
    ({"type": "object"}, [{}, {"a": [1, {"b": None}]}], [[], 1]),
    (
        {"type": "object", "additionalProperties": {"type": "integer"}},
        [{}, {"a": 1, "b": 2}],
        [{"a": "x"}],
    ),
    (
        {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {}, "c": {"type": "null"}},
            "required": ["b"],
        },
        [{"b": 1}, {"b": "x", "a": 1}, {"b": [], "c": None}, {"b": {}, "a": 1, "c": None}],
        [{}, {"a": 1}, {"b": 1, "d": 2}],
    ),
    (
        {"properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}},
        [{}, {"a": 1}, {"b": 1}, {"a": 1, "b": 2}],
        [{"a": "x"}],
    ),
    ({"type": "object", "properties": {}, "additionalProperties": False}, [{}], [{"a": 1}]),
    ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, [1, None], ["a"]),
    ({"oneOf": [{"const": 1}, {"const": 2}]}, [1, 2], [3]),
    ({"allOf": [{"type": "null"}], "description": "x"}, [None], [1]),
    (
        {
            "$defs": {
                "node": {
                    "type": "object",
                    "properties": {
                        "value": {"type": "integer"},
                        "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
                    },
                    "required": ["value", "next"],
                }
            },
            "$ref": "#/$defs/node",
        },
        [{"value": 1, "next": None}, {"value": 1, "next": {"value": 2, "next": None}}],
        [{"value": 1}, {"value": 1, "next": 3}],
    ),
]


@pytest.mark.parametrize(("schema", "good", "bad"), CASES)
def test_grammar_allows_valid_and_forbids_invalid(
    model: Model, schema: Any, good: list[Any], bad: list[Any]
) -> None:
    """Compact and indented JSON alike; what does not fit the schema is not a sentence."""
    grammar = gbnf_from_schema(schema)
    for value in good:
        assert allows(model, grammar, json.dumps(value, ensure_ascii=False)), value
        assert allows(model, grammar, json.dumps(value, ensure_ascii=False, indent=1)), value
    for value in bad:
        assert not allows(model, grammar, json.dumps(value)), value


@pytest.mark.parametrize(
    ("schema", "keyword"),
    [
        ({"type": "string", "pattern": "a"}, "pattern"),
        ({"type": "integer", "minimum": 3}, "minimum"),
        ({"type": "integer", "minimum": 0, "maximum": 10**9}, "maximum"),
        ({"type": "number", "minimum": 0}, "minimum"),
        ({"type": "array", "uniqueItems": True}, "uniqueItems"),
        ({"type": "object", "patternProperties": {}}, "patternProperties"),
        ({"not": {}}, "not"),
        ({"type": "array", "items": {"type": "number", "multipleOf": 2}}, "multipleOf"),
        ({"allOf": [{}, {}]}, "allOf"),
        ({"type": "object", "anyOf": [{}]}, "type"),
        ({"type": "string", "maxLength": 10**9}, "maxLength"),
        ({"$ref": "https://example.org/schema"}, r"\$ref"),
    ],
)
def test_what_is_not_fulfilled_is_refused_by_name(schema: Any, keyword: str) -> None:
    """No keyword is ignored silently."""
    with pytest.raises(Unsupported, match=keyword):
        gbnf_from_schema(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "thing"},
        {"type": []},
        {"enum": []},
        {"$ref": "#/nowhere"},
        {"$ref": "#"},
        {"type": "array", "minItems": -1},
        {"type": "array", "minItems": 2, "maxItems": 1},
        {"type": "object", "properties": []},
        {"type": "object", "required": ["a"], "additionalProperties": False},
        {"anyOf": 3},
    ],
)
def test_broken_schemas_are_the_callers_fault(schema: Any) -> None:
    """Nonsense is a BadRequest, also where it would never end."""
    with pytest.raises(BadRequest):
        gbnf_from_schema(schema)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["type", "items", "properties", "enum", "anyOf", "$ref", "const", "a"]
                ),
                inner | st.sampled_from(["object", "array", "string", "#", "#/a"]),
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_a_schema_or_refused(schema: Any) -> None:
    """Whatever JSON comes as a schema: a valid grammar or a TandemError, never another fault."""
    try:
        grammar = gbnf_from_schema(schema if isinstance(schema, dict) else {"items": schema})
    except TandemError:
        return
    check_gbnf(grammar)


@pytest.mark.parametrize(
    "grammar",
    [
        'root ::= "a" | "b" # or',
        "root ::= [a-z]+ ws\nws ::= [ \\t\\n]*",
        'root ::= ("a" |\n "b"){2,3} "\\x41" .',
        'root ::= list\nlist ::= "(" list? ")"',
        "root ::=\n  [^\\]]",
    ],
)
def test_valid_gbnf_is_valid_for_the_library_too(model: Model, grammar: str) -> None:
    """What the check lets pass, the library takes."""
    check_gbnf(grammar)
    Grammar(model, grammar).close()


@pytest.mark.parametrize(
    "grammar",
    [
        "",
        "root",
        'start ::= "a"',
        "root ::= nothing",
        "root ::= (",
        'root ::= "a',
        "root ::= [a",
        "root ::= *",
        'root ::= root "a"',
        'root ::= a\na ::= b? root\nb ::= "x"',
        'root ::= "a"{3,2}',
        'root ::= "a"{1,99999}',
        "root ::= " + "(" * 100 + '"a"' + ")" * 100,
        "?",
    ],
)
def test_wrong_gbnf_is_refused_before_the_library(
    grammar: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing is printed, nothing hangs, and the error does not quote the grammar."""
    with pytest.raises(BadRequest) as caught:
        check_gbnf(grammar)
    assert not grammar or grammar not in str(caught.value)
    assert capfd.readouterr().err == ""
