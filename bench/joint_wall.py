"""Joint decoding on the wall clock: a trace-replay cloud in a process of its own, behind a proxy.

    python -m bench.joint_wall cloud --pass-ms 30 --tokens 1000      (prints its port)

The cloud holds the target's output, sleeps the declared pass time and answers over a real
WebSocket; the proxy delays, jitters, stalls and paces bytes in user space; the device is the
product's own loop with a drafter that sleeps its declared time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from bench.joint_virtual import PROMPT, VOCABULARY, World, joint, opening, trace_of
from bench.results_file import ROOT
from tandem.clock import SystemClock
from tandem.errors import CloudUnreachable
from tandem.joint.connection import Committed
from tandem.joint.device import Device
from tandem.joint.device_loop import DeviceLoop
from tandem.joint.drafting import Plan
from tandem.joint.ports import Guess, Link, Rows, Step
from tandem.joint.protocol import Close
from tandem.joint.replay import Dial, DialDrafter, ReplayTarget, trace_target
from tandem.joint.transport import PATH, connect, listening
from tandem.joint.verifier_loop import VerifierLoop
from tandem.joint.verifying import Verifier


class PacedTarget:
    """A target that takes its declared time for a pass, its own work included."""

    def __init__(self, inner: ReplayTarget, pass_seconds: float, share: float) -> None:
        self.card = inner.card
        self.open, self.prefill = inner.open, inner.prefill
        self.rollback, self.close = inner.rollback, inner.close
        self._inner = inner
        self._seconds, self._share = pass_seconds, share

    def advance(self, steps: Sequence[Step]) -> list[Rows]:
        """One pass."""
        until = time.monotonic()
        num = sum(len(step.tokens) + len(step.branches) for step in steps)
        until += self._seconds * (1.0 + self._share * (num - 1))
        rows = self._inner.advance(steps)
        time.sleep(max(0.0, until - time.monotonic()))
        return rows


class PacedDrafter:
    """A drafter that takes its declared time per guess, and can be stopped."""

    def __init__(self, inner: DialDrafter, seconds: float) -> None:
        self._inner, self._seconds = inner, seconds
        self._stopped = threading.Event()
        self.name, self.fingerprint, self.is_free = inner.name, inner.fingerprint, False
        self.start, self.observe = inner.start, inner.observe

    def propose(self, path: Sequence[int], num: int) -> list[Guess]:
        """Guess on, slowly."""
        self._stopped.clear()
        guesses = self._inner.propose(path, num)
        return [] if self._stopped.wait(self._seconds * num) else guesses

    def stop(self) -> None:
        """Cut it short."""
        self._stopped.set()


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, world: World, seed: int
) -> None:
    """One direction: bytes leave half a round trip after they came, in order."""
    rng = np.random.default_rng(seed)
    queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def write() -> None:
        while True:
            when, data = await queue.get()
            await asyncio.sleep(max(0.0, when - time.monotonic()))
            if not data:
                writer.close()
                return
            writer.write(data)

    task = asyncio.create_task(write())
    clear_at, data = 0.0, b"x"
    while data:
        try:
            data = await reader.read(65536)
        except ConnectionError:
            data = b""
        delay = world.round_trip / 2
        if world.jitter:
            delay += float(rng.exponential(world.jitter))
        if world.stall_chance and rng.random() < world.stall_chance:
            delay += world.stall_seconds
        if world.bytes_per_second:
            delay += len(data) / world.bytes_per_second
        clear_at = max(clear_at, time.monotonic() + delay)
        queue.put_nowait((clear_at, data))
    await task


@asynccontextmanager
async def proxy(port: int, world: World) -> AsyncGenerator[int, None]:
    """A port that leads to `port` through this world's link."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await asyncio.gather(
                _pump(reader, far_writer, world, world.seed), _pump(far_reader, writer, world, 7)
            )

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def _cloud_command(world: World, num_tokens: int) -> list[str]:
    command = [sys.executable, "-m", "bench.joint_wall", "cloud"]
    command += ["--pass-ms", str(world.pass_seconds * 1e3), "--share", str(world.share)]
    return [*command, "--tokens", str(num_tokens)]


@asynccontextmanager
async def cloud(world: World, num_tokens: int) -> AsyncGenerator[int, None]:
    """The trace-replay cloud in a process of its own; gives its port."""
    process, port = await _begun(world, num_tokens)
    try:
        yield port
    finally:
        process.terminate()
        await process.wait()


