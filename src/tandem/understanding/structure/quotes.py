"""Texts that the user put in quotes: taken out whole before the words around them are read. Pure.

What stands in quotes is the title, the subject or the body, whatever words it holds; so it is never
read as a name, a time or another act.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_NEXT = r"(?:saying|titled|called|and|with)\b"
_QUOTED = re.compile(
    r"(?<![^\W_])(?:"
    rf"'(?P<single>\S(?:[^'\n]|'(?=\w)(?!{_NEXT}))*?)'(?:(?!\w)|(?={_NEXT}))"
    r'|"(?P<double>[^"\n]+)"|“(?P<curly>[^”\n]+)”|‘(?P<thin>[^\n]+?)’(?!\w)'
    r")|「(?P<corner>[^」\n]+)」|『(?P<white>[^』\n]+)』"
    r"|(?<=[\u4e00-\u9fff])[“\"](?P<zh>[^”\"\n]+)[”\"]",
    re.IGNORECASE,
)


class Role(StrEnum):
    """What a quoted text is."""

    TITLE = "title"
    BODY = "body"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Quote:
    """A quoted text: its place with the quotation marks (end exclusive), and with its label."""

    start: int
    end: int
    text: str
    role: Role = Role.OTHER
    first: int = 0
    last: int = 0


_TITLE = re.compile(
    r"(?:,?\s*\b(?:and\s+)?(?:titled|entitled|(?:that is |which is )?called|named"
    r"|(?:with|under|using) (?:the |a |an )?(?:e-?mail )?(?:title|subject|name|heading)(?: line)?(?: of| as)?"
    r"|(?:title|call|name) (?:it|that|this|the \w+)(?: as)?"
    r"|(?:the )?(?:subject|title)(?: line)?(?: being| is| should be| to be)?)"
    r"|[，,]?\s*(?:标题|主题|题目|名称)(?:写|叫|是|为|用)?|[，,]?\s*(?:叫做?|名为|名叫|取名))\s*[:：=]?\s*$",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"(?:,?\s*\b(?:and\s+)?(?:saying|that says?|which says|says?|(?:just )?say(?: in (?:the|that) (?:e-?mail|mail|message))?"
    r"|with (?:the |a )?(?:text|body|message|content|words|note)(?: of)?|with"
    r"|(?:telling|tell|asking|ask)(?: (?:them|him|her|everyone|everybody|people))?(?: that)?"
    r"|(?:the )?(?:body|text|message|content)(?: being| is| should be)?|writing|(?:and )?write|to say|stating|reading)"
    r"|[，,]?\s*(?:内容|正文)(?:写|是|为)?|[，,]?\s*(?:就)?(?:说|写上?|告诉(?:他|她|他们|大家)))\s*[:：,，]?\s*$",
    re.IGNORECASE,
)
_AFTER_BODY = re.compile(
    r"\s*(?:in|as) the (?:e-?mail|mail|message|body|text|content)(?: body)?\b", re.IGNORECASE
)
_AFTER_TITLE = re.compile(r"\s*as (?:the |its )?(?:subject|title|name)\b", re.IGNORECASE)
_LEAD = re.compile(r",?\s*(?:and|with)?\s*$", re.IGNORECASE)


def quotes(text: str) -> list[Quote]:
    """The quoted texts in their order, each with what its label says it is."""
    return [_labelled(text, *found) for found in _spans(text)]


_OPENS = re.compile(r"(?<![^\s(:：,，\[])'(?=\S)")
_CLOSES = re.compile(rf"(?<=\S)'(?:(?!\w)|(?={_NEXT}))", re.IGNORECASE)


def _spans(text: str) -> list[tuple[int, int, str]]:
    """The outermost quoted spans; single quotes may hold others of their kind and line breaks."""
    found: list[tuple[int, int, str]] = []
    opens = {one.start() for one in _OPENS.finditer(text)}
    closes = {one.start() for one in _CLOSES.finditer(text)} - opens
    depth, first = 0, 0
    for place in sorted(opens | closes):
        if place in opens:
            first = place if not depth else first
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                found.append((first, place + 1, text[first + 1 : place]))
    if depth:
        found = []
    rest = list(text)
    for start, end, _ in found:
        rest[start:end] = " " * (end - start)
    for one in _QUOTED.finditer("".join(rest)):
        inner = next(group for group in one.groups() if group is not None)
        found.append((*one.span(), inner))
    return sorted(found)


def _labelled(text: str, start: int, end: int, inner: str) -> Quote:
    inner = inner.replace("\\n", "\n")  # an escaped line break is one
    before, after = text[:start], text[end:]
    if behind := _AFTER_BODY.match(after):
        lead = _BODY.search(before) or _LEAD.search(before)
        first = lead.start() if lead else start
        return Quote(start, end, inner, Role.BODY, first, end + behind.end())
    if behind := _AFTER_TITLE.match(after):
        lead = _LEAD.search(before)
        first = lead.start() if lead else start
        return Quote(start, end, inner, Role.TITLE, first, end + behind.end())
    for role, pattern in ((Role.TITLE, _TITLE), (Role.BODY, _BODY)):
        if label := pattern.search(before):
            return Quote(start, end, inner, role, label.start(), end)
    return Quote(start, end, inner, Role.OTHER, start, end)


def masked(text: str) -> str:
    """The text with every quoted one as signs of the same length that no pattern reads."""
    letters = list(text)
    for one in quotes(text):
        letters[one.start : one.end] = "\ue200" * (one.end - one.start)
    return "".join(letters)


def without(text: str, taken: list[Quote]) -> str:
    """The text without these quotes and their labels."""
    parts: list[str] = []
    at = 0
    for one in taken:
        parts.append(text[at : one.first])
        at = one.last
    return re.sub(r"\s{2,}", " ", " ".join([*parts, text[at:]])).strip(" ,，")


def inner_texts(taken: list[Quote], role: Role) -> Iterator[str]:
    """The texts of one role."""
    return (one.text for one in taken if one.role is role)
