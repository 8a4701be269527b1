"""Requests of every day, read and done by the device's own reader on a small life."""

from __future__ import annotations

from pathlib import Path

import pytest

from tandem.assistant.assistant import Kind, Reply
from tandem.bootstrap_assistant import device_reader
from tests.assistant.lives import Life, Script, small_life

EVENING = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//EN
BEGIN:VEVENT
UID:club
SUMMARY:Book club
DTSTART:20260312T183000Z
DTEND:20260312T200000Z
DTSTAMP:20260101T000000Z
RRULE:FREQ=WEEKLY
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """The small life, whose script is the real reader."""
    made = small_life(tmp_path)
    shelf = made.stores.calendar
    shelf.add(shelf.href_for("club"), EVENING.replace("\n", "\r\n"))
    reader = device_reader()
    made.script.read = reader.read  # pyright: ignore[reportAttributeAccessIssue]
    assert isinstance(made.script, Script)
    return made


def said(life: Life, text: str) -> Reply:
    return life.assistant.say(text)


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("book club moves to 7:30, just this week", Kind.DONE, "19:30–21:00"),
        ("block two hours for deep work on monday morning", Kind.DONE, "09:00–11:00"),
        ("I need to call the plumber, put it on my list", Kind.DONE, "New task: call the plumber"),
        ("find the latest mail from Priya", Kind.ANSWERED, "450 mm"),
        ("what's the time in perth now", Kind.ANSWERED, "17:20"),
        ("how many days until christmas", Kind.ANSWERED, "289 days"),
        ("remind me every other sunday at 10 to water the plants", Kind.DONE,
         "every 2 weeks on Sunday"),
        ("离圣诞节还有几天", Kind.ANSWERED, "289天"),
    ],
)  # fmt: skip
def test_a_request_of_every_day(life: Life, text: str, kind: Kind, told: str) -> None:
    """What is done or answered holds what the user would look for."""
    reply = said(life, text)
    assert (reply.kind, told in reply.text) == (kind, True), reply.text


def test_a_task_is_put_off(life: Life) -> None:
    """To the day that "until" names, not to now."""
    said(life, "todo clean the gutters")
    reply = said(life, "snooze the gutters task until monday")
    assert "Monday 16 March 2026" in reply.text


def test_when_to_leave_stands_in_a_note_of_the_users(life: Life) -> None:
    """Unknown at first, with how to say it; then known, and too tight a plan is named."""
    said(life, "add dentist tomorrow 10 to 11 at Mesa Dental")
    assert "ways" in said(life, "when do I have to leave for the dentist?").text
    notes = life.stores.notes
    notes.add(notes.href_for("ways"), "Mesa Dental: 25 min\nGym > Mesa Dental: 20 min\n")
    assert "leave at 09:35" in said(life, "when do I have to leave for the dentist?").text
    tight = said(life, "add training tomorrow 11:10 to 12 at the Gym")
    assert "20 minutes away" in tight.text


def test_a_longer_event_keeps_where_it_was_pushed(life: Life) -> None:
    """ "An hour longer" after a move adds to the move; it does not take it back."""
    said(life, "add a review on friday 3 to 4 pm")
    assert "15:30–16:30" in said(life, "push it back by half an hour").text
    assert "15:30–17:30" in said(life, "actually make it an hour longer").text


def test_a_part_of_a_day_means_a_free_time_of_it(life: Life) -> None:
    """Nine is taken, so ten."""
    said(life, "add a review on monday 9 to 10 am")
    assert "10:00–12:00" in said(life, "block two hours for deep work on monday morning").text


def test_a_week_later_is_the_same_hour(life: Life) -> None:
    """The clocks go forward between."""
    said(life, "add a review on 27 march 10 to 11 am")
    assert "10:00–11:00" in said(life, "push the review back by a week").text


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("they can't do thursday at the book club, so move it to friday", Kind.DONE, "13 March"),
        ("the book club's going to take two hours, not ninety minutes", Kind.DONE, "18:30–20:30"),
        ("return the library card to the front desk tomorrow at 4", Kind.DONE, "16:00"),
    ],
)
def test_what_is_changed_and_what_is_new(life: Life, text: str, kind: Kind, told: str) -> None:
    reply = said(life, text)
    assert (reply.kind, told in reply.text) == (kind, True), reply.text


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("move the book club", "to friday at 8", "20:00–21:30"),
        ("push the book club back", "half an hour", "19:00–20:30"),
        ("shorten the book club", "by 15 minutes", "18:30–19:45"),
        ("rename the book club", "Story club", "Story club"),
    ],
)
def test_what_was_asked_for_is_answered(life: Life, first: str, second: str, told: str) -> None:
    assert said(life, first).kind is Kind.ASKED
    reply = said(life, second)
    assert (reply.kind, told in reply.text) == (Kind.DONE, True), reply.text
