"""Stock servers behind the door: the server here is scripted, its laws are a real small model's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from aiohttp import web

from tandem.bootstrap import open_tandem
from tandem.clock import SystemClock
from tandem.config import Cloud, Joint, Settings, paths_from
from tandem.config import Device as DeviceSettings
from tandem.doctor import check_pairings
from tandem.engines.door import Door
from tandem.engines.llama_drafter import LlamaDrafter
from tandem.engines.llama_model import Model
from tandem.engines.llama_target import LlamaTarget
from tandem.engines.openai_http import OpenAIRemote
from tandem.errors import CloudBroken, Stays
from tandem.gguf_header import read_header
from tandem.joint.coupling import Draw, pick
from tandem.joint.ports import Rows, Step
from tandem.joint.stock import NUM_TOP
from tandem.pairing.building import Drafting, stock_remote
from tandem.pairing.stock_remote import PredictedRemote, StockRemote
from tandem.policy.leaving import Leaving
from tandem.privacy.audit import MemoryAudit
from tandem.secrets import Secrets
from tandem.types import (
    Departure,
    Event,
    Finish,
    JointWork,
    Mark,
    Mode,
    Outgoing,
    Request,
    Sampling,
    TextDelta,
    message,
)
from tests.contracts.engine_contract import gathered, text_of
from tests.engines.tiny_gguf import write_tiny_gguf

LAWS = [
    Sampling(temperature=0.0, max_output_tokens=40),
    Sampling(temperature=0.9, top_k=20, seed=7, max_output_tokens=40),
]
ASK = Request(
    (message("user", "a question"),),
    sampling=LAWS[0],
    may_leave_device=True,
)
Kind = Literal["sglang", "vllm", "predicted"]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Same tokenizer, other weights."""
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "stranger.gguf", seed=5)


@dataclass
class Server:
    """Answers in the recorded shapes; `asked` holds the bodies in order, with their paths."""

    target: LlamaTarget
    lag_seconds: float = 0.0
    shift: int = 0  # added to every id that it tells: another tokenizer
    port: int = 0
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, Any]])

    def rows(self, ids: list[int], start: int) -> Rows:
        """Laws after each id from `start` on."""
        seat = self.target.open(ids[: start + 1])
        while self.target.prefill(seat, 512):
            pass
        [rows] = self.target.advance([Step(seat, ids[start:])])
        rows = rows.astype(np.float64)
        self.target.close(seat)
        return rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))

    def likeliest(self, row: Rows) -> list[tuple[int, float]]:
        best = np.argsort(-row, kind="stable")[:NUM_TOP]
        return [(int(i) + self.shift, float(row[i])) for i in best]

    async def generate(self, request: web.Request) -> web.Response:
        asked = await self._noted(request)
        ids, start = asked["input_ids"], asked["logprob_start_len"]
        told = [[[p, i, None] for i, p in self.likeliest(row)] for row in self.rows(ids, start)]
        meta = {"input_top_logprobs": [None, *told[:-1]], "output_top_logprobs": [told[-1]]}
        return web.json_response({"text": "", "meta_info": meta})

    async def completions(self, request: web.Request) -> web.Response:
        asked = await self._noted(request)
        ids = asked["prompt"]
        start = max(0, len(ids) - 30)
        told: list[Any] = [None] * (start + 1)
        rows = self.rows(ids, start)
        told += [{str(i): {"logprob": p} for i, p in self.likeliest(row)} for row in rows[:-1]]
        top = {f"token_id:{i}": p for i, p in self.likeliest(rows[-1])}
        choice = {"index": 0, "logprobs": {"top_logprobs": [top]}, "prompt_logprobs": told}
        return web.json_response({"choices": [choice]})

    async def chat(self, request: web.Request) -> web.Response:
        asked = await self._noted(request)
        details = {"accepted_prediction_tokens": 7, "rejected_prediction_tokens": 2}
        usage: dict[str, Any] = {"prompt_tokens": 5, "completion_tokens": 9}
        if "prediction" in asked:
            usage["completion_tokens_details"] = details
        choice = {"index": 0, "message": {"content": "streamed"}, "finish_reason": "stop"}
        return web.json_response({"choices": [choice], "usage": usage})

    async def _noted(self, request: web.Request) -> dict[str, Any]:
        await asyncio.sleep(self.lag_seconds)
        asked: dict[str, Any] = await request.json()
        assert request.headers["Authorization"] == "Bearer key"
        self.asked.append((request.path, asked))
        return asked

    def alone(self, prompt: list[int], draw: Draw, num: int, ends: frozenset[int]) -> list[int]:
        """The target's own text."""
        text: list[int] = []
        while len(text) < num:
            ids = [*prompt, *text]
            token = pick(self.rows(ids, len(ids) - 1)[0], draw, len(text))
            if token in ends:
                break
            text.append(token)
        return text


