"""Time expressions in English and Chinese: where they are, and every moment they may mean.

    find(sentence, Setting(now)) -> expressions with readings, likeliest first
    read(expression, Setting(now)) -> its readings

Words become symbols (a table per language), rules put symbols together (a small grammar per
language over shared rules), and what stays open becomes several readings. Nothing is guessed.
"""

from tandem.understanding.times.finding import find, is_chinese, read
from tandem.understanding.times.values import (
    Conventions,
    Length,
    Repeat,
    Setting,
    TimeExpression,
    TimeReading,
)

__all__ = [
    "Conventions",
    "Length",
    "Repeat",
    "Setting",
    "TimeExpression",
    "TimeReading",
    "find",
    "is_chinese",
    "read",
]
