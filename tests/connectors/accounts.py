"""Accounts on the test servers."""

from __future__ import annotations

from bench.servers import PASSWORD, USER
from tandem.connectors.accounts import Account, Credential


def account(
    port: int, *, user: str = USER, password: str = PASSWORD, seconds: float = 10
) -> Account:
    """The test user on a server of this machine."""
    return Account("127.0.0.1", port, user, lambda: Credential(password), "plain", seconds)
