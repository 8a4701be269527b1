"""Chinese characters to pinyin (xpinyin), and pinyin cut into syllables."""

from __future__ import annotations

import functools
from typing import Any

# Readings that these have as family names only.
_AS_FAMILY = {"曾": "zeng", "单": "shan", "解": "xie", "查": "zha", "任": "ren", "仇": "qiu", "区": "ou",
              "尉": "yu", "翟": "zhai", "盖": "ge", "朴": "piao", "缪": "miao", "宓": "mi", "乐": "yue"}  # fmt: skip


# Where the library has a rare reading first, and names have the other.
_IN_NAMES = {"娜": "na", "洁": "jie", "卡": "ka", "玟": "wen", "溱": "qin", "携": "xie"}
# Two bytes of GB 2312 from here to there are a character of common use.
_COMMON = range(0xB0, 0xF8), range(0xA1, 0xFF)


@functools.cache
def _library() -> Any:
    from xpinyin import Pinyin  # pyright: ignore[reportMissingTypeStubs]

    return Pinyin()


@functools.cache
def _syllables() -> frozenset[str]:
    common = (bytes((a, b)).decode("gb2312", "ignore") for a in _COMMON[0] for b in _COMMON[1])
    return frozenset(pinyin_of(char) for char in common if char) - {""}


def pinyin_of(char: str, is_family: bool = False) -> str:
    """The most usual reading of one simplified character, without tone; "" if it has none."""
    if is_family and char in _AS_FAMILY:
        return _AS_FAMILY[char]
    return _usual(char)


@functools.lru_cache(maxsize=8192)
def _usual(char: str) -> str:
    if not "\u3400" <= char <= "\u9fff":
        return ""
    if char in _IN_NAMES:
        return _IN_NAMES[char]
    reading: str = _library().get_pinyin(char, "")
    if reading == char:
        return ""
    return {"nue": "nve", "lue": "lve"}.get(reading) or reading


def syllables_of(word: str) -> list[str]:
    """A word in pinyin as syllables, the longest first at each place; [] if it is not pinyin."""
    word = word.lower().replace("ü", "v").replace("'", "")

    @functools.cache
    def cut(start: int) -> tuple[str, ...] | None:
        if start == len(word):
            return ()
        for length in range(min(6, len(word) - start), 0, -1):
            piece = word[start : start + length]
            if piece in _syllables() and (rest := cut(start + length)) is not None:
                return (piece, *rest)
        return None

    return list(cut(0) or ()) if 0 < len(word) <= 18 else []
