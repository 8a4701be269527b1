"""The user's words for a time as a value: a moment, a length, a place beside an event.

The grammar of times gives all readings of an expression; here one is chosen by what it is for, and
expressions that belong together ("the 21st ... at ten") become one moment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tandem.understanding.candidates import events, terms
from tandem.understanding.known import Known, KnownEvent
from tandem.understanding.reading import When
from tandem.understanding.times import Setting, TimeExpression, TimeReading, find

_BARE = re.compile(
    r"\b(later|earlier|longer|shorter|before(hand)?|ahead)\b|之?前|之?后|提前|推迟", re.I
)
_SAME_DAY = re.compile(r"\bthe same\b|same day|that day|当天|那天|同一天|同天", re.I)
_BESIDE = re.compile(
    r"^(?P<lead>.*?)\b(?P<way>before|after)\s+(?P<what>(?!lunch|work|dinner|noon|midnight|\d).{2,})$",
    re.I,
)
_BESIDE_ZH = re.compile(r"^(?P<what>.*?)(?P<way>之前|结束后|之后|前|后)(?P<lead>.*)$")
_WORKING = re.compile(
    r"(\w+)\s+(?:working|business)\s+days?|([一二两三四五六七八九十\d]+)个?工作日", re.I
)
_PART = re.compile(
    r"\b(?:morning|forenoon|afternoon|evening|lunch(?:time)?|night|tonight)\b"
    r"|[早上中下]午|早上|早晨|清晨|傍晚|晚上|今晚|明晚|夜里",
    re.I,
)
_CLOCK = re.compile(r"\d\s*(?:[ap]\.?m\b|:|点|时)|\b(?:from|between|until|till)\b|[点到至]", re.I)
_SMALL = "zero one two three four five six seven eight nine ten".split()
_COUNT = {word: number for number, word in enumerate(_SMALL)} | {
    "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "a": 1, "an": 1,
}  # fmt: skip


def setting_of(known: Known, *, past: bool = False) -> Setting:
    """The user's moment as the grammar wants it: local, without a zone."""
    return Setting(known.now.replace(tzinfo=None), prefers_past=past)


def when_of(
    text: str,
    known: Known,
    *,
    past: bool = False,
    anchor: When | None = None,
) -> When | None:
    """The moment, day, range or repetition that `text` means; `None` when it is not understood.

    `anchor` is what "the same day" refers to.
    """
    if beside := _beside(text, known):
        return beside
    found = find(text, setting_of(known, past=past))
    chosen = [(one, _choose(one, known, past=past)) for one in found]
    moment = _joined([reading for _, reading in chosen if reading is not None], known)
    if moment is None:
        return None
    moment = replace(moment, is_part=_is_part(moment, chosen))
    if anchor is not None and _SAME_DAY.search(text):
        return _on_day(moment, anchor.start.date())
    return moment


def _is_part(moment: When, said: list[tuple[TimeExpression, TimeReading | None]]) -> bool:
    """Whether it is a part of one day, said by its name alone ("Monday morning", 明天下午)."""
    parts = [one for one, reading in said if reading is not None and reading.kind != "duration"]
    return (
        moment.end is not None
        and moment.has_time
        and not moment.recurrence
        and any(_PART.search(one.text) for one in parts)
        and not any(_CLOCK.search(one.text) for one in parts)
    )


def length_of(text: str, known: Known) -> timedelta | None:
    """A length of time; `None` when there is none."""
    for words in (text, _BARE.sub("", text)):
        for one in find(words, setting_of(known)):
            for reading in one.readings:
                if reading.kind == "duration" and reading.length is not None:
                    return timedelta(seconds=reading.length.seconds)
    return None


def window_of(
    text: str, known: Known, *, past: bool = False
) -> tuple[tuple[datetime, datetime] | None, str]:
    """The time inside a reference ("the haircut in april"), and the words without it."""
    found = find(text, setting_of(known, past=past))
    kept = [
        one for one in found if one.readings and one.readings[0].kind not in ("duration", "set")
    ]
    if not kept:
        return None, text
    moment = _joined([r for one in kept if (r := _choose(one, known, past=past))], known)
    rest = text
    for one in sorted(kept, key=lambda e: -e.start):
        rest = rest[: one.start] + " " + rest[one.end :]
    return (None, text) if moment is None else (borders_of(moment), rest)


