"""Answers to a question: one of the records that were asked about, or the question again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tandem.understanding.correcting import completed
from tandem.understanding.known import Known, KnownEvent
from tandem.understanding.reading import Call, Context, Decision, Filled, Question, Reading, Ref

NOW = datetime(2026, 3, 11, 9, 20, tzinfo=UTC)


def event(uid: str, title: str, days: int) -> KnownEvent:
    start = NOW + timedelta(days=days)
    return KnownEvent(uid, title, start, start + timedelta(hours=1))


KNOWN = Known(
    now=NOW,
    zone="UTC",
    events=(
        event("out", "Ferry to Larne", 3),
        event("home", "Ferry to Cairnryan", 8),
        event("bank", "Bank appointment", 2),
    ),
)
OPTIONS = ((Ref("event", "out"),), (Ref("event", "home"),))
ASKED = Reading(
    Decision.ASK,
    (Call("event_cancel", {"event": Filled("the ferry", None, None, OPTIONS)}),),
    Question("event", 0, OPTIONS),
    0.9,
)


@pytest.mark.parametrize(
    ("answer", "chosen"),
    [("the Larne one", "out"), ("the latter", "home"), ("the way back", ""), ("the bank", "")],
)
def test_only_what_was_asked_about_is_chosen(answer: str, chosen: str) -> None:
    nothing: object = None
    reading = completed(answer, ASKED, Context(KNOWN), nothing)  # pyright: ignore[reportArgumentType]
    value = reading.calls[0].slots["event"].value
    assert (reading.decision is Decision.ACT) == bool(chosen)
    assert (value == (Ref("event", chosen),)) == bool(chosen)
