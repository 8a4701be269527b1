"""Does the detector find what is personal, and what does it cost?

    python -m bench.privacy --data ../shared/data/privacy --json          the shipped detector
    python -m bench.privacy --data DIR --peer --json                      Presidio beside it

DIR holds files shaped like ../shared/data/privacy, .jsonl or .jsonl.zst. Keys: `lifebench`,
`chinese`, `synth_v2`, `generated_large`, `structured` (what its form tells, over all sets, and in
it `phone` and `secrets`), each with `f2`, `recall_strict`, `precision`, `clean`, `false_alarms` and
`per_entity` (bench/privacy_scoring.py says what they mean), `running` (bench/privacy_running.py),
and `cost`.

`secrets` are the numbers and passwords of the credentials set. A value that the set labels in one
row counts as labelled in all, and of "account number 1234X" the number counts;
`secrets_as_labelled` is the same by the set's labels alone; `secrets_completed` adds what the set
leaves unlabelled (bench/privacy_unlabelled.py), for the rows that were read.

The shipped tagger was trained on the shared sets, so their figures are only fair on the part that
was held out: `--held-out --model FILE` measures a model of `python -m train.tagger --hold-out` on
two people and a quarter of the templates and documents that it never saw.

LifeBench is measured with each person's own dictionary, built from the labels of that person's
other records (in at least two of them); the peer gets the same names, organisations and places as
deny lists where `--peer` asks for it.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Set
from pathlib import Path
from typing import Any

import numpy as np

from bench import privacy_running
from bench.privacy_running import PARTS as RUNNING
from bench.privacy_scoring import Score
from bench.privacy_sets import (
    FILES,
    NOT_LABELLED,
    NOT_SECRET,
    PHONES,
    STRUCTURED,
    DeviceDictionary,
    Row,
    is_held,
    rows_of,
)
from bench.privacy_unlabelled import UNLABELLED
from bench.results_file import write_result
from tandem.personal import Around, Finding, Kind
from tandem.privacy.detection.detector import (
    LayeredDetector,
    find_everywhere,
    pattern_recognizers,
)
from tandem.privacy.detection.dictionary import PrivateDictionary, entries_of
from tandem.privacy.detection.tagger import TaggerRecognizer, model_from

Found = dict[str, list[list[Finding]]]
Labelled = tuple[int, int, str]
MIN_AGAIN = 5  # shorter values stand in other words by chance
# Words of letters alone before something with a digit, as in "account number 1234X".
_ANNOUNCING = re.compile(r"(?:[A-Za-z]+ ){1,4}(?=\S*\d\S*$)")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data/privacy"))
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--held-out", action="store_true", help="only what --hold-out held out")
    parser.add_argument("--model", type=Path, help="another model file for the tagger")
    parser.add_argument("--bias", type=float, help="another bias for the tagger")
    parser.add_argument("--peer", action="store_true", help="Presidio too, in an environment apart")
    parser.add_argument("--min-records", type=int, default=2)
    parser.add_argument("--no-cost", action="store_true")
    parser.add_argument("--no-save", action="store_true", help="leave bench/results alone")
    options = parser.parse_args()
    sets = {name: rows_of(options.data, name) for name in FILES}
    result = measure(sets, detector_for(options.model, options.bias), options)
    if options.peer:
        from bench.privacy_peer import presidio

        result["presidio"] = presidio(chosen(sets, options.held_out), sets["lifebench"])
    if not options.no_save:
        name = "privacy_held_out" if options.held_out else "privacy"
        write_result(name, result, packages=("numpy", "phonenumberslite", "python-stdnum"))
    json.dump(result, sys.stdout, indent=None if options.json else 2, ensure_ascii=False)
    sys.stdout.write("\n")


def detector_for(model: Path | None, bias: float | None) -> LayeredDetector:
    """The shipped detector, or one with another model or bias of its tagger."""
    given = model_from(model) if model else None
    tagger = TaggerRecognizer(given) if bias is None else TaggerRecognizer(given, bias)
    return LayeredDetector((*pattern_recognizers(), tagger))


def measure(
    sets: dict[str, list[Row]], detector: LayeredDetector, options: argparse.Namespace
) -> dict[str, Any]:
    """All figures of our detector."""
    parts = chosen(sets, options.held_out)
    dictionaries = DeviceDictionary(sets["lifebench"], options.min_records)
    found: Found = {}
    for name, rows in parts.items():
        found[name] = [look(detector, name, row, dictionaries) for row in rows]
    result = scores(parts, found)
    result["running"] = {part: privacy_running.measure(detector, part) for part in RUNNING}
    if not options.no_cost:
        result["cost"] = cost(detector, sets)
    return result


def chosen(sets: dict[str, list[Row]], held_out: bool) -> dict[str, list[Row]]:
    """The rows to be measured."""
    if not held_out:
        return sets
    return {name: [row for row in rows if is_held(name, row)] for name, rows in sets.items()}


def look(
    detector: LayeredDetector, name: str, row: Row, dictionaries: DeviceDictionary
) -> list[Finding]:
    """Each text is a conversation of its own; LifeBench's people have their dictionary."""
    if name != "lifebench":
        return find_everywhere(detector, [row.text])[0]
    known = dictionaries.without(row)
    found = find_everywhere(detector, [row.text], Around((known,)))[0]
    dictionaries.restore(row)
    return found


