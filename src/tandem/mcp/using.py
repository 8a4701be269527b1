"""Uses the tools of other MCP servers: listed, pinned, called after the user's approval.

The servers stand in `mcp.json` beside the settings, in the form that other hosts use:
{"mcpServers": {"files": {"command": "...", "args": []}, "web": {"url": "http://127.0.0.1:9/mcp"}}}
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import types
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from tandem.errors import BadRequest, BadSettings
from tandem.mcp.pins import Foreign, Pins, Status


def configured(path: Path) -> dict[str, Mapping[str, Any]]:
    """The servers by name. Raises `BadSettings` for a file that is none."""
    try:
        data = json.loads(path.read_text("utf-8"))
        servers: dict[str, Mapping[str, Any]] = data["mcpServers"]
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError):
        raise BadSettings(
            f"{path.name} is not as expected.",
            remedy='It holds {"mcpServers": {"NAME": {"command": "...", "args": []}}}.',
        ) from None
    return servers


@asynccontextmanager
async def connected(server: Mapping[str, Any]) -> AsyncGenerator[Client]:
    """A line to one server; the SDK finds out which revision it speaks."""
    if "url" in server:
        target: Any = str(server["url"])
    else:
        arguments = [str(one) for one in server.get("args", ())]
        command = StdioServerParameters(command=str(server["command"]), args=arguments)
        target = stdio_client(command)
    async with Client(target) as client:
        yield client


async def list_tools(name: str, client: Client) -> list[Foreign]:
    """All tools of a server, as it describes them now."""
    found = await client.list_tools()
    return [_foreign(name, tool) for tool in found.tools]


def _foreign(server: str, tool: types.Tool) -> Foreign:
    hints = tool.annotations
    return Foreign(
        server,
        tool.name,
        tool.description or "",
        tool.input_schema,
        bool(hints and hints.read_only_hint),
    )


async def call_tool(
    client: Client, tool: Foreign, arguments: Mapping[str, Any], pins: Pins
) -> tuple[str, bool]:
    """One call; gives the text of the result, which is data of somebody else's, and whether it is
    an error. Raises `BadRequest` unless exactly this tool was approved.
    """
    status = pins.status(tool)
    if status != "approved":
        raise BadRequest(
            f"The tool {tool.name} of {tool.server} is {status}: nobody has approved it as it is.",
            remedy=f"Look at it and approve it: tandem mcp approve {tool.server}.",
        )
    result = await client.call_tool(tool.name, dict(arguments))
    texts = [part.text for part in result.content if isinstance(part, types.TextContent)]
    return "\n".join(texts), bool(result.is_error)


async def all_tools(
    servers: Mapping[str, Mapping[str, Any]], pins: Pins
) -> list[tuple[Foreign, Status]]:
    """The tools of all servers, and whether the user has approved each as it is."""
    found: list[tuple[Foreign, Status]] = []
    for name, server in servers.items():
        async with connected(server) as client:
            for tool in await list_tools(name, client):
                found.append((tool, pins.status(tool)))
    return found
