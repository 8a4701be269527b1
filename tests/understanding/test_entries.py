"""New events and tasks in the words of many people: title, moment, place, and what is none."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tandem.understanding.catalogue import CATALOGUE
from tandem.understanding.entries.composing import Entry, entries_of
from tandem.understanding.entries.reader import EntryReader
from tandem.understanding.grammar.reader import GrammarReader
from tandem.understanding.known import Known, KnownEvent
from tandem.understanding.reading import Call, Context, Decision, Filled, Reading, Turn

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=ZoneInfo("Europe/London"))  # a Tuesday
KNOWN = Known(now=NOW, zone="Europe/London")


def only(text: str) -> Entry:
    (entry,) = entries_of(text, KNOWN)
    return entry


def told(entry: Entry) -> str:
    """The moment as month, day, clock; `-` before an end; the rule."""
    when = entry.when
    assert when is not None
    shape = "%m-%d %H:%M" if when.has_time else "%m-%d"
    end = f"-{when.end:{shape}}" if when.end is not None else ""
    rule = f" {when.recurrence}" if when.recurrence else ""
    return f"{when.start:{shape}}{end}{rule}"


@pytest.mark.parametrize(
    ("text", "title", "moment"),
    [
        # statements and orders, and what is left of them
        ("I've got the optician on the 19th at quarter to four", "optician", "03-19 15:45"),
        ("put me down for the 7.15 spin class thursday morning", "spin class", "03-12 07:15"),
        ("we're having my aunt over for tea sunday from 3 until 5", "aunt over for tea",
         "03-15 15:00-03-15 17:00"),
        ("set aside friday 2 to 3:30pm so I can finally sort the shed", "sort the shed",
         "03-13 14:00-03-13 15:30"),
        ("there's a fire drill on thursday at 11, pop it in my diary", "fire drill", "03-12 11:00"),
        ("swim gala saturday 9am, call it Ella gala", "Ella gala", "03-14 09:00"),
        # what is taken back
        ("add a call with Nadia at 3, no wait, make that 4 tomorrow", "call with Nadia",
         "03-11 16:00"),
        ("dentist wednesday at ten, sorry, thursday", "dentist", "03-12 10:00"),
        # where the day is said with another time
        ("coffee with Bo sometime next week, say wednesday at 10", "coffee with Bo", "03-18 10:00"),
        ("the 18th and 19th of march is the trade fair, all day", "trade fair", "03-18-03-20"),
        ("night shift on the 16th, 17th and 18th, 7pm-7am", "night shift",
         "03-16 19:00-03-17 07:00 FREQ=DAILY;COUNT=3"),
        ("school run every weekday at 7:50 for the rest of the year", "school run",
         "03-11 07:50 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20261231"),
        ("tuesdays 6 to 7:30 pm pottery, eight weeks, first class march 17", "pottery",
         "03-17 18:00-03-17 19:30 FREQ=WEEKLY;BYDAY=TU;COUNT=8"),
        ("gym mon wed fri 6am", "gym",
         "03-11 06:00 FREQ=WEEKLY;BYDAY=MO,WE,FR"),
        ("night shift on the 18th, from eight in the evening to eight the next morning",
         "night shift", "03-18 20:00-03-19 08:00"),
        ("on call on the 18th, from 8pm until 7am", "on call", "03-18 20:00-03-19 07:00"),
        ("jury duty starting march 16, three days", "jury duty", "03-16-03-19"),
        ("piano lesson thursdays 4:30 to 5:15, ten lessons", "piano lesson",
         "03-12 16:30-03-12 17:15 FREQ=WEEKLY;BYDAY=TH;COUNT=10"),
        ("block off friday afternoon, I'm painting the van", "I'm painting the van",
         "03-13 12:00-03-13 18:00"),
        ("estimate at the mill tomorrow at quarter past five, it should be done by six",
         "estimate", "03-11 17:15-03-11 18:00"),
        ("consult before the operation is on monday at 9:10", "consult before the operation",
         "03-16 09:10"),
        # days and clocks in other writing
        ("vet apt tmrw 1015", "vet apt", "03-11 10:15"),
        ("handover thrusday 1900 to 2130", "handover", "03-12 19:00-03-12 21:30"),
        ("dinner with the Okafors on saturday at seven", "dinner with the Okafors", "03-14 19:00"),
        # the time is what is done, not when
        ("evening class on monday at 7", "evening class", "03-16 19:00"),
        ("christmas party planning, friday noon", "christmas party planning", "03-13 12:00"),
        # a sentence that only talks
        ("god what a morning. anyway. interview with lena monday 2pm. where's my coffee",
         "interview with lena", "03-16 14:00"),
        # Chinese
        ("后天上午十点牙医，帮我记一下", "牙医", "03-12 10:00"),
        ("我18号值夜班，晚上八点到第二天早上八点", "值夜班", "03-18 20:00-03-19 08:00"),
        ("我约了陈总礼拜四下午三点，哦不对，四点，在公司见", "和陈总见面", "03-12 16:00"),
        ("把3月23号和24号空出来，去上海出差", "去上海出差", "03-23-03-25"),
        ("帮我在日历上加一个周六下午三点的看房", "看房", "03-14 15:00"),
        ("每周三晚上八点瑜伽课，一直到年底", "瑜伽课",
         "03-11 20:00 FREQ=WEEKLY;BYDAY=WE;UNTIL=20261231"),
        ("下个月第一个周一上午九点和商会开会", "和商会开会", "04-06 09:00"),
        ("星期六晚上六點半跟表姐在稻香園吃飯，幫我記下來", "跟表姐在稻香園吃飯", "03-14 18:30"),
    ],
)  # fmt: skip
def test_an_entry_in_other_words(text: str, title: str, moment: str) -> None:
    """Title and moment are those that a person would write down."""
    entry = only(text)
    assert (entry.title, told(entry)) == (title, moment)


@pytest.mark.parametrize(
    ("text", "title", "moment"),
    [
        ("don't let me forget to water the ferns on thursday", "water the ferns", "03-12"),
        ("remind me tomorrow morning to call the mill", "call the mill", "03-11 09:00"),
        ("gotta return the ladder to Sam by friday", "return the ladder to Sam", "03-13"),
        ("take out the bins reminder tomorrow 8pm", "take out the bins", "03-11 20:00"),
        ("月底之前要把报关单补齐", "把报关单补齐", "03-31"),
        ("别忘了周五交房租", "交房租", "03-13"),
    ],
)
def test_what_is_to_be_done_is_a_task(text: str, title: str, moment: str) -> None:
    """A reminder, or something with a last day."""
    entry = only(text)
    assert (entry.kind, entry.title, told(entry)) == ("task", title, moment)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("drinks w mo friday 8:30pm the Brass Anvil", "place", "the Brass Anvil"),
        ("interview on thursday 2-3pm, in the shop", "place", "the shop"),
        ("vet friday 10:30, no, make that 11, at 12 Elm Street", "place", "12 Elm Street"),
        ("周五晚上七点跟老同学聚餐，在外滩三号", "place", "外滩三号"),
        ("下周二下午两点开复盘会，会议室A", "place", "会议室A"),
        ("3月15号下午1点半体检，记得空腹", "notes", "记得空腹"),
        ("thursday 8:15 am optician. note to self: bring the old glasses", "notes",
         "bring the old glasses"),
    ],
)  # fmt: skip
def test_what_is_said_beside(text: str, field: str, value: str) -> None:
    """Place and notes are told apart from the title."""
    entry = only(text)
    assert getattr(entry, field) == value
    assert value not in entry.title


def test_several_in_one_sentence() -> None:
    """Each with its own clock, on the day that was said for all."""
    text = "2 meetings for tomorrow: 9 to 9:30 supplier call and 11 to noon with Tomas"
    assert [(one.title, told(one)) for one in entries_of(text, KNOWN)] == [
        ("supplier call", "03-11 09:00-03-11 09:30"),
        ("Meeting with Tomas", "03-11 11:00-03-11 12:00"),
    ]


def test_an_alarm_makes_an_event() -> None:
    """The rent with an alert the day before."""
    entry = only("rent due on the 1st every month, remind me the day before")
    assert entry.kind == "event" and entry.alarm is not None and entry.alarm.days == 1


@pytest.mark.parametrize(
    "text",
    [
        "move the dentist to friday at 3",
        "what's on thursday at 3?",
        "remind me, what time is the dentist on friday?",
        "reply to Ann that friday at 3 works",
        "Mo would rather eat at 1, so shift Friday's lunch",
        "周五三点的会改到四点",
        "我下周一上午都有啥安排",
        "回Emma，22号三点可以",
        "coffee after the dentist",
        "",
        "?",
    ],
)
def test_what_is_no_entry(text: str) -> None:
    """Changes, questions and letters are others' business."""
    assert entries_of(text, KNOWN) == []


