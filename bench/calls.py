"""How often is the call right? `python -m bench.calls [--data DIR] [--json]`.

Single calls on assistant_nlu, snips and ha_intents (English, Chinese), weighted equally: the tool
and all values must be equal after gold and prediction pass the same normaliser (`call_values`).
`exact` is at full coverage, `precision_at_75` where the encoder is surest. CLINC: recall of what is
out of scope at an in-scope accuracy of at least 92 %.

The shipped encoder was trained on the shared part of these sets, so its figures there say nothing:
run it on rows it has not seen, or give `--model` a checkpoint that was trained with templates held
out and `--held-out` to look at those alone.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

from bench.call_home import home_call
from bench.call_values import same_call
from bench.data_files import folder_with
from bench.results_file import ROOT, write_result
from tandem.understanding.network import Encoder, shipped
from tandem.understanding.spans import best_spans
from tandem.understanding.tokens import fold

DATA = ROOT.parent / "shared" / "data" / "assistant" / "permissive"
IN_SCOPE_FLOOR = 0.92
COVERAGE = 0.75
OOS_SHARE = 0.5  # of what speaks for the class of its own; the rest is doubt among the others


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--json", action="store_true", help="print the figures alone")
    parser.add_argument("--model", type=Path, help="another file than the shipped one")
    parser.add_argument("--held-out", action="store_true", help="the validation templates alone")
    parser.add_argument("--misses", type=int, default=0, help="print so many misses of each set")
    args = parser.parse_args()
    encoder = Encoder(args.model) if args.model else shipped()
    data = folder_with(args.data, "assistant_nlu.jsonl")
    figures = measure(encoder, data, held_out=args.held_out, misses=args.misses)
    if args.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:24} {value}")
    if args.held_out:
        write_result("calls", {**figures, "rows": "held-out templates"}, packages=("numpy",))


def measure(
    encoder: Encoder, data: Path, *, held_out: bool = False, misses: int = 0
) -> dict[str, Any]:
    started = time.process_time()
    sets = {
        "assistant_nlu": list(_spoken(encoder, data, "assistant_nlu", "nlu", held_out)),
        "snips": list(_spoken(encoder, data, "snips", "snips", held_out)),
        "ha_intents": list(_home(encoder, data, held_out)),
    }
    count = sum(map(len, sets.values()))
    spent = time.process_time() - started
    for name, rows in sets.items():
        for row in [row for row in rows if not row[0]][:misses]:
            print(name, *row[1:], sep=" | ")
    exact = {name: sum(ok for ok, *_ in rows) / len(rows) for name, rows in sets.items() if rows}
    sure = {name: _precision(rows) for name, rows in sets.items() if rows}
    return {
        "exact": _percent(exact.values()),
        "precision_at_75": _percent(sure.values()),
        **{f"exact_{name}": _percent([value]) for name, value in exact.items()},
        **{f"precision_at_75_{name}": _percent([value]) for name, value in sure.items()},
        **out_of_scope(encoder, data, held_out),
        "calls": {name: len(rows) for name, rows in sets.items()},
        "cpu_ms_per_call": round(1000 * spent / max(1, count), 2),
    }


def _percent(values: Iterable[float]) -> float:
    them = list(values)
    return round(100 * sum(them) / max(1, len(them)), 2)


def _precision(rows: list[tuple[bool, float, str, Any, Any]]) -> float:
    surest = sorted(rows, key=lambda row: -row[1])[: math.ceil(COVERAGE * len(rows))]
    return sum(ok for ok, *_ in surest) / len(surest)


def _read(data: Path, name: str) -> Iterator[dict[str, Any]]:
    with (data / f"{name}.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _is_held_out(domain: str, text: str, spans: Iterable[Any]) -> bool:
    """As in train.reader_rows: by the text with its values masked."""
    for start, end, slot in sorted(spans, reverse=True):
        text = f"{text[:start]}[{slot}]{text[end:]}"
    masked = re.sub(r"\d+", "0", re.sub(r"\W+", " ", fold(text)).strip())
    return crc32(f"{domain}|{masked}".encode()) % 10 == 0


def _apart(spans: Iterable[Any]) -> list[tuple[int, int, str]]:
    kept: list[tuple[int, int, str]] = []
    for start, end, slot in sorted((int(s), int(e), str(n)) for s, e, n in spans):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, slot))
    return kept


def _spoken(
    encoder: Encoder, data: Path, name: str, domain: str, held_out: bool
) -> Iterator[tuple[bool, float, str, Any, Any]]:
    """Right or not, confidence, text, gold, prediction. Rows without a call are left out."""
    slots = _slots_by_tool(encoder, domain)
    for row in _read(data, name):
        text, gold = row["utterance"], row["call"]
        if not gold or (held_out and not _is_held_out(domain, text, _apart(row["spans"]))):
            continue
        got, sure = spoken_call(encoder, text, domain, slots)
        yield (
            same_call((gold["name"], gold["arguments"]), got), sure, text, gold, got
        )  # fmt: skip


def spoken_call(
    encoder: Encoder, text: str, domain: str, slots: dict[str, list[str]]
) -> tuple[tuple[str | None, dict[str, object]], float]:
    """The call of one request, assembled by its tool's slots, and its confidence."""
    sight = encoder.see(text, domain)
    if sight is None:
        return (None, {}), 0.0
    best: tuple[float, str, list[Any]] | None = None
    for tool, probability in sight.ranking()[:3]:
        spans, log = best_spans(sight, slots.get(tool))
        score = math.log(probability + 1e-9) + log
        if best is None or score > best[0]:
            best = (score, tool, spans)
    assert best is not None
    arguments: dict[str, object] = {}
    for span in best[2]:
        words = text[span.start : span.end]
        before = arguments.get(span.slot)
        arguments[span.slot] = words if before is None else [*_list(before), words]
    tool = None if best[1].startswith("none.") else best[1]
    return (tool, arguments), math.exp(best[0])


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _slots_by_tool(encoder: Encoder, domain: str) -> dict[str, list[str]]:
    found: dict[str, dict[str, list[str]]] = encoder.about.get("slots_of", {})
    return found.get(domain, {})


