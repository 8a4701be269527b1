"""Peers of joint decoding, really run, beside ours in the same declared world.

    python3 -m venv .venvs/tightwad && .venvs/tightwad/bin/pip install tightwad==0.5.4
    python -m bench.joint_peers --json

tightwad 0.5.4 (a speculative proxy across machines) runs as it is, in an environment of its own,
between two servers of this process: a drafter that takes its declared time per token and is right
as often as the dial says, and a target that takes a pass per token it makes and stands behind the
declared round trip. xllamacpp's own speculative decoding runs the real pair on this machine: its
text and its rate beside its own plain decoding.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from bench.joint_grid import FAST, SLOW
from bench.joint_virtual import VOCABULARY, World, joint, synchronous, trace_of
from bench.results_file import ROOT, write_result
from tandem.joint.replay import Dial, DialDrafter

TIGHTWAD = ROOT / ".venvs" / "tightwad" / "bin" / "python"
TOWER = ROOT / "models" / "tower" / "tower.gguf"
POCKET = ROOT / "src" / "tandem" / "models" / "pocket" / "pocket.gguf"
ROUND_TRIPS = (0.005, 0.05)

# Runs in tightwad's own environment: its proxy's loop, without its web server's own hop.
RUN_TIGHTWAD = """
import asyncio, json, sys, time
from tightwad.config import ProxyConfig, ServerEndpoint
from tightwad.proxy import SpeculativeProxy

async def main(draft, target, tokens, drafts, is_tuned):
    proxy = SpeculativeProxy(ProxyConfig(
        draft=ServerEndpoint(url=draft, model_name="d", backend="llamacpp"),
        target=ServerEndpoint(url=target, model_name="t", backend="llamacpp"),
        max_draft_tokens=drafts, auto_draft_tokens=is_tuned,
    ))
    started, first, text = time.monotonic(), None, ""
    while len(text.split()) < tokens:
        chunk, done, _, _ = await proxy.speculation_round("p " + text, 0.0)
        text += chunk
        if first is None:
            first, begun = time.monotonic(), len(text.split())
        if done:
            break
    spent = time.monotonic() - first
    await proxy.close()
    print(json.dumps({"text": text.split(), "rate": (len(text.split()) - begun) / spent}))

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "1"))
"""


class Servers:
    """Both ends for a peer that speaks llama-server's `/v1/completions`: words are tokens."""

    def __init__(self, world: World, num_tokens: int, dial: Dial) -> None:
        self.world = world
        self.trace = trace_of(num_tokens)
        self._drafter = DialDrafter(self.trace, VOCABULARY, dial)
        self.passes = self.bytes_up = 0

    async def draft(self, request: web.Request) -> web.Response:
        """So many guesses after the words of the prompt, at the drafter's pace."""
        asked = await request.json()
        said = _ids(asked["prompt"])
        self._drafter.start((), None)  # type: ignore[arg-type]
        self._drafter.observe(said)
        on_path = said == self.trace[: len(said)]
        guesses = self._drafter.propose((), asked["max_tokens"]) if on_path else []
        await asyncio.sleep(self.world.draft_seconds * len(guesses))
        return _answer([guess.token for guess in guesses])

    async def target(self, request: web.Request) -> web.Response:
        """The trace after the words of the prompt: one pass a token, behind the round trip."""
        body = await request.read()
        asked = json.loads(body)
        self.bytes_up += len(body)
        at = len(_ids(asked["prompt"]))
        ids = self.trace[at : at + asked["max_tokens"]]
        self.passes += len(ids)
        world = self.world
        await asyncio.sleep(world.round_trip + world.pass_seconds * len(ids))
        return _answer(ids)


def _ids(prompt: str) -> list[int]:
    return [int(word) for word in prompt.split()[1:]]


def _answer(ids: Sequence[int]) -> web.Response:
    content = [{"id": i, "token": f"{i} ", "logprob": -0.01, "top_logprobs": []} for i in ids]
    text = "".join(each["token"] for each in content)
    return web.json_response(
        {"choices": [{"text": text, "logprobs": {"content": content}, "finish_reason": "length"}]}
    )


