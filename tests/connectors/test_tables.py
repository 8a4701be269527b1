"""Tables as text: what is changed is written anew, all other bytes stay."""

from __future__ import annotations

import pytest

from tandem.connectors.tables import added, changed, keys_of, parse, removed
from tandem.errors import BadRequest, Conflict

TEXT = '\ufeffid;name;note\r\n007;"Ann; B";"two\r\nlines"\r\n\r\n008;Bo;\r\n'


def test_a_table_is_read_with_its_quotes_and_line_ends() -> None:
    """Delimiter, quoted line breaks, a byte-order mark, an empty line."""
    sheet = parse(TEXT)
    assert sheet is not None
    assert sheet.columns == ("id", "name", "note")
    assert sheet.rows == (("007", "Ann; B", "two\r\nlines"), ("008", "Bo", ""))
    assert keys_of(sheet.rows) == ("007", "008")


def test_a_change_leaves_every_other_byte() -> None:
    """One row is written anew."""
    new = changed(TEXT, {"008": {"note": "a;b"}})
    assert new == TEXT.replace("008;Bo;\r\n", '008;Bo;"a;b"\r\n')
    assert changed(new, {"008": {"note": ""}}) == TEXT


def test_a_row_added_and_removed_is_the_text_before() -> None:
    """The key goes on; what follows the last line is untouched."""
    new = added(TEXT, {"name": "Cy"})
    assert new == TEXT + "009;Cy;\r\n"
    assert removed(new, ["009"]) == TEXT


def test_rows_of_the_same_text_are_told_apart() -> None:
    """Without a key column rows go by number."""
    text = "what,much\ntea,1\ntea,1\n"
    assert changed(text, {"#2": {"much": "2"}}) == "what,much\ntea,1\ntea,2\n"


def test_what_is_no_table_or_not_there_is_said() -> None:
    """No header, a row that is gone, a column that is none."""
    assert parse("") is None
    assert parse("just words\n") is None
    assert parse("a,a\n1,2\n") is None
    with pytest.raises(Conflict):
        changed(TEXT, {"009": {"note": "x"}})
    with pytest.raises(Conflict):
        removed(TEXT, ["009"])
    with pytest.raises(BadRequest):
        changed(TEXT, {"008": {"age": "x"}})
