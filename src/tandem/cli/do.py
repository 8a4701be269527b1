"""`tandem do`: one request to the assistant; what goes out waits for a yes at this terminal."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Annotated

import typer

from tandem.assistant.assistant import Assistant, Kind, Reply
from tandem.assistant.calling import reading_of
from tandem.assistant.cards import Card
from tandem.assistant.telling import as_dict
from tandem.cli import say
from tandem.cli.ask import question_from
from tandem.cli.foreign import by_foreign_tool
from tandem.cli.start import Ready, Start, command_app
from tandem.errors import Stays
from tandem.types import Mode, Request, TextDelta, ToolCall, message
from tandem.understanding.catalogue import CATALOGUE

app = command_app()
NOT_HERE = 3


@app.command()
def do(
    ctx: typer.Context,
    text: Annotated[
        str | None, typer.Argument(help="What to do; - or nothing reads standard input.")
    ] = None,
    cloud: Annotated[
        bool, typer.Option("--cloud", help="Give the request to the cloud where the device fails.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line per reply.")] = False,
) -> None:
    """Do something with your mail, calendar, contacts and notes."""
    # the calendar's library: not for --help
    from tandem.bootstrap_assistant import keep_recent, open_assistant

    start: Start = ctx.obj
    start.as_json = as_json
    ready = start.ready()
    if ready.settings.mode is Mode.LOCAL_ONLY:
        start.lock()
    assistant = open_assistant(ready.settings, ready.paths)
    text = question_from(text)
    reply = talk(assistant, text, as_json=as_json)
    keep_recent(assistant, ready.paths)
    if reply.kind in (Kind.ESCALATED, Kind.REFUSED):
        if asyncio.run(by_foreign_tool(start, text, cloud=cloud)):
            return
    if cloud and reply.kind is Kind.ESCALATED:
        reply = asyncio.run(_by_cloud(start, ready, assistant, text))
        show(reply, as_json=as_json)
        answer_cards(assistant, reply, as_json=as_json)
    finish(ready)
    if reply.kind in (Kind.ESCALATED, Kind.REFUSED):
        raise typer.Exit(NOT_HERE)
    if reply.kind is Kind.FAILED:
        raise typer.Exit(1)


async def _by_cloud(start: Start, ready: Ready, assistant: Assistant, text: str) -> Reply:
    """The cloud reads the request, and nothing else: it gets the words and the tools, no record.

    The flag is the consent to that; its calls are planned and shown here like the device's own.
    """
    from tandem.bootstrap_assistant import linker

    if ready.settings.cloud.consent == "never":
        raise Stays("The settings say that nothing leaves.", remedy="Leave --cloud out.")
    tools = tuple(spec.tool for spec in CATALOGUE.values())
    request = Request((message("user", text),), tools, may_leave_device=True, mode=Mode.CLOUD_ONLY)
    said: list[str] = []
    calls: list[ToolCall] = []
    async with start.open(ready) as tandem:
        async for event in tandem.escalate(request):
            if isinstance(event, TextDelta):
                said.append(event.text)
            elif isinstance(event, ToolCall):
                calls.append(event)
    if not calls:
        return Reply(Kind.ANSWERED, "".join(said))
    known = assistant.knowing.refresh()
    return assistant.act_on(text, reading_of(calls, known, linker()), known)


def answer_cards(assistant: Assistant, reply: Reply, *, as_json: bool) -> None:
    """Every card that waits, by whoever sits here."""
    for card in reply.waiting:
        show(assistant.answer(card.id, says_yes(card, as_json=as_json)), as_json=as_json)


def finish(ready: Ready) -> None:
    """What was done goes to the user's servers now; without a network it waits in the outbox."""
    from tandem.bootstrap_stores import finish_acts

    try:
        done = finish_acts(ready.settings, ready.paths, ready.secrets, pause=_hold)
    except KeyboardInterrupt:
        sys.stderr.write("It waits in the outbox: `tandem undo` takes it back.\n")
        raise
    if done.fault is not None:
        sys.stderr.write(f"Your servers will learn of it later. {done.fault.message}\n")


def _hold(seconds: float) -> None:
    """A letter waits a while before it leaves, so that it can be taken back."""
    if seconds >= 1:
        told = f"The mail leaves in {seconds:.0f} s. Until then Ctrl-C keeps it here."
        sys.stderr.write(told + "\n")
    time.sleep(seconds)


def talk(assistant: Assistant, text: str, *, as_json: bool) -> Reply:
    """One request to its end: questions and cards are answered here, by whoever sits here."""
    while True:
        reply = assistant.say(text)
        show(reply, as_json=as_json)
        answer_cards(assistant, reply, as_json=as_json)
        if reply.kind is not Kind.ASKED or as_json or not sys.stdin.isatty():
            return reply
        text = typer.prompt("", prompt_suffix="> ")


def says_yes(card: Card, *, as_json: bool = False) -> bool:
    """The user's answer at a terminal. Where nobody sits it is no: a pipe is not a yes."""
    typer.echo(say.printable(card.text), err=as_json)
    if not sys.stdin.isatty():
        sys.stderr.write("This is no terminal, so there is no yes: say it again at one.\n")
        return False
    return typer.confirm("?", default=False)


def show(reply: Reply, *, as_json: bool) -> None:
    """The words, or one JSON line for programs."""
    if not as_json:
        typer.echo(say.printable(reply.text))
        return
    sys.stdout.write(json.dumps(as_dict(reply), ensure_ascii=False) + "\n")
    sys.stdout.flush()
