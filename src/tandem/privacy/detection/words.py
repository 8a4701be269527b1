"""Everyday Chinese words that are written like names, by the word list of jieba (rjieba).

安全 and 高兴 begin with a family name, as every fourth word does. Which of them are words is told by
how often the list has seen them. It is loaded with the first Chinese name that is in doubt: about
60 MB and an eighth of a second.
"""

from __future__ import annotations

import functools
from typing import Any

# How often the list's own corpus has a word, at least. Rarer ones are as often somebody's name.
_LEAST = 12
# What the list itself takes for a name is a word only if it is frequent: 卫星 and 孙女 against 丁玲.
_LEAST_OF_NAMES = 174
_NAME = "nr"


@functools.cache
def _list() -> Any:
    import rjieba

    return rjieba.Jieba()


@functools.lru_cache(maxsize=4096)
def is_everyday(text: str) -> bool:
    """Whether the two or three simplified characters are a word that everybody uses."""
    words = _list()
    if not 2 <= len(text) <= 3 or not words.has_word(text):
        return False
    # Of a known word this is its number in the corpus.
    number = words.suggest_freq(text)
    if words.tag(text, False)[0][1].startswith(_NAME):
        return len(text) == 2 and number >= _LEAST_OF_NAMES
    return number >= _LEAST
