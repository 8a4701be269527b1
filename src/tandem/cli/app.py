"""The commands by name, loaded when they are called, and the end of every error.

A command's module is imported only when it runs, so that `tandem --help` costs little and each
module can import what it needs at its top. The table below holds what `--help` shows; a test sees
to it that a command says the same of itself.
"""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core
import typer.main
from typer.exceptions import TyperException

from tandem import __version__
from tandem.cli.start import Start
from tandem.errors import BadRequest, BadSettings, CloudFault, Stays, TandemError

COMMANDS: Mapping[str, str] = {
    "ask": "Ask one question; `-` reads it from standard input.",
    "chat": "Talk; one key asks the cloud for a better answer.",
    "do": "Do something with your mail, calendar, contacts and notes.",
    "cards": "Answer the cards that wait for your yes.",
    "mcp": "Offer the assistant's tools over MCP, and use other servers' tools.",
    "undo": "Take back the last act on your mail, calendar, contacts or notes.",
    "connect": "Connect your own mail, calendar and contacts servers.",
    "escalate": "Ask the cloud for a better answer to the last question.",
    "serve": "Serve the OpenAI API on this machine.",
    "cloud": "Run the embedded cloud tier.",
    "pair": "Pair this device with a cloud of your own.",
    "models": "Fetch, list, choose and calibrate models.",
    "ledger": "Show and export receipts.",
    "privacy": "Say what was covered and why; show and check the audit trail.",
    "doctor": "Find what is wrong and say how to mend it.",
    "demo": "See it work: a live tour in half a minute.",
    "config": "Show and change settings.",
}

FAULT, USAGE, STAYS, CLOUD_FAULT, INTERRUPTED = 1, 2, 4, 5, 130
EXIT_CODES = (
    "Exit codes: 0 done; 1 a fault on this machine; 2 wrong usage, input or settings; 3 \"I don't "
    "know\"; 4 stays on the device; 5 the cloud's fault; 130 interrupted."
)


class LazyGroup(typer.core.TyperGroup):
    """Loads a command when it is called; turns every error into words and an exit code."""

    def list_commands(self, ctx: Any) -> list[str]:
        """In the table's order, as a user learns them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A stand-in with the help line; `resolve_command` brings the real one."""
        if cmd_name not in COMMANDS:
            return None
        return typer.core.TyperCommand(cmd_name, help=COMMANDS[cmd_name])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """What is really called, also for shell completion."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, loaded(name) if name and command is not None else command, rest

    def invoke(self, ctx: Any) -> Any:
        """Run it. No error ends as a traceback; Ctrl-C has the code that shells expect."""
        try:
            return super().invoke(ctx)
        except TandemError as error:
            ctx.obj.report(error)
            raise typer.Exit(exit_code(error)) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except (typer.Exit, typer.Abort, TyperException, BrokenPipeError):
            raise
        # A bug of ours, whatever its type, must look like one: no traceback could keep the user's
        # text off the screen or out of a report.
        except Exception as bug:
            if ctx.obj.shows_traceback:
                raise
            ctx.obj.report(_as_error(bug))
            raise typer.Exit(FAULT) from None


def _as_error(bug: Exception) -> TandemError:
    place = traceback.extract_tb(bug.__traceback__)[-1]
    return TandemError(
        f"This is a bug in Tandem: {type(bug).__name__} in {Path(place.filename).name}:"
        f"{place.lineno}.",
        remedy="Please report it; `tandem --traceback ...` shows more.",
    )


def exit_code(error: TandemError) -> int:
    """The documented exit code of an error."""
    if isinstance(error, (BadRequest, BadSettings)):
        return USAGE
    if isinstance(error, Stays):
        return STAYS
    return CLOUD_FAULT if isinstance(error, CloudFault) else FAULT


def loaded(name: str) -> Any:
    """The real command. Its module holds `app`, a Typer with one command or a group of them."""
    module = importlib.import_module(f"tandem.cli.{name}")
    command = typer.main.get_command(module.app)
    command.name = name
    return command


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tandem {__version__}")
        raise typer.Exit


@app.callback()
def tandem(
    ctx: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Settings file to use.")
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Set one setting for this run."),
    ] = None,
    shows_traceback: Annotated[
        bool, typer.Option("--traceback", help="Show where a bug happened.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A small model on this device and a large one in the cloud work as one."""
    start = ctx.obj if isinstance(ctx.obj, Start) else Start()
    ctx.obj = start
    start.config, start.shows_traceback = config, shows_traceback
    start.given = tuple(given or ())


def main() -> None:
    """The entry point of `tandem`."""
    app(obj=Start(lock=_lock))


def _lock() -> None:
    """Local-only, at the socket: only in a process of our own, as it cannot be undone."""
    from tandem.privacy.local_only import forbid_outbound  # not for `--help`

    forbid_outbound()
