"""`tandem doctor`: every check, each finding with its remedy."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from tandem.cli.start import Ready, Start, command_app
from tandem.clock import SystemClock
from tandem.config import paths_from
from tandem.doctor import (
    Finding,
    check_engines,
    check_key,
    check_machine,
    check_pairings,
    check_settings,
)
from tandem.secrets import Secrets

app = command_app()
FAULT = 1
MARKS = {"ok": ("ok     ", "green"), "warning": ("warning", "yellow"), "fault": ("FAULT  ", "red")}


@app.command()
def doctor(
    ctx: typer.Context,
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask the cloud.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Find what is wrong and say how to mend it."""
    start: Start = ctx.obj
    start.as_json = as_json
    findings = asyncio.run(_doctor(start, asks_cloud=not offline))
    num_faults = sum(each.status == "fault" for each in findings)
    if as_json:
        print(json.dumps([asdict(each) for each in findings], ensure_ascii=False, indent=1))
    else:
        _print(findings)
    if num_faults:
        raise typer.Exit(FAULT)


async def _doctor(start: Start, *, asks_cloud: bool) -> list[Finding]:
    path = start.settings_file()
    named = start.config is not None or "TANDEM_CONFIG" in start.environ
    loaded, findings = check_settings(path, start.environ, must_exist=named)
    paths = paths_from(loaded.settings, path, start.environ)
    secrets = Secrets(start.environ)
    ready = Ready(loaded.settings, loaded.origins, paths, secrets)
    findings += await check_machine(loaded.settings, paths, SystemClock(), secrets)
    findings += check_key(loaded.settings, secrets)
    findings += await check_pairings(loaded.settings, paths, asks_cloud=asks_cloud)
    findings += await check_engines(
        loaded.settings, lambda: start.open(ready), asks_cloud=asks_cloud
    )
    return findings


def _print(findings: list[Finding]) -> None:
    console = Console(highlight=False)
    for each in findings:
        mark, style = MARKS[each.status]
        console.print(Text.assemble((mark, style), f"  {each.check}: {each.message}"))
        if each.remedy and each.status != "ok":
            console.print(Text(f"         -> {each.remedy}"))
    num_faults = sum(each.status == "fault" for each in findings)
    console.print("All is well." if not num_faults else f"{num_faults} to mend.")
