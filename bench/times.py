"""Does the normaliser understand time expressions, English and Chinese?

    python -m bench.times --json
    python -m bench.times --data FILE --json
    python -m bench.times --peers            also other libraries, in environments of their own

FILE holds a JSON object per line: {"utterance", "lang", "reference", "spec", "expect": [{"text",
"start", "end", "type", "values"}]}, as ../shared/data/assistant/permissive/time_expressions.jsonl.

Keys `en` and `zh`: per expression, from the gold span, the share whose *first* reading equals any
of the gold `values` (a gold value is one of several readings, such as the past and the future
one). Compared are the moments themselves (`value`, or `start` and `end`); where the gold has none
("not resolved": repetitions, fiscal years), the TIMEX. `*_any`: the share where any of our readings
does. `*_found`: of the gold expressions, those whose span `find` gives exactly; `*_touched`: that
it touches; `*_value_found`: found exactly and with a first reading that is right. `*_precision`:
of the spans that `find` gives, those that are gold. `by_type`; `ms`: milliseconds per expression.

The gold follows the conventions of the data's makers, stated below as `TIMEX` and `TASKS`; the
product's own (an evening that lasts to eleven) differ and are not measured here.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bench.data_files import named
from bench.results_file import write_result
from bench.times_peers import peers
from tandem.understanding.times import Conventions, Setting, TimeReading, find, is_chinese, read
from tandem.understanding.times.values import hours

DATA = "../shared/data/assistant/permissive/time_expressions.jsonl"
LANGUAGES = ("en", "zh")

_NIGHT = (20 * 3600, 86_399)
_PARTS = {
    "dawn": hours(4, 8), "early": hours(8, 10), "breakfast": hours(8, 12), "morning": hours(8, 12),
    "forenoon": hours(8, 12), "noon": hours(11, 13), "lunch": hours(11, 13),
    "afternoon": hours(12, 16), "dusk": hours(16, 20), "dinner": hours(16, 20),
    "evening": hours(16, 20), "night": _NIGHT, "midnight": _NIGHT, "daytime": hours(8, 18),
    "business": hours(8, 18),
}  # fmt: skip
TIMEX = Conventions(tuple(_PARTS.items()))
"""Parts of the day as the data's makers have them."""
TIMEX_ZH = Conventions(tuple(_PARTS.items()), day_first=True, year_first=True)
_TASK_PARTS = {
    "morning": hours(6, 6), "afternoon": hours(12, 12), "evening": hours(18, 18),
    "night": hours(21, 21), "dinner": hours(16, 21), "noon": hours(12, 12),
}  # fmt: skip
TASKS = Conventions(tuple((_PARTS | _TASK_PARTS).items()), rolls_over=True)
"""The mode for reminders: a part of the day is its first moment, a time the next such one."""


_SAME = {"P1WE": "XXXX-WXX-WE"}
"""Two of the data's names for one thing."""


@dataclass
class Count:
    """Right and asked, for one group."""

    asked: int = 0
    right: int = 0
    any: int = 0
    exact: int = 0
    touched: int = 0
    whole: int = 0
    found: int = 0
    misses: list[str] = field(default_factory=list[str])

    def share(self, number: int, of: int | None = None) -> float:
        """A percentage, rounded."""
        base = self.asked if of is None else of
        return round(100 * number / base, 1) if base else 0.0


