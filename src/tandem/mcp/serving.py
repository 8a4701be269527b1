"""`tandem mcp`: the assistant's tools for any MCP client, over stdio or HTTP on this machine.

The SDK speaks revision 2026-07-28 and, with clients that begin with `initialize`, the older ones.
Reading tools answer; reversible ones act and can be undone; what goes out waits for the user's yes
outside the client (`tandem cards`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mcp import types
from mcp.server.lowlevel import Server

from tandem import __version__
from tandem.assistant.assistant import Assistant, Kind, Reply
from tandem.assistant.calling import Linker, reading_from
from tandem.assistant.telling import origin_of
from tandem.errors import TandemError
from tandem.mcp.waiting import Wishes
from tandem.types import Effect, Origin
from tandem.understanding.catalogue import CATALOGUE

DO = "assistant_do"
ORIGIN = (
    "tandem/origin"  # of a result, for clients that hand it on: a message's `origin` over the API
)
_INSTRUCTIONS = (
    "Tools for the user's own mail, calendar, tasks, contacts and notes. Give the user's words for "
    "each argument, never ids. What is sent to others waits for the user's yes on their device."
)


def tools() -> list[types.Tool]:
    """The catalogue as MCP sees it, and one tool that takes a whole request."""
    found = [
        types.Tool(
            name=spec.name,
            description=spec.description,
            input_schema=spec.schema,
            annotations=types.ToolAnnotations(
                read_only_hint=spec.effect is Effect.READ,
                destructive_hint=spec.effect is Effect.OUTWARD,
                open_world_hint=spec.effect is Effect.OUTWARD,
            ),
        )
        for spec in CATALOGUE.values()
    ]
    whole = {
        "type": "object",
        "properties": {"request": {"type": "string", "description": "the user's own words"}},
        "required": ["request"],
        "additionalProperties": False,
    }
    text = "Do what the user asks for, in their own words (English or Chinese)."
    return [*found, types.Tool(name=DO, description=text, input_schema=whole)]


@dataclass(frozen=True, slots=True)
class Told:
    """The words for the client, whether they tell of a fault, and where they came from."""

    text: str
    is_fault: bool = False
    origin: Origin = Origin.TYPED


class Answering:
    """Turns tool calls into replies; one conversation per server process."""

    def __init__(self, assistant: Assistant, link: Linker, wishes: Wishes) -> None:
        self._assistant = assistant
        self._link = link
        self._wishes = wishes

    def call(self, tool: str, arguments: Mapping[str, Any], client: str) -> Told:
        """What the client is told."""
        try:
            reply = self._reply(tool, arguments)
        except TandemError as error:
            return Told(str(error), is_fault=True)
        text = self._told(reply, tool, arguments, client)
        return Told(text, is_fault=reply.kind is Kind.FAILED, origin=origin_of(reply))

    def _reply(self, tool: str, arguments: Mapping[str, Any]) -> Reply:
        if tool == DO:
            return self._assistant.say(str(arguments.get("request", "")))
        if tool == "undo":
            return self._assistant.undo()
        known = self._assistant.knowing.refresh()
        reading = reading_from(tool, arguments, known, self._link)
        return self._assistant.act_on("", reading, known)

    def _told(self, reply: Reply, tool: str, arguments: Mapping[str, Any], client: str) -> str:
        lines = [reply.text]
        for card in reply.waiting:
            wish = self._wishes.add(tool, arguments, client)
            self._assistant.answer(card.id, yes=False)  # a client's word is no yes
            lines.append(f"[{wish.id}] {card.text}\nThe user answers it with: tandem cards")
        return "\n".join(lines)


def server(answering: Callable[[], Answering]) -> Server[Any]:
    """The MCP server; the assistant is opened at the first call."""
    opened: list[Answering] = []

    async def list_tools(_context: Any, _params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=tools())

    async def call_tool(context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        if not opened:
            opened.append(answering())
        client = _client_name(context)
        told = opened[0].call(params.name, params.arguments or {}, client)
        content = types.TextContent(type="text", text=told.text)
        return types.CallToolResult(
            content=[content], is_error=told.is_fault, _meta={ORIGIN: told.origin.value}
        )

    return Server(
        "tandem",
        version=__version__,
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _client_name(context: Any) -> str:
    params = getattr(getattr(context, "session", None), "client_params", None)
    info = getattr(params, "client_info", None)
    return str(getattr(info, "name", ""))
