"""A recognizer of your own, beside the ones that come along: ticket numbers of a help desk."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tandem.personal import Around, Finding, Kind
from tandem.privacy.detection.detector import LayeredDetector, standard_recognizers
from tandem.privacy.detection.view import View

_TICKET = re.compile(r"\bTKT-\d{4,8}\b")


class TicketRecognizer:
    """Finds "TKT-" and a number, also in full-width characters: it sees the text's view."""

    def find(self, view: View, around: Around) -> Iterator[Finding]:
        """Each ticket."""
        for match in _TICKET.finditer(view.text):
            key = f"{Kind.REFERENCE}:{match[0]}"
            yield Finding(*match.span(), Kind.REFERENCE, key, 0.95, "the form of a ticket")


if __name__ == "__main__":
    detector = LayeredDetector((*standard_recognizers(), TicketRecognizer()))
    text = "Ann Lee's ticket is ＴＫＴ－４７１１, see ann@example.org"
    for item in detector.find(text):
        print(f"{item.kind}: {text[item.start : item.end]} ({item.reason})")
