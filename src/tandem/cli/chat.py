"""`tandem chat`: a conversation in which one key asks the cloud for a better answer.

The device answers first. Ctrl-E (or `e`) shows what would leave and what it would cost, asks, and
puts the cloud's answer into the same conversation. Ctrl-C stops an answer, not the program.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator, Coroutine
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from tandem.assistant.assistant import Kind
from tandem.cli import say
from tandem.cli.do import show
from tandem.cli.do import talk as talk_to_assistant
from tandem.cli.foreign import by_foreign_tool
from tandem.cli.review import Look, reviewed
from tandem.cli.start import Ready, Start, command_app
from tandem.cli.turn import Talk, Voice, agreed, departure, request_for
from tandem.clock import SystemClock
from tandem.conversations import Conversations, new_conversation
from tandem.errors import CloudFault, TandemError
from tandem.types import Departure, Entry, Event, Mode, Request

if TYPE_CHECKING:
    from tandem.assistant.assistant import Assistant
    from tandem.bootstrap import Tandem

app = command_app()
ESCALATE = "\x05"  # what Ctrl-E sends; typed text cannot hold it
HELP = """\
Ctrl-E or e   ask the cloud for a better answer to the last question
Ctrl-C        stop the answer
Ctrl-D        leave
/why          who answered and why        /left   what left this device
/mode [MODE]  where answers come from     /new    a new conversation
/do TEXT      your mail, calendar, notes  /undo   take the last act back
/help         this page                   /quit   leave"""


@app.command()
def chat(
    ctx: typer.Context,
    mode: Annotated[Mode | None, typer.Option(help="Where answers may come from.")] = None,
    goes_on: Annotated[
        bool, typer.Option("--continue", "-c", help="Go on with the last conversation.")
    ] = False,
    system: Annotated[str, typer.Option(help="The system message.")] = "",
    show_draft: Annotated[
        bool, typer.Option("--show-draft", help="Colour what the device drafted for the cloud.")
    ] = False,
) -> None:
    """Talk; one key asks the cloud for a better answer."""
    start: Start = ctx.obj
    ready = start.ready()
    with suppress(KeyboardInterrupt):
        asyncio.run(_chat(start, ready, mode, goes_on, system, show_draft))


async def _chat(
    start: Start, ready: Ready, mode: Mode | None, goes_on: bool, system: str, show_draft: bool
) -> None:
    from tandem.bootstrap_stores import courier  # not for --help

    store = Conversations(ready.paths.conversations)
    conversation = store.latest() if goes_on else None
    conversation = conversation or new_conversation(SystemClock().now(), system)
    talk = Talk(conversation, store, Voice(sys.stdout, shows_drafts=show_draft))
    if show_draft:
        print(say.legend())
    carrying = courier(ready.settings, ready.paths, ready.secrets)
    with carrying:
        async with start.open(ready) as tandem:
            await Chat(start, ready, tandem, talk, mode).run()


class Chat:
    """One chat on one terminal."""

    def __init__(
        self, start: Start, ready: Ready, tandem: Tandem, talk: Talk, mode: Mode | None
    ) -> None:
        self._start = start
        self._ready = ready
        self._tandem = tandem
        self._talk = talk
        self._mode = mode
        self._assistant: Assistant | None = None
        self._entries: list[Entry] = []
        self._sent: Departure | None = None
        self._num_left = 0
        self._num_unsure = 0  # may have left with answers that were stopped or broke off
        self._prompt: PromptSession[str] = PromptSession(
            key_bindings=_keys(), bottom_toolbar=self._toolbar
        )
        self._commands = {
            "/why": self._why,
            "/undo": self._undo,
            "/left": self._left,
            "/mode": self._change_mode,
            "/new": self._new,
            "/help": self._help,
        }

    async def run(self) -> None:
        """Until the user leaves. No error ends the conversation."""
        print("Ask me something. /help shows the keys.")
        while True:
            try:
                line = (await self._prompt.prompt_async("> ")).strip()
            except KeyboardInterrupt:
                continue
            except EOFError:
                return
            if line in ("/quit", "/exit", "/bye"):
                return
            try:
                await self._obey(line)
            except TandemError as error:
                self._start.report(error)
                if isinstance(error, CloudFault):
                    print("The conversation is kept: ask again, or go on.")

    async def _obey(self, line: str) -> None:
        if line in (ESCALATE, "/escalate") or (line == "e" and self._talk.last):
            await self._escalate()
        elif line.startswith("/"):
            name, _, rest = line.partition(" ")
            command = self._commands.get(name)
            if name == "/do":
                await self._do(rest.strip())
            elif command is None:
                print(f"There is no {say.printable(name)}. /help shows what there is.")
            else:
                command(rest.strip())
        elif line:
            await self._ask(line)

    async def _ask(self, question: str) -> None:
        self._talk.conversation = self._talk.conversation.asked(question)
        settings = self._ready.settings
        request = request_for(self._talk.conversation, settings, mode=self._mode)
        request = await agreed(self._tandem, request, settings, self._confirm)
        leaving = self._tandem.preview(request) if request.may_leave_device else None
        leaving = leaving if isinstance(leaving, Departure) else None
        await self._hear(self._answer(self._tandem.engine.generate(request), leaving))

    async def _escalate(self) -> None:
        if not self._talk.conversation.exchanges:
            print("Ask something first; then this key asks the cloud.")
            return
        settings = self._ready.settings
        request = request_for(self._talk.conversation, settings, mode=self._mode)
        look = partial(departure, self._tandem, settings=settings)
        leaving = look(request)
        if settings.cloud.consent == "ask":
            said = await self._confirm(request, look)
            if said is None:
                print("Nothing was sent.")
                return
            request = said
            leaving = look(request)
        first = self._talk.last.entry_id if self._talk.last else None
        events = self._tandem.escalate(request, escalated_from=first)
        await self._hear(self._answer(events, leaving))

    async def _answer(self, events: AsyncGenerator[Event, None], leaving: Departure | None) -> None:
        try:
            finish = await self._talk.answer(events)
        except BaseException:  # a stop as well: whatever ended it, the bytes may be gone
            if leaving is not None:
                self._num_unsure += len(leaving.outgoing.body)
                self._sent = leaving
            raise
        if finish.entry is not None:
            self._entries.append(finish.entry)
            self._num_left += finish.entry.num_bytes_out
            self._sent = leaving if finish.entry.num_bytes_out else self._sent
            typer.secho(say.badge(finish.entry), dim=True)
            typer.secho(say.reason(finish.entry), dim=True)

    async def _hear(self, answer: Coroutine[Any, Any, None]) -> None:
        """Run it so that Ctrl-C stops the answer alone."""
        task = asyncio.ensure_future(answer)
        loop = asyncio.get_running_loop()
        # Windows has no signal handlers in its loop; there Ctrl-C leaves the chat.
        with suppress(NotImplementedError):
            loop.add_signal_handler(signal.SIGINT, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            if not task.cancelled():
                raise
            print("Stopped.")
        finally:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(signal.SIGINT)

    async def _confirm(self, request: Request, look: Look) -> Request | None:
        try:
            return await reviewed(request, look)
        except (KeyboardInterrupt, EOFError):
            return None

    # --- slash commands ---------------------------------------------------------------------

    async def _do(self, rest: str) -> None:
        """A request to the assistant, with its cards and questions here."""
        reply = talk_to_assistant(self._assistant_here(), rest, as_json=False)
        if reply.kind in (Kind.ESCALATED, Kind.REFUSED):
            await by_foreign_tool(self._start, rest, cloud=False)

    def _undo(self, rest: str) -> None:
        show(self._assistant_here().undo(), as_json=False)

    def _assistant_here(self) -> Assistant:
        if self._assistant is None:
            from tandem.bootstrap_assistant import open_assistant  # only who asks for it waits

            self._assistant = open_assistant(self._ready.settings, self._ready.paths)
        return self._assistant

    def _why(self, rest: str) -> None:
        print(say.why(self._entries[-1]) if self._entries else "Nothing has been answered yet.")
        if self._entries:
            print(f"receipt: tandem ledger show {self._entries[-1].id[:8]}")

    def _left(self, rest: str) -> None:
        if not self._num_left and not self._num_unsure:
            print("Nothing has left this device in this chat.")
            return
        print(f"{say.num_bytes(self._num_left)} have left this device in this chat.")
        if self._num_unsure:
            more = say.num_bytes(self._num_unsure)
            print(f"Up to {more} more, with answers that were stopped or broke off.")
        if self._sent is not None:
            print("The last of it:\n\n" + say.preview(self._sent, is_coloured=sys.stdout.isatty()))

    def _change_mode(self, rest: str) -> None:
        if rest:
            try:
                self._mode = Mode(rest)
            except ValueError:
                print(f"The modes are {', '.join(Mode)}.")
                return
        print(f"Mode: {self._effective_mode()}.")
        if self._tandem.mode is Mode.LOCAL_ONLY and rest not in ("", Mode.LOCAL_ONLY):
            print("Local-only is in the settings, and no chat goes round it.")

    def _new(self, rest: str) -> None:
        self._talk.conversation = new_conversation(
            SystemClock().now(), self._talk.conversation.system
        )
        print("A new conversation; the old one is kept.")

    def _help(self, rest: str) -> None:
        print(HELP)

    def _effective_mode(self) -> Mode:
        if self._tandem.mode is Mode.LOCAL_ONLY:
            return Mode.LOCAL_ONLY
        return self._mode or self._tandem.mode

    def _toolbar(self) -> str:
        door = self._tandem.door
        cloud = f"Ctrl-E asks {door.card.model}" if door else "no cloud is set up"
        return f" {self._effective_mode()} · {cloud} · /help"


def _keys() -> KeyBindings:
    """Ctrl-E on an empty line; in a written line it goes to the end, as everywhere."""
    keys = KeyBindings()

    @keys.add("c-e", filter=Condition(lambda: not get_app().current_buffer.text))
    def escalate(event: KeyPressEvent) -> None:
        event.app.exit(result=ESCALATE)

    return keys
