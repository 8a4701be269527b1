"""The one loop: route, answer, judge, escalate, record. Itself an Engine.

    route ──device──> device answers, held back ──judge──> accept ──> shown
      │                                            ├─> refuse ──> honest words
      └──cloud──> the door <────── escalate <──────┘

It knows ports and policies, nothing of HTTP, models or files. The device's words are held back
until they are judged, as a shown token cannot be taken back; the cloud's stream at once, as its
judge sits on its own side. An entry goes into the ledger whatever happens: before the `Finish` is
given out, or after an error or a hang-up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol

from tandem.account import Account
from tandem.errors import (
    BadModel,
    CloudFault,
    CloudUnreachable,
    ContextTooLong,
    DeviceFault,
    Overloaded,
    Stays,
    TandemError,
    Unsupported,
)
from tandem.policy.judging import NUM_LOGPROBS
from tandem.policy.refusing import doubt, refusal
from tandem.ports import Clock, Engine, Judge, Ledger, Router
from tandem.types import (
    Answer,
    Decided,
    Departed,
    EngineCard,
    Event,
    Finish,
    Mode,
    Place,
    PlaceUsage,
    Request,
    Route,
    Ruling,
    TextDelta,
    TokenLogprob,
    ToolCall,
    Usage,
    Verdict,
)

Costing = Callable[[Place, str, Usage], PlaceUsage]


class Refusal(Protocol):
    """The words in place of an answer that nobody is sure of."""

    def __call__(self, request: Request, *, has_cloud: bool, neither: bool = False) -> str: ...


# What the device may fail at and the cloud may still do. Anything else is nobody's second chance.
DEVICE_CANNOT = (ContextTooLong, Unsupported, DeviceFault, BadModel, Overloaded)


class Orchestrator:
    """Answers from the device or the cloud, by the given policies, with a receipt.

    `cloud` must be a door (the composition root sees to that). `cloud_judge` is for clouds whose
    answers nobody else judges; with one, the cloud's words are held back too. `mode` is the
    configured one; a request may narrow it, and may widen it only if it is not local-only.
    """

    def __init__(
        self,
        *,
        device: Engine,
        cloud: Engine | None,
        router: Router,
        judge: Judge,
        ledger: Ledger,
        costing: Costing,
        clock: Clock,
        mode: Mode = Mode.PREFER_LOCAL,
        cloud_judge: Judge | None = None,
        refusal: Refusal = refusal,
        doubt: Callable[[Request], str] = doubt,
    ) -> None:
        self._device = device
        self._cloud = cloud
        self._router = router
        self._judge = judge
        self._cloud_judge = cloud_judge
        self._ledger = ledger
        self._costing = costing
        self._clock = clock
        self._mode = mode
        self._refusal = refusal
        self._doubt = doubt

    @property
    def card(self) -> EngineCard:
        return replace(self._device.card, name="orchestrator")

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        """Answer with a receipt. Raises `Stays` and whatever the answering side raises."""
        async with aclosing(self._recorded(request, None)) as events:
            async for event in events:
                yield event

    async def escalate(
        self, request: Request, *, escalated_from: str | None = None
    ) -> AsyncGenerator[Event, None]:
        """The user has agreed: the cloud answers. `escalated_from` is the first answer's entry.

        Raises `Stays` in local-only mode, configured or asked for: that is absolute.
        """
        if Mode.LOCAL_ONLY in (self._mode, request.mode):
            raise Stays(
                "Local-only is switched on: nothing leaves this device.",
                remedy="Choose another mode if the cloud should answer.",
            )
        agreed = replace(request, mode=Mode.CLOUD_ONLY, may_leave_device=True)
        async with aclosing(self._recorded(agreed, escalated_from)) as events:
            async for event in events:
                yield event

    async def aclose(self) -> None:
        """Close the engines; the ledger belongs to whoever opened it."""
        if self._cloud is not None:  # first, as it may draft on the device's weights
            await self._cloud.aclose()
        await self._device.aclose()

    # --- the account ------------------------------------------------------------------------

    async def _recorded(
        self, request: Request, escalated_from: str | None
    ) -> AsyncGenerator[Event, None]:
        clock = self._clock
        run = Account(clock.now(), clock.monotonic(), request.conversation_id, escalated_from)
        try:
            async with aclosing(self._answer(self._effective(request), run)) as events:
                async for event in events:
                    if run.first is None and isinstance(event, (TextDelta, ToolCall)):
                        run.first = clock.monotonic() - run.started
                    if isinstance(event, Finish):
                        event = await self._finish(event, run)
                    yield event
        except (GeneratorExit, asyncio.CancelledError):
            run.outcome = "cancelled"
            raise
        except TandemError as error:
            run.outcome, run.error = "failed", error.code
            if isinstance(error, CloudUnreachable) and not error.has_connected:
                run.underway = None
            raise
        except BaseException:
            run.outcome, run.error = "failed", "bug"
            raise
        finally:
            if not run.is_recorded:
                await self._ledger.record(run.entry(clock.monotonic()))

    async def _finish(self, finish: Finish, run: Account) -> Finish:
        """Record, then give out the receipt. An answer is not lost because a disk is full."""
        run.finish_reason = finish.reason
        run.is_recorded = True
        entry = run.entry(self._clock.monotonic())
        try:
            await self._ledger.record(entry)
        except DeviceFault as fault:
            entry = replace(entry, error=f"receipt not kept: {fault.code}")
        return replace(finish, entry=entry)

    def _depart(self, card: EngineCard, departed: Departed, run: Account) -> None:
        """Bytes have left: they stand in the receipt even if no usage ever comes back."""
        run.covered = departed.covered
        run.underway = self._costing(
            card.place, card.model, Usage(num_bytes_out=departed.num_bytes, is_estimated=True)
        )

    def _account(self, card: EngineCard, usage: Usage, run: Account) -> None:
        if run.underway and run.underway.place is card.place:
            run.underway = None
        run.work.append(self._costing(card.place, card.model, usage))

    def _effective(self, request: Request) -> Request:
        """The configured mode and the consent applied. Raises `Stays` when nobody may answer."""
        mode = request.mode or self._mode
        if self._mode is Mode.LOCAL_ONLY:
            mode = Mode.LOCAL_ONLY
        is_open = request.may_leave_device and self._cloud is not None
        is_open = is_open and mode is not Mode.LOCAL_ONLY
        return replace(request, mode=mode, may_leave_device=is_open)

    # --- the answer -------------------------------------------------------------------------

    async def _answer(self, request: Request, run: Account) -> AsyncGenerator[Event, None]:
        run.route = self._router.route(request)
        is_cloud = run.route.place is Place.CLOUD
        events = self._cloud_first(request, run) if is_cloud else self._device_first(request, run)
        async with aclosing(events):
            async for event in events:
                yield event

    async def _device_first(self, request: Request, run: Account) -> AsyncGenerator[Event, None]:
        """The cascade: the device answers, the judge reads, the cloud helps where it may."""
        try:
            answer = await self._gather(self._device, _with_logprobs(request), run)
        except DEVICE_CANNOT as fault:
            if not request.may_leave_device:
                raise
            run.route = Route(Place.CLOUD, None, None, f"fallback: the device: {fault.code}")
            answer = None
        if answer is not None:
            run.verdict = self._judge.accept(request, answer)
            if run.verdict.ruling is Ruling.ACCEPT:
                yield run.decide(self._device.card, "answered")
                for event in _replayed(answer, request):
                    yield event
                return
            if run.verdict.ruling is not Ruling.ESCALATE:
                for event in self._refused(request, run, self._device.card, answer.finish.usage):
                    yield event
                return
        async with aclosing(self._from_cloud(self._remaining(request, run), run)) as events:
            async for event in events:
                yield event

    async def _cloud_first(self, request: Request, run: Account) -> AsyncGenerator[Event, None]:
        """The cloud answers; before its first word, the device may stand in for it."""
        has_begun = False
        try:
            async with aclosing(self._from_cloud(request, run)) as events:
                async for event in events:
                    has_begun = True
                    yield event
            return
        except CloudFault as fault:
            if has_begun or request.mode is Mode.CLOUD_ONLY:
                raise
            cloud_fault = fault
            if run.underway and not getattr(fault, "has_connected", True):
                run.underway = None
        run.route = Route(Place.DEVICE, None, None, f"fallback: {cloud_fault.code}")
        local = replace(request, may_leave_device=False)
        answer = await self._gather(self._device, _with_logprobs(local), run)
        run.verdict = self._judge.accept(local, answer)
        if run.verdict.ruling is not Ruling.ACCEPT:
            raise cloud_fault
        yield run.decide(self._device.card, "answered")
        for event in _replayed(answer, request):
            yield event

    async def _from_cloud(self, request: Request, run: Account) -> AsyncGenerator[Event, None]:
        """Stream the cloud's answer; where it says itself that it does not know, say so too."""
        if self._cloud is None or not request.may_leave_device:
            raise self._stays(request)
        if self._cloud_judge is not None:
            answer = await self._gather(self._cloud, _with_logprobs(request), run)
            verdict = self._cloud_judge.accept(replace(request, may_leave_device=False), answer)
            async for event in self._judged_cloud(request, run, answer, verdict):
                yield event
            return
        async with aclosing(self._as_it_comes(self._cloud, request, run)) as events:
            async for event in events:
                yield event

    async def _as_it_comes(
        self, cloud: Engine, request: Request, run: Account
    ) -> AsyncGenerator[Event, None]:
        """The cloud's words at once; what its own judge says of them before them or after."""
        card, has_begun = cloud.card, False
        async with aclosing(cloud.generate(request)) as events:
            async for event in events:
                if isinstance(event, Departed):
                    self._depart(card, event, run)
                elif isinstance(event, Decided):
                    if event.verdict is not None and event.verdict.ruling is Ruling.REFUSE:
                        run.verdict = event.verdict
                        for word in await self._neither(request, run, events):
                            yield word
                        return
                else:
                    if not has_begun:
                        yield run.decide(card, "answered")
                    has_begun = True
                    if run.doubts(event):
                        yield TextDelta(f"\n\n{self._doubt(request)}")
                    yield self._counted(card, event, run)

    def _counted(self, card: EngineCard, event: Event, run: Account) -> Event:
        if isinstance(event, Finish):
            self._account(card, event.usage, run)
        return event

    async def _neither(
        self, request: Request, run: Account, events: AsyncGenerator[Event, None]
    ) -> list[Event]:
        """The cloud says itself that it does not know: its stream is read for its counts only."""
        assert self._cloud is not None
        usage = await _usage_of_rest(events)
        self._account(self._cloud.card, usage, run)
        return self._refused(request, run, self._cloud.card, usage, neither=True)

    async def _judged_cloud(
        self, request: Request, run: Account, answer: Answer, verdict: Verdict
    ) -> AsyncGenerator[Event, None]:
        assert self._cloud is not None
        if verdict.ruling is Ruling.ACCEPT:
            yield run.decide(self._cloud.card, "answered")
            for event in _replayed(answer, request):
                yield event
            return
        run.verdict, card = verdict, self._cloud.card
        for event in self._refused(request, run, card, answer.finish.usage, neither=True):
            yield event

    async def _gather(self, engine: Engine, request: Request, run: Account) -> Answer:
        """A whole answer, held back. What was spent is accounted even when it is not shown."""
        texts: list[str] = []
        calls: list[ToolCall] = []
        logprobs: list[TokenLogprob] = []
        finish: Finish | None = None
        async with aclosing(engine.generate(request)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    texts.append(event.text)
                    logprobs.extend(event.logprobs)
                elif isinstance(event, ToolCall):
                    calls.append(event)
                elif isinstance(event, Departed):
                    self._depart(engine.card, event, run)
                elif isinstance(event, Finish):
                    finish = event
        assert finish is not None, f"{engine.card.name} broke its contract: no Finish"
        self._account(engine.card, finish.usage, run)
        return Answer("".join(texts), tuple(calls), tuple(logprobs), finish)

    def _refused(
        self,
        request: Request,
        run: Account,
        card: EngineCard,
        usage: Usage,
        *,
        neither: bool = False,
    ) -> list[Event]:
        """Honest words in place of an answer."""
        words = self._refusal(request, has_cloud=self._cloud is not None, neither=neither)
        return [run.decide(card, "refused"), TextDelta(words), Finish("stop", usage)]

    def _remaining(self, request: Request, run: Account) -> Request:
        """The request with what is left of its deadline."""
        if request.deadline_seconds is None:
            return request
        left = request.deadline_seconds - (self._clock.monotonic() - run.started)
        return replace(request, deadline_seconds=max(0.1, left))

    def _stays(self, request: Request) -> Stays:
        if self._cloud is None:
            return Stays(
                "The cloud is wanted, but none is set up.",
                remedy="Set one: tandem config set cloud.url https://HOST/v1.",
            )
        return Stays(
            f"The cloud is wanted, but the request may not leave the device (mode {request.mode}).",
            remedy="Give consent (--yes, cloud.consent) or choose another mode.",
        )


def _with_logprobs(request: Request) -> Request:
    """The judge reads token probabilities, so they are asked for even if the user did not."""
    wanted = max(request.sampling.logprobs or 0, NUM_LOGPROBS)
    return replace(request, sampling=replace(request.sampling, logprobs=wanted))


def _replayed(answer: Answer, request: Request) -> list[Event]:
    """The held-back words, now shown; log-probabilities only where they were asked for."""
    wanted = request.sampling.logprobs
    logprobs = () if wanted is None else tuple(_cut_to(one, wanted) for one in answer.logprobs)
    words: list[Event] = [TextDelta(answer.text, logprobs)] if answer.text or logprobs else []
    return [*words, *answer.tool_calls, answer.finish]


def _cut_to(token: TokenLogprob, num_alternatives: int) -> TokenLogprob:
    """The alternatives that were asked for; the judge may have read more."""
    return replace(token, top=token.top[:num_alternatives])


async def _usage_of_rest(events: AsyncGenerator[Event, None]) -> Usage:
    """Read a stream to its end for its counts."""
    usage = Usage()
    async for event in events:
        if isinstance(event, Finish):
            usage = event.usage
    return usage
