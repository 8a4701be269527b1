"""`tandem connect` and `tandem undo` against real servers: from nothing to an undone act,
offline."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from bench.servers import PASSWORD, USER, Dovecot, Radicale, Sink, smtp_sink
from tandem.connectors.dav import DavShelf
from tandem.connectors.dav_http import DavHttp
from tandem.connectors.imap import ImapMailbox
from tandem.connectors.records import MailQuery
from tests.assistant.lives import Script, acts, call
from tests.cli.running import Home
from tests.connectors.accounts import account
from tests.connectors.test_dav import emptied as emptied_shelf
from tests.connectors.test_imap import emptied
from tests.contracts.mailbox_contract import NONE, mail
from tests.contracts.shelf_contract import CALENDAR

ADDRESS = "alice@example.org"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as running:
        yield running


@pytest.fixture
def box(dovecot_server: Dovecot) -> Iterator[ImapMailbox]:
    made = emptied(ImapMailbox(account(dovecot_server.port)))
    yield made
    made.close()


@pytest.fixture
def calendar(radicale_server: Radicale) -> DavShelf:
    line = DavHttp(account(radicale_server.port))
    return emptied_shelf(DavShelf(line, (radicale_server.calendar,), "calendar"))


@pytest.fixture
def connected(
    home: Home, dovecot_server: Dovecot, radicale_server: Radicale, sink: Sink, box: ImapMailbox
) -> Home:
    """A home with servers; the keyring of a test is empty, so the passwords are variables."""
    for name in ("MAIL", "CALENDAR"):
        home.environ[f"TANDEM_{name}_PASSWORD"] = PASSWORD
    imap, smtp = f"127.0.0.1:{dovecot_server.port}", f"127.0.0.1:{sink.port}"
    told = home.run(
        "connect", "mail", ADDRESS, "--imap", imap, "--smtp", smtp, "--user", USER,
        "--security", "plain", stdin=f"{PASSWORD}\n",
    )  # fmt: skip
    assert told.exit_code == 0 and "5 folders" in told.stdout, told.output
    url = f"http://127.0.0.1:{radicale_server.port}/"
    told = home.run(
        "connect", "calendar", ADDRESS, "--url", url, "--user", USER, stdin=f"{PASSWORD}\n"
    )
    assert told.exit_code == 0 and "Calendar" in told.stdout, told.output
    return home


def test_from_nothing_to_an_undone_act(
    connected: Home, box: ImapMailbox, calendar: DavShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connect, fetch, act: the server has it; undo: the server has it no more."""
    from tandem import bootstrap_assistant

    box.append("INBOX", mail(1), NONE, 1_773_000_000)
    assert "waiting" in connected.run("connect", "sync").stdout
    reader = Script()
    monkeypatch.setattr(bootstrap_assistant, "device_reader", lambda: reader)
    reader.readings = [acts(call("task_create", title="descale kettle"))]
    assert connected.run("do", "todo descale kettle").exit_code == 0
    assert ["descale kettle" in item.text for item in calendar.items()] == [True]
    listed = connected.run("undo", "--list").stdout
    assert len(listed.splitlines()) == 1
    assert connected.run("undo").exit_code == 0
    assert calendar.items() == ()
    assert connected.run("undo").exit_code == 2
    assert len(box.search(MailQuery())) == 1


def test_what_is_connected_is_shown(connected: Home) -> None:
    """Servers by name, plain files for the rest; no password anywhere."""
    shown = connected.run("connect").stdout
    assert f"{USER} on 127.0.0.1" in shown and "contacts  plain files" in shown
    assert PASSWORD not in (connected.folder / "tandem.toml").read_text()


def test_a_wrong_password_keeps_nothing(home: Home, dovecot_server: Dovecot) -> None:
    """Tried before it is kept."""
    imap = f"127.0.0.1:{dovecot_server.port}"
    told = home.run(
        "connect", "mail", ADDRESS, "--imap", imap, "--security", "plain", "--user", USER,
        stdin="wrong\n",
    )  # fmt: skip
    assert told.exit_code == 1 and "password" in told.stderr
    assert not (home.folder / "tandem.toml").exists()


def test_without_a_keyring_nothing_is_kept(home: Home, dovecot_server: Dovecot, sink: Sink) -> None:
    """The remedy names the variable."""
    told = home.run(
        "connect", "mail", ADDRESS, "--imap", f"127.0.0.1:{dovecot_server.port}",
        "--smtp", f"127.0.0.1:{sink.port}", "--security", "plain", "--user", USER,
        stdin=f"{PASSWORD}\n",
    )  # fmt: skip
    assert told.exit_code == 2 and "TANDEM_MAIL_PASSWORD" in told.stderr
    assert not (home.folder / "tandem.toml").exists()


def test_local_only_asks_no_server(home: Home) -> None:
    """Neither a domain nor a named host; acts on a connected one wait."""
    home.environ["TANDEM_MODE"] = "local-only"
    for more in ([], ["--imap", "imap.example.org"]):
        told = home.run("connect", "mail", ADDRESS, *more, stdin="x\n")
        assert told.exit_code == 4 and "Local-only" in told.stderr
    home.environ |= {
        "TANDEM_CALENDAR_HOST": "dav.example.org",
        "TANDEM_CALENDAR_USER": "ana",
        "TANDEM_CALENDAR_COLLECTIONS": "/ana/cal/",
    }
    told = home.run("connect", "sync")
    assert told.exit_code == 4 and "Local-only" in told.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["mail", "ana"],
        ["calendar", ADDRESS, "--url", "ftp://x/"],
        ["mail", ADDRESS, "--imap", "h:x"],
        ["mail", ADDRESS, "--imap", "h", "--security", "none"],
        ["keep", "1", "both"],
        ["keep", "1", "mine"],
    ],
)
def test_wrong_words_are_said(home: Home, words: list[str]) -> None:
    """Usage, before anything is asked."""
    told = home.run("connect", *words, stdin="x\n")
    assert told.exit_code == 2 and told.stderr


def test_a_courier_carries_what_others_do(connected: Home, calendar: DavShelf) -> None:
    """In a server or a chat: an act reaches the calendar by itself, and the thread ends with it."""
    from tandem.bootstrap_stores import courier, open_stores
    from tandem.cli.start import Start

    ready = Start(connected.environ).ready()
    with courier(ready.settings, ready.paths, ready.secrets):
        with open_stores(ready.settings, ready.paths, ready.secrets) as opened:
            shelf = opened.stores.calendar
            shelf.add(shelf.href_for("c-1"), CALENDAR.format(uid="c-1", title="Tea"))
        end = time.monotonic() + 20
        while not calendar.items() and time.monotonic() < end:
            time.sleep(0.1)
    assert len(calendar.items()) == 1
    assert not [each for each in threading.enumerate() if each.name == "courier"]
