"""The pieces of a request that may be values: quoted words, numbers, times, names, phrases.

Nothing is made up: every piece is a place in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from tandem.understanding.amounts import amounts
from tandem.understanding.times import Setting, TimeReading, find
from tandem.understanding.tokens import Token, is_chinese, tokenize


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters `start` to `end` (exclusive); `kind`: quoted, number, time, email, url, path, code,
    name, place, phrase. `value` is the number, or the moment in ISO 8601, where there is one.
    """

    start: int
    end: int
    text: str
    kind: str
    value: float | str | None = None
    unit: str = ""


_PATTERNS = (
    ("quoted", re.compile(r"\"([^\"]+)\"|“([^”]+)”|「([^」]+)」|《([^》]+)》|(?<![A-Za-z0-9])'([^']+)'(?![A-Za-z0-9])|‘([^’]+)’|`([^`]+)`")),
    ("email", re.compile(r"()[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.A)),
    ("url", re.compile(r"()(?:https?://|www\.)[^\s，。；、)\"']+[^\s，。；、)\"'.,;?!]")),
    ("path", re.compile(r"()(?<![\w/])(?:~?/[\w.-]+)+(?:/|\b)|[\w-]+\.(?:txt|csv|json|pdf|docx?|xlsx?|png|jpe?g|py|md|html?)\b", re.A)),
    ("code", re.compile(r"()(?<![\w.-])(?=[\w.-]*\d)(?=[\w.-]*[A-Za-z_])[A-Za-z0-9]+(?:[-_.]?[A-Za-z0-9]+)*(?![\w-])", re.A)),
)  # fmt: skip
_NAME = re.compile(
    r"(?<![\w'’])[A-Z][\w'’.-]*[\w](?:(?:\s+(?:of|the|de|la|and|&)\s+|\s+|,\s+)[A-Z][\w'’.-]*)*|(?<![\w'’])[A-Z]{2,}(?!\w)"
)
_COLON = re.compile(r"[a-z一-鿿]\s*[:：]\s*([^:：\n]{3,400}?)[\s.。]*$", re.I)
_NO_NAME = frozenset(
    "I I'm I'd I've I'll What What's Which Who Where When Why How Can Could Would Will Please Show Find Get "
    "Give Tell Help Hi Hello Hey Ok OK Is Are Do Does The A An In On At For My And Also Let Let's Make Create Book "
    "Play Set Add Need Want Send Calculate Search Look List Provide Check Change Turn Call Order Buy If To It "
    "There This That You Your We Now Today Tomorrow After Before From With Hmm Ah Oh Yes No Thanks Thank".split()
)
_PREPOSITIONS = frozenset(
    "in at to from for of on about by with near around named called into as is are was like between and or".split()
)
_ENDS = _PREPOSITIONS | frozenset(
    "the a an my your please what which who how when where why that this i you me we it can could would will do "
    "does have has had am been want need if then today tomorrow now using so there be".split()
)
_ZH_PHRASE = re.compile(
    r"(?:叫做?|名为|名字是|标题是|主题是|关于|在|从|到|去|给|把|为|是|找|查询?|搜索|播放|买|订)"
    r"([^，。？！；、\s的了吗呢吧\d]{1,12})"
)
_ZH_LIST = re.compile(r"[^，。？！；、\s和与及是为有的在]{1,10}")


def pieces(text: str, now: datetime) -> list[Piece]:
    """All of them, those of one kind apart; they may lie in each other."""
    found: list[Piece] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            group = next((i for i, words in enumerate(match.groups(), 1) if words), 0)
            start, end = match.span(group)
            found.append(Piece(start, end, text[start:end], kind))
    fixed = [(one.start, one.end) for one in found]
    for one in find(text, Setting(now)):
        if one.best is not None and not _inside(one.start, one.end, fixed):
            value = _moment(one.best)
            found.append(Piece(one.start, one.end, text[one.start : one.end], "time", value))
    codes = [(p.start, p.end) for p in found if p.kind in ("code", "email", "url", "path")]
    times = [(p.start, p.end) for p in found if p.kind == "time" and len(p.text) > 4]
    for one in amounts(text):
        if not _inside(one.start, one.end, codes) and one.kind != "ordinal":
            words = text[one.start : one.end]
            found.append(Piece(one.start, one.end, words, "number", one.value, one.unit))
    rest = [*_names(text), *(_phrases(text) if not is_chinese(text) else _chinese(text))]
    found += [one for one in rest if not _inside(one.start, one.end, times)]
    if (colon := _COLON.search(text)) is not None:
        found.append(Piece(colon.start(1), colon.end(1), colon[1], "quoted"))
    return found


def _moment(reading: TimeReading) -> str | None:
    """ISO 8601; a time of day without a day begins with T."""
    match reading.start:
        case datetime() as moment:
            return moment.isoformat(timespec="seconds")
        case date() as day:
            return day.isoformat()
        case time() as clock:
            return f"T{clock.isoformat(timespec='seconds')}"
        case _:
            return None


def _inside(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(a <= start and end <= b for a, b in spans)


def _names(text: str) -> Iterator[Piece]:
    for match in _NAME.finditer(text):
        words, start = match[0], match.start()
        while words and words.split(" ")[0].rstrip(",.") in _NO_NAME:
            head = words.split(" ")[0]
            rest = words[len(head) :].lstrip()
            start += len(words) - len(rest)
            words = rest
        words = re.sub(r"['’]s$", "", words.rstrip(".,'’"))
        if words:
            yield Piece(start, start + len(words), words, "name")
            if "," in words:  # the town alone, too
                head = words.split(",")[0]
                yield Piece(start, start + len(head), head, "name")


def _phrases(text: str) -> Iterator[Piece]:
    """Runs of words between prepositions and other small words."""
    run: list[Token] = []
    for token in [*tokenize(text), None]:
        word = token.form if token is not None else "."
        is_end = word in _ENDS or not any(c.isalnum() for c in word)
        if token is not None and not is_end:
            run.append(token)
            continue
        if run and len(run) <= 8:
            start, end = run[0].start, run[-1].end
            yield Piece(start, end, text[start:end], "phrase")
        run = []


def _chinese(text: str) -> Iterator[Piece]:
    for match in _ZH_PHRASE.finditer(text):
        yield Piece(match.start(1), match.end(1), match[1], "phrase")
    for match in _ZH_LIST.finditer(text):
        yield Piece(match.start(), match.end(), match[0], "phrase")
