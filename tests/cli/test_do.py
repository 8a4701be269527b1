"""`tandem do`: acts on plain files; without somebody at the terminal nothing goes out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tandem import bootstrap_assistant
from tandem.engines.scripted import Reply
from tandem.types import ToolCall
from tandem.understanding.reading import Decision, Reader, Reading, Ref
from tests.assistant.lives import Script, acts, call, small_life
from tests.cli.running import Home, scripted_cloud


@pytest.fixture
def script(home: Home, monkeypatch: pytest.MonkeyPatch) -> Script:
    """A life in the home's stores, and a reader that follows a script."""
    small_life(home.folder / "stores")
    reader = Script()

    def made() -> Reader:
        return reader

    monkeypatch.setattr(bootstrap_assistant, "device_reader", made)
    return reader


def test_an_act_is_done_and_told(home: Home, script: Script) -> None:
    """A reversible act happens at once."""
    script.readings = [acts(call("task_create", title="descale kettle"))]
    result = home.run("do", "todo descale kettle")
    assert result.exit_code == 0
    assert "descale kettle" in result.stdout
    assert len(list((home.folder / "stores" / "calendar").glob("*.ics"))) == 2


def test_a_pipe_is_no_yes(home: Home, script: Script) -> None:
    """The card is told, nothing is sent, and the program can see that it waited."""
    mail = (Ref("mail", "<beam@tensile.example>"),)
    script.readings = [acts(call("mail_reply", mail=mail, body="fine"))]
    result = home.run("do", "--json", "reply to priya: fine", stdin="y\n")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert lines[0]["kind"] == "waiting"
    assert lines[0]["waiting"][0]["effect"] == "outward"
    assert not list(Path(home.folder / "stores" / "sent").glob("*.eml"))


def test_what_nobody_reads_is_for_the_cloud(home: Home) -> None:
    """Exit code 3: not done on this device."""
    small_life(home.folder / "stores")
    result = home.run("do", "write an essay on brutalist libraries, 1500 words with sources")
    assert result.exit_code == 3


def test_the_cloud_reads_what_the_device_gives_away(home: Home, script: Script) -> None:
    """It gets the request and the tools; its call is resolved and done here. Only with the flag."""
    script.readings = [Reading(Decision.ESCALATE)] * 2
    tool = ToolCall("1", "task_create", '{"title": "descale kettle"}')
    with scripted_cloud(home, Reply(tool_calls=(tool,))) as cloud:
        assert home.run("do", "the kettle, you know").exit_code == 3
        result = home.run("do", "--cloud", "the kettle, you know")
    assert result.exit_code == 0
    assert "descale kettle" in result.stdout
    assert len(cloud.asked) == 1
    assert "Priya" not in str(cloud.asked[0])
