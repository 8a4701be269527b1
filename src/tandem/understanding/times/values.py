"""What parts of a time expression mean, before they are put together.

Every value is resolved as far as its words allow, against the moment "now". `options` are the
readings that the words leave open, likeliest first: "Friday" is the next one or the last one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time

DAY_SECONDS = 86_400

Span = tuple[int, int]
"""Seconds since midnight; the end may lie on the next day."""


@dataclass(frozen=True, slots=True)
class Conventions:
    """What a community means by words that have no exact meaning.

    `parts` gives start and end of the parts of a day in seconds. `day_first`: "3/4" is 3 April;
    `year_first`: "12-11-10" is in 2012. `rolls_over`: a time without a date is the next such
    moment, as for reminders.
    """

    parts: tuple[tuple[str, Span], ...] = ()
    day_first: bool = False
    year_first: bool = False
    rolls_over: bool = False

    def part(self, name: str) -> Span:
        """Start and end of a part of the day."""
        for key, span in self.parts:
            if key == name:
                return span
        return _PARTS[name]


def hours(start: float, end: float) -> Span:
    """A span of the day from hours."""
    return (int(start * 3600), int(end * 3600))


# What people plan by: an afternoon ends when work does, an evening when the house goes to bed.
_PARTS: dict[str, Span] = {
    "dawn": hours(0, 6),
    "early": hours(5, 9),
    "breakfast": hours(7, 10),
    "morning": hours(6, 12),
    "forenoon": hours(8, 12),
    "noon": hours(11.5, 13.5),
    "lunch": hours(12, 14),
    "afternoon": hours(12, 18),
    "dusk": hours(17, 19),
    "dinner": hours(18, 21),
    "evening": hours(18, 23),
    "night": hours(20, 24),
    "midnight": hours(23, 25),
    "daytime": hours(8, 18),
    "business": hours(9, 17.5),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and when the words were said. `now` is the local time, without a zone.

    `prefers_past`: of two readings the earlier is likelier, as in a search through old mail.
    """

    now: datetime
    conventions: Conventions = Conventions()
    prefers_past: bool = False

    @property
    def today(self) -> date:
        return self.now.date()


@dataclass(frozen=True, slots=True)
class Date:
    """A day. The fields are those that were said, so that "4 to 6 May" can lend them on."""

    options: tuple[date, ...]
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    is_approximate: bool = False
    timex: str = ""
    lunar: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """Days from a start to an end, which is not among them.

    `through` is the end with the last named day, week or month included, where `options` stop
    before it ("May to July" ends on 1 July by the letter and on 1 August by sense). `edge` is one
    of start, middle, end, where only a part of a period is meant.
    """

    options: tuple[tuple[date, date], ...]
    unit: str = "day"
    year: int | None = None
    month: int | None = None
    through: tuple[date, ...] = ()
    edge: str = ""
    offset: int | None = None
    timex: str = ""
    lunar: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. `is_open`: it may be before or after noon. `day` counts days past midnight."""

    hour: int
    minute: int = 0
    second: int = 0
    is_open: bool = False
    day: int = 0
    is_approximate: bool = False
    zone: str = ""
    part: str = ""

    @property
    def options(self) -> tuple[int, ...]:
        """Seconds since midnight, likeliest first: people are awake between seven and seven."""
        at = self.hour % 24 * 3600 + self.minute * 60 + self.second + self.day * DAY_SECONDS
        if not self.is_open:
            return (at,)
        early = at % 43_200
        late = early + 43_200
        return (late, early) if early < 7 * 3600 else (early, late)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day. `edge`: early or late in it."""

    name: str
    span: Span
    edge: str = ""
    is_approximate: bool = False


@dataclass(frozen=True, slots=True)
class Hours:
    """From one time of day to another."""

    options: tuple[Span, ...]
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time, by units, as said: a month is not thirty days. `bound`: more, less."""

    units: tuple[tuple[str, float], ...]
    bound: str = ""

    @property
    def seconds(self) -> float:
        return sum(amount * UNIT_SECONDS[unit] for unit, amount in self.units)


@dataclass(frozen=True, slots=True)
class Moment:
    """A day with a time."""

    options: tuple[datetime, ...]
    zone: str = ""
    is_approximate: bool = False
    timex: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one moment to another."""

    options: tuple[tuple[datetime, datetime], ...]
    zone: str = ""
    edge: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """Everything on one side of something: before, until, since, after."""

    way: str
    what: Date | Period | Clock | Part | Moment | Stretch


@dataclass(frozen=True, slots=True)
class Repeat:
    """Again and again. `unit` and `every` give the beat, the rest narrows it.

    `weekdays` are 0 (Monday) to 6; `ordinal` counts within the month (-1 is the last).
    """

    unit: str
    every: float = 1
    weekdays: tuple[int, ...] = ()
    monthday: int | None = None
    month: int | None = None
    ordinal: int | None = None
    clock: Clock | None = None
    part: Part | None = None
    hours: Hours | None = None
    is_weekend: bool = False
    start: date | None = None
    until: date | None = None
    count: int | None = None
    per: int = 1


Value = Date | Period | Clock | Part | Hours | Length | Moment | Stretch | Bound | Repeat

UNIT_SECONDS: dict[str, float] = {
    "second": 1,
    "minute": 60,
    "quarter-hour": 900,
    "hour": 3600,
    "day": DAY_SECONDS,
    "workday": DAY_SECONDS,
    "weekend": 2 * DAY_SECONDS,
    "week": 7 * DAY_SECONDS,
    "fortnight": 14 * DAY_SECONDS,
    "month": 30 * DAY_SECONDS,
    "quarter": 90 * DAY_SECONDS,
    "half": 182 * DAY_SECONDS,
    "year": 365 * DAY_SECONDS,
    "decade": 3650 * DAY_SECONDS,
    "century": 36_500 * DAY_SECONDS,
}
"""Of a length by itself; on the calendar a month is a month."""


@dataclass(frozen=True, slots=True)
class TimeReading:
    """One thing that an expression may mean. Times are local to `zone`, or to the user.

    `kind`: date, time, datetime, daterange, timerange, datetimerange, duration or set. `start` and
    `end` (exclusive) are dates, times or moments; one of them is missing where `bound` (before,
    until, since, after) says that it is open. A single point has its value in `start` alone.
    `through` is the end of a range with its last named day or month included. `rrule` is what
    repeats, with `start` as the first time where it is known. `likelihood` sums to 1 over the
    readings of an expression.
    """

    kind: str
    start: date | datetime | time | None = None
    end: date | datetime | time | None = None
    through: date | None = None
    length: Length | None = None
    rrule: str = ""
    repeat: Repeat | None = None
    bound: str = ""
    edge: str = ""
    is_approximate: bool = False
    zone: str = ""
    lunar: str = ""
    timex: str = ""
    likelihood: float = 1.0


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """Words of a sentence that tell a time: characters `start` to `end`, and what they may mean.

    A reading without a start and an end: the words name a day that does not exist (30 February).
    """

    start: int
    end: int
    text: str
    value: Value
    readings: tuple[TimeReading, ...] = field(default=())

    @property
    def best(self) -> TimeReading | None:
        """The likeliest reading."""
        return self.readings[0] if self.readings else None
