"""Five hundred generated conversations through the real door: nothing leaves, all comes back."""

from __future__ import annotations

from typing import Any

import pytest

from bench.canaries import FLOORS, run
from bench.canaries_texts import CHANNELS, canaries, planted, seen_in


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return run(500, 7, num_faults=48, num_abuses=222, num_talks=4)


def test_no_planted_value_leaves(figures: dict[str, Any]) -> None:
    """Every channel, streamed or not, with tools, errors, second tries and vectors."""
    assert figures["leaks"] == {}
    assert figures["conversations"] == 500 and figures["requests"] > 700
    assert set(figures["channels"]) == set(CHANNELS)


def test_every_request_that_left_is_on_record(figures: dict[str, Any]) -> None:
    """By the hash of its bytes, in a chain that holds."""
    assert figures["audited"] == 1.0 and figures["audit_problems"] == []


def test_nothing_leaves_after_a_fault(figures: dict[str, Any]) -> None:
    """Detector, vault, key, disk, trail."""
    assert figures["left_after_fault"] == 0 and figures["silent"] == 0
    assert len(figures["by_fault"]) > 15


def test_all_of_it_comes_back_and_only_where_it_may(figures: dict[str, Any]) -> None:
    """Copied answers equal those to the plain text; splits, mangles and abuses hold."""
    assert figures["utility"] >= FLOORS["utility"] and figures["tasks"] > 250
    assert figures["byte_equal_splits"] == 1.0
    assert figures["mangled_restored"] >= 0.99 and figures["wrong_person"] == 0
    assert figures["unapproved_restores"] == 0 and figures["approved_restored"] == 1.0


def test_the_bench_sees_what_leaves() -> None:
    """Without a guard every channel's value is seen: the bench can fail."""
    from tandem.engines.openai_schema import chat_body, dialect_from

    for number in range(len(CHANNELS)):
        each = planted(number)
        body = chat_body(each.request, "m", dialect_from("generic", "127.0.0.1"))
        assert any(seen_in(body, canary.marks) for canary in each.canaries), each.channel
    import random

    for canary in canaries(random.Random(1), 1):
        assert seen_in(canary.value.encode(), canary.marks), canary.field
