"""A GGUF's weights and vocabulary, and grammars over that vocabulary. Threads may share a model."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from tandem.engines.llama_c import MODEL_FIELDS, last_words, open_library, put
from tandem.errors import BadModel, BadRequest

Floats = NDArray[np.float32]

VOCAB_SPM = 1


class _Candidates(ctypes.Structure):
    """`llama_token_data_array`."""

    _fields_: ClassVar = [
        ("data", ctypes.c_void_p),
        ("size", ctypes.c_size_t),
        ("selected", ctypes.c_int64),
        ("is_sorted", ctypes.c_bool),
    ]


_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


class Model:
    """A loaded GGUF: weights and vocabulary. Safe to read from many threads.

    Raises `BadModel` with the library's own last words when it does not load. Check the file with
    `tandem.gguf_header` first: the library may abort the process on a hostile one.
    """

    def __init__(
        self,
        path: Path,
        *,
        num_gpu_layers: int = -1,
        repack: bool = True,
        vocabulary_only: bool = False,
    ) -> None:
        self.library = open_library()
        self._dll = self.library.dll
        block = self._dll.llama_model_default_params()
        values = {
            "n_gpu_layers": num_gpu_layers,
            "use_extra_bufts": repack,
            "vocab_only": vocabulary_only,
        }
        put(block, MODEL_FIELDS, values)
        with self.library.listening() as words:
            self.handle: int | None = self._dll.llama_model_load_from_file(
                str(path).encode("utf-8", "surrogateescape"), block
            )
            if not self.handle:
                raise BadModel(
                    f"{path.name} does not load: {last_words(words)}.",
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

    def shown(self, tokens: Sequence[int]) -> str:
        """The text of several tokens, control tokens by their names: for people's eyes."""
        pieces = [self._piece(token, is_special=True) for token in tokens]
        return b"".join(pieces).decode("utf-8", "replace")

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
