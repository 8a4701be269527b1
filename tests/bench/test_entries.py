"""The sentences that enter something are read no worse than when they were last measured."""

from __future__ import annotations

import json

import pytest

from bench.entries import FOLDER, faults_of


@pytest.mark.parametrize(
    ("name", "least"),
    [("first_en", 0.58), ("first_zh", 0.68), ("second_en", 0.79), ("second_zh", 0.66)],
)
def test_sentences_are_read_as_they_were(name: str, least: float) -> None:
    """Everything of an entry is right in this share of them."""
    lines = (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    right = [not list(faults_of(row)) for row in rows]
    assert sum(right) / len(right) >= least


def test_a_wrong_expectation_is_a_fault() -> None:
    """The judge is no rubber stamp: every field of a row can fail."""
    row = {
        "text": "vet friday 10 to 11 at 12 Elm Street",
        "kind": "event",
        "title": ["vet"],
        "start": "2026-10-30T10:00",
        "end": "2026-10-30T11:00",
        "place": "elm street",
    }
    assert list(faults_of(row)) == []
    wrong = {
        "title": ["dog"], "not_title": ["vet"], "kind": "task", "start": "2026-10-30T11:00",
        "end": "2026-10-30T12:00", "place": "oak", "rrule": "FREQ=DAILY", "alarm_minutes": 5,
    }  # fmt: skip
    for name, value in wrong.items():
        assert list(faults_of({**row, name: value})), name
