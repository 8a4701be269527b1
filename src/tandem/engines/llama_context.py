"""The KV caches of one model and the batch that feeds them. One thread at a time."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tandem.engines.llama_c import CONTEXT_FIELDS, Batch, last_words, put, wrong_library
from tandem.engines.llama_model import Model
from tandem.errors import BadRequest, DeviceFault

Floats = NDArray[np.float32]

DECODE_ABORTED = 2
KV_TYPES = {"f16": 1, "q8_0": 8}
POOLING_NONE = 0


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
        put(block, CONTEXT_FIELDS, numbers)
        block.raw[model.library.boolean_offset] = int(embeddings)
        with model.library.listening() as words:
            self.handle: int | None = self._dll.llama_init_from_model(model.handle, block)
            if not self.handle:
                raise DeviceFault(
                    f"No room for a context of {num_seqs} x {context_tokens} tokens: "
                    f"{last_words(words)}.",
                    remedy="Choose fewer slots or a shorter context in the settings.",
                )
        self._memory: int = self._dll.llama_get_memory(self.handle)
        self.context_tokens: int = self._dll.llama_n_ctx_seq(self.handle)
        self.batch_tokens: int = self._dll.llama_n_batch(self.handle)
        self._read_back(numbers)
        self._stop_word = ctypes.create_string_buffer(b"", 2)
        self._dll.llama_set_abort_callback(
            self.handle, model.library.strlen, ctypes.cast(self._stop_word, ctypes.c_void_p)
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
        self._batch = Batch(0, tokens, None, positions, counts, seqs, flags)
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
            raise wrong_library(self.model.library, f"{names} did not arrive")


def _floats(address: int, num_rows: int, num_columns: int) -> Floats:
    kind = ctypes.c_float * (num_rows * num_columns)
    view = memoryview(kind.from_address(address)).cast("B")
    return np.frombuffer(view, np.float32).reshape(num_rows, num_columns)
