"""The keys of bench.joint about the law of what is said: `law` and `ids_only`.

The emitted token is the target's own draw, so its law must be the target's, whatever the drafter's.
The same tests must reject four planted faults, each of which was once shipped by somebody.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.joint_virtual import Simulation, World, opening
from tandem.clock import SystemClock
from tandem.joint.coupling import Doubles, Draw, gumbel, words
from tandem.joint.device import Device
from tandem.joint.device_loop import DeviceLoop
from tandem.joint.drafting import Plan
from tandem.joint.replay import TableDrafter, table_target
from tandem.joint.transport import PATH, connect, listening
from tandem.joint.verifier_loop import VerifierLoop
from tandem.joint.verifying import Verifier

Tokens = NDArray[np.int64]
SIZES = (2, 3, 4, 6, 8, 12, 16, 24, 32, 64)
HOLM = 1e-3
CHUNK = 50_000


@dataclass(frozen=True, slots=True)
class Pair:
    """A target's law and a drafter's."""

    target: Doubles
    drafter: Doubles
    seed: int


def pairs(num: int) -> list[Pair]:
    """Laws as language models have them: Zipf's, tempered, and a drafter that is off by some."""
    found: list[Pair] = [Pair(np.array([0.6, 0.4]), np.array([0.4, 0.6]), 1)]
    for at in range(1, num):
        rng = np.random.default_rng(at)
        size = SIZES[at % len(SIZES)]
        base = -np.log(1.0 + np.arange(size)) * rng.uniform(0.5, 2.5) + rng.normal(0, 0.3, size)
        off = base + rng.normal(0, rng.uniform(0.2, 1.5), size)
        found.append(Pair(_softmax(base), _softmax(off), at + 1))
    return found


def _softmax(x: Doubles) -> Doubles:
    weights = np.exp(x - x.max())
    return weights / weights.sum()


# --- samplers: ours, and four that are wrong ------------------------------------------------------


def noise(pair: Pair, positions: Tokens) -> Doubles:
    """The shared noise of many positions."""
    return gumbel(words(pair.seed, positions, len(pair.target)))


def ours(pair: Pair, positions: Tokens, rng: np.random.Generator) -> Tokens:
    """Draw, then compare: what is emitted is the target's draw."""
    return (np.log(pair.target) + noise(pair, positions)).argmax(axis=1)


def ratio_rule(pair: Pair, positions: Tokens, rng: np.random.Generator) -> Tokens:
    """Fault 1: the draft from shared noise, accepted by u < p/q, else the residual."""
    drafted = (np.log(pair.drafter) + noise(pair, positions)).argmax(axis=1)
    keep = rng.random(len(drafted)) < (pair.target / pair.drafter)[drafted]
    residual = np.maximum(pair.target - pair.drafter, 0.0)
    # The residual too is drawn with the shared noise, as it was shipped.
    other = (np.log(residual + 1e-300) + noise(pair, positions)).argmax(axis=1)
    return np.where(keep, drafted, other)


def resampled(pair: Pair, positions: Tokens, rng: np.random.Generator) -> Tokens:
    """Fault 2: after a rejection, a fresh draw from the target instead of the residual."""
    size = len(pair.target)
    drafted = rng.choice(size, len(positions), p=pair.drafter)
    keep = rng.random(len(drafted)) < (pair.target / pair.drafter)[drafted]
    return np.where(keep, drafted, rng.choice(size, len(positions), p=pair.target))


def no_bonus(pair: Pair, positions: Tokens, rng: np.random.Generator) -> Tokens:
    """Fault 3: after a full acceptance of two, the next token is the drafter's, unverified."""
    shared = noise(pair, positions)
    drafted = (np.log(pair.drafter) + shared).argmax(axis=1)
    own = (np.log(pair.target) + shared).argmax(axis=1)
    right = drafted == own
    follows = np.zeros(len(own), bool)
    follows[2:] = right[:-2] & right[1:-1] & (positions[2:] % 3 == 2)
    return np.where(follows, drafted, own)


