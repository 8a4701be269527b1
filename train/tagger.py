"""Trains the tagger of names, places, organisations and addresses.

    python -m train.tagger --data ../shared/data/privacy --minutes 15 --out build/tagger

Writes checkpoints to OUT and goes on from them with the same command; minutes are of processor
time. `--hold-out` keeps two people and a quarter of the templates for `bench.privacy --split`.
`python -m train.tagger --out build/tagger --export FILE` writes the shipped form: int8 rows with a
scale each. Needs torch, faker, jieba and zstandard; one thread.
"""

from __future__ import annotations

import argparse
import random
import time
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import nn

from tandem.privacy.detection.features import NUM_FEATURES, NUM_ROWS, PAD, features_of, tokens_of
from tandem.privacy.detection.view import folded
from train.tagger_chinese import Running
from train.tagger_corpora import FILES, KINDS, UNLABELLED, Example, Exchange, Maker, examples_of
from train.tagger_names import Names
from train.tagger_plain import Plain

LABELS = ("O", *(f"{place}-{kind}" for kind in KINDS for place in "BI"))
WIDTH, HIDDEN = 64, 128
DILATIONS = (1, 2, 4)
HELD_PEOPLE = frozenset({"yinhao", "songyajing"})
TOKENS_PER_BATCH = 5000
UNTOLD = -2.5  # what a set does not label may be there, but seldom is: a penalty in nats
NEVER = -1e9
GAP = 8  # empty tokens between two texts: the convolutions see 7 to each side

# How often a batch takes a text from where; LifeBench's paragraphs are ten times as long.
SHARES = (
    ("lifebench", 22),
    ("refilled", 26),
    ("english", 30),
    ("chinese", 30),
    ("nano", 2),
    ("zh", 3),
    ("running", 34),
    ("plain", 24),
    ("public", 6),
)


class Tagger(nn.Module):
    """Sum of feature rows, one dense layer, three dilated convolutions with a way past each."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = nn.EmbeddingBag(NUM_ROWS, WIDTH, mode="sum", padding_idx=PAD)
        nn.init.normal_(self.rows.weight, std=0.1)
        with torch.no_grad():
            self.rows.weight[PAD].zero_()
        self.entry = nn.Linear(WIDTH, HIDDEN)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(HIDDEN, HIDDEN, 3, padding=step, dilation=step) for step in DILATIONS
        )
        self.out = nn.Linear(HIDDEN, len(LABELS))
        self.dropout = nn.Dropout(0.15)

    def forward(self, rows: torch.Tensor, is_token: torch.Tensor) -> torch.Tensor:
        """`rows` (n, NUM_FEATURES) to logits (n, labels)."""
        mask = is_token.unsqueeze(1)
        hidden = torch.relu(self.entry(self.dropout(self.rows(rows)))) * mask
        for convolution in self.convolutions:
            change = torch.relu(convolution(hidden.t().unsqueeze(0))).squeeze(0).t()
            hidden = (hidden + self.dropout(change)) * mask
        return self.out(self.dropout(hidden))


def encoded(example: Example) -> tuple[np.ndarray, np.ndarray]:
    """Feature rows (n, features) and, per label (n, labels), what is added: 0 where it is right."""
    text = folded(example.text)
    if len(text) != len(example.text):
        text = example.text
    tokens, spans = tokens_of(text)
    rows = features_of(tokens, spans)
    allowed = np.full((len(tokens), len(LABELS)), NEVER, dtype=np.float32)
    allowed[:, 0] = 0
    for kind in UNLABELLED[example.corpus]:
        allowed[:, 1 + 2 * KINDS.index(kind) : 3 + 2 * KINDS.index(kind)] = UNTOLD
    for start, end, kind in example.spans:
        inside = np.flatnonzero((spans[:, 0] < end) & (spans[:, 1] > start))
        if not len(inside):
            continue
        if kind == "?":
            allowed[inside] = 0
            continue
        label = 1 + 2 * KINDS.index(kind)
        allowed[inside] = NEVER
        allowed[inside[0], label] = 0
        allowed[inside[1:], label + 1] = 0
    return rows, allowed


def is_held(example: Example) -> bool:
    """Whether an example belongs to the validation part."""
    if example.corpus == "lifebench":
        return example.group in HELD_PEOPLE
    return zlib.crc32(f"{example.corpus}{example.group}".encode()) % 4 == 0


class Batches:
    """An unending stream of batches, names anew each time."""

    def __init__(self, folder: Path, hold_out: bool, seed: int) -> None:
        self.rng = random.Random(seed)
        names = Names(self.rng, 1500)
        sets = {name: examples_of(folder, name) for name in FILES}
        if hold_out:
            sets = {k: [e for e in v if not is_held(e)] for k, v in sets.items()}
        self.exchange = Exchange(names, (e.text for e in sets["lifebench"]))
        self.maker = Maker(names)
        self.running = Running(names, folder.parent)
        self.plain = Plain(self.rng, folder.parent)
        self.sets = sets
        self.filled = sets["synth_v2"] + sets["generated_large"]
        self.sources = [name for name, share in SHARES for _ in range(share)]

    def example(self) -> Example:
        """One text."""
        rng = self.rng
        source = rng.choice(self.sources)
        if source == "english":
            return self._cased(self.maker.english())
        if source == "chinese":
            return self.maker.chinese()
        if source == "running":
            return Example(*self.running.text(), "running", "")
        if source == "plain":
            return Example(self.plain.text(), (), "made", "")
        if source == "public":
            return Example(self.plain.public(), (), "public", "")
        if source == "refilled":
            example = rng.choice(self.filled)
            return self._cased(self.exchange.values(example) if rng.random() < 0.75 else example)
        if source == "lifebench":
            example = rng.choice(self.sets["lifebench"])
            return self.exchange.people(example) if rng.random() < 0.7 else example
        example = rng.choice(self.sets["nano" if source == "nano" else "chinese"])
        return self.exchange.values(example)

    def _cased(self, example: Example) -> Example:
        return self.exchange.case(example) if self.rng.random() < 0.12 else example

    def batch(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Rows, which are tokens, and allowed labels of about TOKENS_PER_BATCH tokens."""
        rows, allowed, masks, count = list[np.ndarray](), list[np.ndarray](), list[np.ndarray](), 0
        while count < TOKENS_PER_BATCH:
            some, labels = encoded(self.example())
            rows += (some, np.zeros((GAP, NUM_FEATURES), dtype=np.int32))
            allowed += (labels, np.zeros((GAP, len(LABELS)), dtype=np.float32))
            masks += (np.ones(len(some), dtype=np.float32), np.zeros(GAP, dtype=np.float32))
            count += len(some) + GAP
        joined = np.concatenate(rows)
        generator = np.random.default_rng(self.rng.randrange(1 << 30))
        # Some words go unnamed: letters and neighbours must do.
        joined[generator.random(len(joined)) < 0.2, 0] = PAD
        return (
            torch.from_numpy(joined).long(),
            torch.from_numpy(np.concatenate(masks)),
            torch.from_numpy(np.concatenate(allowed)),
        )


