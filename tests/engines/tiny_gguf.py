"""A random tiny GGUF, so that the engine's tests need no trained model."""

from __future__ import annotations

from pathlib import Path

from bench.random_gguf import SPECIALS, TEMPLATE, Shape, write_random_gguf

__all__ = ["SPECIALS", "TEMPLATE", "write_tiny_gguf"]


def write_tiny_gguf(
    path: Path,
    *,
    template: str | None = TEMPLATE,
    context_tokens: int = 512,
    seed: int = 0,
    extra_token: str | None = None,
) -> Path:
    """Two layers, 64 wide, 262 tokens: loads in milliseconds.

    `extra_token`: two ASCII characters that the vocabulary joins into one token.
    """
    shape = Shape(num_tokens=262 + bool(extra_token), context_tokens=context_tokens)
    return write_random_gguf(path, shape, template=template, seed=seed, joined=extra_token)
