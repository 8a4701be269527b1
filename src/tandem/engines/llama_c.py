"""The C library of llama.cpp, as exported by the xllamacpp wheel: opened, checked, typed.

`llama_model` and `llama_context` build on this; together the three are a thin layer that knows
pointers, structs and return codes and nothing of conversations. `ctypes` releases the interpreter
lock around each call. Joint decoding builds on the layer as well.

Two structs travel by value. Their layouts differ between builds of "the same" library, and a wrong
layout runs without an error, so `open_library` checks where the booleans lie before anything else.
"""

from __future__ import annotations

import ctypes
import importlib.util
import struct
import sys
import threading
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from tandem.errors import DeviceFault

Floats = NDArray[np.float32]

DECODE_ABORTED = 2
_LOG_WARN, _LOG_ERROR, _LOG_CONTINUED = 3, 4, 5
_BLOCK_BYTES = 320  # twice the longest struct known: a longer one than expected overwrites nothing

_P = ctypes.c_void_p
_INT, _BOOL, _TEXT, _SIZE = ctypes.c_int32, ctypes.c_bool, ctypes.c_char_p, ctypes.c_size_t


class Block(ctypes.Structure):
    """A parameter struct as bytes; `_put` writes its fields at checked offsets."""

    _fields_: ClassVar = [("raw", ctypes.c_ubyte * _BLOCK_BYTES)]


class Batch(ctypes.Structure):
    """`llama_batch`, 56 bytes, the same in every build seen."""

    _fields_: ClassVar = [
        ("n_tokens", _INT),
        ("token", _P),
        ("embd", _P),
        ("pos", _P),
        ("n_seq_id", _P),
        ("seq_id", _P),
        ("logits", _P),
    ]


_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "llama_backend_init": (None, []),
    "llama_log_set": (None, [_P, _P]),
    "llama_print_system_info": (_TEXT, []),
    "llama_model_default_params": (Block, []),
    "llama_context_default_params": (Block, []),
    "llama_model_load_from_file": (_P, [_TEXT, Block]),
    "llama_model_free": (None, [_P]),
    "llama_model_get_vocab": (_P, [_P]),
    "llama_model_n_embd": (_INT, [_P]),
    "llama_model_n_ctx_train": (_INT, [_P]),
    "llama_model_has_encoder": (_BOOL, [_P]),
    "llama_model_has_decoder": (_BOOL, [_P]),
    "llama_model_chat_template": (_TEXT, [_P, _TEXT]),
    "llama_vocab_n_tokens": (_INT, [_P]),
    "llama_vocab_type": (_INT, [_P]),
    "llama_vocab_bos": (_INT, [_P]),
    "llama_vocab_eos": (_INT, [_P]),
    "llama_vocab_get_add_bos": (_BOOL, [_P]),
    "llama_vocab_is_eog": (_BOOL, [_P, _INT]),
    "llama_tokenize": (_INT, [_P, _TEXT, _INT, _P, _INT, _BOOL, _BOOL]),
    "llama_token_to_piece": (_INT, [_P, _INT, _P, _INT, _INT, _BOOL]),
    "llama_init_from_model": (_P, [_P, Block]),
    "llama_free": (None, [_P]),
    "llama_get_memory": (_P, [_P]),
    "llama_n_ctx": (ctypes.c_uint32, [_P]),
    "llama_n_ctx_seq": (ctypes.c_uint32, [_P]),
    "llama_n_batch": (ctypes.c_uint32, [_P]),
    "llama_n_ubatch": (ctypes.c_uint32, [_P]),
    "llama_n_seq_max": (ctypes.c_uint32, [_P]),
    "llama_n_threads": (_INT, [_P]),
    "llama_set_abort_callback": (None, [_P, _P, _P]),
    "llama_decode": (_INT, [_P, Batch]),
    "llama_get_logits": (_P, [_P]),
    "llama_get_embeddings": (_P, [_P]),
    "llama_memory_seq_rm": (_BOOL, [_P, _INT, _INT, _INT]),
    "llama_memory_seq_cp": (None, [_P, _INT, _INT, _INT, _INT]),
    "llama_memory_clear": (None, [_P, _BOOL]),
    "llama_memory_seq_pos_max": (_INT, [_P, _INT]),
    "llama_state_seq_get_size": (_SIZE, [_P, _INT]),
    "llama_state_seq_get_data": (_SIZE, [_P, _P, _SIZE, _INT]),
    "llama_state_seq_set_data": (_SIZE, [_P, _P, _SIZE, _INT]),
    "llama_sampler_init_grammar": (_P, [_P, _TEXT, _TEXT]),
    "llama_sampler_apply": (None, [_P, _P]),
    "llama_sampler_accept": (None, [_P, _INT]),
    "llama_sampler_clone": (_P, [_P]),
    "llama_sampler_free": (None, [_P]),
}

