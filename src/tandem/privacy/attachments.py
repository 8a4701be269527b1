"""Takes out of attached files what they say about their maker: EXIF, comments, a PDF's author.

Pure, on `data:` addresses. What cannot be read for certain is refused rather than let out: a
format that is not known here, a broken file, a PDF that hides its properties in a packed stream.
What a picture shows is not looked at.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote_to_bytes

_DATA = re.compile(r"data:(?P<type>[\w.+/-]*)(?P<more>(?:;[^,;]*)*),(?P<data>.*)", re.DOTALL | re.I)


class CannotClean(Exception):
    """The words say why; they never quote the file."""


def cleaned(url: str) -> str:
    """A `data:` address without what the file in it says about its maker. Raises `CannotClean`."""
    found = _DATA.match(url)
    if found is None:
        raise CannotClean("An attached file has an address that cannot be read.")
    kind = found["type"].lower() or "text/plain"
    clean = _CLEANERS.get(kind)
    if clean is None:
        raise CannotClean(f"What a file of the type {kind[:40]} says about its maker is not known.")
    try:
        if ";base64" in found["more"].lower():
            data = base64.b64decode(found["data"], validate=True)
        else:
            data = unquote_to_bytes(found["data"])
        data = clean(data)
    except (binascii.Error, ValueError, struct.error, IndexError):
        raise CannotClean(f"An attached file is broken, or is not of its type, {kind}.") from None
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


# --- JPEG ---------------------------------------------------------------------------------------

_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
# JFIF, colour profile and Adobe's colour transform say how to show it; the others tell of people.
_JPEG_KEPT = frozenset({0xE0, 0xE2, 0xEE})


def _jpeg(data: bytes) -> bytes:
    if data[:2] != b"\xff\xd8":
        raise ValueError
    out = [data[:2]]
    at = 2
    while True:
        if data[at] != 0xFF:
            raise ValueError
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _JPEG_BARE:
            out.append(data[at : at + 2])
            at += 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        segment = data[at : at + 2 + length]
        is_told = 0xE0 <= marker <= 0xEF and marker not in _JPEG_KEPT
        is_profile = marker == 0xE2 and not segment[4:].startswith(b"ICC_PROFILE")
        if not (is_told or is_profile or marker == 0xFE):
            out.append(segment)
        at += 2 + length
        if marker == 0xDA:
            # The picture itself up to its end: phones put whole second pictures after it. Inside
            # of it a 0xFF is followed by 0, so this mark is the end.
            end = data.index(b"\xff\xd9", at) + 2
            return b"".join((*out, data[at:end]))


# --- PNG, WebP, GIF -----------------------------------------------------------------------------

# What a viewer needs; everything else, also what some program adds for itself, may tell of people.
_PNG_SHOWS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs hIST acTL fcTL fdAT".split()
)
_WEBP_SHOWS = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})


def _png(data: bytes) -> bytes:
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError
    out, at = [data[:8]], 8
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if at + 12 + length > len(data):
            raise ValueError
        if name in _PNG_SHOWS:
            out.append(data[at : at + 12 + length])
        at += 12 + length
        if name == b"IEND":
            return b"".join(out)
    raise ValueError


def _webp(data: bytes) -> bytes:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise ValueError
    out, at = list[bytes](), 12
    while at + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        end = at + 8 + length + length % 2
        chunk = bytearray(data[at:end])
        if name == b"VP8X":
            chunk[8] &= ~0x0C & 0xFF  # it no longer has EXIF and XMP
        if name in _WEBP_SHOWS:
            out.append(bytes(chunk))
        at = end
    body = b"WEBP" + b"".join(out)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _gif(data: bytes) -> bytes:
    if data[:6] not in (b"GIF87a", b"GIF89a"):
        raise ValueError
    at = 13 + _colours(data[10])
    out = [data[:at]]
    while data[at] != 0x3B:
        start = at
        if data[at] == 0x2C:
            at = _blocks_end(data, at + 11 + _colours(data[at + 9]))
            out.append(data[start:at])
        elif data[at] == 0x21:
            label, at = data[at + 1], _blocks_end(data, at + 2)
            is_told = label in (0xFE, 0x01) or (
                label == 0xFF and data[start + 3 : start + 11] != b"NETSCAPE"
            )
            if not is_told:
                out.append(data[start:at])
        else:
            raise ValueError
    return b"".join((*out, b";"))


def _colours(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks_end(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1


# --- PDF ----------------------------------------------------------------------------------------

_PDF_TOLD = rb"Author|Creator|Producer|Title|Subject|Keywords|CreationDate|ModDate|Company|Manager"
_PDF_STRING = re.compile(rb"/(?:" + _PDF_TOLD + rb")\s*(?=[(<])")
# A reference to a string elsewhere and a photograph with its own EXIF hide what is looked for here;
# so does a name written with "#".
_PDF_HIDES = re.compile(
    rb"/ObjStm|/Encrypt|/(?:" + _PDF_TOLD + rb")\s+\d|Exif\0\0|http://ns\.adobe\.com/xap/1\.0/\0"
)
_PDF_ESCAPED = re.compile(rb"/[A-Za-z#0-9]{0,40}#[0-9A-Fa-f]{2}[A-Za-z#0-9]{0,40}")
_PDF_XMP = re.compile(rb"<x:xmpmeta.*?</x:xmpmeta>|<rdf:RDF.*?</rdf:RDF>", re.DOTALL)


_PDF_REFUSED = "A PDF keeps its author and title where they cannot be taken out."


def _pdf(data: bytes) -> bytes:
    """Blanks the strings where they stand: the file's inner offsets stay true."""
    if b"%PDF-" not in data[:1024]:
        raise ValueError
    told = re.compile(rb"/(?:" + _PDF_TOLD + rb"|Metadata|ObjStm|Encrypt)")
    if _PDF_HIDES.search(data) or any(
        map(told.fullmatch, map(_unescaped, _PDF_ESCAPED.findall(data)))
    ):
        raise CannotClean(_PDF_REFUSED)
    out = bytearray(data)
    for found in _PDF_STRING.finditer(data):
        for at in _pdf_string(data, found.end()):
            out[at] = 0x20
    for found in _PDF_XMP.finditer(data):
        out[found.start() : found.end()] = b" " * (found.end() - found.start())
    if re.search(rb"/Metadata\b", data) and not _PDF_XMP.search(data):
        raise CannotClean(_PDF_REFUSED)
    return bytes(out)


def _unescaped(name: bytes) -> bytes:
    """A PDF's name with its "#xx" as the bytes that they stand for."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda match: bytes.fromhex(match[1].decode()), name)


def _pdf_string(data: bytes, at: int) -> Iterator[int]:
    """The places of a string's inside: "(...)", nested and escaped, or "<hex>"."""
    if data[at : at + 1] == b"<":
        if data[at : at + 2] == b"<<":
            return
        end = data.index(b">", at)
        # An odd blank is no hex digit but is passed over by every reader.
        yield from range(at + 1, end)
        return
    depth, here = 1, at + 1
    while depth:
        char = data[here]
        depth += (char == 0x28) - (char == 0x29)
        if char == 0x5C:
            yield here
            here += 1
        if depth:
            yield here
        here += 1


_CLEANERS: Mapping[str, Callable[[bytes], bytes]] = {
    "image/jpeg": _jpeg,
    "image/jpg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/gif": _gif,
    "application/pdf": _pdf,
}
