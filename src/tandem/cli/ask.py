"""`tandem ask`: one question, one answer; pipes get plain text, terminals a receipt as well."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from tandem.cli import say
from tandem.cli.start import Ready, Start, command_app
from tandem.cli.turn import Talk, Voice, agreed, confirm_here, request_for
from tandem.clock import SystemClock
from tandem.conversations import Conversation, Conversations, new_conversation
from tandem.errors import BadRequest, Stays
from tandem.types import Finish, Mode, Origin, Request, ResponseFormat

app = command_app()
REFUSED = 3


@app.command()
def ask(
    ctx: typer.Context,
    text: Annotated[
        str | None, typer.Argument(help="The question; - or nothing reads standard input.")
    ] = None,
    mode: Annotated[Mode | None, typer.Option(help="Where the answer may come from.")] = None,
    cloud: Annotated[
        bool | None,
        typer.Option("--cloud/--no-cloud", help="Only the cloud answers, or nothing leaves."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Agree to leaving, unasked.")] = False,
    goes_on: Annotated[
        bool, typer.Option("--continue", "-c", help="Go on with the last conversation.")
    ] = False,
    system: Annotated[str, typer.Option(help="The system message.")] = "",
    max_tokens: Annotated[int | None, typer.Option(min=1, help="At most so many tokens.")] = None,
    seed: Annotated[int | None, typer.Option(help="Draw the same tokens again.")] = None,
    schema: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Answer in JSON of this schema.")
    ] = None,
    does: Annotated[
        bool, typer.Option("--do", help="Let the assistant try first, as `tandem do`.")
    ] = False,
    origin: Annotated[
        Origin, typer.Option("--from", help="Where the text came from: rules may ask for it.")
    ] = Origin.TYPED,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line per event.")] = False,
) -> None:
    """Ask one question; `-` reads it from standard input."""
    start: Start = ctx.obj
    start.as_json = as_json
    ready = start.ready()
    if does:
        text = question_from(text)
        if _is_done(ready, text, as_json=as_json):
            return
    store = Conversations(ready.paths.conversations)
    conversation = store.latest() if goes_on else None
    conversation = conversation or new_conversation(SystemClock().now(), system)
    conversation = conversation.asked(question_from(text), origin)
    request = request_for(
        conversation,
        ready.settings,
        max_output_tokens=max_tokens,
        seed=seed,
        response_format=_format(schema),
        mode=_mode(mode, cloud),
    )
    if yes and ready.settings.cloud.consent == "never":
        raise Stays(
            'The settings say that nothing leaves (cloud.consent = "never").',
            remedy="To be asked each time: tandem config set cloud.consent ask.",
        )
    request = replace(request, may_leave_device=request.may_leave_device or yes)
    finish = asyncio.run(_ask(start, ready, request, conversation, store))
    if finish.entry is not None and not as_json and sys.stderr.isatty():
        typer.secho(say.badge(finish.entry), err=True, dim=True)
    if finish.entry is not None and finish.entry.outcome == "refused":
        raise typer.Exit(REFUSED)


def _is_done(ready: Ready, text: str, *, as_json: bool) -> bool:
    """Whether the assistant took it; what it gives away goes to the model."""
    from tandem.assistant.assistant import Kind  # only who asks for it waits
    from tandem.bootstrap_assistant import open_assistant
    from tandem.cli.do import finish, talk

    assistant = open_assistant(ready.settings, ready.paths)
    is_done = talk(assistant, text, as_json=as_json).kind is not Kind.ESCALATED
    finish(ready)
    return is_done


async def _ask(
    start: Start,
    ready: Ready,
    request: Request,
    conversation: Conversation,
    store: Conversations,
) -> Finish:
    stays = request.mode is Mode.LOCAL_ONLY
    async with start.open(ready, local_only=stays) as tandem:
        request = await agreed(tandem, request, ready.settings, confirm_here())
        talk = Talk(conversation, store, Voice(sys.stdout, as_json=start.as_json))
        return await talk.answer(tandem.engine.generate(request))


def question_from(text: str | None) -> str:
    """The question as given or read. Raises `BadRequest` when it is empty or no text."""
    if text is None or text == "-":
        if text is None and sys.stdin.isatty():
            raise BadRequest(
                "There is no question.", remedy='Ask one: tandem ask "What is a recession?"'
            )
        raw = sys.stdin.buffer.read()
    else:
        raw = text.encode("utf-8", "surrogateescape")
    try:
        question = raw.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise BadRequest("The question is not UTF-8 text.", remedy="Convert it first.") from None
    if not question:
        raise BadRequest("The question is empty.")
    return question


def _mode(mode: Mode | None, cloud: bool | None) -> Mode | None:
    if mode is not None and cloud is not None:
        raise BadRequest("--mode and --cloud/--no-cloud say the same thing.", remedy="Give one.")
    if cloud is None:
        return mode
    return Mode.CLOUD_ONLY if cloud else Mode.LOCAL_ONLY


def _format(schema: Path | None) -> ResponseFormat:
    if schema is None:
        return ResponseFormat()
    try:
        found: Any = json.loads(schema.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadRequest(f"{schema} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise BadRequest(f"{schema} is not JSON.", remedy="It must hold a JSON schema.") from None
    if not isinstance(found, dict):
        raise BadRequest(f"{schema} is not a JSON schema.", remedy="A schema is an object.")
    return ResponseFormat("json_schema", schema=cast("dict[str, Any]", found))
