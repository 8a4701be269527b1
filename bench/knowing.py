"""Does each side know, and does the device's judge know whether it knows?

    python -m bench.knowing --json                  every glossary term, in phrasings never
    trained on python -m bench.knowing --data FILE --json      your own questions

FILE holds a JSON object per line: {"question": ..., "definition" or "answers": ...}, or only
{"term": ..., "definition": ...} to be asked in the test phrasings. Right means a token F1 of at
least 0.7 against the glossary. The judge is the shipped one, as `tandem ask` uses it; its
calibration has seen other phrasings only. `half` repeats the figures for terms that calibration
did not use at all, after fitting on the others.

Keys: `device_right`, `tower_right` (shares of all questions), `auroc` (of the judge: is the device
right?), `wrong_but_confident` (share of all questions answered wrongly by the device and accepted),
`coverage` (accepted, of what the device has right), and the same for the tower's own judge.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.results_file import write_result
from tandem.bootstrap_models import CLONE_MODELS, PACKAGE_MODELS
from tandem.calibrating import Graded, ask_all, auroc, fit
from tandem.engines.llama import LlamaEngine
from tandem.grading import Question
from tandem.policy.judging import Calibration, calibration_from_json
from tandem.questions import bundled
from train.phrasings import HELD_OUT, held_out_question

SEED = 11


def main() -> None:
    """Ask both models everything and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="questions of your own, one JSON object per line")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--sample", type=int, help="ask only so many, drawn by a fixed seed")
    parser.add_argument("--device", type=Path, default=PACKAGE_MODELS / "pocket" / "pocket.gguf")
    parser.add_argument("--tower", type=Path, default=CLONE_MODELS / "tower" / "tower.gguf")
    parser.add_argument("--no-save", action="store_true", help="leave bench/results alone")
    options = parser.parse_args()
    questions = questions_from(options.data) if options.data else glossary_questions()
    if options.sample and options.sample < len(questions):
        questions = random.Random(SEED).sample(questions, options.sample)
    result = asyncio.run(measure(questions, options.device, options.tower, quiet=options.json))
    result["data"] = options.data.name if options.data else "glossary, test phrasings"
    if not (options.no_save or options.sample or options.data):
        write_result("knowing", result)
    print(json.dumps(result) if options.json else json.dumps(result, indent=2))


def glossary_questions() -> list[Question]:
    """Every term of the bundled glossary in one test phrasing."""
    draw = random.Random(SEED)
    return [_asked(draw, item.group, item.answers[0]) for item in bundled("glossary")]


def questions_from(path: Path) -> list[Question]:
    """Rows with a question, or with a term to be asked for."""
    draw = random.Random(SEED)
    questions: list[Question] = []
    for line in path.read_text("utf-8").splitlines():
        if not line.strip():
            continue
        row = json.loads(line)
        answers = row.get("answers") or [row.get("definition") or row["answer"]]
        term = row.get("term", "")
        asked = _asked(draw, term, answers[0], str(row.get("book", "")))
        if "question" in row:
            asked = replace(asked, question=row["question"], answers=tuple(answers))
        questions.append(asked)
    return questions


def _asked(draw: random.Random, term: str, definition: str, book: str = "") -> Question:
    field = "anthropology" if "anthropology" in book else "economics"
    phrasing = draw.choice([text for text in HELD_OUT["test"] if book or not _names_field(text)])
    return Question(held_out_question(phrasing, term, field), (definition,), "overlap", term)


def _names_field(phrasing: str) -> bool:
    """The bundled set does not say which book a term is from, so no field is named."""
    return any(mark in phrasing for mark in ("{f}", "{p}", "{w}"))


async def measure(
    questions: Sequence[Question], device: Path, tower: Path, *, quiet: bool
) -> dict[str, Any]:
    """The figures of both sides."""
    result: dict[str, Any] = {"num_questions": len(questions)}
    rows = await _ask("device", device, questions, quiet=quiet)
    calibration = _shipped(device)
    result |= {"device_right": _share(rows), **_judged(rows, calibration)}
    result["half"] = await _half(rows, device, quiet=quiet)
    rows = await _ask("tower", tower, questions, quiet=quiet)
    result["tower_right"] = _share(rows)
    result["tower_judge"] = _judged(rows, _shipped(tower))
    return result


async def _ask(
    name: str, path: Path, questions: Sequence[Question], *, quiet: bool
) -> list[Graded]:
    def show(num_done: int) -> None:
        if not quiet and num_done % 100 == 0:
            print(f"{name}: {num_done} of {len(questions)}", file=sys.stderr)

    engine = await LlamaEngine.load(path, model_name=path.stem, num_slots=4)
    try:
        return await ask_all(engine, questions, progress=show)
    finally:
        await engine.aclose()


def _shipped(model: Path) -> Calibration:
    file = model.with_name(f"{model.stem}.calibration.json")
    return calibration_from_json(json.loads(file.read_text("utf-8")))


def _share(rows: Sequence[Graded]) -> float:
    return round(sum(row.is_right for row in rows) / len(rows), 4)


def _judged(rows: Sequence[Graded], calibration: Calibration) -> dict[str, float]:
    scores = [calibration.confidence(row.values) if row.values else 0.0 for row in rows]
    accepted = [score >= calibration.threshold for score in scores]
    truth = [row.is_right for row in rows]
    wrong = sum(a and not right for a, right in zip(accepted, truth, strict=True))
    covered = sum(a and right for a, right in zip(accepted, truth, strict=True))
    return {
        "auroc": round(auroc(scores, truth), 4),
        "wrong_but_confident": round(wrong / len(rows), 4),
        "coverage": round(covered / max(1, sum(truth)), 4),
        "threshold": round(calibration.threshold, 4),
    }


async def _half(rows: Sequence[Graded], device: Path, *, quiet: bool) -> dict[str, float]:
    """Fit on half of the terms (calibration phrasings), judge the other half (test phrasings)."""
    first = [question for question in bundled("glossary") if _in_first_half(question.group)]
    fitted = fit(await _ask("calibration half", device, first, quiet=quiet))
    others = [row for row in rows if not _in_first_half(row.question.group)]
    return {"num_questions": len(others), **_judged(others, fitted)} if others else {}


def _in_first_half(term: str) -> bool:
    return hashlib.sha256(f"half {term}".encode()).digest()[0] % 2 == 0


if __name__ == "__main__":
    main()
