"""Signing in without a password: OAuth 2 with PKCE on loopback (RFC 8252), and fresh access tokens.

The user signs in with a browser at the provider; the provider sends the browser back to a port of
this machine with a code, which is exchanged for a refresh token. That one is kept in the keyring;
an access token lives for an hour and is never written down.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import http.server
import json
import secrets
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit

from tandem.connectors.accounts import Credential, is_this_machine
from tandem.errors import BadSettings, StoreBroken, StoreRefused, StoreUnreachable
from tandem.ports import Clock

SECONDS = 30.0
# A token is taken for stale a little early, so that it does not die in mid-request.
_MARGIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Provider:
    """Where to sign in. `client_id` is this program's at the provider; it is no secret."""

    authorize_url: str
    token_url: str
    client_id: str
    scope: str = ""


class Tokens:
    """Access tokens from a refresh token; `credential` is what an account asks."""

    def __init__(self, provider: Provider, refresh_token: str, clock: Clock) -> None:
        self._provider = provider
        self._refresh_token = refresh_token
        self._clock = clock
        self._token = ""
        self._good_until = 0.0

    def credential(self) -> Credential:
        """A token that is good for a while. Raises a `StoreFault`."""
        if self._clock.now() >= self._good_until:
            answer = _asked(
                self._provider.token_url,
                {
                    "grant_type": "refresh_token",
                    "refresh_token": self._refresh_token,
                    "client_id": self._provider.client_id,
                },
            )
            self._token = str(answer["access_token"])
            seconds = float(answer.get("expires_in", 300))
            self._good_until = self._clock.now() + max(seconds - _MARGIN_SECONDS, 1.0)
        return Credential(self._token, is_token=True)


def sign_in(provider: Provider, show: Callable[[str], None], *, wait_seconds: float = 300) -> str:
    """Let the user sign in; gives the refresh token. `show` is given the address to open.

    Raises `StoreRefused` when the user or the provider says no, or nobody comes back in time.
    """
    verifier = secrets.token_urlsafe(64)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    state = secrets.token_urlsafe(24)
    with http.server.HTTPServer(("127.0.0.1", 0), _Returning) as server:
        server.timeout = wait_seconds
        back = f"http://127.0.0.1:{server.server_port}/"
        query = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": back,
            "scope": provider.scope,
            "state": state,
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
            "access_type": "offline",
        }
        show(f"{provider.authorize_url}?{urlencode(query)}")
        given = _Returning.answers = {}
        server.handle_request()
        given = _Returning.answers
    # Without our own state in it the answer is somebody else's.
    if not secrets.compare_digest(given.get("state", ""), state) or not given.get("code"):
        raise StoreRefused("Nobody signed in.", remedy="Try again: tandem connect mail --oauth.")
    answer = _asked(
        provider.token_url,
        {
            "grant_type": "authorization_code",
            "code": given["code"],
            "redirect_uri": back,
            "client_id": provider.client_id,
            "code_verifier": verifier,
        },
    )
    if not answer.get("refresh_token"):
        raise StoreRefused("The provider gave no lasting token.", remedy="Use an app password.")
    return str(answer["refresh_token"])


class _Returning(http.server.BaseHTTPRequestHandler):
    """Takes the one request with which the browser comes back."""

    answers: Mapping[str, str] = {}

    def do_GET(self) -> None:
        """Keep what the provider says, and tell the user to go back."""
        query = parse_qs(urlsplit(self.path).query)
        type(self).answers = {name: values[0] for name, values in query.items()}
        words = b"You can close this window and go back to Tandem."
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the address holds the code."""


def _asked(url: str, fields: Mapping[str, str]) -> dict[str, Any]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        line: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, parts.port or 443, timeout=SECONDS, context=ssl.create_default_context()
        )
    elif is_this_machine(host):
        line = http.client.HTTPConnection(host, parts.port or 80, timeout=SECONDS)
    else:
        raise BadSettings("A token is only asked for over https.", remedy="Check the token URL.")
    try:
        body = urlencode(fields)
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        line.request("POST", parts.path or "/", body, kind)
        response = line.getresponse()
        content = response.read(1 << 20)
    except (OSError, http.client.HTTPException) as error:
        raise StoreUnreachable(
            f"The connection to {host} failed ({type(error).__name__}).", remedy="Try again."
        ) from None
    finally:
        line.close()
    if 400 <= response.status < 500:
        raise StoreRefused(
            f"{host} no longer accepts the sign-in.",
            remedy="Sign in again: tandem connect mail --oauth.",
        )
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    if response.status != 200 or not isinstance(answer, dict):
        raise StoreBroken(f"{host} gave no token ({response.status}).", remedy="Try again later.")
    told = cast("dict[str, Any]", answer)
    if "access_token" not in told:
        raise StoreBroken(f"{host} gave no token.", remedy="Try again later.")
    return told
