"""Where a bench finds its rows below the folder of `--data`."""

from __future__ import annotations

from pathlib import Path

PLACES = (
    ".",
    "permissive",
    "sharealike",
    "outcomes",
    "assistant",
    "assistant/permissive",
    "assistant/outcomes",
    "privacy",
)


def folder_with(data: Path, name: str) -> Path:
    """The folder that holds the file or folder `name`: `data` itself, or one below it
    or beside it that is named as in the shared data.

    `data` may also be that file. Raises SystemExit, with what to do, where there is none.
    """
    if data.name == name or data.is_file():
        return data.parent
    if (folder := sought(data, name)) is not None:
        return folder
    raise SystemExit(
        f"{data} has no {name}, nor has one of {', '.join(PLACES[1:])} below it or beside it: give "
        f"--data the folder that holds {name}."
    )


def sought(data: Path, name: str) -> Path | None:
    """The folder below or beside `data` that holds `name`, or `None`."""
    folders = (base / place for base in (data, data.parent) for place in PLACES)
    return next((folder for folder in folders if (folder / name).exists()), None)


def named(data: Path, name: str) -> Path:
    """The file `name` itself, found as `folder_with` does."""
    return data if data.is_file() else folder_with(data, name) / name
