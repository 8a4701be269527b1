"""What is done to the rows of the user's tables, in words: reassign, move, delete, add, show. Pure.

Only for users who keep tables, and only where the words name one of them.
"""

from __future__ import annotations

import re

from tandem.understanding.known import Known, KnownTable
from tandem.understanding.moments import when_of
from tandem.understanding.reading import Call, Filled, Ref
from tandem.understanding.structure.columns import Column, Holds, columns_of, title_of
from tandem.understanding.structure.people import people_in
from tandem.understanding.structure.quotes import Role, masked, quotes
from tandem.understanding.structure.rows import rows_meant, stems, tables_meant
from tandem.understanding.tokens import fold

_LEAD = r"^\W*(?:(?:please|can you|could you|and|then|also|now|just|so|i want you to|i need to|let['’]?s)\s+)*"
_LEAD_ZH = r"^\W*(?:请|麻烦你?|帮我|替我|然后|再|就|那|另外)*"
_TO = re.compile(
    _LEAD
    + r"(?:re-?assign|assign|transfer|hand(?: over)?|move|give|put|pass|shift|set|change|update|mark)\s+"
    r"(?P<rows>.+)\s+(?:over\s+)?(?:to|as|in|into|onto|for)\s+(?:the\s+)?(?P<value>[^,;]+?)(?P<rest>\s+(?:column|list|board|status|stage|in the \w+))?\W*$"
    rf"|{_LEAD_ZH}(?:把|将)(?P<zhrows>.+?)(?:都|全部?|全都)?(?:转给|分配给|交给|移到|改成|改为|设为|标记?为|放到|挪到|给)(?P<zhvalue>.+?)[。！\s]*$",
    re.IGNORECASE,
)
_FIELD = re.compile(
    _LEAD
    + r"(?:update|change|set|edit)\s+(?:the\s+)?(?P<column>[\w ]+?)\s+(?:of|for|on)\s+(?P<rows>.+?)\s+to\s+(?P<value>.+?)(?:\s+in the [\w ]+)?\W*$"
    rf"|{_LEAD_ZH}(?:把|将)(?P<zhrows>.+?)的(?P<zhcolumn>[^的]+?)(?:改成|改为|设为|更新为)(?P<zhvalue>.+?)[。！\s]*$",
    re.IGNORECASE,
)
_GIVE = re.compile(
    _LEAD
    + r"(?:give|assign|hand|pass)\s+(?P<who>\S+(?:\s+all(?= of| the|\s+\S+['’]s))?)\s+(?P<rows>(?:all|the|any|every)?\b.+?)\W*$",
    re.IGNORECASE,
)
_DELETE = re.compile(
    _LEAD + r"(?:delete|remove|erase|drop|clear|get rid of)\s+(?P<rows>.+?)\W*$"
    rf"|{_LEAD_ZH}(?:把|将)?(?:删除|删掉|清除)?(?P<zhrows>.+?)(?:都|全部?)?(?:删除|删掉|删了|清除)?[。！\s]*$",
    re.IGNORECASE,
)
_ADD = re.compile(
    r"^(?:[^.?!]*[.?!,]\s*)?"
    + _LEAD.removeprefix("^")
    + r"(?:add|create|make|open|start|log|new|enter)\s+(?P<what>.+)$"
    rf"|{_LEAD_ZH}(?:新建|添加|创建|加|建|录入|记)(?:一?个|一?条)?(?P<zhwhat>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_OTHER_STORES = re.compile(
    r"\b(?:meetings?|events?|appointments?|calls?|e-?mails?|mails?|messages?|notes?|reminders?|contacts?|calendar)\b"
    r"|会议|日程|邮件|笔记|提醒|联系人",
    re.IGNORECASE,
)
_SHOW = re.compile(
    _LEAD + r"(?:show|list|which|what|who|how many|find|tell|are there|does|do|has|have|is|count)\b"
    r"|(?:哪些|多少|几个|列出|看看|有没有|谁)",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"[^.;?!]*?\b(?:is|are|was|has|have|'s|will|took|left|won't|can't)\b[^.;?!]*?(?:[,;.]|\bso\b|\band\b)[\s,]*(?:so |and |please |can you |could you )*"
    r"(?=(?:re-?assign|move|give|transfer|hand|delete|remove|change|update|mark|assign|put)\b)",
    re.IGNORECASE,
)
"""Why something is to be done, before what: "Ann is ill, so give her tasks to Bob"."""


