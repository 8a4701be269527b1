"""What an entry is called: the words left without times and frames, and the place in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from tandem.understanding.entries import chinese, english
from tandem.understanding.entries.marking import BREAK, MENDED, UNMASKED

_CUT = "¦"


@dataclass(frozen=True, slots=True)
class Named:
    """`is_ordered`: words say that it is to be entered; `is_task`: as a task or reminder."""

    title: str
    is_ordered: bool
    is_task: bool
    place: str


def named(words: str, table: ModuleType) -> Named:
    """What is left without times and frames; was it ordered, and as a task; the place."""
    bare, place = _bared(words, table)
    is_ordered = False
    if table is chinese:
        blocked = chinese.BLOCKED.match(bare)
        if blocked is not None and blocked.end() > 1:
            bare, is_ordered = bare[blocked.end() :], True
    bare, was_cut = _cut_behind(bare, table)
    is_ordered |= was_cut
    bare, is_task = _asked(bare, table)
    if not is_task:
        bare, was_cut = _framed(without_heads(bare, table), table)
        is_ordered |= was_cut
    bare = table.PURPOSE.sub("", bare)
    must = table.MUST.match(bare)
    if must is not None:
        bare = must["title"]
    bare, _ = _cut_behind(_tidy(bare), table)
    if not is_task and not place:
        bare, place = _placed(bare, table)
    bare = table.ARTICLE.sub("", _tidy(bare))
    bare = table.HOLLOW.sub(table.WHOLE, bare)
    return Named(bare, is_ordered, is_task, place)


def _bared(words: str, table: ModuleType) -> tuple[str, str]:
    """The words without their times, and a place that stood behind the last of them."""
    bare = table.TIME.sub(_CUT, words)
    bare = re.sub(rf"{_CUT}(?:{table.BETWEEN}{_CUT})+", _CUT, bare)
    bare, place = _late_place(bare, table)
    bare = re.sub(rf"(?:\s*{_CUT}\s*)+", table.SPACE, bare)
    bare = _tidy(bare.replace(BREAK, "").replace(MENDED, " ").translate(UNMASKED))
    shorter = _tidy(table.BECAUSE.sub("", bare))
    bare = shorter if len(shorter) > 3 else bare
    return without_heads(bare, table), place.replace(BREAK, "").translate(UNMASKED)


def _asked(bare: str, table: ModuleType) -> tuple[str, bool]:
    """What is to be done, where a reminder is asked for."""
    if table.INFIX.search(bare):
        return table.INFIX.sub("，", bare), True
    for pattern in table.TASKS:
        found = pattern.match(without_heads(bare, table))
        if found is not None:
            return found["title"], True
    return bare, False


def _placed(bare: str, table: ModuleType) -> tuple[str, str]:
    """The place in the words; said apart, or behind an "at", it is no part of the name."""
    for pattern in table.PLACE:
        found = pattern.search(bare)
        if found is None or not (found.start() > 1 or found.start() == 0 == found.start("place")):
            continue
        rest = f"{bare[: found.start()]}{bare[found.end() :]}"
        is_apart = found[0][0] in ",，" or (table.APART.match(found[0]) and len(rest) > 4)
        return (rest if is_apart else bare), found["place"].strip()
    return bare, ""


def _late_place(bare: str, table: ModuleType) -> tuple[str, str]:
    """A place behind the last time, without a word that says so: "drinks Friday 8pm the Anvil"."""
    head, cut, tail = bare.rpartition(_CUT)
    tail = tail.strip(" ,.")
    found = table.LATE_PLACE.match(tail) if cut and _tidy(head.replace(_CUT, "")) else None
    if found is None or table.NO_PLACE.search(tail) or not _is_name(found["place"]):
        return bare, ""
    return head, found["place"].strip()


def _is_name(words: str) -> bool:
    """Something of its own: written with a capital or with "the"."""
    return words.lower().startswith("the ") or any(word[:1].isupper() for word in words.split())


def _framed(text: str, table: ModuleType) -> tuple[str, bool]:
    """Without the words that order or state an entry at the start; whether they order it."""
    for pattern in table.ORDERS:
        found = pattern.match(text)
        if found is not None and found.end() < len(text):
            return text[found.end() :], True
    meets = table.MEETS.match(text) if table is chinese else None
    if meets is not None:
        rest = meets["rest"] or ""
        plain = rest if rest and rest[0] not in "，," else f"见面{rest}"
        return f"和{meets['who']}{plain}", False
    reported = table.REPORTED.match(text)
    if reported is not None:
        joint = " to " if table is english else ""
        return f"{reported['who']}{joint}{reported['what']}", False
    for pattern in table.STATED:
        found = pattern.match(text)
        if found is not None and 0 < found.end() < len(text):
            return text[found.end() :], False
    return text, False


def _cut_behind(text: str, table: ModuleType) -> tuple[str, bool]:
    """Without the frames behind; whether one of them ordered the entry."""
    is_ordered, before = False, None
    while before != text:
        before = text
        text, was_cut = _without(text, table.ORDERS_BEHIND)
        is_ordered |= was_cut
        text, _ = _without(text, table.TAILS)
    return text, is_ordered


def _without(text: str, patterns: Sequence[re.Pattern[str]]) -> tuple[str, bool]:
    was_cut = False
    for pattern in patterns:
        shorter = pattern.sub("", text, count=1)
        if shorter and shorter != text:
            text, was_cut = shorter, True
    return text, was_cut


def without_heads(text: str, table: ModuleType) -> str:
    """Without courtesies and hesitations at the start."""
    before = None
    while before != text:
        before = text
        for head in table.HEADS:
            found = head.match(text)
            if found is not None:
                text = text[found.end() :].lstrip(" ,，")
    return text


def _tidy(text: str) -> str:
    text = re.sub(r"\(\s*\)", " ", text)
    text = re.sub(r"\s+([,.:;，。：；])", r"\1", text)
    text = re.sub(r"([.。])(?:\s*[.。])+", r"\1", text)
    text = re.sub(r"([,，;:：；])(?:\s*[,，;.])+", r"\1", text)
    return re.sub(r"\s+", " ", text).strip(" ,，;；:：.。!！-–—、")
