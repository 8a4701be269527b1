"""What the models are made from: glossary, passages, tokenizer.

It decides what a model may read: no paragraph that contains a definition withheld from it.
"""

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

SPECIALS = ["<|bos|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"]
BOS, END, SYSTEM, USER, ASSISTANT = range(len(SPECIALS))
VOCABULARY = 4096
SHINGLE = 8  # words in a row that make a paragraph count as containing a definition


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
    """Drop each paragraph that shares SHINGLE words in a row with a withheld definition.

    A definition shorter than that is looked for as a whole.
    """
    forbidden: set[tuple[str, ...]] = set()
    lengths = set()
    for term in withheld:
        words = _words(term.definition)
        size = min(SHINGLE, len(words))
        lengths.add(size)
        forbidden |= {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}

    def clean(paragraph: str) -> bool:
        words = _words(paragraph)
        return not any(
            tuple(words[i : i + n]) in forbidden for n in lengths for i in range(len(words) - n + 1)
        )

    return [paragraph for paragraph in paragraphs if clean(paragraph)]


def train_tokenizer(textbooks: list[str], novels: list[str]) -> Tokenizer:
    """Byte-level BPE from the passages alone: the glossary must not leak through merges.

    The textbooks count twice, because the questions are about them.
    """
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
