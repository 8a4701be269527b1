"""A start for the reader's tables: words that stand in like places get like vectors.

`python -m train.reader_vectors --out build/train/vectors.pt`: skip-gram with sampled negatives, over
the same hashed features as the reader's, on the project's texts: passages, dialogues, the public
requests that are not held out, generated ones. A few minutes; `train.reader --vectors` begins there.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import zstandard
from torch import nn

from tandem.understanding.tokens import NUM_FEATURES, NUM_WORDS, features, tokenize, word_row
from train import reader_rows
from train.reader_model import Shape

NEGATIVES = 256
BATCH = 2048
REACH = 4
STD = {"table": 0.25, "words": 0.1}  # as the reader's own beginning


def texts(data: Path, rng: random.Random) -> Iterator[str]:
    """Sentences; short requests twice, as they are what is to be read."""
    from train.reader_requests import requests

    for row in reader_rows.public(data):
        if not row.is_held_out:
            yield row.text
            yield row.text
    for row in reader_rows.read("crosswoz_zh", data):
        yield row["utterance"]
    yield from (row.text for row in requests(rng, 20_000) if not row.is_held_out)
    with gzip.open(data / "taskmaster4_coffee.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield from (turn["text"] for turn in json.loads(line)["turns"])
    for row in lifebench(data.parent.parent / "privacy" / "pii_lifebench.jsonl.zst"):
        yield from row["text"].split("\n")
    passages = data.parent.parent / "text" / "passages.jsonl.gz"
    with gzip.open(passages, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield from json.loads(line)["text"].split("\n")


def lifebench(path: Path) -> Iterator[dict]:
    """What synthetic phone users write: messages, notes, calendars."""
    with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as raw:
        for line in io.TextIOWrapper(raw, encoding="utf-8"):
            yield json.loads(line)


class Corpus:
    """Tokens as numbers: which features each has, and which word it is."""

    def __init__(self, sentences: list[str]) -> None:
        seen: dict[tuple[int, ...], int] = {}
        self.features: list[tuple[int, ...]] = []
        kind, words, where = list[int](), list[int](), list[int]()
        count = Counter[int]()
        for number, text in enumerate(sentences):
            tokens = tokenize(text)
            for token, rows in zip(tokens, features(tokens, text), strict=True):
                key = tuple(rows)
                if key not in seen:
                    seen[key] = len(self.features)
                    self.features.append(key)
                kind.append(seen[key])
                words.append(word_row(token.form))
                where.append(number)
                count[words[-1]] += 1
        self.kind, self.words, self.where = map(np.array, (kind, words, where))
        share = np.zeros(NUM_WORDS)
        for row, times in count.items():
            share[row] = times
        share /= share.sum()
        self.keep = np.minimum(1, np.sqrt(1e-4 / np.maximum(share[self.words], 1e-12)))
        self.noise = share**0.75 / (share**0.75).sum()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=Path("build/train/vectors.pt"))
    parser.add_argument("--data", type=Path, default=reader_rows.DATA)
    parser.add_argument("--minutes", type=float, default=10)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(7)
    corpus = Corpus(list(texts(args.data, random.Random(7))))
    print(len(corpus.words), "tokens,", len(corpus.features), "kinds", flush=True)
    tables = fit(corpus, args.minutes)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(tables, args.out)


def fit(corpus: Corpus, minutes: float) -> dict[str, torch.Tensor]:
    shape = Shape()
    rng = np.random.default_rng(7)
    table = nn.EmbeddingBag(NUM_FEATURES, shape.features, mode="mean", sparse=True)
    words = nn.Embedding(NUM_WORDS, shape.words, sparse=True)
    out = nn.Embedding(NUM_WORDS, 96, sparse=True)
    nn.init.normal_(table.weight, std=0.25)
    nn.init.normal_(words.weight, std=0.1)
    nn.init.zeros_(out.weight)
    join = nn.Linear(shape.features + shape.words, 96)
    sparse = torch.optim.SparseAdam([table.weight, words.weight, out.weight], lr=4e-3)
    dense = torch.optim.Adam(join.parameters(), lr=2e-3)
    begun, step, mean = time.process_time(), 0, 0.0
    while (part := (time.process_time() - begun) / 60 / minutes) < 1:
        kept = np.flatnonzero(rng.random(len(corpus.words)) < corpus.keep)
        rng.shuffle(kept)
        for at in range(0, len(kept), BATCH):
            part = (time.process_time() - begun) / 60 / minutes
            if part >= 1:
                break
            for group in sparse.param_groups:
                group["lr"] = 4e-3 * max(0.05, 1 - part)
            loss = _loss(corpus, kept[at : at + BATCH], rng, (table, words, out, join))
            sparse.zero_grad()
            dense.zero_grad()
            loss.backward()
            sparse.step()
            dense.step()
            step, mean = step + 1, 0.98 * mean + 0.02 * loss.item()
            if step % 100 == 0:
                print(step, round(part, 2), round(mean / (1 - 0.98**step), 4), flush=True)
    found = {"table": table.weight.detach(), "words": words.weight.detach()}
    return {name: one / one.std() * STD[name] for name, one in found.items()}


def _loss(
    corpus: Corpus, centres: np.ndarray, rng: np.random.Generator, parts: tuple
) -> torch.Tensor:
    """Each centre against three neighbours and the same negatives for all."""
    table, words, out, join = parts
    flat, offsets = list[int](), list[int]()
    for one in corpus.kind[centres]:
        offsets.append(len(flat))
        flat += corpus.features[one]
    seen = torch.cat(
        [table(torch.tensor(flat), torch.tensor(offsets)), words(torch.tensor(corpus.words[centres]))],
        1,
    )  # fmt: skip
    vector = join(seen)
    away = rng.integers(1, REACH + 1, (3, len(centres))) * rng.choice((-1, 1), (3, len(centres)))
    beside = np.clip(centres + away, 0, len(corpus.words) - 1)
    is_near = torch.tensor(corpus.where[beside] == corpus.where[centres])
    scores = (vector * out(torch.tensor(corpus.words[beside]))).sum(-1)
    noise = torch.tensor(rng.choice(NUM_WORDS, NEGATIVES, p=corpus.noise))
    against = vector @ out(noise).T
    plus = nn.functional.logsigmoid(scores)[is_near].sum()
    minus = nn.functional.logsigmoid(-against).sum() * (10 / NEGATIVES)
    return -(plus + minus) / len(centres)


if __name__ == "__main__":
    main()
