"""A detector that knows what it is told, and a guard around it, for tests of the door."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tandem.personal import NOTHING_AROUND, Around, Finding, Kind
from tandem.policy.covering import Covering, Sinks
from tandem.policy.leaving import Leaving
from tandem.privacy.masking import Limits, Masking
from tandem.privacy.vault import Vault
from tandem.types import Action, Outgoing, Request

HOST = "127.0.0.1"
PEOPLE: Mapping[str, Kind] = {
    "Ann Lee": Kind.PERSON,
    "张伟": Kind.PERSON,
    "Bob O'Neill": Kind.PERSON,
    "+49 176 1234567": Kind.PHONE,
    "ann.lee@example.org": Kind.EMAIL,
    "12 High Street": Kind.ADDRESS,
    "Contoso": Kind.ORGANISATION,
    "hunter2!": Kind.PASSWORD,
    "48.2082, 16.3738": Kind.COORDINATES,
}


class Spotting:
    """A Detector that finds these values, letter by letter."""

    def __init__(self, values: Mapping[str, Kind] = PEOPLE) -> None:
        self.values = values
        self.num_looks = 0

    def find(self, text: str, around: Around = NOTHING_AROUND) -> list[Finding]:
        self.num_looks += 1
        found: list[Finding] = []
        for value, kind in self.values.items():
            at = text.find(value)
            while at >= 0:
                end = at + len(value)
                found.append(Finding(at, end, kind, f"{kind}:{value}", 0.9, "in a test"))
                at = text.find(value, end)
        return sorted(found, key=lambda item: item.start)


def leaving(mode: Any = None) -> Leaving:
    return Leaving(frozenset({HOST}), {}, "tower", **({"mode": mode} if mode else {}))


def vault_in(folder: Path) -> Vault:
    return Vault(folder / "vault.sqlite", lambda *, is_new: b"k" * 32)


def guard_in(
    folder: Path,
    *,
    detector: Any = None,
    rules: Mapping[str, Action] | None = None,
    sinks: Sinks | None = None,
    limits: Limits | None = None,
    dictionary: Any = None,
) -> Masking:
    return Masking(
        leaving(),
        detector or Spotting(),
        vault_in(folder),
        host=HOST,
        dictionary=dictionary,
        covering=Covering(rules),
        sinks=sinks,
        limits=limits,
    )


def encode(request: Request) -> Outgoing:
    """As the real remote encodes."""
    from tandem.engines.openai_schema import chat_body, dialect_from

    body = chat_body(request, "tower", dialect_from("generic", HOST))
    return Outgoing("POST", f"http://{HOST}:1/v1/chat/completions", (), body)
