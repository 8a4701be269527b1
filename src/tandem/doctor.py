"""Finds what is wrong with an installation, and says how to mend it.

Each check is a function that returns findings and raises nothing. The checks look at the real
thing: they write a file, load the model, open the ledger and ask the cloud one fixed word through
the door, so that a planted fault meets the same code as a user's question. The room stands beside
`bootstrap`, as it needs all parts joined.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tandem.bootstrap import Tandem, open_audit
from tandem.config import Paths, Settings
from tandem.config_file import Loaded, sifted, text_of
from tandem.conversations import Conversations
from tandem.errors import BadSettings, TandemError
from tandem.ledger import SqliteLedger
from tandem.pairing.checking import checked
from tandem.ports import Clock
from tandem.private_file import is_open_to_others
from tandem.secrets import Secrets
from tandem.types import Blocked, Mode, Request, Sampling, message

Status = Literal["ok", "warning", "fault"]
# Below this the next model or a few months of receipts may not fit; below the second nothing does.
LOW_DISK_BYTES = 500_000_000
FULL_DISK_BYTES = 5_000_000
# A cloud that needs longer for its first word is as good as hanging for someone who waits.
PATIENCE_SECONDS = 15.0
PROBE = "Say OK."


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. A fault or warning has a remedy."""

    check: str
    status: Status
    message: str
    remedy: str = ""


def _fault(check: str, error: TandemError) -> Finding:
    return Finding(check, "fault", error.message, error.remedy)


# --- settings -----------------------------------------------------------------------------------


def check_settings(
    path: Path, environ: Mapping[str, str], *, must_exist: bool
) -> tuple[Loaded, list[Finding]]:
    """Every wrong key and value, and what is right in spite of them, for the other checks."""
    try:
        loaded, faults = sifted(text_of(path, must_exist=must_exist), path, environ)
    except BadSettings as error:
        loaded, faults = sifted("", path, {})[0], [error]
    if faults:
        return loaded, [_fault("settings", fault) for fault in faults]
    there = str(path) if path.exists() else f"defaults; {path} does not exist"
    return loaded, [Finding("settings", "ok", there)]


# --- this machine -------------------------------------------------------------------------------


def check_folders(paths: Paths) -> Iterator[Finding]:
    """Whether what must be written can be, and whether there is room."""
    folders = {paths.data, paths.models, paths.ledger.parent, paths.audit.parent}
    for folder in sorted(folders):
        there = next(each for each in (folder, *folder.parents) if each.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK) or not _takes_file(there):
            yield Finding(
                "folders",
                "fault",
                f"{there} cannot be written.",
                f"Make it writable (chmod u+rwx {there}), or set another place.",
            )
            continue
        free = shutil.disk_usage(there).free
        if free < LOW_DISK_BYTES:
            is_full = free < FULL_DISK_BYTES
            yield Finding(
                "disk",
                "fault" if is_full else "warning",
                f"{there} has {free / 1e6:.0f} MB left.",
                "Free some disk space, or set models.folder and ledger.path to another disk.",
            )
        else:
            yield Finding("folders", "ok", f"{folder} ({free / 1e9:.0f} GB free)")


def _takes_file(folder: Path) -> bool:
    """Rights alone do not tell: a disk may be full, read-only or without free inodes."""
    probe = folder / f".tandem-doctor-{os.getpid()}"
    try:
        probe.write_bytes(b"x" * 4096)
    except OSError:
        return False
    finally:
        probe.unlink(missing_ok=True)
    return True


def check_private_files(paths: Paths) -> Iterator[Finding]:
    """Tokens, receipts and conversations are for the user's eyes alone."""
    for name, path in (
        ("token", paths.token),
        ("token", paths.cloud_tier_token),
        ("certificate", paths.cloud_tier_certificate),
        ("pairings", paths.pairings),
        ("ledger", paths.ledger),
        ("audit trail", paths.audit),
        ("vault", paths.vault),
        ("vault's key", paths.vault_key),
    ):
        if path.is_file() and is_open_to_others(path):
            is_token = name == "token"
            mend = f"rm {path}" if is_token else f"chmod 600 {path}"
            yield Finding(
                "private files",
                "fault",
                f"The {name} file {path} can be read by other users.",
                f"{mend}" + (" (the next start makes a new one)" if is_token else ""),
            )
        elif name == "token" and path.is_file() and len(path.read_bytes().strip()) < 16:
            yield Finding("private files", "fault", f"{path} holds no usable token.", f"rm {path}")


