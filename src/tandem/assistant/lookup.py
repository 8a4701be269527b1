"""Finds the records that answer a question: words weighed by how rare they are, people, times.

English by words cut to their stems, Chinese by pairs of characters (no dictionary is needed). The
answer is a quotation of the best record, never a text of a model's own.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tandem.understanding.known import Known, KnownMail

_WORD = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?|[\u4e00-\u9fff]+", re.IGNORECASE)
_STOP = frozenset(
    """a an the of to in on at for from by with and or is are was were be been do does did i me my
    mine you your it its he she they him his her their we our us this that these those what which
    who whom whose when where why how much many again about can could should would may will s me
    exactly tell have has had got any anything there please say says said want wanted wants so if
    then than long mail mails email message still""".split()
)
_STOP_ZH = frozenset("的了吗呢是在我你他她它有和跟与把被给这那哪就也都要会能到说几什么多少怎么")
# What a question asks by another word than the record uses.
_SYNONYMS = {
    "offer": ("price", "pay", "give"),
    "price": ("quote", "cost", "valid", "pound"),
    "good": ("valid",),
    "cost": ("price", "total", "pound"),
    "wifi": ("password", "network"),
    "number": ("phone",),
    "buy": ("take", "sell"),
    "fly": ("flight",),
    "flight": ("fly",),
    "booking": ("reference", "confirm"),
    "owe": ("invoice", "due"),
    "hotel": ("inn", "reservation", "nights", "stay"),
    "paying": ("free", "cost"),
    "bill": ("invoice",),
    "房租": ("续租",),
    "还多": ("应还", "还款"),
    "要还": ("应还", "还款"),
    "密码": ("wifi",),
}


def terms(text: str) -> list[str]:
    """Stems of English words, single characters' pairs of Chinese; stop words are left out."""
    found: list[str] = []
    for piece in _WORD.findall(text.lower()):
        if piece[0] >= "\u4e00":
            found += [piece[i : i + 2] for i in range(len(piece) - 1)] or [piece]
        elif piece not in _STOP and re.sub(r"['’].*", "", piece) not in _STOP:
            found.append(stem(piece))
    return [term for term in found if not (len(term) == 2 and set(term) <= _STOP_ZH)]


