"""The cloud of bench.canaries: a process of its own that records every byte and copies what it is
told, as a cloud that means well would, or answers with errors.

    python -m bench.canaries_cloud FOLDER

prints its port. Requests are appended to FOLDER/recorded (length, then the raw request).
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
# How a conversation ends, by the seed that is asked for: no word of the text stands for it.
ENDINGS = ("stream", "whole", "call", "fail500", "fail429", "fail400", "hangup")
FIELD = re.compile(r"^([a-z]+): (.+)$", re.M)


def task_of(text: str) -> str:
    """The scripted work: it only copies, so the same function of the plain text is the answer.

    `extract` gives the fields as JSON, `format` as Markdown, `translate` puts the words of another
    language around them, `echo` gives all back.
    """
    wish, _, rest = text.partition("\n")
    name = wish.removeprefix("Please ").partition(" ")[0]
    fields = FIELD.findall(rest)
    if name == "extract":
        return json.dumps(dict(fields), ensure_ascii=False)
    if name == "format":
        return "\n".join(f"* **{key}**: {value}" for key, value in fields)
    if name == "translate":
        return "; ".join(f"das Feld {key} lautet {value}" for key, value in fields) + "。完"
    return rest


def main() -> None:
    """Serve until the input ends."""
    asyncio.run(_serve(Path(sys.argv[1])))


async def _serve(folder: Path) -> None:
    with (folder / "recorded").open("ab", buffering=0) as file:

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while await _one(reader, writer, file):
                    pass
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.read)


async def _one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, file: BinaryIO) -> bool:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    body = await reader.readexactly(int(length[1])) if length else b""
    # On disk before the answer, so that whoever has the answer finds the record.
    file.write(struct.pack(">II", len(head), len(body)) + head + body)
    told = json.loads(body)
    if b"/embeddings" in head.split(b"\r\n", 1)[0]:
        data = [{"index": n, "embedding": [0.0, 1.0]} for n in range(len(told["input"]))]
        await _whole(writer, 200, {"data": data, "usage": {"prompt_tokens": 1}})
        return True
    kind = ENDINGS[told.get("seed", 0)]
    if kind.startswith("fail"):
        # A rude cloud quotes the question in its error.
        message = {"error": {"message": body.decode()[-500:], "code": "server_error"}}
        await _whole(writer, int(kind[4:]), message)
        return True
    if kind == "hangup":
        return False
    text = task_of(_last_text(told))
    calls = _calls(told, text) if kind == "call" else []
    if kind == "whole":
        message = {"role": "assistant", "content": text}
        await _whole(writer, 200, {"choices": [{"message": message, "finish_reason": "stop"}]})
        return True
    await _stream(writer, text if not calls else "", calls)
    return True


def _last_text(told: dict[str, Any]) -> str:
    for message in reversed(told["messages"]):
        if message["role"] == "user":
            content = message["content"]
            if isinstance(content, str):
                return content
            return "".join(part.get("text", "") for part in content)
    return ""


def _calls(told: dict[str, Any], text: str) -> list[dict[str, Any]]:
    return [
        {"id": f"c{number}", "name": tool["function"]["name"], "arguments": json.dumps({"t": text})}
        for number, tool in enumerate(told.get("tools", ()))
    ]


async def _whole(writer: asyncio.StreamWriter, status: int, told: object) -> None:
    body = json.dumps(told, ensure_ascii=False).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    writer.write(head.encode() + b"\r\n\r\n" + body)
    await writer.drain()


async def _stream(writer: asyncio.StreamWriter, text: str, calls: list[dict[str, Any]]) -> None:
    draw = random.Random(text)
    writer.write(OK)
    at = 0
    while at < len(text):
        size = draw.randint(1, 12)
        _event(writer, {"content": text[at : at + size]})
        at += size
    for number, call in enumerate(calls):
        arguments = call["arguments"]
        function = {"name": call["name"], "arguments": ""}
        _event(writer, {"tool_calls": [{"index": number, "id": call["id"], "function": function}]})
        for at in range(0, len(arguments), 7):
            piece = {"index": number, "function": {"arguments": arguments[at : at + 7]}}
            _event(writer, {"tool_calls": [piece]})
    _event(writer, {}, "tool_calls" if calls else "stop")
    data = b"data: [DONE]\n\n"
    writer.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data))
    await writer.drain()


def _event(writer: asyncio.StreamWriter, delta: object, reason: str | None = None) -> None:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    told = {"id": "x", "object": "chat.completion.chunk", "choices": [choice]}
    data = b"data: " + json.dumps(told, ensure_ascii=False).encode() + b"\n\n"
    writer.write(b"%x\r\n%s\r\n" % (len(data), data))


if __name__ == "__main__":
    main()
