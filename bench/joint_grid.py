"""The keys of bench.joint that are about speed and passes, on virtual time."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from bench.joint_virtual import (
    PROMPT,
    VOCABULARY,
    Outcome,
    Simulation,
    World,
    chain,
    colocated,
    joint,
    opening,
    stream,
    synchronous,
    trace_of,
)
from tandem.joint.device import Device
from tandem.joint.drafting import Plan
from tandem.joint.planning import Measured, plan_for
from tandem.joint.ports import Guess
from tandem.joint.replay import Dial, DialDrafter, trace_target
from tandem.joint.verifying import Bounds

ROUND_TRIPS = (0.005, 0.02, 0.05, 0.1)
ACCEPTANCES = (0.0, 0.3, 0.6, 0.8, 0.9)
FAST, SLOW = World(0.03, 0.01, 0.008), World(0.06, 0.01, 0.010)
CPU_LIKE = World(0.1, 0.7, 0.02)


@dataclass
class Adversary(DialDrafter):
    """Right until it is trusted, then wrong in the second guess of each run, then right again."""

    def _guess(self, at: int, on_path: bool) -> Guess:
        truth = self.trace[at]
        is_wrong = at // 150 % 2 == 1 and at % 3 == 1
        wrong = (truth + 1) % self.num_vocab
        return Guess(truth, wrong) if on_path and not is_wrong else Guess(wrong, None)


@dataclass
class Flip(DialDrafter):
    """Right for a while, then wrong for a while: whoever trusts its past is always late."""

    def _guess(self, at: int, on_path: bool) -> Guess:
        truth = self.trace[at]
        is_right = on_path and at // 40 % 2 == 0
        return Guess(truth if is_right else (truth + 1) % self.num_vocab, None)


def ratio(world: World, drafter: DialDrafter, num_tokens: int, draft_seconds: float) -> float:
    """Our rate over the stream's in the same world."""
    trace = list(drafter.trace)
    simulation = Simulation(world, trace_target(len(PROMPT), trace, VOCABULARY))
    device = Device(opening(1, num_tokens), draft_seconds=draft_seconds)
    seat = simulation.add(device, drafter, draft_seconds)
    simulation.run()
    return simulation.outcome(seat).rate / stream(world, num_tokens).rate


def never_slower(num_tokens: int = 1500) -> dict[str, Any]:
    """The worst ratio to the stream, over the grid and its foes."""
    trace = trace_of(num_tokens)
    cells: dict[str, float] = {}
    for world, name in ((FAST, "30 ms"), (CPU_LIKE, "CPU-like")):
        for round_trip in ROUND_TRIPS:
            for jitter in (0.0, 0.005):
                there = replace(world, round_trip=round_trip, jitter=jitter)
                where = f"{name}, RTT {round_trip * 1e3:g}, jitter {jitter * 1e3:g}"
                for acceptance in ACCEPTANCES:
                    drafter = DialDrafter(trace, VOCABULARY, Dial(acceptance))
                    got = ratio(there, drafter, num_tokens, world.draft_seconds)
                    cells[f"{where}, acceptance {acceptance}"] = got
            there = replace(world, round_trip=round_trip)
            for foe in (Adversary, Flip):
                drafter = foe(trace, VOCABULARY, Dial(1.0))
                got = ratio(there, drafter, num_tokens, world.draft_seconds)
                cells[f"{name}, RTT {round_trip * 1e3:g}, {foe.__name__.lower()}"] = got
            drafter = DialDrafter(trace, VOCABULARY, Dial(0.8))
            cells[f"{name}, RTT {round_trip * 1e3:g}, stalled"] = ratio(
                there, drafter, num_tokens, 1.0
            )
    worst = min(cells, key=cells.__getitem__)
    return {"value": cells[worst], "worst": worst, "cells": len(cells)}


@cache
def ours(there: World, num_tokens: int) -> Outcome:
    """One session at acceptance 0.8; several keys look at it."""
    return joint(there, Dial(0.8), num_tokens=num_tokens)


