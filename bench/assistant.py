"""What is true on the servers after a natural request? In English and Chinese.

    python -m bench.assistant --data DIR --json        lives and requests as in DIR/FORMAT.md
    python -m bench.assistant --data DIR --backend files   quick: plain files instead of servers

Every request runs on a fresh copy of its life. Success: the state before plus what is expected, and
nothing else changed, and the words and cards are as expected. `device` is the device alone; `cloud`
adds a scripted-perfect cloud for what the device escalates by itself, whose calls go through the
device's own planning and cards.

Keys: `device`, `cloud` (shares of all requests), `en`, `zh` (device alone, by language), `by_tag`,
`acted_wrong` (share of requests where something happened that should not have), `p50_ms`, `p95_ms`
(end of text to act or card; stores known), `faults` (with --faults).
"""

from __future__ import annotations

import argparse
import importlib
import json
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench.data_files import folder_with
from bench.life_servers import ServersBackend
from bench.lives import FilesBackend, Fixed, Life
from bench.outcomes import Shown, judge, state_of
from bench.perfect_cloud import PerfectCloud
from bench.results_file import write_result
from tandem.assistant.assistant import Assistant, Kind, Reply
from tandem.assistant.knowing import Knowing
from tandem.assistant.performing import Hands
from tandem.keeping.journal import Journal
from tandem.understanding.reading import Reader, Reading

