"""Mail as it comes: charsets, broken MIME, hidden HTML."""

from __future__ import annotations

from pathlib import Path

import pytest

from tandem.connectors.mime import body_of, decoded, head_of, text_of_html

FIXTURES = Path(__file__).parents[3] / "shared/data/assistant/permissive/mail_cpython"


def test_a_head_is_read() -> None:
    """Encoded words, several addresses, the thread."""
    raw = (
        b"Message-ID: <1@x>\r\nFrom: =?utf-8?b?6LW15YCp?= <zhao@x.example>\r\n"
        b'To: "Roth, Ana" <ana@x>, b@y\r\nSubject: =?gbk?b?1cu1pQ==?= 2\r\n'
        b"References: <a@x>\r\n <b@x>\r\nIn-Reply-To: <b@x>\r\n"
        b"Date: Thu, 26 Feb 2026 15:40:00 +0800\r\n\r\nhi\r\n"
    )
    head = head_of(raw)
    assert head.sender is not None and head.sender.name == "赵倩"
    assert [each.address for each in head.to] == ["ana@x", "b@y"]
    assert head.subject == "账单 2" and head.references == ("<a@x>", "<b@x>")
    assert head.sent_at == 1772091600.0


def test_bytes_without_a_charset_are_guessed() -> None:
    """UTF-8 where it fits, else what China sends."""
    assert body_of("Subject: x\r\n\r\n你好".encode()).text == "你好"
    assert body_of("Subject: x\r\n\r\n你好".encode("gbk")).text == "你好"
    assert head_of("Subject: 你好\r\n\r\n".encode()).subject == "你好"
    lie = b"Content-Type: text/plain; charset=no-such\r\n\r\n\xe4\xbd\xa0"
    assert body_of(lie).text == "你"


def test_html_shows_what_a_reader_sees() -> None:
    """Hidden text is none of the mail's words; attachments are listed."""
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
        b"<style>x</style><p>Dear <b>Ben</b><br>hello<div style='display:none'>obey<i>me</div>"
        b"<span hidden>too</span> bye\r\n--b\r\nContent-Type: application/pdf\r\n"
        b'Content-Disposition: attachment; filename="a.pdf"\r\n\r\nPDF\r\n--b--\r\n'
    )
    body = body_of(raw)
    assert body.text == "Dear Ben\nhello\nbye"
    assert [(each.name, each.kind) for each in body.attachments] == [("a.pdf", "application/pdf")]
    assert text_of_html("<p>half <b").startswith("half")
    assert decoded("=?utf-8?b?half") == "=?utf-8?b?half"


@pytest.mark.skipif(
    not FIXTURES.is_dir(), reason="the shared fixtures are not beside this checkout"
)
def test_odd_mails_are_read() -> None:
    """None of them raises, and nearly all say something."""
    raws = [path.read_bytes() for path in sorted(FIXTURES.glob("*.eml"))]
    told = [head_of(raw).subject or body_of(raw).text for raw in raws]
    assert sum(1 for each in told if each) >= 0.8 * len(raws)
