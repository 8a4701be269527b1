"""The layer over the C library: exactness, rollback, state, and that it can be interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tandem.engines.llama_c import BOOLEAN_OFFSETS, open_library
from tandem.engines.llama_context import Context
from tandem.engines.llama_model import Grammar, Model
from tandem.errors import BadModel, BadRequest, DeviceFault
from tests.engines.tiny_gguf import write_tiny_gguf


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    model = Model(write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf"))
    yield model
    model.close()


@pytest.fixture
def context(model: Model) -> Iterator[Context]:
    context = Context(model, context_tokens=512, num_seqs=3)
    yield context
    context.close()


TOKENS = np.random.default_rng(0).integers(6, 262, 100).tolist()


def fed(context: Context, chunk: int, seq: int = 0, tokens: list[int] = TOKENS) -> np.ndarray:
    """All logits of the tokens, decoded in chunks."""
    rows: list[np.ndarray] = []
    for start in range(0, len(tokens), chunk):
        context.clear_batch()
        context.want(context.extend(tokens[start : start + chunk], start, seq))
        assert context.decode()
        rows.append(context.logits()[: context.num_rows].copy())
    return np.concatenate(rows)


def test_the_layout_is_one_that_was_checked() -> None:
    """The booleans lie where they were recorded, and the library says what machine it sees."""
    library = open_library()
    assert library.boolean_offset in BOOLEAN_OFFSETS
    assert "CPU" in library.system_info
    assert open_library() is library


def test_logits_are_the_same_bits_in_any_chunks(context: Context) -> None:
    """q8_0, flash attention, micro-batches below 64: chunks of 1 to 63 agree to the last bit."""
    alone = fed(context, 1)
    for chunk in (2, 3, 7, 16, 63):
        context.remove(0, 0)
        assert np.array_equal(fed(context, chunk), alone)


def test_logits_are_the_same_bits_beside_other_sequences(context: Context) -> None:
    """Three sequences in one batch compute what each computes alone."""
    others = [TOKENS, TOKENS[::-1], TOKENS[10:60]]
    alone: list[np.ndarray] = []
    for tokens in others:
        context.remove(0, 0)
        alone.append(fed(context, 7, 0, tokens))
    context.remove(0, 0)
    starts = [0, 0, 0]
    together: list[list[np.ndarray]] = [[], [], []]
    while any(start < len(tokens) for start, tokens in zip(starts, others, strict=True)):
        context.clear_batch()
        rows: list[tuple[int, int, int]] = []
        for seq, tokens in enumerate(others):
            chunk = tokens[starts[seq] : starts[seq] + 5 * (seq + 1)]
            if chunk:
                first = context.num_rows
                context.want(context.extend(chunk, starts[seq], seq))
                rows.append((seq, first, context.num_rows))
                starts[seq] += len(chunk)
        assert context.decode()
        for seq, first, last in rows:
            together[seq].append(context.logits()[first:last].copy())
    for seq in range(3):
        assert np.array_equal(np.concatenate(together[seq]), alone[seq])


def test_rollback_and_state_are_exact(context: Context) -> None:
    """Forgetting drafted tokens, and putting a saved cache back, change no bit."""
    alone = fed(context, 16)
    context.remove(0, 50)
    assert context.last_position(0) == 49
    context.clear_batch()
    context.extend([9] * 7, 50, 0)
    context.decode()
    context.remove(0, 50)
    saved = context.state(0)
    context.clear_batch()
    context.want(context.extend(TOKENS[50:], 50, 0))
    context.decode()
    assert np.array_equal(context.logits(), alone[50:])
    context.restore(1, saved)
    context.clear_batch()
    context.want(context.extend(TOKENS[50:], 50, 1))
    context.decode()
    assert np.array_equal(context.logits(), alone[50:])
    with pytest.raises(BadRequest):
        context.restore(2, b"nonsense")


def test_a_whole_sequence_can_be_copied(context: Context) -> None:
    """The copy goes on as the original would."""
    alone = fed(context, 16)
    context.remove(0, 0)
    fed(context, 16, 0, TOKENS[:40])
    context.copy(0, 2)
    context.clear_batch()
    context.want(context.extend(TOKENS[40:], 40, 2))
    context.decode()
    assert np.array_equal(context.logits(), alone[40:])


def test_a_pass_can_be_cut_short_and_done_again(context: Context) -> None:
    """`stop` ends a forward pass; after forgetting it, the next one is as if nothing was."""
    alone = fed(context, 50)
    context.remove(0, 0)
    context.clear_batch()
    context.want(context.extend(TOKENS[:50], 0, 0))
    context.stop()
    assert not context.decode()
    context.go()
    context.remove(0, 0)
    assert context.decode()
    assert np.array_equal(context.logits(), alone[:50])


def test_grammar_states_can_be_cloned(model: Model) -> None:
    """A draft may run ahead on a clone; the original stays where it was."""
    grammar = Grammar(model, 'root ::= "ab" | "ac"')
    a, b, c = (model.tokenize(letter, parse_special=False)[0] for letter in "abc")
    assert grammar.allows(a) and not grammar.allows(b)
    grammar.accept(a)
    clone = grammar.clone()
    clone.accept(b)
    assert clone.allows(model.eos) and not clone.allows(c)
    assert grammar.allows(b) and grammar.allows(c) and not grammar.allows(model.eos)
    masked = grammar.masked(np.zeros(model.num_vocab, np.float32))
    assert set(np.flatnonzero(np.isfinite(masked)).tolist()) == {b, c}
    clone.close()
    grammar.close()


def test_every_text_survives_the_vocabulary(model: Model) -> None:
    """Byte-level: any text comes back as it was."""
    for text in ("", "Hello\n\tworld", "naïve café", "你好 🙂", "a" * 1000, "\0", "<|end|>"):
        tokens = model.tokenize(text, parse_special=False)
        assert model.detokenize(tokens).decode() == text
    assert model.tokenize("<|end|>", parse_special=True) == [1]
    assert model.piece(1) == b"" and model.special_text(1) == "<|end|>"
    assert model.special_text(-1) == ""


def test_what_the_library_refuses_says_why(model: Model, tmp_path: Path) -> None:
    """A load error carries the library's reason; a context that cannot be is a DeviceFault."""
    data = bytearray(write_tiny_gguf(tmp_path / "wrong.gguf").read_bytes())
    at = data.index(b"blk.0.attn_q.weight")
    data[at : at + 19] = b"blk.0.attn_x.weight"
    (tmp_path / "wrong.gguf").write_bytes(data)
    with pytest.raises(BadModel, match=r"attn_q"):
        Model(tmp_path / "wrong.gguf")
    with pytest.raises(DeviceFault):
        Context(model, context_tokens=512, num_seqs=10**6)
