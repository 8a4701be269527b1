"""A second look at a reading: words that leave no doubt overrule what a model made of them.

An encoder weighs words; a few of them must not be weighed. "Don't send it" is never sent, "accept"
is never declined, a question changes nothing. The rules are few and speak of such words alone.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from tandem.types import Effect
from tandem.understanding.catalogue import CATALOGUE
from tandem.understanding.known import Known, KnownMail
from tandem.understanding.reading import Call, Context, Decision, Filled, Reader, Reading, Ref, When
from tandem.understanding.selecting import selected

_KEEPS = re.compile(
    r"\b(?:draft|do(?:n['’]?t| not) send|without sending|not send)\b|草稿|先别发|先不发|别发出",
    re.I,
)
_SAYS_YES = re.compile(
    r"\b(?:accept|agree to|say yes|i['’]?ll come|i['’]?m in)\b|接受|同意|答应|参加", re.I
)
_SAYS_NO = re.compile(
    r"\b(?:decline|reject|refuse|turn down|say no|can['’]?t make)\b|谢绝|拒绝|推掉|不参加|去不了",
    re.I,
)
_SAYS_MAYBE = re.compile(r"\b(?:tentativ\w*|maybe|perhaps)\b|暂定|待定", re.I)
_LONGER = re.compile(r"\b(?:longer|extend|lengthen|prolong)\b|延长|加长|多(?:开|聊|留)", re.I)
_SHORTER = re.compile(r"\b(?:shorter|shorten|cut short|trim)\b|缩短|少(?:开|聊)", re.I)
_MOVES = re.compile(
    r"\b(?:move|push|shift|postpone|delay|bring|pull|put) .*\bby\b|(?:推迟|延后|挪|往后推|往前移)",
    re.I,
)
_EARLIER = re.compile(r"\b(?:earlier|forward|sooner|ahead|up by)\b|提前|往前", re.I)
_QUESTION = re.compile(
    r"\b(?:who|what|which|where|when|why|how (?:much|many|long|often))\b[^.!]*"
    r"\b(?:is|was|are|were|did|do|does|has|have|had|can|could|may|must|should)\b"
    r"|什么时候|几点|哪天|几号|多少|哪里|哪儿|谁|最晚",
    re.I,
)
_ORDERS = re.compile(
    r"^\W*(?:please |(?:could|can|would|will) you |i want you to |let['’]?s )?(?:please )?"
    r"(?:add|put|move|cancel|delete|bin|remove|archive|file|flag|mark|send|mail|e-?mail|write|reply|"
    r"answer|forward|draft|remind|note|save|set|schedule|book|invite|accept|decline|tick|undo|make|"
    r"change|tell|create|start|push|shift|rename|todo|text|message|ring|call|pay|ask|let)\b",
    re.I,
)  # fmt: skip


_SENDS = re.compile(
    r"\b(?:remind|tell|let|ask|email|mail|note|calendar|diary)\b|提醒|告诉|通知|发|写|记|问|回|转",
    re.I,
)


class SecondLook:
    """A Reader that checks another one's readings."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self, request: str, context: Context) -> Reading:
        """The other's reading, with what the words leave no doubt about."""
        if _UNDO.match(request):
            return Reading(Decision.ACT, (Call("undo"),))
        reading = self._reader.read(request, context)
        if not reading.calls:
            return reading
        reading = selected(reading, request, context.known)
        is_asked = _asks(request, reading) or _asks_what_was_said(request, reading)
        if is_asked or _asks_of_no_task(reading):
            asked = Filled(request, request, (0, len(request)))
            return Reading(
                Decision.ACT, (Call("data_question", {"question": asked}, reading.confidence),)
            )
        checked = (_checked(call, request) for call in reading.calls)
        calls = tuple(_threaded(call, request, context.known) for call in checked)
        if reading.corrects and context.turns:
            calls = tuple(_same_half(call, context.turns[-1].reading) for call in calls)
        return replace(reading, calls=calls)


