"""The server over real sockets: OpenAI's shapes, errors at the right moment, hang-ups, consent."""

from __future__ import annotations

import asyncio
import base64
import json
import struct
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from tandem.engines.scripted import Reply, ScriptedEngine
from tandem.errors import (
    BadModel,
    CloudBroken,
    CloudBusy,
    CloudTimeout,
    CloudUnreachable,
    ContextTooLong,
    DeviceFault,
    Overloaded,
    Stays,
    TandemError,
    Unsupported,
)
from tandem.serve.access import Limits
from tandem.types import (
    Decided,
    Departure,
    Effect,
    EngineCard,
    Entry,
    Event,
    Finish,
    Mode,
    Money,
    Origin,
    Outgoing,
    Place,
    Placeholder,
    PlaceUsage,
    Request,
    Route,
    Ruling,
    TextDelta,
    TextPart,
    ToolCall,
    Usage,
    Verdict,
    message,
)
from tests.serve.raw import Got, post, send
from tests.serving import made, serving

ASK: dict[str, Any] = {"model": "tandem", "messages": [{"role": "user", "content": "q"}]}
CALL = ToolCall("call_1", "find", '{"a": 1}')


async def ask(engine: Any, body: dict[str, Any] | None = None, **options: Any) -> Got:
    async with serving(made(engine, **options)) as port:
        return await send(port, post(port, body or ASK))


def pieces_of(got: Got) -> list[dict[str, Any]]:
    """The events of a stream, but for [DONE], which must be the last unless there was an error."""
    lines = [line for line in got.body.decode().split("\n\n") if line]
    assert all(line.startswith("data: ") for line in lines)
    if lines[-1] == "data: [DONE]":
        lines.pop()
    return [json.loads(line.removeprefix("data: ")) for line in lines]


class Decider:
    """Answers as the orchestrator does: with a decision before the words and a receipt after."""

    card = EngineCard("decider", "pocket", Place.DEVICE)

    def __init__(self, reason: str = "the device knows") -> None:
        self._route = Route(Place.DEVICE, 0.1, 0.5, reason)
        self._verdict = Verdict(Ruling.ACCEPT, 0.93, 0.6, "sure")

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        usage = Usage(5, 2, num_bytes_out=0, seconds=0.25)
        yield Decided(Place.DEVICE, "pocket", self._route, self._verdict)
        yield TextDelta("two ")
        yield TextDelta("words")
        work = PlaceUsage(Place.DEVICE, "pocket", usage, Money(0.5, "EUR"), 3.0, "estimate")
        entry = Entry(
            "entry-1", 0.0, "answered", Place.DEVICE, "pocket", self._route, self._verdict,
            (work,), 0.1, 0.25, "stop",
        )  # fmt: skip
        yield Finish("stop", usage, entry)

    async def aclose(self) -> None:
        """Nothing to close."""


# --- shapes -------------------------------------------------------------------------------------


async def test_a_whole_reply_has_openais_shape() -> None:
    """With the required fields that are null, and the counts."""
    got = await ask(ScriptedEngine(Reply("two words")))
    body = got.json
    assert got.status == 200 and got.headers["content-type"] == "application/json"
    assert body["id"].startswith("chatcmpl-") and body["object"] == "chat.completion"
    assert body["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "two words", "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]
    assert body["usage"] == {
        "prompt_tokens": 1,
        "completion_tokens": 2,
        "total_tokens": 3,
        "prompt_tokens_details": {"cached_tokens": 0},
    }


