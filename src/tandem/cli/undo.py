"""`tandem undo`: takes back what was done to your mail, calendar, contacts and notes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from tandem.cli import say
from tandem.cli.start import Start, command_app
from tandem.errors import BadRequest
from tandem.types import Mode

app = command_app()


@app.command()
def undo(
    ctx: typer.Context,
    act: Annotated[str, typer.Argument(help="The act's id, or its beginning; else the last.")] = "",
    show_list: Annotated[bool, typer.Option("--list", help="Show the last acts.")] = False,
) -> None:
    """Take back the last act on your mail, calendar, contacts or notes."""
    from tandem.bootstrap_stores import open_stores
    from tandem.config import local_zone

    start: Start = ctx.obj
    ready = start.ready()
    if ready.settings.mode is Mode.LOCAL_ONLY:
        start.lock()
    with open_stores(ready.settings, ready.paths, ready.secrets) as opened:
        acts = opened.journal.acts(50)
        if show_list:
            zone = ZoneInfo(local_zone(ready.settings.you.zone))
            for each in acts:
                at = datetime.fromtimestamp(each.started_at, zone)
                mark = "undone" if each.is_undone else ""
                typer.echo(
                    f"{each.id[:8]} {at:%Y-%m-%d %H:%M} {mark:<6} {say.printable(each.title)}"
                )
            return
        chosen = next(
            (a for a in acts if (a.id.startswith(act) if act else True) and not a.is_undone), None
        )
        if chosen is None:
            raise BadRequest("There is nothing to undo.", remedy="tandem undo --list shows all.")
        undone = opened.journal.undo(chosen.id)
        many = "1 change" if undone.num_undone == 1 else f"{undone.num_undone} changes"
        typer.echo(f"Taken back: {say.printable(chosen.title)} ({many}).")
        if undone.left:
            out = "1 mail is" if len(undone.left) == 1 else f"{len(undone.left)} mails are"
            typer.echo(f"{out} out and cannot be taken back.")
        opened.sync()
