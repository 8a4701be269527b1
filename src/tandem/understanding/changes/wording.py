"""What must have been said before a record is touched: no cancelling without a word that cancels,
no new name without a word that names. Pure.

A model weighs words and may see a cancelled van service in "drop off the van"; here it is stopped.
"""

from __future__ import annotations

import re
from dataclasses import replace

from tandem.understanding.changes import chinese, english
from tandem.understanding.changes.composing import is_another, num_left
from tandem.understanding.changes.pieces import Piece, is_now, of_clause, pieces_of
from tandem.understanding.changes.targets import masked, said_of
from tandem.understanding.known import Known, KnownEvent
from tandem.understanding.reading import Call, Decision, Question, Reading, Ref
from tandem.understanding.tokens import fold, is_chinese

_CANCELS = re.compile(
    r"\b(?:cancel\w*|call\w* (?:\S+ ){0,6}?off|scrap\w*|scratch|axe|ditch|skip\w*|nix|bin|delete|remov\w+|strike"
    r"|rid|clear|free up|take (?:\S+ ){0,8}?(?:out|off|away)|cross\w*|wipe|lose|kill|dump|bail|pass|miss\w*|forget"
    r"|drop(?! (?:\S+ ){0,3}?off\b)(?!ping)|through|(?<!drop )(?<!dropping )off(?! (?:at|to|from|in)\b)|over|stop|no|not|never|none|without|out|gone"
    r"|longer|n['’]?t|cannot|cant|wont|isnt|arent|dont|undo|decline|withdraw\w*|quit|end)\b|n['’]t\b"
    r"|取消|删|不|推|退|撤|去掉|划|清|掉|别|没|勿|免|砍|作废|黄了|算了|停|結|删|刪",
    re.IGNORECASE,
)
_NAMES = re.compile(
    r"\b(?:re-?nam\w+|re-?titl\w+|name|named|title|titled|call|called|calls|say|says|read|reads|label\w*|word\w*)\b"
    r"|改名|名字|名称|标题|叫|命名|称|改成|改为|写成|换成",
    re.IGNORECASE,
)


def worded(reading: Reading, request: str, known: Known) -> Reading:
    """The reading without what no word of the request asks for: a question where it orders to
    cancel, else nothing.
    """
    if reading.decision is not Decision.ACT or reading.corrects:
        return reading
    tools = [call.tool for call in reading.calls]
    if "event_cancel" in tools and _CANCELS.search(request) is None:
        return replace(reading, decision=Decision.ESCALATE, reason="no word of it cancels")
    if "contact_change" in tools and _CARD.search(request) is None:
        return replace(reading, decision=Decision.ESCALATE, reason="no word of it is of a card")
    for at, call in enumerate(reading.calls):
        if call.tool in ("event_change", "event_cancel") and not _is_meant(call, request, known):
            if _ORDERS.match(request):
                return _asked(reading, at)
            return replace(reading, decision=Decision.ESCALATE, reason="another thing is meant")
    if "event_change" in tools and _NAMES.search(request) is None:
        return replace(reading, calls=tuple(_unnamed(call) for call in reading.calls))
    return reading


_CARD = re.compile(
    r"\b(?:number|phone|mobile|cell|e?-?mail|address|lives?|living|mov(?:ed|es|ing)|works?|working|job|birthday|born"
    r"|name|nickname|married|contacts?|card|title|company|employer|note)\b|@|\d{3}"
    r"|电话|手机|号|邮|地址|住|搬|生日|公司|单位|职|联系人|通讯录|名字|昵称|备注|换到|跳槽",
    re.IGNORECASE,
)
"""What is on a card."""
_ORDERS = re.compile(
    r"^\W*(?:please |can you |could you )?(?:cancel|call off|scrap|delete)\b|^(?:请|帮我)?取消",
    re.I,
)


def _asked(reading: Reading, at: int) -> Reading:
    calls = list(reading.calls)
    filled = calls[at].slots["event"]
    options = (filled.value,) if filled.value is not None else ()
    slots = {**calls[at].slots, "event": replace(filled, value=None, options=options)}
    calls[at] = replace(calls[at], slots=slots)
    question = Question("event", at, options)
    return replace(reading, decision=Decision.ASK, calls=tuple(calls), question=question)


def _is_meant(call: Call, request: str, known: Known) -> bool:
    """Whether the words name this event and no other thing, and a time of theirs is its own."""
    event = _event_of(call, known)
    if event is None:
        return True
    table, text = (chinese, fold(request)) if is_chinese(request) else (english, request)
    if table.EVERY.search(text) or call.slots.get("until") is not None:
        return True
    units = said_of(event.summary, text)
    plain = masked(text, units)
    pieces, plain = pieces_of(plain, known, table)
    moments = [one for one in pieces if one.has_day or one.has_clock]
    if units and call.tool == "event_cancel":
        moments = of_clause(moments, plain, units[-1].end)
    if call.tool == "event_cancel":
        is_then = not moments or any(is_now(one, event) or _is_day(one, event) for one in moments)
        return is_then and (bool(units) or table is chinese or _is_plain(text, plain, event))
    if table is chinese or call.confidence >= _SURE:
        return True
    if call.confidence < _LEAST:
        return False
    is_lost = not units and call.confidence < _LIKELY and num_left(plain, None, table) > 0
    return not is_lost and not is_another(plain, table)


_SURE, _LIKELY, _LEAST = 0.95, 0.4, 0.2


def _is_plain(text: str, plain: str, event: KnownEvent) -> bool:
    """No word of the title: then nothing else is named either, or who comes, or where it is."""
    if num_left(plain, None, english) == 0:
        return True
    guests = " ".join(one.split("@")[0].replace(".", " ") for one in event.attendees)
    is_ordered = english.CANCELS.match(text.strip()) is not None
    return bool(said_of(guests, text)) or (is_ordered and bool(said_of(event.location, text)))


def _is_day(one: Piece, event: KnownEvent) -> bool:
    """Whether a weekday alone is the event's."""
    days = [re.fullmatch(r"XXXX-WXX-(\d)", reading.timex) for reading in one.readings]
    return any(int(day[1]) == event.start.isoweekday() for day in days if day is not None)


def _event_of(call: Call, known: Known) -> KnownEvent | None:
    filled = call.slots.get("event")
    refs = filled.value if filled is not None and isinstance(filled.value, tuple) else ()
    if len(refs) != 1 or not isinstance(ref := refs[0], Ref):
        return None
    same = [one for one in known.events if one.uid == ref.id]
    return next((one for one in same if one.recurrence_id == ref.recurrence_id), None)


def _unnamed(call: Call) -> Call:
    """A changed event keeps its name."""
    others = set(call.slots) - {"event", "title", "scope"}
    if call.tool != "event_change" or "title" not in call.slots or not others:
        return call
    slots = {name: filled for name, filled in call.slots.items() if name != "title"}
    return replace(call, slots=slots)
