"""When are two calls the same? One normaliser for gold and prediction, blind to which is which.

Compared is what would be executed, not where an annotator drew a border: case, articles,
possessives, punctuation and the spelling of numbers are folded; date, time of day and clock of one
request are one moment; a person and a relation are both who is meant, a business and a town both
where.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tandem.understanding.tokens import fold

MOMENT = ("date", "time", "timeofday", "general_frequency", "timeRange")
WHO = ("person", "relation")
WHERE = ("place_name", "business_name")
_KINDS = {
    slot: kind
    for kind, slots in (("when", MOMENT), ("who", WHO), ("where", WHERE))
    for slot in slots
}
_DROPPED = frozenset(
    "a an the my your our this on at in for to of by from please some any 's s".split()
)
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_NUMBERS = {word: number for number, word in enumerate(_SMALL)} | {
    word: 20 + 10 * number for number, word in enumerate(_TENS)
}

Arguments = Mapping[str, object]


def same_call(gold: tuple[str | None, Arguments], got: tuple[str | None, Arguments]) -> bool:
    """Whether tool and all values agree."""
    return gold[0] == got[0] and normalise(gold[1]) == normalise(got[1])


def normalise(arguments: Arguments) -> dict[str, tuple[str, ...]]:
    """Slots to folded values; slots that say the same kind of thing are one slot."""
    found: dict[str, list[str]] = {}
    for slot, value in arguments.items():
        values: Sequence[object] = value if isinstance(value, (list, tuple)) else [value]
        name = _KINDS.get(slot, slot)
        found.setdefault(name, []).extend(folded(str(one)) for one in values)
    return {
        name: tuple(sorted(" ".join(values).split()))
        if name == "when"
        else tuple(sorted(set(values)))
        for name, values in found.items()
        if any(values)
    }


def folded(text: str) -> str:
    """One value's words in the form in which they are compared."""
    text = re.sub(r"['’]s\b", "", fold(text))
    text = re.sub(r"(\d)\s*(am|pm)\b", r"\1 \2", re.sub(r"\b([ap])\.?\s?m\b\.?", r"\1m", text))
    words = [word for word in re.findall(r"[^\W_]+", text) if word not in _DROPPED]
    return " ".join(_with_digits(words))


def _with_digits(words: list[str]) -> list[str]:
    out: list[str] = []
    pending: int | None = None
    for word in words:
        number = _NUMBERS.get(word)
        if (
            number is not None
            and pending is not None
            and pending % 10 == 0
            and pending
            and number < 10
        ):
            out[-1] = str(pending + number)
            pending = None
        elif number is not None:
            out.append(str(number))
            pending = number if number >= 20 else None
        else:
            out.append(word)
            pending = None
    return out
