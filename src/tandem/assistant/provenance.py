"""What a model's calls may do: only what the user's words ask for, with values known by origin.

For calls that a larger model or the cloud has made, and for tools of others (MCP): such a model may
have read texts that others wrote. Which tools a request may use is fixed from the request alone,
before anything is read; a call outside that list is never done. What acts is shown on a card; a
value that is neither in the user's words nor in their own records is marked on it. Pure.

After the measurement on AgentDojo in which a list of tools per request and taint of arguments
stopped 97 % of a fully hijacked model's calls, without any classifier of texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from tandem.assistant.cards import Line, Origin
from tandem.assistant.lookup import terms
from tandem.types import Effect, Tool
from tandem.understanding.catalogue import CATALOGUE
from tandem.understanding.known import Known
from tandem.understanding.reading import Call, Ref


class Leave(StrEnum):
    """What becomes of a call."""

    DO = "do"  # it only reads
    CARD = "card"  # it acts: the user's yes first
    NEVER = "never"  # the user asked for no such thing


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of a call, with its values for the card and the reason."""

    leave: Leave
    lines: tuple[Line, ...] = ()
    reason: str = ""


# Words that ask for a kind of act, and the words in tools' names that do it.
_KINDS: Mapping[str, tuple[str, str]] = {
    "send": (
        r"\b(?:send|mail|e-?mail|write|text|messag\w+|forward|reply|answer|tell|ask|let \w+ know"
        r"|summari[sz]e .* to|post|drop|shoot|ping|accept|decline|greet\w*)\b"
        r"|发|寄|回[复一]?|转|告诉|通知|问问|接受|谢绝|拒绝",
        r"send|reply|forward|message|answer",
    ),
    "delete": (
        r"\b(?:delete|remove|bin|trash|cancel|erase|clear|drop|take .* (?:off|out)|kick|get rid)\b"
        r"|删|取消|清空|去掉|移除",
        r"delete|remove|cancel|trash|unsubscribe",
    ),
    "create": (
        r"\b(?:create|add|make|new|put|schedule|set up|book|note|remind|save|write|record|todo|"
        r"reserve|plan|append|draft|arrange)\b|建|加|新|安排|记|提醒|订|约|写|存",
        r"create|add|append|schedule|book|reserve|new|set|write|draft",
    ),
    "change": (
        r"\b(?:change|move|update|re-?schedul\w+|shift|postpone|edit|rename|set|adjust|longer|"
        r"shorter|later|earlier|tick|mark|flag|archive|file|put|complete|done|refund)\b"
        r"|改|移|挪|推|提前|勾|标|归档|延|换",
        r"change|update|move|reschedule|edit|rename|flag|done|set|modify",
    ),
    "invite": (
        r"\b(?:invite|add|participants?|share|bring in)\b|邀|约|分享",
        r"invite|share|participant",
    ),
    "pay": (
        r"\b(?:pay|transfer|wire|refund|money|transaction|payment|rent|paid|bill|buy)\b"
        r"|付|转账|买|交",
        r"pay|money|transfer|transaction|purchase",
    ),
    "publish": (
        r"\b(?:post|publish|upload|put .* (?:web|page|site|www))\b|发布|上传",
        r"post|publish|upload",
    ),
    "secret": (
        r"\b(?:password|credential|profile|user info|my (?:street|address|name))\b|密码",
        r"password|user_info",
    ),
}
_READS = re.compile(r"^(?:get|list|search|read|find|show|look|check|count|fetch|view|query)(?:_|$)")
_READ_ENDS = re.compile(
    r"_(?:search|read)$|^(?:free_time|conflicts|travel_time|undo|\w+_question)$"
)


def is_read(tool: Tool) -> bool:
    """Whether a tool only reads: by its own word for ours, by its name's verb for others'."""
    if tool.effect is Effect.READ:
        return True
    return bool(_READS.match(tool.name))


def asked_for(request: str, tools: Iterable[Tool]) -> frozenset[str]:
    """The tools that this request may use: all that read, and those whose kind it asks for."""
    lowered = request.lower()
    kinds = {kind for kind, (asks, _) in _KINDS.items() if re.search(asks, lowered)}
    return frozenset(tool.name for tool in tools if is_read(tool) or _is_asked(tool, kinds))


