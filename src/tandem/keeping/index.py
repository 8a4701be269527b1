"""Words for SQLite's FTS5, Chinese included. Pure.

FTS5's own tokenizers cut at spaces, so that Chinese is one long word, and `trigram` finds no word
of two characters. So every run of Chinese, Japanese or Korean letters is written as its overlapping
pairs, plus its last letter: any word inside it is then a phrase of pairs, and one letter alone is
the beginning of a pair.
"""

from __future__ import annotations

import re

# Han, kana, hangul and their extensions.
_CJK = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f]+"
)
_WORD = re.compile(r"[^\W_]+", re.UNICODE)


def indexed(text: str) -> str:
    """The text as it is put into the index."""
    return _CJK.sub(lambda found: f" {' '.join(_pairs(found[0], is_whole=True))} ", text.casefold())


def query_for(words: str) -> str:
    """A MATCH expression that finds texts with all these words, each perhaps longer; empty if there
    is nothing to look for.
    """
    terms: list[str] = []
    for run in _CJK.findall(words):
        if len(run) == 1:
            terms.append(f'"{run}"*')
        else:
            terms.append('"' + " ".join(_pairs(run, is_whole=False)) + '"')
    terms += [f'"{word}"*' for word in _WORD.findall(_CJK.sub(" ", words.casefold()))]
    return " AND ".join(terms)


def _pairs(run: str, *, is_whole: bool) -> list[str]:
    pairs = [run[i : i + 2] for i in range(len(run) - 1)]
    return [*pairs, run[-1]] if is_whole else pairs
