"""Loads a whole life (mail, calendar, contacts, notes) from a folder into any stores.

The layout: `mail/FOLDER/*.eml` with flags in a header `X-Flags: seen flagged`, `calendar/*.ics`,
`contacts/*.vcf`, `notes/*.md`, `messages/*.json`,
`tables/*.csv`. For the demo, for tests and for benches.
"""

from __future__ import annotations

import re
from pathlib import Path

from tandem.connectors.mime import head_of
from tandem.connectors.ports import Mailbox, Shelf, Stores

# The header is the layout's, not the mail's: it does not reach the store.
_X_FLAGS = re.compile(rb"^X-Flags:([^\r\n]*)\r?\n", re.I | re.M)


def load_life(folder: Path, stores: Stores) -> None:
    """Put everything into the stores, which should be empty. Raises what their writes raise."""
    load_mail(folder / "mail", stores.mailbox)
    for name, suffix, shelf in (
        ("calendar", ".ics", stores.calendar),
        ("contacts", ".vcf", stores.contacts),
        ("notes", ".md", stores.notes),
        ("messages", ".json", stores.messages),
        ("tables", ".csv", stores.tables),
    ):
        load_shelf(folder / name, suffix, shelf)


def load_mail(folder: Path, mailbox: Mailbox) -> None:
    """Every `FOLDER/*.eml`, received when it was sent, in order of file name."""
    present = {each.name for each in mailbox.folders()}
    for place in sorted(path for path in folder.glob("*") if path.is_dir()):
        if place.name not in present:
            mailbox.make_folder(place.name)
        for path in sorted(place.glob("*.eml")):
            raw, flags = mail_and_flags(path.read_bytes())
            mailbox.append(place.name, raw, flags, head_of(raw).sent_at or 0.0)


def load_shelf(folder: Path, suffix: str, shelf: Shelf) -> None:
    """Every file of the suffix, under its own name."""
    for path in sorted(folder.glob(f"*{suffix}")):
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        shelf.add(shelf.href_for(path.name.removesuffix(suffix)), text)


def mail_and_flags(content: bytes) -> tuple[bytes, frozenset[str]]:
    """A mail of the layout without `X-Flags`, with the line ends of the wire, and its flags."""
    head, gap, body = content.replace(b"\r\n", b"\n").partition(b"\n\n")
    match = _X_FLAGS.search(head + b"\n")
    flags = match[1].decode("ascii", "replace").lower().split() if match else []
    head = _X_FLAGS.sub(b"", head + b"\n").removesuffix(b"\n")
    return (head + gap + body).replace(b"\n", b"\r\n"), frozenset(flags)
