"""Moments and people that are told by the user's records: "the earliest time I'm free tomorrow",
"the attendees of the first event on Monday".

They become what they mean (a moment, an address) before the words are read. Pure. Only moments and
addresses are put into a sentence, never a text that somebody else wrote; a title of theirs ("title
it with the event's name") goes straight into its slot.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from tandem.understanding import candidates
from tandem.understanding.known import Known, KnownEvent, KnownMail
from tandem.understanding.moments import borders_of, length_of, setting_of, when_of
from tandem.understanding.reading import When
from tandem.understanding.structure.people import people_in
from tandem.understanding.terms import overlap, terms
from tandem.understanding.times import find

WORKDAY = (time(9), time(18))
"""Between which free times are looked for where no time of the day was said."""
USUAL = timedelta(hours=1)

_FREE = re.compile(
    r"(?:\bat |\bin |\bfor )?(?:the |my )?(?P<order>earliest|first|next|soonest|last|latest)(?: possible| available)? "
    r"(?:free |open |available )?(?:time|slot|moment|gap|opening|opportunity)(?: slot)?"
    r"(?:(?: that| when| where)? (?:i(?:['’]m| am| can| have)|we(?:['’]re| are| can)|works)(?: free| available| open| time| do| make(?: it)?| for me)*)?"
    r"(?P<day>(?: (?:on|in|this|next|tomorrow|today)\b[^.,;?!]*?)?)(?=[.,;?!]|$| and | called | titled | with | for )"
    r"|(?P<zhday>(?:今天|明天|后天|这周|下周|本周|周[一二三四五六日天]|下周[一二三四五六日天])?(?:上午|下午|早上|晚上)?)(?:我)?(?P<zhorder>最早|第一个|最近|最快|最先)(?:的)?(?:有空|空闲|空|可用)?(?:的)?(?:时间段?|时候|空档|时段)",
    re.IGNORECASE,
)
_GUESTS = re.compile(
    r"\b(?:the |all (?:of )?(?:the )?)?(?:attendees?|participants?|guests?|people|everyone|everybody|those|invitees?) "
    r"(?:of|in|at|from|who (?:are|is) (?:in|at|invited to|attending)|invited to|attending|on) "
    r"(?P<event>(?:the|my|our|that|this) [^.,;?!]*?)(?=[.,;?!]|$| titled | saying | that says | with | and tell | to tell | asking | telling )"
    r"|(?:参加)?(?P<zh>[^，。,；]{1,16}?)的?(?:所有)?(?:参加者|与会者|参会人员?|出席者|参与者)",
    re.IGNORECASE,
)
_SENDER = re.compile(
    r"\b(?:the )?(?:sender|author|person who (?:sent|wrote)(?: me)?|whoever (?:sent|wrote)(?: me)?)(?: of)? "
    r"(?P<mail>(?:the|my|that) [^.,;?!]*?)(?=[.,;?!]|$| titled | saying | with | and tell )",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    r"\b(?P<first>first|next|earliest|upcoming)\b|\b(?P<last>last|latest|final|most recent)\b|(?P<zf>第一个|下一个|最早)|(?P<zl>最后一?个)",
    re.IGNORECASE,
)
_EVENT_TITLE = re.compile(
    r"[,.]?\s*(?:and )?(?:title it with|(?:titled?|with|using|under|subject(?: line)?(?: is| being)?|use|call it)(?: with)?) "
    r"(?:the )?(?:event|meeting|appointment)(?:['’]s)? (?:name|title)(?: as (?:the )?(?:title|subject))?"
    r"|[，,]?(?:标题|主题)(?:用|是|为|写)?(?:日程|会议|活动)的?(?:名称|名字|标题)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


@dataclass(slots=True)
class Resolved:
    """A request with its references replaced. `said` gives the user's words for what now stands in
    their place; `title` is an event's name that was asked for as title.
    """

    text: str
    said: dict[str, str] = field(default_factory=dict[str, str])
    title: str = ""
    event: KnownEvent | None = None


class NothingThere(Exception):
    """A reference to which no record fits; carries the words."""


def resolved(text: str, known: Known) -> Resolved:
    """The text with every reference as what it means. Raises `NothingThere`."""
    out = Resolved(text)
    if not _put(out, _GUESTS, lambda found: _guests(found, known, out)):
        _guests_of_before(out, known)
    _put(out, _SENDER, lambda found: _sender(found["mail"], known))
    _beside_event(out, known)
    _their_time(out, known)
    _put(out, _FREE, lambda found: _free(found, text, known))
    if out.event is not None and (titled := _EVENT_TITLE.search(out.text)):
        out.text = out.text[: titled.start()] + out.text[titled.end() :]
        out.title = out.event.summary
    return out


_THE_GUESTS = re.compile(
    r"\b(?:the |all )?(?:attendees|participants|guests|invitees)\b", re.IGNORECASE
)
_SOME_EVENT = re.compile(
    r"\b(?P<event>(?:the|my|our) (?:(?:first|next|last|latest|upcoming) )?[\w' -]*?(?:event|meeting|appointment|call)s?"
    r"(?: (?:on|with|about|at|this|next|called) [^.,;?!]+?)?)(?=[.,;?!]|$)",
    re.IGNORECASE,
)


def _guests_of_before(out: Resolved, known: Known) -> None:
    """ "Everybody must remember the first event on Monday. Mail the attendees ...": the event is
    named in a sentence before, which asks for nothing by itself.
    """
    sentence, stop, order = out.text.partition(". ")
    named = _SOME_EVENT.search(sentence) if stop else None
    if named is None or not _THE_GUESTS.search(order):
        return
    out.text = order
    _put(out, _THE_GUESTS, lambda _: _guests(named, known, out))


_LEAD = (
    r"(?:the|an?|one|two|three|four|five|six|\d+) (?:(?:working|business|full) )?(?:days?|weeks?|evening|morning|hours?|minutes?)"
    r"|half an hour|an hour and a half|a quarter of an hour"
)
_BESIDE = re.compile(
    rf"\b(?P<lead>{_LEAD}) (?P<way>before|after) (?=(?P<what>(?:the |my |our )?[^,.:;!?]+))",
    re.IGNORECASE,
)
_BESIDE_ZH = re.compile(
    r"(?:^|[，,。；\s]|在)(?P<what>[\u4e00-\u9fffA-Za-z]{1,12}?)(?:开始|结束)?(?P<way>之?前|之?后)"
    r"(?P<lead>(?:半|[一两二三四五六七八九十]|\d+)(?:个半?)?(?:工作日|天|小时|分钟|刻钟|周|星期|钟头))"
)
_ALARMS = re.compile(
    r"\b(?:alert|warn|notify|ping|alarm)\b|\bremind me (?!to\b|about\b|that\b).*(?:before|after)(?!.*\b(?:to|about|that)\b)"
    r"|前(?:.{1,6})(?:提醒|叫|通知)我?(?:一下)?[。！]?$",
    re.IGNORECASE,
)


def _beside_event(out: Resolved, known: Known) -> None:
    """ "One working day before the flight, 5pm: pack": the day of the flight is in the calendar."""
    if _ALARMS.search(out.text):
        return
    found = _BESIDE.search(out.text)
    if found is not None:
        words = found["what"].split()
        for count in range(min(6, len(words)), 0, -1):
            what = " ".join(words[:count])
            moment = when_of(f"{found['lead']} {found['way']} {what}", known)
            if moment is not None and _is_event(what, known):
                _say_moment(out, found.start(), found.start("what") + len(what), moment)
                return
        return
    found = _BESIDE_ZH.search(out.text)
    if found is not None and _is_event(found["what"], known):
        moment = when_of(f"{found['what']}{found['way']}{found['lead']}", known)
        if moment is not None:
            _say_moment(out, found.start("what"), found.end(), moment)


def _is_event(words: str, known: Known) -> bool:
    """Whether every telling word is of one event's title."""
    wanted = terms(words)
    if not any(letter.isalpha() for letter in "".join(wanted)) or find(words, setting_of(known)):
        return False  # "the day after tomorrow at nine" names no event
    return bool(wanted) and any(overlap(wanted, one.summary) > 0.95 for one in known.events)


