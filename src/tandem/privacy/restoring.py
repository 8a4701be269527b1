"""Puts the user's own values back into an answer, as it streams, and only where they may go.

A placeholder is recognised by its number and its kind's word, however the model dressed them. What
could still become one is held back: some ninety characters at most, or a block of code up to 8 kB
when a placeholder stands in it, to see whether that code reaches out. Cut anywhere, the stream
gives the same text as the whole answer at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from tandem.policy.covering import Sinks, allows
from tandem.privacy.book import Book
from tandem.privacy.detection.view import view_of
from tandem.privacy.placeholders import LITERAL, Mention, mentions, pending
from tandem.privacy.sighting import lowered
from tandem.privacy.sinks import (
    AFTER_LIMIT,
    MAX_BLOCK,
    Spot,
    Trail,
    is_address,
    reaches_out,
    run_of,
    spot_in,
)
from tandem.privacy.walking import Place, in_json
from tandem.types import Effect, Event, Finish, TextDelta, TokenLogprob, Tool, ToolCall

# Enough to see whether a word begins here, or an escape.
_LOOK_BEHIND = 16
SLICE = 2048
May = Callable[[str, Spot], bool]
_WEB_TOOL = re.compile(
    r"(?i)web|https?|url|fetch|brows|internet|online|download|upload|crawl|scrape"
)
_ADDRESS_FIELD = re.compile(
    r"(?i)^(?:ur[li]|link|href|src|endpoint|host|hostname|domain|webhook|site)$|_ur[li]$"
)


class Restorer:
    """A Restoring for one answer."""

    def __init__(self, book: Book, sinks: Sinks, tools: Sequence[Tool]) -> None:
        self.book = book
        self._sinks = sinks
        self._tools = {tool.name: tool for tool in tools}
        self._stream = RestoredText(book, self._may_be_shown)
        self._logprobs: tuple[TokenLogprob, ...] = ()

    def feed(self, event: Event) -> Iterable[Event]:
        """The events that can go on now."""
        if not self.book.by_number:
            return (event,)
        if isinstance(event, TextDelta):
            return self._told(self._stream.feed(event.text), event.logprobs)
        if isinstance(event, ToolCall):
            return (*self.rest(), self._call(event))
        if isinstance(event, Finish):
            return (*self.rest(), event)
        return (event,)

    def rest(self) -> Iterable[Event]:
        """What was held back, now that nothing follows."""
        text = self._stream.end()
        return self._told(text, ()) if text or self._logprobs else ()

    def _told(self, text: str, logprobs: tuple[TokenLogprob, ...]) -> Iterable[Event]:
        """Log-probabilities go with the text of their tokens, as nearly as that is known."""
        self._logprobs += logprobs
        if not text and not (logprobs and not self._stream.num_held):
            return ()
        told, self._logprobs = self._logprobs, ()
        return (TextDelta(text, told),)

    def _may_be_shown(self, kind: str, spot: Spot) -> bool:
        """The user's view takes everything; what leads out of it only what the policy says."""
        if spot is Spot.LINK:
            return allows(self._sinks.links, kind)
        return spot is Spot.WORDS or allows(self._sinks.code, kind)

    # --- tool calls -------------------------------------------------------------------------

    def _call(self, call: ToolCall) -> ToolCall:
        name = restored(call.name, self.book, lambda kind, spot: kind == LITERAL)
        tool = self._tools.get(name)
        may = self._may_be_passed(leads_out(tool))

        def visit(text: str, place: Place) -> str:
            if is_address(text) or _ADDRESS_FIELD.search(place.field):
                return restored(text, self.book, lambda kind, spot: may(kind, Spot.LINK))
            return restored(text, self.book, may)

        return replace(call, name=name, arguments=in_json(call.arguments, visit, Place()))

    def _may_be_passed(self, is_outward: bool) -> May:
        def may(kind: str, spot: Spot) -> bool:
            if is_outward and not allows(self._sinks.tools, kind):
                return False
            return spot is not Spot.LINK or allows(self._sinks.links, kind)

        return may


