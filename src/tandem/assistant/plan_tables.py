"""Plans what is done to the user's tables: rows added, changed, taken out, shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from tandem.assistant.answers import LONGEST_LIST
from tandem.assistant.cards import Evidence, Replace, Step
from tandem.assistant.planning import Desk, Maker, Outcome, Told, Unclear
from tandem.connectors import tables
from tandem.connectors.records import Item
from tandem.understanding.known import Known, KnownTable
from tandem.understanding.reading import Ref
from tandem.understanding.structure.columns import title_of


def search(desk: Desk) -> Outcome:
    """The rows that fit, a line each, and how many."""
    refs = desk.refs("rows")
    found = [_shown(desk.known, ref) for ref in refs]
    lines = [one.title for one in found[:LONGEST_LIST]]
    heading = desk.say("rows", count=len(found), what=refs[0].address if refs else "")
    return Told("\n".join([heading, *lines]), tuple(found[:3]))


def create(desk: Desk) -> Outcome:
    """A new row; columns that were not said stay empty."""
    name = desk.refs("table")[0].id if desk.refs("table") else desk.text("table")
    item = _item(desk, name)
    values = _values(desk)
    table = _table(desk.known, name)
    title = title_of(table) if table else None
    heading = desk.say("row_create", title=values.get(title.name if title else "", ""), table=name)
    lines = tuple(desk.line_of(column, value) for column, value in values.items())
    text = tables.added(item.text, values)
    return Step(desk.call.tool, heading, (Replace("tables", item, text),), lines, done=heading)


def change(desk: Desk) -> Outcome:
    """Other values for rows of one table, or the rows out of it."""
    refs = desk.refs("rows")
    if not refs:
        return Told(desk.say("no_rows", text=desk.words("rows")))
    name = refs[0].address or ""
    item = _item(desk, name)
    keys = [ref.id for ref in refs]
    values = _values(desk) if desk.call.tool == "row_change" else {}
    if values:
        text = tables.changed(item.text, dict.fromkeys(keys, values))
    else:
        text = tables.removed(item.text, keys)
    shown = tuple(_shown(desk.known, ref) for ref in refs)
    heading = desk.say(desk.call.tool, count=len(refs), table=name)
    lines = [desk.line_of(column, value) for column, value in values.items()]
    lines += [desk.line("rows_label", _listed(shown))]
    return Step(
        desk.call.tool, heading, (Replace("tables", item, text),), tuple(lines), shown[:3], heading,
        count=len(refs),
    )  # fmt: skip


def _listed(rows: Sequence[Evidence]) -> str:
    more = len(rows) - LONGEST_LIST
    return "; ".join(row.title for row in rows[:LONGEST_LIST]) + (f" … +{more}" if more > 0 else "")


def _values(desk: Desk) -> dict[str, str]:
    """The slot's values as column and value."""
    value = desk.value("values")
    given = cast("tuple[object, ...]", value) if isinstance(value, tuple) else (value,)
    pairs = [str(one).partition("=") for one in given if one]
    return {column.strip(): cell.strip() for column, _, cell in pairs}


def _item(desk: Desk, name: str) -> Item:
    item = desk.knowing.table_item(name)
    if item is None:
        raise Unclear(desk.asked("ask_table", "table", name))
    return item


def _table(known: Known, name: str) -> KnownTable | None:
    return next((table for table in known.tables if table.name == name), None)


def _shown(known: Known, ref: Ref) -> Evidence:
    """A row in a line: its title, else its key."""
    return Evidence("row", f"{ref.address}/{ref.id}", row_text(known, ref))


def row_text(known: Known, ref: Ref) -> str:
    """A row's title and the rest of its short values; its key where the table is gone."""
    table = _table(known, ref.address or "")
    if table is None or ref.id not in table.keys:
        return ref.id
    row = table.rows[table.keys.index(ref.id)]
    title = title_of(table)
    head = row[title.place] if title else ref.id
    others = [
        cell for place, cell in enumerate(row) if place and cell and cell != head and len(cell) < 40
    ]
    return ", ".join((head, *others[:4]))


MAKERS: Mapping[str, Maker] = {
    "row_search": search,
    "row_create": create,
    "row_change": change,
    "row_delete": change,
}
