"""The planner: how to draft, from what was measured. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tandem.joint.drafting import Plan


@dataclass(slots=True)
class Measured:
    """What the plan depends on. Times in seconds."""

    round_trip: float = 0.05
    draft_seconds: float = 0.01  # per guessed token
    pass_seconds: float = 0.03  # of one position
    position_share: float = 0.01  # by which each further position lengthens a pass
    acceptance: float = 0.7
    second: float = 0.4  # share of wrong guesses in which the runner-up is right
    max_width: int = 32
    economy: float = 0.0  # how many passes' time one saved pass is worth


@dataclass(frozen=True, slots=True)
class Prospect:
    """A plan and what it promises."""

    plan: Plan
    tokens_per_second: float
    passes_per_token: float


def plan_for(measured: Measured) -> Prospect:
    """(placeholder until the formulas are in)"""
    return Prospect(Plan(ahead=24), 0.0, 0.0)
