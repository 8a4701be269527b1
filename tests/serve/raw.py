"""A client that sends what it is told, byte for byte, right or wrong."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from tests.serving import TOKEN


@dataclass(frozen=True, slots=True)
class Got:
    """A whole answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        """The error, checked for its four keys."""
        inner = self.json["error"]
        assert set(inner) == {"message", "type", "param", "code"}
        assert inner["message"] and "Traceback" not in inner["message"]
        return inner


async def send(port: int, raw: bytes, *, seconds: float = 5.0) -> Got:
    """Send raw bytes and read one answer (or fail after `seconds`)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(raw)
        return await asyncio.wait_for(receive(reader), seconds)
    finally:
        writer.close()


async def receive(reader: asyncio.StreamReader) -> Got:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    if "content-length" in headers:
        body = await reader.readexactly(int(headers["content-length"]))
    else:
        body = await _chunks(reader)
    return Got(int(first.split()[1]), headers, body)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while length := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(length + 2))[:-2]
    return body


def post(
    port: int,
    body: bytes | dict[str, Any],
    *lines: str,
    path: str = "/v1/chat/completions",
    method: str = "POST",
    host: str | None = None,
    token: str | None = TOKEN,
) -> bytes:
    """A request as bytes. `lines` are further headers."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"{method} {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{port}'}"]
    if token:
        head.append(f"Authorization: Bearer {token}")
    if not any(line.lower().startswith(("content-length", "transfer-enc")) for line in lines):
        head.append(f"Content-Length: {len(data)}")
    return "\r\n".join([*head, *lines, "", ""]).encode() + data
