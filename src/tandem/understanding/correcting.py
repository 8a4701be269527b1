"""Turns that only make sense after another: answers to a question, corrections of what was done."""

from __future__ import annotations

import re
from dataclasses import replace

from tandem.understanding import candidates
from tandem.understanding.catalogue import CATALOGUE, Slot, SlotType
from tandem.understanding.known import Known
from tandem.understanding.linking import Memory, link
from tandem.understanding.moments import length_of, when_of
from tandem.understanding.network import Sight
from tandem.understanding.reading import (
    Call,
    Context,
    Decision,
    Filled,
    Question,
    Reading,
    Ref,
    Turn,
    Value,
    When,
)
from tandem.understanding.terms import overlap
from tandem.understanding.tokens import fold

_ORDER = (
    ("first", 0),
    ("second", 1),
    ("third", 2),
    ("last", -1),
    ("former", 0),
    ("latter", -1),
    ("前一", 0),
    ("后一", -1),
    ("第一", 0),
    ("第二", 1),
    ("第三", 2),
    ("最后", -1),
)
_NO = re.compile(r"(no|nope|never mind|forget it|leave it|算了|不用|不要|取消)[.!。]?", re.I)
_YES = re.compile(
    r"(?:yes|yeah|yep|right|correct|sure|exactly|that(?:'s| is)? (?:one|it)|that|ok(?:ay)?)"
    r"|对|是的?|嗯|没错|就是(?:它|这个|那个)?|好的?",
    re.I,
)
_OWN = re.compile(r"\b(own|private|personal|home)\b|私人|个人|家里", re.I)
_OFFICE = re.compile(r"\b(work|office)\b|公司|工作", re.I)
_LEAD = re.compile(
    r"^(sorry|actually|no|oh|wait|hang on|i mean|make (it|that)|"
    r"不对|不是|说错了|错了|哦不|等等|改成|换成|是|还是)[\s,，.。]*",
    re.I,
)


def completed(answer: str, asked: Reading, context: Context, sight: Sight) -> Reading:
    """The earlier reading with its question answered."""
    question = asked.question
    if question is None or _NO.fullmatch(answer.strip()):
        return Reading(Decision.ESCALATE, reason="the question was not answered")
    call = asked.calls[question.call]
    slot = CATALOGUE[call.tool].slot(question.slot)
    filled = _answer(answer, slot, call, question, context.known)
    name = slot.name
    if filled.value is None and slot.type is SlotType.WHEN:
        before = context.turns[-1].text if context.turns else ""
        name, filled = _by_so_much(answer, before, call, context.known) or (name, filled)
    calls = list(asked.calls)
    calls[question.call] = replace(call, slots={**call.slots, name: filled})
    still = _open(calls)
    if still is not None:
        return Reading(Decision.ASK, tuple(calls), still, asked.confidence)
    return Reading(Decision.ACT, tuple(calls), confidence=asked.confidence)


_SHORTER = re.compile(r"\b(?:short\w*|cut|trim|reduce)\b|缩|减", re.I)
_LONGER = re.compile(r"\b(?:extend|long\w*|length\w*|stretch)\b|延长|加长", re.I)
_EARLIER = re.compile(r"\b(?:earlier|forward|sooner|bring|up)\b|提前|往前|早", re.I)


def _by_so_much(answer: str, before: str, call: Call, known: Known) -> tuple[str, Filled] | None:
    """A length where a time was asked for: later by it, or what the request said."""
    length = length_of(answer, known)
    if length is None or call.tool not in ("event_change", "task_change"):
        return None
    said = f"{before} {answer}"
    is_event = call.tool == "event_change"
    if is_event and (_SHORTER.search(said) or _LONGER.search(said)):
        return "lengthen", Filled(answer, -length if _SHORTER.search(said) else length)
    return "shift", Filled(answer, -length if _EARLIER.search(said) else length)


def _open(calls: list[Call]) -> Question | None:
    from tandem.understanding.encoder_reader import open_question

    return open_question(calls)


