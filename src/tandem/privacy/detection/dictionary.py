"""The private dictionary: the people, places and numbers of the user's own contacts, calendar and
mail, and what a conversation has already shown, found in every written form.

A trie over words (Chinese: over characters), so that the time depends on the text and not on how
many contacts there are. Changes copy what they touch under a lock; a look-up takes none.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tandem.personal import Finding, Kind
from tandem.privacy.detection.view import View, folded, view_of
from tandem.privacy.detection.written_forms import Form, forms_of

_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")
_END = ""  # the key of a trie's node under which its forms lie; no token is empty
# What may stand between two words of one name; more than this is not the same name any more.
_GAP = re.compile(r"[ \t'’.,·\-_/]{0,2}|\s\n?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing the user knows: a person by all given names, a phone number, a place.

    `key` is its identity; entries of one key are added and removed together.
    """

    key: str
    kind: Kind
    values: tuple[str, ...]
    source: str = "your contacts"


class PrivateDictionary:
    """A `Known` that can be kept current. Thread-safe."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._lock = threading.Lock()
        self._trie: dict[str, Any] = {}
        self._entries: dict[str, list[Entry]] = {}
        for entry in entries:
            self.add(entry)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        """Know `entry` from now on, beside what is known of the same key."""
        with self._lock:
            known = self._entries.setdefault(entry.key, [])
            if entry in known:
                return
            known.append(entry)
            for form in forms_of(entry.kind, entry.values):
                self._insert(entry, form)

    def remove(self, key: str) -> None:
        """Forget everything of this key; nothing happens if there is nothing."""
        with self._lock:
            for entry in self._entries.pop(key, []):
                for form in forms_of(entry.kind, entry.values):
                    self._delete(entry, form)

    def matches(self, text: str) -> list[Finding]:
        """All mentions in the text as it was given, the longest at each place."""
        return self.matches_in(view_of(text))

    def matches_in(self, view: View) -> list[Finding]:
        """The same for a text that has a view already."""
        text = view.text
        tokens = [(match[0].lower(), *match.span()) for match in _TOKEN.finditer(text)]
        found: list[Finding] = []
        index = 0
        while index < len(tokens):
            if tokens[index][0] in self._trie:
                last, best = self._longest(text, tokens, index)
                if best is not None:
                    entry, form = best
                    start, end = view.span(tokens[index][1], tokens[last][2])
                    found.append(
                        Finding(start, end, entry.kind, entry.key, form.score, f"in {entry.source}")
                    )
                    index = last
            index += 1
        return found

    def _longest(
        self, text: str, tokens: list[tuple[str, int, int]], first: int
    ) -> tuple[int, tuple[Entry, Form] | None]:
        node = self._trie
        best: tuple[Entry, Form] | None = None
        last = first
        for index in range(first, len(tokens)):
            token, start, _ = tokens[index]
            if index > first and not _GAP.fullmatch(text, tokens[index - 1][2], start):
                break
            next_node = node.get(token)
            if next_node is None:
                break
            node = next_node
            for entry, form in node.get(_END, ()):
                if form.fits(text, tokens[first][1], tokens[index][2]):
                    best, last = (entry, form), index
                    break
        return last, best

    def _insert(self, entry: Entry, form: Form) -> None:
        node = self._trie
        for token in tokens_of(form.text):
            node = node.setdefault(token, {})
        if node is not self._trie:
            # The surest first: a full name of one person before a nickname of another.
            node[_END] = tuple(
                sorted((*node.get(_END, ()), (entry, form)), key=lambda item: -item[1].score)
            )

    def _delete(self, entry: Entry, form: Form) -> None:
        path: list[tuple[dict[str, Any], str]] = []
        node = self._trie
        for token in tokens_of(form.text):
            path.append((node, token))
            node = node.get(token, {})
        left = tuple(item for item in node.get(_END, ()) if item[0] != entry)
        if left:
            node[_END] = left
            return
        node.pop(_END, None)
        for parent, token in reversed(path):
            if parent.get(token):
                break
            parent.pop(token, None)


def tokens_of(text: str) -> list[str]:
    """The words of a form, as the trie knows them."""
    return [match[0].lower() for match in _TOKEN.finditer(folded(text))]