@asynccontextmanager
async def _serving(servers: Servers) -> AsyncGenerator[tuple[str, str], None]:
    roots: list[str] = []
    runners: list[web.AppRunner] = []
    for handler in (servers.draft, servers.target):
        application = web.Application(client_max_size=1 << 26)
        application.add_routes([web.post("/v1/completions", handler)])
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        roots.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
        runners.append(runner)
    try:
        yield roots[0], roots[1]
    finally:
        for runner in runners:
            await runner.cleanup()


async def _tightwad(python: Path, world: World, num_tokens: int, drafts: int) -> dict[str, Any]:
    servers = Servers(world, num_tokens + 64, Dial(0.8))
    async with _serving(servers) as (draft, target):
        process = await asyncio.create_subprocess_exec(
            str(python), "-c", RUN_TIGHTWAD, draft, target, str(num_tokens), str(drafts), "0",
            stdout=subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
    told = json.loads(out.splitlines()[-1])
    text = [int(word) for word in told["text"]]
    return {
        "x_stream": told["rate"] * world.pass_seconds,
        "passes_per_token": servers.passes / len(text),
        "bytes_up_per_token": servers.bytes_up / len(text),
        "is_the_targets_text": text == servers.trace[: len(text)],
    }


def tightwad(python: Path = TIGHTWAD, num_tokens: int = 150) -> list[dict[str, Any]]:
    """Multiples of the stream at acceptance 0.8, its default draft of 8 and a shorter one."""
    rows: list[dict[str, Any]] = []
    for world in (FAST, SLOW):
        for round_trip in ROUND_TRIPS:
            there = World(world.pass_seconds, world.share, world.draft_seconds, round_trip)
            row: dict[str, Any] = {
                "pass_ms": world.pass_seconds * 1e3,
                "round_trip_ms": round_trip * 1e3,
                "ours": joint(there, Dial(0.8)).rate * world.pass_seconds,
                "synchronous_4": synchronous(there, Dial(0.8), 4).rate * world.pass_seconds,
            }
            for drafts in (4, 8):
                row[f"tightwad_{drafts}"] = asyncio.run(
                    _tightwad(python, there, num_tokens, drafts)
                )
            rows.append(row)
            print(row, file=sys.stderr, flush=True)
    return rows


# --- xllamacpp's own ------------------------------------------------------------------------------


def xllamacpp_modes(num_tokens: int = 120) -> dict[str, Any]:
    """Its own speculative decoding on the real pair, greedy: the share of tokens that are those of
    its plain decoding, and its rate over the plain one's (CPU seconds of this process)."""
    xllamacpp: Any = importlib.import_module("xllamacpp")
    asked = ["What is a recession?", "What is inflation?", "What is opportunity cost?"]
    said: dict[str, list[str]] = {}
    seconds: dict[str, float] = {}
    for mode in ("plain", "draft-simple", "ngram-simple"):
        params = xllamacpp.CommonParams()
        params.model.path = str(TOWER)
        params.n_ctx, params.n_parallel, params.cpuparams.n_threads = 640, 1, 1
        if mode == "draft-simple":
            params.speculative.draft.mparams.path = str(POCKET)
        if mode != "plain":
            params.speculative.types = [
                getattr(
                    xllamacpp.common_speculative_type,
                    "COMMON_SPECULATIVE_TYPE_" + mode.upper().replace("-", "_"),
                )
            ]
        server = xllamacpp.Server(params)
        texts: list[str] = []
        started = time.process_time()
        for question in asked:
            request = {"prompt": question, "n_predict": num_tokens, "temperature": 0.0}
            got: Any = server.handle_completions(request)
            texts.append(got["content"] if "content" in got else got["choices"][0]["text"])
        seconds[mode] = time.process_time() - started
        said[mode] = texts
        del server
    return {
        mode: {
            "x_plain": seconds["plain"] / seconds[mode],
            "same_texts": sum(a == b for a, b in zip(said[mode], said["plain"], strict=True)),
            "of": len(asked),
        }
        for mode in said
    }


def main() -> None:
    """All that is there, as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--tightwad", type=Path, default=TIGHTWAD)
    given = parser.parse_args()
    found: dict[str, Any] = {"xllamacpp": xllamacpp_modes()}
    if given.tightwad.exists():
        found["tightwad"] = tightwad(given.tightwad)
    else:
        print(f"no {given.tightwad}: tightwad is left out", file=sys.stderr)
    write_result("joint_peers", found, packages=["aiohttp", "xllamacpp"])
    print(json.dumps(found, indent=None if given.json else 1))


if __name__ == "__main__":
    main()
