"""Which rows of the user's tables do some words mean? By people, choices, days and numbers in them.

Pure. Words name a table by its name, by what its rows are called, or by a value that its rows have
("leads"); everything else in them narrows the rows down.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from tandem.understanding.known import Known, KnownTable
from tandem.understanding.moments import borders_of, setting_of, when_of
from tandem.understanding.structure.columns import (
    STATES,
    Column,
    Holds,
    columns_of,
    day_of,
    title_of,
    words_of,
)
from tandem.understanding.structure.people import Named, people_in
from tandem.understanding.terms import stem
from tandem.understanding.times import find
from tandem.understanding.tokens import fold, is_chinese

Row = tuple[str, ...]
Fits = Callable[[Row], bool]

_LIKE = (
    frozenset("task todo ticket issue card 任务 待办 工单".split()),
    frozenset("customer client lead account prospect 客户 顾客".split()),
    frozenset("order purchase 订单".split()),
    frozenset("visit visitor traffic analytic 访问 流量".split()),
    frozenset("expense cost spending 开销 支出 费用".split()),
    frozenset("book reading 书 书籍".split()),
)
"""Words for one kind of thing."""
_DULL = frozenset(
    "data list table sheet export my all manager management system id name title key number column"
    " project the of and to by at in on for date email mail".split()
)
DONE = frozenset(
    "completed complete done closed finished resolved delivered paid won 已完成 完成 已关闭 关闭 已结束".split()
)
_UNBEGUN = frozenset("backlog todo open new planned 待办 未开始 待处理".split()) | {
    "to do",
    "not started",
}
_OVERDUE = re.compile(
    r"\b(?:overdue|past (?:their |its |the )?(?:due|deadline)|late)\b|逾期|过期|超期", re.I
)
_OPEN = re.compile(
    r"\b(?:unfinished|incomplete|uncompleted|outstanding|remaining|open|not (?:yet )?(?:done|finished|completed?)|"
    r"(?:has|have)(?:n['’]?t| not) (?:yet )?(?:finished|completed|done))\b|没做完|未完成|没完成|还没完",
    re.I,
)
_BEGUN_NOT = re.compile(
    r"\b(?:unstarted|not (?:yet )?(?:been )?started|(?:has|have)(?:n['’]?t| not) (?:yet )?(?:been )?(?:started|begun))\b|没开始|未开始",
    re.I,
)
_NOT = re.compile(r"\b(?:not|n['’]?t|never|no|without|except|other than)\b|没|不|未", re.I)
_NUMBER = re.compile(
    r"\b(?P<more>more than|over|above|greater than|at least|exceed\w*|higher than|超过|多于|高于|大于|至少)\s*(?P<a>\d+(?:\.\d+)?)"
    r"|\b(?P<less>less than|fewer than|under|below|lower than|at most|不到|少于|低于|小于|至多)\s*(?P<b>\d+(?:\.\d+)?)"
    r"|(?P<zhmore>超过|多于|高于|大于|至少)\s*(?P<c>\d+(?:\.\d+)?)|(?P<zhless>不到|少于|低于|小于|至多)\s*(?P<d>\d+(?:\.\d+)?)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that are meant, by key. `said` are the words that narrowed them down; `unclear` is
    somebody of whom there are several.
    """

    table: KnownTable
    keys: tuple[str, ...]
    said: tuple[str, ...] = ()
    unclear: Named | None = None
    is_titled: bool = False


# --- which table --------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def names_of(table: KnownTable) -> frozenset[str]:
    """What the table and its rows are called."""
    named = {word for word in words_of(table.name) if word not in _DULL}
    whole = words_of(table.name)
    if len(whole) > 1:
        named.add("".join(word[0] for word in whole))
        named |= {"".join(word[0] for word in whole[:-1])} if len(whole) > 2 else set()
    for column in table.columns[:3]:
        parts = words_of(column)
        if len(parts) > 1 and parts[-1] in ("id", "name", "title", "key"):
            named |= set(parts[:-1]) - _DULL
    return frozenset(named.union(*(like for like in _LIKE if like & named)))