def speeds(world: World, num_tokens: int = 8000, *, has_peers: bool = True) -> dict[str, Any]:
    """Multiples of the stream at acceptance 0.8, and the peers' policies in the same worlds."""
    rows: list[dict[str, Any]] = []
    for round_trip in ROUND_TRIPS:
        there = replace(world, round_trip=round_trip)
        got = ours(there, num_tokens)
        rows.append(
            {
                "round_trip_ms": round_trip * 1e3,
                "ours": got.rate * world.pass_seconds,
                **(_beside(there, num_tokens) if has_peers else {}),
                "passes_per_token": got.passes / got.tokens,
                "bytes_up": got.bytes_up / got.tokens,
                "bytes_down": got.bytes_down / got.tokens,
            }
        )
    return {"value": [row["ours"] for row in rows], "rows": rows}


def _beside(there: World, num_tokens: int) -> dict[str, float]:
    """Other policies in the same world, and ours where it has less."""
    dial = Dial(0.8)
    linear = joint(there, dial, num_tokens=num_tokens, has_branches=False)
    bare = joint(there, Dial(0.8, second=0.0), num_tokens=num_tokens)
    oracle = max(synchronous(there, dial, k, 2000).rate for k in (2, 3, 4, 5, 6, 8, 10, 12))
    rates = {
        "without_branches": linear.rate,
        "runner_up_never_right": bare.rate,
        "synchronous_4": synchronous(there, dial, 4).rate,
        "synchronous_8": synchronous(there, dial, 8).rate,
        "synchronous_oracle": oracle,
        "chain": chain(there, dial).rate,
        "colocated_best": best_colocated(there, 0.8),
    }
    return {name: rate * there.pass_seconds for name, rate in rates.items()}


def best_colocated(world: World, acceptance: float) -> float:
    """The best draft length's rate."""
    return max(colocated(world, acceptance, k) for k in range(1, 17))


def beats_colocated(num_tokens: int = 6000) -> dict[str, Any]:
    """The longest round trip at which we are not behind co-located decoding, per world."""
    found: dict[str, float] = {}
    for world, name in ((FAST, "30 ms"), (SLOW, "60 ms")):
        rate = best_colocated(world, 0.8)
        found[name] = 0.0
        for round_trip in (0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.07):
            there = replace(world, round_trip=round_trip)
            if ours(there, num_tokens).rate < rate:
                break
            found[name] = round_trip * 1e3
    return {"value": min(found.values()), "worlds": found}


Planned = tuple[World, Sequence[float]]
PLANNED = ((FAST, (0.3, 0.5, 0.6, 0.8, 0.9)), (SLOW, (0.6, 0.8, 0.9)))


FEW = ((FAST, (0.3, 0.8)), (SLOW, (0.8,)))


def planner(
    num_tokens: int = 8000,
    planned: Sequence[Planned] = PLANNED,
    round_trips: Sequence[float] = ROUND_TRIPS,
) -> dict[str, Any]:
    """The planner's throughput against the best of many fixed plans, and its prediction, made from
    what was declared, against what came: the worst and the mean over worlds, round trips and
    acceptances. Beside it: the mean of the plans that the device itself made on the way.
    """
    rows: list[dict[str, Any]] = []
    for world, acceptances in planned:
        for round_trip in round_trips:
            there = replace(world, round_trip=round_trip)
            rows += [_planned(there, Dial(each), num_tokens) for each in acceptances]
    keys = ("behind_oracle", "prediction", "devices_own")
    of = {key: [abs(row[key]) for row in rows] for key in keys}
    return {
        "value": {key: max(of[key]) for key in keys[:2]},
        "mean": {key: statistics.mean(of[key]) for key in keys},
        "cells": len(rows),
        "rows": rows,
    }