def _say_moment(out: Resolved, start: int, end: int, moment: When) -> None:
    """The moment in figures in the place of the words; a clock right behind them is its clock."""
    rest = out.text[end:]
    clock: time | None = moment.start.time() if moment.has_time else None
    for one in find(rest, setting_of(known_at(moment)))[:1]:
        reading = one.best
        if reading is not None and isinstance(reading.start, time) and one.start <= 6:
            clock, rest = reading.start, rest[one.end :]
    day = moment.start
    if any("\u4e00" <= letter <= "\u9fff" for letter in out.text):
        told = f"{day.year}年{day.month}月{day.day}日" + (f"{clock:%H:%M}" if clock else "")
    else:
        told = f"on {day.day} {day:%B %Y}" + (f" at {clock:%H:%M}" if clock else "")
    words = out.text[start:end]
    out.text = f"{out.text[:start]}{told} {rest.lstrip(' ,:')}".strip()
    out.said[told] = words


def known_at(moment: When) -> Known:
    """Nothing known but the moment, for reading a clock."""
    return Known(moment.start, str(moment.start.tzinfo or "UTC"))


_THEIR_TIME = re.compile(
    r"\b(?:her|his|their|(?P<who>[A-Z]\w+)['’]s)( local)? time\b|(?:她|他|对方|客户)(?:那边|当地)(?:的)?时间",
)


def _their_time(out: Resolved, known: Known) -> None:
    """ "At five her time": the place is on her card."""
    found = _THEIR_TIME.search(out.text)
    people = people_in(out.text, known) if found else []
    contact = people[0].contact if people else None
    if found is None or contact is None:
        return
    for place in re.findall(
        r"[A-Z][a-z]{2,}(?: [A-Z][a-z]+)?|[\u4e00-\u9fff]{2,3}", f"{contact.address} {contact.note}"
    ):
        asked = f"10:00 {place} time" if place.isascii() else f"{place}时间上午十点"
        if any(one.best and one.best.zone for one in find(asked, setting_of(known))):
            said = f"{place} time" if place.isascii() else f"{place}时间"
            out.text = f"{out.text[: found.start()]}{said}{out.text[found.end() :]}"
            out.said[said] = found[0]
            return


