"""Where a user's server is and how to show who one is. No I/O.

A password or token crosses the network only over TLS, or on this machine; `plain` for another
machine is refused here, before any socket is opened.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tandem.errors import BadSettings

Security = Literal["tls", "starttls", "plain"]


@dataclass(frozen=True, slots=True)
class Credential:
    """A password (also an app password), or an OAuth 2 access token."""

    secret: str
    is_token: bool = False

    def __repr__(self) -> str:
        return "Credential(...)"


@dataclass(frozen=True, slots=True)
class Account:
    """One server. `credential` is asked when a connection is made, so that a token can be fresh.

    `timeout_seconds` is how long one answer may take.
    """

    host: str
    port: int
    user: str
    credential: Callable[[], Credential]
    security: Security = "tls"
    timeout_seconds: float = 30.0

    def __post_init__(self) -> None:
        if self.security == "plain" and not is_this_machine(self.host):
            raise BadSettings(
                f"The connection to {self.host} would not be encrypted.",
                remedy="Use tls or starttls; plain is for servers on this machine.",
            )


def is_this_machine(host: str) -> bool:
    """Whether the name or number is loopback; nothing is looked up."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0]).is_loopback
    except ValueError:
        return False


def sasl_token(user: str, token: str) -> str:
    """What XOAUTH2 sends (developers.google.com/gmail/imap/xoauth2-protocol)."""
    return f"user={user}\1auth=Bearer {token}\1\1"
