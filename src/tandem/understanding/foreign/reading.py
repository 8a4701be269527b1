"""One request and the likeliest tools: which of them it is, with what, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tandem.understanding.foreign.filling import Arguments, fill
from tandem.understanding.foreign.pieces import pieces
from tandem.understanding.foreign.retrieving import ToolText

COMPLETE = 0.25
"""How much a tool gains, as a share of the best score, when nothing required is missing."""


@dataclass(frozen=True, slots=True)
class ForeignCall:
    """A tool with its arguments. `lead` is by how much it is ahead of the next, 0..1."""

    tool: ToolText
    arguments: Arguments
    lead: float

    @property
    def is_sure(self) -> bool:
        """Something was said for it, nothing required is missing, nothing was guessed, no number,
        name or quotation of the request is left over, and no other tool is near.
        """
        found = self.arguments
        is_whole = bool(found.values) and not (found.missing or found.unused or found.guessed)
        return is_whole and found.evidence >= 1 and self.lead > 0.15


def read(
    request: str, found: Sequence[tuple[ToolText, float]], now: datetime
) -> ForeignCall | None:
    """The call that the request likeliest means, or `None` where no tool shares a word with it.

    `found` is what a `Shelf` gave, with its scores.
    """
    if not found:
        return None
    top = found[0][1]
    parts = pieces(request, now)
    ranked: list[tuple[float, int, ToolText, Arguments]] = []
    for at, (tool, score) in enumerate(found):
        arguments = fill(request, tool.schema, parts, f"{tool.name} {tool.description}")
        gain = COMPLETE if not arguments.missing else 0.0
        ranked.append((score / top + gain - 0.02 * arguments.unused, -at, tool, arguments))
    ranked.sort(key=lambda one: (one[0], one[1]), reverse=True)
    best = ranked[0]
    lead = 1.0 if len(ranked) == 1 else (best[0] - ranked[1][0]) / max(best[0], 1e-9)
    return ForeignCall(best[2], best[3], round(lead, 4))
