"""A device's session on the wall clock: a link that may break, a thread that drafts."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from tandem.errors import CloudFault, CloudUnreachable
from tandem.joint.connection import Committed
from tandem.joint.device import Device
from tandem.joint.drafting import Proposal
from tandem.joint.ports import Drafter, Guess, Link
from tandem.joint.protocol import Close
from tandem.ports import Clock

Connect = Callable[[], Awaitable[Link]]

_RETRY_SECONDS = (0.0, 0.1, 0.3, 1.0, 2.0)


class DeviceLoop:
    """Drives a `Device`: reads, drafts and reconnects.

    `connect` makes a new link, or raises `CloudFault`. After `resume_seconds` without one, `stream`
    raises `CloudUnreachable`; what was committed until then is in `device.connection.text`, and a
    new `stream` goes on from there, with this or another verifier.
    """

    def __init__(
        self,
        device: Device,
        drafter: Drafter | None,
        connect: Connect,
        clock: Clock,
        *,
        resume_seconds: float = 10.0,
        in_thread: bool = True,
    ) -> None:
        self.device = device
        self._drafter = drafter
        self._connect = connect
        self._clock = clock
        self._resume_seconds = resume_seconds
        self._in_thread = in_thread
        self._link: Link | None = None
        self._awake = asyncio.Event()
        self._has_flushed = asyncio.Event()
        self._events: asyncio.Queue[Committed | Close | CloudFault] = asyncio.Queue()
        self._proposal: Proposal | None = None
        self._unobserved: list[int] = []  # committed, not told to the drafter yet

    async def stream(self) -> AsyncGenerator[Committed | Close, None]:
        """New tokens as they come; a `Close` last. Raises `CloudFault` when the cloud is lost."""
        opening = self.device.connection.opening
        thread = ThreadPoolExecutor(1, "drafter") if self._drafter and self._in_thread else None
        if self._drafter is not None:
            self._drafter.start(opening.prompt, opening.draw)
            self._unobserved = list(self.device.connection.text)
        tasks = [asyncio.create_task(self._keep_linked()), asyncio.create_task(self._tick())]
        if self._drafter is not None:
            tasks.append(asyncio.create_task(self._draft(self._drafter, thread)))
        try:
            while True:
                event = await self._events.get()
                if isinstance(event, CloudFault):
                    raise event
                yield event
                if isinstance(event, Close):
                    return
        finally:
            await self._end(tasks, thread)

    async def _end(
        self, tasks: list[asyncio.Task[None]], thread: ThreadPoolExecutor | None
    ) -> None:
        self.device.connection.close()
        self._flush()
        if self._drafter is not None:
            self._drafter.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._link is not None:
            await self._link.aclose()
        if thread is not None:
            thread.shutdown(wait=True)

    # --- the link --------------------------------------------------------------------------------

    async def _keep_linked(self) -> None:
        """Make a link, read it to its end, make another."""
        try:
            while True:
                self._link = await self._linked()
                self.device.link_made(self._clock.monotonic())
                self._flush()
                await self._read(self._link)
                link, self._link = self._link, None
                await link.aclose()
        except CloudFault as fault:
            self._events.put_nowait(fault)

    async def _linked(self) -> Link:
        started = self._clock.monotonic()
        attempt = 0
        while True:
            try:
                return await self._connect()
            except CloudUnreachable as error:
                if self._clock.monotonic() - started >= self._resume_seconds:
                    raise CloudUnreachable(
                        "The verifier cannot be reached.", remedy=error.remedy
                    ) from error
            await asyncio.sleep(_RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)])
            attempt += 1

    async def _read(self, link: Link) -> None:
        while (frame := await link.receive()) is not None:
            for event in self.device.receive(frame, self._clock.monotonic()):
                if isinstance(event, Committed):
                    self._unobserved.extend(event.ids)
                    self._events.put_nowait(event)
                elif isinstance(event, Close) and not self._starts_over(event):
                    self._events.put_nowait(event)
            self._stop_stale()
            self._flush()
            self._awake.set()

    def _starts_over(self, close: Close) -> bool:
        """A verifier that does not know the session gets the whole text; the link is made anew."""
        if close.reason != "unknown_session" or self._link is None:
            return False
        self.device.connection.start_over()
        self.device.link_made(self._clock.monotonic())
        return True

    async def _tick(self) -> None:
        while True:
            until = min(self.device.hold_until, self.device.silent_until())
            self._has_flushed.clear()
            try:
                async with asyncio.timeout(max(0.001, until - self._clock.monotonic())):
                    await self._has_flushed.wait()
            except TimeoutError:
                self.device.tick(self._clock.monotonic())
                self._flush()

    def _flush(self) -> None:
        if self._link is not None:
            for frame in self.device.outgoing(self._clock.monotonic()):
                self._link.send(frame)
            if self.device.hold_until < math.inf:
                self._has_flushed.set()

    # --- the drafter -----------------------------------------------------------------------------

    def _stop_stale(self) -> None:
        proposal = self._proposal
        if proposal is not None and self._drafter and self.device.drafting.is_stale(proposal):
            self._drafter.stop()

    async def _draft(self, drafter: Drafter, thread: ThreadPoolExecutor | None) -> None:
        while True:
            # A run is of use only when it is whole, so it is guessed at once.
            self._proposal = self.device.next(max(1, self.device.drafting.plan.run))
            if self._proposal is None:
                self._awake.clear()
                await self._awake.wait()
                continue
            fresh, self._unobserved = self._unobserved, []
            started = self._clock.monotonic()
            guesses = await self._guessed(drafter, thread, fresh, self._proposal)
            seconds = self._clock.monotonic() - started
            self.device.drafted(self._proposal, guesses, seconds)
            self._proposal = None
            self._flush()

    async def _guessed(
        self,
        drafter: Drafter,
        thread: ThreadPoolExecutor | None,
        fresh: list[int],
        proposal: Proposal,
    ) -> list[Guess]:
        def guess() -> list[Guess]:
            drafter.observe(fresh)
            return drafter.propose(proposal.path, proposal.num)

        if thread is None:
            guesses = guess()
            await asyncio.sleep(0)
            return guesses
        return await asyncio.get_running_loop().run_in_executor(thread, guess)
