"""What leaves with a session: every frame is seen on its way out, counted, and drafts are recorded.

Drafts are token ids, and token ids are text. They leave under the consent that the session was
opened with; the audit has one record on disk before the first of them leaves, and one of all of
them when the session is over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tandem.joint.ports import Link
from tandem.joint.protocol import Draft, Limits
from tandem.joint.wire import Context, decode
from tandem.types import Outgoing


@dataclass(slots=True)
class Watch:
    """One session's frames over all its links. Bytes include WebSocket's framing.

    `context` is the session's, by which its frames are read. `guessed_at[position]` holds the ids
    that were sent as drafts for that place of the answer.
    """

    url: str
    record: Callable[[Outgoing], None]
    context: Context
    limits: Limits = field(default_factory=Limits)
    num_links: int = 0
    num_bytes_out: int = 0
    num_bytes_in: int = 0
    num_drafted: int = 0
    guessed_at: dict[int, set[int]] = field(default_factory=dict[int, set[int]])
    _drafts: list[bytes] = field(default_factory=list[bytes])

    def over(self, link: Link) -> Link:
        """The link, watched."""
        self.num_links += 1
        return _WatchedLink(link, self)

    def leaving(self, frame: bytes) -> None:
        """A frame that is about to leave. Raises `DeviceFault` when its record cannot be written:
        then it stays."""
        message = decode(frame, "device", self.limits, self.context)
        if isinstance(message, Draft) and message.chains:
            if not self._drafts:
                self.record(Outgoing("DRAFT", self.url, (), frame))
            self._drafts.append(frame)
            self._note(message)
        self.num_bytes_out += len(frame) + _framing(len(frame)) + 4

    def end(self) -> None:
        """The session is over: all its drafts in one record."""
        if self._drafts:
            self.record(Outgoing("DRAFTS", self.url, (), b"".join(self._drafts)))
            self._drafts.clear()

    def came(self, frame: bytes) -> None:
        """A frame from the cloud."""
        self.num_bytes_in += len(frame) + _framing(len(frame))

    def _note(self, draft: Draft) -> None:
        for chain in draft.chains:
            self.num_drafted += len(chain.ids)
            for at, token in enumerate(chain.ids):
                self.guessed_at.setdefault(chain.start + at, set()).add(token)
                if at < len(chain.seconds) and (second := chain.seconds[at]) is not None:
                    self.guessed_at[chain.start + at].add(second)


class _WatchedLink:
    """A Link that tells its watch of every frame."""

    def __init__(self, link: Link, watch: Watch) -> None:
        self._link = link
        self._watch = watch

    @property
    def is_congested(self) -> bool:
        return self._link.is_congested

    def send(self, frame: bytes) -> None:
        self._watch.leaving(frame)
        self._link.send(frame)

    async def receive(self) -> bytes | None:
        frame = await self._link.receive()
        if frame is not None:
            self._watch.came(frame)
        return frame

    async def aclose(self) -> None:
        await self._link.aclose()


def _framing(num: int) -> int:
    """RFC 6455, 5.2: two bytes, and two or eight more for lengths above 125 and 65,535; a client's
    mask of four is counted where it is sent."""
    return 2 if num < 126 else 4 if num < 65_536 else 10
