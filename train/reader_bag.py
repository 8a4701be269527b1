"""A second opinion on the class: a linear layer over hashed words and pairs, `bag` of the reader.

For sets of many classes and short sentences it is as good as the encoder and errs elsewhere, so the
two together are better than either. `python -m train.reader_bag FILE [--whole]` takes a minute.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np
import torch

from tandem.understanding.network import bag_rows
from tandem.understanding.tokens import tokenize
from train import reader_rows
from train.reader_rows import Row

NUM_ROWS = 1 << 14
EPOCHS = 14
SETS = {"clinc": reader_rows.clinc, "nlu": reader_rows.nlu}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--data", type=Path, default=reader_rows.DATA)
    parser.add_argument("--whole", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(5)
    arrays = {}
    for name, read in SETS.items():
        rows = list(read(args.data))
        classes = sorted({row.label for row in rows})
        taught = [row for row in rows if args.whole or not row.is_held_out]
        layer = fit(taught, classes)
        weight = layer.weight.detach().numpy()
        scale = np.abs(weight).max() / 127
        arrays[f"bag.{name}"] = np.round(weight / scale).astype(np.int8)
        arrays[f"bag.{name}.scale"] = np.array([scale], np.float32)
        held = [row for row in rows if row.is_held_out]
        right = sum(classes[_guess(layer, row)] == row.label for row in held)
        print(name, len(classes), round(right / len(held), 4), flush=True)
    np.savez_compressed(args.file, **arrays)


def fit(rows: list[Row], classes: list[str]) -> torch.nn.EmbeddingBag:
    """Softmax regression with features dropped at random."""
    layer = torch.nn.EmbeddingBag(NUM_ROWS, len(classes), mode="sum", sparse=True)
    torch.nn.init.zeros_(layer.weight)
    optimiser = torch.optim.SparseAdam(layer.parameters(), lr=0.04)
    index = {name: at for at, name in enumerate(classes)}
    data = [(bag_rows(tokenize(row.text)), index[row.label]) for row in rows]
    rng = random.Random(5)
    for epoch in range(EPOCHS):
        for group in optimiser.param_groups:
            group["lr"] = 0.04 * (1 - epoch / EPOCHS)
        rng.shuffle(data)
        for at in range(0, len(data), 128):
            part = data[at : at + 128]
            flat, offsets = list[int](), list[int]()
            for features, _ in part:
                offsets.append(len(flat))
                flat += [f for f in features if rng.random() > 0.3] or features[:1]
            gold = torch.tensor([label for _, label in part])
            loss = torch.nn.functional.cross_entropy(
                layer(torch.tensor(flat), torch.tensor(offsets)), gold, label_smoothing=0.05
            )
            layer.zero_grad()
            loss.backward()
            optimiser.step()
    return layer


def _guess(layer: torch.nn.EmbeddingBag, row: Row) -> int:
    features = torch.tensor(bag_rows(tokenize(row.text)))
    return int(layer(features, torch.tensor([0])).argmax())


if __name__ == "__main__":
    main()
