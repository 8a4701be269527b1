"""Tool calls in a model's text: pure.

Models of today write a call as `<tool_call>{"name": ..., "arguments": ...}</tool_call>` (Hermes,
Qwen) or as the bare object. What may be a call is held back until it is complete; what turns out
to be none is shown as text after all.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from tandem.types import Event, Finish, Request, TextDelta, TokenLogprob, Tool, ToolCall

_OPEN, _CLOSE = "<tool_call>", "</tool_call>"


def is_forced(request: Request) -> bool:
    """Whether the answer must be a tool call."""
    return bool(request.tools) and request.tool_choice.kind in ("required", "named")


def offered(request: Request) -> tuple[Tool, ...]:
    """The tools that the model is told of."""
    if request.tool_choice.kind == "none":
        return ()
    if request.tool_choice.kind == "named":
        return tuple(tool for tool in request.tools if tool.name == request.tool_choice.name)
    return request.tools


class ToolReader:
    """Reads one stream: text goes through, calls become `ToolCall` events."""

    def __init__(self, request: Request) -> None:
        self._names = {tool.name for tool in offered(request)}
        self._is_forced = is_forced(request)
        self._held = ""
        self._reports: list[TokenLogprob] = []
        self._is_bare: bool | None = True if self._is_forced else None
        self._num_calls = 0

    def read(self, item: TextDelta | Finish) -> Iterator[Event]:
        """The events that one item of the worker stands for."""
        if not self._names:
            yield item
        elif isinstance(item, TextDelta):
            yield from self._more(item)
        else:
            yield from self._last(item)

    def _more(self, delta: TextDelta) -> Iterator[Event]:
        self._held += delta.text
        self._reports += delta.logprobs
        start = self._held.lstrip()
        if self._is_bare is None and start:
            self._is_bare = start[0] == "{"
        if self._is_bare or not start:
            return
        while (begin := self._held.find(_OPEN)) >= 0:
            end = self._held.find(_CLOSE, begin)
            if end < 0:
                yield from self._shown(begin)
                return
            yield from self._marked(begin, end)
        yield from self._shown(len(self._held) - _num_of_beginning(self._held, _OPEN))

    def _marked(self, begin: int, end: int) -> Iterator[Event]:
        """One complete call between its tags, or plain text after all."""
        calls = self._calls(self._held[begin + len(_OPEN) : end])
        if not calls:
            yield from self._shown(end + len(_CLOSE))
            return
        if self._held[:begin].strip():
            yield from self._shown(begin)
            end -= begin
        self._held = self._held[end + len(_CLOSE) :].lstrip("\n")
        yield from calls

    def _last(self, finish: Finish) -> Iterator[Event]:
        text = self._held.strip()
        if text.startswith(_OPEN):  # the end token may stand in for the closing tag
            text = text.removeprefix(_OPEN)
        calls = self._calls(text) if text and (self._is_bare or _OPEN in self._held) else []
        if calls:
            self._held = ""
        elif self._is_forced:
            self._held = ""  # cut by the token limit: half a call is of no use as text
        yield from self._shown(len(self._held))
        yield from calls
        is_call = self._num_calls > 0 and finish.reason == "stop"
        yield replace(finish, reason="tool_calls") if is_call else finish

    def _shown(self, num: int) -> Iterator[TextDelta]:
        """Let the first characters go, with the reports so far; also reports without a text."""
        text, self._held = self._held[:num], self._held[num:]
        reports, self._reports = tuple(self._reports), []
        if text or reports:
            yield TextDelta(text, reports)

    def _calls(self, text: str) -> list[ToolCall]:
        """The call in a text that is nothing else; empty when it is no call of a known tool."""
        try:
            data: Any = json.loads(text)
        except (ValueError, RecursionError):
            return []
        if not isinstance(data, dict):
            return []
        fields = cast("dict[str, Any]", data)
        arguments = fields.get("arguments", fields.get("parameters"))
        if fields.get("name") not in self._names or not isinstance(arguments, dict):
            return []
        self._num_calls += 1
        written = json.dumps(arguments, ensure_ascii=False)
        return [ToolCall(f"call_{secrets.token_hex(8)}", fields["name"], written)]


def _num_of_beginning(text: str, tag: str) -> int:
    """How many last characters could be the beginning of the tag."""
    return next((n for n in range(len(tag) - 1, 0, -1) if text.endswith(tag[:n])), 0)
