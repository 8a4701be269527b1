"""What may leave the device: the user's consent, the mode and the list of hosts decide. Pure.

This guard finds nothing personal by itself: it sees to it that nothing leaves without consent, to
an unlisted host or in the clear, and it says what leaves and at what price. What is personal in it
is `privacy.masking`'s, which asks here first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from tandem.policy.budgeting import Prices, estimated_tokens, money_for
from tandem.ports import Encode
from tandem.types import Blocked, Departure, Event, Mode, Outgoing, Request

# Two parsers may see two hosts in such an address (Open WebUI, CVE-2026-45400).
_NOT_PLAIN = re.compile(r"[\\\s\x00-\x1f\x7f]")
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Leaving:
    """A Guard. `hosts` are the only ones that can be reached, as "host" or "host:port"."""

    hosts: frozenset[str]
    prices: Prices
    model: str
    mode: Mode = Mode.PREFER_LOCAL
    allow_plain_http: bool = False

    def departure(
        self, request: Request, encode: Encode, *, is_preview: bool = False
    ) -> Departure | Blocked:
        """Let the request leave as it is, or say why not."""
        return self.unwilling(request) or self.addressed(request, encode(request))

    def restoring(self, request: Request, departure: Departure) -> AsItCame:
        """Nothing was replaced, so nothing is put back."""
        return AsItCame()

    def unwilling(self, request: Request) -> Blocked | None:
        """Whether mode or consent forbid it, before anything is looked at."""
        if Mode.LOCAL_ONLY in (self.mode, request.mode):
            return Blocked(
                "Local-only is switched on: nothing leaves this device.",
                "Choose another mode if the cloud should answer.",
                code="local_only",
            )
        if not request.may_leave_device:
            return Blocked(
                "There is no consent to leave the device.",
                "Agree to escalate first.",
                code="no_consent",
            )
        return None

    def addressed(self, request: Request, outgoing: Outgoing) -> Departure | Blocked:
        """Let `outgoing`, made from `request`, go to its address, or say why not."""
        url = urlsplit(outgoing.url)
        host = url.hostname or ""
        if _NOT_PLAIN.search(outgoing.url) or "@" in url.netloc:
            return Blocked(
                "The cloud's address has a user name, a backslash, a space or a control character; "
                "programs read such an address in different ways.",
                "Write cloud.url as https://HOST/PATH, and give the key by api_key_env.",
                code="address",
            )
        if host not in self.hosts and url.netloc not in self.hosts:
            return Blocked(
                f"The host {host!r} is not on the list of hosts that may be reached.",
                "Set cloud.url, or add the host to cloud.hosts in the settings.",
                code="host",
            )
        if url.scheme != "https" and host not in LOOPBACK_HOSTS and not self.allow_plain_http:
            return Blocked(
                f"{url.scheme}:// would send the question readable by anyone on the way.",
                "Use an https:// address, or set cloud.allow_plain_http.",
                code="plain_http",
            )
        num_input = estimated_tokens(request)
        num_output = request.sampling.max_output_tokens
        return Departure(
            outgoing,
            host,
            estimated_input_tokens=num_input,
            estimated_money=money_for(self.prices, self.model, num_input, num_output),
            request=request,
        )


class AsItCame:
    """A Restoring where nothing was replaced."""

    def feed(self, event: Event) -> Iterable[Event]:
        """The event itself."""
        return (event,)

    def rest(self) -> Iterable[Event]:
        """Nothing is held back."""
        return ()
