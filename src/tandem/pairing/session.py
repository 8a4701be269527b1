"""The device's side of one session on the wall clock: a link, a drafter in a thread of its own.

The policy is `joint.device`'s; here frames move, the drafter is asked what the policy proposes, and
time passes. A session outlives its links: `over` runs it on one link, until its end or the link's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from tandem.errors import CloudTimeout, TandemError
from tandem.joint.connection import Committed
from tandem.joint.device import Device
from tandem.joint.ports import Drafter, Guess, Link
from tandem.joint.protocol import Close, Draft, Opened
from tandem.joint.wire import decode
from tandem.ports import Clock

Event = Opened | Committed | Close


class DeviceSession:
    """One session. `leaving` is told of each frame of drafts before it is sent.

    `guessed_at[position]` holds the ids that were sent as drafts for that place of the answer.
    """

    def __init__(
        self,
        device: Device,
        drafter: Drafter | None,
        clock: Clock,
        *,
        idle_seconds: float = 30.0,
        deadline: float | None = None,
        leaving: Callable[[bytes], None] = lambda frame: None,
    ) -> None:
        self.device = device
        self.guessed_at: dict[int, set[int]] = {}
        self.num_drafted = 0
        self._drafter = drafter
        self._clock = clock
        self._idle_seconds = idle_seconds
        self._deadline = deadline
        self._leaving = leaving
        self._unobserved: list[int] = list(device.connection.text)
        self._moved = asyncio.Event()
        self._link: Link | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tandem-drafter")
        if drafter is not None:
            opening = device.connection.opening
            self._thread.submit(drafter.start, opening.prompt, opening.draw)

    async def over(self, link: Link) -> AsyncGenerator[Event, None]:
        """What the cloud says over this link, until the session or the link ends.

        Raises `CloudTimeout` at the deadline.
        """
        self._link = link
        self.device.link_made(self._clock.monotonic())
        self._flush(link)
        drafting = asyncio.ensure_future(self._draft(link))
        frames = asyncio.ensure_future(link.receive())
        heard = self._clock.monotonic()
        try:
            while True:
                done, _ = await asyncio.wait({frames}, timeout=self._patience())
                now = self._clock.monotonic()
                if not done:
                    if now - heard > self._idle_seconds:
                        return
                    self.device.tick(now)
                    self._flush(link)
                    continue
                frame, heard = frames.result(), now
                if frame is None:
                    return
                frames = asyncio.ensure_future(link.receive())
                for event in self._received(frame, link, now):
                    yield event
                    if isinstance(event, Close):
                        return
        finally:
            frames.cancel()
            with suppress(asyncio.CancelledError):
                await frames
            await self._end_drafting(drafting)

    def cancel(self, link: Link) -> None:
        """The user wants no more: say so, as far as the link goes."""
        if self.device.connection.closed is None:
            self.device.connection.close("cancelled")
            self._flush(link)

    async def alone(self, num: int) -> list[int]:
        """The drafter goes on by itself: its own next tokens, which no cloud has verified."""
        if self._drafter is None:
            return []
        observed, self._unobserved = self._unobserved, []
        guesses, _ = await self._in_thread(observed, (), num)
        ids = [guess.token for guess in guesses]
        self._unobserved += ids
        return ids

    async def aclose(self) -> None:
        """End the drafter's thread; the drafter itself stays the caller's."""
        if self._drafter is not None:
            self._drafter.stop()
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)

    # --- frames ----------------------------------------------------------------------------------

    def _patience(self) -> float:
        """Seconds until something has to happen though nothing was heard."""
        now = self._clock.monotonic()
        until = self.device.wake_at()
        if self._deadline is not None:
            if now >= self._deadline:
                raise CloudTimeout("The answer did not come in time.", remedy="Give it more time.")
            until = min(until, self._deadline)
        return max(0.01, until - now)

    def _received(self, frame: bytes, link: Link, now: float) -> list[Event]:
        events = self.device.receive(frame, now)
        for event in events:
            if isinstance(event, Committed):
                self._unobserved += event.ids
        self._flush(link)
        self._moved.set()
        return events

    def _flush(self, link: Link) -> None:
        for frame in self.device.outgoing(self._clock.monotonic()):
            self._note(frame)
            link.send(frame)

    def _note(self, frame: bytes) -> None:
        """Keep which ids were drafted for which place, for marks and receipts."""
        message = decode(frame, "device", self.device.connection.limits)
        if not isinstance(message, Draft) or not message.chains:
            return
        self._leaving(frame)
        for chain in message.chains:
            self.num_drafted += len(chain.ids)
            for position, token in enumerate(chain.ids, chain.start):
                self.guessed_at.setdefault(position, set()).add(token)

    # --- the drafter -----------------------------------------------------------------------------

    async def _end_drafting(self, drafting: asyncio.Future[None]) -> None:
        """Let the guess that is being made end: a cancelled one could lose what was observed."""
        self._link = None
        self._moved.set()
        if self._drafter is not None:
            self._drafter.stop()
        await drafting

    async def _draft(self, link: Link) -> None:
        """Guess for as long as the policy has something to guess. A drafter that fails is not asked
        again in this session: the cloud goes on by itself."""
        while self._drafter is not None and self._link is link:
            proposal = None if link.is_congested else self.device.next()
            if proposal is None:
                await self._moved.wait()
                self._moved.clear()
                continue
            observed, self._unobserved = self._unobserved, []
            try:
                path, num = proposal.path, proposal.num
                guesses, seconds = await self._in_thread(observed, path, num)
            except TandemError:
                self._drafter = None
                return
            self.device.drafted(proposal, guesses, seconds)
            if self._link is link:
                self._flush(link)

    async def _in_thread(
        self, observed: list[int], path: Sequence[int], num: int
    ) -> tuple[list[Guess], float]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._guessed, observed, path, num)

    def _guessed(
        self, observed: list[int], path: Sequence[int], num: int
    ) -> tuple[list[Guess], float]:
        """In the drafter's thread."""
        assert self._drafter is not None
        started = self._clock.monotonic()
        if observed:
            self._drafter.observe(observed)
        guesses = self._drafter.propose(path, num)
        return guesses, self._clock.monotonic() - started
