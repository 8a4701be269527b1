"""What every command starts from: where the settings are, and how an error is told.

It imports nothing heavy, as `tandem --help` loads it too.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tandem.errors import BadRequest, TandemError
from tandem.types import Mode

if TYPE_CHECKING:
    from tandem.bootstrap import Tandem
    from tandem.config import Paths, Settings
    from tandem.secrets import Secrets

Opener = Callable[..., AbstractAsyncContextManager["Tandem"]]

GUILTY = {
    "you": "This request cannot be served",
    "settings": "The settings are wrong",
    "model": "The model is at fault",
    "policy": "It stays on this device",
    "this machine": "This machine is at fault",
    "cloud": "The cloud is at fault",
    "server": "Your mail or calendar server is at fault",
}


@dataclass(frozen=True, slots=True)
class Ready:
    """Settings read and checked, with the origin of each, and all places."""

    settings: Settings
    origins: Mapping[str, str]
    paths: Paths
    secrets: Secrets


@dataclass(slots=True)
class Start:
    """The global options; one per run. Tests pass their own `environ` and `opener`."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    opener: Opener | None = None
    config: Path | None = None
    given: tuple[str, ...] = ()
    shows_traceback: bool = False
    lock: Callable[[], None] = lambda: None
    as_json: bool = False

    def settings_file(self) -> Path:
        """Where the settings are, or would be."""
        from tandem.config import settings_file  # see `ready`

        return settings_file(self.environ, self.config)

    def ready(self, **flags: str | None) -> Ready:
        """Read the settings; raises `BadSettings`. Flags are rooms and keys joined by `__`."""
        # 140 ms of CPU that `tandem --help` does not need.
        from tandem.config import paths_from
        from tandem.config_file import load
        from tandem.secrets import Secrets

        path = self.settings_file()
        named = self.config is not None or "TANDEM_CONFIG" in self.environ
        named_flags = {k.replace("__", "."): v for k, v in flags.items() if v is not None}
        got = load(path, self.environ, self._set() | named_flags, must_exist=named)
        paths = paths_from(got.settings, path, self.environ)
        return Ready(got.settings, got.origins, paths, Secrets(self.environ))

    def open(self, ready: Ready, **options: Any) -> AbstractAsyncContextManager[Tandem]:
        """All parts joined. In local-only mode the process is locked first, for good."""
        if options.get("local_only") or ready.settings.mode is Mode.LOCAL_ONLY:
            self.lock()
        if self.opener is not None:
            return self.opener(ready.settings, ready.paths, ready.secrets, **options)
        from tandem.bootstrap import open_tandem  # the engines: not for `--help`

        return open_tandem(ready.settings, ready.paths, ready.secrets, **options)

    def report(self, error: TandemError) -> None:
        """One clear message that names the guilty side, or one JSON line for programs."""
        if self.as_json:
            told = {
                "code": error.code,
                "guilty": error.guilty,
                "message": error.message,
                "remedy": error.remedy,
            }
            sys.stdout.write(json.dumps({"type": "error", "error": told}) + "\n")
            sys.stdout.flush()
            return
        sys.stdout.flush()
        sys.stderr.write(f"{GUILTY[error.guilty]}: {error.message}\n")
        if error.remedy:
            sys.stderr.write(f"  {error.remedy}\n")

    def _set(self) -> dict[str, str]:
        pairs: dict[str, str] = {}
        for each in self.given:
            key, equals, value = each.partition("=")
            if not equals:
                raise BadRequest(
                    "--set takes KEY=VALUE.", remedy="Such as --set cloud.consent=always."
                )
            pairs[key.strip()] = value
        return pairs


def command_app() -> typer.Typer:
    """A Typer for one command's module. Plain help: rich's costs another 200 ms of CPU."""
    return typer.Typer(
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        no_args_is_help=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
