"""What a reply spoke of, so that the next turn can say "it"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from tandem.assistant.cards import Card, Evidence, Put, Remove
from tandem.connectors.records import Item
from tandem.understanding.reading import Reading, Ref

_SHELVES = {"contacts": "contact", "notes": "note"}


def mentioned(
    cards: Sequence[Card], evidence: Iterable[Evidence], reading: Reading | None
) -> tuple[Ref, ...]:
    """The records that cards made or changed, then those that were named or shown; none twice, and
    none that is gone. Made records come first, as "it" after an act is what the act made.
    """
    writes = [write for card in cards for write in card.step.writes]
    gone = {_uid(write.item) for write in writes if isinstance(write, Remove)}
    found: dict[tuple[str, str], Ref] = {}
    made = (_made(write) for write in writes if isinstance(write, Put))
    shown = [*evidence, *(one for card in cards for one in card.step.evidence)]
    for ref in (*made, *_named(reading), *map(_shown, shown)):
        if ref.id not in gone:
            found.setdefault((ref.kind, ref.id), ref)
    return tuple(found.values())


def _uid(item: Item) -> str:
    """By what the record calls itself; a note has its name alone."""
    found = re.search(r"^UID:(\S+)", item.text, re.M)
    return found[1] if found else item.href


def _made(put: Put) -> Ref:
    kind = _SHELVES.get(put.shelf, "task" if "BEGIN:VTODO" in put.text else "event")
    return Ref(kind, put.name)


def _named(reading: Reading | None) -> Iterator[Ref]:
    for call in reading.calls if reading is not None else ():
        for filled in call.slots.values():
            if isinstance(filled.value, tuple):
                yield from (one for one in filled.value if isinstance(one, Ref))


def _shown(one: Evidence) -> Ref:
    return Ref(one.kind, one.id, one.occurrence)
