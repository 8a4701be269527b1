"""`tandem models`: fetch, list, choose, remove and calibrate.

Fetching needs an HTTP client and calibrating needs numpy, together 0.8 s of CPU, so the two import
their part when they run: listing, and the shell's completion, do not wait for them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tandem.bootstrap_models import model_store
from tandem.cli import say
from tandem.cli.start import Ready, Start, command_app
from tandem.config_file import change
from tandem.errors import BadRequest
from tandem.grading import Question
from tandem.modelstore import Model, as_dict
from tandem.policy.judging import Calibration, calibration_to_json
from tandem.questions import bundled, from_file

app = command_app()
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.callback(invoke_without_command=True)
def models(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Fetch, list, choose and calibrate models."""
    if ctx.invoked_subcommand is None:
        list_models(ctx, as_json=as_json)


@app.command("list")
def list_models(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the models on this disk."""
    start, ready = _ready(ctx, as_json)
    store = model_store(ready.settings, ready.paths)
    chosen = {ready.settings.device.model: "device", ready.settings.cloud_tier.model: "cloud tier"}
    found = store.models()
    if start.as_json:
        told = [{**as_dict(each), "used_as": chosen.get(each.name)} for each in found]
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("NAME", "SIZE", "CALIBRATED", "USED AS", "SOURCE"):
        table.add_column(column, justify="right" if column == "SIZE" else "left")
    for each in found:
        calibrated = "yes" if each.is_calibrated else "no"
        table.add_row(each.name, _size(each), calibrated, chosen.get(each.name, ""), each.source)
    Console(highlight=False, markup=False).print(table)
    print(f"in {store.folder}")


@app.command()
def pull(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(help="OWNER/NAME[:FILE], a URL, or a file.")],
    name: Annotated[str | None, typer.Option(help="What to call it here.")] = None,
    sha256: Annotated[str, typer.Option(help="The checksum that it must have.")] = "",
    as_json: AsJson = False,
) -> None:
    """Fetch a model; what was fetched of a broken download is used again."""
    from tandem.pulling import Progress as Pulled  # see the module's docstring
    from tandem.pulling import pull as pull_model

    start, ready = _ready(ctx, as_json)
    store = model_store(ready.settings, ready.paths)
    # A gated repository's token is asked for under the hub's own usual name.
    token = start.environ.get("HF_TOKEN") or None
    with _bar(start) as bar:
        task = bar.add_task("asking the hub", total=None)

        def progress(now: Pulled) -> None:
            if now.total is None:  # "checking": the bar stays as full as it is
                bar.update(task, description=now.step)
            else:
                bar.update(task, description=now.step, completed=now.num_bytes, total=now.total)

        hub = ready.settings.models.hub
        found = asyncio.run(
            pull_model(
                store, source, name=name, sha256=sha256, hub=hub, token=token, progress=progress
            )
        )
    if start.as_json:
        print(json.dumps(as_dict(found), ensure_ascii=False))
        return
    print(f"{found.name} is here ({_size(found)}).")
    print(f"To answer with it: tandem models use {found.name}")
    print(f"Until it is calibrated, it is trusted little: tandem models calibrate {found.name}")


@app.command()
def use(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A model's name, or a GGUF file.")],
    for_cloud_tier: Annotated[
        bool, typer.Option("--cloud-tier", help="For `tandem cloud`, not for the device.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Choose the model that answers."""
    start, ready = _ready(ctx, as_json)
    if Path(name).suffix == ".gguf" and Path(name).is_file():
        name = str(Path(name).absolute())
    else:
        model_store(ready.settings, ready.paths).find(name)
    key = "cloud_tier.model" if for_cloud_tier else "device.model"
    change(ready.paths.config, key, name)
    told = {"key": key, "value": name}
    print(json.dumps(told) if start.as_json else f"{key} is now {name}.")


@app.command()
def rm(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A model's name.")],
    as_json: AsJson = False,
) -> None:
    """Remove a model from this disk."""
    start, ready = _ready(ctx, as_json)
    if name in (ready.settings.device.model, ready.settings.cloud_tier.model):
        raise BadRequest(
            f"{name} is in use.", remedy="Choose another first: tandem models use NAME."
        )
    gone = model_store(ready.settings, ready.paths).rm(name)
    told = f"{gone.name} is gone; {_size(gone)} are free again."
    print(json.dumps(as_dict(gone)) if start.as_json else told)


@app.command()
def calibrate(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="A model's name; else the device's.")] = None,
    questions: Annotated[
        str,
        typer.Option(
            help="glossary (for the models that came along), general (for others), or a file."
        ),
    ] = "",
    num_questions: Annotated[
        int, typer.Option("--limit", min=1, help="Ask at most so many, evenly spread.")
    ] = 300,
    wrong_share: Annotated[
        float,
        typer.Option(min=0.001, max=0.5, help="Of all questions, as many may be answered wrongly."),
    ] = 0.024,
    as_json: AsJson = False,
) -> None:
    """Find out how far a model's own probabilities can be trusted."""
    start: Start = ctx.obj
    start.as_json = as_json
    ready = start.ready(device__model=name, device__kind="llama")
    asked = _spread(_questions(questions or _usual_set(ready)), num_questions)
    found = asyncio.run(_calibrate(start, ready, asked, wrong_share))
    told = calibration_to_json(found)
    if start.as_json:
        print(json.dumps(told, ensure_ascii=False))
        return
    print(f"{ready.settings.device.model}: threshold {found.threshold:.2f}. {found.note}")