def _answer(answer: str, slot: Slot, call: Call, question: Question, known: Known) -> Filled:
    words = _LEAD.sub("", answer.strip()).strip(" .,。，")
    options = question.options
    first = re.split(r",|，|;| and | but ", words)[0] if slot.type is SlotType.CONTACT else words
    if options:
        chosen = _chosen(first, options, known)
        if chosen is not None:
            return Filled(answer, _addressed(chosen, words, known), (0, len(answer)))
        if slot.type in (SlotType.EVENT, SlotType.TASK, SlotType.NOTE, SlotType.MAIL):
            return Filled(answer, None, (0, len(answer)), options)  # none of those: asked again
    if slot.type is SlotType.WHEN:
        first = re.sub(r"^(?:to|till|until)\s+|^(?:到|至)", "", first, flags=re.I)
    filled = link(slot, call.tool, first, (0, len(answer)), known, Memory())
    if isinstance(filled.value, tuple):
        return replace(filled, value=_addressed(filled.value, words, known))
    return filled


def _by_what_they_are(words: str, ids: set[str], known: Known) -> list[candidates.Found]:
    """ "The one from the bank": by employer, title and note of those who were asked about."""
    wanted = candidates.terms(words)
    scored = [
        (overlap(wanted, f"{c.organisation} {c.title} {c.note} {' '.join(c.emails)}"), c)
        for c in known.contacts
        if c.uid in ids
    ]
    best = sorted(scored, key=lambda pair: -pair[0])
    is_clear = len(best) > 1 and best[0][0] > best[1][0]
    return [candidates.Found(Ref("contact", best[0][1].uid), best[0][0])] if is_clear else []


def _chosen(words: str, options: tuple[Value, ...], known: Known) -> tuple[Ref, ...] | None:
    """Which of the options the words mean: by place in the list, or by how they fit."""
    low = fold(words)
    if len(options) == 1 and _YES.fullmatch(low):
        return _refs(options[0])
    for word, at in _ORDER:
        if word in low and -len(options) <= at < len(options):
            return _refs(options[at])
    refs = [ref for option in options for ref in _refs(option)]
    ids = {ref.id for ref in refs}
    kinds = {ref.kind for ref in refs}
    found: list[candidates.Found] = []
    if "contact" in kinds:
        found = candidates.contacts(words, known)
        if not any(one.ref.id in ids for one in found):
            found = _by_what_they_are(words, ids, known)
    elif "event" in kinds:
        people = [
            a
            for f in candidates.contacts(words, known)[:2]
            for c in known.contacts
            if c.uid == f.ref.id
            for a in c.emails
        ]
        found = candidates.events(words, known, None, people)
    elif "mail" in kinds:
        found = candidates.mails(words, known)
    elif "task" in kinds:
        found = candidates.tasks(words, known)
    elif "note" in kinds:
        found = candidates.notes(words, known)
    best = next((one for one in found if one.ref.id in ids), None)
    return None if best is None else tuple(ref for ref in refs if ref.id == best.ref.id)[:1]


def _refs(value: Value) -> tuple[Ref, ...]:
    return tuple(one for one in value if isinstance(one, Ref)) if isinstance(value, tuple) else ()


def _addressed(
    refs: tuple[Ref, ...] | tuple[str, ...], words: str, known: Known
) -> tuple[Ref, ...]:
    """With the address that the user named by its kind, where a person has several."""
    out: list[Ref] = []
    for ref in refs:
        if not isinstance(ref, Ref):
            continue
        card = next((c for c in known.contacts if c.uid == ref.id), None)
        if ref.kind == "contact" and card is not None and len(card.emails) > 1:
            ref = replace(ref, address=_address(card.emails, words) or ref.address)
        out.append(ref)
    return tuple(out)


def _address(emails: tuple[str, ...], words: str) -> str | None:
    own, office = _OWN.search(words), _OFFICE.search(words)
    if own is None and office is None:
        return None
    shared = ("office@", "info@", "contact@", "team@", "mail@", "hello@")
    wants_own = own is not None and (office is None or own.start() < office.start())
    ranked = sorted(emails, key=lambda one: one.startswith(shared))
    return ranked[0] if wants_own else ranked[-1]


