"""A target and a drafter on llama.cpp keep the promises of joint decoding, to the bit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from bench.other_formats import write_in_format
from tandem.engines.llama_certificate import CANONICAL, CERTIFIED, NOT_CERTIFIED, certify
from tandem.engines.llama_drafter import LlamaDrafter
from tandem.engines.llama_model import Model
from tandem.engines.llama_target import LlamaTarget, Widths
from tandem.errors import BadRequest, ContextTooLong
from tandem.gguf_header import read_header
from tandem.joint.coupling import Draw, pick
from tandem.joint.ports import Drafter, Rows, Step, Target
from tests.contracts.joint_contract import DrafterContract, TargetContract, ready, said_alone
from tests.engines.tiny_gguf import write_tiny_gguf

PROMPT = [3, 40, 80, 120, 99, 7, 200, 31]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="module")
def model(file: Path) -> Iterator[Model]:
    model = Model(file)
    yield model
    model.close()


def made(model: Model, **options: object) -> LlamaTarget:
    chosen: dict[str, object] = {"num_seats": 4, "context_tokens": 448, **options}
    return LlamaTarget(model, name="tiny", tokenizer=b"tiny", **chosen)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def certified(model: Model) -> Iterator[LlamaTarget]:
    target = made(model)
    assert certify(target, engine="test").verdict == CERTIFIED
    yield target
    target.free()


class TestLlamaTarget(TargetContract):
    @pytest.fixture
    def target(self, certified: LlamaTarget) -> Target:
        return certified


class TestCanonicalTarget(TargetContract):
    """The same promises where every pass is padded to one width."""

    @pytest.fixture
    def target(self, model: Model) -> Iterator[Target]:
        target = made(model)
        assert certify(target, engine="test", canonical_width=8).verdict == CANONICAL
        yield target
        target.free()


class TestLlamaDrafter(DrafterContract):
    @pytest.fixture
    def drafter(self, model: Model) -> Iterator[Drafter]:
        drafter = LlamaDrafter(model, name="tiny", tokenizer=b"tiny", context_tokens=448)
        yield drafter
        drafter.free()


def test_a_model_that_drafts_for_itself_is_always_right(
    certified: LlamaTarget, model: Model
) -> None:
    """Same model, same noise: every guess is what the target says, greedy and drawn."""
    drafter = LlamaDrafter(model, name="tiny", tokenizer=b"tiny", context_tokens=448)
    for draw in (Draw(), Draw(temperature=0.9, top_p=0.9, seed=5)):
        text = said_alone(certified, PROMPT, draw, 20)
        drafter.start(PROMPT, draw)
        guesses = [guess.token for guess in drafter.propose([], 20)]
        assert len(guesses) > 5 and guesses == text[: len(guesses)]  # an end token ends them
    drafter.free()


def test_a_drafter_at_the_end_of_its_context_says_nothing(model: Model) -> None:
    """No error and no guess beyond what the cache can hold."""
    drafter = LlamaDrafter(model, name="tiny", tokenizer=b"tiny", context_tokens=256)
    drafter.start([5] * 254, Draw())
    assert len(drafter.propose([], 10)) <= 2
    drafter.observe([5, 5])
    assert drafter.propose([], 10) == []
    drafter.free()


def test_the_next_turn_reuses_the_cache(certified: LlamaTarget) -> None:
    """What a seat has read of the same conversation is not read again; rows stay the same."""
    seat = ready(certified, PROMPT)
    certified.advance([Step(seat, [PROMPT[-1], 11, 12, 13])])
    certified.close(seat)
    seat = certified.open([*PROMPT, 11, 12, 13, 14, 15])
    assert certified.num_cached(seat) == len(PROMPT) + 3
    certified.prefill(seat, 99)
    [rows] = certified.advance([Step(seat, [15])])
    found = rows.copy()
    certified.close(seat)
    fresh = LlamaTarget(certified._model, name="tiny", tokenizer=b"t", context_tokens=448)  # pyright: ignore[reportPrivateUsage]
    seat = ready(fresh, [*PROMPT, 11, 12, 13, 14, 15])
    [rows] = fresh.advance([Step(seat, [15])])
    assert np.array_equal(rows, found)
    fresh.free()


def test_many_seats_more_tokens_than_a_pass_holds(certified: LlamaTarget) -> None:
    """Four steps of 17 tokens need two passes of 63; rows are as alone."""
    text = [int(i) for i in np.random.default_rng(3).integers(6, 262, 60)]
    seats = [ready(certified, text[: 20 + i]) for i in range(4)]
    steps = [Step(seat, text[19 + i : 36 + i]) for i, seat in enumerate(seats)]
    joint = [rows.copy() for rows in certified.advance(steps)]
    for seat in seats:
        certified.close(seat)
    for i, rows in enumerate(joint):
        seat = ready(certified, text[: 20 + i])
        [alone] = certified.advance([Step(seat, text[19 + i : 36 + i])])
        assert np.array_equal(alone, rows)
        certified.close(seat)


def test_steps_beyond_the_limits_are_refused(certified: LlamaTarget) -> None:
    """Too wide, past the context, or on a seat that nobody took: typed errors, nothing harmed."""
    seat = ready(certified, PROMPT)
    with pytest.raises(BadRequest):
        certified.advance([Step(seat, [1] * 18)])
    with pytest.raises(BadRequest):
        certified.advance([Step(seat, [-1])])
    with pytest.raises(BadRequest):
        certified.advance([Step(3, [1])])
    certified.close(seat)
    long = certified.open([9] * 440)
    certified.prefill(long, 1000)
    with pytest.raises(ContextTooLong):
        certified.advance([Step(long, [9] * 10)])
    certified.close(long)
    with pytest.raises(ContextTooLong):
        certified.open([9] * 448)


# --- the certificate ------------------------------------------------------------------------------


class Faulty(LlamaTarget):
    """A target with one bit wrong in passes of some widths, or beside others."""

    wrong_widths: frozenset[int] = frozenset()
    wrong_beside_others = False

    def _pass(self, *arguments: object, width: int, **named: object) -> Rows:
        rows: Rows = super()._pass(*arguments, width=width, **named)  # type: ignore[arg-type,misc]
        return flipped(rows) if width in self.wrong_widths else rows

    def _joint(self, steps: Sequence[Step]) -> list[Rows]:
        rows = super()._joint(steps)
        if self.wrong_beside_others and len(steps) > 1:
            return [flipped(each) for each in rows]
        if len(steps) == 1 and len(steps[0].tokens) in self.wrong_widths:
            return [flipped(each) for each in rows]
        return rows


def flipped(rows: Rows) -> Rows:
    """The last bit of one number turned over."""
    changed = rows.copy()
    if changed.size:
        changed.view(np.uint32)[-1, 7] ^= 1
    return changed


def faulty(model: Model, *widths: int, beside: bool = False) -> Faulty:
    target = Faulty(model, name="tiny", tokenizer=b"tiny", num_seats=4, context_tokens=448)
    target.wrong_widths, target.wrong_beside_others = frozenset(widths), beside
    return target


@pytest.mark.parametrize(
    ("wrong", "verdict", "low", "high"),
    [
        ((), CERTIFIED, 1, 17),
        ((8, 16), CERTIFIED, 1, 7),
        ((1,), CANONICAL, 2, 17),
        ((1, 9), CANONICAL, 2, 8),
        ((3,), NOT_CERTIFIED, 1, 63),
        (tuple(range(2, 64)), NOT_CERTIFIED, 1, 63),
    ],
)
def test_one_wrong_bit_at_a_width_is_found(
    model: Model, wrong: tuple[int, ...], verdict: str, low: int, high: int
) -> None:
    """Planted faults: the rule uses only widths that agree, and nothing is promised without one."""
    target = faulty(model, *wrong)
    certificate = certify(target, engine="test")
    assert (certificate.verdict, target.card.verdict) == (verdict, verdict)
    assert (certificate.widths.low, certificate.widths.high) == (low, high)
    assert target.card.max_width <= high
    assert verdict in certificate.words
    target.free()


def test_a_wrong_bit_beside_other_sessions_is_found(model: Model) -> None:
    """Then every session gets passes of its own, and the certificate says so."""
    target = faulty(model, beside=True)
    certificate = certify(target, engine="test")
    assert certificate.verdict == CERTIFIED and not certificate.widths.is_joint
    assert "one session a pass" in certificate.words
    target.free()


def test_a_canonical_width_with_a_wrong_bit_is_not_certified(model: Model) -> None:
    """A rule that was asked for is tried like any other: here one row depends on where it lies."""

    class Uneven(LlamaTarget):
        def _pass(self, *arguments: object, **named: object) -> Rows:
            rows: Rows = super()._pass(*arguments, **named)  # type: ignore[arg-type,misc]
            return flipped(rows) if len(rows) == 3 else rows

    target = Uneven(model, name="tiny", tokenizer=b"tiny", context_tokens=448)
    assert certify(target, engine="test", canonical_width=8).verdict == NOT_CERTIFIED
    target.free()


@pytest.mark.parametrize("kind", ["F16", "Q4_0", "Q8_0"])
def test_text_is_the_same_by_any_draft_lengths(file: Path, tmp_path: Path, kind: str) -> None:
    """Other weight formats, each under the rule that its certificate found: the same text bit for
    bit, whatever is drafted, right or wrong."""
    model = Model(write_in_format(file, tmp_path / f"{kind}.gguf", kind), repack=False)
    target = made(model, widths=Widths())
    certificate = certify(target, engine="test")
    assert certificate.verdict != NOT_CERTIFIED
    draw = Draw(temperature=1.0, seed=11)
    text = said_alone(target, PROMPT, draw, 120)
    choices = np.random.default_rng(1)
    for length in range(1, target.card.max_width):
        assert drafted(target, text, draw, length, choices) == text
    target.free()
    model.close()


def drafted(
    target: LlamaTarget, right: list[int], draw: Draw, length: int, choices: np.random.Generator
) -> list[int]:
    """The text as a verifier makes it from drafts that are mostly right."""
    seat, text = ready(target, PROMPT), list[int]()
    while len(text) < len(right):
        last = text[-1] if text else PROMPT[-1]
        draft = right[len(text) : len(text) + length]
        draft = [t if choices.random() < 0.8 else (t + 1) % 262 for t in draft]
        [rows] = target.advance([Step(seat, [last, *draft])])
        for row, guess in zip(rows, [*draft, -1], strict=True):
            text.append(pick(row, draw, len(text)))
            if text[-1] != guess:
                break
        target.rollback(seat, len(PROMPT) - 1 + len(text))
    target.close(seat)
    return text[: len(right)]


def test_same_tokenizer_same_fingerprint(tmp_path: Path, file: Path) -> None:
    """Other weights do not change it, another vocabulary does."""
    same = write_tiny_gguf(tmp_path / "same.gguf", seed=4)
    other = write_tiny_gguf(tmp_path / "other.gguf", extra_token="th")
    assert read_header(same).tokenizer == read_header(file).tokenizer
    assert read_header(other).tokenizer != read_header(file).tokenizer
