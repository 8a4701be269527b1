"""Numbers as people write and say them, English and Chinese: where they are and what they are.

"1,250.5", "twenty-five hundred", "three and a half million", "2.5k", "a dozen", "三千五百",
"两万三", "3.5万", "百分之二十" and "半". Ordinals are numbers of their own kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

_UNITS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
_SCALES = {
    "hundred": 100, "thousand": 1_000, "grand": 1_000, "million": 10**6, "billion": 10**9,
    "trillion": 10**12,
}  # fmt: skip
_COUNTS = {"dozen": 12, "half": Fraction(1, 2), "quarter": Fraction(1, 4), "couple": 2}
_SUFFIXES = {"k": 1_000, "m": 10**6, "mn": 10**6, "bn": 10**9, "b": 10**9}
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "两": 2, "俩": 2,
    "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9,
}  # fmt: skip
_PLACES = {"十": 10, "百": 100, "千": 1_000, "拾": 10, "佰": 100, "仟": 1_000}
_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}

_WORD = "|".join(sorted((*_UNITS, *_TENS, *_SCALES, *_COUNTS), key=len, reverse=True))
_ZH = "".join(_DIGITS) + "".join(_PLACES) + "".join(_MYRIADS)
_PLAIN = r"[-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[-−]?\.\d+"
_NUMBER = re.compile(
    rf"(?P<percent>百分之(?:[{_ZH}点]+|\d+(?:\.\d+)?))"
    rf"|(?P<mixed>(?<![\d.])(?:{_PLAIN})\s?[万萬亿億千百](?!\w*年)[万亿]?)"
    rf"|(?P<digits>(?<![\w.])(?:{_PLAIN})(?P<suffix>(?:k|mn?|bn?)(?![a-z])|\s?(?:hundred|thousand|million|billion|trillion|dozen)\b)?"
    r"(?P<ordinal>(?:st|nd|rd|th)\b)?)"
    rf"|(?P<zh>第?(?!一[会些下起定样般直旦边同切])(?!千万[别不要])[{_ZH}](?:[{_ZH}]*(?:点[{''.join(_DIGITS)}]+)?)(?:半(?=[万亿]))?)"
    rf"|(?P<words>\b(?:(?:a|an)\s+)?(?:minus\s+|negative\s+)?(?:{_WORD})(?:(?:[\s-]+(?:and\s+)?(?:a\s+)?|\s*-\s*)(?:{_WORD}|point(?=\s+(?:{_WORD}))))*\b)",
    re.I,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Number:
    """Characters `start` to `end` (exclusive) mean `value`; `is_ordinal` for "third" and "第三"."""

    start: int
    end: int
    value: float
    is_ordinal: bool = False

    @property
    def exact(self) -> int | float:
        """An int where it is whole."""
        return int(self.value) if self.value == int(self.value) else self.value


def find_numbers(text: str) -> Iterator[Number]:
    """All numbers of a text in their order, none inside another."""
    for match in _NUMBER.finditer(text):
        value = _value(match)
        if value is not None:
            is_ordinal = bool(match["ordinal"]) or match[0].startswith("第")
            yield Number(match.start(), match.end(), float(value), is_ordinal)


def number_of(text: str) -> int | float | None:
    """The number that the whole text is, or `None`."""
    text = text.strip()
    for number in find_numbers(text):
        return number.exact if (number.start, number.end) == (0, len(text)) else None
    return None


def _value(match: re.Match[str]) -> Fraction | int | None:
    words = match[0].lower()
    if match["percent"]:
        return _chinese(words[3:])
    if match["mixed"]:
        digits = re.match(_PLAIN, words)
        assert digits is not None
        scale = 1
        for sign in words[digits.end() :].strip():
            scale *= _MYRIADS.get(sign) or _PLACES[sign]
        return _plain(digits[0]) * scale
    if match["digits"]:
        digits = re.match(_PLAIN, words)
        assert digits is not None
        suffix = (match["suffix"] or "").strip().lower()
        return _plain(digits[0]) * (
            _SUFFIXES.get(suffix) or _SCALES.get(suffix) or _COUNTS.get(suffix) or 1
        )
    if match["zh"]:
        return _chinese(words.removeprefix("第"))
    return _english(words)


def _plain(digits: str) -> Fraction:
    return Fraction(digits.replace(",", "").replace("−", "-"))


def _english(text: str) -> Fraction | None:
    """Words to a number: groups below a thousand, each times its scale."""
    words = [word for word in re.split(r"[\s-]+", text) if word not in ("and", "a", "an", "")]
    sign = 1
    if words and words[0] in ("minus", "negative"):
        sign, words = -1, words[1:]
    if "point" in words:
        at = words.index("point")
        tail = "".join(str(_UNITS.get(word, "")) for word in words[at + 1 :])
        if not tail:
            return None
        whole = _english(" ".join(words[:at])) if at else Fraction(0)
        return None if whole is None else sign * (whole + Fraction(f"0.{tail}"))
    total, group = Fraction(0), Fraction(0)
    is_empty = True
    for index, word in enumerate(words):
        if word in _UNITS or word in _TENS:
            value = _UNITS.get(word, _TENS.get(word, 0))
            if group and group % 10 and value < 10 and not is_empty:
                return None  # "one two": digits that are read out, no number
            group += value
            is_empty = False
        elif word in _COUNTS:
            count = _COUNTS[word]
            is_share = word in ("half", "quarter") and not is_empty
            if word in ("half", "quarter") and index + 1 < len(words):
                # three and a half million: the half belongs to what follows
                group += count
            else:
                group = group + count if is_share else (group or 1) * count
            is_empty = False
        else:
            scale = _SCALES[word]
            if scale == 100:
                group = (group or 1) * 100
            else:
                total, group = total + (group or 1) * scale, Fraction(0)
            is_empty = False
    return sign * (total + group)


def _chinese(text: str) -> Fraction | None:
    """Chinese numerals, digits read out (二零二六) and a last digit of the next place (两万三)."""
    whole, _, after = text.partition("点")
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return Fraction(text)
    if after:
        tail = "".join(str(_DIGITS[sign]) for sign in after if sign in _DIGITS)
        return None if not tail else (_chinese(whole) or Fraction(0)) + Fraction(f"0.{tail}")
    if len(whole) > 1 and all(sign in _DIGITS for sign in whole):
        return Fraction(int("".join(str(_DIGITS[sign]) for sign in whole)))
    total, section, digit, last = 0, 0, 0, 0
    has_digit = False
    for sign in whole:
        if sign in _DIGITS:
            digit, has_digit = _DIGITS[sign], True
            if not digit:
                last = 0  # 一万零三: what follows a zero is what it says
        elif sign in _PLACES:
            section += (digit if has_digit else 1) * _PLACES[sign]
            last, digit, has_digit = _PLACES[sign], 0, False
        else:
            scale = _MYRIADS[sign]
            total = (
                (total + section + digit) * scale
                if scale > 10**4
                else total + (section + digit or 1) * scale
            )
            section, digit, has_digit, last = 0, 0, False, scale
    if has_digit and digit and last >= 100:
        digit = digit * last // 10
    return Fraction(total + section + digit)
