"""From a request to its acts: cleaned, cut, each one a filling of a phrase. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType

from tandem.understanding.grammar import chinese, english
from tandem.understanding.grammar.phrases import LONGEST, SEPARATE, Filling, Sentence, match
from tandem.understanding.times import Setting, is_chinese

# A body may hold anything, also what looks like another act.
_BODIED = frozenset({"mail_send", "mail_reply", "mail_draft", "message_send", "note_create"})
_TEXTS = frozenset({"title", "text", "body", "name"})


@dataclass(frozen=True, slots=True)
class Act:
    """One act as it was said. `sure` is how telling its words were, 0..1."""

    tool: str
    text: str
    words: Mapping[str, str]
    choices: Mapping[str, str] = field(default_factory=dict[str, str])
    sure: float = 0.9


def language_of(text: str) -> ModuleType:
    """The table of the language that the text is in."""
    return chinese if is_chinese(text) else english


def cleaned(text: str) -> str:
    """Without courtesies and hesitations."""
    words = language_of(text)
    text = text.strip().replace("’", "'").replace("‘", "'")[:LONGEST]
    text = words.FILLER.sub(" " if words is english else "", text)
    stripped = words.LEAD.sub("", text, count=1)
    if len(stripped) < len(text):
        stripped = stripped.rstrip(" ?？")  # "could you ...?" is an order
    text = stripped
    shorter = words.TAIL.sub("", text)
    if _SAID.search(text) and re.search(r"\bfor me\W*$", text, re.IGNORECASE):
        shorter = text.rstrip(" .!?")  # "tell them that Saturday works for me"
    return shorter.strip(" ,，") or text.strip()


def refused(text: str) -> bool:
    """Is it something that nobody can do from here?"""
    if _TO_BE_KEPT.search(text):
        return False
    return language_of(text).REFUSED.fullmatch(cleaned(text)) is not None


_TO_BE_KEPT = re.compile(
    r"\b(?:on|to|in) (?:my|the) (?:list|to-?dos?|tasks?|calendar|diary)\b|\bremind me\b"
    r"|提醒我|(?:加|写|记)(?:到|进|在)?(?:我的)?(?:待办|清单|日历|日程)",
    re.IGNORECASE,
)
"""Words to call or pay that are to be kept, not done."""


def acts_of(request: str, setting: Setting) -> list[Act]:
    """The acts of a request in their order; none where a part of it is no phrase of the grammar."""
    text = cleaned(request)
    whole = one_act(text, setting)
    if whole is None or not (whole.tool in _BODIED or "body" in whole.words):
        parts = _parts(text, setting)
        if parts:
            return parts
    return [whole] if whole is not None else []


def _parts(text: str, setting: Setting) -> list[Act] | None:
    """Cut at the words that join acts, where every piece is an act by itself."""
    words = language_of(text)
    cuts = [found.span() for found in words.CUT.finditer(text)][:6]
    for start, end in cuts:
        first = one_act(cleaned(text[:start]), setting)
        if first is None or first.sure < 0.6:
            continue
        rest = acts_of(text[end:], setting)
        if rest and rest[0].sure >= 0.7:
            return [first, *rest]
    return None


def one_act(text: str, setting: Setting) -> Act | None:
    """The text as one act."""
    if not text:
        return None
    if only := _ONLY_THIS.search(text):
        act = one_act(text[: only.start()], setting)
        if act is not None and act.tool in ("event_change", "event_cancel"):
            return replace(act, words={**act.words, "scope_this": only[0]})
    return _one_act(text, setting)


def _one_act(text: str, setting: Setting) -> Act | None:
    words = language_of(text)
    sentence = Sentence(text, setting)
    if words.TIME_ASKS.fullmatch(text):
        asked = {"question": text}
        if sentence.whens:
            asked["when"] = SEPARATE.join(sentence.whens)
        return Act("time_question", text, asked, sure=0.8)
    if sentence.whens and words.INVITES.search(text) and not words.INVITES.match(text):
        return created(text, setting)
    found = next((one for one in match(sentence, words.FIXED) if _fits(one, words)), None)
    if found is None and words.MOVES.match(text):
        split = match(Sentence(text, setting, splits=True), words.FIXED)
        found = next((one for one in split if _fits(one, words)), None)
    if found is not None:
        slots = dict(found.words)
        if found.tool == "task_change" and "when" in slots:
            slots["when"] = _UNTIL.sub("", slots["when"])  # "snooze it till Monday" is to Monday
        return Act(found.tool, text, slots, found.choices)
    found = next(match(sentence, words.FLOATING), None)
    if found is not None:
        return Act(found.tool, text, found.words, found.choices)
    if words.ASKS.fullmatch(text):
        return Act("data_question", text, {"question": text}, sure=0.6)
    return created(text, setting)


_ONLY_THIS = re.compile(
    r"[,;]? (?:just|only)(?: for)? this (?:week|month|time|once|year)$"
    r"|[，,]?(?:只|就)[改换动]?这(?:一次|次|周|个月|一?回)$",
    re.IGNORECASE,
)
_UNTIL = re.compile(r"^(?:until|till) ", re.IGNORECASE)
_OF_A_CARD = re.compile(
    r"\b(?:birthday|number|e-?mail|address)\b|生日|电话|手机|邮箱", re.IGNORECASE
)


def _fits(found: Filling, words: ModuleType) -> bool:
    """Not a verb that stands for another kind of thing: "cancel the newsletter"."""
    event = found.words.get("event", "")
    if found.tool in ("event_cancel", "event_change") and event:
        if words.MAILISH.search(event) or words.NOTEISH.search(event):
            return False
        if any(sign in event for sign in "?？，,") or len(event.split()) > 12:
            return False
    if found.tool == "event_search" and _OF_A_CARD.search(event):
        return False
    if words is english and re.match(r"(?:an?|some|two|three)\b", found.words.get("to", "")):
        return False
    return all(len(value) < 120 or key in ("body", "text") for key, value in found.words.items())


def created(text: str, setting: Setting) -> Act | None:
    """Something new for the calendar: said so, or a title beside a time and nothing else."""
    words = language_of(text)
    alarm, rest = _cut_out(words.ALARM, text)
    invited, rest = _cut_out(words.INVITES, rest)
    end, rest = _cut_out(words.ENDS, rest)
    sentence = Sentence(cleaned(rest), setting)
    found = next(match(sentence, words.CREATING), None)
    sure = 0.85
    if found is None:
        if not _is_entry(sentence, words):
            return None
        sure = 0.65 if _is_terse(sentence, words) else 0.4
        slots = {"title": sentence.bare, "when": SEPARATE.join(sentence.whens)}
        if sentence.lengths:
            slots["length"] = sentence.lengths[0]
        found = Filling("event_create", slots, {})
    slots = dict(found.words)
    if re.fullmatch(r"(?:it|that|this|them|in)(?: in)?", slots.get("title", ""), re.IGNORECASE):
        return None
    if "when" not in slots and not _names_event(text, words):
        return None
    slots["title"] = _ENDS.sub("", _BEGINS.sub("", slots.get("title", ""))).strip(" ,，.")
    if slots["title"].lower().startswith(("with ", "at ")) and (meal := _MEAL.search(text)):
        slots["title"] = f"{meal[0]} {slots['title']}"
    said = {"alarm": alarm, "end": end}
    if invited is not None:
        said["attendees"] = invited or slots.get("title", "")
    slots |= {key: value for key, value in said.items() if value}
    if place := words.PLACE.search(slots.get("title", "")):
        slots["place"] = next(group for group in place.groups() if group)
    return Act("event_create", text, slots, {"invites": "yes"} if invited is not None else {}, sure)


def _is_entry(sentence: Sentence, words: ModuleType) -> bool:
    """A title beside a time, no question and no other order."""
    if not sentence.whens or not sentence.bare:
        return False
    return not (words.OTHER_VERBS.search(sentence.text) or words.ASKS.fullmatch(sentence.text))


def _cut_out(pattern: re.Pattern[str], text: str) -> tuple[str | None, str]:
    found = pattern.search(text)
    if found is None:
        return None, text
    said = next((group for group in found.groups() if group is not None), "")
    return said.strip(" ,，."), (text[: found.start()] + text[found.end() :]).strip()


_SAID = re.compile(r"\b(?:that|saying|say|says|tell|write|ask)\b", re.IGNORECASE)
_BEGINS = re.compile(
    r"^(?:for|to|called|about)\s+|^(?:嗯|哎|那个|对了|我)*(?:要|想|得|需要)(?!求)", re.IGNORECASE
)
_ENDS = re.compile(
    r"[,.]?\s*(?:please )?(?:put|add|note|block) (?:it|that)(?: (?:in|down))?$"
    r"|[，,]?(?:帮我)?(?:记一?下来?|记着|加一下|大概|大约)$|[，,]\s*(?:帮我)?记$",
    re.IGNORECASE,
)
_MEAL = re.compile(
    r"\b(?:(?:thanksgiving|christmas|easter|new year's|birthday) )?"
    r"(?:breakfast|brunch|lunch|dinner|supper|tea)\b",
    re.IGNORECASE,
)
_NAMES_EVENT = re.compile(
    r"\b(meeting|appointment|calendar|diary|call|lunch|dinner|coffee|event)\b|日程|日历|会|约|面试|饭局",
    re.IGNORECASE,
)


def _names_event(text: str, words: ModuleType) -> bool:
    return _NAMES_EVENT.search(text) is not None


def _is_terse(sentence: Sentence, words: ModuleType) -> bool:
    """A title and a time, as people jot them down."""
    if words is chinese:
        return len(sentence.bare) <= 24
    return len(sentence.bare.split()) <= 8


def texts_of(acts: Sequence[Act]) -> list[str]:
    """The words that are copied, for tests and the curious."""
    return [value for act in acts for key, value in act.words.items() if key in _TEXTS]
