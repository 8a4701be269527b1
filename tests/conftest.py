"""What holds for every test: a home of its own, no key of the user's, no way off this machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tandem.privacy.local_only import refuse_outbound

_KEYS = ("OPENAI_API_KEY", "TANDEM_API_KEY", "TANDEM_CONFIG", "TANDEM_MODE")
_may_leave = False


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if not _may_leave:
        refuse_outbound(event, arguments)


# An audit hook cannot be taken off, so it is put on once and asks whether this test may leave.
sys.addaudithook(_audit)


@pytest.fixture(autouse=True)
def at_home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Settings, models, ledger and keys of the user who runs the tests are out of reach."""
    global _may_leave
    home = tmp_path_factory.mktemp("home")
    _may_leave = any(request.node.get_closest_marker(mark) for mark in ("network", "paid"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TANDEM_HOME", str(home))
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        for name in _KEYS:
            patch.delenv(name, raising=False)
        yield home
    _may_leave = False
