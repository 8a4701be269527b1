"""`tandem mcp`: the assistant's tools for MCP clients, and other servers' tools for you."""

from __future__ import annotations

import asyncio
import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tandem.cli import say
from tandem.cli.start import Ready, Start, command_app
from tandem.errors import BadRequest, Unsupported

if TYPE_CHECKING:
    from tandem.mcp.pins import Foreign

app = command_app()


def _need_sdk() -> None:
    if importlib.util.find_spec("mcp") is None:
        raise Unsupported(
            "The MCP library is not installed.", remedy="Install it: pip install 'tandem[mcp]'."
        )


@app.callback(invoke_without_command=True)
def mcp(
    ctx: typer.Context,
    port: Annotated[
        int | None, typer.Option("--http", metavar="PORT", help="Serve HTTP on 127.0.0.1 instead.")
    ] = None,
) -> None:
    """Offer the assistant's tools over MCP, and use other servers' tools."""
    if ctx.invoked_subcommand is not None:
        return
    _need_sdk()
    from tandem.bootstrap_assistant import mcp_server
    from tandem.bootstrap_stores import courier

    start: Start = ctx.obj
    ready = start.ready()
    server = mcp_server(ready.settings, ready.paths)
    with courier(ready.settings, ready.paths, ready.secrets):
        _run(server, port)


def _run(server: Any, port: int | None) -> None:
    if port is None:
        asyncio.run(_stdio(server))
        return
    import uvicorn

    # The SDK checks Host and Origin against this machine's names when it listens on loopback.
    application = server.streamable_http_app(host="127.0.0.1")
    uvicorn.run(application, host="127.0.0.1", port=port, log_level="error")


async def _stdio(server: Any) -> None:
    from mcp.server.stdio import stdio_server

    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


@app.command("list")
def list_them(ctx: typer.Context) -> None:
    """The tools of your MCP servers, and which of them you have approved."""
    _need_sdk()
    start: Start = ctx.obj
    for tool, status in asyncio.run(_listed(start.ready())):
        typer.echo(say.printable(f"{status:9} {tool.server}.{tool.name}  {tool.description[:80]}"))


@app.command()
def approve(
    ctx: typer.Context,
    server: Annotated[str, typer.Argument(help="The server's name in mcp.json.")],
) -> None:
    """See what a server's tools say, with what changed, and approve them."""
    _need_sdk()
    from tandem.mcp.pins import Pins

    start: Start = ctx.obj
    ready = start.ready()
    pins = Pins(pins_file(ready))
    open_ones: list[Foreign] = []
    for tool, status in asyncio.run(_listed(ready)):
        if tool.server == server and status != "approved":
            typer.echo(say.printable(f"{status}: {tool.name}\n  {tool.description}"))
            if old := pins.approved_text(tool):
                typer.echo(say.printable(f"  before: {old}"))
            open_ones.append(tool)
    if open_ones and typer.confirm("Approve these?", default=False):
        pins.approve(open_ones)


@app.command()
def call(
    ctx: typer.Context,
    server: Annotated[str, typer.Argument(help="The server's name in mcp.json.")],
    tool: Annotated[str, typer.Argument(help="The tool's name.")],
    arguments: Annotated[str, typer.Argument(help="Its arguments, as JSON.")] = "{}",
) -> None:
    """Call an approved tool; what does not only read asks first."""
    _need_sdk()
    start: Start = ctx.obj
    ready = start.ready()
    try:
        given = json.loads(arguments)
    except ValueError:
        raise BadRequest("The arguments are no JSON.", remedy='Such as {"city": "Oslo"}.') from None
    text, is_error = asyncio.run(_called(ready, server, tool, given))
    typer.echo(say.printable(text))
    if is_error:
        raise typer.Exit(1)


def servers_file(ready: Ready) -> Path:
    """Where the user's MCP servers stand."""
    return ready.paths.config.parent / "mcp.json"


def pins_file(ready: Ready) -> Path:
    """Where the approvals stand."""
    return ready.paths.data / "mcp-pins.json"


async def _listed(ready: Ready) -> list[tuple[Foreign, str]]:
    from tandem.mcp.pins import Pins
    from tandem.mcp.using import all_tools, configured

    return [*await all_tools(configured(servers_file(ready)), Pins(pins_file(ready)))]


async def _called(ready: Ready, name: str, tool: str, given: Any) -> tuple[str, bool]:
    from tandem.mcp.pins import Pins
    from tandem.mcp.using import call_tool, configured, connected, list_tools

    servers = configured(servers_file(ready))
    if name not in servers:
        raise BadRequest(f"There is no server {name} in mcp.json.")
    async with connected(servers[name]) as client:
        for one in await list_tools(name, client):
            if one.name == tool:
                if not one.reads_only and not typer.confirm(f"{name}.{tool} {given}?"):
                    return "", False
                return await call_tool(client, one, given, Pins(pins_file(ready)))
    raise BadRequest(f"{name} has no tool {tool}.")
