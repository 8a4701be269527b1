"""The user looks at what would leave, covers or uncovers single things with a key, and decides."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tandem.cli import say
from tandem.types import Action, Departure, Placeholder, Request

Look = Callable[[Request], Departure]
NUM_KEYS = 9


class Review:
    """What the user has said so far. `look` gives what would leave with that word."""

    def __init__(self, request: Request, look: Look) -> None:
        self.request = request
        self._look = look
        self.leaving = look(request)
        self.place = 0

    @property
    def items(self) -> tuple[Placeholder, ...]:
        """The things, each of which may be covered or not."""
        return self.leaving.placeholders

    def toggle(self, place: int) -> None:
        """Cover what is open, uncover what is covered; what the rules forbid stays."""
        if not 0 <= place < len(self.items):
            return
        self.place = place
        item = self.items[place]
        same = {item.shown}
        if item.action is Action.KEEP:
            covered, uncovered = self.request.covered | same, self.request.uncovered - same
        else:
            covered, uncovered = self.request.covered - same, self.request.uncovered | same
        self._say(covered, uncovered)

    def cover_all(self) -> None:
        """Everything that was found is covered."""
        self._say(frozenset(item.shown for item in self.items), frozenset())

    def move(self, step: int) -> None:
        """To the next or the last thing."""
        self.place = max(0, min(len(self.items) - 1, self.place + step))

    def agreed(self) -> Request:
        """The request with the user's yes: what was still open stays covered."""
        open_ = {item.shown for item in self.items if item.is_open}
        return replace(self.request, covered=self.request.covered | open_, may_leave_device=True)

    def _say(self, covered: frozenset[str], uncovered: frozenset[str]) -> None:
        self.request = replace(self.request, covered=covered, uncovered=uncovered)
        self.leaving = self._look(self.request)

    def lines(self, *, is_coloured: bool) -> str:
        """The things with their keys, the price, and the question."""
        shown = say.item_lines(self.items, is_coloured=is_coloured, at=self.place)
        keys = "1-9 or space: cover, uncover; a: cover all; v: what would leave"
        return f"{shown}\n{keys}\n{say.size_line(self.leaving)}\nSend it? [y/N] "


async def reviewed(request: Request, look: Look, output: Any = None) -> Request | None:
    """The request as the user lets it go, or `None`. Asks on the terminal.

    `output` is prompt_toolkit's, where it is not standard output.
    """
    # Half of a short command's start-up time, needed for a question alone.
    from prompt_toolkit import PromptSession
    from prompt_toolkit.formatted_text import ANSI

    review = Review(request, look)
    stream = sys.stdout if output is None else sys.stderr
    is_coloured = stream.isatty()
    shown = say.preview(review.leaving, is_coloured=is_coloured, with_items=not review.items)
    stream.write(shown + "\n")
    stream.flush()
    if not review.items:
        plain: PromptSession[str] = PromptSession(output=output)
        said = await plain.prompt_async("Send it? [y/N] ")
    else:
        session: PromptSession[str] = PromptSession(
            message=lambda: ANSI(review.lines(is_coloured=is_coloured)),
            key_bindings=_keys(review, stream),
            output=output,
        )
        said = await session.prompt_async()
    return review.agreed() if said.strip().lower() in ("y", "yes") else None


def _keys(review: Review, stream: Any) -> Any:
    from prompt_toolkit.application import get_app, run_in_terminal
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    keys = KeyBindings()
    is_empty = Condition(lambda: not get_app().current_buffer.text)

    def bind(key: str, act: Callable[[], None]) -> None:
        @keys.add(key, filter=is_empty)
        def pressed(event: KeyPressEvent) -> None:
            act()
            event.app.invalidate()

    for number in range(1, NUM_KEYS + 1):
        bind(str(number), lambda place=number - 1: review.toggle(place))
    bind("space", lambda: review.toggle(review.place))
    bind("up", lambda: review.move(-1))
    bind("down", lambda: review.move(1))
    bind("a", review.cover_all)

    @keys.add("v", filter=is_empty)
    def view(event: KeyPressEvent) -> None:
        def show() -> None:
            leaving = say.preview(review.leaving, is_coloured=stream.isatty(), with_items=False)
            stream.write(leaving + "\n")

        run_in_terminal(show)

    return keys
