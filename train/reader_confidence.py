"""Fits the reader's confidence: `python -m train.reader_confidence FILE`, a file of reader_export.

The file's encoder must have been trained with templates held out; they are what the regression sees.
Two are fitted, each on half of these templates, so that `bench.calls --held-out` can score a row by
the one that has not seen it; `--out` writes both, and one on all of them, as JSON for the shipped file.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from bench.calls import evidence
from tandem.understanding.confidence import shaped
from tandem.understanding.network import Encoder
from train import reader_rows

SHARED = 0.02
"""Ridge on what the label sets share, per row of weight."""
APART = 0.15
"""Ridge on what one of them has for itself: a hundred rows must not say much."""

Array = np.ndarray


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--data", type=Path, default=reader_rows.DATA)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    seen = [one for one in evidence(Encoder(args.file), args.data) if one[3] is not None]
    domains = sorted({one[0] for one in seen})
    x = np.stack([shaped(one[3]) for one in seen])
    y = np.array([one[2] for one in seen], float)
    at = np.array([domains.index(one[0]) for one in seen])
    part = np.array([one[1] for one in seen])
    fits = {"halves": [], "whole": []}
    for half in (0, 1):  # the fit at place 0 scores the rows of half 0, so it sees half 1
        fits["halves"].append(fit(x, y, at, part != half, domains))
    fits["whole"].append(fit(x, y, at, part >= 0, domains))
    args.out.write_text(json.dumps(fits), encoding="utf-8")


def fit(x: Array, y: Array, at: Array, rows: Array, domains: list[str]) -> dict:
    """A regression on shared signs and, shrunk harder, on each label set's own; the sets weigh the
    same. Newton's method on the penalised likelihood.
    """
    x, y, at = x[rows], y[rows], at[rows]
    mean, scale = x.mean(0), x.std(0) + 1e-6
    z = (x - mean) / scale
    count = z.shape[1]
    blocks = [z, *(z * (at == i)[:, None] for i in range(len(domains)))]
    blocks.append(np.eye(len(domains))[at])
    design = np.concatenate(blocks, 1)
    ridge = np.concatenate(
        [np.full(count, SHARED), np.full(count * len(domains), APART), np.full(len(domains), 1e-4)]
    )
    weight = np.array([1 / (at == i).sum() for i in range(len(domains))])[at] / len(domains)
    beta = np.zeros(design.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-design @ beta))
        slope = design.T @ (weight * (p - y)) + ridge * beta
        bend = (design * (weight * (p * (1 - p) + 1e-4))[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        beta -= step
        if np.abs(step).max() < 1e-7:
            break
    sets = {
        name: {
            "weights": [round(float(b), 5) for b in beta[:count] + beta[count * (i + 1) : count * (i + 2)]],
            "bias": round(float(beta[count * (len(domains) + 1) + i]), 5),
        }
        for i, name in enumerate(domains)
    }  # fmt: skip
    return {
        "mean": [round(float(m), 5) for m in mean],
        "scale": [round(float(s), 5) for s in scale],
        "sets": sets,
    }


if __name__ == "__main__":
    main()
