"""The reader's network: hashed sub-words and words, two bidirectional LSTMs, light heads.

From scratch on some ten thousand sentences a recurrent net beats a transformer, and in numpy it
costs a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

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
        self.cuts = nn.Linear(shape.width, 1) if labels.has_cuts else None


@dataclass
class Batch:
    """`features` flat with `offsets` per token of the padded grid; `tags` -1 where nothing is."""

    features: Tensor
    offsets: Tensor
    words: Tensor
    kinds: Tensor
    lengths: Tensor
    label: Tensor
    tags: Tensor
    choices: dict[str, Tensor]
    cuts: Tensor


class Network(nn.Module):
    def __init__(self, shape: Shape, labels: Mapping[str, Labels]) -> None:
        super().__init__()
        self.shape = shape
        self.table = nn.EmbeddingBag(NUM_FEATURES, shape.features, mode="mean", sparse=True)
        nn.init.normal_(self.table.weight, std=0.25)
        self.words = nn.Embedding(NUM_WORDS, shape.words, sparse=True)
        nn.init.normal_(self.words.weight, std=0.1)
        self.enter = nn.Linear(shape.features + shape.words + shape.kinds, shape.width)
        self.first = nn.LSTM(shape.width, shape.hidden, bidirectional=True, batch_first=True)
        self.second = nn.LSTM(2 * shape.hidden, shape.hidden, bidirectional=True, batch_first=True)
        self.attend = nn.Linear(2 * shape.hidden, 4)
        self.pool = nn.Linear(2 * shape.hidden * 3, shape.pooled)
        self.heads = nn.ModuleDict({name: Heads(shape, one) for name, one in labels.items()})
        self.drop = nn.Dropout(0.3)
        self.drop_word = 0.15

    def encode(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """States (batch, time, 2 * hidden) and the sentence's vector (batch, pooled)."""
        rows, time = batch.words.shape
        hashed = self.table(batch.features, batch.offsets).view(rows, time, -1)
        words = self.words(batch.words)
        if self.training:
            keep = (torch.rand(rows, time, 1) > self.drop_word).float()
            words = words * keep
            hashed = hashed * (torch.rand(rows, time, 1) > 0.04).float()
        x = torch.tanh(self.enter(torch.cat([hashed, words, batch.kinds], -1)))
        x = self._run(self.first, self.drop(x), batch.lengths)
        states = self._run(self.second, self.drop(x), batch.lengths) + x
        states = self.drop(states)
        mask = torch.arange(time)[None, :] < batch.lengths[:, None]
        weight = self.attend(states).masked_fill(~mask[..., None], -1e4).softmax(1)
        heads = weight.unflatten(-1, (2, 2)).mean(-1)  # two views of the sentence
        seen = torch.einsum("bth,btk->bkh", states, heads).flatten(1)
        top = states.masked_fill(~mask[..., None], -1e4).amax(1)
        return states, torch.relu(self.pool(torch.cat([seen, top], -1)))

    @staticmethod
    def _run(lstm: nn.LSTM, x: Tensor, lengths: Tensor) -> Tensor:
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return pad_packed_sequence(lstm(packed)[0], batch_first=True, total_length=x.shape[1])[0]

    def forward(self, batch: Batch, domain: str) -> dict[str, Tensor]:
        heads = self.heads[domain]
        states, pooled = self.encode(batch)
        sentence = self.drop(pooled)
        found = {"label": heads.classes(sentence)}
        for name, head in heads.choices.items():
            found[f"choice.{name}"] = head(sentence)
        hidden = self.drop(torch.relu(heads.token(states) + heads.sentence(sentence)[:, None]))
        found["tags"] = heads.tags(hidden)
        if heads.cuts is not None:
            found["cuts"] = heads.cuts(hidden)[..., 0]
        return found


def loss_of(found: dict[str, Tensor], batch: Batch) -> Tensor:
    cross = nn.functional.cross_entropy
    total = cross(found["label"], batch.label, label_smoothing=0.05)
    if found["tags"].shape[-1] > 1:
        total = total + 3.0 * cross(
            found["tags"].flatten(0, 1), batch.tags.flatten(), ignore_index=-1
        )
    for name, gold in batch.choices.items():
        total = total + 0.5 * cross(found[f"choice.{name}"], gold, ignore_index=-1)
    if "cuts" in found:
        at = batch.tags >= 0
        total = total + nn.functional.binary_cross_entropy_with_logits(
            found["cuts"][at], batch.cuts[at]
        )
    return total