async def serve_cloud(world: World, num_tokens: int) -> None:
    """The cloud's own process."""
    trace = trace_of(num_tokens)
    inner = trace_target(len(PROMPT), trace, VOCABULARY)
    target = PacedTarget(inner, world.pass_seconds, world.share)
    verifier = Verifier(
        target.card,
        pass_seconds=world.pass_seconds,
        position_share=world.share,
        is_time_known=True,
    )
    loop = VerifierLoop(target, verifier, SystemClock())
    loop.start()
    async with listening(loop.attend) as port:
        print(port, flush=True)
        await asyncio.Event().wait()


async def session(
    port: int, number: int, world: World, dial: Dial, num_tokens: int, plan: Plan | None
) -> dict[str, float]:
    """One device on the wall clock: its rate and the gaps between arrivals."""
    clock = SystemClock()
    device = Device(opening(number, num_tokens), fixed=plan, draft_seconds=world.draft_seconds)
    inner = DialDrafter(trace_of(num_tokens), VOCABULARY, dial)
    drafter = PacedDrafter(inner, world.draft_seconds)
    url = f"ws://127.0.0.1:{port}{PATH}"
    stream = DeviceLoop(device, drafter, lambda: connect(url), clock)
    arrivals: list[tuple[float, int]] = []
    async for event in stream.stream():
        if isinstance(event, Committed):
            arrivals.append((clock.monotonic(), len(event.ids)))
        elif isinstance(event, Close) and event.reason != "length":
            raise RuntimeError(str(event))
    spent = arrivals[-1][0] - arrivals[0][0]
    gaps = sorted(b[0] - a[0] for a, b in zip(arrivals, arrivals[1:], strict=False))
    return {
        "rate": (num_tokens - arrivals[0][1]) / spent,
        "median_gap_ms": statistics.median(gaps) * 1e3,
        "p95_gap_ms": gaps[int(0.95 * len(gaps))] * 1e3,
    }


async def _cell(
    number: int, world: World, dial: Dial, num_tokens: int, plan: Plan | None
) -> dict[str, float]:
    """One world: its own cloud, its own proxy, one device."""
    async with cloud(world, num_tokens) as port, proxy(port, world) as near:
        return await session(near, number, world, dial, num_tokens, plan)


