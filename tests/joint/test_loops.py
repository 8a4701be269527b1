"""Both sides over real sockets on this machine: the text is the target's own, whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from tandem.clock import SystemClock
from tandem.joint.connection import Committed
from tandem.joint.coupling import Doubles, Draw
from tandem.joint.device import Device
from tandem.joint.device_loop import DeviceLoop
from tandem.joint.drafting import Plan
from tandem.joint.ports import Target
from tandem.joint.protocol import Close, Open
from tandem.joint.replay import FINGERPRINT, TableDrafter, table_target
from tandem.joint.transport import PATH, connect, listening
from tandem.joint.verifier_loop import VerifierLoop
from tandem.joint.verifying import Verifier
from tests.contracts.joint_contract import said_alone

PROMPT = (1, 2, 3)


def table(seed: int = 1, num: int = 24) -> Doubles:
    """A law per last token."""
    return np.random.default_rng(seed).normal(0.0, 2.0, (num, num))


def like(laws: Doubles, noise: float = 0.5) -> Doubles:
    """A drafter's laws: about the target's."""
    return laws + np.random.default_rng(9).normal(0.0, noise, laws.shape)


def opening(number: int, num_tokens: int, draw: Draw, economy: float = 0.0) -> Open:
    """A session's first message."""
    name = number.to_bytes(16, "big")
    return Open(name, FINGERPRINT, draw, PROMPT, max_tokens=num_tokens, economy=economy)


@asynccontextmanager
async def verifier_at(target: Target) -> AsyncGenerator[str, None]:
    """A verifier on a free port: its address."""
    loop = VerifierLoop(target, Verifier(target.card), SystemClock(), in_thread=False)
    loop.start()
    async with listening(loop.attend) as port:
        yield f"ws://127.0.0.1:{port}{PATH}"
    await loop.aclose()


async def said(url: str, laws: Doubles, opened: Open, plan: Plan | None = None) -> list[int]:
    """The text of one session."""
    device = Device(opened, fixed=plan)
    drafter = TableDrafter(laws)
    stream = DeviceLoop(device, drafter, lambda: connect(url), SystemClock(), in_thread=False)
    ids: list[int] = []
    async for event in stream.stream():
        if isinstance(event, Committed):
            assert event.start == len(ids)
            ids.extend(event.ids)
        elif isinstance(event, Close):
            assert event.reason == "length", event
    return ids


@pytest.mark.parametrize("economy", [0.0, 4.0])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
async def test_the_text_is_the_targets_own(temperature: float, economy: float) -> None:
    """Over a WebSocket, greedy and drawn, never idle and in economy mode."""
    laws, draw = table(), Draw(temperature, seed=11)
    alone = said_alone(table_target(laws), list(PROMPT), draw, 120)
    async with verifier_at(table_target(laws)) as url:
        assert await said(url, like(laws), opening(1, 120, draw, economy)) == alone


async def test_many_sessions_share_a_verifier() -> None:
    """Eight devices at once: each hears its own text."""
    laws = table()
    draws = [Draw(1.0, seed=seed) for seed in range(8)]
    async with verifier_at(table_target(laws)) as url:
        texts = await asyncio.gather(
            *(said(url, like(laws), opening(n, 60, draw)) for n, draw in enumerate(draws))
        )
    for draw, text in zip(draws, texts, strict=True):
        assert text == said_alone(table_target(laws), list(PROMPT), draw, 60)
