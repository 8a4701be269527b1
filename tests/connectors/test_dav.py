"""A real calendar and contacts server: Radicale."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from bench.servers import Proxy, Radicale
from tandem.connectors.dav import DavShelf, collections_of
from tandem.connectors.dav_http import DavHttp
from tandem.errors import (
    BadSettings,
    Conflict,
    StoreBroken,
    StoreBusy,
    StoreFault,
    StoreRefused,
    StoreUnreachable,
)
from tests.connectors.accounts import account
from tests.contracts.shelf_contract import CALENDAR, CARD, ShelfContract


def emptied(shelf: DavShelf) -> DavShelf:
    for item in shelf.items():
        shelf.remove(item)
    return shelf


class TestCalDav(ShelfContract):
    def same(self, one: str, other: str) -> bool:
        return calendar_lines(one) == calendar_lines(other)

    @pytest.fixture
    def shelf(self, radicale_server: Radicale) -> DavShelf:
        line = DavHttp(account(radicale_server.port))
        return emptied(DavShelf(line, (radicale_server.calendar,), "calendar"))


class TestCardDav(ShelfContract):
    def text(self, uid: str, title: str) -> str:
        return CARD.format(uid=uid, title=title)

    @pytest.fixture
    def shelf(self, radicale_server: Radicale) -> DavShelf:
        line = DavHttp(account(radicale_server.port))
        return emptied(DavShelf(line, (radicale_server.contacts,), "contacts"))


def calendar_lines(text: str) -> list[str]:
    return sorted(line for line in text.split("\r\n") if line)


def test_collections_are_found(radicale_server: Radicale) -> None:
    """From the root: the principal, its home, its calendars and address books."""
    line = DavHttp(account(radicale_server.port))
    (calendar,) = collections_of(line, "calendar")
    (contacts,) = collections_of(line, "contacts")
    assert (calendar.path, calendar.name) == (radicale_server.calendar, "Calendar")
    assert contacts.path == radicale_server.contacts


def test_a_wrong_password_is_said(radicale_server: Radicale) -> None:
    """Refused, with a remedy."""
    line = DavHttp(account(radicale_server.port, password="wrong-one"))
    with pytest.raises(StoreRefused, match="password"):
        DavShelf(line, (radicale_server.calendar,), "calendar").items()
    with pytest.raises(StoreRefused, match="password"):
        collections_of(line, "calendar")


def test_a_second_event_of_one_uid_is_refused_or_kept(radicale_server: Radicale) -> None:
    """Nothing is overwritten by a duplicate UID under another name."""
    line = DavHttp(account(radicale_server.port))
    shelf = emptied(DavShelf(line, (radicale_server.calendar,), "calendar"))
    first = shelf.add(shelf.href_for("one"), CALENDAR.format(uid="same", title="Tea"))
    try:
        shelf.add(shelf.href_for("two"), CALENDAR.format(uid="same", title="Coffee"))
    except (Conflict, StoreRefused):
        assert len(shelf.items()) == 1
    found = shelf.get(first.href)
    assert found is not None and "Tea" in found.text


def test_a_cut_line(radicale_server: Radicale) -> None:
    """A read is tried again on a new connection; a write that is cut is an error, and not twice."""
    proxy = Proxy(radicale_server.port)
    shelf = emptied(DavShelf(DavHttp(account(proxy.port)), (radicale_server.calendar,), "calendar"))
    proxy.cut()
    assert shelf.items() == ()
    proxy.cut_after_to_client = 5
    href = shelf.href_for("one")
    with pytest.raises(StoreUnreachable):
        shelf.add(href, CALENDAR.format(uid="one", title="Tea"))
    assert len(shelf.items()) == 1
    with pytest.raises(Conflict):
        shelf.add(href, CALENDAR.format(uid="one", title="Tea"))
    proxy.close()
    with pytest.raises(StoreUnreachable):
        shelf.items()


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers everything the same way."""

    status = 500
    fields: tuple[tuple[str, str], ...] = ()
    content = b""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(self.status)
        for name, value in self.fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)

    do_GET = do_PUT = do_REPORT = do_PROPFIND = answer

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def answering() -> Iterator[tuple[type[Answering], DavShelf]]:
    kind = type("Kind", (Answering,), {})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield kind, DavShelf(DavHttp(account(server.server_port)), ("/c/",), "calendar")
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "fields", "content", "kind", "words"),
    [
        (507, (), b"", StoreRefused, "room"),
        (503, (("Retry-After", "7"),), b"", StoreBusy, "later"),
        (429, (), b"", StoreBusy, "later"),
        (500, (), b"", StoreBroken, "failed"),
        (403, (), b"", StoreRefused, "refuses"),
        (412, (), b"", Conflict, "changed"),
        (207, (), b"<a><b></a>", StoreBroken, "XML"),
        (207, (), b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', StoreBroken, "entities"),
        (302, (("Location", "http://example.com/"),), b"", StoreRefused, "another server"),
        (302, (("Location", "/c/"),), b"", StoreRefused, "302"),
    ],
)
def test_a_server_that_fails_is_told_apart(
    answering: tuple[type[Answering], DavShelf],
    status: int,
    fields: tuple[tuple[str, str], ...],
    content: bytes,
    kind: type[StoreFault],
    words: str,
) -> None:
    """Full, busy, broken, forbidden, nonsense, a redirect elsewhere: each in words of its own."""
    server, shelf = answering
    server.status, server.fields, server.content = status, fields, content
    with pytest.raises(kind, match=words) as caught:
        shelf.items()
    if isinstance(caught.value, StoreBusy) and fields:
        assert caught.value.retry_after_seconds == 7


def test_no_password_in_the_clear() -> None:
    """Plain is for this machine alone."""
    from tandem.connectors.accounts import Account, Credential

    with pytest.raises(BadSettings, match="encrypted"):
        Account("mail.example.org", 143, "a", lambda: Credential("x"), "plain")
    assert "x1y2" not in repr(Credential("x1y2"))
