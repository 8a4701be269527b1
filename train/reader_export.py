"""Writes a checkpoint of the reader as the package's file: `python -m train.reader_export FILE`.

Tables and recurrent matrices become 8-bit with a scale per row, the rest 16-bit; the labels go along as JSON.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from train import reader_rows
from train.reader_batches import KINDS

TABLES = ("table.weight", "words.weight")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--checkpoint", type=Path, default=Path("build/train/reader/reader.pt"))
    parser.add_argument("--data", type=Path, default=reader_rows.DATA)
    parser.add_argument("--bag", type=Path, help="the file of train.reader_bag")
    parser.add_argument("--thresholds", type=Path, help="JSON of calibrated thresholds")
    parser.add_argument("--confidence", type=Path, help="the file of train.reader_confidence")
    parser.add_argument("--fit", choices=("halves", "whole"), default="whole")
    args = parser.parse_args()
    state = torch.load(args.checkpoint, weights_only=False)
    arrays: dict[str, np.ndarray] = {}
    count = 0
    for name, tensor in state["mean"].items():
        array = tensor.float().numpy()
        count += array.size
        if name in TABLES or ".weight_" in name:
            scale = (np.abs(array).max(1, keepdims=True) / 127 + 1e-7).astype(np.float16)
            short = name.removesuffix(".weight") if name in TABLES else name
            arrays[short] = np.round(array / scale.astype(np.float32)).astype(np.int8)
            arrays[f"{short}.scale"] = scale
        else:
            arrays[name] = array.astype(np.float16)
    if args.bag:
        with np.load(args.bag) as bag:
            arrays.update(bag)
            count += sum(bag[name].size for name in bag.files)
    about = {
        "kinds": KINDS, "labels": state["labels"], "parameters": count, "steps": state["step"],
        "slots_of": slots_of(args.data),
    }  # fmt: skip
    if args.confidence:
        fits = json.loads(args.confidence.read_text(encoding="utf-8"))
        about["confidence"] = fits[args.fit]
    if args.thresholds:
        about["thresholds"] = json.loads(args.thresholds.read_text(encoding="utf-8"))
    arrays["about"] = np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), np.uint8)
    args.file.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(args.file, **arrays)
    print(f"{count / 1e6:.2f} M parameters, {args.file.stat().st_size / 1e6:.2f} MB")


def slots_of(data: Path) -> dict[str, dict[str, list[str]]]:
    """By domain and class the slots that go with it in the data: the schema of the public tools."""
    found: dict[str, dict[str, set[str]]] = {}
    for row in (*reader_rows.nlu(data), *reader_rows.snips(data)):
        found.setdefault(row.domain, {}).setdefault(row.label, set()).update(
            n for *_, n in row.spans
        )
    return {d: {c: sorted(s) for c, s in them.items()} for d, them in found.items()}


if __name__ == "__main__":
    main()
