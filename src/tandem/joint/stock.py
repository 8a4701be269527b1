"""Verifiers that know nothing of joint decoding: SGLang, vLLM, and OpenAI's predicted outputs.

The first two return the likeliest tokens' log-probabilities of a prompt, so the device itself can
draw the target's token, with the noise of (seed, position): exact for greedy decoding, and for
sampling whose policy looks at no more tokens than came back. Each round is one request and waits
for its answer: these reach the synchronous rows of the bench and no more, and their bits depend on
the server's batch, which nobody certifies. Pure: requests and answers as JSON bodies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
import numpy as np

from tandem.errors import CloudBroken, Unsupported
from tandem.joint.coupling import Draw, pick

# vLLM's default for `max_logprobs`; SGLang takes more, but 20 is what a policy of top_k needs.
NUM_TOP = 20


@dataclass(frozen=True, slots=True)
class CapabilityCard:
    """What a stock verifier can do. `sampling` and `price` are words for people.

    `is_synchronous`: the planner must count a round trip per round, and cannot expect the server to
    go on meanwhile.
    """

    name: str
    is_exact_greedy: bool
    sampling: str
    keeps_prefix: bool
    price: str
    is_synchronous: bool = True
    is_certified: bool = False

    @property
    def words(self) -> str:
        """One line to print."""
        greedy = "exact greedy" if self.is_exact_greedy else "greedy by the server's word"
        cache = "keeps the prefix" if self.keeps_prefix else "reads the whole prompt each round"
        return f"{self.name}: {greedy}; {self.sampling}; {cache}; {self.price}; synchronous"


@dataclass(frozen=True, slots=True)
class Likeliest:
    """The likeliest tokens at one position and their natural-log probabilities."""

    ids: tuple[int, ...]
    logprobs: tuple[float, ...]


class StockVerifier(Protocol):
    """One round with a stock server: what to post where, and what the answer says.

    `text` reads the ids in a body again. `rows` gives one `Likeliest` per position after the text:
    one more than there are drafts. Raises `CloudBroken` for an answer that is not of the recorded
    shape.
    """

    @property
    def card(self) -> CapabilityCard: ...

    @property
    def path(self) -> str: ...

    def body(self, text: Sequence[int], drafts: Sequence[int]) -> bytes: ...

    def text(self, body: bytes) -> list[int]: ...

    def rows(self, answer: bytes, num_text: int, num_drafts: int) -> list[Likeliest]: ...


class SGLang:
    """SGLang's own `/generate` with `input_ids` (recorded from 0.5.23)."""

    card = CapabilityCard(
        "SGLang /generate",
        is_exact_greedy=True,
        sampling=f"exact sampling for top_k up to {NUM_TOP}",
        keeps_prefix=True,
        price="one token billed per round",
    )
    path = "/generate"

    def body(self, text: Sequence[int], drafts: Sequence[int]) -> bytes:
        """The entry at `logprob_start_len` itself is null, and a smaller one would read the cached
        prefix again: so it is the last token of the text."""
        return msgspec.json.encode(
            {
                "input_ids": [*text, *drafts],
                "sampling_params": {"max_new_tokens": 1, "temperature": 0},
                "return_logprob": True,
                "logprob_start_len": len(text) - 1,
                "top_logprobs_num": NUM_TOP,
            }
        )

    def text(self, body: bytes) -> list[int]:
        """The ids that a body holds."""
        return list(msgspec.json.decode(body)["input_ids"])

    def rows(self, answer: bytes, num_text: int, num_drafts: int) -> list[Likeliest]:
        """Rows of the drafts from the prompt's part, and of the token after from the output's."""
        try:
            meta: Any = msgspec.json.decode(answer)["meta_info"]
            told = [*meta["input_top_logprobs"][1:], meta["output_top_logprobs"][0]]
            rows = [_likeliest((each[1], each[0]) for each in row) for row in told]
        except (msgspec.MsgspecError, KeyError, IndexError, TypeError, ValueError):
            raise _broken(self.card.name) from None
        return _checked(rows, num_drafts, self.card.name)


