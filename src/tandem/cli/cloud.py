"""`tandem cloud`: the embedded cloud tier, tower behind the same API in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tandem.bootstrap import open_cloud_tier
from tandem.cli.serve import Announcement, limits_from
from tandem.cli.start import Ready, Start, command_app
from tandem.clock import SystemClock
from tandem.secrets import token_from
from tandem.serve.app import create_app
from tandem.serve.running import blocking, run

app = command_app()


@app.command()
def cloud(
    ctx: typer.Context,
    port: Annotated[int | None, typer.Option(help="0 takes a free one.")] = None,
    model: Annotated[str | None, typer.Option(help="A model's name, or a GGUF file.")] = None,
    tokens_per_second: Annotated[
        float | None, typer.Option(min=0, help="Slow down to a large model's pace.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line when ready.")] = False,
) -> None:
    """Run the embedded cloud tier."""
    start: Start = ctx.obj
    start.as_json = as_json
    given = {"port": port, "model": model, "tokens_per_second": tokens_per_second}
    flags = {f"cloud_tier__{key}": str(value) for key, value in given.items() if value is not None}
    ready = start.ready(**flags)
    blocking(_cloud(start, ready))


async def _cloud(start: Start, ready: Ready) -> None:
    tier = ready.settings.cloud_tier
    name = Path(tier.model).name.removesuffix(".gguf")
    async with open_cloud_tier(ready.settings, ready.paths) as engine:
        api = create_app(
            engine,
            models={name: None},
            token=token_from(ready.paths.cloud_tier_token),
            clock=SystemClock(),
            limits=limits_from(ready.settings.serve),
        )
        told = Announcement(
            f"The cloud tier ({name})",
            tier.host,
            ready.paths.cloud_tier_token,
            start.as_json,
            hint="To use it, in another terminal:\n"
            "  tandem config set cloud.url {url}\n"
            f"  tandem config set cloud.model {name}",
        )
        await run(api, host=tier.host, port=tier.port, on_ready=told.say)
