"""The device's side of a session: connection, tree of guesses and timing in one piece. Pure.

A driver moves frames, asks the drafter what `next` proposes and tells the time: `running` on the
wall clock, bench.joint on virtual time. Nothing here knows which.
"""

from __future__ import annotations

import math

from tandem.joint.connection import Committed, DeviceConnection
from tandem.joint.drafting import Drafting, Plan, Proposal
from tandem.joint.planning import Measured, Prospect, num_branches, plan_for
from tandem.joint.ports import Guess
from tandem.joint.protocol import Chain, Close, Limits, Open, Opened

_LEARN = 0.1
_ACKNOWLEDGE_TOKENS = 64  # without a draft for so long, say that we read
_SILENCE_SECONDS = 2.0  # then ask for what may have been lost
_REPLAN_TOKENS = 16
_REPLAN_SECONDS = 0.2  # a plan takes about half a millisecond
_MARGIN_SECONDS = 0.0015
_OWN_SHARE = 1.15  # by which our own drafts lengthen a pass, at most
_PROBE_EVERY = 8  # plans, while drafting is off


class Device:
    """One session. `fixed` is a plan that stays; without it the planner chooses, and again."""

    def __init__(
        self,
        opening: Open,
        *,
        fixed: Plan | None = None,
        draft_seconds: float = 0.01,
        limits: Limits | None = None,
    ) -> None:
        self.connection = DeviceConnection(opening, limits)
        self.drafting = Drafting(fixed or Plan())
        self.measured = Measured(draft_seconds=draft_seconds, economy=opening.economy)
        self._is_fixed = fixed is not None
        self._asked_at = 0.0
        self._heard_at = 0.0
        self._committed_at = 0.0
        self._said = 0  # tokens we said we hold
        self._planned_at = 0  # tokens when the plan was made
        self._planned_time = 0.0
        self._num_plans = 0
        self.prospect: Prospect | None = None  # what the plan promises
        self._interval = 0.0  # between commits, learnt: how long a pass takes
        self._unrest = 0.0  # how much that varies
        self._hold_until = math.inf

    # --- the link --------------------------------------------------------------------------------

    def link_made(self, now: float) -> None:
        """A link is there."""
        self.connection.link_made()
        self._asked_at = self._heard_at = now

    def receive(self, frame: bytes, now: float) -> list[Opened | Committed | Close]:
        """A frame from the cloud: what it brings."""
        self._heard_at = now
        events = self.connection.receive(frame)
        for event in events:
            if isinstance(event, Opened):
                self._opened(event, now)
            elif isinstance(event, Committed):
                self._committed(event, now)
        return events

    def _opened(self, opened: Opened, now: float) -> None:
        measured = self.measured
        measured.round_trip = now - self._asked_at
        measured.pass_seconds = max(1e-6, opened.pass_seconds)
        measured.position_share = opened.position_share
        measured.max_width = opened.max_width
        measured.has_branches = opened.has_branches
        self._interval, self._committed_at = measured.pass_seconds, now
        self._replan(now)

    def _committed(self, committed: Committed, now: float) -> None:
        interval, self._committed_at = now - self._committed_at, now
        error = min(interval, 3.0 * self._interval) - self._interval
        self._interval += _LEARN * error
        self._unrest += _LEARN * (abs(error) - self._unrest)
        self.drafting.observe(committed.ids)
        self.measured.acceptance = self.drafting.acceptance
        self.measured.second = self.drafting.second
        if (
            not self._is_fixed
            and self.drafting.length - self._planned_at >= _REPLAN_TOKENS
            and now - self._planned_time >= _REPLAN_SECONDS
        ):
            self._replan(now)

    def _replan(self, now: float) -> None:
        self._planned_at, self._planned_time = self.drafting.length, now
        measured, opened = self.measured, self.connection.opened
        measured.margin = _MARGIN_SECONDS + self._unrest
        # A cloud that serves many others is slower than it said; drafts lengthen a pass too.
        said = 0.0 if opened is None else opened.pass_seconds
        paced = self._interval / _OWN_SHARE if measured.economy <= 0.0 else 0.0
        measured.pass_seconds = max(1e-6, said, paced)
        self.prospect = plan_for(self.measured)
        if self._is_fixed:
            return
        self.drafting.plan = self.prospect.plan
        self._num_plans += 1
        if not self.prospect.plan.is_on and self._num_plans % _PROBE_EVERY == 0:
            # One guess per token, too late to be sent: has the drafter got better?
            self.drafting.plan = Plan(ahead=1, hedge=False)

    # --- guessing --------------------------------------------------------------------------------

    def next(self, num: int = 1) -> Proposal | None:
        """What the drafter should guess now; `None`: wait for a frame."""
        if self.connection.opened is None or self.connection.closed is not None:
            return None
        return self.drafting.next(num)

    def drafted(self, proposal: Proposal, guesses: list[Guess], seconds: float) -> None:
        """The drafter's answer, which took `seconds`."""
        self.drafting.drafted(proposal, guesses)
        if guesses:
            error = seconds / len(guesses) - self.measured.draft_seconds
            self.measured.draft_seconds += _LEARN * error

    # --- saying ----------------------------------------------------------------------------------

    def outgoing(self, now: float) -> list[bytes]:
        """Frames to send now."""
        connection = self.connection
        self._hold_until = math.inf
        if connection.opened is not None and connection.closed is None:
            chains = self._chains(now)
            if chains or len(connection.text) - self._said >= _ACKNOWLEDGE_TOKENS:
                connection.draft(chains)
                self._said = len(connection.text)
        return connection.outgoing()

    def _chains(self, now: float) -> list[Chain]:
        plan = self.drafting.plan
        if plan.run:
            is_full = self.drafting.run_length >= plan.run
            return self.drafting.chains(num_seconds=num_branches(self.measured)) if is_full else []
        if self.measured.economy <= 0.0 and self.drafting.run_length and self._holds(now):
            return []
        return self.drafting.chains(self._skip(now), num_seconds=num_branches(self.measured))

    def _holds(self, now: float) -> bool:
        """Whether what is there may wait for the next guess and still be in time for the cloud's
        next pass: one frame a pass is enough, and a frame's head costs more than an id.

        Passes begin when commits are sent, half a round trip before they come; a frame takes the
        other half.
        """
        measured, pace = self.measured, self._interval
        margin = _MARGIN_SECONDS + self._unrest
        if margin > pace / 2 or self.drafting.next() is None:
            return False
        since = now - self._committed_at + measured.round_trip + margin
        deadline = now + pace - math.fmod(since, pace)
        if now + measured.draft_seconds > deadline:
            return False
        self._hold_until = deadline
        return True

    def _skip(self, now: float) -> int:
        """Positions after the text for which a draft sent now comes too late: the cloud, which does
        not wait, has begun a pass for each of them by then.
        """
        measured = self.measured
        if measured.economy > 0.0:
            return 0
        since = now - self._committed_at + measured.round_trip - _MARGIN_SECONDS
        return max(0, math.floor(since / self._interval) + 1)

    @property
    def hold_until(self) -> float:
        """When to call `outgoing` again, at the latest: something waits for company."""
        return self._hold_until

    def silent_until(self) -> float:
        """When to call `tick`, if nothing was heard before."""
        return self._heard_at + _SILENCE_SECONDS + self.measured.round_trip

    def tick(self, now: float) -> None:
        """Nothing was heard for a while: ask for what may have been lost."""
        if now >= self.silent_until() and not self.connection.is_complete:
            self._heard_at = now
            self.connection.ask_again()
