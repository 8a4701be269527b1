"""What a question is about, and whether the records tell it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tandem.assistant.lookup import HARDLY, asked_terms, is_known, search
from tandem.understanding.known import Known, KnownContact, KnownMail

NOW = datetime(2026, 3, 11, 9, 20, tzinfo=UTC)


def mail(key: str, name: str, sender: str, subject: str, text: str) -> KnownMail:
    return KnownMail(f"<{key}>", "INBOX", name, sender, (), subject, NOW, text)


KNOWN = Known(
    now=NOW,
    zone="UTC",
    contacts=(KnownContact("fang", "方静", ("方老师",), ("fangjing@school.example",)),),
    mails=(
        mail("trip", "方静", "fangjing@school.example", "春游通知", "费用60元，请带雨衣。"),
        mail("inn", "Harbour Inn", "stay@inn.example", "Room 12", "Free cancellation until May."),
        mail("day", "Kit", "kit@example.org", "Day off", "A day off, one day next week?"),
        mail("shop", "Tool Shop", "shop@example.org", "Drill", "Order number 77, delivered May 4."),
        mail("water", "水务公司", "bill@water.example", "3月水费", "本期水费48元。"),
        mail("ship", "运通物流", "ship@yuntong.example", "订舱确认", "截关4月2日。"),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "key"),
    [
        ("春游要交多少钱", "trip"),
        ("方老师让我们春游带什么来着", "trip"),
        ("邮件里说3月水费是多少", "water"),
        ("什么时候截关", "ship"),
        ("until when can I cancel the hotel without paying", "inn"),
        ("what's the order number of the drill", "shop"),
        ("which day is the drill delivered", "shop"),
    ],
)
def test_question_words_hide_nothing(question: str, key: str) -> None:
    assert is_known(question, KNOWN, HARDLY)
    assert search(question, KNOWN)[0][1].id == f"<{key}>"


@pytest.mark.parametrize("question", ["长江有多长", "谁发明了电话", "how high is Mount Kenya"])
def test_what_no_record_tells(question: str) -> None:
    assert not is_known(question, KNOWN, HARDLY)


def test_what_a_question_is_about() -> None:
    assert asked_terms("春游要交多少钱") == ["春游"]
