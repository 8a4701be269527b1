"""The one thread that decodes: many streams in one batch, step by step.

The worker knows tokens, slots and the batch. It knows nothing of templates, tools or the event
loop: what it has to say goes through each job's `post`. A slot keeps the KV cache of the last
conversation it served, so the next turn only decodes what is new.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Generator

from tandem.engines.llama_context import Context, Floats
from tandem.engines.llama_model import Grammar, Model
from tandem.engines.llama_sampling import Pick, logprobs_of, measured, penalised, pick
from tandem.engines.llama_slots import Job, Running, Slot, Work, best_slot, num_common, num_reusable
from tandem.engines.llama_text import Text, is_utf8_so_far, partial_character
from tandem.errors import BadModel, DeviceFault, Overloaded, TandemError
from tandem.types import Finish, FinishReason, TokenLogprob, Usage

# Text goes out at most this often per stream. A small model makes 140 tokens in this time; waking
# the event loop for each would cost more than computing it, and no reader sees the difference.
FLUSH_SECONDS = 0.04


class Worker:
    """Owns a context and decodes for all jobs. Start it once; `close` ends it and waits."""

    def __init__(
        self,
        model: Model,
        context: Context,
        *,
        num_slots: int,
        max_waiting: int,
        ignores_end: bool = False,
        pick: Pick = pick,
    ) -> None:
        self._model = model
        self._draws = pick
        self._context = context
        self._slots = [Slot(index) for index in range(num_slots)]
        self._max_waiting = max_waiting
        self._ends: frozenset[int] = frozenset() if ignores_end else model.end_tokens
        self._waiting: list[Job] = []
        self._chores: list[Generator[None]] = []
        self._wake = threading.Condition()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="tandem-llama", daemon=True)
        self._thread.start()

    # --- from any thread -------------------------------------------------------------------------

    def submit(self, job: Job) -> None:
        """Queue a job. Raises `Overloaded` when too many wait already."""
        with self._wake:
            if self._is_closing:
                raise DeviceFault("The engine is closed.")
            if len(self._waiting) >= self._max_waiting:
                raise Overloaded(
                    f"{len(self._waiting)} requests wait for this model already.",
                    remedy="Try again in a moment.",
                    retry_after_seconds=1.0,
                )
            self._waiting.append(job)
            self._wake.notify()

    def cancel(self, job: Job) -> None:
        """Forget a job, wherever it is; takes effect after the forward pass that runs now."""
        with self._wake:
            job.is_cancelled = True
            if job in self._waiting:
                self._waiting.remove(job)
            self._wake.notify()

    def interrupt(self, job: Job) -> None:
        """Cut short the forward pass that runs now, if a cancelled job still takes part in it."""
        if job.is_cancelled and self._is_running(job):
            self._context.stop()

    def add_chore(self, chore: Generator[None]) -> None:
        """Other work for this thread, done one `next` at a time between forward passes.

        It must catch its own faults; it is closed when the engine is.
        """
        with self._wake:
            if self._is_closing:
                raise DeviceFault("The engine is closed.")
            self._chores.append(chore)
            self._wake.notify()

    @property
    def num_running(self) -> int:
        """How many streams have a slot now."""
        return sum(slot.running is not None for slot in self._slots)

    @property
    def num_waiting(self) -> int:
        """How many streams wait for a slot."""
        return len(self._waiting)

    def close(self) -> None:
        """End the thread after the forward pass that runs now; streams still open fail."""
        with self._wake:
            self._is_closing = True
            self._wake.notify()
        self._context.stop()
        self._thread.join()

    # --- the loop --------------------------------------------------------------------------------

    def _run(self) -> None:
        while self._await_work():
            try:
                self._admit()
                self._chore()
                self._step()
            except TandemError as error:
                self._fail_all(error)
            except Exception as error:  # noqa: BLE001 - the thread must outlive any fault
                self._fail_all(DeviceFault(f"The engine failed ({type(error).__name__})."))
        self._fail_all(DeviceFault("The engine was closed."))

    def _await_work(self) -> bool:
        """Sleep until there is something to do; False when it is time to end."""
        if not self._is_closing and self.num_running:
            return True
        with self._wake:
            while not (self._is_closing or self._waiting or self._chores or self.num_running):
                self._wake.wait()
            return not self._is_closing

    def _chore(self) -> None:
        if not self._chores:
            return
        chore = self._chores.pop(0)
        if next(chore, self) is not self:
            self._chores.append(chore)

    def _admit(self) -> None:
        """Give free slots to waiting jobs: first come first served, but a conversation that
        already runs yields to others."""
        for slot in self._slots:
            running = slot.running
            if running is not None and running.job.is_cancelled:
                self._release(slot)
        if not self._waiting:
            return
        free = [slot for slot in self._slots if slot.running is None]
        while free and (job := self._next_job()) is not None:
            slot = best_slot(free, job.work)
            free.remove(slot)
            try:
                self._begin(slot, job)
            except TandemError as error:
                job.post(error)

    def _next_job(self) -> Job | None:
        with self._wake:
            if not self._waiting:
                return None
            busy = [s.conversation_id or "" for s in self._slots if s.running]
            job = min(self._waiting, key=lambda job: _num_busy(job, busy))
            self._waiting.remove(job)
            return job

    def _begin(self, slot: Slot, job: Job) -> None:
        work = job.work
        grammar = Grammar(self._model, work.grammar) if work.grammar is not None else None
        num_cached = num_reusable(slot, work)
        if num_cached < len(slot.tokens) and not self._context.remove(slot.index, num_cached):
            self._context.remove(slot.index, 0)
            num_cached = 0
        known = slot.logprobs[: num_common(slot.tokens, work.prompt)]
        slot.tokens = work.prompt[:num_cached]
        slot.logprobs = known + [math.nan] * (len(work.prompt) - len(known))
        slot.conversation_id = work.conversation_id
        slot.running = Running(job, Text(work.stop), grammar, num_cached, num_cached, num_cached)

    # --- one forward pass ------------------------------------------------------------------------

    def _step(self) -> None:
        slots = [slot for slot in self._slots if slot.running is not None]
        if not slots:
            return
        self._fill(slots)
        if not self._context.decode():
            self._undo(slots)
            return
        logits = self._context.logits() if self._context.num_rows else None
        now = time.monotonic()
        for slot in slots:
            self._read(slot, logits, now)

    def _fill(self, slots: list[Slot]) -> None:
        """One token for each stream that decodes, the rest shared among those that prefill."""
        context = self._context
        context.clear_batch()
        prefilling: list[tuple[Slot, Running]] = []
        for slot in slots:
            running = slot.running
            assert running is not None
            running.num_held = len(slot.tokens)
            if running.is_prefilling:
                prefilling.append((slot, running))
                continue
            running.row = context.num_rows
            context.add(running.token, len(slot.tokens), slot.index, wants_logits=True)
            slot.tokens.append(running.token)
        for i, (slot, running) in enumerate(prefilling):
            share = -(-context.num_free // (len(prefilling) - i))
            self._fill_prompt(slot, running, min(share, context.num_free))

    def _fill_prompt(self, slot: Slot, running: Running, num: int) -> None:
        context, work = self._context, running.job.work
        start = running.num_done
        end = min(start + num, len(work.prompt))
        if end == start:
            return
        place = context.extend(work.prompt[start:end], start, slot.index)
        running.num_done = end
        slot.tokens += work.prompt[start:end]
        first_row = context.num_rows
        if work.reads_question:
            # The row of token p - 1 tells the probability of token p.
            low = max(work.question_start - 1, start)
            high = min(work.question_end - 1, end)
            if low < high:
                context.want(slice(place.start + low - start, place.start + high - start))
                running.question_places = range(low + 1, high + 1)
                running.question_rows = range(first_row, context.num_rows)
        if end == len(work.prompt):
            context.want(slice(place.stop - 1, place.stop))
            running.row = context.num_rows - 1

    def _undo(self, slots: list[Slot]) -> None:
        """The pass was cut short: forget what it may have left in the caches and drop the
        cancelled; the others do it again."""
        self._context.go()
        for slot in slots:
            running = slot.running
            assert running is not None
            del slot.tokens[running.num_held :]
            running.num_done = min(running.num_done, running.num_held)
            running.row = -1
            running.question_rows = running.question_places = range(0)
            if not self._context.remove(slot.index, running.num_held):
                self._fail(slot, DeviceFault("The forward pass was interrupted."))
            elif running.job.is_cancelled:
                self._release(slot)

    # --- after a forward pass --------------------------------------------------------------------

    def _read(self, slot: Slot, logits: Floats | None, now: float) -> None:
        running = slot.running
        assert running is not None
        if running.job.is_cancelled:
            self._release(slot)
            return
        if logits is None:
            return
        if running.question_rows:
            rows = running.question_rows
            tokens = [running.job.work.prompt[i] for i in running.question_places]
            found = logprobs_of(logits[rows.start : rows.stop], tokens)
            places = running.question_places
            slot.logprobs[places.start : places.stop] = found
            running.question_rows = running.question_places = range(0)
        if running.row >= 0:
            row, running.row = logits[running.row], -1
            self._extend(slot, running, row, now)

    def _extend(self, slot: Slot, running: Running, row: Floats, now: float) -> None:
        """One more token of the answer, or its end."""
        work = running.job.work
        if running.first_seconds is None and not math.isfinite(float(row.max())):
            raise BadModel(
                "The model computes no finite numbers.",
                remedy="Its file is damaged or its format has too few bits; download another.",
            )
        token = self._pick(running, row)
        if token < 0 or token in self._ends:
            self._finish(slot, running, "stop", now)
            return
        report = self._report(row, token, work) if work.num_logprobs is not None else None
        running.num_output += 1
        running.token = token
        if work.draw.is_penalised:
            running.said[token] = running.said.get(token, 0) + 1
        is_stopped = running.text.add(self._model.piece(token), report)
        if running.first_seconds is None:
            running.first_seconds = now - running.job.started
        if is_stopped:
            self._finish(slot, running, "stop", now)
        elif running.num_output >= work.max_output_tokens:
            self._finish(slot, running, "length", now)
        elif now - running.flushed >= FLUSH_SECONDS:
            _flush(running, now)

    def _pick(self, running: Running, row: Floats) -> int:
        """The next token; -1 when a grammar is at its end and the vocabulary has no end token.

        With a grammar a token is drawn freely first and, if forbidden, once more among the allowed
        ones: together that is exactly a draw from the allowed ones, mostly without masking all.
        The library lets half characters pass inside strings; the answer must be UTF-8 as well.
        """
        draw, place = running.job.work.draw, running.num_output
        logits = penalised(row, draw, running.said) if draw.is_penalised else row
        token = self._draws(logits, draw, place, 0)
        grammar = running.grammar
        if grammar is None:
            return token
        partial = running.partial
        piece = self._model.piece
        if not grammar.allows(token) or not is_utf8_so_far(partial + piece(token)):
            logits = grammar.masked(logits)
            token = self._draws(logits, draw, place, 1)
            while not is_utf8_so_far(partial + piece(token)) and logits[token] > -math.inf:
                logits[token] = -math.inf
                token = self._draws(logits, draw, place, 1)
            if logits[token] == -math.inf:
                return -1
        if token not in self._model.end_tokens:
            grammar.accept(token)
            running.partial = partial_character(partial + piece(token))
        return token

    def _report(self, row: Floats, token: int, work: Work) -> TokenLogprob:
        found = measured(row, token, work.num_logprobs or 0)
        piece = self._model.piece
        top = tuple((piece(i).decode("utf-8", "replace"), logprob) for i, logprob in found.top)
        text = piece(token)
        shown = text.decode("utf-8", "replace")
        return TokenLogprob(shown, text, found.logprob, top, found.entropy)

    def _finish(self, slot: Slot, running: Running, reason: FinishReason, now: float) -> None:
        if running.text.end():
            reason = "stop"
        _flush(running, now)
        work = running.job.work
        question = slot.logprobs[work.question_start : work.question_end]
        usage = Usage(
            input_tokens=len(work.prompt),
            output_tokens=running.num_output,
            cached_tokens=running.num_cached,
            seconds_to_first_token=running.first_seconds,
            seconds=now - running.job.started,
            prompt_logprobs=tuple(p for p in question if not math.isnan(p))
            if work.reads_question
            else (),
        )
        self._release(slot)
        running.job.post(Finish(reason, usage))

    # --- ends ------------------------------------------------------------------------------------

    def _release(self, slot: Slot) -> None:
        running, slot.running = slot.running, None
        slot.used = time.monotonic()
        if running is not None and running.grammar is not None:
            running.grammar.close()

    def _fail(self, slot: Slot, error: TandemError) -> None:
        """End a stream with an error and forget the slot's cache, which nobody can vouch for."""
        running = slot.running
        self._release(slot)
        self._context.remove(slot.index, 0)
        slot.tokens, slot.logprobs = [], []
        if running is not None:
            running.job.post(error)

    def _fail_all(self, error: TandemError) -> None:
        for slot in self._slots:
            if slot.running is not None:
                self._fail(slot, error)
        if self._is_closing:
            with self._wake:
                waiting, self._waiting = self._waiting, []
                chores, self._chores = self._chores, []
            for job in waiting:
                job.post(error)
            for chore in chores:
                chore.close()

    def _is_running(self, job: Job) -> bool:
        return any(slot.running is not None and slot.running.job is job for slot in self._slots)


def _num_busy(job: Job, busy: list[str]) -> int:
    name = job.work.conversation_id
    return busy.count(name) if name else 0


def _flush(running: Running, now: float) -> None:
    delta = running.text.take()
    if delta is not None:
        running.flushed = now
        running.job.post(delta)
