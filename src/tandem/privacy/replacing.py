"""Puts placeholders where the policy and the user want them, and says what it did to each thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tandem.personal import Finding
from tandem.policy.covering import Covering
from tandem.privacy.book import Book, Thing
from tandem.privacy.coarse import coarser
from tandem.privacy.exact import ExactTexts
from tandem.privacy.placeholders import KINDS_BY_WORD, LITERAL, shown_for
from tandem.privacy.sighting import NOT_LEARNT, Seen, Sightings
from tandem.privacy.walking import Place
from tandem.types import Action, Placeholder, Request

_BY_USER = {True: "you covered it", False: "you uncovered it"}


@dataclass(frozen=True, slots=True)
class _Fate:
    """What becomes of one thing."""

    seen: Seen
    action: Action
    reason: str
    is_open: bool = False

    @property
    def is_covered(self) -> bool:
        """Whether its value stays. What waits for the user's word is shown covered."""
        return self.action is not Action.KEEP


class Replacing:
    """The second walk over one request. The book holds everything that was seen."""

    def __init__(
        self,
        book: Book,
        sightings: Sightings,
        covering: Covering,
        host: str,
        request: Request,
    ) -> None:
        self._book = book
        self._sightings = sightings
        self._covering = covering
        self._host = host
        self._request = request
        self._fates = {key: self._fate(seen) for key, seen in sightings.things.items()}
        self._covered = ExactTexts(self._values())

    def items(self) -> tuple[Placeholder, ...]:
        """Every thing in every form that was seen, in the order of sight."""
        return tuple(
            Placeholder(
                shown,
                fate.seen.kind,
                form,
                tuple(sorted(fate.seen.origins)),
                fate.action,
                f"{fate.seen.reason}; {fate.reason}",
                is_open=fate.is_open,
                coarse=self._coarse(fate, form) or "",
                number=number,
            )
            for fate in self._fates.values()
            for form, number in fate.seen.forms.items()
            for shown in (self._shown(fate.seen, form),)
        )

    def covered_values(self) -> ExactTexts:
        """What must not be found in the bytes that leave."""
        return self._covered

    def visit(self, text: str, place: Place) -> str:
        """The text with placeholders in it."""
        findings = self._sightings.findings.get((text, place), [])
        covered = [item for item in findings if self._is_covered(item, text)]
        if not covered:
            return text
        if place.is_name:
            return self._as_name(text)
        pieces: list[str] = []
        at = 0
        for item in covered:
            form = text[item.start : item.end]
            pieces += (text[at : item.start], self._stand_in(item, form))
            at = item.end
        return "".join((*pieces, text[at:]))

    # --- one thing --------------------------------------------------------------------------

    def _fate(self, seen: Seen) -> _Fate:
        """The policy's word, and the user's over it."""
        if seen.kind == LITERAL:
            return _Fate(seen, Action.MASK, "so that the answer can be told apart")
        # What was a mail's in an earlier turn is a mail's still.
        thing = self._thing(seen)
        origins = seen.origins.union(thing.origins)
        ruled = self._covering.decide(seen.kind, origins, self._host)
        if ruled.action is Action.FORBID:
            return _Fate(seen, ruled.action, ruled.reason)
        names = {self._shown(seen, form) for form in seen.forms}
        if names & self._request.covered:
            return _Fate(seen, Action.MASK, _BY_USER[True])
        if names & self._request.uncovered:
            return _Fate(seen, Action.KEEP, _BY_USER[False])
        return _Fate(seen, ruled.action, ruled.reason, is_open=ruled.action is Action.ASK)

    def _thing(self, seen: Seen) -> Thing:
        return self._book.by_number[self._book.by_key[seen.key]]

    def _shown(self, seen: Seen, form: str) -> str:
        return self._book.shown(seen.key, form)

    def _coarse(self, fate: _Fate, form: str) -> str | None:
        return coarser(fate.seen.kind, form) if fate.action is Action.GENERALISE else None

    def _stand_in(self, item: Finding, form: str) -> str:
        fate = self._fates[item.key]
        return self._coarse(fate, form) or self._shown(fate.seen, form)

    def _is_covered(self, item: Finding, text: str) -> bool:
        """Kept things are covered where they hold one that is not: "Ann Lee Ltd" with "Ann Lee"."""
        if self._fates[item.key].is_covered:
            return True
        return self._covered.is_in(text[item.start : item.end])

    def _as_name(self, name: str) -> str:
        """An identifier that holds something personal is replaced whole."""
        number = self._book.by_key[f"{LITERAL}:{name}"]
        return shown_for(LITERAL, number, 0, is_chinese=False).replace(" ", "_")

    def _values(self) -> Iterator[str]:
        """Somebody may be called as a placeholder is ("Card"): that would find every card."""
        for fate in self._fates.values():
            if fate.is_covered and fate.seen.kind not in (LITERAL, *NOT_LEARNT):
                yield from (form for form in fate.seen.forms if form.lower() not in KINDS_BY_WORD)
