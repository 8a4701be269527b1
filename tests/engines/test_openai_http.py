"""The OpenAI-compatible remote, over real sockets, against good servers and bad ones."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tandem.engines.door import Door
from tandem.engines.openai_http import OpenAIRemote
from tandem.engines.round_trip import Limits
from tandem.engines.scripted import Reply, ScriptedEngine
from tandem.errors import (
    BadSettings,
    CloudBroken,
    CloudBusy,
    CloudRejected,
    CloudTimeout,
    CloudUnreachable,
    ContextTooLong,
    TandemError,
    Unsupported,
)
from tandem.policy.leaving import AsItCame
from tandem.ports import Encode
from tandem.privacy.audit import MemoryAudit
from tandem.types import (
    Departure,
    Event,
    Finish,
    Message,
    Request,
    ResponseFormat,
    Sampling,
    TextDelta,
    Tool,
    ToolCall,
    ToolChoice,
    message,
)
from tests import faulty_upstream as far
from tests.contracts.engine_contract import EngineContract, gathered, text_of
from tests.serving import TOKEN, served

ASK = Request((message("user", "a question"),), may_leave_device=True)
QUICK = Limits(
    connect_seconds=0.5,
    first_byte_seconds=0.3,
    idle_seconds=0.3,
    total_seconds=1.0,
    max_bytes_in=200_000,
)


def remote_to(url: str, **options: Any) -> OpenAIRemote:
    return OpenAIRemote(url, "up", limits=options.pop("limits", QUICK), **options)


async def answer(remote: OpenAIRemote, request: Request = ASK) -> list[Event]:
    try:
        return await gathered(remote.send(remote.encode(request), request))
    finally:
        await remote.aclose()


async def answer_of(behaviour: far.Behaviour, request: Request = ASK) -> list[Event]:
    async with far.upstream(behaviour) as cloud:
        return await answer(remote_to(cloud.url), request)


def end_of(events: list[Event]) -> Finish:
    assert isinstance(events[-1], Finish)
    return events[-1]


# --- the contract -------------------------------------------------------------------------------


class OpenGuard:
    """Lets everything out: what may leave is tested with the policies."""

    def departure(self, request: Request, encode: Encode, *, is_preview: bool = False) -> Departure:
        return Departure(encode(request), "127.0.0.1", request=request)

    def restoring(self, request: Request, departure: Departure) -> AsItCame:
        return AsItCame()


class TestOpenAIRemoteInItsDoor(EngineContract):
    """The same promises as any engine's, across two real servers and a door."""

    @pytest.fixture
    async def engine(self) -> AsyncIterator[Door]:
        words = Reply("one two three four five six seven eight nine ten", seconds_per_token=0.002)
        async with served(ScriptedEngine(words)) as url:
            remote = OpenAIRemote(url, "scripted", credential=lambda: TOKEN, dialect="tandem")
            door = Door(remote, OpenGuard(), MemoryAudit())
            yield door
            await door.aclose()


# --- what leaves --------------------------------------------------------------------------------


async def test_the_bytes_sent_are_the_bytes_encoded_and_all_are_counted() -> None:
    """The preview is what leaves; only the credential is added; the receipt counts every byte."""
    async with far.upstream(far.streams(*far.GOOD)) as cloud:
        remote = remote_to(cloud.url, credential=lambda: "secret-key", credential_name="KEY")
        outgoing = remote.encode(ASK)
        events = await answer(remote)
    (raw,) = cloud.requests
    head, _, body = raw.partition(b"\r\n\r\n")
    assert body == outgoing.body
    lines = {f"{name}: {value}".encode() for name, value in outgoing.headers}
    assert set(head.split(b"\r\n")[1:]) == lines | {b"Authorization: Bearer secret-key"}
    assert b"secret-key" not in repr(outgoing).encode() and outgoing.credential_name == "KEY"
    assert end_of(events).usage.num_bytes_out == len(raw)


def test_the_same_request_has_the_same_bytes() -> None:
    """Encoding is pure, and neither the conversation's id nor the user's mode leaves."""
    remote = OpenAIRemote("https://api.example.com/v1", "m")
    first = remote.encode(replace(ASK, conversation_id="c-1"))
    assert first == remote.encode(replace(ASK, conversation_id="c-2"))