def leads_out(tool: Tool | None) -> bool:
    """Whether a tool's arguments leave the device; what is not known to stay, does."""
    if tool is None or tool.effect is Effect.OUTWARD:
        return True
    return _WEB_TOOL.search(f"{tool.name} {tool.description}") is not None


def restored(text: str, book: Book, may: May) -> str:
    """A whole text with the values back in it."""
    stream = RestoredText(book, may)
    return stream.feed(text) + stream.end()


class RestoredText:
    """One text that comes in pieces. `may` says whether a kind may be put back at a spot."""

    def __init__(self, book: Book, may: May) -> None:
        self._book = book
        self._may = may
        self._held = ""
        self._trail = Trail()
        self._waits_for_end = False

    @property
    def num_held(self) -> int:
        """How many characters are held back."""
        return len(self._held)

    def feed(self, text: str) -> str:
        """What can be shown now."""
        # In slices, as what is held is looked at anew for each placeholder in it.
        return "".join(self._fed(text[at : at + SLICE]) for at in range(0, len(text), SLICE))

    def _fed(self, text: str) -> str:
        self._held += text
        if self._waits_for_end and self._waits_for_block(self._held):
            return ""
        return self._settled(is_end=False)

    def end(self) -> str:
        """The rest."""
        return self._settled(is_end=True)

    def _settled(self, *, is_end: bool) -> str:
        self._waits_for_end = False
        behind = self._trail.before[-_LOOK_BEHIND:]
        view = view_of(behind + self._held)
        folded = lowered(view)
        open_from = len(folded) if is_end else pending(folded)
        out: list[str] = []
        at, waits = 0, False
        for mention in self._mentions(folded):
            start, end = (place - len(behind) for place in view.span(mention.start, mention.end))
            if start < at:
                continue
            if mention.start >= open_from:
                break
            # The words before it are remembered first: they say where it stands.
            out.append(self._said(self._held[at:start]))
            at = start
            waits = not is_end and (mention.end > len(folded) - 2 or self._waits(end))
            if waits:
                break
            out.append(self._shown(mention, self._held[start:end], self._held[end:]))
            self._trail.add(self._held[start:end])
            at = end
        if not waits:
            is_all = open_from >= len(folded)
            settled = (
                len(self._held) if is_all else view.span(open_from, open_from + 1)[0] - len(behind)
            )
            if settled > at:
                out.append(self._said(self._held[at:settled]))
                at = settled
        self._held = self._held[at:]
        return "".join(out)

    def _said(self, words: str) -> str:
        self._trail.add(words)
        return words

    def _mentions(self, folded: str) -> Iterator[Mention]:
        for mention in mentions(folded, self._book.by_number.__contains__):
            if self._book.by_number[mention.number].kind in mention.kinds:
                yield mention

    def _waits(self, end: int) -> bool:
        """Whether what follows must be seen before it is known where this stands."""
        after = self._held[end:]
        if self._trail.block is not None:
            self._waits_for_end = self._waits_for_block(after)
            return self._waits_for_end
        run = run_of(after)
        return bool(run) and len(run) == len(after) < AFTER_LIMIT

    def _waits_for_block(self, after: str) -> bool:
        return len(after) < MAX_BLOCK and self._trail.block_rest(after) is None

    def _shown(self, mention: Mention, raw: str, after: str) -> str:
        thing = self._book.by_number[mention.number]
        if thing.kind != LITERAL and not self._may(thing.kind, self._spot(raw, after)):
            return raw
        value = thing.form_by_letter(mention.letter)
        if self._trail.language == "json" or self._trail.begin in ("{", "["):
            value = json.dumps(value, ensure_ascii=False)[1:-1]
        return mention.opened + value + mention.closed

    def _spot(self, raw: str, after: str) -> Spot:
        trail = self._trail
        if trail.block is not None:
            near = after[:MAX_BLOCK]
            rest = trail.block_rest(near)
            is_whole = rest is not None or len(near) < MAX_BLOCK
            if not is_whole or reaches_out(trail.block + raw + (near if rest is None else rest)):
                return Spot.CODE
        return spot_in(trail, after[:AFTER_LIMIT], raw)
