"""Messages, bytes, the table of moves, and what 100,000 hostile frames do: nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.joint.connection import CloudConnection, Committed, DeviceConnection
from tandem.joint.coupling import Draw
from tandem.joint.passes import Rest, perform
from tandem.joint.protocol import (
    FOLD_BITS,
    MOVES,
    REASONS,
    VERSION,
    Chain,
    Close,
    Commit,
    Draft,
    Limits,
    Message,
    Open,
    Opened,
    Party,
    ProtocolFault,
    State,
    fold,
)
from tandem.joint.replay import FINGERPRINT, ReplayTarget, trace_target
from tandem.joint.verifying import Bounds, Verifier
from tandem.joint.wire import Context, decode, encode, pack, unpack

LIMITS = Limits()
NAME = bytes(range(16))
OPEN = Open(NAME, FINGERPRINT, Draw(0.7, 40, 0.9, 0.05, 1 << 63), (1, 2, 300), max_tokens=8)
OPENED = Opened("tower", "certified", 16, 0.03, 0.01, True)

ids = st.lists(st.integers(0, 1 << 20), min_size=1, max_size=40).map(tuple)
chains = st.builds(
    lambda start, parent, tokens, num: Chain(
        start + 5000, parent, tokens, tuple(None if t % 3 else t + 1 for t in tokens[:num])
    ),
    st.integers(0, 4000),
    st.integers(0, (1 << FOLD_BITS) - 1),
    ids,
    st.integers(0, 40),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(chains, max_size=8).map(tuple), st.booleans(), st.integers(0, 2047))
def test_drafts_come_back_as_they_were(sent: tuple[Chain, ...], again: bool, more: int) -> None:
    """Bytes and back, for a cloud that is less than the window ahead."""
    draft = Draft(5000, sent, again)
    assert decode(encode(draft), "device", LIMITS, Context(length=5000 + more)) == draft


@settings(max_examples=200, deadline=None)
@given(st.integers(8, 24), st.integers(0, 1 << 17), st.integers(-1024, 1023), st.data())
def test_commits_come_back_as_they_were(
    id_bits: int, start: int, ahead: int, data: st.DataObject
) -> None:
    """Bytes and back, for every width of ids and a device half a window behind or ahead."""
    told = tuple(data.draw(st.lists(st.integers(0, (1 << id_bits) - 1), min_size=1)))
    context = Context(id_bits, max(0, start - ahead))
    commit = Commit(start, told)
    assert decode(encode(commit, id_bits), "cloud", LIMITS, context) == commit


@pytest.mark.parametrize(
    ("message", "sender"),
    [
        (OPEN, "device"),
        (OPENED, "cloud"),
        (Commit(300, (1, 128, 70_000)), "cloud"),
        (Close("stop", "", 5, 2, 9), "cloud"),
    ],
)
def test_messages_come_back_as_they_were(message: Message, sender: Party) -> None:
    """Bytes and back."""
    assert decode(encode(message), sender, LIMITS, Context(length=300)) == message


def test_the_frequent_messages_are_small() -> None:
    """Ids of 12 bits: a commit of one takes 3 bytes, a draft of three 10."""
    assert len(encode(Commit(300, (4000,)), 12)) == 3
    assert len(encode(Draft(300, (Chain(302, 77, (4000, 3, 2000)),)), 12)) == 10


@given(st.lists(st.integers(0, (1 << 35) - 1)))
def test_numbers_pack(numbers: list[int]) -> None:
    """Varints and back."""
    assert unpack(pack(numbers)) == numbers


def test_the_fold_depends_on_every_id() -> None:
    """One id more, less or other gives another fold (nearly always)."""
    base = fold(0, (1, 2, 3))
    assert len({base, fold(0, (1, 2)), fold(0, (1, 2, 4)), fold(0, (2, 1, 3)), 0}) == 5
    assert fold(fold(0, (1, 2)), (3,)) == base


BAD: list[tuple[bytes, Party, str]] = [
    (b"", "device", "malformed"),
    (b"\xc1", "device", "malformed"),
    (b"\x00" * (LIMITS.frame_bytes + 1), "device", "too_large"),
    (msgspec.msgpack.encode([9, 1]), "device", "malformed"),
    (msgspec.msgpack.encode(b""), "cloud", "malformed"),
    (b"\x00\x00", "cloud", "malformed"),
    (encode(Commit(0, (1,)))[:-1], "cloud", "malformed"),
    (encode(Commit(0, (1,)), 8) + b"\x01", "cloud", "malformed"),
    (b"\x00", "device", "malformed"),
    (encode(Draft(0, (Chain(0, 1, (1, 2)),)))[:-1], "device", "malformed"),
    (encode(Draft(0)) + b"\x00\x00", "device", "malformed"),
    (encode(Draft(0, (Chain(0, 1, (1,), (2, 3)),))), "device", "malformed"),
    (encode(replace(OPEN, id_bits=7)), "device", "malformed"),
    (encode(Close("nonsense")), "cloud", "malformed"),
    (encode(Open(b"short", FINGERPRINT, Draw(), (1,))), "device", "malformed"),
    (encode(Open(NAME, FINGERPRINT, Draw(float("nan")), (1,))), "device", "malformed"),
    (encode(Open(NAME, FINGERPRINT, Draw(top_p=0.0), (1,))), "device", "malformed"),
    (encode(Open(NAME, FINGERPRINT, Draw(), (1,), max_tokens=0)), "device", "malformed"),
    (encode(Open(NAME, FINGERPRINT, Draw(), (1,), version=VERSION + 1)), "device", "version"),
    (encode(Draft(0, (Chain(0, 1, (1,) * 65),))), "device", "malformed"),
    (encode(Draft(0, (Chain(0, 1, (1,)),) * 17)), "device", "malformed"),
]


@pytest.mark.parametrize(("frame", "sender", "reason"), BAD)
def test_bad_frames_have_a_reason(frame: bytes, sender: Party, reason: str) -> None:
    """Each is refused by name."""
    with pytest.raises(ProtocolFault) as caught:
        decode(frame, sender, LIMITS)
    assert caught.value.reason == reason
    assert caught.value.reason in REASONS


def test_every_move_that_is_not_in_the_table_is_illegal() -> None:
    """Nobody says the other's lines, and nobody speaks before an open."""
    kinds: list[type[Any]] = [Open, Opened, Draft, Commit, Close]
    device = {kind for (_, party, kind) in MOVES if party == "device"}
    cloud = {kind for (_, party, kind) in MOVES if party == "cloud"}
    assert device == {Open, Draft, Close} and cloud == {Opened, Commit, Close}
    assert [move for move in MOVES if move[0] is State.NEW] == [(State.NEW, "device", Open)]
    assert {kind for _, _, kind in MOVES} == set(kinds)


