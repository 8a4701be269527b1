"""One jointly decoded answer as text: what is drafted, verified, stopped and marked.

The session is `joint.device_loop`'s, which reconnects by itself; here its tokens become words, and
where it ends without an end it is said whether trying again is of use.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from tandem.engines.llama_text import Text
from tandem.errors import CloudBroken, CloudBusy, CloudRejected, CloudTimeout
from tandem.joint.connection import Committed
from tandem.joint.device_loop import DeviceLoop
from tandem.joint.ports import Drafter
from tandem.joint.protocol import FINISHES, Close
from tandem.pairing.reaching import Reaching
from tandem.pairing.watching import Watch
from tandem.ports import Clock
from tandem.types import FinishReason, Mark, TextDelta

ALONE_TOKENS = 8  # guesses of the device at a time, when it is alone
# A verifier that loses a session is not asked to go on with it for ever.
MAX_RESTARTS = 8
_RESTARTS = frozenset({"unknown_session", "idle", "fault"})
_MISMATCHES = frozenset({"fingerprint", "version", "unauthorized"})


@dataclass(frozen=True, slots=True)
class Words:
    """Token ids as bytes, and which of them end an answer."""

    piece: Callable[[int], bytes]
    end_ids: frozenset[int]


class Answering:
    """One answer. `shown` is its text so far, `reason` is set when it is whole."""

    def __init__(
        self,
        loop: DeviceLoop,
        reaching: Reaching,
        watch: Watch,
        text: Text,
        words: Words,
        clock: Clock,
        deadline: float,
    ) -> None:
        self.shown = ""
        self.reason: FinishReason | None = None
        self.num_accepted = 0
        self.num_unverified = 0
        self.num_tokens = 0
        self._loop = loop
        self._reaching = reaching
        self._watch = watch
        self._text = text
        self._words = words
        self._clock = clock
        self._deadline = deadline
        self._is_stopped = False  # by a stop string
        self._is_ended = False  # by an end token; the cloud's close tells what the answer took
        self.closed: Close | None = None

    def shown_so_far(self) -> str:
        """The text that the user has seen."""
        return self.shown

    async def jointly(self) -> AsyncGenerator[TextDelta, None]:
        """The answer by joint decoding. Raises a `CloudFault` when no session can go on; the text
        so far stands."""
        for _ in range(MAX_RESTARTS):
            async with aclosing(self._session()) as deltas:
                async for delta in deltas:
                    yield delta
            if self.reason is not None:
                return
        raise CloudBroken("The cloud keeps losing the session.", remedy="Ask again.")

    async def alone(
        self, drafter: Drafter | None, max_tokens: int
    ) -> AsyncGenerator[TextDelta, None]:
        """The rest of the answer from the device's drafter alone, marked."""
        connection = self._loop.device.connection
        left = max_tokens - len(connection.text)
        if drafter is not None:
            drafter.start(connection.opening.prompt, connection.opening.draw)
            drafter.observe(connection.text)
        while drafter is not None and left > 0 and not (self._is_stopped or self._is_ended):
            guesses = await asyncio.to_thread(drafter.propose, (), min(ALONE_TOKENS, left))
            ids = [guess.token for guess in guesses]
            if not ids:
                break
            drafter.observe(ids)
            left -= len(ids)
            self.num_unverified += len(ids)
            if delta := self._said([(token, Mark.UNVERIFIED) for token in ids]):
                yield delta
        self.reason = "stop" if self._is_stopped or self._is_ended else "length"
        if delta := self._rest(Mark.UNVERIFIED):
            yield delta

    # --- a session -------------------------------------------------------------------------------

    async def _session(self) -> AsyncGenerator[TextDelta, None]:
        """Until its end, a stop string or a fault."""
        async with aclosing(self._loop.stream()) as events:
            while True:
                event = await self._next(events)
                if isinstance(event, Committed):
                    if delta := self._heard(event):
                        yield delta
                elif event is not None and event.reason not in FINISHES:
                    self._restart(event)
                    return
                if self._is_stopped or not isinstance(event, Committed):
                    self.closed = event if isinstance(event, Close) else None
                    is_length = self.closed is not None and self.closed.reason == "length"
                    self.reason = "length" if is_length else "stop"
                    break
        if delta := self._rest(Mark.BONUS):
            yield delta

    async def _next(
        self, events: AsyncGenerator[Committed | Close, None]
    ) -> Committed | Close | None:
        try:
            async with asyncio.timeout(max(0.0, self._deadline - self._clock.monotonic())):
                return await anext(events, None)
        except TimeoutError:
            raise CloudTimeout(
                "The answer was not ready in time.", remedy="Give it more time, or ask for less."
            ) from None

    def _restart(self, closed: Close) -> None:
        """What a close that is no end asks for. Raises where trying again is of no use."""
        if closed.reason in _RESTARTS:
            self._loop.device.connection.start_over()
            self._reaching.turn()
        elif closed.reason == "busy":
            raise CloudBusy("All seats for joint decoding are taken.", remedy="Try again.")
        elif closed.reason in _MISMATCHES:
            raise CloudRejected(
                f"The cloud refused the session ({closed.reason}).",
                remedy="Pair again: tandem pair ADDRESS.",
            )
        else:
            raise CloudBroken(
                f"The cloud ended the session ({closed.reason}).", remedy="Ask again."
            )

    # --- text ------------------------------------------------------------------------------------

    def _heard(self, committed: Committed) -> TextDelta | None:
        guessed = self._watch.guessed_at
        pieces: list[tuple[int, Mark]] = []
        for position, token in enumerate(committed.ids, committed.start):
            drafts = guessed.pop(position, None)
            mark = Mark.BONUS
            if drafts is not None:
                mark = Mark.ACCEPTED if token in drafts else Mark.RECOVERED
            pieces.append((token, mark))
        return self._said(pieces)

    def _said(self, pieces: Sequence[tuple[int, Mark]]) -> TextDelta | None:
        """What may be shown of these tokens now. Marks are by token, so a character that takes
        several stands under the last one's."""
        marks: list[tuple[str, Mark]] = []
        for token, mark in pieces:
            if token in self._words.end_ids:
                self._is_ended = True
                break
            self.num_tokens += 1
            self.num_accepted += mark is Mark.ACCEPTED
            self._is_stopped = self._text.add(self._words.piece(token))
            delta = self._text.take()
            if delta is not None and delta.text:
                marks.append((delta.text, mark))
            if self._is_stopped:
                break
        return self._shown(marks)

    def _rest(self, mark: Mark) -> TextDelta | None:
        if self._text.end():
            self.reason = "stop"
        delta = self._text.take()
        return self._shown([(delta.text, mark)] if delta is not None and delta.text else [])

    def _shown(self, marks: list[tuple[str, Mark]]) -> TextDelta | None:
        text = "".join(piece for piece, _ in marks)
        self.shown += text
        return TextDelta(text, marks=tuple(marks)) if text else None
