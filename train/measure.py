"""Look at an exported model through llama.cpp: `python -m train.measure FILE --size pocket`.

Three questions: does llama.cpp cut text into the same tokens as the training did, does it compute
the same probabilities as torch, and how well does the file answer glossary questions in phrasings
it never saw.
The official figures come from bench/knowing; these are the recipe's own.
"""

import argparse
import json
import math
import random
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xllamacpp
from tokenizers import Tokenizer

from train.data import ASSISTANT, BOS, END, USER, Term, read_glossary
from train.model import Llama, Shape
from train.phrasings import HELD_OUT, held_out_question
from train.recipe import SEED

HARD_TEXTS = [
    "Hello, world!",
    "  two  spaces and\ttabs\n\n\nlines  ",
    "don't we'll I'VE it's",
    "naïve café Ærøskøbing",
    "🙂👩‍👩‍👧 emoji",
    "你是谁？价格弹性",
    "١٢٣ ४५६ 7,890.12",
    "ﬁ ﬂ ligatures\u00a0nbsp",
    "a" * 300,
    " " * 97 + "x",
    "x\r\ny",
    "\u200b\u0301 combining",
    "{braces} [brackets] <|not a token|> <b>",
    "mixedCASE_snake-kebab/slash\\back",
    "€100 or £5? 50%!",
    "“curly” ‘quotes’ — dash…",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--size", choices=("pocket", "tower"), required=True)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/text"))
    parser.add_argument("--out", type=Path, default=Path("build/train"))
    parser.add_argument("--sample", type=int, default=None, help="ask only so many terms")
    parser.add_argument("--only", choices=("knowing", "checks"), default=None)
    options = parser.parse_args()
    glossary = read_glossary(options.data)
    tokenizer = Tokenizer.from_file(str(options.out / "tokenizer.json"))
    report: dict[str, Any] = {"file": options.file.name}
    with served(options.file) as ask:
        if options.only != "knowing":
            report |= tokenizer_check(ask, tokenizer, glossary)
            report |= logits_check(
                ask, tokenizer, glossary, options.out / options.size / "checkpoint.pt"
            )
        if options.only != "checks":
            terms = random.Random(SEED).sample(glossary, options.sample or len(glossary))
            report |= knowing(ask, tokenizer, terms, whole_glossary=options.size == "tower")
    print(json.dumps(report, indent=1))


