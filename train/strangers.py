"""Questions without an answer to learn: phrases that no glossary holds, with fresh sentences.

A model that sees each such pair only once cannot know the next one. So it learns a broad, uncertain
answer for what it does not hold, and an exact match for what it holds; no refusal is ever taught.
"""

import random
import re
from collections.abc import Iterator

from train.data import Term
from train.phrasings import FIELDS, normal_form, term_forms

_SMALL_WORDS = """
a about after again all also always am an and another any are as at away back be became because
been before being both but by came can come could did do does done down each either else even ever
every few for from gave get give go goes going gone good got great had has have having he her here
him himself his how however i if in into is it its itself just knew know known last less let like
little long made make many may me might more most much must my myself never new no nor not nothing
now of off often oh old on once one only or other our out over own per quite rather said same saw
say see seem seemed seems shall she should since so some something still such take than that the
their them themselves then there these they thing things think this those though thought three
through thus to together too took two under until up upon us use used using very was way we well
went were what when where whether which while who whom whose why will with within without would
yes yet you your
"""
_STOPWORDS = frozenset(_SMALL_WORDS.split())


class Strangers:
    """An unending, seeded stream of phrases, each with a field to ask in and an answer."""

    def __init__(
        self,
        draw: random.Random,
        known: list[Term],
        every_term: list[Term],
        textbooks: list[str],
        novels: list[str],
    ) -> None:
        self.draw = draw
        self.known = known
        self.forbidden = {
            normal_form(form) for term in every_term for form in term_forms(term.name)
        }
        self.textbook_sentences = _sentences(textbooks)
        self.novel_sentences = _sentences(novels)
        self._textbook_pairs = self._pairs(self.textbook_sentences)
        self._novel_pairs = self._pairs(self.novel_sentences)

    def fresh(self) -> tuple[str, str, str]:
        """A phrase from a passage; its answer is the sentence that holds it, or one near."""
        phrase, answer = next(self._either_pairs(textbook=0.7))
        return phrase, self.draw.choice(list(FIELDS)), answer

    def lookalike(self) -> tuple[str, str, str]:
        """A phrase made from the words or word parts of known terms; any sentence answers it."""
        phrase, field = self.lookalike_phrase()
        _, answer = next(self._either_pairs(textbook=0.8))
        return phrase, field, answer

    def lookalike_phrase(self) -> tuple[str, str]:
        while True:
            one, two = self.draw.sample(self.known, 2)
            a, b = (self.draw.choice(term_forms(term.name)).split() for term in (one, two))
            phrase = " ".join(self._recombined(a, b)).strip(" ()/,.;:")
            if len(phrase) > 3 and phrase.lower() not in _STOPWORDS and self._is_strange(phrase):
                return phrase, one.field

    def _recombined(self, a: list[str], b: list[str]) -> list[str]:
        draw = self.draw
        kind = draw.random()
        place = draw.randrange(len(a))
        other = draw.choice(b) if draw.random() < 0.4 else self._passage_word()
        if kind < 0.2:
            return [draw.choice(a), draw.choice(b)]
        if kind < 0.45:  # change one word of a known term
            return [*a[:place], other, *a[place + 1 :]]
        if kind < 0.68:  # one word more: the hardest to tell from the term itself
            return [other, *a] if draw.random() < 0.6 else [*a, other]
        if kind < 0.8 and len(a) > 1:  # one word less
            return [*a[:place], *a[place + 1 :]]
        if kind < 0.9:  # most terms are single words: so are the words they are not
            return [self._passage_word()]
        new_word = _crossed(draw, draw.choice(a), draw.choice(b))
        return [new_word, draw.choice(b)] if draw.random() < 0.3 else [new_word]

    def _passage_word(self) -> str:
        while not (phrase := _phrase(self.draw, self.draw.choice(self.textbook_sentences))):
            pass
        return self.draw.choice(phrase.split())

    def _is_strange(self, phrase: str) -> bool:
        return normal_form(phrase) not in self.forbidden

    def _either_pairs(self, textbook: float) -> Iterator[tuple[str, str]]:
        return self._textbook_pairs if self.draw.random() < textbook else self._novel_pairs

    def _pairs(self, sentences: list[str]) -> Iterator[tuple[str, str]]:
        """A phrase of a sentence with that sentence or one near it, each sentence once per pass."""
        while True:
            order = list(range(len(sentences)))
            self.draw.shuffle(order)
            for i in order:
                distance = 0 if self.draw.random() < 0.5 else self.draw.choice([1, 2, 3])
                phrase = _phrase(self.draw, sentences[i])
                if phrase and self._is_strange(phrase):
                    yield phrase, sentences[min(i + distance, len(sentences) - 1)]


def _sentences(paragraphs: list[str]) -> list[str]:
    found: list[str] = []
    for paragraph in paragraphs:
        parts = re.split(r"(?<=[.!?])\s+(?=[A-Z“\"])", paragraph.strip())
        found += [part for part in parts if 6 <= len(part.split()) <= 36]
    return found


def _phrase(draw: random.Random, sentence: str) -> str | None:
    """One to three words in a row that could be the name of something."""
    words = [word.strip(".,;:!?“”\"'‘’()—") for word in sentence.split()]
    spans = []
    for i in range(len(words)):
        for size in (1, 2, 3):
            span = words[i : i + size]
            if len(span) == size and all(_namelike(word) for word in (span[0], span[-1])):
                spans.append(span)
    if not spans:
        return None
    size = draw.choice([1, 2, 2, 3])
    span = draw.choice([span for span in spans if len(span) == size] or spans)
    return " ".join(span)


def _namelike(word: str) -> bool:
    plain = word.lower()
    return (
        len(word) > 2
        and bool(re.fullmatch(r"[a-z][a-z’'-]*", plain))
        and plain not in _STOPWORDS
        and not plain.endswith("ly")
    )


def _crossed(draw: random.Random, a: str, b: str) -> str:
    if min(len(a), len(b)) < 5:
        return a + b
    return a[: draw.randrange(3, len(a) - 1)] + b[draw.randrange(1, len(b) - 2) :]
