"""Writes a random tiny GGUF, so that the engine's tests need no trained model.

Two layers, 64 wide, q8_0; a byte-level vocabulary (256 bytes and a few control tokens). What it
says is noise, but always the same noise.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

WIDTH, NUM_LAYERS, NUM_HEADS, FEED_FORWARD = 64, 2, 4, 128
SPECIALS = ("<|bos|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>")
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ '<|' + message['role'] + '|>' }}"
    "{{ message['content'] | trim }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def byte_letters() -> list[str]:
    """GPT-2's printable stand-ins for the 256 bytes, in byte order."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    extra = iter(range(256, 512))
    return [chr(byte) if byte in shown else chr(next(extra)) for byte in range(256)]


def write_tiny_gguf(
    path: Path, *, template: str | None = TEMPLATE, context_tokens: int = 512, seed: int = 0
) -> Path:
    """Write the model and return its path. Without a template the engine must use its default."""
    rng = np.random.default_rng(seed)
    tokens = [*SPECIALS, *byte_letters()]
    kinds = [3] * len(SPECIALS) + [1] * 256
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_file_type(7)
    writer.add_context_length(context_tokens)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(NUM_LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(NUM_HEADS)
    writer.add_head_count_kv(NUM_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10_000.0)
    writer.add_rope_dimension_count(WIDTH // NUM_HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    if template is not None:
        writer.add_chat_template(template)
    _add_tensors(writer, rng, len(tokens))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_tensors(writer: gguf.GGUFWriter, rng: np.random.Generator, num_tokens: int) -> None:
    def matrix(name: str, rows: int, columns: int, scale: float) -> None:
        values = rng.normal(0.0, scale, (rows, columns)).astype(np.float32)
        if name in ("output", "token_embd"):
            values[len(SPECIALS) + 127 :] *= 0.1  # mostly ASCII, so that the noise has words
        kind = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(f"{name}.weight", gguf.quants.quantize(values, kind), raw_dtype=kind)

    def norm(name: str) -> None:
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))

    matrix("token_embd", num_tokens, WIDTH, 0.6)
    matrix("output", num_tokens, WIDTH, 0.25)
    norm("output_norm")
    for layer in range(NUM_LAYERS):
        block = f"blk.{layer}."
        norm(block + "attn_norm")
        norm(block + "ffn_norm")
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            matrix(block + name, WIDTH, WIDTH, 0.2)
        matrix(block + "ffn_gate", FEED_FORWARD, WIDTH, 0.2)
        matrix(block + "ffn_up", FEED_FORWARD, WIDTH, 0.2)
        matrix(block + "ffn_down", WIDTH, FEED_FORWARD, 0.2)
