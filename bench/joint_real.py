"""Joint decoding on the real pair: tower verifies, pocket drafts, through llama.cpp.

Correctness, passes and bytes are measured here; real speed is reported and not claimed, as two
models on one ordinary processor cannot show any (a pass over k tokens costs nearly k passes).
`bench.joint` calls these functions; `python -m bench.joint_real --json` runs them alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.joint_virtual import DOWN_FRAMING, UP_FRAMING, Simulation, World
from bench.other_formats import write_in_format
from tandem.clock import SystemClock
from tandem.engines.llama_certificate import Certificate, certify
from tandem.engines.llama_chat import Chat
from tandem.engines.llama_drafter import LlamaDrafter
from tandem.engines.llama_model import Model
from tandem.engines.llama_target import LlamaTarget
from tandem.joint.coupling import Draw, pick
from tandem.joint.device import Device
from tandem.joint.drafting import Plan
from tandem.joint.ports import Drafter, Guess, Step
from tandem.joint.protocol import Open, id_bits
from tandem.types import message

ROOT = Path(__file__).resolve().parent.parent
TOWER = ROOT / "models" / "tower" / "tower.gguf"
POCKET = ROOT / "src" / "tandem" / "models" / "pocket" / "pocket.gguf"
QUESTIONS = ROOT / "src" / "tandem" / "questions" / "glossary.jsonl"
PROMPTS = ROOT.parent / "shared" / "data" / "joint" / "spec_bench.jsonl"
TOKENIZER = b"the pair's"
CONTEXT = 640
MAX_PROMPT_TOKENS = 200
FRAMES_AT_FAULT = 0.05


@contextmanager
def target_of(path: Path, **options: Any) -> Iterator[tuple[LlamaTarget, Certificate, Model]]:
    """A probed target on a file."""
    model = Model(path, repack=False)
    target = LlamaTarget(
        model, name=path.stem, tokenizer=TOKENIZER, num_seats=4, context_tokens=CONTEXT
    )
    try:
        yield target, certify(target, engine="bench", **options), model
    finally:
        target.free()
        model.close()


def prompts(model: Model, num: int) -> list[list[int]]:
    """Prompts as ids: Spec-Bench's where there are any, else questions on the glossary."""
    chat = Chat(model, model.chat_template, SystemClock())
    if PROMPTS.exists():
        lines = [json.loads(line) for line in PROMPTS.read_text("utf-8").splitlines()]
        texts = [line["turns"][0][:600] for line in lines]
    else:
        texts = glossary_questions()
    found = [chat.prompt([message("user", text)]).tokens for text in texts[:num]]
    return [ids[-MAX_PROMPT_TOKENS:] for ids in found]


def glossary_questions() -> list[str]:
    """What pocket and tower were taught."""
    lines = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    return [str(line.get("question") or line["ask"]) for line in lines]


# --- the same text at every width -----------------------------------------------------------------

Drafts = Callable[[int, list[int]], list[int]]  # the prompt's number, the text so far


def said(
    target: LlamaTarget, asked: Sequence[list[int]], num: int, drafts: Drafts | None = None
) -> list[list[int]]:
    """The target's greedy texts of `num` tokens after each prompt, as many at once as there are
    seats; with `drafts`, verified in steps of several tokens. End tokens do not end them."""
    texts: list[list[int]] = [[] for _ in asked]
    waiting = list(range(len(asked)))
    seated: dict[int, int] = {}
    while waiting or seated:
        while waiting and len(seated) < target.card.num_seats:
            number = waiting.pop(0)
            seat = target.open(asked[number])
            while target.prefill(seat, 1024):
                pass
            seated[number] = seat
        steps: list[Step] = []
        guesses: list[list[int]] = []
        for number, seat in seated.items():
            text = texts[number]
            guess = drafts(number, text)[: num - len(text) - 1] if drafts else []
            guesses.append(guess)
            steps.append(Step(seat, [text[-1] if text else asked[number][-1], *guess]))
        taken = zip(list(seated.items()), target.advance(steps), guesses, strict=True)
        for (number, seat), rows, guess in taken:
            text = texts[number]
            for at, row in enumerate(rows):
                text.append(pick(row, Draw(), len(text)))
                if at >= len(guess) or text[-1] != guess[at]:
                    break
            target.rollback(seat, len(asked[number]) - 1 + len(text))
            if len(text) >= num:
                target.close(seat)
                del seated[number]
    return texts


