"""Which approved tool of another server a request means, and with what: by device or cloud.

The device copies the user's words into the tool's schema; it is right too seldom to act unseen, so
what it proposes waits for a yes, except a tool that only reads, filled without a doubt. A language
model that was made to call tools, on the device or in the cloud, does what copying cannot; its call
is checked against the schema, and values that the user did not say are named on the card.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from tandem.errors import BadRequest
from tandem.mcp.pins import Foreign
from tandem.ports import Engine
from tandem.types import Mode, Request, Sampling, Tool, ToolCall, ToolChoice, message
from tandem.understanding.foreign import Shelf, ToolText, read

MOST_TOKENS = 512  # of a call; more is a model that has lost its way
NEAREST = 5
"""So many tools a cloud gets to choose from: no more of the user's set-up leaves than that."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A call that has not been made. `missing` are required arguments without a value, `unsaid` the
    values that are not the user's words.
    """

    tool: Foreign
    arguments: Mapping[str, Any]
    missing: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    is_sure: bool = False

    @property
    def needs_yes(self) -> bool:
        """Whether the user must see it first: everything but a sure call of a tool that reads."""
        return not (self.tool.reads_only and self.is_sure and not self.unsaid)


def nearest(request: str, tools: Sequence[Foreign], limit: int = NEAREST) -> list[Foreign]:
    """The tools whose own words fit a request, the best first; none that shares no word."""
    found = _shelf(tools).find(request, limit)
    return [_owner(tool, tools) for tool, _ in found]


def proposed(request: str, tools: Sequence[Foreign], now: datetime) -> Proposal | None:
    """The device's own choice, without a model; `None` where no tool shares a word with it."""
    call = read(request, _shelf(tools).find(request, NEAREST), now)
    if call is None:
        return None
    found = call.arguments
    return Proposal(_owner(call.tool, tools), found.values, found.missing, (), call.is_sure)


def offered(tools: Sequence[Foreign]) -> tuple[Tool, ...]:
    """Tools as a cloud sees them, named by server and tool."""
    return tuple(Tool(_label(one), one.description, dict(one.schema)) for one in tools)


def asking(request: str, near: Sequence[Foreign]) -> Request:
    """One of these tools, whichever; a grammar holds the device's engine to their schemas."""
    return Request(
        (message("user", request),),
        offered(near),
        ToolChoice("required"),
        parallel_tool_calls=False,
        sampling=Sampling(temperature=0.0, max_output_tokens=MOST_TOKENS),
        mode=Mode.LOCAL_ONLY,
    )


async def by_model(engine: Engine, request: str, tools: Sequence[Foreign]) -> Proposal | None:
    """What a language model of the device makes of a request and the nearest tools.

    It had to choose one of them, so its choice is never sure and always waits for a yes. `None`
    where no tool is near or the model made no call. Raises `BadRequest` as `chosen` does.
    """
    near = nearest(request, tools)
    if not near:
        return None
    async with aclosing(engine.generate(asking(request, near))) as events:
        async for event in events:
            if isinstance(event, ToolCall):
                return replace(chosen(event, request, near), is_sure=False)
    return None


def chosen(call: ToolCall, request: str, tools: Sequence[Foreign]) -> Proposal:
    """A cloud's call as a proposal. Raises `BadRequest` for an unknown tool or argument."""
    tool = next((one for one in tools if _label(one) == call.name), None)
    if tool is None:
        raise BadRequest(f"There is no tool {call.name}.", remedy="Ask again.")
    try:
        arguments: Any = json.loads(call.arguments or "{}")
    except ValueError:
        arguments = None
    if not isinstance(arguments, dict):
        raise BadRequest("The cloud's call is no JSON object.", remedy="Ask again.")
    given = cast("dict[str, Any]", arguments)
    properties = cast("Mapping[str, Any]", tool.schema.get("properties") or {})
    if strange := sorted(set(given) - set(properties)):
        raise BadRequest(f"{tool.name} has no argument {strange[0]}.", remedy="Ask again.")
    missing = tuple(name for name in tool.schema.get("required", ()) if name not in given)
    plain = _plain(request)
    unsaid = tuple(
        name for name, value in given.items()
        if not _is_choice(properties[name], value) and any(w not in plain for w in _words(value))
    )  # fmt: skip
    return Proposal(tool, given, missing, unsaid, not missing)


def _shelf(tools: Sequence[Foreign]) -> Shelf:
    return Shelf([ToolText(_label(one), one.description, one.schema) for one in tools])


def _owner(text: ToolText, tools: Sequence[Foreign]) -> Foreign:
    return next(one for one in tools if _label(one) == text.name)


def _label(tool: Foreign) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", f"{tool.server}__{tool.name}")[:64]


def _is_choice(schema: Any, value: Any) -> bool:
    return isinstance(schema, dict) and value in (schema.get("enum") or ())  # pyright: ignore[reportUnknownMemberType]


def _words(value: Any) -> list[str]:
    """Every text and number in a value, folded."""
    if isinstance(value, Mapping):
        parts = list(cast("Mapping[str, Any]", value).values())
        return [word for one in parts for word in _words(one)]
    if isinstance(value, list):
        return [word for one in cast("list[Any]", value) for word in _words(one)]
    return [] if isinstance(value, bool) or value is None else [_plain(str(value))]


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()
