"""What must have been said before a record is touched: no cancelling without a word that cancels,
no new name without a word that names. Pure.

A model weighs words and may see a cancelled van service in "drop off the van"; here it is stopped.
"""

from __future__ import annotations

import re
from dataclasses import replace

from tandem.understanding.reading import Call, Decision, Reading

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


def worded(reading: Reading, request: str) -> Reading:
    """The reading without what no word of the request asks for."""
    if reading.decision is Decision.REFUSE or reading.corrects:
        return reading
    tools = {call.tool for call in reading.calls}
    if "event_cancel" in tools and _CANCELS.search(request) is None:
        reason = "no word of it cancels"
        return replace(reading, decision=Decision.ESCALATE, question=None, reason=reason)
    if "event_change" in tools and _NAMES.search(request) is None:
        return replace(reading, calls=tuple(_unnamed(call) for call in reading.calls))
    return reading


def _unnamed(call: Call) -> Call:
    """A changed event keeps its name."""
    others = set(call.slots) - {"event", "title", "scope"}
    if call.tool != "event_change" or "title" not in call.slots or not others:
        return call
    slots = {name: filled for name, filled in call.slots.items() if name != "title"}
    return replace(call, slots=slots)
