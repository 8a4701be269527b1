"""The nouns of Tandem: frozen values that travel between the rooms.

This module knows no verb, no I/O and no third party; every other room may import it. Units stand in
the names. A field that is `None` means "not known", never "zero".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

# --- what is said -------------------------------------------------------------------------------

Role = Literal["system", "user", "assistant", "tool"]


class Origin(StrEnum):
    """Where a text came from. The label travels with it: through tools, memory and summaries.

    What is made of several texts is labelled by the most private of them.
    """

    TYPED = "typed"
    WEB = "web"
    TOOL = "tool"
    FILES = "files"
    CONTACTS = "contacts"
    CALENDAR = "calendar"
    MAIL = "mail"


def most_private(origins: Iterable[Origin]) -> Origin:
    """The label of what is made of texts with these origins; typed, where there are none."""
    order = list(Origin)
    return max(origins, key=order.index, default=Origin.TYPED)


@dataclass(frozen=True, slots=True)
class TextPart:
    """A piece of text inside a message, and where it came from."""

    text: str
    origin: Origin = Origin.TYPED


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A picture inside a message, by URL (also `data:`). Engines that cannot see refuse it."""

    url: str


Part = TextPart | ImagePart


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model asks for a tool. `arguments` is JSON text, exactly as the model wrote it.

    It is an event of a stream and, later, a part of the assistant's message in the history.
    """

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: tuple[Part, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    name: str | None = None

    @property
    def text(self) -> str:
        """The text parts, joined; pictures are left out."""
        return "".join(part.text for part in self.content if isinstance(part, TextPart))


def message(role: Role, text: str, origin: Origin = Origin.TYPED) -> Message:
    """The common case: one text part."""
    return Message(role, (TextPart(text, origin),))


class Effect(StrEnum):
    """What a tool does to the world; `outward` needs the user's yes."""

    READ = "read"
    REVERSIBLE = "reversible"
    OUTWARD = "outward"


@dataclass(frozen=True, slots=True)
class Tool:
    """Something a model may ask for. `schema` is the JSON schema of its arguments."""

    name: str
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict[str, Any])
    effect: Effect = Effect.OUTWARD
    strict: bool = False


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """`name` is given when, and only when, `kind` is "named"."""

    kind: Literal["auto", "none", "required", "named"] = "auto"
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """The shape the answer must have.

    `json_schema`: `schema` holds the schema; `grammar`: `grammar` holds GBNF text (llama.cpp's
    form).
    """

    kind: Literal["text", "json_object", "json_schema", "grammar"] = "text"
    schema: Mapping[str, Any] | None = None
    schema_name: str = "answer"
    strict: bool = True
    grammar: str | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn. `None` leaves the choice to the engine.

    `logprobs`: number of alternatives per token (0 = the chosen token only); `None` = none wanted.
    """

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    max_output_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    logprobs: int | None = None


class Mode(StrEnum):
    """The user's say over places; `local-only` is absolute."""

    LOCAL_ONLY = "local-only"
    PREFER_LOCAL = "prefer-local"
    PREFER_CLOUD = "prefer-cloud"
    CLOUD_ONLY = "cloud-only"


@dataclass(frozen=True, slots=True)
class Request:
    """A question with all that decides its answer. Nothing leaves unless `may_leave_device`.

    `deadline_seconds` counts from the moment the engine is asked. `conversation_id` lets an
    engine reuse the prefix of the last turn; it never leaves the device. `mode` overrides the
    configured one. `covered` and `uncovered` are the user's word on single things in a preview,
    each named by the placeholder shown there; they outrank the policy, but not "forbid".
    `is_for_vectors`: its texts become vectors, so no answer will name anything in them.
    """

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = ToolChoice()
    parallel_tool_calls: bool = True
    response_format: ResponseFormat = ResponseFormat()
    sampling: Sampling = Sampling()
    may_leave_device: bool = False
    deadline_seconds: float | None = None
    conversation_id: str | None = None
    mode: Mode | None = None
    covered: frozenset[str] = frozenset()
    uncovered: frozenset[str] = frozenset()
    is_for_vectors: bool = False


