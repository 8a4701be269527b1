"""The policies on virtual time, and the planner: what bench.joint measures at length."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.joint import GOALS, reaches
from bench.joint_faults import cuts, seeded_identical
from bench.joint_grid import FAST, Adversary, ratio
from bench.joint_law import holm_passes, ids_only, law
from bench.joint_virtual import (
    VOCABULARY,
    World,
    chain,
    joint,
    stream,
    synchronous,
    trace_of,
)
from tandem.joint.drafting import Drafting, Plan
from tandem.joint.planning import Measured, in_runs, plan_for
from tandem.joint.ports import Guess
from tandem.joint.protocol import fold
from tandem.joint.replay import Dial, DialDrafter

# --- planner --------------------------------------------------------------------------------------

worlds = st.builds(
    Measured,
    round_trip=st.floats(0.001, 0.3),
    draft_seconds=st.floats(0.002, 0.05),
    pass_seconds=st.floats(0.01, 0.2),
    position_share=st.floats(0.0, 0.8),
    acceptance=st.floats(0.0, 0.97),
    has_branches=st.booleans(),
    economy=st.sampled_from([0.0, 2.0, 8.0]),
)


@settings(max_examples=25, deadline=None)
@given(worlds, st.floats(1.05, 4.0))
def test_a_longer_way_promises_no_more(measured: Measured, factor: float) -> None:
    """The promised rate falls with the round trip (passes are whole, so within 3 %)."""
    measured = replace(measured, economy=0.0)
    longer = replace(measured, round_trip=measured.round_trip * factor)
    near, far = plan_for(measured), plan_for(longer)
    assert far.tokens_per_second <= near.tokens_per_second * 1.03
    for run in (2, 8):
        assert in_runs(longer, run).tokens_per_second < in_runs(measured, run).tokens_per_second


@settings(max_examples=25, deadline=None)
@given(worlds, st.floats(0.0, 0.9))
def test_a_better_drafter_promises_no_less(measured: Measured, share: float) -> None:
    """The promised rate rises with acceptance, and is never below the stream's."""
    measured = replace(measured, economy=0.0)
    worse = replace(measured, acceptance=measured.acceptance * share)
    low, high = plan_for(worse), plan_for(measured)
    assert high.tokens_per_second >= low.tokens_per_second * 0.97
    assert high.tokens_per_second * measured.pass_seconds >= 0.999


@settings(max_examples=25, deadline=None)
@given(worlds)
def test_the_plan_never_costs_more_than_the_stream(measured: Measured) -> None:
    """Where drafting cannot pay, it is off."""
    chosen = plan_for(measured)
    stream_cost = (1.0 + measured.economy) * measured.pass_seconds
    assert chosen.cost(measured) <= stream_cost * 1.0001
    if measured.acceptance < 0.01:
        assert not chosen.plan.is_on


def test_runs_grow_with_the_round_trip() -> None:
    """In economy mode; about as its logarithm."""
    runs = [
        plan_for(Measured(round_trip=rtt, acceptance=0.8, economy=8.0)).plan.run
        for rtt in (0.005, 0.05, 0.5)
    ]
    assert runs == sorted(runs) and runs[0] > 0


# --- the tree -------------------------------------------------------------------------------------


def test_the_tree_keeps_what_was_right() -> None:
    """A right guess keeps its subtree, a wrong one the runner-up's; else all is new."""
    drafting = Drafting(Plan(ahead=8))
    first = drafting.next()
    assert first is not None and first.path == ()
    drafting.drafted(first, [Guess(5, 6), Guess(7), Guess(8)])
    (sent,) = drafting.chains(num_seconds=2)
    assert (sent.start, sent.ids, sent.seconds) == (0, (5, 7, 8), (6,))
    drafting.observe([5, 7])
    deeper = drafting.next()
    assert deeper is not None and deeper.path == (8,)
    drafting.observe([9])
    assert drafting.is_stale(deeper)
    (again,) = [drafting.next()]
    assert again is not None and again.path == ()
    drafting.drafted(again, [Guess(1)])
    (chained,) = drafting.chains()
    assert (chained.start, chained.parent) == (3, fold(0, (5, 7, 9)))


