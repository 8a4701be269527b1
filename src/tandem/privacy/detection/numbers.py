"""Numbers that prove themselves by a checksum."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tandem.personal import Around, Finding, Kind
from tandem.privacy.detection.view import View

_CARD = re.compile(r"(?<![\dA-Za-z])\d(?:[ -]?\d){11,18}(?![\dA-Za-z])")
_CHINESE_ID = re.compile(r"(?<!\d)[1-8]\d{5}[ -]?(?:19|20)\d{2}[ -]?\d{4}[ -]?\d{3}[\dXx](?!\d)")


class CardRecognizer:
    """Payment cards, by Luhn's checksum."""

    def find(self, view: View, around: Around) -> Iterator[Finding]:
        """Each card number."""
        for match in _CARD.finditer(view.text):
            digits = re.sub(r"\D", "", match[0])
            if _luhn(digits):
                key = f"{Kind.PAYMENT_CARD}:{digits}"
                yield Finding(*match.span(), Kind.PAYMENT_CARD, key, 0.95, "Luhn's checksum fits")


class ChineseIdRecognizer:
    """Chinese identity cards, by GB 11643's checksum."""

    def find(self, view: View, around: Around) -> Iterator[Finding]:
        """Each number."""
        for match in _CHINESE_ID.finditer(view.text):
            number = re.sub(r"[ -]", "", match[0]).upper()
            weights = sum(int(digit) * 2 ** (17 - i) for i, digit in enumerate(number[:17]))
            if "10X98765432"[weights % 11] == number[17]:
                key = f"{Kind.NATIONAL_ID}:{number}"
                yield Finding(
                    *match.span(), Kind.NATIONAL_ID, key, 0.99, "GB 11643's checksum fits"
                )


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
