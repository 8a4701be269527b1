"""Does the device know? Read from its own token probabilities, after the answer. Pure.

A handful of statistics of the answer's token log-probabilities go through a logistic function
whose weights were fitted on questions that the model was not trained on (`tandem models
calibrate`). Minima and quantiles beat sums and means, which punish length (Gupta et al., ICLR
2024). The probabilities of the question's own tokens tell whether the model has met these words
at all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tandem.types import Answer, Request, Ruling, TokenLogprob, Verdict

# Careful until calibrated: the geometric mean of the token probabilities must be this high. A model
# that repeats what it has learnt by heart is above it; one that makes things up is rarely.
CAREFUL_THRESHOLD = 0.85
# A log-probability below this says nothing more; it keeps one odd token from drowning the rest.
FLOOR_LOGPROB = -12.0

# The judge reads the token that was taken and the one that would have been next.
NUM_LOGPROBS = 2

FEATURES = (
    "mean_logprob",
    "min_logprob",
    "tenth_logprob",
    "first_logprob",
    "mean_entropy",
    "max_entropy",
    "log_length",
    "prompt_mean_logprob",
    "prompt_min_logprob",
    "rest_min_logprob",
    "second_min_logprob",
    "max_runner_up",
    "mean_runner_up",
)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the logistic function and the threshold, for one model.

    `weights` are per standardised feature, in the order of `FEATURES`; `means` and `scales`
    standardise. `fingerprint` names the model file they were fitted on.
    """

    weights: tuple[float, ...]
    bias: float
    means: tuple[float, ...]
    scales: tuple[float, ...]
    threshold: float
    fingerprint: str = ""
    num_questions: int = 0
    note: str = ""

    def confidence(self, values: Sequence[float]) -> float:
        """Probability that the answer is right, 0..1, from `FEATURES` values."""
        z = self.bias
        rows = zip(values, self.weights, self.means, self.scales, strict=True)
        for value, weight, mean, scale in rows:
            z += weight * (value - mean) / scale
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, z))))


def calibration_from_json(data: Mapping[str, Any]) -> Calibration:
    """Read what `calibration_to_json` wrote. Raises `ValueError` on anything else."""
    if tuple(data.get("features", ())) != FEATURES:
        raise ValueError("the calibration was made for other features; calibrate again")
    rows = ("weights", "means", "scales")
    vectors = {name: tuple(float(x) for x in data[name]) for name in rows}
    if any(len(vector) != len(FEATURES) for vector in vectors.values()):
        raise ValueError("the calibration has rows of a wrong length; calibrate again")
    return Calibration(
        **vectors,
        bias=float(data["bias"]),
        threshold=float(data["threshold"]),
        fingerprint=str(data.get("fingerprint", "")),
        num_questions=int(data.get("num_questions", 0)),
        note=str(data.get("note", "")),
    )


def calibration_to_json(calibration: Calibration) -> dict[str, Any]:
    """A plain dict that `json` can write; it names the features it was made for."""
    return {"features": list(FEATURES), **asdict(calibration)}


@dataclass(frozen=True, slots=True)
class TokenJudge:
    """A Judge on token probabilities. Without a calibration it is careful; see
    `CAREFUL_THRESHOLD`.
    """

    calibration: Calibration | None = None
    threshold: float | None = None

    def accept(self, request: Request, answer: Answer) -> Verdict:
        """Accept, or send on: escalate where the request may leave, refuse where it may not."""
        threshold = self._threshold()
        confidence = self._confidence(answer)
        if not answer.text.strip() and not answer.tool_calls:
            return Verdict(_not_sure(request), 0.0, threshold, "the answer is empty")
        if confidence is None:
            return Verdict(
                Ruling.ACCEPT, None, threshold, "the engine gives no token probabilities"
            )
        shown = f"confidence {confidence:.2f}, threshold {threshold:.2f}"
        if confidence >= threshold:
            return Verdict(Ruling.ACCEPT, confidence, threshold, shown)
        return Verdict(_not_sure(request), confidence, threshold, f"{shown}: the model is not sure")

    def _threshold(self) -> float:
        if self.threshold is not None:
            return self.threshold
        return self.calibration.threshold if self.calibration else CAREFUL_THRESHOLD

    def _confidence(self, answer: Answer) -> float | None:
        values = features(answer)
        if values is None:
            return None
        if self.calibration is None:
            return math.exp(values[0])
        return self.calibration.confidence(values)


def _not_sure(request: Request) -> Ruling:
    return Ruling.ESCALATE if request.may_leave_device else Ruling.REFUSE


@dataclass(frozen=True, slots=True)
class TrustingJudge:
    """A Judge that accepts everything: for a cloud that the user trusts as it is."""

    def accept(self, request: Request, answer: Answer) -> Verdict:
        """Accept."""
        return Verdict(Ruling.ACCEPT, None, None, "not judged")


def features(answer: Answer) -> tuple[float, ...] | None:
    """The values of `FEATURES`, or `None` where the engine told no probabilities."""
    logprobs = [max(token.logprob, FLOOR_LOGPROB) for token in answer.logprobs]
    if not logprobs:
        return None
    entropies = [token.entropy for token in answer.logprobs if token.entropy is not None]
    prompt = [max(value, FLOOR_LOGPROB) for value in answer.finish.usage.prompt_logprobs]
    ordered = sorted(logprobs)
    runners_up = [_runner_up(token) for token in answer.logprobs]
    return (
        sum(logprobs) / len(logprobs),
        ordered[0],
        ordered[len(ordered) // 10],
        logprobs[0],
        sum(entropies) / len(entropies) if entropies else 0.0,
        max(entropies) if entropies else 0.0,
        math.log(len(logprobs)),
        sum(prompt) / len(prompt) if prompt else 0.0,
        min(prompt) if prompt else 0.0,
        min(logprobs[1:], default=logprobs[0]),
        ordered[min(1, len(ordered) - 1)],
        max(runners_up),
        sum(runners_up) / len(runners_up),
    )


def _runner_up(token: TokenLogprob) -> float:
    """Log-probability of the likeliest token that was not taken: how near another answer was.

    Where no alternatives were told, all that is left: log(1 - p), which is no less.
    """
    others = [logprob for text, logprob in token.top if text != token.text]
    if others:
        return max(FLOOR_LOGPROB, max(others))
    rest = -math.expm1(token.logprob)
    return max(FLOOR_LOGPROB, math.log(rest)) if rest > 0 else FLOOR_LOGPROB