class Other:
    """A reader that has read this."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def read(self, request: str, context: Context) -> Reading:
        return self.reading


SURE = Reading(Decision.ACT, (Call("mail_send", {}, 0.99),), confidence=0.99)
NEW = Reading(
    Decision.ACT, (Call("event_create", {"title": Filled("x", "x")}, 0.6),), confidence=0.6
)
LOST = Reading(Decision.ESCALATE, reason="no phrase", confidence=0.0)


def test_words_decide_what_and_both_decide_whether() -> None:
    """An entry stands where the other has read one or nothing; its certain act stays."""
    text = "I've got the optician on the 19th at quarter to four"
    context = Context(KNOWN)
    assert EntryReader(Other(SURE)).read(text, context) is SURE
    for other in (NEW, LOST):
        (call,) = EntryReader(Other(other)).read(text, context).calls
        assert call.tool == "event_create" and call.slots["title"].value == "optician"
        assert set(call.slots) <= {slot.name for slot in CATALOGUE[call.tool].slots}
    unclear = "the optician is nice on thursdays"
    assert EntryReader(Other(LOST)).read(unclear, context) is LOST


LUNCH = KnownEvent(
    "lunch", "Lunch with Mo", NOW.replace(day=12, hour=12), NOW.replace(day=12, hour=13)
)


@pytest.mark.parametrize(
    ("text", "is_new"),
    [
        ("lunch with mo is at the anvil on friday at 1 now", False),
        ("add lunch with mo at the anvil on friday at 1", True),
        ("lunch with ann at the anvil on friday at 1", True),
    ],
)
def test_a_statement_about_an_event_that_is_there_makes_no_other(text: str, is_new: bool) -> None:
    """Both have read a new event, but the calendar has it: the device does not act."""
    known = Known(now=NOW, zone="Europe/London", events=(LUNCH,))
    reading = EntryReader(Other(NEW)).read(text, Context(known))
    assert (reading.decision is Decision.ACT) == is_new


def test_a_reminder_is_no_change_of_what_its_words_name() -> None:
    """ "Remind me" is followed against an uncertain change, and against an encoder's refusal; what
    the grammar refuses stays refused.
    """
    text = "the van needs an oil change, remind me on monday"
    change = Reading(Decision.ACT, (Call("event_change", {}, 0.8),), confidence=0.8)
    guess = Reading(Decision.REFUSE, reason="none_refuse", confidence=0.5)
    told = Reading(Decision.REFUSE, reason="not from here")
    for other in (change, guess):
        (call,) = EntryReader(Other(other)).read(text, Context(KNOWN)).calls
        assert call.tool == "task_create"
    assert EntryReader(Other(told)).read(text, Context(KNOWN)) is told


def test_a_later_turn_may_enter_something_too() -> None:
    """After an act is done, but not where the turn answers a question."""
    text = "I've got the optician on the 19th at quarter to four"
    asked = Reading(Decision.ASK, (Call("event_create"),), confidence=0.6)
    for last, is_entry in ((NEW, True), (asked, False)):
        turn = Turn("before", last, is_done=last is NEW)
        reading = EntryReader(Other(NEW)).read(text, Context(KNOWN, (turn,)))
        assert (reading is not NEW) == is_entry


@pytest.mark.parametrize(
    "words",
    [
        "on at in for from by the", "no wait", "it should take", "starting from", "tomorrow and",
        "sat", "please put it in my", "remind me to",
        "于截止到", "从在于就", "记一下", "明天", "帮我请麻烦你",
    ],
)  # fmt: skip
def test_the_time_is_bounded(words: str) -> None:
    """Words that may be read in many ways, over and over: patterns that go back take for ever."""
    gap = "" if words > "\u3400" else " "
    started = time.process_time()
    entries_of(f"{words}{gap}" * 200, KNOWN)
    entries_of(f"{words}{gap}" * 12 + "tomorrow at 3", KNOWN)
    assert time.process_time() - started < 2


def test_what_is_told_at_length_is_less_sure() -> None:
    """So that a cloud, where there is one, is asked."""
    short = EntryReader(Other(SURE_NEW)).read("vet on friday at 10", Context(KNOWN)).calls
    long = (
        EntryReader(Other(SURE_NEW))
        .read("The cat is poorly. We can have the vet on friday at 10", Context(KNOWN))
        .calls
    )
    alone = EntryReader(Other(LOST)).read("vet on friday at 10", Context(KNOWN)).calls
    assert short[0].confidence > 0.9 > 0.7 > long[0].confidence
    assert alone[0].confidence < 0.7


SURE_NEW = Reading(
    Decision.ACT, (Call("event_create", {"title": Filled("x", "x")}, 0.95),), confidence=0.95
)


@pytest.mark.parametrize(
    "text", ["vet \ue105 tomorrow at 3", "牙医\ue106明天三点", "move \ue000\ue199 to friday"]
)
def test_private_characters_are_blanks(text: str) -> None:
    """The signs of the readers are private characters: somebody else's are none of them."""
    titles = "".join(entry.title for entry in entries_of(text, KNOWN))
    assert all(not "\ue000" <= sign <= "\uf8ff" for sign in titles)
    GrammarReader().read(text, Context(KNOWN))  # it never raises


def test_an_entry_that_is_there_is_not_made_on_its_own_word() -> None:
    """The other has understood nothing, and the calendar has this event: nothing is done."""
    known = Known(now=NOW, zone="Europe/London", events=(LUNCH,))
    text = "lunch with mo, friday at 1"
    assert EntryReader(Other(LOST)).read(text, Context(known)) is LOST
    assert EntryReader(Other(LOST)).read(text, Context(KNOWN)) is not LOST
