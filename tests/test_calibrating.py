"""Grading, fitting and choosing a threshold."""

from __future__ import annotations

import math
import random

import pytest

from tandem.calibrating import Graded, ask_all, auroc, calibrate, fit
from tandem.engines.scripted import Reply, ScriptedEngine
from tandem.errors import BadRequest
from tandem.grading import Question, is_right, questions_from_jsonl, token_f1
from tandem.policy.judging import (
    FEATURES,
    TokenJudge,
    calibration_from_json,
    calibration_to_json,
)
from tandem.questions import bundled
from tandem.types import Answer, Finish, Request, Ruling, TokenLogprob, Usage, message


def graded(seed: int, *, knows: bool, wrong_sure: bool = False) -> Graded:
    """A made answer: known ones have high probabilities; `wrong_sure` looks known and is wrong."""
    draw = random.Random(seed)
    level = -0.05 if knows or wrong_sure else -1.5
    values = tuple(level * draw.uniform(0.5, 1.5) for _ in FEATURES)
    return Graded(Question(f"q{seed}"), "", values, knows)


def answer(probability: float, text: str = "words") -> Answer:
    token = TokenLogprob(text, text.encode(), math.log(probability), (), 0.1)
    return Answer(text, (), (token,) * 5, Finish("stop", Usage(output_tokens=5)))


@pytest.mark.parametrize(
    ("ours", "theirs", "value"),
    [
        ("the cost", "The cost.", 1.0),
        ("a b c d", "a b x y", 0.5),
        ("", "x", 0.0),
        ("机会成本", "机会 成本", 1.0),
    ],
)
def test_f1_counts_words(ours: str, theirs: str, value: float) -> None:
    """Case, punctuation and full-width forms do not count; Han characters are words."""
    assert token_f1(ours, theirs) == pytest.approx(value)


def test_grading_knows_three_kinds() -> None:
    """Overlap, whole-word containment, and the question that has no answer."""
    assert is_right(Question("q", ("what is given up",)), "what is given up")
    contains = Question("q", ("Au",), "contains")
    assert is_right(contains, "It is Au.") and not is_right(contains, "Australia")
    assert not is_right(Question("q", (), "unknown"), "anything")


def test_bundled_sets_are_whole() -> None:
    """Both sets parse, with no question twice."""
    for name, least in (("glossary", 1125), ("general", 180)):
        questions = bundled(name)  # type: ignore[arg-type]
        assert len(questions) >= least
        assert len({question.question for question in questions}) == len(questions)


def test_a_bad_line_is_named() -> None:
    """The error names the source and the line."""
    with pytest.raises(BadRequest, match="mine.jsonl, line 2"):
        list(questions_from_jsonl(['{"question": "x"}', "{no"], "mine.jsonl"))


def test_auroc_is_the_rank_statistic() -> None:
    """Perfect, reversed, tied and one-sided."""
    assert auroc([3, 2, 1, 0], [True, True, False, False]) == 1.0
    assert auroc([0, 1, 2, 3], [True, True, False, False]) == 0.0
    assert auroc([1, 1, 1, 1], [True, False, True, False]) == 0.5
    assert auroc([1.0], [True]) == 0.5


def test_fit_separates_and_survives_json() -> None:
    """On separable answers it accepts the known and not the unknown, also after a round trip."""
    rows = [graded(n, knows=n % 3 == 0) for n in range(300)]
    calibration = calibration_from_json(calibration_to_json(fit(rows)))
    verdicts = [calibration.confidence(r.values or ()) >= calibration.threshold for r in rows]
    wrong = sum(v and not r.is_right for v, r in zip(verdicts, rows, strict=True))
    covered = sum(v and r.is_right for v, r in zip(verdicts, rows, strict=True))
    assert wrong <= 0.015 * 300
    assert covered >= 95


def test_threshold_rises_when_sure_answers_are_wrong() -> None:
    """Where confidence misleads, fewer are accepted rather than more wrong ones."""
    rows = [graded(n, knows=n % 2 == 0, wrong_sure=n % 4 == 1) for n in range(400)]
    calibration = fit(rows)
    accepted = [calibration.confidence(r.values or ()) >= calibration.threshold for r in rows]
    wrong = sum(a and not r.is_right for a, r in zip(accepted, rows, strict=True))
    assert wrong <= 0.03 * len(rows)


def test_a_model_that_knows_nothing_is_never_accepted() -> None:
    """All wrong: nothing comes through."""
    calibration = fit([graded(n, knows=False) for n in range(100)])
    assert not any(
        calibration.confidence(graded(n, knows=False).values or ()) >= calibration.threshold
        for n in range(100)
    )


def test_too_little_is_an_error() -> None:
    """Fewer than forty answers are refused, with the number."""
    with pytest.raises(BadRequest, match="Only 3"):
        fit([graded(n, knows=True) for n in range(3)])


async def test_calibrate_asks_every_question_with_progress() -> None:
    """Progress counts to the end; the calibration says how many it saw."""
    engine = ScriptedEngine(
        lambda request: Reply("yes", probability=0.99 if "a" in request.messages[-1].text else 0.2)
    )
    questions = [
        Question(f"{'a' if n % 2 else 'b'}{n}", ("yes" if n % 2 else "no",)) for n in range(60)
    ]
    seen: list[int] = []
    calibration = await calibrate(engine, questions, progress=seen.append)
    assert seen[-1] == 60
    assert calibration.num_questions == 60
    rows = await ask_all(engine, questions[:2])
    assert [row.is_right for row in rows] == [False, True]


def test_uncalibrated_judge_is_careful() -> None:
    """Without a calibration only a nearly certain answer passes."""
    judge, request = TokenJudge(), Request((message("user", "q"),), may_leave_device=True)
    assert judge.accept(request, answer(0.99)).ruling is Ruling.ACCEPT
    verdict = judge.accept(request, answer(0.7))
    assert verdict.ruling is Ruling.ESCALATE
    assert verdict.confidence == pytest.approx(0.7)


def test_without_leave_it_refuses() -> None:
    """What may not leave is refused, not escalated; an empty answer too."""
    request = Request((message("user", "q"),))
    assert TokenJudge().accept(request, answer(0.5)).ruling is Ruling.REFUSE
    assert TokenJudge().accept(request, answer(0.99, " ")).ruling is Ruling.REFUSE


def test_a_set_threshold_wins() -> None:
    """The user's threshold overrides the calibration's."""
    request = Request((message("user", "q"),))
    assert TokenJudge(threshold=0.0).accept(request, answer(0.01)).ruling is Ruling.ACCEPT
