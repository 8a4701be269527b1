"""The grammar of requests: which tool, which values, and silence where it knows nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tandem.understanding.catalogue import CATALOGUE
from tandem.understanding.grammar.reader import NO_PHRASE, GrammarReader
from tandem.understanding.known import Known, KnownContact, KnownEvent, KnownMail, KnownTask
from tandem.understanding.reading import Call, Context, Decision, Reading, Ref, Turn, When
from tandem.understanding.together import weighed

ZONE = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 11, 9, 20, tzinfo=ZONE)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


KNOWN = Known(
    now=NOW,
    zone="Europe/London",
    contacts=(
        KnownContact("bea", "Bea Marlow", emails=("bea@example.org",)),
        KnownContact("dan1", "Daniel Brandt", emails=("daniel@brandt.example",)),
        KnownContact("dan2", "Daniel Okafor", emails=("d.okafor@example.org",)),
        KnownContact("chang", "刘畅", emails=("liuchang@example.com",)),
    ),
    events=(
        KnownEvent("lunch", "Lunch with Bea", at(13, 12), at(13, 13)),
        KnownEvent("dentist", "Dentist", at(18, 15), at(18, 15, 30)),
        KnownEvent("pm", "产品评审会", at(12, 14), at(12, 15)),
    ),
    tasks=(KnownTask("doors", "Door schedule"),),
    mails=(
        KnownMail(
            "<a@b>",
            "INBOX",
            "Bea Marlow",
            "bea@example.org",
            ("me@example.org",),
            "Glazing quote",
            at(9, 8),
        ),
    ),
    folders=("INBOX", "Archive", "Receipts"),
)


def read(text: str, *turns: Turn) -> Reading:
    return GrammarReader().read(text, Context(KNOWN, turns))


def only(text: str) -> Call:
    reading = read(text)
    assert reading.decision is Decision.ACT, reading
    (call,) = reading.calls
    return call


def when(call: Call) -> When:
    value = call.slots["when"].value
    assert isinstance(value, When)
    return value


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("Could you move my dentist to Friday at three, please?", "event_change"),
        ("dentist -> fri 20th 3pm", "event_change"),
        ("cancel lunch with Bea", "event_cancel"),
        ("add coffee with Bea on Tuesday at 10 for half an hour", "event_create"),
        ("remind me to water the plants tomorrow at 8", "task_create"),
        ("mark the door schedule as done", "task_done"),
        ("email Bea that I'll be late", "mail_send"),
        ("reply to Bea's mail saying thanks", "mail_reply"),
        ("archive the glazing quote", "mail_move"),
        ("what's on tomorrow?", "event_search"),
        ("am I free on Friday afternoon", "free_time"),
        ("note: the gate code is blue nine", "note_create"),
        ("set a timer for ten minutes", "timer_set"),
        ("undo that", "undo"),
        ("把产品评审会改到周五下午三点", "event_change"),
        ("明天上午十点提醒我交电费", "task_create"),
        ("取消产品评审会", "event_cancel"),
        ("给刘畅发封邮件，说我晚点到", "mail_send"),
        ("我明天有什么安排", "event_search"),
        ("明早九点跟刘畅开会，半小时", "event_create"),
        ("定一个十分钟的计时器", "timer_set"),
        ("撤销刚才的操作", "undo"),
    ],
)
def test_tools(text: str, tool: str) -> None:
    """Everyday sentences in both languages, and every slot belongs to the tool."""
    call = only(text)
    assert call.tool == tool
    assert set(call.slots) <= {slot.name for slot in CATALOGUE[tool].slots}


def test_values() -> None:
    """Times, lengths and records are values, words are copied."""
    call = only("add coffee with Bea on Tuesday at 10 for half an hour")
    assert (when(call).start, when(call).end) == (at(17, 10), at(17, 10, 30))
    assert call.slots["title"].value == "coffee with Bea"
    call = only("下周五晚上八点看话剧，提前一小时提醒我")
    assert when(call).start == at(20, 20)
    assert call.slots["alarm"].value == timedelta(hours=1)
    call = only("push my dentist back by an hour")
    assert call.slots["shift"].value == timedelta(hours=1)
    assert only("make the dentist 15 minutes shorter").slots["lengthen"].value == -timedelta(
        minutes=15
    )


def test_two_acts() -> None:
    """Acts that are joined are read in order; a pronoun is who was spoken of."""
    reading = read("Move lunch with Bea on Friday to 1pm and email her that it moved")
    assert [call.tool for call in reading.calls] == ["event_change", "mail_send"]
    to = reading.calls[1].slots["to"].value
    assert isinstance(to, tuple)
    assert [getattr(ref, "id", "") for ref in to] == ["bea"]


def test_what_is_open_is_asked() -> None:
    """Two of one name, somebody unknown: a question, not a guess."""
    reading = read("email Daniel that the plans are ready")
    assert reading.decision is Decision.ASK
    assert reading.question is not None
    assert reading.question.slot == "to"
    assert len(reading.question.options) == 2
    assert read("email Marcus that the plans are ready").decision is Decision.ASK


@pytest.mark.parametrize(
    "text",
    [
        "pay the invoice from my account",
        "transfer 50 pounds to Bea",
        "帮我把房租转给刘畅",
        "买两张电影票",
    ],
)
def test_refused(text: str) -> None:
    """What nobody can do from here."""
    assert read(text).decision is Decision.REFUSE


@pytest.mark.parametrize(
    "text",
    [
        "write a poem about rain",
        "compare three laptops and choose one",
        "写一篇三千字的分析报告",
        "",
    ],
)
def test_silence(text: str) -> None:
    """No phrase: left to others, and never an error."""
    reading = read(text)
    assert reading.decision is Decision.ESCALATE
    assert reading.reason == NO_PHRASE


def test_weighing() -> None:
    """Agreement is surer than either; the grammar's silence leaves the word to the other."""
    one = Reading(Decision.ACT, (Call("undo", {}, 0.9),), confidence=0.9)
    other = Reading(Decision.ACT, (Call("undo", {}, 0.8),), confidence=0.8)
    assert weighed(one, other).confidence == pytest.approx(0.98)
    silent = Reading(Decision.ESCALATE, reason=NO_PHRASE, confidence=0.0)
    assert weighed(silent, other) is other


@pytest.mark.parametrize(
    "text",
    [
        "send Bea's mail about the glazing to Daniel Okafor",
        "forward Bea's mail about glazing to Daniel Okafor, he asked for it",
    ],
)
def test_whose_mail_goes_to_whom(text: str) -> None:
    call = only(text)
    assert call.tool == "mail_forward"
    assert call.slots["mail"].value == (Ref("mail", "<a@b>"),)
    assert call.slots["to"].value == (Ref("contact", "dan2"),)


def test_what_is_no_event_may_be_a_mail() -> None:
    assert only("delete the glazing quote").tool == "mail_delete"
