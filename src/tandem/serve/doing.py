"""The assistant over HTTP: a request in, words and cards out; a card has a call of its own.

No model reaches that call: what a chat's model says is text, and a tool call of its is the client's
to run. Whoever holds the token is the user.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import msgspec

from tandem.errors import BadRequest, Unsupported


class Acts(Protocol):
    """One conversation with the assistant. Blocks; used by one thread alone."""

    def do(self, request: str) -> dict[str, Any]:
        """One turn of the user's: the reply with its cards."""
        ...

    def answer(self, card: str, yes: bool) -> dict[str, Any]:
        """The user's answer to a card."""
        ...

    def undo(self, card: str | None) -> dict[str, Any]:
        """Take back one act, or the last turn's."""
        ...

    def tools(self) -> list[dict[str, Any]]:
        """The tools in OpenAI's form."""
        ...


_T = TypeVar("_T", bound=msgspec.Struct)


class _Do(msgspec.Struct, forbid_unknown_fields=True):
    request: str


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    card: str
    yes: bool


class _Undo(msgspec.Struct, forbid_unknown_fields=True):
    card: str | None = None


class Doing:
    """Calls the assistant in a thread of its own, one request after another."""

    def __init__(self, opener: Callable[[], Acts] | None) -> None:
        self._opener = opener
        self._acts: Acts | None = None
        self._thread = ThreadPoolExecutor(1, "assistant")

    async def answer(self, what: str, body: bytes) -> dict[str, Any]:
        """The reply to `do`, `card`, `undo` or `tools`. Raises `Unsupported` without an assistant,
        `BadRequest` for a body that is not as expected.
        """
        if self._opener is None:
            raise Unsupported("This server has no assistant.", remedy="Start `tandem serve`.")
        work = self._work(what, body)
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _work(self, what: str, body: bytes) -> Callable[[], dict[str, Any]]:
        if what == "tools":
            return lambda: {"object": "list", "data": self._opened().tools()}
        if what == "do":
            asked = _decoded(body, _Do)
            return lambda: self._opened().do(asked.request)
        if what == "card":
            given = _decoded(body, _Answer)
            return lambda: self._opened().answer(given.card, given.yes)
        taken = _decoded(body or b"{}", _Undo)
        return lambda: self._opened().undo(taken.card)

    def _opened(self) -> Acts:
        assert self._opener is not None
        self._acts = self._acts or self._opener()
        return self._acts


def _decoded(body: bytes, shape: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError):
        names = ", ".join(field.name for field in msgspec.structs.fields(shape))
        raise BadRequest("The body is not as expected.", remedy=f"It holds {names}.") from None
