"""What the assistant has no tool for, by the tools of the user's own MCP servers.

Only approved tools are looked at. The device proposes from the user's words, or by its language
model where that can call tools; with the flag a cloud chooses among the nearest few. What does
not only read, and whatever is in doubt, waits for a yes.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import typer

from tandem.assistant.words import say as sentence
from tandem.cli import say
from tandem.cli.mcp import pins_file, servers_file
from tandem.cli.start import Ready, Start
from tandem.clock import SystemClock
from tandem.config import local_zone
from tandem.errors import Stays
from tandem.types import Mode, Request, ToolCall, message
from tandem.understanding.tokens import is_chinese

if TYPE_CHECKING:
    from tandem.mcp.choosing import Proposal
    from tandem.mcp.pins import Foreign


async def by_foreign_tool(start: Start, text: str, *, cloud: bool) -> bool:
    """Propose, ask and call; whether a tool was found for the request. Nothing happens, and no
    server is started, where none is configured.
    """
    ready = start.ready()
    if importlib.util.find_spec("mcp") is None or not servers_file(ready).exists():
        return False
    from tandem.mcp.choosing import proposed

    tools = await _approved(ready)
    zone = ZoneInfo(local_zone(ready.settings.you.zone))
    now = datetime.fromtimestamp(SystemClock().now(), zone).replace(tzinfo=None)
    found = proposed(text, tools, now)
    if found is not None and not found.is_sure:
        found = await _by_device_model(start, ready, text, tools) or found
    if found is not None and cloud and not found.is_sure:
        found = await _by_cloud(start, ready, text, tools) or found
    if found is None:
        return False
    await _settle(ready, found, text, as_json=start.as_json)
    return True


async def _approved(ready: Ready) -> list[Foreign]:
    from tandem.mcp.pins import Pins
    from tandem.mcp.using import all_tools, configured

    them = await all_tools(configured(servers_file(ready)), Pins(pins_file(ready)))
    return [tool for tool, status in them if status == "approved"]


async def _by_device_model(
    start: Start, ready: Ready, text: str, tools: list[Foreign]
) -> Proposal | None:
    """The device's own language model, where it was made to call tools; nothing leaves."""
    from tandem.mcp.choosing import by_model

    async with start.open(ready) as tandem:
        if not (await tandem.device.ready()).card.can_call:
            return None
        return await by_model(tandem.engine, text, tools)  # judged, and with a receipt


async def _by_cloud(start: Start, ready: Ready, text: str, tools: list[Foreign]) -> Proposal | None:
    """The cloud gets the request and the nearest tools, through the door."""
    from tandem.mcp.choosing import chosen, nearest, offered

    if ready.settings.cloud.consent == "never":
        raise Stays("The settings say that nothing leaves.", remedy="Leave --cloud out.")
    near = nearest(text, tools)
    request = Request(
        (message("user", text),), offered(near), may_leave_device=True, mode=Mode.CLOUD_ONLY
    )
    async with start.open(ready) as tandem:
        async for event in tandem.escalate(request):
            if isinstance(event, ToolCall):
                return chosen(event, text, near)
    return None


async def _settle(ready: Ready, found: Proposal, text: str, *, as_json: bool) -> None:
    language = "zh" if is_chinese(text) else "en"
    name = f"{found.tool.server}.{found.tool.name}"
    if found.missing:
        names = ", ".join(found.missing)
        told = sentence(language, "foreign_missing", tool=name, names=names)
        _show(found, told, as_json=as_json)
        return
    if found.needs_yes:
        lines = [sentence(language, "foreign_card", tool=name)]
        lines += [f"  {n}: {_shown(v)}" for n, v in found.arguments.items()]
        if found.unsaid:
            lines.append(sentence(language, "foreign_unsaid", names=", ".join(found.unsaid)))
        _show(found, "\n".join(lines), as_json=as_json)
        if as_json or not sys.stdin.isatty() or not typer.confirm("?", default=False):
            return
    told, is_error = await _call(ready, found)
    if not found.needs_yes:  # what was asked has not been on the screen yet
        given = ", ".join(f"{n}: {_shown(v)}" for n, v in found.arguments.items())
        told = f"{name} ({given})\n{told}"
    _show(found, told, as_json=as_json, is_done=not is_error)
    if is_error:
        raise typer.Exit(1)


async def _call(ready: Ready, found: Proposal) -> tuple[str, bool]:
    from tandem.mcp.pins import Pins
    from tandem.mcp.using import call_tool, configured, connected

    async with connected(configured(servers_file(ready))[found.tool.server]) as client:
        return await call_tool(client, found.tool, found.arguments, Pins(pins_file(ready)))


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _show(found: Proposal, text: str, *, as_json: bool, is_done: bool = False) -> None:
    """The words, or one JSON line; what a server answered is data of somebody else's."""
    if not as_json:
        typer.echo(say.printable(text))
        return
    line = asdict(found)
    tool = line.pop("tool")
    line |= {"type": "foreign", "server": tool["server"], "tool": tool["name"]}
    line |= {"text": text, "is_done": is_done}
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()
