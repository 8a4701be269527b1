"""Settings: one frozen class per room, and every place on disk.

Only `bootstrap` and `cli` read this module; every other part takes plain arguments. How the values
are read, checked and written is in `tandem.config_file`. Secrets are no settings: `tandem.secrets`.

In the classes below an empty text means "not given" and `None` means "let the part decide".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import platformdirs
from msgspec import Meta

from tandem.types import Action, Mode

Port = Annotated[int, Meta(ge=0, le=65535)]
Count = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Amount = Annotated[float, Meta(ge=0)]


@dataclass(frozen=True, slots=True)
class Device:
    """The model on this machine.

    `model` is a name in the model store or a path to a GGUF file. `context_tokens` of `None`
    takes the model's own. One thread per context and several slots is the fastest on a shared
    machine. `threshold` of `None` takes the model's calibration. `kind` "scripted" answers
    without a model, for trying a set-up.
    """

    kind: Literal["llama", "scripted"] = "llama"
    model: str = "pocket"
    context_tokens: Count | None = None
    threads: Count = 1
    slots: Count = 4
    threshold: Share | None = None
    max_output_tokens: Count = 512


@dataclass(frozen=True, slots=True)
class Cloud:
    """The far side. There is one as soon as `url` is given and `kind` is not switched off by "".

    `url` is the API's root, such as `https://api.example.com/v1`. `api_key_env` names the variable
    that holds the key; no other variable is looked at, so a key made for one host never travels to
    another. `hosts` may be reached besides the one in `url`. `judge`: read the cloud's own token
    probabilities too, where it sends them.
    """

    kind: Literal["", "openai"] = "openai"
    url: str = ""
    model: str = ""
    dialect: Literal[
        "auto",
        "generic",
        "openai",
        "vllm",
        "sglang",
        "ollama",
        "llama-server",
        "tandem",
    ] = "auto"
    api_key_env: str = "TANDEM_CLOUD_API_KEY"
    api_key_keyring: bool = True
    consent: Literal["ask", "always", "never"] = "ask"
    hosts: tuple[str, ...] = ()
    allow_plain_http: bool = False
    connect_timeout_seconds: Seconds = 5.0
    first_byte_timeout_seconds: Seconds = 30.0
    idle_timeout_seconds: Seconds = 30.0
    total_timeout_seconds: Seconds = 300.0
    threshold: Share | None = None
    judge: bool = True

    @property
    def is_configured(self) -> bool:
        """Whether there is a cloud at all."""
        return bool(self.kind and self.url)

    @property
    def host(self) -> str:
        """The host that the questions go to; "" when there is no cloud."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True)
class Joint:
    """Joint decoding with a paired cloud: the device drafts, the cloud verifies.

    `drafter` is a model's name or a GGUF file, "" the device's own model; it must have the cloud
    model's tokenizer. `lookup` drafts what the conversation said before. `economy` is the wish to
    save the cloud's passes, from 0 (as fast as possible) to 1. `resume_seconds`: how long a lost
    link is tried again. `allow_unverified`: after that the device may finish an answer alone, and
    what it says is marked.

    `stock`: the cloud is no Tandem but a stock server that verifies drafts: "sglang" and "vllm" by
    their own calls, round by round, "predicted" by OpenAI's predicted outputs. Then the drafter
    must have the tokenizer and the template of the cloud's model.
    """

    enabled: bool = True
    stock: Literal["", "sglang", "vllm", "predicted"] = ""
    drafter: str = ""
    lookup: bool = True
    economy: Share = 0.0
    resume_seconds: Seconds = 5.0
    allow_unverified: bool = False


@dataclass(frozen=True, slots=True)
class Price:
    """What one model costs, per million tokens."""

    input_per_million: Amount = 0.0
    output_per_million: Amount = 0.0
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "USD"