def test_all_wishes_are_in_the_body() -> None:
    """Tools, formats, sampling and history arrive in OpenAI's form."""
    request = Request(
        messages=(
            message("system", "be brief"),
            message("user", "q"),
            Message("assistant", tool_calls=(ToolCall("c1", "find", '{"a":1}'),)),
            Message("tool", message("tool", "found").content, tool_call_id="c1"),
        ),
        tools=(Tool("find", "finds", {"type": "object"}, strict=True),),
        tool_choice=ToolChoice("named", "find"),
        parallel_tool_calls=False,
        response_format=ResponseFormat("json_schema", {"type": "object"}, "thing"),
        sampling=Sampling(0.5, 0.9, 40, 0.1, 0.2, 0.3, 12, 7, ("END",), 2),
    )
    body = json.loads(OpenAIRemote("http://localhost/v1", "m", dialect="vllm").encode(request).body)
    call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"a":1}'}}
    assert body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "content": "found", "tool_call_id": "c1"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 40,
        "min_p": 0.1,
        "presence_penalty": 0.2,
        "frequency_penalty": 0.3,
        "max_tokens": 12,
        "seed": 7,
        "stop": ["END"],
        "logprobs": True,
        "top_logprobs": 2,
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "find",
                    "description": "finds",
                    "parameters": {"type": "object"},
                    "strict": True,
                },
            }
        ],
        "parallel_tool_calls": False,
        "tool_choice": {"type": "function", "function": {"name": "find"}},
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "thing", "schema": {"type": "object"}, "strict": True},
        },
    }


@pytest.mark.parametrize(
    ("dialect", "limit", "has_top_k"),
    [
        ("openai", "max_completion_tokens", False),
        ("generic", "max_tokens", False),
        ("vllm", "max_tokens", True),
        ("sglang", "max_tokens", True),
        ("ollama", "max_tokens", False),
        ("llama-server", "max_tokens", True),
        ("tandem", "max_tokens", True),
    ],
)
def test_each_dialect_has_its_own_fields(dialect: str, limit: str, has_top_k: bool) -> None:
    """The limit's name differs, and unknown wishes are not sent where they would be an error."""
    request = replace(ASK, sampling=Sampling(top_k=5, max_output_tokens=9))
    remote = OpenAIRemote("http://localhost/v1", "m", dialect=dialect)
    body = json.loads(remote.encode(request).body)
    assert body[limit] == 9
    assert ("top_k" in body) is has_top_k


def test_openai_is_known_by_its_host() -> None:
    """The dialect "auto" uses OpenAI's own field there, and the common one elsewhere."""
    request = replace(ASK, sampling=Sampling(max_output_tokens=9))
    for url, field in (
        ("https://api.openai.com/v1", "max_completion_tokens"),
        ("https://api.openai.com.example.org/v1", "max_tokens"),
    ):
        assert field in json.loads(OpenAIRemote(url, "m").encode(request).body)


def test_a_grammar_goes_only_where_it_is_understood() -> None:
    """GBNF is llama-server's; another server is not asked for what it would pass over."""
    request = replace(ASK, response_format=ResponseFormat("grammar", grammar='root ::= "a"'))
    known = OpenAIRemote("http://localhost/v1", "m", dialect="llama-server")
    assert json.loads(known.encode(request).body)["grammar"] == 'root ::= "a"'
    with pytest.raises(Unsupported):
        OpenAIRemote("http://localhost/v1", "m", dialect="openai").encode(request)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com/v1",
        "ftp://api.example.com/v1",
        "http://api.example.com/v1",
        "https://user:pass@api.example.com/v1",
        "https://api.example.com/v1?key=1",
        "http://127.0.0.1.example.com/v1",
        "http://localhost.example.com/v1",
        "http://[::1/v1",
        "https://api.example.com\\@evil.example/v1",
        "https:///v1",
    ],
)
def test_a_doubtful_url_is_a_settings_fault(url: str) -> None:
    """No URL, plain http off this machine, a password inside, a host read in two ways."""
    with pytest.raises(BadSettings):
        OpenAIRemote(url, "m")


def test_plain_http_can_be_allowed_by_name() -> None:
    """In a network of one's own, when the settings say so; on loopback always."""
    OpenAIRemote("http://10.0.0.5:8000/v1", "m", allow_plain_http=True)
    for host in ("127.0.0.1:1", "localhost", "[::1]:80"):
        OpenAIRemote(f"http://{host}/v1", "m")


