"""`tandem ledger`: the receipts. Who answered, why, at what cost, and what left the device."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TextIO

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from tandem.cli import say
from tandem.cli.start import Start, command_app
from tandem.errors import BadRequest, DeviceFault
from tandem.ledger import SqliteLedger, totals
from tandem.types import Entry

app = command_app()
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
CSV_COLUMNS: tuple[str, ...] = (
    "id", "started_at", "outcome", "answered_by", "model", "route_reason", "verdict",
    "confidence", "threshold", "input_tokens", "output_tokens", "seconds_to_first_token",
    "seconds", "money", "currency", "joules", "num_bytes_out", "finish_reason", "error",
    "conversation_id", "escalated_from",
)  # fmt: skip


@app.callback(invoke_without_command=True)
def ledger(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="The newest so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show and export receipts."""
    start: Start = ctx.obj
    start.as_json = as_json
    if ctx.invoked_subcommand is not None:
        return
    with _opened(start) as receipts:
        found = list(receipts.entries(limit=limit))
    if as_json:
        print(json.dumps([msgspec.to_builtins(each) for each in found], indent=1))
    elif found:
        _console().print(receipts_table(found))
    else:
        print('No receipts yet. Ask something: tandem ask "What is a recession?"')


@app.command()
def show(
    ctx: typer.Context,
    entry_id: Annotated[str, typer.Argument(metavar="ID", help="An id, or how it begins.")],
    as_json: AsJson = False,
) -> None:
    """Show one receipt with its reasons and costs."""
    start = _start(ctx, as_json)
    with _opened(start) as receipts:
        entry = receipts.entry(entry_id)
    if entry is None:
        raise BadRequest(
            "There is no such receipt, or more than one begins so.",
            remedy="`tandem ledger` lists them.",
        )
    if start.as_json:
        print(json.dumps(msgspec.to_builtins(entry), indent=1))
        return
    for line in _lines(entry):
        print(line)


@app.command()
def export(
    ctx: typer.Context,
    form: Annotated[Literal["jsonl", "csv"], typer.Option("--format", help="The form.")] = "jsonl",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file; else standard output.")
    ] = None,
) -> None:
    """Write all receipts, the oldest first."""
    with _opened(ctx.obj) as receipts, _target(output) as out:
        entries = receipts.entries(newest_first=False)
        if form == "jsonl":
            for entry in entries:
                out.write(msgspec.json.encode(entry).decode() + "\n")
        else:
            writer = csv.DictWriter(out, CSV_COLUMNS)
            writer.writeheader()
            writer.writerows(_row(entry) for entry in entries)


