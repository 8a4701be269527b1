"""Trains the reader's encoder: `python -m train.reader --minutes 40`.

The schedule follows the clock. Each step trains one domain, drawn by weight; the published weights
are a running mean of the last ones. A killed run goes on from its checkpoint with the same command.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import random
import time
from pathlib import Path

import torch

from train import reader_rows
from train.reader_batches import Packer, of_one_length, pools_of, stream
from train.reader_model import Labels, Network, Shape, loss_of, mixed
from train.reader_rows import HOME_SPANS, Row

SEED = 20261125
WEIGHTS = {"nlu": 4.0, "snips": 3.0, "home": 1.5, "clinc": 1.6, "tandem": 5.0}
BATCH = {"home": 64}
MEAN_DECAY = 0.998
EXAM_SECONDS = 400
MOST_EXAMINED = 1500  # of one set; the look at them costs time that training lacks


def labels_of(rows: list[Row]) -> dict[str, Labels]:
    domains = dict.fromkeys(row.domain for row in rows)
    found = {}
    for domain in domains:
        mine = [row for row in rows if row.domain == domain]
        slots = sorted({s for row in mine if row.has_spans for _, _, s in row.spans})
        if domain == "home":
            slots = list(HOME_SPANS)
        names = sorted({name for row in mine for name in row.choices})
        found[domain] = Labels(
            tuple(sorted({row.label for row in mine})), tuple(slots),
            {n: tuple(sorted({row.choices[n] for row in mine if n in row.choices})) for n in names},
            domain == "tandem",
        )  # fmt: skip
    return found


@torch.no_grad()
def exam(network: Network, rows: list[Row], pack: Packer, labels: dict[str, Labels]) -> dict:
    """Share of rows with the right class, and with everything right by raw surface."""
    network.eval()
    found: dict[str, dict[str, float]] = {}
    for domain in labels:
        mine = [r for r in rows if r.domain == domain][:MOST_EXAMINED]
        right = whole = 0
        for some in of_one_length(mine):
            batch = pack.pack(some)
            got = mixed(network(batch, domain))
            label = got["label"].argmax(-1) == batch.label
            all_right = label & ((got["tags"].argmax(-1) == batch.tags) | (batch.tags < 0)).all(1)
            for name, gold in batch.choices.items():
                all_right &= (got[f"choice.{name}"].argmax(-1) == gold) | (gold < 0)
            if "cuts" in got:
                all_right &= (((got["cuts"] > 0) == (batch.cuts > 0)) | (batch.tags < 0)).all(1)
            right, whole = right + int(label.sum()), whole + int(all_right.sum())
        if mine:
            found[domain] = {
                "class": round(right / len(mine), 4),
                "all": round(whole / len(mine), 4),
                "n": len(mine),
            }
    network.train()
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--out", type=Path, default=Path("build/train/reader"))
    parser.add_argument("--data", type=Path, default=reader_rows.DATA)
    parser.add_argument("--whole", action="store_true", help="train on what validates, too")
    parser.add_argument("--start", type=Path, help="a checkpoint to start from")
    parser.add_argument("--vectors", type=Path, help="the tables of train.reader_vectors")
    parser.add_argument("--towers", type=int, default=Shape().towers)
    parser.add_argument("--domains", nargs="*")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--wall-minutes", type=float, help="end by the wall clock, too")
    parser.add_argument("--requests", type=int, default=60_000, help="how many are generated")
    parser.add_argument("--seed", type=int, default=SEED)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    rng = random.Random(args.seed)
    rows = all_rows(args.data, rng, args.requests)
    if args.domains:
        rows = [row for row in rows if row.domain in args.domains]
    labels = labels_of(rows)
    network = Network(Shape(towers=args.towers), labels)
    if args.vectors:
        tables = torch.load(args.vectors)
        network.table.weight.data.copy_(tables["table"])
        network.words.weight.data.copy_(tables["words"])
    pack = Packer(labels)
    taught = [row for row in rows if args.whole or not row.is_held_out]
    exams = [row for row in rows if row.is_held_out]
    if args.start:
        start_from(network, args.start, labels)
    train(network, taught, exams, pack, labels, args, rng)


def all_rows(data: Path, rng: random.Random, count: int = 60_000) -> list[Row]:
    rows = reader_rows.public(data)
    try:
        from train.reader_requests import requests
    except ImportError:
        return rows
    from train.reader_borrowed import borrowed

    return [*rows, *borrowed(data), *requests(rng, count)]


def start_from(network: Network, path: Path, labels: dict[str, Labels]) -> None:
    held = torch.load(path, weights_only=False)
    mine = network.state_dict()
    fits = {k: v for k, v in held["mean"].items() if k in mine and mine[k].shape == v.shape}
    for domain, one in labels.items():
        if domain in held["labels"]:
            for at in range(network.shape.towers):
                head = f"towers.{at}.heads.{domain}"
                _by_name(fits, held["mean"], mine, head, held["labels"][domain], one)
    network.load_state_dict(fits, strict=False)
    print("started from", path, len(fits), "of", len(mine), flush=True)


def _by_name(fits, old, new, head: str, was: dict, now: Labels) -> None:
    """Rows of heads whose label set has grown, by the labels' names."""
    tags = lambda slots: ["O", *(f"{way}{s}" for s in slots for way in "BI")]  # noqa: E731
    for part, before, after in (
        ("classes", was["classes"], now.classes), ("tags", tags(was["slots"]), tags(now.slots)),
    ):  # fmt: skip
        for kind in ("weight", "bias"):
            name = f"{head}.{part}.{kind}"
            if name in fits or name not in old:
                continue
            grown = new[name].clone()
            for at, label in enumerate(after):
                if label in before:
                    grown[at] = old[name][list(before).index(label)]
            fits[name] = grown


