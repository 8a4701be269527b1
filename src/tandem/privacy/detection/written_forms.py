"""Every written form of a name: given name alone, initials, titles, reversed order, pinyin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tandem.personal import Kind


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a thing. `needs_capital`: in lower case it is an everyday word."""

    text: str
    score: float = 0.95
    needs_capital: bool = False

    def fits(self, text: str, start: int, end: int) -> bool:
        """Whether `text[start:end]`, whose letters fit, is meant."""
        return not self.needs_capital or text[start].isupper()


def forms_of(kind: Kind, values: Iterable[str]) -> list[Form]:
    """All forms of a thing with these names; the first name is its fullest."""
    forms = [Form(value, 0.99) for value in values if value.strip()]
    if kind is Kind.PERSON:
        for value in values:
            words = value.split()
            forms += [Form(word, 0.85, needs_capital=True) for word in words if len(word) > 1]
    return forms
