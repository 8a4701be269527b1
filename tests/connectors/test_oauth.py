"""Signing in with OAuth 2 against a provider on loopback."""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import threading
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tandem.connectors.oauth import Provider, Tokens, sign_in
from tandem.errors import BadSettings, StoreBroken, StoreRefused
from tests.keeping.stores import Clock


class Answering(http.server.BaseHTTPRequestHandler):
    """A token endpoint that checks PKCE and counts."""

    asked: list[dict[str, str]]
    challenge = ""
    answer: dict[str, Any]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fields = {name: values[0] for name, values in parse_qs(body).items()}
        self.asked.append(fields)
        verifier = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
        good = "code" not in fields or (
            base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() == type(self).challenge
        )
        content = json.dumps(self.answer).encode()
        self.send_response(200 if good else 400)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def provider() -> Iterator[tuple[type[Answering], Provider]]:
    kind = type("Kind", (Answering,), {"asked": [], "answer": {}})
    server = http.server.HTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    root = f"http://127.0.0.1:{server.server_port}"
    yield kind, Provider(f"{root}/authorize", f"{root}/token", "client-1", "mail")
    server.shutdown()
    server.server_close()


def test_tokens_are_fetched_once_and_renewed_in_time(
    provider: tuple[type[Answering], Provider],
) -> None:
    """One request an hour; a refusal says to sign in again."""
    server, about = provider
    server.answer = {"access_token": "a-1", "expires_in": 3600}
    clock = Clock()
    tokens = Tokens(about, "r-1", clock)
    assert tokens.credential().is_token and tokens.credential().secret == "a-1"
    assert len(server.asked) == 1 and server.asked[0]["refresh_token"] == "r-1"
    clock.at += 3590
    server.answer = {"access_token": "a-2"}
    assert tokens.credential().secret == "a-2"
    clock.at += 3600
    server.answer = {"nothing": 1}
    with pytest.raises(StoreBroken):
        tokens.credential()


@pytest.mark.parametrize("state_is_right", [True, False])
def test_the_browser_comes_back_with_a_code(
    provider: tuple[type[Answering], Provider], state_is_right: bool
) -> None:
    """PKCE holds; an answer without our state is somebody else's."""
    server, about = provider
    server.answer = {"access_token": "a", "refresh_token": "r-2"}

    def browser(url: str) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        server.challenge = query["code_challenge"]
        state = query["state"] if state_is_right else "other"
        back = query["redirect_uri"] + "?" + urlencode({"code": "c", "state": state})
        threading.Thread(target=lambda: urllib.request.urlopen(back).read()).start()

    if state_is_right:
        assert sign_in(about, browser, wait_seconds=10) == "r-2"
        assert server.asked[0]["code"] == "c"
    else:
        with pytest.raises(StoreRefused):
            sign_in(about, browser, wait_seconds=10)
        assert server.asked == []


def test_nobody_comes_back(provider: tuple[type[Answering], Provider]) -> None:
    """The wait ends."""
    with pytest.raises(StoreRefused, match="Nobody"):
        sign_in(provider[1], lambda _: None, wait_seconds=0.05)


def test_no_token_in_the_clear() -> None:
    """A token endpoint without https is refused."""
    with pytest.raises(BadSettings, match="https"):
        Tokens(Provider("", "http://example.org/t", "c"), "r", Clock()).credential()