def borders_of(when: When) -> tuple[datetime, datetime]:
    """As a window: a point is one minute, a day is a day."""
    if when.end is not None:
        return when.start, when.end
    if when.has_time:
        return when.start, when.start + timedelta(minutes=1)
    start = when.start.replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


def _choose(one: TimeExpression, known: Known, *, past: bool) -> TimeReading | None:
    """The likeliest reading on the side of now that is asked for, else the likeliest."""
    today = known.now.date()
    for reading in one.readings:
        start = reading.start
        day = (
            start.date()
            if isinstance(start, datetime)
            else start
            if isinstance(start, date)
            else None
        )
        if day is None or (day <= today if past else day >= today):
            return reading
    return one.best


_PART_OF_DAY = re.compile(r"T(?:MO|AF|EV|NI|DT|MD|EMO|MEB|MEL|MED|DI|LU|BR|MEDI|MELU|MEBR)$")
"""TIMEX of parts of a day and meals: wide, and outweighed by a clock."""


@dataclass(slots=True)
class _Parts:
    """What several expressions of one moment add up to."""

    day: date | None = None
    last: date | None = None
    start: time | None = None
    end: time | None = None
    until: datetime | None = None
    rule: str = ""
    zone: str = ""
    is_clocked: bool = False
    is_part: bool = False

    def add(self, one: TimeReading) -> None:
        """A plain day outweighs the first day of a repetition: "every Thursday from the 19th"."""
        if one.kind == "duration":
            return
        self.zone = one.zone or self.zone
        self.rule = one.rrule or self.rule
        start, end = one.start, one.end
        day = _as_date(start)
        if day is not None and (self.day is None or (self.rule and one.kind == "date")):
            self.day = day
        if one.kind == "daterange":
            self.day, self.last = day or self.day, one.through or _as_date(end)
        is_part = _PART_OF_DAY.search(one.timex) is not None
        if is_part and self.is_clocked:
            return  # "dinner at four": the clock says when
        if isinstance(start, (datetime, time)):
            if not is_part and end is None and self.is_part:
                self.end = self.until = None
            self.start = start.time() if isinstance(start, datetime) else start
            self.is_clocked, self.is_part = not is_part, is_part
        if isinstance(end, datetime):
            self.until = end
        elif isinstance(end, time):
            self.end = end


def _joined(found: list[TimeReading], known: Known) -> When | None:
    """Day, clock and repetition of several expressions as one moment."""
    parts = _Parts()
    for one in found:
        parts.add(one)
    if parts.last is not None and parts.day is None:
        parts.day = known.now.date()
    if parts.day is None and parts.start is None and not parts.rule:
        return None
    return _as_when(parts, known)


def _as_date(value: date | datetime | time | None) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _as_when(parts: _Parts, known: Known) -> When:
    tz = zone_of(parts.zone) or ZoneInfo(known.zone)
    day, rule = parts.day or known.now.date(), parts.rule
    has_end = "UNTIL" in rule or "COUNT" in rule or parts.until is not None
    if rule and parts.last is not None and not has_end:
        rule += f";UNTIL={parts.last - timedelta(days=1):%Y%m%d}"  # "from next week for six weeks"
        parts.last = None
    if rule:
        day = _first_of(rule, day)
        if parts.until is not None and (parts.until.date() - day).days > 1 and "UNTIL" not in rule:
            rule += f";UNTIL={parts.until:%Y%m%d}"
            parts.until = None
    first = datetime.combine(day, parts.start or time(), tz)
    close: datetime | None = None
    if parts.until is not None:
        close = parts.until.replace(tzinfo=tz)
    elif parts.end is not None:
        close = datetime.combine(first.date(), parts.end, tz)
        if close <= first:
            close += timedelta(days=1)
    elif parts.last is not None and parts.start is None:
        close = datetime.combine(parts.last, time(), tz)
    has_date, has_time = parts.day is not None, parts.start is not None
    return When(first, close, has_date, has_time, rule or None)


