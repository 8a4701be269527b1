"""Turns about what the last turn was about: "push it back", "reply to the first one", 把它取消.

The record that the pronoun stands for is known: the last turn made, changed or showed it. For the
other reader it is called by a plain name, in the request and among the records, so that what it
reads is a request like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tandem.understanding.catalogue import CATALOGUE, SlotType
from tandem.understanding.encoder_reader import open_question
from tandem.understanding.known import Known
from tandem.understanding.reading import Call, Context, Decision, Filled, Reader, Reading, Ref

_NOUNS = {
    "event": ("the kickoff", "启动会"),
    "mail": ("the mail", "那封邮件"),
    "task": ("the paperwork task", "文书待办"),
    "note": ("the note", "那条笔记"),
}
_NAMES = {"event": ("Kickoff", "启动会"), "task": ("Paperwork", "文书")}
"""What the record is called while the request is read: its own title may hold a time or a verb."""
_ORDER_EN = {"first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "last": -1}
_ORDER_ZH = {"一": 0, "二": 1, "三": 2, "后": -1}
_LEAD = (
    r"^\W*(?:(?:please|now|then|and|also|actually|ok(?:ay)?|yes|no|hm+|great|thanks|oh|well|"
    r"(?:can|could|would|will) you|i want (?:you )?to|let['’]?s)\W+)*"
)
_AFTER = (
    r"(?=\s*(?:$|[.,;:!?]|(?:to|back|by|for|until|till|at|on|from|in|into|out|up|down|off|over|forward|"
    r"earlier|later|sooner|an?|half|one|two|three|\d\S*|to(?:day|morrow|night)|next|every|please|as|"
    r"with|and|then|that|instead|again|away|through|onto|about|saying|quickly|now|longer|shorter|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b))"
)
_ASKING = frozenset("what who when where how which why is are was were do does did am has".split())
_SAYING = frozenset("tell say note remember remind think know hope write ask todo".split())
_ENGLISH = re.compile(
    _LEAD + r"(?P<verb>(?:[a-z]+ ){0,2}?[a-z]+(?: (?:to|from|with|about|for|on|off|back|up))?) "
    r"(?P<said>the (?P<nth>first|second|third|last|1st|2nd|3rd)(?: one| mail| event| task)?"
    r"|(?:that|this) one|it|that|this|them|those)\b" + _AFTER,
    re.I,
)
_CHINESE = re.compile(
    r"(?:把|将|给|对|回复|回|转发|删除|删掉|取消|推迟|提前|延长|移到|改|归档|标记|完成)?"
    r"(?P<said>它们?|这(?:个|封|条)(?![\u4e00-\u9fff]*?[会件务记周月年])|那(?:个|封|条)(?=$|[推提取改删移延回转归标完往再，。])|"
    r"(?:第(?P<nth>[一二三])|最(?P<last>后)一)(?:个|封|条)(?:邮件|日程|会议|待办)?)"
)
_NO_WORD = re.compile(
    r"^\W*(?:那就?|再|请|还是|麻烦|帮我)*(?P<verb>(?:推迟|提前|延长|缩短|取消|删掉|往[前后]推|改到|挪到|移到)"
    r"(?![^，。]{0,3}[会约饭课]))"
)
"""Chinese leaves the pronoun out: 再推迟一小时."""


@dataclass(frozen=True, slots=True)
class _Said:
    """Where a pronoun stands, and which of several it picks."""

    start: int
    end: int
    nth: int | None


class FollowingReader:
    """Another reader, and what its pronouns stand for."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self, request: str, context: Context) -> Reading:
        """The other's reading; a pronoun for a record of the last turn stands for that record."""
        plain = self._reader.read(request, context)
        said = _said(request)
        records = context.turns[-1].records if context.turns else ()
        if said is None or not records:
            return plain
        for kind in dict.fromkeys(ref.kind for ref in records):
            if kind not in _NOUNS:
                continue
            meant = [ref for ref in records if ref.kind == kind]
            if said.nth is not None:
                meant = meant[said.nth :][:1] if said.nth >= 0 else meant[-1:]
            tongue = _is_chinese(request)
            noun = _NOUNS[kind][tongue] if said.end > said.start else f"把{_NOUNS[kind][1]}"
            told = f"{request[: said.start]}{noun}{request[said.end :]}"
            known = _renamed(context.known, meant, _NAMES.get(kind, ("", ""))[tongue])
            reading = self._reader.read(told, Context(known))
            words = request[said.start : said.end]
            followed = _with(reading, meant, words) if meant else None
            if followed is not None and (not plain.corrects or _goes_on(followed)):
                return followed
        return plain


def _goes_on(followed: Reading) -> bool:
    """Whether it builds on what is there now: "an hour longer" does, "at four" says it again."""
    names = {name for call in followed.calls for name in call.slots if "change" in call.tool}
    return bool(names & {"shift", "lengthen", "title", "place", "alarm"})


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def _said(request: str) -> _Said | None:
    if (found := _ENGLISH.match(request)) and not _other_use(found):
        nth = _ORDER_EN[found["nth"].lower()] if found["nth"] else None
        return _Said(*found.span("said"), nth)
    if found := _NO_WORD.match(request):
        return _Said(found.start("verb"), found.start("verb"), None)
    if found := _CHINESE.search(request):
        mark = found["nth"] or found["last"]
        return _Said(*found.span("said"), _ORDER_ZH[mark] if mark else None)
    return None


def _other_use(found: re.Match[str]) -> bool:
    """ "Note that ...", "what is on this Friday": words that stand for nothing said before."""
    verb, said = found["verb"].split()[0].lower(), found["said"].lower()
    after = found.string[found.end("said") :].lower()
    return (
        verb in _ASKING
        or (verb in _SAYING and not found["nth"])
        or (said in ("this", "that") and bool(re.match(r"\s+(?:that|next|\w+day)\b", after)))
    )


def _renamed(known: Known, meant: Sequence[Ref], name: str) -> Known:
    ids = {(ref.kind, ref.id) for ref in meant}
    return replace(
        known,
        events=tuple(
            replace(one, summary=name) if ("event", one.uid) in ids else one for one in known.events
        ),
        tasks=tuple(
            replace(one, summary=name) if ("task", one.uid) in ids else one for one in known.tasks
        ),
    )


def _with(reading: Reading, meant: Sequence[Ref], words: str) -> Reading | None:
    """The reading with these records in the slots of their kind; `None` where it has none."""
    if not reading.calls or reading.decision is Decision.REFUSE:
        return None
    kind = SlotType(meant[0].kind)
    calls: list[Call] = []
    is_used = False
    for call in reading.calls:
        slots = dict(call.slots)
        for slot in CATALOGUE[call.tool].slots:
            if slot.type is kind and (slot.is_required or slot.name in slots):
                chosen = tuple(meant) if slot.is_many else tuple(meant[:1])
                slots[slot.name] = Filled(words, chosen)
                is_used = True
        calls.append(replace(call, slots=slots))
    if not is_used:
        return None
    question = open_question(calls)
    decision = Decision.ACT if question is None else Decision.ASK
    return replace(reading, decision=decision, calls=tuple(calls), question=question, reason="")
