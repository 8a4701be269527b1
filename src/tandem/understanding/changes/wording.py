"""What must have been said before a record is touched: no cancelling without a word that cancels,
no new name without a word that names. Pure.

A model weighs words and may see a cancelled van service in "drop off the van"; here it is stopped.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from tandem.understanding.changes import chinese, english
from tandem.understanding.changes.composing import is_another, num_left
from tandem.understanding.changes.pieces import Piece, is_now, of_clause, pieces_of
from tandem.understanding.changes.targets import masked, said_of
from tandem.understanding.known import Known, KnownEvent
from tandem.understanding.reading import Call, Decision, Question, Reading, Ref, When
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
    if set(tools) & _TOUCH and is_kept(request):
        return replace(reading, decision=Decision.ESCALATE, reason="it is to stay as it is")
    if "contact_change" in tools and not _is_of_card(reading, request):
        return replace(reading, decision=Decision.ESCALATE, reason="no word of it is of a card")
    for at, call in enumerate(reading.calls):
        if call.tool in ("event_change", "event_cancel") and not _is_meant(call, request, known):
            if _ORDERS.match(request):
                return _asked(reading, at)
            return replace(reading, decision=Decision.ESCALATE, reason="another thing is meant")
    if "event_change" in tools and _NAMES.search(request) is None:
        return replace(reading, calls=tuple(_unnamed(call) for call in reading.calls))
    return reading


_TOUCH = frozenset(
    {"event_change", "event_cancel", "task_delete", "task_done", "task_change", "mail_delete",
     "mail_move", "note_delete", "contact_delete"}
)  # fmt: skip
_VERB = (
    r"(?:cancel\w*|call(?:ed)? off|delet\w*|remov\w*|mov\w+|re-?schedul\w*|chang\w*|touch\w*|shift\w*|push\w*|skip\w*"
    r"|drop\w*|scrap\w*|tick\w*|archiv\w*|postpon\w*|bring|take)"
)
_KEEP = re.compile(
    rf"\b(?:do(?:n['’]?t| not)|no need to|not to|never|need(?:n['’]?t| not)|should(?:n['’]?t| not)|must(?:n['’]?t| not)"
    rf"|(?:is|are|was|were|has|have)(?:n['’]?t| not)(?: been)?)(?: \w+)? {_VERB}[^,.;，]*"
    r"|\b(?:isn['’]?t|aren['’]?t|not|never) (?:\w+ )?(?:done|finished|ordered|paid|sent|complete)\b[^,.;]*"
    r"|\bleave [^,.;]*\b(?:alone|as (?:it|they) (?:is|are)|where it is)\b"
    r"|(?:别|不要|不用|不必|无需|先不)(?:给我|帮我|再)?(?:取消|删|动|改|挪|推|移|勾|撤|调|延|提前)[^，。,]*"
    r"|(?:还没|没有?|尚未)(?:取消|删|改|挪|买|做|办|交|寄|弄|完成|写|发|换|订|填)[^，。,]*",
    re.IGNORECASE,
)
"""What is to stay as it is, or is not done yet."""
_OTHERWISE = re.compile(
    rf"\b{_VERB}|\b(?:make|instead|now|done)\b|改|挪|推|取消|删|勾|换|提前|延", re.IGNORECASE
)


def is_kept(request: str) -> bool:
    """Whether the words forbid an act, and order no other: "don't cancel it, move it" does."""
    rest = _KEEP.sub(" ", request)
    return rest != request and _OTHERWISE.search(rest) is None


def _is_of_card(reading: Reading, request: str) -> bool:
    """Whether a word is of what stands on cards, and a number is one."""
    phones = [call.slots["phone"].text for call in reading.calls if "phone" in call.slots]
    are_numbers = all(sum(sign.isdigit() for sign in phone) > 4 for phone in phones)
    return are_numbers and _CARD.search(request) is not None


_CARD = re.compile(
    r"\b(?:number|phone|mobile|cell|e?-?mail|address|lives?|living|moved (?:house|flat|home|out|in)|works?|working|job|birthday|born"
    r"|name|nickname|married|contacts?|card|title|company|employer|note)\b|@|\d{3}"
    r"|电话|手机|号|邮|地址|住|搬|生日|公司|单位|职|联系人|通讯录|名字|昵称|备注|换到|跳槽",
    re.IGNORECASE,
)
"""What is on a card."""
_ORDERS = re.compile(
    r"^\W*(?:please |can you |could you )?(?:cancel|call off|scrap|delete|skip|axe|ditch|scratch)\b|^(?:请|帮我)?取消",
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
    when = call.slots.get("when")
    if event.is_all_day and when is not None and isinstance(when.value, When):
        days = event.end - event.start
        if days > timedelta(days=1) and when.value.has_time and not when.value.has_date:
            return False  # a fair of three days that opens at nine
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
    if table is chinese or call.confidence >= _SURE or _is_guest_named(text, event):
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
    is_ordered = _ORDERS.match(text) is not None
    is_there = is_ordered and bool(said_of(event.location, text))
    return _is_guest_named(text, event) or is_there


def _is_guest_named(text: str, event: KnownEvent) -> bool:
    """ "My first meeting with Yuki" names an event by who comes."""
    guests = " ".join(one.split("@")[0].replace(".", " ") for one in event.attendees)
    return bool(said_of(guests, text))


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
