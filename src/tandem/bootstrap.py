"""The composition root: the only module that knows which parts are joined, and how.

It reads the settings and hands plain arguments to the parts. Every engine that touches the
network is built inside a door here, and in local-only mode none is built at all.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tandem.bootstrap_models import (
    calibration_of,
    costing_by,
    loaded,
    model_file,
    model_store,
    prices_of,
)
from tandem.clock import SystemClock
from tandem.config import Cloud, Paths, Settings
from tandem.engines.door import Door
from tandem.engines.on_demand import OnDemand
from tandem.engines.scripted import Reply, ScriptedEngine
from tandem.errors import BadSettings, TandemError
from tandem.ledger import SqliteLedger
from tandem.modelstore import ModelStore
from tandem.orchestrator import Orchestrator
from tandem.pairing.cards import Pairing, read_pairings, replicas
from tandem.personal import Known
from tandem.policy.budgeting import Price
from tandem.policy.covering import Covering, Sinks
from tandem.policy.judging import TokenJudge
from tandem.policy.leaving import Leaving
from tandem.policy.refusing import doubt, refusal
from tandem.policy.routing import ModeRouter
from tandem.ports import Clock, Engine, Ledger, Remote
from tandem.privacy.audit import AuditFile
from tandem.privacy.detection.detector import LayeredDetector
from tandem.privacy.masking import Masking
from tandem.privacy.vault import Vault
from tandem.secrets import Secrets
from tandem.types import (
    Blocked,
    Departure,
    EngineCard,
    Event,
    Mode,
    Outgoing,
    Place,
    Request,
)

if TYPE_CHECKING:
    from tandem.engines.openai_http import OpenAIRemote


@dataclass(frozen=True, slots=True)
class Tandem:
    """The joined parts. `engine` answers; the rest is for showing, asking and counting."""

    engine: Orchestrator
    device: OnDemand
    door: Door | None
    ledger: Ledger
    store: ModelStore
    mode: Mode

    def preview(self, request: Request) -> Departure | Blocked:
        """What would leave if the user agreed, and at what price; nothing is sent."""
        if self.door is None:
            if self.mode is Mode.LOCAL_ONLY:
                return Blocked(
                    "Local-only is switched on: nothing leaves this device.",
                    "Choose another mode: tandem config set mode prefer-local.",
                )
            return Blocked(
                "No cloud is set up.", "Set one: tandem config set cloud.url https://HOST/v1."
            )
        return self.door.preview(request)

    def escalate(
        self, request: Request, *, escalated_from: str | None = None
    ) -> AsyncGenerator[Event, None]:
        """The user has agreed: the cloud's answer, through the door."""
        return self.engine.escalate(request, escalated_from=escalated_from)


@asynccontextmanager
async def open_tandem(
    settings: Settings,
    paths: Paths,
    secrets: Secrets,
    *,
    local_only: bool = False,
    clock: Clock | None = None,
    dictionary: Known | None = None,
) -> AsyncGenerator[Tandem, None]:
    """Join the parts as the settings say, and close them in the end.

    `dictionary` knows the user's own people, for the guard; `None`: those in the user's stores. The
    device's model is loaded when it is first asked. Raises `BadSettings`, `DeviceFault` (ledger).
    """
    clock = clock or SystemClock()
    mode = Mode.LOCAL_ONLY if local_only else settings.mode
    store = model_store(settings, paths)
    prices = prices_of(settings)
    vault = _vault(settings, paths, secrets)
    audit = AuditFile(paths.audit, clock, partial(vault.derived, "audit"))
    device = _device(settings, store)
    door = None
    if settings.cloud.is_configured and mode is not Mode.LOCAL_ONLY:
        pairings = replicas(read_pairings(paths.pairings), settings.cloud.url)
        joining = partial(_joined, settings, store, pairings, device, audit, clock)
        door = _door(
            settings, paths, secrets, prices, audit, vault, mode, dictionary, pairings, joining
        )
    ledger = SqliteLedger(paths.ledger)
    # A calibration belongs to a model file; the scripted engine has none.
    is_model = settings.device.kind == "llama"
    calibration = calibration_of(store, settings.device.model) if is_model else None
    judge = TokenJudge(calibration, settings.device.threshold)
    spoken = None if settings.language == "auto" else settings.language
    engine = Orchestrator(
        device=device,
        cloud=door,
        router=ModeRouter(has_cloud=door is not None),
        judge=judge,
        cloud_judge=_cloud_judge(settings.cloud),
        ledger=ledger,
        costing=costing_by(settings, prices),
        clock=clock,
        mode=mode,
        refusal=partial(refusal, spoken=spoken),
        doubt=partial(doubt, spoken=spoken),
    )
    try:
        yield Tandem(engine, device, door, ledger, store, mode)
    finally:
        await engine.aclose()
        await ledger.aclose()
        audit.aclose()
        vault.aclose()


