"""What a recognizer is, and the small parts that all of them share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from tandem.personal import Around, Finding, Kind
from tandem.privacy.detection.view import View


class Recognizer(Protocol):
    """Finds some kinds in a view. Offsets point into `view.text`. Pure, thread-safe, linear."""

    def find(self, view: View, around: Around) -> Iterable[Finding]: ...


_NOT_COUNTED = re.compile(r"[\s\-.·/()（）]+")


def compact(value: str) -> str:
    """A number without its separators, in capitals."""
    return _NOT_COUNTED.sub("", value).upper()


def found(span: tuple[int, int], kind: Kind, value: str, score: float, reason: str) -> Finding:
    """A finding whose key is its value without separators."""
    return Finding(*span, kind, f"{kind}:{compact(value)}", score, reason)


def words_before(text: str, start: int, length: int = 40) -> str:
    """The few words before a place, in lower case: where its meaning is said, if at all."""
    return text[max(0, start - length) : start].lower()
