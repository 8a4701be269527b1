"""Models on this disk: pull, list, find, remove; and what is known of each.

A model is NAME.gguf in one folder; beside it NAME.card.json (where it came from, its checksum) and
NAME.calibration.json. Some models come with the program. A download goes into NAME.gguf.partial, is
resumed, checked and only then given its name, so a model that is listed is whole. It does not know
what is inside a model: `validate` is passed in.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tandem.errors import BadModel, BadRequest, DeviceFault
from tandem.private_file import replace as replace_whole

if sys.platform != "win32":
    import fcntl

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,199}")


@dataclass(frozen=True, slots=True)
class Model:
    """One model on this disk. `is_bundled`: it came with the program and cannot be removed."""

    name: str
    path: Path
    num_bytes: int
    is_bundled: bool = False
    source: str = ""
    sha256: str = ""
    is_calibrated: bool = False


class ModelStore:
    """The models of one folder and the bundled ones; `bundled` maps a name to its file."""

    def __init__(
        self,
        folder: Path,
        bundled: Mapping[str, Path],
        *,
        validate: Callable[[Path], object] = lambda path: None,
    ) -> None:
        self.folder = folder
        self._bundled = dict(bundled)
        self.validate = validate

    def models(self) -> list[Model]:
        """All models, the bundled ones first, then by name."""
        own = sorted(self.folder.glob("*.gguf")) if self.folder.is_dir() else []
        bundled = [self._model(name, path, is_bundled=True) for name, path in self._bundled.items()]
        return bundled + [self._model(path.stem, path) for path in own]

    def find(self, name: str) -> Model:
        """The model of this name. Raises `BadModel` naming those that there are."""
        path = self.folder / f"{name}.gguf"
        if _NAME.fullmatch(name) and path.is_file():
            return self._model(name, path)
        if name in self._bundled:
            return self._model(name, self._bundled[name], is_bundled=True)
        known = ", ".join(model.name for model in self.models()) or "none"
        raise BadModel(
            f"There is no model {name!r} on this device (there are: {known}).",
            remedy="Get one: tandem models pull OWNER/NAME, or a URL, or a file.",
        )

    def rm(self, name: str) -> Model:
        """Delete a model and what belongs to it. Raises `BadRequest` for a bundled one."""
        model = self.find(name)
        if model.is_bundled:
            raise BadRequest(
                f"{name} came with the program and stays.", remedy="Only pulled models are removed."
            )
        for path in (model.path, self._card(name), self._calibration(name)):
            path.unlink(missing_ok=True)
        return model

    def add_file(self, source: Path, name: str | None = None) -> Model:
        """Copy a model file into the store. Raises `BadModel`, `BadRequest` and `DeviceFault`."""
        if not source.is_file():
            raise BadRequest(f"There is no file {source}.", remedy="Check the path.")
        name = checked_name(name or source.stem)
        self.validate(source)
        partial = self.partial(name)
        with self.reserved(name):
            with faults(self.folder):
                self.make_room(source.stat().st_size)
                shutil.copyfile(source, partial)
            return self.adopt(partial, name, source=source.name, sha256=sha256_of(partial))

    def partial(self, name: str) -> Path:
        """Where a download of this name gathers."""
        return self.folder / f"{name}.gguf.partial"

    @contextlib.contextmanager
    def reserved(self, name: str) -> Generator[None]:
        """Nobody else writes a model of this name meanwhile, in this process or another.

        The system gives the lock back when a process dies. Raises `DeviceFault` when it is taken.
        """
        path = self.folder / f".{name}.lock"
        with faults(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            file = path.open("w")
        with file:
            try:
                if sys.platform != "win32":
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    if not os.fstat(file.fileno()).st_nlink:  # its holder has just ended
                        raise BlockingIOError
            except BlockingIOError as error:
                raise DeviceFault(
                    f"Another command is fetching {name} right now.",
                    remedy="Wait for it, or take another name: --name.",
                ) from error
            try:
                yield
            finally:
                path.unlink(missing_ok=True)

    def make_room(self, num_bytes: int) -> None:
        """Make the folder. Raises `DeviceFault` when so many bytes do not fit on its disk."""
        with faults(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.folder).free
        if num_bytes > free:
            raise DeviceFault(
                f"The model needs {num_bytes / 1e6:.0f} MB; {self.folder} has {free / 1e6:.0f} MB.",
                remedy="Free some disk space, or set models.folder to another disk.",
            )

    def adopt(self, partial: Path, name: str, *, source: str, sha256: str) -> Model:
        """Check a whole download and give it its name. A file that is no model is deleted."""
        try:
            self.validate(partial)
        except BadModel:
            partial.unlink(missing_ok=True)
            raise
        path = self.folder / f"{name}.gguf"
        with faults(self.folder):
            partial.replace(path)
            # An old calibration was of another file.
            self._calibration(name).unlink(missing_ok=True)
            card = {"source": source, "sha256": sha256}
            replace_whole(self._card(name), json.dumps(card))
        return self._model(name, path)

    def read_calibration(self, name: str) -> dict[str, Any] | None:
        """What `write_calibration` kept, or what came with a bundled model. None if there is
        none.
        """
        places = [self._calibration(name)]
        if name in self._bundled:
            file = self._bundled[name]
            places.append(file.with_name(f"{file.stem}.calibration.json"))
        for path in places:
            with contextlib.suppress(FileNotFoundError):
                try:
                    return json.loads(path.read_text("utf-8"))
                except (OSError, ValueError) as error:
                    if isinstance(error, FileNotFoundError):
                        raise
                    raise BadModel(
                        f"The calibration {path.name} cannot be read.",
                        remedy=f"Make it anew: tandem models calibrate {name}.",
                    ) from error
        return None

    def write_calibration(self, name: str, data: Mapping[str, Any]) -> Path:
        """Keep a calibration beside the models. Raises `DeviceFault`."""
        path = self._calibration(name)
        with faults(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            replace_whole(path, json.dumps(dict(data), indent=1))
        return path

    def _model(self, name: str, path: Path, *, is_bundled: bool = False) -> Model:
        card: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError):
            card = json.loads(self._card(name).read_text("utf-8"))
        return Model(
            name=name,
            path=path,
            num_bytes=path.stat().st_size,
            is_bundled=is_bundled,
            source="came with the program" if is_bundled else str(card.get("source", "")),
            sha256=str(card.get("sha256", "")),
            is_calibrated=self.read_calibration(name) is not None,
        )

    def _card(self, name: str) -> Path:
        return self.folder / f"{name}.card.json"

    def _calibration(self, name: str) -> Path:
        return self.folder / f"{name}.calibration.json"


def checked_name(name: str) -> str:
    """A name that can be a file's. Raises `BadRequest`."""
    if not _NAME.fullmatch(name) or name.endswith(".partial"):
        raise BadRequest(
            f"{name!r} cannot be a model's name.",
            remedy="Use letters, digits, '.', '_', '+' and '-'; see --name.",
        )
    return name


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def as_dict(model: Model) -> dict[str, Any]:
    """For `--json`."""
    return {**asdict(model), "path": str(model.path)}


@contextlib.contextmanager
def faults(folder: Path) -> Generator[None]:
    """Say that the disk or its rights are at fault."""
    try:
        yield
    except OSError as error:
        raise DeviceFault(
            f"The models' folder {folder} cannot be written: {error.strerror}.",
            remedy="Free some disk space, check its rights, or set models.folder.",
        ) from error
