"""If, then, otherwise: how a request is taken apart, and what the records say."""

from __future__ import annotations

import pytest

from tandem.understanding.reading import Finding
from tandem.understanding.structure.checks import Unclear, check
from tandem.understanding.structure.conditions import conditional, seems_conditional
from tests.understanding.structure.world import WORLD


def parts(text: str) -> tuple[str, str, str] | None:
    found = conditional(text, lambda words: check(words, WORLD) is not None)
    return None if found is None else (found.condition, found.then, found.otherwise)


@pytest.mark.parametrize(
    ("text", "condition", "then", "otherwise"),
    [
        ("If Kari hasn't written in three days, remind me to call her",
         "Kari hasn't written in three days", "remind me to call her", ""),
        ("Did Kari mail me this week? If not, archive it, otherwise flag it",
         "Did Kari mail me this week", "flag it", "archive it"),
        ("cancel lunch if I have no mail from Kari since Monday, else keep it",
         "I have no mail from Kari since Monday", "cancel lunch", "keep it"),
        ("Cancel lunch unless Kari has mailed me today", "Kari has mailed me today", "", "Cancel lunch"),
        ("can you check if I am free tomorrow at 3 and if so book a call",
         "I am free tomorrow at 3", "book a call", ""),
        ("如果明天没有会，就约王芳吃饭，否则提醒我打电话", "明天没有会", "约王芳吃饭", "提醒我打电话"),
        ("看看王芳这周有没有发邮件，没有的话提醒我", "王芳这周有没有发邮件", "", "提醒我"),
    ],
)  # fmt: skip
def test_the_parts(text: str, condition: str, then: str, otherwise: str) -> None:
    """Each part, and nothing of one in the other."""
    assert parts(text) == (condition, then, otherwise)


@pytest.mark.parametrize(
    "text",
    ["move yoga to five if you can", "Tell Kari to call me if she is late",
     "ask Ola whether he has the offer", "提醒我问王芳要不要来"],
)  # fmt: skip
def test_what_hangs_on_nothing(text: str) -> None:
    """Courtesies, and conditions that belong to a message."""
    assert parts(text) is None
    assert not seems_conditional(text)


def test_a_condition_that_nobody_can_check_is_still_one() -> None:
    """So that nothing is done that it might forbid."""
    assert parts("If it rains tomorrow, cancel the run") is None
    assert seems_conditional("If it rains tomorrow, cancel the run")


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        ("Kari hasn't written in three days", True),
        ("Kari has written in the last week", True),
        ("I haven't mailed Per Dahl in five days", False),
        ("I haven't written to my landlord since Tuesday", True),
        ("the last mail from Kari is older than four days", True),
        ("the last mail from Kari is older than a week", False),
        ("I have any meetings with Kari in the next 2 days", True),
        ("I don't have a meeting with Kari in the next 2 days", False),
        ("I have no meetings on Friday", True),
        ("I have more than one meeting tomorrow", True),
        ("I have more than two meetings tomorrow", False),
        ("I'm free tomorrow at 11", False),
        ("I'm free tomorrow at 9", True),
        ("I'm busy tomorrow at 11", True),
        ("I have overdue tasks", True),
        ("Kari has any leads", True),
        ("Kari has any overdue leads", True),
        ("Kari has no leads", False),
        ("visits were more than 30", True),
        ("visits were more than 300", False),
        ("王芳两天内发过邮件", True),
        ("明天没有会", False),
        ("明天上午十一点有空", False),
    ],
)  # fmt: skip
def test_what_the_records_say(words: str, holds: bool) -> None:
    """By what is there, in both languages."""
    found = check(words, WORLD)
    assert isinstance(found, Finding)
    assert found.holds is holds, found


def test_who_is_not_known_or_not_one() -> None:
    """A stranger makes it no condition, a namesake a question."""
    assert check("Thorbjorn hasn't written in four days", WORLD) is None
    assert isinstance(check("Ola hasn't written in four days", WORLD), Unclear)
