"""The guard that looks inside: finds what is personal, decides by policy, puts placeholders there.

What it gives back is the request in the form that may leave, encoded from that form and nothing
else, and looked through once more. Whatever fails on the way raises, and then nothing leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tandem.errors import BadRequest
from tandem.personal import Known
from tandem.policy.covering import PICTURE, Covering, Sinks
from tandem.policy.leaving import Leaving
from tandem.ports import Detector, Encode
from tandem.privacy.attachments import CannotClean
from tandem.privacy.book import Book, book_from
from tandem.privacy.last_net import leak_in
from tandem.privacy.pictures import Pictures, is_data
from tandem.privacy.replacing import Replacing
from tandem.privacy.restoring import Restorer
from tandem.privacy.sighting import Sightings
from tandem.privacy.vault import Vault
from tandem.privacy.walking import Place, walked
from tandem.types import (
    Action,
    Blocked,
    Departure,
    ImagePart,
    Part,
    Placeholder,
    Request,
)

# A text is looked through at some 10 ms per kB: more than this is minutes, and nobody reads its
# preview. A thing costs a sealed row.
MAX_CHARACTERS = 1_000_000
MAX_THINGS = 20_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may hold to be looked through at all."""

    characters: int = MAX_CHARACTERS
    things: int = MAX_THINGS


class Masking:
    """A Guard for one `host`. `dictionary` knows the user's own contacts.

    `leaving` is asked before and after.
    """

    def __init__(
        self,
        leaving: Leaving,
        detector: Detector,
        vault: Vault,
        *,
        host: str,
        dictionary: Known | None = None,
        covering: Covering | None = None,
        sinks: Sinks | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._leaving = leaving
        self._detector = detector
        self._vault = vault
        self._host = host
        self._dictionary = dictionary
        self._covering = covering or Covering()
        self._sinks = sinks or Sinks()
        self._limits = limits or Limits()

    @property
    def covering(self) -> Covering:
        """The rules, for who explains them."""
        return self._covering

    def departure(
        self, request: Request, encode: Encode, *, is_preview: bool = False
    ) -> Departure | Blocked:
        """The request as it may leave, or why it stays. Raises `DeviceFault`, `BadRequest`."""
        if blocked := self._leaving.unwilling(request):
            return blocked
        seen: dict[str, frozenset[Place]] = {}
        sightings = self._looked(request, seen)
        if isinstance(sightings, Blocked):
            return sightings
        book = self._booked(request, sightings, is_preview=is_preview)
        replacing = Replacing(book, sightings, self._covering, self._host, request)
        pictures = Pictures.of(seen, self._covering, self._host, request)
        items = (*replacing.items(), *pictures.items.values())
        if blocked := _forbidden(items, is_preview=is_preview):
            return blocked

        def see(part: ImagePart, place: Place) -> Part:
            return pictures.leaving(part, place, replacing.visit)

        try:
            leaving = walked(request, replacing.visit, see)
        except CannotClean as fault:
            return Blocked(
                str(fault), "Leave the attachment out or convert it.", items, code="attachment"
            )
        departure = self._leaving.addressed(leaving, encode(leaving))
        if isinstance(departure, Blocked):
            return departure
        if departure.host != self._host:
            return Blocked(
                f"The rules were asked for {self._host!r}, but it would go to {departure.host!r}.",
                "Please report this as a bug.",
                code="host",
            )
        if leak_in(departure.outgoing, replacing.covered_values()):
            return Blocked(
                "Something personal would have left uncovered, so nothing was sent.",
                "Please report this as a bug; answering on the device still works.",
                items,
                code="last_net",
            )
        return replace(departure, placeholders=items, policy=self._covering.name)

    def restoring(self, request: Request, departure: Departure) -> Restorer:
        """Puts values back into the answer, by what the vault and this departure know."""
        if request.conversation_id is None:
            book = book_from(each for each in departure.placeholders if each.kind != PICTURE)
        else:
            book = self._vault.book(request.conversation_id)
        return Restorer(book, self._sinks, request.tools)

    # --- the steps --------------------------------------------------------------------------

    def _looked(self, request: Request, seen: dict[str, frozenset[Place]]) -> Sightings | Blocked:
        """What is personal in all texts together; blocked where they cannot be looked through.

        Where which picture stands is entered into `seen`.
        """
        texts: list[tuple[str, Place]] = []

        def read(text: str, place: Place) -> str:
            texts.append((text, place))
            return text

        def see(part: ImagePart, place: Place) -> Part:
            seen[part.url] = seen.get(part.url, frozenset()) | {place}
            if not is_data(part.url):
                read(part.url, place)
            return part

        try:
            walked(request, read, see)
        except ValueError:
            raise BadRequest(
                "The request is nested too deeply.", remedy="Send less deep JSON."
            ) from None
        if sum(len(text) for text, _ in texts) > self._limits.characters:
            return Blocked(
                f"The request is longer than the {self._limits.characters} characters that are "
                "looked through for personal things.",
                "Send a part of it.",
                code="too_long",
            )
        known = (self._dictionary,) if self._dictionary is not None else ()
        sightings = Sightings.of(texts, self._detector, known, self._old_book(request))
        if len(sightings.things) > self._limits.things:
            return Blocked(
                f"There are more than {self._limits.things} personal things in the request.",
                "Send a part of it.",
                code="too_many",
            )
        return sightings

    def _booked(self, request: Request, sightings: Sightings, *, is_preview: bool) -> Book:
        """The conversation's book with everything of this request in it."""
        name = request.conversation_id
        if name is None or is_preview:
            book = self._old_book(request)
            sightings.note_in(book)
            return book
        book = self._vault.book(name)
        sightings.note_in(book)
        # Most turns bring nothing new, and then nothing is written.
        return self._vault.keep(name, sightings.note_in) if book.changed else book

    def _old_book(self, request: Request) -> Book:
        """What the conversation knew before.

        A request without an id is known by how it begins, so that a client that sends the whole
        conversation each time gets the same placeholders each time; nothing of it is kept, and
        nothing of a request for vectors, of which a large index makes very many.
        """
        if request.is_for_vectors:
            return self._vault.book_for_vectors()
        if request.conversation_id is not None:
            return self._vault.book(request.conversation_id)
        first = next((each.text for each in request.messages if each.role == "user"), "")
        return self._vault.empty_book(f"\0begins with\0{first}")


def _forbidden(items: Sequence[Placeholder], *, is_preview: bool) -> Blocked | None:
    forbidden = [item for item in items if item.action is Action.FORBID]
    if forbidden:
        kinds = ", ".join(sorted({item.kind for item in forbidden}))
        return Blocked(
            f"The privacy rules let nothing leave that holds: {kinds}.",
            "Take it out, or change the rule: tandem privacy rules.",
            tuple(items),
            code="forbidden",
        )
    open_ = [item for item in items if item.is_open]
    if open_ and not is_preview:
        names = ", ".join(item.shown for item in open_[:5])
        return Blocked(
            f"The privacy rules want your word on: {names}.",
            "Look at the preview, and cover or uncover each.",
            tuple(items),
            code="asks",
        )
    return None
