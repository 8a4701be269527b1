"""Is an answer right? Pure comparison with known answers, for calibration and benches."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from tandem.errors import BadRequest

# The share of common words from which a wording counts as the glossary's own.
RIGHT_F1 = 0.7
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


@dataclass(frozen=True, slots=True)
class Question:
    """A question with known answers.

    `grading`: "overlap" compares words with the first answer (token F1 of at least `RIGHT_F1`);
    "contains" looks for any of the answers as whole words; "unknown" asks for something that does
    not exist, so that no answer is right. `group` names what must not be split between fit and
    check.
    """

    question: str
    answers: tuple[str, ...] = ()
    grading: Literal["overlap", "contains", "unknown"] = "overlap"
    group: str = ""


def questions_from_jsonl(lines: Iterable[str], source: str) -> Iterator[Question]:
    """One question per line. Raises `BadRequest` naming the source and the line."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield msgspec.json.decode(line, type=Question)
        except msgspec.DecodeError as error:
            raise BadRequest(
                f"{source}, line {number}: not a question ({error}).",
                remedy='Each line is {"question": ..., "answers": [...], "grading": ...}.',
            ) from error


def is_right(question: Question, answer: str) -> bool:
    """Whether `answer` answers the question."""
    if question.grading == "unknown":
        return False
    if question.grading == "contains":
        words = words_of(answer)
        return any(_holds(words, words_of(wanted)) for wanted in question.answers)
    return any(token_f1(answer, wanted) >= RIGHT_F1 for wanted in question.answers)


def token_f1(answer: str, wanted: str) -> float:
    """Harmonic mean of precision and recall over words, 0..1; case and punctuation do not count."""
    ours, theirs = Counter(words_of(answer)), Counter(words_of(wanted))
    common = sum((ours & theirs).values())
    return 2 * common / (ours.total() + theirs.total()) if common else 0.0


def words_of(text: str) -> list[str]:
    """Lower-case words; a Han character is a word of its own."""
    text = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'")
    spaced = re.sub(r"([\u4e00-\u9fff])", r" \1 ", text)
    return _WORD.findall(spaced)


def _holds(words: list[str], wanted: list[str]) -> bool:
    length = len(wanted)
    return bool(wanted) and any(
        words[start : start + length] == wanted for start in range(len(words) - length + 1)
    )
