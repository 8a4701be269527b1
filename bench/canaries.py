"""Does anything personal leave, and does all of it come back? Generated conversations through the
real door, over a real connection, to a cloud that records every byte.

    python -m bench.canaries --conversations 10000 --json

Planted values (people in the user's contacts, numbers with checksums, addresses, keys) stand in
every channel: system, history, tools and their arguments and results, schemas, pictures' metadata,
packed and escaped forms. The cloud answers streamed or whole, with tool calls, with errors that
quote the question, or hangs up; some requests are tried again. Each figure has its floor beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import logging
import random
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench import canaries_answers as answers
from bench.canaries_cloud import task_of
from bench.canaries_faults import try_fault
from bench.canaries_texts import Planted, planted, seen_in
from bench.results_file import write_result
from tandem.bootstrap import Tandem, open_tandem
from tandem.config import Cloud, Device, Paths, Privacy, Settings, paths_from
from tandem.errors import TandemError
from tandem.privacy.detection.dictionary import PrivateDictionary
from tandem.secrets import Secrets
from tandem.types import Action, Request, Sampling, TextDelta, ToolCall, message

ROOT = Path(__file__).resolve().parent.parent
BATCH = 100
AT_ONCE = 8
FLOORS = {
    "values_left": 0,
    "unapproved_restores": 0,
    "byte_equal_splits": 1.0,
    "mangled_restored": 0.99,
    "wrong_person": 0,
    "left_after_fault": 0,
    "audited": 1.0,
    "utility": 0.98,
}


@dataclass(slots=True)
class Counts:
    """What was counted. `leaks` say where, without the value."""

    conversations: int = 0
    requests: int = 0
    num_audited: int = 0
    num_tasks: int = 0
    num_equal: int = 0
    by_channel: Counter[str] = field(default_factory=Counter[str])
    leaks: list[str] = field(default_factory=list[str])
    unlike: list[str] = field(default_factory=list[str])


class Recorded:
    """What the cloud has received, read on from where it was read last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0

    def more(self) -> Iterator[tuple[bytes, bytes]]:
        """Head and body of each new request."""
        with self._path.open("rb") as file:
            file.seek(self._at)
            while sizes := file.read(8):
                num_head, num_body = struct.unpack(">II", sizes)
                yield file.read(num_head), file.read(num_body)
            self._at = file.tell()


