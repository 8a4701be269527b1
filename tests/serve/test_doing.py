"""The assistant over HTTP: a card is answered by a call of its own, and by nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tandem.errors import BadRequest, Unsupported
from tandem.serve.doing import Doing


class Recorded:
    """Acts that note what they were asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def do(self, request: str) -> dict[str, Any]:
        self.asked.append(request)
        return {"kind": "waiting", "waiting": [{"id": "c1"}]}

    def answer(self, card: str, yes: bool) -> dict[str, Any]:
        self.asked.append((card, yes))
        return {"kind": "done"}

    def undo(self, card: str | None) -> dict[str, Any]:
        self.asked.append(card)
        return {"kind": "done"}

    def tools(self) -> list[dict[str, Any]]:
        return [{"type": "function"}]


async def test_a_request_a_card_and_an_undo() -> None:
    """Each is a call of its own, in the order in which they come."""
    acts = Recorded()
    doing = Doing(lambda: acts)
    assert (await doing.answer("do", b'{"request": "mail ann"}'))["waiting"]
    assert (await doing.answer("card", b'{"card": "c1", "yes": true}'))["kind"] == "done"
    assert (await doing.answer("undo", b""))["kind"] == "done"
    assert (await doing.answer("tools", b""))["data"]
    assert acts.asked == ["mail ann", ("c1", True), None]


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("do", b"{}"),
        ("do", b'{"request": "x", "confirm": true}'),
        ("card", b'{"card": "c1", "yes": "yes"}'),
        ("card", b"no json"),
    ],
)
async def test_what_is_not_as_expected_is_refused(what: str, body: bytes) -> None:
    """A request cannot bring its own yes; a yes is a JSON true."""
    acts = Recorded()
    with pytest.raises(BadRequest):
        await Doing(lambda: acts).answer(what, body)
    assert acts.asked == []


async def test_a_server_without_an_assistant_says_so() -> None:
    """The cloud tier has none."""
    with pytest.raises(Unsupported):
        await Doing(None).answer("do", b'{"request": "x"}')
