"""`tandem config`: where the settings are, what they say and why, and how to change them."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from tandem.cli.start import Ready, Start, command_app
from tandem.config import Settings
from tandem.config_file import change
from tandem.config_keys import RULES, key_named, keys
from tandem.errors import BadRequest, BadSettings

app = command_app()
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.callback(invoke_without_command=True)
def config(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show and change settings."""
    if ctx.invoked_subcommand is None:
        show(ctx, as_json=as_json)


@app.command()
def path(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Say where the settings and the data are."""
    start, ready = _ready(ctx, as_json)
    places = {name: str(getattr(ready.paths, name)) for name in type(ready.paths).__slots__}
    if start.as_json:
        print(json.dumps(places, indent=1))
        return
    for name, place in places.items():
        print(f"{name:<17} {place}")


@app.command()
def show(
    ctx: typer.Context,
    origin: Annotated[bool, typer.Option("--origin", help="Say where each came from.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show all settings."""
    start, ready = _ready(ctx, as_json)
    values = _values(ready.settings)
    if start.as_json:
        told = {
            name: {"value": value, "origin": ready.origins.get(name, "default")}
            for name, value in values.items()
        }
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for name, value in values.items():
        line = f"{name} = {_toml(value)}"
        print(f"{line:<50} # {ready.origins.get(name, 'default')}" if origin else line)


@app.command()
def get(
    ctx: typer.Context,
    key: Annotated[str, typer.Argument(help="Such as cloud.url.")],
    as_json: AsJson = False,
) -> None:
    """Show one setting."""
    start, ready = _ready(ctx, as_json)
    key_named(key)
    values = _values(ready.settings)
    if key not in values:
        raise BadRequest(f"{key} is not set.", remedy=f"Set it: tandem config set {key} VALUE.")
    value = values[key]
    plain = value if isinstance(value, str) else _toml(value)
    print(json.dumps(value, ensure_ascii=False) if start.as_json else plain)


@app.command("set")
def set_key(
    ctx: typer.Context,
    key: Annotated[str, typer.Argument(help="Such as cloud.url.")],
    value: Annotated[str, typer.Argument(help="Its value; lists with commas.")],
    as_json: AsJson = False,
) -> None:
    """Change one setting in the file; comments stay."""
    _change(ctx, key, value, as_json=as_json)


@app.command()
def unset(
    ctx: typer.Context,
    key: Annotated[str, typer.Argument(help="Such as cloud.url.")],
    as_json: AsJson = False,
) -> None:
    """Take one setting out of the file: its default counts again."""
    _change(ctx, key, None, as_json=as_json)


@app.command("key")
def keep_key(
    ctx: typer.Context,
    forget: Annotated[bool, typer.Option("--forget", help="Delete the kept key.")] = False,
    as_json: AsJson = False,
) -> None:
    """Keep the cloud's API key in the system's keyring; it is asked for or read from a pipe."""
    start, ready = _ready(ctx, as_json)
    host = ready.settings.cloud.host
    if not host:
        raise BadSettings(
            "A key is kept for a host, and no cloud is set up.",
            remedy="Set one first: tandem config set cloud.url https://HOST/v1.",
        )
    key = None if forget else _typed_key(host)
    ready.secrets.keep_api_key(host, key)
    done = f"The key for {host} is {'forgotten' if forget else 'kept in the keyring'}."
    print(json.dumps({"host": host, "kept": not forget}) if start.as_json else done)


def _typed_key(host: str) -> str:
    if sys.stdin.isatty():
        key: str = typer.prompt(f"API key for {host}", hide_input=True)
    else:
        key = sys.stdin.readline()
    if not key.strip():
        raise BadRequest("The key is empty.")
    return key.strip()


def _change(ctx: typer.Context, key: str, value: str | None, *, as_json: bool) -> None:
    start: Start = ctx.obj
    start.as_json = as_json
    file = start.settings_file()
    change(file, key, value)
    shown = f"{key} is now {value}" if value is not None else f"{key} has its default again"
    told: Mapping[str, Any] = {"key": key, "value": value, "file": str(file)}
    print(json.dumps(told) if as_json else f"{shown} ({_short(file)}).")
    variable = key_named(key).variable
    if variable in start.environ and not as_json:
        print(f"But {variable} is set in the environment, and it counts more.")


def _short(file: Path) -> str:
    home = Path.home()
    return f"~/{file.relative_to(home)}" if file.is_relative_to(home) else str(file)


def _values(settings: Settings) -> dict[str, Any]:
    """All settings by dotted name."""
    tree: dict[str, Any] = msgspec.to_builtins(settings)
    values: dict[str, Any] = {}
    for name in keys():
        room, _, last = name.rpartition(".")
        values[name] = tree[room][last] if room else tree[last]
    rules: dict[str, str] = tree["privacy"]["rules"]
    values |= {f"{RULES}.{line}": action for line, action in rules.items()}
    for model, price in tree["prices"].items():
        values |= {f"prices.{model}.{last}": value for last, value in price.items()}
    return values


def _toml(value: Any) -> str:
    """As it stands in the file; "" where the part decides."""
    return '""' if value is None else json.dumps(value, ensure_ascii=False)


def _ready(ctx: typer.Context, as_json: bool) -> tuple[Start, Ready]:
    start: Start = ctx.obj
    start.as_json = start.as_json or as_json
    return start, start.ready()
