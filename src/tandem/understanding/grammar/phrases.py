"""Phrases with holes: how a line of a table becomes a pattern, and what a sentence fills in.

A line reads "move <event> to <when>". `<when>` and `<length>` hold only expressions of time that
the normaliser has found; every other hole takes words, as few as will do. `( ... )`, `|` and `?`
are those of regular expressions. A sentence is at most `LONGEST` characters: the work is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tandem.understanding.times import Setting, TimeExpression, find
from tandem.understanding.tokens import without_signs

LONGEST = 400

# Expressions stand in the text as one sign each: private characters, by number.
_WHEN, _LENGTH, _NUMBER = "\ue000", "\ue001", 0xE100
SEPARATE = " ; "
"""Between expressions that stood apart: a comma would join them into one."""
_HOURS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_BARE_HOUR = rf"(?<=(?:to|at) )(?:[1-9]|1[0-2]|{_HOURS})(?=$|[ ,.])"
_BETWEEN = "[ ,，]*(?:at|on|from|still|的|还是|还在)?[ ,，]*"
_KIND = {"duration": _LENGTH}


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to ask for a tool. `choices` are the values that the words themselves say.

    `floats`: times may stand anywhere and are the call's; else they stand where the phrase says.
    """

    tool: str
    pattern: re.Pattern[str]
    choices: Mapping[str, str] = field(default_factory=dict[str, str])
    floats: bool = False


@dataclass(frozen=True, slots=True)
class Filling:
    """A sentence read: the tool and the words of each hole, in their written form."""

    tool: str
    words: Mapping[str, str]
    choices: Mapping[str, str]


def _spaces(line: str, *, spaced: bool) -> str:
    return line.replace(" ?", r"\s*").replace(" ", r"\s+" if spaced else r"\s*")


def phrase(line: str, *, spaced: bool) -> re.Pattern[str]:
    """The pattern of a line. `spaced`: words are apart, as in English."""
    holes = {
        "when": f"(?:{_WHEN}.(?:{_BETWEEN}{_WHEN}.)*|{_BARE_HOUR})",
        "length": f"{_LENGTH}.",
    }
    names: dict[str, int] = {}

    def hole(found: re.Match[str]) -> str:
        name = found[1]
        names[name] = names.get(name, 0) + 1
        group = name if names[name] == 1 else f"{name}_{names[name]}"
        return f"(?P<{group}>{holes.get(name, '.+?')})"

    body = re.sub(r"(?<!\?P)<(\w+)>", hole, _spaces(line, spaced=spaced))
    return re.compile(body, re.IGNORECASE)


class Sentence:
    """A sentence with its expressions of time taken out or standing as signs."""

    def __init__(self, text: str, setting: Setting, *, splits: bool = False) -> None:
        self.text = without_signs(text[:LONGEST])
        found = [
            _shortened(one, self.text, setting)
            for one in find(self.text, setting)
            if not (one.best and one.best.timex.endswith("_REF"))  # "just now" tells no time
        ]
        if splits:
            found = [piece for one in found for piece in _halves(one, setting)]
        self.times: tuple[TimeExpression, ...] = tuple(found)
        self.marked = self._with_signs()
        self.bare = self._without()

    def _with_signs(self) -> str:
        parts: list[str] = []
        at = 0
        for number, one in enumerate(self.times):
            kind = one.readings[0].kind if one.readings else ""
            parts += [self.text[at : one.start], _KIND.get(kind, _WHEN), chr(_NUMBER + number)]
            at = one.end
        return "".join((*parts, self.text[at:]))

    def _without(self) -> str:
        """The words alone; what led to an expression ("on", "for", "starting") goes with it."""
        sign = f"[{_WHEN}{_LENGTH}]."
        lead = (
            r"on|at|in|for|from|by|starting|lasting|of|until|sometime"
            r"|(?:it|this|that)(?:'ll| should| will| would| might)? takes?(?: about| around)?"
            r"|(?:it |that )?lasts"
        )
        lead = rf"(?:\b(?:{lead})\s+|从|在|于)"
        words = re.sub(
            rf"{lead}*(?:大概|大约|差不多)?{sign}(?:的时候|时候|钟|左右|long\b)?",
            " ",
            self.marked,
            flags=re.IGNORECASE,
        )
        words = re.sub(r"\s+([,.:;，。：])", r"\1", words)
        words = re.sub(r"([,，:：])(?:\s*[,，])+", r"\1", words)
        return re.sub(r"\s+", " ", words).strip(" ,，;；:：.。?？!！-")

    def written(self, words: str) -> str:
        """A hole's words with the expressions back in them."""

        def back(found: re.Match[str]) -> str:
            return self.times[ord(found[0][1]) - _NUMBER].text

        return re.sub(f"[{_WHEN}{_LENGTH}].", back, words).strip(" ,，;；.。:：\"“”'‘’")

    @property
    def whens(self) -> list[str]:
        """The expressions that tell when, in order."""
        return [
            one.text for one in self.times if one.readings and one.readings[0].kind != "duration"
        ]

    @property
    def lengths(self) -> list[str]:
        """The lengths of time."""
        return [
            one.text for one in self.times if one.readings and one.readings[0].kind == "duration"
        ]


