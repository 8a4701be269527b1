"""The page about the wire is true: its diagram is the table."""

from __future__ import annotations

import re
from pathlib import Path

from tandem.joint.protocol import MOVES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "joint-wire.md"


def test_the_diagram_is_the_table_of_moves() -> None:
    """Every legal move stands in the diagram, and nothing else."""
    drawn: set[tuple[str, str, str, str]] = set()
    for before, after, said in re.findall(
        r"^    (\w+) --> (\w+): (.+)$", PAGE.read_text("utf-8"), re.MULTILINE
    ):
        for move in said.split(", "):
            sender, kind = move.split(": ")
            drawn.add((before, sender, kind, after))
    table = {
        (before.value, sender, kind.__name__.lower(), after.value)
        for (before, sender, kind), after in MOVES.items()
    }
    assert drawn == table
