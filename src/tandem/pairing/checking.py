"""What may be wrong with pairings, each with its remedy; for `tandem doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from tandem.errors import TandemError
from tandem.pairing.calling import card_of
from tandem.pairing.cards import Pairing, read_pairings, replicas

Found = tuple[Literal["ok", "warning", "fault"], str, str]


async def checked(path: Path, cloud_url: str, *, asks_cloud: bool) -> list[Found]:
    """Status, message and remedy of each thing found; nothing where nothing is paired."""
    try:
        known = read_pairings(path)
    except TandemError as error:
        return [("fault", error.message, error.remedy)]
    found: list[Found] = []
    if known and not replicas(known, cloud_url):
        text = "Clouds are paired, but cloud.url is none of them, so nothing is decoded jointly."
        found.append(("warning", text, "tandem pair lists them."))
    if asks_cloud:
        found += [await _asked(each) for each in known]
    return found


async def _asked(pairing: Pairing) -> Found:
    """Token, certificate, model and template, as the cloud shows them now."""
    try:
        card = await card_of(pairing.url, pairing.token, pairing.certificate)
    except TandemError as error:
        return "fault", error.message, error.remedy
    if card.text_print != pairing.card.text_print:
        text = f"{pairing.url} has another model, template or version than when it was paired."
        return "fault", text, f"tandem pair {pairing.url}"
    if card.certified.startswith("not certified"):
        mend = "On the cloud: tandem config set cloud_tier.canonical_width 8"
        return "warning", f"{pairing.url}: {card.certified}", mend
    return "ok", f"{pairing.url}: {card.certified}", ""
