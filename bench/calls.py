"""How often is the call right? `python -m bench.calls [--data DIR] [--json]`.

Single calls on assistant_nlu, snips and ha_intents (English, Chinese), weighted equally: the tool
and all values must be equal after gold and prediction pass the same normaliser (`call_values`).
`exact` is at full coverage. `precision_at_75` is what a product with one threshold would have: the
three sets together, each weighing a third whatever its size, one threshold on the confidence, and
what is right among the surest 75 % of that weight. `precision_at_75_per_set_mean` lets every set
have a threshold of its own (75 % of each set) and is the mean of those; that is what
`precision_at_75` meant before November 26th. CLINC: recall of what is out of scope at an in-scope
accuracy of at least 92 %.

The shipped encoder was trained on the shared part of these sets, so its figures there say nothing:
run it on rows it has not seen, or give `--model` a checkpoint that was trained with templates held
out and `--held-out` to look at those alone. Such a file carries two regressions for the confidence,
each fitted on half of the held-out templates; a row's confidence comes from the one that was fitted
on the other half.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

from bench.call_home import home_call
from bench.call_values import same_call
from bench.data_files import folder_with
from bench.results_file import ROOT, write_result
from tandem.understanding.confidence import confidence, signs
from tandem.understanding.network import Array, Encoder, shipped
from tandem.understanding.spans import best_spans
from tandem.understanding.tokens import fold

DATA = ROOT.parent / "shared" / "data" / "assistant" / "permissive"
Scored = tuple[bool, float, str, Any, Any]
"""Right or not, confidence, text, gold, prediction."""
Seen = list[tuple[str, int, bool, Array | None]]
"""Label set, half of the templates, right or not, signs: what a confidence is fitted on."""
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
        "assistant_nlu": list(_spoken(encoder, data, "assistant_nlu", "nlu", held_out=held_out)),
        "snips": list(_spoken(encoder, data, "snips", "snips", held_out)),
        "ha_intents": list(_home(encoder, data, held_out)),
    }
    count = sum(map(len, sets.values()))
    spent = time.process_time() - started
    for name, rows in sets.items():
        for row in [row for row in rows if not row[0]][:misses]:
            print(name, *row[1:], sep=" | ")
    exact = {name: sum(ok for ok, *_ in rows) / len(rows) for name, rows in sets.items() if rows}
    sure = {name: _precision([rows]) for name, rows in sets.items() if rows}
    return {
        "exact": _percent(exact.values()),
        "precision_at_75": _percent([_precision([rows for rows in sets.values() if rows])]),
        "precision_at_75_per_set_mean": _percent(sure.values()),
        **{f"exact_{name}": _percent([value]) for name, value in exact.items()},
        **{f"precision_at_75_{name}": _percent([value]) for name, value in sure.items()},
        **out_of_scope(encoder, data, held_out),
        "calls": {name: len(rows) for name, rows in sets.items()},
        "cpu_ms_per_call": round(1000 * spent / max(1, count), 2),
    }


def evidence(encoder: Encoder, data: Path) -> Seen:
    """What the held-out templates say of the encoder's confidence."""
    seen: Seen = []
    for name, domain in (("assistant_nlu", "nlu"), ("snips", "snips")):
        list(_spoken(encoder, data, name, domain, held_out=True, seen=seen))
    list(_home(encoder, data, held_out=True, seen=seen))
    return seen


def _percent(values: Iterable[float]) -> float:
    them = list(values)
    return round(100 * sum(them) / max(1, len(them)), 2)


def _precision(sets: Sequence[Sequence[Scored]]) -> float:
    """What is right among the surest 75 % of the weight; every set weighs the same."""
    weighed = sorted(
        ((row[1], row[0], 1 / len(rows)) for rows in sets for row in rows), key=lambda one: -one[0]
    )
    most = COVERAGE * len(sets)
    taken = right = 0.0
    for _, is_right, weight in weighed:
        if taken >= most - 1e-9:
            break
        taken += weight
        right += weight * is_right
    return right / taken


