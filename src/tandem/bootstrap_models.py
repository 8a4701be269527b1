"""Joins what has to do with models: the store on this disk, an engine out of a file, its
calibration, and what its answers cost.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tandem.config import Paths, Settings
from tandem.errors import BadModel
from tandem.gguf_header import read_header
from tandem.modelstore import ModelStore
from tandem.policy.budgeting import Energy, Price, place_usage
from tandem.policy.judging import Calibration, calibration_from_json
from tandem.types import Place, PlaceUsage, Usage

if TYPE_CHECKING:
    from tandem.engines.llama import LlamaEngine

# Models that came with the program: pocket in the package; tower beside it, in a clone of the
# project.
PACKAGE_MODELS = Path(__file__).parent / "models"
CLONE_MODELS = Path(__file__).parents[2] / "models"
# GGUF's numbers for f32, f16, q8_0 and bf16: what is not 4-bit.
EXACT_TYPES = (0, 1, 7, 32)


def model_store(settings: Settings, paths: Paths) -> ModelStore:
    """The models on this disk, the bundled ones among them."""
    came_along = {
        "pocket": PACKAGE_MODELS / "pocket" / "pocket.gguf",
        "tower": CLONE_MODELS / "tower" / "tower.gguf",
    }
    bundled = {name: file for name, file in came_along.items() if file.exists()}
    return ModelStore(paths.models, bundled, validate=read_header)


async def loaded(
    store: ModelStore,
    name: str,
    *,
    place: Place,
    num_threads: int,
    num_slots: int,
    context_tokens: int | None,
    is_verified: bool = False,
) -> LlamaEngine:
    """`is_verified`: it draws as joint decoding does, on weights laid out for exact passes."""
    file = model_file(store, name)
    # The native library and numpy take a third of a second: only who asks the model waits for them.
    from tandem.engines.llama import LlamaEngine
    from tandem.engines.llama_sampling import pick, pick_coupled

    return await LlamaEngine.load(
        file,
        model_name=Path(name).stem,
        place=place,
        num_threads=num_threads,
        num_slots=num_slots,
        context_tokens=context_tokens,
        # Repacked 4-bit weights have kernels of their own for nearly every width.
        repack=not is_verified
        or read_header(file).metadata.get("general.file_type") in EXACT_TYPES,
        pick=pick_coupled if is_verified else pick,
    )


def model_file(store: ModelStore, name: str) -> Path:
    path = Path(name).expanduser()
    if path.suffix == ".gguf" or os.sep in name:
        if not path.is_file():
            raise BadModel(
                f"There is no model file {path}.", remedy="Check device.model in the settings."
            )
        return path
    return store.find(name).path


def calibration_of(store: ModelStore, name: str) -> Calibration | None:
    data = store.read_calibration(Path(name).stem if name.endswith(".gguf") else name)
    if data is None:
        return None
    try:
        return calibration_from_json(data)
    except (KeyError, TypeError, ValueError) as error:
        raise BadModel(
            f"The calibration of {name} cannot be used: {error}.",
            remedy=f"Make it anew: tandem models calibrate {name}.",
        ) from error


def prices_of(settings: Settings) -> dict[str, Price]:
    return {
        model: Price(price.input_per_million, price.output_per_million, price.currency)
        for model, price in settings.prices.items()
    }


def costing_by(
    settings: Settings, prices: Mapping[str, Price]
) -> Callable[[Place, str, Usage], PlaceUsage]:
    chosen = settings.energy
    energy = Energy(
        chosen.device_watts,
        chosen.device_source,
        chosen.cloud_joules_per_token,
        chosen.cloud_source,
    )
    return partial(place_usage, prices=prices, energy=energy)
