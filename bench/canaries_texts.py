"""What bench.canaries plants, where it plants it, and how it knows it again.

All made up from lists and numbers with right checksums; no real person's data. `Canary.marks` are
the shortest pieces by which a value is known in any form.
"""

from __future__ import annotations

import base64
import json
import random
import re
import struct
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote

from bench.canaries_cloud import ENDINGS
from tandem.personal import Kind
from tandem.privacy.detection.dictionary import Entry
from tandem.types import (
    ImagePart,
    Message,
    Origin,
    Request,
    Sampling,
    TextPart,
    Tool,
    ToolCall,
    message,
)

_FIRST = (
    "Orla Tamsin Iker Bodil Zenon Maelys Dragan Ilse Tariq Noemi Anselm Keiko Radu Ffion".split()
)
_LAST = "Quillfeather Brandvold Okonjo Szymczak Ferreira Tanaka Vandermeer Hollis Abebe".split()
_FAMILY = "欧阳 司马 诸葛 上官 夏侯 皇甫 尉迟 慕容".split()
_GIVEN = "梓涵 雨桐 浩然 思远 若溪 明哲 嘉懿 晓峰".split()
_PREFIX = "sk-"  # in pieces: no key of a known shape may stand in the tree


@dataclass(frozen=True, slots=True)
class Canary:
    """A planted value. `field` names it in a task."""

    kind: Kind
    field: str
    value: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Planted:
    """One conversation: what was planted, what is asked, and what the plain answer would be."""

    canaries: tuple[Canary, ...]
    request: Request
    channel: str
    task: str
    entries: tuple[Entry, ...]


def canaries(draw: random.Random, number: int) -> list[Canary]:
    """A value of every kind, new for each conversation."""
    first, last = draw.choice(_FIRST), draw.choice(_LAST) + _letters(number)
    chinese = draw.choice(_FAMILY) + draw.choice(_GIVEN)
    mobile = f"1{draw.choice('38')}{draw.randrange(10**9):09d}"
    card = _luhn(f"4{draw.randrange(10**14):014d}")
    chinese_id = _chinese_id(draw)
    iban = _iban(draw)
    mail = f"{first.lower()}{number}@{_letters(number).lower()}post.example.org"
    key = _PREFIX + "".join(
        draw.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=32)
    )
    password = _letters(number).title() + draw.choice("!?#") + f"{draw.randrange(10**4):04d}Zq"
    address = ".".join(["203", *(str(draw.randrange(100, 250)) for _ in range(3))])
    ssn = f"{draw.randrange(100, 660)}-{draw.randrange(10, 99)}-{draw.randrange(1000, 9999)}"
    spelt = (
        mobile,
        f"{mobile[:3]}-{mobile[3:7]}-{mobile[7:]}",
        f"+86 {mobile[:3]} {mobile[3:7]} {mobile[7:]}",
    )
    return [
        Canary(Kind.PERSON, "name", f"{first} {last}", (last,)),
        Canary(Kind.PERSON, "signature", chinese, (chinese,)),
        Canary(Kind.EMAIL, "mail", mail, (mail,)),
        Canary(Kind.PHONE, "phone", draw.choice(spelt), (mobile,)),
        Canary(Kind.PAYMENT_CARD, "card", " ".join(re.findall("....", card)), (card,)),
        Canary(Kind.NATIONAL_ID, "document", chinese_id, (chinese_id,)),
        Canary(Kind.IBAN, "iban", " ".join(re.findall(".{1,4}", iban)), (iban,)),
        Canary(Kind.SECRET, "key", key, (key,)),
        Canary(Kind.PASSWORD, "password", password, (password,)),
        Canary(Kind.IP_ADDRESS, "server", address, (address.replace(".", ""),)),
        Canary(Kind.NATIONAL_ID, "ssn", ssn, (ssn.replace("-", ""),)),
    ]


def entry_of(canary: Canary) -> Entry:
    """As the user's own contacts know a person."""
    return Entry(f"person:{canary.value}", canary.kind, (canary.value,))


def _letters(number: int) -> str:
    """A number as a syllable, so that no two conversations share a name."""
    out = ""
    while True:
        out += "bcdfghjklm"[number % 10] + "aeiou"[number % 5]
        number //= 10
        if not number:
            return out


def _luhn(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


def _chinese_id(draw: random.Random) -> str:
    year, month, day = draw.randint(1950, 2004), draw.randint(1, 12), draw.randint(1, 28)
    area = draw.choice(["110101", "310104", "440106"])
    body = f"{area}{year}{month:02d}{day:02d}{draw.randrange(1000):03d}"
    weights = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(body))
    return body + "10X98765432"[weights % 11]


def _iban(draw: random.Random) -> str:
    account = f"{draw.randrange(10**18):018d}"
    check = 98 - int(account + "131400") % 97
    return f"DE{check:02d}{account}"


# --- channels -----------------------------------------------------------------------------------


def _task(draw: random.Random, planted: list[Canary]) -> str:
    name = draw.choice(("extract", "format", "translate", "echo"))
    return f"Please {name} the following.\n" + "\n".join(
        f"{each.field}: {each.value}" for each in planted
    )


def _typed(text: str) -> tuple[Message, ...]:
    return (message("user", text),)


def _call(value: str) -> Message:
    arguments = json.dumps({"to": [{"name": value, "deep": {"x": [value]}}]}, ensure_ascii=True)
    return Message("assistant", (), (ToolCall("c1", "look_up", arguments),))


def _result(text: str, origin: Origin = Origin.TOOL) -> Message:
    return Message("tool", (TextPart(text, origin),), tool_call_id="c1")