def open_audit(settings: Settings, paths: Paths, secrets: Secrets) -> AuditFile:
    """The audit trail alone, for who reads and checks it."""
    vault = _vault(settings, paths, secrets)
    return AuditFile(paths.audit, SystemClock(), partial(vault.derived, "audit"))


def explained(
    settings: Settings, paths: Paths, secrets: Secrets, request: Request, host: str
) -> Departure | Blocked:
    """What the guard would make of a request to `host`, whether or not there is such a cloud.

    Nothing is sent and nothing kept. Raises `DeviceFault`.
    """
    leaving = Leaving(frozenset({host}), {}, "")
    vault = _vault(settings, paths, secrets)
    try:
        guard = _masking(settings, paths, leaving, vault, host, None)
        agreed = replace(request, may_leave_device=True, mode=None)
        return guard.departure(agreed, partial(_plainly, host), is_preview=True)
    finally:
        vault.aclose()


def _plainly(host: str, request: Request) -> Outgoing:
    body = "\n".join(each.text for each in request.messages)
    return Outgoing("POST", f"https://{host}/", (), body.encode("utf-8", "surrogatepass"))


def _masking(
    settings: Settings,
    paths: Paths,
    leaving: Leaving,
    vault: Vault,
    host: str,
    dictionary: Known | None,
) -> Masking:
    # Formats of calendars and cards: only where something may leave.
    from tandem.bootstrap_dictionary import OwnPeople

    privacy = settings.privacy
    return Masking(
        leaving,
        LayeredDetector(),
        vault,
        host=host,
        dictionary=OwnPeople(settings, paths) if dictionary is None else dictionary,
        covering=Covering(privacy.rules),
        sinks=Sinks(
            frozenset(privacy.restore_links),
            frozenset(privacy.restore_code),
            frozenset(privacy.restore_tools),
        ),
    )


def _vault(settings: Settings, paths: Paths, secrets: Secrets) -> Vault:
    key = partial(secrets.vault_key, paths.vault_key, use_keyring=settings.privacy.keyring)
    return Vault(paths.vault, key)


# --- the parts ----------------------------------------------------------------------------------


def _device(settings: Settings, store: ModelStore) -> OnDemand:
    """The device's engine by its kind; a new kind is one line in the table."""
    chosen = settings.device

    async def scripted() -> Engine:
        return ScriptedEngine(Reply("This is the scripted engine."), model="scripted")

    kinds: Mapping[str, Callable[[], Awaitable[Engine]]] = {
        "scripted": scripted,
        "llama": partial(
            loaded,
            store,
            chosen.model,
            place=Place.DEVICE,
            num_threads=chosen.threads,
            num_slots=chosen.slots,
            context_tokens=chosen.context_tokens,
        ),
    }
    card = EngineCard(chosen.kind, Path(chosen.model).stem, Place.DEVICE)
    return OnDemand(kinds[chosen.kind], card)


