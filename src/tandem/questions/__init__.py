"""The question sets that come with the package, for calibration and the demo.

`glossary`: 1,125 terms of OpenStax *Principles of Economics* and *Introduction to Anthropology*
(OpenStax, CC BY 4.0), asked in phrasings that the shipped models were not trained on. `general`:
written for Tandem: short facts, sums and names that do not exist, in English and Chinese.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal

from tandem.errors import BadRequest
from tandem.grading import Question, questions_from_jsonl

BundledSet = Literal["glossary", "general"]


def bundled(name: BundledSet) -> list[Question]:
    """A set from the package."""
    text = files(__name__).joinpath(f"{name}.jsonl").read_text("utf-8")
    return list(questions_from_jsonl(text.splitlines(), f"{name}.jsonl"))


def from_file(path: Path) -> list[Question]:
    """A user's own set, one JSON object per line. Raises `BadRequest` on what cannot be read."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest(
            f"The question file {path} cannot be read: {error}.", remedy="Check its name and form."
        ) from error
    return list(questions_from_jsonl(lines, path.name))