HELD_SEED = 5
BACKENDS: Mapping[str, Any] = {"files": FilesBackend, "servers": ServersBackend}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one request went, once alone and once with the cloud."""

    case: Mapping[str, Any]
    faults: list[str]
    milliseconds: list[float]
    words: str
    escalated: bool
    asked: bool
    readings: list[Reading]


def run_case(
    life: Life, case: Mapping[str, Any], reader: Reader, cloud: Reader | None = None
) -> Outcome:
    """Load, say every turn, answer every card, compare. What is escalated the cloud reads."""
    clock = Fixed(life.now.timestamp())
    knowing = Knowing(life.stores, life.person, clock)
    knowing.refresh()
    before = state_of(life.stores, life.sent())
    journal = Journal(life.journal, life.stores, clock)
    hands = Hands(journal, clock)
    assistant = Assistant(reader, knowing, hands, case["language"], has_cloud=cloud is not None)
    words: list[str] = []
    spent: list[float] = []
    readings: list[Reading] = []
    replies: list[Reply] = []
    num_cards, escalated = 0, False
    for turn in case["turns"]:
        started = time.perf_counter()
        reply = assistant.say(turn)
        escalated |= reply.kind is Kind.ESCALATED
        if cloud is not None and reply.kind is Kind.ESCALATED:
            known = knowing.refresh()
            reading = cloud.read(turn, assistant.context(known))
            reply = assistant.act_on(turn, reading, known)  # it has seen the request alone
        spent.append((time.perf_counter() - started) * 1000)
        replies.append(reply)
        if reply.reading:
            readings.append(reply.reading)
        words.append(reply.text)
        for card in reply.waiting:
            num_cards += 1
            words.append(card.text)
            words.append(assistant.answer(card.id, case["confirm"] == "yes").text)
    shown = Shown(
        "\n".join(words),
        bool(replies) and replies[0].kind is Kind.ASKED,
        all(r.kind in (Kind.ESCALATED, Kind.REFUSED) for r in replies),
        num_cards,
    )
    journal.close()
    after = state_of(life.stores, life.sent())
    faults = judge(case, before, after, shown, ZoneInfo(life.person.zone), life.now)
    asked = any(reply.kind is Kind.ASKED for reply in replies)
    return Outcome(case, faults, spent, shown.words, escalated, asked, readings)


def with_cloud(outcome: Outcome, rerun: Callable[[Reader], Outcome]) -> bool:
    """Success when a perfect cloud takes what the device gives away. A success without a cloud
    stays one unless the device asked, as with a cloud it might have given that away.
    """
    if not outcome.faults and not outcome.asked:
        return True
    again = rerun(PerfectCloud(outcome.case))
    if "answer" in outcome.case["expect"] and again.escalated:
        return all("answer" in fault for fault in again.faults)  # its words are right by definition
    return not again.faults


def reader_named(name: str, case: Mapping[str, Any]) -> Reader:
    """`device` as it ships, `perfect`, or any reader class by `module:Class`."""
    if name == "perfect":
        return PerfectCloud(case)
    if ":" in name:
        module, _, cls = name.partition(":")
        return getattr(importlib.import_module(module), cls)()
    from tandem.bootstrap_assistant import device_reader

    return device_reader()


def measure(
    cases: Sequence[Mapping[str, Any]], lives: Path, backend: Any, reader_name: str
) -> list[tuple[Outcome, bool]]:
    """Every case, each on a fresh copy."""
    found: list[tuple[Outcome, bool]] = []
    kept = None if reader_name == "perfect" else reader_named(reader_name, {})
    for case in cases:
        reader = kept or PerfectCloud(case)

        def run(cloud: Reader | None, case: Any = case, reader: Reader = reader) -> Outcome:
            with backend.life(lives / case["life"]) as life:
                return run_case(life, case, reader, cloud)

        outcome = run(None)
        found.append((outcome, with_cloud(outcome, run)))
    return found


def figures(found: Sequence[tuple[Outcome, bool]]) -> dict[str, Any]:
    """The shares, by language and tag, and the times."""
    tags: dict[str, list[bool]] = defaultdict(list)
    languages: dict[str, list[bool]] = defaultdict(list)
    for outcome, _ in found:
        is_right = not outcome.faults
        languages[outcome.case["language"]].append(is_right)
        for tag in outcome.case["tags"]:
            tags[tag].append(is_right)
    spent = sorted(ms for outcome, _ in found for ms in outcome.milliseconds)
    wrong = [o for o, _ in found if o.faults and any(_is_deed(fault) for fault in o.faults)]
    return {
        "num_requests": len(found),
        "device": _share([not outcome.faults for outcome, _ in found]),
        "cloud": _share([right for _, right in found]),
        **{language: _share(rights) for language, rights in languages.items()},
        "acted_wrong": round(len(wrong) / max(1, len(found)), 4),
        "p50_ms": round(statistics.median(spent), 1) if spent else None,
        "p95_ms": round(spent[int(0.95 * (len(spent) - 1))], 1) if spent else None,
        "by_tag": {tag: [sum(rights), len(rights)] for tag, rights in sorted(tags.items())},
    }


def _is_deed(fault: str) -> bool:
    return not fault.startswith(
        ("the answer", "no question", "neither", "added 0", "0 cards")
    ) and (": 0 mails" not in fault)


def _share(rights: Sequence[bool]) -> float:
    return round(sum(rights) / max(1, len(rights)), 4)


def half(cases: Sequence[Mapping[str, Any]], which: str) -> list[Mapping[str, Any]]:
    """`dev` is for looking at, `held` for measuring only; drawn by a fixed seed."""
    order = sorted(cases, key=lambda case: case["id"])
    random.Random(HELD_SEED).shuffle(order)
    middle = len(order) // 2
    chosen = {"all": order, "dev": order[:middle], "held": order[middle:]}[which]
    return sorted(chosen, key=lambda case: case["id"])


def main() -> None:
    """Run all requests and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--backend", choices=tuple(BACKENDS), default="servers")
    parser.add_argument("--reader", default="device", help="device, perfect, or module:Class")
    parser.add_argument("--half", choices=("all", "dev", "held"), default="all")
    parser.add_argument("--only", help="requests whose id contains this")
    parser.add_argument("--faults", action="store_true", help="also list what went wrong")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--no-save", action="store_true", help="leave bench/results alone")
    options = parser.parse_args()
    data = folder_with(options.data, "requests.jsonl")
    lines = (data / "requests.jsonl").read_text("utf-8").splitlines()
    cases = half([json.loads(line) for line in lines if line.strip()], options.half)
    cases = [case for case in cases if options.only is None or options.only in case["id"]]
    with tempfile.TemporaryDirectory() as root:
        backend = BACKENDS[options.backend](Path(root))
        try:
            found = measure(cases, data / "lives", backend, options.reader)
        finally:
            backend.close()
    result = {"backend": options.backend, "reader": options.reader, **figures(found)}
    if options.faults:
        for outcome, with_help in found:
            if outcome.faults:
                print(outcome.case["id"], outcome.case["turns"], "cloud" if with_help else "")
                for fault in outcome.faults:
                    print("    ", fault[:400])
                print("     words:", outcome.words[:300].replace("\n", " / "))
    if options.half == "all" and not options.only and not options.no_save:
        is_shared = data.name == "outcomes"
        write_result("assistant" if is_shared else f"assistant_{data.name}", result)
    print(json.dumps(result, indent=None if options.json else 2, ensure_ascii=False))


if __name__ == "__main__":
    main()
