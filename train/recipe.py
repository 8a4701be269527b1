"""Train one of the two models from the data: `python -m train.recipe pocket --minutes 24`.

One dial, the size. The schedule follows the clock, not the step count: a busy machine trains less,
but never longer. A killed run goes on from its checkpoint with the same command. The tower grows
from the pocket's checkpoint, so train pocket first (or copy its checkpoint while it trains).
`--start FILE.gguf` trains an exported model further, at its own rate (`--rate`): a clone has the
shipped weights, but no checkpoint.
"""

import argparse
import copy
import math
import random
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from train.data import (
    ASSISTANT,
    BOS,
    END,
    USER,
    VOCABULARY,
    Term,
    cached_tokenizer,
    read_glossary,
    read_paragraphs,
    without_definitions,
)
from train.export import read_weights
from train.model import Llama, Shape
from train.phrasings import HELD_OUT, held_out_question
from train.rows import Mix, Rows, Stream
from train.strangers import Strangers

SEED = 20261123
WARM_UP_STEPS = 60
LAST_FROM = 0.62  # share of the time after which the harder mix is trained
DECAY_FROM = 0.35  # share of the time after which the learning rate falls to nearly 0
LONG_ROW_EVERY = 24  # one step in so many trains one row of the full context
LEAST_EASE = 0.08  # easy questions stay for good: they are what most users type
AVERAGE_FROM = 0.5  # share of the time after which the weights are averaged; that mean is saved
AVERAGE_DECAY = 0.997  # over about 300 steps
LONGEST_STEP_SECONDS = 20  # more than that is a run that was paused, which is no training time
CHECKPOINT_SECONDS = 120
EVAL_SECONDS = 300


@dataclass(frozen=True)
class Size:
    """Everything in which the two models differ."""

    shape: Shape
    place: str
    whole_glossary: bool
    mix: Mix
    last_mix: Mix  # what is hardest, while the learning rate falls to nothing
    learning_rate: float
    easy_until: float  # share of the time over which easy questions give way to all kinds
    grown_from: str | None = None  # the size whose checkpoint it starts from


SIZES = {
    "pocket": Size(
        Shape(VOCABULARY, width=256, layers=3, heads=4, hidden=768),
        place="device",
        whole_glossary=False,
        mix=Mix(known=0.48, lookalike=0.22, fresh=0.27, passages=0.03),
        last_mix=Mix(known=0.43, lookalike=0.35, fresh=0.19, passages=0.03),
        learning_rate=3e-3,
        easy_until=0.27,
    ),
    "tower": Size(
        Shape(VOCABULARY, width=256, layers=3, heads=4, hidden=4352),
        place="cloud",
        whole_glossary=True,
        mix=Mix(known=0.72, lookalike=0.11, fresh=0.14, passages=0.03),
        last_mix=Mix(known=0.76, lookalike=0.12, fresh=0.11, passages=0.01),
        learning_rate=2.2e-3,
        easy_until=0.0,
        grown_from="pocket",
    ),
}


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    torch.manual_seed(SEED)
    size = SIZES[options.size]
    if options.rate:
        size = replace(size, learning_rate=options.rate)
    folder = options.out / options.size
    folder.mkdir(parents=True, exist_ok=True)
    glossary = read_glossary(options.data)
    stream = _stream(options, size, glossary)
    model = Llama(size.shape)
    millions = sum(weight.numel() for weight in model.parameters()) / 1e6
    print(f"{options.size}: {millions:.2f} M parameters, {len(stream.known)} terms")
    seconds = options.minutes * 60
    run = Run(model, stream, size, seconds, folder / "checkpoint.pt", compiled=options.compile)
    if not run.resume():
        if options.start:
            model.load_state_dict(read_weights(options.start, stream.tokenizer.get_vocab()))
            print(f"started from {options.start}")
        elif size.grown_from:
            run.grow(options.out / size.grown_from / "checkpoint.pt")
    exam = Exam(glossary, stream)
    while not run.finished:
        run.step()
        if run.eval_is_due or run.finished:
            print("  exam:", exam.report(run.average or model), flush=True)
    run.save()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument(
        "--minutes", type=float, required=True, help="time to train, over all resumed runs"
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data/text"))
    parser.add_argument("--out", type=Path, default=Path("build/train"))
    parser.add_argument(
        "--threads", type=int, default=1, help="one per quiet core; more than that is a trap"
    )
    parser.add_argument("--start", type=Path, help="a GGUF of this size to train further")
    parser.add_argument("--rate", type=float, help="the highest learning rate, if not the usual")
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, default=True)
    return parser.parse_args()


