"""Does a text say a canonical time, date or word in any usual written form?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

_MONTHS = ("January February March April May June July August September October November"
           " December").split()  # fmt: skip
_ZH = "零一二三四五六七八九十"


def holds(text: str, wanted: str, now: datetime) -> bool:
    """Whether the text holds the word; `YYYY-MM-DD` and `HH:MM` also as people write them."""
    lowered = text.lower()
    if wanted.lower() in lowered:
        return True
    if re.fullmatch(r"\d{4}-\d\d-\d\d", wanted):
        return any(_found(form, lowered) for form in date_forms(date.fromisoformat(wanted), now))
    if re.fullmatch(r"\d\d:\d\d", wanted):
        return any(_found(form, lowered) for form in time_forms(int(wanted[:2]), int(wanted[3:])))
    digits = re.sub(r"\D", "", wanted)
    is_phone = re.fullmatch(r"\+?[\d\s-]{7,}", wanted) is not None
    return is_phone and digits in re.sub(r"\D", "", text)


def _found(form: str, text: str) -> bool:
    start = r"(?<!\d)" if form[0].isdigit() else r"(?<![a-z])"
    end = r"(?!\d)" if form[-1].isdigit() else ""
    return re.search(start + re.escape(form) + end, text) is not None


def date_forms(day: date, now: datetime) -> Iterator[str]:
    """How people write a day; without a year only where it is near."""
    month, short = _MONTHS[day.month - 1].lower(), _MONTHS[day.month - 1][:3].lower()
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(day.day if day.day < 20 else day.day % 10, "th")
    if 10 < day.day < 20:
        suffix = "th"
    for number in (f"{day.day}", f"{day.day}{suffix}", f"{day.day:02d}"):
        for name in (month, short):
            yield f"{number} {name}"
            yield f"{number} of {name}"
            yield f"{name} {number}"
    yield f"{day.month}月{day.day}日"
    yield f"{day.month}月{day.day}号"
    yield f"{day.year}/{day.month}/{day.day}"
    yield f"{day.year}/{day.month:02d}/{day.day:02d}"
    yield f"{day.day:02d}/{day.month:02d}/{day.year}"
    yield f"{day.year}.{day.month}.{day.day}"
    if day == now.date():
        yield from ("today", "今天")


def time_forms(hour: int, minute: int) -> Iterator[str]:
    """How people write a time of day."""
    yield f"{hour}:{minute:02d}"
    yield f"{hour:02d}.{minute:02d}"
    twelve, half = hour % 12 or 12, "am" if hour < 12 else "pm"
    for space in ("", " "):
        yield f"{twelve}:{minute:02d}{space}{half}"
        yield f"{twelve}.{minute:02d}{space}{half}"
        if minute == 0:
            yield f"{twelve}{space}{half}"
    part = "早上" if hour < 9 else "上午" if hour < 12 else "中午" if hour < 13 else "下午"
    part = "晚上" if hour >= 18 else part
    tail = {0: "", 15: "一刻", 30: "半", 45: "三刻"}.get(minute, f"{minute}分")
    for number in (str(twelve), _zh(twelve)):
        yield f"{part}{number}点{tail}"
        if hour <= 12:
            yield f"{number}点{tail}"
    yield f"{hour}点{tail}" if hour > 12 else f"{hour}点{minute:02d}分"


def _zh(number: int) -> str:
    return _ZH[number] if number <= 10 else f"十{_ZH[number - 10]}"
