"""A thin typed layer over the C API of llama.cpp, as exported by the xllamacpp wheel's library.

It knows pointers, structs and return codes, and nothing of conversations. One `Model` may be shared
by many threads; a `Context` belongs to one thread at a time. `ctypes` releases the interpreter lock
around each call. Joint decoding builds on this layer as well.

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
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from tandem.errors import BadModel, BadRequest, DeviceFault

Floats = NDArray[np.float32]

DECODE_ABORTED = 2
_LOG_WARN, _LOG_ERROR, _LOG_CONTINUED = 3, 4, 5
_BLOCK_BYTES = 320  # twice the longest struct known: a longer one than expected overwrites nothing

_P = ctypes.c_void_p
_INT, _BOOL, _TEXT, _SIZE = ctypes.c_int32, ctypes.c_bool, ctypes.c_char_p, ctypes.c_size_t


class _Block(ctypes.Structure):
    """A parameter struct as bytes; `_put` writes its fields at checked offsets."""

    _fields_: ClassVar = [("raw", ctypes.c_ubyte * _BLOCK_BYTES)]


class _Batch(ctypes.Structure):
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


class _Candidates(ctypes.Structure):
    """`llama_token_data_array`."""

    _fields_: ClassVar = [
        ("data", _P),
        ("size", _SIZE),
        ("selected", ctypes.c_int64),
        ("is_sorted", _BOOL),
    ]


_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])

_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "llama_backend_init": (None, []),
    "llama_log_set": (None, [_P, _P]),
    "llama_print_system_info": (_TEXT, []),
    "llama_model_default_params": (_Block, []),
    "llama_context_default_params": (_Block, []),
    "llama_model_load_from_file": (_P, [_TEXT, _Block]),
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
    "llama_init_from_model": (_P, [_P, _Block]),
    "llama_free": (None, [_P]),
    "llama_get_memory": (_P, [_P]),
    "llama_n_ctx": (ctypes.c_uint32, [_P]),
    "llama_n_ctx_seq": (ctypes.c_uint32, [_P]),
    "llama_n_batch": (ctypes.c_uint32, [_P]),
    "llama_n_ubatch": (ctypes.c_uint32, [_P]),
    "llama_n_seq_max": (ctypes.c_uint32, [_P]),
    "llama_n_threads": (_INT, [_P]),
    "llama_set_abort_callback": (None, [_P, _P, _P]),
    "llama_decode": (_INT, [_P, _Batch]),
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
    "llama_sampler_apply": (None, [_P, ctypes.POINTER(_Candidates)]),
    "llama_sampler_accept": (None, [_P, _INT]),
    "llama_sampler_clone": (_P, [_P]),
    "llama_sampler_free": (None, [_P]),
}

# Offsets of `llama_context_params` before the booleans: the same in every build seen. Checked
# through the getters after each `llama_init_from_model`.
_CONTEXT_FIELDS = {
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
_BOOLEAN_OFFSETS = (128, 136)  # llama-cpp-python 0.3.36; xllamacpp 2026.10
_MODEL_FIELDS = {
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
                raise _wrong_library(self, f"it has no {name}")
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
            raise _wrong_library(self, "its context parameters do not begin as expected")
        if model[16:20] != b"\xff\xff\xff\xff" or model[72:75] != b"\x00\x00\x01":
            raise _wrong_library(self, "its model parameters are laid out differently")
        for offset in _BOOLEAN_OFFSETS:
            if context[offset : offset + 6] == _BOOLEAN_DEFAULTS:
                return offset
        raise _wrong_library(self, "its context parameters are laid out differently")

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


def _wrong_library(library: Library, why: str) -> DeviceFault:
    return DeviceFault(
        f"xllamacpp {library.version} cannot be used: {why}.",
        remedy="Install the version that Tandem pins.",
    )


def _put(block: _Block, fields: dict[str, tuple[int, str]], values: dict[str, Any]) -> None:
    for name, value in values.items():
        offset, form = fields[name]
        struct.pack_into(form, block.raw, offset, value)


class Model:
    """A loaded GGUF: weights and vocabulary. Safe to read from many threads.

    Raises `BadModel` with the library's own last words when it does not load. Check the file with
    `tandem.gguf_header` first: the library may abort the process on a hostile one.
    """

    def __init__(self, path: Path, *, num_gpu_layers: int = -1, repack: bool = True) -> None:
        self.library = open_library()
        self._dll = self.library.dll
        block = self._dll.llama_model_default_params()
        values = {"n_gpu_layers": num_gpu_layers, "use_extra_bufts": repack}
        _put(block, _MODEL_FIELDS, values)
        with self.library.listening() as words:
            self.handle: int | None = self._dll.llama_model_load_from_file(
                str(path).encode("utf-8", "surrogateescape"), block
            )
            if not self.handle:
                raise BadModel(
                    f"{path.name} does not load: {_last_words(words)}.",
                    remedy="The file may be damaged or need a newer Tandem; download it again.",
                )
        self.vocab: int = self._dll.llama_model_get_vocab(self.handle)
        self.num_vocab: int = self._dll.llama_vocab_n_tokens(self.vocab)
        self.embedding_length: int = self._dll.llama_model_n_embd(self.handle)
        self.train_context_tokens: int = self._dll.llama_model_n_ctx_train(self.handle)
        self.bos: int = self._dll.llama_vocab_bos(self.vocab)
        self.eos: int = self._dll.llama_vocab_eos(self.vocab)
        self.adds_bos: bool = self._dll.llama_vocab_get_add_bos(self.vocab)
        self.vocab_type: int = self._dll.llama_vocab_type(self.vocab)
        self._pieces: list[bytes | None] = [None] * self.num_vocab
        is_end = self._dll.llama_vocab_is_eog
        self.end_tokens = frozenset(i for i in range(self.num_vocab) if is_end(self.vocab, i))

    @property
    def can_generate(self) -> bool:
        """A plain decoder: neither an encoder (BERT) nor a pair (T5)."""
        has_encoder: bool = self._dll.llama_model_has_encoder(self.handle)
        has_decoder: bool = self._dll.llama_model_has_decoder(self.handle)
        return has_decoder and not has_encoder

    @property
    def chat_template(self) -> str | None:
        """The Jinja text in the file, or `None`."""
        text: bytes | None = self._dll.llama_model_chat_template(self.handle, None)
        return text.decode("utf-8", "replace") if text else None

    def tokenize(self, text: str, *, parse_special: bool) -> list[int]:
        """Token ids, with nothing added. `parse_special` is for our own templates only.

        Lone surrogates become U+FFFD, since they have no UTF-8 form.
        """
        data = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode()
        room = len(data) + 8
        tokens = np.empty(room, np.int32)
        num: int = self._dll.llama_tokenize(
            self.vocab, data, len(data), tokens.ctypes.data, room, False, parse_special
        )
        if num < 0:
            tokens = np.empty(-num, np.int32)
            num = self._dll.llama_tokenize(
                self.vocab, data, len(data), tokens.ctypes.data, -num, False, parse_special
            )
        return tokens[:num].tolist()

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; nothing for control tokens. Remembered per token."""
        known = self._pieces[token]
        if known is None:
            known = self._pieces[token] = self._piece(token, is_special=False)
        return known

    def special_text(self, token: int) -> str:
        """A token as text, control tokens too: for a template's `bos_token`. Empty for -1."""
        if not 0 <= token < self.num_vocab:
            return ""
        return self._piece(token, is_special=True).decode("utf-8", "replace")

    def detokenize(self, tokens: Sequence[int]) -> bytes:
        """The bytes of several tokens, control tokens left out."""
        return b"".join(map(self.piece, tokens))

    def close(self) -> None:
        """Free the weights. Every context of this model must be closed before."""
        handle, self.handle = self.handle, None
        if handle:
            self._dll.llama_model_free(handle)

    def _piece(self, token: int, *, is_special: bool) -> bytes:
        room = 64
        while True:
            buffer = ctypes.create_string_buffer(room)
            num: int = self._dll.llama_token_to_piece(
                self.vocab, token, buffer, room, 0, is_special
            )
            if num >= 0:
                return buffer.raw[:num]
            room = -num


