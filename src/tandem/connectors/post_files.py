"""The post as a folder: what is sent lies there as a file. For demos, and for who has no server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tandem import private_file
from tandem.connectors.files import file_name
from tandem.connectors.records import Letter
from tandem.errors import DeviceFault


class FilePost:
    """A Post: one file per letter, named by its Message-ID, with its envelope as first lines."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, letter: Letter, *, about_to: Callable[[], None] | None = None) -> None:
        """Write the file; a letter that is there already is not sent again."""
        if about_to is not None:
            about_to()
        envelope = [f"X-Envelope-From: {letter.sender}"]
        envelope += [f"X-Envelope-To: {each}" for each in letter.recipients]
        head = "".join(f"{line}\r\n" for line in envelope).encode()
        try:
            private_file.replace_bytes(self._path(letter), head + letter.raw)
        except OSError as error:
            raise DeviceFault(
                f"The letter cannot be written to {self._folder}: {error.strerror}.",
                remedy="Free some disk space, or check the folder's rights.",
            ) from None

    def has_taken(self, letter: Letter) -> bool:
        """Whether its file is there."""
        return self._path(letter).exists()

    def recall(self, letter: Letter) -> bool:
        """What lies in the folder is out: whoever watches it may have read it."""
        return not self.has_taken(letter)

    def _path(self, letter: Letter) -> Path:
        return self._folder / (file_name(letter.message_id) + ".eml")
