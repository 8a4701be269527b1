"""Messages of joint decoding as bytes, and back.

MessagePack through msgspec: arrays whose first element is the kind. The two messages that travel
all the time are bare strings of bytes, a draft if the device sends it and a commit if the cloud
does. Ids are varints (7 bits a byte, least first), 2 bytes where MessagePack takes 3.
"""

from __future__ import annotations

import msgspec

from tandem.joint.coupling import Draw
from tandem.joint.protocol import (
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


_Wire = bytes | WireOpen | WireOpened | WireClose

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


def encode(message: Message) -> bytes:
    """A message as the bytes of one frame."""
    return _ENCODER.encode(_wire(message))


def decode(frame: bytes, sender: Party, limits: Limits) -> Message:
    """The message in a frame. Raises `ProtocolFault` for anything that is not exactly one."""
    if len(frame) > limits.frame_bytes:
        raise ProtocolFault("too_large", f"a frame of {len(frame)} bytes")
    try:
        wire = _DECODER.decode(frame)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ProtocolFault("malformed", "not a message of this protocol") from error
    if isinstance(wire, bytes):
        return _draft(wire, limits) if sender == "device" else _commit(wire)
    if isinstance(wire, WireClose):
        return _close(wire)
    if isinstance(wire, WireOpened):
        return _opened(wire)
    return _open(wire, limits)


def _commit(body: bytes) -> Commit:
    start, *ids = unpack(body) or [-1]
    _require(start >= 0 and len(ids) > 0, "a commit without ids")
    return Commit(start, tuple(ids))


def _require(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise ProtocolFault("malformed", otherwise)


def _draft_body(draft: Draft) -> bytes:
    """have * 2 + again; then per chain: start - have, parent (2 bytes, high first), number * 2 + 1
    if there are runners-up, ids, runners-up + 1 (0: none).
    """
    parts = [pack((draft.have * 2 + draft.again,))]
    for chain in draft.chains:
        parts.append(pack((chain.start - draft.have,)))
        parts.append(chain.parent.to_bytes(2, "big"))
        parts.append(pack((len(chain.ids) * 2 + bool(chain.seconds), *chain.ids)))
        parts.append(pack([0 if each is None else each + 1 for each in chain.seconds]))
    return b"".join(parts)


def _draft(body: bytes, limits: Limits) -> Draft:
    first, at = _number(body, 0)
    have, chains = first >> 1, list[Chain]()
    while at < len(body):
        ahead, at = _number(body, at)
        _require(at + 2 <= len(body), "a chain is cut short")
        parent = int.from_bytes(body[at : at + 2], "big")
        num, at = _number(body, at + 2)
        _require(0 < num >> 1 <= limits.chain_tokens, "a chain of no or too many ids")
        ids, at = _numbers(body, at, num >> 1)
        seconds, at = _numbers(body, at, num >> 1 if num & 1 else 0)
        others = tuple(each - 1 if each else None for each in seconds)
        chains.append(Chain(have + ahead, parent, tuple(ids), others))
        _require(len(chains) <= limits.chains, "too many chains")
    return Draft(have, tuple(chains), bool(first & 1))


def _numbers(packed: bytes, at: int, num: int) -> tuple[list[int], int]:
    numbers: list[int] = []
    for _ in range(num):
        number, at = _number(packed, at)
        numbers.append(number)
    return numbers, at


def _number(packed: bytes, at: int) -> tuple[int, int]:
    """The varint at this place, and the place after it."""
    number = shift = 0
    while at < len(packed) and shift <= 35:
        byte = packed[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
    raise ProtocolFault("malformed", "a number is cut short or too long")


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
    return Open(
        wire.session,
        wire.fingerprint,
        _draw(wire),
        prompt,
        text,
        wire.have,
        wire.max_tokens,
        wire.economy,
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
    return Close(wire.reason, wire.words[:500], wire.length, wire.passes, wire.positions)


def _wire(message: Message) -> _Wire:
    if isinstance(message, Draft):
        return _draft_body(message)
    if isinstance(message, Commit):
        return pack((message.start, *message.ids))
    if isinstance(message, Close):
        return WireClose(
            message.reason, message.words, message.length, message.passes, message.positions
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
    )
