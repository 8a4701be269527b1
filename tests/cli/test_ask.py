"""`tandem ask` and `tandem escalate`: answers, refusals, consent, and what becomes of faults."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from tandem.conversations import Conversations
from tandem.engines.scripted import Reply
from tandem.errors import CloudBroken
from tests.cli.running import DEVICE_SAYS, Home, beside, scripted_cloud
from tests.faulty_upstream import DONE, delta, finish, streams, upstream

CLOUD_SAYS = "A general and lasting rise of prices."
BREAKS = Reply("Half an answer", seconds_per_token=0.05, error=CloudBroken("gone"), fails_after=2)
SLOW = Reply(
    "one two three four five " * 20, seconds_per_token=0.3
)  # half a minute: nobody waits for its end


def test_a_pipe_gets_the_answer_and_nothing_else(home: Home) -> None:
    """Plain text on standard output; the receipt is for terminals."""
    result = home.run("ask", "What is inflation?")
    assert (result.exit_code, result.stdout, result.stderr) == (0, DEVICE_SAYS + "\n", "")


@pytest.mark.parametrize("args", [("ask", "-"), ("ask",)])
def test_the_question_can_come_from_a_pipe(home: Home, args: tuple[str, ...]) -> None:
    """With and without the dash."""
    result = home.run(*args, stdin="What is inflation?\n")
    assert result.stdout == DEVICE_SAYS + "\n"
    kept = Conversations(home.folder / "conversations").latest()
    assert kept is not None
    assert kept.exchanges[0].question == "What is inflation?"


@pytest.mark.parametrize(("raw", "word"), [(b"\xff\xfe", "UTF-8"), (b"  \n", "empty")])
def test_what_is_no_question_is_refused(home: Home, raw: bytes, word: str) -> None:
    """Wrong input is exit code 2, and says what is wrong with it."""
    result = home.run("ask", "-", stdin=raw)
    assert result.exit_code == 2
    assert word in result.stderr


def test_i_dont_know_is_exit_code_3(home: Home) -> None:
    """A script can tell an honest refusal from an answer, and the user learns what to do."""
    home.knows_nothing()
    result = home.run("ask", "What is inflation?")
    assert result.exit_code == 3
    assert "I don't know that on this device" in result.stdout
    assert "tandem config set cloud.url" in result.stdout


def test_json_is_one_event_per_line_with_the_receipt_last(home: Home) -> None:
    """Who decides comes before the first word; the entry is complete."""
    lines = home.lines("ask", "--json", "What is inflation?")
    assert [line["type"] for line in lines] == ["decided", "text", "finish"]
    assert lines[0]["place"] == "device"
    assert "".join(line.get("text", "") for line in lines) == DEVICE_SAYS
    assert lines[-1]["entry"]["outcome"] == "answered"


def test_without_consent_nothing_leaves(home: Home) -> None:
    """Not for a refused question, not for --cloud in a pipe, not with consent "never"."""
    home.knows_nothing()
    with scripted_cloud(home, Reply(CLOUD_SAYS)) as cloud:
        refused = home.run("ask", "What is inflation?")
        assert refused.exit_code == 3
        assert "escalate" in refused.stdout
        wanted = home.run("ask", "--cloud", "What is inflation?")
        assert wanted.exit_code == 4
        assert "--yes" in wanted.stderr
        home.environ["TANDEM_CLOUD_CONSENT"] = "never"
        for args in (("ask", "--yes", "x"), ("ask", "--cloud", "x"), ("escalate", "--yes")):
            assert home.run(*args).exit_code == 4, args
        assert cloud.asked == []


def test_yes_lets_a_refused_question_go_on_to_the_cloud(home: Home) -> None:
    """The cascade: the device is asked first, the cloud where it does not know."""
    home.knows_nothing()
    with scripted_cloud(home, Reply(CLOUD_SAYS)) as cloud:
        result = home.run("ask", "--yes", "What is inflation?")
        assert (result.exit_code, result.stdout) == (0, CLOUD_SAYS + "\n")
        assert len(cloud.asked) == 1


def test_no_cloud_beats_a_consent_given_for_always(home: Home) -> None:
    """`--no-cloud` and the local-only setting leave no door to go through."""
    home.knows_nothing()
    with scripted_cloud(home, Reply(CLOUD_SAYS), TANDEM_CLOUD_CONSENT="always") as cloud:
        assert home.run("ask", "--no-cloud", "What is inflation?").exit_code == 3
        home.environ["TANDEM_MODE"] = "local-only"
        for args in (("--cloud",), ("--mode", "cloud-only"), ("--mode", "prefer-cloud", "--yes")):
            assert home.run("ask", *args, "What is inflation?").exit_code in (3, 4), args
        assert home.run("escalate", "--yes").exit_code == 4
        assert cloud.asked == []


def test_escalate_puts_the_better_answer_into_the_same_conversation(home: Home) -> None:
    """Both answers are kept, the receipts are linked, and the next turn builds on the better."""
    with scripted_cloud(home, Reply(CLOUD_SAYS)) as cloud:
        first = home.lines("ask", "--json", "What is inflation?")[-1]["entry"]
        lines = home.lines("escalate", "--yes", "--json")
        assert [line["type"] for line in lines][:2] == ["departure", "decided"]
        entry = lines[-1]["entry"]
        assert entry["answered_by"] == "cloud"
        assert entry["escalated_from"] == first["id"]
        assert entry["conversation_id"] == first["conversation_id"]
        kept = Conversations(home.folder / "conversations").latest()
        assert kept is not None
        assert [each.text for each in kept.exchanges[0].answers] == [DEVICE_SAYS, CLOUD_SAYS]
        assert home.run("ask", "--continue", "--cloud", "--yes", "And deflation?").exit_code == 0
        assert [each.text for each in cloud.asked[-1].messages] == [
            "What is inflation?",
            CLOUD_SAYS,
            "And deflation?",
        ]


def test_the_preview_is_what_is_sent_byte_for_byte_and_sends_nothing_itself(home: Home) -> None:
    """What the user sees is what the other side gets."""
    with beside(lambda: upstream(streams(delta("Yes."), finish(), DONE))) as cloud:
        home.has_cloud(cloud.url)
        home.run("ask", "What is 通货膨胀?")
        (shown,) = home.lines("escalate", "--preview", "--json")
        plain = home.run("escalate", "--preview").stdout
        assert cloud.requests == []
        assert home.run("escalate", "--yes").stdout == "Yes.\n"
        sent = cloud.requests[0].partition(b"\r\n\r\n")[2]
        assert shown["outgoing"]["body"].encode() == sent
        assert sent.decode() in plain
        assert shown["num_bytes"] == len(sent)


def test_there_must_be_something_to_escalate(home: Home) -> None:
    """On a fresh machine the command says what to do first."""
    result = home.run("escalate")
    assert result.exit_code == 2
    assert "tandem ask" in result.stderr


def test_a_dead_cloud_is_exit_code_5_and_keeps_the_conversation(home: Home) -> None:
    """The guilty side is named; the question is still there for another try."""
    with scripted_cloud(home, BREAKS):
        result = home.run("ask", "--cloud", "--yes", "What is inflation?")
        assert result.exit_code == 5
        assert result.stderr.startswith("The cloud is at fault: ")
        assert "Traceback" not in result.output
    kept = Conversations(home.folder / "conversations").latest()
    assert kept is not None
    (said,) = kept.exchanges[0].answers
    assert said.outcome == "failed"
    assert said.text in ("Half", "Half an")  # the last token may die with the connection
    unreachable = home.run("escalate", "--yes")
    assert unreachable.exit_code == 5


def test_ctrl_c_stops_the_answer_here_and_there(home: Home) -> None:
    """Exit code 130, the cloud stops working, the receipt says cancelled, the half is kept."""
    with scripted_cloud(home, SLOW) as cloud:
        process = home.start("ask", "--cloud", "--yes", "--json", "Count.")
        assert process.stdout is not None
        line = {"type": ""}
        while line["type"] != "text":
            line = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=25)
        assert process.returncode == 130
        assert "Traceback" not in errors
        until = time.monotonic() + 5
        while not cloud.num_cancelled and time.monotonic() < until:
            time.sleep(0.02)
        assert cloud.num_cancelled == 1
    (entry,) = home.json("ledger", "--json")
    assert entry["outcome"] == "cancelled"
    kept = Conversations(home.folder / "conversations").latest()
    assert kept is not None
    assert kept.exchanges[0].answers[0].outcome == "cancelled"


def test_a_kill_in_mid_answer_loses_no_question(home: Home) -> None:
    """The question is on disk before the engine is asked, and `escalate` can go on from it."""
    with scripted_cloud(home, SLOW):
        process = home.start("ask", "--cloud", "--yes", "--json", "Count.")
        assert process.stdout is not None
        assert process.stdout.readline()
        process.kill()
        process.communicate(timeout=10)
    kept = Conversations(home.folder / "conversations").latest()
    assert kept is not None
    assert kept.exchanges[0].question == "Count."
    with scripted_cloud(home, Reply(CLOUD_SAYS)):
        assert home.run("escalate", "--yes").stdout == CLOUD_SAYS + "\n"


def test_limits_seed_system_and_schema_reach_the_engine(home: Home, tmp_path: Path) -> None:
    """What the user typed is what is asked."""
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object"}')
    options = ("--system", "Be brief.", "--max-tokens", "3", "--seed", "7", "--schema", str(schema))
    with scripted_cloud(home, Reply("{}")) as cloud:
        assert home.run("ask", "--cloud", "--yes", *options, "x").exit_code == 0
        asked = cloud.asked[0]
    assert [(each.role, each.text) for each in asked.messages] == [
        ("system", "Be brief."),
        ("user", "x"),
    ]
    assert (asked.sampling.max_output_tokens, asked.sampling.seed) == (3, 7)
    assert asked.response_format.schema == {"type": "object"}
    schema.write_text("{")
    assert home.run("ask", "--schema", str(schema), "x").exit_code == 2
