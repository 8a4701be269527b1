"""The assistant in a program: a request, a card, a yes, an undo; on files in a temporary folder."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from tandem.assistant.assistant import Assistant
from tandem.assistant.knowing import Knowing, Person
from tandem.assistant.performing import Hands
from tandem.bootstrap_assistant import device_reader, file_stores
from tandem.clock import SystemClock
from tandem.connectors import edits
from tandem.keeping.journal import Journal


def main() -> None:
    """Move an appointment and take it back."""
    with tempfile.TemporaryDirectory() as folder:
        root, clock = Path(folder), SystemClock()
        stores = file_stores(root)
        knowing = Knowing(stores, Person("Mira", "mira@example.org", "Europe/London"), clock)
        start = (knowing.now + timedelta(days=3)).replace(hour=9, minute=0, second=0, microsecond=0)
        text = edits.new_event(
            "dentist", "Dentist", start, start + timedelta(minutes=30), now=knowing.now
        )
        stores.calendar.add(stores.calendar.href_for("dentist"), text)

        hands = Hands(Journal(root / "journal.sqlite", stores, clock), clock)
        assistant = Assistant(device_reader(), knowing, hands, "en")
        reply = assistant.say("move the dentist to 3 pm")
        print(reply.text)
        for card in reply.waiting:  # what goes out: ask your user, never a model
            print(card.text)
            assistant.answer(card.id, yes=False)
        print(assistant.undo().text)
        assert stores.calendar.items()[0].text == text


if __name__ == "__main__":
    main()