def _read(data: Path, name: str) -> Iterator[dict[str, Any]]:
    with (data / f"{name}.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _is_held_out(domain: str, text: str, spans: Iterable[Any]) -> bool:
    """As in train.reader_rows: by the text with its values masked."""
    return _number(domain, text, spans) % 10 == 0


def part_of(domain: str, text: str, spans: Iterable[Any]) -> int:
    """0 or 1: the half of the templates that a request belongs to."""
    return _number(domain, text, spans) // 10 % 2


def _number(domain: str, text: str, spans: Iterable[Any]) -> int:
    for start, end, _ in sorted(spans, reverse=True):
        text = f"{text[:start]}[]{text[end:]}"
    masked = re.sub(r"\d+", "0", re.sub(r"\W+", " ", fold(text)).strip())
    return crc32(f"{domain}|{masked}".encode())


def _apart(spans: Iterable[Any]) -> list[tuple[int, int, str]]:
    kept: list[tuple[int, int, str]] = []
    for start, end, slot in sorted((int(s), int(e), str(n)) for s, e, n in spans):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, slot))
    return kept


def _spoken(
    encoder: Encoder, data: Path, name: str, domain: str, held_out: bool, seen: Seen | None = None
) -> Iterator[Scored]:
    """Right or not, confidence, text, gold, prediction. Rows without a call are left out."""
    slots = _slots_by_tool(encoder, domain)
    for row in _read(data, name):
        text, gold = row["utterance"], row["call"]
        if not gold or (held_out and not _is_held_out(domain, text, _apart(row["spans"]))):
            continue
        part = part_of(domain, text, _apart(row["spans"]))
        got, sure, raw = spoken_call(encoder, text, domain, slots, part)
        is_right = same_call((gold["name"], gold["arguments"]), got)
        if seen is not None:
            seen.append((domain, part, is_right, raw))
        yield is_right, sure, text, gold, got


def spoken_call(
    encoder: Encoder, text: str, domain: str, slots: dict[str, list[str]], part: int = 0
) -> tuple[tuple[str | None, dict[str, object]], float, Array | None]:
    """The call of one request, assembled by its tool's slots, its confidence and its signs."""
    sight = encoder.see(text, domain)
    if sight is None:
        return (None, {}), 0.0, None
    best: tuple[float, str, list[Any], float] | None = None
    for tool, probability in sight.ranking()[:3]:
        spans, log = best_spans(sight, slots.get(tool))
        score = math.log(probability + 1e-9) + log
        if best is None or score > best[0]:
            best = (score, tool, spans, log)
    assert best is not None
    score, tool, spans, log = best
    arguments: dict[str, object] = {}
    for span in spans:
        words = text[span.start : span.end]
        before = arguments.get(span.slot)
        arguments[span.slot] = words if before is None else [*_list(before), words]
    raw = signs(sight, tool, spans, log)
    sure = confidence(encoder.about, domain, raw, part)
    name = None if tool.startswith("none.") else tool
    return (name, arguments), math.exp(score) if sure is None else sure, raw


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _slots_by_tool(encoder: Encoder, domain: str) -> dict[str, list[str]]:
    found: dict[str, dict[str, list[str]]] = encoder.about.get("slots_of", {})
    return found.get(domain, {})


def _home(
    encoder: Encoder, data: Path, held_out: bool, seen: Seen | None = None
) -> Iterator[Scored]:
    homes = json.loads((data / "ha_fixtures.json").read_text(encoding="utf-8"))
    for row in _read(data, "ha_intents"):
        gold = row["call"]
        if row["lang"][:2] not in ("en", "zh") or not gold or not gold["name"]:
            continue
        home = homes[row["lang"]]
        names = _names(home)
        known = _known(row["utterance"], names)
        if held_out and not _is_held_out("home", row["utterance"], known):
            continue
        part = part_of("home", row["utterance"], known)
        tool, got, sure, raw = home_call(
            encoder, row["utterance"], row["device_context"], names, known, _things(home), part
        )
        arguments = {k: v[-1] if isinstance(v, list) else v for k, v in gold["arguments"].items()}
        is_right = same_call((gold["name"], arguments), (tool, got))
        if seen is not None:
            seen.append(("home", part, is_right, raw))
        yield is_right, sure, row["utterance"], gold, (tool, got)


def _names(home: dict[str, Any]) -> dict[str, set[str]]:
    return {
        "name": {entity["name"] for entity in home.get("entities", ())},
        "area": {area["name"] for area in home.get("areas", ())},
        "floor": {floor["name"] for floor in home.get("floors", ())},
    }


def _things(home: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for one in home.get("entities", ()):
        kind = one["id"].split(".")[0], (one.get("attributes") or {}).get("device_class", "")
        found.setdefault(fold(one["name"]), []).append(kind)
    return found


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
        "oos_threshold": round(threshold, 4),
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
