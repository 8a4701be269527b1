"""Changes: records tell old times from new ones; none is touched without a word for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tandem.understanding.changes.composing import Change, change_of
from tandem.understanding.changes.reader import ChangeReader, asked
from tandem.understanding.changes.telling import told
from tandem.understanding.changes.wording import is_kept, worded
from tandem.understanding.known import Known, KnownContact, KnownEvent, KnownMail, KnownTask
from tandem.understanding.reading import (
    Call,
    Context,
    Decision,
    Filled,
    Reading,
    Ref,
    When,
)

ZONE = ZoneInfo("Europe/London")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


def week(uid: str, name: str, day: int, hour: int) -> tuple[KnownEvent, ...]:
    days = (day, day + 7, day + 14)
    return tuple(
        KnownEvent(uid, name, at(d, hour), at(d, hour + 1), recurrence_id=at(d, hour)) for d in days
    )


KNOWN = Known(
    now=at(11, 9, 20),
    zone="Europe/London",
    events=(
        KnownEvent("vet", "Vet with Biscuit", at(13, 16), at(13, 16, 30), location="Park Vets"),
        KnownEvent("supper", "Supper with Nora", at(14, 19), at(14, 21), location="Olive Tree"),
        KnownEvent("boiler", "Boiler inspection", at(18, 10), at(18, 11)),
        KnownEvent("easter", "Easter fair planning", at(19, 18), at(19, 20)),
        *week("pottery", "Pottery class", 12, 18),
        KnownEvent("pm", "项目周会", at(12, 14), at(12, 15), location="三楼会议室"),
        KnownEvent("meal", "和老同学聚会", at(14, 18), at(14, 20), location="江边小馆"),
    ),
    tasks=(
        KnownTask("gate", "Paint the garden gate"),
        KnownTask("boots", "Order walking boots"),
        KnownTask("form", "Return the boiler form"),
        KnownTask("fapiao", "寄发票"),
    ),
)


def change(text: str) -> Change:
    found = change_of(text, KNOWN)
    assert found is not None, text
    return found


def value(found: Change, slot: str) -> Any:
    return found.slots[slot].value


def record(found: Change) -> str:
    slot = "task" if found.tool.startswith("task") else "event"
    return value(found, slot)[0].id


@pytest.mark.parametrize(
    ("text", "event", "start"),
    [
        ("the vet wants us at half past four instead", "vet", (0, 16, 30)),
        ("Nora prefers 8, so move Saturday's supper", "supper", (0, 20, 0)),
        ("boiler inspection is at 10:30 not 10", "boiler", (0, 10, 30)),
        ("push supper to 7, no, half past seven", "supper", (0, 19, 30)),
        ("bring the easter fair planning forward to 5", "easter", (0, 17, 0)),
        (
            "the boiler people can't do wednesday, make it friday the 20th at 9",
            "boiler",
            (20, 9, 0),
        ),
        ("pottery goes to friday this week, same hour", "pottery", (13, 0, 0)),
    ],
)
def test_a_new_time_wherever_it_stands(text: str, event: str, start: tuple[int, int, int]) -> None:
    found = change(text)
    when = value(found, "when")
    assert (found.tool, record(found)) == ("event_change", event)
    assert isinstance(when, When)
    day, hour, minute = start
    assert not day or when.start.day == day
    assert (when.start.hour, when.start.minute) == (hour, minute)


@pytest.mark.parametrize(
    ("text", "slot", "minutes"),
    [
        ("the boiler inspection's gonna take two hours, not one hour", "duration", 120),
        ("cut supper down to an hour", "duration", 60),
        ("the vet only needs 15 minutes, make it shorter", "duration", 15),
        ("finish supper half an hour early", "lengthen", -30),
        ("the boiler inspection ends an hour later", "lengthen", 60),
        ("add 20 minutes to the vet", "lengthen", 20),
        ("put the vet off a day", "shift", 24 * 60),
        ("give supper an extra half hour", "lengthen", 30),
        ("make the supper 20 minutes shorter", "lengthen", -20),
        ("the vet's running 20 minutes late, push it back 20 minutes", "shift", 20),
        ("make the vet 45 minutes earlier, sorry, no, half an hour earlier", "shift", -30),
        ("they've pushed the boiler inspection back an hour", "shift", 60),
    ],
)
def test_a_length_is_what_its_words_say(text: str, slot: str, minutes: int) -> None:
    found = change(text)
    assert value(found, slot) == timedelta(minutes=minutes)
    assert {"shift", "lengthen", "duration"} & set(found.slots) == {slot}


@pytest.mark.parametrize(
    ("text", "event", "end"),
    [
        ("supper goes on till 10", "supper", at(14, 22)),
        ("let's finish the boiler inspection at half past eleven", "boiler", at(18, 11, 30)),
        ("the easter fair planning ends at nine", "easter", at(19, 21)),
    ],
)
def test_a_new_end_keeps_the_start(text: str, event: str, end: datetime) -> None:
    found = change(text)
    when = value(found, "when")
    assert record(found) == event and isinstance(when, When)
    assert when.end == end


@pytest.mark.parametrize(
    ("text", "event", "place"),
    [
        ("move pottery to Mill Studio", "pottery", "Mill Studio"),
        ("supper with Nora is at Blue Door, not at Olive Tree", "supper", "Blue Door"),
        (
            "the vet isn't at Park Vets but at the High Street branch",
            "vet",
            "the High Street branch",
        ),
    ],
)
def test_a_place_is_no_time(text: str, event: str, place: str) -> None:
    found = change(text)
    assert (record(found), value(found, "place")) == (event, place)
    assert "when" not in found.slots


def test_time_and_place_in_one_sentence() -> None:
    found = change(
        "the vet bumped us to Monday the 16th at 8:45am and it's at their Hill Road site"
    )
    when = value(found, "when")
    assert isinstance(when, When) and when.start == at(16, 8, 45)
    assert value(found, "place") == "their Hill Road site"


@pytest.mark.parametrize(
    ("text", "tool", "ref", "title"),
    [
        ("rename supper with Nora to Farewell supper", "event_change", "supper", "Farewell supper"),
        ('call the vet "Biscuit\'s jab"', "event_change", "vet", "Biscuit's jab"),
        ("the boiler inspection should say Gas check", "event_change", "boiler", "Gas check"),
        ("rename the boiler form task to Post the form", "task_change", "form", "Post the form"),
    ],
)
def test_a_new_name(text: str, tool: str, ref: str, title: str) -> None:
    found = change(text)
    assert (found.tool, record(found), value(found, "title")) == (tool, ref, title)


@pytest.mark.parametrize(
    ("text", "tool", "ref"),
    [
        ("the walking boots are ordered", "task_done", "boots"),
        ("garden gate is painted, tick it off", "task_done", "gate"),
        ("the boots to-do can wait until the 25th", "task_change", "boots"),
        ("the boiler form isn't due thursday but monday", "task_change", "form"),
    ],
)
def test_tasks_beside_events(text: str, tool: str, ref: str) -> None:
    found = change(text)
    assert (found.tool, record(found)) == (tool, ref)


@pytest.mark.parametrize(
    ("text", "event", "day"),
    [
        ("supper with Nora fell through", "supper", None),
        ("I'm afraid I can't make pottery on the 19th, please take it out", "pottery", 19),
        ("get rid of the vet thing friday", "vet", None),
    ],
)
def test_cancelled_in_other_words(text: str, event: str, day: int | None) -> None:
    found = change(text)
    assert (found.tool, record(found)) == ("event_cancel", event)
    mark = value(found, "event")[0].recurrence_id
    assert day is None or mark == at(day, 18)


@pytest.mark.parametrize(
    "text",
    [
        "remind me to move the vet to monday",
        "add supper with Nora on friday at 7 instead",
        "every pottery class starts at seven now",
        "supper at Theo's at 8 on Monday",
        "supper with Theo now on the 19th at 8",
        "the vet voucher ends on Friday",
        "take Biscuit off the lead at 3",
        "Theo's pottery is at 5 on Saturday now",
        "put Theo's vet in on Saturday at eleven. It takes 45 minutes.",
        "is the vet at 4 or at 5?",
        "two days after the boiler inspection I want to call the plumber at 10 instead",
        "Nora wants to talk tuesday at 4pm, 30 min. add it",
        "the garden gate must be painted by friday",
        "my last pottery class is the 19th, take out the ones after that",
    ],
)
def test_what_is_no_change_stays_with_others(text: str) -> None:
    assert change_of(text, KNOWN) is None


class _Reads:
    def __init__(self, reading: Reading) -> None:
        self.reading, self.asked = reading, ""

    def read(self, request: str, context: Context) -> Reading:
        self.asked = request
        return self.reading


def acts(tool: str, **slots: Filled) -> Reading:
    return Reading(Decision.ACT, (Call(tool, slots, 0.9),), confidence=0.9)


def test_the_change_is_heard_against_a_new_entry() -> None:
    other = _Reads(acts("event_create"))
    reading = ChangeReader(other).read("Nora prefers 8, so move Saturday's supper", Context(KNOWN))
    assert [call.tool for call in reading.calls] == ["event_change"]
    reading = ChangeReader(other).read("lunch with Nora on Sunday at 8", Context(KNOWN))
    assert reading is other.reading


@pytest.mark.parametrize(
    ("request_", "question"),
    [
        ("remind me, what time is the vet?", "what time is the vet?"),
        ("周六下午都有啥安排", "周六下午都有什么安排"),
        ("remind me to ask what time it is", ""),
        ("安排一下周六下午的活动", ""),
    ],
)
def test_questions_are_no_entries(request_: str, question: str) -> None:
    assert asked(request_) == question


@pytest.mark.parametrize(
    ("request_", "event", "is_kept"),
    [
        ("drop off the dog at the vet friday 8am", "vet", False),
        ("vet's off", "vet", True),
        ("I won't make supper", "supper", True),
        ("cancel my 4pm on friday", "vet", True),
        ("cancel my appointment on friday", "vet", True),
        ("聚会去不了了", "meal", True),
        ("周六聚会带酒", "meal", False),
        ("remove the old boiler tomorrow at 3", "boiler", False),
        ("skip the Olive Tree on saturday", "supper", True),
        ("I won't be at the Olive Tree on saturday", "supper", False),
        ("cancel supper on the 20th", "supper", False),
    ],
)
def test_nothing_is_cancelled_without_a_word_for_it(
    request_: str, event: str, is_kept: bool
) -> None:
    reading = acts("event_cancel", event=Filled("x", (Ref("event", event),)))
    reading = worded(reading, request_, KNOWN)
    assert (reading.decision is Decision.ACT) == is_kept


def test_an_event_keeps_its_name_where_none_is_given() -> None:
    slots = {
        "event": Filled("x", (Ref("event", "vet"),)),
        "title": Filled("a cold", "a cold"),
        "shift": Filled("an hour", timedelta(hours=1)),
    }
    reading = worded(
        acts("event_change", **slots), "Biscuit has a cold, vet is an hour later", KNOWN
    )
    assert "title" not in reading.calls[0].slots
    kept = worded(acts("event_change", **slots), "rename the vet to a cold, an hour later", KNOWN)
    assert "title" in kept.calls[0].slots


@pytest.mark.parametrize(
    ("text", "event", "slot", "said"),
    [
        ("项目周会一个小时太长，压到四十分钟", "pm", "duration", timedelta(minutes=40)),
        ("项目周会只开半小时", "pm", "duration", timedelta(minutes=30)),
        ("老同学聚会多吃一个钟头", "meal", "lengthen", timedelta(hours=1)),
        ("项目周会往后拖一刻钟", "pm", "shift", timedelta(minutes=15)),
        ("老同学聚会换到望江楼", "meal", "place", "望江楼"),
        ("項目週會不在三楼会议室了，改去五楼", "pm", "place", "五楼"),
        ("老同学聚会改名叫毕业十年聚会", "meal", "title", "毕业十年聚会"),
    ],
)
def test_changes_in_chinese(text: str, event: str, slot: str, said: object) -> None:
    found = change(text)
    assert (found.tool, record(found), value(found, slot)) == ("event_change", event, said)
    assert set(found.slots) == {"event", slot}


@pytest.mark.parametrize(
    ("text", "event", "day", "clock"),
    [
        ("周会两点太早了，改到三点", "pm", 0, 15),
        ("周会不是两点，是三点", "pm", 0, 15),
        ("聚会从六点改到七点", "meal", 0, 19),
        ("老同学打电话说聚会改周日同一时间", "meal", 15, 0),
    ],
)
def test_new_times_in_chinese(text: str, event: str, day: int, clock: int) -> None:
    found = change(text)
    when = value(found, "when")
    assert record(found) == event and isinstance(when, When)
    assert not day or when.start.day == day
    assert when.start.hour in (clock, clock - 12)


def test_an_end_in_chinese() -> None:
    when = value(change("项目周会开到三点半"), "when")
    assert isinstance(when, When) and (when.start, when.end) == (at(12, 14), at(12, 15, 30))


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("发票已经寄了", "task_done"),
        ("寄发票那条往后拖两天", "task_change"),
        ("老同学聚会黄了", "event_cancel"),
    ],
)
def test_tasks_and_cancelling_in_chinese(text: str, tool: str) -> None:
    assert change(text).tool == tool


@pytest.mark.parametrize(
    "text",
    [
        "提醒我把周会改到三点",
        "周会之后改三点去银行",
        "周会是几点",
        "每周的周会都改到三点",
        "约老同学周六吃饭",
    ],
)
def test_what_is_no_change_in_chinese(text: str) -> None:
    assert change_of(text, KNOWN) is None


PEOPLE = replace(
    KNOWN,
    contacts=(
        KnownContact("nora", "Nora Quill", emails=("nora@quill.example",)),
        KnownContact("sam1", "Sam Birch", emails=("sam@birch.example",)),
        KnownContact("sam2", "Sam Doyle", emails=("sam@doyle.example",)),
        KnownContact("liu", "刘芸", ("刘姐",), ("liuyun@example.org",)),
    ),
    mails=(
        KnownMail(
            "<tiles>", "INBOX", "刘芸", "liuyun@example.org", (), "瓷砖", at(10, 9), "每平米80元"
        ),
    ),
)


@pytest.mark.parametrize(
    ("text", "tool", "slot", "body"),
    [
        ("tell Nora the key is under the mat", "mail_send", "to", "the key is under the mat"),
        ("let Nora know that Friday works", "mail_send", "to", "Friday works"),
        ("跟刘姐说八十太贵了", "mail_reply", "mail", "八十太贵了"),
        ("告诉刘芸周三去看货", "mail_reply", "mail", "周三去看货"),
    ],
)
def test_words_for_somebody_are_a_mail(text: str, tool: str, slot: str, body: str) -> None:
    call = told(text, PEOPLE)
    assert call is not None and call.tool == tool
    assert call.slots[slot].value
    assert call.slots["body"].value == body


def test_one_name_of_two_people_is_asked_about() -> None:
    call = told("tell Sam Tuesday is fine", PEOPLE)
    assert call is not None and len(call.slots["to"].options) == 2


@pytest.mark.parametrize(
    "text", ["tell me a joke", "tell them about the fair", "跟他说好了", "告诉我周三几点开会"]
)
def test_words_for_nobody_are_none(text: str) -> None:
    assert told(text, PEOPLE) is None


def test_a_deadline_of_a_series_cancels_nothing_now() -> None:
    assert change_of("项目周会开到月底就不开了", KNOWN) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [("move the boiler inspection to the 20th", (3, 20)), ("boiler inspection -> the 2nd", (4, 2))],
)
def test_a_day_alone_is_the_one_nearest_to_the_event(text: str, day: tuple[int, int]) -> None:
    when = value(change(text), "when")
    assert isinstance(when, When) and (when.start.month, when.start.day) == day


@pytest.mark.parametrize(
    ("text", "event", "place"),
    [
        ("let's do supper with Nora at my place", "supper", "my place"),
        ("set the boiler inspection location to Flat 2", "boiler", "Flat 2"),
        ("add the address 9 Mill Lane to the vet", "vet", "9 Mill Lane"),
        ("pottery moves to my garage on the 19th", "pottery", "my garage"),
        ("we're meeting Nora at Blue Door, not Olive Tree", "supper", "Blue Door"),
        (
            "supper with Nora starts half eight now and theyre at the Blue Door",
            "supper",
            "the Blue Door",
        ),
        ("老同学聚会不在江边小馆了，在望江楼", "meal", "望江楼"),
        ("周会这次去楼下咖啡厅", "pm", "楼下咖啡厅"),
    ],
)
def test_places_in_other_words(text: str, event: str, place: str) -> None:
    found = change(text)
    assert (record(found), value(found, "place")) == (event, place)


@pytest.mark.parametrize(
    ("text", "event", "start"),
    [
        ("the vet called, it's friday at 5 now", "vet", (13, 17, 0)),
        ("put my boiler inspection on the 20th", "boiler", (20, 0, 0)),
        ("the boiler inspection has to wait till 11", "boiler", (0, 11, 0)),
        ("pottery class is at 7 on thursday", "pottery", (12, 19, 0)),
        ("let's have supper a day later, sunday the 15th", "supper", (15, 0, 0)),
        ("把周会reschedule到周五上午十点", "pm", (13, 10, 0)),
    ],
)
def test_new_times_in_other_words(text: str, event: str, start: tuple[int, int, int]) -> None:
    found = change(text)
    when = value(found, "when")
    assert record(found) == event and isinstance(when, When)
    day, hour, minute = start
    assert not day or when.start.day == day
    assert (when.start.hour, when.start.minute) == (hour, minute)


def test_english_verbs_in_chinese() -> None:
    found = change("把项目周会postpone半小时")
    assert value(found, "shift") == timedelta(minutes=30)


def test_more_words_of_a_task_outweigh_an_event() -> None:
    assert change("push the boiler form to monday").tool == "task_change"
    assert change("push the boiler inspection to monday").tool == "event_change"


def test_a_card_is_changed_only_where_a_word_is_of_a_card() -> None:
    reading = acts("contact_change", contact=Filled("Nora", (Ref("contact", "nora"),)))
    assert worded(reading, "Nora says come to the hall", KNOWN).decision is Decision.ESCALATE
    assert worded(reading, "Nora has a new number", KNOWN) is reading


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("don't cancel the vet", True),
        ("no need to move supper", True),
        ("the boiler inspection is not cancelled", True),
        ("the boots haven't been ordered, they're not done yet", True),
        ("不要取消周会", True),
        ("别动老同学聚会", True),
        ("发票还没寄", True),
        ("don't cancel the vet, move it to Monday", False),
        ("I don't want supper on Friday, make it Saturday", False),
        ("别取消周会，改到周五", False),
    ],
)
def test_what_is_to_stay_is_left_alone(text: str, is_so: bool) -> None:
    assert is_kept(text) is is_so
    reading = worded(acts("event_cancel", event=Filled("x", (Ref("event", "vet"),))), text, KNOWN)
    assert not is_so or reading.decision is Decision.ESCALATE


@pytest.mark.parametrize(
    "text",
    ["I've got supper at 8 on Monday now", "the vet closes at 6 now", "Nora can't come saturday"],
)
def test_what_only_tells_something_changes_nothing(text: str) -> None:
    assert change_of(text, KNOWN) is None


@pytest.mark.parametrize(
    "text",
    [
        "Theo has visitors until 8, let's start supper with Nora then",
        "no vet this week, everybody's at the seaside",
    ],
)
def test_another_clause_tells_no_end_and_no_place(text: str) -> None:
    found = change_of(text, KNOWN)
    assert found is None or not {"when", "place"} & set(found.slots)


def test_a_reason_is_no_part_of_the_name() -> None:
    found = change("rename supper with Nora to Reunion, it sounds nicer")
    assert value(found, "title") == "Reunion"
