"""The view of a text, and the way back to the original."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.privacy.detection.view import view_of


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("１３８００", "13800"),
        ("a\u200bb\u202e@c.com", "ab@c.com"),
        ("張偉的電話", "张伟的电话"),
        ("cafe\u0301", "café"),
        ("%E5%BC%A0%40", "张@"),
        ("\\u5f20\\u4f1f", "张伟"),
        ("j\u043ehn", "john"),
        ("\u0663\u0664", "34"),
        ("&#64;", "@"),
        ("ﬁn", "fin"),
        ("138\u2011001\u00a03", "138-001 3"),
    ],
)
def test_what_is_hidden_is_seen(written: str, seen: str) -> None:
    """Each disguise is undone, and the whole leads back to the whole."""
    view = view_of(written)
    assert view.text == seen
    assert view.span(0, len(seen)) == (0, len(written))


def test_words_of_other_alphabets_stay() -> None:
    """Only letters that pretend to be Latin are changed."""
    assert view_of("Москва и Αθήνα").text == "Москва и Αθήνα"


@given(st.text(st.characters(), max_size=60))
def test_every_place_leads_back(text: str) -> None:
    """Spans are in order, inside the text, and never empty."""
    view = view_of(text)
    before = 0
    for index in range(len(view.text)):
        start, end = view.span(index, index + 1)
        assert before <= start < end <= len(text)
        before = start


def test_ten_megabytes_in_seconds() -> None:
    """Time is linear, and a common text needs no table of places."""
    text = "张伟，你好13。" * 400_000
    before = time.process_time()
    assert view_of(text).starts is None
    assert time.process_time() - before < 5
