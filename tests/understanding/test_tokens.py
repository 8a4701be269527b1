"""Tokens know where they stand, whatever the script."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tandem.understanding.tokens import NUM_FEATURES, features, fold, tokenize


def test_words_characters_numbers_addresses() -> None:
    """Words and addresses whole, Chinese by character and simplified, clocks apart."""
    forms = [token.form for token in tokenize("Email a.b@c.example don't at 3pm 下週三開會")]
    assert forms == ["email", "a.b@c.example", "don't", "at", "3", "pm", *"下周三开会"]


@given(st.text(max_size=60))
def test_tokens_cover_the_text(text: str) -> None:
    """No character but spaces is lost, none is taken twice, and folding keeps the length."""
    tokens = tokenize(text)
    assert len(fold(text)) == len(text)
    assert all(a.end <= b.start for a, b in zip(tokens, tokens[1:], strict=False))
    covered = {at for token in tokens for at in range(token.start, token.end)}
    assert all(text[at].isspace() for at in range(len(text)) if at not in covered)
    assert all(0 < row < NUM_FEATURES for rows in features(tokens, text) for row in rows)
