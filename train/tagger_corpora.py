"""What the tagger learns from: the shared sets with changed names, and filled templates.

Names of the shared sets are exchanged anew in each epoch, so that the tagger learns where names
stand and what they look like, and not who these people are.
"""

from __future__ import annotations

import io
import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import zstandard

from train.tagger_names import (
    FAMILIES,
    HAN_TITLES,
    NATIONALITIES,
    ROLES,
    SYLLABLES,
    TITLES_EN,
    Names,
)
from train.tagger_templates import CHINESE, CHINESE_PLAIN, ENGLISH, ENGLISH_PLAIN, HOLES

Span = tuple[int, int, str]

KINDS = ("PERSON", "ORG", "PLACE", "ADDRESS", "GROUP", "TITLE", "DATE", "AGE", "REFERENCE", "PHONE")
# A span of another type is neither taught nor untaught.
TYPES = {
    "PERSON": "PERSON", "ORG": "ORG", "ORGANIZATION": "ORG", "BANK": "ORG", "GPE": "PLACE", "LOCATION": "PLACE",
    "STREET_ADDRESS": "ADDRESS", "ADDRESS": "ADDRESS", "ZIP_CODE": "ADDRESS", "NRP": "GROUP", "TITLE": "TITLE",
    "DATE_TIME": "DATE", "AGE": "AGE", "ID": "REFERENCE", "PATIENT_ID": "REFERENCE", "ACCOUNT": "REFERENCE",
    "PHONE": "PHONE", "PHONE_NUMBER": "PHONE", "INSURANCE_ID": "REFERENCE", "USER_ID": "REFERENCE", "PID": "REFERENCE",
}  # fmt: skip
# What a set does not label: "no label" there may be one of these all the same.
UNLABELLED = {
    "lifebench": ("GROUP", "DATE", "AGE"),
    "synth_v2": ("REFERENCE",),
    "generated_large": ("GROUP", "TITLE", "AGE", "REFERENCE"),
    "nano": ("GROUP", "DATE", "AGE", "ORG", "PLACE", "REFERENCE", "PHONE"),
    "chinese": ("ORG", "PLACE", "GROUP", "TITLE", "DATE", "AGE"),
    "made": (),
    "running": tuple(kind for kind in KINDS if kind != "PERSON"),
    "public": ("ORG", "PLACE", "ADDRESS", "GROUP", "TITLE", "DATE", "AGE", "REFERENCE"),
}
FILES = {
    "lifebench": "pii_lifebench", "synth_v2": "pii_presidio_synth_v2", "generated_large": "pii_presidio_generated_large",
    "nano": "pii_nano_credentials", "chinese": "pii_zh_synthetic",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """A text with its spans; `corpus` says what is not labelled, `group` who or which template."""

    text: str
    spans: tuple[Span, ...]
    corpus: str
    group: str


def rows_of(path: Path) -> list[dict]:
    """The rows of one file of the shared data."""
    with path.open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file)
        return [json.loads(line) for line in io.TextIOWrapper(reader, encoding="utf-8")]


def examples_of(folder: Path, corpus: str) -> list[Example]:
    """One set as examples; LifeBench by paragraph, as its records repeat each other's."""
    found: dict[str, Example] = {}
    for row in rows_of(folder / f"{FILES[corpus]}.jsonl.zst"):
        spans = [(span[0], span[1], span[2]) for span in row["spans"]]
        group = str(row.get("user", row.get("template_id", row["id"])))
        pieces = (
            _paragraphs(row["text"], spans) if corpus == "lifebench" else [(row["text"], spans)]
        )
        for text, inside in pieces:
            found.setdefault(text, Example(text, tuple(_typed(text, inside)), corpus, group))
    return list(found.values())


def _paragraphs(text: str, spans: list[Span]) -> Iterator[tuple[str, list[Span]]]:
    at = 0
    for piece in text.split("\n\n"):
        end = at + len(piece)
        yield piece, [(a - at, b - at, kind) for a, b, kind in spans if at <= a and b <= end]
        at = end + 2


