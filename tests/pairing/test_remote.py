"""A paired cloud through the door: the cloud's own text, whatever happens to the links."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest

from tandem.clock import SystemClock
from tandem.engines.door import Door
from tandem.engines.llama_model import Model
from tandem.errors import CloudUnreachable, Stays
from tandem.joint.protocol import Draft, Limits, Open, id_bits
from tandem.joint.verifying import Line
from tandem.joint.wire import Context, decode
from tandem.ledger import NoLedger
from tandem.orchestrator import Orchestrator
from tandem.pairing.remote import METHOD, JointRemote, Manner
from tandem.personal import Kind
from tandem.policy.budgeting import Energy, place_usage
from tandem.policy.judging import TokenJudge, features
from tandem.policy.routing import ModeRouter
from tandem.types import (
    Answer,
    Departure,
    Event,
    Finish,
    JointWork,
    Mark,
    Mode,
    Request,
    Ruling,
    Sampling,
    TextDelta,
    Verdict,
    message,
)
from tests.contracts.engine_contract import EngineContract, gathered, text_of
from tests.engines.tiny_gguf import write_tiny_gguf
from tests.pairing.clouds import cloud, device, paired, relaying
from tests.privacy.spotting import PEOPLE, guard_in

DRAWN = Sampling(temperature=0.9, top_p=0.95, seed=7, max_output_tokens=60)
ASK = Request((message("user", "a question"),), sampling=DRAWN, may_leave_device=True)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Same tokenizer, other weights: a drafter that is hardly ever right."""
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "stranger.gguf", seed=5)


def joint_of(events: list[Event]) -> JointWork:
    finish = events[-1]
    assert isinstance(finish, Finish) and finish.usage.joint is not None
    return finish.usage.joint


class TestJointRemoteInItsDoor(EngineContract):
    """The same promises as any engine's, by joint decoding over real sockets."""

    skips: ClassVar[frozenset[str]] = frozenset()

    @pytest.fixture
    async def engine(self, file: Path) -> AsyncIterator[Door]:
        async with cloud(file) as far, device(file, await paired(far.url)) as near:
            assert isinstance(near.remote, JointRemote)
            yield near.door


async def test_the_text_is_the_clouds_own_by_any_drafter(file: Path, stranger: Path) -> None:
    """Greedy and seeded: joint decoding, with a good and a bad drafter, and the plain API say the
    same; the receipt tells what it took."""
    async with cloud(file) as far, AsyncExitStack() as stack:
        pairing = await paired(far.url)
        doors = [
            (await stack.enter_async_context(device(each, pairing))) for each in (file, stranger)
        ]
        for sampling in (Sampling(max_output_tokens=60), DRAWN):
            request = replace(ASK, sampling=sampling)
            alone = text_of(await gathered(far.engine.generate(request)))
            assert alone
            for each in doors:
                events = await gathered(each.door.generate(request))
                work = joint_of(events)
                assert text_of(events) == alone
                assert (work.ended_by, work.num_links, work.num_unverified) == ("joint", 1, 0)
                assert work.passes and work.certified.startswith("canonical")


async def test_drafts_save_passes_and_their_tokens_are_marked(file: Path) -> None:
    """A slow cloud takes the device's drafts: fewer passes than tokens, marks that add up."""
    async with (
        cloud(file, pass_seconds=0.03) as far,
        device(file, await paired(far.url)) as near,
    ):
        events = await gathered(near.door.generate(ASK))
    work = joint_of(events)
    finish = events[-1]
    assert isinstance(finish, Finish)
    marks = [mark for each in events if isinstance(each, TextDelta) for mark in each.marks]
    assert "".join(text for text, _ in marks) == text_of(events)
    assert {mark for _, mark in marks} <= {Mark.ACCEPTED, Mark.RECOVERED, Mark.BONUS}
    assert work.passes is not None and 0 < work.passes < finish.usage.output_tokens
    assert 0 < work.accepted <= work.drafted
    assert finish.usage.num_bytes_out > 0 and finish.usage.num_bytes_in > 0


async def test_what_leaves_is_shown_recorded_and_only_with_consent(file: Path) -> None:
    """The preview shows the words behind the ids; without consent not a byte leaves; drafts have a
    record before the first of them leaves and one of all of them."""
    async with relaying() as relay, cloud(file, pass_seconds=0.02, behind=relay) as far:
        pairing = await paired(far.url)
        async with device(file, replace(pairing, url=relay.url)) as near:
            shown = near.door.preview(ASK)
            assert isinstance(shown, Departure) and "a question" in (shown.outgoing.shown or "")
            with pytest.raises(Stays):
                await gathered(near.door.generate(replace(ASK, may_leave_device=False)))
            assert relay.num_connections == 0 and near.audit.departures == []
            await gathered(near.door.generate(ASK))
            assert near.door.preview(ASK) == shown, "the same request gives the same bytes"
    methods = [each.outgoing.method for each in near.audit.departures]
    assert methods == [METHOD, "DRAFT", "DRAFTS"]
    assert near.audit.departures[0].outgoing.body == shown.outgoing.body


