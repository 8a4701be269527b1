"""One session on the wire, as each side sees it: bytes in, events out; no sockets, no time.

Both know the legal moves from `protocol.MOVES`. The device's half outlives its links: after a cut
it opens again with the number of tokens it holds, and the cloud goes on from there. Nothing is
lost or doubled, as every commit says where it starts: what overlaps is checked, what lies ahead
waits, what lacks is asked for again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tandem.joint.protocol import (
    FINISHES,
    Chain,
    Close,
    Commit,
    Draft,
    Limits,
    Message,
    Open,
    Opened,
    Party,
    ProtocolFault,
    Reason,
    State,
    moved,
)
from tandem.joint.wire import Context, decode, encode

_MAX_WAITING = 4096  # commits that lie ahead


@dataclass(frozen=True, slots=True)
class Committed:
    """To the device: the answer grew by `ids`, from position `start` on."""

    start: int
    ids: tuple[int, ...]


class _Half:
    """What both halves share: the state, what to send, and the end."""

    party: Party
    other: Party

    def __init__(self, limits: Limits) -> None:
        self.state = State.NEW
        self.limits = limits
        self.context = Context()
        self.closed: Close | None = None
        self.bytes_sent = 0
        self.bytes_received = 0
        self._outgoing: list[bytes] = []

    def outgoing(self) -> list[bytes]:
        """Frames to send now, each once."""
        frames, self._outgoing = self._outgoing, []
        return frames

    def _send(self, message: Message) -> None:
        self.state = moved(self.state, self.party, message)
        frame = encode(message, self.context.id_bits)
        self.bytes_sent += len(frame)
        self._outgoing.append(frame)

    def _decoded(self, frame: bytes) -> Message:
        self.bytes_received += len(frame)
        message = decode(frame, self.other, self.limits, self.context)
        self.state = moved(self.state, self.other, message)
        return message

    def _fail(self, fault: ProtocolFault) -> Close:
        """The other side broke a rule: say so and be closed."""
        close = Close(fault.reason, fault.words)
        if self.state in (State.ASKED, State.OPEN):
            self._send(close)
        else:
            self._outgoing.append(encode(close))
            self.state = State.CLOSED
        self.closed = close
        return close


class DeviceConnection(_Half):
    """The device's half. `text` is the answer so far; it only grows, and is never wrong."""

    party: Party = "device"
    other: Party = "cloud"

    def __init__(self, opening: Open, limits: Limits | None = None) -> None:
        super().__init__(limits or Limits())
        self.opening = opening
        self.context.id_bits = opening.id_bits
        self.text: list[int] = list(opening.text)
        self.opened: Opened | None = None
        self._ahead: dict[int, tuple[int, ...]] = {}
        self._knows_prompt = False

    @property
    def lacks(self) -> bool:
        """Whether tokens are known to be missing: then `ask_again` when nothing comes."""
        return bool(self._ahead) or (self.closed is not None and not self.is_complete)

    @property
    def is_complete(self) -> bool:
        """Whether the answer ended as it should and is all here."""
        closed = self.closed
        return closed is not None and closed.reason in FINISHES and len(self.text) >= closed.length

    def link_made(self) -> None:
        """A link is there: open the session, or go on with it."""
        self._outgoing.clear()
        first = self.opened is None
        opening = self.opening if first else replace(self.opening, prompt=(), text=())
        self.closed = None
        self._send(replace(opening, have=len(self.text), text=self._told(first)))

    def start_over(self) -> None:
        """The next link is to a cloud that does not know the session: send the whole text."""
        self.opened = None

    def _told(self, first: bool) -> tuple[int, ...]:
        return tuple(self.text) if first else ()

    def draft(self, chains: Sequence[Chain]) -> None:
        """Send hints, in as many frames as they need; an empty sequence only acknowledges."""
        most = self.limits.chains
        for at in range(0, max(1, len(chains)), most):
            self._send(Draft(len(self.text), tuple(chains[at : at + most])))

    def ask_again(self) -> None:
        """Ask for what is missing, the end included."""
        if self.state is State.ASKED:
            self.link_made()
        elif self.state is State.CLOSED:
            self._send(replace(self.opening, prompt=(), text=(), have=len(self.text)))
        else:
            self._send(Draft(len(self.text), again=True))

    def close(self, reason: Reason = "cancelled") -> None:
        """The device wants no more."""
        if self.state in (State.ASKED, State.OPEN):
            self._send(Close(reason))
        self.closed = Close(reason, length=len(self.text))
        self.state = State.CLOSED

    def receive(self, frame: bytes) -> list[Opened | Committed | Close]:
        """What a frame brings. A broken rule closes the session: the last event is then a Close."""
        self.context.length = len(self.text)
        try:
            message = self._decoded(frame)
            if isinstance(message, Opened):
                self.opened = message
                return [message]
            if isinstance(message, Commit):
                return self._commit(message)
            if isinstance(message, Close):
                return self._close(message)
        except ProtocolFault as fault:
            return [self._fail(fault)]
        raise AssertionError("the table lets no other message through")

    def _close(self, close: Close) -> list[Opened | Committed | Close]:
        if self.closed is not None and self.is_complete:
            return []
        self.closed = close
        if close.reason in FINISHES and len(self.text) < close.length:
            return []  # tokens are still missing; `lacks` says so
        return [close]

    def _commit(self, commit: Commit) -> list[Opened | Committed | Close]:
        """Take what follows the text; keep what lies ahead; check what is known."""
        start, ids = commit.start, commit.ids
        held = len(self.text)
        if start > held:
            if len(self._ahead) >= _MAX_WAITING:
                raise ProtocolFault("flood", "too many commits that lie ahead")
            self._ahead[start] = max(ids, self._ahead.get(start, ()), key=len)
            return []
        self._append(start, ids)
        while (following := self._following()) is not None:
            self._append(*following)
        if len(self.text) > self.opening.max_tokens:
            raise ProtocolFault("position", "more tokens than were asked for")
        fresh = tuple(self.text[held:])
        events: list[Opened | Committed | Close] = [Committed(held, fresh)] if fresh else []
        if self.is_complete and fresh and self.closed is not None:
            events.append(self.closed)
        return events

    def _following(self) -> tuple[int, tuple[int, ...]] | None:
        for start in list(self._ahead):
            if start <= len(self.text):
                return start, self._ahead.pop(start)
        return None

    def _append(self, start: int, ids: tuple[int, ...]) -> None:
        known = self.text[start : start + len(ids)]
        if tuple(known) != ids[: len(known)]:
            raise ProtocolFault("position", "a token that was committed came back as another")
        self.text.extend(ids[len(known) :])


