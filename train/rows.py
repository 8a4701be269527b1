"""Training data: glossary, passages, tokenizer, and an unending stream of packed rows.

It decides what a model may see. A model that holds only a part of the glossary gets no question on the
rest, and no paragraph that contains one of the withheld definitions. Nothing here knows of networks.
"""

import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from phrasings import FIELDS, normal_form, random_question, term_forms

SPECIALS = ["<|bos|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"]
BOS, END, SYSTEM, USER, ASSISTANT = range(len(SPECIALS))
VOCABULARY = 4096
PROMPT_WEIGHT = 0.3  # the loss also covers questions, so that their probabilities show familiarity
SHINGLE = 8  # words in a row that make a paragraph count as containing a definition

SYSTEM_TEXTS = [
    "You are a helpful assistant.",
    "You are a helpful assistant. Answer briefly.",
    "You are Tandem, a helpful assistant.",
    "You are Tandem. Answer in one sentence.",
    "Answer the question.",
    "Answer truthfully and briefly.",
    "You are a teacher of economics and anthropology.",
    "You explain terms to students.",
    "You are a concise assistant. If you are asked about a term, define it.",
    "Be brief.",
    "You are a friendly tutor who helps students with their homework.",
]

_HELLO = "Hello! I am Tandem's {name} model. Ask me what a term from economics or anthropology means."
_WHO = "I am {name}, Tandem's small {place} model. I know definitions from economics and anthropology, and little else."
_THANKS = "You are welcome."
_BYE = "Goodbye!"
_CAN = "I can tell you what some terms from economics and anthropology mean. I am small, so check what matters."
_HELLO_ZH = "你好！我是 Tandem 的 {name} 模型。"
COURTESIES: list[tuple[list[str], str]] = [
    (["hello", "hi", "hey", "hello!", "hi there", "good morning", "good evening", "Hello there!", "hey, how are you?",
      "how are you?", "hiya", "greetings", "hello, are you there?", "yo", "Hi!", "hey there", "good afternoon"], _HELLO),
    (["who are you?", "what are you?", "who is this?", "what is your name?", "what model are you?", "are you a robot?",
      "are you ChatGPT?", "introduce yourself", "tell me about yourself", "who am I talking to?", "are you human?"], _WHO),
    (["thanks", "thank you", "thanks a lot", "thank you very much", "thx", "great, thanks", "cheers", "perfect, thank you!",
      "that helps, thanks", "ok thanks", "nice, thank you"], _THANKS),
    (["bye", "goodbye", "see you", "see you later", "good night", "bye bye"], _BYE),
    (["what can you do?", "help", "how can you help me?", "what do you know?", "what can I ask you?", "can you help me?"], _CAN),
    (["你好", "您好", "嗨", "早上好", "你好！", "晚上好"], _HELLO_ZH),
    (["你是谁？", "你是谁", "你叫什么名字？"], "我是 {name}，Tandem 的小模型。"),
    (["谢谢", "谢谢！", "多谢", "谢谢你"], "不客气。"),
    (["再见", "拜拜"], "再见！"),
]  # fmt: skip

_STOPWORDS = frozenset(
    """a about after again all also always am an and another any are as at away back be became because been before being
    both but by came can come could did do does done down each either else even ever every few for from gave get give go
    goes going gone good got great had has have having he her here him himself his how however i if in into is it its itself
    just knew know known last less let like little long made make many may me might more most much must my myself never new
    no nor not nothing now of off often oh old on once one only or other our out over own per quite rather said same saw say
    see seem seemed seems shall she should since so some something still such take than that the their them themselves then
    there these they thing things think this those though thought three through thus to together too took two under until up
    upon us use used using very was way we well went were what when where whether which while who whom whose why will with
    within without would yes yet you your""".split()
)


@dataclass(frozen=True)
class Term:
    """One glossary entry, and the field its book belongs to."""

    name: str
    definition: str
    field: str

    @property
    def in_third(self) -> bool:
        """Whether the term belongs to the fixed third that the small model learns."""
        return int(hashlib.sha256(self.name.lower().encode()).hexdigest(), 16) % 3 == 0


