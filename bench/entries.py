"""Are new events and tasks read as people say them? Title, moment, end, rule, kind, place, alert.

    python -m bench.entries                 the four sets of bench/entry_sentences
    python -m bench.entries --faults 20     the first faults of each

A line has `text` and one entry, or `entries`: `kind`, `title` (words that title or place hold),
`not_title` (words that a clean title lacks), `start`, `end` (exclusive), `rrule`, `place`,
`alarm_minutes`; what is not named is free. `first_*` were looked at from the first hundred on,
`second_*` were measured once before anybody looked: both have been mended by since, so their
shares now say how much of what was seen is understood, not what a stranger will meet
(`bench/requests/measured2` says that).
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from bench.results_file import write_result
from tandem.understanding.entries.composing import Entry, entries_of
from tandem.understanding.known import Known
from tandem.understanding.times import is_chinese

FOLDER = Path(__file__).parent / "entry_sentences"
NOW = {
    "en": datetime(2026, 10, 27, 8, 40, tzinfo=ZoneInfo("America/Denver")),
    "zh": datetime(2026, 9, 16, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai")),
}
NUM_COMPARED = 30  # occurrences of a rule


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=FOLDER)
    parser.add_argument("--faults", type=int, default=0, help="how many to print of each set")
    parser.add_argument("--json", action="store_true", help="print the figures alone")
    parser.add_argument("--no-save", action="store_true")
    args = parser.parse_args()
    figures: dict[str, Any] = {}
    for path in sorted(args.data.glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
        faults = {row["text"]: list(faults_of(row)) for row in rows}
        bad = {text: found for text, found in faults.items() if found}
        for text, found in list(bad.items())[: args.faults]:
            print(f"{text}\n      {found}")
        figures[path.stem] = {"right": round(1 - len(bad) / len(rows), 4), "of": len(rows)}
    if args.json:
        print(json.dumps(figures))
    else:
        for name, share in figures.items():
            print(f"{name:12} {share['right']:.3f} of {share['of']}")
    if not args.no_save and args.data == FOLDER:
        write_result("entries", figures, packages=("icalendar",))


def faults_of(row: Mapping[str, Any]) -> Iterator[str]:
    """What is not as the row wants it."""
    now = NOW["zh" if is_chinese(row["text"]) else "en"]
    zone = now.tzinfo
    assert isinstance(zone, ZoneInfo)
    wanted = row.get("entries", [row])
    made = entries_of(row["text"], Known(now=now, zone=zone.key))
    if len(made) != len(wanted):
        yield f"{len(made)} entries, not {len(wanted)}"
        return
    for entry, want in zip(made, wanted, strict=True):
        yield from _of_words(entry, want)
        yield from _of_moment(entry, want, zone)


def _of_words(entry: Entry, want: Mapping[str, Any]) -> Iterator[str]:
    title, place = entry.title.lower(), entry.place.lower()
    for word in want.get("title", ()):
        if word.lower() not in f"{title} {place}":
            yield f"the title lacks {word!r}: {entry.title!r}"
    for word in want.get("not_title", ()):
        if word.lower() in title:
            yield f"the title has {word!r}: {entry.title!r}"
    told = want.get("place") or []
    words = told.split() if isinstance(told, str) else told
    if not all(word.lower() in place for word in words):
        yield f"the place is {entry.place!r}, not {told!r}"
    if entry.kind and entry.kind != want.get("kind", entry.kind):
        yield f"it is taken for a {entry.kind}"
    minutes = want.get("alarm_minutes")
    if minutes and (entry.alarm is None or entry.alarm.total_seconds() / 60 != minutes):
        yield f"the alert comes {entry.alarm} before, not {minutes} minutes"


def _of_moment(entry: Entry, want: Mapping[str, Any], zone: ZoneInfo) -> Iterator[str]:
    when, start = entry.when, want.get("start")
    if start is None:
        return
    if when is None:
        yield f"no moment, not {start}"
        return
    begins = when.start.astimezone(zone) if when.has_time else when.start
    told = f"{begins:%Y-%m-%dT%H:%M}" if when.has_time else f"{begins:%Y-%m-%d}"
    if when.is_part and told[:10] == start[:10]:
        told = start  # a part of a day is a free time of it
    if told != start:
        yield f"it begins {told}, not {start}"
    if end := want.get("end"):
        last = when.end or (when.start + entry.length if entry.length is not None else None)
        shape = "%Y-%m-%dT%H:%M" if "T" in end else "%Y-%m-%d"
        if last is None or f"{last.astimezone(zone):{shape}}" != end:
            yield f"it ends {last}, not {end}"
    rule = want.get("rrule", "")
    if _days(when.recurrence or "", begins) != _days(rule, begins):
        yield f"it repeats {when.recurrence}, not {rule}"


def _days(rule: str, start: datetime) -> list[datetime]:
    """The first occurrences of a rule; none without one."""
    if not rule:
        return []
    plain = re.sub(r"(UNTIL=\d{8})(?:T\d+Z?)?", r"\1", rule.removeprefix("RRULE:"))
    times = rrulestr(plain, dtstart=start.replace(tzinfo=None))
    return [one for one, _ in zip(times, range(NUM_COMPARED), strict=False)]


if __name__ == "__main__":
    main()