def _door(
    settings: Settings,
    paths: Paths,
    secrets: Secrets,
    prices: Mapping[str, Price],
    audit: AuditFile,
    vault: Vault,
    mode: Mode,
    dictionary: Known | None,
    pairings: Sequence[Pairing],
    joining: Callable[[OpenAIRemote], Remote],
) -> Door:
    # The HTTP client takes a quarter of a second: only who has a cloud waits for it.
    from tandem.engines.openai_http import Limits, OpenAIRemote

    cloud = settings.cloud
    if not cloud.model:
        raise BadSettings(
            "cloud.url is set, but cloud.model is not.",
            remedy="Say which model to ask: tandem config set cloud.model NAME.",
        )
    hosts = frozenset({cloud.host, *cloud.hosts})
    remote = OpenAIRemote(
        cloud.url,
        cloud.model,
        credential=_credential(settings, paths, secrets, pairings),
        credential_name=cloud.api_key_env or None,
        dialect=cloud.dialect,
        limits=Limits(
            connect_seconds=cloud.connect_timeout_seconds,
            first_byte_seconds=cloud.first_byte_timeout_seconds,
            idle_seconds=cloud.idle_timeout_seconds,
            total_seconds=cloud.total_timeout_seconds,
        ),
        allow_plain_http=cloud.allow_plain_http,
        ssl_context=_trust(pairings),
        hosts=hosts,
    )
    leaving = Leaving(
        hosts=hosts,
        prices=prices,
        model=cloud.model,
        mode=mode,
        allow_plain_http=cloud.allow_plain_http,
    )
    guard = _masking(settings, paths, leaving, vault, cloud.host, dictionary)
    return Door(joining(remote), guard, audit)


def _trust(pairings: Sequence[Pairing]) -> ssl.SSLContext | None:
    """For a paired cloud the one certificate that it showed."""
    if not pairings or not pairings[0].certificate:
        return None
    from tandem.pairing.certificate import trusting  # as in `_door`

    return trusting(pairings[0].certificate)


def _joined(
    settings: Settings,
    store: ModelStore,
    pairings: Sequence[Pairing],
    device: OnDemand,
    audit: AuditFile,
    clock: Clock,
    remote: OpenAIRemote,
) -> Remote:
    """The remote, made to answer jointly where the cloud is paired and the device can draft."""
    joint, cloud = settings.joint, settings.cloud
    name = joint.drafter or settings.device.model
    is_own = not joint.drafter and settings.device.kind == "llama"
    if not (pairings or joint.stock) or not joint.enabled or not (is_own or joint.drafter):
        return remote
    try:
        file = model_file(store, name)
    except TandemError:
        return remote  # nothing to draft with: the plain stream; `tandem doctor` says so
    from tandem.pairing.building import Drafting, Manner, joint_remote, stock_remote  # as `_door`

    def record(outgoing: Outgoing) -> None:
        audit.record(Departure(outgoing, urlsplit(outgoing.url).hostname or cloud.host))

    drafting = Drafting(
        file,
        device.ready if is_own else None,
        num=settings.device.slots,
        num_threads=settings.device.threads,
        has_lookup=joint.lookup,
    )
    if not pairings:
        assert joint.stock
        return stock_remote(
            remote, joint.stock, cloud.model, drafting=drafting, record=record, clock=clock
        )
    return joint_remote(
        remote,
        pairings,
        drafting=drafting,
        record=record,
        clock=clock,
        manner=Manner(
            economy=joint.economy,
            resume_seconds=joint.resume_seconds,
            allow_unverified=joint.allow_unverified,
            total_seconds=cloud.total_timeout_seconds,
        ),
    )


def _credential(
    settings: Settings, paths: Paths, secrets: Secrets, pairings: Sequence[Pairing]
) -> Callable[[], str | None]:
    """The cloud's key: the paired one's token; for the tier of one's own on this machine, the token
    that it wrote."""
    cloud = settings.cloud

    def credential() -> str | None:
        if pairings:
            return pairings[0].token
        key = secrets.api_key(
            variable=cloud.api_key_env, host=cloud.host, use_keyring=cloud.api_key_keyring
        )
        if key or not is_own_tier(settings):
            return key
        try:
            return paths.cloud_tier_token.read_text("ascii").strip() or None
        except (OSError, UnicodeDecodeError):
            return None

    return credential


def is_own_tier(settings: Settings) -> bool:
    """Whether the cloud is `tandem cloud` on this machine: its token goes nowhere else."""
    root = f"http://127.0.0.1:{settings.cloud_tier.port}"
    return settings.cloud.url.startswith((f"{root}/", f"http://localhost:{root.split(':')[-1]}/"))


def _cloud_judge(cloud: Cloud) -> TokenJudge | None:
    """A cloud is taken at its word unless the user has set a threshold for it.

    A tier of one's own judges itself, and no calibration is known for anybody else's model.
    """
    if not cloud.judge or cloud.threshold is None:
        return None
    return TokenJudge(None, cloud.threshold)
