"""The telling words of a text, and how many of them another one has. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from tandem.understanding.tokens import fold, is_chinese, tokenize

STOP = frozenset(
    "the a an of with to in on at for my our me i it and or is are was that this about from by his"
    " her their your all one ones some any please new last next first today tomorrow yesterday"
    " week month mail mails email emails e message messages newsletter newsletters meeting"
    " meetings event events appointment appointments call note notes task tasks todo"
    " reminder invitation invite thing s re fw fwd w not do be will has have what"
    " who when where".split()
)
_FILLER = frozenset("的那个这把我了给和跟与在是")
_FILLER_WORDS = re.compile(
    "那封|这封|几封|一封|邮件|那个会|会议|日程|预约|待办|任务|提醒|笔记|最新|昨天|今天|明天|所有|全部|一下"
)


@lru_cache(maxsize=20_000)
def terms(text: str) -> frozenset[str]:
    """The telling words of a text: Latin words by their stem, Chinese as pairs of characters."""
    found: set[str] = set()
    run, end = "", 0
    for token in tokenize(_FILLER_WORDS.sub(" ", text)):
        form = token.form
        run, end = run if token.start == end else "", token.end
        if is_chinese(form) and len(form) == 1:
            if form in _FILLER:
                run = ""
                continue
            if run:
                found.add(run + form)
            run = form
            continue
        run = ""
        if form not in STOP and (len(form) > 1 or form.isdigit()) and form[0] != "'":
            found.add(stem(form))
    return frozenset(found)


def stem(word: str) -> str:
    """Without the ends that change: "invoices", "Femis" and "vetting" meet their singulars."""
    for end in ("'s", "ies", "es", "s"):
        if word.endswith(end) and len(word) - len(end) >= 3 and not word.endswith("ss"):
            return word[: -len(end)] + ("y" if end == "ies" else "")
    return word


def overlap(wanted: frozenset[str], text: str) -> float:
    """The share of the wanted terms that the text has; a near spelling counts less."""
    if not wanted:
        return 0.0
    have = terms(text)
    near = sum(1.0 if term in have else 0.8 * _near(term, have) for term in wanted) / len(wanted)
    return max(near, 0.6 * _characters(wanted, text))


def _characters(wanted: frozenset[str], text: str) -> float:
    """The share of the wanted Chinese characters that the text has: 看牙 shares one with 牙医."""
    single = {char for term in wanted if is_chinese(term) for char in term}
    if not single:
        return 0.0
    flat = fold(text)
    return sum(char in flat for char in single) / len(single)


def _near(term: str, have: frozenset[str]) -> float:
    if len(term) < 4 or not term.isascii():
        return 0.0
    for other in have:
        if len(other) >= 4 and (other.startswith(term) or term.startswith(other)):
            return 0.9
        if abs(len(other) - len(term)) <= 1 and other[0] == term[0] and one_slip(term, other):
            return 0.8
    return 0.0


def one_slip(a: str, b: str) -> bool:
    """Whether one letter is changed, missing or swapped with its neighbour."""
    if len(a) > len(b):
        a, b = b, a
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    if len(a) == len(b):
        swapped = a[at + 2 :] == b[at + 2 :] and a[at : at + 2] == b[at : at + 2][::-1]
        return a[at + 1 :] == b[at + 1 :] or swapped
    return a[at:] == b[at + 1 :]
