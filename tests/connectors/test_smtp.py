"""SMTP submission against a real server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench.servers import Proxy, Sink, smtp_sink
from tandem.connectors.smtp import SmtpPost
from tandem.errors import StoreBusy, StoreRefused, StoreUnreachable
from tests.connectors.accounts import account
from tests.contracts.post_contract import LETTER, PostContract


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as running:
        yield running


class TestSmtp(PostContract):
    @pytest.fixture
    def post(self, sink: Sink) -> SmtpPost:
        self.sink = sink
        return SmtpPost(account(sink.port))

    def arrived(self) -> list[tuple[str, tuple[str, ...], bytes]]:
        return self.sink.letters


def test_a_refused_recipient_means_nobody(sink: Sink) -> None:
    """5xx is a refusal, 4xx asks to come later; in both cases nothing was taken."""
    post = SmtpPost(account(sink.port))
    sink.refuses = "550 no such user"
    with pytest.raises(StoreRefused, match="nobody"):
        post.send(LETTER)
    sink.refuses = "450 later"
    with pytest.raises(StoreBusy):
        post.send(LETTER)
    assert sink.letters == []


def test_nobody_there_is_said() -> None:
    """A closed port, and a line that is cut in the midst of the letter."""
    with pytest.raises(StoreUnreachable):
        SmtpPost(account(1)).send(LETTER)


def test_a_cut_letter_is_not_taken(sink: Sink) -> None:
    """The server has no half letter."""
    proxy = Proxy(sink.port)
    proxy.cut_after_to_server = 300
    with pytest.raises(StoreUnreachable):
        SmtpPost(account(proxy.port)).send(replace(LETTER, raw=LETTER.raw + b"x\r\n" * 500))
    assert sink.letters == []
    proxy.close()


def test_addresses_beyond_ascii(sink: Sink) -> None:
    """SMTPUTF8, where the server has it."""
    SmtpPost(account(sink.port)).send(replace(LETTER, recipients=("赵倩@example.net",)))
    assert sink.letters[0][1] == ("赵倩@example.net",)


def test_what_the_sent_folder_tells() -> None:
    """There: taken. Not there: not taken only where the server files copies itself."""
    for is_there, files_sent, told in (
        (True, False, True),
        (False, False, None),
        (False, True, False),
    ):
        post = SmtpPost(account(1), is_in_sent=lambda _, x=is_there: x, files_sent=files_sent)
        assert post.has_taken(LETTER) is told
