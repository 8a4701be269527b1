"""What would leave, as data: for the terminal, the API and a web page. Pure.

A text is cut into segments, so that whoever shows it can colour what is covered and what is not
without looking for it again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tandem.types import Action, Blocked, Departure, Placeholder


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text; `item` is the number of the thing that stands there, `None` for plain."""

    text: str
    item: int | None = None


def segments(text: str, items: Sequence[Placeholder]) -> list[Segment]:
    """The text of what leaves, cut where things stand: placeholders, coarse forms, kept values."""
    stands: dict[str, int] = {}
    for number, item in enumerate(items):
        stands.setdefault(stand_in(item), number)
    stands.pop("", None)
    if not stands:
        return [Segment(text)] if text else []
    longest_first = sorted(stands, key=len, reverse=True)
    pattern = "|".join(
        rf"(?<!\d){re.escape(each)}(?!\d)" if each[-1:].isdigit() else re.escape(each)
        for each in longest_first
    )
    return list(_cut(text, re.compile(pattern), stands))


def _cut(text: str, pattern: re.Pattern[str], stands: dict[str, int]) -> Iterator[Segment]:
    at = 0
    for match in pattern.finditer(text):
        if match.start() > at:
            yield Segment(text[at : match.start()])
        yield Segment(match[0], stands[match[0]])
        at = match.end()
    if at < len(text):
        yield Segment(text[at:])


def stand_in(item: Placeholder) -> str:
    """What leaves in a thing's place."""
    if item.action is Action.KEEP:
        return item.value
    return item.coarse or item.shown


def item_told(item: Placeholder) -> dict[str, Any]:
    """One thing for a page: what it is, what leaves, why, and whether that can be changed."""
    return {
        "shown": item.shown,
        "kind": item.kind,
        "value": item.value,
        "leaves": stand_in(item),
        "action": item.action,
        "is_covered": item.action is not Action.KEEP,
        "is_open": item.is_open,
        "can_change": item.action is not Action.FORBID,
        "origins": list(item.origins),
        "reason": item.reason,
        "number": item.number,
    }


def preview_told(found: Departure | Blocked) -> dict[str, Any]:
    """The whole preview as JSON-able data; nothing has left."""
    if isinstance(found, Blocked):
        return {
            "type": "blocked",
            "code": found.code,
            "reason": found.reason,
            "remedy": found.remedy,
            "items": [item_told(item) for item in found.items],
        }
    messages = found.request.messages if found.request else ()
    out = found.outgoing
    return {
        "type": "departure",
        "host": found.host,
        "num_bytes": len(out.body),
        "estimated_input_tokens": found.estimated_input_tokens,
        "estimated_money": msgspec.to_builtins(found.estimated_money),
        "policy": found.policy,
        "items": [item_told(item) for item in found.placeholders],
        "messages": [
            {
                "role": message.role,
                "segments": [
                    {"text": each.text, "item": each.item}
                    for each in segments(message.text, found.placeholders)
                ],
            }
            for message in messages
        ],
        "outgoing": {
            "method": out.method,
            "url": out.url,
            "headers": [list(pair) for pair in out.headers],
            "credential_name": out.credential_name,
            "body": out.body.decode("utf-8", "backslashreplace")
            if out.shown is None
            else out.shown,
        },
    }
