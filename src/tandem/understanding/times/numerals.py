"""Numbers in words, English and Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Found = tuple[int, str, int]
"""End position, symbol (INT, ORD or YEAR) and the number."""

_SMALL: dict[str, int] = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_TENS: dict[str, int] = {
    word: 10 * number
    for number, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
_TENS["fourty"] = 40
_ORDINALS: dict[str, int] = {
    word: number
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
        "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth "
        "twentieth".split(),
        start=1,
    )
}
_ORDINALS["thirtieth"] = 30
_ORDINALS["twelveth"] = 12


def english_numbers(words: Sequence[str], position: int) -> list[Found]:
    """Numbers below a hundred, ordinals below a hundred, years in words."""
    found: list[Found] = []
    below = _below_hundred(words, position)
    for end, number in below:
        found.append((end, "INT", number))
        found.append((end, "SPELT", number))
        found.extend(_year(words, end, number))
    ordinal = _ordinal(words, position)
    if ordinal is not None:
        found.append((ordinal[0], "ORD", ordinal[1]))
    return found


def _below_hundred(words: Sequence[str], position: int) -> list[tuple[int, int]]:
    word = words[position]
    if word in _SMALL:
        return [(position + 1, _SMALL[word])]
    if word not in _TENS:
        return []
    found = [(position + 1, _TENS[word])]
    after = _skip(words, position + 1, "-")
    if after < len(words) and 0 < _SMALL.get(words[after], 0) < 10:
        found.append((after + 1, _TENS[word] + _SMALL[words[after]]))
    return found


def _ordinal(words: Sequence[str], position: int) -> tuple[int, int] | None:
    word = words[position]
    if word in _ORDINALS:
        return position + 1, _ORDINALS[word]
    if word in _TENS:
        after = _skip(words, position + 1, "-")
        if after < len(words) and _ORDINALS.get(words[after], 99) < 10:
            return after + 1, _TENS[word] + _ORDINALS[words[after]]
    return None


def _skip(words: Sequence[str], position: int, *skipped: str) -> int:
    return position + 1 if position < len(words) and words[position] in skipped else position


def _year(words: Sequence[str], end: int, first: int) -> Iterator[Found]:
    """Nineteen eighty six; seventeen hundred thirty three; two thousand and twenty."""
    if end >= len(words):
        return
    if words[end] == "thousand" and first in (1, 2):
        yield from _with_rest(words, end + 1, first * 1000)
    elif words[end] == "hundred" and 10 <= first <= 20:
        yield from _with_rest(words, end + 1, first * 100)
    elif 15 <= first <= 21:
        for after, rest in _below_hundred(words, _skip(words, end, "-")):
            if rest >= 10:
                yield after, "YEAR", first * 100 + rest
        if words[end] in ("oh", "o") and end + 1 < len(words):
            digit = _SMALL.get(words[end + 1], 0)
            if 0 < digit < 10:
                yield end + 2, "YEAR", first * 100 + digit


def _with_rest(words: Sequence[str], position: int, base: int) -> Iterator[Found]:
    yield position, "YEAR", base
    after = _skip(words, position, "and")
    if after < len(words):
        for end, rest in _below_hundred(words, after):
            yield end, "YEAR", base + rest


# --- Chinese ------------------------------------------------------------------------------------

_DIGITS = {character: number for number, character in enumerate("零一二三四五六七八九")}
_DIGITS["两"] = 2
_PLACES = {"十": 10, "百": 100, "千": 1000}
_LONGEST = 8


def chinese_numbers(words: Sequence[str], position: int) -> list[Found]:
    """Every number that starts at a character: 十五, 两千一十八, and by digits 二零一八."""
    found: list[Found] = []
    end = position
    while end < len(words) and end - position < _LONGEST and _is_numeral(words[end]):
        end += 1
        characters = words[position:end]
        number = _positional(characters)
        if number is not None:
            found.append((end, "INT", number))
            if 1000 <= number < 3000:
                found.append((end, "YEAR", number))
        elif all(one in _DIGITS for one in characters):
            spelt = int("".join(str(_DIGITS[one]) for one in characters))
            if len(characters) == 4 and 1000 <= spelt < 3000:
                found.append((end, "YEAR", spelt))
            elif len(characters) == 2:
                found.append((end, "YY", spelt))
    return found


def _is_numeral(word: str) -> bool:
    return word in _DIGITS or word in _PLACES


def _positional(characters: Sequence[str]) -> int | None:
    """The value of a well-formed number below ten thousand."""
    total, digit, last = 0, None, 10_000
    for index, character in enumerate(characters):
        if character in _PLACES:
            place = _PLACES[character]
            if place >= last or (digit is None and not (place == 10 and index == 0)):
                return None
            total += (1 if digit is None else digit) * place
            digit, last = None, place
        elif character == "零":
            if digit is not None or last == 10 or (not index and len(characters) > 1):
                return None
            digit = 0 if len(characters) == 1 else None
        elif digit is None:
            digit = _DIGITS[character]
        else:
            return None
    return total + (digit or 0)
