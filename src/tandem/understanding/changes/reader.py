"""A reader of changes beside another reader: the records decide which words are old and which new.

Where it understands the whole sentence it is followed; the other reader's opinion counts where a
part of the sentence stays unexplained.
"""

from __future__ import annotations

import re

from tandem.understanding.changes import chinese
from tandem.understanding.changes.composing import MOST_LEFT, Change, change_of
from tandem.understanding.changes.telling import told
from tandem.understanding.changes.wording import is_kept
from tandem.understanding.grammar.acts import cleaned
from tandem.understanding.grammar.reader import decided
from tandem.understanding.reading import Call, Context, Decision, Filled, Question, Reader, Reading
from tandem.understanding.tokens import is_chinese

SURE = 0.9
_LIKELY = 0.75
_OURS = frozenset(
    {"event_change", "event_cancel", "event_create", "task_change", "task_done", "task_create",
     "event_search", "data_question"}
)  # fmt: skip
"""What another reader may have made of a change; anything else it knows better."""


class ChangeReader:
    """Asks another reader, and says itself what becomes different. `plain` reads what is a question
    beyond doubt: it is asked instead of a reader of new entries.
    """

    def __init__(self, other: Reader, plain: Reader | None = None) -> None:
        self._other = other
        self._plain = plain or other

    def read(self, request: str, context: Context) -> Reading:
        """The other's reading, with changes as the words and the records tell them."""
        if _IN_MAIL.match(request):
            whole = Filled(request, request)
            return Reading(Decision.ACT, (Call("data_question", {"question": whole}, SURE),))
        if not context.turns and (question := asked(request)):
            return self._plain.read(question, context)
        if is_chinese(request) and _MAILS.match(request):
            request = chinese.in_chinese(request)
        theirs = self._other.read(request, context)
        last = context.turns[-1] if context.turns else None
        if theirs.corrects or (last is not None and last.reading.decision is Decision.ASK):
            return theirs
        if (told_call := told(cleaned(request), context.known)) is not None:
            return _told(told_call, theirs)
        does_more = len(theirs.calls) > 1 and theirs.decision is Decision.ACT
        if does_more:
            return theirs
        if is_kept(request):
            return theirs
        ours = change_of(cleaned(request), context.known)
        if ours is None or not _is_heard(ours, theirs):
            return theirs
        agreed = [call.tool for call in theirs.calls] == [ours.tool]
        sure = SURE if ours.left <= 1 or agreed else _LIKELY
        call = Call(ours.tool, ours.slots, max(sure, theirs.confidence * agreed))
        if (title := ours.slots.get("title")) is not None and title.value is None:
            return Reading(Decision.ASK, (call,), Question("title", 0), call.confidence)
        return decided([call])


_TELLS = frozenset({"mail_send", "mail_reply", "mail_draft", "message_send"})


def _told(call: Call, theirs: Reading) -> Reading:
    """A mail, unless the other reader has found the same, or more to do."""
    tools = {one.tool for one in theirs.calls}
    if theirs.decision is Decision.ACT and tools & _TELLS:
        return theirs
    return decided([call])


def _is_heard(ours: Change, theirs: Reading) -> bool:
    """Whether what was understood is enough against the other's opinion."""
    tools = {call.tool for call in theirs.calls}
    if tools == {ours.tool}:
        if ours.tool == "event_cancel" and ours.slots["event"].value is None:
            return False  # it has found one
        return ours.left <= MOST_LEFT + 2
    if tools and not tools <= _OURS and theirs.decision is Decision.ACT:
        return ours.left == 0 and theirs.confidence < SURE
    return ours.left <= MOST_LEFT


_MAILS = re.compile(r"(?:e?mail|reply|forward)(?![A-Za-z])", re.IGNORECASE)
_IN_MAIL = re.compile(
    r"^(?:邮件|信|来信)里面?(?:说|讲|写)(?:的|过)?[^。]*(?:来着|什么|啥|多少|几|哪|吗|[？?])"
)
"""A question about what stands in a mail: nothing is written."""
_REMINDS = re.compile(
    r"^\W*(?:please |can you |could you )?(?:remind|tell) me(?:,| again,?|,? please,?)\s+"
    r"(?=(?:what|when|where|who|which|how|is|are|am|do|did|does)\b)",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"(?:有|是|排了?)(?:些)?(?:什么|啥|哪些|哪几个|几个|几场)(?:安排|日程|会议|会|事情?|活动|行程|计划|约)(?:没有|没|吗|呢|啊|呀)?[？?。]*$"
    r"|^(?:我)?[^，,]{0,12}(?:有没有|有)(?:安排|会|空|事)(?:吗|么|没有|没)[？?]*$",
)
_ORDERS = re.compile(r"提醒|记下|记到|加到|加个|放日历|取消|改到|挪到")


def asked(request: str) -> str:
    """A question about what is there, without "remind me" before it; empty where it is none."""
    if found := _REMINDS.match(request):
        return request[found.end() :]
    is_asked = _ASKED.search(request) is not None and _ORDERS.search(request) is None
    return request.replace("啥", "什么") if is_asked else ""
