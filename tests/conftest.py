"""What holds for every test: a home of its own, no key of the user's, no way off this machine.

The real servers are started once per run of those tests that want them; who has none skips and says
why. `NEEDS_SERVERS=1`, as on the machine that checks every change, makes that a failure.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import servers
from tandem.privacy.local_only import refuse_outbound

_KEYS = ("OPENAI_API_KEY", "TANDEM_API_KEY", "TANDEM_CONFIG", "TANDEM_MODE")
_may_leave = False


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if not _may_leave:
        refuse_outbound(event, arguments)


# An audit hook cannot be taken off, so it is put on once and asks whether this test may leave.
sys.addaudithook(_audit)

# What a shell starts in the background ignores Ctrl-C, and so would the commands that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture(scope="session")
def needs_servers() -> None:
    """Skip, or fail where they must be."""
    if why := servers.missing():
        if os.environ.get("NEEDS_SERVERS"):
            pytest.fail(why)
        pytest.skip(why)


@pytest.fixture(scope="session")
def dovecot_server(needs_servers: None) -> Iterator[servers.Dovecot]:
    with servers.dovecot() as running:
        yield running


@pytest.fixture(scope="session")
def radicale_server(needs_servers: None) -> Iterator[servers.Radicale]:
    with servers.radicale() as running:
        yield running