def _asks(request: str, reading: Reading) -> bool:
    """A question, of which the reader made an act."""
    if _SENDS.search(request) or _ORDERS.match(request):
        return False
    writes = [c for c in reading.calls if CATALOGUE[c.tool].effect is not Effect.READ]
    return len(reading.calls) == len(writes) == 1 and _QUESTION.search(request) is not None


_SAID = re.compile(
    r"\bwhat (?:did|does|has|do) .*\b(?:offer|say|said|want|write|ask|tell|need)"
    r"|[说讲写]了?什么|想要多少",
    re.I,
)


def _asks_what_was_said(request: str, reading: Reading) -> bool:
    """What somebody said is in a mail, not on a card."""
    tools = {call.tool for call in reading.calls}
    return tools == {"contact_search"} and _SAID.search(request) is not None


def _asks_of_no_task(reading: Reading) -> bool:
    """ "When is the baby due": something is named, and no task of the list."""
    if len(reading.calls) != 1 or reading.calls[0].tool != "task_search":
        return False
    task = reading.calls[0].slots.get("task")
    return task is not None and task.value is None and not task.options and bool(task.text)


def _checked(call: Call, request: str) -> Call:
    if call.tool in ("mail_send", "mail_reply") and _KEEPS.search(request):
        names = {slot.name for slot in CATALOGUE["mail_draft"].slots}
        kept = {name: filled for name, filled in call.slots.items() if name in names}
        return replace(call, tool="mail_draft", slots=kept)
    for name in ("text", "body"):
        call = _whole(call, name, request)
    sender = call.slots.get("sender")
    is_nobody = sender is not None and sender.value is None and not sender.options
    if (
        call.tool == "mail_search"
        and sender is not None
        and is_nobody
        and "about" not in call.slots
    ):
        others = {name: filled for name, filled in call.slots.items() if name != "sender"}
        return replace(call, slots={**others, "about": Filled(sender.text, sender.text)})
    if call.tool == "invitation_answer":
        return _polar(call, request)
    if call.tool == "event_change":
        return _length(call, request)
    return call


def _whole(call: Call, name: str, request: str) -> Call:
    """A text that is copied has no holes: from its first word to its last, as the user said it."""
    filled = call.slots.get(name)
    text = filled.value if filled is not None else None
    if filled is None or not isinstance(text, str) or text in request or len(text) < 6:
        return call
    start, end = request.find(text[:3]), request.rfind(text[-2:])
    if start < 0 or end <= start:
        return call
    said = request[start : end + 2]
    return replace(call, slots={**call.slots, name: replace(filled, text=said, value=said)})


def _same_half(call: Call, before: Reading) -> Call:
    """A corrected time keeps the half of the day: "no, on Sunday, still at seven" is the evening's
    seven when Friday's was.
    """
    filled = call.slots.get("when")
    new = filled.value if filled is not None else None
    for old_call in before.calls:
        old = old_call.slots.get("when")
        was = old.value if old is not None else None
        if filled is None or not isinstance(new, When) or not isinstance(was, When):
            continue
        if not (old_call.tool == call.tool and new.has_time and was.has_time):
            continue
        if new.start.hour < 12 <= was.start.hour and new.start.hour == was.start.hour - 12:
            end = new.end + timedelta(hours=12) if new.end else None
            later = replace(new, start=new.start + timedelta(hours=12), end=end)
            return replace(call, slots={**call.slots, "when": replace(filled, value=later)})
    return call