@asynccontextmanager
async def server(file: Path) -> AsyncIterator[Server]:
    model = Model(file, repack=False)
    tokenizer = bytes.fromhex(read_header(file).tokenizer)
    target = LlamaTarget(
        model, name="tiny", tokenizer=tokenizer, num_seats=2, context_tokens=440, max_width=40
    )
    served = Server(target)
    application = web.Application()
    application.add_routes(
        [
            web.post("/generate", served.generate),
            web.post("/v1/completions", served.completions),
            web.post("/v1/chat/completions", served.chat),
        ]
    )
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.port = runner.addresses[0][1]
    try:
        yield served
    finally:
        await runner.cleanup()
        target.free()
        model.close()


@dataclass
class Near:
    door: Door
    remote: StockRemote | PredictedRemote
    audit: MemoryAudit


@asynccontextmanager
async def device(drafter: Path, port: int, kind: Kind) -> AsyncIterator[Near]:
    """A device that has this server as its cloud."""
    plain = OpenAIRemote(f"http://127.0.0.1:{port}/v1", "m", credential=lambda: "key")
    audit = MemoryAudit()

    def record(outgoing: Outgoing) -> None:
        audit.record(Departure(outgoing, "127.0.0.1"))

    remote = stock_remote(
        plain,
        kind,
        "m",
        drafting=Drafting(drafter, None, num=2, num_threads=1, has_lookup=True),
        record=record,
        clock=SystemClock(),
    )
    assert isinstance(remote, (StockRemote, PredictedRemote))
    door = Door(remote, Leaving(frozenset({"127.0.0.1"}), {}, "m"), audit)
    try:
        yield Near(door, remote, audit)
    finally:
        await door.aclose()


def joint_of(events: list[Event]) -> JointWork:
    finish = events[-1]
    assert isinstance(finish, Finish) and finish.usage.joint is not None
    return finish.usage.joint


@pytest.mark.parametrize("kind", ["sglang", "vllm"])
@pytest.mark.parametrize("sampling", LAWS, ids=["greedy", "top_k 20"])
async def test_the_text_is_the_servers_own_by_any_drafter(
    file: Path, stranger: Path, kind: Kind, sampling: Sampling
) -> None:
    """A good and a bad drafter say what the model says alone; the good one in fewer rounds."""
    request = replace(ASK, sampling=sampling)
    draw = Draw(sampling.temperature or 0.0, sampling.top_k or 0, seed=sampling.seed or 0)
    async with server(file) as far:
        rounds: list[int] = []
        for drafter in (file, stranger):
            async with device(drafter, far.port, kind) as near:
                events = await gathered(near.door.generate(request))
            body = next(asked for path, asked in far.asked if "chat" not in path)
            prompt: list[int] = body.get("input_ids") or body["prompt"]
            model = Model(file, vocabulary_only=True)
            ends = model.end_tokens
            ids = far.alone(prompt, draw, 40, ends)
            alone = b"".join(model.piece(token) for token in ids).decode("utf-8", "replace")
            model.close()
            work = joint_of(events)
            assert text_of(events) == alone
            assert work.passes == len(far.asked) and work.certified.startswith("not certified")
            marks = [m for e in events if isinstance(e, TextDelta) for _, m in e.marks]
            assert {*marks} <= {Mark.ACCEPTED, Mark.RECOVERED, Mark.BONUS}
            rounds.append(len(far.asked))
            far.asked.clear()
    assert rounds[0] < rounds[1] <= 40 and work.drafted > 0


async def test_what_leaves_is_shown_recorded_and_only_with_consent(file: Path) -> None:
    """The first request is byte for byte the previewed one; drafts have records of their own."""
    async with server(file) as far, device(file, far.port, "sglang") as near:
        shown = near.door.preview(ASK)
        assert isinstance(shown, Departure) and "a question" in (shown.outgoing.shown or "")
        with pytest.raises(Stays):
            await gathered(near.door.generate(replace(ASK, may_leave_device=False)))
        assert not far.asked and not near.audit.departures
        await gathered(near.door.generate(ASK))
    methods = [each.outgoing.method for each in near.audit.departures]
    assert methods == ["POST", "DRAFT", "DRAFTS"]
    assert near.audit.departures[0].outgoing.body == shown.outgoing.body
    sent = near.audit.departures[2].outgoing.body.split(b"\n")
    assert len(sent) == len(far.asked) - 1, "every round after the first had a draft"


