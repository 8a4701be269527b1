"""From a sentence to what is to be entered: title, moment, place, how long, when to alert.

The times are found first and taken out with the words that only lead to them; the frames of an
order or a statement come off from both ends; what is left is the title, in the speaker's own words.
Nothing is chosen from a list, so that what was never heard before can be entered as well. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from types import ModuleType

from tandem.understanding.entries import chinese, english
from tandem.understanding.entries.marking import (
    MENDED,
    SIGN,
    Marked,
    has_clock,
    is_length,
    marked,
    mended,
    moment_of,
)
from tandem.understanding.known import Known
from tandem.understanding.moments import length_of
from tandem.understanding.reading import When
from tandem.understanding.times import TimeExpression, is_chinese

LONGEST = 400
_CUT = "¦"
_QUOTED = re.compile(r"[\"“「『]([^\"”」』]{2,80})[\"”」』]")
_WIDE = str.maketrans("’‘“”", "''\"\"")


@dataclass(frozen=True, slots=True)
class Entry:
    """Something new. `kind`: "event", "task", or "" where the words leave it open. `when` and
    `length` with the user's words for them. `is_ordered`: words say that it is to be entered;
    else it is only said that something is on. `has_clock`: a time of day was said.
    """

    kind: str
    title: str
    when: When | None
    when_words: str
    length: timedelta | None = None
    length_words: str = ""
    place: str = ""
    alarm: timedelta | None = None
    alarm_words: str = ""
    is_ordered: bool = False
    has_clock: bool = False


def entries_of(request: str, known: Known) -> list[Entry]:
    """What is to be entered, in the order of the words; empty where it is something else."""
    table = chinese if is_chinese(request) else english
    text = request.strip().translate(_WIDE)[:LONGEST]
    is_question = table.ASKS.search(text) is not None
    if not text or (is_question and not table.ORDER.search(_without_heads(text, table))):
        return []
    text = text.rstrip(" ?？")
    if table.NOT_NEW.search(_without_heads(text, table)):
        return []
    text, alarm, alarm_words = _alarm(text, known, table)
    all_day = table.ALL_DAY.search(text) is not None
    text = table.ALL_DAY.sub(" " if table is english else "，", text)
    sentence = marked(text, known, table)
    made: list[Entry] = []
    for part, inherited in _parts(sentence, known, table):
        entry = _entry(part, inherited, sentence, known, table)
        if entry is None:
            return []
        if all_day and entry.when is not None:
            entry = replace(entry, when=_whole_days(entry.when), has_clock=False)
        made.append(replace(entry, alarm=alarm, alarm_words=alarm_words))
    return made


def _whole_days(when: When) -> When:
    end = when.end
    if end is not None and (end - when.start) < timedelta(days=1):
        end = None
    return replace(when, end=end, has_time=False, is_part=False)


def _without_heads(text: str, table: ModuleType) -> str:
    """Without courtesies and hesitations at the start."""
    before = None
    while before != text:
        before = text
        for head in table.HEADS:
            found = head.match(text)
            if found is not None:
                text = text[found.end() :].lstrip(" ,，")
    return text


def _alarm(text: str, known: Known, table: ModuleType) -> tuple[str, timedelta | None, str]:
    """How long before to alert, taken out of the sentence."""
    found = table.ALARM.search(text)
    if found is None:
        return text, None, ""
    groups = found.groupdict()
    words = next((groups[name] for name in groups if name != "day" and groups[name]), "")
    length = timedelta(days=1) if groups.get("day") else length_of(words, known)
    if length is None:
        return text, None, ""
    rest = f"{text[: found.start()]} {text[found.end() :]}".strip()
    return rest, length, found[0].strip(" ,.;，。；")


# --- several at once ----------------------------------------------------------------------------

Part = tuple[str, list[TimeExpression]]
"""The words of one entry, and times that were said for all of them."""


def _parts(sentence: Marked, known: Known, table: ModuleType) -> list[Part]:
    """The sentence, or its pieces where each has a clock and words of its own."""
    words = sentence.words
    header = table.HEADER.match(words)
    shared = sentence.of(header[0]) if header is not None else []
    if header is not None:
        words = words[header.end() :]
    pieces, start = list[str](), 0
    for found in table.JOINTS.finditer(words):
        # "drop the van off at 7, pick up at 5": some joints are the next entry's first words.
        cut = found.start() if found.lastgroup == "kept" else found.end()
        left, right = words[start : found.start()], words[cut:]
        if _stands(left, sentence, known, table) and _begins(right, sentence, known, table):
            pieces.append(left)
            start = cut
    pieces.append(words[start:])
    if header is not None and len(pieces) == 1:
        return [(sentence.words, [])]
    return list(_with_days(pieces, shared, sentence, known))


def _with_days(
    pieces: Sequence[str], shared: list[TimeExpression], sentence: Marked, known: Known
) -> Iterator[Part]:
    """Each piece with the day that was said for all, or before it."""
    last = shared
    for piece in pieces:
        own = sentence.of(piece)
        has_day = (moment := moment_of(own, known)) is not None and moment.has_date
        yield piece, [] if has_day else list(last)
        if has_day:
            last = [one for one in own if not is_length(one)]


def _stands(words: str, sentence: Marked, known: Known, table: ModuleType) -> bool:
    """Whether it is an entry by itself: a clock, and words besides."""
    clocks = [one for one in sentence.of(words) if has_clock(one, known)]
    return bool(clocks) and MENDED not in words and bool(_title(words, table)[0])


def _begins(words: str, sentence: Marked, known: Known, table: ModuleType) -> bool:
    """Whether another entry begins here, before the next joint but one."""
    first = table.JOINTS.split(words.strip(), maxsplit=1)[0] or words
    return _stands(first, sentence, known, table)


# --- one entry ----------------------------------------------------------------------------------


def _entry(
    words: str, inherited: list[TimeExpression], sentence: Marked, known: Known, table: ModuleType
) -> Entry | None:
    words, dropped = _mend(words, sentence)
    if MENDED in words:
        return None  # something else than a time is taken back
    said = [one for one in sentence.of(words) if not is_length(one)]
    lengths = [one for one in sentence.of(words) if is_length(one)]
    when = moment_of([*inherited, *said], known)
    if dropped is not None:
        when = mended(moment_of([*inherited, dropped], known), when)
    kind = "task" if table.DUE.search(words) else ""
    title, is_ordered, is_task, place = _title(words, table)
    quoted = _QUOTED.search(words)
    if quoted is not None and is_ordered and not re.search(SIGN, quoted[1]):
        title = quoted[1]
    if table.NO_TITLE.fullmatch(title):
        return None
    if when is not None and when.is_part and table.BLOCKS.search(words):
        when = replace(when, is_part=False)
    length = length_of(lengths[0].text, known) if lengths else None
    return Entry(
        "task" if is_task else kind,
        title,
        when,
        " ".join(one.text for one in [*inherited, *said]),
        length,
        lengths[0].text if lengths else "",
        place,
        is_ordered=is_ordered or is_task,
        has_clock=when is not None and when.has_time and not when.is_part,
    )


def _mend(words: str, sentence: Marked) -> tuple[str, TimeExpression | None]:
    """Without the time that was taken back, and that time."""
    found = re.search(rf"({SIGN})[^{MENDED}]{{0,12}}?\s*{MENDED}\s*(?=\W*{SIGN})", words)
    if found is None:
        return words.replace(MENDED, " ") if not re.search(SIGN, words) else words, None
    between = words[found.start() + 1 : found.end()].replace(MENDED, " ")
    return f"{words[: found.start()]} {between}{words[found.end() :]}", sentence.time(found[1])


def _title(words: str, table: ModuleType) -> tuple[str, bool, bool, str]:
    """What is left without times and frames; was it ordered, and as a task; the place."""
    bare = table.TIME.sub(_CUT, words)
    bare = re.sub(rf"(?:\s*{_CUT}\s*)+", table.SPACE or "", bare)
    bare = _tidy(bare)
    bare = _without_heads(bare, table)
    is_ordered = is_task = False
    if table is chinese:
        blocked = chinese.BLOCKED.match(bare)
        if blocked is not None and blocked.end() > 1:
            bare, is_ordered = bare[blocked.end() :], True
    bare, was_cut = _without(bare, table.TAILS, table, repeats=True)
    is_ordered |= was_cut
    for pattern in table.TASKS:
        found = pattern.match(_without_heads(bare, table))
        if found is not None:
            bare, is_task = found["title"], True
            break
    if not is_task:
        bare, was_cut = _framed(_without_heads(bare, table), table)
        is_ordered |= was_cut
    must = table.MUST.match(bare)
    if must is not None:
        bare = must["title"]
    bare, _ = _without(_tidy(bare), table.TAILS, table, repeats=True)
    place = ""
    for pattern in () if is_task else table.PLACE:
        found = pattern.search(bare)
        if found is not None and (found.start() > 1 or found.start() == 0 == found.start("place")):
            place = found["place"].strip()
            break
    bare = _tidy(bare)
    bare = table.ARTICLE.sub("", bare)
    bare = table.HOLLOW.sub(rf"{table.HEADLESS}\g<0>", bare)
    return bare, is_ordered, is_task, place


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


def _without(
    text: str, patterns: Iterable[re.Pattern[str]], table: ModuleType, *, repeats: bool
) -> tuple[str, bool]:
    """Without what the patterns find; whether the first of them, an order, was found."""
    is_ordered, before = False, None
    while before != text:
        before = text
        for number, pattern in enumerate(patterns):
            shorter = pattern.sub("", text, count=1)
            if shorter and shorter != text:
                is_ordered |= number < 2
                text = shorter
        if not repeats:
            break
    return text, is_ordered


def _tidy(text: str) -> str:
    text = re.sub(r"\(\s*\)", " ", text)
    text = re.sub(r"\s+([,.:;，。：；])", r"\1", text)
    text = re.sub(r"([,，;:：；])(?:\s*[,，;.])+", r"\1", text)
    return re.sub(r"\s+", " ", text).strip(" ,，;；:：.。!！-–—、")
