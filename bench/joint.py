"""Joint decoding, measured: beside the cloud's stream, synchronous and co-located decoding.

    python -m bench.joint --json [--only NAME ...] [--reduced] [--wall [--slower N]]

One JSON object with these keys; each holds `value`, `floor`, `aim`, whether they are reached, the
rows behind it and the commit. Keys that are measured one by one are kept together in
bench/results/joint.json. `--reduced` is what CI runs: less of everything, nothing written, and the
exit status says whether every floor is reached.

    never_slower      worst ratio to the cloud's stream over the grid, its foes and stalls
    speed_30ms        x the stream, acceptance 0.8, T1 30 ms, 8 ms per guess, RTT 5/20/50/100
    speed_60ms        the same with T1 60 ms, 10 ms per guess
    beats_colocated   RTT in ms up to which it is not behind co-located decoding, same drafter
    planner           behind the oracle's throughput; prediction against what came
    bytes             up and down per emitted token, WebSocket framing included, RTT 20
    passes            cloud passes per token in economy mode
    greedy_identical  tokens of the real pair that differ from the target alone
    seeded_identical  runs with the target's own text, faulty links included
    law               G-tests of the sampled law, Holm at 10^-3, four planted faults
    ids_only          acceptance over maximal coupling's
    overhead          microseconds per round without models, loopback
    cuts              cuts survived; tokens lost or doubled
    clients           devices on one verifier over 1 + gamma t_d / t_v

Speeds are on virtual time; `wall` holds the same cells on the wall clock, behind the proxy.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from bench import joint_faults, joint_grid, joint_law, joint_wall
from bench.joint_grid import FAST, ROUND_TRIPS, SLOW
from bench.results_file import RESULTS, commit, write_result

Row = dict[str, Any]
NUM_FEW = 4000  # tokens of a session in the reduced set
QUIET = {"overhead"}  # says nothing on a busy machine: told in the reduced set, not judged
BELOW = {"planner", "bytes", "passes", "greedy_identical", "overhead"}  # less is better

GOALS: dict[str, tuple[Any, Any]] = {
    "never_slower": (0.97, 0.99),
    "speed_30ms": ([1.8, 1.5, 1.3, 1.1], [2.0, 1.7, 1.5, 1.3]),
    "speed_60ms": ([2.2, 2.0, 1.75, 1.45], [2.45, 2.25, 1.95, 1.65]),
    "beats_colocated": (20, 50),
    "planner": (
        {"behind_oracle": 0.03, "prediction": 0.07},
        {"behind_oracle": 0.01, "prediction": 0.04},
    ),
    "bytes": ({"up": 16, "down": 8}, {"up": 8, "down": 4}),
    "passes": (0.30, 0.22),
    "greedy_identical": (0, 0),
    "seeded_identical": (1.0, 1.0),
    "law": ("pass", "pass"),
    "ids_only": ({"T<=0.7": 0.95, "T=1": 0.92}, {"T<=0.7": 0.97, "T=1": 0.95}),
    "overhead": (300, 80),
    "cuts": ({"survived": 1.0, "lost_or_doubled": 0}, {"survived": 1.0, "lost_or_doubled": 0}),
    "clients": (0.9, 1.0),
}


def speed(world: joint_grid.World, is_reduced: bool, slower: float) -> Row:
    """A list of four, and everything beside it; with `slower` above 0 on the wall clock too."""
    row = joint_grid.speeds(world, NUM_FEW if is_reduced else 12_000, has_peers=not is_reduced)
    if slower:
        worlds = [joint_grid.replace(world, round_trip=each) for each in ROUND_TRIPS]
        row["wall"] = joint_wall.on_the_wall(worlds, int(600 / slower**0.5), slower=slower)
    return row


def byte_counts(is_reduced: bool) -> Row:
    """Up and down at RTT 20, T1 30; the other cells beside it (`passes` has economy mode's)."""
    num = NUM_FEW if is_reduced else 12_000
    rows = joint_grid.speeds(FAST, num, has_peers=False)["rows"]
    rows += joint_grid.speeds(SLOW, num, has_peers=False)["rows"]
    cells = [{key: row[key] for key in ("round_trip_ms", "bytes_up", "bytes_down")} for row in rows]
    return {
        "value": {"up": cells[1]["bytes_up"], "down": cells[1]["bytes_down"]},
        "cells": cells,
        "worst": {
            "up": max(cell["bytes_up"] for cell in cells),
            "down": max(cell["bytes_down"] for cell in cells),
        },
    }


def real(name: str, is_reduced: bool) -> Row | None:
    """What the real pair gives: pocket drafts, tower verifies, through llama.cpp."""
    pair = importlib.import_module("bench.joint_real")
    if name == "greedy_identical":
        found = pair.greedy_identical(1600, per_text=100) if is_reduced else pair.greedy_identical()
        return {"value": found["differing"], **found}
    found = pair.seeded_identical(30 if is_reduced else 1000)
    return found


def seeded(is_reduced: bool) -> Row:
    """Ten thousand runs over small tables of laws; the real pair beside them."""
    found = joint_faults.seeded_identical(200 if is_reduced else 10_000)
    row: Row = {**found, "value": found["value"] / found["of"]}
    row["real_pair"] = real("seeded_identical", is_reduced)
    if row["real_pair"] is not None:
        pair = row["real_pair"]
        row["value"] = min(row["value"], pair["same"] / pair["runs"])
    return row


def cuts(is_reduced: bool) -> Row:
    """The share of cuts that was survived, and what was lost; then the same of verifiers that were
    processes and were killed in mid-answer."""
    found = joint_faults.cuts(200 if is_reduced else 1000)
    found["value"]["survived"] /= found["of"]
    killed = joint_wall.killed(2 if is_reduced else 20)
    value = found["value"]
    value["survived"] = min(value["survived"], killed["survived"] / killed["of"])
    value["lost_or_doubled"] += killed["lost_or_doubled"]
    return {**found, "processes_killed": killed}


def measures(is_reduced: bool, slower: float) -> dict[str, Callable[[], Row]]:
    """Each key's own work."""
    small = is_reduced
    return {
        "never_slower": lambda: joint_grid.never_slower(500 if small else 1500),
        "speed_30ms": lambda: speed(FAST, small, slower),
        "speed_60ms": lambda: speed(SLOW, small, slower),
        "beats_colocated": lambda: joint_grid.beats_colocated(NUM_FEW if small else 12_000),
        "planner": lambda: (
            joint_grid.planner(NUM_FEW, joint_grid.FEW, ROUND_TRIPS[::2])
            if small
            else joint_grid.planner()
        ),
        "bytes": lambda: byte_counts(small),
        "passes": lambda: (
            joint_grid.passes(NUM_FEW, has_front=False) if small else joint_grid.passes()
        ),
        "greedy_identical": lambda: real("greedy_identical", small) or {},
        "seeded_identical": lambda: seeded(small),
        "law": lambda: joint_law.law(100_000 if small else 1_000_000),
        "ids_only": joint_law.ids_only,
        "overhead": joint_wall.overhead,
        "cuts": lambda: cuts(small),
        "clients": lambda: joint_grid.clients(150 if small else 250),
    }


def reaches(name: str, value: Any, goal: Any) -> bool:
    """Whether a value, or each of its parts, is as good as the goal."""
    if isinstance(goal, dict):
        return all(
            reaches("cuts" if name == "cuts" and key == "survived" else name, value[key], each)
            if key != "lost_or_doubled"
            else value[key] <= each
            for key, each in goal.items()
        )
    if isinstance(goal, list):
        return all(reaches(name, *each) for each in zip(value, goal, strict=True))
    if isinstance(goal, str):
        return value == goal
    return value <= goal if name in BELOW else value >= goal


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.joint")
    parser.add_argument("--json", action="store_true", help="nothing but the JSON on stdout")
    parser.add_argument("--only", nargs="*", choices=list(GOALS), default=list(GOALS))
    parser.add_argument("--reduced", action="store_true", help="the set that CI runs")
    parser.add_argument("--wall", action="store_true", help="speeds on the wall clock too")
    parser.add_argument("--slower", type=float, default=1.0, help="declared times on the wall")
    parser.add_argument("--no-save", action="store_true")
    given = parser.parse_args()
    found: dict[str, Row] = {}
    for name in given.only:
        started = time.process_time()
        row = measures(given.reduced, given.slower if given.wall else 0.0)[name]()
        floor, aim = GOALS[name]
        value = row["value"]
        found[name] = {
            "value": value,
            "floor": floor,
            "aim": aim,
            "reaches_floor": reaches(name, value, floor),
            "reaches_aim": reaches(name, value, aim),
            **row,
            "cpu_seconds": round(time.process_time() - started, 1),
            **commit(),
        }
        print(f"{name}: {value} (floor {floor}, aim {aim})", file=sys.stderr, flush=True)
        if not given.no_save and not given.reduced:
            figures = {**kept(), name: found[name]}
            write_result("joint", figures, packages=["aiohttp", "msgspec", "numpy"])
    print(json.dumps(found, indent=None if given.json else 1))
    judged = {name: row for name, row in found.items() if name not in QUIET}
    failing = [name for name, row in judged.items() if not row["reaches_floor"]]
    if given.reduced and failing:
        sys.exit(f"below the floor: {', '.join(failing)}")


def kept() -> dict[str, Row]:
    """Keys measured earlier."""
    path = RESULTS / "joint.json"
    if not path.exists():
        return {}
    figures: dict[str, Row] = json.loads(path.read_text("utf-8"))["figures"]
    return figures


if __name__ == "__main__":
    main()
