"""Calls that come as JSON: from a cloud or an MCP client. The device resolves the words.

A caller gives the user's words for each slot ("the dentist", "next Friday at three"); which event
and which moment they mean is found out here, from the user's own records. So a caller needs to know
nothing of the user, and can name no record that the words do not name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from tandem.errors import BadRequest
from tandem.types import ToolCall
from tandem.understanding.catalogue import CATALOGUE, Slot, SlotType
from tandem.understanding.known import Known
from tandem.understanding.reading import Call, Decision, Filled, Question, Reading, Ref

Linker = Callable[[Slot, str, str, Known], Filled]
"""(slot, tool, words, known) to the slot's value; nothing fitting leaves the value `None`."""


def reading_from(tool: str, arguments: Mapping[str, Any], known: Known, link: Linker) -> Reading:
    """One JSON call as a reading. Raises `BadRequest` for an unknown tool or slot."""
    spec = CATALOGUE.get(tool)
    if spec is None:
        raise BadRequest(f"There is no tool {tool}.", remedy="tools/list names them.")
    names = {slot.name for slot in spec.slots}
    if strange := sorted(set(arguments) - names):
        raise BadRequest(f"{tool} has no slot {strange[0]}.", remedy=f"It has {sorted(names)}.")
    slots = {
        name: _filled(spec.slot(name), tool, value, known, link)
        for name, value in arguments.items()
        if value not in (None, "", [])
    }
    call = Call(tool, slots)
    for name in spec.required:
        if name not in slots or slots[name].value is None:
            return Reading(Decision.ASK, (call,), Question(name))
    for name, filled in slots.items():
        if len(filled.options) > 1:
            return Reading(Decision.ASK, (call,), Question(name, 0, filled.options))
    return Reading(Decision.ACT, (call,))


def reading_of(calls: Sequence[ToolCall], known: Known, link: Linker) -> Reading:
    """A cloud's tool calls as one reading; the first that is unclear makes it a question.

    Raises `BadRequest` for calls that are none of ours.
    """
    found: list[Call] = []
    for call in calls:
        try:
            arguments: Any = json.loads(call.arguments or "{}")
        except ValueError:
            raise BadRequest("The cloud's call is no JSON.", remedy="Ask again.") from None
        reading = reading_from(call.name, arguments, known, link)
        if reading.decision is Decision.ASK:
            return reading
        found += reading.calls
    return Reading(Decision.ACT, tuple(found))


def _filled(slot: Slot, tool: str, value: Any, known: Known, link: Linker) -> Filled:
    if slot.choices:
        if value not in slot.choices:
            raise BadRequest(f"{slot.name} is one of {', '.join(slot.choices)}.")
        return Filled(str(value), str(value))
    if slot.type is SlotType.TEXT:
        return Filled(str(value), str(value))
    many = cast("list[Any]", value) if isinstance(value, list) else [value]
    if slot.type is SlotType.ITEMS:
        return Filled(", ".join(map(str, many)), tuple(map(str, many)))
    filled = [link(slot, tool, str(words), known) for words in many]
    if len(filled) == 1:
        return filled[0]
    refs: list[Ref] = []
    for one in filled:
        if not isinstance(one.value, tuple):
            return one  # one that is unclear makes the whole unclear
        refs += [ref for ref in one.value if isinstance(ref, Ref)]
    return Filled(", ".join(one.text for one in filled), tuple(refs))
