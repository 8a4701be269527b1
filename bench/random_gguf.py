"""Writes a random GGUF of any size in q8_0: for speed and for tests, not for sense.

What it says is noise, but always the same noise. Its vocabulary is byte-level: 256 bytes, a few
control tokens, and as many fillers as wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

SPECIALS = ("<|bos|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>")
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ '<|' + message['role'] + '|>' }}"
    "{{ message['content'] | trim }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """The model's size. The default is tiny."""

    width: int = 64
    num_layers: int = 2
    num_heads: int = 4
    feed_forward: int = 128
    num_tokens: int = 262
    context_tokens: int = 512


# 110 million parameters, the size of GPT-2 small, with an output matrix of its own.
MIDDLE = Shape(768, 12, 12, 2048, 32_000, 2048)


def byte_letters() -> list[str]:
    """GPT-2's printable stand-ins for the 256 bytes, in byte order."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    extra = iter(range(256, 512))
    return [chr(byte) if byte in shown else chr(next(extra)) for byte in range(256)]


def write_random_gguf(
    path: Path,
    shape: Shape = Shape(),
    *,
    template: str | None = TEMPLATE,
    seed: int = 0,
    joined: str | None = None,
) -> Path:
    """Write the model and return its path. Without a template the engine must use its default.

    `joined`: two ASCII characters that the vocabulary has as one token.
    """
    rng = np.random.default_rng(seed)
    tokens = [*SPECIALS, *byte_letters()]
    left, right = (letter.replace(" ", "\u0120") for letter in joined or "ab")
    tokens += [left + right] if joined else []
    tokens += [f"filler{i}" for i in range(shape.num_tokens - len(tokens))]
    kinds = [3] * len(SPECIALS) + [1] * (len(tokens) - len(SPECIALS))
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_file_type(7)
    writer.add_context_length(shape.context_tokens)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.num_layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.num_heads)
    writer.add_head_count_kv(shape.num_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10_000.0)
    writer.add_rope_dimension_count(shape.width // shape.num_heads)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([f"{left} {right}"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    if template is not None:
        writer.add_chat_template(template)
    _add_tensors(writer, rng, shape)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_tensors(writer: gguf.GGUFWriter, rng: np.random.Generator, shape: Shape) -> None:
    def matrix(name: str, rows: int, columns: int, scale: float) -> None:
        values = rng.normal(0.0, scale, (rows, columns)).astype(np.float32)
        if name in ("output", "token_embd"):
            values[len(SPECIALS) + 127 :] *= 0.1  # mostly ASCII, so that the noise has words
        kind = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(f"{name}.weight", gguf.quants.quantize(values, kind), raw_dtype=kind)

    def norm(name: str) -> None:
        writer.add_tensor(f"{name}.weight", np.ones(shape.width, np.float32))

    matrix("token_embd", shape.num_tokens, shape.width, 0.6)
    matrix("output", shape.num_tokens, shape.width, 2.0 / shape.width**0.5)
    norm("output_norm")
    for layer in range(shape.num_layers):
        block = f"blk.{layer}."
        norm(block + "attn_norm")
        norm(block + "ffn_norm")
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            matrix(block + name, shape.width, shape.width, 1.6 / shape.width**0.5)
        matrix(block + "ffn_gate", shape.feed_forward, shape.width, 1.6 / shape.width**0.5)
        matrix(block + "ffn_up", shape.feed_forward, shape.width, 1.6 / shape.width**0.5)
        matrix(block + "ffn_down", shape.width, shape.feed_forward, 1.6 / shape.width**0.5)
