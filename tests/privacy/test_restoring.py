"""Values back into an answer: the same however it is cut, for no one else, and not into what leads
out.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.canaries_answers import (
    LOCAL,
    MANGLES,
    OUTWARD,
    TEXT_ABUSES,
    TOOL_ABUSES,
    Talk,
    mangled_share,
    split_share,
    talks,
)
from bench.canaries_texts import seen_in
from tandem.privacy.book import Book
from tandem.privacy.restoring import RestoredText, restored
from tandem.privacy.sinks import MAX_BLOCK, Spot
from tandem.types import Finish, Origin, TextDelta, TokenLogprob, Usage


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    return talks(tmp_path_factory.mktemp("vault"), 1, 3)[0]


def book() -> Book:
    found = Book(b"k" * 32)
    for kind, value in (("person", "Ann Lee"), ("phone", "+49 176 1234567")):
        found.seen(kind, f"{kind}:{value}", value, [Origin.TYPED], is_chinese=False)
    found.seen("person", "person:w", "张伟", [Origin.TYPED], is_chinese=True)
    return found


BOOK = book()
SHOWN = [thing.shown(thing.forms[0]) for thing in BOOK.by_number.values()]
PIECES = [
    *SHOWN,
    *(each.lower() for each in SHOWN),
    *(each.split()[-1] for each in SHOWN),
    "Person",
    "person ",
    "**",
    "`",
    "```\n",
    "```sh\n",
    "```json\n",
    "\n",
    "\n\n",
    " ",
    "https://a.example/?q=",
    "evil.example/",
    ".evil.example",
    ". ",
    "](",
    ")",
    "<a href='",
    "'>",
    "curl ",
    "&nbsp;",
    "%20",
    "%E4%BA%BA",
    "\\u0050",
    "\u200b",
    "号",
    "人物",
    "482",
    "12",
    "é",
    "é",
    '{"',
    '": "',
]


def plain(kind: str, spot: Spot) -> bool:
    return spot is Spot.WORDS


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), max_size=14), st.lists(st.integers(1, 9), max_size=40))
def test_a_stream_is_as_the_whole_however_it_is_cut(pieces: list[str], sizes: list[int]) -> None:
    """Any text of awkward pieces, cut anywhere, gives the same bytes."""
    text = "".join(pieces)
    whole = restored(text, BOOK, plain)
    stream = RestoredText(BOOK, plain)
    out, at = "", 0
    for size in sizes or [1]:
        out += stream.feed(text[at : at + size])
        at += size
    out += "".join(stream.feed(char) for char in text[at:]) + stream.end()
    assert out == whole


def test_every_split_of_real_answers(talk: Talk) -> None:
    """In two at every place and character by character."""
    num_equal, num_all = split_share([talk])
    assert num_equal == num_all > 300


def test_what_is_held_back_is_bounded() -> None:
    """Ninety characters of words; a block of code up to its limit, and then it goes on."""
    stream = RestoredText(BOOK, plain)
    text = f"Words {SHOWN[0]} and more words, person, person " * 50
    most = 0
    for char in text:
        stream.feed(char)
        most = max(most, stream.num_held)
    assert most <= 90
    block = RestoredText(BOOK, plain)
    out = block.feed(f"```sh\necho {SHOWN[0]}\n")
    for _ in range(MAX_BLOCK // 10 + 10):
        out += block.feed("echo more\n")
    assert len(out) > MAX_BLOCK and SHOWN[0] in out, "too long to be sure: left as it is"


def test_mangled_placeholders_come_back_and_to_nobody_else(talk: Talk) -> None:
    """Case, blanks, Markdown, escapes, translation; near misses restore nothing."""
    num_restored, num_all, num_wrong = mangled_share([talk])
    assert num_restored >= 0.99 * num_all and num_all > 9 * len(MANGLES) and num_wrong == 0


@pytest.mark.parametrize("number", range(len(TEXT_ABUSES)))
def test_no_value_is_put_into_what_leads_out(talk: Talk, number: int) -> None:
    """Links, pictures, addresses, code that reaches out: the placeholder stays one."""
    for shown, canary in talk.shown:
        assert not seen_in(talk.text(TEXT_ABUSES[number](shown)).encode(), canary.marks)


@pytest.mark.parametrize("number", range(len(TOOL_ABUSES)))
def test_no_value_is_put_into_outward_arguments(talk: Talk, number: int) -> None:
    """Outward, unknown and web tools, and addresses in arguments of any tool."""
    tool, arguments = TOOL_ABUSES[number]
    for shown, canary in talk.shown:
        out = talk.arguments(tool, json.dumps(arguments(shown)))
        assert not seen_in(out.encode(), canary.marks)


def test_a_local_tool_gets_the_values_and_json_stays_json(talk: Talk) -> None:
    """Inside strings, keys and nested lists; the rest keeps its bytes."""
    shown, canary = talk.shown[0]
    out = talk.arguments(LOCAL, f'{{"a":  ["{shown}",1e3], "{shown}":"x\\u0041"}}')
    assert out == f'{{"a":  ["{canary.value}",1e3], "{canary.value}":"x\\u0041"}}'
    assert talk.arguments(OUTWARD, "not json") == "not json"


def test_quotes_and_line_ends_are_escaped_in_json_answers() -> None:
    """An answer that is JSON stays JSON with any value in it."""
    found = Book(b"k" * 32)
    value = 'Ann "Annie"\nLee\\'
    thing = found.seen("person", "person:q", value, [Origin.TYPED], is_chinese=False)
    told = restored(json.dumps({"who": thing.shown(value)}), found, plain)
    assert json.loads(told) == {"who": value}


def test_log_probabilities_are_kept_in_order(talk: Talk) -> None:
    """No token's log-probability is lost while text is held back."""
    shown, canary = talk.shown[0]
    text = f"To {shown}, yes"
    tokens = [TokenLogprob(char, char.encode(), -0.1) for char in text]
    events = talk.restored(*(TextDelta(token.text, (token,)) for token in tokens))
    deltas = [event for event in events if isinstance(event, TextDelta)]
    assert [token for delta in deltas for token in delta.logprobs] == tokens
    assert "".join(delta.text for delta in deltas) == f"To {canary.value}, yes"
    assert isinstance(events[-1], Finish) and events[-1].usage == Usage()


def test_a_long_answer_takes_time_in_proportion(tmp_path: Path) -> None:
    """A megabyte with placeholders in it, at once."""
    text = f"plain words go on and on, and {SHOWN[0]} too. " * 20_000
    assert restored(text, BOOK, plain).count("Ann Lee") == 20_000