@app.command("totals")
def show_totals(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Add up tokens, time, money and energy, per day, place and model."""
    start = _start(ctx, as_json)
    by_day: dict[str, list[Entry]] = {}
    with _opened(start) as receipts:
        for entry in receipts.entries():
            by_day.setdefault(f"{_when(entry):%Y-%m-%d}", []).append(entry)
    rows: list[dict[str, Any]] = [
        {"day": day, "outcome": outcome, "place": place, "model": model, **sums}
        for day, entries in by_day.items()
        for (outcome, place, model), sums in totals(iter(entries)).items()
    ]
    if start.as_json:
        print(json.dumps(rows, indent=1))
        return
    table = Table(box=None, pad_edge=False)
    for name in ("DAY", "PLACE", "MODEL", "OUTCOME"):
        table.add_column(name, no_wrap=True)
    for name in ("COUNT", "IN", "OUT", "TIME", "MONEY", "ENERGY", "LEFT"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        spent = [f"{v:.4f} {k[6:]}" for k, v in row.items() if k.startswith("money_")]
        table.add_row(
            row["day"], row["place"], row["model"], row["outcome"], f"{row['answers']:.0f}",
            f"{row.get('input_tokens', 0):.0f}", f"{row.get('output_tokens', 0):.0f}",
            f"{row['seconds']:.1f} s", "\n".join(spent) or "-", f"{row.get('joules', 0):.0f} J",
            say.num_bytes(int(row.get("num_bytes_out", 0))),
        )  # fmt: skip
    _console().print(table)


def receipts_table(entries: Iterable[Entry]) -> Table:
    """One line per receipt, within 80 columns."""
    table = Table(box=None, pad_edge=False)
    for name in ("ID", "WHEN", "PLACE", "MODEL", "OUTCOME"):
        table.add_column(name, no_wrap=True)
    for name in ("SURE", "TIME", "MONEY", "LEFT"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in entries:
        row = _row(each)
        sure = "-" if row["confidence"] is None else f"{row['confidence']:.2f}"
        money = "-" if row["money"] is None else f"{row['money']:.4f}"
        table.add_row(
            each.id[:8], f"{_when(each):%m-%d %H:%M}", each.answered_by or "-", each.model or "-",
            each.outcome, sure, f"{each.seconds:.1f} s", money,
            str(each.num_bytes_out),
        )  # fmt: skip
    return table


def _row(entry: Entry) -> dict[str, Any]:
    """One flat row; sums over places."""
    spent = [part.money for part in entry.work if part.money is not None]
    verdict, route = entry.verdict, entry.route
    return {
        "id": entry.id,
        "started_at": entry.started_at,
        "outcome": entry.outcome,
        "answered_by": entry.answered_by,
        "model": entry.model,
        "route_reason": route.reason if route else None,
        "verdict": verdict.ruling if verdict else None,
        "confidence": verdict.confidence if verdict else None,
        "threshold": verdict.threshold if verdict else None,
        "input_tokens": sum(part.usage.input_tokens for part in entry.work),
        "output_tokens": sum(part.usage.output_tokens for part in entry.work),
        "seconds_to_first_token": entry.seconds_to_first_token,
        "seconds": entry.seconds,
        "money": sum(each.amount for each in spent) if spent else None,
        "currency": spent[0].currency if spent else None,
        "joules": sum(part.joules or 0.0 for part in entry.work),
        "num_bytes_out": entry.num_bytes_out,
        "finish_reason": entry.finish_reason,
        "error": entry.error,
        "conversation_id": entry.conversation_id,
        "escalated_from": entry.escalated_from,
    }


def _lines(entry: Entry) -> Iterator[str]:
    yield f"receipt   {entry.id}"
    yield f"when      {_when(entry):%Y-%m-%d %H:%M:%S}"
    yield f"outcome   {entry.outcome}" + (f" ({entry.error})" if entry.error else "")
    yield f"answered  by the {entry.answered_by or '-'}, {entry.model or '-'}"
    for line in say.why(entry).splitlines():
        name, _, rest = line.partition(": ")
        yield f"{name:<9} {rest}"
    first = entry.seconds_to_first_token
    told = f", the first word after {first:.2f} s" if first is not None else ""
    yield f"time      {entry.seconds:.2f} s{told}"
    for part in entry.work:
        used = part.usage
        tokens = f"{used.input_tokens} tokens in, {used.output_tokens} out"
        yield f"{part.place:<9} {part.model}: {tokens}"
        if used.output_tokens and used.seconds:
            yield f"          {1000 * used.seconds / used.output_tokens:.1f} ms per output token"
        yield f"          {say.money(part.money) if part.money else 'no price'}"
        if part.joules is not None:
            yield f"          {part.joules:.1f} J ({part.joules_source})"
    yield f"left      {say.num_bytes(entry.num_bytes_out)}"
    if entry.escalated_from:
        yield f"follows   {entry.escalated_from}"


def _when(entry: Entry) -> datetime:
    return datetime.fromtimestamp(entry.started_at).astimezone()


def _console() -> Console:
    """Colours as the terminal wants them; a pipe gets whole lines, not 80 columns."""
    width = None if sys.stdout.isatty() else 200
    return Console(highlight=False, markup=False, width=width)


def _start(ctx: typer.Context, as_json: bool) -> Start:
    start: Start = ctx.obj
    start.as_json = start.as_json or as_json
    return start


@contextmanager
def _opened(start: Start) -> Generator[SqliteLedger]:
    receipts = SqliteLedger(start.ready().paths.ledger)
    try:
        yield receipts
    finally:
        asyncio.run(receipts.aclose())


@contextmanager
def _target(output: Path | None) -> Generator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    try:
        with output.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise DeviceFault(f"{output} cannot be written: {error.strerror}.") from None
