"""Strings of bits, the highest first: what drafts and commits are made of. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tandem.joint.protocol import ProtocolFault


class BitWriter:
    """Bits, the highest first."""

    def __init__(self) -> None:
        self._value = 0
        self._num = 0

    def put(self, value: int, num: int) -> None:
        self._value = self._value << num | value
        self._num += num

    def count(self, value: int, num: int) -> None:
        """A small number: groups of `num` bits, least first, each after a bit that says whether
        one more follows."""
        while value >> num:
            self.put(1 << num | value & (1 << num) - 1, num + 1)
            value >>= num
        self.put(value, num + 1)

    def ids(self, ids: Sequence[int], id_bits: int) -> None:
        value = self._value
        for token in ids:
            value = value << id_bits | token
        self._value = value
        self._num += id_bits * len(ids)

    def frame(self) -> bytes:
        """The bytes, filled up with zeros."""
        return (self._value << -self._num % 8).to_bytes((self._num + 7) // 8, "big")


class Bits:
    """Reads what a `BitWriter` wrote. Raises `ProtocolFault` at the end of the bits."""

    def __init__(self, frame: bytes) -> None:
        self._value = int.from_bytes(frame, "big")
        self.left = 8 * len(frame)

    def take(self, num: int) -> int:
        self.left -= num
        self._need(self.left >= 0, "a frame is cut short")
        return self._value >> self.left & (1 << num) - 1

    def count(self, num: int) -> int:
        value = shift = 0
        while shift <= 32:
            group = self.take(num + 1)
            value |= (group & (1 << num) - 1) << shift
            if not group >> num:
                return value
            shift += num
        raise ProtocolFault("malformed", "a number is too long")

    def ids(self, num: int, id_bits: int) -> tuple[int, ...]:
        self.left -= num * id_bits
        self._need(self.left >= 0, "a frame is cut short")
        value, mask = self._value >> self.left, (1 << id_bits) - 1
        return tuple([value >> shift & mask for shift in range((num - 1) * id_bits, -1, -id_bits)])

    def end(self) -> None:
        """Nothing but zeros to the end of the byte may follow."""
        self._need(self.left < 8 and not self.take(self.left), "more after the end of a message")

    @staticmethod
    def _need(is_so: bool, otherwise: str) -> None:
        if not is_so:
            raise ProtocolFault("malformed", otherwise)
