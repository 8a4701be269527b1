"""The tutorial of the assistant is walked through as it is written, on plain files."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

from tests.cli.running import Home

PAGE = Path(__file__).parent.parent / "docs" / "tutorial" / "first-acts.md"


def lines() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_every_step_does_what_it_says(tmp_path: Path) -> None:
    """Each command ends well; the letter stays, as nobody says yes; the files are as told."""
    home = Home(tmp_path)
    told: dict[str, str] = {}
    for line in lines():
        if not line.startswith("tandem "):
            environ = {**home.whole_environ(), "TANDEM_HOME": str(tmp_path)}
            subprocess.run(["/bin/sh", "-c", line], check=True, env=environ)
            continue
        result = home.run(*shlex.split(line)[1:])
        assert result.exit_code in (0, 1), (line, result.output)
        told[line] = result.output
    assert "15:00" in told['tandem do "what\'s on tomorrow"']
    assert not list((tmp_path / "stores" / "sent").glob("*.eml"))
    assert (
        tmp_path / "stores" / "tables" / "jobs.csv"
    ).read_text() == "id,title,state\n1,Roof,open\n2,Fence,done\n"
    kinds = [path.read_text() for path in (tmp_path / "stores" / "calendar").glob("*.ics")]
    assert sum("BEGIN:VTODO" in text for text in kinds) == 1
    assert sum("BEGIN:VEVENT" in text for text in kinds) == 1
