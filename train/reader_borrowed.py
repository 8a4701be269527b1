"""Public requests as requests to the assistant's tools: other people's words for the same wishes.

Only the class is taken over (`has_spans` is false): the borders of the public sets are not those of
the catalogue. What the device has no tool for is `none_escalate` (the cloud may know) or
`none_refuse` (nobody can do it from here).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from train import reader_rows
from train.reader_rows import Row

_NLU = {
    "email.search": "mail_search", "email.send": "mail_send", "calendar.find_events": "event_search",
    "calendar.delete_event": "event_cancel", "contacts.find": "contact_search",
    "clock.query": "time_question", "clock.convert": "time_question",
    **dict.fromkeys(
        "weather.get qa.factoid qa.definition qa.stock qa.currency qa.maths news.search food.query"
        " cooking.find_recipe places.recommend_locations places.recommend_events"
        " places.recommend_movies social.query".split(), "none_escalate"),
    **dict.fromkeys(
        "music.play media.play_radio media.play_podcast media.play_audiobook media.play_game"
        " home.light_off home.light_on home.light_color home.light_dim home.light_brighten home.coffee"
        " home.clean home.plug_on home.plug_off food.order transport.book_ticket transport.book_taxi"
        " social.post device.volume_mute device.volume_up device.volume_down music.rate".split(),
        "none_refuse"),
}  # fmt: skip
_CLINC = {
    "calendar": "event_search", "meeting_schedule": "event_search", "schedule_meeting": "event_create",
    "reminder": "task_search", "reminder_update": "task_create", "todo_list": "task_search",
    "timer": "timer_set", "time": "time_question", "date": "time_question",
    "timezone": "time_question", "text": "message_send", "oos": "none_escalate", "yes": "amend",
    **dict.fromkeys("greeting goodbye thank_you are_you_a_bot tell_joke what_is_your_name".split(), "none_talk"),
    **dict.fromkeys("weather definition recipe exchange_rate fun_fact translate calculator spelling".split(), "none_escalate"),
    **dict.fromkeys(
        "transfer pay_bill order make_call play_music smart_home uber book_flight book_hotel freeze_account"
        " order_checks restaurant_reservation car_rental change_volume".split(), "none_refuse"),
}  # fmt: skip


def borrowed(data: Path = reader_rows.DATA) -> Iterator[Row]:
    """Rows of the domain `tandem`, one class each, without spans."""
    for row in reader_rows.nlu(data):
        label = _NLU.get(row.label)
        if row.label == "calendar.create_event":
            label = "task_create" if "remind" in row.text else "event_create"
        if label:
            yield _as(row, label)
    for row in reader_rows.clinc(data):
        if label := _CLINC.get(row.label):
            yield _as(row, label)
    for row in reader_rows.read("crosswoz_zh", data):
        if row["calls"] and not row["context"]:
            yield Row(row["utterance"], "tandem", "none_escalate", has_spans=False)


def _as(row: Row, label: str) -> Row:
    # What is held out there is held out here.
    return replace(row, domain="tandem", label=label, has_spans=False, origin=row.domain)