def stale_noise(pair: Pair, positions: Tokens, rng: np.random.Generator) -> Tokens:
    """Fault 4: after a miss the next position uses the noise of the missed one."""
    shared = noise(pair, positions)
    drafted = (np.log(pair.drafter) + shared).argmax(axis=1)
    own = (np.log(pair.target) + shared).argmax(axis=1)
    missed = np.zeros(len(own), bool)
    missed[1:] = drafted[:-1] != own[:-1]
    before = np.concatenate((own[:1], own[:-1]))
    return np.where(missed, before, own)


Sampler = Callable[[Pair, Tokens, np.random.Generator], Tokens]
FAULTS: dict[str, Sampler] = {
    "shared noise with the ratio rule": ratio_rule,
    "a fresh draw after a rejection": resampled,
    "no bonus draw": no_bonus,
    "noise of the position before": stale_noise,
}


# --- the test -------------------------------------------------------------------------------------


def tail(statistic: float, freedom: int) -> float:
    """The chance of so large a chi-square or a larger one (Wilson and Hilferty's approximation)."""
    if freedom < 1:
        return 1.0
    third = 2.0 / (9.0 * freedom)
    z = ((statistic / freedom) ** (1.0 / 3.0) - (1.0 - third)) / math.sqrt(third)
    return 0.5 * math.erfc(z / math.sqrt(2.0))


def g_test(counts: Doubles, law: Doubles) -> float:
    """The p-value of these counts under a law; cells with an expectation below 10 are one."""
    expected = law * counts.sum()
    small = expected < 10.0
    if small.any():
        counts = np.append(counts[~small], counts[small].sum())
        expected = np.append(expected[~small], expected[small].sum())
    seen = counts > 0
    statistic = 2.0 * float((counts[seen] * np.log(counts[seen] / expected[seen])).sum())
    return tail(max(0.0, statistic), int((expected > 0).sum()) - 1)


def p_values(pair: Pair, sampler: Sampler, num: int) -> list[float]:
    """Of the tokens, and of neighbours (up to 16 tokens: a table of 256 cells)."""
    size = len(pair.target)
    single, double = np.zeros(size), np.zeros((size, size))
    rng = np.random.default_rng(pair.seed)
    for start in range(0, num, CHUNK):
        positions = np.arange(start, min(start + CHUNK, num), dtype=np.int64)
        said = sampler(pair, positions, rng)
        single += np.bincount(said, minlength=size)
        np.add.at(double, (said[:-1], said[1:]), 1)
    found = [g_test(single, pair.target)]
    if size <= 16:
        found.append(g_test(double.ravel(), np.outer(pair.target, pair.target).ravel()))
    return found


def holm_passes(values: list[float]) -> bool:
    """Whether no hypothesis is rejected at the level `HOLM`, all taken together."""
    return min(values) > HOLM / len(values)


def through_the_loop(num: int) -> list[float]:
    """The same law through messages, verifier and drafting: one session of `num` tokens."""
    pair, laws, guesses = _as_tables()
    simulation = Simulation(World(), table_target(laws))
    opened = opening(1, num, draw=Draw(1.0, seed=77))
    device = Device(replace(opened, prompt=(0,)), fixed=Plan(ahead=6))
    seat = simulation.add(device, TableDrafter(guesses), 0.008)
    simulation.run()
    return _tested(simulation.outcome(seat).text, pair)


def _as_tables() -> tuple[Pair, Doubles, Doubles]:
    """A pair's two laws, the same after every token: tables (V, V) of log-probabilities."""
    pair = pairs(8)[5]
    size = len(pair.target)
    laws = np.tile(np.log(pair.target), (size, 1))
    return pair, laws, np.tile(np.log(pair.drafter), (size, 1))


def _tested(text: list[int], pair: Pair) -> list[float]:
    """The p-values of a text's tokens and neighbours."""
    said, size = np.array(text), len(pair.target)
    double = np.zeros((size, size))
    np.add.at(double, (said[:-1], said[1:]), 1)
    single = np.bincount(said, minlength=size).astype(np.float64)
    joint_law = np.outer(pair.target, pair.target).ravel()
    return [g_test(single, pair.target), g_test(double.ravel(), joint_law)]