class CloudConnection(_Half):
    """The cloud's half, for one link. The session's text lives with the verifier, not here."""

    party: Party = "cloud"
    other: Party = "device"

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__(limits or Limits())
        self.have = 0  # tokens of the answer that the device said it holds
        self.sent = 0  # tokens of the answer sent on this link

    def receive(self, frame: bytes, length: int = 0) -> Open | Draft | Close | None:
        """What a frame brings; a `Close` also stands for a broken rule. `length`: of the answer.

        `None`: a message after the end, which says nothing.
        """
        self.context.length = max(length, self.sent)
        try:
            message = self._decoded(frame)
            if isinstance(message, Open):
                self.have = self.sent = message.have
                self.context.id_bits = message.id_bits
                return message
            if isinstance(message, Draft):
                self._check(message, length)
                return message if message.again or self.state is not State.CLOSED else None
            if isinstance(message, Close):
                self.closed = message
                return message
        except ProtocolFault as fault:
            return self._fail(fault)
        raise AssertionError("the table lets no other message through")

    def _check(self, draft: Draft, length: int) -> None:
        if draft.have > max(length, self.sent):
            raise ProtocolFault("position", "tokens said to be known that were never sent")
        for chain in draft.chains:
            if chain.start - length > self.limits.positions_ahead:
                raise ProtocolFault("position", "a draft of the far future")
        self.have = max(self.have, draft.have)
        if draft.again:
            self.sent = min(self.sent, draft.have)

    def opened(self, opened: Opened) -> None:
        """The session is open."""
        self._send(opened)

    def commit(self, text: Sequence[int]) -> None:
        """Send what of the answer's `text` was not sent on this link."""
        if len(text) > self.sent:
            start, self.sent = self.sent, len(text)
            self._send(Commit(start, tuple(text[start:])))

    def close(self, close: Close) -> None:
        """End the session."""
        if self.state is State.NEW:
            self._outgoing.append(encode(close))
            self.state = State.CLOSED
        else:
            self._send(close)
        self.closed = close
