"""How things look: badges, receipts, previews. Values in, plain text out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import msgspec

from tandem.privacy.preview import preview_told, segments, stand_in
from tandem.types import (
    Action,
    Blocked,
    Decided,
    Departed,
    Departure,
    Entry,
    Event,
    Finish,
    Mark,
    Money,
    Place,
    Placeholder,
    TextDelta,
    Usage,
)

# What a terminal would obey instead of show: an answer must not move the cursor, set the title or
# rewrite what stands above it. Tabs and line ends stay.
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """Text that a terminal only shows."""
    return _OBEYED.sub("", text.replace("\r\n", "\n"))


class Wrapping:
    """Breaks a stream of text at words, so that a terminal does not break it inside them.

    A word is held until it is whole; Chinese, which has no spaces, breaks between any two signs.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._column = 0
        self._word = ""

    def feed(self, text: str) -> str:
        """What can be shown now."""
        return "".join(self._sign(sign) for sign in text)

    def rest(self) -> str:
        """The last word; the next text begins a line."""
        shown = self._placed()
        self._column = 0
        return shown

    def _sign(self, sign: str) -> str:
        if sign == "\n":
            shown = self._placed() + sign
            self._column = 0
            return shown
        if sign.isspace():
            shown = self._placed()
            # A blank at the edge is the break itself.
            if self._column >= self._width:
                return shown
            self._column += 1
            return shown + sign
        if _columns(sign) == 2:
            shown = self._placed()
            self._word = sign
            return shown + self._placed()
        self._word += sign
        return ""

    def _placed(self) -> str:
        """The held word, on this line or the next."""
        word, self._word = self._word, ""
        size = sum(_columns(sign) for sign in word)
        if self._column and self._column + size > self._width:
            self._column = size
            return "\n" + word
        self._column += size
        return word