def table_call(text: str, known: Known, them: Ref | None) -> Call | None:
    """The act on a table that the words are; `None` where they are none."""
    if not known.tables:
        return None
    before = _BEFORE.match(masked(text))
    people = people_in(text[: before.end()], known) if before else []
    if before and len(people) == 1 and (contact := people[0].contact):
        them, text = Ref("contact", contact.uid), text[before.end() :]
    plain = _with_pronoun(text, known, them)
    if _OTHER_STORES.search(masked(plain)) and not tables_meant(masked(plain), known):
        return None
    for way in (_given, _field, _moved, _deleted, _added, _shown):
        if (call := way(plain, known)) is not None:
            return call
    return None


def _with_pronoun(text: str, known: Known, them: Ref | None) -> str:
    """Pronouns outside of quotes as the name of whom they mean."""
    contact = next((c for c in known.contacts if them and c.uid == them.id), None)
    if contact is None:
        return text
    letters = masked(text)
    parts: list[str] = []
    at = 0
    for found in re.finditer(
        r"\b(?P<their>their|his|hers?(?= \w))\b|\b(?P<them>them|him|her)\b|他们|她|他",
        letters,
        re.I,
    ):
        name = f"{contact.name}'s" if found["their"] else contact.name
        parts += [text[at : found.start()], name]
        at = found.end()
    return "".join([*parts, text[at:]])


def _table(words: str, known: Known) -> KnownTable | None:
    return next(iter(tables_meant(masked(words), known)), None)


def _given(text: str, known: Known) -> Call | None:
    found = _GIVE.match(text)
    if found is None:
        return None
    start = found.start("who")
    people = people_in(text[start:], known)
    if not people or people[0].start > 3:
        return None
    contact = people[0].contact
    if contact is None or not contact.emails:
        return None
    rows = text[start + people[0].end :]
    if re.search(r"\bto\s+\S+\s*$", rows):
        return None
    rows = re.sub(r"^\s*all\b|['’]s\b(?=\s*$)", " ", rows)
    table = _table(rows, known)
    column = _person_column(table) if table else None
    if table is None or column is None:
        return None
    return _change(rows, known, table, column, contact.emails[0], people[0].words)


def _field(text: str, known: Known) -> Call | None:
    found = _FIELD.match(text)
    if found is None:
        return None
    words, value = found["column"] or found["zhcolumn"], found["value"] or found["zhvalue"]
    rows = found["rows"] or found["zhrows"]
    meant = tables_meant(text, known)
    for table in meant or list(known.tables):
        said = set(stems(words))
        column = next((c for c in columns_of(table)[1:] if said and said <= {*c.words}), None)
        found_rows = rows_meant(rows, known, table)
        if column is not None and found_rows.said and (meant or found_rows.is_titled):
            return _change(
                rows,
                known,
                table,
                column,
                _as_cell(value, column, known) or value.strip(" '\""),
                value,
            )
    return None


def _moved(text: str, known: Known) -> Call | None:
    found = _TO.match(text)
    if found is None:
        return None
    rows, value = found["rows"] or found["zhrows"], found["value"] or found["zhvalue"]
    for table in tables_meant(rows, known) or tables_meant(text, known):
        for column in columns_of(table)[1:]:
            cell = _as_cell(value, column, known)
            if cell:
                return _change(rows, known, table, column, cell, value)
    return None


def _as_cell(words: str, column: Column, known: Known) -> str:
    """The words as a value of the column; empty where they are none."""
    if column.holds is Holds.PERSON:
        people = people_in(words, known)
        contact = people[0].contact if len(people) == 1 else None
        return contact.emails[0] if contact and contact.emails else ""
    if column.holds is Holds.CHOICE:
        said = f" {' '.join(stems(words))} "
        fits = [value for value in column.choices if f" {' '.join(stems(value))} " in said]
        return max(fits, key=len, default="")
    if column.holds is Holds.DAY and len(words) < 40:
        when = when_of(words, known)
        return when.start.date().isoformat() if when else ""
    return ""