def greedy_identical(
    num_tokens: int = 100_000,
    formats: Sequence[str] = ("Q8_0", "Q4_0", "F16"),
    share: float = 0.1,
    per_text: int = 400,
) -> dict[str, Any]:
    """Tokens that differ from the target alone. q8_0: `num_tokens` over all draft lengths 1 to 16;
    the other formats `share` of it each, at every length that the certificate allows; in texts of
    `per_text`, at least one of each length."""
    found: dict[str, Any] = {}
    for kind in formats:
        num = num_tokens if kind == "Q8_0" else int(num_tokens * share)
        with tempfile.TemporaryDirectory() as folder:
            path = TOWER
            if kind != "Q8_0":
                path = write_in_format(TOWER, Path(folder) / f"{kind}.gguf", kind)
            with target_of(path) as (target, certificate, model):
                found[kind] = _compared(target, certificate, model, num, per_text)
    return {
        "tokens": sum(each["tokens"] for each in found.values()),
        "differing": sum(each["differing"] for each in found.values()),
        "formats": found,
    }


def _compared(
    target: LlamaTarget, certificate: Certificate, model: Model, num_tokens: int, per_text: int
) -> dict[str, Any]:
    lengths = range(1, target.card.max_width)
    per_length = max(1, -(-num_tokens // (per_text * len(lengths))))
    asked = prompts(model, 480)
    tokens = differing = 0
    rng = np.random.default_rng(3)
    for length in lengths:
        mine = [asked[(length * per_length + i) % len(asked)] for i in range(per_length)]
        alone = said(target, mine, per_text)
        texts = said(target, mine, per_text, _mostly_right(alone, length, rng, model.num_vocab))
        tokens += sum(map(len, alone))
        pairs = zip(alone, texts, strict=True)
        differing += sum(a != b for one, other in pairs for a, b in zip(one, other, strict=True))
    return {
        "tokens": tokens,
        "differing": differing,
        "lengths": [lengths[0], lengths[-1]],
        "certificate": certificate.words,
    }


def _mostly_right(
    alone: list[list[int]], length: int, rng: np.random.Generator, num_vocab: int
) -> Drafts:
    """Drafts of one length, each token right with probability 0.85."""

    def drafts(number: int, text: list[int]) -> list[int]:
        right = alone[number][len(text) : len(text) + length]
        return [t if rng.random() < 0.85 else (t + 1) % num_vocab for t in right]

    return drafts


# --- the same text by any drafter, over any link --------------------------------------------------


class Faulty(Simulation):
    """A link that loses, doubles and reorders frames; and a device that asks again."""

    def __init__(self, world: World, target: LlamaTarget, share: float) -> None:
        super().__init__(world, target)
        self._share = share
        self._faults = np.random.default_rng(world.seed + 99)
        self.num_faults = 0

    def at(self, when: float, action: Callable[[], None]) -> None:
        super().at(when, action)

    def follow(self, seat: Any) -> None:
        """Let the device notice silence."""

        def tick() -> None:
            if seat.closed is None:
                seat.device.tick(self.now)
                self._flush_device(seat)
                self.at(self.now + 0.5, tick)

        self.at(0.5, tick)

    def _flush_device(self, seat: Any) -> None:
        for frame in seat.device.outgoing(self.now):
            self._sent(seat.up.arrival(self.now, len(frame) + UP_FRAMING), frame, seat, True)

    def _flush_cloud(self) -> None:
        for line, frames, _ in self.verifier.outgoing():
            for seat in self._seats:
                if seat.line is line:
                    for frame in frames:
                        when = seat.down.arrival(self.now, len(frame) + DOWN_FRAMING)
                        self._sent(when, frame, seat, False)

    def _sent(self, when: float, frame: bytes, seat: Any, is_up: bool) -> None:
        """One frame on its way, if it gets there: one fault in so many, of three kinds."""
        times = [when]
        if self._faults.random() < self._share:
            self.num_faults += 1
            kind = int(self._faults.integers(3))
            later = when + float(self._faults.exponential(0.05))
            times = [[], [when, later], [later]][kind]
        for time_ in times:
            hears = self._cloud_hears if is_up else self._device_hears
            self.at(time_, lambda h=hears, s=seat, f=frame: h(s, f))


class Liar:
    """A drafter whose guesses are always wrong."""

    name, fingerprint, is_free = "liar", TOKENIZER, True

    def __init__(self, num_vocab: int) -> None:
        self._num_vocab = num_vocab
        self._count = 0

    def start(self, prompt: Sequence[int], draw: Draw) -> None: ...

    def observe(self, ids: Sequence[int]) -> None: ...

    def stop(self) -> None: ...

    def propose(self, path: Sequence[int], num: int) -> list[Guess]:
        self._count += 7919
        return [Guess((self._count + at) % self._num_vocab) for at in range(num)]


def seeded_identical(num_runs: int = 1000, num_tokens: int = 24) -> dict[str, Any]:
    """Runs whose text is the target's own for (prompt, seed), whatever drafts, however far ahead,
    over whatever round trip, with 5 % of frames lost, doubled or out of order."""
    rng = np.random.default_rng(8)
    same = num_faults = passes = tokens = 0
    with target_of(TOWER) as (target, _, model):
        small = Model(POCKET)
        pocket = LlamaDrafter(small, name="pocket", tokenizer=TOKENIZER, context_tokens=CONTEXT)
        drafters: list[Drafter] = [pocket, Liar(model.num_vocab)]
        asked = [ids[-60:] for ids in prompts(model, 40)]
        alone: dict[tuple[int, int], list[int]] = {}
        for run in range(num_runs):
            number, seed = int(rng.integers(len(asked))), int(rng.integers(8))
            draw = Draw(temperature=(0.0, 0.7, 1.0)[seed % 3], top_p=0.95, seed=seed)
            key = (number, seed)
            if key not in alone:
                alone[key] = _alone(target, asked[number], draw, num_tokens)
            world = World(round_trip=(0.005, 0.02, 0.05, 0.1)[run % 4], jitter=0.004, seed=run)
            simulation = Faulty(world, target, FRAMES_AT_FAULT)
            opening = Open(
                run.to_bytes(16, "big"),
                TOKENIZER,
                draw,
                tuple(asked[number]),
                max_tokens=num_tokens,
                id_bits=id_bits(model.num_vocab),
            )
            plan = Plan(ahead=int(rng.integers(1, 17)), hedge=bool(run % 2))
            device = Device(opening, fixed=plan)
            seat = simulation.add(device, drafters[int(rng.random() < 0.3)], 0.004)
            simulation.follow(seat)
            simulation.run(until=600.0)
            same += device.connection.text == alone[key]
            num_faults += simulation.num_faults
            passes += seat.closed.passes if seat.closed else 0
            tokens += len(alone[key])
            _leave(simulation, target)
        pocket.free()
        small.close()
    return {
        "runs": num_runs,
        "same": same,
        "frames_at_fault": num_faults,
        "passes_per_token": passes / max(tokens, 1),
    }


def _alone(target: LlamaTarget, prompt: list[int], draw: Draw, num: int) -> list[int]:
    """The target by itself, one token a pass, until its end token."""
    seat = target.open(prompt)
    while target.prefill(seat, 1024):
        pass
    text: list[int] = []
    while len(text) < num and not (text and text[-1] in target.card.end_ids):
        [rows] = target.advance([Step(seat, [text[-1] if text else prompt[-1]])])
        text.append(pick(rows[0], draw, len(text)))
    target.close(seat)
    return text


def _leave(simulation: Simulation, target: LlamaTarget) -> None:
    """Give back what a simulation that is over still holds."""
    for seat in range(target.card.num_seats):
        target.close(seat)


# --- acceptance -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How often pocket guesses tower's next token, the path being right."""

    right: int
    guesses: int

    @property
    def share(self) -> float:
        return self.right / max(self.guesses, 1)


def acceptance(num_prompts: int = 60, num_tokens: int = 60) -> dict[str, float]:
    """Shares of pocket's guesses that are tower's token, on what both were taught (the glossary)
    and on Spec-Bench's prompts, which are foreign to both; greedy and at temperature 0.7."""
    found: dict[str, float] = {}
    with target_of(TOWER) as (target, _, model):
        small = Model(POCKET)
        drafter = LlamaDrafter(small, name="pocket", tokenizer=TOKENIZER, context_tokens=CONTEXT)
        chat = Chat(model, model.chat_template, SystemClock())
        rng = np.random.default_rng(4)
        known = [str(each) for each in rng.permutation(glossary_questions())[:num_prompts]]
        asked = {"glossary": [chat.prompt([message("user", text)]).tokens for text in known]}
        if PROMPTS.exists():
            asked["spec_bench"] = prompts(model, num_prompts)
        for name, ids in asked.items():
            for temperature in (0.0, 0.7):
                draw = Draw(temperature=temperature, seed=1)
                measured = _accepted(target, drafter, ids, draw, num_tokens)
                found[f"{name}, temperature {temperature:g}"] = round(measured.share, 3)
        drafter.free()
        small.close()
    return found


def _accepted(
    target: LlamaTarget, drafter: LlamaDrafter, asked: list[list[int]], draw: Draw, num: int
) -> Acceptance:
    right = guesses = 0
    for prompt in asked:
        drafter.start(prompt, draw)
        for token in _alone(target, prompt, draw, num):
            [guess] = drafter.propose([], 1)
            right += guess.token == token
            guesses += 1
            drafter.observe([token])
    return Acceptance(right, guesses)


def main() -> None:
    """All of it, as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--tokens", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=1000)
    given = parser.parse_args()
    found: dict[str, Any] = {}
    for name, measure in (
        ("acceptance", acceptance),
        ("seeded_identical", lambda: seeded_identical(given.runs)),
        ("greedy_identical", lambda: greedy_identical(given.tokens)),
    ):
        started = time.process_time()
        found[name] = measure()
        found[f"{name}_cpu_seconds"] = round(time.process_time() - started, 1)
        print(name, found[name], file=sys.stderr, flush=True)
    print(json.dumps(found, indent=None if given.json else 1))


if __name__ == "__main__":
    main()
