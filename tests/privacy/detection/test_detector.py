"""The detector that comes along."""

from __future__ import annotations

import pytest

from tandem.personal import Around, Kind
from tandem.ports import Detector
from tandem.privacy.detection.detector import LayeredDetector, find_everywhere
from tandem.privacy.detection.dictionary import Entry, PrivateDictionary
from tests.contracts.detector_contract import DetectorContract


@pytest.fixture(scope="module")
def detector() -> Detector:
    return LayeredDetector()


class TestLayeredDetector(DetectorContract):
    """Keeps the contract."""


def test_hidden_numbers_are_found(detector: Detector) -> None:
    """Full-width digits, zero-width characters and separators hide nothing."""
    for text in ("１３８００１３８０００", "138\u200b0013\u200b8000", "138-0013-8000"):
        (item,) = detector.find(f"电话{text}。")
        assert item.kind is Kind.PHONE and item.key == "phone:+8613800138000"
        assert (item.start, item.end) == (2, 2 + len(text))


def test_found_once_is_found_everywhere(detector: Detector) -> None:
    """A person known to the dictionary keeps one key over all texts."""
    known = PrivateDictionary([Entry("person:1", Kind.PERSON, ("Song Yajing",))])
    texts = ["Ask Song Yajing.", "Yajing's shop", "song yajing"]
    for found in find_everywhere(detector, texts, Around((known,))):
        assert [item.key for item in found] == ["person:1"]


def test_a_removed_entry_is_forgotten() -> None:
    """The dictionary is kept current."""
    known = PrivateDictionary([Entry("person:1", Kind.PERSON, ("Song Yajing",))])
    known.add(Entry("person:2", Kind.PERSON, ("Song Wei",)))
    known.remove("person:1")
    assert known.matches("Song Yajing") != known.matches("Song Wei")
    assert [item.key for item in known.matches("Song Wei and Yajing")] == ["person:2"]
