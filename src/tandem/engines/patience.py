"""Time limits around single awaits, all on one timer per request.

`asyncio.timeout` cannot stand around a `yield` (it would cancel the reader of the stream instead),
and around every read it costs more than the read. This moves one due time forward and looks at the
clock only when the timer fires. It does not know what is waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class OutOfPatience(Exception):
    """A limit was reached; `limit` names which."""

    def __init__(self, limit: str, seconds: float) -> None:
        super().__init__(f"{limit}: {seconds:g} s")
        self.limit = limit
        self.seconds = seconds


class Patience:
    """The limits of one request in one task. `close` it when the request is over."""

    def __init__(self, total_seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._total_seconds = total_seconds
        self._end = self._loop.time() + total_seconds
        self._due = self._end
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[object] | None = None
        self._is_expired = False

    async def wait(self, awaitable: Awaitable[T], limit: str, seconds: float) -> T:
        """The result, or `OutOfPatience` after `seconds` or at the end of the total time."""
        self._due = min(self._loop.time() + seconds, self._end)
        if self._timer is None or self._timer.when() > self._due:
            self._set_timer()
        task = self._task = asyncio.current_task()
        assert task is not None  # a coroutine of asyncio runs in a task
        num_cancels = task.cancelling()
        try:
            return await awaitable
        except asyncio.CancelledError:
            if not self._is_expired or task.uncancel() > num_cancels:
                raise
            is_total = self._due >= self._end
            name, length = ("total", self._total_seconds) if is_total else (limit, seconds)
            raise OutOfPatience(name, length) from None
        finally:
            self._task = None

    def close(self) -> None:
        """Forget the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self) -> None:
        self.close()
        self._timer = self._loop.call_at(self._due, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._task is None:
            return  # nobody waits: the next wait sets the timer anew
        if self._loop.time() < self._due:
            self._set_timer()
        else:
            self._is_expired = True
            self._task.cancel()