async def test_a_request_for_another_address_is_not_sent() -> None:
    """The credential is bound to its host: bytes made for another address are refused."""
    other = OpenAIRemote("https://other.example/v1", "m").encode(ASK)
    remote = remote_to("http://127.0.0.1:9/v1", credential=lambda: "k")
    with pytest.raises(BadSettings):
        await gathered(remote.send(other, ASK))


# --- good answers -------------------------------------------------------------------------------


async def test_a_stream_becomes_events() -> None:
    """Text as it comes, the server's own counts, the reason."""
    events = await answer_of(
        far.streams(
            far.delta("a"), far.delta("b"), far.finish("length"), far.usage(7, 3, 2), far.DONE
        )
    )
    assert text_of(events) == "ab"
    end = end_of(events)
    assert end.reason == "length"
    assert (end.usage.input_tokens, end.usage.output_tokens, end.usage.cached_tokens) == (7, 3, 2)
    assert not end.usage.is_estimated and end.usage.num_bytes_in > 0
    assert end.usage.seconds_to_first_token is not None


async def test_words_are_passed_on_as_they_come() -> None:
    """No word waits for the next one; those that came together are one delta."""

    async def behave(exchange: far.Exchange) -> None:
        await exchange.send(far.OK)
        for number in range(3):
            await exchange.piece(far.delta(f"{number}a") + far.delta(f"{number}b"))
            await asyncio.sleep(0.05)
        await exchange.piece(far.finish() + far.DONE)
        await exchange.send(b"0\r\n\r\n")

    texts: list[str] = []
    started = time.monotonic()
    async with far.upstream(behave) as cloud:
        remote = remote_to(cloud.url)
        async with aclosing(remote.send(remote.encode(ASK), ASK)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    texts.append(event.text)
                    assert time.monotonic() - started < 0.05 * len(texts)
        await remote.aclose()
    assert texts == ["0a0b", "1a1b", "2a2b"]


async def test_byte_by_byte_is_the_same_stream() -> None:
    """However the packets are cut, and with CR LF, comments and names of events between."""
    noise = (b": ping\n\n", b"event: message\n", far.delta("h\u00e9 \u4f60\U0001f600"))
    events = await answer_of(far.trickles(*noise, far.finish(), far.DONE))
    assert text_of(events) == "h\u00e9 \u4f60\U0001f600"


async def test_counts_that_are_ours_are_marked() -> None:
    """A server that counts nothing gets an estimate that says so."""
    events = await answer_of(far.streams(far.delta("a"), far.delta("b"), far.finish(), far.DONE))
    usage = end_of(events).usage
    assert usage.is_estimated and usage.output_tokens == 2 and usage.input_tokens > 0


async def test_a_stream_may_end_without_done() -> None:
    """A finish reason is an end, as some servers send no [DONE]."""
    assert text_of(await answer_of(far.streams(far.delta("a"), far.finish()))) == "a"


async def test_a_whole_reply_to_a_stream_request_is_taken() -> None:
    """Some servers do not stream."""
    body = {
        "choices": [
            {
                "message": {"role": "assistant", "content": "all", "tool_calls": None},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1},
    }
    events = await answer_of(far.replies(200, json.dumps(body).encode()))
    assert text_of(events) == "all" and not end_of(events).usage.is_estimated


def pieces_of_calls(*, is_numbered: bool) -> list[bytes]:
    calls: list[dict[str, Any]] = [
        {"index": 0, "id": "c1", "function": {"name": "one", "arguments": ""}},
        {"index": 0, "function": {"arguments": '{"a"'}},
        {"index": 0, "function": {"arguments": ": 1}"}},
        {"index": 1, "id": "c2", "function": {"name": "two", "arguments": None}},
    ]
    for call in calls:
        if not is_numbered:
            del call["index"]
    return [far.event([{"index": 0, "delta": {"tool_calls": [call]}}]) for call in calls]


@pytest.mark.parametrize("is_numbered", [True, False])
async def test_pieces_of_tool_calls_become_whole_calls(is_numbered: bool) -> None:
    """In order, with their ids; an empty argument is an empty object; with or without numbers."""
    pieces = pieces_of_calls(is_numbered=is_numbered)
    events = await answer_of(far.streams(*pieces, far.finish("stop"), far.DONE))
    assert events[:-1] == [ToolCall("c1", "one", '{"a": 1}'), ToolCall("c2", "two", "{}")]
    assert end_of(events).reason == "tool_calls"


async def test_logprobs_come_with_their_text() -> None:
    """Tokens, bytes and alternatives, as asked."""
    top = [{"token": "x", "logprob": -2.0, "bytes": [120]}]
    token = {"token": "\u00e9", "logprob": -0.5, "bytes": [195, 169], "top_logprobs": top}
    piece = far.delta("\u00e9", logprobs={"content": [token]})
    events = await answer_of(far.streams(piece, far.finish(), far.DONE))
    assert isinstance(events[0], TextDelta)
    (told,) = events[0].logprobs
    assert (told.token_bytes, told.logprob, told.top) == ("\u00e9".encode(), -0.5, (("x", -2.0),))


async def test_a_connection_is_used_again() -> None:
    """A second question needs no second handshake."""
    async with far.upstream(far.streams(*far.GOOD)) as cloud:
        remote = remote_to(cloud.url)
        for _ in range(3):
            await gathered(remote.send(remote.encode(ASK), ASK))
        await remote.aclose()
    assert cloud.num_connections == 1


async def test_embeddings_come_in_order() -> None:
    """Vectors by their index, and the tokens read."""
    data = [{"index": 1, "embedding": [2.0]}, {"index": 0, "embedding": [1.0]}]
    body = json.dumps({"data": data, "usage": {"prompt_tokens": 4}}).encode()
    async with far.upstream(far.replies(200, body)) as cloud:
        remote = remote_to(cloud.url)
        outgoing = remote.encode_embedding(["a", "b"])
        assert await remote.send_embedding(outgoing, 2) == ([[1.0], [2.0]], 4)
        with pytest.raises(CloudBroken):
            await remote.send_embedding(remote.encode_embedding(["a"]), 1)
        await remote.aclose()


# --- faults -------------------------------------------------------------------------------------

LONG = b'{"error":{"message":"m","type":"t","code":"context_length_exceeded"}}'
QUOTA = b'{"error":{"message":"m","type":"t","code":"insufficient_quota"}}'
CUT = far.OK + b"%x\r\n%s\r\n" % (len(far.delta("a")), far.delta("a"))
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

FAULTS: dict[str, tuple[far.Behaviour, type[TandemError], str]] = {
    "reset before the head": (far.says(b""), CloudUnreachable, "closed"),
    "no HTTP": (far.says(b"220 mail.example ESMTP\r\n\r\n"), CloudBroken, "HTTP"),
    "endless headers": (far.says(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70000), CloudBroken, "HTTP"),
    "silence": (far.hangs(), CloudTimeout, "first byte"),
    "head, then silence": (far.hangs(far.OK), CloudTimeout, "first byte"),
    "text, then silence": (far.hangs(CUT), CloudTimeout, "idle"),
    "drop by drop": (far.never_ends(b": ping\n", pause_seconds=0.02), CloudTimeout, "total"),
    "401": (far.replies(401, b'{"error":{"code":"invalid_api_key"}}'), CloudRejected, "MY_KEY"),
    "403": (far.replies(403, b"no"), CloudRejected, "MY_KEY"),
    "402": (far.replies(402, b""), CloudRejected, "credit"),
    "404": (far.replies(404, b"<html>"), CloudRejected, "URL"),
    "400": (far.replies(400, b'{"error":{"code":"bad_thing"}}'), CloudRejected, "bad_thing"),
    "400, too long": (far.replies(400, LONG), ContextTooLong, "context"),
    "llama-server, too long": (
        far.replies(400, b'{"error":{"type":"exceed_context_size_error","message":"m"}}'),
        ContextTooLong,
        "context",
    ),
    "vLLM, too long": (
        far.replies(400, b'{"object":"error","message":"maximum context length is 8"}'),
        ContextTooLong,
        "context",
    ),
    "429": (far.replies(429, b"", "Retry-After: 7"), CloudBusy, "7 s"),
    "429, quota": (far.replies(429, QUOTA), CloudRejected, "quota"),
    "503": (far.replies(503, b"", "Retry-After: nonsense"), CloudBusy, "later"),
    "500": (far.replies(500, b"Traceback"), CloudBroken, "500"),
    "502": (far.replies(502, b"<html>"), CloudBroken, "502"),
    "redirect": (
        far.replies(307, b"", "Location: http://127.0.0.2:1/"),
        CloudRejected,
        "redirects",
    ),
    "web page": (far.replies(200, b"<html>", kind="text/html"), CloudBroken, "URL"),
    "malformed JSON": (far.streams(b"data: {nonsense\n\n"), CloudBroken, "malformed"),
    "wrong types": (far.streams(b'data: {"choices": 3}\n\n'), CloudBroken, "malformed"),
    "malformed whole": (far.replies(200, b"{"), CloudBroken, "malformed"),
    "deep JSON": (far.streams(b"data: " + b"[" * 50000 + b"\n\n"), CloudBroken, "malformed"),
    "invalid UTF-8": (
        far.streams(b'data: {"choices":[{"delta":{"content":"\xff\xfe"}}]}\n\n'),
        CloudBroken,
        "malformed",
    ),
    "cut in mid-stream": (far.says(CUT), CloudBroken, "broke off"),
    "cut without length": (far.says(PLAIN + far.delta("a")), CloudBroken, "broke off"),
    "ended without an end": (far.streams(far.delta("a")), CloudBroken, "broke off"),
    "empty stream": (far.streams(), CloudBroken, "broke off"),
    "done without a word": (far.streams(far.DONE), CloudBroken, "broke off"),
    "compressed": (
        far.replies(200, b"\x1f\x8b", "Content-Encoding: gzip"),
        CloudBroken,
        "compressed",
    ),
    "endless bytes": (far.never_ends(b": " + b"x" * 4000 + b"\n"), CloudBroken, "never ends"),
    "endless line": (far.never_ends(b"x" * 4000), CloudBroken, "never ends"),
    "endless tokens": (far.never_ends(far.delta("a ")), CloudBroken, "number of tokens"),
    "error in mid-stream": (
        far.streams(far.delta("a"), b'data: {"error":{"message":"m","code":"server_down"}}\n\n'),
        CloudBroken,
        "server_down",
    ),
    "busy in mid-stream": (
        far.streams(far.delta("a"), b'data: {"error":{"type":"overloaded_error"}}\n\n'),
        CloudBusy,
        "busy",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_fault_is_the_clouds_and_says_what_to_do(fault: str) -> None:
    """The right kind of error, naming the cause, within the limits; never a raw exception."""
    behaviour, kind, words = FAULTS[fault]
    request = replace(ASK, sampling=Sampling(max_output_tokens=8))
    started = time.monotonic()
    async with far.upstream(behaviour) as cloud:
        remote = remote_to(cloud.url, credential=lambda: "k", credential_name="MY_KEY")
        with pytest.raises(kind, match=words):
            await answer(remote, request)
    assert time.monotonic() - started < 3.0
    assert len(cloud.requests) == 1, "one round trip, whatever comes back"


async def test_an_error_never_quotes_what_the_server_said() -> None:
    """A server's message may hold the user's text, so it is not passed on."""
    body = b'{"error":{"message":"cannot answer: my secret question","code":"my secret question"}}'
    async with far.upstream(far.replies(400, body)) as cloud:
        with pytest.raises(CloudRejected) as caught:
            await answer(remote_to(cloud.url))
    assert "secret" not in str(caught.value)


async def test_retry_after_may_be_a_date() -> None:
    """RFC 9110 allows both; an absurd figure is cut to an hour."""
    for told, wanted in (("Mon, 23 Nov 2026 20:00:30 GMT", 30.0), ("1e9", 3600.0), ("nan", None)):
        async with far.upstream(far.replies(429, b"", f"Retry-After: {told}")) as cloud:
            remote = remote_to(cloud.url, now=lambda: 1795464000.0)
            with pytest.raises(CloudBusy) as caught:
                await answer(remote)
        assert caught.value.retry_after_seconds == wanted


async def test_nobody_listens_is_tried_twice() -> None:
    """A refused connection is tried once more, then it is the cloud's fault."""
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with pytest.raises(CloudUnreachable, match="does not take connections"):
        await answer(remote_to(f"http://127.0.0.1:{port}/v1"))


async def test_a_server_that_comes_up_between_two_tries_answers() -> None:
    """The second try of a connection can succeed, and no byte was sent before it."""
    async with far.upstream(far.streams(*far.GOOD)) as cloud:
        port = int(cloud.url.split(":")[2].split("/")[0])
    remote = remote_to(f"http://127.0.0.1:{port}/v1")
    asking = asyncio.ensure_future(answer(remote))
    await asyncio.sleep(0.02)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(PLAIN + b"".join(far.GOOD))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        assert text_of(await asking) == "The right words."
    finally:
        server.close()


@pytest.mark.network  # a name server is asked, though the name can never exist (RFC 6761)
async def test_an_unknown_host_is_named() -> None:
    """A name that does not resolve is told apart from a server that is down."""
    with pytest.raises(CloudUnreachable, match=r"no host nonesuch\.invalid"):
        await answer(
            remote_to("https://nonesuch.invalid/v1", limits=replace(QUICK, connect_seconds=5))
        )


async def test_an_untrusted_certificate_is_refused(tmp_path: Path) -> None:
    """TLS is always checked; the credential never reaches a stranger."""
    context = self_signed(tmp_path)
    async with far.upstream(far.streams(*far.GOOD), tls=context) as cloud:
        with pytest.raises(CloudUnreachable, match="certificate"):
            await answer(remote_to(cloud.url, credential=lambda: "k"))
    assert cloud.requests == []


async def test_a_trusted_certificate_is_taken(tmp_path: Path) -> None:
    """The counterpart, so that the refusal above is the certificate's."""
    context = self_signed(tmp_path)
    trusting = ssl.create_default_context(cafile=tmp_path / "certificate.pem")
    async with far.upstream(far.streams(*far.GOOD), tls=context) as cloud:
        events = await answer(remote_to(cloud.url, ssl_context=trusting))
    assert text_of(events) == "The right words."


def self_signed(folder: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that nobody vouches for."""
    pytest.importorskip("cryptography")
    from tests.certificates import write_certificate

    write_certificate(folder / "certificate.pem", folder / "key.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


async def test_a_key_with_a_line_break_is_not_sent() -> None:
    """It could forge a header."""
    async with far.upstream(far.streams(*far.GOOD)) as cloud:
        with pytest.raises(CloudRejected, match="key"):
            await answer(remote_to(cloud.url, credential=lambda: "k\r\nX-Evil: 1"))
    assert cloud.requests == []


# --- hanging up ---------------------------------------------------------------------------------


async def test_an_early_close_reaches_the_server_at_once() -> None:
    """The server sees the connection end within 250 ms, so it can stop its work."""
    async with far.upstream(far.hangs(CUT)) as cloud:
        remote = remote_to(cloud.url, limits=Limits())
        stream = remote.send(remote.encode(ASK), ASK)
        async with aclosing(stream):
            assert isinstance(await anext(stream), TextDelta)
            closed_at = time.monotonic()
        await asyncio.wait_for(cloud.gone.wait(), 2)
        assert cloud.gone_at is not None and cloud.gone_at - closed_at < 0.25
        await remote.aclose()


async def test_a_cancelled_task_hangs_up_before_the_first_byte() -> None:
    """While the cloud is still thinking, a cancel closes the connection too."""
    async with far.upstream(far.hangs()) as cloud:
        remote = remote_to(cloud.url, limits=Limits())
        task = asyncio.ensure_future(gathered(remote.send(remote.encode(ASK), ASK)))
        await asyncio.wait_for(cloud.asked.wait(), 2)
        task.cancel()
        cancelled_at = time.monotonic()
        await asyncio.wait_for(cloud.gone.wait(), 2)
        assert cloud.gone_at is not None and cloud.gone_at - cancelled_at < 0.25
        with pytest.raises(asyncio.CancelledError):
            await task
        await remote.aclose()


async def test_a_slow_reader_meets_no_time_limit_of_ours() -> None:
    """Time that our own user takes between two words is not held against the cloud."""
    async with far.upstream(far.streams(*far.GOOD)) as cloud:
        remote = remote_to(cloud.url, limits=replace(QUICK, total_seconds=5))
        texts: list[str] = []
        async with aclosing(remote.send(remote.encode(ASK), ASK)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    texts.append(event.text)
                    await asyncio.sleep(0.4)
        await remote.aclose()
    assert "".join(texts) == "The right words."


async def test_the_requests_own_deadline_counts() -> None:
    """A deadline shorter than the limit ends the wait."""
    request = replace(ASK, deadline_seconds=0.1)
    async with far.upstream(far.hangs()) as cloud:
        remote = remote_to(cloud.url, limits=Limits())
        with pytest.raises(CloudTimeout, match=r"total: 0\.1 s"):
            await answer(remote, request)
