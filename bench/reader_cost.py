"""What reading costs: `python -m bench.reader_cost --data DIR [--json]`, in a process of its own.

Every request of the outcomes is read once on its life, after one to warm up: grammar, encoder and
second look, no act. `cpu_*` are milliseconds of processor time of a reading, `wall_*` by the clock;
`first_ms` is the first reading with the weights' opening. `rss_mb` is the most memory the process
held, `rss_before_mb` what it held before the reader was made: interpreter, libraries, the lives.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.lives import Fixed, profile_of
from bench.results_file import ROOT, write_result
from tandem.assistant.knowing import Knowing
from tandem.bootstrap_assistant import device_reader, file_stores
from tandem.connectors.life import load_life
from tandem.understanding.known import Known
from tandem.understanding.reading import Context

DATA = ROOT.parent / "shared" / "data" / "assistant" / "outcomes"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--json", action="store_true", help="print the figures alone")
    args = parser.parse_args()
    figures = measure(args.data)
    if args.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:16} {value}")
    write_result("reader_cost", figures, packages=("numpy",))


def measure(data: Path) -> dict[str, Any]:
    """Milliseconds and megabytes."""
    lines = (data / "requests.jsonl").read_text("utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    lives = sorted({case["life"] for case in cases})
    with tempfile.TemporaryDirectory() as root:
        known = {name: _known(data / "lives" / name, Path(root)) for name in lives}
    before = _most_mb()
    reader = device_reader()
    cpu, wall, first = list[float](), list[float](), 0.0
    for case in [cases[0], *cases]:
        for words in case["turns"]:
            context = Context(known[case["life"]])
            spent, started = time.process_time(), time.perf_counter()
            reader.read(words, context)
            wall.append(1000 * (time.perf_counter() - started))
            cpu.append(1000 * (time.process_time() - spent))
            first = first or wall[0]
    cpu, wall = sorted(cpu[1:]), sorted(wall[1:])
    return {
        "requests": len(cpu),
        "cpu_p50_ms": _at(cpu, 0.5),
        "cpu_p95_ms": _at(cpu, 0.95),
        "wall_p50_ms": _at(wall, 0.5),
        "wall_p95_ms": _at(wall, 0.95),
        "first_ms": round(first, 1),
        "rss_before_mb": before,
        "rss_mb": _most_mb(),
    }


def _known(folder: Path, root: Path) -> Known:
    person, now = profile_of(folder)
    stores = file_stores(root / folder.name)
    load_life(folder, stores)
    return Knowing(stores, person, Fixed(now.timestamp())).refresh()


def _at(them: list[float], share: float) -> float:
    return round(them[int(share * (len(them) - 1))], 1)


def _most_mb() -> float:
    """The most memory held so far; Linux counts in kilobytes, macOS in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1024**2 if sys.platform == "darwin" else 1024), 1)


if __name__ == "__main__":
    main()