@contextmanager
def recording_cloud(folder: Path) -> Iterator[tuple[str, Recorded]]:
    """The cloud in a process of its own: its address and its record."""
    (folder / "recorded").touch()
    command = [sys.executable, "-m", "bench.canaries_cloud", str(folder)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1", Recorded(folder / "recorded")
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


class Log(logging.Handler):
    """Everything that any library logs, at every level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


async def conversations(num: int, seed: int, folder: Path, url: str, recorded: Recorded) -> Counts:
    """All conversations in batches, each batch's bytes looked through for its values."""
    counts = Counts()
    settings = Settings(
        device=Device(kind="scripted"),
        cloud=Cloud(url=url, model="cloud", consent="always"),
        # By default a picture stays, which is too easy: let out it must lose its metadata.
        privacy=Privacy(keyring=False, rules={"picture": Action.KEEP}),
    )
    paths = paths_from(settings, folder / "tandem.toml", {"TANDEM_HOME": str(folder)})
    known = PrivateDictionary()
    log = Log()
    logging.getLogger().addHandler(log)
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        async with open_tandem(
            settings, paths, Secrets({}, lambda: None), dictionary=known
        ) as tandem:
            for first in range(0, num, BATCH):
                batch = [planted(number, seed) for number in range(first, min(num, first + BATCH))]
                for each in batch:
                    for entry in each.entries:
                        known.add(entry)
                gate = asyncio.Semaphore(AT_ONCE)
                await asyncio.gather(*(_talk(tandem, each, counts, gate) for each in batch))
                _look(batch, recorded, paths, log, counts)
                for each in batch:
                    for entry in each.entries:
                        known.remove(entry.key)
            _look_at_files([planted(n, seed) for n in range(min(num, 50))], folder, counts)
            assert tandem.door is not None
    finally:
        logging.getLogger().removeHandler(log)
        logging.getLogger().setLevel(level)
    return counts


async def _talk(tandem: Tandem, each: Planted, counts: Counts, gate: asyncio.Semaphore) -> None:
    """One conversation: the question, a second try where it failed, and a vector of it."""
    async with gate:
        counts.conversations += 1
        counts.by_channel[each.channel] += 1
        text, error = await _ask(tandem, each, each.request, counts)
        if error is not None:
            again = replace(each.request, sampling=Sampling(seed=0))
            text, error = await _ask(tandem, each, again, counts)
        if text is not None and error is None:
            counts.num_tasks += 1
            if text == task_of(each.task):
                counts.num_equal += 1
            elif len(counts.unlike) < 20:
                counts.unlike.append(each.channel)
        if counts.conversations % 10 == 0 and tandem.door is not None:
            values = [f"{canary.field}: {canary.value}" for canary in each.canaries]
            await tandem.door.embed(values, may_leave_device=True)


async def _ask(
    tandem: Tandem, each: Planted, request: Request, counts: Counts
) -> tuple[str | None, TandemError | None]:
    """The answer's text, or `None` where tools were called; and the error."""
    text, has_called = "", False
    try:
        async for event in tandem.escalate(request):
            if isinstance(event, TextDelta):
                text += event.text
            elif isinstance(event, ToolCall):
                has_called = True
                marks = tuple(mark for canary in each.canaries for mark in canary.marks)
                if seen_in(event.arguments.encode(), marks):
                    counts.leaks.append("an outward tool's arguments")
    except TandemError as error:
        for canary in each.canaries:
            if seen_in(str(error).encode(), canary.marks):
                counts.leaks.append("an error's words")
        return None, error
    return None if has_called else text, None


# --- looking ------------------------------------------------------------------------------------


def _look(batch: list[Planted], recorded: Recorded, paths: Paths, log: Log, counts: Counts) -> None:
    """The batch's values in all bytes that left since, in the logs and in the audit trail."""
    marks = {
        mark: f"{each.channel}, {canary.field}"
        for each in batch
        for canary in each.canaries
        for mark in canary.marks
    }
    rows = [json.loads(line) for line in paths.audit.read_text("utf-8").splitlines()]
    on_record = {row["body_sha256"] for row in rows if row["event"] == "left"}
    for head, body in recorded.more():
        counts.requests += 1
        counts.num_audited += hashlib.sha256(body).hexdigest() in on_record
        for mark in seen_in(head + body, tuple(marks)):
            counts.leaks.append(f"the cloud, by {marks[mark]}")
    told = "\n".join(log.lines)
    log.lines.clear()
    for mark in seen_in(told.encode("utf-8", "replace"), tuple(marks)):
        counts.leaks.append(f"a log, by {marks[mark]}")


def _look_at_files(some: list[Planted], folder: Path, counts: Counts) -> None:
    """Audit, ledger and vault hold no value in clear."""
    marks = tuple(mark for each in some for canary in each.canaries for mark in canary.marks)
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name.startswith(("audit", "ledger", "vault")):
            data = path.read_bytes()
            counts.leaks += [path.name for mark in marks if mark.encode() in data]


# --- the rest -----------------------------------------------------------------------------------


async def faults(num: int, seed: int, folder: Path, url: str, recorded: Recorded) -> dict[str, Any]:
    """Requests that left although something on the way out was broken."""
    num_left = num_silent = 0
    by_fault: Counter[str] = Counter()
    for number in range(num):
        home = folder / f"home {number}"
        home.mkdir()
        request = Request(
            (message("user", f"Please echo this.\nmail: a{number}@post.example.org"),),
            may_leave_device=True,
            conversation_id="talk",
        )
        draw = random.Random(f"{seed} fault {number}")
        list(recorded.more())
        tried = await try_fault(url, home, request, number, draw)
        by_fault[f"{tried.fault}: {tried.error}"] += 1
        num_left += len(list(recorded.more())) - 1
        num_silent += tried.error == "none"
    return {"left_after_fault": num_left, "faults": num, "silent": num_silent, "by_fault": by_fault}


def run(num: int, seed: int, *, num_faults: int, num_abuses: int, num_talks: int) -> dict[str, Any]:
    """All figures."""
    started = time.process_time()
    with tempfile.TemporaryDirectory() as name, recording_cloud(Path(name)) as (url, recorded):
        folder = Path(name)
        home, more = folder / "home", folder / "more"
        home.mkdir()
        more.mkdir()
        counts = asyncio.run(conversations(num, seed, home, url, recorded))
        problems = _audit_problems(home, url)
        broken = asyncio.run(faults(num_faults, seed, more, url, recorded))
        talks = answers.talks(folder, num_talks, seed)
        num_equal, num_splits = answers.split_share(talks[: max(2, num_talks // 4)])
        num_restored, num_mangled, num_wrong = answers.mangled_share(talks)
        num_done, num_allowed = answers.approved(talks)
        num_unapproved = answers.unapproved(talks, num_abuses, seed)
    return {
        "conversations": counts.conversations,
        "requests": counts.requests,
        "values_left": len(counts.leaks),
        "leaks": dict(Counter(counts.leaks)),
        "unapproved_restores": num_unapproved,
        "abuses": num_abuses,
        "byte_equal_splits": num_equal / num_splits,
        "splits": num_splits,
        "mangled_restored": num_restored / num_mangled,
        "mangled": num_mangled,
        "wrong_person": num_wrong,
        "approved_restored": num_done / num_allowed,
        "audited": 0.0 if problems else counts.num_audited / counts.requests,
        "audit_problems": problems,
        "utility": counts.num_equal / counts.num_tasks,
        "tasks": counts.num_tasks,
        "unlike": dict(Counter(counts.unlike)),
        "channels": dict(sorted(counts.by_channel.items())),
        **broken,
        "cpu_seconds": round(time.process_time() - started, 1),
        "floors": FLOORS,
    }


def _audit_problems(home: Path, url: str) -> list[str]:
    from tandem.bootstrap import open_audit

    settings = Settings(privacy=Privacy(keyring=False))
    paths = paths_from(settings, home / "tandem.toml", {"TANDEM_HOME": str(home)})
    audit = open_audit(settings, paths, Secrets({}, lambda: None))
    return [problem.message for problem in audit.problems()]


def main() -> None:
    """Run, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=1000)
    parser.add_argument("--abuses", type=int, default=1000)
    parser.add_argument("--talks", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", action="store_true", help="write bench/results/canaries.json")
    chosen = parser.parse_args()
    figures = run(
        chosen.conversations,
        chosen.seed,
        num_faults=chosen.faults,
        num_abuses=chosen.abuses,
        num_talks=chosen.talks,
    )
    if chosen.keep:
        write_result("canaries", figures, packages=("aiohttp", "cryptography"))
    if chosen.json:
        print(json.dumps(figures, indent=1, ensure_ascii=False))
        return
    for name, floor in FLOORS.items():
        print(f"{name:24} {figures[name]:<12.6g} floor {floor}")


if __name__ == "__main__":
    main()
