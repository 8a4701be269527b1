"""Joint decoding on virtual time: the product's own policies, a clock that jumps.

Cloud, link and drafter are as declared: a pass of n positions takes T1 (1 + s (n - 1)), a guess
takes t_d, a frame takes half the round trip plus jitter and its bytes' time. Everything else is the
code that runs on the wall clock.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from tandem.joint.connection import Committed
from tandem.joint.coupling import Draw
from tandem.joint.device import Device
from tandem.joint.drafting import Plan, Proposal
from tandem.joint.passes import Pass, Rest, Work, perform
from tandem.joint.ports import Drafter, Guess, Target
from tandem.joint.protocol import Close, Open, id_bits
from tandem.joint.replay import FINGERPRINT, Dial, DialDrafter, trace_target
from tandem.joint.verifying import Bounds, Line, Verifier

VOCABULARY = 4096
PROMPT = (1, 2, 3, 4)
UP_FRAMING, DOWN_FRAMING = 6, 2  # a WebSocket header of a short frame, with and without mask


@dataclass(frozen=True, slots=True)
class World:
    """What is declared. Times in seconds."""

    pass_seconds: float = 0.03
    share: float = 0.01
    draft_seconds: float = 0.008
    round_trip: float = 0.02
    jitter: float = 0.0  # mean of an exponential, each way; frames keep their order
    stall_chance: float = 0.0  # of a frame that is held up
    stall_seconds: float = 0.2
    bytes_per_second: float = 0.0  # 0: no limit
    fault_chance: float = 0.0  # of a frame that is doubled, of one dropped, of one that comes late
    seed: int = 1


@dataclass(slots=True)
class Pipe:
    """One direction of a link: frames arrive in order."""

    world: World
    rng: np.random.Generator
    clear_at: float = 0.0

    def arrival(self, now: float, num_bytes: int) -> float:
        """When a frame sent now arrives."""
        world = self.world
        delay = world.round_trip / 2
        if world.jitter:
            delay += float(self.rng.exponential(world.jitter))
        if world.stall_chance and self.rng.random() < world.stall_chance:
            delay += world.stall_seconds
        if world.bytes_per_second:
            delay += num_bytes / world.bytes_per_second
        self.clear_at = max(self.clear_at, now + delay)
        return self.clear_at

    def arrivals(self, now: float, num_bytes: int) -> list[float]:
        """The same with faults: none, one or two arrivals, perhaps out of order."""
        when = self.arrival(now, num_bytes)
        chance = self.world.fault_chance
        if not chance:
            return [when]
        kind = self.rng.random() / chance
        late = when + float(self.rng.exponential(2.0 * self.world.pass_seconds))
        return [when, late] if kind < 1 else [] if kind < 2 else [late] if kind < 3 else [when]


@dataclass(slots=True)
class Outcome:
    """What a run gave."""

    tokens: int
    seconds: float  # from the first committed token to the last, as the device sees them
    passes: int
    positions: int
    bytes_up: int
    bytes_down: int
    arrivals: list[tuple[float, int]]  # when, how many
    text: list[int]

    @property
    def rate(self) -> float:
        """Tokens per second after the first."""
        return (self.tokens - self.arrivals[0][1]) / self.seconds


@dataclass(slots=True)
class _Seat:
    """One device in the simulation."""

    device: Device
    drafter: Drafter
    line: Line
    up: Pipe
    down: Pipe
    draft_seconds: float
    proposal: Proposal | None = None  # what is being guessed
    frames_up: int = 0
    frames_down: int = 0
    arrivals: list[tuple[float, int]] = field(default_factory=list)
    closed: Close | None = None


class Simulation:
    """An event loop on virtual time."""

    def __init__(self, world: World, target: Target, *, bounds: Bounds | None = None) -> None:
        self.world = world
        self.target = target
        self.now = 0.0
        self.verifier = Verifier(
            target.card,
            bounds=bounds,
            pass_seconds=world.pass_seconds,
            position_share=world.share,
            is_time_known=True,
        )
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._is_busy = False
        self._life = 0  # verifiers before this one
        self._wake = math.inf
        self._seats: list[_Seat] = []
        self._cut: set[Line] = set()
        self._rng = np.random.default_rng(world.seed)

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Do something later."""
        heapq.heappush(self._events, (when, next(self._count), action))

    def add(self, device: Device, drafter: Drafter, draft_seconds: float) -> _Seat:
        """A device joins."""
        seeds = [np.random.default_rng(int(self._rng.integers(1 << 62))) for _ in range(2)]
        up, down = (Pipe(self.world, rng) for rng in seeds)
        seat = _Seat(device, drafter, self.verifier.connect(self.now), up, down, draft_seconds)
        self._seats.append(seat)
        opening = device.connection.opening
        drafter.start(opening.prompt, opening.draw)
        device.link_made(self.now)
        self._flush_device(seat)
        self._watch(seat)
        return seat

    def _watch(self, seat: _Seat) -> None:
        """The device's timer: asks again after silence."""
        if seat.closed is None:
            seat.device.tick(self.now)
            self._flush_device(seat)
            self.at(seat.device.silent_until() + 1e-6, lambda: self._watch(seat))

    def cut(self, seat: _Seat, seconds: float) -> None:
        """The link breaks now, with all that is under way; a new one is made after a while."""
        self._cut.add(seat.line)
        self.verifier.disconnect(seat.line, self.now)
        self.at(self.now + seconds, lambda: self._linked(seat))

    def replace_verifier(self, target: Target) -> None:
        """The verifier dies and another takes its place, knowing nothing."""
        self.target = target
        self.verifier = Verifier(
            target.card,
            pass_seconds=self.world.pass_seconds,
            position_share=self.world.share,
            is_time_known=True,
        )
        self._life += 1
        self._is_busy, self._wake = False, math.inf
        for seat in self._seats:
            self._cut.add(seat.line)
            self.at(self.now + self.world.round_trip, lambda s=seat: self._linked(s))

    def _linked(self, seat: _Seat) -> None:
        if seat.closed is None:
            seat.line = self.verifier.connect(self.now)
            seat.device.link_made(self.now)
            self._flush_device(seat)

    def run(self, until: float = float("inf")) -> None:
        """Until all sessions are over."""
        while self._events and self.now < until:
            if all(seat.closed is not None for seat in self._seats):
                return
            self.now, _, action = heapq.heappop(self._events)
            action()

    # --- the cloud -------------------------------------------------------------------------------

    def _cloud(self) -> None:
        """Give the target work, if it has none."""
        while not self._is_busy:
            work = self.verifier.next(self.now)
            if isinstance(work, Rest):
                if work.until < min(self._wake, 1e12):
                    self._wake = work.until
                    self.at(max(work.until, self.now), self._woken)
                return
            seconds = 0.0
            if isinstance(work, Pass):
                share = self.world.share * (work.num_positions - 1)
                seconds = self.world.pass_seconds * (1.0 + share)
            self._is_busy = True
            done = partial(self._done, work, seconds, self._life)
            if seconds:
                self.at(self.now + seconds, done)
            else:
                done()

    def _woken(self) -> None:
        self._wake = math.inf
        self._cloud()

    def _done(self, work: Work, seconds: float, life: int) -> None:
        if life != self._life:
            return
        self._is_busy = False
        self.verifier.settle(work, perform(self.target, work), seconds, self.now)
        self._flush_cloud()
        self._cloud()

    def _flush_cloud(self) -> None:
        for line, frames, _ in self.verifier.outgoing():
            seat = next((each for each in self._seats if each.line is line), None)
            if seat is None:
                continue
            for frame in frames:
                seat.frames_down += 1
                for when in seat.down.arrivals(self.now, len(frame) + DOWN_FRAMING):
                    self.at(when, lambda s=seat, f=frame, n=line: self._device_hears(s, f, n))

    def _cloud_hears(self, seat: _Seat, frame: bytes, line: Line | None = None) -> None:
        line = line or seat.line
        if line not in self._cut:
            self.verifier.receive(line, frame, self.now)
        self._flush_cloud()
        self._cloud()

    # --- the device ------------------------------------------------------------------------------

    def _device_hears(self, seat: _Seat, frame: bytes, line: Line | None = None) -> None:
        if line in self._cut:
            return
        for event in seat.device.receive(frame, self.now):
            if isinstance(event, Close) and event.reason == "unknown_session":
                seat.device.connection.start_over()
                seat.device.link_made(self.now)
            elif isinstance(event, Close):
                seat.closed = event
            elif isinstance(event, Committed):
                seat.arrivals.append((self.now, len(event.ids)))
                seat.drafter.observe(event.ids)
        if seat.proposal is not None and seat.device.drafting.is_stale(seat.proposal):
            seat.proposal = None  # the drafter is stopped
        self._flush_device(seat)
        self._draft(seat)

    def _draft(self, seat: _Seat) -> None:
        if seat.proposal is not None or seat.closed is not None:
            return
        proposal = seat.device.next()
        if proposal is None:
            return
        guesses = seat.drafter.propose(proposal.path, proposal.num)
        seat.proposal = proposal
        seconds = seat.draft_seconds
        self.at(self.now + seconds, lambda: self._drafted(seat, proposal, guesses, seconds))

    def _drafted(
        self, seat: _Seat, proposal: Proposal, guesses: list[Guess], seconds: float
    ) -> None:
        if seat.proposal is not proposal:
            return
        seat.proposal = None
        seat.device.drafted(proposal, guesses, seconds)
        self._flush_device(seat)
        self._draft(seat)

    def _flush_device(self, seat: _Seat) -> None:
        for frame in seat.device.outgoing(self.now):
            seat.frames_up += 1
            for when in seat.up.arrivals(self.now, len(frame) + UP_FRAMING):
                self.at(when, lambda f=frame, n=seat.line: self._cloud_hears(seat, f, n))
        hold_until = seat.device.hold_until
        if hold_until < math.inf:
            self.at(hold_until + 1e-9, lambda: self._release(seat, hold_until))

    def _release(self, seat: _Seat, hold_until: float) -> None:
        if seat.device.hold_until == hold_until:
            self._flush_device(seat)

    def outcome(self, seat: _Seat) -> Outcome:
        """What a finished session gave."""
        connection = seat.device.connection
        closed = seat.closed or Close("fault")
        first, last = seat.arrivals[0][0], seat.arrivals[-1][0]
        return Outcome(
            len(connection.text),
            last - first,
            closed.passes,
            closed.positions,
            connection.bytes_sent + seat.frames_up * UP_FRAMING,
            connection.bytes_received + seat.frames_down * DOWN_FRAMING,
            seat.arrivals,
            connection.text,
        )