def _best_of_sender(call: Call, request: str, known: Known) -> Call:
    """Of several mails of one sender the one whose words the request has."""
    filled = call.slots.get("mail")
    if filled is not None and not filled.text:
        return call  # picked by its order, as "the latest mail from Ann"
    ids = [one.id for one in _refs(filled)]
    mine = [mail for mail in known.mails if mail.message_id in ids]
    if filled is None or len(mine) != 1 or call.tool not in ("mail_reply", "mail_draft"):
        return call
    said = _words_of(request)
    rivals = [mail for mail in known.mails if mail.sender == mine[0].sender]

    def score(mail: KnownMail) -> int:
        return len(said & _words_of(f"{mail.subject} {mail.text}"))

    best = max(rivals, key=score, default=mine[0])
    if score(best) <= score(mine[0]):
        return call
    chosen = replace(filled, value=(Ref("mail", best.message_id),))
    return replace(call, slots={**call.slots, "mail": chosen})


def _refs(filled: Filled | None) -> list[Ref]:
    value = filled.value if filled is not None else None
    return [one for one in value if isinstance(one, Ref)] if isinstance(value, tuple) else []


def _words_of(text: str) -> set[str]:
    words = {word for word in re.findall(r"[a-z0-9]{4,}", text.lower()) if word not in _PLAIN}
    runs = re.findall(r"[\u4e00-\u9fff]+", text)
    return words | {run[i : i + 2] for run in runs for i in range(len(run) - 1)}


_PLAIN = frozenset("that this there still want with draft reply mail from have will your".split())


def _threaded(call: Call, request: str, known: Known) -> Call:
    """A draft that is called a reply belongs to the last mail of who gets it."""
    call = _best_of_sender(call, request, known)
    to = call.slots.get("to")
    is_reply = call.tool == "mail_draft" and "mail" not in call.slots and _REPLY.search(request)
    if not is_reply or to is None or not isinstance(to.value, tuple):
        return call
    ids = {one.id for one in to.value if isinstance(one, Ref)}
    addresses = {mail.lower() for c in known.contacts if c.uid in ids for mail in c.emails} | ids
    for mail in known.mails:  # the newest first
        if mail.sender.lower() in addresses:
            filled = Filled(to.text, (Ref("mail", mail.message_id),), to.span)
            return replace(call, slots={**call.slots, "mail": filled})
    return call


_REPLY = re.compile(r"\b(?:reply|answer|respond)\b|回复|回信|回一?下|回个", re.I)
_UNDO = re.compile(
    r"^\W*(?:no,? |please )?(?:undo|take (?:that|it|this) back|revert)"
    r"(?: that| it| this| please| the last (?:one|change|act))*\W*$"
    r"|^(?:算了)*[，, ]*(?:撤销|撤回|恢复原样)(?:一下|吧|刚才的?)*[。！! ]*$",
    re.I,
)


def _polar(call: Call, request: str) -> Call:
    for answer, pattern in (
        ("tentative", _SAYS_MAYBE), ("decline", _SAYS_NO), ("accept", _SAYS_YES),
    ):  # fmt: skip
        if pattern.search(request):
            return replace(call, slots={**call.slots, "answer": Filled(answer, answer)})
    return call


def _length(call: Call, request: str) -> Call:
    """ "Half an hour longer" lengthens; a model may have read it as a shift."""
    is_longer, is_shorter = _LONGER.search(request), _SHORTER.search(request)
    longer = call.slots.get("lengthen")
    span = longer.value if longer is not None else None
    if isinstance(span, timedelta) and not (is_longer or is_shorter) and _MOVES.search(request):
        # "Move it by an hour": the whole event goes, later where no word says earlier.
        slots = {name: filled for name, filled in call.slots.items() if name != "lengthen"}
        moved = -abs(span) if _EARLIER.search(request) else abs(span)
        assert longer is not None
        return replace(call, slots={**slots, "shift": replace(longer, value=moved)})
    shift = call.slots.get("shift")
    if shift is None or not (is_longer or is_shorter) or "lengthen" in call.slots:
        return call
    slots = {name: filled for name, filled in call.slots.items() if name != "shift"}
    return replace(call, slots={**slots, "lengthen": shift})
