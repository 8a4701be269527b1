"""Every setting by its dotted name: what it may be, and what to say when it is not.

An unknown key is an error that names the nearest right one, because a setting that is silently
ignored is worse than none. No message repeats a value that could be a secret in the wrong place.
"""

from __future__ import annotations

import difflib
import re
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import EnumType
from functools import cache
from typing import Annotated, Any, Literal

import msgspec

from tandem.config import Price, Settings
from tandem.errors import BadSettings
from tandem.types import Action


@dataclass(frozen=True, slots=True)
class Key:
    """One setting: its dotted name, its room ("" at the top), its type and its default."""

    name: str
    room: str
    kind: Any
    default: Any

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return "TANDEM_" + self.name.replace(".", "_").upper()


def _keys_of(room: type[Any], prefix: str) -> Iterator[Key]:
    kinds = typing.get_type_hints(room, include_extras=True)
    for each in fields(room):
        default = each.default
        if is_dataclass(default):
            yield from _keys_of(type(default), each.name)
        elif default is not MISSING:
            name = f"{prefix}.{each.name}" if prefix else each.name
            yield Key(name, prefix, kinds[each.name], default)


RULES = "privacy.rules"  # a table whose names are the user's: rules of `policy.covering`


@cache
def keys() -> Mapping[str, Key]:
    """Every setting except the tables of prices and privacy rules, by dotted name."""
    return {key.name: key for key in _keys_of(Settings, "")}


@cache
def _price_keys() -> Mapping[str, Key]:
    return {key.name.removeprefix("price."): key for key in _keys_of(Price, "price")}


def key_named(name: str, where: str = "") -> Key:
    """The key, also `prices.MODEL.field` and `privacy.rules.RULE`.

    Raises `BadSettings` that names the nearest right one.
    """
    if name in keys():
        return keys()[name]
    _refuse_secret(name, where)
    if name.startswith(RULES + ".") and len(name) > len(RULES) + 1:
        return Key(name, RULES, Action, None)
    room, _, rest = name.partition(".")
    model, _, last = rest.rpartition(".")
    if room == "prices" and model and last in _price_keys():
        found = _price_keys()[last]
        return Key(name, f"prices.{model}", found.kind, found.default)
    known = [*keys(), *(f"prices.{model or 'MODEL'}.{each}" for each in _price_keys())]
    raise BadSettings(_at(f'unknown key "{name}"', where) + ".", remedy=nearest(name, known))


SECRET_NAMES = re.compile(
    r"^(api_?key|key|secret|password|passwd|bearer|access_?token|token|auth(orization)?)$", re.I
)


def _refuse_secret(name: str, where: str) -> None:
    if SECRET_NAMES.match(name.rpartition(".")[2]):
        raise BadSettings(
            _at(f'"{name}" looks like a secret, and secrets have no place in the settings', where)
            + ".",
            remedy="Put it into the environment (TANDEM_CLOUD_API_KEY, or the variable named by "
            "cloud.api_key_env) or into the keyring with `tandem config key`.",
        )


def nearest(wrong: str, right: list[str]) -> str:
    close = difflib.get_close_matches(wrong, right, n=1, cutoff=0.6)
    if not close:
        tail = {each.rpartition(".")[2]: each for each in right}
        close = [tail[n] for n in difflib.get_close_matches(wrong.rpartition(".")[2], tail, n=1)]
    return f'Did you mean "{close[0]}"?' if close else "`tandem config show` lists all keys."


def _at(message: str, where: str) -> str:
    return f"{where}: {message}" if where else message


# --- values -------------------------------------------------------------------------------------


def _choices(kind: Any) -> list[str]:
    if isinstance(kind, EnumType):
        return [str(each) for each in typing.cast("Any", kind)]
    if typing.get_origin(kind) is Literal:
        return [str(each) for each in typing.get_args(kind)]
    return []


def _words(kind: Any) -> str:
    """What a value must be, for people: "a whole number of at least 1"."""
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        kind = next(each for each in typing.get_args(kind) if each is not type(None))
    if typing.get_origin(kind) is Annotated:
        base, meta = typing.get_args(kind)[:2]
        bounds = (("ge", "at least"), ("gt", "more than"), ("le", "at most"))
        limits = [f"{word} {getattr(meta, name)}" for name, word in bounds
                  if getattr(meta, name) is not None]  # fmt: skip
        if meta.pattern:
            limits.append("three capital letters (ISO 4217)")
        return _words(base) + (" of " + " and ".join(limits) if limits else "")
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
    return names.get(kind, "a list of texts")


def value_from(key: Key, raw: Any, where: str, *, is_text: bool = False) -> Any:
    """The typed value, or `BadSettings`. `is_text`: the user typed it, so "8310" is a number.

    Lists in text are separated by commas.
    """
    choices = _choices(key.kind)
    if choices and raw not in choices:
        shown = f'"{raw}"' if isinstance(raw, str) else "this value"
        listed = ", ".join(f'"{each}"' for each in choices)
        close = difflib.get_close_matches(str(raw), choices, n=1)
        raise BadSettings(
            _at(f"{key.name} cannot be {shown}; it is one of {listed}.", where),
            remedy=f'Did you mean "{close[0]}"?' if close else "",
        )
    if is_text and typing.get_origin(key.kind) is tuple:
        raw = [each.strip() for each in raw.split(",") if each.strip()]
    try:
        return msgspec.convert(raw, key.kind, strict=not is_text)
    except msgspec.ValidationError:
        # The value stays out of the message: whatever stands here might be a secret misplaced.
        raise BadSettings(
            _at(f"{key.name} must be {_words(key.kind)}.", where),
            remedy=f"`tandem config set {key.name} VALUE` writes it for you.",
        ) from None
