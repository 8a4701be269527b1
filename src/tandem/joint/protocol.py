"""What is said in joint decoding: a few typed messages, and one table of who may send what when.

Pure. `wire` turns messages into bytes, `connection` keeps one session. One WebSocket carries one
session and one message per binary frame. docs/reference/joint-wire.md is the specification; its
diagram is drawn from `MOVES`. Token ids travel, never text, and no prefix twice. A draft is only
a hint: what is lost, late, doubled, out of order or a lie changes speed alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from tandem.joint.coupling import Draw

VERSION = 2

FOLD_BITS = 10
MIN_ID_BITS, MAX_ID_BITS = 8, 24

Party = Literal["device", "cloud"]

# Why a session ends. The first three are no fault of anybody's.
Reason = Literal[
    "stop",  # the target said an end token
    "length",  # the wanted number of tokens is there
    "cancelled",  # the device wants no more
    "version",  # the protocol's version is unknown here
    "fingerprint",  # drafter and target have different tokenizers
    "malformed",  # bytes that are no message, or values out of range
    "too_large",  # a frame or prompt above the limit
    "illegal_move",  # a message that may not come now
    "position",  # tokens said to be known that were never sent, or drafts of the far future
    "flood",  # far more frames than tokens
    "unread",  # the other side does not read
    "idle",  # nothing for too long
    "busy",  # no seat is free
    "unknown_session",  # to be resumed, but not known here: open with the whole text
    "unauthorized",  # no token, or a wrong one
    "fault",  # the sender's own failure
]
REASONS: frozenset[str] = frozenset(Reason.__args__)  # type: ignore[attr-defined]
FINISHES: frozenset[str] = frozenset({"stop", "length"})


@dataclass(frozen=True, slots=True)
class Limits:
    """What one side takes from the other before it closes with a reason."""

    frame_bytes: int = 1 << 20
    prompt_tokens: int = 1 << 18
    output_tokens: int = 1 << 17
    chains: int = 16  # per draft
    chain_tokens: int = 64
    positions_ahead: int = 4096  # of what is committed


@dataclass(frozen=True, slots=True)
class Chain:
    """Guesses for positions `start`, `start` + 1, ... of the answer; `start` is not below `have`.

    `parent` is `fold` of the answer's ids before `start` as the device believes them: where the
    cloud's own text differs, the chain says nothing and is dropped. `seconds`: for each of the
    first ids, as many as are worth it, the runner-up, if there is one.
    """

    start: int
    parent: int
    ids: tuple[int, ...]
    seconds: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Open:
    """Device to cloud: begin a session, or go on with it after the link was cut.

    `session`: 16 random bytes chosen by the device. `have`: tokens of the answer that the device
    holds. To resume, `prompt` and `text` are empty; on a cloud that does not know the session,
    `text` holds the `have` tokens. `economy`: how many passes' time one saved pass is worth: at 0
    the cloud never waits for a draft, at 4 or more it nearly always does. `id_bits`: how many bits
    an id takes in drafts and commits: those that the highest of the vocabulary needs, at least 8.
    `question`: where in the prompt the user's last words lie, for the cloud's judge.
    """

    session: bytes
    fingerprint: bytes
    draw: Draw
    prompt: tuple[int, ...] = ()
    text: tuple[int, ...] = ()
    have: int = 0
    max_tokens: int = 256
    economy: float = 0.0
    id_bits: int = MAX_ID_BITS
    question: tuple[int, int] = (0, 0)
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Opened:
    """Cloud to device: the session is open. `pass_seconds` and `position_share` say what a pass of
    n positions costs: pass_seconds * (1 + position_share * (n - 1)). `verdict` and `has_branches`
    as in `TargetCard`: without branches, runners-up need not be sent.
    """

    model: str
    verdict: str
    max_width: int
    pass_seconds: float
    position_share: float
    has_branches: bool = False
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Draft:
    """Device to cloud: hints, and how many tokens of the answer the device holds (`have`).

    `again` asks for everything after `have` once more.
    """

    have: int
    chains: tuple[Chain, ...] = ()
    again: bool = False


@dataclass(frozen=True, slots=True)
class Commit:
    """Cloud to device: the answer's ids from position `start` on. Never taken back."""

    start: int
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Close:
    """Either side: the end, and why. From the cloud: the answer's whole `length`, the `passes` it
    took and the `positions` verified in them: a device then knows what it lacks and what it saved.
    `confidence` is its judge's, 0..1, and `threshold` what it wants; `None` where nobody judges.
    """

    reason: str
    words: str = ""
    length: int = 0
    passes: int = 0
    positions: int = 0
    confidence: float | None = None
    threshold: float | None = None


Message = Open | Opened | Draft | Commit | Close


class State(Enum):
    """Where a session is, as one side knows it."""

    NEW = "new"
    ASKED = "asked"
    OPEN = "open"
    CLOSED = "closed"


_N, _A, _O, _C = State.NEW, State.ASKED, State.OPEN, State.CLOSED

# Every legal move: state, who sends, what, and the state after it. Both sides use this one table
# for what they send and for what they get. Anything else is an "illegal_move".
MOVES: dict[tuple[State, Party, type[Any]], State] = {
    (_N, "device", Open): _A,
    (_A, "device", Open): _A,  # asked again: the first was lost
    (_A, "device", Draft): _A,  # before the answer: hints cost nothing
    (_A, "cloud", Opened): _O,
    (_A, "cloud", Commit): _A,  # overtook the answer
    (_A, "device", Close): _C,
    (_A, "cloud", Close): _C,
    (_O, "device", Open): _A,  # on a new link: go on
    (_O, "cloud", Opened): _O,  # answered twice
    (_O, "device", Draft): _O,
    (_O, "cloud", Commit): _O,
    (_O, "device", Close): _C,
    (_O, "cloud", Close): _C,
    (_C, "device", Open): _A,  # the end got lost on the way: go on
    (_C, "device", Draft): _C,  # sent before the end was known
    (_C, "cloud", Commit): _C,
    (_C, "cloud", Opened): _C,
    (_C, "device", Close): _C,
    (_C, "cloud", Close): _C,
}


class ProtocolFault(Exception):
    """The other side's bytes break a rule; `reason` is what the closing message says."""

    def __init__(self, reason: Reason, words: str) -> None:
        super().__init__(f"{reason}: {words}")
        self.reason: Reason = reason
        self.words = words


def moved(state: State, sender: Party, message: Message) -> State:
    """The state after this message. Raises `ProtocolFault` ("illegal_move")."""
    after = MOVES.get((state, sender, type(message)))
    if after is None:
        name = type(message).__name__.lower()
        raise ProtocolFault("illegal_move", f"no {name} from the {sender} when {state.value}")
    return after


def id_bits(num_vocab: int) -> int:
    """Bits of an id of that vocabulary."""
    return max(MIN_ID_BITS, (num_vocab - 1).bit_length())


def fold(parent: int, ids: tuple[int, ...] | list[int]) -> int:
    """A 10-bit fingerprint of a text, one id after the other; 0 is the empty text's.

    Two texts with the same one cost speed and nothing else, as the target's draw decides.
    """
    for token in ids:
        parent = ((parent ^ token) * 0x9E3779B1 + 0x7F4A7C15 & 0xFFFFFFFF) >> 13 & 0x3FF
    return parent
