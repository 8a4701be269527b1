"""Targets and drafters without a model keep the ports' promises."""

from __future__ import annotations

import numpy as np
import pytest

from tandem.joint.coupling import Doubles
from tandem.joint.replay import Dial, DialDrafter, ReplayTarget, TableDrafter, table_target
from tests.contracts.joint_contract import DrafterContract, TargetContract


def table(seed: int, num: int = 16) -> Doubles:
    """A law per last token."""
    return np.random.default_rng(seed).normal(0.0, 2.0, (num, num))


class TestTableTarget(TargetContract):
    """A table of laws is a Target."""

    @pytest.fixture
    def target(self) -> ReplayTarget:
        return table_target(table(1), num_seats=3)


class TestTableDrafter(DrafterContract):
    """A table of laws is a Drafter."""

    @pytest.fixture
    def drafter(self) -> TableDrafter:
        return TableDrafter(table(2))


class TestDialDrafter(DrafterContract):
    """A dialled drafter is a Drafter."""

    @pytest.fixture
    def drafter(self) -> DialDrafter:
        return DialDrafter([1, 2, 3] * 20, 16, Dial(0.7))


@pytest.mark.parametrize("burst", [0.0, 12.0])
@pytest.mark.parametrize("acceptance", [0.0, 0.5, 0.8, 0.95])
def test_the_dial_says_how_often_it_is_right(acceptance: float, burst: float) -> None:
    """Over a long text, acceptance and the hedge's share are what the dial says."""
    if burst and acceptance < 0.5:
        pytest.skip("bursts have at least half")
    trace = [7] * 20_000
    drafter = DialDrafter(trace, 16, Dial(acceptance, burst=burst))
    right = second = 0
    for position in range(len(trace)):
        guess = drafter.propose([], 1)[0]
        right += guess.token == 7
        second += guess.token != 7 and guess.second == 7
        drafter.observe([trace[position]])
    assert right / len(trace) == pytest.approx(acceptance, abs=0.03 if burst else 0.012)
    assert second == pytest.approx((len(trace) - right) / 2, abs=300)