def stems(text: str) -> list[str]:
    """The words of a text by their stems; hyphens part words."""
    return [stem(word) for word in re.findall(r"[^\W_]+", fold(text))]


def tables_meant(text: str, known: Known) -> list[KnownTable]:
    """The tables that the words may mean, the best first."""
    said, flat = set(stems(text)), fold(text)
    scored: list[tuple[float, KnownTable]] = []
    for table in known.tables:
        names = names_of(table)
        score = 2.0 * any(name in said or (is_chinese(name) and name in flat) for name in names)
        score += sum(1 for column in columns_of(table) if _is_measure(column, said))
        if score or any(
            _choices_in(text, column) for column in columns_of(table) if _names_rows(column)
        ):
            score += 0.5 * sum(bool(_choices_in(text, c)) for c in columns_of(table))
        if score >= 0.5:
            scored.append((score, table))
    return [table for _, table in sorted(scored, key=lambda pair: -pair[0])]


def _is_measure(column: Column, said: set[str]) -> bool:
    """A column of numbers whose whole name is said: "total visits"."""
    return column.place > 0 and column.holds is Holds.NUMBER and set(column.words) <= said


def _names_rows(column: Column) -> bool:
    """Whether rows are called by this column's values, as leads and deals are: a state they are in."""
    return column.holds is Holds.CHOICE and bool(STATES & set(column.words))


# --- which rows ---------------------------------------------------------------------------------


def rows_meant(text: str, known: Known, table: KnownTable) -> Rows:
    """The rows of a table that the words mean; all rows where nothing narrows them down."""
    people = people_in(text, known)
    unclear = next((one for one in people if len(one.contacts) > 1), None)
    tests = list(_tests(text, known, table, people))
    keys = tuple(
        key
        for key, row in zip(table.keys, table.rows, strict=True)
        if all(fits(row) for _, fits in tests)
    )
    is_titled = _titled(text, table) is not None
    return Rows(table, keys, tuple(said for said, _ in tests), unclear, is_titled)


def _tests(
    text: str, known: Known, table: KnownTable, people: list[Named]
) -> Iterator[tuple[str, Fits]]:
    columns = columns_of(table)[1:]
    if (titled := _titled(text, table)) is not None:
        yield titled
        return
    for column in columns:
        if column.holds is Holds.PERSON:
            yield from _by_person(column, people)
            break
    today = known.now.date()
    is_only = sum(column.holds is Holds.DAY for column in columns_of(table)) == 1
    yield from _by_state(text, columns, today)
    for column in columns:
        if column.holds is Holds.CHOICE:
            found = _choices_in(text, column)
            if found and not any(_is_negated(text, value) for value in found):
                yield ", ".join(found), _one_of(column.place, frozenset(found))
            elif found:
                yield "not " + ", ".join(found), _none_of(column.place, frozenset(found))
        elif column.holds is Holds.DAY:
            yield from _by_day(text, known, column, is_only=is_only)
        elif column.holds is Holds.NUMBER and set(column.words) <= set(stems(text)):
            yield from _by_number(text, column)


def _titled(text: str, table: KnownTable) -> tuple[str, Fits] | None:
    """A row whose title stands in the words, the longest one."""
    title = title_of(table)
    if title is None:
        return None
    flat = f" {_parted(text)} "
    best = ""
    for row in table.rows:
        value = row[title.place]
        plain = _parted(value)
        if len(plain) > max(4, len(best)) and (
            f" {plain} " in flat or (is_chinese(plain) and plain in flat)
        ):
            best = value
    return (best, _one_of(title.place, frozenset({best}))) if best else None