# --- connections ----------------------------------------------------------------------------------


def connected() -> DeviceConnection:
    """A device's half that is open."""
    device = DeviceConnection(OPEN)
    device.link_made()
    device.outgoing()
    device.receive(encode(OPENED))
    return device


def test_commits_may_come_doubled_late_and_out_of_order() -> None:
    """The text is the same, each token told once."""
    parts = [Commit(0, (1, 2)), Commit(2, (3,)), Commit(3, (4, 5)), Commit(5, (6, 7, 8))]
    for seed in range(200):
        rng = random.Random(seed)
        frames = [encode(part) for part in parts] * 2
        rng.shuffle(frames)
        device, told = connected(), list[int]()
        for frame in frames:
            for event in device.receive(frame):
                assert isinstance(event, Committed) and event.start == len(told)
                told.extend(event.ids)
        assert told == device.text == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_token_is_never_taken_back() -> None:
    """A commit that contradicts an earlier one closes the session."""
    device = connected()
    device.receive(encode(Commit(0, (1, 2))))
    (event,) = device.receive(encode(Commit(1, (3,))))
    assert isinstance(event, Close) and event.reason == "position"
    assert device.text == [1, 2]


def test_a_new_link_asks_only_for_what_lacks() -> None:
    """No prefix twice: neither prompt nor text is sent again."""
    device = connected()
    device.receive(encode(Commit(0, (1, 2))))
    device.link_made()
    (frame,) = device.outgoing()
    resumed = decode(frame, "device", LIMITS)
    assert isinstance(resumed, Open)
    assert (resumed.prompt, resumed.text, resumed.have) == ((), (), 2)
    device.start_over()
    device.link_made()
    (frame,) = device.outgoing()
    whole = decode(frame, "device", LIMITS)
    assert isinstance(whole, Open)
    assert (whole.prompt, whole.text) == (OPEN.prompt, (1, 2))


