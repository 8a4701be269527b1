"""Bad input over the real socket, against the real verifier: typed closes, others go on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from tandem.gguf_header import read_header
from tandem.joint.coupling import Draw
from tandem.joint.ports import Link
from tandem.joint.protocol import Chain, Close, Commit, Draft, Limits, Open, Opened
from tandem.joint.transport import connect
from tandem.joint.wire import decode, encode
from tandem.pairing.reaching import linked
from tandem.serve.joint import PATH
from tests.contracts.engine_contract import gathered, text_of
from tests.engines.tiny_gguf import write_tiny_gguf
from tests.pairing.clouds import Cloud, cloud, device, paired
from tests.pairing.test_remote import ASK
from tests.serving import TOKEN

LIMITS = Limits()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture
async def far(file: Path) -> AsyncIterator[Cloud]:
    async with cloud(file, num_seats=2) as opened:
        yield opened


@pytest.fixture
def opening(file: Path) -> Open:
    tokenizer = bytes.fromhex(read_header(file).tokenizer)
    return Open(b"0123456789abcdef", tokenizer, Draw(), (3, 40, 80), max_tokens=30)


async def link_to(far: Cloud) -> Link:
    return await linked(await paired(far.url))


async def heard(link: Link, *, seconds: float = 10.0) -> list[object]:
    """All messages until the link is gone or a close came."""
    messages: list[object] = []
    async with asyncio.timeout(seconds):
        while (frame := await link.receive()) is not None:
            messages.append(decode(frame, "cloud", LIMITS))
            if isinstance(messages[-1], Close):
                break
    await link.aclose()
    return messages


async def close_of(far: Cloud, *frames: bytes) -> Close:
    link = await link_to(far)
    for frame in frames:
        link.send(frame)
    last = (await heard(link))[-1]
    assert isinstance(last, Close)
    return last


async def still_answers(far: Cloud, file: Path) -> None:
    """Another device has its answer all the same."""
    async with device(file, await paired(far.url)) as near:
        alone = text_of(await gathered(far.engine.generate(ASK)))
        assert text_of(await gathered(near.door.generate(ASK))) == alone


async def test_each_fault_has_its_reason(far: Cloud, file: Path, opening: Open) -> None:
    """Wrong tokenizer, foreign version, malformed and oversized frames, illegal moves, positions
    that cannot be, ids outside the vocabulary: a typed close each, and the verifier lives on."""
    opened = encode(opening)
    lying = encode(Draft(500, ()))
    future = encode(Draft(0, (Chain(1_000_000, 0, (5,)),)))
    cases: list[tuple[str, tuple[bytes, ...]]] = [
        ("fingerprint", (encode(replace(opening, fingerprint=b"another")),)),
        ("version", (encode(replace(opening, version=99)),)),
        ("malformed", (b"\xff\x00 no message",)),
        ("malformed", (b"",)),
        ("malformed", (encode(replace(opening, prompt=(3, 99_999))),)),
        ("too_large", (bytes(LIMITS.frame_bytes + 1),)),
        ("too_large", (encode(replace(opening, max_tokens=5_000)),)),
        ("illegal_move", (encode(Draft(0, ())),)),
        ("malformed", (encode(Commit(0, (1,))),)),
        ("position", (opened, lying)),
        ("position", (opened, future)),
        ("unknown_session", (encode(replace(opening, prompt=(), have=3)),)),
    ]
    for number, (reason, frames) in enumerate(cases):
        session = number.to_bytes(16, "big")
        ours = tuple(
            f if f != opened else encode(replace(opening, session=session)) for f in frames
        )
        assert (await close_of(far, *ours)).reason == reason, (reason, number)
    await still_answers(far, file)


async def test_a_flood_of_drafts_ends_that_session_alone(
    far: Cloud, file: Path, opening: Open
) -> None:
    """Far more drafts than tokens: "flood"; another session goes on meanwhile."""
    link = await link_to(far)
    link.send(encode(replace(opening, max_tokens=400)))
    other = asyncio.ensure_future(still_answers(far, file))
    chain = tuple(range(6, 70))
    for round_ in range(1500):
        link.send(encode(Draft(0, tuple(Chain(400 + i, round_, chain) for i in range(8)))))
        if round_ % 50 == 0:
            await asyncio.sleep(0)
    last = (await heard(link))[-1]
    assert isinstance(last, Close) and last.reason in ("flood", "length")
    await other


async def test_whoever_does_not_read_is_not_decoded_for_ever(file: Path, opening: Open) -> None:
    """A client that says nothing and reads nothing holds one seat, at most until it is let go."""
    async with cloud(file, num_seats=2) as far:
        link = await link_to(far)
        link.send(encode(replace(opening, max_tokens=430)))
        await still_answers(far, file)
        await link.aclose()


async def test_no_seat_is_said_at_once(file: Path, opening: Open) -> None:
    """The third session of two seats: "busy"; nobody waits without a word."""
    async with cloud(file, pass_seconds=0.2, num_seats=2) as far:
        links = [await link_to(far) for _ in range(2)]
        for number, link in enumerate(links):
            link.send(encode(replace(opening, session=number.to_bytes(16, "big"))))
            assert isinstance(decode(await link.receive() or b"", "cloud", LIMITS), Opened)
        assert (await close_of(far, encode(opening))).reason == "busy"
        for link in links:
            await link.aclose()


async def test_random_frames_do_no_harm(far: Cloud, file: Path, opening: Open) -> None:
    """Mutated frames on many links; every link ends with a close or goes on, and others answer."""
    rng = random.Random(5)
    seeds = [encode(opening), encode(Draft(0, (Chain(0, 0, (5, 6)),))), encode(Close("cancelled"))]
    for _ in range(60):
        link = await link_to(far)
        for _ in range(20):
            frame = bytearray(rng.choice(seeds))
            for _ in range(rng.randrange(4)):
                frame[rng.randrange(len(frame))] = rng.randrange(256)
            link.send(bytes(frame[: rng.randrange(1, len(frame) + 1)]))
        await link.aclose()
    await still_answers(far, file)


async def test_the_upgrade_has_the_same_checks_as_any_request(far: Cloud) -> None:
    """No token, a wrong one, a foreign page, another text, another path: refused with a status."""
    text = far.hall.text_print
    good = {"Authorization": f"Bearer {TOKEN}", "X-Tandem-Text": text}
    cases = [
        (401, {"X-Tandem-Text": text}, PATH),
        (401, {**good, "Authorization": "Bearer wrong"}, PATH),
        (403, {**good, "Origin": "https://evil.example"}, PATH),
        (403, {**good, "Host": "evil.example"}, PATH),
        (409, {**good, "X-Tandem-Text": "another"}, PATH),
        (409, {"Authorization": f"Bearer {TOKEN}"}, PATH),
        (404, good, "/v1/chat/completions"),
    ]
    async with aiohttp.ClientSession() as session:
        for status, headers, path in cases:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"ws://127.0.0.1:{far.port}{path}", headers=headers)
            assert refused.value.status == status
        async with session.get(f"{far.url}/joint") as response:
            assert response.status == 401
    link = await connect(f"ws://127.0.0.1:{far.port}{PATH}", headers=good)
    await link.aclose()
