"""Stock verifiers: requests and answers in the recorded shapes, over a real loopback socket.

The server here is scripted: it answers in SGLang's and vLLM's recorded shapes from a small table of
laws, and checks what it is asked.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import numpy as np
import pytest
from aiohttp import web

from tandem.errors import CloudBroken, Unsupported
from tandem.joint.coupling import Draw, pick
from tandem.joint.stock import (
    NUM_TOP,
    PREDICTION,
    VLLM,
    SGLang,
    StockVerifier,
    check_law,
    verified,
    with_prediction,
)

VOCABULARY = 64
TABLE = np.random.default_rng(3).normal(size=(VOCABULARY, VOCABULARY)).astype(np.float32) * 2
PROMPT = [5, 9, 33]
LAWS = [Draw(), Draw(temperature=0.8, top_k=20, seed=4), Draw(temperature=1.0, top_k=5, seed=9)]


def law(token: int) -> list[tuple[int, float]]:
    """The likeliest tokens after this one, with log-probabilities."""
    row = TABLE[token].astype(np.float64)
    row -= math.log(np.exp(row).sum())
    best = np.argsort(-row, kind="stable")[:NUM_TOP]
    return [(int(i), float(row[i])) for i in best]


async def sglang(request: web.Request) -> web.Response:
    asked = await request.json()
    ids, start = asked["input_ids"], asked["logprob_start_len"]
    assert asked["return_logprob"] and asked["sampling_params"]["max_new_tokens"] == 1
    told = [[[p, i, None] for i, p in law(token)] for token in ids]
    meta = {
        "input_top_logprobs": [None, *told[start:-1]],
        "output_top_logprobs": [told[-1]],
        "prompt_tokens": len(ids),
        "cached_tokens": start,
    }
    return web.json_response({"text": "", "meta_info": meta})


async def vllm(request: web.Request) -> web.Response:
    asked = await request.json()
    ids = asked["prompt"]
    assert asked["max_tokens"] == 1 and asked["prompt_logprobs"] == NUM_TOP
    rows: list[Any] = [None]
    for token in ids[:-1]:
        ranked = enumerate(law(token), 1)
        rows.append({str(i): {"logprob": p, "rank": rank} for rank, (i, p) in ranked})
    top = {f"token_id:{i}": p for i, p in law(ids[-1])}
    choice = {"index": 0, "text": "", "logprobs": {"top_logprobs": [top]}, "prompt_logprobs": rows}
    return web.json_response({"object": "text_completion", "choices": [choice]})


@pytest.fixture
async def post() -> AsyncIterator[Callable[[str, bytes], Any]]:
    application = web.Application()
    application.add_routes([web.post("/generate", sglang), web.post("/v1/completions", vllm)])
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    root = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as session:

        async def send(path: str, body: bytes) -> bytes:
            headers = {"Content-Type": "application/json"}
            async with session.post(root + path, data=body, headers=headers) as response:
                assert response.status == 200
                return await response.read()

        yield send
    await runner.cleanup()


def alone(draw: Draw, num: int) -> list[int]:
    """The target's own text."""
    text: list[int] = []
    while len(text) < num:
        last = text[-1] if text else PROMPT[-1]
        text.append(pick(TABLE[last], draw, len(text)))
    return text


@pytest.mark.parametrize("verifier", [SGLang(), VLLM("m")], ids=["sglang", "vllm"])
@pytest.mark.parametrize("draw", LAWS, ids=["greedy", "top_k 20", "top_k 5"])
async def test_the_text_is_the_targets_own(
    post: Callable[[str, bytes], Any], verifier: StockVerifier, draw: Draw
) -> None:
    """Right drafts, wrong ones and none: the same text as the target alone, drawn on the device."""
    right = alone(draw, 40)
    rng = np.random.default_rng(2)
    text: list[int] = []
    num_rounds = 0
    while len(text) < 40:
        guesses = right[len(text) : len(text) + int(rng.integers(0, 6))]
        drafts = [t if rng.random() < 0.8 else (t + 1) % VOCABULARY for t in guesses]
        so_far = [*PROMPT, *text]
        answer = await post(verifier.path, verifier.body(so_far, drafts))
        text += verified(verifier.rows(answer, len(so_far), len(drafts)), drafts, draw, len(text))
        num_rounds += 1
    assert text[:40] == right and num_rounds < 40


@pytest.mark.parametrize("verifier", [SGLang(), VLLM("m")], ids=["sglang", "vllm"])
@pytest.mark.parametrize(
    "answer",
    [
        b"no json",
        b"{}",
        b'{"meta_info": {"input_top_logprobs": [null], "output_top_logprobs": []}}',
        b'{"meta_info": {"input_top_logprobs": [0], "output_top_logprobs": [[[0.1, -5, 0]]]}}',
        b'{"choices": [{"prompt_logprobs": null, "logprobs": null}]}',
        b'{"choices": [{"prompt_logprobs": [null], "logprobs": {"top_logprobs": [{"x": 1}]}}]}',
    ],
)
def test_other_shapes_are_the_clouds_fault(verifier: StockVerifier, answer: bytes) -> None:
    """An answer of another version, or none at all: `CloudBroken`, never a wrong token."""
    with pytest.raises(CloudBroken):
        verifier.rows(answer, 3, 0)


def test_cards_say_what_can_be_had() -> None:
    """Each card prints; none claims certified bits; the planner sees that they are synchronous."""
    for card in (SGLang.card, VLLM.card, PREDICTION):
        assert card.name in card.words and card.is_synchronous and not card.is_certified
    assert SGLang.card.keeps_prefix and not VLLM.card.keeps_prefix


def test_a_law_that_needs_all_tokens_is_refused() -> None:
    """Sampling over the whole vocabulary cannot be exact from twenty tokens."""
    check_law(Draw())
    check_law(Draw(temperature=1.0, top_k=20))
    for draw in (Draw(temperature=1.0), Draw(temperature=0.5, top_k=21)):
        with pytest.raises(Unsupported):
            check_law(draw)


def test_a_prediction_rides_along() -> None:
    """The draft is one field more."""
    body = with_prediction(b'{"model":"m","messages":[]}', "the draft")
    assert body == (
        b'{"model":"m","messages":[],"prediction":{"type":"content","content":"the draft"}}'
    )
