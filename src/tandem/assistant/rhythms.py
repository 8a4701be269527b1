"""A repetition in words: an RRULE as the user would say it, in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

_DAYS = {
    "MO": ("Monday", "一"),
    "TU": ("Tuesday", "二"),
    "WE": ("Wednesday", "三"),
    "TH": ("Thursday", "四"),
    "FR": ("Friday", "五"),
    "SA": ("Saturday", "六"),
    "SU": ("Sunday", "日"),
}
_WORKDAYS = ("MO", "TU", "WE", "TH", "FR")
_UNITS = {
    "MINUTELY": ("minute", "分钟"),
    "HOURLY": ("hour", "小时"),
    "DAILY": ("day", "天"),
    "WEEKLY": ("week", "周"),
    "MONTHLY": ("month", "个月"),
    "YEARLY": ("year", "年"),
}
_NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
_MONTHS = (
    "January February March April May June July August September October November December".split()
)


def repeat_text(rule: str, language: str) -> str:
    """`FREQ=WEEKLY;INTERVAL=2;BYDAY=SU` as "every 2 weeks on Sunday", 每2周的周日.

    A part that has no words here is left to stand as it is, so that nothing is hidden.
    """
    parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    unit = _UNITS.get(parts.pop("FREQ", ""))
    interval = parts.pop("INTERVAL", "1")
    parts.pop("WKST", None)
    if unit is None or not interval.isdecimal():
        return rule
    make = _chinese if language == "zh" else _english
    words = make(unit[language == "zh"], int(interval), parts)
    rest = ";".join(f"{name}={value}" for name, value in parts.items())
    return f"{words} ({rest})" if rest else words


def _english(unit: str, interval: int, parts: dict[str, str]) -> str:
    days = _taken_days(parts)
    words = f"every {unit}" if interval == 1 else f"every {interval} {unit}s"
    if days == [(0, day) for day in _WORKDAYS] and interval == 1:
        words = "every weekday"
    elif days:
        named = [
            f"the {_NTH.get(n, str(n))} {_DAYS[day][0]}" if n else _DAYS[day][0] for n, day in days
        ]
        plain = unit == "week" and interval == 1
        words = f"every {_and(named)}" if plain else f"{words} on {_and(named)}"
    if month_days := parts.pop("BYMONTHDAY", ""):
        last = month_days == "-1"
        words += (
            " on the last day" if last else f" on the {_and(map(_ordinal, month_days.split(',')))}"
        )
    if months := _taken_months(parts):
        words += f" in {_and(_MONTHS[month - 1] for month in months)}"
    if count := parts.pop("COUNT", ""):
        words += f", {count} times"
    if until := _taken_until(parts):
        words += f", until {until.day} {until:%B %Y}"
    return words


def _chinese(unit: str, interval: int, parts: dict[str, str]) -> str:
    days = _taken_days(parts)
    words = f"每{interval}{unit}" if interval > 1 else f"每{unit.removeprefix('个') or unit}"
    if interval == 1 and unit == "个月":
        words = "每月"
    if days == [(0, day) for day in _WORKDAYS] and interval == 1:
        words = "每个工作日"
    elif days:
        named = "、".join(
            (f"第{n}个" if n > 0 else "最后一个" if n else "") + f"周{_DAYS[day][1]}"
            for n, day in days
        )
        words = f"每{named}" if unit == "周" and interval == 1 else f"{words}的{named}"
    months = _taken_months(parts)
    if months:
        words += "、".join(f"{month}月" for month in months)
    if month_days := parts.pop("BYMONTHDAY", ""):
        shown = (
            "最后一天" if month_days == "-1" else "、".join(f"{d}日" for d in month_days.split(","))
        )
        words += shown
    if count := parts.pop("COUNT", ""):
        words += f"，共{count}次"
    if until := _taken_until(parts):
        words += f"，到{until.year}年{until.month}月{until.day}日为止"
    return words


def _taken_days(parts: dict[str, str]) -> list[tuple[int, str]]:
    """(which one of the month, 0 for each; the day). Taken only if all of them are days."""
    found: list[tuple[int, str]] = []
    for one in parts.get("BYDAY", "").split(","):
        number, day = one[:-2], one[-2:]
        if day not in _DAYS or (number and not number.lstrip("+-").isdecimal()):
            return []
        found.append((int(number or 0), day))
    parts.pop("BYDAY", None)
    place = parts.get("BYSETPOS", "")
    if place.lstrip("+-").isdecimal() and len(found) == 1 and place:
        parts.pop("BYSETPOS")
        return [(int(place), found[0][1])]
    return found


def _taken_months(parts: dict[str, str]) -> list[int]:
    months = parts.get("BYMONTH", "").split(",")
    if not all(one.isdecimal() and 1 <= int(one) <= 12 for one in months):
        return []
    parts.pop("BYMONTH")
    return [int(one) for one in months]


def _taken_until(parts: dict[str, str]) -> date | None:
    digits = parts.get("UNTIL", "")[:8]
    if len(digits) != 8 or not digits.isdecimal():
        return None
    parts.pop("UNTIL")
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


def _ordinal(number: str) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(int(number) % 10 if number.isdecimal() else 0, "th")
    return f"{number}th" if number in ("11", "12", "13") else f"{number}{ending}"


def _and(words: Iterable[str]) -> str:
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last
