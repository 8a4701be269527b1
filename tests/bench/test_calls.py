"""bench.calls compares what would be executed, and sees a difference where there is one."""

from __future__ import annotations

from bench.call_home import numbers
from bench.call_values import same_call


def test_borders_and_spellings_do_not_count() -> None:
    """Articles, case, possessives, numbers in words, and how a moment is divided."""
    gold = ("alarm.create", {"date": "tomorrow's", "time": "Eight am"})
    assert same_call(gold, ("alarm.create", {"time": "tomorrow at 8 a.m."}))


def test_other_values_and_tools_do() -> None:
    """Another hour, another slot, a missing value, another tool."""
    gold = ("alarm.create", {"time": "8 am"})
    assert not same_call(gold, ("alarm.create", {"time": "9 am"}))
    assert not same_call(gold, ("alarm.create", {"event_name": "8 am"}))
    assert not same_call(gold, ("alarm.create", {}))
    assert not same_call(gold, ("alarm.delete", {"time": "8 am"}))


def test_lengths_of_timers() -> None:
    """Halves, two units as one length, a length that names the timer."""
    text = "set a timer for 5 and a half minutes"
    assert numbers("HassStartTimer", text) == {"minutes": 5, "seconds": 30}
    assert numbers("HassStartTimer", "1 hour 15 minute timer") == {"hours": 1, "minutes": 15}
    assert numbers("HassTimerStatus", "time left on my 1 hour timer") == {"start_hours": 1}
    text = "increase timer for 1 hour by 5 minutes"
    assert numbers("HassIncreaseTimer", text) == {"start_hours": 1, "minutes": 5}
    assert numbers("HassStartTimer", "设置计时器半个小时") == {"minutes": 30}
