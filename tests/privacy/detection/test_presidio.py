"""Presidio's recognizers in our detector; with the real ones where they are installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tandem.personal import Kind
from tandem.privacy.detection.detector import LayeredDetector, pattern_recognizers
from tandem.privacy.detection.presidio import PresidioRecognizer


@dataclass
class Result:
    entity_type: str
    start: int
    end: int
    score: float


class Tickets:
    """As a user writes them for Presidio."""

    supported_entities = ("ZZ_TICKET",)

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any) -> list[Result]:
        at = text.find("TKT")
        return [Result("ZZ_TICKET", at, at + 7, 0.9)] if at >= 0 else []


def test_a_recognizer_of_presidio_is_one_of_ours() -> None:
    """Its findings stand beside ours, point into the original text and have a kind."""
    plugged = PresidioRecognizer([Tickets()], {"ZZ_TICKET": Kind.REFERENCE})  # type: ignore[list-item]
    detector = LayeredDetector((*pattern_recognizers(), plugged))
    found = detector.find("see T\u200bKT1234, ann@example.org")
    assert [(item.kind, item.start, item.end) for item in found] == [
        (Kind.REFERENCE, 4, 12),
        (Kind.EMAIL, 14, 29),
    ]


def test_presidios_own_recognizers_plug_in() -> None:
    """The real thing: skipped where `tandem[presidio]` is not installed; bench.privacy's
    environment has it.
    """
    presidio = pytest.importorskip("presidio_analyzer.predefined_recognizers")
    plugged = PresidioRecognizer([presidio.EmailRecognizer(), presidio.IbanRecognizer()])
    found = LayeredDetector((plugged,)).find("ann@example.org, GB29 NWBK 6016 1331 9268 19")
    assert {item.kind for item in found} >= {Kind.EMAIL, Kind.IBAN}
