"""A home's request as a call: names from the home's own list, numbers and lengths by rule.

The encoder gives the intent, where the names stand, and the closed slots; the rest is arithmetic.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from tandem.understanding.confidence import confidence, signs
from tandem.understanding.network import Array, Encoder
from tandem.understanding.spans import best_spans
from tandem.understanding.tokens import fold

ABSENT = "-"
SPANS = ("name", "area", "floor", "item", "search_query", "message")
TIMERS = ("HassStartTimer", "HassIncreaseTimer", "HassDecreaseTimer", "HassCancelTimer",
          "HassPauseTimer", "HassUnpauseTimer", "HassTimerStatus")  # fmt: skip
NUMBER_OF = {
    "HassSetPosition": "position", "HassSetVolume": "volume_level", "HassLightSet": "brightness",
    "HassClimateSetTemperature": "temperature",
}  # fmt: skip
_DIGITS = {
    "一": 1,
    "二": 2,
    "两": 2,
    "兩": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_WORDS = {
    w: n for n, w in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
        " fifteen sixteen seventeen eighteen nineteen".split()
    )
} | {
    w: 10 * n
    for n, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}  # fmt: skip
_NUM = r"(\d+(?:\.\d+)?|[一二两三四五六七八九十百半]+|half an?|half|an?)"
_AND = r"\s*(?:and\s+an?\s+(half|1/2)\s+)?(?:-\s*)?"
_LENGTHS = (
    (rf"{_NUM}{_AND}(hours?|个?半?小?时|个?半?钟头?|h\b)\s*(半|and\s+an?\s+half)?", "hours"),
    (rf"{_NUM}{_AND}(minutes?|mins?|分钟?|个字)()", "minutes"),
    (rf"{_NUM}\s*()(?:-\s*)?(seconds?|secs?|秒钟?)()", "seconds"),
)  # fmt: skip


def home_call(
    encoder: Encoder, text: str, context: Mapping[str, str], names: Mapping[str, Iterable[str]],
    known: tuple[tuple[int, int, str], ...], things: Things, part: int = 0,
) -> tuple[str, dict[str, object], float, Array | None]:  # fmt: skip
    """Intent, arguments, confidence and its signs. `things` are the home's own, by folded name."""
    sight = encoder.see(text, "home", known)
    if sight is None:
        return "", {}, 0.0, None
    (intent, sure), *_ = sight.ranking()
    arguments: dict[str, object] = {}
    for name in ("domain", "device_class", "state", "color", "media_class", "amount", "scope"):
        value, probability = sight.choice(name)
        sure *= probability
        if value != ABSENT:
            arguments[name] = value
    spans, log = best_spans(sight)
    raw = signs(sight, intent, spans, log)
    learned = confidence(encoder.about, "home", raw, part)
    for span in spans:
        start, end = _snapped(span.start, span.end, span.slot, known)
        arguments[span.slot] = text[start:end]
    _by_words(arguments, fold(text), encoder.labels["home"].choices["device_class"])
    if re.search(r"\bunlock\b|开锁|解锁", fold(text)) and intent == "HassTurnOn":
        intent = "HassTurnOff"
    _at_home(intent, arguments, things)
    is_open = not known and "name" not in arguments and intent not in TIMERS
    if "area" not in arguments and (is_open or _HERE.search(fold(text))):
        arguments["scope"] = "here"  # nothing says where: where it was heard
    _settle(arguments, context)
    arguments |= numbers(intent, text)
    if intent == "HassStartTimer" and (command := _later(text)):
        arguments["conversation_command"] = command
    return intent, arguments, sure * math.exp(log) if learned is None else learned, raw


_HERE = re.compile(r"\b(in )?here\b|这里|这儿|呢度")
Things = Mapping[str, list[tuple[str, str]]]
"""By folded name what a home's things are: domain (light, lock, scene) and device class, if any."""
_STATES = ("binary_sensor", "cover", "lock", "person", "sensor")
_ACTS = ("scene", "script", "valve")


def _at_home(intent: str, arguments: dict[str, object], things: Things) -> None:
    """A name is one of the home's own (a timer's is not), and what it is says domain and class."""
    name = arguments.get("name")
    if not isinstance(name, str) or intent in TIMERS:
        return
    found = things.get(fold(name))
    if not found:
        del arguments["name"]
        return
    kind = found[0][0]
    classes = [one for _, one in found if one]
    if intent == "HassGetState" and len(classes) == 1:
        arguments["device_class"] = classes[0]
    if intent in ("HassTurnOn", "HassTurnOff", "HassGetState", "HassSetPosition"):
        said = _STATES if intent == "HassGetState" else _ACTS
        if kind in said or intent == "HassSetPosition":
            arguments["domain"] = kind
        else:
            arguments.pop("domain", None)


def _snapped(
    start: int, end: int, slot: str, known: tuple[tuple[int, int, str], ...]
) -> tuple[int, int]:
    """The borders of the home's own name where the span touches one."""
    for first, last, kind in known:
        if kind == slot and first < end and start < last:
            return first, last
    return start, end


