"""What each recognizer finds, and what it must leave alone."""

from __future__ import annotations

import pytest

from tandem.personal import Around, Kind
from tandem.privacy.detection.detector import LayeredDetector, pattern_recognizers

DETECTOR = LayeredDetector(pattern_recognizers())  # all but the tagger

# Keys of known shapes are written in pieces, so that no scanner takes this file for a leak.
FOUND = [
    ("card 4111 1111 1111 1111", Kind.PAYMENT_CARD, "4111 1111 1111 1111"),
    ("银行卡号 6222023592814579549", Kind.PAYMENT_CARD, "6222023592814579549"),
    ("IBAN GB29 NWBK 6016 1331 9268 19", Kind.IBAN, "GB29 NWBK 6016 1331 9268 19"),
    ("my SSN: 460-89-9847", Kind.NATIONAL_ID, "460-89-9847"),
    ("NINO AB 12 34 56 C", Kind.NATIONAL_ID, "AB 12 34 56 C"),
    ("Steuer-ID 36 574 261 809", Kind.TAX_ID, "36 574 261 809"),
    ("NIR 2 95 10 99 126 111 93", Kind.NATIONAL_ID, "2 95 10 99 126 111 93"),
    ("DNI 54362315-K", Kind.NATIONAL_ID, "54362315-K"),
    ("NIE X-2482300-W", Kind.NATIONAL_ID, "X-2482300-W"),
    ("Aadhaar 2341 2341 2346", Kind.NATIONAL_ID, "2341 2341 2346"),
    ("PAN ABCPE1234F", Kind.TAX_ID, "ABCPE1234F"),
    ("身份证１１０１０１１９９００３０７００７４", Kind.NATIONAL_ID, "１１０１０１１９９００３０７００７４"),
    ("身分證 A123456789", Kind.NATIONAL_ID, "A123456789"),
    ("HKID A123456(3)", Kind.NATIONAL_ID, "A123456(3)"),
    ("NRIC S1234567D", Kind.NATIONAL_ID, "S1234567D"),
    ("手机 +86-138-0013-8000", Kind.PHONE, "+86-138-0013-8000"),
    ("電話 ０９１２-３４５-６７８", Kind.PHONE, "０９１２-３４５-６７８"),
    ("call (212) 555-0123 x12", Kind.PHONE, "(212) 555-0123 x12"),
    ("ring +44 20 7946 0958", Kind.PHONE, "+44 20 7946 0958"),
    ("an 138****5678 geschickt", Kind.PHONE, "138****5678"),
    ("write to Ann.Lee@Example.org!", Kind.EMAIL, "Ann.Lee@Example.org"),
    ("from 192.168.0.17 to", Kind.IP_ADDRESS, "192.168.0.17"),
    ("at 2001:db8::ff00:42:8329", Kind.IP_ADDRESS, "2001:db8::ff00:42:8329"),
    ("mac 00:1A:2b:3c:4d:5e", Kind.DEVICE_ID, "00:1A:2b:3c:4d:5e"),
    ("see https://x.org/a?token=abcdef123", Kind.SECRET, "https://x.org/a?token=abcdef123"),
    ("see https://x.org/about.", Kind.URL, "https://x.org/about"),
    ("at 31.2304, 121.4737", Kind.COORDINATES, "31.2304, 121.4737"),
    ("车牌粤B·12345", Kind.PLATE, "粤B·12345"),
    ("use " + "gh" + "p_" + "a1B2" * 9, Kind.SECRET, "gh" + "p_" + "a1B2" * 9),
    ("api_key = 'Zx81-abcd-9912'", Kind.SECRET, "Zx81-abcd-9912"),
    ("with password R3boot!Now appeared", Kind.PASSWORD, "R3boot!Now"),
    ("my password is swordfish", Kind.PASSWORD, "swordfish"),
    ("密码是Abc12345，别忘了", Kind.PASSWORD, "Abc12345"),
    ("密碼：Abc12345", Kind.PASSWORD, "Abc12345"),
    ("ed@b.com / W!nter2024.", Kind.PASSWORD, "W!nter2024"),
    ("passport number KR8129301", Kind.PASSPORT, "KR8129301"),
    ("driver's license Y820-9283-4432", Kind.DRIVING_LICENCE, "Y820-9283-4432"),
    ("patient ID PHX-839221", Kind.HEALTH_ID, "PHX-839221"),
    ("routing number 061000104", Kind.BANK_ACCOUNT, "061000104"),
    ("employee ID 127854", Kind.REFERENCE, "127854"),
    ("born on 12/03/1985", Kind.BIRTH_DATE, "12/03/1985"),
    ("出生日期：1985年3月12日", Kind.BIRTH_DATE, "1985年3月12日"),
    ("a 38-year-old", Kind.AGE, "38"),
    ("今年42岁", Kind.AGE, "42"),
    ("I live at 221B Baker Street", Kind.ADDRESS, "221B Baker Street"),
    ("wohnt Hauptstraße 12", Kind.ADDRESS, "Hauptstraße 12"),
    ("地址：北京市海淀区中关村大街1号3栋502室", Kind.ADDRESS, "北京市海淀区中关村大街1号3栋502室"),
    ("地址：臺北市信義區松仁路100號5樓", Kind.ADDRESS, "臺北市信義區松仁路100號5樓"),
    ("联系人：罗秀秀", Kind.PERSON, "罗秀秀"),
    ("歐陽明華老師", Kind.PERSON, "歐陽明華"),
    ("three Danish friends", Kind.GROUP, "Danish"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "value"), FOUND)
def test_is_found(text: str, kind: Kind, value: str) -> None:
    """With the right kind, and no character more or less."""
    found = {(item.kind, text[item.start : item.end]) for item in DETECTOR.find(text)}
    assert (kind, value) in found, found


HARMLESS = [
    "商品编号：7860121084051415，库存 46",
    "订单号 20267218839310 已发货",
    "快递单号 SF3891697840826627",
    "错误码 7272",
    "本月销售额 9310914 元",
    "第 39 章第 39 节",
    "《红楼梦》共 120 回",
    "会议室编号 A-53，容纳 53 人",
    "任何问题请随时联系，高兴为您服务。",
    "commit 3f2a9c8b7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a",
    "id 123e4567-e89b-12d3-a456-426614174000",
    "The password is required. Password recovery failed. Forgot password?",
    "Version 10.2.3.4 costs $1,234,567.89 per 1,000,000 requests",
    "open from 12:30 to 13:30, 1500-1800 yuan each",
    "Please polish the table, then take the second road on the left.",
    "The account of the war is on page 123.",
    "int x = 1234567; float y = 0.12345678;",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_is_left_alone(text: str) -> None:
    """No alarm on everyday numbers and words."""
    assert [(item.kind, text[item.start : item.end]) for item in DETECTOR.find(text)] == []


def test_the_name_of_a_field_tells() -> None:
    """A value in a field "password" is one, whatever it looks like."""
    (item,) = DETECTOR.find("correct horse", Around(field="password"))
    assert item.kind is Kind.PASSWORD and (item.start, item.end) == (0, 13)
    (item,) = DETECTOR.find("k3y", Around(field="X-Api-Key"))
    assert item.kind is Kind.SECRET


def test_one_number_has_one_key_in_every_form() -> None:
    """So that it gets one placeholder."""
    forms = (
        "13800138000",
        "138 0013 8000",
        "+86 138-0013-8000",
        "１３８００１３８０００",
        "138.0013.8000",
    )
    keys = {DETECTOR.find(f"电话 {form}")[0].key for form in forms}
    assert keys == {"phone:+8613800138000"}
