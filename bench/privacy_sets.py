"""The sets of bench.privacy: how they are read, what they label, how they are split."""

from __future__ import annotations

import io
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import zstandard

from bench.data_files import sought
from tandem.personal import Kind
from tandem.privacy.detection.dictionary import Entry, PrivateDictionary

FILES = {
    "lifebench": "pii_lifebench",
    "chinese": "pii_zh_synthetic",
    "synth_v2": "pii_presidio_synth_v2",
    "generated_large": "pii_presidio_generated_large",
    "nano": "pii_nano_credentials",
}
# Kinds that a set does not label at all: what is found of them is neither right nor wrong there.
NOT_LABELLED: dict[str, frozenset[Kind]] = {
    "lifebench": frozenset(
        {Kind.DATE, Kind.BIRTH_DATE, Kind.AGE, Kind.GROUP, Kind.TITLE, Kind.URL}
    ),
    "chinese": frozenset({Kind.DATE, Kind.AGE, Kind.GROUP, Kind.TITLE}),
    "synth_v2": frozenset(),
    "generated_large": frozenset({Kind.AGE, Kind.GROUP, Kind.TITLE}),
    "nano": frozenset({Kind.DATE, Kind.BIRTH_DATE, Kind.AGE, Kind.GROUP}),
}
# Types whose form alone tells what they are.
STRUCTURED = {
    "CREDIT_CARD": {Kind.PAYMENT_CARD}, "BANK_CARD": {Kind.PAYMENT_CARD, Kind.BANK_ACCOUNT}, "IBAN_CODE": {Kind.IBAN},
    "EMAIL_ADDRESS": {Kind.EMAIL}, "EMAIL": {Kind.EMAIL}, "US_SSN": {Kind.NATIONAL_ID}, "CN_ID": {Kind.NATIONAL_ID},
    "PLATE": {Kind.PLATE}, "DOMAIN_NAME": {Kind.URL}, "US_DRIVER_LICENSE": {Kind.DRIVING_LICENCE}, "IP_ADDRESS": {Kind.IP_ADDRESS},
}  # fmt: skip
PHONES = frozenset({"PHONE", "PHONE_NUMBER"})
NOT_SECRET = frozenset({"PERSON", "ORG", "ORGANIZATION", "SYSTEM", "TITLE", "BANK", "EMAIL"})

HELD_PEOPLE = frozenset({"yinhao", "songyajing"})
_DEVICE_KINDS = {"PERSON": Kind.PERSON, "ORG": Kind.ORGANISATION, "LOCATION": Kind.PLACE}


@dataclass(frozen=True, slots=True)
class Row:
    """One text with its gold spans (start, end, type); `group`: person, template or document."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    group: str
    names: tuple[tuple[str, str, str], ...] = ()  # LifeBench: (type, whose, as written)


def rows_of(folder: Path, name: str) -> list[Row]:
    """The rows of a set; [] where its file is not there. Reads .jsonl and .jsonl.zst."""
    file_name = f"{FILES[name]}.jsonl.zst"
    where = sought(folder, file_name.removesuffix(".zst")) or sought(folder, file_name)
    if where is None:
        return []
    path = where / file_name
    plain = path.with_suffix("")
    if plain.exists():
        lines: Iterable[str] = plain.read_text(encoding="utf-8").splitlines()
    else:
        with path.open("rb") as file:
            reader = zstandard.ZstdDecompressor().stream_reader(file)
            lines = io.TextIOWrapper(reader, encoding="utf-8").readlines()
    return [_row(json.loads(line)) for line in lines if line.strip()]


def _row(raw: dict) -> Row:
    text = raw["text"]
    group = str(raw.get("user", raw.get("template_id", raw.get("id"))))
    names = {(s[2], s[3], text[s[0] : s[1]]) for s in raw["spans"] if len(s) > 3}
    return Row(text, tuple((s[0], s[1], s[2]) for s in raw["spans"]), group, tuple(sorted(names)))


def is_held(name: str, row: Row) -> bool:
    """The part that `python -m train.tagger --hold-out` did not see: two people, and a quarter of
    the templates and documents.
    """
    if name == "lifebench":
        return row.group in HELD_PEOPLE
    return zlib.crc32(f"{name}{row.group}".encode()) % 4 == 0


class DeviceDictionary:
    """Each person's own dictionary out of the labels of that person's *other* records: every name,
    organisation and place that stands in at least `min_records` of them, as written there.
    """

    def __init__(self, rows: list[Row], min_records: int = 2) -> None:
        self._min = min_records
        self._counts: dict[str, dict[tuple[str, str, str], int]] = defaultdict(
            lambda: defaultdict(int)
        )
        for row in rows:
            for name in row.names:
                self._counts[row.group][name] += 1
        self._dictionaries: dict[str, PrivateDictionary] = {}

    def without(self, row: Row) -> PrivateDictionary:
        """The dictionary of the row's person as it is without this row. One at a time."""
        counts = self._counts[row.group]
        known = self._dictionaries.get(row.group)
        if known is None:
            names = [name for name, count in counts.items() if count >= self._min]
            known = PrivateDictionary(_entry(name) for name in names if name[0] in _DEVICE_KINDS)
            self._dictionaries[row.group] = known
        for name in row.names:
            if name[0] in _DEVICE_KINDS and self._min <= counts[name] < self._min + 1:
                known.remove(_entry(name).key)
        return known

    def names_for(self, row: Row) -> list[str]:
        """The same as a plain list of what is written."""
        here = {name: 1 for name in row.names}
        counts = self._counts[row.group].items()
        return sorted(
            {
                name[2]
                for name, n in counts
                if name[0] in _DEVICE_KINDS and n - here.get(name, 0) >= self._min
            }
        )

    def restore(self, row: Row) -> None:
        """Undo what `without` took out."""
        for name in row.names:
            if name[0] in _DEVICE_KINDS and self._counts[row.group][name] == self._min:
                self._dictionaries[row.group].add(_entry(name))


def _entry(name: tuple[str, str, str]) -> Entry:
    kind = _DEVICE_KINDS.get(name[0], Kind.REFERENCE)
    return Entry(f"{kind}:{name[1]}/{name[2]}", kind, (name[2],), "your other records")