def scores(parts: dict[str, list[Row]], found: Found) -> dict[str, Any]:
    """Figures per set, and over all sets for what is structured, phones and secrets."""
    result: dict[str, Any] = {}
    for name, rows in parts.items():
        score = Score()
        for row, items in zip(rows, found[name], strict=True):
            score.add(
                row.text, row.spans, spans_of(items, lambda k, n=name: k not in NOT_LABELLED[n])
            )
        key = "nano_credentials" if name == "nano" else name
        result[key] = score.figures()
    result["structured"] = structured(parts, found)
    return result


def structured(parts: dict[str, list[Row]], found: Found) -> dict[str, Any]:
    """What its form tells, in the sets that label it; phones; the credentials of nano."""
    kinds = frozenset[Kind]().union(*STRUCTURED.values())
    most, phone, secrets, labelled, completed = Score(), Score(), Score(), Score(), Score()
    known = labelled_values(parts.get("nano", ()))
    for name, row, items in _all(parts, found):
        if name in ("chinese", "synth_v2", "generated_large"):
            types = {span[2] for span in row.spans}
            if types & STRUCTURED.keys() or not row.spans:
                gold = [span for span in row.spans if span[2] in STRUCTURED]
                most.add(row.text, gold, _counted(items, gold, kinds))
            if types & PHONES or not row.spans:
                gold = [span for span in row.spans if span[2] in PHONES]
                phone.add(row.text, gold, _counted(items, gold, {Kind.PHONE}))
        elif name == "nano":
            gold = [span for span in row.spans if span[2] not in NOT_SECRET]
            found_here = spans_of(items, _is_credential)
            labelled.add(row.text, gold, found_here)
            alone, others = numbers_alone(row.text, gold), again(row.text, known)
            secrets.add(row.text, alone, found_here, others)
            more = [(start, end, "UNLABELLED") for start, end in UNLABELLED.get(row.group, ())]
            completed.add(row.text, [*alone, *more], found_here, others)
    return {
        **most.figures(),
        "phone": phone.figures(),
        "secrets": secrets.figures(),
        "secrets_as_labelled": labelled.figures(),
        "secrets_completed": completed.figures(),
    }


def labelled_values(rows: Iterable[Row]) -> set[str]:
    """What the set labels anywhere: a value that stands in several rows is labelled in one."""
    return {
        row.text[start:end]
        for row in rows
        for start, end, kind in row.spans
        if kind not in NOT_SECRET and end - start >= MIN_AGAIN
    }


def again(text: str, values: Set[str]) -> list[tuple[int, int]]:
    """Where a text holds a value that the set labels in this or another row."""
    return [match.span() for value in values for match in re.finditer(re.escape(value), text)]


