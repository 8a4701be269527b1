"""Plans tasks, reminders and timers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tandem.assistant import calendar_text as series
from tandem.assistant.cards import Put, Remove, Replace, Step
from tandem.assistant.planning import (
    Desk,
    Maker,
    Outcome,
    date_or_time,
    evidence,
    later,
    new_id,
)
from tandem.assistant.rhythms import repeat_text
from tandem.assistant.words import moment_text
from tandem.connectors import edits
from tandem.understanding.reading import When


def create_task(desk: Desk) -> Outcome:
    """A task; with a time it reminds then."""
    when = desk.when()
    title = desk.text("title")
    due = _due(desk, when) if when else None
    uid = new_id()
    text = series.new_task(uid, title, due, when.recurrence if when else None, desk.now)
    lines = [desk.line("when", moment_text(local(desk, due), desk.language))] if due else []
    if when and when.recurrence:
        lines.append(desk.line("repeats", repeat_text(when.recurrence, desk.language)))
    heading = desk.say("task_create", title=title)
    told = ", ".join([heading, *(line.value for line in lines)])
    return Step(desk.call.tool, heading, (Put("calendar", uid, text),), tuple(lines), done=told)


_BY = re.compile(
    r"^(?:due )?(?:by|before|until|till|no later than)\b|(?:之前|以前|前)$", re.IGNORECASE
)


def _due(desk: Desk, when: When) -> datetime | date:
    """When it is due: "by Friday" and 周五前 on Friday, "before the 25th" on the day before."""
    words = desk.words("when").strip()
    if when.end is None or not _BY.search(words):
        return date_or_time(when)
    if when.end.astimezone(desk.zone).time() != time():
        return when.end
    is_within = words.endswith("前")
    return when.end.date() if is_within else (when.end - timedelta(days=1)).date()


def local(desk: Desk, moment: datetime | date) -> datetime | date:
    return moment.astimezone(desk.zone) if isinstance(moment, datetime) else moment


def set_timer(desk: Desk) -> Outcome:
    """A timer is a reminder so long from now."""
    span = desk.span("duration")
    if span is None:
        raise desk.need("duration", "ask_when")
    title = desk.text("title") or desk.say("timer_set", title=desk.words("duration"))
    due = later(desk.now, span)
    uid = new_id()
    text = series.new_task(uid, title, due, None, desk.now)
    shown = moment_text(due, desk.language)
    heading = desk.say("timer_set", title=desk.words("duration") or title)
    line = desk.line("when", shown)
    return Step(
        desk.call.tool, heading, (Put("calendar", uid, text),), (line,), done=f"{heading}, {shown}"
    )


def change_task(desk: Desk) -> Outcome:
    """Another name or due time for a task; `task_done` ticks it off."""
    task, is_done = desk.task(), desk.call.tool == "task_done"
    item = desk.knowing.calendar_item(task.uid)
    if item is None:
        raise desk.need("task", "ask_task")
    when, title, due = desk.when(), desk.text("title"), None
    if when is not None:
        due = date_or_time(when)
        if when.has_time and not when.has_date and task.due is not None:
            day = task.due.date() if isinstance(task.due, datetime) else task.due
            due = datetime.combine(day, when.start.time(), when.start.tzinfo)
    elif (shift := desk.span("shift")) and task.due is not None:
        due = later(task.due, shift) if isinstance(task.due, datetime) else task.due + shift
    if not (is_done or title or due):
        raise desk.need("when", "ask_when")
    fields: dict[str, Any] = {}
    fields |= {"summary": title} if title else {}
    fields |= {"due": due} if due else {}
    if is_done:
        done = desk.now.astimezone(UTC)
        fields |= {"status": "COMPLETED", "percent-complete": 100, "completed": done}
    text = edits.changed(item.text, fields, now=desk.now)
    heading = desk.say(desk.call.tool, title=task.summary)
    lines = [desk.line("when", moment_text(local(desk, due), desk.language))] if due else []
    lines += [desk.line("title", title)] if title else []
    told = ", ".join([heading, *(line.value for line in lines)])
    write = Replace("calendar", item, text)
    return Step(desk.call.tool, heading, (write,), tuple(lines), (evidence(task),), told)


def delete_task(desk: Desk) -> Outcome:
    """A task out of the list."""
    task = desk.task()
    item = desk.knowing.calendar_item(task.uid)
    if item is None:
        raise desk.need("task", "ask_task")
    heading = desk.say("task_delete", title=task.summary)
    write = Remove("calendar", item)
    return Step(desk.call.tool, heading, (write,), (), (evidence(task),), heading)


MAKERS: Mapping[str, Maker] = {
    "task_create": create_task,
    "task_change": change_task,
    "task_done": change_task,
    "task_delete": delete_task,
    "timer_set": set_timer,
}