def loss_of(logits: torch.Tensor, is_token: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
    """Minus the log of the probability of all allowed labels together."""
    whole = torch.logsumexp(logits, 1)
    part = torch.logsumexp(logits + allowed, 1)
    return ((whole - part) * is_token).sum() / is_token.sum()


def train(
    folder: Path, out: Path, minutes: float, wall_minutes: float, hold_out: bool, seed: int
) -> None:
    """Train for so many minutes of processor time, or of the clock if these are over first, with a
    checkpoint every minute.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    model = Tagger()
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "checkpoint.pt"
    spent, step = 0.0, 0
    if path.exists():
        state = torch.load(path, weights_only=True)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        spent, step = state["spent"], state["step"]
    batches = Batches(folder, hold_out, seed + step)
    start, saved, mean = time.process_time() - spent, spent, 0.0
    began, first = time.monotonic(), spent / (60 * minutes)
    while True:
        spent = time.process_time() - start
        on_the_clock = (time.monotonic() - began) / (60 * wall_minutes)
        part = max(spent / (60 * minutes), first + (1 - first) * on_the_clock)
        if part >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = 4e-3 * min(1.0, (step + 1) / 50) * (1 - part) ** 0.8 + 2e-5
        loss = loss_of(*_run(model, batches))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        step += 1
        mean += (loss.item() - mean) / min(step, 50)
        if step % 50 == 0:
            print(f"{spent:6.0f} s  step {step}  loss {mean:.4f}", flush=True)
        if spent - saved > 60:
            saved = spent
            _save(path, model, optimiser, spent, step)
    _save(path, model, optimiser, spent, step)


def _run(model: Tagger, batches: Batches) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    rows, is_token, allowed = batches.batch()
    return model(rows, is_token), is_token, allowed


def _save(
    path: Path, model: Tagger, optimiser: torch.optim.Optimizer, spent: float, step: int
) -> None:
    state = {
        "model": model.state_dict(),
        "optimiser": optimiser.state_dict(),
        "spent": spent,
        "step": step,
    }
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def export(out: Path, file: Path) -> None:
    """Write the weights as the runtime reads them."""
    state = torch.load(out / "checkpoint.pt", weights_only=True)["model"]
    table = state["rows.weight"].numpy()
    scale = np.abs(table).max(1, keepdims=True) / 127 + 1e-8
    arrays = {
        "labels": np.array(LABELS),
        "rows": np.round(table / scale).astype(np.int8),
        "scales": scale[:, 0].astype(np.float16),
        "entry": state["entry.weight"].numpy().T.astype(np.float16),
        "entry_bias": state["entry.bias"].numpy().astype(np.float16),
        "out": state["out.weight"].numpy().T.astype(np.float16),
        "out_bias": state["out.bias"].numpy().astype(np.float16),
        "dilations": np.array(DILATIONS),
    }
    for index in range(len(DILATIONS)):
        # (out, in, place) to (place, in, out): three matrices, one per neighbour.
        weight = state[f"convolutions.{index}.weight"].numpy().transpose(2, 1, 0)
        arrays[f"convolution{index}"] = weight.astype(np.float16)
        arrays[f"convolution{index}_bias"] = (
            state[f"convolutions.{index}.bias"].numpy().astype(np.float16)
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(file, **arrays)


def main() -> None:
    """Train or export."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data/privacy"))
    parser.add_argument("--out", type=Path, default=Path("build/tagger"))
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--wall-minutes", type=float, default=1e6)
    parser.add_argument("--hold-out", action="store_true")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--export", type=Path)
    options = parser.parse_args()
    if options.export:
        export(options.out, options.export)
    else:
        train(
            options.data,
            options.out,
            options.minutes,
            options.wall_minutes,
            options.hold_out,
            options.seed,
        )


if __name__ == "__main__":
    main()