def test_lies_about_positions_are_told_apart() -> None:
    """Tokens that were never sent, and drafts of the far future."""
    for lie in (Draft(9), Draft(9, again=True), Draft(0, (Chain(5000, 0, (1,)),))):
        cloud = CloudConnection()
        cloud.receive(encode(OPEN))
        cloud.opened(OPENED)
        close = cloud.receive(encode(lie), 3)
        assert isinstance(close, Close) and close.reason == "position"


# --- the verifier under fire ----------------------------------------------------------------------


def hostile(rng: random.Random, good: list[bytes]) -> bytes:
    """A frame that is random, cut, bent, spliced or simply at the wrong time."""
    kind = rng.randrange(6)
    frame = rng.choice(good)
    if kind == 0:
        return rng.randbytes(rng.randrange(40))
    if kind == 1:
        return frame[: rng.randrange(len(frame) + 1)]
    if kind == 2:
        at = rng.randrange(len(frame))
        return frame[:at] + bytes([rng.randrange(256)]) + frame[at + 1 :]
    if kind == 3:
        return frame + rng.choice(good)
    if kind == 4:
        return msgspec.msgpack.encode(rng.randbytes(rng.randrange(30)))
    return frame


def test_hostile_frames_disturb_nobody() -> None:
    """100,000 of them beside an honest session: each line that broke a rule gets a typed close, no
    seat is lost, and the honest text is whole.
    """
    trace = [at % 60 + 1 for at in range(2000)]
    target: ReplayTarget = trace_target(2, trace, 64)
    verifier = Verifier(target.card, bounds=Bounds(linger_seconds=0.5))
    honest = verifier.connect(0.0)
    device = DeviceConnection(Open(b"h" * 16, FINGERPRINT, Draw(), (1, 2), max_tokens=len(trace)))
    device.link_made()
    verifier.receive(honest, device.outgoing()[0], 0.0)
    good = [encode(OPEN), encode(Draft(0, (Chain(0, 0, (1, 2, 3), (4, None, 5)),)))]
    good += [encode(Draft(3)), encode(Draft(0, again=True)), encode(Close("cancelled"))]
    good += [encode(OPENED), encode(Commit(0, (1,))), encode(Open(NAME, b"foreign", Draw(), (1,)))]
    rng = random.Random(4)
    reasons: set[str] = set()
    line, now = verifier.connect(0.0), 0.0
    for number in range(100_000):
        now += 0.001
        verifier.receive(line, hostile(rng, good), now)
        closed = line.connection.closed
        if closed is not None or rng.random() < 0.1:
            if closed is not None:
                reasons.add(closed.reason)
            verifier.outgoing()
            verifier.disconnect(line, now)
            line = verifier.connect(now)
        if number % 50 == 0:
            _turn(verifier, target, device, now)
    while not device.is_complete:
        now += 0.01
        _turn(verifier, target, device, now)
    assert device.text == trace
    assert reasons <= REASONS
    assert {"malformed", "illegal_move", "fingerprint"} <= reasons
    verifier.disconnect(line, now)
    verifier.disconnect(honest, now)
    verifier.tidy(now + 10.0)
    while not isinstance(work := verifier.next(now + 10.0), Rest):
        verifier.settle(work, perform(target, work), 0.0, now + 10.0)
    assert verifier.num_sessions == 0
    assert len([target.open([1]) for _ in range(target.card.num_seats)]) == target.card.num_seats


def _turn(verifier: Verifier, target: ReplayTarget, device: DeviceConnection, now: float) -> None:
    """Some work, and its frames to the honest device."""
    verifier.tidy(now)
    for _ in range(4):
        work = verifier.next(now)
        if isinstance(work, Rest):
            break
        verifier.settle(work, perform(target, work), 0.001, now)
    for line, frames, _ in verifier.outgoing():
        if line.sitting is not None and line.sitting.opening.session == b"h" * 16:
            for frame in frames:
                device.receive(frame)
    honest = next(
        line
        for line in verifier._lines  # pyright: ignore[reportPrivateUsage]
        if line.sitting is not None and line.sitting.opening.session == b"h" * 16
    )
    device.draft([])
    for frame in device.outgoing():
        verifier.receive(honest, frame, now)
