"""What an answer costs in money and energy. Pure arithmetic on tables from the settings.

All figures are estimates: prices change without notice, and energy is power times time, not a
meter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tandem.types import Money, Place, PlaceUsage, Request, Usage

# Published rules of thumb give about 4 characters per English token; Chinese needs about one
# token a character with today's large vocabularies. Only used before sending, to tell a price in
# advance.
CHARACTERS_PER_TOKEN = 4.0
# Assumed length of an answer when the request sets no limit, to tell a price in advance.
ASSUMED_OUTPUT_TOKENS = 300


@dataclass(frozen=True, slots=True)
class Price:
    """Money per million tokens, as providers publish it."""

    input_per_million: float
    output_per_million: float
    currency: str = "USD"


Prices = Mapping[str, Price]


@dataclass(frozen=True, slots=True)
class Energy:
    """How joules are estimated: `device_watts` while the device works, joules per output token
    of the cloud (its prefill is in that figure, as published ones are per answer).

    The sources go into the receipt, as these are no measurements.
    """

    device_watts: float
    device_source: str
    cloud_joules_per_token: float
    cloud_source: str


def estimated_tokens(request: Request) -> int:
    """A guess of the input's length in tokens, for a price told in advance."""
    weight = 0.0
    for message in request.messages:
        text = message.text
        num_ascii = sum(map(str.isascii, text)) if not text.isascii() else len(text)
        weight += num_ascii / CHARACTERS_PER_TOKEN + (len(text) - num_ascii)
    return max(1, round(weight) + 4 * len(request.messages))


def money_for(
    prices: Prices, model: str, num_input: int, num_output: int | None = None
) -> Money | None:
    """The price of so many tokens, or `None` when the table has no line for the model."""
    price = prices.get(model)
    if price is None:
        return None
    output = ASSUMED_OUTPUT_TOKENS if num_output is None else num_output
    amount = (num_input * price.input_per_million + output * price.output_per_million) / 1e6
    return Money(amount, price.currency)


def place_usage(
    place: Place, model: str, usage: Usage, prices: Prices, energy: Energy
) -> PlaceUsage:
    """One place's work with its estimated cost. The device costs no money, the cloud no watts here.

    The question's own log-probabilities are left out: they say something about the user's words.
    """
    usage = replace(usage, prompt_logprobs=()) if usage.prompt_logprobs else usage
    if place is Place.DEVICE:
        joules = energy.device_watts * usage.seconds
        return PlaceUsage(place, model, usage, None, joules, energy.device_source)
    joules = energy.cloud_joules_per_token * usage.output_tokens
    money = money_for(prices, model, usage.input_tokens, usage.output_tokens)
    return PlaceUsage(place, model, usage, money, joules, energy.cloud_source)