@dataclass(frozen=True, slots=True)
class Energy:
    """How joules are estimated. The source goes into every receipt, as these are no measurements.

    `device_watts`: 15 W is the processor base power of a thin laptop's whole package (Intel ARK,
    Core i5-1335U), thus rather high for one busy core. `cloud_joules_per_token`: Epoch AI, "How
    much energy does ChatGPT use?" (February 2025), 0.3 Wh for about 500 output tokens, taken for
    every token.
    """

    device_watts: Amount = 15.0
    device_source: str = "estimate: 15 W, base power of a laptop processor (Intel ARK, i5-1335U)"
    cloud_joules_per_token: Amount = 2.2
    cloud_source: str = "estimate: 0.3 Wh per 500 output tokens (Epoch AI, February 2025)"


@dataclass(frozen=True, slots=True)
class Serve:
    """The local server. `api_may_leave`: requests over the API may go to the cloud unasked.

    `honour_request_consent`: a request may itself carry the caller's yes. `requests_per_minute` of
    0 sets no limit. `allowed_hosts` adds to the loopback names of the Host-header check.
    `certificate` and `certificate_key` are PEM files: needed to listen to other machines.
    """

    host: str = "127.0.0.1"
    port: Port = 8310
    max_body_bytes: Count = 8 * 1024 * 1024
    max_concurrent: Count = 64
    requests_per_minute: Annotated[int, Meta(ge=0)] = 0
    allowed_hosts: tuple[str, ...] = ()
    certificate: str = ""
    certificate_key: str = ""
    api_may_leave: bool = False
    honour_request_consent: bool = True


@dataclass(frozen=True, slots=True)
class CloudTier:
    """The embedded cloud tier, `tandem cloud`.

    `tokens_per_second` above 0 slows its answers down to the pace of a large model. Off loopback it
    serves TLS, with a certificate of its own unless one is given; `names` are what devices may call
    it besides its address. `verify` lets paired devices draft for it, `seats` of them at once;
    `canonical_width` above 0 pads every pass to it, for engines whose bits depend on the width.
    """

    host: str = "127.0.0.1"
    port: Port = 8311
    model: str = "tower"
    threads: Count = 1
    slots: Count = 4
    threshold: Share | None = None
    tokens_per_second: Amount = 0.0
    names: tuple[str, ...] = ()
    certificate: str = ""
    certificate_key: str = ""
    verify: bool = True
    seats: Count = 4
    canonical_width: Annotated[int, Meta(ge=0, le=63)] = 0


@dataclass(frozen=True, slots=True)
class Privacy:
    """What of a request may leave, and into what an answer's placeholders may be restored.

    `rules` is the table: "KIND [from ORIGIN] [to HOST]" = "keep", "generalise", "mask", "ask" or
    "forbid"; it goes before the built-in one, which masks. `restore_links`, `restore_code` and
    `restore_tools` list the kinds ("*" is all) that may be put back into links, into code that
    reaches out and into arguments of outward tools; the user's view takes them always. `keyring`:
    keep the vault's key there, where there is one, and not in a file.
    """

    rules: Mapping[str, Action] = field(default_factory=dict[str, Action])
    restore_links: tuple[str, ...] = ()
    restore_code: tuple[str, ...] = ()
    restore_tools: tuple[str, ...] = ()
    keyring: bool = True


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """Where the receipts are; "" is the data folder's `ledger.sqlite`."""

    path: str = ""


@dataclass(frozen=True, slots=True)
class AuditFile:
    """Where departures are recorded; "" is the data folder's `audit.jsonl`."""

    path: str = ""


