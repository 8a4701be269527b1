"""Every written form of a name: given name alone, initials, nicknames, reversed order, pinyin.

People are rarely called as their card says. "宋雅静" is 雅静, 小静, 静静, 宋老师, Song Yajing, Yajing Song,
songyajing, Ms. Song, Y. Song and SYJ; each must stay at home.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from tandem.personal import Kind
from tandem.privacy.detection.chinese_names import COMPOUND_FAMILIES, FAMILIES
from tandem.privacy.detection.pinyin import pinyin_of, syllables_of
from tandem.privacy.detection.view import folded


class Needs(Enum):
    """What must be around a form, lest an everyday word be taken for a name."""

    NOTHING = "nothing"
    CAPITAL = "a capital letter"
    CAPITALS = "all letters in capitals"
    FORM_OF_ADDRESS = "a form of address before or behind it"
    POINTS = "a point after each initial"


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a thing, how surely it is meant, and what it needs around it."""

    text: str
    score: float = 0.95
    needs: Needs = Needs.NOTHING


_HAN = re.compile(r"[\u3400-\u9fff]{2,6}")
_LATIN_WORD = re.compile(r"[^\W\d_\u3400-\u9fff][\w'’-]*")
_TITLE_WORD = re.compile(
    r"(?i)(?:mr|mrs|ms|dr|miss|prof|professor|sir|madam|aunt|auntie|uncle|brother|sister|master|manager|director|boss|teacher|doctor|"
    r"coach|nurse|grandma|grandpa|lao|xiao|old|little|jr|sr|ii|iii|the|of|and|von|van|der|de|la|del|da|di|bin|al|el|captain|mom|dad|"
    r"father|mother|son|daughter|sis|president|chairman|engineer|lawyer|attorney|chef|editor|curator|principal|instructor|a|my|"
    r"friend|colleague|neighbor|neighbour|wife|husband|cousin|supervisor|minister|secretary|officer|courier|driver|clerk)$"
)
_COMPOUND = re.compile(f"(?:{COMPOUND_FAMILIES})")
_PINYIN_FAMILIES = frozenset(pinyin_of(char, is_family=True) for char in FAMILIES[:260]) | {
    "ouyang", "sima", "shangguan", "zhuge", "situ", "murong"
}  # fmt: skip
# Short forms of English given names that are not just their beginning.
_NICKNAMES = {
    "robert": "Bob Rob Bobby", "william": "Bill Will Billy Liam", "richard": "Dick Rick Rich", "james": "Jim Jimmy Jamie",
    "john": "Jack Johnny", "michael": "Mike Mick Mikey", "margaret": "Maggie Meg Peggy Greta", "elizabeth": "Liz Lizzie Beth Betty Eliza",
    "katherine": "Kate Katie Kathy", "catherine": "Kate Cathy", "charles": "Charlie Chuck", "edward": "Ed Eddie Ted Ned",
    "thomas": "Tom Tommy", "joseph": "Joe Joey", "daniel": "Dan Danny", "david": "Dave Davy", "anthony": "Tony", "steven": "Steve",
    "stephen": "Steve", "andrew": "Andy Drew", "alexander": "Alex Sasha Sandy", "alexandra": "Alex Sandra Sasha", "susan": "Sue Susie",
    "jennifer": "Jen Jenny", "jessica": "Jess", "rebecca": "Becky", "patricia": "Pat Patty Trish", "patrick": "Pat Paddy", "barbara": "Barb",
    "deborah": "Deb Debbie", "dorothy": "Dot Dolly", "samuel": "Sam Sammy", "samantha": "Sam", "benjamin": "Ben Benny", "matthew": "Matt",
    "nicholas": "Nick", "christopher": "Chris Kit", "christine": "Chris Chrissy", "christina": "Tina", "gregory": "Greg", "jonathan": "Jon",
    "timothy": "Tim", "theodore": "Ted Theo", "victoria": "Vicky Tori", "peter": "Pete", "henry": "Harry Hank", "harold": "Harry",
    "lawrence": "Larry", "gerald": "Jerry", "francis": "Frank", "frederick": "Fred Freddie", "eleanor": "Ellie Nora", "isabella": "Bella",
    "abigail": "Abby", "zachary": "Zach", "joshua": "Josh", "philip": "Phil", "raymond": "Ray", "ronald": "Ron", "donald": "Don",
    "kenneth": "Ken", "vincent": "Vince", "walter": "Walt", "nathaniel": "Nate", "nathan": "Nate", "leonard": "Leo", "jacob": "Jake",
}  # fmt: skip


def forms_of(kind: Kind, values: Iterable[str]) -> list[Form]:
    """All forms of a thing with these names, each once, the surest first."""
    forms: dict[str, Form] = {}
    for value in values:
        value = value.strip()
        if not value:
            continue
        made = _forms(kind, value)
        for form in made:
            best = forms.get(form.text)
            if best is None or best.score < form.score:
                forms[form.text] = form
    return sorted(forms.values(), key=lambda form: -form.score)


def sounds_of(value: str) -> Iterator[tuple[str, ...]]:
    """How a name in pinyin sounds, by syllables: the whole name, and the given name behind "".

    By these a contact that is written in Latin letters is found in characters.
    """
    names = [word for word in _LATIN_WORD.findall(value) if not _TITLE_WORD.match(word)]
    if _HAN.search(value) or not 1 < len(names) < 5:
        return
    for family, given in ((names[0], names[1:]), (names[-1], names[:-1])):
        sounds = syllables_of("".join(given))
        if family.lower() in _PINYIN_FAMILIES and 0 < len(sounds) < 3:
            yield (*syllables_of(family), *sounds)
            if len(sounds) == 2:
                yield ("", *sounds)
            return


