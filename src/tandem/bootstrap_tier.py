"""Joins the cloud tier: its model with its judge, and the hall in which paired devices draft."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tandem.bootstrap_models import (
    calibration_of,
    costing_by,
    loaded,
    model_file,
    model_store,
    prices_of,
)
from tandem.clock import SystemClock
from tandem.config import CloudTier as CloudTierSettings
from tandem.config import Paths, Settings
from tandem.engines.paced import Paced
from tandem.ledger import NoLedger
from tandem.orchestrator import Orchestrator
from tandem.policy.judging import TokenJudge
from tandem.policy.refusing import refusal_alone
from tandem.policy.routing import ModeRouter
from tandem.ports import Clock, Engine
from tandem.types import Mode, Place

if TYPE_CHECKING:
    from tandem.engines.llama import LlamaEngine
    from tandem.pairing.hall import VerifyingHall


@dataclass(frozen=True, slots=True)
class CloudTier:
    """The joined parts of `tandem cloud`: its engine and, where it verifies, the hall."""

    engine: Engine
    hall: VerifyingHall | None


@asynccontextmanager
async def open_cloud_tier(
    settings: Settings, paths: Paths, *, clock: Clock | None = None
) -> AsyncGenerator[CloudTier, None]:
    """What is behind `tandem cloud`: the tier's model with its judge, and the hall in which paired
    devices draft for it. It remembers nobody.

    Raises `BadModel` when the model is not there or cannot be used.
    """
    tier = settings.cloud_tier
    clock = clock or SystemClock()
    store = model_store(settings, paths)
    model = await loaded(
        store,
        tier.model,
        place=Place.CLOUD,
        num_threads=tier.threads,
        num_slots=tier.slots,
        context_tokens=None,
        is_verified=tier.verify,
    )
    judge = TokenJudge(calibration_of(store, tier.model), tier.threshold)
    engine = Orchestrator(
        device=model,
        cloud=None,
        router=ModeRouter(has_cloud=False),
        judge=judge,
        ledger=NoLedger(),
        costing=costing_by(settings, prices_of(settings)),
        clock=clock,
        mode=Mode.LOCAL_ONLY,
        refusal=refusal_alone,
    )
    hall = None
    try:
        if tier.verify:
            hall = await _hall(model, model_file(store, tier.model), tier, clock, judge)
        paced = Paced(engine, tier.tokens_per_second) if tier.tokens_per_second else engine
        yield CloudTier(paced, hall)
    finally:
        if hall is not None:
            await hall.aclose()
        await engine.aclose()


async def _hall(
    engine: LlamaEngine, file: Path, tier: CloudTierSettings, clock: Clock, judge: TokenJudge
) -> VerifyingHall:
    from tandem.pairing.building import open_hall  # as in `loaded`

    return await open_hall(
        engine,
        file,
        num_seats=tier.seats,
        num_threads=tier.threads,
        canonical_width=tier.canonical_width,
        pass_seconds=1.0 / tier.tokens_per_second if tier.tokens_per_second else 0.0,
        clock=clock,
        judge=judge,
    )
