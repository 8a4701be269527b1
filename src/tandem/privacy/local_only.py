"""The hard switch at the socket: a process in local-only mode cannot open a way out.

The composition root does not build any door in that mode; this is the second lock, for code that
would go round it. It watches the interpreter's own audit events and refuses every connection and
name look-up that is not to this machine. It cannot be taken off again within the process.
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Callable
from typing import cast

from tandem.errors import Stays

_WATCHED = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"})
_LOCAL_NAMES = frozenset({"", "localhost", "localhost.localdomain", "ip6-localhost"})


def forbid_outbound(
    install: Callable[[Callable[[str, tuple[object, ...]], None]], None] = sys.addaudithook,
) -> None:
    """Refuse every outbound connection of this process from now on, but for loopback."""
    install(refuse_outbound)


def refuse_outbound(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook. Raises `Stays` on a look-up or connection that would leave this machine."""
    if event not in _WATCHED:
        return
    is_look_up = event == "socket.getaddrinfo"
    address = arguments[0] if is_look_up else arguments[-1]
    if not _is_local(address) and not (is_look_up and _is_number(address)):
        raise Stays(
            "Local-only is switched on: a connection out of this device was refused.",
            remedy="Choose another mode if the network should be used.",
        )


def _is_local(address: object) -> bool:
    """Unix sockets (paths) and loopback are local; so is an address that is not given."""
    parts = cast("tuple[object, ...]", address) if isinstance(address, tuple) else (address,)
    host = parts[0] if parts else None
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or not isinstance(host, str):
        return host is None or isinstance(host, int)
    if host in _LOCAL_NAMES or (not isinstance(address, tuple) and host.startswith(("/", "\0"))):
        return True
    try:
        number = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return number.is_loopback or number.is_unspecified


def _is_number(host: object) -> bool:
    """To look up an address that is a number already, nobody is asked."""
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True
