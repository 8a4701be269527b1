"""From a sentence to the change that it asks for: the record that is named and what becomes
different. Pure.

A change is only read where a word says that something changes, a record is named by words that few
others have, and every time and length of the sentence has found its use. All else stays with the
other readers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

from tandem.understanding.changes import chinese, english
from tandem.understanding.changes.facts import Said, facts_of, is_said
from tandem.understanding.changes.pieces import (
    Piece,
    is_now,
    mended,
    moment,
    of_clause,
    pieces_of,
)
from tandem.understanding.changes.targets import Target, masked, named, said_of, units_of
from tandem.understanding.known import Known, KnownEvent
from tandem.understanding.reading import Filled, Ref
from tandem.understanding.terms import terms
from tandem.understanding.tokens import fold, is_chinese

MOST_LEFT = 3
"""So many words may be left that nothing explains."""


@dataclass(frozen=True, slots=True)
class Change:
    """A call of `tool` as the words tell it; `left` counts the words that were not understood."""

    tool: str
    slots: dict[str, Filled]
    left: int


def change_of(text: str, known: Known) -> Change | None:
    """The change that a sentence asks for; `None` where it is none that is surely understood."""
    table, said = english, text
    if is_chinese(text):
        said = chinese.in_chinese(text)
        table, text = chinese, fold(said)
    others = (table.NEW.match, table.ASKS.match, table.EVERY.search, table.ENTERS.search)
    if any(is_other(text) for is_other in others):
        return None
    if (renamed := _renamed(text, said, known, table)) is not None:
        return renamed
    unnamed = table.RENAME.fullmatch(text)
    if unnamed is not None and not any(one.search(text) for one in table.RENAMES):
        found = _targets(unnamed["what"], known, table, is_task=False)
        return _new_name(found, unnamed["what"])
    is_task = table.TASKISH.search(text) is not None or table.DONE.search(text) is not None
    found = _targets(text, known, table, is_task=is_task)
    if len(found) != 1:
        return None
    target = found[0]
    if target.task is not None:
        return _task(text, target, known, table)
    return _event(text, said, target, known, table)


def _targets(text: str, known: Known, table: ModuleType, *, is_task: bool) -> list[Target]:
    """What is named: a task where the words speak of tasks, or say more of its words."""
    events, tasks = named(_without_frame(text, table), known)
    if not events and not tasks:
        events, tasks = named(text, known)
    if is_task and tasks:
        return tasks
    if events and tasks:
        return tasks if _num_words(tasks) > _num_words(events) else events
    return events or tasks


def _num_words(found: list[Target]) -> int:
    return max(len({unit.form for unit in one.units}) for one in found)


def _without_frame(text: str, table: ModuleType) -> str:
    """The words without those that build sentences, each by signs of its own length; whoever says
    it counts for less than what is said, and is left out where more is named.
    """

    def gone(found: re.Match[str]) -> str:
        return found[0] if found[0].lower() not in _FUNCTION else "." * len(found[0])

    text = re.sub(r"[A-Za-z]+", gone, text)
    said = table.SAYS.search(text)
    if said is not None and units_of(text[said.end() :]):
        start, end = said.span("who")
        text = text[:start] + "." * (end - start) + text[end:]
    return text


_FUNCTION = frozenset("quite quote's right late later early short long must more most".split())


# --- another name -------------------------------------------------------------------------------


def _renamed(text: str, words: str, known: Known, table: ModuleType) -> Change | None:
    """A new name, and which record gets it."""
    for pattern in table.RENAMES:
        said = pattern.search(text)
        if said is None:
            continue
        is_task = table.TASKISH.search(said["what"]) is not None
        found = _targets(said["what"], known, table, is_task=is_task)
        title = _plain_title(words[slice(*said.span("title"))]).strip(" .,!?\"'“”‘’")
        if not found or not title:
            return None
        tool = "event_change" if found[0].task is None else "task_change"
        if len(found) > 1:
            return None
        slots = _reference(found[0], _occurrence(found[0], ()), said["what"])
        return Change(
            tool, slots | {"title": Filled(title, title)}, num_left(said["what"], found[0], table)
        )
    return None


def _plain_title(words: str) -> str:
    """Up to a comma, behind which people give their reasons; as it is where it stands in quotes."""
    return words if words.lstrip()[:1] in ("'", '"', "“", "‘") else re.split("[,，;；]", words)[0]


def _new_name(found: Sequence[Target], words: str) -> Change | None:
    """ "Rename the review", without the name: to be asked for."""
    if len(found) != 1:
        return None
    slots = _reference(found[0], _occurrence(found[0], ()), words)
    tool = "event_change" if found[0].task is None else "task_change"
    return Change(tool, slots | {"title": Filled("", None)}, 0)


# --- tasks --------------------------------------------------------------------------------------


def _task(text: str, target: Target, known: Known, table: ModuleType) -> Change | None:
    """Ticked off, or due at another time."""
    task = target.task
    assert task is not None
    plain = masked(text, target.units)
    pieces, plain = pieces_of(plain, known, table)
    slots = {"task": Filled(_words(text, target), (Ref("task", task.uid),))}
    left = num_left(plain, target, table)
    new = [one for one in mended(pieces, plain, table) if one.role not in ("old", "from")]
    if not new:
        is_done = table.DONE.search(plain) or _is_past(text, target)
        if not is_done or table.LATER_ON.search(table.DONE.sub(" ", plain)):
            return None
        return Change("task_done", slots, left)
    if not table.MOVES.search(plain) or table.CANCELS.search(plain):
        return None
    lengths = [one for one in new if one.length is not None]
    moments = [
        replace(one, text=table.UNTIL.sub("", one.text)) for one in new if one.length is None
    ]
    if any(one.is_range and one.role != "end" for one in moments):
        return None
    if moments and (when := moment(moments, known)) is not None:
        words = " ; ".join(one.text for one in moments)
        return Change("task_change", slots | {"when": Filled(words, when)}, left)
    if len(lengths) == 1 and lengths[0].role in ("later", "earlier") and lengths[0].length:
        sign = 1 if lengths[0].role == "later" else -1
        shift = Filled(lengths[0].text, lengths[0].length * sign)
        return Change("task_change", slots | {"shift": shift}, left)
    return None


def _is_past(text: str, target: Target) -> bool:
    """Whether the task's own verb was said in the past: "the key blanks are ordered"."""
    words = terms(target.task.summary) if target.task is not None else frozenset[str]()
    verb = next((unit.form for unit in units_of(target.task.summary)), "") if target.task else ""
    said = {word.lower() for word in re.findall(r"[A-Za-z]+", text)}
    past = {verb + "ed", verb + "d", verb[:-1] + "ied"}
    past |= {one.removeprefix("re") for one in past}
    return bool(words) and len(verb) > 2 and bool(past & said)


