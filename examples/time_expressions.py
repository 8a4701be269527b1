"""Which moments may these words mean? English and Chinese, from a fixed "now"."""

from __future__ import annotations

import sys
from datetime import datetime

from tandem.understanding.times import Setting, find


def main() -> None:
    """Print the expressions of each sentence with their readings."""
    now = Setting(datetime(2026, 3, 11, 9, 20))
    for sentence in sys.argv[1:] or ["half past three next Friday", "每隔一周的周五下午五点"]:
        print(sentence)
        for one in find(sentence, now):
            print(f"  {one.text}")
            for reading in one.readings:
                end = "" if reading.end is None else f" until {reading.end}"
                rule = f" {reading.rrule}" if reading.rrule else ""
                print(f"    {reading.likelihood:.2f}  {reading.kind}  {reading.start}{end}{rule}")


if __name__ == "__main__":
    main()
