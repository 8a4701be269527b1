"""The account of one request: filled on the way, turned into the ledger's entry at its end."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from tandem.types import (
    Decided,
    EngineCard,
    Entry,
    Event,
    Finish,
    FinishReason,
    Outcome,
    Place,
    PlaceUsage,
    Route,
    Ruling,
    Verdict,
)


@dataclass(slots=True)
class Account:
    """One request's decisions and costs so far. `underway`: what has left without an answer yet."""

    started_at: float
    started: float
    conversation_id: str | None
    escalated_from: str | None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    outcome: Outcome = "failed"
    answered_by: Place | None = None
    model: str | None = None
    route: Route | None = None
    verdict: Verdict | None = None
    work: list[PlaceUsage] = field(default_factory=list[PlaceUsage])
    underway: PlaceUsage | None = None
    first: float | None = None
    finish_reason: FinishReason | None = None
    error: str | None = None
    is_recorded: bool = False
    covered: tuple[tuple[str, int], ...] = ()

    def decide(self, engine: EngineCard, outcome: Outcome) -> Decided:
        """Fix who answers; the event tells it before the first word."""
        self.answered_by, self.model, self.outcome = engine.place, engine.model, outcome
        assert self.route is not None
        return Decided(engine.place, engine.model, self.route, self.verdict)

    def doubts(self, event: Event) -> bool:
        """Whether words that were shown as they came turn out to be ones nobody is sure of."""
        if not isinstance(event, Finish) or event.verdict is None:
            return False
        self.verdict = event.verdict
        return event.verdict.ruling is Ruling.REFUSE

    def entry(self, monotonic: float) -> Entry:
        return Entry(
            id=self.id,
            started_at=self.started_at,
            outcome=self.outcome,
            answered_by=self.answered_by,
            model=self.model,
            route=self.route,
            verdict=self.verdict,
            work=(*self.work, self.underway) if self.underway else tuple(self.work),
            seconds_to_first_token=self.first,
            seconds=monotonic - self.started,
            finish_reason=self.finish_reason,
            error=self.error,
            conversation_id=self.conversation_id,
            escalated_from=self.escalated_from,
            covered=self.covered,
        )
