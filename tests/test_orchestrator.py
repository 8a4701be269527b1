"""The one loop: who answers, what is held back, what is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace

import pytest

from tandem.engines.scripted import Reply, ScriptedEngine
from tandem.errors import CloudUnreachable, ContextTooLong, DeviceFault, Stays, TandemError
from tandem.orchestrator import Orchestrator
from tandem.policy.budgeting import Energy, Price, place_usage
from tandem.policy.judging import TokenJudge
from tandem.policy.routing import ModeRouter
from tandem.ports import Engine, Judge
from tandem.types import (
    Decided,
    Departed,
    EngineCard,
    Entry,
    Event,
    Finish,
    Mode,
    Place,
    PlaceUsage,
    Request,
    Ruling,
    Sampling,
    TextDelta,
    Usage,
    message,
)
from tests.contracts.engine_contract import EngineContract, gathered, text_of

SURE = Reply("the device is sure of this", probability=0.99)
UNSURE = Reply("the device makes this up", probability=0.3)
CLOUDY = Reply("the cloud knows this")
PRICES = {"cloud-model": Price(1.0, 2.0, "EUR")}
ENERGY = Energy(10.0, "assumed for tests", 0.5, "assumed for tests")


class ListLedger:
    """A Ledger in a list."""

    def __init__(self) -> None:
        self.kept: list[Entry] = []
        self.fault: DeviceFault | None = None

    async def record(self, entry: Entry) -> None:
        if self.fault:
            raise self.fault
        self.kept.append(entry)

    def entries(self, *, limit: int | None = None, newest_first: bool = True) -> Iterator[Entry]:
        return iter(self.kept[::-1] if newest_first else self.kept)

    def entry(self, entry_id: str) -> Entry | None:
        return next((entry for entry in self.kept if entry.id == entry_id), None)

    async def aclose(self) -> None:
        return None


class SteppingClock:
    """Every look at it is a tenth of a second later."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        self.time += 0.1
        return self.time


def cost(place: Place, model: str, usage: Usage) -> PlaceUsage:
    return place_usage(place, model, usage, PRICES, ENERGY)


class House:
    """An orchestrator with scripted engines, and its ledger."""

    def __init__(
        self,
        device: Reply = SURE,
        cloud: Reply | None = CLOUDY,
        mode: Mode = Mode.PREFER_LOCAL,
    ) -> None:
        self.device = ScriptedEngine(device, model="device-model")
        self.cloud = (
            ScriptedEngine(cloud, model="cloud-model", place=Place.CLOUD) if cloud else None
        )
        self.ledger = ListLedger()
        self.mode = mode
        self.engine = self.rebuilt(self.cloud)

    def rebuilt(self, cloud: Engine | None, cloud_judge: Judge | None = None) -> Orchestrator:
        """The same house with another cloud."""
        return Orchestrator(
            device=self.device,
            cloud=cloud,
            router=ModeRouter(has_cloud=cloud is not None),
            judge=TokenJudge(),
            cloud_judge=cloud_judge,
            ledger=self.ledger,
            costing=cost,
            clock=SteppingClock(),
            mode=self.mode,
        )


class DepartingEngine:
    """An engine behind a pretended door: it tells first that so many bytes leave."""

    def __init__(self, engine: ScriptedEngine | None, num_bytes: int) -> None:
        assert engine is not None
        self._engine = engine
        self._num_bytes = num_bytes

    @property
    def card(self) -> EngineCard:
        return self._engine.card

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        yield Departed(self._num_bytes)
        async with aclosing(self._engine.generate(request)) as events:
            async for event in events:
                yield event

    async def aclose(self) -> None:
        return None


def ask(text: str = "What?", *, consent: bool = True, mode: Mode | None = None) -> Request:
    return Request((message("user", text),), may_leave_device=consent, mode=mode)


def decided(events: list[Event]) -> Decided:
    first = events[0]
    assert isinstance(first, Decided)
    return first


class TestOrchestrator(EngineContract):
    @pytest.fixture
    def engine(self) -> Orchestrator:
        return House(Reply("one two three four five six seven", seconds_per_token=0.001)).engine


async def test_a_sure_device_answers_and_the_cloud_is_not_asked() -> None:
    """Accepted: the device's words, a receipt, nothing out."""
    house = House(SURE)
    events = await gathered(house.engine.generate(ask()))
    assert text_of(events) == SURE.text
    assert decided(events).place is Place.DEVICE
    assert house.cloud is not None and not house.cloud.asked
    finish = events[-1]
    assert isinstance(finish, Finish)
    (entry,) = house.ledger.kept
    assert finish.entry == entry and entry.outcome == "answered"
    assert entry.work[0].joules is not None