def _forms(kind: Kind, value: str) -> Iterator[Form]:
    if kind is Kind.PERSON:
        yield from _person(folded(value))  # traditional characters sound as the simplified do
    elif kind in (Kind.ORGANISATION, Kind.PLACE, Kind.ADDRESS):
        yield from _place(value)
    else:
        yield Form(value, 0.99)


def _place(value: str) -> Iterator[Form]:
    is_short = len(value) < 5 and value.isascii()
    yield Form(value, 0.95, Needs.CAPITAL if is_short or " " not in value else Needs.NOTHING)
    bare = re.sub(r"[(（][^()（）]{1,60}[)）]", "", value).strip()
    bare = re.sub(
        r"(?i),? (?:inc|ltd|llc|co|corp|corporation|limited|gmbh|plc|company)\.?$", "", bare
    )
    bare = re.sub(r"(?:股份|科技|网络|实业|集团|贸易)?(?:有限|责任)*公司$", "", bare)
    if len(bare) > 3 and bare != value:
        yield Form(bare, 0.85, Needs.CAPITAL)


def _person(value: str) -> Iterator[Form]:
    han = _HAN.search(value)
    if han:
        yield from _han_person(han[0])
        if han[0] == value:
            return
    words = [match[0] for match in _LATIN_WORD.finditer(value)]
    names = [word for word in words if not _TITLE_WORD.match(word)]
    if len(words) == 1:
        yield Form(words[0], 0.97, Needs.CAPITAL)
    elif words:
        yield Form(value, 0.99, Needs.CAPITAL if len(names) < 2 else Needs.NOTHING)
    if len(words) > 1 and re.search("['’]", value):
        yield Form(re.sub("['’]", "", value), 0.9)  # "ONeill", as forms and addresses have it
    is_title_and_name = len(names) == 1 < len(words)
    if is_title_and_name and names[0].lower() in _PINYIN_FAMILIES:
        yield Form(names[0], 0.8, Needs.FORM_OF_ADDRESS)
        return
    if len(names) == 1:
        yield from _given(names[0])
    elif 1 < len(names) <= 4:
        yield from _full_name(names)


def _full_name(names: list[str]) -> Iterator[Form]:
    yield Form(" ".join(names), 0.99)
    yield Form(" ".join(reversed(names)), 0.95)
    yield Form("".join(names), 0.9)
    yield Form("".join(reversed(names)), 0.9)
    family_first = names[0].lower() in _PINYIN_FAMILIES and bool(syllables_of("".join(names[1:])))
    family, given = (names[0], names[1:]) if family_first else (names[-1], names[:-1])
    if len(names) > 2:
        yield Form(f"{given[0]} {family}", 0.95)
        yield Form(f"{family} {given[0]}", 0.9)
    yield Form(family, 0.8, Needs.CAPITAL)
    for word in given:
        yield from _given(word)
    initials = [word[0] for word in given]
    yield Form(f"{initials[0]} {family}", 0.85, Needs.CAPITAL)
    if family_first:
        syllables = syllables_of("".join(given))
        initials = [syllable[0] for syllable in syllables]
        yield Form("".join(given), 0.9, Needs.CAPITAL)
        yield Form(" ".join([family, *syllables]), 0.95)
        yield Form(" ".join(syllables), 0.8, Needs.CAPITAL)
        yield Form(f"{family} {' '.join(initials)}", 0.8, Needs.CAPITAL)
        letters = "".join([family[0], *initials]).upper()
    else:
        letters = "".join([*initials, family[0]]).upper()
    yield Form(" ".join(letters), 0.75, Needs.POINTS)
    if len(letters) > 2:
        yield Form(letters, 0.7, Needs.CAPITALS)


def _given(word: str) -> Iterator[Form]:
    yield Form(word, 0.9, Needs.CAPITAL)
    for nickname in _NICKNAMES.get(word.lower(), "").split():
        yield Form(nickname, 0.7, Needs.CAPITAL)
    syllables = syllables_of(word)
    if len(syllables) > 2 or not syllables:
        return
    for syllable in dict.fromkeys(syllables):
        if len(syllable) > 1:
            yield Form(syllable * 2, 0.8, Needs.CAPITAL)
            yield Form(f"Xiao {syllable}", 0.8, Needs.CAPITAL)
            yield Form(f"Xiao{syllable}", 0.8, Needs.CAPITAL)
            yield Form(f"A {syllable}", 0.7, Needs.CAPITALS)
    yield Form(syllables[-1], 0.75, Needs.FORM_OF_ADDRESS)


def _han_person(name: str) -> Iterator[Form]:
    yield Form(name, 0.99)
    compound = _COMPOUND.match(name)
    size = len(compound[0]) if compound and len(name) > 2 else 1
    family, given = name[:size], name[size:]
    if name[0] not in FAMILIES and not compound:
        return
    yield Form(family, 0.8, Needs.FORM_OF_ADDRESS)
    if len(given) > 1:
        yield Form(given, 0.9)
    last = given[-1]
    yield Form(last * 2, 0.8)
    yield Form(f"小{last}", 0.75)
    yield Form(f"阿{last}", 0.75)
    sounds = [pinyin_of(char) for char in given]
    family_sound = "".join(pinyin_of(char, is_family=True) for char in family)
    if family_sound and all(sounds):
        yield from _full_name([family_sound.capitalize(), "".join(sounds).capitalize()])
