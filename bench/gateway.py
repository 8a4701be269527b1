"""What does a gateway cost? `tandem serve` and LiteLLM's proxy before the same upstream.

    python -m bench.gateway --json            # both, 1, 16 and 64 at once, streamed and whole
    python -m bench.gateway --reduced --json  # Tandem alone, briefly: for CI

One client asks the upstream directly, through `tandem serve` (server, orchestrator, door, remote,
ledger: everything) and through LiteLLM, in rounds that alternate. Every answer is compared with the
upstream's, and the ledger must hold one receipt per request, so that nothing fast is wrong.

`cpu_ms_per_request`: user and system time of the gateway's process tree; the median of the rounds,
with the least and the most. `added_p50_ms`, `added_p99_ms`: wall time over the direct way. The
floors: at most 1.5 CPU ms per request in every cell, and at most a fifth of LiteLLM's; aim 0.5.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import uvloop

from bench.gateway_targets import (
    Target,
    litellm,
    litellm_version,
    num_entries,
    tandem,
    upstream,
)
from bench.gateway_upstream import TEXT
from bench.results_file import write_result

CPU_MS_FLOOR = 1.5
CPU_MS_AIM = 0.5
RATIO_FLOOR = 0.2
NUM_AT_ONCE = (1, 16, 64)
QUESTION = [{"role": "user", "content": "What does the fox do?"}]


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of work."""

    is_stream: bool
    num_at_once: int

    @property
    def name(self) -> str:
        return f"{'stream' if self.is_stream else 'whole'}-{self.num_at_once}"