# --- events -------------------------------------------------------------------------------------


def _event(text: str, words: str, target: Target, known: Known, table: ModuleType) -> Change | None:
    plain = table.REASON.sub("", masked(text, target.units))
    pieces, plain = pieces_of(plain, known, table)
    event = _occurrence(target, pieces)
    if event is None:
        return None
    said = Said(words, plain, tuple(mended(pieces, plain, table)), event, target)
    if is_another(plain, table) or table.BESIDE.search(plain):
        return None
    left = num_left(plain, target, table)
    slots = _reference(target, event, _words(text, target))
    if table.ONLY_ONE.search(plain):
        slots["scope"] = Filled("this", "this")
    is_named = target.share >= 0.6 or target.weight >= 1
    if not is_named:
        return None
    facts = facts_of(said, known, table)
    if not facts and table.CANCELS.search(plain) and not table.KEEPS.search(plain):
        near = of_clause(said.pieces, plain, target.units[-1].end)
        others = [one for one in near if one.length is not None or not is_now(one, event)]
        if others:  # nothing of that name is on then
            slots["event"] = Filled(_words(text, target), None)
        return Change("event_cancel", slots, left)
    if facts:
        left = num_left(_unexplained(plain, facts, event), target, table)
    if target.share < _BARELY and left > 1 and table is english:
        return None
    if not facts or not is_said(facts, said, left, table):
        return None
    return Change("event_change", slots | facts, left)


_BARELY = 0.4
"""So little of a title names it only where hardly anything else is said."""


def _unexplained(plain: str, facts: Mapping[str, Filled], event: KnownEvent) -> str:
    """The words without those of the new place and of the old one."""
    place = facts.get("place")
    if place is None:
        return plain
    plain = plain.replace(place.text, " ")
    return masked(plain, said_of(event.location, plain))


def _occurrence(target: Target, pieces: Sequence[Piece]) -> KnownEvent | None:
    """The occurrence at a time that was said, else the next."""
    if not target.events:
        return None
    for one in pieces:
        for event in target.events if one.has_day else ():
            if one.role != "new" and is_now(one, event):
                return event
    return target.events[0]


def _reference(target: Target, event: KnownEvent | None, words: str) -> dict[str, Filled]:
    if target.task is not None:
        return {"task": Filled(words, (Ref("task", target.id),))}
    mark = event.recurrence_id if event is not None else None
    return {"event": Filled(words, (Ref("event", target.id, mark),))}


def _words(text: str, target: Target) -> str:
    return text[target.units[0].start : target.units[-1].end]


# --- what nothing explains -----------------------------------------------------------------------

_MENTION = re.compile(
    r"(?:(?P<before>[A-Za-z][A-Za-z-]+)(?:['’]s)? )?\ue0e0+(?: \ue0e0+)*"
    r"(?: (?P<after>[A-Za-z][a-z'’-]+))?"
)
"""Where the title's words stand: "haircut voucher" and "Theo's haircut" are other things."""
_WITH = re.compile(r"\bwith ([A-Za-z][a-z-]+)")
"""Who comes: "coffee with Victor", beside one with Ann."""


def is_another(plain: str, table: ModuleType) -> bool:
    """Whether a word beside the title's makes it something else."""
    if table is chinese:
        rest = _TITLE.split(plain, maxsplit=1)[-1]
        return re.match("[\u4e00-\u9fff]", rest) is not None and not table.KNOWN.match(rest)
    whom = _WITH.search(plain)
    if whom is not None and _bare(whom[1]) not in table.FRAME:
        return True
    mentions = [one.group("before", "after") for one in _MENTION.finditer(plain)]
    plain_ones = [
        words for words in mentions if all(not one or _bare(one) in table.FRAME for one in words)
    ]
    return bool(mentions) and not plain_ones


_TITLE = re.compile("\ue0e0+")


def _bare(word: str) -> str:
    """Without apostrophes and what hangs on them; "isn't" as "isnt"."""
    return re.sub(r"['’](?:s|ll|d|re|ve|m)?$|['’]", "", word.lower())


def num_left(plain: str, target: Target | None, table: ModuleType) -> int:
    """How many words nothing explains; one right beside the title's words counts for many."""
    if table is chinese:
        return len(re.findall("[\u4e00-\u9fff]", table.KNOWN.sub("", plain))) // 2
    named_by = target.units if target is not None else ()
    units = {unit.form for unit in named_by}
    count = 0
    for found in re.finditer(r"[A-Za-z][A-Za-z'’]*", plain):
        word = _bare(found[0])
        if len(word) < 2 or word in table.FRAME or word in units:
            continue
        if any(unit.form in word or word in unit.form for unit in named_by):
            continue
        count += 1
    return count