async def test_a_stream_has_openais_shape() -> None:
    """Role first, text after, the reason last, then [DONE]; no usage unless asked for."""
    got = await ask(ScriptedEngine(Reply("two words")), {**ASK, "stream": True})
    assert got.headers["content-type"].startswith("text/event-stream")
    assert got.body.endswith(b"data: [DONE]\n\n")
    pieces = pieces_of(got)
    assert {piece["object"] for piece in pieces} == {"chat.completion.chunk"}
    assert len({piece["id"] for piece in pieces}) == 1
    assert pieces[0]["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    texts = [piece["choices"][0]["delta"].get("content", "") for piece in pieces]
    assert "".join(texts) == "two words"
    assert [piece["choices"][0]["finish_reason"] for piece in pieces] == [None, None, None, "stop"]
    assert not any("usage" in piece for piece in pieces)


async def test_usage_comes_last_and_is_null_before() -> None:
    """`include_usage`: one more piece without choices; every other carries `usage: null`."""
    body = {**ASK, "stream": True, "stream_options": {"include_usage": True}}
    *pieces, last = pieces_of(await ask(ScriptedEngine(Reply("two words")), body))
    assert all("usage" in piece and piece["usage"] is None for piece in pieces)
    assert last["choices"] == [] and last["usage"]["total_tokens"] == 3


async def test_tool_calls_in_both_forms() -> None:
    """Whole: content null; streamed: numbered deltas; both end in tool_calls."""
    engine = ScriptedEngine(Reply(tool_calls=(CALL, CALL)))
    function = {"name": "find", "arguments": '{"a": 1}'}
    call = {"id": "call_1", "type": "function", "function": function}
    (choice,) = (await ask(engine)).json["choices"]
    assert choice["message"]["content"] is None and choice["message"]["tool_calls"] == [call, call]
    assert choice["finish_reason"] == "tool_calls"
    pieces = pieces_of(await ask(engine, {**ASK, "stream": True}))
    deltas = [piece["choices"][0]["delta"].get("tool_calls") for piece in pieces]
    assert [delta for delta in deltas if delta] == [[{"index": 0, **call}], [{"index": 1, **call}]]
    assert pieces[-1]["choices"][0]["finish_reason"] == "tool_calls"


async def test_logprobs_in_both_forms() -> None:
    """Token, bytes, log-probability and alternatives, where they were asked for and only there."""
    engine = ScriptedEngine(Reply("two words", probability=0.5))
    body = {**ASK, "logprobs": True, "top_logprobs": 1}
    content = (await ask(engine, body)).json["choices"][0]["logprobs"]["content"]
    assert [one["token"] for one in content] == ["two", " words"]
    assert content[0]["bytes"] == list(b"two") and content[0]["top_logprobs"][0]["token"] == "two"
    pieces = pieces_of(await ask(engine, {**body, "stream": True}))
    streamed = [piece["choices"][0]["logprobs"] for piece in pieces]
    assert [one["content"][0]["token"] for one in streamed if one] == ["two", " words"]


async def test_n_runs_with_a_seed_each() -> None:
    """Several choices, each reproducible; the prompt is counted once, the answers all."""
    engine = ScriptedEngine(lambda request: Reply(f"seed {request.sampling.seed}"))
    got = (await ask(engine, {**ASK, "n": 3, "seed": 7})).json
    texts = [choice["message"]["content"] for choice in got["choices"]]
    assert texts == ["seed 7", "seed 8", "seed 9"]
    assert got["usage"]["prompt_tokens"] == 1 and got["usage"]["completion_tokens"] == 6
    assert len(got["tandem"]["receipts"]) == 3
    body = {**ASK, "n": 3, "seed": 7, "stream": True, "stream_options": {"include_usage": True}}
    pieces = pieces_of(await ask(engine, body))
    gathered = ["", "", ""]
    for piece in pieces[:-1]:
        (choice,) = piece["choices"]
        gathered[choice["index"]] += choice["delta"].get("content") or ""
    assert gathered == texts and len({piece["id"] for piece in pieces}) == 1
    assert pieces[-1]["usage"]["completion_tokens"] == 6


@pytest.mark.parametrize(
    "text", ['\u2028 \u0000 " \\ \n', "\U0001f600 \u4f60\u597d", "data: [DONE]\n\n"]
)
async def test_any_text_survives(text: str) -> None:
    """Quotes, line ends, emoji, and text that looks like the protocol."""
    engine = ScriptedEngine(Reply(text))
    assert (await ask(engine)).json["choices"][0]["message"]["content"] == text
    pieces = pieces_of(await ask(engine, {**ASK, "stream": True}))
    assert "".join(p["choices"][0]["delta"].get("content", "") for p in pieces) == text


async def test_models_are_listed() -> None:
    """All names, and each by itself, also one with a slash; an unknown one is 404."""
    models: dict[str, Mode | None] = {"tandem": None, "org/model": None}
    async with serving(made(ScriptedEngine(Reply("x")), models=models)) as port:

        async def get(path: str, method: str = "GET") -> Got:
            return await send(port, post(port, b"", path=path, method=method))

        listed = (await get("/v1/models")).json
        assert [one["id"] for one in listed["data"]] == ["tandem", "org/model"]
        assert set(listed["data"][0]) == {"id", "object", "created", "owned_by"}
        for path in ("/v1/models/org/model", "/v1/models/org%2Fmodel"):
            assert (await get(path)).json["id"] == "org/model"
        missing = await get("/v1/models/nonesuch")
        assert missing.status == 404 and missing.error["code"] == "model_not_found"
        asked = await send(port, post(port, {**ASK, "model": "nonesuch"}))
        assert asked.status == 404 and asked.error["param"] == "model"
        assert "tandem, org/model" in asked.error["message"]


async def test_health() -> None:
    """Alive and ready are different questions."""
    reasons: list[str | None] = ["the model is loading", None]
    app = made(ScriptedEngine(Reply("x")), ready=lambda: reasons[0])
    async with serving(app) as port:

        async def get(path: str) -> int:
            return (await send(port, post(port, b"", path=path, method="GET", token=None))).status

        assert [await get(path) for path in ("/health", "/health/live")] == [200, 200]
        assert await get("/health/ready") == 503
        reasons.pop(0)
        assert await get("/health/ready") == 200


async def test_a_preview_tells_what_would_leave_and_sends_nothing() -> None:
    """A chat completion's body, with origins and the user's word on things; data comes back."""
    asked: list[Request] = []

    def preview(request: Request) -> Departure:
        asked.append(request)
        item = Placeholder("Person 482", "person", "Ann", (Origin.MAIL,), reason="a rule")
        leaves = replace(request, messages=(message("user", "Ask Person 482"),))
        out = Outgoing("POST", "https://h/v1", (), b"{}")
        return Departure(out, "h", (item,), request=leaves)

    body = {
        "model": "tandem",
        "messages": [
            {"role": "tool", "tool_call_id": "1", "content": "x"},
            {"role": "user", "content": [{"type": "text", "text": "Ask Ann", "origin": "mail"}]},
        ],
        "tools": [{"type": "function", "function": {"name": "note", "effect": "reversible"}}],
        "tandem": {"covered": ["Person 482"]},
    }
    async with serving(made(ScriptedEngine(Reply("x")), preview=preview)) as port:
        answer = await send(port, post(port, body, path="/v1/chat/preview"))
    told = json.loads(answer.body)
    assert answer.status == 200 and told["type"] == "departure"
    assert told["items"][0]["value"] == "Ann" and told["items"][0]["is_covered"]
    assert told["messages"][0]["segments"][1] == {"text": "Person 482", "item": 0}
    (request,) = asked
    first, last = (each.content[0] for each in request.messages)
    assert isinstance(first, TextPart) and first.origin is Origin.TOOL
    assert isinstance(last, TextPart) and last.origin is Origin.MAIL
    assert request.tools[0].effect is Effect.REVERSIBLE
    assert request.covered == {"Person 482"}


async def test_embeddings() -> None:
    """Floats and base64 are the same vectors; a wrong number of dimensions is told."""
    engine = ScriptedEngine(Reply("x"))
    async with serving(made(engine, embedder=engine)) as port:

        async def embed(**more: Any) -> Got:
            body = {"model": "tandem", "input": ["a b", "c"], **more}
            return await send(port, post(port, body, path="/v1/embeddings"))

        got = (await embed()).json
        packed = (await embed(encoding_format="base64")).json
        raw = base64.b64decode(packed["data"][1]["embedding"])
        assert struct.unpack("<8f", raw) == pytest.approx(got["data"][1]["embedding"])
        assert [one["index"] for one in got["data"]] == [0, 1]
        assert got["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
        assert (await embed(dimensions=8)).status == 200
        wrong = await embed(dimensions=9)
        assert wrong.status == 400 and "8 dimensions" in wrong.error["message"]
        assert (await embed(model="nonesuch")).status == 404
    async with serving(made(engine)) as port:
        body = {"model": "tandem", "input": "a"}
        got_none = await send(port, post(port, body, path="/v1/embeddings"))
        assert got_none.status == 400 and got_none.error["code"] == "unsupported"


# --- who answered, and why ----------------------------------------------------------------------


@pytest.mark.parametrize("stream", [False, True])
async def test_place_reason_and_verdict_are_told(stream: bool) -> None:
    """In headers before the words, and in the `tandem` object with the receipt."""
    got = await ask(Decider(), {**ASK, "stream": stream})
    assert got.headers["x-tandem-place"] == "device" and got.headers["x-tandem-model"] == "pocket"
    assert got.headers["x-tandem-reason"] == "the device knows"
    assert got.headers["x-tandem-verdict"] == "accept"
    assert got.headers["x-request-id"]
    body = pieces_of(got)[-1] if stream else got.json
    assert stream or got.headers["x-tandem-entry"] == "entry-1"
    told = body["tandem"]
    assert told["route"]["threshold"] == 0.5 and told["verdict"]["confidence"] == 0.93
    receipt = told["receipt"]
    assert receipt["entry"] == "entry-1" and receipt["seconds"] == 0.25
    assert receipt["bytes_out"] == 0 and receipt["joules"] == 3.0
    assert receipt["money"] == {"amount": 0.5, "currency": "EUR"}


async def test_a_reason_cannot_forge_a_header() -> None:
    """Line ends and non-ASCII signs of a reason are replaced."""
    got = await ask(Decider("a\r\nx-evil: 1\u2028\u4f60"))
    assert got.status == 200 and "x-evil" not in got.headers


async def test_consent_is_the_settings_and_a_no_always_counts() -> None:
    """Nothing may leave by default; a request's yes counts only where the settings honour it."""
    yes, no = {"may_leave_device": True}, {"may_leave_device": False}
    for api, honour, said, wanted in (
        (False, False, None, False),
        (False, False, yes, False),
        (False, True, None, False),
        (False, True, yes, True),
        (False, True, no, False),
        (True, False, None, True),
        (True, True, no, False),
        (True, False, no, False),
    ):
        engine = ScriptedEngine(Reply("x"))
        body = {**ASK, **({"tandem": said} if said else {})}
        await ask(engine, body, api_may_leave=api, honour_request_consent=honour)
        assert engine.asked[0].may_leave_device is wanted, (api, honour, said)


async def test_a_models_name_stands_for_a_mode() -> None:
    """`tandem-device` is local-only whatever the request wishes."""
    engine = ScriptedEngine(Reply("x"))
    wish = {"tandem": {"mode": "cloud-only"}}
    async with serving(made(engine)) as port:
        for model in ("tandem", "tandem-device", "tandem-cloud"):
            await send(port, post(port, {**ASK, "model": model, **wish}))
    modes = [request.mode for request in engine.asked]
    assert modes == [Mode.CLOUD_ONLY, Mode.LOCAL_ONLY, Mode.CLOUD_ONLY]


# --- errors -------------------------------------------------------------------------------------

ERRORS: list[tuple[TandemError, int, str]] = [
    (ContextTooLong("m"), 400, "context_length_exceeded"),
    (Unsupported("m"), 400, "unsupported"),
    (Stays("m"), 403, "stays_on_device"),
    (Overloaded("m", retry_after_seconds=3), 429, "overloaded"),
    (CloudBusy("m", retry_after_seconds=9), 503, "cloud_busy"),
    (CloudTimeout("m"), 504, "cloud_timeout"),
    (CloudUnreachable("m"), 502, "cloud_unreachable"),
    (CloudBroken("m"), 502, "cloud_broken"),
    (DeviceFault("m"), 500, "device_fault"),
    (BadModel("m"), 500, "bad_model"),
]


@pytest.mark.parametrize(("error", "status", "code"), ERRORS, ids=lambda value: str(value))
@pytest.mark.parametrize("stream", [False, True])
async def test_an_error_before_the_first_word_has_its_status(
    error: TandemError, status: int, code: str, stream: bool
) -> None:
    """Streaming or not: nothing is sent until there is a first word."""
    got = await ask(ScriptedEngine(Reply("x", error=error)), {**ASK, "stream": stream})
    assert got.status == status and got.error["code"] == code
    assert got.headers["x-request-id"]
    if isinstance(error, (Overloaded, CloudBusy)):
        assert got.headers["retry-after"] == f"{error.retry_after_seconds:.0f}"


async def test_an_error_in_mid_stream_is_an_event_and_the_end() -> None:
    """The words so far, then the error, and no [DONE] that would make it look whole."""
    engine = ScriptedEngine(Reply("one two three", error=CloudBroken("broke"), fails_after=2))
    got = await ask(engine, {**ASK, "stream": True})
    pieces = pieces_of(got)
    assert got.status == 200 and b"[DONE]" not in got.body
    assert pieces[-1]["error"]["code"] == "cloud_broken"
    assert "".join(p["choices"][0]["delta"].get("content", "") for p in pieces[:-1]) == "one two"


class Buggy:
    """Fails as no engine should."""

    card = EngineCard("buggy", "m", Place.DEVICE)

    def __init__(self, num_words: int) -> None:
        self._num_words = num_words

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        for _ in range(self._num_words):
            yield TextDelta("word ")
        raise KeyError("the user's secret text")

    async def aclose(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize("num_words", [0, 2])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_bug_shows_no_traceback_and_no_text(
    num_words: int, stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The user gets a number, the log the kind and place; neither holds the message."""
    got = await ask(Buggy(num_words), {**ASK, "stream": stream})
    assert b"Traceback" not in got.body and b"KeyError" not in got.body
    assert b"secret" not in got.body and "secret" not in caplog.text
    assert "KeyError" in caplog.text and "generate:" in caplog.text
    if stream and num_words:
        assert pieces_of(got)[-1]["error"]["code"] == "bug"
    else:
        assert got.status == 500 and got.error["code"] == "bug"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"model": 1}', b"\xff", b'{"x": NaN}'])
async def test_a_bad_body_is_400(body: bytes) -> None:
    """In OpenAI's shape."""
    async with serving(made(ScriptedEngine(Reply("x")))) as port:
        got = await send(port, post(port, body))
    assert got.status == 400 and got.error["type"] == "invalid_request_error"


# --- hang-ups -----------------------------------------------------------------------------------


@pytest.fixture
async def slow() -> AsyncIterator[tuple[ScriptedEngine, int]]:
    engine = ScriptedEngine(Reply("word " * 1000, seconds_per_token=0.02))
    async with serving(made(engine)) as port:
        yield engine, port


async def gone_within(engine: ScriptedEngine, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while engine.num_running and loop.time() < end:  # noqa: ASYNC110 - the engine tells no events
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("how", ["close", "reset", "half"])
async def test_a_hang_up_stops_the_engine(
    slow: tuple[ScriptedEngine, int], stream: bool, how: str
) -> None:
    """Within 250 ms of the client's end, streaming or not, politely or not."""
    engine, port = slow
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(post(port, {**ASK, "stream": stream}))
    await asyncio.sleep(0.15)
    assert engine.num_running == 1
    if how == "reset":
        writer.transport.abort()
    elif how == "half":
        writer.write_eof()
    else:
        writer.close()
    await gone_within(engine, 0.25)
    assert engine.num_running == 0 and engine.num_cancelled == 1
    writer.close()


async def test_a_hundred_hang_ups_leave_no_place_taken() -> None:
    """Places are given back, whenever the client goes."""
    engine = ScriptedEngine(Reply("word " * 100, seconds_per_token=0.01))
    async with serving(made(engine)) as port:
        for number in range(100):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(post(port, {**ASK, "stream": bool(number % 2)}))
            await asyncio.sleep(0.001 * (number % 7))
            writer.close()
        await gone_within(engine, 1.0)
        assert engine.num_running == 0
        short = {**ASK, "max_tokens": 1}
        assert (await send(port, post(port, short))).status == 200


async def test_a_client_that_does_not_read_is_dropped() -> None:
    """Its place is free again after `stall_seconds`, though the connection stays open."""
    engine = ScriptedEngine(Reply(" ".join(["x" * 10_000] * 2000)))
    async with serving(made(engine, limits=Limits(stall_seconds=0.2))) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(post(port, {**ASK, "stream": True}))
        await asyncio.sleep(0.1)
        assert engine.num_running == 1
        await gone_within(engine, 2.0)
        assert engine.num_running == 0 and engine.num_cancelled == 1
        writer.close()
        del reader


async def test_many_at_once_get_their_own_words() -> None:
    """A hundred streams side by side do not mix."""
    engine = ScriptedEngine(lambda request: Reply(f"{request.messages[-1].text} " * 5))
    async with serving(made(engine, limits=None)) as port:

        async def one(number: int) -> bool:
            body = {"model": "tandem", "stream": number % 2 == 0}
            body["messages"] = [{"role": "user", "content": f"n{number}"}]
            got = await send(port, post(port, body))
            return got.body.count(f"n{number}".encode()) >= 5

        assert all(await asyncio.gather(*(one(number) for number in range(60))))


class Refusing:
    """An orchestrator that does not know."""

    card = EngineCard("orchestrator", "pocket", Place.DEVICE)

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        route = Route(Place.DEVICE, None, None, "asked first")
        verdict = Verdict(Ruling.REFUSE, 0.1, 0.8, "not sure")
        yield Decided(Place.DEVICE, "pocket", route, verdict)
        yield TextDelta("I don't know.")
        yield Finish("stop", Usage(1, 1))

    async def aclose(self) -> None:
        return None


@pytest.mark.parametrize("kind", ["text", "json_object"])
async def test_honest_words_are_no_json(kind: str) -> None:
    """Where JSON was asked for, "I don't know" stands in `refusal`; else it is the content."""
    body = ASK | {"response_format": {"type": kind}}
    got = (await ask(Refusing(), body)).json["choices"][0]["message"]
    place, other = ("content", "refusal") if kind == "text" else ("refusal", "content")
    assert got[place] == "I don't know." and got[other] is None
    deltas = [
        piece["choices"][0]["delta"]
        for piece in pieces_of(await ask(Refusing(), body | {"stream": True}))
    ]
    assert "I don't know." in [delta.get(place) for delta in deltas]
    assert "I don't know." not in [delta.get(other) for delta in deltas]