def _by_words(arguments: dict[str, object], low: str, classes: Iterable[str]) -> None:
    """The class of a sensor that is called by its own name."""
    said = [one for one in classes if len(one) > 2 and one.replace("_", " ") in low]
    longest = max(said, key=len, default="")
    is_sensor = arguments.get("domain") in ("binary_sensor", "sensor", "cover")
    if longest and is_sensor and arguments.get("device_class") not in said:
        arguments["device_class"] = longest


def _later(text: str) -> str:
    """What is to be done when the time is over: "in 5 minutes, open the garage door"."""
    low = _digits(fold(text))
    if re.search(r"\btimer\b|计时|倒数", low):
        return ""
    for pattern, _ in _LENGTHS:
        low = re.sub(pattern, "", low)
    return re.sub(r"^\s*(in|after)\b|\b(in|after)\s*$|^\s*(之?后)|[,，]", "", low).strip()


def _settle(arguments: dict[str, object], context: Mapping[str, str]) -> None:
    """ "here" is the area of the device that heard it; "most" and "least" are numbers."""
    scope, amount = arguments.pop("scope", None), arguments.pop("amount", None)
    if scope == "here" and "area" in context:
        arguments.setdefault("area", context["area"])
    if scope == "all":
        arguments.setdefault("name", "all")
    if amount:
        arguments["brightness"] = 100 if amount == "most" else 1


def numbers(intent: str, text: str) -> dict[str, object]:
    """Lengths of timers, and the one number of what is set."""
    low = _digits(fold(text))
    if intent in TIMERS:
        return _timer(intent, low)
    if intent in NUMBER_OF and (found := re.search(r"\d+(?:\.\d+)?", low)):
        value = float(found[0])
        return {NUMBER_OF[intent]: int(value) if value == int(value) else value}
    return {}


def _timer(intent: str, low: str) -> dict[str, object]:
    """Lengths by unit. A length that names the timer ("my one hour timer") is its start."""
    lengths: list[dict[str, object]] = []
    last = -9
    for start, end, unit, value in sorted(_found(low)):
        is_apart = not re.fullmatch(r"[\s,]*(and)?\s*", low[max(last, 0) : start])
        if is_apart or not lengths or unit in lengths[-1]:
            lengths.append({})
        lengths[-1] |= value
        last = end
    if not lengths:
        return {}
    asks = intent not in ("HassStartTimer", "HassIncreaseTimer", "HassDecreaseTimer")
    out: dict[str, object] = {}
    for at, length in enumerate(lengths):
        is_start = asks or (len(lengths) > 1 and at != _changed(low, len(lengths)))
        out |= {f"start_{unit}" if is_start else unit: n for unit, n in length.items()}
    return out


def _changed(low: str, count: int) -> int:
    """Which of several lengths is the change: what stands after "by", in Chinese the last, else the
    first.
    """
    return count - 1 if re.search(r"[一-鿿]|\bby \d", low) else 0


def _found(low: str) -> list[tuple[int, int, str, dict[str, object]]]:
    found: list[tuple[int, int, str, dict[str, object]]] = []
    for pattern, unit in _LENGTHS:
        for match in re.finditer(pattern, low):
            value = (
                0.5
                if match[1].startswith(("half", "半"))
                else 1.0
                if match[1] in ("a", "an")
                else float(_digits(match[1]))
            )
            if match[2] or match[4] or (unit == "hours" and "半" in match[3]):
                value += 0.5
            if "字" in match[3]:
                value *= 5
            found.append((match.start(), match.end(), unit, _split(unit, value)))
    return found


def _split(unit: str, value: float) -> dict[str, object]:
    smaller = {"hours": "minutes", "minutes": "seconds"}
    whole, rest = int(value), value - int(value)
    out: dict[str, object] = {unit: whole} if whole else {}
    if rest and unit in smaller:
        out[smaller[unit]] = round(60 * rest)
    return out


def _digits(text: str) -> str:
    """Numbers in words as digits, as far as a home needs them."""
    text = re.sub(r"([一二两三四五六七八九]?)十([一二三四五六七八九]?)",
                  lambda m: str(10 * _DIGITS.get(m[1], 1) + _DIGITS.get(m[2], 0)),
                  text)  # fmt: skip
    text = re.sub("[一二两三四五六七八九]", lambda m: str(_DIGITS[m[0]]), text)
    tens = "|".join(w for w in _WORDS if _WORDS[w] >= 20)
    text = re.sub(
        rf"\b({tens})[- ](one|two|three|four|five|six|seven|eight|nine)\b",
        lambda m: str(_WORDS[m[1]] + _WORDS[m[2]]),
        text,
    )
    text = re.sub(rf"\b({'|'.join(_WORDS)})\b", lambda m: str(_WORDS[m[1]]), text)
    text = re.sub(r"(\d+) point (\d+)", r"\1.\2", text)
    return text.replace("1 hundred", "100")
