"""Scores of bench.privacy, as docs and notes define them.

* recall_strict: share of gold spans of which every letter and digit is masked.
* recall_any: share with at least one masked.
* precision: share of predicted spans of which at least half the characters lie in some gold span.
* f2 = 5 P R / (4 P + R) with R = recall_strict.
* clean: share of the texts with gold spans in which none is left.
* false_alarms: share of the texts without any gold span in which something was found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

Span = tuple[int, int, str]


class Score:
    """Adds up text by text."""

    def __init__(self) -> None:
        self.gold: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])  # spans, strict, any
        self.predicted = [0, 0]  # spans, right
        self.texts = [0, 0]  # with gold, clean
        self.harmless = [0, 0]  # without, with an alarm

    def add(
        self,
        text: str,
        gold: Iterable[Span],
        found: Iterable[tuple[int, int]],
        allowed: Iterable[tuple[int, int]] = (),
    ) -> None:
        """Count one text. `allowed`: what need not be found, and is right where it is."""
        gold, found = list(gold), list(found)
        masked, inside = bytearray(len(text)), bytearray(len(text))
        for start, end in found:
            masked[start:end] = b"\1" * (end - start)
        for start, end in (*((a, b) for a, b, _ in gold), *allowed):
            inside[start:end] = b"\1" * (end - start)
        self.predicted[0] += len(found)
        self.predicted[1] += sum(2 * sum(inside[a:b]) >= b - a for a, b in found)
        is_clean = True
        for start, end, kind in gold:
            letters = [masked[i] for i in range(start, end) if text[i].isalnum()]
            counts = self.gold[kind]
            counts[0] += 1
            counts[1] += all(letters)
            counts[2] += any(letters) or not letters
            is_clean = is_clean and all(letters)
        if gold:
            self.texts[0] += 1
            self.texts[1] += is_clean
        else:
            self.harmless[0] += 1
            self.harmless[1] += bool(found)

    def figures(self) -> dict[str, Any]:
        """The figures, rounded."""
        spans, strict, some = (sum(counts[i] for counts in self.gold.values()) for i in range(3))
        recall, precision = _share(strict, spans), _share(self.predicted[1], self.predicted[0])
        return {
            "f2": _rounded(f2(precision, recall)),
            "recall_strict": _rounded(recall),
            "recall_any": _rounded(_share(some, spans)),
            "precision": _rounded(precision),
            "clean": _rounded(_share(self.texts[1], self.texts[0])),
            "false_alarms": _rounded(_share(self.harmless[1], self.harmless[0])),
            "per_entity": {
                kind: {
                    "spans": counts[0],
                    "recall_strict": _rounded(counts[1] / counts[0]),
                    "recall_any": _rounded(counts[2] / counts[0]),
                }
                for kind, counts in sorted(self.gold.items())
            },
            "texts": self.texts[0] + self.harmless[0],
            "spans": spans,
        }


def f2(precision: float | None, recall: float | None) -> float | None:
    """F with recall counted twice; None where there was nothing to find or nothing found."""
    if recall is None or not precision:
        return None if recall is None else 0.0
    return 5 * precision * recall / (4 * precision + recall)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
