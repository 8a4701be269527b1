"""Reaches a paired cloud, or a replica of it: whoever is there gets the session.

The noise is keyed by position and every commit says where it starts, so any replica goes on with
the same text and nothing is lost or doubled.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from tandem.errors import CloudBusy, CloudFault, CloudRejected, CloudTimeout, CloudUnreachable
from tandem.joint.connection import DeviceConnection
from tandem.joint.ports import Link
from tandem.joint.transport import connect
from tandem.pairing.cards import Pairing
from tandem.pairing.certificate import trusting

TEXT_HEADER = "X-Tandem-Text"


class Reaching:
    """Makes links for one session, to each of `pairings` in turn until one is there.

    `wrapped` gets each link that is made; `leaving` is told the address of another cloud than the
    first before anything leaves for it.
    """

    def __init__(
        self,
        pairings: Sequence[Pairing],
        connection: DeviceConnection,
        wrapped: Callable[[Link], Link],
        leaving: Callable[[str], None],
    ) -> None:
        self._pairings = pairings
        self._connection = connection
        self._wrapped = wrapped
        self._leaving = leaving
        self._at = 0

    async def __call__(self) -> Link:
        """A link. Raises the `CloudFault` of the first cloud when none is there."""
        first: CloudFault | None = None
        for _ in self._pairings:
            pairing = self._pairings[self._at]
            if self._at:
                self._leaving(f"{pairing.url}/joint")
            try:
                return self._wrapped(await linked(pairing))
            except CloudFault as fault:
                first = first or fault
                self.turn()
        assert first is not None
        raise first

    def turn(self) -> None:
        """The next one's turn; it does not know the session."""
        if len(self._pairings) > 1:
            self._at = (self._at + 1) % len(self._pairings)
            self._connection.start_over()


async def linked(pairing: Pairing) -> Link:
    """A link to one cloud. Raises `CloudUnreachable`, `CloudBusy`, `CloudRejected`."""
    host = urlsplit(pairing.url).netloc
    headers = {
        "Authorization": f"Bearer {pairing.token}",
        TEXT_HEADER: pairing.card.text_print,
    }
    url = f"ws{pairing.url.removeprefix('http')}/joint"
    tls = trusting(pairing.certificate) if pairing.certificate else True
    try:
        return await connect(url, headers=headers, tls=tls)
    except (CloudRejected, CloudUnreachable, CloudBusy) as error:
        raise _named(error, host) from error


def _named(error: CloudFault, host: str) -> CloudFault:
    """With the cloud's name, and what to do."""
    again = "Pair again: tandem pair ADDRESS."
    if isinstance(error, CloudBusy):
        return CloudBusy(f"{host} is at a limit.", remedy="Try again in a moment.")
    if isinstance(error, CloudRejected):
        words = {
            409: f"{host} has another model, template or version than when it was paired.",
            401: f"{host} does not take the token of the pairing.",
            403: f"{host} does not let this device in.",
            404: f"{host} does not verify drafts any more.",
        }
        shown = words.get(error.status or 0, f"{host} refused the session ({error.status}).")
        return CloudRejected(shown, remedy=again, status=error.status)
    if isinstance(error, CloudTimeout):
        return error
    return CloudUnreachable(
        f"{host} cannot be reached, or shows another certificate than when it was paired.",
        remedy="Check that tandem cloud runs there, and the network; else " + again.lower(),
        has_connected=False,
    )


Connect = Callable[[], Awaitable[Link]]
