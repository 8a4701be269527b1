"""From a sentence to what is to be entered: title, moment, place, how long, when to alert.

The times are found first and taken out with the words that only lead to them; the frames of an
order or a statement come off from both ends; what is left is the title, in the speaker's own words.
Nothing is chosen from a list, so that what was never heard before can be entered as well. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import ModuleType

from tandem.understanding.entries import chinese, english
from tandem.understanding.entries.marking import (
    APART,
    MENDED,
    SIGN,
    Marked,
    due_alone,
    is_count,
    is_length,
    marked,
    mended,
    moment_of,
)
from tandem.understanding.entries.sentences import parts_of, telling
from tandem.understanding.entries.titles import Named, named, without_heads
from tandem.understanding.known import Known
from tandem.understanding.moments import length_of, when_of
from tandem.understanding.reading import When
from tandem.understanding.times import TimeExpression, is_chinese
from tandem.understanding.tokens import simplified, without_signs

LONGEST = 400
_REMINDED = ((11, 9), (17, 14))
"""A reminder "in the morning" comes at nine, in the afternoon at two, later at seven."""
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
    notes: str = ""
    is_ordered: bool = False
    has_clock: bool = False


def entries_of(request: str, known: Known) -> list[Entry]:
    """What is to be entered, in the order of the words; empty where it is something else."""
    table = chinese if is_chinese(request) else english
    written = without_signs(request).strip().translate(_WIDE)[:LONGEST]
    text = written if written.isascii() else _simple(written)
    text_at_first = text
    is_question = table.ASKS.search(text) is not None
    if not text or (is_question and not table.ORDER.search(text)):
        return []
    text = text.rstrip(" ?？")
    if table.NOT_NEW.search(without_heads(text, table)):
        return []
    text, alarm, alarm_words = _alarm(text, known, table)
    all_day = table.ALL_DAY.search(text) is not None
    text = table.ALL_DAY.sub(" " if table is english else "，", text)
    sentence = telling(marked(text, known, table), known, table)
    if table.ANCHORED.search(text) and not _is_fixed(sentence, known):
        return []
    made: list[Entry] = []
    for part, inherited in parts_of(sentence, known, table):
        entry = _entry(part, inherited, sentence, known, table)
        if entry is None:
            return []
        if all_day and entry.when is not None:
            entry = replace(entry, when=_whole_days(entry.when), has_clock=False)
        if alarm is not None:
            entry = replace(entry, kind="event", alarm=alarm, alarm_words=alarm_words)
        made.append(_as_written(entry, text_at_first, written))
    return made


def _is_fixed(sentence: Marked, known: Known) -> bool:
    """Whether day and clock are told, so that "before the operation" is only talk."""
    whens = [when_of(one.text, known) for one in sentence.of(sentence.words)]
    told = [one for one in whens if one is not None]
    return any(one.has_date for one in told) and any(one.has_time for one in told)


def _simple(text: str) -> str:
    """Simplified characters; the marks of a sentence stay as they are."""
    return "".join(
        char if "\uff00" <= char <= "\uffef" else simple
        for char, simple in zip(text, simplified(text), strict=True)
    )


def _as_written(entry: Entry, simple: str, written: str) -> Entry:
    """The copied words in the user's own characters."""
    if simple == written:
        return entry

    by_char = {ord(one): other for one, other in zip(simple, written, strict=True)}

    def back(words: str) -> str:
        at = simple.find(words)
        if words and at >= 0:
            return written[at : at + len(words)]
        return words.translate(by_char)

    return replace(entry, title=back(entry.title), place=back(entry.place), notes=back(entry.notes))


def _whole_days(when: When) -> When:
    end = when.end
    if end is not None and (end - when.start) < timedelta(days=1):
        end = None
    return replace(when, end=end, has_time=False, is_part=False)


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


# --- one entry ----------------------------------------------------------------------------------


def _entry(
    words: str, inherited: list[TimeExpression], sentence: Marked, known: Known, table: ModuleType
) -> Entry | None:
    words, dropped = _mend(words, sentence)
    words = words.replace(MENDED, " ")  # something else than a time was taken back
    called = table.CALLED.search(words)
    if called is not None:
        words = words[: called.start()] + words[called.end() :]
    words, notes = _notes(words, table)
    words, count = _count(words, table)
    words, end, end_words = _end(words, sentence, known, table)
    begins = [
        sentence.time(sign)
        for found in table.BEGINS.finditer(words)
        for sign in found.groupdict().values()
        if sign
    ]
    said = [one for one in sentence.of(words) if not is_length(one)]
    lengths = [one for one in sentence.of(words) if is_length(one)]
    when = moment_of([*inherited, *said, *lengths], known, begins)
    lengths = [one for one in lengths if not is_count(one, when)]
    if when is not None and lengths:
        when = _for_days(when, lengths)
    if count and when is not None and when.recurrence and "COUNT" not in when.recurrence:
        when = replace(when, recurrence=f"{when.recurrence};COUNT={count}")
    if end is not None and when is not None:
        when = _until(when, end, end_words)
    if dropped is not None:
        when = mended(moment_of([*inherited, dropped], known), when)
    name = named(sentence.title or words, table)
    if sentence.title:
        name = replace(name, is_task=name.is_task or named(words, table).is_task)
    title = _called(called, sentence, words, name)
    if table.NO_TITLE.fullmatch(title):
        return None
    is_due = table.DUE.search(words) is not None or due_alone(said, when)
    kind = _kind(when, is_task=name.is_task, is_due=is_due)
    when = _settled(when, words, table, is_task=name.is_task)
    when = _at_its_hour(when, title, " ".join(one.text for one in said), known, table)
    return Entry(
        kind,
        title,
        when,
        " ".join(one.text for one in [*inherited, *said]),
        length_of(lengths[0].text, known) if lengths else None,
        lengths[0].text if lengths else "",
        name.place,
        notes=sentence.plain(notes),
        is_ordered=name.is_ordered or name.is_task or called is not None,
        has_clock=when is not None and when.has_time and not when.is_part,
    )


