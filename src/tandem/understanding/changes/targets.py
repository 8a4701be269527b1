"""Which event or task of the user's a sentence is about: by the words of its title, weighed by how
few titles have them. Pure.

Words elsewhere in the sentence ("Mo would rather eat at one, so shift Friday's lunch") count as
well, so nothing need be known of how the sentence is built.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tandem.understanding.known import Known, KnownEvent, KnownTask
from tandem.understanding.terms import STOP, one_slip, stem
from tandem.understanding.tokens import Token, is_chinese, tokenize

LEAST = 0.45
"""Least weight of the words that name a record: one word that two titles share is just enough."""
LEAST_SHARE = 0.2
_CLOSE = 0.2
"""Two records whose words weigh so alike are named equally."""
_LOOSE = frozenset("的那个这把我了给和跟与在是")
_PLAIN = frozenset("with at for and the to of in on from my".split())


@dataclass(frozen=True, slots=True)
class Unit:
    """A telling word of the request or, in Chinese, a pair of characters."""

    form: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Target:
    """A record that is named: its occurrences or the task, and where its words stand."""

    id: str
    events: tuple[KnownEvent, ...]
    task: KnownTask | None
    weight: float
    share: float
    units: tuple[Unit, ...]


def units_of(text: str) -> list[Unit]:
    """The words that can name a record, in their order."""
    found: list[Unit] = []
    last: Token | None = None
    for token in tokenize(text):
        form = token.form
        if is_chinese(form) and len(form) == 1:
            if form in _LOOSE:
                last = None
                continue
            if last is not None and last.end == token.start:
                found.append(Unit(last.form + form, last.start, token.end))
            last = token
            continue
        last = None
        if form not in STOP and form not in _PLAIN and form[0].isalnum() and len(form) > 1:
            found.append(Unit(stem(form), token.start, token.end))
    return found


def named(text: str, known: Known) -> tuple[list[Target], list[Target]]:
    """The events and the tasks that the text names, the best first: one, or several that fit
    equally well.
    """
    said = units_of(text)
    series: dict[str, list[KnownEvent]] = {}
    for event in known.events:
        if event.end >= known.now:
            series.setdefault(event.uid, []).append(event)
    events = _fitting({uid: them[0].summary for uid, them in series.items()}, said)
    tasks = {one.uid: one for one in known.tasks if not one.is_done}
    of_tasks = _fitting({uid: task.summary for uid, task in tasks.items()}, said)
    return (
        [
            Target(uid, tuple(sorted(series[uid], key=lambda one: one.start)), None, *fit)
            for uid, fit in events
        ],
        [Target(uid, (), tasks[uid], *fit) for uid, fit in of_tasks],
    )


_Fit = tuple[float, float, tuple[Unit, ...]]


def _fitting(titles: Mapping[str, str], said: Sequence[Unit]) -> list[tuple[str, _Fit]]:
    """The records that fit best, by name, with weight, share and the words said."""
    words = {uid: _words(title) for uid, title in titles.items()}
    common = Counter(word for one in words.values() for word in one)
    found = [(uid, fit) for uid, one in words.items() if (fit := _fit(one, said, common))]
    found.sort(key=lambda pair: (-pair[1][0], -pair[1][1]))
    return [pair for pair in found if pair[1][0] >= found[0][1][0] - _CLOSE]


def said_of(title: str, text: str) -> list[Unit]:
    """The words of a title that the text has."""
    words = _words(title)
    return [unit for unit in units_of(text) if any(_same(word, unit.form) for word in words)]


def _words(title: str) -> list[str]:
    return list(dict.fromkeys(unit.form for unit in units_of(title)))


def _fit(words: Sequence[str], said: Sequence[Unit], common: Counter[str]) -> _Fit | None:
    """Weight and share of the title's words that were said, and where."""
    weight, units = 0.0, list[Unit]()
    for word in words:
        hits = [(unit, _same(word, unit.form)) for unit in said]
        best = max((score for _, score in hits), default=0.0)
        if best:
            weight += best / common[word]
            units += [unit for unit, score in hits if score == best]
    whole = sum(1 / common[word] for word in words)
    is_head = bool(words) and is_chinese(words[-1]) and words[-1] in {u.form for u in units}
    if weight < LEAST or (weight < LEAST_SHARE * whole and not is_head):
        return None
    return weight, weight / whole, tuple(sorted(units, key=lambda one: one.start))


def _same(word: str, said: str) -> float:
    """1 for the same word, less for one letter's slip or another form of it."""
    if word == said:
        return 1.0
    if not (word.isascii() and said.isascii()) or len(word) < 4 or len(said) < 4:
        return 0.0
    forms = {word + ending for ending in ("ed", "d", "ing")} | {word[:-1] + "ing"}
    if said in forms or "re" + said in forms or said == "re" + word:
        return 0.9
    return 0.85 if word[0] == said[0] and one_slip(word, said) else 0.0


def masked(text: str, units: Iterable[Unit], *, sign: str = "\ue0e0") -> str:
    """The text with the words of a title as signs, each character one: a "Halloween party" tells
    no time.
    """
    letters = list(text)
    for unit in units:
        letters[unit.start : unit.end] = sign * (unit.end - unit.start)
    return "".join(letters)
