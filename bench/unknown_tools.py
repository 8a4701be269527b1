"""Tools unknown at training time: `python -m bench.unknown_tools [--data DIR] [--json]`.

Zero-shot, on BFCL's live_simple and live_multiple and on ACEBench's requests of one turn and one
call (English, Chinese); nothing here was trained on. `recall_at_1` and `recall_at_5`: is the right
tool among the first on a shelf of all tools of the set. `exact`: with the row's own tools, as the
sets define it, is the device's call (no language model: the user's words into the schema) the right
tool with the right values. `exact_from_shelf`: the same where the tool must be found among all of
the set. `acted` and `precision_acted`: how often the device has no doubt, and is right then; a card
shows the user every call that may write. The rest is for a cloud, with the top tools.

BFCL gives the acceptable values of every argument; strings are compared as it does (without case,
spaces and punctuation). ACEBench's values must all be equal under the same folding. Rows whose
number (CRC-32 of the id) is even were looked at while the rules were written; the figures are of
the others, those of the looked-at half stand beside them as `seen_*`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from zlib import crc32

from bench.results_file import ROOT, write_result
from tandem.understanding.foreign import ForeignCall, Shelf, ToolText, read

DATA = ROOT.parent / "shared" / "data" / "assistant" / "permissive"
NOW = datetime(2026, 11, 26, 9, 0)
TOP = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One request with its own tools. `gold` is the tool and its arguments; `any_of`: each argument
    is a list of values that will do.
    """

    id: str
    text: str
    tools: tuple[ToolText, ...]
    gold: tuple[str, Any]
    any_of: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--json", action="store_true", help="print the figures alone")
    parser.add_argument("--misses", type=int, default=0, help="print misses of the looked-at half")
    args = parser.parse_args()
    figures = measure(args.data, args.misses)
    if args.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:24} {value}")
    write_result("unknown_tools", figures, packages=("numpy",))


def measure(data: Path, misses: int = 0) -> dict[str, Any]:
    """Figures by set, in percent."""
    sets = {
        "bfcl_live_simple": list(bfcl(data, "live_simple")),
        "bfcl_live_multiple": list(bfcl(data, "live_multiple")),
        "acebench_en": list(acebench(data, "en")),
        "acebench_zh": list(acebench(data, "zh")),
    }
    return {name: _measure(rows, misses) for name, rows in sets.items()}


def _measure(rows: Sequence[Row], misses: int) -> dict[str, Any]:
    shelf = Shelf(list({tool.name: tool for row in rows for tool in row.tools}.values()))
    figures: dict[str, Any] = {}
    for prefix, half in (("", 1), ("seen_", 0)):
        mine = [row for row in rows if crc32(row.id.encode()) % 2 == half]
        started = time.process_time()
        own = [(row, read(row.text, Shelf(row.tools).find(row.text, TOP), NOW)) for row in mine]
        spent = time.process_time() - started
        found = [[tool.name for tool, _ in shelf.find(row.text, TOP)] for row in mine]
        wide = [read(row.text, shelf.find(row.text, TOP), NOW) for row in mine]
        right = [is_right(row, call) for row, call in own]
        acted = [ok for ok, (_, call) in zip(right, own, strict=True) if call and call.is_sure]
        names = [row.gold[0] for row in mine]
        figures |= {
            f"{prefix}rows": len(mine),
            f"{prefix}recall_at_1": _percent(n in f[:1] for n, f in zip(names, found, strict=True)),
            f"{prefix}recall_at_5": _percent(n in f for n, f in zip(names, found, strict=True)),
            f"{prefix}tool": _percent(c and c.tool.name == r.gold[0] for r, c in own),
            f"{prefix}exact": _percent(right),
            f"{prefix}exact_from_shelf": _percent(
                is_right(r, c) for r, c in zip(mine, wide, strict=True)
            ),
            f"{prefix}acted": round(100 * len(acted) / max(1, len(mine)), 1),
            f"{prefix}precision_acted": _percent(acted),
        }
        if not prefix:
            figures["cpu_ms_per_request"] = round(1000 * spent / max(1, len(mine)), 2)
        if prefix:
            wrong = [pair for ok, pair in zip(right, own, strict=True) if not ok]
            for row, call in wrong[:misses]:
                got = (call.tool.name, call.arguments) if call else None
                print(row.text[:300].replace("\n", " "), row.gold, got, sep="\n   ")
    figures["shelf"] = len(shelf.tools)
    return figures


def _percent(them: Any) -> float:
    them = [bool(one) for one in them]
    return round(100 * sum(them) / max(1, len(them)), 1)


# --- the sets -----------------------------------------------------------------------------------


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def bfcl(data: Path, category: str) -> Iterator[Row]:
    """Rows of one turn; the last message is the user's."""
    for row in _lines(data / "bfcl_v4.jsonl.gz"):
        if row["category"] == category and len(row["question"]) == 1:
            ((name, arguments),) = row["ground_truth"][0].items()
            text = str(row["question"][0][-1]["content"])
            yield Row(row["id"], text, _tools(row["functions"]), (name, arguments), True)


def acebench(data: Path, language: str) -> Iterator[Row]:
    """Rows of one turn whose answer is one call."""
    for row in _lines(data / "acebench.jsonl.gz"):
        gold, text = row["ground_truth"], row["question"]
        is_plain = row["category"].startswith("data_normal") and "multi_turn" not in row["category"]
        if not is_plain or row["lang"] != language or not isinstance(gold, dict) or len(gold) != 1:
            continue
        if text.count("user:") != 1 or "system:" in text:
            continue
        ((name, arguments),) = gold.items()
        said = text.split("user:", 1)[1].strip()
        yield Row(row["id"], said, _tools(row["function"]), (name, arguments), False)


def _tools(functions: Any) -> tuple[ToolText, ...]:
    return tuple(
        ToolText(
            str(one["name"]),
            str(one.get("description", "")),
            one.get("parameters") or one.get("arguments") or {},
        )
        for one in functions
    )


# --- right or not -------------------------------------------------------------------------------


def is_right(row: Row, call: ForeignCall | None) -> bool:
    """Tool and all values."""
    if call is None or call.tool.name != row.gold[0]:
        return False
    if row.any_of:
        return _fits_all(row.gold[1], call.arguments.values)
    return _folded(row.gold[1]) == _folded(call.arguments.values)


def _fits_all(gold: Mapping[str, Sequence[Any]], got: Mapping[str, Any]) -> bool:
    if set(got) - set(gold):
        return False
    for name, options in gold.items():
        if name not in got:
            if "" not in options:
                return False
        elif not any(_fits(option, got[name]) for option in options):
            return False
    return True


def _fits(gold: Any, got: Any) -> bool:
    if isinstance(gold, dict):
        parts = cast("dict[str, Any]", gold)
        lists = {n: v if isinstance(v, list) else [v] for n, v in parts.items()}
        return isinstance(got, dict) and _fits_all(lists, cast("dict[str, Any]", got))
    return _folded(gold) == _folded(got)


def _folded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(n): _folded(v) for n, v in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_folded(one) for one in cast("Sequence[Any]", value)]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return float(value)
    return re.sub(r"[\s,./\-_*^'\"()，。、]", "", str(value).lower())


if __name__ == "__main__":
    main()
