"""Expressions in sentences: what they mean, what stays open, and that no text breaks the reader."""

from __future__ import annotations

import random
import time
from datetime import date, datetime

import pytest

from tandem.understanding.times import Setting, TimeReading, find, read

# A Wednesday in March, before the clocks change.
NOW = Setting(datetime(2026, 3, 11, 9, 20))


def moments(text: str) -> list[str]:
    """The readings of a text, written."""
    return [_written(one) for one in read(text, NOW)]


def _written(one: TimeReading) -> str:
    ends = [str(end) for end in (one.start, one.end) if end is not None]
    return one.rrule or " / ".join(ends) or str(one.length and one.length.seconds)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("half past three tomorrow", "2026-03-12 15:30:00"),
        ("the day after tomorrow at 9am", "2026-03-13 09:00:00"),
        ("next Tuesday", "2026-03-17"),
        ("a week on Tuesday", "2026-03-24"),
        ("the Friday after next", "2026-03-27"),
        ("the last Friday in May", "2026-05-29"),
        ("in three working days", "2026-03-16"),
        ("two weeks after Easter", "2026-04-19"),
        ("from Monday 20 April to Wednesday 22 April", "2026-04-20 / 2026-04-22"),
        ("tomorrow from 2 to 3:30pm", "2026-03-12 14:00:00 / 2026-03-12 15:30:00"),
        ("before Friday", "2026-03-13"),
        ("an hour and a half", "5400.0"),
        ("every other Thursday at 6pm", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH"),
        ("every Monday and Wednesday", "FREQ=WEEKLY;BYDAY=MO,WE"),
        ("the first Monday of every month", "FREQ=MONTHLY;BYDAY=1MO"),
        ("every Monday at 8 in the morning for six weeks", "FREQ=WEEKLY;BYDAY=MO;COUNT=6"),
        ("daily at 7", "FREQ=DAILY"),
    ],
)
def test_english(text: str, first: str) -> None:
    """The likeliest reading of everyday English."""
    assert moments(text)[0] == first


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("下周三下午三点半", "2026-03-18 15:30:00"),
        ("下週三下午三點半", "2026-03-18 15:30:00"),
        ("后天早上", "2026-03-13 06:00:00 / 2026-03-13 12:00:00"),
        ("明早九点三刻", "2026-03-12 09:45:00"),
        ("大后天", "2026-03-14"),
        ("月底", "2026-03-16 / 2026-04-01"),
        ("端午节", "2026-06-19"),
        ("农历八月十五", "2026-09-25"),
        ("除夕", "2027-02-05"),
        ("每隔一周的周五", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
        ("工作日每天下午六点半", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("一个半小时", "5400.0"),
        ("每月5号", "FREQ=MONTHLY;BYMONTHDAY=5"),
        ("三天后", "2026-03-14"),
        ("五月一号到三号", "2026-05-01 / 2026-05-03"),
        ("晚上八点到九点半", "20:00:00 / 21:30:00"),
    ],
)
def test_chinese(text: str, first: str) -> None:
    """The likeliest reading of everyday Chinese, simplified and traditional."""
    assert moments(text)[0] == first


def test_what_is_open_stays_open() -> None:
    """ "Friday at four" is four moments: next or last, afternoon or morning; they sum to one."""
    found = read("Friday at four", NOW)
    assert _written(found[0]) == "2026-03-13 16:00:00"
    assert {_written(one) for one in found} == {
        "2026-03-13 16:00:00",
        "2026-03-13 04:00:00",
        "2026-03-06 16:00:00",
        "2026-03-06 04:00:00",
    }
    assert sum(one.likelihood for one in found) == pytest.approx(1)
    assert len({one.start for one in read("next Friday", NOW)}) == 2


def test_a_day_that_does_not_exist_is_said_so() -> None:
    """30 February is found, and has no moment."""
    (found,) = find("meet on 30 February 2026", NOW)
    assert found.best is not None
    assert found.best.start is None


def test_spans_of_a_sentence() -> None:
    """Expressions are found where they stand, words that only look like one are not."""
    text = "May I move lunch with Bea on Friday to 1pm and email her about March, the intern?"
    assert [(one.text, one.start) for one in find(text, NOW)][0] == ("Friday", 29)
    assert "May" not in {one.text for one in find(text, NOW)}
    assert [one.text for one in find("把周五和小王的午饭改到一点半", NOW)] == ["周五", "一点半"]


def test_the_range_keeps_its_last_day() -> None:
    """By the letter a range ends with its last word; by sense that day belongs to it."""
    (one, *_) = read("Monday 20 April to Wednesday 22 April", NOW)
    assert one.through == date(2026, 4, 23)


def test_no_text_breaks_it() -> None:
    """Any text gives expressions with spans inside of it, in order, and never an error."""
    draw = random.Random(7)
    words = (
        "may 3 31 2026 - / : . , the of to from every last next friday second week 24:61 9999 13th "
        "week 0 in ago 年 月 日 初 十 三 点 半 每 到 上 下 周 前 後 \u3000 ４ \U0001f600 İ ß ³ ٣"
    ).split(" ")
    for _ in range(400):
        text = " ".join(draw.choice(words) for _ in range(draw.randrange(1, 25)))
        end = 0
        for one in find(text, NOW):
            assert end <= one.start < one.end <= len(text)
            assert one.text == text[one.start : one.end]
            end = one.end


def test_time_grows_linearly() -> None:
    """Twice the text costs about twice the time; nothing explodes."""
    line = (
        "from may 3 to june 5 at 3 or 4 on monday and tuesday every 2 weeks 从三月到五月每周三下午 "
    )
    spent: list[float] = []
    for times in (4, 8, 16):
        began = time.process_time()
        find(line * times, NOW)
        spent.append(time.process_time() - began)
    assert spent[2] < 12 * max(spent[0], 0.01)
