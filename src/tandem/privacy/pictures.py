"""Pictures and other attached files: nothing looks into them, so the user decides on each.

By the built-in rule "picture" nothing leaves until the user has said so. What is allowed loses what
it says about its maker first (`attachments`); in the place of what stays a few words stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tandem.policy.covering import PICTURE, Covering
from tandem.privacy.attachments import cleaned
from tandem.privacy.walking import Place, Visit
from tandem.types import Action, ImagePart, Part, Placeholder, Request, TextPart

_TYPE = re.compile(r"data:([\w.+/-]+)", re.I)
_BASE64_PER_BYTE = 4 / 3


@dataclass(frozen=True, slots=True)
class Pictures:
    """What becomes of each picture of a request, by its address."""

    items: Mapping[str, Placeholder]

    @classmethod
    def of(
        cls,
        seen: Mapping[str, frozenset[Place]],
        covering: Covering,
        host: str,
        request: Request,
    ) -> Pictures:
        """`seen`: where each address stands. The policy's word, and the user's over it."""
        items: dict[str, Placeholder] = {}
        for number, (url, places) in enumerate(seen.items(), 1):
            origins = tuple(sorted({place.origin for place in places}))
            ruled = covering.decide(PICTURE, origins, host)
            shown = f"{'File' if _is_file(url) else 'Picture'} {number}"
            action, reason, is_open = ruled.action, ruled.reason, ruled.action is Action.ASK
            if action is not Action.FORBID and shown in request.covered | request.uncovered:
                is_covered = shown in request.covered
                action = Action.MASK if is_covered else Action.KEEP
                reason = "you covered it" if is_covered else "you uncovered it"
                is_open = False
            items[url] = Placeholder(
                shown,
                PICTURE,
                _told(url),
                origins,
                action,
                f"nothing looks into it; {reason}",
                is_open=is_open,
                number=len(places),
            )
        return cls(items)

    def leaving(self, part: ImagePart, place: Place, visit: Visit) -> Part:
        """The picture as it leaves, or the words in its place. Raises `CannotClean`."""
        item = self.items[part.url]
        if item.action is not Action.KEEP:
            return TextPart(f"[{item.shown} stays on the device]", place.origin)
        if is_data(part.url):
            return ImagePart(cleaned(part.url))
        return ImagePart(visit(part.url, place))


def is_data(url: str) -> bool:
    """Whether the file itself is in the address."""
    return url[:5].lower() == "data:"


def _is_file(url: str) -> bool:
    found = _TYPE.match(url)
    return found is not None and not found[1].lower().startswith("image/")


def _told(url: str) -> str:
    """What the user reads of it: no preview of the inside is to be had on a terminal."""
    if not is_data(url):
        return url
    found = _TYPE.match(url)
    size = (len(url) - url.find(",") - 1) / _BASE64_PER_BYTE
    return f"{found[1].lower() if found else 'a file'}, about {max(size / 1000, 0.1):.1f} kB"
