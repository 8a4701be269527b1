"""What the columns of a user's table hold: people, days, numbers, a few choices. Pure.

Nobody tells what a table's columns mean, so their values do: a column of which every value is an
address of somebody known, or a date, or one of a few words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from tandem.understanding.known import Known, KnownTable
from tandem.understanding.terms import stem
from tandem.understanding.tokens import fold

MAX_CHOICES = 20
"""A column with more values than this, or with as many values as rows, is no choice."""
STATES = frozenset(map(stem, "status state stage type kind priority 状态 阶段 类型".split()))
"""Words of a column's name that tell choices, however few rows there are."""
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?%?")


class Holds(StrEnum):
    """What a column holds."""

    PERSON = "person"
    DAY = "day"
    NUMBER = "number"
    CHOICE = "choice"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `words` are those of its name; `choices` its values where it holds choices."""

    name: str
    place: int
    holds: Holds
    words: tuple[str, ...]
    choices: tuple[str, ...] = ()


@lru_cache(maxsize=64)
def columns_of(table: KnownTable) -> tuple[Column, ...]:
    """The columns with what they hold, read from their values."""
    return tuple(_column(table, place) for place in range(len(table.columns)))


def _column(table: KnownTable, place: int) -> Column:
    name = table.columns[place]
    values = [row[place].strip() for row in table.rows if row[place].strip()]
    distinct = tuple(dict.fromkeys(values))
    words = words_of(name)
    if values and all("@" in value for value in values) and len(distinct) < len(values):
        return Column(name, place, Holds.PERSON, words)
    if values and all(_DAY.fullmatch(value) for value in values):
        return Column(name, place, Holds.DAY, words)
    if values and all(_NUMBER.fullmatch(value) for value in values):
        return Column(name, place, Holds.NUMBER, words)
    repeats = len(distinct) <= max(2, len(values) // 2)
    if 0 < len(distinct) <= MAX_CHOICES and (repeats or STATES & set(words)):
        return Column(name, place, Holds.CHOICE, words, distinct)
    return Column(name, place, Holds.TEXT, words)


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name: `assigned_to_email` is assigned, to, email."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return tuple(stem(word) for word in re.split(r"[\W_]+", fold(parted)) if word)


def day_of(value: str) -> date | None:
    """The day in a cell."""
    found = _DAY.fullmatch(value.strip())
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def title_of(table: KnownTable) -> Column | None:
    """The column that names a row to people: the first of text with "name" or "title", else the
    first of text behind the key.
    """
    texts = [one for one in columns_of(table) if one.holds is Holds.TEXT and one.place]
    named = [one for one in texts if {"name", "title", "subject", "名称"} & set(one.words)]
    return next(iter(named or texts), None)


def text_of(known: Known, table: KnownTable, key: str) -> str:
    """A row in a few words: its title, else its key."""
    del known
    title = title_of(table)
    row = table.rows[table.keys.index(key)]
    return row[title.place] if title else key