def _planned(there: World, dial: Dial, num_tokens: int) -> dict[str, Any]:
    """One cell of `planner`."""
    told: list[float] = []
    chosen = joint(there, dial, num_tokens=num_tokens, prospects=told).rate
    plans = [Plan(ahead=n) for n in (4, 8, 16, 24)] + [Plan(ahead=16, hedge=False)]
    rates = [joint(there, dial, plan=each, num_tokens=num_tokens).rate for each in plans]
    rates += [synchronous(there, dial, k, num_tokens // 4).rate for k in (2, 4, 6)]
    rates.append(1.0 / there.pass_seconds)
    declared = Measured(
        there.round_trip,
        there.draft_seconds,
        there.pass_seconds,
        there.share,
        dial.acceptance,
        dial.second,
        has_branches=True,
        max_width=64,
    )
    return {
        "pass_ms": there.pass_seconds * 1e3,
        "round_trip_ms": there.round_trip * 1e3,
        "acceptance": dial.acceptance,
        "chosen": chosen * there.pass_seconds,
        "behind_oracle": max(0.0, 1.0 - chosen / max(rates)),
        "prediction": plan_for(declared).tokens_per_second / chosen - 1.0,
        "devices_own": statistics.harmonic_mean(told) / chosen - 1.0,
    }


def passes(
    num_tokens: int = 8000, economy: float = 12.0, *, has_front: bool = True
) -> dict[str, Any]:
    """Cloud passes per token in economy mode, and what else it costs; with the front of passes
    against speed that the knob gives.
    """
    rows: list[dict[str, float]] = []
    for round_trip in ROUND_TRIPS:
        there = replace(FAST, round_trip=round_trip)
        got = joint(there, Dial(0.8), economy=economy, num_tokens=num_tokens)
        rows.append(
            {
                "round_trip_ms": round_trip * 1e3,
                "passes": got.passes / got.tokens,
                "speed": got.rate * there.pass_seconds,
                "bytes_up": got.bytes_up / got.tokens,
                "bytes_down": got.bytes_down / got.tokens,
            }
        )
    front: list[dict[str, float]] = []
    for knob in (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0) if has_front else ():
        there = replace(FAST, round_trip=0.02)
        got = joint(there, Dial(0.8), economy=knob, num_tokens=num_tokens // 2)
        speed = got.rate * there.pass_seconds
        front.append({"economy": knob, "passes": got.passes / got.tokens, "speed": speed})
    worst = max(row["passes"] for row in rows)
    return {"value": worst, "economy": economy, "rows": rows, "front_at_20_ms": front}


def per_client(world: World, num: int, num_tokens: int) -> float:
    """The mean rate of `num` devices on one verifier."""
    trace = trace_of(num_tokens)
    target = trace_target(len(PROMPT), trace, VOCABULARY, has_branches=False)
    target.card = replace(target.card, num_seats=num)
    simulation = Simulation(world, target, bounds=Bounds(batch_tokens=4096))
    seats = [
        simulation.add(
            Device(opening(n, num_tokens), draft_seconds=world.draft_seconds),
            DialDrafter(trace, VOCABULARY, Dial(0.8, seed=n + 1)),
            world.draft_seconds,
        )
        for n in range(num)
    ]
    simulation.run()
    return statistics.mean(simulation.outcome(seat).rate for seat in seats)


def clients(num_tokens: int = 250, counts: Sequence[int] = (8, 24)) -> dict[str, Any]:
    """How many more devices one verifier serves than a co-located one at an equal rate per client,
    over 1 + gamma t_d / t_v.

    The co-located server drafts gamma = 4 for its whole batch (gamma t_d) and then verifies it
    (t_v). Its rate with N clients is the goal; the most devices that our verifier serves, each at
    that rate on average, count. Beside it: how many plain streams it serves at that rate.
    """
    run, world = 4, replace(FAST, round_trip=0.02)
    rows: list[dict[str, float]] = []
    for count in counts:
        verify = world.pass_seconds * (1.0 + world.share * (count * (run + 1) - 1))
        drafting = run * world.draft_seconds
        goal = sum(0.8**i for i in range(run + 1)) / (drafting + verify)
        theory = 1.0 + drafting / verify
        served = int(count * theory * 0.8)
        while per_client(world, served + 2, num_tokens) >= goal:
            served += 2
        streams = (1.0 / goal / world.pass_seconds - 1.0) / world.share + 1.0
        rows.append(
            {
                "colocated": count,
                "ours": served,
                "streams": max(0.0, streams),
                "theory": theory,
                "over": served / count / theory,
            }
        )
    return {"value": min(row["over"] for row in rows), "rows": rows}
