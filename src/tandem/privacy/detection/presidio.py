"""Presidio's recognizers inside our detector: an optional extra (`pip install tandem[presidio]`).

Nothing of Presidio is imported here: whoever has a recognizer of his own for it hands it in. Its
offsets point into the view, as ours do, so that hidden numbers are found by it too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from tandem.personal import Around, Finding, Kind
from tandem.privacy.detection.recognizer import compact
from tandem.privacy.detection.view import View

KINDS: Mapping[str, Kind] = {
    "PERSON": Kind.PERSON, "ORGANIZATION": Kind.ORGANISATION, "LOCATION": Kind.PLACE, "EMAIL_ADDRESS": Kind.EMAIL,
    "PHONE_NUMBER": Kind.PHONE, "CREDIT_CARD": Kind.PAYMENT_CARD, "IBAN_CODE": Kind.IBAN, "IP_ADDRESS": Kind.IP_ADDRESS,
    "MAC_ADDRESS": Kind.DEVICE_ID, "URL": Kind.URL, "CRYPTO": Kind.CRYPTO_WALLET, "DATE_TIME": Kind.DATE, "NRP": Kind.GROUP,
    "MEDICAL_LICENSE": Kind.HEALTH_ID, "UK_NHS": Kind.HEALTH_ID, "US_BANK_NUMBER": Kind.BANK_ACCOUNT,
    "US_DRIVER_LICENSE": Kind.DRIVING_LICENCE, "IT_DRIVER_LICENSE": Kind.DRIVING_LICENCE, "US_PASSPORT": Kind.PASSPORT,
    "IN_PASSPORT": Kind.PASSPORT, "IT_PASSPORT": Kind.PASSPORT, "US_SSN": Kind.NATIONAL_ID, "US_ITIN": Kind.TAX_ID,
}  # fmt: skip
# Countries' identity numbers begin with the country: "IN_AADHAAR", "ES_NIF", "SG_NRIC_FIN".
_OF_A_COUNTRY = Kind.NATIONAL_ID


def _stay_offline() -> None:
    """Its recognizer of e-mail asks a website for a list of domains while it reads the user's text;
    the list that came along does.
    """
    domains: Any = sys.modules.get("tldextract.tldextract")
    if domains is not None:
        domains.TLD_EXTRACTOR = domains.TLDExtract(suffix_list_urls=(), cache_dir=None)


class PresidioResult(Protocol):
    """What we read of a `presidio_analyzer.RecognizerResult`."""

    entity_type: str
    start: int
    end: int
    score: float


class PresidioEntityRecognizer(Protocol):
    """What we use of a `presidio_analyzer.EntityRecognizer`."""

    supported_entities: list[str]

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: Any
    ) -> Sequence[PresidioResult] | None: ...


class PresidioRecognizer:
    """A Recognizer out of Presidio's. `kinds` adds to or overrides `KINDS`; results below
    `min_score` are dropped. Its recognizers must be imported before: they are kept from downloading.
    """

    def __init__(
        self,
        recognizers: Sequence[PresidioEntityRecognizer],
        kinds: Mapping[str, Kind] | None = None,
        min_score: float = 0.4,
    ) -> None:
        self._recognizers = tuple(recognizers)
        self._kinds = {**KINDS, **(kinds or {})}
        self._min_score = min_score
        _stay_offline()

    def find(self, view: View, around: Around) -> Iterator[Finding]:
        """All results of all of them. An error of theirs goes on: then nothing may leave."""
        for recognizer in self._recognizers:
            results = recognizer.analyze(view.text, list(recognizer.supported_entities), None)
            for item in results or ():
                if item.score >= self._min_score and item.start < item.end:
                    yield self._finding(view, item)

    def _finding(self, view: View, item: PresidioResult) -> Finding:
        kind = self._kinds.get(item.entity_type)
        if kind is None:
            kind = _OF_A_COUNTRY if item.entity_type[2:3] == "_" else Kind.REFERENCE
        value = compact(view.text[item.start : item.end])
        score = min(max(item.score, 0.01), 1.0)
        return Finding(
            item.start, item.end, kind, f"{kind}:{value}", score, f"Presidio's {item.entity_type}"
        )
