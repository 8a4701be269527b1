"""What is done to rows, in words; and what is told by records."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tandem.understanding.reading import Filled, Ref
from tandem.understanding.structure.many import many_events, many_moved
from tandem.understanding.structure.references import NothingThere, resolved
from tandem.understanding.structure.table_acts import added_row, table_call
from tests.understanding.structure.world import WORLD


def keys(filled: Filled) -> list[str]:
    value = filled.value if isinstance(filled.value, tuple) else ()
    return [one.id for one in value if isinstance(one, Ref)]


@pytest.mark.parametrize(
    ("text", "tool", "rows", "values"),
    [
        ("give all of Kari's leads to Ola Berg", "row_change", ["1"], ("owner=ola.berg@fjell.example",)),
        ("give Ola Berg all Kari's leads", "row_change", ["1"], ("owner=ola.berg@fjell.example",)),
        ("mark Nordlys AS as won", "row_change", ["1"], ("status=Won",)),
        ("change the status of the customer Tind Sport to lead", "row_change", ["4"], ("status=Lead",)),
        ("Kari is ill, so move her overdue leads to Ola Berg", "row_change", ["1"],
         ("owner=ola.berg@fjell.example",)),
        ("delete the lost customers", "row_delete", ["4"], None),
        ("which of Kari's customers are leads", "row_search", ["1"], None),
    ],
)  # fmt: skip
def test_acts_on_rows(
    text: str, tool: str, rows: list[str], values: tuple[str, ...] | None
) -> None:
    """The rows that are meant and the new values."""
    call = table_call(text, WORLD, None)
    assert call is not None
    assert (call.tool, keys(call.slots["rows"])) == (tool, rows)
    if values is not None:
        assert call.slots["values"].value == values


@pytest.mark.parametrize(
    "text", ["delete all customers", "delete the lunch", "move the review to Friday", "mail Kari"]
)
def test_no_act_on_rows(text: str) -> None:
    """Never a whole table, and nothing that is no table."""
    assert table_call(text, WORLD, None) is None


def test_a_new_row() -> None:
    """Title, person, state and day, wherever they are said."""
    call = added_row(
        "We have a new lead called Fjord Bok. Please add it to the customers for Kari.", WORLD
    )
    assert call is not None
    assert call.slots["values"].value == (
        "name=Fjord Bok", "owner=kari@fjell.example", "status=Lead")  # fmt: skip


def test_moments_and_people_by_records() -> None:
    """The first free time, an event's guests."""
    meant = resolved("book an hour at the earliest time I'm free tomorrow", WORLD)
    assert "on 7 May 2026 at 09:00" in meant.text
    meant = resolved("mail the attendees of the last meeting tomorrow saying 'hi'", WORLD)
    assert "kari@fjell.example" in meant.text
    assert "me@fjell.example" not in meant.text
    with pytest.raises(NothingThere):
        resolved("mail the attendees of the first meeting on Sunday", WORLD)


def test_all_events_of_a_time() -> None:
    """By begin; what else is said makes it something else."""
    call = many_events("cancel my meetings tomorrow after 12", WORLD)
    assert call is not None
    assert keys(call.slots["event"]) == ["plan"]
    assert many_events("cancel all meetings about the offer tomorrow", WORLD) is None


@pytest.mark.parametrize(
    ("text", "num"),
    [
        ("cancel whatever I've got on tomorrow", 2),
        ("clear my Thursday afternoon", 1),
        ("cancel whatever I have on at half past two tomorrow", 1),
        ("明天下午的都取消", 1),
    ],
)
def test_all_of_a_time_is_cancelled_in_other_words(text: str, num: int) -> None:
    call = many_events(text, WORLD)
    assert call is not None
    refs = call.slots["event"].value
    assert isinstance(refs, tuple) and len(refs) == num


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("push everything tomorrow back by 20 minutes", 20),
        ("bring all my meetings tomorrow forward by half an hour", -30),
        ("明天的都往后推一小时", 60),
        ("push everything about the offer tomorrow back by 20 minutes", 0),
    ],
)
def test_all_of_a_time_is_moved(text: str, minutes: int) -> None:
    calls = many_moved(text, WORLD)
    assert [call.slots["shift"].value for call in calls] == (
        [timedelta(minutes=minutes)] * 2 if minutes else []
    )
