"""Other libraries on the expressions of bench.times, in virtual environments of their own.

Asked for what they claim to do: single points (date, time, datetime), from the gold span, with the
reference time. A past or a future reading counts, as it does for us.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

POINTS = ("date", "time", "datetime")

_DATEPARSER = """
import json, sys
from datetime import datetime
import dateparser
for line in sys.stdin:
    row = json.loads(line)
    now = datetime.fromisoformat(row["reference"])
    found = []
    for way in ("past", "future"):
        settings = {"RELATIVE_BASE": now, "PREFER_DATES_FROM": way}
        value = dateparser.parse(row["text"], languages=[row["lang"]], settings=settings)
        found.append(value and value.replace(tzinfo=None).isoformat(" "))
    print(json.dumps(found))
"""
_JIONLP = """
import json, sys
from datetime import datetime
import jionlp
for line in sys.stdin:
    row = json.loads(line)
    try:
        now = datetime.fromisoformat(row["reference"]).timestamp()
        found = jionlp.parse_time(row["text"], time_base=now)["time"]
        found = found[:1] if isinstance(found, list) else []
    except Exception:
        found = []
    print(json.dumps(found))
"""
_PEERS = (
    ("dateparser", "dateparser==1.5.0", _DATEPARSER, ("en", "zh")),
    ("jionlp", "jionlp==1.5.31", _JIONLP, ("zh",)),
)


def peers(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Shares of the single points that each library gets, by language."""
    figures: dict[str, Any] = {}
    for name, package, script, languages in _PEERS:
        with tempfile.TemporaryDirectory() as folder:
            python = _environment(Path(folder), package)
            if python is None:
                figures[name] = "could not be installed"
                continue
            for language in languages:
                figures[f"{name}_{language}"] = _share(python, script, rows, language)
    return figures


def _environment(folder: Path, package: str) -> Path | None:
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    command = [str(python), "-m", "pip", "install", "-q", package]
    return python if subprocess.run(command, capture_output=True).returncode == 0 else None


def _share(python: Path, script: str, rows: Sequence[dict[str, Any]], language: str) -> float:
    asked = [
        (gold, {"text": gold["text"], "lang": language, "reference": row["reference"][:19]})
        for row in rows
        if row["lang"] == language and row.get("reference") and "Tasks" not in row["spec"]
        for gold in row["expect"]
        if gold["type"] in POINTS and gold["values"][0].get("value") != "not resolved"
    ]
    text = "\n".join(json.dumps(one) for _, one in asked)
    done = subprocess.run([str(python), "-c", script], input=text, capture_output=True, text=True)
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    if len(answers) != len(asked):
        print(done.stderr[-500:], file=sys.stderr)
        return 0.0
    right = sum(_is_right(found, gold) for (gold, _), found in zip(asked, answers, strict=True))
    return round(100 * right / max(1, len(asked)), 1)


def _is_right(found: Sequence[str | None], gold: dict[str, Any]) -> bool:
    """The part that the gold has: a day, a time, or both."""
    wanted = {str(value.get("value")) for value in gold["values"]}
    cuts = {"date": slice(0, 10), "time": slice(11, 19), "datetime": slice(0, 19)}
    return any(one[cuts[gold["type"]]] in wanted for one in found if one)