def test_what_follows_a_runner_up_is_sent_as_a_chain_of_its_own() -> None:
    """Its parent names the runner-up."""
    drafting = Drafting(Plan(ahead=1), acceptance=0.5, second=0.9)
    proposal = drafting.next()
    assert proposal is not None
    drafting.drafted(proposal, [Guess(5, 6)])
    drafting.plan = Plan(ahead=2)
    paths: list[tuple[int, ...]] = []
    while (proposal := drafting.next()) is not None:
        paths.append(proposal.path)
        drafting.drafted(proposal, [Guess(9)])
    assert paths == [(5,), (6,)]
    parents = {chain.parent: chain.ids for chain in drafting.chains()}
    assert parents == {0: (5, 9), fold(0, (6,)): (9,)}


# --- never slower, and faster ---------------------------------------------------------------------


@pytest.mark.parametrize("round_trip", [0.005, 0.1])
@pytest.mark.parametrize("acceptance", [0.0, 0.3, 0.9])
def test_never_slower_than_the_stream(round_trip: float, acceptance: float) -> None:
    """Whatever the drafter."""
    there = replace(FAST, round_trip=round_trip, jitter=0.004)
    drafter = DialDrafter(trace_of(500), VOCABULARY, Dial(acceptance))
    assert ratio(there, drafter, 500, 0.008) >= GOALS["never_slower"][0]


def test_never_slower_with_an_adversary() -> None:
    """Trusted first, then wrong where it hurts most."""
    drafter = Adversary(trace_of(600), VOCABULARY, Dial(1.0))
    assert ratio(FAST, drafter, 600, 0.008) >= GOALS["never_slower"][0]


def test_a_stalled_drafter_does_not_stop_the_cloud() -> None:
    """One guess per second, and economy wished for: still near the stream."""
    slow = replace(FAST, draft_seconds=1.0)
    got = joint(slow, Dial(0.8), economy=2.0, num_tokens=300)
    assert got.rate >= 0.8 * stream(slow, 300).rate


@pytest.mark.parametrize(("round_trip", "floor"), [(0.005, 1.8), (0.02, 1.5), (0.1, 1.1)])
def test_faster_than_the_stream(round_trip: float, floor: float) -> None:
    """Acceptance 0.8: the floors of bench.joint, with room for a shorter trace."""
    there = replace(FAST, round_trip=round_trip)
    got = joint(there, Dial(0.8), num_tokens=1500)
    assert got.rate * there.pass_seconds >= floor * 0.95
    assert got.bytes_up / got.tokens <= 17 and got.bytes_down / got.tokens <= 8


def test_never_idle_beats_what_waits() -> None:
    """At a round trip of 100 ms both other policies are slower than the stream; ours is not."""
    there = replace(FAST, round_trip=0.1)
    ours = joint(there, Dial(0.8), num_tokens=1000).rate
    assert ours > chain(there, Dial(0.8), 1000).rate > synchronous(there, Dial(0.8), 4, 1000).rate


def test_economy_saves_passes() -> None:
    """The one knob: fewer passes for fewer tokens per second."""
    saving = joint(FAST, Dial(0.8), economy=12.0, num_tokens=1500)
    assert saving.passes / saving.tokens <= GOALS["passes"][0]


# --- the text and its law -------------------------------------------------------------------------


def test_seeds_decide_the_text_over_faulty_links() -> None:
    """Any drafter, draft length, round trip; frames doubled, dropped, late."""
    got = seeded_identical(80)
    assert got["value"] == got["of"]


def test_cuts_lose_and_double_nothing() -> None:
    """Links cut at random, verifiers killed."""
    got = cuts(100)
    assert got["value"] == {"survived": got["of"], "lost_or_doubled": 0}


def test_the_law_is_the_targets() -> None:
    """10^5 draws over some pairs, and the four planted faults."""
    got = law(50_000, 12)
    assert got["value"] == "pass", got
    assert not holm_passes([0.5, 1e-9])


def test_ids_alone_lose_little() -> None:
    """Against maximal coupling."""
    assert reaches("ids_only", ids_only(10)["value"], GOALS["ids_only"][0])


def test_hostile_worlds_end() -> None:
    """Jitter, stalls and a thin line: the session comes to its end."""
    world = World(round_trip=0.05, jitter=0.02, stall_chance=0.05, bytes_per_second=20_000.0)
    assert joint(world, Dial(0.8), num_tokens=300).tokens == 300
