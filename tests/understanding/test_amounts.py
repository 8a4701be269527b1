"""Numbers, money and measures in both languages; what is no number stays none."""

from __future__ import annotations

import pytest

from tandem.understanding.amounts import amounts
from tandem.understanding.numbers import find_numbers, number_of


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("1,250.5", 1250.5), ("twenty-five hundred", 2500), ("three and a half million", 3_500_000),
        ("2.5k", 2500), ("half a dozen", 6), ("two hundred and five", 205), ("negative five", -5),
        ("one hundred twenty three thousand four hundred", 123_400), ("two point five", 2.5),
        ("三千五百", 3500), ("两万三", 23_000), ("3.5万", 35_000), ("一亿二千万", 120_000_000),
        ("十五", 15), ("二零二六", 2026), ("一点五", 1.5), ("一百零五", 105), ("一万零三百", 10_300),
        ("一百五", 150), ("1.5亿", 150_000_000), ("第三", 3), ("21st", 21),
    ],
)  # fmt: skip
def test_a_number_is_read_whole(words: str, value: float) -> None:
    assert number_of(words) == value


@pytest.mark.parametrize("text", ["hello", "一会儿再说", "一起去", "v2", "x", ""])
def test_what_is_no_number_is_none(text: str) -> None:
    assert list(find_numbers(text)) == []
    assert number_of(text) is None


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("pay $12.50 now", 12.5, "USD"), ("twelve dollars fifty", 12.5, "USD"),
        ("20 euros please", 20, "EUR"), ("fifty cents", 0.5, "USD"), ("£3", 3, "GBP"),
        ("三块五", 3.5, "CNY"), ("十二元三角", 12.3, "CNY"), ("五百美元", 500, "USD"),
        ("两万块钱", 20_000, "CNY"), ("20%", 20, "%"), ("百分之二十", 20, "%"), ("5 percent", 5, "%"),
        ("three kilos of flour", 3, "kg"), ("5km", 5, "km"), ("五公里", 5, "km"), ("两斤苹果", 2, "jin"),
        ("half an hour", 0.5, "h"), ("two and a half hours", 2.5, "h"), ("三个半小时", 3.5, "h"),
        ("一小时半", 1.5, "h"), ("20 °C", 20, "°C"), ("72 degrees fahrenheit", 72, "°F"),
        ("a 10-inch tablet", 10, "in"), ("100 square meters", 100, "m2"), ("16GB", 16, "GB"),
    ],
)  # fmt: skip
def test_an_amount_has_its_unit(text: str, value: float, unit: str) -> None:
    found = amounts(text)
    assert [(one.value, one.unit) for one in found] == [(value, unit)]


def test_places_are_those_of_the_text() -> None:
    text = "send 三百元 to Li and 2.5 kg home"
    assert [text[one.start : one.end] for one in amounts(text)] == ["三百元", "2.5 kg"]


def test_units_of_one_kind_convert() -> None:
    (mile,) = amounts("one mile")
    assert mile.in_unit("km") == pytest.approx(1.609344)
    assert mile.in_unit("kg") is None
    (warm,) = amounts("212 °F")
    assert warm.in_unit("°C") == pytest.approx(100)
