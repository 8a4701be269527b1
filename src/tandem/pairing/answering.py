"""One jointly decoded answer, whatever happens to the links on the way.

The session is tried on the paired cloud and, when that is gone, on its replicas: the noise is keyed
by position, so any of them goes on with the same text, and every commit says where it starts, so
nothing is lost or doubled. When no session can be had any more, the cloud's plain stream goes on,
and where the user allows it the device alone, marked as unverified.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from tandem.engines.llama_text import Text
from tandem.errors import CloudBroken, CloudBusy, CloudFault, CloudRejected, CloudUnreachable
from tandem.joint.connection import Committed
from tandem.joint.protocol import FINISHES, Close, Opened
from tandem.pairing.session import DeviceSession
from tandem.pairing.websocket import WebSocketLink
from tandem.ports import Clock
from tandem.types import FinishReason, Mark, TextDelta

Connect = Callable[[], Awaitable[WebSocketLink]]

# Between rounds through all replicas: a restarted cloud is back within seconds.
RETRY_SECONDS = 0.2
ALONE_TOKENS = 8  # guesses of the device at a time, when it is alone


@dataclass(slots=True)
class Progress:
    """How far the answer is, and what it took; read when it has ended, however it did."""

    num_links: int = 0
    num_bytes_out: int = 0
    num_bytes_in: int = 0
    num_accepted: int = 0
    num_unverified: int = 0
    certified: str = ""
    closed: Close | None = None
    reason: FinishReason | None = None


class Answering:
    """Turns a session into text. `piece` gives a token's bytes, `end_ids` what ends an answer."""

    def __init__(
        self,
        session: DeviceSession,
        replicas: Sequence[Connect],
        text: Text,
        *,
        piece: Callable[[int], bytes],
        end_ids: frozenset[int],
        clock: Clock,
        resume_seconds: float,
    ) -> None:
        self.progress = Progress()
        self.shown = ""
        self._session = session
        self._replicas = replicas
        self._text = text
        self._piece = piece
        self._end_ids = end_ids
        self._clock = clock
        self._resume_seconds = resume_seconds
        self._at = 0
        self._num_told = 0
        self._is_stopped = False

    async def jointly(self) -> AsyncGenerator[TextDelta, None]:
        """The answer by joint decoding. Raises a `CloudFault` when no session can go on; the text
        so far stands, and `progress.reason` is set if and only if the answer is whole."""
        give_up = self._clock.monotonic() + self._resume_seconds
        while True:
            try:
                link = await self._linked(give_up)
            except CloudFault as fault:
                if self._clock.monotonic() >= give_up or not _may_pass(fault):
                    raise
                continue
            num_before = len(self._session.device.connection.text)
            try:
                async with aclosing(self._session.over(link)) as events:
                    async for event in events:
                        if delta := self._heard(event):
                            yield delta
                        if self._is_stopped:
                            break
            finally:
                if not self._is_over:
                    self._session.cancel(link)
                await link.aclose()
                self.progress.num_bytes_out += link.num_bytes_out
                self.progress.num_bytes_in += link.num_bytes_in
            if self._is_over:
                self._finish()
                if delta := self._rest():
                    yield delta
                return
            self._check_close()
            if len(self._session.device.connection.text) > num_before:
                give_up = self._clock.monotonic() + self._resume_seconds

    async def alone(self, max_tokens: int) -> AsyncGenerator[TextDelta, None]:
        """The rest of the answer from the device's drafter alone, marked."""
        ids = self._session.device.connection.text
        num = len(ids)
        while num < max_tokens and not self._is_stopped:
            guesses = await self._session.alone(min(ALONE_TOKENS, max_tokens - num))
            if not guesses:
                break
            num += len(guesses)
            self.progress.num_unverified += len(guesses)
            if delta := self._said([(token, Mark.UNVERIFIED) for token in guesses]):
                yield delta
            if self._end_ids.intersection(guesses):
                self._is_stopped = True
        self.progress.reason = "stop" if self._is_stopped else "length"
        if delta := self._rest():
            yield delta

    # --- links -----------------------------------------------------------------------------------

    async def _linked(self, give_up: float) -> WebSocketLink:
        """A link to the replica whose turn it is; on a fault the next one's turn comes."""
        num_all = len(self._replicas)
        try:
            link = await self._replicas[self._at]()
        except CloudFault:
            self._turn()
            if self._at == 0:
                left = give_up - self._clock.monotonic()
                await asyncio.sleep(max(0.0, min(RETRY_SECONDS, left)))
            raise
        self.progress.num_links += 1
        assert num_all
        return link

    def _turn(self) -> None:
        """The next replica, which does not know the session."""
        self._at = (self._at + 1) % len(self._replicas)
        if len(self._replicas) > 1:
            self._session.device.connection.start_over()

    def _check_close(self) -> None:
        """What a close that is no end asks for. Raises where trying again is of no use."""
        closed = self._session.device.connection.closed
        if closed is None:
            return
        if closed.reason in ("unknown_session", "idle", "fault"):
            self._session.device.connection.start_over()
            if closed.reason == "fault":
                self._turn()
        elif closed.reason == "busy":
            raise CloudBusy("All seats for joint decoding are taken.", remedy="Try again.")
        elif closed.reason in ("fingerprint", "version", "unauthorized"):
            raise CloudRejected(
                f"The cloud refused the session ({closed.reason}).",
                remedy="Pair again: tandem pair ADDRESS.",
            )
        else:
            raise CloudBroken(
                f"The cloud closed the session ({closed.reason}).", remedy="Ask again."
            )

    # --- text ------------------------------------------------------------------------------------

    @property
    def _is_over(self) -> bool:
        return self._is_stopped or self._session.device.connection.is_complete

    def _heard(self, event: Opened | Committed | Close) -> TextDelta | None:
        if isinstance(event, Opened):
            self.progress.certified = event.verdict
            return None
        if isinstance(event, Close):
            self.progress.closed = event
            return None
        guessed = self._session.guessed_at
        pieces: list[tuple[int, Mark]] = []
        for position, token in enumerate(event.ids, event.start):
            drafts = guessed.pop(position, None)
            mark = Mark.BONUS
            if drafts is not None:
                mark = Mark.ACCEPTED if token in drafts else Mark.RECOVERED
            self.progress.num_accepted += mark is Mark.ACCEPTED
            pieces.append((token, mark))
        return self._said(pieces)

    def _said(self, pieces: Sequence[tuple[int, Mark]]) -> TextDelta | None:
        """What may be shown of these tokens now. Marks are by token, so a character that takes
        several stands under the last one's."""
        marks: list[tuple[str, Mark]] = []
        for token, mark in pieces:
            if token in self._end_ids:
                continue
            self._is_stopped = self._text.add(self._piece(token))
            delta = self._text.take()
            if delta is not None and delta.text:
                marks.append((delta.text, mark))
            if self._is_stopped:
                break
        return self._shown(marks)

    def _rest(self) -> TextDelta | None:
        if self._text.end():
            self._is_stopped = True
        delta = self._text.take()
        return self._shown([(delta.text, Mark.BONUS)] if delta is not None and delta.text else [])

    def _shown(self, marks: list[tuple[str, Mark]]) -> TextDelta | None:
        text = "".join(piece for piece, _ in marks)
        self.shown += text
        return TextDelta(text, marks=tuple(marks)) if text else None

    def _finish(self) -> None:
        closed = self._session.device.connection.closed
        is_length = not self._is_stopped and closed is not None and closed.reason == "length"
        self.progress.reason = "length" if is_length else "stop"
        if closed is not None and closed.reason in FINISHES:
            self.progress.closed = closed


def _may_pass(fault: CloudFault) -> bool:
    """Whether the same call may succeed in a moment."""
    return not isinstance(fault, CloudRejected)


def nobody_left() -> CloudUnreachable:
    """No replica is there and no other way is allowed."""
    return CloudUnreachable(
        "The link to the cloud is lost, and no replica of it answers.",
        remedy="Ask again, or allow the device to finish: joint.allow_unverified.",
    )
