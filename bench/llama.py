"""Is the in-process engine as fast as llama.cpp's own server on the same file?

    python -m bench.llama --json

Both answer the same chats in this process with the same threads, micro-batch and flash attention:
`engines/llama` through `generate()` with its events read in asyncio, and xllamacpp's own server
through its in-process dict interface, not streaming (its cheapest way). The runs alternate; the
figures are medians of tokens per second of wall time and of CPU time, each with its quartiles.
A ratio above 1 means that ours is faster.

Keys per model and kind (decode: 256 tokens after a short prompt; prefill: a long prompt and one
token): `ours`, `server` in tokens/s, `ratio` (median of the ratios of neighbouring runs) and
`ratio_cpu`. The floor is 0.95. `prefill_with_question` is ours when it also reads the probability
of every token of the question, which the server cannot.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import xllamacpp

from bench.random_gguf import MIDDLE, write_random_gguf
from bench.results_file import ROOT, write_result
from tandem.engines.llama import EXACT_UBATCH_TOKENS, LlamaEngine
from tandem.types import Finish, Request, Sampling, message

FLOOR = 0.95
NUM_DECODED = 256
NUM_WORDS = 220  # about 500 tokens for the trained pair
CONTEXT_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class Run:
    """One measured call."""

    num_tokens: int
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of work: a text to answer, and how many tokens to answer."""

    name: str
    text: str
    num_output: int

    def chat(self, number: int) -> str:
        """The text of one run: its first word differs, so that no cache helps either side."""
        return f"{number} {self.text}"

    def counted(self, num_input: int, num_output: int) -> int:
        """The tokens that this kind of work is about."""
        return num_output if self.num_output > 1 else num_input


def cases(long_text: str) -> tuple[Case, ...]:
    """Decode and prefill."""
    return (Case("decode", "Tell me.", NUM_DECODED), Case("prefill", long_text, 1))


Answer = Callable[[Case, int], Awaitable[Run]]


class Ours:
    """engines/llama."""

    def __init__(self, engine: LlamaEngine) -> None:
        self.engine = engine

    async def __call__(self, case: Case, number: int) -> Run:
        sampling = Sampling(temperature=0.0, max_output_tokens=case.num_output)
        request = Request((message("user", case.chat(number)),), sampling=sampling)
        started, cpu = time.perf_counter(), time.process_time()
        events = [event async for event in self.engine.generate(request)]
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        finish = events[-1]
        assert isinstance(finish, Finish) and finish.usage.cached_tokens < 16
        usage = finish.usage
        return Run(case.counted(usage.input_tokens, usage.output_tokens), seconds, cpu)


class Server:
    """xllamacpp's own server, in this process."""

    def __init__(self, path: Path, num_threads: int, ubatch_tokens: int) -> None:
        native: Any = xllamacpp  # its compiled part has no types
        params = native.CommonParams()
        params.model.path = str(path)
        params.n_ctx = CONTEXT_TOKENS
        params.n_parallel = 1
        params.n_batch = params.n_ubatch = ubatch_tokens
        params.flash_attn_type = native.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_ENABLED
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = num_threads
        params.cache_ram_mib = 0
        params.use_jinja = True
        self._server = native.Server(params)

    async def __call__(self, case: Case, number: int) -> Run:
        asked = {
            "messages": [{"role": "user", "content": case.chat(number)}],
            "max_tokens": case.num_output,
            "temperature": 0.0,
            "ignore_eos": True,
            "cache_prompt": False,
        }
        started, cpu = time.perf_counter(), time.process_time()
        answer: Any = self._server.handle_chat_completions(asked)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        usage = answer["usage"]
        num = case.counted(usage["prompt_tokens"], usage["completion_tokens"])
        return Run(num, seconds, cpu)


