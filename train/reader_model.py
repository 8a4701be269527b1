"""The reader's network: hashed sub-words and words, two towers of bidirectional LSTMs, light heads.

From scratch on some ten thousand sentences a recurrent net beats a transformer, and in numpy it
costs a few milliseconds. Two towers err on different sentences, and where they disagree is doubt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from tandem.understanding.tokens import NUM_FEATURES, NUM_WORDS


@dataclass(frozen=True)
class Shape:
    """Widths; `hidden` is of one direction."""

    features: int = 96
    words: int = 128
    kinds: int = 12
    width: int = 224
    hidden: int = 192
    pooled: int = 256
    towers: int = 2


@dataclass(frozen=True)
class Labels:
    """The label set of one domain."""

    classes: tuple[str, ...]
    slots: tuple[str, ...]
    choices: Mapping[str, tuple[str, ...]]
    has_cuts: bool = False

    def as_dict(self) -> dict:
        return asdict(self)


class Heads(nn.Module):
    """What one domain asks of the encoder."""

    def __init__(self, shape: Shape, labels: Labels) -> None:
        super().__init__()
        both = 2 * shape.hidden
        self.classes = nn.Linear(shape.pooled, len(labels.classes))
        self.choices = nn.ModuleDict(
            {name: nn.Linear(shape.pooled, len(v)) for name, v in labels.choices.items()}
        )
        self.token = nn.Linear(both, shape.width)
        self.sentence = nn.Linear(shape.pooled, shape.width, bias=False)
        self.tags = nn.Linear(shape.width, 1 + 2 * len(labels.slots))
        self.moves = nn.Parameter(torch.zeros(2 * (1 + 2 * len(labels.slots),)))
        self.cuts = nn.Linear(shape.width, 1) if labels.has_cuts else None


@dataclass
class Batch:
    """`features` flat with `offsets` per token; `tags` -1 where nothing is known."""

    features: Tensor
    offsets: Tensor
    words: Tensor
    kinds: Tensor
    label: Tensor
    tags: Tensor
    choices: dict[str, Tensor]
    cuts: Tensor


class Tower(nn.Module):
    """One way of reading: two LSTMs, a pooled sentence, and heads of its own."""

    def __init__(self, shape: Shape, labels: Mapping[str, Labels]) -> None:
        super().__init__()
        self.enter = nn.Linear(shape.features + shape.words + shape.kinds, shape.width)
        self.first = nn.LSTM(shape.width, shape.hidden, bidirectional=True, batch_first=True)
        self.second = nn.LSTM(2 * shape.hidden, shape.hidden, bidirectional=True, batch_first=True)
        self.attend = nn.Linear(2 * shape.hidden, 4)
        self.pool = nn.Linear(2 * shape.hidden * 3, shape.pooled)
        self.heads = nn.ModuleDict({name: Heads(shape, one) for name, one in labels.items()})
        self.drop = nn.Dropout(0.3)

    def encode(self, entry: Tensor) -> tuple[Tensor, Tensor]:
        """States (batch, time, 2 * hidden) and the sentence's vector (batch, pooled)."""
        x = torch.tanh(self.enter(entry))
        x = self.first(self.drop(x))[0]
        states = self.drop(self.second(self.drop(x))[0] + x)
        heads = self.attend(states).softmax(1).unflatten(-1, (2, 2)).mean(-1)  # two views
        seen = torch.einsum("bth,btk->bkh", states, heads).flatten(1)
        return states, torch.relu(self.pool(torch.cat([seen, states.amax(1)], -1)))

    def forward(self, entry: Tensor, domain: str) -> dict[str, Tensor]:
        heads = self.heads[domain]
        states, pooled = self.encode(entry)
        sentence = self.drop(pooled)
        found = {"label": heads.classes(sentence)}
        for name, head in heads.choices.items():
            found[f"choice.{name}"] = head(sentence)
        hidden = self.drop(torch.relu(heads.token(states) + heads.sentence(sentence)[:, None]))
        found["tags"], found["moves"] = heads.tags(hidden), heads.moves
        if heads.cuts is not None:
            found["cuts"] = heads.cuts(hidden)[..., 0]
        return found


class Network(nn.Module):
    """Towers over the same tables. All rows of a batch have the same number of tokens."""

    def __init__(self, shape: Shape, labels: Mapping[str, Labels]) -> None:
        super().__init__()
        self.shape = shape
        self.table = nn.EmbeddingBag(NUM_FEATURES, shape.features, mode="mean", sparse=True)
        nn.init.normal_(self.table.weight, std=0.25)
        self.words = nn.Embedding(NUM_WORDS, shape.words, sparse=True)
        nn.init.normal_(self.words.weight, std=0.1)
        self.towers = nn.ModuleList(Tower(shape, labels) for _ in range(shape.towers))
        self.drop_word = 0.15

    def forward(self, batch: Batch, domain: str) -> list[dict[str, Tensor]]:
        """What each tower finds."""
        rows, time = batch.words.shape
        hashed = self.table(batch.features, batch.offsets).view(rows, time, -1)
        words = self.words(batch.words)
        found = []
        for tower in self.towers:
            ours, theirs = hashed, words
            if self.training:  # each tower misses other words
                theirs = words * (torch.rand(rows, time, 1) > self.drop_word)
                ours = hashed * (torch.rand(rows, time, 1) > 0.04)
            found.append(tower(torch.cat([ours, theirs, batch.kinds], -1), domain))
        return found


def mixed(found: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of the towers' log-probabilities (of cuts: of their scores)."""
    return {
        name: torch.stack(
            [one[name] if name in ("cuts", "moves") else one[name].log_softmax(-1) for one in found]
        ).mean(0)
        for name in found[0]
    }


def loss_of(found: list[dict[str, Tensor]], batch: Batch) -> Tensor:
    """The sum of the towers' losses: each learns by itself."""
    return torch.stack([_loss(one, batch) for one in found]).sum()


def _loss(found: dict[str, Tensor], batch: Batch) -> Tensor:
    cross = nn.functional.cross_entropy
    total = cross(found["label"], batch.label, label_smoothing=0.05)
    if found["tags"].shape[-1] > 1:
        total = total + 1.5 * cross(
            found["tags"].flatten(0, 1), batch.tags.flatten(), ignore_index=-1
        )
        if (has_tags := batch.tags[:, 0] >= 0).any():
            total = total + 1.5 * chain_loss(
                found["tags"][has_tags].log_softmax(-1), found["moves"], batch.tags[has_tags]
            )
    for name, gold in batch.choices.items():
        total = total + 0.5 * cross(found[f"choice.{name}"], gold, ignore_index=-1)
    if "cuts" in found:
        at = batch.tags >= 0
        total = total + nn.functional.binary_cross_entropy_with_logits(
            found["cuts"][at], batch.cuts[at]
        )
    return total


def chain_loss(scores: Tensor, moves: Tensor, gold: Tensor) -> Tensor:
    """Negative log-likelihood per token of the gold tags among all sequences (a linear-chain CRF).

    `scores` (rows, time, tags), `moves` (from, to), `gold` (rows, time).
    """
    own = scores.gather(-1, gold[..., None])[..., 0].sum(1)
    own = own + moves[gold[:, :-1], gold[:, 1:]].sum(1)
    steps = moves.exp()
    total = scores[:, 0]
    for at in range(1, scores.shape[1]):
        top = total.amax(-1, keepdim=True).detach()
        total = top + ((total - top).exp() @ steps + 1e-30).log() + scores[:, at]
    return (total.logsumexp(-1) - own).sum() / gold.numel()
