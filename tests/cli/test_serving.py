"""`tandem serve` and `tandem cloud` as processes: ready line, token, work, end."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.cli.running import DEVICE_SAYS, Home
from tests.engines.tiny_gguf import write_tiny_gguf


def ready(process: subprocess.Popen[str]) -> tuple[dict[str, Any], openai.OpenAI]:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    told = json.loads(line)
    token = Path(told["token_file"]).read_text().strip()
    return told, openai.OpenAI(base_url=told["url"], api_key=token, max_retries=0)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    process.send_signal(signal.SIGTERM)
    try:
        out, errors = process.communicate(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, out + errors


def test_serve_is_ready_when_it_says_so_and_ends_when_asked(home: Home) -> None:
    """A client works with the token from the file; SIGTERM ends it without a word."""
    process = home.start("serve", "--port", "0", "--json")
    told, client = ready(process)
    assert told["type"] == "ready"
    with client:
        names = [each.id for each in client.models.list()]
        assert names == ["tandem", "tandem-device", "scripted"]
        answer = client.chat.completions.create(
            model="tandem", messages=[{"role": "user", "content": "What is inflation?"}]
        )
    assert answer.choices[0].message.content == DEVICE_SAYS
    assert ended(process) == (0, "")
    (entry,) = home.json("ledger", "--json")
    assert entry["outcome"] == "answered"


def test_the_cloud_tier_answers_in_a_process_of_its_own(home: Home) -> None:
    """Any GGUF can stand in; the device reaches it with the token that it wrote."""
    model = write_tiny_gguf(home.folder / "large.gguf")
    process = home.start("cloud", "--port", "0", "--json", "--model", str(model))
    told, client = ready(process)
    with client:
        assert [each.id for each in client.models.list()] == ["large"]
    home.environ |= {
        "TANDEM_CLOUD_URL": told["url"],
        "TANDEM_CLOUD_MODEL": "large",
        "TANDEM_CLOUD_TIER_PORT": str(told["port"]),
    }
    # Random weights know nothing, and the tier says so: the refusal has come over the connection.
    lines = home.lines("ask", "--cloud", "--yes", "--max-tokens", "5", "--json", "Hello")
    assert lines[-1]["entry"]["answered_by"] == "cloud"
    assert lines[-1]["entry"]["outcome"] == "refused"
    assert ended(process) == (0, "")


@pytest.mark.parametrize("command", ["serve", "cloud"])
def test_a_missing_model_is_said_at_the_start(home: Home, command: str) -> None:
    """Not at the first request."""
    home.environ |= {"TANDEM_DEVICE_KIND": "llama", "TANDEM_DEVICE_MODEL": "nope"}
    home.environ |= {"TANDEM_CLOUD_TIER_MODEL": "nope"}
    result = home.run(command, "--port", "0")
    assert result.exit_code == 1
    assert result.stderr.startswith("The model is at fault")


def test_a_port_in_use_is_this_machines_fault(home: Home) -> None:
    """With the port's number and a way out."""
    process = home.start("serve", "--port", "0", "--json")
    told, client = ready(process)
    client.close()
    second = home.run("serve", "--port", str(told["port"]))
    assert second.exit_code == 1
    assert str(told["port"]) in second.stderr
    ended(process)


def test_another_machine_s_address_needs_a_certificate(home: Home) -> None:
    """A token must not cross a network in the clear."""
    result = home.run("serve", "--host", "0.0.0.0", "--port", "0")
    assert result.exit_code == 2
    assert "certificate" in result.stderr