async def test_nothing_personal_leaves_in_ids(file: Path, tmp_path: Path) -> None:
    """Every id that reaches the cloud, the opening's and the drafts' that are copied out of the
    prompt, as text: none of the user's values, in whole or as ids of another spelling."""
    kinds = (Kind.PERSON, Kind.EMAIL, Kind.PASSWORD)
    values = [value for value, kind in PEOPLE.items() if kind in kinds]
    told = " ".join(f"write to {value}, write to" for value in values)
    asked = replace(ASK, messages=(message("user", told),))
    async with cloud(file, pass_seconds=0.03) as far:
        frames: list[bytes] = []
        verifier = far.hall.verifier
        receive = verifier.receive

        def noted(line: Line, frame: bytes, now: float) -> None:
            frames.append(frame)
            receive(line, frame, now)

        verifier.receive = noted  # type: ignore[method-assign]
        guard = guard_in(tmp_path)
        async with device(file, await paired(far.url), guard=guard) as near:
            await gathered(near.door.generate(asked))
    model = Model(file, vocabulary_only=True)
    context = Context(id_bits(model.num_vocab))
    texts: list[str] = []
    for frame in frames:
        sent = decode(frame, "device", Limits(), context)
        runs = [sent.prompt] if isinstance(sent, Open) else []
        runs += [chain.ids for chain in sent.chains] if isinstance(sent, Draft) else []
        runs += [(s,) for c in getattr(sent, "chains", ()) for s in c.seconds if s is not None]
        texts += [b"".join(map(model.piece, run)).decode("utf-8", "replace") for run in runs]
    model.close()
    assert "write to" in texts[0] and "Person " in texts[0]
    assert len(texts) > 3, "drafts were sent"
    for value in values:
        assert not any(value in text for text in texts)
    assert [e.outgoing.method for e in near.audit.departures] == [METHOD, "DRAFT", "DRAFTS"]


async def test_what_ids_cannot_say_goes_by_the_plain_stream(file: Path) -> None:
    """Log-probabilities, tools and shapes are the plain API's; nothing is lost by pairing."""
    sampling = Sampling(logprobs=1, max_output_tokens=4)
    async with cloud(file) as far, device(file, await paired(far.url)) as near:
        events = await gathered(near.door.generate(replace(ASK, sampling=sampling)))
    assert near.audit.departures[0].outgoing.method == "POST"
    assert any(isinstance(each, TextDelta) and each.logprobs for each in events)


async def test_a_paired_cloud_still_makes_embeddings(file: Path) -> None:
    """Through the same door, by the plain API."""
    async with cloud(file) as far, device(file, await paired(far.url)) as near:
        vectors, _ = await near.door.embed(["a text", "another"], may_leave_device=True)
    assert len(vectors) == 2 and len(vectors[0]) == len(vectors[1]) > 1
    assert near.audit.departures[0].outgoing.url.endswith("/embeddings")


async def test_a_foreign_tokenizer_means_the_plain_stream(file: Path, tmp_path: Path) -> None:
    """A device that cannot draft for this cloud still has it as a cloud."""
    other = write_tiny_gguf(tmp_path / "other.gguf", extra_token="th")
    async with cloud(file) as far, device(other, await paired(far.url)) as near:
        assert not isinstance(near.remote, JointRemote)
        assert text_of(await gathered(near.door.generate(ASK)))


# --- failover -------------------------------------------------------------------------------------


async def after(events: object, num_pieces: int, act: object) -> list[Event]:
    """All events; `act` is called after so many pieces of text."""
    heard: list[Event] = []
    async with aclosing(events) as stream:  # type: ignore[type-var]
        async for event in stream:  # type: ignore[attr-defined]
            heard.append(event)
            if sum(isinstance(each, TextDelta) for each in heard) == num_pieces:
                act()  # type: ignore[operator]
    return heard


async def test_a_cut_link_loses_and_doubles_nothing(file: Path) -> None:
    """The link breaks again and again; the answer goes on where it was."""
    async with relaying() as relay, cloud(file, pass_seconds=0.01, behind=relay) as far:
        alone = text_of(await gathered(far.engine.generate(ASK)))
        pairing = replace(await paired(far.url), url=relay.url)
        async with device(file, pairing) as near:
            for pieces in (1, 3, 7):
                events = await after(near.door.generate(ASK), pieces, relay.cut)
                assert text_of(events) == alone
                assert joint_of(events).num_links >= 2


async def test_another_replica_goes_on_with_the_same_text(file: Path, stranger: Path) -> None:
    """One of two verifiers goes away for good in the middle of the answer."""
    async with (
        relaying() as relay,
        cloud(file, pass_seconds=0.02, behind=relay) as first,
        cloud(file, pass_seconds=0.02) as second,
    ):
        alone = text_of(await gathered(second.engine.generate(ASK)))
        one = replace(await paired(first.url), url=relay.url)

        def die() -> None:
            relay.is_down = True
            relay.cut()

        async with device(stranger, one, await paired(second.url)) as near:
            events = await after(near.door.generate(ASK), 5, die)
    assert text_of(events) == alone
    assert joint_of(events).ended_by == "joint" and joint_of(events).num_links == 2


