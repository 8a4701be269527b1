"""bench.fixtures on the shared fixtures, without servers: no crash, nothing lost."""

from __future__ import annotations

import pytest

from bench.fixtures import DATA, run


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared fixtures are not beside this checkout")
def test_nothing_is_lost_and_nothing_crashes() -> None:
    """Every calendar and mail; plain files, the mirror, a change."""
    figures = run(DATA, with_servers=False)
    assert figures["faults"] == [] and figures["good"] == 1.0
    assert figures["calendars"] > 0 and figures["mails"] > 0
    assert (
        figures["files kept"] == figures["mirror kept"] == figures["calendars"] + figures["mails"]
    )
