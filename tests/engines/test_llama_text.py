"""Text that may be shown, and tool calls in it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tandem.engines.llama_text import Text, is_utf8_so_far, partial_character
from tandem.engines.llama_tools import ToolReader
from tandem.types import (
    Event,
    Finish,
    Request,
    TextDelta,
    TokenLogprob,
    Tool,
    ToolCall,
    ToolChoice,
    Usage,
    message,
)


def shown(pieces: list[bytes], stop: tuple[str, ...] = ()) -> tuple[list[str], bool]:
    """What is shown piece by piece, and whether a stop string ended it."""
    text = Text(stop)
    deltas: list[str] = []
    is_stopped = False
    for piece in pieces:
        is_stopped = text.add(piece)
        deltas += [delta.text] if (delta := text.take()) else []
        if is_stopped:
            break
    text.end()
    deltas += [delta.text] if (delta := text.take()) else []
    return deltas, is_stopped


@given(st.text(), st.integers(1, 5))
def test_deltas_are_whole_characters(text: str, width: int) -> None:
    """However the bytes are cut, the deltas spell the text and hold no half character."""
    data = text.encode()
    deltas, _ = shown([data[i : i + width] for i in range(0, len(data), width)])
    assert "".join(deltas) == text


@given(
    st.text("ab<", max_size=30),
    st.lists(st.text("ab<", min_size=1, max_size=4), min_size=1, max_size=3),
    st.integers(1, 3),
)
def test_no_part_of_a_stop_string_is_shown(text: str, stops: list[str], width: int) -> None:
    """What is shown is the text before the stop string that is complete first."""
    pieces = [text[i : i + width].encode() for i in range(0, len(text), width)]
    deltas, is_stopped = shown(pieces, tuple(stops))
    whole = "".join(deltas)
    assert text.startswith(whole)
    assert not any(stop in whole for stop in stops)
    assert is_stopped == any(stop in text for stop in stops)
    if not is_stopped:
        assert whole == text


def test_reports_of_tokens_behind_a_stop_are_dropped() -> None:
    """A token that lies behind the cut is not reported; the ones before are."""
    text = Text(("END",))
    for piece in (b"one ", b"EN", b"D", b"x"):
        report = TokenLogprob(piece.decode(), piece, -0.5)
        if text.add(piece, report):
            break
    delta = text.take()
    assert delta is not None and delta.text == "one "
    assert [report.text for report in delta.logprobs] == ["one "]


def test_half_a_character_at_the_end_is_replaced() -> None:
    """An answer cut within a character ends in U+FFFD."""
    assert "".join(shown(["ä".encode()[:1]])[0]) == "\ufffd"


@given(st.binary(max_size=12))
def test_utf8_so_far_agrees_with_the_decoder(data: bytes) -> None:
    """Bytes pass when, and only when, more bytes could make them UTF-8."""
    tail = partial_character(data)
    if is_utf8_so_far(data):
        assert data.removesuffix(tail).decode() is not None
        assert is_utf8_so_far(tail)
    else:
        assert "\ufffd" in data.decode("utf-8", "replace")


# --- tools ---------------------------------------------------------------------------------------

TOOLS = (Tool("pay", "", {"type": "object"}), Tool("look"))
AUTO = ToolChoice()
END = Finish("stop", Usage(5, 5))


def read(*texts: str, choice: ToolChoice = AUTO, tools: tuple[Tool, ...] = TOOLS) -> list[Event]:
    """The events that a stream of texts becomes."""
    reader = ToolReader(Request((message("user", "x"),), tools=tools, tool_choice=choice))
    items = [*(TextDelta(text) for text in texts), END]
    return [event for item in items for event in reader.read(item)]


def parts(events: list[Event]) -> tuple[str, list[tuple[str, str]], str]:
    """Text, calls and finish reason."""
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    calls = [(event.name, event.arguments) for event in events if isinstance(event, ToolCall)]
    finish = events[-1]
    assert isinstance(finish, Finish)
    return text, calls, finish.reason


def test_plain_text_goes_through_at_once() -> None:
    """With tools offered, text that cannot be a call is not held back."""
    events = read("Hello", " world")
    assert [e.text for e in events if isinstance(e, TextDelta)] == ["Hello", " world"]
    assert parts(events)[2] == "stop"


def test_marked_calls_become_events_wherever_the_stream_is_cut() -> None:
    """Hermes' form, cut at every place, with words before it."""
    whole = 'Sure. <tool_call>\n{"name": "pay", "arguments": {"euros": 3}}\n</tool_call>'
    for cut in range(1, len(whole)):
        text, calls, reason = parts(read(whole[:cut], whole[cut:]))
        assert (text.strip(), calls, reason) == ("Sure.", [("pay", '{"euros": 3}')], "tool_calls")


def test_several_calls_and_a_missing_closing_tag() -> None:
    """Two calls in a row; the end of the answer may stand in for the last closing tag."""
    one = '<tool_call>{"name": "look", "arguments": {}}</tool_call>\n'
    text, calls, reason = parts(read(one + one.removesuffix("</tool_call>\n")))
    assert (text.strip(), [name for name, _ in calls], reason) == (
        "",
        ["look", "look"],
        "tool_calls",
    )


def test_a_bare_object_is_a_call_only_for_a_known_tool() -> None:
    """`{"name", "arguments"}` of an offered tool is a call; any other JSON is text."""
    assert parts(read('{"name": "look", ', '"parameters": {"a": 1}}')) == (
        "",
        [("look", '{"a": 1}')],
        "tool_calls",
    )
    for other in ('{"name": "steal", "arguments": {}}', '{"a": 1}', '{"name": "look"'):
        assert parts(read(other)) == (other, [], "stop")


def test_without_tools_nothing_is_read_as_a_call() -> None:
    """Text stays text where no tools are offered."""
    whole = '<tool_call>{"name": "pay", "arguments": {}}</tool_call>'
    assert parts(read(whole, tools=()))[0] == whole
    assert parts(read(whole, choice=ToolChoice("none")))[0] == whole
