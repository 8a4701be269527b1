"""XOAUTH2 at real and scripted servers: the token goes where it belongs, in the form they want."""

from __future__ import annotations

import base64
import socket
import threading
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from bench.servers import free_port
from tandem.connectors.accounts import Account, Credential
from tandem.connectors.imap import ImapMailbox
from tandem.connectors.smtp import SmtpPost
from tests.contracts.post_contract import LETTER

WANTED = b"user=ana@example.org\x01auth=Bearer t-1\x01\x01"


def account(port: int) -> Account:
    fresh = Credential("t-1", is_token=True)
    return Account("127.0.0.1", port, "ana@example.org", lambda: fresh, "plain", 5.0)


def test_imap_gets_the_token() -> None:
    """AUTHENTICATE XOAUTH2 with the usual continuation."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client, client.makefile("rwb", buffering=0) as line:
                line.write(b"* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] hello\r\n")
                while words := line.readline().split():
                    tag, verb = words[0], words[1].upper()
                    if verb == b"AUTHENTICATE":
                        line.write(b"+ \r\n")
                        heard.append(base64.b64decode(line.readline()))
                    if verb == b"CAPABILITY":
                        line.write(b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n")
                    if verb == b"LIST":
                        line.write(b'* LIST () "/" INBOX\r\n')
                    line.write(tag + b" OK done\r\n")
                    if verb == b"LOGOUT":
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        box = ImapMailbox(account(listener.getsockname()[1]))
        assert [folder.name for folder in box.folders()] == ["INBOX"]
        box.close()
        thread.join(5)
    assert heard == [WANTED]


def test_smtp_gets_the_token() -> None:
    """AUTH XOAUTH2 with an initial response; then the letter."""
    heard: list[bytes] = []

    class Taking:
        """Takes one token."""

        async def auth_XOAUTH2(self, server: Any, words: list[str]) -> AuthResult:
            heard.append(base64.b64decode(words[1]))
            return AuthResult(success=True)

        async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:
            return "250 taken"

    controller = Controller(
        Taking(), hostname="127.0.0.1", port=free_port(), auth_require_tls=False
    )
    controller.start()
    try:
        SmtpPost(account(controller.port)).send(LETTER)
    finally:
        controller.stop()
    assert heard == [WANTED]
