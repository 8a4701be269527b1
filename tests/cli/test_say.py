"""How things look: what a terminal may get, and how a stream is broken into lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tandem.cli.say import Wrapping, legend, money, num_bytes, painted, preview, printable
from tandem.types import Departure, Mark, Money, Outgoing, TextDelta


def test_an_answer_cannot_steer_the_terminal() -> None:
    """No cursor, no title, no hidden direction of writing; lines and tabs stay."""
    evil = "\x1b[2J\x1b]0;title\x07a\rb\x9bc\u202ed\te\nf"
    assert printable(evil) == "[2J]0;titleabcd\te\nf"


def wrapped(pieces: list[str], width: int) -> str:
    wrapping = Wrapping(width)
    return "".join(wrapping.feed(piece) for piece in pieces) + wrapping.rest()


def test_lines_break_between_words_however_the_stream_is_cut() -> None:
    """Also where a word comes in two pieces, and between any two Chinese signs."""
    assert wrapped(["one tw", "o three"], 8) == "one two \nthree"
    assert wrapped(["通货膨胀", "是什么"], 6) == "通货膨\n胀是什\n么"
    assert wrapped(["a\n\nb"], 8) == "a\n\nb"


@given(st.lists(st.text("ab \n通", max_size=12), max_size=12), st.integers(4, 20))
def test_wrapping_loses_nothing(pieces: list[str], width: int) -> None:
    """All words in order, whatever the pieces and the width."""
    assert wrapped(pieces, width).split() == "".join(pieces).split() or "通" in "".join(pieces)
    squeezed = "".join("".join(pieces).split())
    assert "".join(wrapped(pieces, width).split()) == squeezed


def test_each_piece_of_a_joint_answer_has_its_colour() -> None:
    """Green was drafted here, yellow put right, cyan the cloud's own, underlined nobody's word; and
    no piece can bring a colour of its own."""
    pieces = [("to", Mark.ACCEPTED), ("\x1b[31mbe", Mark.RECOVERED), (".", Mark.BONUS)]
    delta = TextDelta("to\x1b[31mbe.", marks=(*pieces, ("!", Mark.UNVERIFIED)))
    assert painted(delta) == (
        "\x1b[32mto\x1b[0m\x1b[33m[31mbe\x1b[0m\x1b[36m.\x1b[0m\x1b[4;35m!\x1b[0m"
    )
    assert all(str(mark) in legend() for mark in Mark)


def test_small_amounts_do_not_look_like_nothing() -> None:
    """A price is shown with the digits that it needs; an unknown one is not zero."""
    assert money(Money(0.000123, "USD")) == "about 0.000123 USD"
    assert money(Money(1.5, "EUR"), is_estimate=False) == "1.50 EUR"
    assert money(None) == "price unknown"
    assert [num_bytes(n) for n in (0, 999, 1234, 4_000_000)] == [
        "0 bytes",
        "999 bytes",
        "1.2 kB",
        "4.0 MB",
    ]


def test_the_preview_shows_every_byte() -> None:
    """Bytes that are no text as numbers, the key by its name alone."""
    out = Outgoing("POST", "https://a.example/v1", (("x", "y"),), b'{"a":"\xff"}', "MY_KEY")
    shown = preview(Departure(out, "a.example", estimated_input_tokens=3))
    assert '{"a":"\\xff"}' in shown
    assert "POST https://a.example/v1" in shown
    assert "x: y" in shown
    assert "MY_KEY" in shown
    assert "9 bytes, about 3 tokens" in shown
