"""From tokens to text that may be shown: whole characters, and nothing of a stop string. Pure."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Protocol

from tandem.types import TextDelta, TokenLogprob


class _Decoder(Protocol):
    def decode(self, input: bytes, final: bool = False) -> str: ...


@dataclass(slots=True)
class _Held:
    """A token's report and where in the text it begins."""

    start: int
    report: TokenLogprob


class Text:
    """The answer of one stream as it grows. `add` tells whether a stop string has come.

    Shown text never holds a part of a stop string: what could be the beginning of one waits.
    """

    def __init__(self, stop: tuple[str, ...] = ()) -> None:
        self._stop = tuple(text for text in stop if text)
        self._longest = max(map(len, self._stop), default=0)
        self._decoder: _Decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending: str = ""
        self._num_shown = 0
        self._reports: list[_Held] = []

    def add(self, piece: bytes, report: TokenLogprob | None = None) -> bool:
        """One more token. True when a stop string is complete: then the text ends before it."""
        if report is not None:
            self._reports.append(_Held(self._num_shown + len(self._pending), report))
        before = len(self._pending)
        self._pending += self._decoder.decode(piece)
        return bool(self._stop) and self._cut(before)

    def end(self) -> bool:
        """No more tokens: half a character becomes U+FFFD. True when a stop string came."""
        before = len(self._pending)
        self._pending += self._decoder.decode(b"", True)
        is_cut = bool(self._stop) and self._cut(before)
        self._longest = 0
        return is_cut

    def take(self) -> TextDelta | None:
        """What may be shown now, with the reports of the tokens that began in it."""
        num = len(self._pending) - self._num_waiting()
        if not num and not (self._reports and not self._pending):
            return None
        shown, self._pending = self._pending[:num], self._pending[num:]
        self._num_shown += num
        if not self._reports:
            return TextDelta(shown)
        is_all = not self._pending
        ready = [h.report for h in self._reports if is_all or h.start < self._num_shown]
        self._reports = self._reports[len(ready) :]
        return TextDelta(shown, tuple(ready))

    def _cut(self, before: int) -> bool:
        """Look for a stop string that ends in the newest characters."""
        start = max(0, before - self._longest + 1)
        places = [at for stop in self._stop if (at := self._pending.find(stop, start)) >= 0]
        if not places:
            return False
        self._pending = self._pending[: min(places)]
        end = self._num_shown + len(self._pending)
        self._reports = [held for held in self._reports if held.start < end]
        self._longest = 0
        self._stop = ()
        return True

    def _num_waiting(self) -> int:
        """How many last characters could be the beginning of a stop string."""
        for num in range(min(self._longest - 1, len(self._pending)), 0, -1):
            tail = self._pending[-num:]
            if any(stop.startswith(tail) for stop in self._stop):
                return num
        return 0


def partial_character(data: bytes) -> bytes:
    """The bytes at the end that begin a character without ending it."""
    for num in range(1, min(3, len(data)) + 1):
        if data[-num] >= 0xC0:
            try:
                data[-num:].decode()
            except UnicodeDecodeError:
                return data[-num:]
            return b""
    return b""


def is_utf8_so_far(data: bytes) -> bool:
    """Whether the bytes are UTF-8, or could become so by further bytes."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True