def _put(out: Resolved, pattern: re.Pattern[str], means: Callable[[re.Match[str]], str]) -> bool:
    found = pattern.search(out.text)
    if found is None:
        return False
    value = means(found)
    if value:
        out.text = f"{out.text[: found.start()]} {value} {out.text[found.end() :]}"
        out.text = re.sub(r" {2,}", " ", out.text).replace(" ?", "?").replace(" .", ".").strip()
        out.said[value.strip()] = found[0].strip()
    return True


def _free(found: re.Match[str], text: str, known: Known) -> str:
    """The first (or last) time of the day that is long enough and free."""
    day_words = (found["day"] or found["zhday"] or "").strip()
    day = when_of(day_words, known) if day_words else None
    start, end = borders_of(day) if day else (known.now, known.now + timedelta(days=7))
    rest = text[: found.start()] + text[found.end() :]
    length = next(
        (
            span
            for one in find(rest, setting_of(known))
            if one.best and one.best.kind == "duration" and (span := length_of(one.text, known))
        ),
        USUAL,
    )
    slots = free_starts(known, start, end, length)
    if not slots:
        raise NothingThere(found[0].strip())
    is_last = (found["order"] or "").lower() in ("last", "latest")
    moment = slots[-1] if is_last else slots[0]
    if found["zhorder"]:
        return f"{moment.year}年{moment.month}月{moment.day}日{moment:%H:%M}"
    return f"on {moment.day} {moment:%B %Y} at {moment:%H:%M}"


def free_starts(known: Known, start: datetime, end: datetime, length: timedelta) -> list[datetime]:
    """The beginnings of the gaps of at least that length in working hours, in order."""
    found: list[datetime] = []
    day = start.date()
    while datetime.combine(day, time(), known.now.tzinfo) < end:
        opens = max(start, known.now, datetime.combine(day, WORKDAY[0], known.now.tzinfo))
        closes = min(end, datetime.combine(day, WORKDAY[1], known.now.tzinfo))
        at = _next_quarter(opens)
        for event in known.events:
            if event.is_all_day or event.end <= at or event.start >= closes:
                continue
            if event.start - at >= length:
                found.append(at)
            at = max(at, event.end)
        if closes - at >= length:
            found.append(at)
        day += timedelta(days=1)
    return found


def _next_quarter(moment: datetime) -> datetime:
    over = timedelta(
        minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond
    )
    return moment if not over else moment + timedelta(minutes=15) - over


def _guests(found: re.Match[str], known: Known, out: Resolved) -> str:
    """The addresses of an event's guests, the user's own left out."""
    is_chinese = "zh" in found.groupdict() and bool(found["zh"])
    words = found["zh"] if is_chinese else found["event"]
    event = event_of(words, known)
    if event is None:
        raise NothingThere(words.strip())
    out.event = event
    others = [
        one for one in dict.fromkeys(event.attendees)
        if one.lower() != known.user_email.lower() and _ADDRESS.fullmatch(one)
    ]  # fmt: skip
    if not others:
        raise NothingThere(words.strip())
    return ("、" if is_chinese else " and ").join(others)


def event_of(words: str, known: Known) -> KnownEvent | None:
    """The event that is meant by order, day, person or title."""
    order = _ORDINAL.search(words)
    words = _ORDINAL.sub(lambda found: " " * len(found[0]), words)  # "the first" is no day here
    rest, window = words, None
    for one in reversed(find(words, setting_of(known))):
        if (
            (when := when_of(one.text, known)) is not None
            and one.best
            and one.best.kind != "duration"
        ):
            window = borders_of(when)
            rest = rest[: one.start] + " " + rest[one.end :]
    people = people_in(words, known)
    start, end = window or (known.now, datetime.max.replace(tzinfo=known.now.tzinfo))
    found = [e for e in known.events if start <= e.start < end]
    mails = {m.lower() for one in people for c in one.contacts for m in c.emails}
    if mails:
        found = [e for e in found if mails & {a.lower() for a in e.attendees}]
    wanted = terms(rest) - {t for one in people for t in terms(one.words)}
    if wanted:
        found = [e for e in found if overlap(wanted, e.summary) > 0.6]
    if not found:
        return None
    return found[-1] if order and (order["last"] or order["zl"]) else found[0]


def _sender(words: str, known: Known) -> str:
    found = candidates.mails(words, known)
    mail: KnownMail | None = next(
        (m for m in known.mails if found and m.message_id == found[0].ref.id), None
    )
    if mail is None or not _ADDRESS.fullmatch(mail.sender):
        raise NothingThere(words.strip())
    return mail.sender
