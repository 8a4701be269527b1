"""What the records said of a condition, as the user sees it."""

from __future__ import annotations

from tandem.assistant.cards import Evidence
from tandem.assistant.plan_tables import row_text
from tandem.assistant.planning import evidence, find_event
from tandem.assistant.words import say
from tandem.understanding.known import Known
from tandem.understanding.reading import Finding, Ref


def proof_of(finding: Finding | None, known: Known) -> tuple[Evidence, ...]:
    """The records that made a condition hold or fail, for the card."""
    if finding is None:
        return ()
    return tuple(one for ref in finding.refs if (one := _shown(ref, known)) is not None)


def _shown(ref: Ref, known: Known) -> Evidence | None:
    if ref.kind == "row":
        return Evidence("row", f"{ref.address}/{ref.id}", row_text(known, ref))
    if ref.kind == "event":
        event = find_event(known, ref)
        return evidence(event) if event is not None else None
    records = (*known.mails, *known.tasks, *known.contacts)
    for record in records:
        if getattr(record, "message_id", getattr(record, "uid", "")) == ref.id:
            return evidence(record)
    return None


def found_text(finding: Finding, has_acts: bool, language: str) -> str:
    """Whether it holds; and that nothing is to be done where nothing was named for this case."""
    told = say(language, "holds" if finding.holds else "fails", words=finding.words)
    return told if has_acts else f"{told} {say(language, 'nothing_to_do')}"
