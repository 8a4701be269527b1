"""Words that leave no doubt overrule what a model made of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tandem.understanding.known import Known
from tandem.understanding.reading import Call, Context, Decision, Filled, Reading
from tandem.understanding.second_look import SecondLook

CONTEXT = Context(Known(datetime(2026, 3, 11, tzinfo=UTC), "UTC"))


class Fixed:
    """A reader that always reads the same."""

    def __init__(self, call: Call) -> None:
        self.reading = Reading(Decision.ACT, (call,))

    def read(self, request: str, context: Context) -> Reading:
        return self.reading


def looked(request: str, call: Call) -> Call:
    (found,) = SecondLook(Fixed(call)).read(request, CONTEXT).calls
    return found


@pytest.mark.parametrize(
    "request_text", ["mail Clare, don't send it yet", "给李雯写封邮件，先别发"]
)
def test_what_must_not_be_sent_becomes_a_draft(request_text: str) -> None:
    """Whatever the model made of it."""
    assert looked(request_text, Call("mail_send", {"body": Filled("x", "x")})).tool == "mail_draft"


@pytest.mark.parametrize(
    ("request_text", "answer"),
    [
        ("accept Marta's invitation", "accept"),
        ("decline it", "decline"),
        ("把邀请谢绝了", "decline"),
        ("maybe for the review", "tentative"),
    ],
)
def test_yes_and_no_are_the_users(request_text: str, answer: str) -> None:
    """An invitation is never answered the other way round."""
    call = Call("invitation_answer", {"answer": Filled("", "decline")})
    assert looked(request_text, call).slots["answer"].value == answer


def test_longer_lengthens() -> None:
    """And is no shift."""
    call = Call("event_change", {"shift": Filled("half an hour", timedelta(minutes=30))})
    slots = looked("make it half an hour longer", call).slots
    assert "shift" not in slots
    assert slots["lengthen"].value == timedelta(minutes=30)


def test_a_question_changes_nothing() -> None:
    """ "Who was it" is answered from the user's data; an order with a question word is an order."""
    call = Call("task_done", {"task": Filled("x")})
    assert looked("somebody wrote, who was it and what did they offer", call).tool == (
        "data_question"
    )
    assert looked("tick off what is done, please", call).tool == "task_done"
