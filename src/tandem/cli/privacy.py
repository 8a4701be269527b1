"""`tandem privacy`: what is covered and why, the rules, and the record of what left."""

from __future__ import annotations

import base64
import datetime
import json
import mimetypes
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from tandem import private_file
from tandem.bootstrap import explained, open_audit
from tandem.cli import say
from tandem.cli.start import Ready, Start, command_app
from tandem.conversations import Conversations
from tandem.errors import BadRequest, DeviceFault
from tandem.policy.covering import Covering
from tandem.privacy.audit import AuditFile, Problem
from tandem.privacy.preview import item_told, segments
from tandem.types import Blocked, ImagePart, Message, Origin, Request, TextPart

app = command_app()
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
CHANGED = 1


@app.callback()
def privacy() -> None:
    """Say what was covered and why; show and check the audit trail."""


@app.command()
def explain(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="A text; without one, the last conversation.")] = "",
    origin: Annotated[Origin, typer.Option("--from", help="Where it came from.")] = Origin.TYPED,
    host: Annotated[str, typer.Option("--to", help="Where it would go.")] = "",
    attached: Annotated[
        list[Path] | None,
        typer.Option("--attach", metavar="FILE", help="A picture or file with it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what would be covered, and why or why not; nothing is sent."""
    start, ready = _ready(ctx, as_json)
    if text or attached:
        parts = (TextPart(text, origin), *map(_attachment, attached or ()))
        said, talk = (Message("user", parts),), None
    else:
        said, talk = _last(ready)
    to = host or ready.settings.cloud.host or "any.host"
    request = Request(said, conversation_id=talk)
    found = explained(ready.settings, ready.paths, ready.secrets, request, to)
    items = found.items if isinstance(found, Blocked) else found.placeholders
    if start.as_json:
        told: dict[str, Any] = {"to": to, "items": [item_told(item) for item in items]}
        if isinstance(found, Blocked):
            told["blocked"] = {"reason": found.reason, "remedy": found.remedy}
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    if isinstance(found, Blocked):
        print(f"Nothing would leave: {found.reason} {found.remedy}")
    elif found.request is not None:
        leaves = "".join(each.text for each in segments(found.request.messages[-1].text, items))
        print(say.printable(leaves))
    print(say.item_lines(items, is_coloured=sys.stdout.isatty()) or "Nothing personal was found.")


def _attachment(path: Path) -> ImagePart:
    """A file as a message holds it."""
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadRequest(f"{path} cannot be read: {error.strerror}.") from None
    return ImagePart(f"data:{kind};base64,{base64.b64encode(data).decode()}")


def _last(ready: Ready) -> tuple[tuple[Message, ...], str]:
    conversation = Conversations(ready.paths.conversations).latest()
    if conversation is None or not conversation.exchanges:
        raise BadRequest(
            "There is no last conversation.",
            remedy='Give a text: tandem privacy explain "Call Ann Lee"',
        )
    return conversation.messages(), conversation.id


@app.command()
def rules(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show the rules, the first that fits above; yours go before the built-in ones."""
    start, ready = _ready(ctx, as_json)
    covering = Covering(ready.settings.privacy.rules)
    if start.as_json:
        print(json.dumps({"policy": covering.name, "rules": [r.text for r in covering.rules]}))
        return
    print("\n".join(rule.text for rule in covering.rules))
    sinks = ready.settings.privacy
    for name, kinds in (
        ("links", sinks.restore_links),
        ("code that reaches out", sinks.restore_code),
        ("arguments of outward tools", sinks.restore_tools),
    ):
        print(f"restored into {name}: {', '.join(kinds) or 'nothing'}")


@app.command()
def audit(
    ctx: typer.Context,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check that it was not changed.")
    ] = False,
    export: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there.")] = None,
    begins_anew: Annotated[
        bool, typer.Option("--new", help="Put it aside and begin a new one.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show, check and export the record of what left and of what was refused."""
    start, ready = _ready(ctx, as_json)
    trail = open_audit(ready.settings, ready.paths, ready.secrets)
    try:
        if begins_anew:
            aside = trail.start_anew()
            print(f"The old trail is {aside}." if aside else "There was none.")
        elif verify:
            _verify(start, trail, ready.paths.audit)
        elif export is not None:
            _export(trail, export)
        else:
            _show(start, list(trail.lines())[-limit:])
    finally:
        trail.aclose()


def _verify(start: Start, trail: AuditFile, path: Path) -> None:
    problems = trail.problems()
    num_lines = sum(1 for _ in trail.lines())
    if start.as_json:
        print(json.dumps({"lines": num_lines, "problems": [_told(each) for each in problems]}))
    elif not problems:
        print(f"{num_lines} records; none was changed, moved, added or taken away.")
    for problem in problems if not start.as_json else ():
        where = f"line {problem.line}" if problem.line else "the whole"
        print(f"{path}: {where}: {problem.message}")
    if problems:
        raise typer.Exit(CHANGED)


def _told(problem: Problem) -> Mapping[str, Any]:
    return {"line": problem.line, "message": problem.message}


def _export(trail: AuditFile, file: Path) -> None:
    """As it is, hashes included: who has the key can check it there."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in trail.lines())
    try:
        private_file.replace(file, text)
    except OSError as error:
        raise DeviceFault(
            f"{file} cannot be written: {error.strerror}.", remedy="Choose another place."
        ) from None
    print(f"{file}: {text.count(chr(10))} records.")


def _show(start: Start, rows: list[dict[str, Any]]) -> None:
    if start.as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    if not rows:
        print("Nothing has left, and nothing was refused.")
    for line in map(_line, rows):
        print(line)
    sums = Counter(row.get("event") for row in rows)
    if rows:
        print(f"{sums['left']} left, {sums['stayed']} stayed. --verify checks the whole trail.")


def _line(row: Mapping[str, Any]) -> str:
    at = datetime.datetime.fromtimestamp(row.get("at", 0)).isoformat(" ", "seconds")
    if row.get("event") == "stayed":
        return f"{at}  stayed: {row.get('code')} ({row.get('model')})"
    parts = [f"{at}  left for {row.get('host')}", say.num_bytes(row.get("num_body_bytes", 0))]
    parts += list(_counted(row))
    return ", ".join(parts)


def _counted(row: Mapping[str, Any]) -> Iterator[str]:
    for name in ("covered", "kept"):
        counts: Mapping[str, int] = row.get(name, {})
        if counts:
            yield f"{name}: " + ", ".join(f"{count} {kind}" for kind, count in counts.items())


def _ready(ctx: typer.Context, as_json: bool) -> tuple[Start, Ready]:
    start: Start = ctx.obj
    start.as_json = as_json
    return start, start.ready()
