"""A request that hangs on something: what must be true, what to do then, what to do otherwise.

Pure and by words alone: whether a part of it is understood is asked of `understands`, so that a
sentence without a comma is cut where both halves make sense.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tandem.understanding.structure.quotes import masked
from tandem.understanding.tokens import is_chinese

Understands = Callable[[str], bool]
"""Whether some words are something that can be asked of the user's records."""


@dataclass(frozen=True, slots=True)
class Conditional:
    """`then` where the condition holds, `otherwise` where it does not; either may be empty."""

    condition: str
    then: str
    otherwise: str = ""


_ASKING = (
    r"(?:(?:hey|hi|please|so|and|also|then|ok|okay)[, ]+)*"
    r"(?:(?:can|could|would|will) you (?:please )?|please |i (?:need|want|would like|'d like) (?:you )?to |let me |"
    r"i(?:'m| am) not sure )?(?:quickly |just )?"
    r"(?:check|see|look|verify|find out|confirm|tell me|know|make sure)(?: up| out)?(?: and see)?"
    r"(?: in (?:my|the) (?:calendar|inbox|mail|e-?mail|diary))? (?:if|whether)\s+"
)
_LEAD = re.compile(rf"^\s*(?:{_ASKING}|i(?: think| believe| guess| suspect)(?: that)? )", re.I)
_IF = re.compile(
    r"^\s*(?:(?:hey|hi|please|so|and|also|then|ok|okay)[, ]+)*"
    r"(?P<word>if|in case|provided(?: that)?|as long as|assuming(?: that)?|should|unless)\s+(?=\w)",
    re.I,
)
_COURTESY = re.compile(
    r"\bif (?:you (?:can|could|would|don'?t mind|have (?:time|a (?:moment|second)))|possible|necessary|"
    r"need(?:ed| be)|that(?:'s| is) (?:ok|okay|fine|possible|alright)|it(?:'s| is) (?:ok|okay|possible|"
    r"not too much trouble)|i(?:'m| am) not mistaken)\b",
    re.I,
)
_BE = r"(?:is|are|was|were|do|does|did|has|have|had|am|can|will)"
_SO = (
    rf"(?:if so|if yes|if (?:that(?:'s| is)|it(?:'s| is)) (?:so|true|the case|right)|"
    rf"if (?:they|he|she|i|we|it|there|you|any) {_BE}(?: any| some| one)?(?=[,.]? )(?! not|n'?t)|in that case)"
)
_NOT = (
    rf"(?:if not|if no|if (?:that|it)(?:'s| is)(?:n'?t| not)(?: so| true| the case)?|"
    rf"if (?:they|he|she|i|we|it|there|you|any) {_BE}(?:n['’]?t| not)(?: any| one)?(?: {{0,1}}(?:have|been))?|"
    r"if (?:there(?:'s| is| are) )?(?:none|nothing|nobody))"
)
_ELSE = r"(?:otherwise|or else|else|if not)"
_MARK = re.compile(
    rf"(?:^|[.,;?!\ue200]|\band\b|\bbut\b)\s*(?:and |but |then |or )*"
    rf"(?:(?P<no>{_NOT})|(?P<so>{_SO})|(?P<other>{_ELSE}))\b[,:]?\s*(?:then |just |please )?",
    re.I,
)
_OTHER = re.compile(
    rf"[.,;!?]?\s*\b(?:and |but )?(?:{_ELSE}|if (?:they|he|she|i|we|it|there) {_BE}(?:n['’]?t| not))\b[,:]?\s*"
    r"(?:then |just |please )?",
    re.I,
)
_VERB = re.compile(
    r"(?:^|[\s,.;]+(?:then |please |and |just )*)(?P<act>(?:add|put|move|cancel|delete|bin|remove|archive|file|flag|"
    r"mark|send|mail|e-?mail|write|reply|answer|forward|draft|remind|note|save|set|schedule|book|invite|accept|"
    r"decline|tick|make|change|tell|create|start|push|shift|rename|text|message|ask|let|assign|reassign|give|"
    r"transfer|update|show|find|block|postpone|star|drop|plan|arrange|organi[sz]e)\b)",
    re.I,
)
_TRAILING = re.compile(
    r"\s*[,;]?\s*\b(?:but )?(?:only )?(?P<word>if|in case|unless|as long as|provided(?: that)?)\s+(?=\w)",
    re.I,
)
_SAYS = re.compile(
    r"^\W*(?:(?:please|can you|could you|and|then) )*(?:tell|ask|text|message|remind|note|jot|say|write|"
    r"(?:send|drop|shoot)\b.*\b(?:saying|that|asking)|e-?mail\b.*\b(?:that|saying|asking|about)|"
    r"(?:check|see|know|wonder|find out|let (?:me|him|her|them) know))\b",
    re.I,
)