async def check_ledger(paths: Paths) -> list[Finding]:
    """Whether the receipts can be read."""
    if not paths.ledger.exists():
        return [Finding("ledger", "ok", "no receipts yet")]
    try:
        ledger = SqliteLedger(paths.ledger)
        try:
            problems = ledger.problems()
        finally:
            await ledger.aclose()
    except TandemError as error:
        return [_fault("ledger", error)]
    if not problems:
        return [Finding("ledger", "ok", str(paths.ledger))]
    return [
        Finding(
            "ledger",
            "fault",
            f"The ledger {paths.ledger} is damaged: {problems[0]}.",
            "Move it away to start anew; `sqlite3 FILE .recover` may save what was in it.",
        )
    ]


def check_conversations(paths: Paths) -> Iterator[Finding]:
    """Whether the last conversation can be gone on with."""
    try:
        Conversations(paths.conversations).latest()
    except TandemError as error:
        yield _fault("conversations", error)


def check_privacy(settings: Settings, paths: Paths, secrets: Secrets) -> Iterator[Finding]:
    """Whether the vault opens with its key and the audit trail is as it was written."""
    if not paths.vault.exists() and not paths.audit.exists():
        yield Finding("privacy", "ok", "nothing has left yet")
        return
    audit = open_audit(settings, paths, secrets)
    try:
        problems = audit.problems()
    except TandemError as error:
        yield _fault("privacy", error)
        return
    finally:
        audit.aclose()
    for problem in problems:
        where = f"line {problem.line} " if problem.line else ""
        yield Finding(
            "audit trail",
            "fault",
            f"The audit trail {paths.audit} was changed from outside: {where}{problem.message}.",
            "Nothing leaves until it is put aside: tandem privacy audit --new",
        )
    if not problems:
        yield Finding("privacy", "ok", "the vault opens; the audit trail is whole")


def check_port(settings: Settings) -> Iterator[Finding]:
    """Whether `tandem serve` could start."""
    chosen = settings.serve
    family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:  # noqa: TID251  (binds, sends nothing)
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((chosen.host, chosen.port))
            probe.listen(1)
        except OSError as error:
            yield Finding(
                "port",
                "fault",
                f"{chosen.host}:{chosen.port} cannot be served on: {error.strerror}.",
                "If that is `tandem serve` itself, all is well; else stop the other program or: "
                "tandem config set serve.port 8320",
            )
            return
    yield Finding("port", "ok", f"{chosen.host}:{chosen.port} is free for `tandem serve`")


def check_libraries(
    version: Callable[[str], str] = importlib.metadata.version,
    wanted: Iterable[str] | None = None,
) -> Iterator[Finding]:
    """Whether what was installed is what the program was made for."""
    try:
        needed = wanted if wanted is not None else importlib.metadata.requires("tandem") or ()
    except importlib.metadata.PackageNotFoundError:
        yield Finding(
            "libraries", "warning", "Tandem is not installed as a package.", "Run: make setup"
        )
        return
    is_sound = True
    for line in needed:
        found = re.match(r"([\w.-]+)([^;]*)(;.*)?$", line)
        if found is None or found[3]:  # extras and other platforms
            continue
        pinned = re.fullmatch(r"==([\w.]+)", found[2].strip())
        try:
            installed = version(found[1])
        except importlib.metadata.PackageNotFoundError:
            is_sound = False
            text = f"{found[1]} is not installed."
            yield Finding("libraries", "fault", text, "Install again: make setup")
            continue
        if pinned and installed != pinned[1]:
            is_sound = False
            yield Finding(
                "libraries",
                "fault",
                f"{found[1]} is {installed}; Tandem was made for {pinned[1]}.",
                f"Install that one: pip install {found[1]}=={pinned[1]}",
            )
    if is_sound:
        yield Finding("libraries", "ok", "all there, in the versions wanted")


def check_clock(clock: Clock) -> Iterator[Finding]:
    """A clock behind the program's own files breaks TLS and puts receipts into the past."""
    written = Path(__file__).stat().st_mtime
    if clock.now() < written - 86_400:
        yield Finding(
            "clock",
            "fault",
            "The clock is set before this program was installed.",
            "Set it: timedatectl set-ntp true",
        )
    else:
        yield Finding("clock", "ok", "plausible")


# --- models and the cloud -----------------------------------------------------------------------


