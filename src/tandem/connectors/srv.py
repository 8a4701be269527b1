"""Asks the name server where a domain's mail or calendar is (SRV records: RFC 2782, 6186, 6764).

The standard library has no such question, and a library for it would be as large as the rest of the
connectors: one packet out, one packet in. An answer is only a proposal: the server's certificate
must still be right, and the user sees the host before a password goes to it.
"""

from __future__ import annotations

import secrets
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

SECONDS = 3.0
_SRV = 33


@dataclass(frozen=True, slots=True)
class Target:
    """A host and port that offers the service; the best has the lowest priority."""

    host: str
    port: int
    priority: int
    weight: int


def name_servers(file: Path = Path("/etc/resolv.conf")) -> tuple[tuple[str, int], ...]:
    """The machine's name servers; none where the file is not there."""
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ()
    words = [line.split() for line in lines]
    return tuple((each[1], 53) for each in words if each[:1] == ["nameserver"] and len(each) > 1)


def targets(name: str, servers: tuple[tuple[str, int], ...]) -> tuple[Target, ...]:
    """The service's hosts, the best first; empty where there is no answer.

    `name` is such as `_imaps._tcp.example.org`. A target "." says that there is no such service.
    """
    for server in servers:
        number = secrets.randbits(16)
        family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as line:
                line.settimeout(SECONDS)
                line.connect(server)
                line.send(_question(name, number))
                found = _answers(line.recv(4096), number)
        except (OSError, ValueError, struct.error, IndexError):
            continue
        good = [each for each in found if each.host and each.port]
        return tuple(sorted(good, key=lambda each: (each.priority, -each.weight)))
    return ()


def _question(name: str, number: int) -> bytes:
    labels = name.rstrip(".").encode("idna" if name.isascii() else "utf-8").split(b".")
    if any(not 0 < len(label) < 64 for label in labels):
        raise ValueError("no name")
    written = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return (
        struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + written + struct.pack(">HH", _SRV, 1)
    )


def _answers(packet: bytes, number: int) -> list[Target]:
    told, flags, num_questions, num_answers, _, _ = struct.unpack_from(">HHHHHH", packet)
    if told != number or not flags & 0x8000 or flags & 0x000F:
        return []
    at = 12
    for _ in range(num_questions):
        _, at = _name(packet, at)
        at += 4
    found: list[Target] = []
    for _ in range(num_answers):
        _, at = _name(packet, at)
        kind, _, _, length = struct.unpack_from(">HHIH", packet, at)
        at += 10
        if kind == _SRV:
            priority, weight, port = struct.unpack_from(">HHH", packet, at)
            host, _ = _name(packet, at + 6)
            found.append(Target(host, port, priority, weight))
        at += length
    return found


def _name(packet: bytes, at: int) -> tuple[str, int]:
    """A name, which may go on elsewhere in the packet; and where the next field begins."""
    labels, after = list[str](), 0
    for _ in range(128):
        length = packet[at]
        if length >= 0xC0:
            after = after or at + 2
            at = struct.unpack_from(">H", packet, at)[0] & 0x3FFF
        elif length == 0:
            return ".".join(labels), after or at + 1
        else:
            labels.append(packet[at + 1 : at + 1 + length].decode("ascii"))
            at += 1 + length
    raise ValueError("a name that never ends")
