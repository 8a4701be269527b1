"""Values that are told by the words before them: "passport number X", "车牌号：X", "employee ID X".

One table: which words, which kind, and what the value may look like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tandem.personal import Around, Finding, Kind
from tandem.privacy.detection.recognizer import found
from tandem.privacy.detection.view import View

# Between the words and the value: "number", "is", a colon, quotes, brackets.
_TIE = (
    r"(?:[\s:：=#＃\"'“”‘’(（\[【|]|\be\.g\.,?|\bfor(?: (?-i:[a-z]{2,16})){1,3}(?=[\s:(])|\b(?:numbers?|nums?|nrs?|no|id|ids|code|codes|card|is|was|are|of|the|ending|ends|"
    r"with|in|listed|as|for|her|his|my|their|your|to|under|including|linked|stored|registered|details|like|such)\b\.?|号码|编号|号|尾号|是|为|码|:|的){0,9}"
)
# At least three digits (or the stars that stand for them) among letters, dashes and dots.
_VALUE = r"(?=(?:(?:DL|ATIN|MRN|ACC|TIN|ID|No)[:.]\s?)?[A-Za-z0-9_/.*#-]{0,24}?[0-9X*][A-Z0-9_/.*-]{0,3}?[0-9X*])(?:(?:DL|ATIN|MRN|ACC|TIN|ID|No)[:.]\s?)?[#*]?[A-Za-z0-9][A-Za-z0-9_/*.-]{1,30}[A-Za-z0-9*]"
_DIGITS = r"[*#]?\d[\d -]{2,24}\d"


@dataclass(frozen=True, slots=True)
class Label:
    """Words that announce a kind, and the form of its value."""

    kind: Kind
    words: str
    value: str = _VALUE

    def pattern(self) -> re.Pattern[str]:
        """Bounded in every repeat: the time is linear."""
        return re.compile(f"(?i:(?<![A-Za-z])(?:{self.words}){_TIE})(?<![A-Za-z0-9])({self.value})")


LABELS = (
    Label(Kind.PASSPORT, r"passports?|护照|通行证"),
    Label(Kind.DRIVING_LICENCE, r"driv(?:er|ing)(?:['’]?s)?['’]? ?(?:licen[cs]es?|permit)|licen[cs]e(?= (?:no|num|id))|驾驶证|驾照|行驶证"),
    Label(Kind.HEALTH_ID, r"patient(?= (?:id|no|num|mrn|file))|mrn|medical (?:record|file|id|card)|health (?:card|insurance|id)|medicare"
          r"|insurance (?:number|code|id|no|policy|card)|policy (?:number|no)|病历号?|就诊卡号?|住院号|医保卡?号?|社保卡?号?"),
    Label(Kind.BANK_ACCOUNT, r"(?:bank|checking|savings?|current|deposit|pension)? ?accounts?(?= ?(?:number|no|num|#|:|id|ending))"
          r"|accounts? (?:details )?ending|(?:checking|savings)(?=:)|bank accounts?(?: details)?|routing(?: number)?|sort code|swift(?: code)?|\bbic\b|ifsc(?: code)?|\bacc(?=:)|accnum"
          r"|银行账号|银行账户|账号|帐号|账户|开户行账号|对公账户|卡号"),
    Label(Kind.IBAN, r"ibans?", r"(?=\S{0,30}\d)[A-Z]{2}[0-9X-][A-Za-z0-9.*-]{1,30}(?:[ -]?[A-Z0-9X*.]{2,24}){0,9}"),
    Label(Kind.TAX_ID, r"tax(?:payer)?(?: identification)?(?= ?(?:id|no|num|identification|code))|taxid|tin(?= |:)|\bein\b|\bitin\b|\batin\b|vat(?= ?(?:no|num|id|reg))|pan(?= (?:card|number|no|'|\"))|税号|纳税人识别号|统一社会信用代码"),
    Label(Kind.NATIONAL_ID, r"ssn|social security(?: number| no)?|national (?:id|insurance)|aadh?aa?r|voter(?: id)?|identity card|id card|national identity|nric|hkid|dni|身份证|身分证|证件号?|社会保障号"),
    Label(Kind.REFERENCE, r"employee(?= (?:id|no|num))|staff (?:id|no)|member(?:ship)?(?= (?:id|no|num|card))|customer(?= (?:id|no|num))|student(?= (?:id|no|num))|user(?= (?:id))"
          r"|client(?= (?:id|no))|case(?= (?:no|num|id))|booking(?= (?:code|no|num|id|ref))|reservation(?= (?:code|no|num|id))|appointment(?= (?:no|num|id))|confirmation(?= (?:code|no|num))"
          r"|registration(?= (?:no|num|id))|order(?= ?(?:no|num|id|#))|tracking(?= (?:no|num|id|code))|transaction(?= (?:id|no|num|code))|pick-?up code|check-?in code|meeting id|system id|\bid(?= number)|file #|ticket(?= (?:no|num))"
          r"|会员号|会员卡号|工号|学号|预约号|预订号|确认码|取件码|取票码|会议号|考号|准考证号?|登机牌号?"),
    Label(Kind.ACCOUNT_NAME, r"user ?name(?= ?[:=]| is)|login(?: name)?(?=:)|screen name|wechat id|微信号|QQ号?(?=[:：是为\\d])|用户名|账户名", r"[A-Za-z0-9@][A-Za-z0-9_.@-]{2,40}[A-Za-z0-9]"),
    Label(Kind.PLATE, r"(?:licen[cs]e|number|registration) plates?|plate(?= (?:no|num|is))|plate:|车牌号?", r"(?=[A-Z0-9 -]{0,9}\d)[A-Z0-9][A-Z0-9 -]{2,8}[A-Z0-9]"),
    Label(Kind.POSTCODE, r"zip(?: ?code)?|post(?:al)? ?code|postcode|plz|邮编|邮政编码|郵遞區號", r"(?=[A-Z0-9 -]{0,5}\d)[A-Za-z0-9][A-Za-z0-9 -]{1,7}[A-Za-z0-9]"),
    Label(Kind.PAYMENT_CARD, r"(?:credit|debit|bank|savings|payment) cards?(?: number| no| details)?|card(?= (?:number|no|ending))|银行卡|信用卡|储蓄卡|借记卡", r"(?:[\dX*]{2,6}(?:[ -][\dX*]{2,6}){1,5}|[\dX*][\dX*#-]{2,22}[\dX*])"),
    Label(Kind.SECRET, r"cvv2?|cvc2?|security code|验证码|动态码|校验码|verification code|one-time code|otp", r"\d{3,8}"),
)  # fmt: skip
_PATTERNS = tuple((label.kind, label.pattern()) for label in LABELS)
# A password may be kept in many words, a number not: what looks like a date or a price is none.
_DIGIT = re.compile(r"\d")  # "XXX-XX-XXXX" says nothing
_NO_VALUE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d+\.\d\d|\d{1,2}:\d\d|(?:19|20)\d\d"
)


class LabelledRecognizer:
    """Values by the words before them."""

    def find(self, view: View, around: Around) -> Iterator[Finding]:
        """Each value that is announced."""
        for kind, pattern in _PATTERNS:
            for match in pattern.finditer(view.text):
                if not _NO_VALUE.fullmatch(match[1]) and _DIGIT.search(match[1]):
                    yield found(match.span(1), kind, match[1], 0.85, "the words before it")
        yield from self._field(view, around.field)

    def _field(self, view: View, field: str) -> Iterator[Finding]:
        value = view.text.strip()
        if not field or not value or len(value) > 64:
            return
        shift = len(field) + 2
        start = view.text.index(value)
        for kind, pattern in _PATTERNS:
            match = pattern.search(f"{field.replace('_', ' ')}: {value}")
            if match and match.start(1) == shift:
                span = (start, start + match.end(1) - match.start(1))
                yield found(span, kind, match[1], 0.85, f"the field {field!r}")
