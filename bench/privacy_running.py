"""Running text written for this project: Chinese names in sentences, and text that holds nothing.

    python -m bench.privacy_running --json

`bench/running/chinese_dev.txt` and `chinese_measured.txt` hold a sentence a line. `[name]` is what
must be covered; `{...}` is what may be: a name with its form of address, a place. The others hold
nothing personal: Chinese sentences by line, and code, JSON, logs, shell sessions, recipes and the
like between lines of `%%`. The rules and the tagger's templates were made with a look at the
`dev` files and the even lines of `chinese_harmless.txt`; the others were only measured.

Keys per part: `recall_strict`, `precision`, `f2`, `clean` as in bench/privacy_scoring.py, and
`false_alarms`, the share of harmless texts in which something is covered.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from bench.privacy_scoring import Score, f2
from tandem.personal import Finding, Kind
from tandem.privacy.detection.detector import LayeredDetector, find_everywhere

FOLDER = Path(__file__).parent / "running"
# By default these stay readable wherever they come from, so they are no alarms.
KEPT = frozenset({Kind.DATE, Kind.AGE, Kind.GROUP, Kind.TITLE})
_MARK = re.compile(r"[\[\]{}]")
PARTS = ("dev", "measured")


def sentences(part: str) -> list[tuple[str, list[tuple[int, int]], list[tuple[int, int]]]]:
    """(text, what must be covered, what may be) of each line."""
    lines = (FOLDER / f"chinese_{part}.txt").read_text(encoding="utf-8").splitlines()
    return [_unmarked(line) for line in lines if line]


def _unmarked(line: str) -> tuple[str, list[tuple[int, int]], list[tuple[int, int]]]:
    text, inner, outer, opened = "", list[tuple[int, int]](), list[tuple[int, int]](), {}
    at = 0
    for mark in _MARK.finditer(line):
        text += line[at : mark.start()]
        at = mark.end()
        if mark[0] in "[{":
            opened[mark[0]] = len(text)
        elif mark[0] == "]":
            inner.append((opened["["], len(text)))
        else:
            outer.append((opened["{"], len(text)))
    return text + line[at:], inner, [*inner, *outer]


def harmless(name: str, part: str) -> list[tuple[str, list[tuple[int, int]]]]:
    """Texts without anything personal, and the places in them: `name` is "chinese" or "english"
    (with code and the like).
    """
    if name == "chinese":
        lines = (FOLDER / "chinese_harmless.txt").read_text(encoding="utf-8").splitlines()
        marked = map(_unmarked, lines[PARTS.index(part) :: 2])
        return [(text, allowed) for text, _, allowed in marked]
    text = (FOLDER / f"harmless_{part}.txt").read_text(encoding="utf-8")
    return [(each.strip("\n"), []) for each in text.split("\n%%\n")]


def alarms(detector: LayeredDetector, text: str, allowed: list[tuple[int, int]]) -> list[Finding]:
    """What is found beside what may be."""
    return [
        item
        for item in counted(detector, text)
        if not any(start < item.end and item.start < end for start, end in allowed)
    ]


def measure(detector: LayeredDetector, part: str) -> dict[str, Any]:
    """The figures of one part."""
    strict, right = Score(), Score()
    for text, inner, outer in sentences(part):
        found = [(item.start, item.end) for item in counted(detector, text)]
        strict.add(text, [(a, b, "PERSON") for a, b in inner], found)
        right.add(text, [(a, b, "PERSON") for a, b in outer], found)
    figures = strict.figures()
    figures["precision"] = right.figures()["precision"]
    figures["f2"] = round(f2(figures["precision"], figures["recall_strict"]) or 0.0, 4)
    result: dict[str, Any] = {
        "chinese_names": {
            key: figures[key] for key in ("recall_strict", "precision", "f2", "clean", "spans")
        }
    }
    for name in ("chinese", "english"):
        texts = harmless(name, part)
        alarmed = sum(bool(alarms(detector, text, allowed)) for text, allowed in texts)
        result[f"{name}_harmless"] = {
            "false_alarms": round(alarmed / len(texts), 4),
            "texts": len(texts),
        }
    return result


def counted(detector: LayeredDetector, text: str) -> list[Finding]:
    """What is found in a text that is a conversation of its own, but for what stays readable."""
    return [item for item in find_everywhere(detector, [text])[0] if item.kind not in KEPT]


def main() -> None:
    """Measure both parts and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--model", type=Path, help="another model file for the tagger")
    options = parser.parse_args()
    from bench.privacy import detector_for  # it imports this module

    detector = detector_for(options.model, None)
    result = {part: measure(detector, part) for part in PARTS}
    json.dump(result, sys.stdout, indent=None if options.json else 2, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
