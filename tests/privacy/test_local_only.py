"""The hard switch: in local-only mode a process has no way out."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from tandem.errors import Stays
from tandem.privacy.local_only import refuse_outbound


@pytest.mark.parametrize(
    "address",
    [
        ("8.8.8.8", 53),
        ("example.com", 443),
        ("::ffff:8.8.8.8", 1),
        ("2001:db8::1", 1, 0, 0),
        b"x.y",
    ],
)
def test_addresses_elsewhere_are_refused(address: object) -> None:
    """Every address that is not this machine's raises."""
    with pytest.raises(Stays):
        refuse_outbound("socket.connect", (None, address))


@pytest.mark.parametrize(
    "address", [("127.0.0.1", 1), ("::1", 1, 0, 0), ("localhost", 1), "/run/bus", "\0abstract"]
)
def test_this_machine_is_not_elsewhere(address: object) -> None:
    """Loopback and Unix sockets stay open."""
    refuse_outbound("socket.connect", (None, address))


def test_a_locked_process_cannot_look_up_or_connect() -> None:
    """Once locked, sockets and the resolver refuse, whoever asks; loopback still works."""
    program = textwrap.dedent(
        """
        import asyncio, socket
        from tandem.errors import Stays
        from tandem.privacy.local_only import forbid_outbound
        forbid_outbound()
        server = socket.create_server(("127.0.0.1", 0))
        socket.create_connection(server.getsockname()).close()
        async def over_asyncio():
            await asyncio.open_connection("192.0.2.1", 80)
        ways = [
            lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
            lambda: socket.getaddrinfo("example.invalid", 80),
            lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 9)),
            lambda: asyncio.run(over_asyncio()),
        ]
        for way in ways:
            try:
                way()
            except Stays:
                print("refused")
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["refused"] * 4, done.stderr
