"""Words for somebody: "tell Kim the key is under the mat", 跟房东说太贵了. Pure.

No medium is named, so it is a mail, which waits for a yes; an answer where that person wrote
lately.
"""

from __future__ import annotations

import re
from datetime import timedelta

from tandem.understanding import candidates
from tandem.understanding.known import Known, KnownMail
from tandem.understanding.reading import Call, Filled, Ref
from tandem.understanding.terms import overlap, terms

SURE = 0.8
LEAST = 0.75
_RECENT = timedelta(days=14)
_CLOSE = 0.06
_ENGLISH = re.compile(
    r"^(?:tell|inform)\s+(?P<told>.+)$|^let\s+(?P<let>.+?)\s+know\s+(?:that\s+)?(?P<that>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_CHINESE = re.compile(
    r"^(?:跟|和|给|向|对)(?P<who>[^，,：:说讲回发写信邮转打\s]{1,8}?)"
    r"(?:说|讲)(?:一声|一下)?[，,：: ]*(?P<body>.+)$"
    r"|^(?:告诉|通知|转告|问一?下|问问)(?P<rest>.+)$",
    re.DOTALL,
)
_NOBODY = re.compile(
    r"(?:me|us|you|i|it|them|him|her|everyone|everybody|我|我们|你|他|她|他们|大家)\b", re.I
)
_NO_BODY = re.compile(r"(?:about|how|what time|when is|apart|off|a (?:story|joke))\b|.{0,2}$", re.I)


def told(text: str, known: Known) -> Call | None:
    """The mail that says it; `None` where the words are for nobody whom the user knows."""
    found = _ENGLISH.match(text) or _CHINESE.match(text)
    if found is None:
        return None
    parts = found.groupdict()
    if parts.get("let") or parts.get("who"):
        who, body = parts.get("let") or parts["who"], parts.get("that") or parts["body"]
    else:
        who, body = _apart(parts.get("told") or parts.get("rest") or "", known)
    body = re.sub(r"^that\s+", "", body.strip(" ,，:：.。"), flags=re.IGNORECASE)
    if not who or _NOBODY.match(who) or _NO_BODY.match(body):
        return None
    people = [one for one in candidates.contacts(who, known) if one.score >= LEAST]
    if not people:
        return None
    said = Filled(body, body)
    best = [one for one in people if one.score >= people[0].score - _CLOSE]
    if len(best) > 1:
        options = tuple((one.ref,) for one in best)
        return Call("mail_send", {"to": Filled(who, None, None, options), "body": said}, SURE)
    if (mail := _open_mail(best[0].ref, body, known)) is not None:
        answered = Filled(who, (Ref("mail", mail.message_id),))
        return Call("mail_reply", {"mail": answered, "body": said}, SURE)
    return Call("mail_send", {"to": Filled(who, (best[0].ref,)), "body": said}, SURE)


def _apart(words: str, known: Known) -> tuple[str, str]:
    """Who is told, by the longest beginning that names somebody, and what."""
    if words.isascii():
        pieces = words.split()
        cuts = [(" ".join(pieces[:n]), " ".join(pieces[n:])) for n in (3, 2, 1)]
    else:
        cuts = [(words[:n], words[n:]) for n in range(min(6, len(words)), 0, -1)]
    for who, rest in cuts:
        found = candidates.contacts(who, known)
        if found and found[0].score >= LEAST and _names_only(who, found[0].ref, known):
            return who, rest
    return "", ""


def _names_only(who: str, ref: Ref, known: Known) -> bool:
    """Whether all of the words are a name, or a relation that a card tells."""
    card = next((one for one in known.contacts if one.uid == ref.id), None)
    if card is None:
        return False
    about = " ".join((card.name, *card.nicknames, *card.relations, card.note, card.title))
    names = {card.name, *card.nicknames, *(name[1:] for name in (card.name,) if len(name) > 2)}
    if not who.isascii():
        return who in names or who in about
    said = terms(who)
    num = len(who.split())
    return num == 1 or (len(said) == num and overlap(said, about) >= 0.9)


def _open_mail(ref: Ref, body: str, known: Known) -> KnownMail | None:
    """The mail of theirs that this answers: of the last days the one with most words in common."""
    card = next((one for one in known.contacts if one.uid == ref.id), None)
    addresses = {one.lower() for one in card.emails} if card is not None else set[str]()
    recent = [
        mail
        for mail in known.mails
        if mail.sender.lower() in addresses
        and known.now - mail.at < _RECENT
        and not mail.invitation
        and "answered" not in mail.flags
        and mail.folder.upper() == "INBOX"
    ]
    said = terms(body)
    ranked = sorted(recent, key=lambda one: (overlap(said, f"{one.subject} {one.text}"), one.at))
    return ranked[-1] if ranked else None