def conditional(text: str, understands: Understands) -> Conditional | None:
    """The parts of a request that hangs on something; `None` where it does not, or where its
    condition is none that can be understood (see `seems_conditional`).
    """
    plain = _plain(text)
    ways = _chinese if is_chinese(text) else _english
    for found in ways(text, plain):
        condition = found.condition.strip(" ,.;?!，。；？！")
        if condition and (found.then or found.otherwise) and understands(condition):
            return Conditional(condition, found.then.strip(" ,，"), found.otherwise.strip(" ,，"))
    return None


def seems_conditional(text: str) -> bool:
    """Whether the words hang on a condition, understood or not: then nothing may be done that the
    condition might forbid.
    """
    plain = _plain(text)
    if is_chinese(text):
        return any(one.search(plain) for one in (_IF_ZH, _MARK_ZH, _SPOKEN_ZH))
    return _IF.match(plain) is not None or any(
        found["so"] or found["no"] for found in _MARK.finditer(plain)
    )


def _plain(text: str) -> str:
    return _COURTESY.sub(lambda found: " " * len(found[0]), masked(text))


# --- English ------------------------------------------------------------------------------------


def _english(text: str, plain: str) -> Iterator[Conditional]:
    """All ways to cut it, the likeliest first."""
    yield from _asked_first(text, plain)
    if lead := _IF.match(plain):
        is_unless = lead["word"].lower() == "unless"
        for end, start in _borders(plain, lead.end()):
            condition = text[lead.end() : end]
            then, otherwise = _split_else(text[start:], plain[start:])
            if is_unless:
                then, otherwise = otherwise, then
            yield Conditional(condition, then, otherwise)
    yield from _at_the_end(text, plain)


def _asked_first(text: str, plain: str) -> Iterator[Conditional]:
    """ "Did she write? If not, ..."; "check if ... and if so ..., otherwise ...": a question, then
    what follows from its answer.
    """
    marks = [m for m in _MARK.finditer(plain)]
    if not marks or marks[0].start() < 3 or not (marks[0]["so"] or marks[0]["no"]):
        return
    condition = text[: marks[0].start()]
    condition = re.sub(
        r"[.?!]?\s*(?:can|could) you (?:please )?check\W*$", "", condition, flags=re.I
    )
    condition = _LEAD.sub("", condition, count=1)
    if _IF.match(_plain(condition)):
        return  # the mark is the else of a plain "if"
    parts = {"so": "", "no": ""}
    last = "so"
    for index, mark in enumerate(marks):
        end = marks[index + 1].start() if index + 1 < len(marks) else len(text)
        side = "so" if mark["so"] else "no" if mark["no"] else {"so": "no", "no": "so"}[last]
        parts[side] = parts[side] or text[mark.end() : end]
        last = side
    yield Conditional(condition, parts["so"], parts["no"])


def _borders(plain: str, start: int) -> Iterator[tuple[int, int]]:
    """Where a condition may end and the act begin: at "then", at commas, before verbs."""
    for found in re.finditer(r"\s*[,;]?\s*\bthen\b[, ]*|\s*,\s*", plain[start:]):
        yield start + found.start(), start + found.end()
    for found in _VERB.finditer(plain, start + 1):
        yield found.start(), found.start("act")


def _split_else(text: str, plain: str) -> tuple[str, str]:
    found = _OTHER.search(plain)
    if found is None:
        return text, ""
    return text[: found.start()], text[found.end() :]


