"""The planner: how to draft, from what was measured. Pure.

It minimises the time per token plus `economy` pass times per cloud pass. Two ways to go on are
compared: never idle (the cloud does not wait; drafts are used when they are there) and runs (the
cloud waits for a run of k guesses). Where neither beats the cloud's own stream, drafting is off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tandem.joint.drafting import Plan

AHEAD, MOST_AHEAD = 16, 32  # guesses beyond the text; more where the way is long and they are good
RUNS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24)
WORTH = 1.01  # gains of less than this are left to the stream
_CYCLE = 40  # right guesses in a row that are looked at, fewer if that many are rare
_RARE = 1e-3


@dataclass(slots=True)
class Measured:
    """What the plan depends on. Times in seconds."""

    round_trip: float = 0.05
    draft_seconds: float = 0.01  # per guessed token
    pass_seconds: float = 0.03  # of one position
    position_share: float = 0.01  # by which each further position lengthens a pass
    acceptance: float = 0.7
    second: float = 0.4  # share of wrong guesses in which the runner-up is right
    has_branches: bool = False
    max_width: int = 32
    margin: float = 0.003  # by which drafts are sent early, to be in time
    economy: float = 0.0  # how many passes' time one saved pass is worth
    is_synchronous: bool = False  # a stock server: it knows of no draft between its rounds


@dataclass(frozen=True, slots=True)
class Prospect:
    """A plan and what it promises."""

    plan: Plan
    tokens_per_second: float
    passes_per_token: float

    def cost(self, measured: Measured) -> float:
        """Seconds per token, saved passes counted."""
        per_pass = measured.economy * measured.pass_seconds
        return 1.0 / self.tokens_per_second + per_pass * self.passes_per_token


def plan_for(measured: Measured) -> Prospect:
    """The best way to go on."""
    stream = Prospect(Plan(is_on=False), 1.0 / measured.pass_seconds, 1.0)
    ways = [] if measured.is_synchronous else [never_idle(measured)]
    if measured.economy > 0.0 or measured.is_synchronous:
        ways.append(best_run(measured))
    best = min(ways, key=lambda way: way.cost(measured))
    return best if best.cost(measured) * WORTH < stream.cost(measured) else stream


def best_run(measured: Measured) -> Prospect:
    """The best length for a cloud that waits for runs, whether or not that beats the stream."""
    ways = [in_runs(measured, k) for k in RUNS if k < measured.max_width]
    return min(ways, key=lambda way: way.cost(measured))


def never_idle(m: Measured) -> Prospect:
    """What comes of a cloud that does not wait: the mean over cycles from one miss to the next."""
    tokens = seconds = passes = 0.0
    chance = 1.0
    most = min(m.max_width, _worth(m)) - 1
    for right in range(_CYCLE):
        is_last = right == _CYCLE - 1 or chance < _RARE
        share = chance if is_last else chance * (1.0 - m.acceptance)
        cycle = _cycle(m, right, most)
        tokens, seconds, passes = (
            total + share * each
            for total, each in zip((tokens, seconds, passes), cycle, strict=True)
        )
        if is_last:
            break
        chance *= m.acceptance
    return Prospect(Plan(ahead=_ahead(m)), tokens / seconds, passes / tokens)


def _ahead(m: Measured) -> int:
    """How far to run ahead: as many guesses as fit into the way and two passes, as long as the
    last of them still has one chance in twenty."""
    needed = (m.round_trip + 2.0 * m.pass_seconds) / m.draft_seconds
    likely = math.log(0.05) / math.log(min(max(m.acceptance, 0.05), 0.99))
    return max(AHEAD, min(math.ceil(needed), math.ceil(likely), MOST_AHEAD))


def _cycle(m: Measured, right: int, most: int) -> tuple[float, float, int]:
    """Tokens, seconds and passes from a miss to the next, if `right` guesses in a row are right.

    Guess j (from 1) is at the cloud a round trip and j guesses' time after the miss; a pass takes
    those that are there by then and not behind it, `most` of them.
    """
    said, now, passes, extra = 0, 0.0, 0, 0.0
    known, told, ahead = 0, list[tuple[float, int]](), _ahead(m)
    branches = num_branches(m)
    while said <= right:
        while told and told[0][0] <= now:
            known = told.pop(0)[1]  # what the device knew when it drafted what is here by now
        there = int(max(0.0, now - m.round_trip - m.margin) / m.draft_seconds)
        there = min(there, known + ahead)
        width = max(0, min(there - said, most))
        beside = min(width, branches)
        now += m.pass_seconds * (1.0 + m.position_share * (width + beside))
        passes += 1
        if width > right - said:
            extra = m.second if right - said < branches else 0.0
        said += min(width, right - said) + 1
        told.append((now + m.round_trip, said))
    return said + extra, now, passes


def num_branches(m: Measured) -> int:
    """Beside how many of a pass's first guesses a runner-up is worth a position: the cloud's own
    rule (`Sitting.branches`)."""
    if not m.has_branches:
        return 0
    right = min(max(m.acceptance, 1e-6), 0.99)
    chance, least = (1.0 - right) * m.second, m.position_share / (1.0 - right)
    if chance <= least:
        return 0
    return 1 + math.floor(math.log(least / chance) / math.log(right)) if least > 0 else 64


def _worth(m: Measured) -> int:
    """Positions beyond which one more costs a pass more than it brings."""
    width, chance, tokens = 1, m.acceptance, 1.0
    while width < m.max_width and chance * (1.0 + m.position_share * width) > (
        m.position_share * tokens
    ):
        tokens += chance
        chance *= m.acceptance
        width += 1
    return width


def in_runs(m: Measured, k: int) -> Prospect:
    """What comes of a cloud that waits for runs of k guesses: E(k) tokens per round trip, k
    guesses and one pass of k + 1 positions, E(k) = (1 - a^(k+1)) / (1 - a).
    """
    a = min(m.acceptance, 0.999)
    tokens = (1.0 - a ** (k + 1)) / (1.0 - a)
    work = k * m.draft_seconds + m.pass_seconds * (1.0 + m.position_share * k)
    return Prospect(Plan(ahead=2 * k, run=k), tokens / (m.round_trip + work), 1.0 / tokens)
