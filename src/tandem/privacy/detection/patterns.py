"""What a pattern alone can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tandem.personal import Around, Finding, Kind
from tandem.privacy.detection.view import View

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}")
_CHINESE_MOBILE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d(?:[ .-]?\d{4}){2}(?!\d)")


class EmailRecognizer:
    """E-mail addresses."""

    def find(self, view: View, around: Around) -> Iterator[Finding]:
        """Each address, its key in lower case."""
        for match in _EMAIL.finditer(view.text) if "@" in view.text else ():
            key = f"{Kind.EMAIL}:{match[0].lower()}"
            yield Finding(*match.span(), Kind.EMAIL, key, 0.99, "an e-mail address")


class PhoneRecognizer:
    """Phone numbers."""

    def find(self, view: View, around: Around) -> Iterator[Finding]:
        """Each number, its key in E.164."""
        for match in _CHINESE_MOBILE.finditer(view.text):
            digits = re.sub(r"\D", "", match[0])[-11:]
            key = f"{Kind.PHONE}:+86{digits}"
            yield Finding(*match.span(), Kind.PHONE, key, 0.95, "a Chinese mobile number")
