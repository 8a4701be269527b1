"""Reads mail as it comes: broken MIME, raw bytes in headers, unknown charsets. Never raises.

The standard library's strict policy raises on several of the malformed headers that real mail has,
so the lenient one parses and the decoding is done here. What cannot be decoded is shown with
replacement characters; the mail's bytes are never rewritten.
"""

from __future__ import annotations

import email
import email.errors
import email.header
import email.message
import email.policy
import email.utils
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from html.parser import HTMLParser
from typing import cast

from tandem.connectors.records import Address, Head

# Tried in this order on bytes whose charset is missing or a lie; the last takes anything.
_GUESSES = ("utf-8", "gb18030", "latin-1")
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the mail's text."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Body:
    """What a mail says: its text (from HTML where it has no plain part) and what hangs on it."""

    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = ()


def parsed(raw: bytes) -> email.message.Message:
    """The mail as a tree, leniently."""
    return email.message_from_bytes(raw, policy=email.policy.compat32)


def head_of(raw: bytes) -> Head:
    """The header of a mail, or of the header's bytes alone."""
    message = parsed(raw)
    ids = _MESSAGE_ID.findall(_header(message, "Message-ID"))
    replied = _MESSAGE_ID.findall(_header(message, "In-Reply-To"))
    senders = _addresses(message, "From")
    return Head(
        message_id=ids[0] if ids else _header(message, "Message-ID").strip(),
        subject=decoded(_header(message, "Subject")),
        sender=senders[0] if senders else None,
        to=_addresses(message, "To"),
        cc=_addresses(message, "Cc"),
        reply_to=_addresses(message, "Reply-To"),
        sent_at=_instant(_header(message, "Date")),
        in_reply_to=replied[0] if replied else "",
        references=tuple(_MESSAGE_ID.findall(_header(message, "References"))),
    )


def body_of(raw: bytes) -> Body:
    """The text and the attachments."""
    plain, html, attachments = list[str](), list[str](), list[Attachment]()
    for part in _leaves(parsed(raw)):
        kind = part.get_content_type()
        name = _file_name(part)
        content = _content(part)
        is_attached = "attachment" in _header(part, "Content-Disposition").lower()
        if is_attached or name or kind == "text/calendar" or not kind.startswith("text/"):
            attachments.append(Attachment(name, kind, content))
        elif kind == "text/html":
            html.append(_text(part, content))
        else:
            plain.append(_text(part, content))
    whole = "\n".join(html)
    return Body("\n".join(plain) if plain else text_of_html(whole), whole, tuple(attachments))


def header_of(raw: bytes, name: str) -> str:
    """One header, decoded and unfolded; empty where there is none."""
    return decoded(_header(parsed(raw), name))


def decoded(text: str) -> str:
    """A header's text with its encoded words (RFC 2047) decoded, on one line."""
    try:
        parts = email.header.decode_header(text)
    except (email.errors.HeaderParseError, ValueError):
        parts = [(text, None)]
    words: list[str] = []
    for part, charset in parts:
        words.append(part if isinstance(part, str) else _decode(part, charset))
    return " ".join("".join(words).split())


def text_of_html(html: str) -> str:
    """The words that a reader would see; not scripts, styles and hidden elements."""
    reader = _Words()
    try:
        reader.feed(html)
        reader.close()
    except (AssertionError, ValueError):
        pass  # what was read until then counts
    lines = ("".join(reader.words)).splitlines()
    return "\n".join(line for line in (" ".join(each.split()) for each in lines) if line)


# --- parts --------------------------------------------------------------------------------------


def _leaves(message: email.message.Message) -> Iterator[email.message.Message]:
    """The parts that hold content; a mail inside a mail is one of them, whole."""
    if message.get_content_type() == "message/rfc822" or not message.is_multipart():
        yield message
        return
    for part in _inner(message):
        yield from _leaves(part)


def _inner(message: email.message.Message) -> list[email.message.Message]:
    """The direct parts; whatever else a broken mail holds there is left out."""
    payload: object = message.get_payload()
    parts = cast("list[object]", payload) if isinstance(payload, list) else []
    return [part for part in parts if isinstance(part, email.message.Message)]


def _content(part: email.message.Message) -> bytes:
    if part.is_multipart():
        return b"".join(each.as_bytes() for each in _inner(part))
    try:
        content: object = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        content = None
    if isinstance(content, bytes):
        return content
    return str(part.get_payload()).encode("utf-8", "replace")


def _text(part: email.message.Message, content: bytes) -> str:
    charset = part.get_param("charset")
    return _decode(content, charset if isinstance(charset, str) else None).replace("\r\n", "\n")


def _file_name(part: email.message.Message) -> str:
    try:
        return decoded(part.get_filename() or "")
    except (ValueError, TypeError, LookupError):
        return ""


def _decode(content: bytes, charset: str | None) -> str:
    first = () if charset in (None, "unknown-8bit") else (charset,)
    for each in (*first, *_GUESSES):
        try:
            return content.decode(each)
        except (LookupError, ValueError):
            continue
    return content.decode("latin-1")


# --- header -------------------------------------------------------------------------------------


def _header(message: email.message.Message, name: str) -> str:
    """The raw header; bytes that are no ASCII are guessed at."""
    value: object = message.get(name, "")
    if isinstance(value, email.header.Header):
        parts = email.header.decode_header(value)
        return "".join(p if isinstance(p, str) else _decode(p, charset) for p, charset in parts)
    return str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _addresses(message: email.message.Message, name: str) -> tuple[Address, ...]:
    values = [str(_header(message, name))]
    try:
        pairs = email.utils.getaddresses(values)
    except (ValueError, IndexError, TypeError):
        pairs = []
    found = tuple(Address(decoded(shown), address) for shown, address in pairs if address)
    if found or not values[0].strip():
        return found
    # The strict reader gives nothing for one malformed address: what looks like one still counts.
    return tuple(
        Address("", each) for each in re.findall(r"[^\s<>,;:\"]+@[^\s<>,;:\"]+", values[0])
    )


def _instant(text: str) -> float | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


class _Words(HTMLParser):
    """Gathers the visible text of a page."""

    _SILENT = frozenset({"script", "style", "head", "title", "template", "noscript"})
    _VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "wbr"})
    _BREAKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "hr"})
    _HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0", re.I)

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._hidden: list[str] = []  # open elements from the outermost hidden one on

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._BREAKS:
            self.words.append("\n")
        if tag in ("td", "th"):  # cells beside each other are words apart
            self.words.append(" ")
        if tag in self._VOID:
            return
        given = dict(attrs)
        is_hidden = "hidden" in given or bool(self._HIDDEN.search(given.get("style") or ""))
        if self._hidden or tag in self._SILENT or is_hidden:
            self._hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._BREAKS:
            self.words.append("\n")
        if tag in self._hidden:
            while self._hidden.pop() != tag:
                continue

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)
