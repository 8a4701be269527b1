"""How many, and in which time: what bounds a condition. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from tandem.understanding.known import Known
from tandem.understanding.moments import borders_of, length_of, setting_of, when_of
from tandem.understanding.times import find

COUNT = re.compile(
    r"\b(?P<way>more than|over|at least|fewer than|less than|under|at most|exactly)\s+(?P<n>\d+|one|two|three|four|five|six|ten)\b(?!\s*(?:day|week|month|hour|minute|year))"
    r"|\b(?P<m>\d+|two|three|four|five|six|ten) or (?P<or>more|fewer|less)\b"
    r"|(?P<zh>超过|多于|不到|少于|至少|最多)(?P<k>\d+|[一两二三四五六十])(?=个|封|条|场|次)",
    re.I,
)
_SMALL = {w: n for n, w in enumerate("zero one two three four five six seven eight nine ten".split())} | {
    "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "十": 10,
}  # fmt: skip
_PAST = re.compile(
    r"\b(?:last|past|previous|since|ago|yesterday)\b|过去|最近|以来|昨天|前天|上周", re.I
)
_HAVE_DONE = re.compile(
    r"\b(?:have|has|had|'ve|'s|haven['’]?t|hasn['’]?t|did|didn['’]?t)\b[^.]*\b(?:met|seen|had|spoken|talked|attended)\b|见过|开过",
    re.I,
)
_NEXT = re.compile(r"\b(?:next|last|past|coming|following)\b|未来|接下来|过去|最近", re.I)
_LEADS = re.compile(
    r"\b(?:in|the|next|last|past|coming|following)\b|未来|接下来|过去|最近|内|里", re.I
)
_WITHIN = re.compile(r"^(?:in|for|within|over)\b|[内里]$", re.I)
_AHEAD = re.compile(r"\b(?:next|coming|tomorrow|upcoming)\b|未来|接下来|明天|后天|下周", re.I)


def _number(word: str) -> int:
    return _SMALL.get(word.lower()) or (int(word) if word.isdigit() else 0)


def by_count(words: str, count: int) -> bool | None:
    """Whether so many are as many as the words want; `None` where they tell no number."""
    found = COUNT.search(words)
    if found is None:
        return None
    if found["or"]:
        border = _number(found["m"])
        return count >= border if found["or"].lower() == "more" else count <= border
    way = (found["way"] or found["zh"]).lower()
    border = _number(found["n"] or found["k"])
    return {
        "more than": count > border, "over": count > border, "at least": count >= border,
        "fewer than": count < border, "less than": count < border, "under": count < border,
        "at most": count <= border, "exactly": count == border,
        "超过": count > border, "多于": count > border, "不到": count < border,
        "少于": count < border, "至少": count >= border, "最多": count <= border,
    }[way]  # fmt: skip


# --- when ---------------------------------------------------------------------------------------


def window(words: str, known: Known, *, of_mail: bool) -> tuple[datetime, datetime] | None:
    """The time that is asked about: the last or the next days, or a day or range that is named."""
    is_past = _looks_back(words, of_mail=of_mail)
    for one in find(words, setting_of(known, past=is_past)):
        best = one.best
        if best is None or best.kind == "set":
            continue
        leads_back = is_past and _WITHIN.search(one.text)
        if best.kind == "duration" or leads_back or _NEXT.search(one.text):
            length = length_of(one.text, known) or length_of(_LEADS.sub(" ", one.text), known)
            if length is not None and length >= timedelta(hours=1):
                now = known.now
                return (now - length, now) if is_past else (now, now + length)
        when = when_of(one.text, known, past=is_past)
        if when is not None:
            start, end = borders_of(when)
            if re.search(r"\bsince\b", words[: one.start][-8:] + one.text, re.I) or "以来" in words:
                return start, known.now
            return start, end
    return None


def _looks_back(words: str, *, of_mail: bool) -> bool:
    if _AHEAD.search(words):
        return False
    return bool(_PAST.search(words) or _HAVE_DONE.search(words) or of_mail)
