"""Messages of joint decoding as bytes, and back.

MessagePack through msgspec: arrays whose first element is the kind. The two messages that travel
all the time are strings of bits whose first bit is 0, which no MessagePack array begins with: a
draft if the device sends it, a commit if the cloud does. An id takes the bits that the vocabulary
needs, a position its lowest bits: the receiver knows the rest, from the text that it holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from tandem.joint.bits import Bits, BitWriter
from tandem.joint.coupling import Draw
from tandem.joint.protocol import (
    FOLD_BITS,
    MAX_ID_BITS,
    MIN_ID_BITS,
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
)


class WireOpen(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    version: int
    session: bytes
    fingerprint: bytes
    temperature: float
    top_k: int
    top_p: float
    min_p: float
    seed: int
    prompt: bytes
    text: bytes
    have: int
    max_tokens: int
    economy: float
    id_bits: int
    question: tuple[int, int]


class WireOpened(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=2):
    version: int
    model: str
    verdict: str
    max_width: int
    pass_seconds: float
    position_share: float
    has_branches: bool


class WireClose(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=3):
    reason: str
    words: str
    length: int
    passes: int
    positions: int
    confidence: float | None
    threshold: float | None


_Wire = WireOpen | WireOpened | WireClose

_WINDOW_BITS = 11
_WINDOW = 1 << _WINDOW_BITS  # above 2 * Bounds.ahead_tokens: nothing under way is further off

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Wire)


def pack(numbers: tuple[int, ...] | list[int]) -> bytes:
    """Non-negative integers as varints."""
    packed = bytearray()
    for number in numbers:
        while number > 0x7F:
            packed.append(number & 0x7F | 0x80)
            number >>= 7
        packed.append(number)
    return bytes(packed)


def unpack(packed: bytes) -> list[int]:
    """The integers that `pack` packed. Raises `ProtocolFault` for a cut or overlong one."""
    numbers: list[int] = []
    number = shift = 0
    for byte in packed:
        number |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
            if shift > 35:
                raise ProtocolFault("malformed", "a number is too long")
        else:
            numbers.append(number)
            number = shift = 0
    if shift:
        raise ProtocolFault("malformed", "a number is cut short")
    return numbers


@dataclass(slots=True)
class Context:
    """What both sides know of a session besides a frame: how many bits an id takes, and about how
    long the answer is, for the receiver: positions are told modulo 2^11.
    """

    id_bits: int = MAX_ID_BITS
    length: int = 0


def encode(message: Message, id_bits: int = MAX_ID_BITS) -> bytes:
    """A message as the bytes of one frame."""
    if isinstance(message, Draft):
        return _draft_frame(message, id_bits)
    if isinstance(message, Commit):
        return _commit_frame(message, id_bits)
    return _ENCODER.encode(_wire(message))


def decode(frame: bytes, sender: Party, limits: Limits, context: Context | None = None) -> Message:
    """The message in a frame. Raises `ProtocolFault` for anything that is not exactly one."""
    if len(frame) > limits.frame_bytes:
        raise ProtocolFault("too_large", f"a frame of {len(frame)} bytes")
    if frame and frame[0] < 0x80:
        bits, context = Bits(frame), context or Context()
        return _draft(bits, limits, context) if sender == "device" else _commit(bits, context)
    try:
        wire = _DECODER.decode(frame)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ProtocolFault("malformed", "not a message of this protocol") from error
    if isinstance(wire, WireClose):
        return _close(wire)
    if isinstance(wire, WireOpened):
        return _opened(wire)
    return _open(wire, limits)


# --- the two that travel all the time -------------------------------------------------------------


def _commit_frame(commit: Commit, id_bits: int) -> bytes:
    """0, start modulo 2^11, ids."""
    bits = BitWriter()
    bits.put(commit.start % _WINDOW, 1 + _WINDOW_BITS)
    bits.ids(commit.ids, id_bits)
    return bits.frame()


def _commit(bits: Bits, context: Context) -> Commit:
    """The start is the place next to the text's end that has these bits."""
    told = bits.take(1 + _WINDOW_BITS)
    near = context.length - _WINDOW // 2
    start = near + (told - near) % _WINDOW
    if start < 0:
        start += _WINDOW
    ids = bits.ids(bits.left // context.id_bits, context.id_bits)
    _require(len(ids) > 0, "a commit without ids")
    bits.end()
    return Commit(start, ids)


def _require(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise ProtocolFault("malformed", otherwise)


def _draft_frame(draft: Draft, id_bits: int) -> bytes:
    """0, again, `have` (modulo 2^11, whole if `again`), then per chain: 1, start - have, parent,
    number of ids, number of runners-up, ids, runners-up (the id itself: none)."""
    bits = BitWriter()
    bits.put(draft.again, 2)
    if draft.again:
        bits.put(draft.have, 32)
    else:
        bits.put(draft.have % _WINDOW, _WINDOW_BITS)
    for chain in draft.chains:
        bits.put(1, 1)
        bits.count(chain.start - draft.have, 4)
        bits.put(chain.parent, FOLD_BITS)
        bits.count(len(chain.ids), 3)
        bits.count(len(chain.seconds), 3)
        bits.ids(chain.ids, id_bits)
        pairs = zip(chain.seconds, chain.ids, strict=False)
        bits.ids([token if second is None else second for second, token in pairs], id_bits)
    return bits.frame()


def _draft(bits: Bits, limits: Limits, context: Context) -> Draft:
    """`have` cannot be above the answer's length: the highest that it can be."""
    again = bool(bits.take(2))
    if again:
        have = bits.take(32)
    else:
        told = bits.take(_WINDOW_BITS)
        have = max(told, context.length - (context.length - told) % _WINDOW)
    chains: list[Chain] = []
    while bits.left and bits.take(1):
        _require(len(chains) < limits.chains, "too many chains")
        chains.append(_chain(bits, have, limits, context.id_bits))
    bits.end()
    return Draft(have, tuple(chains), again)


def _chain(bits: Bits, have: int, limits: Limits, id_bits: int) -> Chain:
    start, parent = have + bits.count(4), bits.take(FOLD_BITS)
    num, num_seconds = bits.count(3), bits.count(3)
    _require(0 < num <= limits.chain_tokens, "a chain of no or too many ids")
    _require(num_seconds <= num, "more runners-up than ids")
    ids = bits.ids(num, id_bits)
    seconds = bits.ids(num_seconds, id_bits)
    pairs = zip(seconds, ids, strict=False)
    others = tuple([None if second == token else second for second, token in pairs])
    return Chain(start, parent, ids, others)


# --- the others -----------------------------------------------------------------------------------


def _open(wire: WireOpen, limits: Limits) -> Open:
    if wire.version != VERSION:
        raise ProtocolFault("version", f"this side speaks version {VERSION}")
    if max(len(wire.prompt), len(wire.text)) > limits.prompt_tokens * 5:
        raise ProtocolFault("too_large", "the prompt is too long")
    prompt, text = tuple(unpack(wire.prompt)), tuple(unpack(wire.text))
    if len(prompt) > limits.prompt_tokens:
        raise ProtocolFault("too_large", "the prompt is too long")
    _require(len(wire.session) == 16, "a session's name has 16 bytes")
    _require(len(wire.fingerprint) <= 64, "a fingerprint has at most 64 bytes")
    _require(0 < wire.max_tokens <= limits.output_tokens, "max_tokens is out of range")
    _require(0 <= wire.have <= wire.max_tokens, "have is out of range")
    _require(not text or len(text) == wire.have, "the text is not as long as it says")
    _require(0.0 <= wire.economy <= 1e6, "economy is out of range")
    _require(MIN_ID_BITS <= wire.id_bits <= MAX_ID_BITS, "id_bits is out of range")
    start, stop = wire.question
    _require(not prompt or 0 <= start <= stop <= len(prompt), "the question is out of range")
    return Open(
        wire.session,
        wire.fingerprint,
        _draw(wire),
        prompt,
        text,
        wire.have,
        wire.max_tokens,
        wire.economy,
        wire.id_bits,
        wire.question,
        wire.version,
    )


def _draw(wire: WireOpen) -> Draw:
    _require(0.0 <= wire.temperature <= 100.0, "temperature is out of range")
    _require(0 <= wire.top_k < 1 << 31, "top_k is out of range")
    _require(0.0 < wire.top_p <= 1.0, "top_p is out of range")
    _require(0.0 <= wire.min_p <= 1.0, "min_p is out of range")
    _require(0 <= wire.seed < 1 << 64, "the seed is out of range")
    return Draw(wire.temperature, wire.top_k, wire.top_p, wire.min_p, wire.seed)


def _opened(wire: WireOpened) -> Opened:
    if wire.version != VERSION:
        raise ProtocolFault("version", f"this side speaks version {VERSION}")
    _require(0 < wire.max_width <= 4096, "max_width is out of range")
    _require(0.0 <= wire.pass_seconds < 1e6, "pass_seconds is out of range")
    _require(0.0 <= wire.position_share < 1e6, "position_share is out of range")
    return Opened(
        wire.model,
        wire.verdict,
        wire.max_width,
        wire.pass_seconds,
        wire.position_share,
        wire.has_branches,
        wire.version,
    )


def _close(wire: WireClose) -> Close:
    _require(wire.reason in REASONS, "an unknown reason")
    _require(min(wire.length, wire.passes, wire.positions) >= 0, "a negative number")
    told = [each for each in (wire.confidence, wire.threshold) if each is not None]
    _require(all(0.0 <= each <= 1.0 for each in told), "a confidence out of range")
    return Close(
        wire.reason,
        wire.words[:500],
        wire.length,
        wire.passes,
        wire.positions,
        wire.confidence,
        wire.threshold,
    )


def _wire(message: Open | Opened | Close) -> _Wire:
    if isinstance(message, Close):
        return WireClose(
            message.reason,
            message.words,
            message.length,
            message.passes,
            message.positions,
            message.confidence,
            message.threshold,
        )
    if isinstance(message, Opened):
        return WireOpened(
            message.version,
            message.model,
            message.verdict,
            message.max_width,
            message.pass_seconds,
            message.position_share,
            message.has_branches,
        )
    draw = message.draw
    return WireOpen(
        message.version,
        message.session,
        message.fingerprint,
        draw.temperature,
        draw.top_k,
        draw.top_p,
        draw.min_p,
        draw.seed,
        pack(message.prompt),
        pack(message.text),
        message.have,
        message.max_tokens,
        message.economy,
        message.id_bits,
        message.question,
    )