_BYDAY = re.compile(r"FREQ=WEEKLY\b.*\bBYDAY=([A-Z,]+)")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def _first_of(rule: str, day: date) -> date:
    """The first day from `day` on that a weekly rule means."""
    found = _BYDAY.search(rule)
    names = found[1].split(",") if found else []
    wanted = {_DAYS.index(one) for one in names if one in _DAYS}
    while wanted and day.weekday() not in wanted:
        day += timedelta(days=1)
    return day


def zone_of(name: str) -> ZoneInfo | None:
    """The zone by its IANA name, `None` if there is none of that name."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _on_day(when: When, day: date) -> When:
    start = datetime.combine(day, when.start.time(), when.start.tzinfo)
    end = None if when.end is None else start + (when.end - when.start)
    return When(start, end, True, when.has_time, when.recurrence)


def _beside(text: str, known: Known) -> When | None:
    """ "Two working days before the pre-app", "会前一刻钟": a time told by an event."""
    match = _BESIDE.match(text) or _BESIDE_ZH.match(text)
    if match is None or not terms(match["what"]):
        return None
    whole = find(match["what"].strip(), setting_of(known))
    if whole and len(whole[0].text) >= len(match["what"].strip()) - 1:
        return None  # "by Friday", 周五前: a time told by a day
    what_words, lead = _clock_apart(match["what"], match["lead"] or "", known)
    window, rest = window_of(what_words, known)
    what = events(rest, known, window) if terms(rest) or window else []
    if not what or what[0].score < 0.5:
        return None
    event = next(
        e for e in known.events
        if e.uid == what[0].ref.id and e.recurrence_id == what[0].ref.recurrence_id
    )  # fmt: skip
    is_before = match["way"] in ("before", "之前", "前")
    return _offset(lead, event, known, is_before=is_before)


def _clock_apart(what: str, lead: str, known: Known) -> tuple[str, str]:
    """A clock at the end of "the pre-app at ten" is the moment's, not the event's."""
    for one in reversed(find(what, setting_of(known))):
        if one.best is not None and one.best.kind == "time" and one.end >= len(what) - 1:
            return re.sub(r"\W+(at)?\s*$", "", what[: one.start]), f"{lead} {one.text}"
    return what, lead


def _offset(lead: str, event: KnownEvent, known: Known, *, is_before: bool) -> When | None:
    sign = -1 if is_before else 1
    clock = next(
        (
            r.start
            for one in find(lead, setting_of(known))
            for r in one.readings
            if isinstance(r.start, time)
        ),
        None,
    )
    if found := _WORKING.search(lead):
        word = (found[1] or found[2]).lower()
        count = _COUNT.get(word) or (int(word) if word.isdecimal() else 1)
        day = working_days(event.start.date(), sign * count)
        return _day_of(day, clock, event)
    length = length_of(lead, known)
    if (
        re.search(r"\b(the )?(day|evening|morning) $", lead + " ", re.I)
        or "前一天" in lead
        or "一天" in lead
    ):
        length = length or timedelta(days=1)
    if length is not None and length >= timedelta(days=1) and length.seconds == 0:
        return _day_of(event.start.date() + sign * length, clock, event)
    base = event.start if is_before else event.end
    moved = base + sign * (length or timedelta())
    return When(moved, None, True, True)


def _day_of(day: date, clock: time | None, event: KnownEvent) -> When:
    start = datetime.combine(day, clock or time(), event.start.tzinfo)
    return When(start, None, True, clock is not None)


def working_days(day: date, count: int) -> date:
    """So many working days later, or earlier where negative."""
    step = 1 if count > 0 else -1
    while count:
        day += timedelta(days=step)
        if day.weekday() < 5:
            count -= step
    return day
