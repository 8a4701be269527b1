"""The last look at the bytes that would leave: does anything covered stand in them all the same?

It finds what the walk over the request missed, such as a field that an encoder adds. It looks at
address, headers and body: plain, as JSON reads it, and as an address is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import unquote_plus

import msgspec

from tandem.privacy.exact import ExactTexts
from tandem.types import Outgoing

# The protocol's own words, which somebody may be called too.
_PROTOCOL = frozenset(
    "assistant auto content description developer enum false file format function grammar image "
    "image_url input json_object json_schema max_completion_tokens max_tokens messages model name "
    "none null number object parameters properties required role schema seed stop stream strict "
    "string system temperature text tool tool_calls tool_choice tools top_p true type url user "
    "array boolean integer arguments auto data id index logprobs stream_options include_usage "
    "response_format parallel_tool_calls tool_call_id top_logprobs additionalProperties".split()
)


def leak_in(outgoing: Outgoing, covered: ExactTexts) -> bool:
    """Whether something covered would leave."""
    return any(covered.is_in(text) for text in _texts(outgoing))


def _texts(outgoing: Outgoing) -> Iterator[str]:
    yield unquote_plus(outgoing.url)
    for name, value in outgoing.headers:
        yield name
        yield value
    if outgoing.shown is not None:
        yield outgoing.shown
    try:
        tree = msgspec.json.decode(outgoing.body)
    except (msgspec.DecodeError, RecursionError):
        yield outgoing.body.decode("utf-8", "replace")
        return
    if isinstance(tree, dict):
        # Its own name for the model is the cloud's.
        tree = {
            name: part for name, part in cast("dict[str, Any]", tree).items() if name != "model"
        }
    yield from _strings(tree)


def _strings(tree: Any) -> Iterator[str]:
    """All strings, names of fields too, without recursion."""
    open_: list[Any] = [tree]
    while open_:
        part = open_.pop()
        if isinstance(part, str):
            if part not in _PROTOCOL:
                yield part
        elif isinstance(part, dict):
            fields = cast("dict[str, Any]", part)
            open_ += [*fields, *fields.values()]
        elif isinstance(part, list):
            open_ += cast("list[Any]", part)
        elif isinstance(part, int | float) and not isinstance(part, bool):
            yield str(part)