@dataclass(slots=True)
class Measured:
    """All rounds of one target in one cell."""

    cpu_ms: list[float] = field(default_factory=list[float])
    wall_ms: list[float] = field(default_factory=list[float])

    def percentile(self, share: float) -> float:
        ordered = sorted(self.wall_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def ask(client: aiohttp.ClientSession, target: Target, *, is_stream: bool) -> float:
    """One question, its answer checked; the wall time in milliseconds."""
    body = {"model": "tandem", "messages": QUESTION, "stream": is_stream}
    headers = {"Authorization": f"Bearer {target.token}"}
    started = time.perf_counter()
    url = f"{target.url}/chat/completions"
    async with client.post(url, json=body, headers=headers) as response:
        raw = await response.read()
    ended = time.perf_counter()
    if response.status != 200 or text_of(raw, is_stream=is_stream) != TEXT:
        raise RuntimeError(f"{target.name} answered wrongly: {response.status} {raw[:300]!r}")
    return (ended - started) * 1000


def text_of(raw: bytes, *, is_stream: bool) -> str:
    """The text of an answer, however it came."""
    if not is_stream:
        return json.loads(raw)["choices"][0]["message"]["content"]
    lines = [line[6:] for line in raw.split(b"\n\n") if line.startswith(b"data: {")]
    deltas = [one["choices"][0]["delta"] for one in map(json.loads, lines) if one["choices"]]
    return "".join(delta.get("content") or "" for delta in deltas)


async def load(target: Target, cell: Cell, num_requests: int) -> tuple[float, list[float]]:
    """CPU milliseconds per request of the target, and the wall times."""
    wall_ms: list[float] = []
    left = num_requests

    async def one_client(client: aiohttp.ClientSession) -> None:
        nonlocal left
        while left > 0:
            left -= 1
            wall_ms.append(await ask(client, target, is_stream=cell.is_stream))

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as client:
        warm = [ask(client, target, is_stream=cell.is_stream) for _ in range(cell.num_at_once)]
        await asyncio.gather(*warm)
        before = target.cpu_seconds()
        await asyncio.gather(*(one_client(client) for _ in range(cell.num_at_once)))
        cpu_seconds = target.cpu_seconds() - before
    return cpu_seconds * 1000 / num_requests, wall_ms


async def measure(
    targets: Sequence[Target], cells: Sequence[Cell], *, num_rounds: int, num_requests: int
) -> dict[tuple[str, str], Measured]:
    """All targets take turns in every round, so that a busy minute hits all of them."""
    found = {(cell.name, target.name): Measured() for cell in cells for target in targets}
    for _ in range(num_rounds):
        for cell in cells:
            for target in targets:
                cpu_ms, wall_ms = await load(target, cell, num_requests)
                measured = found[cell.name, target.name]
                measured.cpu_ms.append(cpu_ms)
                measured.wall_ms.extend(wall_ms)
    return found


def summary(
    found: dict[tuple[str, str], Measured], cells: Sequence[Cell], names: Sequence[str]
) -> dict[str, Any]:
    """The figures per cell and over all cells."""
    by_cell: dict[str, Any] = {}
    for cell in cells:
        direct = found[cell.name, "direct"]
        row: dict[str, Any] = {"direct_p50_ms": round(direct.percentile(0.5), 3)}
        for name in names:
            row[name] = _figures(found[cell.name, name], direct)
        if "litellm" in names:
            ours, theirs = (row[name]["cpu_ms_per_request"] for name in ("tandem", "litellm"))
            row["ratio_to_litellm"] = round(ours / theirs, 4)
        by_cell[cell.name] = row
    cpu_ms = [row["tandem"]["cpu_ms_per_request"] for row in by_cell.values()]
    ratios = [row["ratio_to_litellm"] for row in by_cell.values() if "ratio_to_litellm" in row]
    return {
        "cpu_ms_per_request": round(statistics.mean(cpu_ms), 3),
        "cpu_ms_per_request_worst_cell": max(cpu_ms),
        "ratio_to_litellm": max(ratios) if ratios else None,
        "is_above_floor": max(cpu_ms) <= CPU_MS_FLOOR and all(r <= RATIO_FLOOR for r in ratios),
        "floors": {"cpu_ms": CPU_MS_FLOOR, "ratio": RATIO_FLOOR, "aim_cpu_ms": CPU_MS_AIM},
        "cells": by_cell,
    }


def _figures(measured: Measured, direct: Measured) -> dict[str, Any]:
    return {
        "cpu_ms_per_request": round(statistics.median(measured.cpu_ms), 3),
        "cpu_ms_least": round(min(measured.cpu_ms), 3),
        "cpu_ms_most": round(max(measured.cpu_ms), 3),
        "added_p50_ms": round(measured.percentile(0.5) - direct.percentile(0.5), 3),
        "added_p99_ms": round(measured.percentile(0.99) - direct.percentile(0.99), 3),
    }


def run(*, is_reduced: bool) -> dict[str, Any]:
    """Start everything, measure, check the ledger, stop everything."""
    num_at_once = (1, 16) if is_reduced else NUM_AT_ONCE
    cells = [Cell(is_stream, number) for is_stream in (True, False) for number in num_at_once]
    num_rounds, num_requests = (1, 200) if is_reduced else (5, 300)
    with ExitStack() as stack:
        direct = stack.enter_context(upstream())
        ours, ledger = stack.enter_context(tandem(direct.url))
        targets = [direct, ours]
        if not is_reduced:
            targets.append(stack.enter_context(litellm(direct.url)))
        found = uvloop.run(
            measure(targets, cells, num_rounds=num_rounds, num_requests=num_requests)
        )
        num_asked = sum(num_rounds * (num_requests + cell.num_at_once) for cell in cells)
        if num_entries(ledger) != num_asked:
            raise RuntimeError(f"{num_asked} requests, but {num_entries(ledger)} receipts")
        figures = summary(found, cells, [target.name for target in targets[1:]])
        figures["resident_mb"] = {
            target.name: round(target.resident_bytes() / 1e6, 1) for target in targets[1:]
        }
    figures["num_rounds"], figures["num_requests_per_round"] = num_rounds, num_requests
    figures["litellm_version"] = None if is_reduced else litellm_version()
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description="What does a gateway cost?")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--reduced", action="store_true", help="without LiteLLM, briefly, for CI")
    arguments = parser.parse_args()
    if not arguments.reduced and litellm_version() is None:
        print("LiteLLM's environment is not there: make setup", file=sys.stderr)
        return 2
    figures = run(is_reduced=arguments.reduced)
    if not arguments.reduced:
        write_result("gateway", figures, packages=("aiohttp", "uvicorn", "uvloop", "httptools"))
    if arguments.json:
        print(json.dumps(figures, indent=2))
    else:
        print_table(figures)
    return 0 if figures["is_above_floor"] else 1


def print_table(figures: dict[str, Any]) -> None:
    """For people."""
    for name, row in figures["cells"].items():
        for target in ("tandem", "litellm"):
            if target in row:
                one = row[target]
                print(
                    f"{name:10} {target:8} {one['cpu_ms_per_request']:7.3f} CPU ms"
                    f" ({one['cpu_ms_least']:.3f} to {one['cpu_ms_most']:.3f}),"
                    f" adds {one['added_p50_ms']:.2f} / {one['added_p99_ms']:.2f} ms (p50 / p99)"
                )
    print(
        f"CPU ms per request: {figures['cpu_ms_per_request']} on average,"
        f" {figures['cpu_ms_per_request_worst_cell']} in the worst cell;"
        f" ratio to LiteLLM {figures['ratio_to_litellm']}"
    )


if __name__ == "__main__":
    sys.exit(main())