class VLLM:
    """vLLM's `/v1/completions` with `prompt_logprobs` (recorded from 0.33)."""

    card = CapabilityCard(
        "vLLM /v1/completions",
        is_exact_greedy=True,
        sampling=f"exact sampling for top_k up to {NUM_TOP}",
        keeps_prefix=False,
        price="the whole prompt is read again each round",
    )
    path = "/v1/completions"

    def __init__(self, model: str) -> None:
        self._model = model

    def body(self, text: Sequence[int], drafts: Sequence[int]) -> bytes:
        """Ids as the prompt; one token is made, whose own row comes with `logprobs`."""
        return msgspec.json.encode(
            {
                "model": self._model,
                "prompt": [*text, *drafts],
                "max_tokens": 1,
                "temperature": 0,
                "prompt_logprobs": NUM_TOP,
                "logprobs": NUM_TOP,
                "return_tokens_as_token_ids": True,
            }
        )

    def text(self, body: bytes) -> list[int]:
        """The ids that a body holds."""
        return list(msgspec.json.decode(body)["prompt"])

    def rows(self, answer: bytes, num_text: int, num_drafts: int) -> list[Likeliest]:
        """`prompt_logprobs[i]` is the law of prompt token i; the last row is the new token's."""
        try:
            choice: Any = msgspec.json.decode(answer)["choices"][0]
            told = choice["prompt_logprobs"][num_text : num_text + num_drafts]
            rows = [_likeliest((i, each["logprob"]) for i, each in row.items()) for row in told]
            last = choice["logprobs"]["top_logprobs"][0]
            rows.append(_likeliest((i.removeprefix("token_id:"), p) for i, p in last.items()))
        except (msgspec.MsgspecError, KeyError, IndexError, TypeError, ValueError, AttributeError):
            raise _broken(self.card.name) from None
        return _checked(rows, num_drafts, self.card.name)


PREDICTION = CapabilityCard(
    "OpenAI predicted outputs",
    is_exact_greedy=True,
    sampling="the server's own law, not repeatable by our seed",
    keeps_prefix=True,
    price="rejected draft tokens are billed as output",
)


CARDS = {"sglang": SGLang.card, "vllm": VLLM.card, "predicted": PREDICTION}
"""By the name that the settings use."""


def with_prediction(body: bytes, draft: str) -> bytes:
    """A chat request that carries the device's whole drafted answer: one draft per request."""
    request: dict[str, Any] = msgspec.json.decode(body)
    return msgspec.json.encode({**request, "prediction": {"type": "content", "content": draft}})


def can_draw(draw: Draw) -> bool:
    """Whether the likeliest tokens are enough to draw by this law."""
    return draw.temperature <= 0.0 or 0 < draw.top_k <= NUM_TOP


def check_law(draw: Draw) -> None:
    """Raises `Unsupported` for a law that needs more tokens than a stock server tells."""
    if not can_draw(draw):
        raise Unsupported(
            f"A stock verifier tells the {NUM_TOP} likeliest tokens; this sampling needs them all.",
            remedy=f"Set top_k to at most {NUM_TOP}, or the temperature to 0.",
            param="top_k",
        )


def verified(
    rows: Sequence[Likeliest], drafts: Sequence[int], draw: Draw, position: int
) -> list[int]:
    """The target's own next tokens, drawn here: accept a draft if and only if it is equal."""
    ids: list[int] = []
    for at, row in enumerate(rows):
        ids.append(_drawn(row, draw, position + at))
        if at >= len(drafts) or ids[-1] != drafts[at]:
            break
    return ids


def _drawn(row: Likeliest, draw: Draw, position: int) -> int:
    """The rule of `coupling` on a row of which only the top is known; the rest cannot be drawn."""
    dense = np.full(max(row.ids) + 1, -np.inf, np.float32)
    dense[list(row.ids)] = row.logprobs
    return pick(dense, draw, position)


def _likeliest(pairs: Any) -> Likeliest:
    told = [(int(token), float(logprob)) for token, logprob in pairs]
    told.sort(key=lambda each: (-each[1], each[0]))
    return Likeliest(tuple(i for i, _ in told), tuple(p for _, p in told))


def _checked(rows: list[Likeliest], num_drafts: int, name: str) -> list[Likeliest]:
    if len(rows) != num_drafts + 1 or not all(row.ids and min(row.ids) >= 0 for row in rows):
        raise _broken(name)
    return rows


def _broken(name: str) -> CloudBroken:
    return CloudBroken(
        f"{name} answered in another shape than was recorded.",
        remedy="Its version may be too new or too old.",
    )
