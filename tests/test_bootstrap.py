"""The parts are joined as the settings say: real files, real sockets, nothing patched."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tandem.bootstrap import open_tandem
from tandem.config import Cloud, Device, Paths, Price, Settings, paths_from
from tandem.errors import BadModel, BadSettings, Stays
from tandem.secrets import Secrets
from tandem.types import Blocked, Departure, Mode, Place, Request, message
from tests.contracts.engine_contract import gathered, text_of

ANSWER = "the cloud's words"
CHUNK = {"id": "1", "object": "chat.completion.chunk"}
SSE = "".join(
    f"data: {json.dumps({**CHUNK, 'choices': choices, **more})}\n\n"
    for choices, more in (
        ([{"index": 0, "delta": {"role": "assistant", "content": ANSWER}}], {}),
        ([{"index": 0, "delta": {}, "finish_reason": "stop"}], {}),
        ([], {"usage": {"prompt_tokens": 7, "completion_tokens": 3}}),
    )
)


class Recorder:
    """A cloud on loopback that counts connections and keeps every byte that reaches it."""

    def __init__(self) -> None:
        self.num_connections = 0
        self.received = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.num_connections += 1
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        self.received += head + await reader.readexactly(length)
        body = (SSE + "data: [DONE]\n\n").encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body) + body
        )
        await writer.drain()
        writer.close()


@asynccontextmanager
async def recorder() -> AsyncIterator[tuple[Recorder, str]]:
    cloud = Recorder()
    server = await asyncio.start_server(cloud.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield cloud, f"http://127.0.0.1:{port}/v1"
    finally:
        server.close()
        await server.wait_closed()


def home(tmp_path: Path, settings: Settings) -> Paths:
    return paths_from(settings, tmp_path / "tandem.toml", {"TANDEM_HOME": str(tmp_path)})


def made(url: str = "", **changes: object) -> Settings:
    cloud = Cloud(url=url, model="tower", api_key_keyring=False)
    settings = Settings(
        device=Device(kind="scripted"), cloud=cloud, prices={"tower": Price(1.0, 2.0, "EUR")}
    )
    return replace(settings, **changes)  # type: ignore[arg-type]


def secrets() -> Secrets:
    return Secrets({"TANDEM_CLOUD_API_KEY": "key-of-the-cloud"}, lambda: None)


def ask(*, mode: Mode | None = None, consent: bool = True) -> Request:
    return Request((message("user", "a question"),), may_leave_device=consent, mode=mode)


async def test_the_cloud_answers_through_the_door(tmp_path: Path) -> None:
    """cloud-only: the real round trip, an audit line, and a receipt of the bytes that left."""
    async with recorder() as (cloud, url):
        settings = made(url, mode=Mode.CLOUD_ONLY)
        async with open_tandem(settings, home(tmp_path, settings), secrets()) as tandem:
            preview = tandem.preview(ask(consent=False))
            assert isinstance(preview, Departure)
            assert text_of(await gathered(tandem.engine.generate(ask()))) == ANSWER
            (entry,) = tandem.ledger.entries()
    assert preview.outgoing.body in cloud.received
    assert b"Bearer key-of-the-cloud" in cloud.received
    assert b"key-of-the-cloud" not in repr(preview.outgoing).encode()
    assert entry.answered_by is Place.CLOUD
    assert entry.num_bytes_out == len(cloud.received)
    assert entry.work[0].money is not None and entry.work[0].money.currency == "EUR"
    assert len((tmp_path / "audit.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize("asked", [None, *Mode])
async def test_local_only_sends_no_byte(tmp_path: Path, asked: Mode | None) -> None:
    """Configured local-only: whatever a request wants, not one connection is made."""
    async with recorder() as (cloud, url):
        settings = made(url, mode=Mode.LOCAL_ONLY)
        async with open_tandem(settings, home(tmp_path, settings), secrets()) as tandem:
            assert tandem.door is None, "no door is built at all"
            await gathered(tandem.engine.generate(ask(mode=asked)))
            with pytest.raises(Stays):
                await gathered(tandem.escalate(ask(mode=asked)))
            assert isinstance(tandem.preview(ask()), Blocked)
    assert cloud.num_connections == 0
    assert not (tmp_path / "audit.jsonl").exists()


async def test_the_flag_is_as_hard_as_the_setting(tmp_path: Path) -> None:
    """`--mode local-only` for one run is the same switch."""
    async with recorder() as (cloud, url):
        settings = made(url, mode=Mode.CLOUD_ONLY)
        paths = home(tmp_path, settings)
        async with open_tandem(settings, paths, secrets(), local_only=True) as tandem:
            await gathered(tandem.engine.generate(ask(mode=Mode.CLOUD_ONLY)))
    assert cloud.num_connections == 0


async def test_without_consent_nothing_is_sent(tmp_path: Path) -> None:
    """A preview and a question without consent make no connection."""
    async with recorder() as (cloud, url):
        settings = made(url)
        async with open_tandem(settings, home(tmp_path, settings), secrets()) as tandem:
            assert isinstance(tandem.preview(ask(consent=False)), Departure)
            await gathered(tandem.engine.generate(ask(consent=False)))
    assert cloud.num_connections == 0


async def test_the_tiers_token_goes_to_the_tier_alone(tmp_path: Path) -> None:
    """The token file of `tandem cloud` is the key for its own port on loopback and nowhere else."""
    (tmp_path / "cloud-token").write_text("token-of-the-tier")
    async with recorder() as (cloud, url):
        port = int(url.split(":")[2].split("/")[0])
        for tier_port, wanted in ((port, True), (port - 1, False)):
            cloud.received = b""
            settings = made(url, mode=Mode.CLOUD_ONLY)
            settings = replace(settings, cloud_tier=replace(settings.cloud_tier, port=tier_port))
            paths = home(tmp_path, settings)
            async with open_tandem(settings, paths, Secrets({}, lambda: None)) as tandem:
                await gathered(tandem.engine.generate(ask()))
            assert (b"token-of-the-tier" in cloud.received) is wanted


async def test_a_cloud_without_a_model_is_a_settings_fault(tmp_path: Path) -> None:
    """The error names the key and how to set it."""
    settings = made("http://127.0.0.1:1/v1")
    settings = replace(settings, cloud=replace(settings.cloud, model=""))
    with pytest.raises(BadSettings, match=r"cloud\.model"):
        async with open_tandem(settings, home(tmp_path, settings), secrets()):
            pass


async def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The device's model is looked for when it is first asked, and the store's names are told."""
    settings = made(device=Device(model="nonesuch"))
    async with open_tandem(settings, home(tmp_path, settings), secrets()) as tandem:
        with pytest.raises(BadModel, match="nonesuch"):
            await gathered(tandem.engine.generate(ask()))
        (entry,) = tandem.ledger.entries()
    assert entry.outcome == "failed" and entry.error == "bad_model"
