"""Acts on plain files, and takes them back: the journal in a few lines.

python examples/undo_an_act.py
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tandem.bootstrap_stores import file_stores
from tandem.clock import SystemClock
from tandem.connectors.calendars import agenda
from tandem.connectors.edits import changed, new_event
from tandem.keeping.journal import Journal

MONDAY = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)


def main(folder: Path) -> None:
    """Move an appointment, then undo it."""
    journal = Journal(folder / "journal.sqlite", file_stores(folder), SystemClock())
    calendar = journal.stores.calendar
    text = new_event("dentist", "Dentist", MONDAY, MONDAY + timedelta(minutes=30), now=MONDAY)
    item = calendar.add(calendar.href_for("dentist"), text)
    with journal.act("Move the dentist to Friday") as act:
        friday = MONDAY + timedelta(days=4)
        calendar.replace(item, changed(item.text, {"dtstart": friday}, now=MONDAY))
    show(journal)
    journal.undo(act)
    show(journal)
    journal.close()


def show(journal: Journal) -> None:
    """What is in the calendar."""
    week = agenda(journal.stores.calendar.items(), MONDAY, MONDAY + timedelta(days=7), UTC)
    for event in week.events:
        print(f"{event.start:%A %H:%M} {event.summary}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        main(Path(place))
