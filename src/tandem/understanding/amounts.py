"""Amounts with what they are amounts of: money, shares, measures; English and Chinese.

    amounts("pay 12 dollars fifty for three kilos")  ->  12.5 USD, 3 kg

Units come out under one name each (SI or ISO 4217 where there is one), and `in_unit` converts
between those of one kind by the exact definitions of the units.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tandem.understanding.numbers import Number, find_numbers

_MONEY = {
    "USD": "$ us$ usd dollar dollars buck bucks 美元 美金 美刀",
    "EUR": "€ eur euro euros 欧元",
    "GBP": "£ gbp pound_sterling quid 英镑",
    "JPY": "jpy yen 日元 日圆",
    "CNY": "¥ ￥ cny rmb yuan 元 块 块钱 人民币 元人民币 圆",
    "HKD": "hk$ hkd 港币 港元", "INR": "₹ inr rupee rupees 卢比", "KRW": "₩ krw won 韩元",
    "CHF": "chf franc francs 瑞士法郎", "CAD": "cad", "AUD": "aud",
}  # fmt: skip
_CENTS = {"cent": "USD", "cents": "USD", "pence": "GBP"}
_SMALL_MONEY = {"毛": 0.1, "角": 0.1, "分钱": 0.01}
_MEASURES: dict[str, tuple[str, float, str]] = {
    # name: kind, how many of the kind's base unit, the words for it
    "m": ("length", 1, "m metre metres meter meters 米 公尺"),
    "km": ("length", 1000, "km kms kilometre kilometres kilometer kilometers 公里 千米"),
    "cm": ("length", 0.01, "cm centimetre centimetres centimeter centimeters 厘米 公分"),
    "mm": ("length", 0.001, "mm millimetre millimetres millimeter millimeters 毫米"),
    "mi": ("length", 1609.344, "mi mile miles 英里"),
    "ft": ("length", 0.3048, "ft foot feet 英尺"),
    "in": ("length", 0.0254, "inch inches 英寸 寸"),
    "yd": ("length", 0.9144, "yd yard yards 码"),
    "li": ("length", 500, "里路 里地"),
    "kg": ("mass", 1, "kg kgs kilo kilos kilogram kilograms 公斤 千克"),
    "g": ("mass", 0.001, "g gram grams 克"),
    "mg": ("mass", 1e-6, "mg milligram milligrams 毫克"),
    "t": ("mass", 1000, "tonne tonnes ton tons 吨"),
    "lb": ("mass", 0.45359237, "lb lbs pound pounds 磅"),
    "oz": ("mass", 0.028349523125, "oz ounce ounces 盎司"),
    "jin": ("mass", 0.5, "斤 市斤"),
    "liang": ("mass", 0.05, "两重"),
    "L": ("volume", 1, "l litre litres liter liters 升"),
    "mL": ("volume", 0.001, "ml millilitre millilitres milliliter milliliters 毫升"),
    "gal": ("volume", 3.785411784, "gal gallon gallons 加仑"),
    "cup": ("volume", 0.2365882365, "cup cups"),
    "m2": ("area", 1, "m2 sqm square_meters square_metres 平方米 平米 平"),
    "km2": ("area", 1e6, "km2 square_kilometers square_kilometres 平方公里"),
    "sqft": ("area", 0.09290304, "sqft square_feet square_foot 平方英尺"),
    "s": ("duration", 1, "s sec secs second seconds 秒 秒钟"),
    "min": ("duration", 60, "min mins minute minutes 分钟"),
    "h": ("duration", 3600, "h hr hrs hour hours 小时 个小时 钟头 个钟头"),
    "day": ("duration", 86_400, "day days 天 日"),
    "week": ("duration", 604_800, "week weeks 周 个星期 星期"),
    "month": ("months", 1, "month months 个月"),
    "year": ("months", 12, "year years 年"),
    "km/h": ("speed", 1 / 3.6, "km/h kmh kph 公里每小时"),
    "mph": ("speed", 0.44704, "mph"),
    "m/s": ("speed", 1, "m/s 米每秒"),
    "°C": ("temperature", 1, "°c ℃ celsius degrees_celsius 摄氏度"),
    "°F": ("temperature", 1, "°f ℉ fahrenheit degrees_fahrenheit 华氏度"),
    "°": ("angle", 1, "° degree degrees 度"),
    "kB": ("data", 1e3, "kb kilobyte kilobytes"), "MB": ("data", 1e6, "mb megabyte megabytes 兆"),
    "GB": ("data", 1e9, "gb gigabyte gigabytes"), "TB": ("data", 1e12, "tb terabyte terabytes"),
    "W": ("power", 1, "w watt watts 瓦"), "kW": ("power", 1e3, "kw kilowatt kilowatts 千瓦"),
    "kWh": ("energy", 3.6e6, "kwh 度电"),
    "kcal": ("energy", 4184, "kcal calories 大卡 千卡"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Amount:
    """Characters `start` to `end` (exclusive) say `value` of `unit`; no unit for a bare number.

    `kind`: number, ordinal, money, share (of a hundred), or what is measured (length, mass, ...).
    """

    start: int
    end: int
    value: float
    unit: str = ""
    kind: str = "number"

    def in_unit(self, unit: str) -> float | None:
        """The value in another unit; `None` where that measures something else, or is money."""
        if unit == self.unit:
            return self.value
        if unit not in _MEASURES or self.unit not in _MEASURES:
            return None
        kind, size, _ = _MEASURES[unit]
        own, own_size, _ = _MEASURES[self.unit]
        if kind != own:
            return None
        if kind == "temperature":
            return (self.value - 32) / 1.8 if unit == "°C" else self.value * 1.8 + 32
        return self.value * own_size / size


def _table() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for unit, words in _MONEY.items():
        found |= {word.replace("_", " "): (unit, "money") for word in words.split()}
    for unit, (kind, _, words) in _MEASURES.items():
        found |= {word.replace("_", " "): (unit, kind) for word in words.split()}
    found |= dict.fromkeys(("%", "percent", "per cent", "％", "个百分点"), ("%", "share"))
    return found


_WORDS = _table()
_AFTER = re.compile(
    r"\s?-?(?:"
    + "|".join(
        re.escape(w) + (r"(?![A-Za-z])" if w[-1].isascii() and w[-1].isalpha() else "")
        for w in sorted(_WORDS, key=len, reverse=True)
    )
    + ")",
    re.I,
)
_BEFORE = re.compile(r"(?:us\$|hk\$|[$€£¥￥₹₩]|\b(?:usd|eur|gbp|cny|rmb)\s?)\s?$", re.I)
_HALF = re.compile(r"\s?(?:and a half\b|个?半)")
_REST_ZH = re.compile(
    r"\s?(?P<small>[一二两三四五六七八九\d]{1,2})(?P<unit>毛|角|分钱)?(?![\d一-鿿])"
)
_REST_EN = re.compile(r"\s+(?:and\s+)?(?P<cents>\w+(?:-\w+)?)(?:\s+cents)?\b", re.I)


def amounts(text: str) -> tuple[Amount, ...]:
    """All amounts of a text in their order, none inside another."""
    found: list[Amount] = []
    for number in find_numbers(text):
        if found and number.start < found[-1].end:
            continue
        found.append(_amount(text, number))
    return tuple(found)


def _amount(text: str, number: Number) -> Amount:
    start, end, value = number.start, number.end, number.value
    if number.is_ordinal:
        return Amount(start, end, value, "", "ordinal")
    if text[start:end].startswith("百分之"):
        return Amount(start, end, value, "%", "share")
    before = _BEFORE.search(text, max(0, start - 5), start)
    if before is not None:
        unit = _WORDS[before[0].strip().lower()][0]
        return Amount(before.start(), end, value, unit, "money")
    is_half = text[start:end].lower() in ("half", "a half")
    after = _AFTER.match(text, end) or (
        re.compile(r"\s+(?:a|an)\s+").match(text, end) if is_half else None
    )
    if is_half and after is not None and after[0].strip(" -").lower() in ("a", "an"):
        after = _AFTER.match(text, after.end() - 1)  # "half an hour"
    if after is None and (half := _HALF.match(text, end)):
        # 三个半小时, "two and a half hours"
        later = _AFTER.match(text, half.end())
        if later is not None:
            unit, kind = _WORDS[later[0].strip(" -").lower()]
            return Amount(start, later.end(), value + 0.5, unit, kind)
    if after is None:
        return _cents(text, number) or Amount(start, end, value)
    unit, kind = _WORDS[after[0].strip(" -").lower()]
    end = after.end()
    if kind == "money":
        return _with_small(text, start, end, value, unit)
    if half := _HALF.match(text, end):
        return Amount(start, half.end(), value + 0.5, unit, kind)
    return Amount(start, end, value, unit, kind)


def _cents(text: str, number: Number) -> Amount | None:
    found = re.compile(r"\s?(cents?|pence|毛|角|分钱)(?![a-z])", re.I).match(text, number.end)
    if found is None:
        return None
    word = found[1].lower()
    unit, size = (_CENTS[word], 0.01) if word in _CENTS else ("CNY", _SMALL_MONEY[word])
    return Amount(number.start, found.end(), round(number.value * size, 4), unit, "money")


def _with_small(text: str, start: int, end: int, value: float, unit: str) -> Amount:
    """ "Twelve dollars fifty", 三块五, 十二元三角: what follows is a part of the one before."""
    if unit == "CNY" and (rest := _REST_ZH.match(text, end)):
        small = next(find_numbers(rest["small"]), None)
        if small is not None:
            size = _SMALL_MONEY.get(rest["unit"] or "", 0.1 if small.value < 10 else 0.01)
            return Amount(start, rest.end(), round(value + small.value * size, 4), unit, "money")
    if unit != "CNY" and (rest := _REST_EN.match(text, end)):
        small = next(find_numbers(rest["cents"]), None)
        if small is not None and small.end == len(rest["cents"]) and 0 < small.value < 100:
            return Amount(start, rest.end(), round(value + small.value / 100, 4), unit, "money")
    return Amount(start, end, value, unit, "money")
