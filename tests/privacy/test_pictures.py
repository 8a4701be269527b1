"""Pictures and attached files: nothing looks into them, so each waits for the user's word."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from tandem.clock import SystemClock
from tandem.privacy.attachments import CannotClean, cleaned
from tandem.privacy.audit import AuditFile
from tandem.privacy.masking import Masking
from tandem.privacy.preview import preview_told
from tandem.types import (
    Action,
    Blocked,
    Departure,
    ImagePart,
    Message,
    Origin,
    Request,
    TextDelta,
    TextPart,
)
from tests.privacy.spotting import encode, guard_in

MAKER = b"Ann Lee"


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png() -> bytes:
    """One grey pixel, with the maker in a text, in EXIF and after the end."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    told = _chunk(b"tEXt", b"Author\0" + MAKER) + _chunk(b"eXIf", b"MM" + MAKER)
    body = _chunk(b"IDAT", zlib.compress(b"\0\x80"))
    return b"\x89PNG\r\n\x1a\n" + head + told + body + _chunk(b"IEND", b"") + MAKER


def jpeg() -> bytes:
    """The frame of a JPEG, with the maker in EXIF, in a comment and after the end."""

    def segment(marker: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data

    told = segment(0xE1, b"Exif\0\0" + MAKER) + segment(0xFE, MAKER) + segment(0xED, MAKER)
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd9"
    return b"\xff\xd8" + segment(0xE0, b"JFIF\0") + told + scan + b"\xff\xd8" + MAKER


def gif() -> bytes:
    """One pixel, with the maker in a comment."""
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    comment = b"\x21\xfe" + bytes([len(MAKER)]) + MAKER + b"\0"
    image = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\0"
    return head + comment + image + b"\x3b"


def webp() -> bytes:
    """The frame of a WebP, with the maker in EXIF and XMP."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)

    parts = chunk(b"VP8X", b"\x0c" + b"\0" * 9) + chunk(b"VP8L", b"\x2f\0\0\0\0")
    body = b"WEBP" + parts + chunk(b"EXIF", MAKER) + chunk(b"XMP ", MAKER)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def pdf() -> bytes:
    """The head of a PDF, with the maker as its author."""
    return (
        b"%PDF-1.4\n1 0 obj<</Author (" + MAKER + b") /Title <416e6e>>>endobj\n"
        b"trailer<</Info 1 0 R>>\n%%EOF"
    )


FILES = {
    "image/png": png,
    "image/jpeg": jpeg,
    "image/gif": gif,
    "image/webp": webp,
    "application/pdf": pdf,
}


def data_url(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def data_of(url: str) -> bytes:
    return base64.b64decode(url.partition(",")[2])


def ask(*urls: str, origin: Origin = Origin.TYPED, **more: Any) -> Request:
    parts = (TextPart("What is this?", origin), *map(ImagePart, urls))
    said = (Message("user", parts),)
    return Request(said, may_leave_device=True, conversation_id="talk", **more)


def guard_with(folder: Path, action: Action) -> Masking:
    return guard_in(folder, rules={"picture": action})


@pytest.mark.parametrize("kind", FILES)
def test_what_a_file_says_about_its_maker_is_taken_out(kind: str) -> None:
    """EXIF, comments, XMP, authors, what hangs on after the end; what is clean stays as it is."""
    data = FILES[kind]()
    assert MAKER in data, "the test says less than it should"
    once = cleaned(data_url(kind, data))
    assert MAKER not in data_of(once)
    assert cleaned(once) == once and len(data_of(once)) > 20


def test_a_clean_png_is_still_a_picture() -> None:
    """Its chunks and their checksums are whole."""
    data = data_of(cleaned(data_url("image/png", png())))
    at, names = 8, list[bytes]()
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 4 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length) == (zlib.crc32(body),)
        names.append(name)
        at += 12 + length
    assert names == [b"IHDR", b"IDAT", b"IEND"]


@pytest.mark.parametrize(
    "url",
    [
        data_url("image/heic", b"Ann Lee"),
        data_url("image/svg+xml", b"<svg><title>Ann Lee</title></svg>"),
        data_url("application/zip", b"PK"),
        data_url("image/png", jpeg()),
        data_url("image/jpeg", jpeg()[:40]),
        data_url("application/pdf", b"%PDF-1.7 /ObjStm"),
        data_url("application/pdf", b"%PDF-1.4 1 0 obj<</Author 2 0 R>> 2 0 obj(Ann Lee)endobj"),
        data_url("application/pdf", b"%PDF-1.4 1 0 obj<</Auth#6fr (Ann Lee)>>"),
        data_url("application/pdf", b"%PDF-1.4 stream\n\xff\xd8\xff\xe1Exif\0\0Ann Lee"),
        "data:image/png;base64,@@@",
        "data:nonsense",
        "data:,Ann Lee",
    ],
)
def test_what_cannot_be_cleaned_does_not_leave(tmp_path: Path, url: str) -> None:
    """Unknown, broken, mislabelled or packed: refused even where the rules let pictures out."""
    with pytest.raises(CannotClean) as told:
        cleaned(url)
    assert "Ann" not in str(told.value)
    found = guard_with(tmp_path, Action.KEEP).departure(ask(url), encode)
    assert isinstance(found, Blocked) and found.code == "attachment"


def test_a_picture_waits_for_the_users_word(tmp_path: Path) -> None:
    """By default: refused when sent, open in the preview, and let out or left by its name."""
    guard, url = guard_in(tmp_path), data_url("image/png", png())
    found = guard.departure(ask(url), encode)
    assert isinstance(found, Blocked) and found.code == "asks" and "Picture 1" in found.reason
    shown = guard.departure(ask(url), encode, is_preview=True)
    assert isinstance(shown, Departure)
    (item,) = shown.placeholders
    assert (item.kind, item.is_open) == ("picture", True) and "image/png" in item.value
    assert b"image_url" not in shown.outgoing.body and b"Picture 1 stays" in shown.outgoing.body
    told = preview_told(shown)
    assert told["items"][0]["is_open"] and "nothing looks into it" in told["items"][0]["reason"]

    left = guard.departure(ask(url, covered=frozenset({"Picture 1"})), encode)
    assert isinstance(left, Departure) and b"base64" not in left.outgoing.body
    out = guard.departure(ask(url, uncovered=frozenset({"Picture 1"})), encode)
    assert isinstance(out, Departure) and b"image/png;base64" in out.outgoing.body
    assert base64.b64encode(MAKER)[:8] not in out.outgoing.body
    parts = json.loads(out.outgoing.body)["messages"][0]["content"]
    assert MAKER not in data_of(parts[1]["image_url"]["url"])


def test_rules_decide_by_origin_and_forbid_outranks_the_user(tmp_path: Path) -> None:
    """ "picture from mail" is another rule than "picture"; what is forbidden stays forbidden."""
    rules = {"picture": Action.KEEP, "picture from mail": Action.FORBID}
    guard = guard_in(tmp_path, rules=rules)
    url = data_url("image/gif", gif())
    assert isinstance(guard.departure(ask(url), encode), Departure)
    mailed = ask(url, origin=Origin.MAIL, uncovered=frozenset({"Picture 1"}))
    found = guard.departure(mailed, encode)
    assert isinstance(found, Blocked) and found.code == "forbidden"


def test_each_picture_has_its_own_name_and_files_are_called_files(tmp_path: Path) -> None:
    """Two pictures and a PDF; one of them is let out."""
    urls = (data_url("image/png", png()), data_url("application/pdf", pdf()), "https://a.b/c.png")
    request = ask(*urls, urls[0], uncovered=frozenset({"File 2"}))
    found = guard_with(tmp_path, Action.MASK).departure(request, encode)
    assert isinstance(found, Departure)
    assert [(each.shown, each.action) for each in found.placeholders if each.kind == "picture"] == [
        ("Picture 1", Action.MASK),
        ("File 2", Action.KEEP),
        ("Picture 3", Action.MASK),
    ]
    assert b"application/pdf" in found.outgoing.body and b"image/png" not in found.outgoing.body


def test_a_name_in_a_pictures_address_does_not_leave(tmp_path: Path) -> None:
    """The address is text: the cloud would fetch it, and its host would read it."""
    guard = guard_with(tmp_path, Action.KEEP)
    found = guard.departure(ask("https://pictures.example/?of=Ann Lee"), encode)
    assert isinstance(found, Departure) and b"Ann" not in found.outgoing.body


def test_pictures_are_counted_in_the_record(tmp_path: Path) -> None:
    """Kept and covered ones, and refusals; no byte of the picture."""
    url = data_url("image/png", png())
    audit = AuditFile(tmp_path / "audit.jsonl", SystemClock(), lambda: b"k" * 32)
    found = guard_with(tmp_path, Action.KEEP).departure(ask(url), encode)
    assert isinstance(found, Departure)
    audit.record(found)
    refused = guard_in(tmp_path / "other").departure(ask(url), encode)
    assert isinstance(refused, Blocked)
    audit.refused(refused, "tower")
    first, second = audit.lines()
    assert first["kept"] == {"picture": 1} and second["covered"] == {"picture": 1}
    assert "base64" not in (tmp_path / "audit.jsonl").read_text()


def test_an_answer_is_restored_beside_a_picture(tmp_path: Path) -> None:
    """Without a conversation's id the departure says what to put back: texts, no pictures."""
    guard = guard_in(tmp_path)
    said = Message("user", (TextPart("I am Ann Lee"), ImagePart(data_url("image/gif", gif()))))
    request = Request((said,), may_leave_device=True, covered=frozenset({"Picture 1"}))
    found = guard.departure(request, encode)
    assert isinstance(found, Departure)
    restorer = guard.restoring(request, found)
    (person,) = (each for each in found.placeholders if each.kind == "person")
    events = [*restorer.feed(TextDelta(f"Hello {person.shown}.")), *restorer.rest()]
    assert "".join(each.text for each in events if isinstance(each, TextDelta)) == "Hello Ann Lee."