def _is_asked(tool: Tool, kinds: set[str]) -> bool:
    mine = {kind for kind, (_, does) in _KINDS.items() if re.search(does, tool.name)}
    # What moves money, publishes or touches credentials needs its own word in the request.
    grave = mine & {"pay", "publish", "secret", "invite"}
    return bool((grave or mine) & kinds)


def only_asked(calls: Iterable[Call], request: str) -> tuple[tuple[Call, ...], tuple[str, ...]]:
    """Of a model's calls those that the request asks for, and the tools of the others."""
    tools = [spec.tool for spec in CATALOGUE.values()]
    allowed = asked_for(request, tools)
    kept = tuple(call for call in calls if call.tool in allowed)
    return kept, tuple(call.tool for call in calls if call.tool not in allowed)


def is_said(call: Call, request: str, known: Known) -> bool:
    """Whether every value of a model's call comes from the request: as words in it, or as a record
    that the request names. A model that has read others' texts may have taken values from there.
    """
    spec = CATALOGUE[call.tool]
    plain = _plain(request)
    for name, filled in call.slots.items():
        if spec.slot(name).choices:
            continue
        words = filled.text or (filled.value if isinstance(filled.value, str) else "")
        if words and _plain(words) in plain:
            continue
        refs = filled.value if isinstance(filled.value, tuple) else ()
        found = [ref for ref in refs if isinstance(ref, Ref)]
        if not found or not all(_is_named(ref, plain, known) for ref in found):
            return False
    return True


def _is_named(ref: Ref, request: str, known: Known) -> bool:
    """Whether the request has a word of the record's name, sender, title or address."""
    texts: list[str] = [ref.id] if ref.kind == "folder" else [ref.address or ""]
    texts += [f"{c.name} {' '.join(c.nicknames)}" for c in known.contacts if c.uid == ref.id]
    texts += [f"{m.sender_name} {m.subject}" for m in known.mails if m.message_id == ref.id]
    texts += [e.summary for e in known.events if e.uid == ref.id][:1]
    texts += [t.summary for t in known.tasks if t.uid == ref.id] + [ref.id]
    if "archive" in request or "归档" in request:
        texts += ["archive 归档"] if ref.id.lower() == "archive" else []
    said = set(terms(request))
    return any(said & set(terms(text)) for text in texts if text)


def rule(
    tool: Tool, arguments: Mapping[str, Any], request: str, allowed: frozenset[str], own: str = ""
) -> Ruling:
    """What becomes of one call.

    `allowed` is `asked_for` of the request, made before anything was read. `own` is text of the
    user's own address book and settings: values found there are theirs.
    """
    if tool.name not in allowed:
        return Ruling(Leave.NEVER, reason=f"the request asks for nothing that needs {tool.name}")
    lines = tuple(
        Line(name, value, origin_of(value, request, own)) for name, value in leaves(arguments)
    )
    if is_read(tool):
        return _read_ruling(tool, lines)
    return Ruling(Leave.CARD, lines)


_WAY_OUT = re.compile(r"https?://|\bwww\.|@", re.IGNORECASE)


def _read_ruling(tool: Tool, lines: tuple[Line, ...]) -> Ruling:
    """Reading an address of others' making can carry data out: it is shown before it is opened."""
    if any(x.origin is Origin.UNTRUSTED and _WAY_OUT.search(x.value) for x in lines):
        return Ruling(Leave.CARD, lines)
    return Ruling(Leave.DO, lines)


def origin_of(value: str, request: str, own: str) -> Origin:
    """Whence a value is: said by the user, in their own records, or from somewhere else."""
    plain = _plain(value)
    if plain and plain in _plain(request):
        return Origin.USER
    if plain and plain in _plain(own):
        return Origin.OWN
    return Origin.UNTRUSTED


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every single value of a call's arguments, with the name of its place."""
    if isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, Any]", value).items():
            yield from leaves(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, (list, tuple)):
        for inner in cast("list[Any]", value):
            yield from leaves(inner, name)
    elif value is not None and value != "":
        yield name, str(value)
