"""Writes docs/reference from the code: commands, settings, errors and HTTP routes. `make docs`.

What is generated cannot differ from the program; tests/test_reference.py compares. The words around
the tables stand in docs/reference/*.in.md, where {{NAME}} is replaced.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "reference"
WIDTH = 96


def main() -> None:
    """Write every page."""
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"docs/reference/{name}")


def pages() -> dict[str, str]:
    """Every generated page by its file's name."""
    # Help is wrapped to the terminal's width: fix it before typer reads it.
    os.environ["COLUMNS"] = os.environ["TERMINAL_WIDTH"] = str(WIDTH)
    return {path.name.replace(".in.md", ".md"): _filled(path) for path in templates()}


def templates() -> list[Path]:
    """The hand-written halves."""
    return sorted(FOLDER.glob("*.in.md"))


def _filled(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    note = f"<!-- From {path.name} by docs/write_reference.py: change that, then `make docs`. -->\n"
    return note + re.sub(r"\{\{(\w+)\}\}", lambda found: PARTS[found[1]](), text)


# --- commands -----------------------------------------------------------------------------------


def commands() -> str:
    """The help of each command, as a terminal shows it."""
    import typer.main

    from tandem.cli.app import COMMANDS, app, loaded

    parts = [_help(typer.main.get_command(app), "tandem")]
    for name in COMMANDS:
        parts.extend(_help_of(loaded(name), f"tandem {name}"))
    return "\n".join(parts)


def _help_of(command: Any, path: str) -> Iterator[str]:
    yield _help(command, path)
    inner: Mapping[str, Any] = getattr(command, "commands", {})
    for name, child in inner.items():
        yield from _help_of(child, f"{path} {name}")


def _help(command: Any, path: str) -> str:
    context = command.make_context(path, [], resilient_parsing=True, max_content_width=WIDTH)
    context.terminal_width = WIDTH
    shown = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    return f"## {path}\n\n```text\n{shown.strip()}\n```\n"


# --- settings -----------------------------------------------------------------------------------


def settings() -> str:
    """A table per room: key, value, default; above it what the class says of itself."""
    import tandem.config
    from tandem.config_keys import _words, keys  # the same words as in its errors

    rooms: dict[str, list[str]] = {}
    for key in keys().values():
        kind = " or ".join(f"`{each}`" for each in _choices(key.kind)) or _words(key.kind)
        default = "(none)" if key.default in (None, "", ()) else f"`{key.default}`"
        if isinstance(key.default, bool):
            default = f"`{str(key.default).lower()}`"
        line = f"| `{key.name}` | {kind} | {default} | `{key.variable}` |"
        rooms.setdefault(key.room, []).append(line)
    classes = {
        name: kind
        for name, kind in inspect.getmembers(tandem.config, inspect.isclass)
        if kind.__module__ == "tandem.config"
    }
    parts: list[str] = []
    for room, lines in rooms.items():
        title = f"[{room}]" if room else "at the top"
        parts.append(f"## {title}\n")
        owner = _class_of(room, classes)
        if owner is not None:
            parts.append(_prose(owner) + "\n")
        parts.append("| key | value | default | variable |\n|---|---|---|---|")
        parts.append("\n".join(lines) + "\n")
    parts.append('## [prices."MODEL"]\n')
    parts.append(_prose(classes["Price"]) + "\n")
    return "\n".join(parts).strip()


def _class_of(room: str, classes: Mapping[str, type]) -> type | None:
    if not room:
        return classes["Settings"]
    owner = type(getattr(classes["Settings"](), room))
    return owner if owner.__name__ in classes else None


def _choices(kind: Any) -> list[str]:
    from tandem.config_keys import _choices as choices

    return choices(kind)


def _prose(documented: Any) -> str:
    return inspect.cleandoc(documented.__doc__ or "")


# --- errors and routes --------------------------------------------------------------------------


def errors() -> str:
    """Each error: its code, who is at fault, what it means, its exit code and HTTP status."""
    from tandem import errors as tree
    from tandem.cli.app import exit_code
    from tandem.serve.failures import failure_from

    rows = ["| code | at fault | meaning | exit | HTTP |", "|---|---|---|---|---|"]
    for kind in list(_family(tree.TandemError))[1:]:
        error = kind("")
        meaning = " ".join(_prose(kind).splitlines()[0].split())
        status = failure_from(error).status
        rows.append(
            f"| `{kind.code}` | {kind.guilty} | {meaning} | {exit_code(error)} | {status} |"
        )
    return "\n".join(rows)


def _family(root: Any) -> Iterator[Any]:
    """The class and its kin from tandem.errors, in the order of its docstring's tree."""
    yield root
    for kind in root.__subclasses__():
        if kind.__module__ == "tandem.errors":
            yield from _family(kind)


def exit_codes() -> str:
    """What a shell sees."""
    from tandem.cli.app import EXIT_CODES

    listed = EXIT_CODES.partition(": ")[2].rstrip(".")
    rows = ["| exit code | meaning |", "|---|---|"]
    for each in listed.split("; "):
        code, _, meaning = each.partition(" ")
        rows.append(f"| {code} | {meaning} |")
    return "\n".join(rows)


def routes() -> str:
    """The server's table."""
    from tandem.serve.app import ROUTES

    rows = ["| method | path | token |", "|---|---|---|"]
    rows += [
        f"| {route.method} | `{route.path}` | {'no' if route.is_open else 'yes'} |"
        for route in ROUTES
    ]
    return "\n".join(rows)


def fields() -> str:
    """The fields of a chat completion, as the decoder knows them."""
    from tandem.serve import schema

    known = schema._Chat.__struct_fields__
    types = inspect.get_annotations(schema._Chat)
    silent = [name for name in known if "Ignored" in str(types[name])]
    wishes = {name for name in known if "Any" in str(types[name])}
    refused = [n for n in known if n in wishes or n in ("logit_bias", "modalities")]
    honoured = [name for name in known if name not in silent and name not in refused]
    lines = [
        ("Honoured", honoured),
        ("Refused, as they would change the answer", refused),
        ("Taken in silence, as they mean nothing here", silent),
    ]
    shown = (
        f"{title}: " + ", ".join(f"`{name}`" for name in names) + "." for title, names in lines
    )
    return "\n\n".join(textwrap.fill(line, 100, break_long_words=False) for line in shown)


# --- the wire of joint decoding -----------------------------------------------------------------


def moves() -> str:
    """The table of legal moves as a diagram."""
    from tandem.joint.protocol import MOVES

    arrows: dict[tuple[str, str], list[str]] = {}
    for (before, sender, kind), after in MOVES.items():
        said = f"{sender}: {kind.__name__.lower()}"
        arrows.setdefault((before.value, after.value), []).append(said)
    lines = [
        f"    {before} --> {after}: {', '.join(said)}" for (before, after), said in arrows.items()
    ]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> new", *lines, "```"])


def messages() -> str:
    """The fields of the messages that are arrays, in their order."""
    import msgspec

    from tandem.joint import wire

    rows = ["| message | elements, in order |", "|---|---|"]
    kinds = {"open": wire.WireOpen, "opened": wire.WireOpened, "close": wire.WireClose}
    for number, (name, kind) in enumerate(kinds.items(), 1):
        names = [field.name for field in msgspec.structs.fields(kind)]
        rows.append(f"| `{name}` | {number}, {', '.join(names)} |")
    return "\n".join(rows)


def reasons() -> str:
    """Limits and the reasons of a close."""
    from dataclasses import fields as fields_of

    from tandem.joint.protocol import REASONS, Limits

    limits = [f"`{each.name}` {each.default:,}" for each in fields_of(Limits)]
    told = ", ".join(f"`{reason}`" for reason in sorted(REASONS))
    return f"Limits: {', '.join(limits)}.\n\nReasons of a close: {told}."


PARTS: Mapping[str, Callable[[], str]] = {
    "COMMANDS": commands,
    "SETTINGS": settings,
    "ERRORS": errors,
    "EXIT_CODES": exit_codes,
    "ROUTES": routes,
    "FIELDS": fields,
    "MOVES": moves,
    "MESSAGES": messages,
    "REASONS": reasons,
}


if __name__ == "__main__":
    sys.exit(main())
