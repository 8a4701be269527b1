"""Tables as text (CSV): rows with a key, changed in place, all other bytes as they were.

What users export from a CRM, a task board or a web counter. Delimiter, quoting, line ends and a
byte-order mark stay; only the records that are changed are written anew.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tandem.errors import BadRequest, Conflict

_DELIMITERS = ",;\t|"
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its columns, and each row's values with its text as it stands in the file.

    A short row is filled up with empty values; what is beyond the columns is kept and not shown.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    records: tuple[str, ...]
    delimiter: str = ","
    end: str = "\n"

    def key(self, number: int) -> str:
        """What names a row: the first column where its values are unique, else its number."""
        return keys_of(self.rows)[number]


def keys_of(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The keys of the rows, in order."""
    first = [row[0] if row else "" for row in rows]
    if len(set(first)) == len(first) and all(first):
        return tuple(first)
    return tuple(f"#{number + 1}" for number in range(len(first)))


def parse(text: str) -> Sheet | None:
    """The table in a text; `None` where it has no header of two columns at least."""
    records = list(_records(text))
    if not records:
        return None
    head = records[0].removeprefix(_BOM)
    delimiter = max(_DELIMITERS, key=head.count)
    columns = tuple(name.strip() for name in _values(head, delimiter))
    if len(columns) < 2 or len(set(columns)) < len(columns):
        return None
    kept = tuple(one for one in records[1:] if one.strip("\r\n"))
    rows = tuple(_fitted(_values(one, delimiter), len(columns)) for one in kept)
    end = "\r\n" if records[0].endswith("\r\n") else "\n"
    return Sheet(columns, rows, kept, delimiter, end)


def _records(text: str) -> Iterator[str]:
    """The lines of the table; a line end inside of quotes belongs to its record."""
    held = ""
    for line in io.StringIO(text, newline=""):
        held += line
        if held.count('"') % 2 == 0:
            yield held
            held = ""
    if held:
        yield held


def _values(record: str, delimiter: str) -> list[str]:
    rows = list(csv.reader([record.strip("\r\n")], delimiter=delimiter))
    return rows[0] if rows else []


def _fitted(values: Sequence[str], length: int) -> tuple[str, ...]:
    return tuple((*values, *[""] * length)[:length])


def changed(text: str, values: Mapping[str, Mapping[str, str]]) -> str:
    """The text with these values by row key and column. Raises `Conflict` for a row that is gone,
    `BadRequest` for a column that is none.
    """
    sheet = _sheet(text)
    keys = {key: number for number, key in enumerate(keys_of(sheet.rows))}
    written: dict[int, str] = {}
    for key, fields in values.items():
        if key not in keys:
            raise Conflict("This row is not there any more.", remedy="Look at the table again.")
        number = keys[key]
        row = list(_values(sheet.records[number], sheet.delimiter))
        row += [""] * (len(sheet.columns) - len(row))
        for column, value in fields.items():
            row[_place(sheet, column)] = value
        written[number] = _record(row, sheet)
    return _replaced(text, written)


def added(text: str, fields: Mapping[str, str]) -> str:
    """The text with one row more. Columns that are not given stay empty; a key column of numbers
    gets the next number. Raises `BadRequest` for a column that is none.
    """
    sheet = _sheet(text)
    row = [""] * len(sheet.columns)
    for column, value in fields.items():
        row[_place(sheet, column)] = value
    if not row[0]:
        row[0] = _next_key(sheet)
    gap = "" if not text or text.endswith("\n") else sheet.end
    return text + gap + _record(row, sheet)


def removed(text: str, keys: Sequence[str]) -> str:
    """The text without these rows. Raises `Conflict` for a row that is gone."""
    sheet = _sheet(text)
    numbers = {key: number for number, key in enumerate(keys_of(sheet.rows))}
    if any(key not in numbers for key in keys):
        raise Conflict("This row is not there any more.", remedy="Look at the table again.")
    return _replaced(text, {numbers[key]: "" for key in keys})


def _sheet(text: str) -> Sheet:
    sheet = parse(text)
    if sheet is None:
        raise BadRequest("This file is no table.", remedy="Its first line must name the columns.")
    return sheet


def _place(sheet: Sheet, column: str) -> int:
    if column not in sheet.columns:
        raise BadRequest(f"The table has no column {column}.")
    return sheet.columns.index(column)


def _record(row: Sequence[str], sheet: Sheet) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=sheet.delimiter, lineterminator=sheet.end).writerow(row)
    return out.getvalue()


def _replaced(text: str, written: Mapping[int, str]) -> str:
    """Rows exchanged where they stand, by number; header and empty lines are none of them."""
    parts: list[str] = []
    number = -1
    for record in _records(text):
        is_row = bool(record.strip("\r\n"))
        parts.append(written.get(number, record) if is_row else record)
        number += is_row
    return "".join(parts)


def _next_key(sheet: Sheet) -> str:
    keys = [row[0] for row in sheet.rows]
    if not keys or not all(key.isdigit() for key in keys):
        return ""
    return str(max(map(int, keys)) + 1).zfill(len(keys[-1]))
