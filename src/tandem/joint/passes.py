"""What a verifier has its target do, and how it is done: draw, then compare.

The only place where a target is called; blocking, in the target's own thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from tandem.errors import TandemError
from tandem.joint.coupling import pick
from tandem.joint.ports import Rows, Step, Target
from tandem.joint.protocol import Reason
from tandem.joint.scoring import Scores, scored
from tandem.joint.sitting import Sitting, num_equal


@dataclass(frozen=True, slots=True)
class Part:
    """One session's share of a pass."""

    sitting: Sitting
    drafts: tuple[int, ...]
    branches: tuple[tuple[int, int], ...] = ()  # (at, token): beside `drafts[at]`

    @property
    def num_positions(self) -> int:
        """Positions that it costs."""
        return len(self.sitting.tail) + len(self.drafts) + len(self.branches)


@dataclass(frozen=True, slots=True)
class Pass:
    """Work: one pass over several sessions."""

    parts: tuple[Part, ...]

    @property
    def num_positions(self) -> int:
        """Positions in all."""
        return sum(part.num_positions for part in self.parts)


@dataclass(frozen=True, slots=True)
class Seating:
    """Work: take a seat for a session."""

    sitting: Sitting


@dataclass(frozen=True, slots=True)
class Prefill:
    """Work: read a part of a session's prompt."""

    sitting: Sitting
    num_tokens: int


@dataclass(frozen=True, slots=True)
class Scoring:
    """Work: read an answer that is over once more, for a judge."""

    sitting: Sitting
    reason: Reason


@dataclass(frozen=True, slots=True)
class Leaving:
    """Work: give a seat back."""

    seat: int


@dataclass(frozen=True, slots=True)
class Rest:
    """No work before that time, unless a frame comes."""

    until: float


Work = Pass | Seating | Prefill | Scoring | Leaving
Result = list[list[int]] | int | Scores | TandemError | None


def perform(target: Target, work: Work) -> Result:
    """Do the work: blocking, in the target's own thread. A pass gives the new ids per session, a
    seating the seat, a prefill what is left, a scoring the scores. Errors are returned, not raised.
    """
    try:
        if isinstance(work, Pass):
            return _verified(target, work)
        if isinstance(work, Seating):
            return target.open((*work.sitting.prompt, *work.sitting.text))
        if isinstance(work, Prefill):
            return target.prefill(work.sitting.seat, work.num_tokens)
        if isinstance(work, Scoring):
            return scored(target, work.sitting)
        target.close(work.seat)
    except TandemError as error:
        return error
    return None


def _verified(target: Target, work: Pass) -> list[list[int]]:
    """Draw, then compare: accept if and only if equal."""
    steps = [_step(part) for part in work.parts]
    results: list[list[int]] = []
    for part, rows in zip(work.parts, target.advance(steps), strict=True):
        sitting = part.sitting
        ids = _said(part, rows)
        kept = num_equal(ids, part.drafts)  # a branch's token is not in the cache
        if kept < len(part.drafts):
            target.rollback(sitting.seat, sitting.num_cached + len(sitting.tail) + kept)
        results.append(ids)
    return results


def _step(part: Part) -> Step:
    """The tail, then drafts; a branch beside draft i hangs on the token before it."""
    tail = part.sitting.tail
    branches = [(len(tail) - 1 + at, token) for at, token in part.branches]
    return Step(part.sitting.seat, (*tail, *part.drafts), branches)


def _said(part: Part, rows: Rows) -> list[int]:
    """The target's own draws as far as the rows are known to be its own."""
    draw, start = part.sitting.opening.draw, len(part.sitting.text)
    first = len(part.sitting.tail) - 1  # the row after the tail is the first that counts
    ids: list[int] = []
    for at in range(len(part.drafts) + 1):
        token = pick(rows[first + at], draw, start + at)
        ids.append(token)
        if at == len(part.drafts) or token != part.drafts[at]:
            break
    place = (len(ids) - 1, ids[-1])
    if place in part.branches:
        row = rows[first + 1 + len(part.drafts) + part.branches.index(place)]
        ids.append(pick(row, draw, start + len(ids)))
    return ids
