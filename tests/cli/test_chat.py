"""`tandem chat`: typed at like a user does, through a terminal's keys."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from tandem.bootstrap import Tandem
from tandem.cli.chat import Chat
from tandem.cli.start import Start
from tandem.cli.turn import Talk, Voice
from tandem.conversations import Conversations, new_conversation
from tandem.engines.scripted import Reply, ScriptedEngine
from tandem.errors import CloudBroken
from tests.cli.running import DEVICE_SAYS, Home, scripted_cloud
from tests.serving import served

CTRL_E, CTRL_D, ENTER = "\x05", "\x04", "\r"
CLOUD_SAYS = "A general and lasting rise of prices."


@asynccontextmanager
async def cloud_for(home: Home, reply: Reply) -> AsyncIterator[ScriptedEngine]:
    engine = ScriptedEngine(reply)
    async with served(engine) as url:
        home.has_cloud(url)
        yield engine


async def typed(home: Home, keys: Sequence[str]) -> tuple[Talk, Tandem]:
    """Type these keys, with time between them for what they set off."""
    start = Start(home.environ)
    ready = start.ready()
    talk = Talk(new_conversation(1.0), Conversations(ready.paths.conversations), Voice(sys.stdout))
    with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=DummyOutput()):
        async with start.open(ready) as tandem:
            chat = asyncio.ensure_future(Chat(start, ready, tandem, talk, None).run())
            for each in keys:
                keyboard.send_text(each)
                await asyncio.sleep(0.05)
            await asyncio.wait_for(chat, 10)
    return talk, tandem


async def test_one_key_brings_the_better_answer_into_the_conversation(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-E shows what would leave and its price, asks, streams, and remembers."""
    home.environ["TANDEM_HOME"] = str(home.folder)
    (home.folder / "tandem.toml").write_text(
        "[prices.scripted]\ninput_per_million = 1000.0\noutput_per_million = 1000.0\n"
    )
    async with cloud_for(home, Reply(CLOUD_SAYS)) as cloud:
        keys = ["What is inflation?" + ENTER, CTRL_E, "y" + ENTER, "/why" + ENTER, CTRL_D]
        talk, _ = await typed(home, keys)
        assert len(cloud.asked) == 1
    shown = capsys.readouterr().out
    assert [each.text for each in talk.conversation.exchanges[0].answers] == [
        DEVICE_SAYS,
        CLOUD_SAYS,
    ]
    asks, answers = shown.split("This would leave for 127.0.0.1")
    assert DEVICE_SAYS in asks
    assert "device · scripted · sure 0.99 of 0.85" in asks
    assert "prefer-local: no consent to leave · receipt " in asks
    assert '"content":"What is inflation?"' in answers
    assert "about 0.30 USD" in answers or re.search(r"about 0\.\d+ USD", answers)
    assert CLOUD_SAYS in answers
    assert "route: cloud-only: the user wants the cloud's answer" in answers


