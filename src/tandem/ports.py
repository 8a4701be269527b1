"""The verbs: Protocols only. A part is anything that keeps one of these promises.

The promises in words are in the docstrings; the same promises as tests are in `tests/contracts/`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from typing import Protocol, runtime_checkable

from tandem.personal import NOTHING_AROUND, Around, Finding
from tandem.types import (
    Answer,
    Blocked,
    Departure,
    EngineCard,
    Entry,
    Event,
    Outgoing,
    Request,
    Route,
    Verdict,
)


@runtime_checkable
class Engine(Protocol):
    """Anything that answers: a model in this process, a guarded remote one, the orchestrator
    itself.

    `generate` yields events and ends in exactly one `Finish`, or raises a `TandemError`. Text
    implies counted output tokens. Closing the generator early (`aclose`) is silent and stops the
    work within 250 ms. Many streams may run at once; none blocks the event loop.
    """

    @property
    def card(self) -> EngineCard: ...

    def generate(self, request: Request) -> AsyncGenerator[Event, None]: ...

    async def aclose(self) -> None: ...


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors of one length; also says how many tokens it read."""

    async def embed(self, texts: Sequence[str]) -> tuple[list[list[float]], int]: ...


class Remote(Protocol):
    """The far end of the network, in two halves, so that the door stands between them.

    `encode` is pure: the same request gives the same bytes. `send` makes the one round trip and
    sends exactly these bytes. A Remote is not an Engine: only the door makes it one.
    """

    @property
    def card(self) -> EngineCard: ...

    def encode(self, request: Request) -> Outgoing: ...

    def send(self, outgoing: Outgoing, request: Request) -> AsyncGenerator[Event, None]: ...

    async def aclose(self) -> None: ...


@runtime_checkable
class EmbeddingRemote(Protocol):
    """A Remote that also makes embeddings, in the same two halves."""

    def encode_embedding(self, texts: Sequence[str]) -> Outgoing: ...

    async def send_embedding(
        self, outgoing: Outgoing, num_texts: int
    ) -> tuple[list[list[float]], int]: ...


Encode = Callable[[Request], Outgoing]


class Detector(Protocol):
    """Finds what is personal in a text.

    Pure and thread-safe: the same text and surroundings give the same findings. These are in
    order, do not overlap, and point into `text` as it was given. Time is linear in its length.
    It raises nothing of its own on any text; an error means that nothing may leave.
    """

    def find(self, text: str, around: Around = NOTHING_AROUND) -> list[Finding]: ...


class Guard(Protocol):
    """Decides what may leave and in which form. It must not fail open: an error means Blocked.

    `departure` gives `encode` only what may leave, and puts it into `Departure.request`. With
    `is_preview` it keeps nothing of what it finds.
    """

    def departure(
        self, request: Request, encode: Encode, *, is_preview: bool = False
    ) -> Departure | Blocked: ...

    def restoring(self, request: Request, departure: Departure) -> Restoring: ...


class Restoring(Protocol):
    """Puts the user's own values back into one answer, event by event, as far as they may go.

    `feed` gives the events that can go on now; a `Finish` brings out what was held back. `rest`
    brings it out where a stream breaks off.
    """

    def feed(self, event: Event) -> Iterable[Event]: ...

    def rest(self) -> Iterable[Event]: ...


class Audit(Protocol):
    """Keeps a record of a departure, on disk before it returns; raises when it cannot.

    `refused` keeps that nothing left, and why.
    """

    def record(self, departure: Departure) -> str: ...

    def refused(self, blocked: Blocked, model: str) -> str: ...


class Router(Protocol):
    """Decides before the answer, from the request alone. Pure."""

    def route(self, request: Request) -> Route: ...


class Judge(Protocol):
    """Decides after the answer. Pure."""

    def accept(self, request: Request, answer: Answer) -> Verdict: ...


class Ledger(Protocol):
    """Append-only. When `record` has returned, the entry survives a kill -9."""

    async def record(self, entry: Entry) -> None: ...

    def entries(
        self, *, limit: int | None = None, newest_first: bool = True
    ) -> Iterable[Entry]: ...

    def entry(self, entry_id: str) -> Entry | None: ...

    async def aclose(self) -> None: ...


class Clock(Protocol):
    """Time, passed in so that tests own it."""

    def now(self) -> float:
        """Seconds since the Unix epoch."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back."""
        ...
