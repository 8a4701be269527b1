"""Texts in quotes: found whole, and what they are."""

from __future__ import annotations

from tandem.understanding.structure.quotes import Role, masked, quotes, without


def found(text: str) -> list[tuple[str, str]]:
    return [(one.text, one.role.value) for one in quotes(text)]


def test_titles_and_bodies_by_their_labels() -> None:
    """Before or behind, in any order."""
    assert found("mail Bo titled 'Plan' saying 'It's on.'") == [
        ("Plan", "title"),
        ("It's on.", "body"),
    ]
    assert found("with \"Hi\" as the subject and 'yes' in the email") == [
        ("Hi", "title"), ("yes", "body")]  # fmt: skip
    assert found("给王芳发邮件，主题“周会”，内容“改到周五”") == [
        ("周会", "title"),
        ("改到周五", "body"),
    ]


def test_quotes_within_quotes_and_apostrophes() -> None:
    """The outer one counts; an apostrophe is none."""
    assert found("saying 'I did 'Plan B' today' and title it 'x'") == [
        ("I did 'Plan B' today", "body"), ("x", "title")]  # fmt: skip
    assert found("don't tell Kari's boss it's 5 o'clock") == []


def test_the_rest_of_the_words() -> None:
    """Without label and quote; masked keeps every place."""
    text = "mail Bo titled 'Plan' saying 'ok'"
    assert without(text, [one for one in quotes(text) if one.role is not Role.OTHER]) == "mail Bo"
    assert len(masked(text)) == len(text)
    assert "Plan" not in masked(text)
