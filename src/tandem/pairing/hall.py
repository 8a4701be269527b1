"""Where the cloud holds sessions: one target, one thread, all links.

The verifier's policy decides (`joint.verifying`); here is the clock, the target's own thread and the
way of frames between them. Its caches are its own, so no session can take a slot from the plain API
beside it. A fault of one session ends that session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import msgspec

from tandem.errors import DeviceFault
from tandem.joint.passes import Result, Work, perform
from tandem.joint.ports import Link, Target
from tandem.joint.verifying import Line, Verifier
from tandem.pairing.cards import CloudCard
from tandem.ports import Clock

TIDY_SECONDS = 1.0


class VerifyingHall:
    """See `tandem.serve.joint.Hall`. `free` frees the target, after the last work is done."""

    def __init__(
        self,
        target: Target,
        verifier: Verifier,
        card: CloudCard,
        clock: Clock,
        *,
        free: Callable[[], None] = lambda: None,
    ) -> None:
        self._target = target
        self._verifier = verifier
        self._clock = clock
        self._free = free
        self._links: dict[int, tuple[Line, Link]] = {}
        self._closing: set[asyncio.Future[None]] = set()
        self._wake = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tandem-target")
        self._working = asyncio.ensure_future(self._work())
        self.card = card
        self.card_json = msgspec.json.encode(card)
        self.text_print = card.text_print

    @property
    def num_sessions(self) -> int:
        """Sessions that are known, those without a link included."""
        return self._verifier.num_sessions

    async def attend(self, link: Link) -> None:
        """One link, for as long as it lasts."""
        line = self._verifier.connect(self._now())
        self._links[id(line)] = (line, link)
        try:
            while (frame := await link.receive()) is not None:
                self._verifier.receive(line, frame, self._now())
                self._flush()
                if id(line) not in self._links:
                    return
                self._wake.set()
        finally:
            self._links.pop(id(line), None)
            self._verifier.disconnect(line, self._now())
            self._wake.set()

    async def aclose(self) -> None:
        """End the work and free the target. Links are the server's to close."""
        self._working.cancel()
        with suppress(asyncio.CancelledError):
            await self._working
        await asyncio.to_thread(self._thread.shutdown)
        self._free()

    # --- the work --------------------------------------------------------------------------------

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        tidy_at = self._now() + TIDY_SECONDS
        while True:
            now = self._now()
            if now >= tidy_at:
                self._verifier.tidy(now)
                self._flush()
                tidy_at = now + TIDY_SECONDS
            work = self._verifier.next(now)
            if work is None or isinstance(work, float | int):
                await self._sleep(min(tidy_at, work or tidy_at) - now)
                continue
            result, seconds = await loop.run_in_executor(self._thread, self._performed, work)
            self._verifier.settle(work, result, seconds, self._now())
            self._flush()

    def _performed(self, work: Work) -> tuple[Result, float]:
        """In the target's thread. What is no fault of a session's is the target's."""
        started = self._now()
        try:
            result = perform(self._target, work)
        except Exception as error:  # noqa: BLE001 - the thread must outlive any fault
            result = DeviceFault(f"The target failed ({type(error).__name__}).")
        return result, self._now() - started

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), max(seconds, 0.0))
        self._wake.clear()

    def _flush(self) -> None:
        """Send what the verifier has to say; let go of links that are over."""
        for line, link in self._links.values():
            line.is_congested = link.is_congested
        for line, frames, is_over in self._verifier.outgoing():
            kept = self._links.get(id(line))
            if kept is None:
                continue
            for frame in frames:
                kept[1].send(frame)
            if is_over:
                self._close(line, kept[1])

    def _close(self, line: Line, link: Link) -> None:
        self._links.pop(id(line), None)
        task = asyncio.ensure_future(link.aclose())
        # The loop keeps no reference of its own.
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _now(self) -> float:
        return self._clock.monotonic()
