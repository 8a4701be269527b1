"""Dates of birth, dates and ages. What is done with a plain date is the policy's matter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tandem.personal import Around, Finding, Kind
from tandem.privacy.detection.recognizer import words_before
from tandem.privacy.detection.view import View

_MONTH = r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
_DATE = re.compile(
    rf"(?i:(?<![\d.:/-])(?:"
    r"(?:19|20)\d{2}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?"
    r"|(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.](?:(?:19|20)\d{2}|\d{2})"
    rf"|(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}\.?,?\s(?:19|20)\d{{2}}"
    rf"|{_MONTH}\.?\s(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?,?\s(?:19|20)\d{{2}}"
    r"|(?:19|20)\d{2}\s?年\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?[日号])?"
    r")(?![\d/-]|\.\d))"
)
_VAGUE = re.compile(
    r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
    r"|\b(?:in|since|from|until|till|by|of|year)\s(?P<year>(?:19|20)\d{2})(?![\d.%:/-])"
    r"|(?:星期|周)[一二三四五六日天]",
    re.IGNORECASE,
)
_BIRTH = re.compile(r"born|birth|\bdob\b|d\.o\.b|birthday|生日|出生|生于|生辰", re.IGNORECASE)
_BIRTH_AFTER = re.compile(r"\s{0,2}(?:出生|生人|生(?![产活成效意])|birth)", re.IGNORECASE)
_AGE = re.compile(
    r"(?i:(?<![\w.])(?P<years>1[01]\d|[1-9]\d?)[\s-](?:years?|yrs?)?[\s-]?(?:old|y/?o\b|y\.o\.)"
    r"|(?:\baged?|\bage of|\bturn(?:s|ed|ing)|\bturned)[\s:]{1,2}(?P<aged>1[01]\d|[1-9]\d?)(?![\d.%:/]|\s?(?:degrees|percent|%|pages?))"
    r"|年龄[\s:：是为]{0,3}(?P<han>\d{1,3})(?!\d)|(?<![\d.])(?P<sui>\d{1,3})\s?周?岁)"
)


class DateRecognizer:
    """Dates and ages."""

    def find(self, view: View, around: Around) -> Iterator[Finding]:
        """Each date, as a date of birth where the words near it say so; each age."""
        text = view.text
        is_birth_field = bool(_BIRTH.search(around.field))
        for match in _DATE.finditer(text):
            is_birth = (
                is_birth_field
                or _BIRTH.search(words_before(text, match.start(), 24))
                or _BIRTH_AFTER.match(text, match.end())
            )
            kind = Kind.BIRTH_DATE if is_birth else Kind.DATE
            key = f"{kind}:{match[0].lower()}"
            yield Finding(*match.span(), kind, key, 0.9, "the form of a date")
        for match in _VAGUE.finditer(text):
            group = "year" if match["year"] else 0
            key = f"{Kind.DATE}:{match[group].lower()}"
            yield Finding(*match.span(group), Kind.DATE, key, 0.7, "a day or a year")
        for match in _AGE.finditer(text):
            group = match.lastgroup or "years"
            span = match.span(group)
            yield Finding(
                *span, Kind.AGE, f"{Kind.AGE}:{match[group]}", 0.85, "an age by its words"
            )
