"""`tandem serve`: the OpenAI API on this machine, for any client that speaks it."""

from __future__ import annotations

import gc
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tandem.assistant.telling import Spoken
from tandem.bootstrap_assistant import open_assistant
from tandem.bootstrap_stores import courier
from tandem.cli.start import Ready, Start, command_app
from tandem.clock import SystemClock
from tandem.config import Serve
from tandem.engines.door import DoorEmbedder
from tandem.errors import TandemError
from tandem.secrets import token_from
from tandem.serve.access import Limits
from tandem.serve.app import create_app
from tandem.serve.running import Certificate, blocking, run
from tandem.types import Mode

if TYPE_CHECKING:
    from tandem.bootstrap import Tandem

app = command_app()


@app.command()
def serve(
    ctx: typer.Context,
    port: Annotated[int | None, typer.Option(help="0 takes a free one.")] = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    no_cloud: Annotated[bool, typer.Option("--no-cloud", help="Nothing leaves, ever.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line when ready.")] = False,
) -> None:
    """Serve the OpenAI API on this machine."""
    start: Start = ctx.obj
    start.as_json = as_json
    shown = None if port is None else str(port)
    ready = start.ready(serve__port=shown, serve__host=host)
    blocking(_serve(start, ready, no_cloud))


async def _serve(start: Start, ready: Ready, no_cloud: bool) -> None:
    chosen = ready.settings.serve
    scheme = "https" if chosen.certificate else "http"
    may_leave = ready.settings.cloud.consent != "never"
    async with start.open(ready, local_only=no_cloud) as tandem:
        await _warm(start, tandem)
        api = create_app(
            tandem.engine,
            models=_names(tandem),
            token=token_from(ready.paths.token),
            clock=SystemClock(),
            embedder=tandem.device,
            cloud_embedder=None
            if tandem.door is None
            else DoorEmbedder(tandem.door, may_leave=chosen.api_may_leave and may_leave),
            allowed_hosts=chosen.allowed_hosts,
            limits=limits_from(chosen),
            api_may_leave=chosen.api_may_leave and may_leave,
            honour_request_consent=chosen.honour_request_consent and may_leave,
            acts=lambda: Spoken(open_assistant(ready.settings, ready.paths)),
            preview=tandem.preview,
        )
        # What is there now stays: the collector need not look at it again for each request (5 % of
        # a request's CPU in profiles of bench.gateway).
        gc.collect()
        gc.freeze()
        told = Announcement("Tandem", chosen.host, ready.paths.token, start.as_json, scheme)
        with courier(ready.settings, ready.paths, ready.secrets):
            await run(
                api,
                host=chosen.host,
                port=chosen.port,
                on_ready=told.say,
                certificate=_certificate(chosen),
            )


async def _warm(start: Start, tandem: Tandem) -> None:
    """Load the device's model before the first request; the cloud can do without it."""
    try:
        await tandem.device.ready()
    except TandemError as error:
        if tandem.door is None:
            raise
        start.report(error)


def _names(tandem: Tandem) -> dict[str, Mode | None]:
    """The models that clients may name: both together, or one place alone."""
    names: dict[str, Mode | None] = {"tandem": None, "tandem-device": Mode.LOCAL_ONLY}
    names.setdefault(tandem.device.card.model, Mode.LOCAL_ONLY)
    if tandem.door is not None:
        names["tandem-cloud"] = Mode.CLOUD_ONLY
        names.setdefault(tandem.door.card.model, Mode.CLOUD_ONLY)
    return names


def limits_from(chosen: Serve) -> Limits:
    """The server's limits from the settings."""
    return Limits(
        max_body_bytes=chosen.max_body_bytes,
        max_concurrent=chosen.max_concurrent,
        requests_per_minute=chosen.requests_per_minute,
    )


def _certificate(chosen: Serve) -> Certificate | None:
    if not chosen.certificate:
        return None
    return Certificate(
        Path(chosen.certificate).expanduser(), Path(chosen.certificate_key).expanduser()
    )


@dataclass(frozen=True, slots=True)
class Announcement:
    """Says where a server is as soon as it takes connections; never the token itself."""

    name: str
    host: str
    token_file: Path
    as_json: bool
    scheme: str = "http"
    hint: str = ""
    more: Mapping[str, str] = field(default_factory=dict[str, str])

    def say(self, port: int) -> None:
        """Once, at the start."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        url = f"{self.scheme}://{host}:{port}/v1"
        if self.as_json:
            told = {"type": "ready", "url": url, "port": port, "token_file": str(self.token_file)}
            print(json.dumps({**told, **self.more}), flush=True)
            return
        print(f"{self.name} is at {url}. Ctrl-C ends it.")
        print(f"Its token is in {self.token_file}.")
        hint = self.hint.format(url=url, address=f"{host}:{port}")
        print(hint or _client_hint(url, self.token_file))


def _client_hint(url: str, token_file: Path) -> str:
    return (
        "Any OpenAI client works, with the model tandem:\n"
        f"  export OPENAI_BASE_URL={url} OPENAI_API_KEY=$(cat {token_file})"
    )
