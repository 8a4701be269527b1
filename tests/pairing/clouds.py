"""Clouds that verify, on loopback, in the test's own event loop; and devices that are paired."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tandem.clock import SystemClock
from tandem.engines.door import Door
from tandem.engines.llama import LlamaEngine
from tandem.engines.llama_sampling import pick_coupled
from tandem.engines.openai_http import OpenAIRemote
from tandem.pairing.building import Drafting, joint_remote, open_hall
from tandem.pairing.calling import card_of
from tandem.pairing.cards import Pairing
from tandem.pairing.hall import VerifyingHall
from tandem.pairing.remote import JointRemote, Manner
from tandem.policy.leaving import Leaving
from tandem.ports import Guard, Judge
from tandem.privacy.audit import MemoryAudit
from tandem.types import Departure, Outgoing, Place
from tests.serving import TOKEN, made, serving

MODEL = "tiny"
QUICK = Manner(resume_seconds=1.0)


@dataclass
class Cloud:
    """A running cloud. `port` stays the same when it is stopped and started again."""

    url: str
    port: int
    hall: VerifyingHall
    engine: LlamaEngine


@asynccontextmanager
async def cloud(
    file: Path,
    *,
    pass_seconds: float = 0.0,
    num_seats: int = 4,
    behind: Relay | None = None,
    judge: Judge | None = None,
) -> AsyncIterator[Cloud]:
    """`tandem cloud` without its process: the plain API and the hall on the same weights."""
    engine = await LlamaEngine.load(
        file, model_name=MODEL, place=Place.CLOUD, context_tokens=440, pick=pick_coupled
    )
    hall = await open_hall(
        engine,
        file,
        num_seats=num_seats,
        num_threads=1,
        canonical_width=8,  # quickly probed
        pass_seconds=pass_seconds,
        clock=SystemClock(),
        judge=judge,
    )
    try:
        names = [f"127.0.0.1:{behind.port}"] if behind else []
        app = made(engine, models={MODEL: None}, hall=hall, allowed_hosts=names, embedder=engine)
        async with serving(app) as port:
            if behind:
                behind.target = port
            yield Cloud(f"http://127.0.0.1:{port}/v1", port, hall, engine)
    finally:
        await hall.aclose()
        await engine.aclose()


async def paired(url: str) -> Pairing:
    """As `tandem pair` would make it."""
    return Pairing(url, TOKEN, "", await card_of(url, TOKEN, ""))


@dataclass
class Device:
    """A paired device: the door, and what left through it."""

    door: Door
    remote: JointRemote | OpenAIRemote
    audit: MemoryAudit


@asynccontextmanager
async def device(
    drafter: Path, *pairings: Pairing, manner: Manner = QUICK, guard: Guard | None = None
) -> AsyncIterator[Device]:
    """A device with a drafter's file; consent is the request's."""
    plain = OpenAIRemote(pairings[0].url, MODEL, credential=lambda: TOKEN, dialect="tandem")
    audit = MemoryAudit()

    def record(outgoing: Outgoing) -> None:
        audit.record(Departure(outgoing, "127.0.0.1"))

    remote = joint_remote(
        plain,
        pairings,
        drafting=Drafting(drafter, device=None, num=2, num_threads=1, has_lookup=True),
        record=record,
        clock=SystemClock(),
        manner=manner,
    )
    door = Door(remote, guard or Leaving(frozenset({"127.0.0.1"}), {}, MODEL), audit)
    try:
        yield Device(door, remote, audit)  # type: ignore[arg-type]
    finally:
        await door.aclose()


@asynccontextmanager
async def relaying() -> AsyncIterator[Relay]:
    """A relay before a cloud, which can cut all its connections."""
    relay = Relay()
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        relay.cut()


class Relay:
    """Passes bytes on, both ways; `cut` breaks every connection, `is_down` refuses new ones."""

    def __init__(self) -> None:
        self.port = self.target = 0
        self.is_down = False
        self.num_connections = 0
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_down:
            writer.transport.abort()
            return
        self.num_connections += 1
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers += [writer, far_writer]
        await asyncio.gather(_passed(reader, far_writer), _passed(far_reader, writer))

    def cut(self) -> None:
        """Break them all, now."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()


async def _passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.close()
    except OSError:
        writer.transport.abort()