def trace_of(num: int, seed: int = 5) -> list[int]:
    """Ids as a target might say them."""
    return [int(x) for x in np.random.default_rng(seed).integers(0, VOCABULARY, num)]


def opening(
    number: int, num_tokens: int, *, economy: float = 0.0, draw: Draw | None = None
) -> Open:
    """A session's first message."""
    name = number.to_bytes(16, "big")
    return Open(
        name,
        FINGERPRINT,
        draw or Draw(),
        PROMPT,
        max_tokens=num_tokens,
        economy=economy,
        id_bits=id_bits(VOCABULARY),
    )


def joint(
    world: World,
    dial: Dial,
    *,
    plan: Plan | None = None,
    economy: float = 0.0,
    num_tokens: int = 6000,
    has_branches: bool = True,
    prospects: list[float] | None = None,
) -> Outcome:
    """One session with a dialled drafter. `plan`: fixed; without it the planner chooses, and its
    predictions (tokens per second) are added to `prospects`.
    """
    trace = trace_of(num_tokens)
    target = trace_target(len(PROMPT), trace, VOCABULARY, has_branches=has_branches)
    simulation = Simulation(world, target)
    opened = opening(1, num_tokens, economy=economy)
    device = Device(opened, fixed=plan, draft_seconds=world.draft_seconds)

    def note() -> None:
        """What the device's plan promises now, and so again."""
        if device.prospect is not None and prospects is not None:
            prospects.append(device.prospect.tokens_per_second)
        simulation.at(simulation.now + NOTE_SECONDS, note)

    if prospects is not None:
        note()
    seat = simulation.add(device, DialDrafter(trace, VOCABULARY, dial), world.draft_seconds)
    simulation.run()
    return simulation.outcome(seat)