async def check_device(tandem: Tandem, settings: Settings) -> list[Finding]:
    """Load the model and let it say a word."""
    request = Request((message("user", PROBE),), sampling=Sampling(max_output_tokens=2))
    try:
        engine = await tandem.device.ready()
        async for _ in engine.generate(request):
            pass
    except TandemError as error:
        return [_fault("device model", error)]
    found = [Finding("device model", "ok", f"{engine.card.model} answers")]
    if settings.device.kind == "llama" and not _is_calibrated(tandem, settings.device.model):
        found.append(
            Finding(
                "calibration",
                "warning",
                f"{engine.card.model} is not calibrated, so it is trusted little.",
                f"tandem models calibrate {settings.device.model}",
            )
        )
    cores = os.cpu_count() or 1
    if settings.device.threads > cores:
        text = f"device.threads is {settings.device.threads}; this machine has {cores} cores."
        found.append(Finding("device", "warning", text, "tandem config unset device.threads"))
    return found


def _is_calibrated(tandem: Tandem, name: str) -> bool:
    try:
        return tandem.store.read_calibration(Path(name).name.removesuffix(".gguf")) is not None
    except TandemError:
        return False


def check_key(settings: Settings, secrets: Secrets) -> list[Finding]:
    """Whether there is a key, where one is surely needed."""
    cloud = settings.cloud
    if not cloud.is_configured or cloud.url.startswith("http://"):
        return []
    if secrets.api_key(
        variable=cloud.api_key_env, host=cloud.host, use_keyring=cloud.api_key_keyring
    ):
        return [Finding("cloud key", "ok", f"there is one for {cloud.host}")]
    if cloud.api_key_keyring and not secrets.has_keyring():
        where = f"{cloud.api_key_env} is not set, and this machine has no keyring."
    else:
        where = f"{cloud.api_key_env} is not set, and the keyring has no key for {cloud.host}."
    remedy = f"Set {cloud.api_key_env}, or keep a key in the keyring: tandem config key"
    return [Finding("cloud key", "warning", where, remedy)]


async def check_pairings(settings: Settings, paths: Paths, *, asks_cloud: bool) -> list[Finding]:
    """Whether the paired clouds are still those that were paired, and say the same text."""
    asks = asks_cloud and settings.mode is not Mode.LOCAL_ONLY
    found = await checked(paths.pairings, settings.cloud.url, asks_cloud=asks)
    findings = [Finding("pairing", *each) for each in found]
    if settings.joint.enabled and settings.joint.stock:
        from tandem.joint.stock import CARDS  # numpy: only who drafts waits for it

        findings.append(Finding("drafts", "ok", CARDS[settings.joint.stock].words))
    return findings


async def check_cloud(tandem: Tandem, settings: Settings) -> list[Finding]:
    """Ask the cloud one fixed word, through the door, with a receipt."""
    cloud = settings.cloud
    if settings.mode is Mode.LOCAL_ONLY:
        return [Finding("cloud", "ok", "local-only: nothing leaves, so nothing was tried")]
    if not cloud.is_configured:
        return [Finding("cloud", "ok", "none is set up")]
    if cloud.consent == "never":
        return [Finding("cloud", "ok", 'cloud.consent is "never", so nothing was tried')]
    request = Request(
        (message("user", PROBE),),
        sampling=Sampling(max_output_tokens=1),
        deadline_seconds=PATIENCE_SECONDS,
    )
    blocked = tandem.preview(request)
    if isinstance(blocked, Blocked):
        return [Finding("cloud", "fault", blocked.reason, blocked.remedy)]
    try:
        async for _ in tandem.escalate(request):
            pass
    except TandemError as error:
        named = "" if cloud.host in error.message else f"{cloud.host}: "
        return [Finding("cloud", "fault", named + error.message, error.remedy)]
    return [Finding("cloud", "ok", f"{cloud.model} at {cloud.host} answers")]


# --- all of it ----------------------------------------------------------------------------------

Opening = Callable[[], AbstractAsyncContextManager[Tandem]]


async def check_machine(
    settings: Settings, paths: Paths, clock: Clock, secrets: Secrets
) -> list[Finding]:
    """Everything that needs no engine."""
    return [
        *check_libraries(),
        *check_clock(clock),
        *check_folders(paths),
        *check_private_files(paths),
        *await check_ledger(paths),
        *check_conversations(paths),
        *check_privacy(settings, paths, secrets),
        *check_port(settings),
    ]


async def check_engines(settings: Settings, opening: Opening, *, asks_cloud: bool) -> list[Finding]:
    """The device's model and the cloud, each by asking it."""
    try:
        async with opening() as tandem:
            found = await check_device(tandem, settings)
            if asks_cloud:
                found += await check_cloud(tandem, settings)
            return found
    except TandemError as error:
        return [_fault("start", error)]
