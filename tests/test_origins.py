"""Where a text came from travels with it: over the API, by answers and memory, to the rules."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tandem.assistant.assistant import Kind, Reply
from tandem.assistant.cards import Evidence
from tandem.assistant.telling import as_dict, origin_of
from tandem.bootstrap import Tandem, open_tandem
from tandem.config import Privacy
from tandem.conversations import Conversations, Said, new_conversation
from tandem.engines.door import DoorEmbedder
from tandem.personal import Finding
from tandem.privacy.detection.dictionary import PrivateDictionary
from tandem.types import Action, Mode, Origin, most_private
from tests.serving import TOKEN, made, serving
from tests.test_bootstrap import home, recorder, secrets
from tests.test_bootstrap import made as settings_for

TOWN = "Würzburg"
MAILED = f"We meet in {TOWN} on Friday."


class Nobody:
    """A Known without anybody in it."""

    def matches(self, text: str) -> list[Finding]:
        return PrivateDictionary().matches(text)


def user(text: str, **more: str) -> dict[str, Any]:
    return {"role": "user", "content": text, **more}


CALL = {
    "role": "assistant",
    "tool_calls": [
        {"id": "1", "type": "function", "function": {"name": "mail_read", "arguments": "{}"}}
    ],
}


def result(text: str, **more: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": "1", "content": text, **more}


async def sent(
    folder: Path, messages: list[dict[str, Any]], rules: dict[str, Action] | None = None
) -> tuple[int, str]:
    """The status of a chat completion over real HTTP, and what reached the cloud of it."""
    async with recorder() as (cloud, url):
        settings = settings_for(url, mode=Mode.CLOUD_ONLY)
        settings = replace(settings, privacy=Privacy(rules=rules or {}))
        paths = home(folder, settings)
        async with (
            open_tandem(settings, paths, secrets(), dictionary=Nobody()) as tandem,
            serving(made(tandem.engine, api_may_leave=True)) as port,
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as client,
        ):
            body = {"model": "tandem-cloud", "messages": messages}
            address = f"http://127.0.0.1:{port}/v1/chat/completions"
            async with client.post(address, json=body) as answer:
                await answer.read()
                status = answer.status
        return status, cloud.received.partition(b"\r\n\r\n")[2].decode()


async def test_what_is_typed_may_keep_its_place(tmp_path: Path) -> None:
    """The built-in rules leave it readable, or nobody could ask for the weather there."""
    status, told = await sent(tmp_path, [user(f"What is the weather in {TOWN}?")])
    assert status == 200 and TOWN in told


@pytest.mark.parametrize("origin", ["mail", "calendar", "contacts", "files"])
async def test_the_label_of_a_tools_result_decides(tmp_path: Path, origin: str) -> None:
    """The same words from the user's own records: covered."""
    said = [user("Read my mail."), CALL, result(MAILED, origin=origin), user("And?")]
    status, told = await sent(tmp_path, said)
    assert status == 200 and TOWN not in told and "Friday" in told


async def test_a_label_on_one_part_of_a_message(tmp_path: Path) -> None:
    """A user quotes a mail: the part says so, and what was typed beside it counts as the mail's too
    only where it names the same thing.
    """
    parts = [
        {"type": "text", "text": "What do they want? "},
        {"type": "text", "text": MAILED, "origin": "mail"},
    ]
    _, told = await sent(tmp_path, [{"role": "user", "content": parts}])
    assert TOWN not in told and "What do they want?" in told


async def test_a_summary_of_a_mail_is_the_mails(tmp_path: Path) -> None:
    """An answer after a mail has no label of its own, and gets the mail's; so does what it named
    alone.
    """
    other = "Regensburg"
    summary = {"role": "assistant", "content": f"You meet in {TOWN}, which is near {other}."}
    said = [user("Read my mail."), CALL, result(MAILED, origin="mail"), summary, user("And?")]
    _, told = await sent(tmp_path, said)
    assert TOWN not in told and other not in told
    _, told = await sent(tmp_path / "other", [user("Where?"), summary, user("And?")])
    assert TOWN in told and other in told, "without a mail before it, it is not the mail's"