# --- what is decided ----------------------------------------------------------------------------


class Place(StrEnum):
    """Where an answer comes from."""

    DEVICE = "device"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True)
class Route:
    """A decision before the answer. `score` is the predicted gain of the cloud, 0..1."""

    place: Place
    score: float | None
    threshold: float | None
    reason: str


class Ruling(StrEnum):
    """What the judge says of an answer. `ground` (look it up first) is for the guarding room."""

    ACCEPT = "accept"
    GROUND = "ground"
    REFUSE = "refuse"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision after the answer. `confidence` is the probability that the answer is right,
    0..1.
    """

    ruling: Ruling
    confidence: float | None
    threshold: float | None
    reason: str


# --- what is answered ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """One output token: its text, bytes, natural-log probability and the alternatives asked for.

    `entropy` is of the whole next-token distribution, in nats, where the engine can tell.
    """

    text: str
    token_bytes: bytes
    logprob: float
    top: tuple[tuple[str, float], ...] = ()
    entropy: float | None = None


class Mark(StrEnum):
    """How a piece of a jointly decoded answer came about.

    accepted: the device had drafted it. recovered: it had drafted something else. bonus: it had
    drafted nothing there. unverified: the device's alone, as the link was dead.
    """

    ACCEPTED = "accepted"
    RECOVERED = "recovered"
    BONUS = "bonus"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer's text. It may hold several tokens, or a part of one.

    `marks` are the pieces of `text` in order, with how each came about, in joint decoding alone.
    """

    text: str
    logprobs: tuple[TokenLogprob, ...] = ()
    marks: tuple[tuple[str, Mark], ...] = ()


FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]


@dataclass(frozen=True, slots=True)
class JointWork:
    """What joint decoding did for one answer.

    The cloud took `passes` forward passes over `positions` tokens; alone it takes one a token (both
    `None` where the end was not its own). The device sent `drafted` ids, of which `accepted` stand
    in the answer. `certified` is the cloud's verdict on its own bits, in words. `num_links` above
    1: the link was lost and made again. `num_unverified` tokens are the device's alone.
    `ended_by`: the way in which the answer ended.
    """

    passes: int | None = None
    positions: int | None = None
    drafted: int = 0
    accepted: int = 0
    certified: str = ""
    num_links: int = 1
    num_unverified: int = 0
    ended_by: Literal["joint", "stream", "device"] = "joint"


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts of one engine's work on one request.

    `cached_tokens` of the input were found in a prefix cache. `prompt_logprobs` are the
    natural-log probabilities of the last user message's own tokens, where the engine reads them.
    `is_estimated`: the token counts are ours, as the server sent none. `joint` is there when the
    answer was decoded jointly.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    num_bytes_out: int = 0
    num_bytes_in: int = 0
    seconds_to_first_token: float | None = None
    seconds: float = 0.0
    prompt_logprobs: tuple[float, ...] = ()
    is_estimated: bool = False
    joint: JointWork | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """Who answers and why, told before the first word so that headers and badges can show it.

    Only the orchestrator emits it, exactly once, before any text.
    """

    place: Place
    model: str
    route: Route
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Departed:
    """A request is on its way out of the device: at most so many bytes, the credential not counted.

    Only a door emits it, first, so that a receipt tells what left even if no answer ever ends.
    `covered`: how many things stayed behind, by kind.
    """

    num_bytes: int
    covered: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Finish:
    """The end of every good stream; a bad one raises a `TandemError` instead.

    `entry` is the receipt, where a ledger keeps one. `verdict` is the cloud's own on an answer that
    was shown as it was decoded, before anybody could judge it.
    """

    reason: FinishReason
    usage: Usage
    entry: Entry | None = None
    verdict: Verdict | None = None


