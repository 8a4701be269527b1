"""The header of a GGUF file, read and doubted in pure Python before native code sees the file.

The native loader aborts the process or divides by zero on some hostile files; this reader bounds
every count and length by the file's size. Format: ggml's docs/gguf.md, versions 2 and 3.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tandem.errors import BadModel

_MAX_COUNT = 1 << 20  # keys or tensors; the largest models have a few thousand
_MAX_NAME_BYTES = 65_535  # gguf.md: keys are at most 2^16 - 1 bytes
_MAX_KEPT_ITEMS = 64  # longer arrays (vocabularies) are checked and skipped, not kept
_SPEC_ALIGNMENT = 32

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?"} | {
    10: "<Q",
    11: "<q",
    12: "<d",
}
_STRING, _ARRAY = 8, 9

# What decides which ids a text has. The end token and the chat template are not among them: a draft
# model may be made for another chat.
_TOKENIZER_KEYS = frozenset(
    f"tokenizer.ggml.{name}"
    for name in (
        "model", "pre", "tokens", "token_type", "scores", "merges", "bos_token_id", "add_bos_token",
        "add_space_prefix", "remove_extra_whitespaces", "precompiled_charsmap",
    )
)  # fmt: skip

# (elements per block, bytes per block) of ggml's tensor types, by number; a test compares them with
# the gguf package.
TENSOR_TYPES = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    9: (32, 40), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18),
    21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8),
    28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
    40: (64, 36), 41: (128, 18),
}  # fmt: skip

# What the loader divides by, allocates by or loops over: the largest value that makes sense.
_LIMITS = {
    "context_length": (1, 1 << 28),
    "embedding_length": (1, 1 << 20),
    "block_count": (1, 512),  # LLAMA_MAX_LAYERS: above, the library aborts the process
    "feed_forward_length": (0, 1 << 24),
    "attention.head_count": (1, 1 << 16),
    "attention.head_count_kv": (0, 1 << 16),
    "rope.dimension_count": (0, 1 << 16),
    "vocab_size": (1, 1 << 26),
}
_NEEDED = ("context_length", "embedding_length", "block_count")


@dataclass(frozen=True, slots=True)
class Header:
    """What the file says of itself. Of long arrays `metadata` keeps only the key.

    `tokenizer` is a fingerprint of all that turns text into ids and back: two files with the same
    one mean the same text by the same ids.
    """

    version: int
    metadata: dict[str, Any]
    num_tensors: int
    num_tokens: int
    size_bytes: int
    tokenizer: str

    @property
    def architecture(self) -> str:
        """For example "llama" or "qwen3"."""
        return self.metadata["general.architecture"]

    @property
    def context_tokens(self) -> int:
        """The context length it was trained on."""
        return self.metadata[f"{self.architecture}.context_length"]

    @property
    def name(self) -> str | None:
        """The model's own name, where given."""
        name = self.metadata.get("general.name")
        return name if isinstance(name, str) else None