def main() -> None:
    """Measure every model that is there and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--ubatch", type=int, default=EXACT_UBATCH_TOKENS)
    parser.add_argument("--model", type=Path, action="append", help="only these files")
    parser.add_argument("--no-save", action="store_true", help="leave bench/results alone")
    options = parser.parse_args()
    paths = options.model or known_models()
    result = asyncio.run(measure(paths, options.repeats, options.threads, options.ubatch))
    if not (options.no_save or options.model):
        write_result("llama", result, packages=("xllamacpp", "numpy"))
    print(json.dumps(result, indent=2) if options.json else table(result))
    sys.exit(0 if result["is_above_floor"] else 1)


def known_models() -> list[Path]:
    """The pair, where trained, and a random model of 110 million parameters, made once."""
    pair = [
        ROOT / "src/tandem/models/pocket/pocket.gguf",
        ROOT / "models/tower/tower.gguf",
    ]
    middle = ROOT / "build" / "bench" / "random-110m.gguf"
    if not middle.exists():
        middle.parent.mkdir(parents=True, exist_ok=True)
        write_random_gguf(middle, MIDDLE)
    return [*(path for path in pair if path.exists()), middle]


async def measure(
    paths: list[Path], repeats: int, num_threads: int, ubatch_tokens: int
) -> dict[str, Any]:
    """All models, one after the other."""
    models: dict[str, Any] = {}
    for path in paths:
        figures = await measured(path, repeats, num_threads, ubatch_tokens)
        models[path.stem] = {"size_bytes": Path(path).stat().st_size, **figures}  # noqa: ASYNC240
    ratios = [model[kind]["ratio"] for model in models.values() for kind in ("decode", "prefill")]
    return {
        "models": models,
        "num_threads": num_threads,
        "ubatch_tokens": ubatch_tokens,
        "repeats": repeats,
        "floor": FLOOR,
        "lowest_ratio": round(min(ratios), 3),
        "is_above_floor": min(ratios) >= FLOOR,
    }


async def measured(path: Path, repeats: int, num_threads: int, ubatch: int) -> dict[str, Any]:
    """One model: both kinds of work, both sides, in turns."""
    engines = [await engine_of(path, num_threads, ubatch, reads=reads) for reads in (False, True)]
    ours, reading = (Ours(engine) for engine in engines)
    server = Server(path, num_threads, ubatch)
    words = " ".join(f"word{i % 97}" for i in range(NUM_WORDS))
    result: dict[str, Any] = {}
    for case in cases(words[:700] if path.stem.startswith("random") else words):
        # Six prefills of a small model take as long as one decode.
        num = repeats if case.num_output > 1 else 2 * repeats
        result[case.name] = await compared(case, ours, server, num)
    prefill = cases(words[:700] if path.stem.startswith("random") else words)[1]
    runs = [await reading(prefill, 10_000 + i) for i in range(repeats)]
    result["prefill_with_question"] = rates(runs)
    for engine in engines:
        await engine.aclose()
    return result


async def engine_of(path: Path, num_threads: int, ubatch: int, *, reads: bool) -> LlamaEngine:
    """One slot, like the server's; the end token only counts."""
    return await LlamaEngine.load(
        path,
        model_name=path.stem,
        num_slots=1,
        context_tokens=CONTEXT_TOKENS,
        num_threads=num_threads,
        ubatch_tokens=ubatch,
        read_prompt_logprobs=reads,
        ignore_end=True,
    )


async def compared(case: Case, ours: Answer, server: Answer, repeats: int) -> dict[str, Any]:
    """In turns, the first one changing places, after two runs to warm up."""
    runs: dict[str, list[Run]] = {"ours": [], "server": []}
    sides = [("ours", ours), ("server", server)]
    for number in range(repeats + 2):
        for name, side in sides if number % 2 else reversed(sides):
            run = await side(case, 1000 + number)
            if number >= 2:
                runs[name].append(run)
    counts = {run.num_tokens for both in runs.values() for run in both}
    if len(counts) > 1 and max(counts) - min(counts) > 2:
        raise SystemExit(f"The two sides did not do the same work: {sorted(counts)} tokens.")
    pairs = list(zip(runs["ours"], runs["server"], strict=True))
    return {
        "num_tokens": max(counts),
        "ours": rates(runs["ours"]),
        "server": rates(runs["server"]),
        "ratio": median_ratio([(o.seconds, s.seconds) for o, s in pairs]),
        "ratio_cpu": median_ratio([(o.cpu_seconds, s.cpu_seconds) for o, s in pairs]),
    }


def median_ratio(pairs: list[tuple[float, float]]) -> float:
    """How much faster ours is, in the median of neighbouring runs."""
    return round(statistics.median(theirs / ours for ours, theirs in pairs), 3)


def rates(runs: list[Run]) -> dict[str, float]:
    """Tokens per second of wall time with quartiles, and of CPU time."""
    wall = sorted(run.num_tokens / run.seconds for run in runs)
    low, middle, high = statistics.quantiles(wall, n=4)
    cpu = statistics.median(run.num_tokens / run.cpu_seconds for run in runs)
    return asdict(Rates(round(middle, 1), round(low, 1), round(high, 1), round(cpu, 1)))


@dataclass(frozen=True, slots=True)
class Rates:
    """Tokens per second."""

    median: float
    lower_quartile: float
    upper_quartile: float
    per_cpu_second: float


def table(result: dict[str, Any]) -> str:
    """For people."""
    lines = [f"{'model':14} {'work':8} {'ours':>9} {'server':>9} {'ratio':>6} {'by CPU':>6}"]
    for name, model in result["models"].items():
        for kind in ("decode", "prefill"):
            row = model[kind]
            lines.append(
                f"{name:14} {kind:8} {row['ours']['median']:9.0f} {row['server']['median']:9.0f}"
                f" {row['ratio']:6.2f} {row['ratio_cpu']:6.2f}"
            )
    lines.append(f"tokens per second; the floor of the ratio is {result['floor']}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
