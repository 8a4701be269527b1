"""The verifier's policy: which sessions get a pass now, with which drafts; who is let in; who goes.

No sockets, no threads, no clock of its own: frames and times go in, frames and work come out. The
same object runs on the wall clock (`running`) and on virtual time (bench.joint). Never idle: the
cloud keeps decoding by itself and uses the drafts that are there. A session that wants economy lets
its pass wait for a draft, for as long as that has been worth it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tandem.errors import BadRequest, ContextTooLong, Overloaded, TandemError
from tandem.joint.connection import CloudConnection
from tandem.joint.pass_times import PassTimes
from tandem.joint.passes import Leaving, Part, Pass, Prefill, Rest, Result, Scoring, Seating, Work
from tandem.joint.ports import TargetCard
from tandem.joint.protocol import Close, Draft, Limits, Open, Opened, Reason
from tandem.joint.scoring import Scores
from tandem.joint.sitting import Judged, Sitting

Judge = Callable[[Scores], Judged]

_MAX_ENDED = 1024  # answers that are kept for devices that may have missed the end
_LEARN = 0.1  # weight of one more pass in the measured pass times


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a verifier allows. Times in seconds."""

    batch_tokens: int = 63  # positions in one pass
    prefill_tokens: int = 63  # of one prompt between two passes
    ahead_tokens: int = 512  # decoded beyond what the device said it holds
    linger_seconds: float = 60.0  # a session without a link
    idle_seconds: float = 300.0  # a link that says nothing while we wait for it
    flood_tokens: int = 1 << 15  # hinted ids beyond 64 per token of the answer


@dataclass(eq=False, slots=True)
class Line:
    """One link as the verifier sees it."""

    connection: CloudConnection
    sitting: Sitting | None = None
    is_congested: bool = False  # the driver says so: nothing is sent then
    heard_at: float = 0.0


