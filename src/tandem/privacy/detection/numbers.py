"""Numbers that prove themselves by a checksum: cards, accounts, identity and tax numbers.

python-stdnum knows the checksums; this file knows how people write the numbers, and how far each
checksum can be trusted: one that a tenth of all numbers pass needs a word before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stdnum import iban, luhn, verhoeff
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.cn import ric, uscc
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.in_ import pan
from stdnum.it import codicefiscale
from stdnum.kr import rrn
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.us import rtn, ssn

from tandem.personal import Around, Finding, Kind
from tandem.privacy.detection.recognizer import compact, found, words_before
from tandem.privacy.detection.view import View


@dataclass(frozen=True, slots=True)
class Form:
    """How one sort of number is written and checked.

    `words`: without one of them shortly before (or in the field's name), it is not believed.
    `unless`: with one of them right before, it is something else.
    """

    name: str
    kind: Kind
    pattern: re.Pattern[str]
    is_valid: Callable[[str], bool]
    score: float
    words: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None


def _digits(groups: str, before: str = "A-Za-z0-9_", after: str = "A-Za-z0-9_") -> re.Pattern[str]:
    """Digits that no Latin letter or digit touches; a Chinese character may."""
    return re.compile(f"(?<![{before}])(?<!\\d[.-])(?:{groups})(?![{after}])(?!-\\d)")


# Numbers that shops and machines give out pass Luhn's checksum once in ten times.
_TRADE = re.compile(
    r"(编号|货号|单号|订单|流水|序列号|条码|快递|运单|order|tracking|invoice|serial|sku|isbn|item|product|imei|"
    r"part|ticket|ref)[^\n]{0,14}$"
)
_CARD_WORDS = re.compile(
    r"(card|visa|master|amex|卡号|银行卡|信用卡|储蓄卡|账户|帐户|账号|\bcc\b|account)"
)


def _is_card(number: str) -> bool:
    return bool(_CARD_START.match(number)) and luhn.is_valid(number)


_CARD_START = re.compile(r"(?:4\d{12}(?:\d{3}){0,2}|5[0-9]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[0689]\d{11,14}"
                         r"|35\d{14}|6\d{11,18}|1800\d{11}|2131\d{11}|9\d{15})$")  # fmt: skip


def _is_chinese_id(number: str) -> bool:
    try:
        ric.get_birth_date(number)
        return ric.calc_check_digit(number) == number[-1]
    except Exception:  # noqa: BLE001 - stdnum raises several kinds; all say "not a number of mine"
        return False


def _is_taiwan_id(number: str) -> bool:
    """National Identification Number: letter as two digits, weights 1 9 8 7 6 5 4 3 2 1 1."""
    letter = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(number[0]) + 10
    digits = [letter // 10, letter % 10, *map(int, number[1:])]
    return (
        sum(d * w for d, w in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0
    )


def _is_hong_kong_id(number: str) -> bool:
    """Hong Kong identity card: letters count from A = 10, a lacking first letter as 36; modulo 11."""
    letters = number[: len(number) - 7]
    values = [36] * (2 - len(letters)) + [ord(letter) - 55 for letter in letters]
    values += [int(digit) for digit in number[len(letters) : -1]]
    check = 10 if number[-1] == "A" else int(number[-1])
    weighted = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return (weighted + check) % 11 == 0


def _is_singapore_id(number: str) -> bool:
    """NRIC and FIN: weights 2 7 6 5 4 3 2, an offset for T, G and M, a letter."""
    total = sum(int(d) * w for d, w in zip(number[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    first = number[0]
    total += {"T": 4, "G": 4, "M": 3}.get(first, 0)
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK"}
    if first == "M":
        return "XWUTRQPNJLK"[10 - total % 11] == number[8]
    return letters[first][total % 11] == number[8]


def _always(number: str) -> bool:
    return True


def _words(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


_SEP = r"[ .-]?"
_SSN_WORDS = _words("ssn", "social security", "社会安全")

# Capitals, so that the words behind it are not taken for its end; small letters only in one piece.
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?|[a-z]{2}\d{2}[a-z0-9]{11,30})(?![A-Za-z0-9])"
)
FORMS = (
    Form("a card, Luhn's checksum fits", Kind.PAYMENT_CARD,
         _digits(r"\d(?:[ .-]{0,2}\d){11,18}", before="A-Za-z0-9_.,$€£¥"), _is_card, 0.96, unless=_TRADE),
    Form("a card by the words before it", Kind.PAYMENT_CARD, _digits(r"\d(?:[ .-]?\d){11,18}"), luhn.is_valid,
         0.9, words=_CARD_WORDS, unless=_TRADE),
    Form("an IBAN, its checksum fits", Kind.IBAN,
         _IBAN, iban.is_valid, 0.99),
    Form("a Chinese identity card, its checksum fits", Kind.NATIONAL_ID,
         re.compile(r"(?<![\dA-Za-z])[1-9]\d{5}[ .-]{0,2}(?:18|19|20)\d{2}[ .-]{0,2}(?:0[1-9]|1[0-2])[ .-]{0,2}"
                    r"(?:[0-2]\d|3[01])[ .-]{0,2}\d{3}[ .-]?[\dXx](?![\dA-Za-z])"),
         _is_chinese_id, 0.99),
    Form("a Chinese identity card by the words before it", Kind.NATIONAL_ID,
         re.compile(r"(?<![\dA-Za-z])[1-9](?:[ .-]{0,2}\d){16}[ .-]{0,2}[\dXx](?![\dA-Za-z])"), _always, 0.9,
         words=_words("身份证", "证件", "身分证", "identity card", "id card", "id number", "id no")),
    Form("a Chinese company's number, its checksum fits", Kind.TAX_ID,
         re.compile(r"(?<![\dA-Za-z])[1-9A-HJ-NPQRTUWXY][1-9]\d{6}[0-9A-HJ-NPQRTUWXY]{10}(?![\dA-Za-z])"),
         uscc.is_valid, 0.95),
    Form("a Taiwanese identity number, its checksum fits", Kind.NATIONAL_ID,
         re.compile(r"(?<![\dA-Za-z])[A-Z][1289]\d{8}(?![\dA-Za-z])"), _is_taiwan_id, 0.95),
    Form("a Hong Kong identity card, its checksum fits", Kind.NATIONAL_ID,
         re.compile(r"(?<![\dA-Za-z])[A-Z]{1,2}\d{6}(?:\s?[(（][\dA][)）]|[\dA](?![\dA-Za-z]))"), _is_hong_kong_id, 0.95),
    Form("a Singaporean identity number, its checksum fits", Kind.NATIONAL_ID,
         re.compile(r"(?<![\dA-Za-z])[STFGM]\d{7}[A-Z](?![\dA-Za-z])"), _is_singapore_id, 0.95),
    Form("a US social security number by its form", Kind.NATIONAL_ID,
         _digits(r"\d{3}-\d{2}-\d{4}"), _always, 0.9),
    Form("a US social security number", Kind.NATIONAL_ID, _digits(r"\d{3}[ .]\d{2}[ .]\d{4}"), ssn.is_valid, 0.85),
    Form("a US social security number by the words before it", Kind.NATIONAL_ID,
         _digits(r"\d{3}[ .-]?\d{2}[ .-]?\d{4}"), _always, 0.9, words=_SSN_WORDS),
    Form("a bank's routing number, its checksum fits", Kind.BANK_ACCOUNT, _digits(r"\d{9}"), rtn.is_valid, 0.9,
         words=_words("routing", "aba", "transit")),
    Form("a British national insurance number by its form", Kind.NATIONAL_ID,
         re.compile(r"(?<![\dA-Za-z])(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?"
                    r"[A-D](?![\dA-Za-z])"), _always, 0.93),
    Form("a British health number, its checksum fits", Kind.HEALTH_ID, _digits(r"\d{3}[ -]\d{3}[ -]\d{4}"),
         nhs.is_valid, 0.85, words=_words("nhs", "health", "patient")),
    Form("a German tax number, its checksum fits", Kind.TAX_ID,
         _digits(r"\d{2} ?\d{3} ?\d{3} ?\d{3}"), idnr.is_valid, 0.95,
         words=_words("steuer", "idnr", "tax", "identifikationsnummer", r"\btin\b")),
    Form("a French social security number, its checksum fits", Kind.NATIONAL_ID,
         _digits(r"[12378] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}"), nir.is_valid, 0.97),
    Form("a Spanish identity number, its letter fits", Kind.NATIONAL_ID,
         re.compile(r"(?<![\dA-Za-z.])\d{2}\.?\d{3}\.?\d{3}[ -]?[A-HJ-NP-TV-Z](?![\dA-Za-z])"), dni.is_valid, 0.93),
    Form("a Spanish foreigner's number, its letter fits", Kind.NATIONAL_ID,
         re.compile(r"(?<![\dA-Za-z])[XYZ][ -]?\d{7}[ -]?[A-HJ-NP-TV-Z](?![\dA-Za-z])"), nie.is_valid, 0.96),
    Form("an Indian Aadhaar number, its checksum fits", Kind.NATIONAL_ID,
         _digits(r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}"), verhoeff.is_valid, 0.9),
    Form("an Indian tax number by its form", Kind.TAX_ID,
         re.compile(r"(?<![\dA-Za-z])[A-Z]{3}[ABCFGHJKLPT][A-Z]\d{4}[A-Z](?![\dA-Za-z])"), pan.is_valid, 0.93),
    Form("an Italian tax code, its letter fits", Kind.TAX_ID,
         re.compile(r"(?<![\dA-Za-z])[A-Za-z]{6}\d{2}[A-Za-z]\d{2}[A-Za-z]\d{3}[A-Za-z](?![\dA-Za-z])"),
         codicefiscale.is_valid, 0.98),
    Form("a Korean resident's number, its checksum fits", Kind.NATIONAL_ID, _digits(r"\d{6}-[1-8]\d{6}"), rrn.is_valid, 0.97),
    Form("a Brazilian tax number, its checksum fits", Kind.TAX_ID, _digits(r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}"),
         cpf.is_valid, 0.93, words=_words("cpf", r"\.\d{3}-\d\d")),
    Form("a Canadian social insurance number, its checksum fits", Kind.NATIONAL_ID,
         _digits(r"\d{3}[ -]\d{3}[ -]\d{3}"), sin.is_valid, 0.85, words=_words(r"\bsin\b", "social insurance")),
    Form("a Dutch service number, its checksum fits", Kind.NATIONAL_ID, _digits(r"\d{9}"), bsn.is_valid, 0.9,
         words=_words("bsn", "burgerservice")),
    Form("a Polish identity number, its checksum fits", Kind.NATIONAL_ID, _digits(r"\d{11}"), pesel.is_valid, 0.9,
         words=_words("pesel")),
    Form("a device's IMEI, its checksum fits", Kind.DEVICE_ID, _digits(r"\d{2}[ -]?\d{6}[ -]?\d{6}[ -]?\d"),
         luhn.is_valid, 0.93, words=_words("imei", "串号")),
)  # fmt: skip


class NumberRecognizer:
    """All numbers of `FORMS`."""

    def __init__(self, forms: tuple[Form, ...] = FORMS) -> None:
        self._forms = forms

    def find(self, view: View, around: Around) -> Iterator[Finding]:
        """Each number that its checksum, or the words before it, prove."""
        text = view.text
        if not _ANY_DIGITS.search(text):
            return
        for form in self._forms:
            for match in form.pattern.finditer(text):
                if not form.is_valid(compact(match[0])):
                    continue
                before = words_before(text, match.start()) + around.field.lower()
                if form.unless and form.unless.search(before):
                    continue
                if form.words is None or form.words.search(before):
                    yield found(match.span(), form.kind, match[0], form.score, form.name)


_ANY_DIGITS = re.compile(r"\d[\s.\-]{0,2}\d")