def _png(text: str) -> str:
    def chunk(name: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + crc

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    told = b"Author\0" + text.encode()
    body = chunk(b"IHDR", head) + chunk(b"tEXt", told) + chunk(b"IDAT", zlib.compress(b"\0\0"))
    return "data:image/png;base64," + _b64(b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b""))


def _jpeg(text: str) -> str:
    told = b"Exif\0\0" + text.encode()
    body = b"\xff\xe1" + struct.pack(">H", len(told) + 2) + told
    scan = b"\xff\xda\0\x02\x12\x34\xff\xd9"
    return "data:image/jpeg;base64," + _b64(b"\xff\xd8" + body + scan + text.encode())


def _pdf(text: str) -> str:
    told = b"%PDF-1.4\n1 0 obj\n<< /Author (" + text.encode() + b") /Title (x) >>\nendobj\n%%EOF"
    return "data:application/pdf;base64," + _b64(told)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(char):04x}" for char in text)


def _pictures(value: str) -> Message:
    urls = (_png(value), _jpeg(value), _pdf(value))
    return Message("user", (TextPart("see"), *(ImagePart(url) for url in urls)))


def _tools(value: str) -> tuple[Tool, ...]:
    schema = {"type": "object", "properties": {"who": {"enum": [value], "description": value}}}
    return (Tool("look_up", f"Looks up {value}", schema),)


# Each plants one more value beside the task: `v` any of them, `n` a person's name.
Told = tuple[tuple[Message, ...], dict[str, object]]


def _said(text: str) -> Told:
    return (message("user", text),), {}


def _used(*results: Message, call: str = "x") -> Told:
    return (message("user", "go"), _call(call), *results), {}


CHANNELS: dict[str, Callable[[str, str], Told]] = {
    "user": lambda v, n: ((), {}),
    "system": lambda v, n: ((message("system", f"The user's: {v}."),), {}),
    "history": lambda v, n: (
        (message("user", f"It is {v}"), message("assistant", f"Noted: {v}")),
        {},
    ),
    "tool arguments": lambda v, n: _used(_result("{}"), call=v),
    "tool result": lambda v, n: _used(_result(json.dumps({"a": [{"b": v}]}))),
    "tool text": lambda v, n: _used(_result(f"found {v} there")),
    "mail": lambda v, n: _used(_result(f"From: {v}", Origin.MAIL)),
    "tools": lambda v, n: ((), {"tools": _tools(v)}),
    "pictures": lambda v, n: ((_pictures(v),), {}),
    "base64": lambda v, n: _said(f"See {_b64(f'this is {v} here'.encode())} ok"),
    "hex": lambda v, n: _said(f"See {f'this is {v}'.encode().hex()} ok"),
    "percent": lambda v, n: _said(f"See q={quote(n)} ok"),
    "wide": lambda v, n: _said(f"See {_wide(v)} ok"),
    "zero width": lambda v, n: _said(f"See {v[:3]}\u200b{v[3:]} ok"),
    "json escapes": lambda v, n: _said(f"See {_escaped(n)} ok"),
    "file name": lambda v, n: _said(f"{n.replace(' ', '_')}_report.pdf attached"),
    "speaker": lambda v, n: ((Message("user", (TextPart("hi"),), name=n.replace(" ", "_")),), {}),
    "given name": lambda v, n: _said(f"{n.split()[0]} said so, and {n.upper()} too"),
}


def planted(number: int, seed: int = 0) -> Planted:
    """Conversation `number`: always the same for the same seed."""
    draw = random.Random(f"{seed} {number}")
    all_ = canaries(draw, number)
    chosen = draw.sample(all_, draw.randint(2, len(all_)))
    channel = list(CHANNELS)[number % len(CHANNELS)]
    name = all_[0]
    value = name if channel in ("percent", "json escapes") else draw.choice(chosen)
    used = list(dict.fromkeys([*chosen, value, name]))
    task = _task(draw, chosen)
    before, more = CHANNELS[channel](value.value, name.value)
    # Four of seven end well; the others in an error that quotes, or in nothing.
    ending = draw.choice(ENDINGS + ("stream", "whole", "stream"))
    if ending == "call":
        more = {"tools": _tools(value.value)}
    request = Request(
        messages=(*before, *_typed(task)),
        sampling=Sampling(seed=ENDINGS.index(ending)),
        may_leave_device=True,
        conversation_id=f"conversation {seed} {number}" if number % 3 else None,
        **more,  # type: ignore[arg-type]
    )
    people = [each for each in all_[:2] if each in used]
    return Planted(tuple(used), request, channel, task, tuple(map(entry_of, people)))


# --- knowing them again -------------------------------------------------------------------------

_PACKED = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")


def seen_in(data: bytes, marks: tuple[str, ...]) -> list[str]:
    """The marks that stand in the data, in clear or in any form that a reader can undo."""
    found: list[str] = []
    views = list(_views(data))
    for mark in marks:
        wanted = _plain(mark)
        if any(wanted in view for view in views):
            found.append(mark)
    return found


def _plain(text: str) -> str:
    """Half-width, lower case, without what is not seen and without what separates."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum() or char == "@")


def _views(data: bytes) -> Iterator[str]:
    text = data.decode("utf-8", "replace")
    undone = re.sub(
        r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text.replace("\\\\u", "\\u")
    )
    for each in (text, undone, unquote(text)):
        yield _plain(each)
    for run in _PACKED.findall(text):
        for unpack in (_unpacked_64, bytes.fromhex):
            try:
                yield _plain(unpack(run).decode("latin-1"))
                yield _plain(unpack(run).decode("utf-8", "replace"))
            except ValueError:
                continue


def _unpacked_64(run: str) -> bytes:
    run = run.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(run + "=" * (-len(run) % 4))