Event = Decided | Departed | TextDelta | ToolCall | Finish


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, gathered from a stream: what the judge reads."""

    text: str
    tool_calls: tuple[ToolCall, ...]
    logprobs: tuple[TokenLogprob, ...]
    finish: Finish


@dataclass(frozen=True, slots=True)
class EngineCard:
    """What an engine says of itself.

    `calibration` names the model's calibration (a fingerprint of its file) or is `None`.
    `context_tokens` is the longest input plus output it can take, where known. `can_call`: it was
    made to call tools, as far as can be known before it is asked.
    """

    name: str
    model: str
    place: Place
    context_tokens: int | None = None
    can_embed: bool = False
    can_see: bool = False
    can_call: bool = False
    fingerprint: str | None = None


# --- what leaves --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One network request, encoded once: the preview shows it and the same bytes are sent.

    `headers` hold no secret; the credential is added by the sender and named in `credential_name`.
    `shown` is what the body says, for eyes, where the body itself is no text (token ids).
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    credential_name: str | None = None
    shown: str | None = None

    @property
    def num_bytes(self) -> int:
        """Request line, headers and body as HTTP/1.1 writes them; without the credential."""
        lines = sum(len(name) + len(value) + 4 for name, value in self.headers)
        return len(self.method) + len(self.url) + 13 + lines + len(self.body)


class Action(StrEnum):
    """What the policy does with one personal thing, from the mildest to the strictest.

    keep: it leaves as it is. generalise: something coarser leaves, for good. mask: a placeholder
    leaves and is restored in the answer. ask: nothing leaves until the user has said which of
    these. forbid: nothing leaves, whatever the user says.
    """

    KEEP = "keep"
    GENERALISE = "generalise"
    MASK = "mask"
    ASK = "ask"
    FORBID = "forbid"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One personal thing in a request: `shown` stands for it in what leaves, or would.

    `value` is the thing itself: it is for the user's eyes and is never recorded or printed by
    accident. `action` is what becomes of it, by `reason`: a rule, or the user's own word; `is_open`
    while a rule waits for that word. `coarse` leaves in its place where it is generalised. `number`
    counts where it stands.
    """

    shown: str
    kind: str
    value: str = field(default="", repr=False)
    origins: tuple[Origin, ...] = ()
    action: Action = Action.MASK
    reason: str = ""
    is_open: bool = False
    coarse: str = ""
    number: int = 1


@dataclass(frozen=True, slots=True)
class Departure:
    """What leaves, byte for byte, where to, at what estimated price.

    `request` is the request in the form that leaves: whoever sends must read no other. `policy`
    names the rules that decided, so that a record can be read later.
    """

    outgoing: Outgoing
    host: str
    placeholders: tuple[Placeholder, ...] = ()
    estimated_input_tokens: int | None = None
    estimated_money: Money | None = None
    request: Request | None = field(default=None, repr=False)
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Blocked:
    """Nothing leaves, and why, and what the user can do about it.

    `items` are the personal things found before it was decided; `code` fits into a record.
    """

    reason: str
    remedy: str
    items: tuple[Placeholder, ...] = ()
    code: str = "blocked"


# --- what is kept -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency (ISO 4217). Estimates come from the price table in the settings."""

    amount: float
    currency: str


@dataclass(frozen=True, slots=True)
class PlaceUsage:
    """One place's share of the work for one entry, with its cost."""

    place: Place
    model: str
    usage: Usage
    money: Money | None = None
    joules: float | None = None
    joules_source: str = ""


Outcome = Literal["answered", "refused", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: decisions and costs of one answer; never the user's text.

    `started_at` is seconds since the Unix epoch. `error` is an error's code, not its message, as a
    message could quote the user. `covered`: how many personal things stayed behind, by kind.
    """

    id: str
    started_at: float
    outcome: Outcome
    answered_by: Place | None
    model: str | None
    route: Route | None
    verdict: Verdict | None
    work: tuple[PlaceUsage, ...]
    seconds_to_first_token: float | None
    seconds: float
    finish_reason: FinishReason | None = None
    error: str | None = None
    conversation_id: str | None = None
    escalated_from: str | None = None
    covered: tuple[tuple[str, int], ...] = ()

    @property
    def num_bytes_out(self) -> int:
        """Bytes that left the device for this answer."""
        return sum(part.usage.num_bytes_out for part in self.work)