class Verifier:
    """All sessions and links of one target."""

    def __init__(
        self,
        card: TargetCard,
        *,
        bounds: Bounds | None = None,
        limits: Limits | None = None,
        pass_seconds: float = 0.03,
        position_share: float = 0.02,
        is_time_known: bool = False,
        judge: Judge | None = None,
    ) -> None:
        """`judge` reads each answer that ended by itself; what it says goes along with the end."""
        self.card = card
        self._judge = judge
        self._unjudged: deque[Scoring] = deque()
        self.bounds = bounds or Bounds()
        self.limits = limits or Limits()
        self._times = PassTimes(pass_seconds, position_share, is_time_known)
        self._lines: list[Line] = []
        self._sittings: dict[bytes, Sitting] = {}
        self._seating: deque[Sitting] = deque()
        self._filling: deque[Sitting] = deque()
        self._leaving: deque[int] = deque()
        self._turn: deque[Sitting] = deque()  # whose prompt is read, in the order of their turns
        self._may_read = self.bounds.prefill_tokens  # of prompts, before the next pass
        self._num_seated = 0

    # --- links -----------------------------------------------------------------------------------

    def connect(self, now: float) -> Line:
        """A link was made."""
        line = Line(CloudConnection(self.limits), heard_at=now)
        self._lines.append(line)
        return line

    def disconnect(self, line: Line, now: float) -> None:
        """A link is gone; its session stays for a while."""
        if line in self._lines:
            self._lines.remove(line)
        if line.sitting is not None and not self._line_of(line.sitting):
            line.sitting.left_at = now

    def receive(self, line: Line, frame: bytes, now: float) -> None:
        """A frame from a device."""
        line.heard_at = now
        sitting = line.sitting
        message = line.connection.receive(frame, len(sitting.text) if sitting else 0)
        if isinstance(message, Open):
            self._open(line, message, now)
        elif sitting is None or message is None:
            return
        elif isinstance(message, Draft):
            self._hint(line, sitting, message)
        else:
            self._gone(sitting, message)

    def outgoing(self) -> list[tuple[Line, list[bytes], bool]]:
        """Per line: frames to send now, and whether the line is then to be closed."""
        found: list[tuple[Line, list[bytes], bool]] = []
        for line in list(self._lines):
            self._tell(line)
            frames = line.connection.outgoing()
            is_over = line.connection.closed is not None and line.sitting is None
            if frames or is_over:
                found.append((line, frames, is_over))
        return found

    def _tell(self, line: Line) -> None:
        """What the line's session has to say: new tokens, then the end."""
        sitting, connection = line.sitting, line.connection
        if sitting is None or connection.closed is not None or line.is_congested:
            return
        connection.commit(sitting.text)
        if sitting.ended is not None:
            connection.close(sitting.ended)

    def _line_of(self, sitting: Sitting) -> Line | None:
        return next((line for line in self._lines if line.sitting is sitting), None)

    def _open(self, line: Line, opening: Open, now: float) -> None:
        known = self._sittings.get(opening.session)
        refusal = self._refusal(opening, known)
        if refusal is not None:
            line.connection.close(refusal)
            return
        sitting = known or self._sit(opening, now)
        for other in self._lines:
            if other.sitting is sitting and other is not line:
                other.sitting = None  # the device came back on a new link
        line.sitting, sitting.left_at, sitting.have = sitting, None, opening.have
        line.connection.closed = None
        line.connection.opened(self._opened())

    def _refusal(self, opening: Open, known: Sitting | None) -> Close | None:
        if opening.fingerprint != self.card.fingerprint:
            return Close("fingerprint", "drafter and target have different tokenizers")
        if self.card.num_vocab > 1 << opening.id_bits:
            return Close("fingerprint", "ids of so few bits cannot name every token")
        if known is not None:
            if opening.have > len(known.text):
                return Close("position", "tokens said to be known that were never sent")
            return None
        if not opening.prompt:
            return Close("unknown_session", "open with the whole prompt and text")
        if len(opening.prompt) + opening.max_tokens > self.card.context_tokens:
            return Close("too_large", "prompt and answer do not fit the target's context")
        if opening.have != len(opening.text):
            return Close("unknown_session", "open with the whole prompt and text")
        if self._num_seated >= self.card.num_seats:
            return Close("busy", "all seats are taken")
        highest = max(max(opening.prompt), max(opening.text, default=0))
        if highest >= self.card.num_vocab:
            return Close("malformed", "an id outside the vocabulary")
        return None

    def _sit(self, opening: Open, now: float) -> Sitting:
        sitting = Sitting(replace(opening, prompt=(), text=()), opening.prompt, list(opening.text))
        sitting.idle_since = now
        ended = [each for each in self._sittings.values() if each.ended is not None]
        for old in ended[: max(0, len(ended) - _MAX_ENDED)]:
            self._forget(old)
        self._sittings[opening.session] = sitting
        self._seating.append(sitting)
        self._num_seated += 1
        return sitting

    def _opened(self) -> Opened:
        times, card = self._times, self.card
        return Opened(
            card.model,
            card.verdict,
            card.max_width,
            times.seconds,
            times.share,
            card.has_branches,
        )

    def _hint(self, line: Line, sitting: Sitting, draft: Draft) -> None:
        sitting.have = max(sitting.have, draft.have)
        sitting.hint(draft.chains)
        if sitting.hinted > self.bounds.flood_tokens + 64 * len(sitting.text):
            self._end(sitting, "flood", "far more drafts than tokens")
        if draft.again:
            line.connection.closed = None  # the end, too, is told once more

    def _gone(self, sitting: Sitting, message: Close) -> None:
        """The device wants no more, or broke a rule."""
        self._end(sitting, message.reason if message.reason == "cancelled" else "fault")
        self._forget(sitting)

    def _end(self, sitting: Sitting, reason: Reason | str, words: str = "") -> None:
        if sitting.ended is None:
            sitting.end(reason, words)  # type: ignore[arg-type]
            if not sitting.is_running:
                self._leave(sitting)

    def _leave(self, sitting: Sitting) -> None:
        """Give the seat back, as soon as there is one."""
        if sitting.seat >= 0:
            self._leaving.append(sitting.seat)
            sitting.seat = -1
            self._num_seated -= 1
        elif sitting in self._seating:
            self._seating.remove(sitting)
            self._num_seated -= 1
        for queue in (self._filling, self._turn):
            if sitting in queue:
                queue.remove(sitting)

    def _forget(self, sitting: Sitting) -> None:
        self._sittings.pop(sitting.opening.session, None)
        for line in self._lines:
            if line.sitting is sitting:
                line.sitting = None

    # --- work ------------------------------------------------------------------------------------

    def next(self, now: float) -> Work | Rest:
        """What the target should do now, or how long to rest."""
        if self._leaving:
            return Leaving(self._leaving.popleft())
        if self._unjudged:
            return self._unjudged.popleft()
        if self._seating:
            sitting = self._seating.popleft()
            sitting.is_running = True
            return Seating(sitting)
        if self._filling and (self._may_read > 0 or not self._turn):
            sitting = self._filling[0]
            sitting.is_running = True
            return Prefill(sitting, self._may_read or self.bounds.prefill_tokens)
        return self._next_pass(now)

    def _next_pass(self, now: float) -> Pass | Rest:
        ready: list[Sitting] = []
        wake = math.inf
        for sitting in self._turn:
            if len(sitting.text) - sitting.have >= self.bounds.ahead_tokens:
                continue  # the device does not say that it reads
            until = sitting.waits_until(self._times.seconds)
            if until <= now or sitting.is_hinted:
                ready.append(sitting)
            else:
                wake = min(wake, until)
        if not ready:
            return Rest(wake)
        self._may_read = self.bounds.prefill_tokens
        return self._pass(ready[: self.bounds.batch_tokens])

    def _pass(self, ready: Sequence[Sitting]) -> Pass:
        """One position for each, then drafts in equal shares; those who come later in the order of
        turns take what the others leave, and the order turns.
        """
        left = self.bounds.batch_tokens - len(ready)
        # What one more position costs, against a session's part of what the pass costs anyway.
        share = self._times.share
        share /= (1.0 - share) / len(ready) + share if share < 1.0 else 1.0
        parts: list[Part] = []
        for at, sitting in enumerate(ready):
            most = min(
                left // (len(ready) - at),
                self.card.max_width - 1,
                sitting.opening.max_tokens - len(sitting.text) - 1,
            )
            hints = sitting.drafts(sitting.width(share, most))
            branches = sitting.branches(hints, share) if self.card.has_branches else []
            branches = branches[: max(0, most - len(hints))]
            part = Part(sitting, tuple(token for token, _ in hints), tuple(branches))
            left -= part.num_positions - 1
            sitting.is_running = True
            parts.append(part)
        self._turn.rotate(-1)
        return Pass(tuple(parts))

    def settle(self, work: Work, result: Result, seconds: float, now: float) -> None:
        """The work is done and took `seconds`."""
        if isinstance(work, Leaving):
            return
        if isinstance(work, Pass):
            self._settle_pass(work, result, seconds, now)
            return
        sitting = work.sitting
        sitting.is_running = False
        if isinstance(work, Scoring):
            self._judged(work, result)
        elif isinstance(result, TandemError):
            self._failed(sitting, result)
        elif isinstance(work, Seating):
            assert isinstance(result, int)
            sitting.seat = result
            self._filling.append(sitting)
        else:
            assert isinstance(result, int)
            self._may_read = max(0, self._may_read - max(1, sitting.num_unread - result))
            sitting.num_unread = result
            self._filling.rotate(-1)
            if not result:
                self._filling.remove(sitting)
                self._turn.append(sitting)
                sitting.idle_since = now
        if sitting.ended is not None:
            self._leave(sitting)

    def _settle_pass(self, work: Pass, result: Result, seconds: float, now: float) -> None:
        if isinstance(result, list):
            self._times.learn(work.num_positions, seconds)
        for at, part in enumerate(work.parts):
            sitting = part.sitting
            sitting.is_running = False
            if sitting.ended is not None:
                self._leave(sitting)
            elif isinstance(result, list):
                self._take(part, result[at], now)
            else:
                error = result if isinstance(result, TandemError) else None
                self._failed(sitting, error)

    def _take(self, part: Part, ids: list[int], now: float) -> None:
        sitting = part.sitting
        end = next((at for at, token in enumerate(ids) if token in self.card.end_ids), None)
        ids = ids if end is None else ids[: end + 1]
        ids = ids[: sitting.opening.max_tokens - len(sitting.text)]
        sitting.advance(ids, part.drafts, part.num_positions, now)
        if end is not None and sitting.text[-1] in self.card.end_ids:
            self._finish(sitting, "stop")
        elif len(sitting.text) >= sitting.opening.max_tokens:
            self._finish(sitting, "length")

    def _finish(self, sitting: Sitting, reason: Reason) -> None:
        """The answer is whole: over, or first to be judged."""
        if self._judge is None:
            self._end(sitting, reason)
        else:
            self._turn.remove(sitting)
            sitting.is_running = True
            self._unjudged.append(Scoring(sitting, reason))

    def _judged(self, work: Scoring, result: Result) -> None:
        """An answer that could not be scored is told as it is, without a judgement."""
        assert self._judge is not None
        judged = self._judge(result) if isinstance(result, Scores) else None
        if work.sitting.ended is None:
            work.sitting.end(work.reason, judged=judged)

    def _failed(self, sitting: Sitting, error: TandemError | None) -> None:
        reasons: list[tuple[type[TandemError], Reason]] = [
            (Overloaded, "busy"),
            (ContextTooLong, "too_large"),
            (BadRequest, "malformed"),
        ]
        kinds = (reason for kind, reason in reasons if isinstance(error, kind))
        self._end(sitting, next(kinds, "fault"), "the target could not go on")

    # --- housekeeping ----------------------------------------------------------------------------

    def tidy(self, now: float) -> None:
        """Let go of sessions that nobody comes back for, and of links that fell silent. Call it
        about once a second.
        """
        bounds = self.bounds
        for sitting in list(self._sittings.values()):
            if sitting.left_at is not None and now - sitting.left_at > bounds.linger_seconds:
                self._end(sitting, "idle", "the device did not come back")
                self._forget(sitting)
        for line in self._lines:
            if now - line.heard_at > bounds.idle_seconds and line.connection.closed is None:
                reason: Reason = "unread" if line.is_congested else "idle"
                if line.sitting is not None:
                    self._end(line.sitting, reason, "nothing was heard for too long")
                    self._forget(line.sitting)
                line.connection.close(Close(reason, "nothing was heard for too long"))

    @property
    def num_sessions(self) -> int:
        """Sessions that are known, ended ones that linger included."""
        return len(self._sittings)
