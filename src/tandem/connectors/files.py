"""A shelf as a folder of plain files: calendars (.ics), cards (.vcf), notes (.md), messages.

The reference backend: what users without a server have, and what the real ones are compared with.
A file is replaced whole or not at all; its etag is the hash of its bytes.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import msgspec

from tandem import private_file
from tandem.connectors.records import Changes, Item
from tandem.errors import BadRequest, Conflict, DeviceFault

# What no file system and no URL minds; everything else is written as %XX.
_PLAIN = re.compile(r"[^\w\- .@+()&,']", re.UNICODE)
_MAX_NAME_BYTES = 200
_URL_NAME = re.compile(r"[A-Za-z0-9._@+-]+")
_MAX_URL_NAME = 150


class FileShelf:
    """A Shelf of files with one suffix in one folder."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix

    def items(self) -> tuple[Item, ...]:
        """All files of the suffix; hidden ones are drafts of a write that never ended."""
        names = sorted(
            path.name
            for path in self._folder.glob(f"*{self._suffix}")
            if not path.name.startswith(".")
        )
        return tuple(item for name in names if (item := self.get(name)) is not None)

    def get(self, href: str) -> Item | None:
        """The file, or `None`."""
        try:
            content = self._path(href).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _fault(self._folder, error) from None
        return Item(href, content.decode("utf-8", "surrogateescape"), _etag(content))

    def href_for(self, name: str) -> str:
        """The name with what a file system minds escaped, and the suffix."""
        return file_name(name) + self._suffix

    def add(self, href: str, text: str) -> Item:
        """A new file."""
        if self.get(href) is not None:
            raise Conflict("There is one of this name already.", remedy="Choose another name.")
        return self._write(href, text)

    def replace(self, item: Item, text: str) -> Item:
        """Another content for the file."""
        self._check(item)
        return self._write(item.href, text)

    def remove(self, item: Item) -> None:
        """Delete the file."""
        self._check(item)
        try:
            self._path(item.href).unlink()
        except OSError as error:
            raise _fault(self._folder, error) from None

    def changes(self, token: str) -> Changes:
        """The token lists every file with its etag: the simplest thing that is always right."""
        before: dict[str, str] = msgspec.json.decode(token) if token else {}
        now = {item.href: item for item in self.items()}
        return Changes(
            token=msgspec.json.encode({href: item.etag for href, item in now.items()}).decode(),
            changed=tuple(item for item in now.values() if before.get(item.href) != item.etag),
            gone=tuple(href for href in before if href not in now),
        )

    def _path(self, href: str) -> Path:
        if not href.endswith(self._suffix) or "/" in href or "\0" in href or href[0] == ".":
            raise BadRequest("This is no name of a file on this shelf.")
        return self._folder / href

    def _check(self, item: Item) -> None:
        current = self.get(item.href)
        if current is None or current.etag != item.etag:
            raise Conflict(
                "It has been changed or deleted meanwhile.", remedy="Look at it again, then decide."
            )

    def _write(self, href: str, text: str) -> Item:
        content = text.encode("utf-8", "surrogateescape")
        try:
            private_file.replace_bytes(self._path(href), content)
        except OSError as error:
            raise _fault(self._folder, error) from None
        return Item(href, text, _etag(content))


def file_name(name: str) -> str:
    """A name that any file system takes; two names never become one."""
    plain = _PLAIN.sub(lambda found: "".join(f"%{b:02X}" for b in found[0].encode()), name)
    plain = f"%2E{plain[1:]}" if plain.startswith(".") else plain or "%"
    if len(plain.encode()) > _MAX_NAME_BYTES:
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        plain = plain.encode()[: _MAX_NAME_BYTES - 17].decode("utf-8", "ignore") + "~" + digest
    return plain


def url_name(name: str) -> str:
    """A name that any server takes: itself where it is plain, else its hash."""
    if _URL_NAME.fullmatch(name) and not name.startswith(".") and len(name) <= _MAX_URL_NAME:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return f"tandem-{digest}"


def _etag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _fault(folder: Path, error: OSError) -> DeviceFault:
    return DeviceFault(
        f"A file in {folder} cannot be used: {error.strerror}.",
        remedy="Free some disk space, or check the folder's rights.",
    )
