"""Replies and cards as JSON, for programs: `tandem do --json` and the HTTP API."""

from __future__ import annotations

from typing import Any

from tandem.assistant.assistant import Assistant, Kind, Reply
from tandem.assistant.cards import Card
from tandem.types import Origin, most_private
from tandem.understanding.catalogue import CATALOGUE


def as_dict(reply: Reply) -> dict[str, Any]:
    """A reply as programs read it; marked values come from texts that others wrote."""
    return {
        "type": "reply",
        "kind": reply.kind.value,
        "text": reply.text,
        "waiting": [card_dict(card) for card in reply.waiting],
        "undoable": [card_dict(card) for card in reply.undoable],
        "evidence": [{"kind": e.kind, "id": e.id, "title": e.title} for e in reply.evidence],
        "origin": origin_of(reply).value,
    }


_ORIGINS = {
    "mail": Origin.MAIL,
    "event": Origin.CALENDAR,
    "task": Origin.CALENDAR,
    "contact": Origin.CONTACTS,
    "note": Origin.FILES,
}


def origin_of(reply: Reply) -> Origin:
    """What a reply's words are made of, for whoever hands them on: the label travels with them.

    Where no record is named, it is the most private that the assistant reads.
    """
    if reply.kind in (Kind.ESCALATED, Kind.REFUSED):
        return Origin.TYPED
    cards = (*reply.waiting, *reply.undoable)
    records = [*reply.evidence, *(one for card in cards for one in card.step.evidence)]
    if not records:
        return Origin.MAIL
    return most_private(_ORIGINS.get(one.kind, Origin.MAIL) for one in records)


def card_dict(card: Card) -> dict[str, Any]:
    """A card with its lines and where each value came from."""
    step = card.step
    return {
        "id": card.id,
        "tool": step.tool,
        "title": step.title,
        "effect": step.effect.value,
        "count": step.count,
        "lines": [
            {"label": one.label, "value": one.value, "origin": one.origin.value}
            for one in step.lines
        ],
        "evidence": [{"kind": e.kind, "id": e.id, "title": e.title} for e in step.evidence],
    }


class Spoken:
    """An assistant whose replies are JSON: what the server's `Acts` asks for."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def do(self, request: str) -> dict[str, Any]:
        """One turn of the user's."""
        return as_dict(self._assistant.say(request))

    def answer(self, card: str, yes: bool) -> dict[str, Any]:
        """The user's answer to a card."""
        return as_dict(self._assistant.answer(card, yes))

    def undo(self, card: str | None) -> dict[str, Any]:
        """Take back one act, or the last turn's."""
        return as_dict(self._assistant.undo(card))

    def tools(self) -> list[dict[str, Any]]:
        """The catalogue as OpenAI's `tools`, each with its effect as an extension."""
        return [
            {
                "type": "function",
                "function": {
                    "name": spec.name,
                    "description": spec.description,
                    "parameters": spec.schema,
                },
                "tandem": {"effect": spec.effect.value},
            }
            for spec in CATALOGUE.values()
        ]