async def test_an_unsure_device_escalates_with_consent() -> None:
    """Escalated: the cloud's words, both places in the receipt, the device's words unseen."""
    house = House(UNSURE)
    events = await gathered(house.engine.generate(ask()))
    assert text_of(events) == CLOUDY.text
    (entry,) = house.ledger.kept
    assert entry.answered_by is Place.CLOUD
    assert entry.verdict is not None and entry.verdict.ruling is Ruling.ESCALATE
    assert [part.place for part in entry.work] == [Place.DEVICE, Place.CLOUD]
    assert entry.work[1].money is not None and entry.work[1].money.currency == "EUR"


async def test_an_unsure_device_refuses_without_consent() -> None:
    """Refused: honest words that name the way to the cloud; the cloud is not asked."""
    house = House(UNSURE)
    events = await gathered(house.engine.generate(ask(consent=False)))
    assert "I don't know that on this device" in text_of(events)
    assert "escalate" in text_of(events)
    assert house.cloud is not None and not house.cloud.asked
    assert house.ledger.kept[0].outcome == "refused"


async def test_without_a_cloud_the_refusal_says_how_to_add_one() -> None:
    """No cloud: the words name the setting."""
    events = await gathered(House(UNSURE, None).engine.generate(ask()))
    assert "cloud.url" in text_of(events)


async def test_a_chinese_question_is_refused_in_chinese() -> None:
    """The refusal speaks the question's language."""
    events = await gathered(House(UNSURE, None).engine.generate(ask("什么是机会成本？")))
    assert "不知道" in text_of(events)


@pytest.mark.parametrize("asked", list(Mode))
async def test_configured_local_only_is_absolute(asked: Mode) -> None:
    """No request can widen a configured local-only, whatever mode and consent it carries."""
    house = House(UNSURE, mode=Mode.LOCAL_ONLY)
    events = await gathered(house.engine.generate(ask(mode=asked)))
    assert house.cloud is not None and not house.cloud.asked
    assert "local-only" in text_of(events)
    with pytest.raises(Stays):
        await gathered(house.engine.escalate(ask(mode=asked)))
    assert not house.cloud.asked


async def test_prefer_cloud_asks_the_cloud_first() -> None:
    """prefer-cloud with consent: one round trip, the device idle."""
    house = House(SURE, mode=Mode.PREFER_CLOUD)
    events = await gathered(house.engine.generate(ask()))
    assert text_of(events) == CLOUDY.text
    assert not house.device.asked


async def test_prefer_cloud_falls_back_before_the_first_word() -> None:
    """A cloud that cannot be reached gives way to a sure device; the route says so."""
    house = House(SURE, Reply(error=CloudUnreachable("refused")), Mode.PREFER_CLOUD)
    events = await gathered(house.engine.generate(ask()))
    assert text_of(events) == SURE.text
    route = house.ledger.kept[0].route
    assert route is not None and route.reason == "fallback: cloud_unreachable"


async def test_no_fallback_after_the_first_word() -> None:
    """A stream cut in the middle is an error; the words shown so far stand, none are doubled."""
    broken = Reply(CLOUDY.text, error=CloudUnreachable("cut"), fails_after=2)
    house = House(SURE, broken, Mode.PREFER_CLOUD)
    seen: list[Event] = []
    with pytest.raises(CloudUnreachable):
        async for event in house.engine.generate(ask()):
            seen.append(event)
    assert text_of(seen) == "the cloud"
    assert not house.device.asked
    assert house.ledger.kept[0].outcome == "failed"
    assert house.ledger.kept[0].error == "cloud_unreachable"


async def test_cloud_only_never_asks_the_device() -> None:
    """cloud-only: a fault is a fault, and without consent it stays."""
    house = House(SURE, Reply(error=CloudUnreachable("refused")), Mode.CLOUD_ONLY)
    with pytest.raises(CloudUnreachable):
        await gathered(house.engine.generate(ask()))
    with pytest.raises(Stays):
        await gathered(house.engine.generate(ask(consent=False)))
    assert not house.device.asked
    assert [entry.outcome for entry in house.ledger.kept] == ["failed", "failed"]


async def test_what_the_device_cannot_do_goes_to_the_cloud() -> None:
    """A prompt too long for the device is the cloud's where it may leave, else an error."""
    house = House(Reply(error=ContextTooLong("too long")))
    assert text_of(await gathered(house.engine.generate(ask()))) == CLOUDY.text
    with pytest.raises(ContextTooLong):
        await gathered(house.engine.generate(ask(consent=False)))


async def test_an_unsure_device_and_a_dead_cloud_name_the_cloud() -> None:
    """Escalation that fails raises the cloud's fault; nothing made up is shown."""
    house = House(UNSURE, Reply(error=CloudUnreachable("refused")))
    seen: list[Event] = []
    with pytest.raises(CloudUnreachable):
        async for event in house.engine.generate(ask()):
            seen.append(event)
    assert not seen