NOTE_SECONDS = 0.5
WAITS = 1e6  # so much economy that the cloud always waits for a draft


def stream(world: World, num_tokens: int = 2000) -> Outcome:
    """The cloud's own stream."""
    return joint(world, Dial(0.0), plan=Plan(is_on=False), num_tokens=num_tokens)


def synchronous(world: World, dial: Dial, k: int, num_tokens: int = 4000) -> Outcome:
    """Draft k, wait, verify, wait: what most peers do."""
    plan = Plan(ahead=k, run=k, hedge=False)
    return joint(world, dial, plan=plan, economy=WAITS, num_tokens=num_tokens, has_branches=False)


def chain(world: World, dial: Dial, num_tokens: int = 4000) -> Outcome:
    """Draft on while the cloud verifies; the cloud waits after a miss."""
    plan = Plan(ahead=16, hedge=False)
    return joint(world, dial, plan=plan, economy=WAITS, num_tokens=num_tokens, has_branches=False)


def colocated(world: World, acceptance: float, k: int) -> float:
    """Tokens per second of draft and target in one place: E(k) / (k t_d + T(k + 1))."""
    tokens = sum(acceptance**i for i in range(k + 1))
    work = k * world.draft_seconds + world.pass_seconds * (1.0 + world.share * k)
    return tokens / work