def corrected(request: str, last: Turn, context: Context, sight: Sight) -> Reading:
    """The last calls as they should have been: the new value goes where its kind fits."""
    known = context.known
    calls = list(last.reading.calls)
    if not calls:
        return Reading(Decision.ESCALATE, reason="nothing to correct")
    words = _LEAD.sub("", _LEAD.sub("", request.strip())).strip(" .,。，")
    changed = _with(calls[-1], words, request, known)
    if changed is None:
        return Reading(Decision.ESCALATE, reason="the correction was not understood")
    calls[-1] = changed
    still = _open(calls)
    if still is not None:
        return Reading(Decision.ASK, tuple(calls), still, corrects=True)
    return Reading(Decision.ACT, tuple(calls), confidence=last.reading.confidence, corrects=True)


_BARE = re.compile(
    r"(?:make it |at )?(?:half (?:past )?)?"
    r"(?:[1-9]|1\d|2[0-4]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)",
    re.I,
)


def _moment(words: str, known: Known) -> When | None:
    """The new time; a bare number where a time was is an hour: "sorry, eleven"."""
    found = when_of(words, known)
    if found is None and _BARE.fullmatch(words):
        found = when_of(f"at {words.removeprefix('at ')}", known)
    return found


def _with(call: Call, words: str, request: str, known: Known) -> Call | None:
    spec = CATALOGUE[call.tool]
    span = (0, len(request))
    for slot in spec.slots:
        old = call.slots.get(slot.name)
        if slot.type is SlotType.WHEN and (new := _moment(words, known)) is not None:
            base = old.value if old is not None and isinstance(old.value, When) else None
            return _put(call, slot.name, Filled(words, _merged(base, new), span))
        if (
            slot.type is SlotType.DURATION
            and old is not None
            and (length := length_of(words, known))
        ):
            return _put(call, slot.name, Filled(words, length, span))
    return _other(call, words, span, known)


def _other(call: Call, words: str, span: tuple[int, int], known: Known) -> Call | None:
    spec = CATALOGUE[call.tool]
    number = re.fullmatch(r"(?:to )?[£$€¥]?(\d[\d.,]*)\s*\w*", words)
    body = call.slots.get("body")
    if number is not None and body is not None and isinstance(body.value, str):
        text = re.sub(r"\d[\d.,]*", number[1], body.value, count=1)
        return _put(call, "body", Filled(text, text, span))
    for slot in spec.slots:
        if slot.type is SlotType.CONTACT and (found := candidates.contacts(words, known)):
            return _put(call, slot.name, Filled(words, (found[0].ref,), span))
    for name in ("place", "body", "text", "title"):
        if name in {slot.name for slot in spec.slots} and (
            name != "place" or re.match(r"(in|at|在)", words)
        ):
            value = re.sub(r"^(in|at|在|say|write|说)\s*", "", words)
            return _put(call, name, Filled(value, value, span))
    return None


def _put(call: Call, name: str, filled: Filled) -> Call:
    return replace(call, slots={**call.slots, name: filled})


def _merged(old: When | None, new: When) -> When:
    """Only what was said becomes different: a new day keeps the clock, a new clock the day."""
    if old is not None and old.has_time and new.has_time and new.recurrence is None:
        if new.end is None and new.start.hour % 12 == old.start.hour % 12:
            # "Still at seven" is the same hour, morning or evening.
            new = replace(new, start=new.start.replace(hour=old.start.hour))
    if old is None or (new.has_date and new.has_time):
        return new
    length = None if old.end is None else old.end - old.start
    if new.is_part and new.end is not None:
        day = old.start.date() - new.start.date()
        return replace(new, start=new.start + day, end=new.end + day, has_date=old.has_date)
    if new.has_time:
        start = old.start.replace(hour=new.start.hour, minute=new.start.minute)
        if not old.has_time:
            start = new.start.replace(year=old.start.year, month=old.start.month, day=old.start.day)
        return When(
            start,
            new.end or (start + length if length else None),
            old.has_date,
            True,
            old.recurrence,
        )
    start = new.start.replace(hour=old.start.hour, minute=old.start.minute)
    return When(start, start + length if length else None, True, old.has_time, old.recurrence)
