"""Nothing leaves but through the door: previewed, agreed, recorded, then sent."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from tandem.engines.door import Door
from tandem.engines.scripted import Reply, ScriptedEngine
from tandem.errors import DeviceFault, Stays
from tandem.policy.budgeting import Price
from tandem.policy.leaving import Leaving
from tandem.ports import Encode, Restoring
from tandem.privacy.audit import MemoryAudit
from tandem.types import (
    Blocked,
    Departure,
    EngineCard,
    Event,
    Mode,
    Outgoing,
    Place,
    Request,
    message,
)
from tests.contracts.engine_contract import EngineContract, gathered, text_of

URL = "https://cloud.example/v1/chat/completions"


class RecordingRemote:
    """A Remote that keeps what it was told to send and answers by a script."""

    def __init__(self, url: str = URL) -> None:
        self.url = url
        self.sent: list[Outgoing] = []
        self.engine = ScriptedEngine(
            Reply("one two three four five six", seconds_per_token=0.001),
            model="tower",
            place=Place.CLOUD,
        )

    @property
    def card(self) -> EngineCard:
        return self.engine.card

    def encode(self, request: Request) -> Outgoing:
        return Outgoing("POST", self.url, (), request.messages[-1].text.encode())

    async def send(self, outgoing: Outgoing, request: Request) -> AsyncGenerator[Event, None]:
        self.sent.append(outgoing)
        async for event in self.engine.generate(request):
            yield event

    async def aclose(self) -> None:
        return None


class BrokenAudit:
    """An Audit whose disk is full."""

    def record(self, departure: Departure) -> str:
        raise DeviceFault("The audit record cannot be written.")

    def refused(self, blocked: Blocked, model: str) -> str:
        raise DeviceFault("The audit record cannot be written.")


class BrokenGuard:
    """A Guard with a bug."""

    def departure(
        self, request: Request, encode: Encode, *, is_preview: bool = False
    ) -> Departure | Blocked:
        raise RuntimeError("bug")

    def restoring(self, request: Request, departure: Departure) -> Restoring:
        raise RuntimeError("bug")


def leaving(**changes: object) -> Leaving:
    prices = {"tower": Price(1.0, 2.0)}
    guard = Leaving(frozenset({"cloud.example", "127.0.0.1"}), prices, "tower")
    return replace(guard, **changes)  # type: ignore[arg-type]


def ask(*, consent: bool = True, mode: Mode | None = None) -> Request:
    return Request((message("user", "hello"),), may_leave_device=consent, mode=mode)


class TestDoor(EngineContract):
    @pytest.fixture
    def engine(self) -> Door:
        return Door(RecordingRemote(), leaving(), MemoryAudit())


async def test_what_is_previewed_is_what_is_sent_and_recorded() -> None:
    """The preview's bytes, the audit's bytes and the sent bytes are the same."""
    remote, audit = RecordingRemote(), MemoryAudit()
    door = Door(remote, leaving(), audit)
    preview = door.preview(ask(consent=False))
    assert isinstance(preview, Departure)
    assert preview.estimated_money is not None and preview.estimated_money.amount > 0
    assert not remote.sent and not audit.departures, "a preview sends and records nothing"
    await gathered(door.generate(ask()))
    assert remote.sent == [preview.outgoing]
    assert [departure.outgoing for departure in audit.departures] == [preview.outgoing]


@pytest.mark.parametrize(
    ("guard", "request_", "words"),
    [
        (leaving(), ask(consent=False), "no consent"),
        (leaving(mode=Mode.LOCAL_ONLY), ask(), "Local-only"),
        (leaving(), ask(mode=Mode.LOCAL_ONLY), "Local-only"),
        (leaving(hosts=frozenset({"other.example"})), ask(), "not on the list"),
    ],
)
async def test_a_blocked_request_stays(guard: Leaving, request_: Request, words: str) -> None:
    """No consent, local-only or a foreign host: an error, nothing recorded, nothing sent."""
    remote, audit = RecordingRemote(), MemoryAudit()
    with pytest.raises(Stays, match=words):
        await gathered(Door(remote, guard, audit).generate(request_))
    assert not remote.sent and not audit.departures


@pytest.mark.parametrize(
    "url",
    [
        "https://cloud.example.evil.example/v1",
        "https://cloud.example@evil.example/v1",
        "https://evil.example/cloud.example",
        "https://evil.example#@cloud.example/",
        "https://evil.example\\@cloud.example/",
    ],
)
async def test_a_url_cannot_pretend_to_be_a_listed_host(url: str) -> None:
    """Look-alike addresses are blocked."""
    remote = RecordingRemote(url)
    with pytest.raises(Stays):
        await gathered(Door(remote, leaving(), MemoryAudit()).generate(ask()))
    assert not remote.sent


async def test_plain_http_is_for_loopback_only() -> None:
    """http:// to another machine is blocked, to this one it is not."""
    with pytest.raises(Stays, match="readable by anyone"):
        door = Door(RecordingRemote("http://cloud.example/v1"), leaving(), MemoryAudit())
        await gathered(door.generate(ask()))
    door = Door(RecordingRemote("http://127.0.0.1:9/v1"), leaving(), MemoryAudit())
    assert text_of(await gathered(door.generate(ask())))


async def test_it_fails_closed() -> None:
    """When the audit's disk is full or the guard has a bug, nothing leaves."""
    remote = RecordingRemote()
    with pytest.raises(DeviceFault):
        await gathered(Door(remote, leaving(), BrokenAudit()).generate(ask()))
    with pytest.raises(RuntimeError):
        await gathered(Door(remote, BrokenGuard(), MemoryAudit()).generate(ask()))
    assert not remote.sent