def through_the_socket(num: int) -> list[float]:
    """The same over a real WebSocket on loopback, with both sides' loops."""
    pair, laws, guesses = _as_tables()

    async def run() -> list[int]:
        target = table_target(laws)
        verifier = Verifier(target.card, pass_seconds=1e-5, is_time_known=True)
        cloud = VerifierLoop(target, verifier, SystemClock(), in_thread=False)
        cloud.start()
        async with listening(cloud.attend) as port:
            url = f"ws://127.0.0.1:{port}{PATH}"
            opened = replace(opening(1, num, draw=Draw(1.0, seed=78)), prompt=(0,), economy=1e6)
            device = Device(opened, fixed=Plan(ahead=6, run=4, hedge=False))
            drafter = TableDrafter(guesses)
            near = DeviceLoop(device, drafter, lambda: connect(url), SystemClock(), in_thread=False)
            async for _ in near.stream():
                pass
        await cloud.aclose()
        return device.connection.text

    text = asyncio.run(run())
    assert len(text) == num, "a session that did not end"
    return _tested(text, pair)


def law(num: int = 1_000_000, num_pairs: int = 30) -> dict[str, Any]:
    """Ours over all pairs, through the loop, and the four faults on the pair that shows them."""
    values = [value for pair in pairs(num_pairs) for value in p_values(pair, ours, num)]
    loop = through_the_loop(min(num // 10, 100_000))
    socket = through_the_socket(min(num // 20, 50_000))
    faults: dict[str, float] = {}
    for name, sampler in FAULTS.items():
        few = pairs(6)
        faults[name] = min(v for pair in few for v in p_values(pair, sampler, min(num, 200_000)))
    is_passed = holm_passes([*values, *loop, *socket]) and max(faults.values()) < 1e-12
    return {
        "value": "pass" if is_passed else "fail",
        "draws": num,
        "pairs": num_pairs,
        "tests": len(values) + len(loop) + len(socket),
        "least_p": min(values),
        "through_the_loop": loop,
        "through_the_socket": socket,
        "faults": faults,
    }


# --- ids only -------------------------------------------------------------------------------------


def match_chance(p: Doubles, q: Doubles) -> float:
    """The chance that both sides draw the same token with shared Gumbel noise:
    sum_i 1 / sum_j max(p_j / p_i, q_j / q_i) (Daliri, Musco and Suresh 2024).
    """
    total = 0.0
    for at in range(len(p)):
        total += 1.0 / float(np.maximum(p / p[at], q / q[at]).sum())
    return total


def ids_only(num_pairs: int = 40, size: int = 1024) -> dict[str, Any]:
    """Acceptance over that of maximal coupling (1 - TV), which would need q on the wire."""
    rows: dict[str, list[float]] = {"0.3": [], "0.7": [], "1.0": []}
    entropy: dict[str, list[float]] = {key: [] for key in rows}
    greedy: list[float] = []
    for at in range(num_pairs):
        rng = np.random.default_rng(at)
        logits = -rng.uniform(1.0, 1.8) * np.log(1.0 + np.arange(size)) * 1.6
        logits += rng.normal(0, 0.5, size)
        off = logits + rng.normal(0, 0.4, size)
        for key, each in rows.items():
            p, q = _softmax(logits / float(key)), _softmax(off / float(key))
            kept = p > 1e-7
            p, q = p[kept] / p[kept].sum(), q[kept] / q[kept].sum()
            most = float(np.minimum(p, q).sum())
            each.append(match_chance(p, q) / most)
            entropy[key].append(float(-(p * np.log(p)).sum()))
            if key == "1.0":
                greedy.append(match_chance(p, q) / float(p[q.argmax()]))
    mean = {key: float(np.mean(each)) for key, each in rows.items()}
    return {
        "value": {"T<=0.7": min(mean["0.3"], mean["0.7"]), "T=1": mean["1.0"]},
        "entropy_nats": {key: float(np.mean(each)) for key, each in entropy.items()},
        "over_greedy_draft_at_T=1": float(np.mean(greedy)),
        "pairs": num_pairs,
    }
