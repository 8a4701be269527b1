"""`tandem demo`: a live tour in a temporary home, with its own `tandem cloud`."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from tandem.cli.ledger import receipts_table
from tandem.cli.start import Start, command_app
from tandem.cli.tour import Checks, Tour, places_for, port_of, tier
from tandem.cli.tour_life import LifeTour
from tandem.clock import SystemClock
from tandem.questions import bundled

app = command_app()
FAULT = 1


@app.command()
def demo(
    ctx: typer.Context,
    seed: Annotated[int | None, typer.Option(help="Repeat a tour with its questions.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="At the end, the checks.")] = False,
) -> None:
    """See it work: a live tour in half a minute."""
    start: Start = ctx.obj
    seed = secrets.randbelow(10_000) if seed is None else seed
    console = Console(highlight=False, stderr=as_json, soft_wrap=False)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tandem-demo-") as folder:
        checks = asyncio.run(_demo(start, console, Path(folder), seed))
    seconds = time.monotonic() - began
    if as_json:
        told = {"ok": checks.all_hold, "checks": checks.held, "seed": seed, "seconds": seconds}
        print(json.dumps(told, indent=1))
    _summary(console, checks, seed, seconds)
    if not checks.all_hold:
        raise typer.Exit(FAULT)


async def _demo(start: Start, console: Console, folder: Path, seed: int) -> Checks:
    environ = places_for(folder, start.environ)
    home = Start(environ)
    questions = bundled("glossary")
    random.Random(seed).shuffle(questions)
    console.print(Text("Tandem: a live tour", style="bold"))
    console.print(
        "A small model on this device, a larger one as its cloud in a process of its own.\n"
        "Everything is asked now, in a temporary folder; your settings stay untouched."
    )
    async with tier(environ) as process:
        port = await port_of(process)
        tour = Tour(console, home.ready(), questions, SystemClock().now())
        async with home.open(home.ready(), local_only=True) as tandem:
            await tour.alone(tandem)
        if not tour.checks.all_hold:
            return tour.checks
        # The tier's own name for its model is its file's, without folder and ending.
        model = Path(home.ready().settings.cloud_tier.model).name.removesuffix(".gguf")
        url = f"http://127.0.0.1:{port}/v1"
        ready = home.ready(cloud_tier__port=str(port), cloud__url=url, cloud__model=model)
        async with home.open(ready) as tandem:
            await tour.escalated(tandem)
            await tour.cut(tandem, process)
            tour.receipts(tandem, receipts_table)
    LifeTour(console, home.ready(), seed, tour.checks).run()
    return tour.checks


def _summary(console: Console, checks: Checks, seed: int, seconds: float) -> None:
    console.print()
    for promise, is_so in checks.held.items():
        console.print(Text.assemble(("ok    ", "green") if is_so else ("FAULT ", "red"), promise))
    end = "Each step really did so" if checks.all_hold else "Not every step did so"
    console.print(f"\n{end}, in {seconds:.0f} s. The same questions again: --seed {seed}")
