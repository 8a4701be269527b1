"""`tandem cloud`: the embedded cloud tier, tower behind the same API in a process of its own."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Annotated

import typer

from tandem.bootstrap_tier import open_cloud_tier
from tandem.cli.serve import Announcement, limits_from
from tandem.cli.start import Ready, Start, command_app
from tandem.clock import SystemClock
from tandem.config import CloudTier
from tandem.errors import BadSettings
from tandem.pairing.cards import CloudCard
from tandem.pairing.certificate import own_certificate, pin_of
from tandem.policy.leaving import LOOPBACK_HOSTS
from tandem.secrets import token_from
from tandem.serve.app import create_app
from tandem.serve.running import Certificate, blocking, run

app = command_app()


@app.command()
def cloud(
    ctx: typer.Context,
    port: Annotated[int | None, typer.Option(help="0 takes a free one.")] = None,
    host: Annotated[
        str | None, typer.Option(help="The address to listen on; off loopback with TLS.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="A model's name, or a GGUF file.")] = None,
    tokens_per_second: Annotated[
        float | None, typer.Option(min=0, help="Slow down to a large model's pace.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line when ready.")] = False,
) -> None:
    """Run the embedded cloud tier."""
    start: Start = ctx.obj
    start.as_json = as_json
    given = {"port": port, "host": host, "model": model, "tokens_per_second": tokens_per_second}
    flags = {f"cloud_tier__{key}": str(value) for key, value in given.items() if value is not None}
    ready = start.ready(**flags)
    blocking(_cloud(start, ready))


async def _cloud(start: Start, ready: Ready) -> None:
    tier = ready.settings.cloud_tier
    name = Path(tier.model).name.removesuffix(".gguf")
    clock = SystemClock()
    certificate, pin = _certificate(tier, ready.paths.cloud_tier_certificate, clock.now())
    async with open_cloud_tier(ready.settings, ready.paths, clock=clock) as opened:
        hall = opened.hall
        api = create_app(
            opened.engine,
            models={name: None},
            token=token_from(ready.paths.cloud_tier_token),
            clock=clock,
            allowed_hosts=_own_names(tier),
            limits=limits_from(ready.settings.serve),
            hall=hall,
        )
        told = Announcement(
            f"The cloud tier ({name})",
            tier.host,
            ready.paths.cloud_tier_token,
            start.as_json,
            scheme="https" if certificate else "http",
            hint=_hint(name, hall.card if hall else None, pin),
            more=_more(hall.card if hall else None, pin),
        )
        await run(api, host=tier.host, port=tier.port, on_ready=told.say, certificate=certificate)


def _certificate(tier: CloudTier, own: Path, now: float) -> tuple[Certificate | None, str]:
    """The certificate to serve with and its pin; none on loopback, unless one is given."""
    if tier.certificate:
        given = Path(tier.certificate).expanduser(), Path(tier.certificate_key).expanduser()
        try:
            return Certificate(*given), pin_of(given[0].read_text("ascii"))
        except (OSError, ValueError):
            raise BadSettings(
                f"{tier.certificate} holds no certificate.", remedy="Give its PEM file."
            ) from None
    if tier.host in LOOPBACK_HOSTS:
        return None, ""
    pin = own_certificate(own, names=_own_names(tier) + ("localhost",), now=now)
    return Certificate(own, own), pin


def _own_names(tier: CloudTier) -> tuple[str, ...]:
    """What devices may call this machine: the names given, its own, and its address."""
    named = (*tier.names, socket.gethostname())
    if tier.host in ("0.0.0.0", "::"):
        return (*named, *_addresses())
    return (*named, f"[{tier.host}]" if ":" in tier.host else tier.host)


def _addresses() -> tuple[str, ...]:
    """This machine's own addresses, as far as it knows them."""
    try:
        found = socket.getaddrinfo(socket.gethostname(), None)
    except OSError:
        return ()
    shown = {str(each[4][0]).partition("%")[0] for each in found}
    return tuple(f"[{each}]" if ":" in each else each for each in sorted(shown))


def _hint(name: str, card: CloudCard | None, pin: str) -> str:
    if card is None:
        return (
            "To use it, in another terminal:\n"
            "  tandem config set cloud.url {url}\n"
            f"  tandem config set cloud.model {name}"
        )
    lines = [f"It verifies drafts. Bits: {card.certified}."]
    if pin:
        lines.append(f"Its certificate: {pin}")
    lines.append("To use it, on the device:\n  tandem pair {address}")
    return "\n".join(lines)


def _more(card: CloudCard | None, pin: str) -> dict[str, str]:
    told = {"certified": card.certified} if card else {}
    return {**told, "pin": pin} if pin else told