def _columns(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def num_bytes(count: int) -> str:
    """1.2 kB in place of 1234."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1e6:.1f} MB"


def money(amount: Money | None, *, is_estimate: bool = True) -> str:
    """An amount with as many digits as it needs to differ from nothing."""
    if amount is None:
        return "price unknown"
    digits = 2 if amount.amount >= 0.1 or amount.amount == 0 else 6
    about = "about " if is_estimate else ""
    return f"{about}{amount.amount:.{digits}f} {amount.currency}"


def why(entry: Entry) -> str:
    """The decisions of one answer, in words."""
    parts: list[str] = []
    if entry.route is not None:
        parts.append(f"route: {entry.route.reason}")
    if entry.verdict is not None:
        parts.append(f"verdict: {entry.verdict.ruling}, {entry.verdict.reason}")
    if entry.error is not None:
        parts.append(f"error: {entry.error}")
    return "\n".join(parts) or "No decision was recorded."


def badge(entry: Entry) -> str:
    """One line under an answer: who, how sure, how long, what it cost, what left the device."""
    who = {Place.DEVICE: "device", Place.CLOUD: "cloud", None: "nobody"}[entry.answered_by]
    parts = [who, entry.model or "-"]
    if entry.outcome == "refused":
        parts.append("refused")
    if entry.verdict is not None and entry.verdict.confidence is not None:
        needed = entry.verdict.threshold
        sure = f"sure {entry.verdict.confidence:.2f}"
        parts.append(sure if needed is None else f"{sure} of {needed:.2f}")
    parts.append(f"{entry.seconds:.1f} s")
    parts.append(f"{sum(part.usage.output_tokens for part in entry.work)} tokens")
    spent = [part.money for part in entry.work if part.money is not None]
    parts.extend(money(each) for each in spent)
    parts.append(f"{num_bytes(entry.num_bytes_out)} left")
    parts.extend(_jointly(part.usage) for part in entry.work if part.usage.joint)
    if entry.covered:
        parts.append("covered: " + ", ".join(f"{count} {kind}" for kind, count in entry.covered))
    return " · ".join(parts)


def _jointly(usage: Usage) -> str:
    """What joint decoding saved, or what became of it."""
    work = usage.joint
    assert work is not None
    if work.ended_by == "device":
        return f"{work.num_unverified} tokens unverified, the device's alone"
    if work.ended_by == "stream" and work.drafted:
        return f"{work.accepted} of {work.drafted} predicted tokens right"
    if work.ended_by == "stream":
        return "no session to be had: the plain stream"
    words = f"{work.accepted} drafted"
    if work.passes is not None:
        words += f", {work.passes} passes"
    again = f", {work.num_links - 1} new links" if work.num_links > 1 else ""
    return f"{words}{again}, {work.certified.partition(':')[0]}"


# Of a terminal's eight colours, as every one has them; underlined is what nobody verified.
PAINTS = {
    Mark.ACCEPTED: "\x1b[32m",
    Mark.RECOVERED: "\x1b[33m",
    Mark.BONUS: "\x1b[36m",
    Mark.UNVERIFIED: "\x1b[4;35m",
}
UNPAINTED = "\x1b[0m"


def painted(delta: TextDelta) -> str:
    """The pieces of a jointly decoded text in their colours; the terminal breaks the lines."""
    pieces = [f"{PAINTS[mark]}{printable(text)}{UNPAINTED}" for text, mark in delta.marks]
    return "".join(pieces)


def legend() -> str:
    """What the colours mean."""
    meanings = {
        Mark.ACCEPTED: "drafted here, said by the cloud",
        Mark.RECOVERED: "drafted otherwise, put right by the cloud",
        Mark.BONUS: "the cloud's own",
        Mark.UNVERIFIED: "the device's alone",
    }
    return " · ".join(
        f"{PAINTS[mark]}{mark}{UNPAINTED} {words}" for mark, words in meanings.items()
    )


def reason(entry: Entry) -> str:
    """The second line: why this place, and where the receipt is."""
    because = entry.route.reason if entry.route is not None else "no decision"
    return f"{because} · receipt {entry.id[:8]}"


# How things look in a preview: covered, still waiting for the user's word, left as they are.
_COVERED, _OPEN, _KEPT, _PLAIN = "\x1b[30;43m", "\x1b[30;41m", "\x1b[30;42m", "\x1b[0m"


def preview(departure: Departure, *, is_coloured: bool = False, with_items: bool = True) -> str:
    """What would leave, byte for byte; a byte that is no text is shown as its number.

    Without `with_items` the bytes alone: whoever asks shows the things below, with keys.
    """
    out = departure.outgoing
    lines = [f"This would leave for {departure.host}:", "", f"{out.method} {out.url}"]
    lines += [f"{name}: {value}" for name, value in out.headers]
    if out.credential_name:
        lines.append(f"Authorization: (the key, where there is one: {out.credential_name})")
    body = out.body.decode("utf-8", "backslashreplace") if out.shown is None else out.shown
    lines += ["", _painted(body, departure.placeholders) if is_coloured else printable(body), ""]
    if with_items:
        if departure.placeholders:
            lines.append(item_lines(departure.placeholders, is_coloured=is_coloured))
        lines.append(size_line(departure))
    return "\n".join(lines)


def size_line(departure: Departure) -> str:
    """How much it is and what it would cost."""
    tokens = departure.estimated_input_tokens
    size = num_bytes(len(departure.outgoing.body)) + (f", about {tokens} tokens" if tokens else "")
    return f"{size}, and the headers; {money(departure.estimated_money)}."


def item_lines(
    items: Sequence[Placeholder], *, is_coloured: bool = False, at: int | None = None
) -> str:
    """Each personal thing: what leaves for it, what it is, where from, and why."""
    lines: list[str] = []
    for number, item in enumerate(items, 1):
        leaves = printable(stand_in(item))
        mark = "?" if item.is_open else " " if item.action is Action.KEEP else "x"
        what = f"[{mark}] {_coloured(leaves, item) if is_coloured else leaves}"
        if item.action is not Action.KEEP:
            what += f" for {_short(printable(item.value))}"
        whence = ", ".join(item.origins)
        pointer = ">" if at == number - 1 else " "
        lines.append(f"{pointer}{number:2} {what}  ({item.kind}, {whence}; {item.reason})")
    return "\n".join(lines)


def _short(value: str) -> str:
    line = " ".join(value.split())
    return line if len(line) <= 40 else line[:37] + "..."


def _coloured(text: str, item: Placeholder) -> str:
    colour = _KEPT if item.action is Action.KEEP else _OPEN if item.is_open else _COVERED
    return f"{colour}{text}{_PLAIN}"


def _painted(text: str, items: Sequence[Placeholder]) -> str:
    return "".join(
        printable(each.text)
        if each.item is None
        else _coloured(printable(each.text), items[each.item])
        for each in segments(text, items)
    )


def departure_json(departure: Departure | Blocked) -> dict[str, Any]:
    """The preview for programs."""
    return preview_told(departure)


def event_json(event: Event) -> dict[str, Any]:
    """One line of `--json`."""
    if isinstance(event, TextDelta):
        marks = {"marks": [list(each) for each in event.marks]} if event.marks else {}
        return {"type": "text", "text": event.text, **marks}
    told = msgspec.to_builtins(event)
    if isinstance(event, Decided):
        return {"type": "decided", **told}
    if isinstance(event, Departed):
        return {"type": "departed", **told}
    if isinstance(event, Finish):
        told["usage"].pop("prompt_logprobs", None)
        return {"type": "finish", **told}
    return {"type": "tool_call", **told}