def train(network, taught, exams, pack, labels, args, rng) -> None:
    args.out.mkdir(parents=True, exist_ok=True)
    pools = pools_of(taught)
    streams = {
        d: stream([r for r in taught if r.domain == d], BATCH.get(d, 96), rng, pools, pack)
        for d in labels
    }
    weights = [WEIGHTS[d] for d in labels]
    tables = [network.table.weight, network.words.weight]
    dense = [p for p in network.parameters() if all(p is not t for t in tables)]
    optimisers = (
        torch.optim.AdamW(dense, lr=args.lr, weight_decay=0.01, betas=(0.9, 0.98)),
        torch.optim.SparseAdam(tables, lr=args.lr, betas=(0.9, 0.98)),
    )
    mean = copy.deepcopy(network)
    begun, saved, told = time.process_time(), time.process_time(), time.process_time()
    step, started = 0, time.monotonic()
    while (part := _part(begun, started, args)) < 1:
        rate = min(1, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * part)))
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = args.lr * rate
        domain = rng.choices(list(labels), weights)[0]
        batch = next(streams[domain])
        loss = loss_of(network(batch, domain), batch)
        network.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(dense, 1.0)
        for optimiser in optimisers:
            optimiser.step()
        decay = min(MEAN_DECAY, (step + 1) / (step + 20))
        with torch.no_grad():
            if step % 8 == 0:  # in steps of eight, at an eighth of the cost
                for old, new in zip(mean.parameters(), network.parameters(), strict=True):
                    if new.requires_grad:
                        old.lerp_(new, 1 - decay**8)
        step += 1
        now = time.process_time()
        if now - told > EXAM_SECONDS:
            told = now
            shown = json.dumps(exam(mean, exams, pack, labels))
            print(
                f"{time.strftime('%H:%M:%S')} {part:.2f} step {step} loss {loss.item():.3f} {shown}",
                flush=True,
            )
        if now - saved > 45:
            saved = now
            save(args.out, network, mean, labels, step)
    print(json.dumps(exam(mean, exams, pack, labels)), flush=True)
    save(args.out, network, mean, labels, step)


def _part(begun: float, started: float, args: argparse.Namespace) -> float:
    """The share of the time that is over, by the processor's clock or the wall's."""
    part = (time.process_time() - begun) / 60 / args.minutes
    if args.wall_minutes:
        part = max(part, (time.monotonic() - started) / 60 / args.wall_minutes)
    return part


def save(out: Path, network, mean, labels, step) -> None:
    state = {
        "mean": mean.state_dict(), "network": network.state_dict(), "step": step,
        "labels": {d: one.as_dict() for d, one in labels.items()},
    }  # fmt: skip
    torch.save(state, out / "new.pt")
    (out / "new.pt").replace(out / "reader.pt")


if __name__ == "__main__":
    main()