def on_the_wall(
    worlds: Sequence[World], num_tokens: int = 600, *, slower: float = 1.0
) -> list[dict[str, Any]]:
    """Multiples of the stream at acceptance 0.8 on the wall clock, and on virtual time for the very
    same trace and dial. The cells run side by side: they mostly sleep. `slower` makes every
    declared time so many times longer: a busy machine's delays then count for less.
    """
    worlds = [
        replace(
            world,
            pass_seconds=world.pass_seconds * slower,
            draft_seconds=world.draft_seconds * slower,
            round_trip=world.round_trip * slower,
        )
        for world in worlds
    ]

    async def run() -> list[dict[str, float]]:
        jobs = [_cell(at, w, Dial(0.8), num_tokens, None) for at, w in enumerate(worlds)]
        off = Plan(is_on=False)
        jobs += [
            _cell(99, replace(worlds[0], round_trip=0.02 * slower), Dial(0.0), num_tokens // 2, off)
        ]
        return await asyncio.gather(*jobs)

    *got, stream = asyncio.run(run())
    rows: list[dict[str, Any]] = []
    for world, each in zip(worlds, got, strict=True):
        virtual = joint(world, Dial(0.8), num_tokens=num_tokens).rate * world.pass_seconds
        wall = each["rate"] / stream["rate"]
        rows.append(
            {
                "round_trip_ms": world.round_trip * 1e3,
                "pass_ms": world.pass_seconds * 1e3,
                "wall": wall,
                "virtual": virtual,
                "differ": wall / virtual - 1.0,
                "median_gap_ms": each["median_gap_ms"],
                "p95_gap_ms": each["p95_gap_ms"],
                "stream_rate": stream["rate"],
            }
        )
    return rows


# --- a verifier that is killed ------------------------------------------------------------------


async def _begun(world: World, num_tokens: int) -> tuple[asyncio.subprocess.Process, int]:
    """A cloud's process and its port."""
    process = await asyncio.create_subprocess_exec(
        *_cloud_command(world, num_tokens), stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    return process, int(await process.stdout.readline())


async def _killed(num_kills: int, num_tokens: int) -> tuple[int, int, int]:
    world, rng = World(0.004, 0.01, 0.001), np.random.default_rng(6)
    clouds = [await _begun(world, num_tokens) for _ in range(2)]
    trace = trace_of(num_tokens)
    survived = wrong = links = 0
    try:
        for kill in range(num_kills):
            at = [kill % 2]  # which of the two has the session

            async def reach(at: list[int] = at) -> Link:
                nonlocal links
                links += 1
                try:
                    return await connect(f"ws://127.0.0.1:{clouds[at[0]][1]}{PATH}")
                except CloudUnreachable:
                    at[0] = 1 - at[0]
                    raise

            device = Device(opening(kill, num_tokens), draft_seconds=world.draft_seconds)
            drafter = DialDrafter(trace, VOCABULARY, Dial(0.8, seed=kill + 1))
            loop = DeviceLoop(device, drafter, reach, SystemClock(), resume_seconds=30.0)
            victim, when = kill % 2, int(rng.integers(1, num_tokens - 50))
            is_killed = False
            async for event in loop.stream():
                if isinstance(event, Committed) and not is_killed and event.start >= when:
                    is_killed = True
                    clouds[victim][0].kill()
                    await clouds[victim][0].wait()
            text = device.connection.text
            survived += is_killed and text == trace
            wrong += sum(a != b for a, b in zip(text, trace, strict=False))
            wrong += abs(len(text) - len(trace))
            clouds[victim] = await _begun(world, num_tokens)
    finally:
        for process, _ in clouds:
            process.kill()
            await process.wait()
    return survived, wrong, links


def killed(num_kills: int = 20, num_tokens: int = 300) -> dict[str, int]:
    """Sessions whose verifier, a process of its own, is killed (-9) at a random token; another one
    goes on. How many had the whole text, and how many tokens were lost or doubled."""
    survived, wrong, links = asyncio.run(_killed(num_kills, num_tokens))
    return {"of": num_kills, "survived": survived, "lost_or_doubled": wrong, "links": links}


# --- overhead -------------------------------------------------------------------------------------


def overhead(num_tokens: int = 4000) -> dict[str, Any]:
    """Microseconds per round without models: one draft, one pass, one commit over loopback, both
    sides on one event loop; the least of five runs, and CPU time beside it.
    """

    async def run() -> tuple[float, float, int]:
        target = trace_target(len(PROMPT), [7] * num_tokens, 64, has_branches=False)
        verifier = Verifier(target.card, pass_seconds=1e-5, is_time_known=True)
        loop = VerifierLoop(target, verifier, SystemClock(), in_thread=False)
        loop.start()
        async with listening(loop.attend) as port:
            url = f"ws://127.0.0.1:{port}{PATH}"
            opened = replace(opening(1, num_tokens), economy=1e6)
            device = Device(opened, fixed=Plan(ahead=4, run=4, hedge=False))
            drafter = DialDrafter([7] * num_tokens, 64, Dial(1.0))
            stream = DeviceLoop(
                device, drafter, lambda: connect(url), SystemClock(), in_thread=False
            )
            wall, cpu, rounds = 0.0, 0.0, 0
            async for event in stream.stream():
                if isinstance(event, Committed):
                    rounds += 1
                    if rounds == 20:
                        wall, cpu = time.perf_counter(), time.process_time()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        await loop.aclose()
        return wall / (rounds - 20), cpu / (rounds - 20), rounds

    import uvloop

    runs = [uvloop.run(run()) for _ in range(5)]
    wall, cpu, rounds = min(runs)
    return {
        "value": wall * 1e6,
        "cpu_us": cpu * 1e6,
        "median_us": statistics.median(run[0] for run in runs) * 1e6,
        "rounds": rounds,
    }


def main() -> None:
    """The cloud's process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", choices=["cloud"])
    parser.add_argument("--pass-ms", type=float, default=30.0)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--tokens", type=int, default=1000)
    given = parser.parse_args()
    world = World(given.pass_ms / 1e3, given.share)
    asyncio.run(serve_cloud(world, given.tokens))


if __name__ == "__main__":
    main()