def _stream(options: argparse.Namespace, size: Size, glossary: list[Term]) -> Stream:
    textbooks, novels = read_paragraphs(options.data)
    tokenizer = cached_tokenizer(options.out / "tokenizer.json", textbooks, novels)
    known = [term for term in glossary if size.whole_glossary or term.in_third]
    withheld = [term for term in glossary if term not in known]
    textbooks = without_definitions(textbooks, withheld)
    novels = without_definitions(novels, withheld)
    strangers = Strangers(random.Random(SEED), known, glossary, textbooks, novels)
    paragraphs = textbooks + novels
    return Stream(tokenizer, known, strangers, paragraphs, size.mix, options.size, size.place)


class Run:
    """The training state, and one step of it."""

    def __init__(
        self,
        model: Llama,
        stream: Stream,
        size: Size,
        seconds: float,
        path: Path,
        *,
        compiled: bool,
    ) -> None:
        self.model, self.stream, self.path = model, stream, path
        self.size, self.seconds = size, seconds
        self.forward = torch.compile(model, dynamic=False) if compiled else model
        matrices = [p for p in model.parameters() if p.dim() == 2]
        vectors = [p for p in model.parameters() if p.dim() == 1]
        groups = [
            {"params": matrices, "weight_decay": 0.05},
            {"params": vectors, "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(
            groups, lr=size.learning_rate, betas=(0.9, 0.95), fused=True
        )
        self.average: Llama | None = None
        self.steps = self.tokens = 0
        self.elapsed = self.saved_at = self.examined_at = 0.0
        self.clock = time.monotonic()
        self.recent: list[tuple[float, float]] = []

    @property
    def finished(self) -> bool:
        return self.elapsed >= self.seconds

    @property
    def eval_is_due(self) -> bool:
        if self.elapsed - self.examined_at < EVAL_SECONDS:
            return False
        self.examined_at = self.elapsed
        return True

    def step(self) -> None:
        self.stream.ease = self._ease()
        is_last = self.elapsed > LAST_FROM * self.seconds
        self.stream.mix = self.size.last_mix if is_last else self.size.mix
        long = self.steps % LONG_ROW_EVERY == LONG_ROW_EVERY - 1
        rows = self.stream.rows(1, 1024) if long else self.stream.rows(2, 256)
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate()
        total, known = self._losses(rows)
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        if self.elapsed > AVERAGE_FROM * self.seconds:
            self._take_into_average()
        self.steps += 1
        self.tokens += rows.tokens[:, 1:].size
        now = time.monotonic()
        self.elapsed += min(now - self.clock, LONGEST_STEP_SECONDS)
        self.clock = now
        self.recent.append((total.item(), known))
        if self.steps % 100 == 0:
            self._print_progress()
        if self.elapsed - self.saved_at > CHECKPOINT_SECONDS:
            self.save()

    @torch.no_grad()
    def _take_into_average(self) -> None:
        if self.average is None:
            self.average = copy.deepcopy(self.model)
        for mean, weight in zip(self.average.parameters(), self.model.parameters(), strict=True):
            mean.lerp_(weight, 1 - AVERAGE_DECAY)

    def _losses(self, rows: Rows) -> tuple[Tensor, float]:
        """The weighted loss to minimise, and the plain mean loss of known definitions."""
        tokens = torch.from_numpy(rows.tokens)
        logits = self.forward(
            tokens[:, :-1].contiguous(), torch.from_numpy(rows.conversation[:, :-1].copy())
        )
        losses = functional.cross_entropy(
            logits.flatten(0, 1), tokens[:, 1:].flatten(), reduction="none"
        )
        # A conversation's first token does not continue the one before it: BOS has weight 0.
        weights = torch.from_numpy(rows.weights[:, 1:].copy()).flatten()
        terms = rows.term[:, 1:].flatten()
        plain = losses.detach().numpy()
        asked = np.unique(terms[terms >= 0])
        means = np.array([plain[terms == term].mean() for term in asked])
        self.stream.saw_losses(asked, means)
        known = float(means.mean()) if len(means) else math.nan
        return (losses * weights).sum() / weights.sum(), known

    def _ease(self) -> float:
        if not self.size.easy_until:
            return LEAST_EASE
        share = self.elapsed / self.seconds / self.size.easy_until
        return min(1.0, max(LEAST_EASE, 1.5 * (1 - share)))

    def _rate(self) -> float:
        share = self.elapsed / self.seconds
        decay = min(1.0, max(0.01, (1 - share) / (1 - DECAY_FROM)))
        return self.size.learning_rate * decay * min(1.0, (self.steps + 1) / WARM_UP_STEPS)

    def _print_progress(self) -> None:
        loss, known = np.nanmean(np.array(self.recent), axis=0)
        self.recent = []
        speed = self.tokens / self.elapsed
        print(
            f"{self.elapsed / 60:5.1f} min  step {self.steps:5d}  {self.tokens / 1e3:6.0f}k tokens"
            f"  {speed:5.0f}/s  rate {self._rate():.1e}  loss {loss:.3f}  known {known:.3f}",
            flush=True,
        )

    def save(self) -> None:
        self.saved_at = self.elapsed
        state = {
            "shape": asdict(self.model.shape),
            "model": self.model.state_dict(),
            "average": self.average.state_dict() if self.average else None,
            "optimizer": self.optimizer.state_dict(),
            "steps": self.steps,
            "tokens": self.tokens,
            "elapsed": self.elapsed,
            "losses": self.stream.losses,
            "draw": self.stream.draw.getstate(),
        }
        torch.save(state, self.path.with_suffix(".new"))
        self.path.with_suffix(".new").replace(self.path)

    def resume(self) -> bool:
        if not self.path.exists():
            return False
        state = torch.load(self.path, weights_only=False)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if state.get("average"):
            self.average = copy.deepcopy(self.model)
            self.average.load_state_dict(state["average"])
        self.steps, self.tokens, self.elapsed = state["steps"], state["tokens"], state["elapsed"]
        self.saved_at = self.examined_at = self.elapsed
        self.stream.losses = state["losses"]
        self.stream.draw.setstate(state["draw"])
        print(f"resumed at {self.elapsed / 60:.1f} min")
        return True

    def grow(self, path: Path) -> None:
        """Start from a smaller model, which already knows that answers are looked up."""
        state = torch.load(path, weights_only=False)
        self.model.widen_from(state["model"])
        print(f"grown from {path} at {state['elapsed'] / 60:.1f} min")


class Exam:
    """A quick look at progress: held-out phrasings for a sample of terms, known and not."""

    FIRST_TOKENS = 8  # as many greedy tokens of an answer show how sure the model is

    def __init__(self, glossary: list[Term], stream: Stream, sample: int = 48) -> None:
        draw = random.Random(SEED)
        known = {term.name for term in stream.known}
        unknown = [term for term in glossary if term.name not in known]
        self.tokenizer = stream.tokenizer
        self.known = draw.sample(stream.known, sample)
        strangers = (
            [(term.name, term.field) for term in draw.sample(unknown, sample)] if unknown else []
        )
        made_up = [stream.strangers.lookalike_phrase() for _ in range(sample)]
        self.phrasing = lambda: draw.choice(HELD_OUT["calibration"])
        self.known_prompts = [self._prompt(term.name, term.field) for term in self.known]
        self.groups = {"unknown": strangers, "made-up": made_up}

    def _prompt(self, term: str, field: str) -> list[int]:
        question = held_out_question(self.phrasing(), term, field)
        return [BOS, USER, *self.tokenizer.encode(question).ids, END, ASSISTANT]

    @torch.no_grad()
    def report(self, model: Llama) -> str:
        exact = np.mean(
            [
                self._says(model, p, t.definition)
                for p, t in zip(self.known_prompts, self.known, strict=True)
            ]
        )
        sure = [self._sureness(model, prompt) for prompt in self.known_prompts]
        parts = [f"exactly right {exact:.2f}", f"sureness {np.mean(sure):.2f}"]
        for name, terms in self.groups.items():
            if terms:
                doubt = [self._sureness(model, self._prompt(*term)) for term in terms]
                parts.append(f"{name} {np.mean(doubt):.2f} AUROC {_auroc(sure, doubt):.3f}")
        return ", ".join(parts)

    def _says(self, model: Llama, prompt: list[int], answer: str) -> bool:
        """Whether greedy decoding would give this answer: each of its tokens is the likeliest."""
        ids = torch.tensor([[*prompt, *self.tokenizer.encode(answer).ids, END]])
        best = model(ids, torch.zeros_like(ids)).argmax(-1)
        return bool((best[0, len(prompt) - 1 : -1] == ids[0, len(prompt) :]).all())

    def _sureness(self, model: Llama, prompt: list[int]) -> float:
        ids = list(prompt)
        total = 0.0
        for _ in range(self.FIRST_TOKENS):
            tokens = torch.tensor([ids])
            best = torch.log_softmax(model(tokens, torch.zeros_like(tokens))[0, -1], -1).max(-1)
            total += best.values.item()
            ids.append(int(best.indices))
            if ids[-1] == END:
                break
        return total / (len(ids) - len(prompt))


def _auroc(positive: list[float], negative: list[float]) -> float:
    return float(np.mean([(p > n) + 0.5 * (p == n) for p in positive for n in negative]))


if __name__ == "__main__":
    main()