def _at_the_end(text: str, plain: str) -> Iterator[Conditional]:
    """ "Cancel lunch if she has not written"; in a message such words belong to it."""
    if _SAYS.match(plain):
        return
    for found in _TRAILING.finditer(plain):
        if found.start() < 4:
            continue
        then = text[: found.start()]
        condition, otherwise = _split_else(text[found.end() :], plain[found.end() :])
        if found["word"].lower() == "unless":
            yield Conditional(condition, otherwise, then)
        else:
            yield Conditional(condition, then, otherwise)


# --- Chinese ------------------------------------------------------------------------------------

_IF_ZH = re.compile(
    r"^\s*(?:(?:请|麻烦你?|帮我|那|然后|另外)[，, ]*)*(?P<word>如果|要是|若是?|假如|假设|倘若|万一|只要|要不是|除非)"
)
_LEAD_ZH = re.compile(
    r"^\s*(?:请|麻烦你?|你|先|帮我|替我|我想知道|确认一?下?|看看?一?下?|查看?一?下?|查查|检查一?下?|核对一?下?|[，, ])*"
    r"(?:看看?|查看?|检查|确认|核对)(?:一?下)?(?:是不是|有没有|是否)?"
)
_NOT_ZH = r"(?:(?:如果|要是|若)?(?:都)?(?:没有|没|不是|不在|否|没空|没有空)(?:的话)|(?:如果|要是)(?:都)?(?:没有|没|不是|否)(?:的话)?(?=[，,就]))"
_SO_ZH = r"(?:(?:如果|要是|若)?(?:有|是|是的|有空|在)的话|(?:如果|要是)(?:有|是|是的)(?=[，,就]))"
_ELSE_ZH = r"(?:(?<=[，,。；;])|(?<=[，,。；;]\s))(?:否则的?话?|不然的?话?|要不然?|反之)"
_SPOKEN_ZH = re.compile(r"(?<=[^，,。])的话[，,\s]*(?:那么?|则)?就?(?=\S)")
"""A condition without an "if" before it: 他没回的话就提醒我."""
_MARK_ZH = re.compile(
    rf"[，,。；;？?\s]*(?:(?P<no>{_NOT_ZH})|(?P<so>{_SO_ZH})|(?P<other>{_ELSE_ZH}))[，,：:\s]*(?:那?就|则|那么|便|请)?"
)
_BORDER_ZH = re.compile(
    r"(?:的话)?[，,；;\s]*(?:那么?|则|便)?就|(?:的话)[，,；;\s]*|[，,；;]\s*(?:那么?|则|便|请)?"
)


def _chinese(text: str, plain: str) -> Iterator[Conditional]:
    marks = list(_MARK_ZH.finditer(plain))
    lead = _IF_ZH.match(plain)
    if marks and lead is None and marks[0].start() > 1 and not marks[0]["other"]:
        condition = _LEAD_ZH.sub("", text[: marks[0].start()], count=1)
        condition = re.sub(r"[吗呢]$", "", condition)
        parts = {"so": "", "no": ""}
        last = "so"
        for index, mark in enumerate(marks):
            end = marks[index + 1].start() if index + 1 < len(marks) else len(text)
            side = "so" if mark["so"] else "no" if mark["no"] else {"so": "no", "no": "so"}[last]
            parts[side] = parts[side] or text[mark.end() : end]
            last = side
        yield Conditional(condition, parts["so"], parts["no"])
    if lead is None:
        if spoken := _SPOKEN_ZH.search(plain):
            yield Conditional(text[: spoken.start()], text[spoken.end() :])
        return
    for found in _BORDER_ZH.finditer(plain, lead.end() + 1):
        condition = text[lead.end() : found.start()]
        rest, plain_rest = text[found.end() :], plain[found.end() :]
        mark = next((m for m in _MARK_ZH.finditer(plain_rest)), None)
        then, otherwise = (rest, "") if mark is None else (rest[: mark.start()], rest[mark.end() :])
        if lead["word"] == "除非":
            then, otherwise = otherwise, then
        yield Conditional(condition, then, otherwise)