async def test_without_a_seat_the_plain_stream_answers_the_same(file: Path) -> None:
    """All seats taken: the cloud's own stream, same text for a seed, and the receipt says so."""
    async with (
        cloud(file, pass_seconds=0.3, num_seats=1) as far,
        device(file, await paired(far.url)) as near,
    ):
        alone = text_of(await gathered(far.engine.generate(ASK)))
        slow = asyncio.ensure_future(gathered(near.door.generate(ASK)))
        while not far.hall.verifier.num_sessions:  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.01)
        events = await gathered(near.door.generate(ASK))
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
    assert text_of(events) == alone
    assert joint_of(events).ended_by == "stream"
    assert [e.outgoing.method for e in near.audit.departures].count("POST") == 1


async def test_a_dead_link_ends_on_the_device_only_where_that_is_allowed(file: Path) -> None:
    """Allowed: the device finishes, marked. Not allowed: a fault of the cloud's."""
    async with relaying() as relay, cloud(file, pass_seconds=0.02, behind=relay) as far:
        pairing = replace(await paired(far.url), url=relay.url)

        def die() -> None:
            relay.is_down = True
            relay.cut()

        allowed = Manner(resume_seconds=0.3, allow_unverified=True)
        async with device(file, pairing, manner=allowed) as near:
            events = await after(near.door.generate(ASK), 4, die)
        work = joint_of(events)
        assert work.ended_by == "device" and work.num_unverified > 0
        marks = [mark for e in events if isinstance(e, TextDelta) for _, mark in e.marks]
        assert marks[-1] is Mark.UNVERIFIED and Mark.UNVERIFIED not in marks[:3]
        alone = text_of(await gathered(far.engine.generate(ASK)))
        assert text_of(events) == alone, "here the drafter is the target itself"
        relay.is_down = False
        async with device(file, pairing, manner=Manner(resume_seconds=0.3)) as near:
            with pytest.raises(CloudUnreachable):
                await after(near.door.generate(ASK), 4, die)


# --- the cloud's own judge ------------------------------------------------------------------------


@pytest.mark.parametrize("threshold", [0.0, 1.0])
async def test_the_clouds_judge_is_heard(file: Path, threshold: float) -> None:
    """The same confidence as the plain answer's, to the last bits; who is not sure says so, after
    words that were shown already."""
    judge = TokenJudge(None, threshold)
    sampling = replace(DRAWN, logprobs=2)
    async with (
        cloud(file, judge=judge) as far,
        device(file, await paired(far.url)) as near,
    ):
        plain = await gathered(far.engine.generate(replace(ASK, sampling=sampling)))
        events = await gathered(near.door.generate(ASK))
        orchestrator = Orchestrator(
            device=far.engine,
            cloud=near.door,
            router=ModeRouter(has_cloud=True),
            judge=judge,
            ledger=NoLedger(),
            costing=partial(place_usage, prices={}, energy=Energy(0.0, "", 0.0, "")),
            clock=SystemClock(),
            mode=Mode.CLOUD_ONLY,
        )
        told = await gathered(orchestrator.generate(ASK))
    finish, last = events[-1], told[-1]
    assert isinstance(finish, Finish) and isinstance(last, Finish) and last.entry is not None
    tokens = tuple(t for e in plain if isinstance(e, TextDelta) for t in e.logprobs)
    end = plain[-1]
    assert isinstance(end, Finish) and end.usage.prompt_logprobs
    expected = judge.accept(ASK, Answer(text_of(plain), (), tokens, end))
    assert finish.verdict is not None and finish.verdict.confidence is not None
    assert finish.verdict.confidence == pytest.approx(expected.confidence, abs=1e-6)
    assert last.entry.verdict == finish.verdict
    is_sure = threshold == 0.0
    assert (finish.verdict.ruling is Ruling.ACCEPT) == is_sure
    assert text_of(told).startswith(text_of(events))
    assert ("not sure of this answer" in text_of(told)) != is_sure


async def test_scores_are_those_of_the_plain_answer(file: Path) -> None:
    """Every feature that a judge reads is the same, the question's own tokens included."""
    heard: list[Answer] = []

    class Listening:
        def accept(self, request: Request, answer: Answer) -> Verdict:
            heard.append(answer)
            return Verdict(Ruling.ACCEPT, 0.5, 0.1, "")

    async with (
        cloud(file, judge=Listening()) as far,
        device(file, await paired(far.url)) as near,
    ):
        sampling = replace(DRAWN, logprobs=2)
        plain = await gathered(far.engine.generate(replace(ASK, sampling=sampling)))
        await gathered(near.door.generate(ASK))
    end = plain[-1]
    assert isinstance(end, Finish)
    tokens = tuple(t for e in plain if isinstance(e, TextDelta) for t in e.logprobs)
    theirs = features(Answer(text_of(plain), (), tokens, end))
    assert features(heard[0]) == pytest.approx(theirs, abs=1e-5)
