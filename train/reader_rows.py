"""What the reader's encoder is trained on: public requests as rows with a class, spans and choices.

A row is the same thing for every set, so one loop trains all heads. Held out for validation is by
template, never by row: sentences that differ only in their values fall on the same side.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from tandem.understanding.tokens import fold

DATA = Path("../shared/data/assistant/permissive")
HELD_OUT_OF = 10  # one template in so many is validation
ABSENT = "-"  # a choice that was not said

HOME_SPANS = ("name", "area", "floor", "item", "search_query", "message")
HOME_CHOICES = ("domain", "device_class", "state", "color", "media_class", "amount", "scope")


@dataclass(frozen=True, slots=True)
class Row:
    """One request. `spans` are (start, end, slot); `known` are (start, end, kind) of words that
    stand in the user's stores; `choices` give the closed slots; `cuts` are where a new act begins.
    Without `has_spans` nothing is known of spans and cuts.
    """

    text: str
    domain: str
    label: str
    spans: tuple[tuple[int, int, str], ...] = ()
    choices: dict[str, str] = field(default_factory=dict[str, str])
    known: tuple[tuple[int, int, str], ...] = ()
    cuts: tuple[int, ...] = ()
    has_spans: bool = True
    origin: str = ""  # the domain whose split it follows, where it was borrowed

    @property
    def template(self) -> str:
        """The text with its values masked; of a home's requests, the names that the home has."""
        return masked(self.text, self.known if self.domain == "home" else self.spans)

    @property
    def is_held_out(self) -> bool:
        return crc32(f"{self.origin or self.domain}|{self.template}".encode()) % HELD_OUT_OF == 0


def masked(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """The template of a row: its values are holes, of no name. "Add [artist] to [playlist]" and "add
    [entity] to [playlist]" are one template; with names one of them could validate what the other
    taught to be wrong.
    """
    for start, end, _ in sorted(spans, reverse=True):
        text = f"{text[:start]}[]{text[end:]}"
    return re.sub(r"\d+", "0", re.sub(r"\W+", " ", fold(text)).strip())


def read(name: str, data: Path = DATA) -> Iterator[dict]:
    with (data / f"{name}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def public(data: Path = DATA) -> list[Row]:
    """All rows of the public sets with their own label sets."""
    return [*nlu(data), *snips(data), *home(data), *clinc(data)]


def nlu(data: Path = DATA) -> Iterator[Row]:
    for row in read("assistant_nlu", data):
        label = row["call"]["name"] if row["call"] else f"none.{row['intent']}"
        yield Row(row["utterance"], "nlu", label, _apart(row["spans"]))


def snips(data: Path = DATA) -> Iterator[Row]:
    for row in read("snips", data):
        yield Row(row["utterance"], "snips", row["call"]["name"], _apart(row["spans"]))


def clinc(data: Path = DATA) -> Iterator[Row]:
    for row in read("clinc150", data):
        yield Row(row["utterance"], "clinc", "oos" if row["out_of_scope"] else row["intent"])


def _apart(spans: list) -> tuple[tuple[int, int, str], ...]:
    """Spans in their order, without one that overlaps an earlier one."""
    kept: list[tuple[int, int, str]] = []
    for start, end, slot in sorted((int(s), int(e), str(n)) for s, e, n in spans):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, slot))
    return tuple(kept)


# --- the home -----------------------------------------------------------------------------------


def homes(data: Path = DATA) -> dict[str, dict[str, set[str]]]:
    """By language the names a home has: kind (name, area, floor) -> names."""
    fixtures = json.loads((data / "ha_fixtures.json").read_text(encoding="utf-8"))
    return {
        language: {
            "name": {e["name"] for e in home.get("entities", ())},
            "area": {a["name"] for a in home.get("areas", ())},
            "floor": {f["name"] for f in home.get("floors", ())},
        }
        for language, home in fixtures.items()
    }


def home(data: Path = DATA) -> Iterator[Row]:
    names = homes(data)
    for row in read("ha_intents", data):
        if row["lang"][:2] in ("en", "zh") and row["call"] and row["call"]["name"]:
            yield home_row(row, names[row["lang"]])


def home_row(row: dict, names: dict[str, set[str]]) -> Row:
    """A home request. The area of the device that hears it is a choice (`scope`), as is "all"."""
    text, arguments = row["utterance"], dict(row["call"]["arguments"])
    context = row["device_context"]
    spans: list[tuple[int, int, str]] = []
    choices = dict.fromkeys(HOME_CHOICES, ABSENT)
    for slot, value in arguments.items():
        value = value[-1].strip() if isinstance(value, list) else value
        if slot in HOME_SPANS and isinstance(value, str):
            place = fold(text).find(fold(value))
            if place >= 0:
                spans.append((place, place + len(value), slot))
            elif slot == "area" and context.get("area") == value:
                choices["scope"] = "here"
            elif slot == "name" and value == "all":
                choices["scope"] = "all"
        elif slot in choices:
            choices[slot] = str(value)
        elif slot == "brightness" and value in (1, 100) and str(value) not in text:
            choices["amount"] = "most" if value == 100 else "least"
    return Row(text, "home", row["call"]["name"], _apart(spans), choices, known(text, names))


def known(text: str, names: dict[str, set[str]]) -> tuple[tuple[int, int, str], ...]:
    """Where names of the stores stand in the text, the longest first, none twice."""
    low, taken = fold(text), set[int]()
    found: list[tuple[int, int, str]] = []
    pairs = sorted(((len(n), n, kind) for kind, them in names.items() for n in them), reverse=True)
    for length, name, kind in pairs:
        for match in re.finditer(re.escape(fold(name)), low):
            if not taken.intersection(range(match.start(), match.start() + length)):
                taken.update(range(*match.span()))
                found.append((*match.span(), kind))
    return tuple(sorted(found))


if __name__ == "__main__":
    import collections

    rows = public()
    print(collections.Counter((row.domain, row.is_held_out) for row in rows))