# Offsets of `llama_context_params` before the booleans: the same in every build seen. Checked
# through the getters after each `llama_init_from_model`.
CONTEXT_FIELDS = {
    "n_ctx": (0, "<I"),
    "n_batch": (4, "<I"),
    "n_ubatch": (8, "<I"),
    "n_seq_max": (12, "<I"),
    "n_threads": (28, "<i"),
    "n_threads_batch": (32, "<i"),
    "pooling_type": (44, "<i"),
    "flash_attn_type": (52, "<i"),
    "type_k": (104, "<i"),
    "type_v": (108, "<i"),
}
_CONTEXT_BOOLEANS = ("embeddings", "offload_kqv", "no_perf", "op_offload", "swa_full", "kv_unified")
_BOOLEAN_DEFAULTS = bytes((0, 1, 1, 1, 1, 0))
BOOLEAN_OFFSETS = (128, 136)  # llama-cpp-python 0.3.36; xllamacpp 2026.10
MODEL_FIELDS = {
    "n_gpu_layers": (16, "<i"),
    "vocab_only": (72, "<?"),
    "check_tensors": (73, "<?"),
    "use_extra_bufts": (74, "<?"),
}

KV_TYPES = {"f16": 1, "q8_0": 8}
VOCAB_SPM = 1
POOLING_NONE = 0


class Library:
    """The opened library: its functions with their types set, and its last words on errors."""

    def __init__(self, path: Path, version: str) -> None:
        self.path = path
        self.version = version
        self.dll = ctypes.CDLL(str(path))
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(self.dll, name, None)
            if function is None:
                raise wrong_library(self, f"it has no {name}")
            function.restype = result
            function.argtypes = arguments
        self.boolean_offset = self._checked_layout()
        self._words: deque[str] = deque(maxlen=12)
        self._load_lock = threading.Lock()
        kind = ctypes.CFUNCTYPE(None, ctypes.c_int, _TEXT, _P)
        self._on_log = kind(self._heard)  # the reference must outlive the library's use of it
        self.dll.llama_log_set(ctypes.cast(self._on_log, _P), None)
        self.dll.llama_backend_init()
        # The library asks after each graph node whether to stop. C's strlen is such a question to a
        # two-byte buffer: "" means go on, "x" means stop; no interpreter lock is needed to ask it.
        self.strlen = ctypes.cast(ctypes.CDLL(None).strlen, _P)

    @property
    def system_info(self) -> str:
        """What the library says of this CPU."""
        return (self.dll.llama_print_system_info() or b"").decode("utf-8", "replace")

    @contextmanager
    def listening(self) -> Generator[deque[str]]:
        """Collect the library's warnings and errors while loading; one load at a time."""
        with self._load_lock:
            self._words.clear()
            yield self._words

    def _checked_layout(self) -> int:
        """Where the booleans of `llama_context_params` begin; refuses a layout never seen."""
        context = bytes(self.dll.llama_context_default_params().raw)
        model = bytes(self.dll.llama_model_default_params().raw)
        if struct.unpack_from("<II", context) != (512, 2048):
            raise wrong_library(self, "its context parameters do not begin as expected")
        if model[16:20] != b"\xff\xff\xff\xff" or model[72:75] != b"\x00\x00\x01":
            raise wrong_library(self, "its model parameters are laid out differently")
        for offset in BOOLEAN_OFFSETS:
            if context[offset : offset + 6] == _BOOLEAN_DEFAULTS:
                return offset
        raise wrong_library(self, "its context parameters are laid out differently")

    def _heard(self, level: int, text: bytes | None, _data: object) -> None:
        if level in (_LOG_WARN, _LOG_ERROR, _LOG_CONTINUED) and text and text.strip(b". \n"):
            self._words.append(text.decode("utf-8", "replace").strip())


@cache
def open_library() -> Library:
    """Open the wheel's shared library once per process.

    Raises `DeviceFault` where it is missing, exports no C functions (Windows) or is laid out in a
    way this layer does not know.
    """
    if sys.platform == "win32":
        raise DeviceFault(
            "The in-process engine does not run on Windows: its library exports no C functions.",
            remedy="Use a model behind an OpenAI-compatible server (engine kind openai_http).",
        )
    spec = importlib.util.find_spec("xllamacpp")
    folders = spec.submodule_search_locations if spec else None
    files = [file for folder in folders or () for file in Path(folder).glob("xllamacpp*.so")]
    if not files:
        raise DeviceFault(
            "The library of the in-process engine (xllamacpp) is not installed.",
            remedy="Install Tandem again with its requirements.",
        )
    try:
        return Library(files[0], metadata.version("xllamacpp"))
    except OSError as error:
        raise DeviceFault(
            f"The library of the in-process engine does not load: {error}.",
            remedy="Its wheel may be made for another system; install Tandem again.",
        ) from error


def wrong_library(library: Library, why: str) -> DeviceFault:
    return DeviceFault(
        f"xllamacpp {library.version} cannot be used: {why}.",
        remedy="Install the version that Tandem pins.",
    )


def put(block: Block, fields: dict[str, tuple[int, str]], values: dict[str, Any]) -> None:
    for name, value in values.items():
        offset, form = fields[name]
        struct.pack_into(form, block.raw, offset, value)


def last_words(words: deque[str]) -> str:
    """The library's reason, on one line and without its function names."""
    said = [line.split(": ", 1)[-1].rstrip(".") for line in words]
    return "; ".join(said[:2]) if said else "the library gave no reason"
