"""What a verifying cloud says of itself, and which clouds this device is paired with.

A pairing is more than an address: the token, the certificate that the cloud showed, and the
template by which the device turns a conversation into the cloud's own token ids. All pairings are
one file that only the user can read. Talking to a cloud is `pairing.calling`'s.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tandem.errors import BadSettings, DeviceFault
from tandem.private_file import is_open_to_others, replace


@dataclass(frozen=True, slots=True)
class CloudCard:
    """What a verifying cloud says of itself before any session.

    `protocol` is the wire's version, `weights` a fingerprint of the model file, `tokenizer` one of
    all that turns text into ids (hexadecimal). `template` is the model's chat template as Jinja
    text, `None` where its file has none; `end_token` what the template calls `eos_token`.
    `certified` is the verdict of the width probe in words.
    """

    protocol: int
    model: str
    weights: str
    tokenizer: str
    template: str | None
    end_token: int
    context_tokens: int
    certified: str

    @property
    def text_print(self) -> str:
        """A fingerprint of all that a text depends on: a session with a cloud that has another one
        could go on with another text, or begin from other ids."""
        told = (self.protocol, self.weights, self.tokenizer, self.template, self.end_token)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Pairing:
    """One cloud that this device trusts. `url` is its API's root. `certificate` is PEM text, ""
    where an authority vouches for the host or the cloud is on this machine."""

    url: str
    token: str
    certificate: str
    card: CloudCard


def read_pairings(path: Path) -> tuple[Pairing, ...]:
    """The pairings, in the order in which they were made. Raises `BadSettings`."""
    if not path.exists():
        return ()
    if is_open_to_others(path):
        raise BadSettings(
            f"The pairings in {path} can be read by other users; they hold tokens.",
            remedy=f"Make new tokens on the clouds, or: chmod 600 {path}",
        )
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Pairing, ...])
    except (OSError, msgspec.MsgspecError) as error:
        raise BadSettings(
            f"The pairings in {path} cannot be read ({type(error).__name__}).",
            remedy=f"Pair again: rm {path} && tandem pair ADDRESS",
        ) from None


def keep_pairings(path: Path, pairings: Sequence[Pairing]) -> None:
    """Write them. Raises `DeviceFault`."""
    try:
        replace(path, msgspec.json.encode(list(pairings)).decode() + "\n")
    except OSError as error:
        raise DeviceFault(
            f"The pairing cannot be kept in {path}: {error.strerror}.",
            remedy="Make room or make the folder writable.",
        ) from None


def added(pairings: Sequence[Pairing], pairing: Pairing) -> tuple[Pairing, ...]:
    """With this one in place of an older one for the same address."""
    return (*(each for each in pairings if each.url != pairing.url), pairing)


def replicas(pairings: Sequence[Pairing], url: str) -> tuple[Pairing, ...]:
    """The pairing for `url` first, then those that say the same text: whoever of them goes on with
    an answer goes on with this one. Empty when `url` is not paired."""
    chosen = next((each for each in pairings if each.url == url.rstrip("/")), None)
    if chosen is None:
        return ()
    others = [
        each
        for each in pairings
        if each is not chosen and each.card.text_print == chosen.card.text_print
    ]
    return (chosen, *others)
