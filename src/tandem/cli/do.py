"""`tandem do`: one request to the assistant; what goes out waits for a yes at this terminal."""

from __future__ import annotations

import json
import sys
import time
from typing import Annotated

import typer

from tandem.assistant.assistant import Assistant, Kind, Reply
from tandem.assistant.cards import Card
from tandem.assistant.telling import as_dict
from tandem.cli import say
from tandem.cli.ask import question_from
from tandem.cli.start import Ready, Start, command_app
from tandem.types import Mode

app = command_app()
NOT_HERE = 3


@app.command()
def do(
    ctx: typer.Context,
    text: Annotated[
        str | None, typer.Argument(help="What to do; - or nothing reads standard input.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line per reply.")] = False,
) -> None:
    """Do something with your mail, calendar, contacts and notes."""
    from tandem.bootstrap_assistant import open_assistant  # the calendar's library: not for --help

    start: Start = ctx.obj
    start.as_json = as_json
    ready = start.ready()
    if ready.settings.mode is Mode.LOCAL_ONLY:
        start.lock()
    assistant = open_assistant(ready.settings, ready.paths)
    reply = talk(assistant, question_from(text), as_json=as_json)
    finish(ready)
    if reply.kind in (Kind.ESCALATED, Kind.REFUSED):
        raise typer.Exit(NOT_HERE)
    if reply.kind is Kind.FAILED:
        raise typer.Exit(1)


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
        for card in reply.waiting:
            answer = assistant.answer(card.id, says_yes(card))
            show(answer, as_json=as_json)
        if reply.kind is not Kind.ASKED or as_json or not sys.stdin.isatty():
            return reply
        text = typer.prompt("", prompt_suffix="> ")


def says_yes(card: Card) -> bool:
    """The user's answer at a terminal. Where nobody sits it is no: a pipe is not a yes."""
    if not sys.stdin.isatty():
        return False
    typer.echo(say.printable(card.text))
    return typer.confirm("?", default=False)


def show(reply: Reply, *, as_json: bool) -> None:
    """The words, or one JSON line for programs."""
    if not as_json:
        typer.echo(say.printable(reply.text))
        return
    sys.stdout.write(json.dumps(as_dict(reply), ensure_ascii=False) + "\n")
    sys.stdout.flush()
