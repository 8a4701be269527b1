"""Cues lean towards a tool; times correct the encoder's borders. Both in plain code."""

from __future__ import annotations

from tandem.understanding.leaning import leaned, second_act
from tandem.understanding.merging import direction, fitted


def test_a_cue_overrules_a_weak_opinion_but_not_a_strong_one() -> None:
    """Nine to one against a reply is turned by "reply to", a thousand to one is not."""
    text = "reply to Ana that it is fine"
    assert leaned([("mail_send", 0.9), ("mail_reply", 0.1)], text)[0][0] == "mail_reply"
    assert leaned([("event_cancel", 0.9999), ("mail_reply", 0.0001)], text)[0][0] == "event_cancel"


def test_a_question_is_no_act_that_writes() -> None:
    """A question about paying is not "paid, tick it off"."""
    ranking = [("task_done", 0.8), ("data_question", 0.2)]
    assert leaned(ranking, "how much did I pay for the tiles")[0][0] == "data_question"


def test_a_second_act_is_cut_but_not_inside_a_text() -> None:
    """A verb of its own begins an act; in a note the same words are the note's."""
    text = "tick off the tiles and archive the quote"
    assert text[second_act(text, "task_done") :].startswith("archive")
    assert second_act(text, "note_create") is None
    assert second_act("dinner on friday, remind me an hour before", "event_create") is None


def test_the_new_time_is_split_from_the_event() -> None:
    """In "lunch on Friday to 1pm" the event keeps its day, the rest is the new time."""
    text = "move lunch on friday to 1pm"
    times = [(14, 20, "date"), (24, 27, "time")]
    spans = fitted(text, "event_change", [(5, 27, "event")], times)
    assert [(text[a:b], slot) for a, b, slot in spans] == [
        ("lunch on friday", "event"),
        ("1pm", "when"),
    ]


def test_which_way_a_length_goes() -> None:
    """Words of direction, in both languages."""
    assert direction("an hour earlier") == direction("提前一小时") == "earlier"
    assert direction("往后推半小时") == direction("half an hour longer") == "later"
    assert direction("move it") == ""
