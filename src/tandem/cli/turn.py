"""One turn of a conversation: ask, hear, show, keep. Shared by `ask`, `chat` and `escalate`."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import IO, TYPE_CHECKING

from tandem.cli import say
from tandem.cli.review import Look, reviewed
from tandem.config import Settings
from tandem.conversations import Conversation, Conversations, Said, said_from
from tandem.errors import Stays, TandemError
from tandem.types import (
    Blocked,
    Departure,
    Event,
    Finish,
    Mode,
    Outcome,
    Request,
    ResponseFormat,
    Sampling,
    TextDelta,
)

if TYPE_CHECKING:
    from tandem.bootstrap import Tandem

# The request as the user lets it go, or nothing; asked with a way to look at what would leave.
Confirm = Callable[[Request, Look], Awaitable[Request | None]]


@dataclass(slots=True)
class Hearing:
    """What has been heard so far; it stays when the stream breaks or is stopped."""

    texts: list[str] = field(default_factory=list[str])
    finish: Finish | None = None

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def said(self, outcome: Outcome, error: str | None = None) -> Said:
        return said_from(self.text, outcome, self.finish, error)


class Voice:
    """Shows events on a stream as they come: words for people, or one JSON line each."""

    def __init__(self, out: IO[str], *, as_json: bool = False, shows_drafts: bool = False) -> None:
        """`shows_drafts` colours each piece of a jointly decoded answer by how it came about."""
        self._out = out
        self._as_json = as_json
        self._shows_drafts = shows_drafts
        # As wide as the terminal is now: an answer is shorter-lived than a window's size.
        width = shutil.get_terminal_size().columns
        self._wrapping = say.Wrapping(width) if out.isatty() else None

    def tell(self, event: Event) -> None:
        """Show one event at once."""
        if self._as_json:
            self.line(say.event_json(event))
        elif isinstance(event, TextDelta):
            is_painted = self._shows_drafts and bool(event.marks)
            self._out.write(say.painted(event) if is_painted else self._laid_out(event.text))
        elif isinstance(event, Finish):
            self._out.write(self._rest() + "\n")
        self._out.flush()

    def line(self, told: object) -> None:
        """One JSON line."""
        self._out.write(json.dumps(told, ensure_ascii=False) + "\n")
        self._out.flush()

    def break_off(self) -> None:
        """An answer ended in the middle of a line."""
        if not self._as_json:
            self._out.write(self._rest() + "\n")
            self._out.flush()

    def _laid_out(self, text: str) -> str:
        """A pipe gets the text as it is; a terminal only what it shows, broken at words."""
        return self._wrapping.feed(say.printable(text)) if self._wrapping else text

    def _rest(self) -> str:
        return self._wrapping.rest() if self._wrapping else ""


class Talk:
    """A conversation that goes on: each answer is shown, kept on disk and added to it."""

    def __init__(self, conversation: Conversation, store: Conversations, voice: Voice) -> None:
        self.conversation = conversation
        self._store = store
        self._voice = voice

    @property
    def last(self) -> Said | None:
        """The newest answer to the newest question."""
        exchanges = self.conversation.exchanges
        return exchanges[-1].answers[-1] if exchanges and exchanges[-1].answers else None

    async def answer(self, events: AsyncGenerator[Event, None]) -> Finish:
        """One answer to the last question, kept whatever becomes of it. Raises what it raises."""
        self._store.save(self.conversation)
        hearing = Hearing()
        outcome: Outcome = "cancelled"
        error: str | None = None
        try:
            await self._hear(events, hearing)
            outcome = "answered"
        except TandemError as fault:
            outcome, error = "failed", fault.code
            raise
        finally:
            if outcome != "answered" and hearing.texts:
                self._voice.break_off()
            self.conversation = self.conversation.answered(hearing.said(outcome, error))
            self._store.save(self.conversation)
        assert hearing.finish is not None
        return hearing.finish

    async def _hear(self, events: AsyncGenerator[Event, None], hearing: Hearing) -> None:
        async with aclosing(events) as stream:
            async for event in stream:
                if isinstance(event, TextDelta):
                    hearing.texts.append(event.text)
                elif isinstance(event, Finish):
                    hearing.finish = event
                self._voice.tell(event)


def request_for(
    conversation: Conversation,
    settings: Settings,
    *,
    max_output_tokens: int | None = None,
    seed: int | None = None,
    response_format: ResponseFormat | None = None,
    mode: Mode | None = None,
) -> Request:
    """The request for a conversation's last question; it may leave if the settings always agree."""
    sampling = Sampling(
        max_output_tokens=max_output_tokens or settings.device.max_output_tokens, seed=seed
    )
    return Request(
        messages=conversation.messages(),
        response_format=response_format or ResponseFormat(),
        sampling=sampling,
        may_leave_device=settings.cloud.consent == "always",
        conversation_id=conversation.id,
        mode=mode,
    )


def departure(tandem: Tandem, request: Request, settings: Settings) -> Departure:
    """What would leave. Raises `Stays` where nothing may."""
    if settings.cloud.consent == "never":
        raise Stays(
            'The settings say that nothing leaves (cloud.consent = "never").',
            remedy="To be asked each time: tandem config set cloud.consent ask.",
        )
    found = tandem.preview(request)
    if isinstance(found, Blocked):
        raise Stays(found.reason, remedy=found.remedy)
    return found


async def agreed(
    tandem: Tandem, request: Request, settings: Settings, confirm: Confirm | None
) -> Request:
    """The request with the user's word on leaving. `confirm` of `None`: nobody can be asked.

    Only a request that wants the cloud first is asked about; for the others the device answers
    first, and the user escalates when the answer is not good enough. Raises `Stays`.
    """
    mode = request.mode or settings.mode
    if request.may_leave_device or mode not in (Mode.PREFER_CLOUD, Mode.CLOUD_ONLY):
        return request
    if mode is Mode.PREFER_CLOUD and (confirm is None or tandem.door is None):
        return request
    departure(tandem, request, settings)
    if confirm is None:
        raise Stays(
            "Sending this needs your yes, and there is no terminal to ask on.",
            remedy="Add --yes, or: tandem config set cloud.consent always.",
        )
    if said := await confirm(request, partial(departure, tandem, settings=settings)):
        return said
    if mode is Mode.CLOUD_ONLY:
        raise Stays("You said no, so nothing was sent.")
    return request


def confirm_here() -> Confirm | None:
    """A way to ask the user, if there is a user at a terminal."""
    return _confirm_on_terminal if sys.stdin.isatty() and sys.stderr.isatty() else None


async def _confirm_on_terminal(request: Request, look: Look) -> Request | None:
    # Half of a short command's start-up time, needed for a question alone.
    from prompt_toolkit.output import create_output

    try:
        return await reviewed(request, look, create_output(stdout=sys.stderr))
    except EOFError:
        return None