def _for_days(when: When, lengths: list[TimeExpression]) -> When:
    """ "Starting on the 16th, three days": whole days together."""
    best = lengths[0].best
    length = best.length if best is not None else None
    days = length.seconds // 86400 if length is not None else 0
    if days < 1 or when.has_time or when.end is not None or when.recurrence:
        return when
    return replace(when, end=when.start + timedelta(days=days))


def _count(words: str, table: ModuleType) -> tuple[str, int]:
    """How often it comes, taken out: "ten lessons"."""
    found = table.COUNT.search(words)
    if found is None:
        return words, 0
    said = found["count"].lower()
    count = int(said) if said.isdecimal() else table.COUNTS.get(said, 0)
    return words[: found.start()] + words[found.end() :], count


def _at_its_hour(
    when: When | None, title: str, said: str, known: Known, table: ModuleType
) -> When | None:
    """A lunch without a clock is at noon; a dinner at seven is in the evening."""
    if when is None or when.recurrence or when.is_part:
        return when
    if not when.has_time and when.end is None and (meal := table.MEALS.search(title)):
        return when_of(f"{said}{APART}{meal[0]}", known) or when
    is_open = when.has_time and 5 <= when.start.hour < 12 and not table.CLEAR_HALF.search(said)
    if is_open and table.EVENINGS.search(title):
        step = timedelta(hours=12)
        return replace(when, start=when.start + step, end=when.end and when.end + step)
    return when


def _called(called: re.Match[str] | None, sentence: Marked, words: str, name: Named) -> str:
    """The title that was given as such, else what the words leave."""
    if called is not None:
        return sentence.plain(called["title"]).strip()
    quoted = _QUOTED.search(words)
    if quoted is not None and name.is_ordered and not re.search(SIGN, quoted[1]):
        return quoted[1]
    return name.title


def _kind(when: When | None, *, is_task: bool, is_due: bool) -> str:
    if is_task:
        return "task"
    if when is not None and when.end is not None and when.has_time and not when.is_part:
        return "event"  # what is to be done has no end
    return "task" if is_due else ""


def _settled(when: When | None, words: str, table: ModuleType, *, is_task: bool) -> When | None:
    """A part of a day: all of it where it is blocked, an hour of it where it is a reminder."""
    if when is None or not when.is_part:
        return when
    if table.BLOCKS.search(words):
        return replace(when, is_part=False)
    if is_task:
        hour = next((at for until, at in _REMINDED if when.start.hour < until), 19)
        return replace(when, start=when.start.replace(hour=hour, minute=0), end=None)
    return when


def _notes(words: str, table: ModuleType) -> tuple[str, str]:
    """What is to be known at it, taken out; not where it would take the only words or times."""
    found = table.NOTES.search(words)
    has_more = found is not None and len(re.sub(SIGN, "", words[: found.start()]).strip()) > 1
    if found is None or not has_more or re.search(SIGN, found["notes"]):
        return words, ""
    said = found["notes"] if found["colon"] else found[0]
    return words[: found.start()], said.strip(" ,.;，。；")


def _end(
    words: str, sentence: Marked, known: Known, table: ModuleType
) -> tuple[str, When | None, str]:
    """When it is over, where that is said apart."""
    found = table.ENDS.search(words)
    if found is None or len(sentence.of(words)) < 2:
        return words, None, ""
    sign = next(group for group in found.groups() if group)
    said = sentence.time(sign)
    end = moment_of([said], known)
    if end is None or not end.has_time:
        return words, None, ""
    return words[: found.start()] + words[found.end() :], end, said.text


def _until(when: When, end: When, said: str) -> When:
    """With the next such clock after its start as its end."""
    if not when.has_time:
        return when
    if end.has_date and end.start > when.start:
        return replace(when, end=end.start, is_part=False)
    step = timedelta(hours=24 if _HALF_TOLD.search(said) else 12)
    close = datetime.combine(when.start.date(), end.start.time(), when.start.tzinfo)
    while close <= when.start:
        close += step
    return replace(when, end=close, is_part=False)


_HALF_TOLD = re.compile(r"[ap]\.?m\b|\b0\d|1[3-9]:|2[0-3]:|[早晚上下]", re.IGNORECASE)


def _mend(words: str, sentence: Marked) -> tuple[str, TimeExpression | None]:
    """Without the time that was taken back, and that time."""
    found = re.search(rf"({SIGN})[^{MENDED}]{{0,12}}?\s*{MENDED}\s*(?=\W*{SIGN})", words)
    if found is None:
        return words.replace(MENDED, " ") if not re.search(SIGN, words) else words, None
    between = words[found.start() + 1 : found.end()].replace(MENDED, " ")
    return f"{words[: found.start()]} {between}{words[found.end() :]}", sentence.time(found[1])
