"""How the settings file is read, checked and written, and where each value came from.

Order of precedence: flag, then environment (`TANDEM_<ROOM>_<KEY>`), then file, then default.
"""

from __future__ import annotations

import re
import tomllib
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tandem import private_file
from tandem.config import Price, Settings
from tandem.config_keys import RULES, Key, key_named, keys, nearest, value_from
from tandem.errors import BadSettings, DeviceFault
from tandem.policy.covering import rule_from
from tandem.types import Action

# --- loading ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings with the origin of each value: `origins["cloud.url"]` is "file …:3"."""

    settings: Settings
    origins: Mapping[str, str]
    path: Path


def load(
    path: Path,
    environ: Mapping[str, str],
    flags: Mapping[str, str] | None = None,
    *,
    must_exist: bool = False,
) -> Loaded:
    """Read, check and join everything; raises `BadSettings` with file and line where it can.

    `flags` are dotted names with the texts the user typed. `must_exist`: the user named the file.
    """
    return checked(text_of(path, must_exist=must_exist), path, environ, flags)


def checked(
    text: str, path: Path, environ: Mapping[str, str], flags: Mapping[str, str] | None = None
) -> Loaded:
    """The same for a text that stands, or will stand, in `path`."""
    found, faults = sifted(text, path, environ, flags)
    if faults:
        raise faults[0]
    return found


def sifted(
    text: str, path: Path, environ: Mapping[str, str], flags: Mapping[str, str] | None = None
) -> tuple[Loaded, list[BadSettings]]:
    """What is right, and everything that is wrong, not only the first: for `doctor`."""
    values: dict[str, Any] = {}
    origins: dict[str, str] = {name: "default" for name in keys()}
    faults: list[BadSettings] = []
    sources = [
        _from_file(text, path, faults),
        _from_environment(environ, values, faults),
        ((name, raw, "command line", "") for name, raw in (flags or {}).items()),
    ]
    for source in sources:
        for name, raw, where, origin in source:
            try:
                key = key_named(name, where)
                values[name] = value_from(key, raw, where, is_text=not origin.startswith("file"))
            except BadSettings as fault:
                faults.append(fault)
                continue
            origins[name] = origin or where
    settings = _built(values)
    try:
        _check_together(settings, origins)
    except BadSettings as fault:
        faults.append(fault)
    return Loaded(settings, origins, path), faults


def _from_file(text: str, path: Path, faults: list[BadSettings]) -> Iterator[Given]:
    try:
        tree = _parsed(text, path)
    except BadSettings as fault:
        faults.append(fault)
        return
    for name, raw in _flat(tree):
        where = f"{path}:{line_of(text, name)}"
        yield name, raw, where, f"file {where}"


# A dotted name, its raw value, the place for a message and the origin to show.
Given = tuple[str, Any, str, str]


def text_of(path: Path, *, must_exist: bool) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # Windows editors write the mark
    except FileNotFoundError:
        if must_exist:
            raise BadSettings(
                f"There is no settings file {path}.",
                remedy="Check --config or TANDEM_CONFIG, or leave them out to use the default.",
            ) from None
        return ""
    except UnicodeDecodeError:
        raise BadSettings(f"{path} is not UTF-8 text.", remedy="Save it as UTF-8.") from None
    except OSError as error:
        raise BadSettings(
            f"{path} cannot be read: {error.strerror}.", remedy="Check the file's permissions."
        ) from None


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(
            f"{path} is not valid TOML: {error}.", remedy="Mend that line, or move the file away."
        ) from None


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves with dotted names. An unknown empty table is a leaf, so that it is reported."""
    for name, value in tree.items():
        full = f"{prefix}.{name}" if prefix else name
        if isinstance(value, dict) and value:
            yield from _flat(typing.cast("dict[str, Any]", value), full)
        elif value != {} or not _is_room(full):
            yield full, value


def _is_room(name: str) -> bool:
    rooms = {key.room for key in keys().values()}
    return name in rooms or name == RULES or name.partition(".")[0] == "prices"


def line_of(text: str, name: str) -> int:
    """The line of a dotted key, counted from 1; its table's line or 1 when written unusually."""
    room = name.rpartition(".")[0]
    table, table_line = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if header := re.match(r"^\[\s*([^\[\]]+?)\s*\]", stripped):
            table = header[1].replace('"', "").replace("'", "")
            table_line = number if table in (room, name) else table_line
            continue
        written = re.match(r"""^([\w."'\- ]+?)\s*=""", stripped)
        if written:
            key = written[1].replace('"', "").replace("'", "").replace(" ", "")
            if (f"{table}.{key}" if table else key) in (name, room):
                return number
    return table_line


# Variables that are no settings: the two places, and the secrets.
RESERVED = frozenset(
    {
        "TANDEM_CONFIG",
        "TANDEM_HOME",
        "TANDEM_CLOUD_API_KEY",
        "TANDEM_MAIL_PASSWORD",
        "TANDEM_CALENDAR_PASSWORD",
        "TANDEM_CONTACTS_PASSWORD",
    }
)


