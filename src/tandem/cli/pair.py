"""`tandem pair`: this device and a cloud of one's own come to trust each other."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from tandem.cli.start import Ready, Start, command_app
from tandem.config_file import change
from tandem.errors import BadRequest, BadSettings, Stays, TandemError
from tandem.gguf_header import read_header
from tandem.joint.protocol import VERSION
from tandem.modelstore import ModelStore
from tandem.pairing.calling import LOOPBACK, card_of, certificate_of, root_of
from tandem.pairing.cards import Pairing, added, keep_pairings, read_pairings
from tandem.pairing.certificate import pin_of
from tandem.types import Mode

app = command_app()


@app.command()
def pair(
    ctx: typer.Context,
    address: Annotated[
        str | None,
        typer.Argument(help="HOST:PORT as `tandem cloud` says it; none lists the pairs."),
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The cloud's token; else it is asked for.")
    ] = None,
    pin: Annotated[
        str, typer.Option(metavar="sha256:...", help="The cloud's certificate, as it says it.")
    ] = "",
    authority: Annotated[
        bool, typer.Option("--authority", help="Trust this machine's authorities, pin nothing.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Trust this cloud no longer.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Pair this device with a cloud of your own."""
    start: Start = ctx.obj
    start.as_json = as_json
    ready = start.ready()
    if address is None:
        _list(ready, as_json)
        return
    if ready.settings.mode is Mode.LOCAL_ONLY:
        raise Stays(
            "Local-only is switched on: no cloud is called.",
            remedy="Choose another mode: tandem config set mode prefer-local.",
        )
    root = root_of(address)
    if remove:
        _remove(start, ready, root)
        return
    pairing = asyncio.run(_paired(ready, root, token_file, pin, authority))
    _keep(start, ready, pairing)


async def _paired(
    ready: Ready, root: str, token_file: Path | None, pin: str, authority: bool
) -> Pairing:
    """Certificate first, as the token goes only to whom it is meant for."""
    pem = "" if authority else await certificate_of(root)
    if pem:
        _check_pin(pem, pin)
    token = _token(ready, root, token_file)
    card = await card_of(root, token, pem)
    if card.protocol != VERSION:
        raise BadSettings(
            f"The cloud speaks version {card.protocol} of joint decoding, this device {VERSION}.",
            remedy="Bring both to the same version of Tandem.",
        )
    return Pairing(root, token, pem, card)


def _check_pin(pem: str, pin: str) -> None:
    shown = pin_of(pem)
    if pin:
        if shown != pin.strip().lower():
            raise BadSettings(
                f"The cloud shows another certificate: {shown}.",
                remedy="Compare it with what tandem cloud prints; somebody may stand in between.",
            )
        return
    if not sys.stdin.isatty():
        raise BadRequest(
            f"The cloud shows the certificate {shown}, and nobody is here to say if it is its own.",
            remedy="Give it: --pin sha256:..., as tandem cloud prints it.",
        )
    print(f"The cloud shows the certificate\n  {shown}\nIt prints the same when it starts.")
    if not typer.confirm("Is it the same?"):
        raise Stays("Not paired: nothing was sent.")


def _token(ready: Ready, root: str, token_file: Path | None) -> str:
    own = ready.paths.cloud_tier_token
    host = root.split("://")[1].rpartition(":")[0].strip("[]")
    if token_file is None and host in LOOPBACK and own.exists():
        token_file = own
    try:
        if token_file is not None:
            token = token_file.expanduser().read_text("ascii").strip()
        elif sys.stdin.isatty():
            token = str(typer.prompt("The cloud's token", hide_input=True)).strip()
        else:
            token = sys.stdin.readline().strip()
    except (OSError, UnicodeDecodeError):
        raise BadRequest(f"{token_file} holds no token.", remedy="Copy the cloud's.") from None
    if not token:
        raise BadRequest("The token is empty.", remedy="It is in the file that tandem cloud names.")
    return token


def _keep(start: Start, ready: Ready, pairing: Pairing) -> None:
    """Write it; the first of several clouds that say the same text stays the one that is asked."""
    known = read_pairings(ready.paths.pairings)
    main = next((each for each in known if each.url == ready.settings.cloud.url), None)
    keep_pairings(ready.paths.pairings, added(known, pairing))
    is_replica = (
        main is not None
        and main.url != pairing.url
        and main.card.text_print == pairing.card.text_print
    )
    if not is_replica:
        change(start.settings_file(), "cloud.url", pairing.url)
        change(start.settings_file(), "cloud.model", pairing.card.model)
    drafts = _drafting(ready, pairing)
    if start.as_json:
        told = {
            "url": pairing.url,
            "model": pairing.card.model,
            "replica": is_replica,
            "certified": pairing.card.certified,
            "drafting": drafts,
        }
        print(json.dumps(told))
        return
    what = "stands in when the first one fails" if is_replica else "is the cloud now"
    print(f"Paired: {pairing.card.model} at {pairing.url} {what}.")
    print(f"Its bits: {pairing.card.certified}.")
    print(f"Drafting: {drafts}.")


def _drafting(ready: Ready, pairing: Pairing) -> str:
    """Whether the device's model can draft for this cloud, in words."""
    name = ready.settings.joint.drafter or ready.settings.device.model
    try:
        path = drafter_file(ready, name)
        same = read_header(path).tokenizer == pairing.card.tokenizer
    except TandemError as error:
        return f"not possible: {error.message}"
    if same:
        return f"{name} drafts, as its tokenizer is the cloud's"
    return f"not possible, as {name} has another tokenizer; the cloud answers as a plain stream"


def drafter_file(ready: Ready, name: str) -> Path:
    """The model file that drafts. Raises `BadModel`."""
    from tandem.bootstrap_models import model_store  # the engines: not for a list of pairings

    path = Path(name).expanduser()
    if path.suffix == ".gguf" or os.sep in name:
        return path
    store: ModelStore = model_store(ready.settings, ready.paths)
    return store.find(name).path


def _remove(start: Start, ready: Ready, root: str) -> None:
    known = read_pairings(ready.paths.pairings)
    kept = tuple(each for each in known if each.url != root)
    if len(kept) == len(known):
        raise BadRequest(f"{root} is not paired.", remedy="`tandem pair` lists what is.")
    keep_pairings(ready.paths.pairings, kept)
    if ready.settings.cloud.url == root:
        change(start.settings_file(), "cloud.url", None)
        change(start.settings_file(), "cloud.model", None)
    print(json.dumps({"removed": root}) if start.as_json else f"{root} is not trusted any more.")


def _list(ready: Ready, as_json: bool) -> None:
    known = read_pairings(ready.paths.pairings)
    if as_json:
        told = [{"url": p.url, "model": p.card.model, "certified": p.card.certified} for p in known]
        print(json.dumps(told))
        return
    if not known:
        print("No cloud is paired. Start one (tandem cloud) and pair it: tandem pair HOST:PORT.")
    for each in known:
        mark = "*" if each.url == ready.settings.cloud.url else " "
        print(f"{mark} {each.url}  {each.card.model}  {each.card.certified}")
