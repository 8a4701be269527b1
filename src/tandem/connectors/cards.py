"""People out of vCards (RFC 2426, RFC 6350), and vCards for new people.

icalendar's content lines do the unfolding and the parameters; a library of its own for vCards would
be 8 MB. A change touches the lines that it means; all others stay as they were, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tandem.connectors.records import Item

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(
    r"^(?:[\w-]+\.)?(?P<name>[\w-]+)(?P<parameters>(?:;(?:\"[^\"]*\"|[^\":;])*)*):(?P<value>.*)$",
    re.S,
)
_ESCAPED = re.compile(r"\\(.)", re.S)


@dataclass(frozen=True, slots=True)
class Person:
    """A card, read. `names` are all the names that the card goes by, the shown one first.

    `words` hold what else tells who this is: organisation, title, note, how the name is said.
    """

    href: str
    uid: str
    name: str
    names: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    organization: str = ""
    title: str = ""
    birthday: str = ""
    note: str = ""
    address: str = ""
    words: tuple[str, ...] = ()


def people(items: Iterable[Item]) -> tuple[Person, ...]:
    """Everyone, in order of name. A text that is no card gives nobody."""
    found = [person for item in items for person in _read(item)]
    return tuple(sorted(found, key=lambda each: each.name.casefold()))


def new_card(
    uid: str,
    name: str,
    *,
    mails: Iterable[str] = (),
    phones: Iterable[str] = (),
    organization: str = "",
    note: str = "",
) -> str:
    """A vCard 3.0, which every server takes."""
    given, _, family = name.rpartition(" ")
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{escaped(uid)}", f"FN:{escaped(name)}"]
    lines.append(f"N:{escaped(family)};{escaped(given)};;;")
    lines += [f"EMAIL;TYPE=INTERNET:{escaped(each)}" for each in mails]
    lines += [f"TEL;TYPE=CELL:{escaped(each)}" for each in phones]
    lines += [f"ORG:{escaped(organization)}"] if organization else []
    lines += [f"NOTE:{escaped(note)}"] if note else []
    return "".join(f"{folded(line)}\r\n" for line in (*lines, "END:VCARD"))


def with_lines(text: str, name: str, lines: Iterable[str]) -> str:
    """The card with its lines of this name exchanged for others: `TEL;TYPE=CELL:+44 20 ...`."""
    kept, at = list[str](), None
    for line in _unfolded(text):
        match = _LINE.match(line)
        if match and match["name"].upper() == name.upper():
            at = len(kept) if at is None else at
        else:
            kept.append(line)
    last = next((i for i, line in enumerate(kept) if line.upper() == "END:VCARD"), len(kept))
    place = last if at is None else at
    whole = [*kept[:place], *lines, *kept[place:]]
    return "".join(f"{folded(line)}\r\n" for line in whole)


def escaped(text: str) -> str:
    """A value as a vCard writes it."""
    for bare, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(bare, written)
    return text.replace("\r", "")


def folded(line: str) -> str:
    """Lines of 75 bytes at most, no character cut."""
    parts, part = list[str](), ""
    for letter in line:
        if len((part + letter).encode("utf-8", "surrogateescape")) > 74:
            parts.append(part)
            part = ""
        part += letter
    return "\r\n ".join([*parts, part])


def _unfolded(text: str) -> list[str]:
    return [line for line in re.split(r"\r?\n", _FOLD.sub("", text)) if line]


def _read(item: Item) -> Iterator[Person]:
    card: dict[str, list[str]] | None = None
    for line in _unfolded(item.text):
        match = _LINE.match(line)
        if match is None:
            continue
        name, value = match["name"].upper(), match["value"]
        if name == "BEGIN" and value.upper() == "VCARD":
            card = {}
        elif name == "END" and value.upper() == "VCARD" and card is not None:
            yield _person(item.href, card)
            card = None
        elif card is not None:
            card.setdefault(name, []).append(value)


def _person(href: str, card: dict[str, list[str]]) -> Person:
    structured = [_parts(value) for value in card.get("N", ())]
    parts = structured[0] if structured else []
    family, given = (*parts, "", "")[:2]
    spoken = " ".join(part for part in (given, family) if part)
    shown = [_plain(value) for value in card.get("FN", ())]
    nick = [name for value in card.get("NICKNAME", ()) for name in _parts(value, ",")]
    names = dict.fromkeys(each for each in (*shown, spoken, family + given, *nick) if each.strip())
    organization = " ".join(part for v in card.get("ORG", ())[:1] for part in _parts(v) if part)
    said = [_plain(v) for key, vs in card.items() if key.startswith("X-") for v in vs]
    return Person(
        href=href,
        uid=_first(card, "UID"),
        name=next(iter(names), organization),
        names=tuple(names),
        mails=tuple(_plain(v).removeprefix("mailto:") for v in card.get("EMAIL", ())),
        phones=tuple(_plain(v).removeprefix("tel:") for v in card.get("TEL", ())),
        organization=organization,
        title=" ".join(filter(None, (_first(card, "TITLE"), _first(card, "ROLE")))),
        birthday=_first(card, "BDAY"),
        note=_first(card, "NOTE"),
        address=" ".join(part for v in card.get("ADR", ())[:1] for part in _parts(v) if part),
        words=tuple(said),
    )


def _first(card: dict[str, list[str]], name: str) -> str:
    return _plain(card.get(name, [""])[0])


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def _parts(value: str, between: str = ";") -> list[str]:
    return [_plain(part) for part in re.split(rf"(?<!\\){between}", value)]