def _from_environment(
    environ: Mapping[str, str], values: Mapping[str, Any], faults: list[BadSettings]
) -> Iterator[Given]:
    by_variable = {key.variable: key for key in keys().values()}
    named = environ.get("TANDEM_CLOUD_API_KEY_ENV") or values.get("cloud.api_key_env")
    for variable, raw in environ.items():
        if not variable.startswith("TANDEM_") or variable in RESERVED or variable == named:
            continue
        if variable not in by_variable:
            fault = f"The environment variable {variable} names no setting."
            faults.append(BadSettings(fault, remedy=nearest(variable, list(by_variable))))
            continue
        yield by_variable[variable].name, raw, variable, f"environment {variable}"


def _built(values: Mapping[str, Any]) -> Settings:
    top: dict[str, Any] = {}
    rooms: dict[str, dict[str, Any]] = {}
    prices: dict[str, dict[str, Any]] = {}
    rules: dict[str, Action] = {}
    for name, value in values.items():
        key = key_named(name)
        last = name.rpartition(".")[2]
        if key.room == RULES:
            rules[name.removeprefix(f"{RULES}.")] = value
        elif key.room.startswith("prices."):
            prices.setdefault(key.room.removeprefix("prices."), {})[last] = value
        elif key.room:
            rooms.setdefault(key.room, {})[last] = value
        else:
            top[name] = value
    if rules:
        rooms.setdefault("privacy", {})["rules"] = rules
    kinds = typing.get_type_hints(Settings)
    built = {room: kinds[room](**given) for room, given in rooms.items()}
    return Settings(
        **top, **built, prices={model: Price(**given) for model, given in prices.items()}
    )


LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _check_together(settings: Settings, origins: Mapping[str, str]) -> None:
    """What no single value shows: readable rules, a usable address, a name and no key."""
    for line, action in settings.privacy.rules.items():
        try:
            rule_from(line, action)
        except ValueError as error:
            raise BadSettings(
                f'{origins[f"{RULES}.{line}"]}: the privacy rule "{line}" cannot be read: {error}.',
                remedy='Write it as in "person from mail" = "mask".',
            ) from None
    cloud = settings.cloud
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*|", cloud.api_key_env):
        raise BadSettings(
            f"{origins['cloud.api_key_env']}: cloud.api_key_env must be the name of an environment "
            "variable, not the key itself.",
            remedy='Write the variable\'s name, such as "TANDEM_CLOUD_API_KEY".',
        )
    if not cloud.is_configured:
        return
    where = origins["cloud.url"]
    try:
        url = urlsplit(cloud.url)
        is_usable = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        raise BadSettings(f"{where}: cloud.url is not a web address.") from None
    if not is_usable:
        raise BadSettings(
            f"{where}: cloud.url is not a web address.",
            remedy="It looks like https://api.example.com/v1.",
        )
    if url.username or url.password or url.query:
        raise BadSettings(
            f"{where}: cloud.url must hold no user, password or query.",
            remedy="Secrets go into the environment or the keyring (`tandem config key`).",
        )
    if url.scheme == "http" and url.hostname not in LOOPBACK and not cloud.allow_plain_http:
        raise BadSettings(
            f"{where}: cloud.url uses plain http to another machine: anyone between could read it.",
            remedy="Use https, or set cloud.allow_plain_http = true if that network is yours.",
        )


# --- writing ------------------------------------------------------------------------------------


def change(path: Path, name: str, raw: str | None) -> None:
    """Change one setting in the file (`None` removes it); comments and everything else stay.

    Raises `BadSettings` instead of making a good file bad, and `DeviceFault`.
    """
    path = path.resolve()  # a linked file stays a link
    before = text_of(path, must_exist=False)
    _parsed(before, path)
    after = written(before, name, raw)
    if _is_sound(before, path):
        checked(after, path, {})
    try:
        private_file.replace(path, after)
    except OSError as error:
        raise DeviceFault(
            f"{path} cannot be written: {error.strerror}.",
            remedy="Make room or make the folder writable.",
        ) from None


def _is_sound(text: str, path: Path) -> bool:
    try:
        checked(text, path, {})
    except BadSettings:
        return False
    return True


def written(text: str, name: str, raw: str | None) -> str:
    """The file's text with one setting changed (`None` removes it); comments stay."""
    import tomlkit  # a third of a short command's start-up time, needed for writing alone

    key = key_named(name)
    path = [*filter(None, _room_path(key)), name.removeprefix(f"{key.room}.")]
    document: Any = tomlkit.parse(text)
    table = document
    for part in path[:-1]:
        if part not in table:
            if raw is None:
                return text
            table[part] = tomlkit.table()
        table = table[part]
    if raw is None:
        table.pop(path[-1], None)
    else:
        value = value_from(key, raw, "", is_text=True)
        table[path[-1]] = _plain(value)
    return tomlkit.dumps(document)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(typing.cast("tuple[str, ...]", value))
    return value.value if isinstance(value, StrEnum) else value


def _room_path(key: Key) -> list[str]:
    room, _, model = key.room.partition(".")
    return [room, model]