def numbers_alone(text: str, gold: list[Labelled]) -> list[Labelled]:
    """The spans without the words that announce their number: "Patient ID 89456L" is labelled so
    in a few rows and "PHX-839221" in the others, and only the number can leak.
    """
    found: list[Labelled] = []
    for start, end, kind in gold:
        words = _ANNOUNCING.match(text, start, end)
        found.append((words.end() if words else start, end, kind))
    return found


def _counted(
    items: list[Finding], gold: list[tuple[int, int, str]], kinds: Set[Kind]
) -> list[tuple[int, int]]:
    """Findings of these kinds, and others that touch a gold span: masked is masked, whatever it was
    taken for.
    """
    return [
        (item.start, item.end)
        for item in items
        if item.kind in kinds or any(item.start < b and a < item.end for a, b, _ in gold)
    ]


def _is_credential(kind: Kind) -> bool:
    return kind not in NOT_LABELLED["nano"] | {
        Kind.PERSON, Kind.ORGANISATION, Kind.PLACE, Kind.ADDRESS, Kind.TITLE, Kind.EMAIL, Kind.URL
    }  # fmt: skip


def _all(parts: dict[str, list[Row]], found: Found) -> Iterator[tuple[str, Row, list[Finding]]]:
    for name, rows in parts.items():
        for row, items in zip(rows, found[name], strict=True):
            yield name, row, items


def spans_of(items: list[Finding], counts: Callable[[Kind], bool]) -> list[tuple[int, int]]:
    """The spans of the findings that count."""
    return [(item.start, item.end) for item in items if counts(item.kind)]


# --- cost -----------------------------------------------------------------------------------------


def cost(detector: LayeredDetector, sets: dict[str, list[Row]]) -> dict[str, Any]:
    """Milliseconds per kB (1,000 bytes) and percentiles for pieces of 1 kB and 4 kB, with a
    dictionary of 3,000 contacts.
    """
    whole = "\n".join(
        row.text for name in ("lifebench", "synth_v2", "chinese") for row in sets[name][:60]
    )
    around = Around((many_contacts(3000),))
    result: dict[str, Any] = {"contacts": 3000}
    for size, count in ((1000, 200), (4000, 40)):
        pieces = [p.decode("utf-8", "ignore") for p in _pieces(whole.encode(), size)][:count]
        for piece in pieces[:20]:
            find_everywhere(detector, [piece], around)
        wall, cpu = list[float](), list[float]()
        for piece in pieces:
            before, before_cpu = time.perf_counter(), time.process_time()
            find_everywhere(detector, [piece], around)
            wall.append(1e3 * (time.perf_counter() - before))
            cpu.append(1e3 * (time.process_time() - before_cpu))
        if not pieces:
            continue
        result[f"{size // 1000}_kb"] = {
            "ms_per_kb": round(1000 * statistics.mean(wall) / size, 2),
            "cpu_ms_per_kb": round(1000 * statistics.mean(cpu) / size, 2),
            "p50_ms": round(float(np.percentile(wall, 50)), 2),
            "p95_ms": round(float(np.percentile(wall, 95)), 2),
        }
    return result


def _pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data) - size, size)]


def many_contacts(count: int) -> PrivateDictionary:
    """Made-up contacts, the same each time."""
    rng = np.random.default_rng(3)
    families = "Wang Li Zhang Smith Jones Garcia Nguyen Schmidt Rossi Okafor".split()
    parts = (
        "an bei cai dong fang guo hui jia ken lan mei ning ora pei ron sha tao wen yu zoe".split()
    )
    dictionary = PrivateDictionary()
    for index in range(count):
        given = "".join(rng.choice(parts, 2)).capitalize()
        name = f"{given} {rng.choice(families)}{rng.choice(parts)}"
        phone = f"+8613{rng.integers(10**8, 10**9)}"
        for entry in entries_of(f"c{index}", names=(name,), phones=(phone,)):
            dictionary.add(entry)
    return dictionary


if __name__ == "__main__":
    main()