class Ask:
    """llama.cpp's own server, as a function: path and body in, JSON out."""

    def __init__(self, address: str) -> None:
        self.address = address

    def __call__(self, path: str, **body: Any) -> Any:
        data = json.dumps(body).encode()
        request = urllib.request.Request(
            self.address + path, data, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    def answer(self, prompt: list[int]) -> tuple[str, list[float]]:
        """The greedy answer, and the log-probability of each of its tokens."""
        reply = self(
            "/completion", prompt=prompt, n_predict=96, temperature=0, n_probs=1, cache_prompt=False
        )
        return reply["content"], [entry["logprob"] for entry in reply["completion_probabilities"]]


@contextmanager
def served(file: Path) -> Iterator[Ask]:
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.n_ctx = 1024
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.warmup = False
    server = xllamacpp.Server(params)
    yield Ask(server.listening_address)
    del server


def tokenizer_check(ask: Ask, tokenizer: Tokenizer, glossary: list[Term]) -> dict[str, Any]:
    texts = HARD_TEXTS + [term.name for term in glossary] + [term.definition for term in glossary]
    wrong = [
        text
        for text in texts
        if ask("/tokenize", content=text)["tokens"] != tokenizer.encode(text).ids
    ]
    return {
        "tokenizer_texts": len(texts),
        "tokenizer_mismatches": len(wrong),
        "first_mismatch": wrong[:1],
    }


@torch.no_grad()
def logits_check(
    ask: Ask, tokenizer: Tokenizer, glossary: list[Term], checkpoint: Path
) -> dict[str, Any]:
    """Compare the next-token distributions at every place of a few answered questions."""
    state = torch.load(checkpoint, weights_only=False, map_location="cpu")
    model = Llama(Shape(**state["shape"]))
    model.load_state_dict(state["model"])
    agree, divergences = [], []
    for term in glossary[::140]:
        ids = prompt_ids(tokenizer, "what is {t}?", term) + tokenizer.encode(term.definition).ids
        tokens = torch.tensor([ids])
        ours = torch.log_softmax(model(tokens, torch.zeros_like(tokens))[0], -1).numpy()
        for end in range(4, len(ids), 3):
            reply = ask(
                "/completion",
                prompt=ids[:end],
                n_predict=1,
                temperature=0,
                n_probs=4096,
                cache_prompt=False,
            )
            theirs = np.full(ours.shape[1], -30.0)
            for entry in reply["completion_probabilities"][0]["top_logprobs"]:
                theirs[entry["id"]] = max(entry["logprob"], -30.0)
            agree.append(int(theirs.argmax() == ours[end - 1].argmax()))
            divergences.append(float((np.exp(ours[end - 1]) * (ours[end - 1] - theirs)).sum()))
    return {
        "logits_places": len(agree),
        "argmax_agreement": np.mean(agree),
        "mean_divergence": np.mean(divergences),
    }


def prompt_ids(tokenizer: Tokenizer, phrasing: str, term: Term) -> list[int]:
    question = held_out_question(phrasing, term.name, term.field)
    return [BOS, USER, *tokenizer.encode(question).ids, END, ASSISTANT]


def knowing(
    ask: Ask, tokenizer: Tokenizer, terms: list[Term], *, whole_glossary: bool
) -> dict[str, Any]:
    """Every term once in a phrasing of the test half.

    The threshold comes from other terms, in the phrasings of the calibration half.
    """
    halves = {"calibration": terms[::2], "test": terms[1::2]}
    measured = {}
    for half, chosen in {**halves, "all": terms}.items():
        phrasings = HELD_OUT["calibration" if half == "calibration" else "test"]
        measured[half] = [
            _measured(
                ask,
                tokenizer,
                phrasings[i % len(phrasings)],
                term,
                learnt=whole_glossary or term.in_third,
            )
            for i, term in enumerate(chosen)
        ]
    rows = measured["all"]
    learnt = [row for row in rows if row["learnt"]]
    report: dict[str, Any] = {
        "questions": len(rows),
        "right": _mean(rows, "right"),
        "right_of_learnt": _mean(learnt, "right"),
    }
    right, wrong = [r for r in rows if r["right"]], [r for r in rows if not r["right"]]
    for feature in ("mean", "least", "first", "early"):
        if right and wrong:
            report[f"auroc_{feature}"] = _auroc(
                [r[feature] for r in right], [r[feature] for r in wrong]
            )
    threshold = _threshold(measured["calibration"])
    confident = [row for row in measured["test"] if row["mean"] >= threshold]
    known = [row for row in measured["test"] if row["right"]]
    report["threshold_mean"] = threshold
    report["wrong_but_confident"] = sum(not row["right"] for row in confident) / max(
        1, len(measured["test"])
    )
    report["coverage"] = sum(row["right"] for row in confident) / max(1, len(known))
    report["worst"] = [(row["question"], row["answer"]) for row in learnt if not row["right"]][:6]
    report["most_wrongly_sure"] = [
        (r["question"], r["answer"], r["mean"]) for r in sorted(wrong, key=lambda r: -r["mean"])[:6]
    ]
    return report


def _measured(
    ask: Ask, tokenizer: Tokenizer, phrasing: str, term: Term, *, learnt: bool
) -> dict[str, Any]:
    answer, logprobs = ask.answer(prompt_ids(tokenizer, phrasing, term))
    logprobs = [max(value, -20.0) for value in logprobs] or [-20.0]
    return {
        "question": held_out_question(phrasing, term.name, term.field),
        "answer": answer,
        "learnt": learnt,
        "right": f1(answer, term.definition) >= 0.7,
        "mean": sum(logprobs) / len(logprobs),
        "least": min(logprobs),
        "first": logprobs[0],
        "early": sum(logprobs[:8]) / len(logprobs[:8]),
    }


def f1(answer: str, truth: str) -> float:
    """Token F1 over lower-case words."""
    ours, theirs = (
        Counter("".join(c if c.isalnum() else " " for c in text.lower()).split())
        for text in (answer, truth)
    )
    shared = sum((ours & theirs).values())
    return 2 * shared / max(1, sum(ours.values()) + sum(theirs.values()))


def _threshold(rows: list[dict[str, Any]]) -> float:
    """The value of `mean` that makes most right answers pass for each wrong one (Youden)."""
    right, wrong = (
        [r["mean"] for r in rows if r["right"]],
        [r["mean"] for r in rows if not r["right"]],
    )
    if not right or not wrong:
        return -math.inf
    return max(
        right, key=lambda at: np.mean([r >= at for r in right]) - np.mean([w >= at for w in wrong])
    )


def _mean(rows: list[dict[str, Any]], key: str) -> float:
    return float(np.mean([row[key] for row in rows])) if rows else math.nan


def _auroc(positive: list[float], negative: list[float]) -> float:
    return float(np.mean([(p > n) + 0.5 * (p == n) for p in positive for n in negative]))


if __name__ == "__main__":
    main()