def _home(
    encoder: Encoder, data: Path, held_out: bool
) -> Iterator[tuple[bool, float, str, Any, Any]]:
    homes = json.loads((data / "ha_fixtures.json").read_text(encoding="utf-8"))
    for row in _read(data, "ha_intents"):
        gold = row["call"]
        if row["lang"][:2] not in ("en", "zh") or not gold or not gold["name"]:
            continue
        names = _names(homes[row["lang"]])
        known = _known(row["utterance"], names)
        if held_out and not _is_held_out("home", row["utterance"], known):
            continue
        tool, got, sure = home_call(encoder, row["utterance"], row["device_context"], names, known)
        arguments = {k: v[-1] if isinstance(v, list) else v for k, v in gold["arguments"].items()}
        yield (
            same_call((gold["name"], arguments), (tool, got)), sure, row["utterance"],
            gold, (tool, got),
        )  # fmt: skip


def _names(home: dict[str, Any]) -> dict[str, set[str]]:
    return {
        "name": {entity["name"] for entity in home.get("entities", ())},
        "area": {area["name"] for area in home.get("areas", ())},
        "floor": {floor["name"] for floor in home.get("floors", ())},
    }


def _known(text: str, names: dict[str, set[str]]) -> tuple[tuple[int, int, str], ...]:
    low, taken = fold(text), set[int]()
    found: list[tuple[int, int, str]] = []
    pairs = sorted(((len(n), n, kind) for kind, them in names.items() for n in them), reverse=True)
    for length, name, kind in pairs:
        for match in re.finditer(re.escape(fold(name)), low):
            if not taken.intersection(range(match.start(), match.start() + length)):
                taken.update(range(*match.span()))
                found.append((match.start(), match.end(), kind))
    return tuple(sorted(found))


def out_of_scope(encoder: Encoder, data: Path, held_out: bool) -> dict[str, Any]:
    """Recall of what is out of scope where 92 % of the rest is still answered right."""
    inside: list[tuple[float, bool]] = []
    outside: list[float] = []
    for row in _read(data, "clinc150"):
        text = row["utterance"]
        if held_out and not _is_held_out("clinc", text, ()):
            continue
        sight = encoder.see(text, "clinc")
        if sight is None:
            continue
        ranked = sight.ranking()
        score = oos_score(ranked)
        if row["out_of_scope"]:
            outside.append(score)
        else:
            best = next(name for name, _ in ranked if name != "oos")
            inside.append((score, best == row["intent"]))
    right = sorted(score for score, ok in inside if ok)
    allowed = math.ceil(IN_SCOPE_FLOOR * len(inside))
    threshold = right[min(allowed, len(right)) - 1] if right else 0.0
    accuracy = sum(ok and score <= threshold for score, ok in inside) / max(1, len(inside))
    shipped_at = encoder.about.get("thresholds", {}).get("oos")
    figures: dict[str, Any] = {
        "oos_recall": _percent([sum(s > threshold for s in outside) / max(1, len(outside))]),
        "in_scope_accuracy": _percent([accuracy]),
        "oos_rows": len(outside),
    }
    if shipped_at is not None:
        figures["oos_recall_shipped"] = _percent(
            [sum(s > shipped_at for s in outside) / max(1, len(outside))]
        )
        figures["in_scope_accuracy_shipped"] = _percent(
            [sum(ok and s <= shipped_at for s, ok in inside) / max(1, len(inside))]
        )
    return figures


def oos_score(ranked: list[tuple[str, float]]) -> float:
    """How much speaks for none of the known intents, against the best of them."""
    probability = dict(ranked).get("oos", 0.0)
    best = max(p for name, p in ranked if name != "oos")
    return OOS_SHARE * math.log(probability + 1e-9) - math.log(best + 1e-9)


if __name__ == "__main__":
    main()
