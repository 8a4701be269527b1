"""The steps of `tandem demo`. Real engines, a real process, a real connection; nothing is canned.

Each step is checked on events, on the ledger and on files, never on what was printed. Questions
come from the bundled glossary set in random order and are tried until one fits the step; how many
were tried is said.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from tandem.bootstrap import Tandem
from tandem.cli import say
from tandem.cli.start import Ready
from tandem.cli.turn import Talk, Voice, departure, request_for
from tandem.conversations import Conversations, new_conversation
from tandem.errors import BadModel, CloudFault, DeviceFault
from tandem.grading import Question, is_right
from tandem.types import Entry, Event, Finish, Place, TextDelta

# Patience with questions that do not fit a step: the device knows about a third of the glossary, so
# forty misses in a row mean that something is broken.
MAX_TRIES = 40
START_SECONDS = 30.0
# Slow enough that a person sees the answer come, and that it can be cut in the middle.
TOKENS_PER_SECOND = 25.0
CUT_AFTER_DELTAS = 3


@dataclass(slots=True)
class Checks:
    """What was promised, and whether it was so."""

    held: dict[str, bool] = field(default_factory=dict[str, bool])

    def that(self, promise: str, is_so: bool) -> None:
        """Note one promise; it must hold each time that it is noted."""
        self.held[promise] = is_so and self.held.get(promise, True)

    @property
    def all_hold(self) -> bool:
        return bool(self.held) and all(self.held.values())


@asynccontextmanager
async def tier(environ: Mapping[str, str]) -> AsyncGenerator[asyncio.subprocess.Process]:
    """`tandem cloud` in a process of its own; it is gone in the end, whatever happens."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tandem", "cloud", "--port", "0", "--json"),
        *("--tokens-per-second", str(TOKENS_PER_SECOND)),
        env=dict(environ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def port_of(process: asyncio.subprocess.Process) -> int:
    """Wait for the tier's ready line. Raises `BadModel` or `DeviceFault` with what it said."""
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
        told: dict[str, Any] = json.loads(line or b"{}")
    except (TimeoutError, ValueError):
        told = {}
    if told.get("type") == "ready":
        return int(told["port"])
    error = told.get("error", {})
    kind = BadModel if error.get("code") == BadModel.code else DeviceFault
    message = error.get("message", "`tandem cloud` did not start.")
    raise kind(message, remedy=error.get("remedy", "Try it alone: tandem cloud."))


class Tour:
    """The five steps. `known` and `unknown` are two walks through the same shuffled questions."""

    def __init__(
        self, console: Console, ready: Ready, questions: list[Question], started_at: float
    ) -> None:
        self._console = console
        self._ready = ready
        self._store = Conversations(ready.paths.conversations)
        self._talk = self._new_talk(started_at)
        self._fitting = iter(questions)
        self._known: Question | None = None
        self._unknown: Question | None = None
        self._started_at = started_at
        self.checks = Checks()

    # --- 1 and 2: the device alone ----------------------------------------------------------

    async def alone(self, tandem: Tandem) -> None:
        """One question that the device knows, one that it does not; no door is even built."""
        self.checks.that("without a cloud there is no way out", tandem.door is None)
        self._head("1", "The device answers what it knows")
        num_wrong = 0
        for number, question in self._walk():
            finish, text = await self._ask(tandem, question)
            if _outcome(finish) != "answered":
                continue
            if not is_right(question, text):
                num_wrong += 1
                continue
            self._known = question
            self._show(question.question, text, finish)
            self._note(f"{_nth(number)} glossary question tried; it agrees with the glossary.")
            if num_wrong:
                self._note(f"{num_wrong} before it: sure, but not in the glossary's words.")
            break
        self.checks.that("1: answered on the device, 0 bytes left", self._known is not None)
        self._head("2", "It says so when it does not know (no cloud allowed)")
        for number, question in self._walk():
            finish, text = await self._ask(tandem, question)
            if _outcome(finish) == "refused":
                self._unknown = question
                self._show(question.question, text, finish)
                self._note(f"{_nth(number)} glossary question tried.")
                break
        self.checks.that("2: an honest refusal, 0 bytes left", self._unknown is not None)
        self.checks.that(
            "2: nothing left the device",
            all(entry.num_bytes_out == 0 for entry in tandem.ledger.entries()),
        )

    # --- 3: escalated -----------------------------------------------------------------------

    async def escalated(self, tandem: Tandem) -> None:
        """The refused question again: what would leave, then the cloud's answer."""
        self._head("3", "The same, escalated to the cloud through the door")
        is_answered = False
        for number, question in self._refused(tandem, first=self._unknown):
            finish, leaving_bytes = await self._escalate(tandem, await question)
            entry = finish.entry
            if entry is not None and entry.outcome == "answered":
                is_answered = entry.answered_by is Place.CLOUD
                self.checks.that(
                    "3: what left is what the preview showed",
                    entry.num_bytes_out >= leaving_bytes > 0,
                )
                said = self._talk.last
                grade = _grade(self._unknown, said.text if said else "")
                self._note(f"{grade}." if number == 1 else f"{_nth(number)} try; {grade}.")
                break
            self._note("The cloud does not know it either, and says so. Another one:")
        self.checks.that("3: streamed from the cloud", is_answered)

    async def _escalate(self, tandem: Tandem, question: Question) -> tuple[Finish, int]:
        self._unknown = question
        request = request_for(self._talk.conversation, self._ready.settings)
        leaving = departure(tandem, request, self._ready.settings)
        self._console.print(Text(say.preview(leaving), style="dim"))
        self._console.print("In a chat you would be asked now. The tour says yes.\n")
        self._console.print(Text(f"> {question.question}", style="bold"))
        first = self._talk.last.entry_id if self._talk.last else None
        finish = await self._talk.answer(tandem.escalate(request, escalated_from=first))
        self._badge(finish)
        return finish, len(leaving.outgoing.body)

    # --- 4: the cloud dies ------------------------------------------------------------------

    async def cut(self, tandem: Tandem, process: asyncio.subprocess.Process) -> None:
        """Kill the cloud's process in the middle of its answer; the conversation goes on."""
        self._head("4", "The cloud is killed in the middle of an answer")
        fault: CloudFault | None = None
        for _, question in self._refused(tandem, first=None):
            chosen = await question
            self._console.print(Text(f"> {chosen.question}", style="bold"))
            request = request_for(self._talk.conversation, self._ready.settings)
            events = _killing(tandem.escalate(request), process)
            try:
                await self._talk.answer(events)
            except CloudFault as error:
                fault = error
                break
            self._note("The cloud does not know it, and says so. Another one:")
        self.checks.that("4: the cloud died in the middle", process.returncode is not None)
        if fault is None:
            return
        self._note(f"(process {process.pid} was killed)")
        self._console.print(f"The cloud is at fault: {fault.message}")
        kept = self._store.latest()
        said = kept.exchanges[-1].answers[-1] if kept else None
        self.checks.that(
            "4: the half answer is kept and marked",
            said is not None and said.outcome == "failed" and bool(said.text),
        )
        await self._goes_on(tandem)

    async def _goes_on(self, tandem: Tandem) -> None:
        """The next question in the same conversation, answered by the device."""
        question = self._known
        if question is None:
            return
        num_before = len(self._talk.conversation.exchanges)
        finish, text = await self._ask(tandem, question)
        self._note("The conversation goes on, on the device:")
        self._show(question.question, text, finish)
        kept = self._store.latest()
        self.checks.that(
            "4: the conversation survives",
            kept is not None
            and len(kept.exchanges) == num_before + 1
            and kept.exchanges[-1].answers[-1].place is Place.DEVICE,
        )

    # --- 5: the receipts --------------------------------------------------------------------

    def receipts(self, tandem: Tandem, table: Any) -> None:
        """Every answer has one, the broken one too, and the audit trail has every departure."""
        self._head("5", "The receipts")
        entries = list(tandem.ledger.entries())
        self._console.print(table(entries[:12]))
        if len(entries) > 12:
            self._note(f"and {len(entries) - 12} more, for questions tried")
        self.checks.that("5: a receipt of the device's answer", _has(entries, "answered", "device"))
        self.checks.that("5: a receipt of the refusal", _has(entries, "refused", "device"))
        self.checks.that("5: a receipt of the cloud's answer", _has(entries, "answered", "cloud"))
        self.checks.that(
            "5: a receipt of the broken answer",
            any(each.outcome == "failed" and "cloud" in (each.error or "") for each in entries),
        )
        audited = self._ready.paths.audit.read_bytes().splitlines()
        num_left = sum(1 for each in entries if each.num_bytes_out or each.outcome == "failed")
        self.checks.that("5: every departure is in the audit trail", len(audited) == num_left)

    # --- asking -----------------------------------------------------------------------------

    def _walk(self) -> Iterator[tuple[int, Question]]:
        """The next questions with their number, not without end."""
        for number in range(1, MAX_TRIES + 1):
            question = next(self._fitting, None)
            if question is None:
                return
            yield number, question

    def _refused(self, tandem: Tandem, first: Question | None) -> Iterator[tuple[int, Any]]:
        """Questions put to the device until it refuses one; `first` was refused already."""
        for number in range(1, 6):
            yield number, self._find_refused(tandem, first if number == 1 else None)

    async def _find_refused(self, tandem: Tandem, first: Question | None) -> Question:
        if first is not None:
            return first
        for _, question in self._walk():
            finish, _ = await self._ask(tandem, question)
            if _outcome(finish) == "refused":
                return question
        raise BadModel("The device claims to know everything; its judge must be wrong.")

    async def _ask(self, tandem: Tandem, question: Question) -> tuple[Finish, str]:
        """Ask silently; the device's words are held back until they are judged anyway."""
        if not self._keeps_talk(question):
            self._talk = self._new_talk(self._started_at)
        self._talk.conversation = self._talk.conversation.asked(question.question)
        request = request_for(self._talk.conversation, self._ready.settings)
        silent = Talk(self._talk.conversation, self._store, _Silence(self._console.file))
        finish = await silent.answer(tandem.engine.generate(request))
        self._talk.conversation = silent.conversation
        last = silent.last
        return finish, last.text if last else ""

    def _keeps_talk(self, question: Question) -> bool:
        """A question that is tried starts afresh; the one asked after the cut goes on."""
        return question is self._known

    def _new_talk(self, started_at: float) -> Talk:
        return Talk(new_conversation(started_at), self._store, Voice(self._console.file))

    # --- showing ----------------------------------------------------------------------------

    def _head(self, number: str, title: str) -> None:
        self._console.print()
        self._console.print(Text(f"{number}  {title}", style="bold cyan"))
        self._console.print()

    def _show(self, question: str, answer: str, finish: Finish) -> None:
        self._console.print(Text(f"> {question}", style="bold"))
        self._console.print(Text(say.printable(answer)))
        self._badge(finish)

    def _badge(self, finish: Finish) -> None:
        if finish.entry is not None:
            self._note(say.badge(finish.entry))

    def _note(self, text: str) -> None:
        self._console.print(Text(text, style="dim"))


class _Silence(Voice):
    """Hears everything and says nothing."""

    def tell(self, event: Event) -> None: ...

    def break_off(self) -> None: ...


async def _killing(
    events: AsyncGenerator[Event, None], process: asyncio.subprocess.Process
) -> AsyncGenerator[Event, None]:
    """Pass the cloud's stream on, and kill its process after a few words of a real answer."""
    num_deltas = 0
    is_answer = True
    try:
        async for event in events:
            yield event
            if isinstance(event, Finish):
                is_answer = False
            num_deltas += isinstance(event, TextDelta)
            if num_deltas == CUT_AFTER_DELTAS and is_answer and process.returncode is None:
                process.kill()
                await process.wait()
    finally:
        await events.aclose()


def _outcome(finish: Finish) -> str:
    return finish.entry.outcome if finish.entry else ""


def _has(entries: list[Entry], outcome: str, place: str) -> bool:
    wanted = [e for e in entries if e.outcome == outcome and e.answered_by == place]
    is_home = place == Place.DEVICE
    return any((each.num_bytes_out == 0) is is_home for each in wanted)


def _grade(question: Question | None, answer: str) -> str:
    if question is not None and is_right(question, answer):
        return "the answer agrees with the glossary"
    return "the glossary says it otherwise"


def _nth(number: int) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number in (11, 12, 13) else endings.get(number % 10, 'th')}"


def places_for(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of the tour: a home of its own; of the user's settings, the models alone."""
    kept = ("TANDEM_DEVICE_", "TANDEM_CLOUD_TIER_")
    plain = {k: v for k, v in environ.items() if not k.startswith("TANDEM_") or k.startswith(kept)}
    return {**plain, "TANDEM_HOME": str(folder), "TANDEM_CLOUD_API_KEY_KEYRING": "false"}
