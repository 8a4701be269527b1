"""A verifier on the wall clock: links come and go, one thread decodes."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from tandem.joint.passes import Rest, Result, Work, perform
from tandem.joint.ports import Link, Target
from tandem.joint.verifying import Line, Verifier
from tandem.ports import Clock

_TIDY_SECONDS = 1.0


class VerifierLoop:
    """Drives a `Verifier` and its target. `start` it, `attend` every link, `aclose` at the end.

    With `in_thread` off the target's work is done between two turns of the event loop: only for a
    target that answers at once.
    """

    def __init__(
        self, target: Target, verifier: Verifier, clock: Clock, *, in_thread: bool = True
    ) -> None:
        self.verifier = verifier
        self._target = target
        self._clock = clock
        self._links: dict[Line, Link] = {}
        self._awake = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "target") if in_thread else None
        self._task: asyncio.Task[None] | None = None
        self._tidied_at = clock.monotonic()

    def start(self) -> None:
        """Begin to decode for those who come."""
        self._task = asyncio.create_task(self._run(), name="verifier")

    async def aclose(self) -> None:
        """Stop after the pass that runs, and hang up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for link in list(self._links.values()):
            await link.aclose()
        if self._thread is not None:
            self._thread.shutdown(wait=True)

    async def attend(self, link: Link) -> None:
        """Serve one link until it is gone."""
        line = self.verifier.connect(self._clock.monotonic())
        self._links[line] = link
        try:
            while (frame := await link.receive()) is not None:
                self.verifier.receive(line, frame, self._clock.monotonic())
                self._flush()
                self._awake.set()
                if line.connection.closed is not None and line.sitting is None:
                    break
        finally:
            self._links.pop(line, None)
            self.verifier.disconnect(line, self._clock.monotonic())
            await link.aclose()

    async def _run(self) -> None:
        while True:
            now = self._clock.monotonic()
            if now - self._tidied_at > _TIDY_SECONDS:
                self._tidied_at = now
                self.verifier.tidy(now)
                self._flush()
            work = self.verifier.next(now)
            if isinstance(work, Rest):
                await self._rest(work.until - now)
                continue
            result = await self._performed(work)
            after = self._clock.monotonic()
            self.verifier.settle(work, result, after - now, after)
            self._flush()

    async def _rest(self, seconds: float) -> None:
        """Until a frame comes, or so long."""
        self._awake.clear()
        try:
            async with asyncio.timeout(max(0.0, min(seconds, _TIDY_SECONDS))):
                await self._awake.wait()
        except TimeoutError:
            pass

    async def _performed(self, work: Work) -> Result:
        if self._thread is None:
            result = perform(self._target, work)
            await asyncio.sleep(0)
            return result
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, perform, self._target, work)

    def _flush(self) -> None:
        for line, link in self._links.items():
            line.is_congested = link.is_congested
        for line, frames, _ in self.verifier.outgoing():
            link = self._links.get(line)
            if link is not None:
                for frame in frames:
                    link.send(frame)