async def test_a_rule_for_an_origin_stops_everything_from_there(tmp_path: Path) -> None:
    """ "* from mail" = forbid: the summary is stopped as the mail is, and no byte arrives."""
    rules = {"* from mail": Action.FORBID}
    summary = {"role": "assistant", "content": f"You meet in {TOWN}."}
    said = [user("Read."), CALL, result("(nothing)", origin="mail"), summary, user("And?")]
    status, told = await sent(tmp_path, said, rules)
    assert status >= 400 and told == ""
    status, told = await sent(tmp_path / "other", [user(MAILED)], rules)
    assert status == 200 and TOWN in told


async def test_embeddings_of_the_clouds_model_go_through_the_door(tmp_path: Path) -> None:
    """Covered on the way out; without leave nothing arrives; the device's model asks no cloud."""
    async with embedding_cloud() as (told, url):
        settings = settings_for(url, mode=Mode.PREFER_LOCAL)
        paths = home(tmp_path, settings)
        for may_leave, status in ((True, 200), (False, 403)):
            told.clear()
            async with (
                open_tandem(settings, paths, secrets(), dictionary=Nobody()) as tandem,
                serving(made(tandem.engine, **embedders(tandem, may_leave))) as port,
                aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as client,
            ):
                address = f"http://127.0.0.1:{port}/v1/embeddings"
                body = {"model": "tandem-cloud", "input": ["write to ann.lee@example.org"]}
                async with client.post(address, json=body) as answer:
                    assert answer.status == status, await answer.text()
                    if may_leave:
                        assert (await answer.json())["data"][0]["embedding"] == [0.0, 1.0]
                async with client.post(address, json={**body, "model": "tandem-device"}) as answer:
                    assert answer.status == 200
            assert len(told) == may_leave
            assert not any("ann.lee" in each or "example.org" in each for each in told)


def embedders(tandem: Tandem, may_leave: bool) -> dict[str, Any]:
    assert tandem.door is not None
    return {
        "embedder": tandem.device,
        "cloud_embedder": DoorEmbedder(tandem.door, may_leave=may_leave),
    }


@asynccontextmanager
async def embedding_cloud() -> AsyncGenerator[tuple[list[str], str], None]:
    """A cloud that makes embeddings and keeps what it was told."""
    told = list[str]()

    async def answer(request: web.Request) -> web.Response:
        told.append(await request.text())
        data = [{"index": 0, "embedding": [0.0, 1.0]}]
        return web.json_response({"data": data, "usage": {"prompt_tokens": 4}})

    app = web.Application()
    app.router.add_post("/v1/embeddings", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield told, f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


def test_memory_keeps_the_label(tmp_path: Path) -> None:
    """A question about a mail is one after the program was ended and started again."""
    store = Conversations(tmp_path)
    talk = new_conversation(1.0).asked(MAILED, Origin.MAIL).answered(Said("Yes.", "answered"))
    store.save(talk.asked("And then?"))
    kept = store.latest()
    assert kept is not None
    parts = [part for each in kept.messages() for part in each.content]
    assert [getattr(part, "origin", None) for part in parts] == ["mail", "typed", "typed"]


def test_an_old_conversation_is_still_read(tmp_path: Path) -> None:
    """Files from before labels were kept have none: what was asked there was typed."""
    talk = {"id": "a", "started_at": 1.0, "exchanges": [{"question": "Why?"}]}
    (tmp_path / "a.json").write_text(json.dumps(talk))
    kept = Conversations(tmp_path).latest()
    assert kept is not None and kept.exchanges[0].origin is Origin.TYPED


def test_the_assistant_says_what_its_words_are_made_of() -> None:
    """Of the records that it names the most private; without any, as if it were a mail."""
    records = (Evidence("contact", "1", "Ann"), Evidence("event", "2", "Lunch"))
    assert as_dict(Reply(Kind.ANSWERED, "", evidence=records))["origin"] == "calendar"
    assert origin_of(Reply(Kind.ANSWERED, "You have nothing.")) is Origin.MAIL
    assert origin_of(Reply(Kind.ESCALATED, "")) is Origin.TYPED
    assert most_private(()) is Origin.TYPED
