"""One request after another: read, plan, ask for a yes where something goes out, do, answer.

The order is the safety: the calls are fixed from the user's words before any text of others is
looked at; a step that sends waits for a yes that only the user's side can give; a card that nobody
answers is never done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from tandem.assistant import (
    answers,
    answers_data,
    lookup,
    plan_events,
    plan_guests,
    plan_mail,
    plan_records,
    plan_tables,
    plan_tasks,
)
from tandem.assistant.asking import missing, shown
from tandem.assistant.cards import Card, Evidence, Step
from tandem.assistant.deciding import (
    RECORDS,
    is_lost,
    is_question,
    is_unsure,
    needs_yes,
    only_reads,
)
from tandem.assistant.findings import found_text, proof_of
from tandem.assistant.knowing import Knowing
from tandem.assistant.letters import Writer
from tandem.assistant.manner import learn
from tandem.assistant.mentions import mentioned
from tandem.assistant.performing import Hands
from tandem.assistant.planning import Asked, Desk, Maker, Outcome, Told, new_id, plan
from tandem.assistant.provenance import is_said, only_asked
from tandem.assistant.words import say
from tandem.errors import StoreFault, TandemError
from tandem.understanding.beyond import BEYOND
from tandem.understanding.catalogue import CATALOGUE
from tandem.understanding.known import Known
from tandem.understanding.reading import (
    Call,
    Context,
    Decision,
    Filled,
    Question,
    Reader,
    Reading,
    Ref,
    Turn,
)

MAKERS: Mapping[str, Maker] = {
    **plan_events.MAKERS,
    **plan_guests.MAKERS,
    **plan_tasks.MAKERS,
    **plan_mail.MAKERS,
    **plan_records.MAKERS,
    **plan_tables.MAKERS,
    **answers.MAKERS,
    **answers_data.MAKERS,
}
"""Who plans which tool: every tool of the catalogue but `undo`, which is done here."""


class Kind(StrEnum):
    """How a turn ended."""

    ANSWERED = "answered"
    DONE = "done"
    WAITING = "waiting"  # for the user's yes
    ASKED = "asked"
    ESCALATED = "escalated"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the user sees: the words, the cards that wait for a yes, and those that can be undone.

    `reading` is what was understood, for the record and for the cloud.
    """

    kind: Kind
    text: str
    waiting: tuple[Card, ...] = ()
    undoable: tuple[Card, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    reading: Reading | None = None


@dataclass(slots=True)
class _Act:
    """Something that was done in this conversation."""

    act_id: str
    step: Step
    card: Card


class Assistant:
    """One conversation with one user. Blocks while stores are read and written.

    `has_cloud`: there is somebody to give to what the device is unsure of. Without, it acts on what
    is likely (an act can be undone, and what goes out has a card) and asks where it found nothing.
    `recent`: what an earlier conversation was about a moment ago, for "it" in the first turn.
    """

    def __init__(
        self,
        reader: Reader,
        knowing: Knowing,
        hands: Hands,
        language: str,
        *,
        has_cloud: bool = False,
        recent: tuple[Ref, ...] = (),
    ) -> None:
        self._reader = reader
        self._has_cloud = has_cloud
        self.knowing = knowing
        self._hands = hands
        self._language = language
        before = Turn("", Reading(Decision.ESCALATE), is_done=False, records=recent)
        self._turns: tuple[Turn, ...] = (before,) if recent else ()
        self._waiting: dict[str, Step] = {}
        self._acts: list[list[_Act]] = []
        self._doubts: str | None = None

    # --- the user's side ------------------------------------------------------------------------

    def say(self, text: str) -> Reply:
        """One turn of the user's. Raises nothing that a server does: it becomes the reply."""
        try:
            known = self.knowing.refresh()
            reading = self._reader.read(text, self.context(known))
            if self._has_cloud and is_unsure(reading):
                reading = replace(reading, decision=Decision.ESCALATE)
            return self.act_on(text, reading, known)
        except TandemError as error:
            return Reply(Kind.FAILED, str(error))

    @property
    def records(self) -> tuple[Ref, ...]:
        """What the last turn made, changed or showed."""
        return self._turns[-1].records if self._turns else ()

    def context(self, known: Known) -> Context:
        """What a reader of the next turn may know."""
        return Context(known, self._turns)

    def act_on(
        self, text: str, reading: Reading, known: Known | None = None, *, by_model: bool = False
    ) -> Reply:
        """The acts of a reading, whoever read it: the device's reader or a cloud's tool calls.

        Cards that an earlier turn left waiting are void: a yes is for what is on the screen. Calls
        `by_model`, which may have read what others wrote, are kept only where the request asks for
        their kind.
        """
        asked = text
        if by_model:
            asked = " ".join((*(turn.text for turn in self._turns[-2:]), text))
            calls, _ = only_asked(reading.calls, asked)
            reading = replace(reading, calls=calls)
        self._doubts = asked if by_model else None
        self._waiting.clear()
        known = known or self.knowing.refresh()
        language = self._spoken(text)
        try:
            reply = self._follow(text, reading, known, language)
        except StoreFault as error:
            reply = Reply(Kind.FAILED, str(error), reading=reading)
        is_done = reply.kind in (Kind.DONE, Kind.WAITING, Kind.ANSWERED)
        reading = reply.reading or reading
        records = mentioned((*reply.undoable, *reply.waiting), reply.evidence, reading)
        self._turns = (*self._turns, Turn(text, reading, is_done, records))
        return replace(reply, reading=reading)

    def answer(self, card_id: str, yes: bool) -> Reply:
        """The user's answer to a card that waits. An id that is not known is never a yes."""
        step = self._waiting.pop(card_id, None)
        if step is None or not yes:
            return Reply(Kind.ANSWERED, say(self._language, "declined"))
        try:
            act = self._perform(step)
        except StoreFault as error:
            return Reply(Kind.FAILED, str(error))
        self._acts.append([act])
        return Reply(
            Kind.DONE, say(self._language, "done", what=step.done or step.title), (), (act.card,)
        )

    def undo(self, card_id: str | None = None) -> Reply:
        """Take back one act by its card, or all acts of the last turn."""
        language = self._language
        if not self._acts:
            return self._undo_earlier(card_id)
        group = self._acts[-1]
        if card_id is not None:
            mine = [g for g in self._acts if any(act.card.id == card_id for act in g)]
            group = mine[0] if mine else list[_Act]()
        taken: list[str] = []
        for act in reversed(group):
            if card_id is None or act.card.id == card_id:
                self._hands.undo(act.act_id)
                group.remove(act)
                taken.append(act.step.title)
        self._acts = [one for one in self._acts if one]
        if not taken:
            return Reply(Kind.ANSWERED, say(language, "nothing_to_undo"))
        return Reply(Kind.DONE, say(language, "undone", what="; ".join(taken)))

    def _undo_earlier(self, card_id: str | None) -> Reply:
        """The last act of an earlier conversation, from the journal."""
        done = self._hands.done(1) if card_id is None else ()
        if not done:
            return Reply(Kind.ANSWERED, say(self._language, "nothing_to_undo"))
        try:
            self._hands.undo(done[0].id)
        except StoreFault as error:
            return Reply(Kind.FAILED, str(error))
        return Reply(Kind.DONE, say(self._language, "undone", what=done[0].title))

    # --- one reading ----------------------------------------------------------------------------

    def _follow(self, text: str, reading: Reading, known: Known, language: str) -> Reply:
        match reading.decision:
            case Decision.ESCALATE:
                if reading.reason == BEYOND:
                    return Reply(Kind.ESCALATED, say(language, "escalate"))
                return self._escalated(text, known, language)
            case Decision.REFUSE:
                return Reply(Kind.REFUSED, say(language, "refuse"))
            case Decision.ASK:
                if only_reads(reading) and is_question(text) and lookup.is_known(text, known):
                    return self._from_records(text, known, language)
                question = self._question(reading, known, language)
                if self._has_cloud and is_lost(reading):
                    return self._lost(question, language)
                return Reply(Kind.ASKED, question)
            case Decision.ACT:
                tools = [call.tool for call in reading.calls]
                if tools == ["data_question"] and not lookup.is_known(text, known, lookup.HARDLY):
                    return Reply(Kind.ESCALATED, say(language, "escalate"))
                return self._act(reading, known, language)

    def _lost(self, question: str, language: str) -> Reply:
        """Words that name a record, and no record that fits: a larger model may see which."""
        return Reply(Kind.ESCALATED, f"{question} {say(language, 'escalate_lost')}")

    def _escalated(self, text: str, known: Known, language: str) -> Reply:
        """A question that the reader gave away may still be answered by the user's own records."""
        if not is_question(text) or not lookup.is_known(text, known):
            return Reply(Kind.ESCALATED, say(language, "escalate"))
        return self._from_records(text, known, language)

    def _from_records(self, text: str, known: Known, language: str) -> Reply:
        call = Call("data_question", {"question": Filled(text, text)})
        desk = Desk(call, known, self.knowing, self._writer(known), language)
        told = plan(desk, MAKERS)
        evidence = told.evidence if isinstance(told, Told) else ()
        words = told.text if isinstance(told, Told) else ""
        reading = Reading(Decision.ACT, (call,))
        return Reply(Kind.ANSWERED, words, (), (), evidence, reading)

    def _act(self, reading: Reading, known: Known, language: str) -> Reply:
        if any(call.tool == "undo" for call in reading.calls):
            return self.undo()
        prefix = ""
        if reading.corrects and self._acts:
            self.undo()
            known, prefix = self.knowing.refresh(), "corrected"
        writer = self._writer(known)
        outcomes: list[Outcome] = []
        proof = proof_of(reading.finding, known)
        for call in reading.calls:
            outcome = plan(Desk(call, known, self.knowing, writer, language), MAKERS)
            if isinstance(outcome, Step) and self._doubts is not None:
                outcome = replace(outcome, is_said=is_said(call, self._doubts, known))
            if isinstance(outcome, Step) and proof:
                outcome = replace(outcome, evidence=(*proof, *outcome.evidence))
            outcomes.append(outcome)
        asked = next((one for one in outcomes if isinstance(one, Asked)), None)
        if asked is not None:  # nothing is done by halves
            if self._has_cloud and asked.slot in RECORDS:
                return self._lost(asked.text, language)
            return Reply(
                Kind.ASKED, asked.text, reading=_open(reading, outcomes.index(asked), asked)
            )
        reply = self._carry_out(outcomes, language, prefix)
        if reading.finding is None:
            return reply
        told = found_text(reading.finding, bool(outcomes), language)
        return replace(
            reply, text=f"{told}\n{reply.text}".strip(), evidence=(*proof, *reply.evidence)
        )

    def _carry_out(self, outcomes: list[Outcome], language: str, prefix: str) -> Reply:
        texts: list[str] = []
        evidence: list[Evidence] = []
        waiting: list[Card] = []
        group: list[_Act] = []
        for outcome in outcomes:
            if isinstance(outcome, Told):
                texts.append(outcome.text)
                evidence += outcome.evidence
            elif isinstance(outcome, Step) and needs_yes(outcome):
                card = Card(new_id(), outcome)
                self._waiting[card.id] = outcome
                waiting.append(card)
            elif isinstance(outcome, Step):
                group.append(self._perform(outcome))
                key = prefix or "done"
                texts.append(say(language, key, what=outcome.done or outcome.title))
        if group:
            self._acts.append(group)
        if waiting:
            texts.append(say(language, "needs_yes"))
        kind = Kind.WAITING if waiting else Kind.DONE if group else Kind.ANSWERED
        return Reply(
            kind,
            "\n".join(texts),
            tuple(waiting),
            tuple(act.card for act in group),
            tuple(evidence),
        )

    def _perform(self, step: Step) -> _Act:
        act_id = self._hands.perform(step)
        return _Act(act_id, step, Card(new_id(), step, is_undo=True))

    def _writer(self, known: Known) -> Writer:
        manner = learn(known.mails, known.user_email, known.user_name)
        return Writer(known.user_name, known.user_email, manner)

    # --- words ----------------------------------------------------------------------------------

    def _spoken(self, text: str) -> str:
        """The language of the answer: the one that the user wrote in."""
        if any("\u4e00" <= letter <= "\u9fff" for letter in text):
            self._language = "zh"
        elif any(letter.isalpha() for letter in text):
            self._language = "en"
        return self._language

    def _question(self, reading: Reading, known: Known, language: str) -> str:
        question = reading.question
        if question is None or not reading.calls:
            return say(language, "ask_slot", slot="?")
        call = reading.calls[min(question.call, len(reading.calls) - 1)]
        if question.options:
            named = [shown(option, known, language) for option in question.options[:5]]
            return say(language, "ask_which", options=" / ".join(named))
        return missing(call, question, language)


def _open(reading: Reading, at: int, asked: Asked) -> Reading:
    """The reading as one that waits for the answer to what planning had to ask."""
    if asked.slot not in {slot.name for slot in CATALOGUE[reading.calls[at].tool].slots}:
        return reading
    return replace(reading, decision=Decision.ASK, question=Question(asked.slot, at))
