"""Phone numbers: candidates by form, judged by phonenumbers (Google's metadata) and by words."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber

from tandem.personal import Around, Finding, Kind
from tandem.privacy.detection.recognizer import words_before
from tandem.privacy.detection.view import View

# Where a number without a country code may belong to; the first that fits gives the key.
REGIONS = ("CN", "US", "GB", "HK", "TW", "DE", "FR", "ES", "IN", "IT", "AU", "JP", "CH", "AT", "NL", "BE")  # fmt: skip
_MORE_REGIONS = ("SE", "NO", "DK", "FI", "PL", "CZ", "HU", "PT", "BR", "MX", "SI", "HR", "IE", "NZ", "ZA", "SG",
                 "KR", "RU", "TR", "GR", "RO", "IS", "GL", "CY", "EE", "UY", "TN")  # fmt: skip
_CANDIDATE = re.compile(
    r"(?<![A-Za-z0-9_@#.:/=&?%*-])(?<!\d,)(?:\+|00)?[(]?\d(?:[ .()/\u2011-]{0,3}\d){5,17}(?:\s?(?:x|ext\.?|转|分机)\s?\d{1,6})?"
    r"(?![A-Za-z0-9_@%*]|[.:/-]?\d)"
    r"|(?<=[=:：/*#\u3400-\u9fff])(?:\+|00)?[(]?\d(?:[ .()/-]{0,3}\d){5,17}(?:\s?(?:x|ext\.?|转|分机)\s?\d{1,6})?"
    r"(?![A-Za-z0-9_@%*]|[.:/-]?\d)"
)
_MASKED = re.compile(r"(?<![A-Za-z0-9_*])(?:\+?86[- ]?)?1[3-9]\d[* -]{4,6}\d{4}(?!\d)")
_CHINESE_MOBILE = re.compile(r"(?:\+?(?:00)?86)?1[3-9]\d{9}")
_SERVICE_LINE = re.compile(r"(?<![\d-])(?:400|800)[- ]?\d{3,4}[- ]?\d{3,4}(?![\d-])")
_WORDS = re.compile(
    r"(?:phone|phones|tel|tel\.|telephone|mobile|cell|call|calls|called|fax|ring|text|sms|whatsapp|dial|reach|hotline|"
    r"contact|number is|numbers? including|at|on|office|desk|电话|手机|手机号|联系方式|联系电话|致电|拨打|座机|热线|传真|号码|call \d?)"
    r"[^\w\n]{0,4}(?:number|no|nr|num|me|us|him|her|is|was|to|at|on|号码|号|:|：|=|是|为|改成|就是)?[^\w]{0,6}$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[\s-]{0,3}(?:office|fax|mobile|cell|home|work|\(call|connect|接通)", re.IGNORECASE
)
_NOT_PHONE = re.compile(
    r"(?:订单|单号|编号|货号|流水|快递|库存|错误码|order|tracking|invoice|id|isbn|code|account|version|版本|ssn|zip|routing|"
    r"card|serial|¥|￥|\$|€|£|#)[^\n]{0,12}$", re.IGNORECASE
)  # fmt: skip
_DATE = re.compile(
    r"[(]?\d{4}\s?-\s?\d{4}[)]?|\d{1,3}\.\d+|(?:(?:19|20)\d{2}[-./ ](?:0?[1-9]|1[0-2])[-./ ](?:0?[1-9]|[12]\d|3[01])|(?:0?[1-9]|[12]\d|3[01])[-./ ](?:0?[1-9]|1[0-2])"
    r"[-./ ](?:19|20)?\d{2})(?:[ T]\d{1,2})?"
)
# phonenumbers costs about 0.1 ms per number and region: beyond so many different numbers in one
# text, what could be one is taken for one.
_MAX_JUDGED = 300


class PhoneRecognizer:
    """Phone numbers of the whole world. `regions`: where the user's own numbers belong to."""

    def __init__(self, regions: tuple[str, ...] = REGIONS) -> None:
        self._regions = regions

    def find(self, view: View, around: Around) -> Iterator[Finding]:
        """Each number, its key in E.164 where its country is known."""
        text = view.text
        is_phone_field = bool(re.search(r"(?i)phone|mobile|tel|电话|手机", around.field))
        judged = 0
        for match in _CANDIDATE.finditer(text):
            judged += 1
            before = words_before(text, match.start(), 32)
            is_told = bool(
                is_phone_field or _WORDS.search(before) or _AFTER.match(text, match.end())
            )
            number = match[0] if judged <= _MAX_JUDGED else ""
            digits = re.sub(r"\D", "", match[0])
            key = self._key(number, digits, is_told, before)
            if key:
                yield Finding(
                    *match.span(), Kind.PHONE, f"{Kind.PHONE}:{key}", 0.92, "a phone number"
                )
        for pattern in (_MASKED, _SERVICE_LINE):
            for match in pattern.finditer(text):
                key = re.sub(r"\s", "", match[0])
                yield Finding(
                    *match.span(),
                    Kind.PHONE,
                    f"{Kind.PHONE}:{key}",
                    0.9,
                    "the form of a phone number",
                )

    def _key(self, number: str, digits: str, is_told: bool, before: str) -> str | None:
        """E.164 or digits; None where it is no phone number. `number` is empty if not to judge."""
        if _CHINESE_MOBILE.fullmatch(digits):
            return "+86" + digits[-11:]
        if _DATE.fullmatch(number) or _NOT_PHONE.search(before):
            return None
        if not number:
            return digits if len(digits) >= 7 else None
        if number.startswith(("+", "00")) or digits.startswith(("852", "853", "886")):
            plus = "+" + digits.removeprefix("00")
            if key := _valid(plus, "ZZ"):
                return key
            if number.startswith("+") and 7 <= len(digits) <= 15:
                return "+" + digits
        return self._national(number, digits, is_told)

    def _national(self, number: str, digits: str, is_told: bool) -> str | None:
        is_grouped = len(re.findall(r"\d+", number)) >= 3 or number.startswith("(") or "x" in number
        if not (is_told or is_grouped or (number.startswith("0") and number != digits)):
            return None
        for region in self._regions if not is_told else self._regions + _MORE_REGIONS:
            if key := _valid(number, region):
                return key
        if (is_told and 7 <= len(digits) <= 15) or (is_grouped and 8 <= len(digits) <= 13):
            return digits
        return None


def is_no_phone(text: str, start: int, end: int) -> bool:
    """Whether the form rules a phone number out: a date, a price, a range, a code with letters."""
    words = text[start:end]
    if _DATE.fullmatch(words) or re.search(
        r"[A-Za-z]{2}|[a-f]\d|\d[a-f](?!\w*xt)", words.replace("ext", "")
    ):
        return True
    return bool(re.search(r"[\d.,$€£¥￥]$", text[max(0, start - 1) : start])) or bool(
        re.search(r",\d{3}(?:\.|$)", words)
    )


def canonical_phone(number: str, regions: tuple[str, ...] = REGIONS) -> str:
    """A number from a contact card as the recognizer's keys have it: E.164, or its digits."""
    digits = re.sub(r"\D", "", number)
    if _CHINESE_MOBILE.fullmatch(digits):
        return "+86" + digits[-11:]
    for region in ("ZZ", *regions):
        if key := _valid(number, region):
            return key
    return digits


@functools.lru_cache(maxsize=4096)
def _valid(number: str, region: str) -> str | None:
    try:
        parsed: PhoneNumber = phonenumbers.parse(number, None if region == "ZZ" else region)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    parsed.extension = None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