async def test_a_cloud_that_does_not_know_says_so() -> None:
    """A judged cloud that is not sure: neither side knows, and the answer says that."""
    house = House(UNSURE, Reply("made up too", probability=0.2))
    engine = house.rebuilt(house.cloud, TokenJudge())
    events = await gathered(engine.generate(ask()))
    assert "Neither" in text_of(events)
    assert house.ledger.kept[0].outcome == "refused"
    assert house.ledger.kept[0].answered_by is Place.CLOUD


async def test_a_tandem_cloud_that_refuses_is_believed() -> None:
    """A cloud that is itself an orchestrator tells its verdict; its refusal becomes ours."""
    tower = House(UNSURE, None)
    house = House(UNSURE)
    engine = house.rebuilt(tower.engine)
    events = await gathered(engine.generate(ask()))
    assert "Neither" in text_of(events)
    assert house.ledger.kept[0].outcome == "refused"


async def test_escalate_remembers_where_it_came_from() -> None:
    """The second answer's entry names the first."""
    house = House(SURE)
    first = (await gathered(house.engine.generate(ask(consent=False))))[-1]
    assert isinstance(first, Finish) and first.entry is not None
    again = house.engine.escalate(ask(consent=False), escalated_from=first.entry.id)
    assert text_of(await gathered(again)) == CLOUDY.text
    assert house.ledger.kept[1].escalated_from == first.entry.id


async def test_a_hang_up_is_recorded_and_stops_the_work() -> None:
    """Closing the stream early records a cancelled entry and closes the engine's stream."""
    house = House(SURE, Reply(CLOUDY.text, seconds_per_token=0.01), Mode.PREFER_CLOUD)
    async with aclosing(house.engine.generate(ask())) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break
    assert house.cloud is not None and house.cloud.num_cancelled == 1
    assert [entry.outcome for entry in house.ledger.kept] == ["cancelled"]


@pytest.mark.parametrize("has_connected", [True, False])
async def test_what_left_stands_in_the_receipt_of_a_failure(has_connected: bool) -> None:
    """Bytes that went out before a cut or a hang-up are counted; a refused connection sent none."""
    fault = CloudUnreachable("cut", has_connected=has_connected)
    house = House(SURE, Reply(CLOUDY.text, error=fault, fails_after=0), Mode.CLOUD_ONLY)
    door = DepartingEngine(house.cloud, 321)
    engine = house.rebuilt(door)
    with pytest.raises(CloudUnreachable):
        await gathered(engine.generate(ask()))
    assert house.ledger.kept[0].num_bytes_out == (321 if has_connected else 0)


async def test_what_left_stands_in_the_receipt_of_a_hang_up() -> None:
    """The user stops a cloud answer: its bytes are in the receipt."""
    house = House(SURE, Reply(CLOUDY.text, seconds_per_token=0.01), Mode.CLOUD_ONLY)
    engine = house.rebuilt(DepartingEngine(house.cloud, 321))
    async with aclosing(engine.generate(ask())) as events:
        await anext(events)
    assert house.ledger.kept[0].outcome == "cancelled"
    assert house.ledger.kept[0].num_bytes_out == 321


async def test_a_cancelled_task_is_recorded() -> None:
    """Cancelling the task, as a server does, records too."""
    house = House(Reply("slow words " * 50, seconds_per_token=0.01))
    task = asyncio.create_task(gathered(house.engine.generate(ask())))
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [entry.outcome for entry in house.ledger.kept] == ["cancelled"]
    assert house.device.num_running == 0


async def test_a_full_disk_loses_the_receipt_and_not_the_answer() -> None:
    """The answer comes; its receipt says that it was not kept."""
    house = House(SURE)
    house.ledger.fault = DeviceFault("disk full")
    events = await gathered(house.engine.generate(ask()))
    finish = events[-1]
    assert text_of(events) == SURE.text
    assert isinstance(finish, Finish) and finish.entry is not None
    assert finish.entry.error == "receipt not kept: device_fault"


async def test_logprobs_are_shown_only_when_asked() -> None:
    """The judge's need for probabilities is not the user's."""
    house = House(SURE)
    plain = await gathered(house.engine.generate(ask()))
    assert not any(isinstance(event, TextDelta) and event.logprobs for event in plain)
    asked = replace(ask(), sampling=Sampling(logprobs=1))
    told = await gathered(house.engine.generate(asked))
    assert any(isinstance(event, TextDelta) and event.logprobs for event in told)


async def test_an_error_of_the_device_is_recorded_by_its_code() -> None:
    """The ledger keeps a code, never a message that could quote the user."""
    house = House(Reply(error=ContextTooLong("secret words of the user")), None)
    with pytest.raises(TandemError):
        await gathered(house.engine.generate(ask()))
    entry = house.ledger.kept[0]
    assert entry.error == "context_length_exceeded"
    assert "secret" not in repr(entry)