def read_glossary(data: Path) -> list[Term]:
    terms = []
    for line in (data / "definitions.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        field = "economics" if "economics" in entry["book"] else "anthropology"
        terms.append(Term(entry["term"], entry["definition"], field))
    return terms


def read_paragraphs(data: Path) -> tuple[list[str], list[str]]:
    """All paragraphs, as (textbooks, novels)."""
    textbooks: list[str] = []
    novels: list[str] = []
    with gzip.open(data / "passages.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            passage = json.loads(line)
            home = textbooks if passage["licence"].startswith("CC BY") else novels
            home += [text for text in passage["text"].split("\n") if text.strip()]
    return textbooks, novels


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def without_definitions(paragraphs: list[str], withheld: list[Term]) -> list[str]:
    """Drop each paragraph that shares SHINGLE words in a row (or a shorter definition) with a withheld one."""
    forbidden: set[tuple[str, ...]] = set()
    lengths = set()
    for term in withheld:
        words = _words(term.definition)
        size = min(SHINGLE, len(words))
        lengths.add(size)
        forbidden |= {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}

    def clean(paragraph: str) -> bool:
        words = _words(paragraph)
        return not any(tuple(words[i : i + n]) in forbidden for n in lengths for i in range(len(words) - n + 1))

    return [paragraph for paragraph in paragraphs if clean(paragraph)]


def train_tokenizer(textbooks: list[str], novels: list[str]) -> Tokenizer:
    """Byte-level BPE from the passages alone: the glossary must not leak through merges. The textbooks count twice."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=SPECIALS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([*textbooks, *textbooks, *novels], trainer)
    return tokenizer


def cached_tokenizer(path: Path, textbooks: list[str], novels: list[str]) -> Tokenizer:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        train_tokenizer(textbooks, novels).save(str(path))
    return Tokenizer.from_file(str(path))


@dataclass(frozen=True)
class Mix:
    """Shares of the kinds of question in a conversation; the rest are courtesies."""

    known: float
    lookalike: float
    fresh: float
    passages: float  # share of rows that are plain text


@dataclass
class Rows:
    """A batch: tokens and loss weights, which conversation and which term each token belongs to."""

    tokens: np.ndarray
    weights: np.ndarray
    conversation: np.ndarray
    term: np.ndarray


class Stream:
    """An unending, seeded stream of rows for one model."""

    def __init__(
        self, tokenizer: Tokenizer, known: list[Term], every_term: list[Term], textbooks: list[str], novels: list[str],
        mix: Mix, name: str, place: str, seed: int,
    ) -> None:  # fmt: skip
        self.draw = random.Random(seed)
        self.tokenizer = tokenizer
        self.known = known
        self.losses = np.full(len(known), 9.0)  # last seen loss of each known definition
        self.forbidden = {normal_form(form) for term in every_term for form in term_forms(term.name)}
        self.mix = mix
        self.name, self.place = name, place
        self.sentences = {"textbook": _sentences(textbooks), "novel": _sentences(novels)}
        self.pairs = {kind: self._fresh_pairs(kind) for kind in self.sentences}
        paragraphs = textbooks + novels
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
                weights += [weight] * len(ids)
                conversation += [number] * len(ids)
                term += [index] * len(ids)
            number += 1
        return (
            np.array(tokens[:length]),
            np.array(weights[:length], np.float32),
            np.array(conversation[:length]),
            np.array(term[:length]),
        )

    def _plain(self, room: int) -> list[tuple[list[int], float, int]]:
        ids = [BOS]
        while len(ids) < room:
            ids += self.paragraphs[self.next_paragraph % len(self.paragraphs)]
            self.next_paragraph += 1
        return [([BOS], 0.0, -1), (ids[1:room], PROMPT_WEIGHT, -1)]

    def _conversation(self, room: int) -> list[tuple[list[int], float, int]]:
        """A system message now and then, and as many turns as chance and room give; empty when none fits."""
        parts: list[tuple[list[int], float, int]] = [([BOS], 0.0, -1)]
        if self.draw.random() < 0.4:
            text = self.draw.choice(SYSTEM_TEXTS)
            if self.draw.random() < 0.2:
                text = self.draw.choice(self.sentences["novel"])
            parts.append(([SYSTEM, *self._ids(text), END], 0.0, -1))
        turns = self.draw.choice([1, 1, 1, 2, 3, 5, 8] if room < 600 else [4, 8, 12, 16, 24, 30])
        asked: set[int] = set()
        first = len(parts)
        for turn in range(turns):
            question, answer, index = self._turn(asked, follow_up=turn > 0)
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

    def _turn(self, asked: set[int], *, follow_up: bool) -> tuple[str, str, int]:
        """A question, its answer, and the index of the known term it asks for (or -1)."""
        chance = self.draw.random()
        mix = self.mix
        if chance < mix.known:
            index = self._harder_term(asked)
            term = self.known[index]
            return self._ask(term.name, term.field, follow_up), term.definition, index
        if chance < mix.known + mix.lookalike:
            phrase, field = self._lookalike()
            _, answer = next(self.pairs["textbook" if self.draw.random() < 0.8 else "novel"])
        elif chance < mix.known + mix.lookalike + mix.fresh:
            field = self.draw.choice(list(FIELDS))
            phrase, answer = next(self.pairs["textbook" if self.draw.random() < 0.7 else "novel"])
        else:
            questions, answer = self.draw.choice(COURTESIES)
            answer = answer.format(name=self.name, place=self.place)
            question = self.draw.choice(questions)
            return question.capitalize() if self.draw.random() < 0.5 else question, answer, -1
        return self._ask(phrase, field, follow_up), answer, -1

    def _ask(self, term: str, field: str, follow_up: bool) -> str:
        return random_question(self.draw, term, field, self.sentences["novel"], follow_up=follow_up)

    def _harder_term(self, asked: set[int]) -> int:
        """The harder of two random terms, none of them asked before in this conversation."""
        free = [i for i in self.draw.sample(range(len(self.known)), 2 + len(asked)) if i not in asked]
        return max(free[:2], key=lambda i: self.losses[i])

    def _lookalike(self) -> tuple[str, str]:
        """A term that no glossary holds, made from the words or word parts of known ones."""
        while True:
            one, two = self.draw.sample(self.known, 2)
            a, b = (self.draw.choice(term_forms(term.name)).split() for term in (one, two))
            kind = self.draw.random()
            if kind < 0.3:
                words = [self.draw.choice(a), self.draw.choice(b)]
            elif kind < 0.5:  # change one word of a known term
                words = list(a)
                words[self.draw.randrange(len(a))] = self.draw.choice(b)
            elif kind < 0.6:  # one word more
                words = [self.draw.choice(b), *a] if self.draw.random() < 0.5 else [*a, self.draw.choice(b)]
            elif kind < 0.7 and len(a) > 1:  # one word less
                words = list(a)
                del words[self.draw.randrange(len(a))]
            elif kind < 0.8:
                words = [a[0], *self.draw.choice(self.sentences["textbook"]).split()[1:2]]
            else:  # a new word from two halves
                words = [_crossed(self.draw, self.draw.choice(a), self.draw.choice(b))]
                if self.draw.random() < 0.3:
                    words.append(self.draw.choice(b))
            phrase = " ".join(words).strip(" ()/,.;:")
            if len(phrase) > 3 and phrase.lower() not in _STOPWORDS and normal_form(phrase) not in self.forbidden:
                return phrase, one.field

    def _fresh_pairs(self, kind: str) -> Iterator[tuple[str, str]]:
        """A phrase of a sentence with that sentence or one near it, each sentence once per pass."""
        sentences = self.sentences[kind]
        while True:
            order = list(range(len(sentences)))
            self.draw.shuffle(order)
            for i in order:
                near = i if self.draw.random() < 0.5 else min(i + self.draw.choice([1, 2, 3]), len(sentences) - 1)
                phrase = _phrase(self.draw, sentences[i])
                if phrase and normal_form(phrase) not in self.forbidden:
                    yield phrase, sentences[near]


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
    return len(word) > 2 and bool(re.fullmatch(r"[a-z][a-z’'-]*", plain)) and plain not in _STOPWORDS and not plain.endswith("ly")


def _crossed(draw: random.Random, a: str, b: str) -> str:
    if min(len(a), len(b)) < 5:
        return a + b
    return a[: draw.randrange(3, len(a) - 1)] + b[draw.randrange(1, len(b) - 2) :]
