"""Where the cloud holds sessions: the verifier's loop, and the card that it shows.

Its target has caches and a thread of its own, so no session can take a slot from the plain API
beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from tandem.joint.ports import Link, Target
from tandem.joint.verifier_loop import VerifierLoop
from tandem.joint.verifying import Verifier
from tandem.pairing.cards import CloudCard
from tandem.ports import Clock


class VerifyingHall:
    """See `tandem.serve.joint.Hall`. Made within a running event loop; `free` frees the target."""

    def __init__(
        self,
        target: Target,
        verifier: Verifier,
        card: CloudCard,
        clock: Clock,
        *,
        free: Callable[[], None] = lambda: None,
    ) -> None:
        self.card = card
        self.card_json = msgspec.json.encode(card)
        self.text_print = card.text_print
        self.verifier = verifier
        self._loop = VerifierLoop(target, verifier, clock)
        self._free = free
        self._loop.start()

    async def attend(self, link: Link) -> None:
        """One link, for as long as it lasts."""
        await self._loop.attend(link)

    async def aclose(self) -> None:
        """End the work and all links, then free the target."""
        await self._loop.aclose()
        await asyncio.to_thread(self._free)
