"""How English words of time go together: parts of a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tandem.understanding.times import periods
from tandem.understanding.times.chart import Grammar
from tandem.understanding.times.clocks import hours_on, on_day, part_of_day, part_on
from tandem.understanding.times.values import (
    Clock,
    Date,
    Hours,
    Moment,
    Part,
    Period,
    Setting,
    Stretch,
)

PARTS = Grammar()
_rule = PARTS.rule

_OFFSETS = {"this": 0, "next": 1, "coming": 1, "last": -1, "past": -1}


@_rule("INPART", "in the? PARTWORD", "at PARTWORD", weight=0.8)
def _in_part(setting: Setting, name: str) -> Part:
    return part_of_day(setting.conventions, name)


@_rule("PART", "INPART", weight=0.0)
def _known_part(setting: Setting, part: Part) -> Part:
    return part


@_rule("PART", "the? PARTWORD", weight=0.8)
def _part(setting: Setting, name: str) -> Part:
    return part_of_day(setting.conventions, name)


@_rule("PART", "EDGE in|the? PARTWORD", "EDGE in the PARTWORD", weight=1.0)
def _part_edge(setting: Setting, edge: str, name: str) -> Part:
    return part_of_day(setting.conventions, name, edge)


@_rule("PART", "later in|the? PARTWORD", "later in the PARTWORD", weight=1.0)
def _later_part(setting: Setting, name: str) -> Part:
    return part_of_day(setting.conventions, name, "end")


@_rule("DAYPART", "REL PARTWORD", weight=1.2)
def _related_part(setting: Setting, relation: str, name: str) -> tuple[Date, Part] | None:
    offset = _OFFSETS[relation]
    part = part_of_day(setting.conventions, name)
    return Date((setting.today + timedelta(days=offset),)), part


@_rule("DAYPART", "later|EDGE this PARTWORD", weight=1.4)
def _later_this(setting: Setting, *found: Any) -> tuple[Date, Part]:
    *edges, name = found
    edge = edges[0] if edges else "end"
    return Date((setting.today,)), part_of_day(setting.conventions, name, edge)


@_rule("DAYPART", "EDGE|later DAYPART", weight=1.2)
def _edge_daypart(setting: Setting, *found: Any) -> tuple[Date, Part]:
    *edges, (day, part) = found
    edge = edges[0] if edges else "end"
    return day, part_of_day(setting.conventions, part.name, edge)


@_rule("DAYPART", "tonight", weight=1.2)
def _tonight(setting: Setting) -> tuple[Date, Part]:
    return Date((setting.today,)), part_of_day(setting.conventions, "night")


@_rule("DAYPART", "WDAY PARTWORD of? PERIOD", weight=2)
def _week_part(
    setting: Setting, weekday: int, name: str, period: Period
) -> tuple[Date, Part] | None:
    """Wednesday evening next week."""
    if period.unit != "week":
        return None
    return periods.weekday_in(period, weekday), part_of_day(setting.conventions, name)


@_rule("STRETCH", "THENUM HOURS|BAREHOURS", weight=1.5)
def _number_hours(setting: Setting, day: Date, hours: Hours) -> Stretch:
    return hours_on(day, hours)


@_rule("MOMENT", "THENUM at CLOCK|BARE", weight=1.5)
def _number_clock(setting: Setting, day: Date, time: Clock) -> Moment | None:
    return on_day(day, time)


@_rule("DAYPART", "PART of? DATE", weight=1.2)
def _part_of_date(setting: Setting, part: Part, day: Date) -> tuple[Date, Part]:
    return day, part


@_rule("STRETCH", "later in|on? DATE", "EDGE in|on? DATE")
def _part_of_today(setting: Setting, *found: Any) -> Stretch | None:
    *edges, day = found
    if len(day.options) != 1 or edges not in ([], ["start"], ["middle"]):
        return None
    if edges == ["middle"]:
        return part_on(day, Part("", (36_000, 50_400), "middle"))
    if edges:
        return part_on(day, Part("", (0, 43_200), "start"))
    return part_on(day, Part("", (43_200, 86_400), "end"))


@_rule("MOMENT", "EDGE the? DATE", weight=1.0)
def _end_of_day(setting: Setting, edge: str, day: Date) -> Moment | None:
    if edge != "end":
        return None
    return Moment(tuple(periods.midnight(one) + timedelta(seconds=86_399) for one in day.options))


@_rule("MOMENT", "end-of-day", weight=1.5)
def _end_of_today(setting: Setting) -> Moment:
    return Moment((periods.midnight(setting.today) + timedelta(seconds=86_399),))