def _parted(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", fold(text)))


def _by_person(column: Column, people: list[Named]) -> Iterator[tuple[str, Fits]]:
    mails = {
        mail.lower()
        for one in people
        for mail in (one.address, *(m for card in one.contacts for m in card.emails))
        if mail
    }
    if mails:
        yield ", ".join(one.words for one in people), lambda row: row[column.place].lower() in mails


def _by_state(text: str, columns: tuple[Column, ...], today: date) -> Iterator[tuple[str, Fits]]:
    due = next(
        (c for c in columns if c.holds is Holds.DAY and {"due", "deadline", "截止"} & set(c.words)),
        None,
    )
    states = [c for c in columns if c.holds is Holds.CHOICE]
    done = [(c.place, {v for v in c.choices if fold(v) in DONE}) for c in states]
    done = [(place, values) for place, values in done if values]

    def is_open(row: Row) -> bool:
        return all(row[place] not in values for place, values in done)

    if due is not None and (found := _OVERDUE.search(text)):
        place = due.place

        def is_late(row: Row) -> bool:
            day = day_of(row[place])
            return day is not None and day < today

        yield found[0], is_late
        yield "open", is_open
    elif found := _OPEN.search(text):
        yield found[0], is_open
    if found := _BEGUN_NOT.search(text):
        places = [(c.place, {v for v in c.choices if fold(v) in _UNBEGUN}) for c in states]
        yield found[0], lambda row: any(row[p] in values for p, values in places if values)


def _choices_in(text: str, column: Column) -> list[str]:
    """The choices that are said, as words beside each other."""
    if column.holds is not Holds.CHOICE or column.place == 0:
        return []
    said, flat = f" {' '.join(stems(text))} ", fold(text)
    return [
        value
        for value in column.choices
        if f" {' '.join(stems(value))} " in said or (is_chinese(value) and fold(value) in flat)
    ]


def _is_negated(text: str, value: str) -> bool:
    at = fold(text).find(fold(value.split()[0])[:4])
    before = " ".join(fold(text)[: max(at, 0)].split()[-4:])
    return _NOT.search(before) is not None


def _one_of(place: int, values: frozenset[str]) -> Fits:
    return lambda row: row[place] in values


def _none_of(place: int, values: frozenset[str]) -> Fits:
    return lambda row: row[place] not in values


def _by_day(
    text: str, known: Known, column: Column, *, is_only: bool
) -> Iterator[tuple[str, Fits]]:
    """A time beside a word of the column: "due this week", "not contacted in three weeks"; of the
    only column of days any time.
    """
    words = set(column.words) - {"date", "last", "by", "on", "at", "day"}
    if not is_only and not any(
        word in said or said.startswith(word) for said in stems(text) for word in words
    ):
        return
    today, place = known.now.date(), column.place
    for one in find(text, setting_of(known, past=True)):
        best = one.best
        if best is None or best.kind == "set":
            continue
        if best.kind == "duration" and best.length is not None:
            border = today - timedelta(seconds=best.length.seconds)
            is_not = _NOT.search(text[: one.start]) is not None
            yield one.text, _since(place, border, is_within=not is_not)
            return
        when = when_of(one.text, known, past=True)
        if when is not None:
            start, end = (moment.date() for moment in borders_of(when))
            yield one.text, _between(place, start, max(end, start + timedelta(days=1)))
            return


def _since(place: int, border: date, *, is_within: bool) -> Fits:
    def fits(row: Row) -> bool:
        day = day_of(row[place])
        return (day is not None and day >= border) if is_within else (day is None or day < border)

    return fits


def _between(place: int, start: date, end: date) -> Fits:
    def fits(row: Row) -> bool:
        day = day_of(row[place])
        return day is not None and start <= day < end

    return fits


def _by_number(text: str, column: Column) -> Iterator[tuple[str, Fits]]:
    found = _NUMBER.search(text)
    if found is None:
        return
    is_more = bool(found["more"] or found["zhmore"])
    border = float(found["a"] or found["b"] or found["c"] or found["d"])
    includes = bool(re.search(r"at least|at most|至", found[0], re.I))

    def fits(row: Row) -> bool:
        try:
            value = float(row[column.place].rstrip("%").replace(",", ""))
        except ValueError:
            return False
        return (value > border if is_more else value < border) or (includes and value == border)

    yield found[0], fits
