"""What waits for a yes, what is a question, what goes to the cloud. Pure."""

from __future__ import annotations

import re

from tandem.assistant.cards import Step
from tandem.types import Effect
from tandem.understanding.catalogue import CATALOGUE
from tandem.understanding.reading import Decision, Reading


def needs_yes(step: Step) -> bool:
    """Outward acts always; acts on many mails at once, too, so that the count is seen before; and
    whatever a model made of words that are not the user's.
    """
    return step.effect is Effect.OUTWARD or step.count > 1 or not step.is_said


_ASKS = re.compile(
    r"\?|？|\b(?:who|what\w*|which|where|when|until|how|did|does|is|are|has)\b"
    r"|吗|呢|什么|多少|哪|几[点号天个]|谁|怎么",
    re.IGNORECASE,
)


_ORDERS_TEXT = re.compile(
    r"\b(?:write|compare|translate|draft|summari[sz]e|essay|words)\b|写一|翻译|翻成|总结|对比|分析|方案",
    re.IGNORECASE,
)


def is_question(text: str) -> bool:
    """Whether the words ask for something to be told, not to be done or written."""
    return _ASKS.search(text) is not None and _ORDERS_TEXT.search(text) is None


SURE_ENOUGH = 0.7
"""Above it 23 of 25 acts on the shared requests were right, below it half of them: what is below
goes to the cloud, where there is one.
"""


ASK_ENOUGH = 0.55
"""Below it the question would as often be about the wrong thing."""


def is_unsure(reading: Reading) -> bool:
    least = {Decision.ACT: SURE_ENOUGH, Decision.ASK: ASK_ENOUGH}.get(reading.decision, 0.0)
    sure = min((call.confidence for call in reading.calls), default=1.0)
    return not reading.corrects and sure < least


def only_reads(reading: Reading) -> bool:
    """A question about which no choice is open: the records may answer it as it stands."""
    options = reading.question.options if reading.question else ()
    return not options and all(CATALOGUE[call.tool].effect is Effect.READ for call in reading.calls)


RECORDS = frozenset({"event", "events", "mail", "mails", "task", "note", "title"})


def is_lost(reading: Reading) -> bool:
    question = reading.question
    return question is not None and not question.options and question.slot in RECORDS
