"""`tandem cards`: what MCP clients want to send, one by one, for your yes or no."""

from __future__ import annotations

import typer

from tandem.assistant.assistant import Assistant, Reply
from tandem.assistant.calling import Linker, reading_from
from tandem.cli import say
from tandem.cli.do import finish, says_yes
from tandem.cli.start import Start, command_app
from tandem.mcp.waiting import Wish, Wishes

app = command_app()


@app.command()
def cards(ctx: typer.Context) -> None:
    """Answer the cards that wait for your yes."""
    from tandem.bootstrap_assistant import linker, open_assistant  # libraries: not for --help

    start: Start = ctx.obj
    ready = start.ready()
    wishes = Wishes(ready.paths.data / "mcp-waiting.json")
    open_ones = wishes.all()
    if not open_ones:
        typer.echo("No card is waiting.")
        return
    assistant = open_assistant(ready.settings, ready.paths)
    for wish in open_ones:
        typer.echo(say.printable(f"{wish.client or 'An MCP client'} wants:"))
        reply = wished(assistant, wish, linker())
        for card in reply.waiting:
            typer.echo(say.printable(assistant.answer(card.id, says_yes(card)).text))
        if not reply.waiting:
            typer.echo(say.printable(reply.text))
        wishes.drop(wish.id)
    finish(ready)


def wished(assistant: Assistant, wish: Wish, link: Linker) -> Reply:
    """The wish planned anew, from the records as they are now."""
    request = wish.arguments.get("request")
    if request is not None:
        return assistant.say(str(request))
    known = assistant.knowing.refresh()
    return assistant.act_on("", reading_from(wish.tool, wish.arguments, known, link), known)
