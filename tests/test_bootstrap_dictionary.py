"""Whom the user knows: out of contacts, calendar and mail, and kept current."""

from __future__ import annotations

from pathlib import Path

import pytest

from tandem.bootstrap_dictionary import FRESH_SECONDS, OwnPeople
from tandem.config import Paths, Settings, paths_from
from tandem.errors import DeviceFault

CARD = """BEGIN:VCARD
VERSION:3.0
UID:1
FN:Orla Quillfeather
EMAIL:orla@example.org
TEL:+49 176 1234567
ORG:Brandvold Tools
END:VCARD
"""
EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
UID:1
DTSTART:20260101T100000Z
ATTENDEE;CN="Iker Okonjo";ROLE=REQ-PARTICIPANT:mailto:iker@
 example.org
END:VEVENT
END:VCALENDAR
"""
MAIL = "From: Bodil Szymczak <bodil@example.org>\r\nTo: you@example.org\r\nSubject: x\r\n\r\nhi"


class Time:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


def places(folder: Path) -> Paths:
    return paths_from(Settings(), folder / "tandem.toml", {"TANDEM_HOME": str(folder)})


def test_contacts_calendar_and_mail_are_known_and_kept_current(tmp_path: Path) -> None:
    """Names, addresses and numbers of each; a new card counts from the next look on."""
    paths, time = places(tmp_path), Time()
    own = OwnPeople(Settings(), paths, time)
    assert own.matches("Orla Quillfeather") == []
    for name, file, text in (
        ("contacts", "1.vcf", CARD),
        ("calendar", "1.ics", EVENT),
        ("mail/INBOX/new", "1.M1P1.x", MAIL),
    ):
        folder = paths.stores / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, newline="\r\n" if file.endswith((".vcf", ".ics")) else "")
    for sub in ("cur", "tmp"):
        (paths.stores / "mail/INBOX" / sub).mkdir(exist_ok=True)
    assert own.matches("Orla Quillfeather") == [], "within one question it is not read again"
    time.at += FRESH_SECONDS + 1
    said = "Orla met Iker Okonjo (iker@example.org) at Brandvold Tools; call 0176 1234567."
    found = {said[item.start : item.end] for item in own.matches(said)}
    assert {"Orla", "Iker Okonjo", "Brandvold Tools"} <= found
    (paths.stores / "contacts" / "1.vcf").unlink()
    time.at += FRESH_SECONDS + 1
    assert not any(item.key.startswith("person:1") for item in own.matches("Orla Quillfeather"))


def test_what_cannot_be_read_keeps_everything_here(tmp_path: Path) -> None:
    """A folder where a card should be: an error, not an empty list."""
    paths = places(tmp_path)
    (paths.stores / "contacts" / "1.vcf").mkdir(parents=True)
    with pytest.raises(DeviceFault):
        OwnPeople(Settings(), paths, Time()).matches("x")