class Context:
    """KV caches for `num_seqs` sequences of one model, and the batch that feeds them.

    Fill with `add` and `extend`, then `decode`; rows of `logits` come in the order of the tokens
    that wanted them and are valid only until the next `decode`. Not for use by two threads at once,
    except `stop` and `go`.

    Each sequence has a stream of its own (`kv_unified` off) and flash attention is on: with q8_0
    weights and `ubatch_tokens` of at most 63 the logits are then bit for bit the same in whatever
    chunks and beside whatever other sequences the tokens are decoded (CPU backend).
    """

    def __init__(
        self,
        model: Model,
        *,
        context_tokens: int,
        num_seqs: int = 1,
        num_threads: int = 1,
        batch_tokens: int = 63,
        ubatch_tokens: int = 63,
        kv_type: str = "f16",
        flash_attention: bool = True,
        embeddings: bool = False,
    ) -> None:
        self.model = model
        self._dll = model.library.dll
        numbers = {
            "n_ctx": context_tokens * num_seqs,
            "n_batch": batch_tokens,
            "n_ubatch": min(ubatch_tokens, batch_tokens),
            "n_seq_max": num_seqs,
            "n_threads": num_threads,
            "n_threads_batch": num_threads,
            "flash_attn_type": int(flash_attention),
            "type_k": KV_TYPES[kv_type],
            "type_v": KV_TYPES[kv_type],
        }
        if embeddings:
            numbers["pooling_type"] = POOLING_NONE
        block = self._dll.llama_context_default_params()
        _put(block, _CONTEXT_FIELDS, numbers)
        block.raw[model.library.boolean_offset] = int(embeddings)
        with model.library.listening() as words:
            self.handle: int | None = self._dll.llama_init_from_model(model.handle, block)
            if not self.handle:
                raise DeviceFault(
                    f"No room for a context of {num_seqs} x {context_tokens} tokens: "
                    f"{_last_words(words)}.",
                    remedy="Choose fewer slots or a shorter context in the settings.",
                )
        self._memory: int = self._dll.llama_get_memory(self.handle)
        self.context_tokens: int = self._dll.llama_n_ctx_seq(self.handle)
        self.batch_tokens: int = self._dll.llama_n_batch(self.handle)
        self._read_back(numbers)
        self._stop_word = ctypes.create_string_buffer(b"", 2)
        self._dll.llama_set_abort_callback(
            self.handle, model.library.strlen, ctypes.cast(self._stop_word, _P)
        )
        self._make_batch(self.batch_tokens)
        self._view_address = 0
        self._view_rows = 0
        self._view: Floats = np.empty((0, 0), np.float32)

    # --- filling the batch -----------------------------------------------------------------------

    def add(self, token: int, position: int, seq: int, *, wants_logits: bool) -> None:
        """One token of one sequence."""
        at = self._num
        self._tokens[at] = token
        self._positions[at] = position
        self._seqs[at] = seq
        self._wants[at] = wants_logits
        self._num = at + 1
        self.num_rows += wants_logits

    def extend(self, tokens: Sequence[int], position: int, seq: int) -> slice:
        """Several tokens of one sequence, without logits; returns their place in the batch."""
        at, end = self._num, self._num + len(tokens)
        self._tokens[at:end] = tokens
        self._positions[at:end] = range(position, position + len(tokens))
        self._seqs[at:end] = seq
        self._wants[at:end] = 0
        self._num = end
        return slice(at, end)

    def want(self, place: slice) -> None:
        """Ask for the logits (or embeddings) of tokens already in the batch."""
        for at in range(place.start, place.stop):
            self.num_rows += not self._wants[at]
            self._wants[at] = 1

    @property
    def num_free(self) -> int:
        """How many more tokens the batch takes."""
        return self.batch_tokens - self._num

    def clear_batch(self) -> None:
        """Begin a new batch."""
        self._num = 0
        self.num_rows = 0

    # --- the forward pass ------------------------------------------------------------------------

    def decode(self) -> bool:
        """Run the batch; False when `stop` cut it short: then some of its tokens are in the cache
        and some are not, and the caller must remove them with `remove`.

        Raises `DeviceFault` on any other failure.
        """
        self._batch.n_tokens = self._num
        code: int = self._dll.llama_decode(self.handle, self._batch)
        if code == 0:
            return True
        if code == DECODE_ABORTED:
            return False
        raise DeviceFault(f"The model's forward pass failed (code {code}).")

    def logits(self) -> Floats:
        """A view of (rows wanted, vocabulary), valid until the next `decode`."""
        address: int = self._dll.llama_get_logits(self.handle)
        if address != self._view_address or self.num_rows > self._view_rows:
            self._view = _floats(address, self.num_rows, self.model.num_vocab)
            self._view_address, self._view_rows = address, self.num_rows
        return self._view

    def embeddings(self) -> Floats:
        """A view of (rows wanted, embedding length), valid until the next `decode`."""
        address: int = self._dll.llama_get_embeddings(self.handle)
        return _floats(address, self.num_rows, self.model.embedding_length)

    def stop(self) -> None:
        """From any thread: cut short the `decode` that runs now (CPU backend)."""
        self._stop_word[0] = b"x"

    def go(self) -> None:
        """Take `stop` back."""
        self._stop_word[0] = b"\0"

    # --- the KV cache ----------------------------------------------------------------------------

    def remove(self, seq: int, start: int, end: int = -1) -> bool:
        """Forget positions from `start` to before `end` (-1: to the last) of a sequence.

        False where the model's memory cannot forget a part (recurrent models).
        """
        removed: bool = self._dll.llama_memory_seq_rm(self._memory, seq, start, end)
        return removed

    def copy(self, source: int, target: int) -> None:
        """Copy a whole sequence's cache onto another's."""
        self._dll.llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def last_position(self, seq: int) -> int:
        """The highest position in a sequence's cache, -1 when empty."""
        position: int = self._dll.llama_memory_seq_pos_max(self._memory, seq)
        return position

    def state(self, seq: int) -> bytes:
        """A sequence's cache as bytes: only for the same library version and model."""
        size: int = self._dll.llama_state_seq_get_size(self.handle, seq)
        buffer = ctypes.create_string_buffer(size)
        num: int = self._dll.llama_state_seq_get_data(self.handle, buffer, size, seq)
        return buffer.raw[:num]

    def restore(self, seq: int, state: bytes) -> None:
        """Put back what `state` gave. Raises `BadRequest` when it does not fit."""
        if not self._dll.llama_state_seq_set_data(self.handle, state, len(state), seq):
            raise BadRequest("A saved state does not fit this model and library.")

    def close(self) -> None:
        """Free the caches."""
        handle, self.handle = self.handle, None
        if handle:
            self._dll.llama_free(handle)

    def _make_batch(self, num: int) -> None:
        """Arrays of our own: the library only reads them, so its allocator is not needed."""
        ones = np.ones(num, np.int32)
        token, pos, seq = (np.zeros(num, np.int32) for _ in range(3))
        wants = np.zeros(num, np.int8)
        pointers = seq.ctypes.data + 4 * np.arange(num, dtype=np.uint64)
        self._owned = (ones, token, pos, seq, wants, pointers)
        self._tokens, self._positions, self._seqs, self._wants = token, pos, seq, wants
        addresses = [array.ctypes.data for array in (token, pos, ones, pointers, wants)]
        tokens, positions, counts, seqs, flags = addresses
        self._batch = _Batch(0, tokens, None, positions, counts, seqs, flags)
        self._num = 0
        self.num_rows = 0

    def _read_back(self, wanted: dict[str, int]) -> None:
        """What was set must have arrived: the second guard against a wrong struct layout."""
        getters = ("n_batch", "n_ubatch", "n_seq_max", "n_threads")
        wrong = [
            name
            for name in getters
            if getattr(self._dll, f"llama_{name}")(self.handle) != wanted[name]
        ]
        per_seq = wanted["n_ctx"] // wanted["n_seq_max"]
        is_shared_out = per_seq <= self.context_tokens < per_seq + 256
        if wrong or not is_shared_out:
            names = ", ".join(wrong or ["kv_unified"])
            raise _wrong_library(self.model.library, f"{names} did not arrive")