_LATER = re.compile(r"(.+?)\s*(?:later|earlier|sooner|longer|shorter)", re.IGNORECASE)
_STARTING = re.compile(r"(?:starts?|starting|begins?|beginning)\s+(?:on |at )?(.+)", re.IGNORECASE)
_TO = re.compile(r"(?:from\s+)?(.+?)\s+(?:to|until|till|-)\s+(.+)", re.IGNORECASE)


def _shortened(one: TimeExpression, text: str, setting: Setting) -> TimeExpression:
    """ "An hour later": the length alone, as the word says what becomes of it."""
    if one.text[0] in "前后後" and one.start and "一" <= text[one.start - 1] <= "鿿":
        inner = find(one.text[1:], setting)  # 会前一刻钟: before the meeting, not the last minutes
        return _at(inner[0], one.start + 1) if len(inner) == 1 else one
    if started := _STARTING.fullmatch(one.text):
        inner = find(started[1], setting)
        return _at(inner[0], one.start + started.start(1)) if len(inner) == 1 else one
    later = _LATER.fullmatch(one.text)
    if later is None:
        return one
    inner = find(later[1], setting)
    if len(inner) != 1 or not inner[0].readings or inner[0].readings[0].kind != "duration":
        return one
    return _at(inner[0], one.start)


def _halves(one: TimeExpression, setting: Setting) -> list[TimeExpression]:
    """ "Friday to Monday", where something is moved from the one to the other."""
    to = _TO.fullmatch(one.text)
    if to is None:
        return [one]
    ends = [
        _at(found[0], one.start + to.start(group))
        for group in (1, 2)
        if (found := find(to[group], setting))
    ]
    return ends if len(ends) == 2 else [one]


def _at(inner: TimeExpression, start: int) -> TimeExpression:
    return replace(inner, start=start + inner.start, end=start + inner.end)


def match(sentence: Sentence, phrases: Iterable[Phrase]) -> Iterator[Filling]:
    """The phrases that the whole sentence is, in their order."""
    for one in phrases:
        text = sentence.bare if one.floats else sentence.marked
        found = one.pattern.fullmatch(text)
        if found is None:
            continue
        words = {
            name.partition("_")[0]: sentence.written(value)
            for name, value in found.groupdict().items()
            if value
        }
        if one.floats:
            words |= _floating(sentence)
        yield Filling(one.tool, words, one.choices)


_RATE = re.compile(r"(?:daily|weekly|monthly|yearly|fortnightly|regular)", re.IGNORECASE)


def telling(whens: Sequence[str]) -> list[str]:
    """Of "weekly" and "every Tuesday" the one that says more."""
    kept = [words for words in whens if not _RATE.fullmatch(words)]
    return kept if any("every" in words.lower() for words in kept) else list(whens)


def _floating(sentence: Sentence) -> dict[str, str]:
    found: dict[str, str] = {}
    if sentence.whens:
        found["when"] = SEPARATE.join(telling(sentence.whens))
    if sentence.lengths:
        found["length"] = sentence.lengths[0]
    return found


Line = tuple[str, str] | tuple[str, str, Mapping[str, str]]


def table(lines: Sequence[Line], *, spaced: bool, floats: bool = False) -> list[Phrase]:
    """Phrases from lines of (tool, words) or (tool, words, choices)."""
    return [
        Phrase(line[0], phrase(line[1], spaced=spaced), line[2] if len(line) == 3 else {}, floats)
        for line in lines
    ]