def _typed(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    for start, end, kind in sorted(spans):
        label = TYPES.get(kind, "?")
        words = text[start:end]
        if kind == "LOCATION" and re.search(
            r"\d|\b(Road|Street|Avenue|Lane|Building|number)\b", words
        ):
            label = "ADDRESS"
        yield start, end, label


# --- the same text about other people -------------------------------------------------------------

_PINYIN = re.compile(f"(?:{'|'.join(sorted(SYLLABLES, key=len, reverse=True))}){{1,4}}")
_WORD = re.compile(r"[^\W\d_]+")


class Exchange:
    """Exchanges names in examples; `everyday` words keep their place in names of companies."""

    def __init__(self, names: Names, texts: Iterable[str]) -> None:
        self.names = names
        self.rng = names.rng
        self.everyday = {word for text in texts for word in re.findall(r"\b[a-z]{2,}\b", text)}
        self._families = set(FAMILIES)

    def people(self, example: Example) -> Example:
        """The names of people, places and companies in pinyin become others, the same for the
        same throughout the text."""
        others: dict[str, str] = {}

        def other(word: str, kind: str) -> str:
            if not _PINYIN.fullmatch(word.lower()) or not word[0].isupper():
                return word
            if kind != "PERSON" and (len(word) < 4 or word.lower() in self.everyday):
                return word
            if word not in others:
                others[word] = self._other(word)
            return others[word]

        def replaced(piece: str, kind: str) -> str:
            if kind not in ("PERSON", "ORG", "PLACE", "ADDRESS"):
                return piece
            return _WORD.sub(lambda match: other(match[0], kind), piece)

        return rebuilt(example, replaced)

    def _other(self, word: str) -> str:
        if word in self._families:
            return self.rng.choice(FAMILIES)
        half = len(word) // 2
        if len(word) % 2 == 0 and word[:half].lower() == word[half:].lower():
            return (self.rng.choice(SYLLABLES) * 2).capitalize()
        return self.names.given_pinyin(1 if len(word) < 5 else 2)

    def values(self, example: Example) -> Example:
        """Each span of a filled template gets another value of its type."""

        def replaced(piece: str, kind: str) -> str:
            value = self._value(piece, kind)
            if kind == "PLACE" and self.rng.random() < 0.1:
                return value.upper()
            if value == piece:
                return piece
            if piece.isupper() and len(piece) > 3:
                return value.upper()
            return value.lower() if piece.islower() else value

        return rebuilt(example, replaced)

    def _value(self, piece: str, kind: str) -> str:
        names = self.names
        if re.search(r"[\u3400-\u9fff]", piece):
            return {"PERSON": names.han_person, "ADDRESS": names.han_address}.get(
                kind, lambda: piece
            )()
        if kind == "PERSON":
            return (
                names.person() if " " in piece else self.rng.choice((names.first(), names.last()))
            )
        if kind == "ADDRESS" and len(piece) < 6:
            return "".join(self.rng.choice("0123456789") if c.isdigit() else c for c in piece)
        makers = {"ORG": names.company, "ADDRESS": names.address, "PLACE": names.city}
        if kind == "PLACE" and self.rng.random() < 0.3:
            return names.country()
        return makers[kind]() if kind in makers else piece

    def case(self, example: Example) -> Example:
        """All in lower case: people type so."""
        lower = example.text.lower()
        return (
            example
            if len(lower) != len(example.text)
            else Example(lower, example.spans, example.corpus, example.group)
        )


def rebuilt(example: Example, replaced) -> Example:
    """The example with each span's words given by `replaced(words, kind)`."""
    text, at, spans, pieces, length = example.text, 0, list[Span](), list[str](), 0
    for start, end, kind in example.spans:
        if start < at:
            continue
        piece = replaced(text[start:end], kind)
        pieces += (text[at:start], piece)
        length += start - at
        spans.append((length, length + len(piece), kind))
        length += len(piece)
        at = end
    pieces.append(text[at:])
    return Example("".join(pieces), tuple(spans), example.corpus, example.group)


# --- templates ------------------------------------------------------------------------------------

_HOLE = re.compile(r"\{(\w+?)(\d?)\}")


class Maker:
    """Fills the templates."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.rng = names.rng

    def english(self) -> Example:
        """One English text, harmless once in five times."""
        lines = ENGLISH_PLAIN if self.rng.random() < 0.2 else ENGLISH
        count = self.rng.choice((1, 1, 1, 2, 3))
        example = self._filled("\n".join(self.rng.choice(lines) for _ in range(count)))
        return example

    def chinese(self) -> Example:
        """One Chinese text, harmless once in three times."""
        lines = CHINESE_PLAIN if self.rng.random() < 0.35 else CHINESE
        count = self.rng.choice((1, 1, 1, 2, 3))
        between = self.rng.choice(("\n", "", " "))
        return self._filled(between.join(self.rng.choice(lines) for _ in range(count)))

    def _filled(self, template: str) -> Example:
        text = template.replace("\\n", "\n").replace("{{", "\x01").replace("}}", "\x02")
        pieces, spans, at, length = list[str](), list[Span](), 0, 0
        for match in _HOLE.finditer(text):
            value = self._value(match[1])
            before = text[at : match.start()]
            pieces += (before, value)
            length += len(before)
            label = HOLES[match[1]]
            if label != "":
                spans.append((length, length + len(value), label or "?"))
            length += len(value)
            at = match.end()
        pieces.append(text[at:])
        whole = "".join(pieces).replace("\x01", "{").replace("\x02", "}")
        return Example(whole, tuple(spans), "made", template)

    def _value(self, hole: str) -> str:
        rng, names = self.rng, self.names
        digits = {"sixteen": 16, "fourteen": 14, "seven": 7, "six": 6, "four": 4}
        if hole in digits:
            return "".join(rng.choices("0123456789", k=digits[hole]))
        makers = {
            "hex": lambda: "".join(rng.choices("0123456789abcdef", k=rng.choice((8, 8, 32, 40)))),
            "person": names.person, "first": names.first, "last": names.last, "chinese": names.chinese,
            "given": names.given_pinyin, "mention": names.mention, "han": names.han_person,
            "hanfam": lambda: names.han_person()[:1], "company": names.company, "hcompany": names.han_company,
            "city": names.city, "country": names.country, "address": names.address,
            "haddress": names.han_address, "zip": lambda: f"{rng.randrange(1000, 99999):05}",
            "street": lambda: rng.choice(names.streets), "job": lambda: rng.choice(names.jobs),
            "title": lambda: rng.choice(TITLES_EN), "htitle": lambda: rng.choice(HAN_TITLES),
            "weekday": lambda: rng.choice("Monday Tuesday Wednesday Thursday Friday Saturday Sunday tomorrow".split()[:7]),
            "nationality": lambda: rng.choice(NATIONALITIES), "age": lambda: str(rng.randrange(4, 99)),
            "year": lambda: str(rng.randrange(1930, 2030)), "date": lambda: _date(rng), "hdate": lambda: _han_date(rng),
            "phone": lambda: rng.choice(names.phones), "hphone": lambda: f"1{rng.randrange(30, 99)}{rng.randrange(10**8):08}",
            "email": lambda: f"{names.first().lower()}.{names.last().lower()}@example.com",
            "number": lambda: str(rng.randrange(2, 400)), "ref": lambda: _reference(rng),
            "hplace": lambda: names.han_place(),
        }  # fmt: skip
        return makers[hole]()


def _date(rng: random.Random) -> str:
    year, month, day = rng.randrange(1930, 2027), rng.randrange(1, 13), rng.randrange(1, 29)
    name = "January February March April May June July August September October November December".split()[
        month - 1
    ]
    return rng.choice((f"{month}/{day}/{year}", f"{year}-{month:02}-{day:02}", f"{day:02}.{month:02}.{year}", f"{name} {day}, {year}",
                       f"{day} {name} {year}", f"{year}-{month:02}-{day:02} 11:2{day % 10}:07", name[:3] + f" {day}", str(year)))  # fmt: skip


def _han_date(rng: random.Random) -> str:
    year, month, day = rng.randrange(1930, 2027), rng.randrange(1, 13), rng.randrange(1, 29)
    return rng.choice(
        (
            f"{year}年{month}月{day}日",
            f"{year}-{month:02}-{day:02}",
            f"{year}/{month}/{day}",
            f"{month}月{day}日",
        )
    )


def _reference(rng: random.Random) -> str:
    letters = "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=rng.choice((0, 2, 2, 3, 4))))
    number = "".join(rng.choices("0123456789", k=rng.choice((5, 6, 8, 10, 12, 14))))
    return rng.choice(("", "", "#")) + letters + rng.choice(("", "", "-")) + number


ROLE_WORDS = frozenset(ROLES)
