"""Chinese characters to pinyin, and pinyin cut into syllables. The table is pypinyin's (MIT)."""

from __future__ import annotations

import functools
from importlib import resources

# Readings that these have as family names only.
_AS_FAMILY = {"曾": "zeng", "单": "shan", "解": "xie", "查": "zha", "任": "ren", "仇": "qiu", "区": "ou",
              "尉": "yu", "翟": "zhai", "盖": "ge", "朴": "piao", "缪": "miao", "宓": "mi", "乐": "yue"}  # fmt: skip


@functools.cache
def _table() -> dict[str, str]:
    file = resources.files("tandem.privacy.detection") / "pinyin.txt"
    lines = (line.split() for line in file.read_text(encoding="utf-8").splitlines())
    return {char: syllable for syllable, chars in lines for char in chars}


@functools.cache
def _syllables() -> frozenset[str]:
    return frozenset(_table().values())


def pinyin_of(char: str, is_family: bool = False) -> str:
    """The most usual reading of one simplified character, without tone; "" if it is rare."""
    if is_family and char in _AS_FAMILY:
        return _AS_FAMILY[char]
    return _table().get(char, "")


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