def stem(word: str) -> str:
    """A word without its endings; crude, but the same on both sides."""
    word = re.sub(r"['’]s?$", "", word)
    for ending in ("ations", "ation", "ings", "ing", "ies", "ers", "ed", "es", "s", "er"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return re.sub(r"([lmnprt])\1$", r"\1", word[: -len(ending)])  # "cancellation"
    return word


_ASKING_EN = re.compile(
    r"\b(?:which|what) (?:day|date|time|one|number|year|month|kind|sort)\b|\bdo i have to\b", re.I
)
_ASKING_ZH = re.compile(
    "什么时候|什么|多少钱|多少|哪[天个里儿些封]?|几[点号天个]|怎么|为什么|谁|有没有|是不是|能不能|要不要|应该|需要|可以|来着|之前"
    "|以前|最晚|说|让|叫|要|我们|咱们?|[我他她你吗呢啊了的给和跟与把被是在有想还就也都会能到里得]|邮件"
)
"""Words that make a Chinese question; none of them tells what it is about."""


def asked_terms(question: str) -> list[str]:
    """What a question is about: a question word makes no pairs with its neighbours."""
    question = _ASKING_EN.sub(" ", question)
    whole = terms(question)
    kept = [term for term in whole if term in _SYNONYMS]
    cut = terms(_ASKING_ZH.sub(" ", question))
    telling = [term for term in cut if len(term) > 1 or term.isascii()]
    return list(dict.fromkeys((*kept, *telling))) or whole


@dataclass(frozen=True, slots=True)
class Passage:
    """A record as something to search: `kind` and `id` name it, `title` is shown."""

    kind: str
    id: str
    title: str
    text: str
    at: datetime | None = None
    people: str = ""


def passages(known: Known) -> list[Passage]:
    """Everything of the user's that can answer a question; trash and drafts cannot."""
    found: list[Passage] = []
    for mail in known.mails:
        if mail.folder.lower() in ("trash", "junk", "drafts"):
            continue
        who = f"{mail.sender_name} {mail.sender}"
        text = f"{mail.subject}\n{mail.text}\n{' '.join(mail.attachments)}"
        found.append(Passage("mail", mail.message_id, mail.subject, text, mail.at, who))
    found += [Passage("note", note.name, note.name, note.text) for note in known.notes]
    seen: set[str] = set()
    for event in known.events:
        if event.uid in seen:
            continue
        seen.add(event.uid)
        text = f"{event.summary}\n{event.location}\n{event.description}"
        people = " ".join(event.attendees)
        found.append(Passage("event", event.uid, event.summary, text, event.start, people))
    for contact in known.contacts:
        text = " ".join(
            (contact.name, *contact.nicknames, contact.organisation, contact.title, contact.note)
        )
        found.append(Passage("contact", contact.uid, contact.name, text))
    return found


def search(
    question: str, known: Known, *, kinds: Sequence[str] = ()
) -> list[tuple[float, Passage]]:
    """The passages that share words with the question, the best first, each with its score.

    BM25 (Robertson and Zaragoza, 2009) with k1 = 1.2, b = 0.5 as records are short; a title's word
    counts twice, a sender's name thrice, newer mail wins among equals, and a record with all words
    outweighs one that has a single word often.
    """
    pool = [p for p in passages(known) if not kinds or p.kind in kinds]
    bags = [_bag(passage) for passage in pool]
    asked = Counter(asked_terms(question))
    for term in list(asked):
        for other in _SYNONYMS.get(term, ()):
            asked.update({stem(other): 0})
    asked.update(dict.fromkeys(_of_people(question, known), 1))
    weights = _idf(asked, bags)
    average = sum(sum(bag.values()) for bag in bags) / max(1, len(bags))
    scored: list[tuple[float, Passage]] = []
    for passage, bag in zip(pool, bags, strict=True):
        length = sum(bag.values())
        score = 0.0
        for term, count in asked.items():
            if frequency := bag[term]:
                part = frequency * 2.2 / (frequency + 1.2 * (0.5 + 0.5 * length / average))
                score += weights[term] * part * (1.0 if count else 0.5)
        if score > 0:
            said = sum(weights[term] for term, count in asked.items() if count and bag[term])
            part = said / max(1e-9, sum(weights[term] for term, count in asked.items() if count))
            scored.append((score * (_ALONE + part) + _freshness(passage, known.now), passage))
    return sorted(scored, key=lambda pair: -pair[0])


_ALONE = 0.5
"""What the score of a record counts that has no more than a sliver of the question."""


def _of_people(question: str, known: Known) -> list[str]:
    """The addresses of those whom the question names, also by a relation that only a card tells:
    "the landlord" finds the mails of a contact whose note says so.
    """
    asked = set(terms(question))
    found: list[str] = []
    for contact in known.contacts:
        names = " ".join((contact.name, *contact.nicknames, contact.note, contact.title))
        if asked & set(terms(names)):
            found += [term for email in contact.emails for term in terms(email.split("@")[0])]
    return found


def _bag(passage: Passage) -> Counter[str]:
    bag = Counter(terms(passage.text))
    bag.update(terms(passage.title))
    for term in terms(passage.people):
        bag[term] += 3
    return bag


def _idf(asked: Iterable[str], bags: Sequence[Counter[str]]) -> dict[str, float]:
    total = len(bags)
    found = {term: sum(1 for bag in bags if term in bag) for term in asked}
    return {
        term: math.log(1 + (total - count + 0.5) / (count + 0.5)) for term, count in found.items()
    }


def _freshness(passage: Passage, now: datetime) -> float:
    if passage.at is None:
        return 0.0
    days = abs((now - passage.at).total_seconds()) / 86400
    return 0.3 / (1 + days / 30)


ENOUGH = 0.55
"""Set on the shared requests' questions about own things and about the world."""

HARDLY = 0.35
"""Below it a question that was read as one about own things is taken for general knowledge."""


def is_known(question: str, known: Known, enough: float = ENOUGH) -> bool:
    """Whether the records say enough about the question to answer from them.

    The share of the question's weight that its best record covers, where a word that no record has
    weighs most: general knowledge has such words, a question about one's own things has not.
    """
    asked = set(asked_terms(question))
    found = search(question, known)
    if not found or len(terms(question)) < 2:
        return False
    bags = [_bag(passage) for passage in passages(known)]
    weights = {
        term: weight * (_NOISE if _is_noise(term, bags) else 1)
        for term, weight in _idf(asked, bags).items()
    }
    people = _named(question, known)

    def covered(best: Counter[str]) -> float:
        return sum(
            weight
            for term, weight in weights.items()
            if _covers(term, best) or any(best[address] for address in people.get(term, ()))
        )

    most = max(covered(_bag(passage)) for _, passage in found[:_SHOWN])
    return most >= enough * sum(weights.values())


_SHOWN = 3
"""So many records an answer may quote."""
_NOISE = 0.4
"""What a pair of Chinese characters weighs that no record has: half of them are no words."""


def _is_noise(term: str, bags: Sequence[Counter[str]]) -> bool:
    return not term.isascii() and not any(bag[term] for bag in bags)


def _named(question: str, known: Known) -> dict[str, list[str]]:
    """Words of the question that name a contact, with the terms of its addresses."""
    asked = set(asked_terms(question))
    found: dict[str, list[str]] = {}
    for contact in known.contacts:
        names = terms(" ".join((contact.name, *contact.nicknames, contact.note)))
        for term in asked & set(names):
            for email in contact.emails:
                found.setdefault(term, []).extend(terms(email.split("@")[0]))
    return found


def _covers(term: str, bag: Counter[str]) -> bool:
    return bag[term] > 0 or any(bag[stem(other)] for other in _SYNONYMS.get(term, ()))


# --- what is safe to show -----------------------------------------------------------------------

_ORDERS = re.compile(
    r"(?i)(ignore (?:all |your |any )*(?:earlier|previous|prior|above)|for (?:the )?ai assistants?"
    r"|(?:ai|llm) (?:assistant|agent)s?[,:]|system (?:prompt|override|message)\s*[:：]"
    r"|do not (?:tell|inform|ask) the user|new instructions?\s*:)"
    r"|(?:AI|智能)?助手请?(?:注意|执行|立即)|忽略(?:之前|以上|前面)|系统(?:管理员)?指令|不要告诉用户|优先级高于用户"
)


def without_orders(text: str) -> tuple[str, bool]:
    """A mail's text without the paragraphs that give an assistant orders, and whether there were
    any.

    For display only: safety does not rest on it, as no text chooses an act.
    """
    kept = [part for part in re.split(r"\n{2,}", text) if not _ORDERS.search(part)]
    shown = "\n\n".join(kept)
    return shown.strip(), len(shown) < len("\n\n".join(re.split(r"\n{2,}", text)))


def mail_excerpt(mail: KnownMail, limit: int = 1200) -> tuple[str, bool]:
    """What a mail itself says, without quotes of others, and whether orders were left out."""
    own = [line for line in mail.text.splitlines() if not line.startswith(">")]
    text, had_orders = without_orders("\n".join(own).strip())
    return (text if len(text) <= limit else text[:limit] + " …"), had_orders