async def _calibrate(
    start: Start, ready: Ready, asked: list[Question], wrong_share: float
) -> Calibration:
    from tandem.calibrating import calibrate as fitted  # see the module's docstring

    async with start.open(ready, local_only=True) as tandem:
        engine = await tandem.device.ready()
        with _bar(start, counts_bytes=False) as bar:
            task = bar.add_task(f"asking {engine.card.model}", total=len(asked))
            found = await fitted(
                engine,
                asked,
                progress=lambda done: bar.update(task, completed=done),
                target_wrong_share=wrong_share,
            )
        name = Path(ready.settings.device.model).name.removesuffix(".gguf")
        tandem.store.write_calibration(name, calibration_to_json(found))
    return found


def _usual_set(ready: Ready) -> str:
    """The glossary is what the bundled models were trained for; others know other things."""
    name = ready.settings.device.model
    known = model_store(ready.settings, ready.paths).models()
    return "glossary" if any(m.name == name and m.is_bundled for m in known) else "general"


def _questions(chosen: str) -> list[Question]:
    if chosen == "glossary":
        return bundled("glossary")
    return bundled("general") if chosen == "general" else from_file(Path(chosen).expanduser())


def _spread(questions: list[Question], limit: int) -> list[Question]:
    """Evenly over the whole set, which may be sorted by topic."""
    if len(questions) <= limit:
        return questions
    return [questions[index * len(questions) // limit] for index in range(limit)]


def _ready(ctx: typer.Context, as_json: bool) -> tuple[Start, Ready]:
    start: Start = ctx.obj
    start.as_json = start.as_json or as_json
    return start, start.ready()


def _size(model: Model) -> str:
    return say.num_bytes(model.num_bytes)


@contextmanager
def _bar(start: Start, *, counts_bytes: bool = True) -> Generator[Progress]:
    """A progress bar on a terminal's standard error; silent in pipes and for programs."""
    console = Console(stderr=True)
    columns: list[Any] = [TextColumn("{task.description}"), BarColumn(bar_width=30)]
    columns.append(
        DownloadColumn() if counts_bytes else TextColumn("{task.completed}/{task.total}")
    )
    columns.append(TimeRemainingColumn())
    with Progress(
        *columns, console=console, disable=start.as_json or not console.is_terminal
    ) as bar:
        yield bar
