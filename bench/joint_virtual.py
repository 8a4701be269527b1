"""Joint decoding on virtual time: the product's own policies, a clock that jumps.

Cloud, link and drafter are as declared: a pass of n positions takes T1 (1 + s (n - 1)), a guess
takes t_d, a frame takes half the round trip plus jitter and its bytes' time. Everything else is the
code that runs on the wall clock.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tandem.joint.connection import Committed
from tandem.joint.coupling import Draw
from tandem.joint.device import Device
from tandem.joint.drafting import Plan, Proposal
from tandem.joint.passes import Pass, Rest, Work, perform
from tandem.joint.ports import Drafter, Guess, Target
from tandem.joint.protocol import Close, Open
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
        self._wake = float("inf")
        self._seats: list[_Seat] = []
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
        return seat

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
                if work.until < self._wake:
                    self._wake = work.until
                    self.at(max(work.until, self.now), self._woken)
                return
            seconds = 0.0
            if isinstance(work, Pass):
                share = self.world.share * (work.num_positions - 1)
                seconds = self.world.pass_seconds * (1.0 + share)
            self._is_busy = True
            if seconds:
                self.at(self.now + seconds, lambda w=work, s=seconds: self._done(w, s))
            else:
                self._done(work, 0.0)

    def _woken(self) -> None:
        self._wake = float("inf")
        self._cloud()

    def _done(self, work: Work, seconds: float) -> None:
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
                when = seat.down.arrival(self.now, len(frame) + DOWN_FRAMING)
                self.at(when, lambda s=seat, f=frame: self._device_hears(s, f))

    def _cloud_hears(self, seat: _Seat, frame: bytes) -> None:
        self.verifier.receive(seat.line, frame, self.now)
        self._flush_cloud()
        self._cloud()

    # --- the device ------------------------------------------------------------------------------

    def _device_hears(self, seat: _Seat, frame: bytes) -> None:
        for event in seat.device.receive(frame, self.now):
            if isinstance(event, Close):
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
            when = seat.up.arrival(self.now, len(frame) + UP_FRAMING)
            self.at(when, lambda f=frame: self._cloud_hears(seat, f))

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
    return Open(name, FINGERPRINT, draw or Draw(), PROMPT, max_tokens=num_tokens, economy=economy)


def joint(
    world: World,
    dial: Dial,
    *,
    plan: Plan | None = None,
    economy: float = 0.0,
    num_tokens: int = 3000,
) -> Outcome:
    """One session with a dialled drafter."""
    trace = trace_of(num_tokens)
    simulation = Simulation(world, trace_target(len(PROMPT), trace, VOCABULARY))
    device = Device(
        opening(1, num_tokens, economy=economy), fixed=plan, draft_seconds=world.draft_seconds
    )
    seat = simulation.add(device, DialDrafter(trace, VOCABULARY, dial), world.draft_seconds)
    simulation.run()
    return simulation.outcome(seat)
