"""What the last request of an earlier process was about, so that `tandem do "push it back"` works.

Ids of records and nothing else, for ten minutes: whoever comes back after lunch and says "it"
should be asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from tandem import private_file
from tandem.understanding.reading import Ref

FRESH = 600.0  # seconds


class _Kept(msgspec.Struct):
    at: float
    records: tuple[Ref, ...]


def recent(path: Path, now: float) -> tuple[Ref, ...]:
    """The records that were kept not long before `now` (seconds since the epoch); () without any.

    A file that cannot be read is no reason to fail: nothing is remembered then.
    """
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
    except (OSError, msgspec.DecodeError):
        return ()
    return kept.records if 0 <= now - kept.at <= FRESH else ()


def keep(path: Path, records: Sequence[Ref], now: float) -> None:
    """Keep these, readable by the user alone, in the place of those before."""
    private_file.replace_bytes(path, msgspec.json.encode(_Kept(now, tuple(records))))
