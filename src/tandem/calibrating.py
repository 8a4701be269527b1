"""Find out how well a model's own probabilities tell whether it knows: ask, grade, fit.

The fit is a logistic regression on the judge's features; its threshold is the lowest at which the
share of questions that would be answered wrongly stays under a target, on folds that the weights
have not seen. Groups of a question are never split between folds.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tandem.errors import BadRequest
from tandem.grading import Question, is_right
from tandem.policy.judging import FEATURES, NUM_LOGPROBS, Calibration, features
from tandem.ports import Engine
from tandem.types import (
    Answer,
    Finish,
    Request,
    Sampling,
    TextDelta,
    TokenLogprob,
    ToolCall,
    message,
)

Floats = npt.NDArray[np.float64]

# A fifth below what the acceptance allows (3 % of all questions answered wrongly): the rest is room
# for questions unlike the ones calibrated on.
TARGET_WRONG_SHARE = 0.024
MIN_QUESTIONS = 40
NUM_FOLDS = 5
# Ridge on standardised features: enough to keep weights finite when the classes separate.
RIDGE = 1.0


@dataclass(frozen=True, slots=True)
class Graded:
    """One question asked: what the judge can see, and whether the answer was right."""

    question: Question
    answer: str
    values: tuple[float, ...] | None
    is_right: bool


async def ask_all(
    engine: Engine,
    questions: Sequence[Question],
    *,
    progress: Callable[[int], None] = lambda num_done: None,
    max_output_tokens: int = 128,
    num_at_once: int = 4,
) -> list[Graded]:
    """Ask each question once, at temperature 0, `num_at_once` at a time; in the given order."""
    gate = asyncio.Semaphore(num_at_once)
    num_done = 0

    async def ask(question: Question) -> Graded:
        nonlocal num_done
        async with gate:
            answer = await gather(engine, request_for(question.question, max_output_tokens))
        num_done += 1
        progress(num_done)
        return Graded(question, answer.text, features(answer), is_right(question, answer.text))

    return list(await asyncio.gather(*(ask(question) for question in questions)))


def request_for(text: str, max_output_tokens: int = 128) -> Request:
    """A plain question at temperature 0 with log-probabilities; it may not leave the device."""
    sampling = Sampling(temperature=0.0, max_output_tokens=max_output_tokens, logprobs=NUM_LOGPROBS)
    return Request((message("user", text),), sampling=sampling)


async def gather(engine: Engine, request: Request) -> Answer:
    """A whole answer from an engine's stream."""
    texts: list[str] = []
    calls: list[ToolCall] = []
    logprobs: list[TokenLogprob] = []
    async with aclosing(engine.generate(request)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                texts.append(event.text)
                logprobs.extend(event.logprobs)
            elif isinstance(event, ToolCall):
                calls.append(event)
            elif isinstance(event, Finish):
                return Answer("".join(texts), tuple(calls), tuple(logprobs), event)
    raise AssertionError(f"{engine.card.name} broke its contract: no Finish")


async def calibrate(
    engine: Engine,
    questions: Sequence[Question],
    *,
    progress: Callable[[int], None] = lambda num_done: None,
    target_wrong_share: float = TARGET_WRONG_SHARE,
) -> Calibration:
    """Ask, grade and fit. Raises `BadRequest` when there is too little to fit on."""
    graded = await ask_all(engine, questions, progress=progress)
    calibration = fit(graded, target_wrong_share=target_wrong_share)
    return replace(calibration, fingerprint=engine.card.fingerprint or "")


def fit(graded: Sequence[Graded], *, target_wrong_share: float = TARGET_WRONG_SHARE) -> Calibration:
    """Weights on all, threshold on folds. Raises `BadRequest` when too few answers can be used."""
    kept = [item for item in graded if item.values is not None]
    if len(kept) < MIN_QUESTIONS:
        raise BadRequest(
            f"Only {len(kept)} answers came with token probabilities; "
            f"a calibration needs {MIN_QUESTIONS}.",
            remedy="Give more questions, or use an engine that tells token probabilities.",
        )
    matrix = np.array([item.values for item in kept], dtype=np.float64)
    right = np.array([item.is_right for item in kept], dtype=np.float64)
    means, scales = matrix.mean(axis=0), np.maximum(matrix.std(axis=0), 1e-6)
    standard = (matrix - means) / scales
    folds = np.array([_fold(item.question) for item in kept])
    held_out = np.empty(len(kept))
    for fold in range(NUM_FOLDS):
        train = folds != fold
        weights = _logistic(standard[train], right[train])
        held_out[~train] = _probabilities(standard[~train], weights)
    threshold = _threshold(held_out, right, target_wrong_share)
    weights = _logistic(standard, right)
    return Calibration(
        weights=tuple(map(float, weights[:-1])),
        bias=float(weights[-1]),
        means=tuple(map(float, means)),
        scales=tuple(map(float, scales)),
        threshold=threshold,
        num_questions=len(kept),
        note=_note(held_out, right, threshold),
    )


def auroc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Area under the ROC curve by ranks (Mann-Whitney), ties half; 0.5 without both classes."""
    values, truth = np.asarray(scores, dtype=np.float64), np.asarray(labels, dtype=bool)
    num_right, num_wrong = int(truth.sum()), int((~truth).sum())
    if not num_right or not num_wrong:
        return 0.5
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[truth].sum() - num_right * (num_right + 1) / 2) / (num_right * num_wrong))


def _fold(question: Question) -> int:
    digest = hashlib.sha256((question.group or question.question).encode()).digest()
    return digest[0] % NUM_FOLDS


def _logistic(matrix: Floats, right: Floats) -> Floats:
    """Ridge logistic regression by Newton's method; the last weight is the bias, not penalised."""
    design = np.hstack([matrix, np.ones((len(matrix), 1))])
    penalty = np.diag([RIDGE] * matrix.shape[1] + [1e-3])
    weights = np.zeros(design.shape[1])
    for _ in range(50):
        expected = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        gradient = design.T @ (expected - right) + penalty @ weights
        curvature = design.T @ (design * (expected * (1 - expected))[:, None]) + penalty
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def _probabilities(matrix: Floats, weights: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(matrix @ weights[:-1] + weights[-1], -30, 30)))


def _threshold(confidences: Floats, right: Floats, target_wrong_share: float) -> float:
    """The lowest threshold whose accepted wrong answers stay within the target; at least a half."""
    order = np.argsort(-confidences)
    num_wrong = np.cumsum(1 - right[order])
    too_many = np.flatnonzero(num_wrong > target_wrong_share * len(right))
    if not len(too_many):
        return 0.5
    first_bad = too_many[0]
    bad = confidences[order][first_bad]
    better = confidences[order][first_bad - 1] if first_bad else 1.0
    return float(np.clip((bad + better) / 2, 0.5, 0.9999))


def _note(confidences: Floats, right: Floats, threshold: float) -> str:
    accepted = confidences >= threshold
    wrong = float((accepted & (right == 0)).mean())
    covered = float(accepted[right == 1].mean()) if right.any() else 0.0
    area = auroc(list(confidences), [bool(value) for value in right])
    return (
        f"held-out folds: AUROC {area:.3f}, answered wrongly {wrong:.3f} of all, "
        f"covers {covered:.3f} of what it knows, over {len(FEATURES)} features"
    )
