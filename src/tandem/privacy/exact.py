"""Many texts looked for in another at once, letter by letter, in time linear in the latter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")
# Shorter ones stand in too many words and numbers by chance.
MIN_LETTERS = 3
MIN_CHINESE = 2


class ExactTexts:
    """Texts by their first word. A text that begins or ends inside a word is not found."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._by_word: dict[str, list[tuple[str, str]]] = {}
        for text in set(texts):
            first = _TOKEN.search(text)
            is_cjk = first is not None and first[0] > "\u33ff"
            if first is not None and len(text) >= (MIN_CHINESE if is_cjk else MIN_LETTERS):
                self._by_word.setdefault(first[0], []).append((text, text[first.start() :]))

    def is_in(self, text: str) -> bool:
        """Whether any of them stands in `text`, from its first sign to its last."""
        return any(end - start == len(whole) for start, end, whole in self.places(text))

    def places(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where they stand: start, end, and which. They may overlap."""
        if not self._by_word:
            return
        for token in _TOKEN.finditer(text):
            for whole, wanted in self._by_word.get(token[0], ()):
                start = token.start()
                if text.startswith(wanted, start) and _ends(text, start, wanted):
                    before = len(whole) - len(wanted)
                    is_whole = text.endswith(whole[:before], 0, start)
                    yield start - before if is_whole else start, start + len(wanted), whole


def _ends(text: str, start: int, wanted: str) -> bool:
    end = start + len(wanted)
    last = wanted[-1]
    if not last.isalnum() or last > "\u33ff" or end >= len(text):
        return True
    return not text[end].isalnum() or text[end] > "\u33ff"