def read_header(path: Path) -> Header:
    """Raises `BadModel` with a reason for anything but a whole, sane GGUF language model."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            reader = _Reader(path.name, size, file.read(1 << 16), file.read)
            return reader.header()
    except FileNotFoundError as error:
        raise BadModel(
            f"There is no model file {path.name}.", remedy="`tandem models list` shows them."
        ) from error
    except OSError as error:
        raise BadModel(f"{path.name} cannot be read: {error.strerror}.") from error


def fingerprint(path: Path) -> str:
    """Names a file by its size, its ends and samples between: fast for files of many gigabytes."""
    size = path.stat().st_size
    block = 1 << 20
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(block))
        for i in range(1, 64):
            file.seek(i * size // 64)
            digest.update(file.read(1 << 14))
        file.seek(max(0, size - block))
        digest.update(file.read(block))
    return digest.hexdigest()


class _Reader:
    """A cursor over the file's beginning that fetches more as it goes."""

    def __init__(self, name: str, size: int, start: bytes, more: Any) -> None:
        self._name = name
        self._size = size
        self._data = bytearray(start)
        self._more = more
        self._at = 0
        self._num_tokens = 0
        self._tokenizer: dict[str, bytes] = {}

    def header(self) -> Header:
        if self._size < 24:
            raise self._bad("it is too short to be a GGUF file")
        if self._take(4) != b"GGUF":
            raise self._bad("it is not a GGUF file")
        version = self._number("<I")
        if version not in (2, 3):
            raise self._bad(f"it has GGUF version {version & 0xFFFF}; this reads 2 and 3")
        num_tensors, num_keys = self._count(), self._count()
        metadata = self._metadata(num_keys)
        self._check_metadata(metadata)
        shapes = self._tensors(num_tensors, _alignment(metadata, self))
        self._check_shapes(metadata, shapes)
        tokenizer = hashlib.sha256(repr(sorted(self._tokenizer.items())).encode()).hexdigest()
        return Header(version, metadata, num_tensors, self._num_tokens, self._size, tokenizer)

    def _metadata(self, num: int) -> dict[str, Any]:
        metadata: dict[str, Any] = {}
        for _ in range(num):
            key = self._text(_MAX_NAME_BYTES)
            if key in metadata:
                raise self._bad("a metadata key stands there twice")
            start = self._at
            metadata[key] = self._value(key)
            if key in _TOKENIZER_KEYS:
                self._tokenizer[key] = hashlib.sha256(self._data[start : self._at]).digest()
        return metadata

    def _value(self, key: str) -> Any:
        kind = self._number("<I")
        if kind == _STRING:
            return self._text(self._size)
        if kind == _ARRAY:
            return self._array(key)
        if kind not in _SCALARS:
            raise self._bad("a metadata value has an unknown type")
        return self._number(_SCALARS[kind])

    def _array(self, key: str) -> list[Any] | None:
        kind, num = self._number("<I"), self._number("<Q")
        if key == "tokenizer.ggml.tokens":
            self._num_tokens = num
        if kind in _SCALARS:
            form = _SCALARS[kind]
            width = struct.calcsize(form)
            if num > self._size // width:
                raise self._bad("it is cut short inside an array of its header")
            data = self._take(num * width)
            return list(struct.unpack(f"<{num}{form[1]}", data)) if num <= _MAX_KEPT_ITEMS else None
        if kind != _STRING:
            raise self._bad("an array has an unknown or nested type")
        if num > self._size // 8:
            raise self._bad("it is cut short inside an array of its header")
        if key == "tokenizer.ggml.tokens":
            return self._check_unique(num)
        if num <= _MAX_KEPT_ITEMS:
            return [self._text(self._size) for _ in range(num)]
        for _ in range(num):
            self._take(self._number("<Q"))
        return None

    def _check_unique(self, num: int) -> None:
        """The library aborts the process over a token that stands twice; it renames empty ones."""
        seen: set[bytes] = set()
        for _ in range(num):
            token = self._take(self._number("<Q"))
            if token and token in seen:
                raise self._bad("a token stands twice in its vocabulary")
            seen.add(token)

    def _check_metadata(self, metadata: dict[str, Any]) -> None:
        architecture = metadata.get("general.architecture")
        if not isinstance(architecture, str) or not architecture:
            raise self._bad("it names no architecture")
        if metadata.get("general.type", "model") != "model":
            raise self._bad("it is no model but a part for one (an adapter or projector)")
        if metadata.get("split.count", 0) not in (0, 1):
            raise self._bad("it is one part of a split model; join the parts first")
        for name, (low, high) in _LIMITS.items():
            value = metadata.get(f"{architecture}.{name}")
            if value is None and name in _NEEDED:
                raise self._bad(f"it gives no {name}")
            if type(value) is int and not low <= value <= high:
                raise self._bad(f"its {name} makes no sense")
            if name in _NEEDED and type(value) is not int:
                raise self._bad(f"its {name} is no whole number")
        self._check_heads(metadata, architecture)
        self._check_tokens(metadata)

    def _check_heads(self, metadata: dict[str, Any], architecture: str) -> None:
        width = metadata[f"{architecture}.embedding_length"]
        heads = metadata.get(f"{architecture}.attention.head_count")
        if type(heads) is int and heads > width:
            raise self._bad("it has more attention heads than embedding values")

    def _check_tokens(self, metadata: dict[str, Any]) -> None:
        if not isinstance(metadata.get("tokenizer.ggml.model"), str) or not self._num_tokens:
            raise self._bad("it has no vocabulary")
        for name in ("bos", "eos", "unknown", "padding", "eot"):
            token = metadata.get(f"tokenizer.ggml.{name}_token_id")
            if token is None:
                continue
            is_unset = token in (-1, 0xFFFFFFFF)
            if type(token) is not int or not (is_unset or 0 <= token < self._num_tokens):
                raise self._bad(f"its {name} token is not in its vocabulary")

    def _tensors(self, num: int, alignment: int) -> dict[str, list[int]]:
        shapes: dict[str, list[int]] = {}
        ends = [0]
        for _ in range(num):
            name = self._text(_MAX_NAME_BYTES)
            num_dimensions = self._number("<I")
            if not 1 <= num_dimensions <= 4 or name in shapes:
                raise self._bad("a tensor is described wrongly or twice")
            shape = [self._number("<Q") for _ in range(num_dimensions)]
            kind, offset = self._number("<I"), self._number("<Q")
            if offset % alignment:
                raise self._bad("a tensor is not aligned")
            ends.append(offset + self._num_bytes(shape, kind))
            shapes[name] = shape
        start = -(-self._at // alignment) * alignment
        missing = start + max(ends) - self._size
        if missing > 0:
            raise self._bad(f"it is cut short: at least {missing:,} bytes are missing")
        return shapes

    def _num_bytes(self, shape: list[int], kind: int) -> int:
        if kind not in TENSOR_TYPES:
            raise self._bad(f"a tensor has the unknown type {kind & 0xFFFF}")
        per_block, block_bytes = TENSOR_TYPES[kind]
        num = 1
        for length in shape:
            if not 0 < length < 1 << 40:
                raise self._bad("a tensor has an impossible shape")
            num *= length
        if shape[0] % per_block:
            raise self._bad("a tensor's rows are no whole number of blocks")
        return num // per_block * block_bytes

    def _check_shapes(self, metadata: dict[str, Any], shapes: dict[str, list[int]]) -> None:
        table = shapes.get("token_embd.weight")
        if table is None:
            raise self._bad("it holds no token embeddings, so it is no language model")
        width = metadata[f"{metadata['general.architecture']}.embedding_length"]
        if len(table) != 2 or table[0] != width or table[1] != self._num_tokens:
            raise self._bad("its token embeddings do not fit its vocabulary")

    # --- the cursor ------------------------------------------------------------------------------

    def _take(self, num: int) -> bytes:
        end = self._at + num
        if end > self._size:
            raise self._bad("it is cut short inside its header")
        if end > len(self._data):
            self._data += self._more(max(1 << 20, end - len(self._data)))
            if end > len(self._data):
                raise self._bad("it is cut short inside its header")
        taken = bytes(self._data[self._at : end])
        self._at = end
        return taken

    def _number(self, form: str) -> Any:
        return struct.unpack(form, self._take(struct.calcsize(form)))[0]

    def _count(self) -> int:
        count = self._number("<Q")
        if count > min(_MAX_COUNT, self._size // 8):
            raise self._bad("its header counts more entries than fit into it")
        return count

    def _text(self, limit: int) -> str:
        num = self._number("<Q")
        if num > limit:
            raise self._bad("a text in its header is longer than allowed")
        return self._take(num).decode("utf-8", "replace")

    def _bad(self, why: str) -> BadModel:
        return BadModel(
            f"{self._name} cannot be used: {why}.",
            remedy="Download it again or choose another file.",
        )


def _alignment(metadata: dict[str, Any], reader: _Reader) -> int:
    alignment = metadata.get("general.alignment", _SPEC_ALIGNMENT)
    is_power = type(alignment) is int and 8 <= alignment <= 1 << 16
    if not is_power or alignment & (alignment - 1):
        raise reader._bad("its alignment makes no sense")  # pyright: ignore[reportPrivateUsage]
    return alignment