async def test_what_the_likeliest_tokens_cannot_draw_goes_by_the_stream(file: Path) -> None:
    """Sampling over the whole vocabulary, and requests that ids cannot answer."""
    for sampling in (Sampling(temperature=1.0), Sampling(logprobs=1)):
        async with server(file) as far, device(file, far.port, "sglang") as near:
            events = await gathered(near.door.generate(replace(ASK, sampling=sampling)))
            assert text_of(events) == "streamed"
            assert [path for path, _ in far.asked] == ["/v1/chat/completions"]


async def test_where_rounds_do_not_pay_the_stream_answers(file: Path) -> None:
    """A slow way and a quick server: the planner knows that rounds wait; now and then it tries."""
    async with server(file) as far, device(file, far.port, "vllm") as near:
        remote = near.remote
        assert isinstance(remote, StockRemote)
        remote.measured.round_trip, remote.measured.pass_seconds = 1.0, 0.01
        for _ in range(8):
            await gathered(near.door.generate(ASK))
            remote.measured.round_trip, remote.measured.pass_seconds = 1.0, 0.01
    paths = [path for path, _ in far.asked]
    assert paths[:7] == ["/v1/chat/completions"] * 7
    assert set(paths[7:]) == {"/v1/completions"}
    recorded = [each.outgoing.url for each in near.audit.departures[:2]]
    assert recorded[1].endswith("/chat/completions"), "what goes another way has its own record"


async def test_rounds_are_learnt(file: Path) -> None:
    """What a round takes is measured; with a slow server the drafts get longer."""
    async with server(file) as far, device(file, far.port, "sglang") as near:
        far.lag_seconds = 0.15
        await gathered(
            near.door.generate(replace(ASK, sampling=replace(LAWS[0], max_output_tokens=30)))
        )
        remote = near.remote
        assert isinstance(remote, StockRemote) and remote.measured.round_trip > 0.06
        lengths = [len(asked["input_ids"]) - asked["logprob_start_len"] for _, asked in far.asked]
    assert max(lengths) > 3


async def test_another_tokenizer_is_noticed(file: Path) -> None:
    """Ids that the device's model does not have: the cloud's fault, with what to do."""
    async with server(file) as far, device(file, far.port, "sglang") as near:
        far.shift = 10_000
        with pytest.raises(CloudBroken, match="ids that the device's model does not have"):
            await gathered(near.door.generate(ASK))


async def test_a_prediction_is_the_devices_own_answer(file: Path) -> None:
    """One request with the whole draft; the receipt has what was taken and what was billed."""
    async with server(file) as far, device(file, far.port, "predicted") as near:
        events = await gathered(near.door.generate(ASK))
        [(path, asked)] = far.asked
        assert path == "/v1/chat/completions" and text_of(events) == "streamed"
        work = joint_of(events)
        assert (work.drafted, work.accepted, work.ended_by) == (9, 7, "stream")
        assert "predicted" in work.certified
        model = Model(file)
        alone = LlamaDrafter(model, name="d", tokenizer=b"", context_tokens=440)
        prompt = near.remote._prompting.prompt(ASK).tokens  # pyright: ignore[reportPrivateUsage]
        alone.start(prompt, Draw())
        ids = [guess.token for guess in alone.propose((), 40)]
        kept = [token for token in ids if token not in model.end_tokens]
        said = b"".join(map(model.piece, kept)).decode("utf-8", "replace")
        assert asked["prediction"] == {"type": "content", "content": said}
        alone.free()
        model.close()
    methods = [each.outgoing.method for each in near.audit.departures]
    assert methods == ["POST", "DRAFTS"]
    assert near.audit.departures[1].outgoing.body.decode() == said


async def test_the_settings_choose_it(file: Path, tmp_path: Path) -> None:
    """As a user has it: two settings, and `generate` answers in rounds, with a receipt."""
    async with server(file) as far:
        settings = Settings(
            mode=Mode.CLOUD_ONLY,
            device=DeviceSettings(model=str(file), context_tokens=440),
            cloud=Cloud(url=f"http://127.0.0.1:{far.port}/v1", model="m", api_key_keyring=False),
            joint=Joint(stock="sglang"),
        )
        paths = paths_from(settings, tmp_path / "tandem.toml", {"TANDEM_HOME": str(tmp_path)})
        secrets = Secrets({"TANDEM_CLOUD_API_KEY": "key"}, lambda: None)
        async with open_tandem(settings, paths, secrets) as tandem:
            await gathered(tandem.engine.generate(ASK))
            (entry,) = tandem.ledger.entries()
        (finding,) = await check_pairings(settings, paths, asks_cloud=False)
    work = entry.work[0].usage.joint
    assert work is not None and work.passes == len(far.asked) and work.accepted > 0
    assert "SGLang" in work.certified and "SGLang" in finding.message
