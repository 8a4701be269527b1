"""Simplified Chinese characters, one for one, by OpenCC's table; loaded at the first use."""

from __future__ import annotations

import functools
from typing import Any


@functools.cache
def _opencc() -> Any:
    from opencc import OpenCC  # pyright: ignore[reportMissingTypeStubs]

    return OpenCC("t2s")


def simplified_char(char: str) -> str:
    """A traditional character's simplified form; any other as it is."""
    if char < "\u3400":
        return char
    simple: str = _opencc().convert(char)
    return simple if len(simple) == 1 else char
