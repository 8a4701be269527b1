"""The in-process engine: a GGUF file answers through llama.cpp, many conversations at once.

This is the asynchronous face: it turns a Request into tokens, hands them to the worker thread and
yields what comes back. Decoding is in `llama_worker`, templates in `llama_chat`, the native library
in `llama_c`. Computing never happens on the event loop.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from tandem.clock import SystemClock
from tandem.engines.llama_chat import Chat, Prompt
from tandem.engines.llama_context import Context
from tandem.engines.llama_grammar import grammar_of
from tandem.engines.llama_model import Model
from tandem.engines.llama_sampling import Draw, Pick, pick
from tandem.engines.llama_slots import Item, Job, Work
from tandem.engines.llama_tools import ToolReader, offered
from tandem.engines.llama_worker import Worker
from tandem.errors import (
    BadModel,
    BadRequest,
    ContextTooLong,
    DeviceFault,
    Overloaded,
    TandemError,
    Unsupported,
)
from tandem.gguf_header import Header, fingerprint, read_header
from tandem.ports import Clock
from tandem.types import (
    EngineCard,
    Event,
    Finish,
    Place,
    Request,
    Sampling,
)

# With `context_tokens` unset: many models were trained on 100,000 tokens and more, and a cache for
# several such conversations would not fit the memory of a small machine.
DEFAULT_CONTEXT_TOKENS = 4096
# 63 is the largest micro-batch with which llama.cpp computes the same bits in any chunks and any
# company (CPU, q8_0, flash attention). 64 and more are about 15 % faster in prefill.
EXACT_UBATCH_TOKENS = 63
# A forward pass of a large model may outlast the promised 250 ms; a cancelled stream that still
# computes after this time is cut short inside the pass.
INTERRUPT_SECONDS = 0.1
# Preparing a prompt longer than this may take milliseconds: off the event loop with it.
INLINE_CHARACTERS = 16_000


def _new_seed() -> int:
    return secrets.randbits(63)


class LlamaEngine:
    """Answers from a GGUF file. See `tandem.ports.Engine` and `Embedder` for what it promises.

    The file is checked when the engine is made (raises `BadModel`); the weights are loaded by
    `start`, or by the first request. The same seed gives the same text whatever else runs at the
    same time, on CPU with q8_0 weights and `ubatch_tokens` of at most 63.
    """

    def __init__(
        self,
        path: Path,
        *,
        model_name: str,
        place: Place = Place.DEVICE,
        num_slots: int = 4,
        context_tokens: int | None = None,
        num_threads: int = 1,
        read_prompt_logprobs: bool = True,
        temperature: float = 0.0,
        max_waiting: int = 64,
        ubatch_tokens: int = EXACT_UBATCH_TOKENS,
        ignore_end: bool = False,
        repack: bool = True,
        pick: Pick = pick,
        clock: Clock | None = None,
        new_seed: Callable[[], int] = _new_seed,
    ) -> None:
        self._path = path
        self._num_slots = num_slots
        self._num_threads = num_threads
        self._reads_question = read_prompt_logprobs
        self._temperature = temperature
        self._max_waiting = max_waiting
        self._ubatch_tokens = ubatch_tokens
        self._ignores_end = ignore_end
        self._repack = repack
        self._pick = pick
        self._clock = clock or SystemClock()
        self._new_seed = new_seed
        header = read_header(path)
        self._context_tokens = _context_tokens(header, context_tokens)
        self._card = EngineCard(
            "llama",
            model_name,
            place,
            self._context_tokens,
            can_embed=True,
            fingerprint=fingerprint(path),
        )
        self._loaded: _Loaded | None = None
        self._loading = asyncio.Lock()
        self._is_closed = False

    @classmethod
    async def load(cls, path: Path, *, model_name: str, **options: object) -> LlamaEngine:
        """Make and start an engine without blocking the event loop."""
        make = partial(cls, path, model_name=model_name, **options)  # pyright: ignore[reportArgumentType] - checked by the constructor
        engine = await asyncio.to_thread(make)
        await engine.start()
        return engine

    @property
    def card(self) -> EngineCard:
        return self._card

    @property
    def num_running(self) -> int:
        """How many streams are being computed now."""
        return self._loaded.worker.num_running if self._loaded else 0

    async def start(self) -> None:
        """Load the weights, once. Raises `BadModel` or `DeviceFault`."""
        await self._ready()

    async def weights(self) -> Model:
        """The loaded model, for another context on the same weights (a target's, a drafter's).

        It must be closed before this engine is. Raises as `start` does.
        """
        return (await self._ready()).model

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        """Stream an answer. Raises `ContextTooLong`, `Overloaded`, `Unsupported`, `BadRequest`,
        `BadModel` or `DeviceFault`."""
        started = self._clock.monotonic()
        loop = asyncio.get_running_loop()
        inbox: asyncio.Queue[Item] = asyncio.Queue()
        alarm = None
        if request.deadline_seconds is not None:
            alarm = loop.call_later(request.deadline_seconds, inbox.put_nowait, _too_late(request))
        job: Job | None = None
        try:
            loaded = await self._ready()
            work = await self._work(loaded, request)
            job = Job(work, partial(_post, loop, inbox), started)
            reader = ToolReader(request)
            loaded.worker.submit(job)
            while True:
                item = await inbox.get()
                if isinstance(item, TandemError):
                    raise item
                for event in reader.read(item):
                    yield event
                if isinstance(item, Finish):
                    job = None
                    return
        finally:
            if alarm is not None:
                alarm.cancel()
            if job is not None and self._loaded is not None:
                self._loaded.worker.cancel(job)
                loop.call_later(INTERRUPT_SECONDS, self._loaded.worker.interrupt, job)

    async def embed(self, texts: Sequence[str]) -> tuple[list[list[float]], int]:
        """Mean of the last layer's states over a text's tokens, of length 1. Also counts tokens."""
        loaded = await self._ready()
        found: Future[tuple[list[list[float]], int]] = Future()
        loaded.worker.add_chore(loaded.embedding(list(texts), found, self._context_tokens))
        return await asyncio.wrap_future(found)

    async def aclose(self) -> None:
        """End all streams and free the weights. Closing twice is harmless."""
        async with self._loading:
            self._is_closed = True
            loaded, self._loaded = self._loaded, None
        if loaded is not None:
            await asyncio.to_thread(loaded.close)

    async def _ready(self) -> _Loaded:
        if self._loaded is not None:
            return self._loaded
        async with self._loading:
            if self._is_closed:
                raise BadRequest("The engine is closed.")
            if self._loaded is None:
                self._loaded = await asyncio.to_thread(self._load)
                takes_tools = self._loaded.chat.takes_tools
                self._card = replace(self._card, can_call=takes_tools)
            return self._loaded

    def _load(self) -> _Loaded:
        model = Model(self._path, repack=self._repack)
        try:
            if not model.can_generate:
                raise BadModel(
                    f"{self._path.name} is no text generator (an encoder).",
                    remedy="Choose a model made for chat.",
                )
            chat = Chat(model, model.chat_template, self._clock)
            batch = max(self._ubatch_tokens, self._num_slots)
            context = Context(
                model,
                context_tokens=self._context_tokens,
                num_seqs=self._num_slots,
                num_threads=self._num_threads,
                batch_tokens=batch,
                ubatch_tokens=self._ubatch_tokens,
            )
        except TandemError:
            model.close()
            raise
        worker = Worker(
            model,
            context,
            num_slots=self._num_slots,
            max_waiting=self._max_waiting,
            ignores_end=self._ignores_end,
            pick=self._pick,
        )
        return _Loaded(model, context, chat, worker, self._num_threads)

    async def _work(self, loaded: _Loaded, request: Request) -> Work:
        """The request in tokens; long ones are prepared in a thread."""
        length = sum(len(message.text) for message in request.messages)
        prepare = partial(loaded.chat.prompt, request.messages, offered(request))
        prompt = await asyncio.to_thread(prepare) if length > INLINE_CHARACTERS else prepare()
        num_free = self._context_tokens - len(prompt.tokens)
        if num_free < 1:
            raise ContextTooLong(
                f"The prompt has {len(prompt.tokens)} tokens; {self._card.model} takes "
                f"{self._context_tokens} with its answer.",
                remedy="Shorten it or start a new conversation.",
                param="messages",
            )
        return self._worded(request, prompt, num_free, loaded.chat.stop)

    def _worded(
        self, request: Request, prompt: Prompt, num_free: int, stop: tuple[str, ...]
    ) -> Work:
        sampling = request.sampling
        limit = sampling.max_output_tokens
        if limit is not None and limit < 1:
            raise BadRequest(
                "The limit of output tokens must be at least 1.", param="max_output_tokens"
            )
        return Work(
            prompt=prompt.tokens,
            max_output_tokens=num_free if limit is None else min(limit, num_free),
            draw=self._draw(sampling),
            stop=(*sampling.stop, *stop),
            num_logprobs=sampling.logprobs,
            grammar=grammar_of(request),
            question_start=prompt.question_start,
            question_end=prompt.question_end,
            reads_question=self._reads_question,
            conversation_id=request.conversation_id,
        )

    def _draw(self, sampling: Sampling) -> Draw:
        temperature = sampling.temperature
        return Draw(
            temperature=self._temperature if temperature is None else temperature,
            top_k=sampling.top_k or 0,
            top_p=1.0 if sampling.top_p is None else sampling.top_p,
            min_p=sampling.min_p or 0.0,
            presence_penalty=sampling.presence_penalty or 0.0,
            frequency_penalty=sampling.frequency_penalty or 0.0,
            seed=self._new_seed() if sampling.seed is None else sampling.seed,
        )


class _Loaded:
    """What exists only once the weights are loaded."""

    def __init__(
        self, model: Model, context: Context, chat: Chat, worker: Worker, num_threads: int
    ) -> None:
        self.model = model
        self.chat = chat
        self.worker = worker
        self._context = context
        self._num_threads = num_threads
        self._embedder: Context | None = None

    def embedding(
        self, texts: list[str], found: Future[tuple[list[list[float]], int]], limit: int
    ) -> Generator[None]:
        """A chore for the worker: one chunk of one text per step."""
        try:
            tokens = [self._embedded_tokens(text, limit) for text in texts]
            vectors: list[list[float]] = []
            for one in tokens:
                total = np.zeros(self.model.embedding_length, np.float64)
                for chunk in self._states(one, limit):
                    total += chunk
                    yield
                    if found.cancelled():
                        return
                length = float(np.linalg.norm(total)) or 1.0
                vectors.append((total / length).tolist())
            result = (vectors, sum(map(len, tokens)))
        except TandemError as error:
            _settle(found, error)
        except GeneratorExit:
            _settle(found, DeviceFault("The engine was closed."))
            raise
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            _settle(found, DeviceFault(f"Embedding failed ({type(error).__name__})."))
        else:
            _settle(found, result)

    def close(self) -> None:
        """In this order: the thread, the contexts, the weights."""
        self.worker.close()
        if self._embedder is not None:
            self._embedder.close()
        self._context.close()
        self.model.close()

    def _embedded_tokens(self, text: str, limit: int) -> list[int]:
        tokens = self.model.tokenize(text, parse_special=False)
        if self.model.adds_bos and self.model.bos >= 0:
            tokens.insert(0, self.model.bos)
        if not tokens:
            raise Unsupported("An empty text has no embedding in this model.", param="input")
        if len(tokens) > limit:
            raise ContextTooLong(
                f"The text has {len(tokens)} tokens; this model takes {limit}.",
                remedy="Cut it into shorter texts.",
                param="input",
            )
        return tokens

    def _states(self, tokens: list[int], limit: int) -> Iterator[np.ndarray]:
        """Sums of the last layer's states, chunk by chunk."""
        context = self._embedder or Context(
            self.model, context_tokens=limit, num_threads=self._num_threads, embeddings=True
        )
        self._embedder = context
        context.remove(0, 0)
        for start in range(0, len(tokens), context.batch_tokens):
            context.clear_batch()
            place = context.extend(tokens[start : start + context.batch_tokens], start, 0)
            context.want(place)
            context.decode()
            yield context.embeddings().sum(axis=0, dtype=np.float64)


def _settle(
    found: Future[tuple[list[list[float]], int]],
    result: tuple[list[list[float]], int] | TandemError,
) -> None:
    """Tell whoever waits; they may have gone in the meantime."""
    with suppress(InvalidStateError):
        if isinstance(result, TandemError):
            found.set_exception(result)
        else:
            found.set_result(result)


def _post(loop: asyncio.AbstractEventLoop, inbox: asyncio.Queue[Item], item: Item) -> None:
    """From the worker to the event loop; a loop that is closed has no reader any more."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(inbox.put_nowait, item)


def _too_late(request: Request) -> Overloaded:
    return Overloaded(
        f"The answer was not ready within {request.deadline_seconds:g} seconds.",
        remedy="Give it more time, or ask for a shorter answer.",
    )


def _context_tokens(header: Header, wanted: int | None) -> int:
    """Never more than the model was trained on: beyond, its answers fall apart."""
    trained = header.context_tokens
    return min(trained, wanted or DEFAULT_CONTEXT_TOKENS)
