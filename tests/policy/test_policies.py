"""Routing, budgeting and refusing are pure functions of their arguments."""

from __future__ import annotations

import pytest

from tandem.policy.budgeting import Energy, Price, estimated_tokens, money_for, place_usage
from tandem.policy.refusing import language, refusal
from tandem.policy.routing import ModeRouter
from tandem.types import ImagePart, Message, Mode, Place, Request, Usage, message

DEVICE, CLOUD = Place.DEVICE, Place.CLOUD


@pytest.mark.parametrize(
    ("mode", "consent", "has_cloud", "place"),
    [
        (None, True, True, DEVICE),
        (Mode.PREFER_LOCAL, True, True, DEVICE),
        (Mode.PREFER_CLOUD, True, True, CLOUD),
        (Mode.PREFER_CLOUD, False, True, DEVICE),
        (Mode.PREFER_CLOUD, True, False, DEVICE),
        (Mode.CLOUD_ONLY, False, False, CLOUD),
        (Mode.LOCAL_ONLY, True, True, DEVICE),
    ],
)
def test_the_table_of_routes(
    mode: Mode | None, consent: bool, has_cloud: bool, place: Place
) -> None:
    """Prefer-local prefers local on every release; each route gives its reason."""
    request = Request((message("user", "q"),), mode=mode, may_leave_device=consent)
    route = ModeRouter(has_cloud).route(request)
    assert route.place is place
    assert route.reason


def test_a_picture_goes_where_it_can_be_seen() -> None:
    """The device that cannot see does not try, where the cloud is open."""
    request = Request((Message("user", (ImagePart("data:,"),)),), may_leave_device=True)
    assert ModeRouter(has_cloud=True).route(request).place is CLOUD
    assert ModeRouter(has_cloud=True, device_can_see=True).route(request).place is DEVICE


def test_money_is_tokens_times_price() -> None:
    """Per million, with an assumed length when none is given; no price, no money."""
    prices = {"m": Price(2.0, 10.0, "EUR")}
    money = money_for(prices, "m", 500_000, 100_000)
    assert money is not None and money.amount == pytest.approx(2.0) and money.currency == "EUR"
    assert money_for(prices, "other", 1) is None


def test_costs_carry_their_source_and_no_words() -> None:
    """Joules come with where the figure is from; the question's probabilities stay behind."""
    energy = Energy(10.0, "assumed watts", 2.0, "assumed joules")
    usage = Usage(5, 5, seconds=2.0, prompt_logprobs=(-1.0,))
    device = place_usage(DEVICE, "m", usage, {}, energy)
    assert device.joules == 20.0 and device.joules_source == "assumed watts"
    assert device.usage.prompt_logprobs == ()
    assert place_usage(CLOUD, "m", usage, {}, energy).joules == 10.0


def test_chinese_text_is_longer_in_tokens_than_in_letters_over_four() -> None:
    """The estimate counts a Han character as a token."""
    english = Request((message("user", "a" * 40),))
    chinese = Request((message("user", "机" * 40),))
    assert estimated_tokens(english) == 14
    assert estimated_tokens(chinese) == 44


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("What is it?", "en"), ("什么是GDP？", "zh"), ("", "en"), ("GDP的意思", "zh")],
)
def test_language_is_of_the_last_question(text: str, wanted: str) -> None:
    """A fifth of Han letters makes it Chinese."""
    assert language(Request((message("user", "什么"), message("user", text)))) == wanted


def test_every_refusal_names_the_way_on() -> None:
    """Local-only, no cloud and no consent have different words; all say what to do."""
    request = Request((message("user", "q"),))
    local = Request((message("user", "q"),), mode=Mode.LOCAL_ONLY)
    assert "tandem config set mode" in refusal(local, has_cloud=True)
    assert "cloud.url" in refusal(request, has_cloud=False)
    assert "tandem escalate" in refusal(request, has_cloud=True)
    assert "Neither" in refusal(request, has_cloud=True, neither=True)
