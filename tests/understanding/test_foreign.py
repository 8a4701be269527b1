"""Tools unknown at training time: found by their words, filled with the user's words alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tandem.understanding.foreign import ForeignCall, Shelf, ToolText, read

NOW = datetime(2026, 11, 26, 9, 0)


def text(description: str = "", **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


WEATHER = ToolText(
    "get_weather", "Tells the weather of a place.",
    {
        "properties": {
            "location": text("The city."), "unit": text("", enum=["celsius", "fahrenheit"]),
            "days": {"type": "integer", "description": "How many days ahead."},
        },
        "required": ["location"],
    },
)  # fmt: skip
TRIP = ToolText(
    "findFlights", "Searches flights between two cities.",
    {
        "properties": {
            "from_city": text("City of departure."), "to_city": text("City of arrival."),
            "date": text("Day of the flight, YYYY-MM-DD."),
            "direct_only": {"type": "boolean", "description": "Only direct flights."},
        },
        "required": ["from_city", "to_city", "date"],
    },
)  # fmt: skip
MEMO = ToolText(
    "保存笔记",
    "把一条笔记保存到文件",
    {"properties": {"title": text("笔记的标题")}, "required": ["title"]},
)
SHELF = Shelf([WEATHER, TRIP, MEMO])


def called(request: str) -> ForeignCall:
    call = read(request, SHELF.find(request), NOW)
    assert call is not None
    return call


def test_names_in_camel_case_and_chinese_are_found() -> None:
    """A name is cut into its words, Chinese into pairs of characters."""
    assert SHELF.find("any flight to Rome?")[0][0] is TRIP
    assert SHELF.find("帮我把这条笔记保存一下")[0][0] is MEMO
    assert SHELF.find("tell me a joke") == []


def test_values_are_copied_each_to_the_argument_whose_words_are_near() -> None:
    call = called("find flights from Oslo to Rome on 3 December 2026, direct only")
    values = {"from_city": "Oslo", "to_city": "Rome", "date": "2026-12-03", "direct_only": True}
    assert dict(call.arguments.values) == values
    assert call.arguments.missing == ()


def test_choices_and_numbers_have_their_types() -> None:
    call = called("weather in Lima in Celsius for the next five days")
    assert dict(call.arguments.values) == {"location": "Lima", "unit": "celsius", "days": 5}


@pytest.mark.parametrize("request_", ["what will the weather be", "weather please"])
def test_a_required_value_that_was_not_said_is_missing(request_: str) -> None:
    call = called(request_)
    assert call.arguments.missing == ("location",)
    assert not call.is_sure


def test_a_chinese_quotation_is_a_value() -> None:
    assert dict(called("保存笔记，标题是“买菜清单”").arguments.values) == {"title": "买菜清单"}


@pytest.mark.parametrize("words", ["", " ", "\x00", "。", "(" * 200, "a" * 5000, "from to from to"])
def test_no_text_breaks_it(words: str) -> None:
    read(words, [(tool, 1.0) for tool in SHELF.tools], NOW)


def test_a_strange_schema_breaks_nothing() -> None:
    """What a server calls a schema may be anything."""
    for schema in (
        {"properties": {"x": "text"}},
        {"properties": None},
        {"type": ["object", "null"]},
    ):
        tool = ToolText("odd", "An odd tool.", schema)
        read("use the odd tool", [(tool, 1.0)], NOW)
        Shelf([tool]).find("odd")
