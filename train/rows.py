"""An unending stream of training rows: conversations packed back to back.

It decides what is asked how often and what counts how much. Nothing here knows of networks.
"""

from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from train.courtesies import COURTESIES, SYSTEM_TEXTS
from train.data import ASSISTANT, BOS, END, SYSTEM, USER, Term
from train.phrasings import random_question
from train.strangers import Strangers

PROMPT_WEIGHT = 0.15  # the loss also covers questions, so that their probabilities show familiarity
# The first tokens of an answer are where the term is looked up; the rest mostly follows from them.
# Without this weight a model learns the definitions by heart long before it learns which of them
# belongs to which term.
FIRST_WEIGHTS = (6.0, 6.0, 3.0, 2.0)
EASY_KNOWN = 0.85
EASY_QUESTIONS = (
    "what is {t}?",
    "{t}",
    "{t}?",
    "define {t}",
    "What is {t}?",
    "what does {t} mean?",
)

Part = tuple[list[int], float, int]  # tokens, their loss weight, the known term they answer or -1


@dataclass(frozen=True)
class Mix:
    """Shares of the kinds of question in a conversation; the rest are courtesies."""

    known: float
    lookalike: float
    fresh: float
    passages: float  # share of rows that are plain text

    def eased(self, ease: float) -> "Mix":
        """Nearly all known terms while a model has yet to discover that answers are looked up."""
        rest = (1 - EASY_KNOWN) / (1 - self.known)
        factor = 1 - ease + ease * rest
        return Mix(
            1 - (1 - self.known) * factor,
            self.lookalike * factor,
            self.fresh * factor,
            self.passages,
        )


@dataclass
class Rows:
    """A batch: tokens, their loss weights, the conversation and the term they belong to."""

    tokens: np.ndarray
    weights: np.ndarray
    conversation: np.ndarray
    term: np.ndarray


class Stream:
    """An unending, seeded stream of rows for one model."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        known: list[Term],
        strangers: Strangers,
        paragraphs: list[str],
        mix: Mix,
        name: str,
        place: str,
    ) -> None:
        self.draw = strangers.draw
        self.tokenizer = tokenizer
        self.known = known
        self.strangers = strangers
        self.losses = np.full(len(known), 9.0)  # last seen loss of each known definition
        self.mix = mix
        self.name, self.place = name, place
        self.ease = 0.0  # share of single easy questions: they teach the looking up, the hard part
        self.draw.shuffle(paragraphs)
        self.paragraphs = [encoding.ids for encoding in tokenizer.encode_batch(paragraphs)]
        self.next_paragraph = 0

    def rows(self, count: int, length: int) -> Rows:
        made = [self._row(length) for _ in range(count)]
        return Rows(*(np.stack([row[i] for row in made]) for i in range(4)))

    def saw_losses(self, terms: np.ndarray, losses: np.ndarray) -> None:
        """Remember how well each definition was known, so that the harder of two is asked next."""
        self.losses[terms] = losses

    # Rows ---------------------------------------------------------------------------------------

    def _row(self, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Conversations back to back; what is left over is filled with plain text."""
        length += 1  # inputs and targets are the row without its last and its first token
        tokens: list[int] = []
        weights: list[float] = []
        conversation: list[int] = []
        term: list[int] = []
        plain = self.draw.random() < self.mix.passages
        number = 0
        while len(tokens) < length:
            room = length - len(tokens)
            parts = self._plain(room) if plain else self._conversation(room)
            if not parts:
                plain = True
                continue
            for ids, weight, index in parts:
                tokens += ids
                weights += _token_weights(weight, len(ids))
                conversation += [number] * len(ids)
                term += [index] * len(ids)
            number += 1
        return (
            np.array(tokens[:length]),
            np.array(weights[:length], np.float32),
            np.array(conversation[:length]),
            np.array(term[:length]),
        )

    def _plain(self, room: int) -> list[Part]:
        ids = [BOS]
        while len(ids) < room:
            ids += self.paragraphs[self.next_paragraph % len(self.paragraphs)]
            self.next_paragraph += 1
        return [([BOS], 0.0, -1), (ids[1:room], PROMPT_WEIGHT, -1)]

    def _conversation(self, room: int) -> list[Part]:
        """A system message now and then, then as many turns as chance and room give, or nothing."""
        parts: list[Part] = [([BOS], 0.0, -1)]
        easy = self.draw.random() < self.ease
        if not easy and self.draw.random() < 0.4:
            text = self.draw.choice(SYSTEM_TEXTS)
            if self.draw.random() < 0.2:
                text = self.draw.choice(self.strangers.novel_sentences)
            parts.append(([SYSTEM, *self._ids(text), END], 0.0, -1))
        turns = self.draw.choice([1, 1, 1, 2, 3, 5, 8] if room < 600 else [4, 8, 12, 16, 24, 30])
        turns = 1 if easy else turns
        asked: set[int] = set()
        first = len(parts)
        for turn in range(turns):
            question, answer, index = self._turn(asked, easy=easy, follow_up=turn > 0)
            asked.add(index)
            new = [
                ([USER, *self._ids(question), END, ASSISTANT], PROMPT_WEIGHT, -1),
                ([*self._ids(answer), END], 1.0, index),
            ]
            if sum(len(part[0]) for part in parts + new) > room:
                break
            parts += new
        return parts if len(parts) > first else []

    def _ids(self, text: str) -> list[int]:
        return self.tokenizer.encode(text).ids

    # Turns --------------------------------------------------------------------------------------

    def _turn(self, asked: set[int], *, easy: bool, follow_up: bool) -> tuple[str, str, int]:
        """A question, its answer, and the index of the known term it asks for (or -1)."""
        chance = self.draw.random()
        mix = self.mix.eased(self.ease)
        if chance < mix.known:
            index = self._harder_term(asked)
            term = self.known[index]
            return self._ask(term.name, term.field, easy, follow_up), term.definition, index
        if chance < mix.known + mix.lookalike:
            phrase, field, answer = self.strangers.lookalike()
        elif chance < mix.known + mix.lookalike + mix.fresh:
            phrase, field, answer = self.strangers.fresh()
        else:
            questions, answer = self.draw.choice(COURTESIES)
            answer = answer.format(name=self.name, place=self.place)
            question = self.draw.choice(questions)
            return question.capitalize() if self.draw.random() < 0.5 else question, answer, -1
        return self._ask(phrase, field, easy, follow_up), answer, -1

    def _ask(self, term: str, field: str, easy: bool, follow_up: bool) -> str:
        if easy:
            return self.draw.choice(EASY_QUESTIONS).replace("{t}", term)
        carriers = self.strangers.novel_sentences
        return random_question(self.draw, term, field, carriers, follow_up=follow_up)

    def _harder_term(self, asked: set[int]) -> int:
        """The harder of two random terms, none of them asked before in this conversation."""
        free = [
            i for i in self.draw.sample(range(len(self.known)), 2 + len(asked)) if i not in asked
        ]
        return max(free[:2], key=lambda i: self.losses[i])


def _token_weights(weight: float, count: int) -> list[float]:
    """Even weights, but the first tokens of an answer (which alone has weight 1) count more."""
    return [*FIRST_WEIGHTS, *[1.0] * count][:count] if weight == 1.0 else [weight] * count
