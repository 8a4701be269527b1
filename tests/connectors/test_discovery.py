"""Where a domain's servers are: autoconfig, SRV records, usual names; nobody else is asked."""

from __future__ import annotations

import socket
import struct
import threading

import pytest

from tandem.connectors.discovery import dav_place, mail_places
from tandem.connectors.srv import Target, name_servers, targets
from tandem.errors import BadRequest, StoreRefused

AUTOCONFIG = b"""<clientConfig version="1.1"><emailProvider id="example.org">
<incomingServer type="pop3"><hostname>pop.example.org</hostname><port>995</port>
<socketType>SSL</socketType></incomingServer>
<incomingServer type="imap"><hostname>imap.%EMAILDOMAIN%</hostname><port>143</port>
<socketType>STARTTLS</socketType><username>%EMAILLOCALPART%</username></incomingServer>
<outgoingServer type="smtp"><hostname>smtp.example.org</hostname><port>465</port>
<socketType>SSL</socketType><username>%EMAILADDRESS%</username></outgoingServer>
</emailProvider></clientConfig>"""


def nothing(*_: object) -> None:
    return None


def nobody(*_: object) -> tuple[Target, ...]:
    return ()


def never(*_: object) -> bool:
    return False


def test_the_domains_own_file_comes_first() -> None:
    """Placeholders are filled in; POP is passed over; only the domain's hosts are asked."""
    asked: list[str] = []

    def fetch(url: str) -> bytes | None:
        asked.append(url)
        return AUTOCONFIG if "well-known" in url else None

    places = mail_places("ana@example.org", fetch=fetch, srv=nobody, knock=never)
    imap, smtp = places.imap, places.smtp
    assert (imap.host, imap.port, imap.security, imap.user) == (
        "imap.example.org", 143, "starttls", "ana",
    )  # fmt: skip
    assert (smtp.host, smtp.port, smtp.user) == ("smtp.example.org", 465, "ana@example.org")
    assert all(".example.org/" in url or "//example.org/" in url for url in asked)


def test_srv_records_come_next() -> None:
    """TLS from the start is preferred; a refused service is passed over."""

    def srv(name: str) -> tuple[Target, ...]:
        return {
            "_imaps._tcp.example.org": (Target("mail.example.org", 993, 0, 0),),
            "_submission._tcp.example.org": (Target("out.example.org", 587, 0, 0),),
            "_caldavs._tcp.example.org": (Target("dav.example.org", 8443, 0, 0),),
        }.get(name, ())

    places = mail_places("ana@example.org", fetch=nothing, srv=srv, knock=never)
    assert (places.imap.security, places.smtp.security) == ("tls", "starttls")
    assert dav_place("ana@example.org", "calendar", srv=srv, knock=never).port == 8443


def test_usual_names_come_last() -> None:
    """Only those that answer; where none does, the user is told how to name them."""
    up = {("mail.example.org", 993), ("smtp.example.org", 465), ("example.org", 443)}
    knock = lambda host, port: (host, port) in up  # noqa: E731
    places = mail_places("ana@example.org", fetch=nothing, srv=nobody, knock=knock)
    assert places.imap.host == "mail.example.org" and not places.files_sent
    assert dav_place("ana@example.org", "contacts", srv=nobody, knock=knock).host == "example.org"
    with pytest.raises(StoreRefused, match="--imap"):
        mail_places("ana@example.org", fetch=nothing, srv=nobody, knock=never)
    with pytest.raises(StoreRefused, match="--url"):
        dav_place("ana@example.org", "calendar", srv=nobody, knock=never)


@pytest.mark.parametrize("content", [b"<a", b"<!DOCTYPE a []><a/>", b"<a/>", b"\xff"])
def test_a_broken_file_is_passed_over(content: bytes) -> None:
    """The next way is tried."""
    with pytest.raises(StoreRefused):
        mail_places("a@example.org", fetch=lambda _: content, srv=nobody, knock=never)


@pytest.mark.parametrize("address", ["ana", "@example.org", "a@b/c", "a@b:1", ""])
def test_what_is_no_address_is_said(address: str) -> None:
    """Before anything is asked."""
    with pytest.raises(BadRequest):
        mail_places(address, fetch=nothing, srv=nobody, knock=never)


def named(host: str) -> bytes:
    return b"".join(bytes([len(p)]) + p.encode() for p in host.split(".")) + b"\0"


def answer(query: bytes, *, wrong_number: bool = False) -> bytes:
    number = struct.unpack(">H", query[:2])[0] ^ (1 if wrong_number else 0)
    question = query[12:]
    records = b""
    for priority, host in ((10, "second.example.org"), (0, "first.example.org"), (0, "")):
        data = struct.pack(">HHH", priority, 5, 993) + (named(host) if host else b"\0")
        records += b"\xc0\x0c" + struct.pack(">HHIH", 33, 1, 60, len(data)) + data
    return struct.pack(">HHHHHH", number, 0x8180, 1, 3, 0, 0) + question + records


@pytest.mark.parametrize("wrong", [False, True])
def test_a_name_server_is_asked(wrong: bool) -> None:
    """One packet there, one back; an answer to another question is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)

        def serve() -> None:
            query, peer = server.recvfrom(512)
            server.sendto(answer(query, wrong_number=wrong), peer)

        thread = threading.Thread(target=serve)
        thread.start()
        found = targets("_imaps._tcp.example.org", (server.getsockname(),))
        thread.join()
    hosts = [each.host for each in found]
    assert hosts == ([] if wrong else ["first.example.org", "second.example.org"])


def test_no_name_server_is_no_answer(tmp_path: object) -> None:
    """Neither an error."""
    from pathlib import Path

    assert targets("_imaps._tcp.example.org", ()) == ()
    assert name_servers(Path(str(tmp_path)) / "none") == ()
