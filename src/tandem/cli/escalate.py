"""`tandem escalate`: the last question once more, answered by the cloud, after a look and a yes."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from typing import Annotated

import typer

from tandem.cli import say
from tandem.cli.start import Ready, Start, command_app
from tandem.cli.turn import Talk, Voice, confirm_here, departure, request_for
from tandem.conversations import Conversations
from tandem.errors import BadRequest, Stays
from tandem.types import Finish

app = command_app()
REFUSED = 3


@app.command()
def escalate(
    ctx: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Send it unasked.")] = False,
    only_shows: Annotated[
        bool, typer.Option("--preview", help="Show what would leave, and send nothing.")
    ] = False,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="At most so many tokens.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line per event.")] = False,
) -> None:
    """Ask the cloud for a better answer to the last question."""
    start: Start = ctx.obj
    start.as_json = as_json
    ready = start.ready()
    store = Conversations(ready.paths.conversations)
    conversation = store.latest()
    if conversation is None or not conversation.exchanges:
        raise BadRequest(
            "There is no last question.", remedy='Ask one first: tandem ask "What is a recession?"'
        )
    talk = Talk(conversation, store, Voice(sys.stdout, as_json=as_json))
    agrees = yes or ready.settings.cloud.consent == "always"
    finish = asyncio.run(_escalate(start, ready, talk, agrees, only_shows, max_tokens))
    if finish is None or finish.entry is None:
        return
    if not as_json and sys.stderr.isatty():
        typer.secho(say.badge(finish.entry), err=True, dim=True)
    if finish.entry.outcome == "refused":
        raise typer.Exit(REFUSED)


async def _escalate(
    start: Start,
    ready: Ready,
    talk: Talk,
    agrees: bool,
    only_shows: bool,
    max_tokens: int | None,
) -> Finish | None:
    request = request_for(talk.conversation, ready.settings, max_output_tokens=max_tokens)
    async with start.open(ready) as tandem:
        leaving = departure(tandem, request, ready.settings)
        if start.as_json:
            Voice(sys.stdout, as_json=True).line(say.departure_json(leaving))
        elif only_shows or agrees:
            shown = sys.stdout if only_shows else sys.stderr
            shown.write(say.preview(leaving, is_coloured=shown.isatty()) + "\n")
        if only_shows:
            return None
        if not agrees:
            confirm = confirm_here()
            if confirm is None:
                raise Stays(
                    "Sending this needs your yes, and there is no terminal to ask on.",
                    remedy="Add --yes, or: tandem config set cloud.consent always.",
                )
            said = await confirm(request, partial(departure, tandem, settings=ready.settings))
            if said is None:
                raise Stays("You said no, so nothing was sent.")
            request = said
        first = talk.last.entry_id if talk.last else None
        return await talk.answer(tandem.escalate(request, escalated_from=first))