def _person_column(table: KnownTable | None) -> Column | None:
    if table is None:
        return None
    return next((c for c in columns_of(table)[1:] if c.holds is Holds.PERSON), None)


def _rows_filled(words: str, known: Known, table: KnownTable) -> Filled | None:
    """The rows that are meant; `None` where nothing tells which: never all rows of a table."""
    rows = rows_meant(words, known, table)
    if not rows.said or rows.unclear is not None:
        return None
    refs = tuple(Ref("row", key, address=table.name) for key in rows.keys)
    return Filled(words.strip(), refs or None)


def _change(
    words: str, known: Known, table: KnownTable, column: Column, cell: str, said: str
) -> Call | None:
    rows = _rows_filled(words, known, table)
    if rows is None:
        return None
    values = Filled(said.strip(), (f"{column.name}={cell}",))
    return Call("row_change", {"rows": rows, "values": values}, 0.95)


def _deleted(text: str, known: Known) -> Call | None:
    found = _DELETE.match(text)
    if found is None or not re.search(
        r"\b(?:delete|remove|erase|drop|clear|rid)\b|删|清除", text, re.I
    ):
        return None
    words = found["rows"] or found["zhrows"]
    table = _table(words, known)
    rows = _rows_filled(words, known, table) if table else None
    return Call("row_delete", {"rows": rows}, 0.95) if rows else None


def _added(text: str, known: Known) -> Call | None:
    """A new row: its title in quotes or by name, its other values wherever they are said."""
    found = _ADD.match(text)
    table = _table(text, known) if found else None
    if found is None or table is None:
        return None
    named = title_of(table)
    title = _title(found["what"] or found["zhwhat"]) or _called(text)
    if named is None or not title:
        return None
    rest = masked(text)
    values = {named.name: title}
    for column in columns_of(table)[1:]:
        if column is not named and (cell := _cell_in(rest.replace(title, " "), column, known)):
            values[column.name] = cell
    if len(values) < 2:
        return None  # a bare name may be anything
    filled = Filled(text, tuple(f"{name}={cell}" for name, cell in values.items()))
    table_filled = Filled(table.name, (Ref("table", table.name),))
    return Call("row_create", {"table": table_filled, "values": filled}, 0.95)


def added_row(text: str, known: Known) -> Call | None:
    """A new row that the whole of a request describes, also in several sentences."""
    return _added(text, known) if known.tables else None


def _title(what: str) -> str:
    found = quotes(what)
    if found:
        return next((one.text for one in found if one.role is not Role.BODY), "")
    named = re.match(r"(?:(?:a |an |the |new )*\w+ )??((?:[A-Z][\w'-]+ ?){2,3})", what)
    return named[1].strip() if named else ""


_CALLED = re.compile(r"\b(?:called|named)\s+((?:[A-Z][\w'-]+\s?){1,4})")


def _called(text: str) -> str:
    found = _CALLED.search(text)
    return found[1].strip() if found else ""


def _cell_in(text: str, column: Column, known: Known) -> str:
    if column.holds is Holds.PERSON:
        return _as_cell(text, column, known)
    if column.holds is Holds.CHOICE:
        return _as_cell(text, column, known)
    if column.holds is Holds.DAY and {"due", "deadline", "by", "截止"} & set(column.words):
        said = re.search(
            r"\b(?:deadline(?: of| is|:)?|due(?: on| by| date(?: of)?)?|by)\s+((?:next |this )?[\w ]{3,24})|(?:截止|到期)(.{2,8})",
            text,
            re.I,
        )
        return _as_cell(said[1] or said[2], column, known) if said else ""
    return ""


def _shown(text: str, known: Known) -> Call | None:
    if not _SHOW.search(fold(text)):
        return None
    for table in tables_meant(text, known):
        rows = _rows_filled(text, known, table)
        if rows is not None:
            named = Filled(table.name, (Ref("table", table.name),))
            return Call("row_search", {"rows": rows, "table": named}, 0.9)
    return None