class Grammar:
    """GBNF as a state that says which token may come next. Not safe for two threads at once."""

    def __init__(self, model: Model, text: str, *, handle: int | None = None) -> None:
        self._model = model
        self._dll = model.library.dll
        self._text = text
        with model.library.listening():
            self._handle: int | None = handle or self._dll.llama_sampler_init_grammar(
                model.vocab, text.encode("utf-8", "replace"), b"root"
            )
        if not self._handle:
            raise BadRequest(
                "The grammar is not valid GBNF.",
                remedy="It needs a rule named root, and no rule may begin with itself.",
                param="response_format",
            )
        self._one = np.zeros(1, _CANDIDATE)

    def allows(self, token: int) -> bool:
        """Whether this token may come next."""
        self._one[0] = (token, 1.0, 0.0)
        self._apply(self._one)
        return bool(self._one["logit"][0] > 0)

    def masked(self, logits: Floats) -> Floats:
        """A copy of the logits with minus infinity where a token may not come next."""
        candidates = np.zeros(len(logits), _CANDIDATE)
        candidates["id"] = np.arange(len(logits))
        candidates["logit"] = logits
        self._apply(candidates)
        return np.ascontiguousarray(candidates["logit"])

    def accept(self, token: int) -> None:
        """Move on past a token that `allows` said yes to; on others the library would abort."""
        self._dll.llama_sampler_accept(self._handle, token)

    def clone(self) -> Grammar:
        """A second state at the same place, for a draft that may be thrown away."""
        handle: int = self._dll.llama_sampler_clone(self._handle)
        return Grammar(self._model, self._text, handle=handle)

    def close(self) -> None:
        """Free the state."""
        handle, self._handle = self._handle, None
        if handle:
            self._dll.llama_sampler_free(handle)

    def _apply(self, candidates: NDArray[Any]) -> None:
        array = _Candidates(candidates.ctypes.data, len(candidates), -1, False)
        self._dll.llama_sampler_apply(self._handle, ctypes.byref(array))


def _floats(address: int, num_rows: int, num_columns: int) -> Floats:
    kind = ctypes.c_float * (num_rows * num_columns)
    view = memoryview(kind.from_address(address)).cast("B")
    return np.frombuffer(view, np.float32).reshape(num_rows, num_columns)


def _last_words(words: deque[str]) -> str:
    """The library's reason, on one line and without its function names."""
    said = [line.split(": ", 1)[-1].rstrip(".") for line in words]
    return "; ".join(said[:2]) if said else "the library gave no reason"
