"""Servers that hang, throttle, talk nonsense or fill up: a clear error in time, nothing done
twice."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tandem.connectors.dav import DavShelf
from tandem.connectors.dav_http import DavHttp
from tandem.connectors.imap import ImapMailbox
from tandem.connectors.smtp import SmtpPost
from tandem.errors import StoreBroken, StoreBusy, StoreFault, StoreRefused, StoreUnreachable
from tests.certificates import write_certificate
from tests.connectors.accounts import account
from tests.contracts.post_contract import LETTER


@contextmanager
def saying(*lines: bytes, hangs: bool = False) -> Iterator[int]:
    """A server that says these lines, one per line that it hears, then hangs up or hangs."""
    listener = socket.create_server(("127.0.0.1", 0))
    clients: list[socket.socket] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                clients.append(client)
                threading.Thread(target=speak, args=(client,), daemon=True).start()

    def speak(client: socket.socket) -> None:
        with suppress(OSError), client.makefile("rb") as heard:
            for number, line in enumerate(lines):
                if number:
                    tag = heard.readline().split(b" ")[0]
                    line = line.replace(b"TAG", tag)
                client.sendall(line)
            if not hangs:
                client.shutdown(socket.SHUT_RDWR)
                client.close()

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for client in clients:
        client.close()


def folders(port: int) -> None:
    box = ImapMailbox(account(port, seconds=0.5))
    try:
        box.folders()
    finally:
        box.close()


def send(port: int) -> None:
    SmtpPost(account(port, seconds=0.5)).send(LETTER)


def items(port: int) -> None:
    DavShelf(DavHttp(account(port, seconds=0.5)), ("/c/",), "calendar").items()


@pytest.mark.parametrize("ask", [folders, send, items])
def test_a_silent_server_is_given_up_in_time(ask: object) -> None:
    """Half a second is half a second."""
    assert callable(ask)
    with saying(b"", hangs=True) as port:
        began = time.monotonic()
        with pytest.raises(StoreUnreachable):
            ask(port)
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("ask", [folders, send, items])
def test_nonsense_is_an_error_of_the_server(ask: object) -> None:
    """Whatever comes, it is a `StoreFault`."""
    assert callable(ask)
    for words in (b"\0\xff\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"* BYE\r\n", b"x" * 2000 + b"\r\n"):
        with saying(words) as port, pytest.raises(StoreFault):
            ask(port)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"TAG NO [AUTHENTICATIONFAILED] no\r\n", StoreRefused),
        (b"TAG NO [UNAVAILABLE] later\r\n", StoreBusy),
        (b"TAG NO [LIMIT] too many\r\n", StoreBusy),
        (b"TAG BAD what\r\n", StoreBroken),
    ],
)
def test_what_an_imap_server_says_is_told_apart(answer: bytes, kind: type[StoreFault]) -> None:
    """Response codes of RFC 5530."""
    hello = b"* OK [CAPABILITY IMAP4rev1] hello\r\n"
    capable = b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n"
    with saying(hello, capable, answer) as port, pytest.raises(kind):
        folders(port)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"421 too many connections\r\n", StoreBusy),
        (b"452 no room\r\n", StoreRefused),
        (b"552 no room\r\n", StoreRefused),
        (b"554 no\r\n", StoreRefused),
    ],
)
def test_what_an_smtp_server_says_is_told_apart(answer: bytes, kind: type[StoreFault]) -> None:
    """Busy, full, refused; before the last dot, so nothing is out."""
    reached: list[str] = []
    hello, greeted = b"220 hello\r\n", b"250 hello\r\n"
    with saying(hello, greeted, answer, b"250 x\r\n") as port, pytest.raises(kind):
        SmtpPost(account(port, seconds=2)).send(LETTER, about_to=lambda: reached.append("dot"))
    assert reached == []


@pytest.mark.parametrize("ask", ["imap", "smtp", "dav"])
def test_a_certificate_that_nobody_vouches_for_is_refused(ask: str, tmp_path: Path) -> None:
    """No password goes there, and the words say why."""
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    write_certificate(chain, key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                client, _ = listener.accept()
                client.settimeout(5)
                with client, suppress(OSError):
                    context.wrap_socket(client, server_side=True).close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        about = replace(account(listener.getsockname()[1]), security="tls")
        with pytest.raises(StoreUnreachable, match="certificate"):
            if ask == "imap":
                ImapMailbox(about).folders()
            elif ask == "smtp":
                SmtpPost(about).send(LETTER)
            else:
                DavShelf(DavHttp(about), ("/c/",), "calendar").items()
        thread.join(5)
