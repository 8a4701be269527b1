"""The keys of bench.joint about what must not change the text: `seeded_identical` and `cuts`."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from bench.joint_virtual import PROMPT, WAITS, Simulation, World, opening
from tandem.joint.coupling import Doubles, Draw, pick
from tandem.joint.device import Device
from tandem.joint.drafting import Plan
from tandem.joint.replay import TableDrafter, table_target

SIZE = 48


def laws(seed: int) -> Doubles:
    """A law per last token."""
    return np.random.default_rng(seed).normal(0.0, 2.0, (SIZE, SIZE))


def alone(table: Doubles, draw: Draw, num: int) -> list[int]:
    """What the target says by itself."""
    said, last = list[int](), PROMPT[-1]
    for position in range(num):
        last = pick(table[last], draw, position)
        said.append(last)
    return said


def _plan(rng: random.Random) -> tuple[Plan | None, float]:
    """A way to draft, and how much economy."""
    kind = rng.randrange(5)
    if kind == 0:
        return Plan(is_on=False), 0.0
    if kind == 1:
        run = rng.randint(1, 16)
        return Plan(ahead=run, run=run, hedge=False), WAITS
    if kind == 2:
        return Plan(ahead=rng.randint(1, 24), hedge=rng.random() < 0.5), 0.0
    return (None, 0.0) if kind == 3 else (None, 4.0)


def seeded_identical(num: int = 1000, num_tokens: int = 40) -> dict[str, Any]:
    """Runs whose text is the target's own for their seed: any drafter, draft length and round trip,
    with 5 % of frames doubled, 5 % dropped and 5 % late and out of order.
    """
    same = 0
    for at in range(num):
        rng = random.Random(at)
        table = laws(at % 20)
        draw = Draw(rng.choice([0.0, 0.7, 1.0]), rng.choice([0, 20]), seed=at // 10)
        world = World(0.03, 0.01, 0.008, rng.choice([0.005, 0.02, 0.1]), seed=at)
        simulation = Simulation(replace(world, fault_chance=0.05), table_target(table))
        plan, economy = _plan(rng)
        device = Device(opening(at, num_tokens, economy=economy, draw=draw), fixed=plan)
        noise = np.random.default_rng(at).normal(0.0, rng.choice([0.2, 1.0, 9.0]), table.shape)
        seat = simulation.add(device, TableDrafter(table + noise), 0.008)
        simulation.run(until=600.0)
        same += seat.device.connection.text == alone(table, draw, num_tokens)
    return {"value": same, "of": num}


def cuts(num: int = 1000, per_session: int = 10, num_tokens: int = 200) -> dict[str, Any]:
    """Random cuts of the link; every fifth session also loses its verifier and goes to another.
    A session survives its cuts if its text is whole and the target's own.
    """
    survived = wrong = killed = 0
    for at in range(num // per_session):
        rng = random.Random(at)
        table, draw = laws(at), Draw(rng.choice([0.0, 1.0]), seed=at)
        world = World(0.03, 0.01, 0.008, rng.choice([0.005, 0.02, 0.1]), seed=at)
        simulation = Simulation(world, table_target(table))
        device = Device(opening(at, num_tokens, draw=draw))
        noise = np.random.default_rng(at).normal(0.0, 0.7, table.shape)
        seat = simulation.add(device, TableDrafter(table + noise), 0.008)
        for _ in range(per_session):
            pause = rng.choice([0.0, 0.05, 0.5])
            simulation.at(rng.uniform(0.0, 4.0), partial(simulation.cut, seat, pause))
        if at % 5 == 0:
            killed += 1
            when = rng.uniform(0.0, 4.0)
            simulation.at(when, partial(simulation.replace_verifier, table_target(table)))
        simulation.run(until=600.0)
        expected, got = alone(table, draw, num_tokens), seat.device.connection.text
        survived += per_session * (got == expected)
        wrong += sum(a != b for a, b in zip(got, expected, strict=False))
        wrong += abs(len(got) - len(expected))
    return {
        "value": {"survived": survived, "lost_or_doubled": wrong},
        "of": num // per_session * per_session,
        "verifiers_killed": killed,
    }
