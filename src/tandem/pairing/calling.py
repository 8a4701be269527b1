"""The two calls by which a device comes to know a cloud: what certificate, and what card it shows.

Nothing of the user's is in them. They are made by `tandem pair` and `tandem doctor` alone, never in
local-only mode; sessions are `pairing.remote`'s, behind the door.
"""

from __future__ import annotations

import asyncio
import ssl
from urllib.parse import urlsplit

import aiohttp
import msgspec

from tandem.errors import (
    BadRequest,
    CloudBroken,
    CloudRejected,
    CloudTimeout,
    CloudUnreachable,
)
from tandem.listed_hosts import session
from tandem.pairing.cards import CloudCard
from tandem.pairing.certificate import trusting

SECONDS = 10.0
MAX_CARD_BYTES = 1 << 20
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def root_of(address: str) -> str:
    """The API's root from what a user types: `HOST:PORT`, or a whole URL. Raises `BadRequest`.

    Off loopback it is https; a plain http address to another machine is refused.
    """
    given = address.strip().rstrip("/")
    url = given if "://" in given else f"//{given}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if not host or parts.username or parts.query or parts.scheme not in ("", "http", "https"):
        raise BadRequest(
            "This is no address of a cloud.",
            remedy="Give it as HOST:PORT, as tandem cloud says it.",
        )
    scheme = parts.scheme or ("http" if host in LOOPBACK else "https")
    if scheme == "http" and host not in LOOPBACK:
        raise BadRequest(
            "Plain http to another machine would show the token and all text to the network.",
            remedy="Use https: tandem cloud makes its own certificate off loopback.",
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}{f':{port}' if port else ''}{parts.path or '/v1'}"


async def certificate_of(root: str) -> str:
    """The certificate that the host shows, as PEM, trusted or not; "" for plain http.

    Raises `CloudUnreachable`. Nothing is sent but the greeting of TLS.
    """
    parts = urlsplit(root)
    if parts.scheme != "https":
        return ""
    address = (parts.hostname or "", parts.port or 443)
    try:
        return await asyncio.to_thread(ssl.get_server_certificate, address, timeout=SECONDS)
    except (OSError, ValueError) as error:
        raise CloudUnreachable(
            f"{parts.netloc} shows no certificate ({type(error).__name__}).",
            remedy="Check the address, and that tandem cloud runs there with TLS.",
            has_connected=False,
        ) from None


async def card_of(root: str, token: str, certificate: str) -> CloudCard:
    """The cloud's card. `certificate`: the only one to trust; "" asks this machine's authorities.

    Raises `CloudUnreachable`, `CloudRejected`, `CloudBroken` or `CloudTimeout`.
    """
    host = urlsplit(root).netloc
    context = trusting(certificate) if certificate else True
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    try:
        async with (
            session((urlsplit(root).hostname or "",), timeout=timeout) as line,
            line.get(
                f"{root}/joint",
                headers={"Authorization": f"Bearer {token}"},
                ssl=context,
                allow_redirects=False,
            ) as response,
        ):
            body = await response.content.read(MAX_CARD_BYTES)
            _check_status(response.status, host)
    except TimeoutError:
        raise CloudTimeout(
            f"{host} did not answer in {SECONDS:g} s.", remedy="Try again."
        ) from None
    except aiohttp.ClientSSLError:
        raise CloudUnreachable(
            f"{host} shows a certificate that is not trusted here.",
            remedy="If it was changed on purpose, pair again: tandem pair ADDRESS.",
            has_connected=False,
        ) from None
    except (aiohttp.ClientError, OSError) as error:
        raise CloudUnreachable(
            f"{host} cannot be reached ({type(error).__name__}).",
            remedy="Check that tandem cloud runs there, and the address.",
            has_connected=False,
        ) from None
    try:
        return msgspec.json.decode(body, type=CloudCard)
    except msgspec.MsgspecError:
        raise CloudBroken(
            f"{host} does not say what it can verify.",
            remedy="It must be `tandem cloud` of a version that fits this one.",
        ) from None


def _check_status(status: int, host: str) -> None:
    if status in (401, 403):
        raise CloudRejected(
            f"{host} does not take this token.",
            remedy="Copy it anew from the file that tandem cloud names.",
            status=status,
        )
    if status == 404:
        raise CloudRejected(
            f"{host} does not verify drafts.",
            remedy="It can still be the cloud: tandem config set cloud.url ADDRESS.",
            status=status,
        )
    if status != 200:
        raise CloudBroken(f"{host} answered {status}.", remedy="Look at its own messages.")
