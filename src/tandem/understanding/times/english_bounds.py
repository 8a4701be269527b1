"""How English words of time go together: before, until, since, after."""

from __future__ import annotations

from tandem.understanding.times import periods
from tandem.understanding.times.chart import Grammar
from tandem.understanding.times.clocks import clock
from tandem.understanding.times.days import add_days, day_of
from tandem.understanding.times.joining import join
from tandem.understanding.times.values import (
    Bound,
    Clock,
    Date,
    Length,
    Moment,
    Part,
    Period,
    Setting,
    Stretch,
)

BOUNDS = Grammar()
_rule = BOUNDS.rule

Bounded = Date | Period | Clock | Part | Moment | Stretch
_PLAIN = (Date, Period, Clock, Part, Moment, Stretch)


def _bound(way: str, what: object) -> Bound | None:
    if isinstance(what, Period) and not what.options:
        return None
    return Bound(way, what) if isinstance(what, _PLAIN) else None


@_rule("LIMIT", "the? DATE|PERIOD|CLOCK|PART|MOMENT|STRETCH", weight=0.0)
def _limit(setting: Setting, what: Bounded) -> Bounded:
    return what


@_rule("BOUND", "before LIMIT", "LIMIT orearlier", "lessthan LIMIT", weight=0.8)
def _before(setting: Setting, what: Bounded) -> Bound | None:
    if isinstance(what, Period) and what.edge == "end":
        return _bound("until", what)  # "before the end of March": March may be over
    return _bound("before", what)


@_rule("BOUND", "any time from|after|since CLOCK", "starting on|from? LIMIT", weight=0.9)
def _from_limit(setting: Setting, what: Bounded) -> Bound | None:
    return _bound("since", what)


@_rule("PERIOD", "from? on? MONTH dot? the? INT|ORD dash|to the? INT|ORD", weight=5)
def _days_of_month(setting: Setting, month: int, *days: int) -> Period | None:
    if len(days) != 2 or not days[0] < days[1] <= 31:
        return None
    begin = day_of(setting, month=month, day=days[0])
    end = day_of(setting, month=month, day=days[1])
    joined = join(setting, begin, end) if begin and end else None
    return joined if isinstance(joined, Period) else None


@_rule("BOUND", "greater YEAR")
def _greater(setting: Setting, year: int) -> Bound | None:
    return _bound("after", periods.year(year))


@_rule("BOUND", "less YEAR")
def _less(setting: Setting, year: int) -> Bound | None:
    return _bound("before", periods.year(year))


@_rule("PERIOD", "from? the? ORD|INT dash|to the? ORD|INT of? MONTH", weight=3)
def _days_before_month(setting: Setting, first: int, last: int, month: int) -> Period | None:
    return _days_of_month(setting, month, first, last)


@_rule("BOUND", "till date")
def _till_now(setting: Setting) -> Bound:
    return Bound("before", Date((setting.today,)))


@_rule("BOUND", "more-than LENGTH before DATE", weight=3)
def _well_before(setting: Setting, length: Length, day: Date) -> Bound | None:
    if length.seconds % 86_400:
        return None
    return Bound("before", Date(tuple(add_days(one, length, -1) for one in day.options)))


@_rule("BOUND", "until|by LIMIT", "less equals LIMIT", weight=2)
def _until(setting: Setting, what: Bounded) -> Bound | None:
    return _bound("until", what)


@_rule("BOUND", "greater equals LIMIT", weight=3)
@_rule("BOUND", "since LIMIT", "LIMIT orlater", weight=0.8)
def _since(setting: Setting, what: Bounded) -> Bound | None:
    return _bound("since", what)


@_rule("BOUND", "after LIMIT", "greaterthan LIMIT", "more-than LIMIT", weight=0.8)
def _after(setting: Setting, what: Bounded) -> Bound | None:
    if isinstance(what, Period) and what.edge == "start":
        return _bound("since", what)  # "after the beginning of March": March has begun
    return _bound("after", what)


@_rule("BOUND", "before|until|by BARE", weight=0.2)
def _before_hour(setting: Setting, hour: Clock) -> Bound:
    return Bound("before", hour)


@_rule("BOUND", "after|since BARE", weight=0.2)
def _after_hour(setting: Setting, hour: Clock) -> Bound | None:
    return Bound("after", hour) if clock(hour.hour) else None