def main() -> None:
    """Read every expression and print the shares."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path(DATA))
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--misses", action="store_true", help="print what was not understood")
    parser.add_argument("--peers", action="store_true", help="measure other libraries too")
    parser.add_argument("--no-save", action="store_true", help="leave bench/results alone")
    options = parser.parse_args()
    path = named(options.data, "time_expressions.jsonl")
    rows = [row for row in rows_of(path) if row["lang"] in LANGUAGES]
    figures, counts = measure(rows)
    if options.peers:
        figures["peers"] = peers(rows)
    if options.misses:
        for count in counts.values():
            print("\n".join(count.misses))
    if not options.no_save and options.data == Path(DATA):
        write_result("times", figures)
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=2))


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows that have a reference time and something to find."""
    text = path.read_text("utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def setting_of(row: dict[str, Any]) -> Setting:
    """The moment and the conventions of a row."""
    reference = row.get("reference") or "2016-11-07T00:00:00"
    now = datetime.fromisoformat(reference[:26].rstrip("Z"))
    if "Tasks" in str(row.get("spec")):
        return Setting(now, TASKS)
    return Setting(now, TIMEX_ZH if row["lang"] == "zh" else TIMEX)


def measure(rows: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Count]]:
    """All figures."""
    by_language = {language: Count() for language in LANGUAGES}
    by_type: dict[str, Count] = defaultdict(Count)
    for language in LANGUAGES:  # load the tables before the clock runs
        read("明天" if language == "zh" else "tomorrow", Setting(datetime(2026, 1, 1)))
    num_read, spent = 0, 0.0
    for row in rows:
        setting = setting_of(row)
        total = by_language[row["lang"]]
        spans = find(row["utterance"], setting)
        total.found += len(spans)
        for gold in row["expect"]:
            kind = by_type[f"{row['lang']} {gold['type'] or 'none'}"]
            began = time.process_time()
            ours = read(gold["text"], setting)
            spent += time.process_time() - began
            num_read += 1
            at = [one for one in spans if one.start < gold["end"] and gold["start"] < one.end]
            exact = next((o for o in at if (o.start, o.end) == (gold["start"], gold["end"])), None)
            for count in (total, kind):
                _tally(count, gold, ours)
                count.touched += bool(at)
                count.exact += exact is not None
                count.whole += exact is not None and is_right(exact.readings[:1], gold)
            if not is_right(ours[:1], gold):
                total.misses.append(_miss(row, gold, ours))
    figures: dict[str, Any] = {}
    for language, count in by_language.items():
        figures |= _figures(language, count)
    figures["by_type"] = {
        key: {"asked": one.asked, "right": one.share(one.right), "found": one.share(one.exact)}
        for key, one in sorted(by_type.items())
    }
    figures["ms"] = round(1000 * spent / max(1, num_read), 3)
    return figures, by_language


def _tally(count: Count, gold: dict[str, Any], ours: tuple[TimeReading, ...]) -> None:
    count.asked += 1
    count.right += is_right(ours[:1], gold)
    count.any += is_right(ours, gold)


def _figures(language: str, count: Count) -> dict[str, Any]:
    return {
        language: count.share(count.right),
        f"{language}_asked": count.asked,
        f"{language}_any": count.share(count.any),
        f"{language}_found": count.share(count.exact),
        f"{language}_touched": count.share(count.touched),
        f"{language}_value_found": count.share(count.whole),
        f"{language}_precision": count.share(count.exact, count.found),
    }


def _miss(row: dict[str, Any], gold: dict[str, Any], ours: tuple[TimeReading, ...]) -> str:
    wanted = [{k: v for k, v in value.items() if k != "sourceEntity"} for value in gold["values"]]
    got = [value_of(one) | {"timex": one.timex} for one in ours[:2]]
    head = f"{gold['type']:14} [{gold['text']}] @{row['reference']} {row['spec'][13:]}"
    return f"{head}\n    gold {wanted}\n    ours {got}"


# --- comparing ----------------------------------------------------------------------------------


def is_right(ours: Sequence[TimeReading], gold: dict[str, Any]) -> bool:
    """Does one of our readings equal one of the gold values?"""
    return any(_equal(one, value) for one in ours for value in gold["values"])


def _equal(ours: TimeReading, gold: dict[str, Any]) -> bool:
    if gold.get("value") == "not resolved":
        return ours.timex == _SAME.get(str(gold.get("timex")), gold.get("timex"))
    if gold.get("isLunar") in (True, "True") and ours.lunar:
        return ours.lunar == gold.get("value")
    if "intervalType" in gold:
        return _same_beat(ours, gold)
    wanted = {key: gold[key] for key in ("value", "start", "end") if key in gold}
    return wanted == value_of(ours)


def _same_beat(ours: TimeReading, gold: dict[str, Any]) -> bool:
    """A repetition for reminders: its first moment and its beat."""
    if ours.repeat is None or value_of(ours).get("value") != gold["value"]:
        return False
    size, letter = float(gold["intervalSize"]), str(gold["intervalType"])
    if ours.timex == f"P{size:g}{letter}":
        return True
    return ours.repeat.unit[0].upper() == letter and ours.repeat.every == size


def value_of(ours: TimeReading) -> dict[str, str]:
    """A reading in the data's own form."""
    if ours.kind == "duration" and ours.length is not None:
        return {"value": f"{ours.length.seconds:.10g}"}
    single = ours.kind in ("date", "time", "datetime", "set")
    pairs = [("value" if single else "start", ours.start), ("end", ours.end)]
    return {key: _written(value) for key, value in pairs if value is not None}


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.replace(microsecond=0).isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def gold_texts(
    rows: Sequence[dict[str, Any]], language: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The gold expressions of a language with their rows."""
    for row in rows:
        if row["lang"] == language:
            for gold in row["expect"]:
                yield gold["text"], row


__all__ = ["is_chinese", "main", "measure"]

if __name__ == "__main__":
    main()