async def test_saying_no_sends_nothing(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """Only y or yes is a yes; Enter alone, n and Ctrl-D are not."""
    async with cloud_for(home, Reply(CLOUD_SAYS)) as cloud:
        keys = ["Hello" + ENTER, CTRL_E, ENTER, "e" + ENTER, "n" + ENTER, "/escalate" + ENTER]
        await typed(home, [*keys, CTRL_D, "/left" + ENTER, CTRL_D])
        assert cloud.asked == []
    shown = capsys.readouterr().out
    assert shown.count("Nothing was sent.") == 3
    assert "Nothing has left this device in this chat." in shown


async def test_ctrl_e_in_a_written_line_goes_to_its_end(home: Home) -> None:
    """A key that every shell user has in their fingers does not send anything by surprise."""
    async with cloud_for(home, Reply(CLOUD_SAYS)) as cloud:
        left = "\x1b[D"
        talk, _ = await typed(home, ["Helo" + left + "l" + CTRL_E + "?" + ENTER, CTRL_D])
        assert cloud.asked == []
    assert talk.conversation.exchanges[0].question == "Hello?"


async def test_a_cloud_that_dies_does_not_take_the_conversation_along(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """The guilty side is named, the half is kept, the next question is answered."""
    breaks = Reply("Half an answer", seconds_per_token=0.05, error=CloudBroken("x"), fails_after=2)
    async with cloud_for(home, breaks):
        keys = ["One?" + ENTER, CTRL_E, "y" + ENTER, "", "Two?" + ENTER, "/left" + ENTER, CTRL_D]
        talk, _ = await typed(home, keys)
    shown = capsys.readouterr()
    assert "The cloud is at fault" in shown.err
    assert "The conversation is kept" in shown.out
    first, second = talk.conversation.exchanges
    assert [each.outcome for each in first.answers] == ["answered", "failed"]
    assert second.answers[-1].text == DEVICE_SAYS


async def test_the_slash_commands_do_what_help_says(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command of the help page is known, and a wrong one says so."""
    keys = ["/help", "/why", "/mode", "/mode nowhere", "/mode local-only", "/nope", "/new", "/quit"]
    await typed(home, [each + ENTER for each in keys])
    shown = capsys.readouterr().out
    assert "Nothing has been answered yet." in shown
    assert "Mode: prefer-local." in shown
    assert "The modes are local-only, prefer-local, prefer-cloud, cloud-only." in shown
    assert "Mode: local-only." in shown
    assert "There is no /nope." in shown
    assert "A new conversation" in shown


async def test_local_only_in_a_chat_closes_the_key_too(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """`/mode local-only` is as hard as the setting."""
    async with cloud_for(home, Reply(CLOUD_SAYS)) as cloud:
        await typed(home, ["/mode local-only" + ENTER, "Hello" + ENTER, CTRL_E, "", CTRL_D])
        assert cloud.asked == []
    assert "Local-only is switched on" in capsys.readouterr().err


class Terminal:
    """A real pseudo-terminal with `tandem chat` in it; `whole` is all that came out of it."""

    def __init__(self, home: Home, *args: str) -> None:
        self.seen = self.whole = ""
        self._pid, self._descriptor = pty.fork()
        if self._pid == 0:  # the child
            environ = {**home.whole_environ(), "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            os.execve(sys.executable, [sys.executable, "-m", "tandem", "chat", *args], environ)

    def type(self, keys: str) -> None:
        os.write(self._descriptor, keys.encode())

    def wait_for(self, text: str, seconds: float = 60.0) -> None:
        """Read until `text` is on the screen; what was seen before is forgotten."""
        until = time.monotonic() + seconds
        while text not in self.seen:
            assert time.monotonic() < until, f"{text!r} did not come; seen: {self.seen[-2000:]!r}"
            if select.select([self._descriptor], [], [], 0.2)[0]:
                self._hear(os.read(self._descriptor, 65536).decode("utf-8", "replace"))
        self.seen = self.seen.partition(text)[2]

    def _hear(self, text: str) -> None:
        self.seen += text
        self.whole += text
        for _ in range(text.count("\x1b[6n")):  # "where is the cursor?"; terminals answer that
            self.type("\x1b[1;1R")

    def end(self) -> int:
        """The exit code; a chat that does not end is killed, and its code says so."""
        until = time.monotonic() + 60
        try:
            while time.monotonic() < until:
                if select.select([self._descriptor], [], [], 0.2)[0]:
                    self._hear(os.read(self._descriptor, 65536).decode("utf-8", "replace"))
            os.kill(self._pid, signal.SIGKILL)
        except OSError:  # Linux's way to say that the other side is closed
            pass
        os.close(self._descriptor)
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


def test_on_a_real_terminal_the_key_escalates_and_ctrl_c_stops_the_answer_alone(home: Home) -> None:
    """The whole way: a process, a terminal, keys, a connection."""
    words = " ".join(f"word{number}" for number in range(60))
    with scripted_cloud(home, Reply(words, seconds_per_token=0.05)) as cloud:
        terminal = Terminal(home)
        terminal.wait_for("prefer-local")
        terminal.type("What is inflation?\r")
        terminal.wait_for(DEVICE_SAYS)
        terminal.wait_for("0 bytes left")
        terminal.wait_for("prefer-local")
        terminal.type(CTRL_E)
        terminal.wait_for("This would leave for 127.0.0.1")
        terminal.wait_for("Send it? [y/N]")
        terminal.type("y\r")
        terminal.wait_for("word3")
        terminal.type("\x03")
        terminal.wait_for("Stopped.")
        terminal.wait_for("prefer-local")
        terminal.type("/left\r")
        terminal.wait_for("Up to")
        terminal.wait_for("prefer-local")  # keys typed while no line is read may be lost
        terminal.type("\x04")
        assert terminal.end() == 0
        assert cloud.num_cancelled == 1
    kept = Conversations(home.folder / "conversations").latest()
    assert kept is not None
    device, stopped = kept.exchanges[0].answers
    assert (device.outcome, stopped.outcome) == ("answered", "cancelled")
    assert stopped.text.startswith("word0 word1")
