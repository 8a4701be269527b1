"""The detector: looks at a text's view with every recognizer and settles which findings stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from tandem.personal import NOTHING_AROUND, Around, Finding
from tandem.ports import Detector
from tandem.privacy.detection.dictionary import Entry, PrivateDictionary
from tandem.privacy.detection.numbers import CardRecognizer, ChineseIdRecognizer
from tandem.privacy.detection.patterns import EmailRecognizer, PhoneRecognizer
from tandem.privacy.detection.view import View, view_of


class Recognizer(Protocol):
    """Finds some kinds in a view. Offsets point into `view.text`. Pure, thread-safe, linear."""

    def find(self, view: View, around: Around) -> Iterable[Finding]: ...


class LayeredDetector:
    """A Detector out of recognizers; what is already known comes with each call."""

    def __init__(self, recognizers: Sequence[Recognizer] | None = None) -> None:
        self._recognizers = standard_recognizers() if recognizers is None else tuple(recognizers)

    def find(self, text: str, around: Around = NOTHING_AROUND) -> list[Finding]:
        """What is personal in `text`."""
        view = view_of(text)
        found = [
            replace(item, start=start, end=end)
            for recognizer in self._recognizers
            for item in recognizer.find(view, around)
            for start, end in (view.span(item.start, item.end),)
        ]
        for known in around.known:
            found += known.matches(text)
        return settled(found)


def standard_recognizers() -> tuple[Recognizer, ...]:
    """The ones that come along."""
    return (EmailRecognizer(), PhoneRecognizer(), CardRecognizer(), ChineseIdRecognizer())


def settled(findings: Iterable[Finding]) -> list[Finding]:
    """In order and without overlap: of two that overlap the longer stands, then the surer."""
    best = sorted(findings, key=lambda item: (item.start - item.end, -item.score, item.start))
    taken: list[Finding] = []
    for item in sorted(best, key=lambda item: item.start):
        while taken and item.start < taken[-1].end and _beats(item, taken[-1]):
            taken.pop()
        if not taken or item.start >= taken[-1].end:
            taken.append(item)
    return taken


def _beats(item: Finding, other: Finding) -> bool:
    return (item.end - item.start, item.score) > (other.end - other.start, other.score)


def find_everywhere(
    detector: Detector, texts: Sequence[str], around: Around = NOTHING_AROUND
) -> list[list[Finding]]:
    """Findings for each text of a conversation; found in one is found in all, in every form.

    What `around.known` lacks is learnt from the texts themselves; keep the dictionary that
    `learnt` gives to do the same for texts that come later.
    """
    first = [detector.find(text, around) for text in texts]
    shown = PrivateDictionary()
    for text, findings in zip(texts, first, strict=True):
        learn(shown, text, findings)
    if not len(shown):
        return first
    wider = replace(around, known=(*around.known, shown))
    return [detector.find(text, wider) for text in texts]


def learn(dictionary: PrivateDictionary, text: str, findings: Iterable[Finding]) -> None:
    """Put what was found in `text` into a conversation's dictionary."""
    for item in findings:
        value = text[item.start : item.end]
        dictionary.add(Entry(item.key, item.kind, (value,), "this conversation"))