@dataclass(frozen=True, slots=True)
class Models:
    """Where models are kept ("" is the data folder's `models`) and pulled from."""

    folder: str = ""
    hub: str = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class You:
    """Who the assistant works for: what goes into letters, and where the day begins.

    `zone` is a name such as `Europe/London`; "" is this machine's. `stores` is the folder with
    your mail, calendar, contacts and notes as plain files; "" is the data folder's `stores`.
    """

    name: str = ""
    email: str = ""
    zone: str = ""
    home: str = ""
    work: str = ""
    stores: str = ""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Your mail server, as `tandem connect mail` finds it. Without `imap_host` mail is plain files.

    `files_sent`: the server itself puts a copy of each sent mail into Sent (Gmail, Outlook).
    `hold_seconds`: how long a mail can be taken back before it leaves. `sign_in` "oauth" takes a
    token from `oauth_token_url` instead of a password. The secret is in the keyring, or in the
    variable TANDEM_MAIL_PASSWORD.
    """

    imap_host: str = ""
    imap_port: Port = 993
    imap_security: Literal["tls", "starttls", "plain"] = "tls"
    smtp_host: str = ""
    smtp_port: Port = 465
    smtp_security: Literal["tls", "starttls", "plain"] = "tls"
    user: str = ""
    files_sent: bool = False
    hold_seconds: Annotated[float, Meta(ge=0)] = 10.0
    sign_in: Literal["password", "oauth"] = "password"
    oauth_client_id: str = ""
    oauth_token_url: str = ""


@dataclass(frozen=True, slots=True)
class DavServer:
    """Your calendar (CalDAV) or contacts (CardDAV) server. Without `host` they are plain files.

    `collections` are paths on the server; a new item goes into the first. The secret is in the
    keyring, or in the variable TANDEM_CALENDAR_PASSWORD or TANDEM_CONTACTS_PASSWORD.
    """

    host: str = ""
    port: Port = 443
    security: Literal["tls", "plain"] = "tls"
    user: str = ""
    collections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a user can choose. `prices` is by model name, `privacy.rules` by rule."""

    mode: Mode = Mode.PREFER_LOCAL
    language: Literal["auto", "en", "zh"] = "auto"
    device: Device = Device()
    cloud: Cloud = Cloud()
    joint: Joint = Joint()
    privacy: Privacy = Privacy()
    prices: Mapping[str, Price] = field(default_factory=dict[str, Price])
    energy: Energy = Energy()
    serve: Serve = Serve()
    cloud_tier: CloudTier = CloudTier()
    ledger: LedgerFile = LedgerFile()
    audit: AuditFile = AuditFile()
    models: Models = Models()
    you: You = You()
    mail: MailServer = MailServer()
    calendar: DavServer = DavServer()
    contacts: DavServer = DavServer()


@dataclass(frozen=True, slots=True)
class Paths:
    """Every place on disk that Tandem uses, resolved once. The token files have mode 0600."""

    config: Path
    data: Path
    models: Path
    ledger: Path
    audit: Path
    vault: Path
    vault_key: Path
    conversations: Path
    token: Path
    cloud_tier_token: Path
    cloud_tier_certificate: Path
    pairings: Path
    stores: Path


# --- places -------------------------------------------------------------------------------------


def settings_file(environ: Mapping[str, str], flag: Path | None = None) -> Path:
    """Where the settings are: `--config`, `TANDEM_CONFIG`, `TANDEM_HOME`, the platform's place."""
    if flag is not None:
        return flag.expanduser()
    if named := environ.get("TANDEM_CONFIG"):
        return Path(named).expanduser()
    if home := environ.get("TANDEM_HOME"):
        return Path(home).expanduser() / "tandem.toml"
    return Path(platformdirs.user_config_dir("tandem", appauthor=False)) / "tandem.toml"


def local_zone(chosen: str) -> str:
    """The user's time zone: as chosen, else this machine's, else UTC."""
    if chosen:
        return chosen
    parts = Path("/etc/localtime").resolve().as_posix().partition("/zoneinfo/")
    return parts[2] or "UTC"


def paths_from(settings: Settings, config: Path, environ: Mapping[str, str]) -> Paths:
    """All places. `TANDEM_HOME` moves the whole data folder; the settings move single files."""
    home = environ.get("TANDEM_HOME")
    folder = home or platformdirs.user_data_dir("tandem", appauthor=False)
    data = Path(folder).expanduser().absolute()

    def place(chosen: str, default: str) -> Path:
        return Path(chosen).expanduser().absolute() if chosen else data / default

    return Paths(
        config=config,
        data=data,
        models=place(settings.models.folder, "models"),
        ledger=place(settings.ledger.path, "ledger.sqlite"),
        audit=place(settings.audit.path, "audit.jsonl"),
        vault=data / "vault.sqlite",
        vault_key=data / "vault-key",
        conversations=data / "conversations",
        token=data / "token",
        cloud_tier_token=data / "cloud-token",
        cloud_tier_certificate=data / "cloud-certificate.pem",
        pairings=data / "pairings.json",
        stores=place(settings.you.stores, "stores"),
    )
