"""Something coarser in place of a personal thing, where a placeholder would tell too little.

Pure. It is for good: the cloud answers about the coarse thing, and nothing is put back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from tandem.personal import Kind

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NUMBER = re.compile(r"-?\d{1,3}(?:\.\d+)?")


def coarser(kind: str, value: str) -> str | None:
    """The coarse form, or `None` where there is none: then it is masked."""
    make = _MAKERS.get(kind)
    return make(value) if make else None


def _year(value: str) -> str | None:
    found = _YEAR.findall(value)
    return found[0] if len(found) == 1 else None


def _decade(value: str) -> str | None:
    found = re.findall(r"\d{1,3}", value)
    if len(found) != 1:
        return None
    low = int(found[0]) // 10 * 10
    return value.replace(found[0], f"{low}-{low + 9}")


def _rounded(value: str) -> str | None:
    """Coordinates to a tenth of a degree: some 11 km."""
    numbers = _NUMBER.findall(value)
    if len(numbers) != 2 or not all("." in number for number in numbers):
        return None
    return ", ".join(f"{float(number):.1f}" for number in numbers)


def _area(value: str) -> str | None:
    """The first half of a postcode."""
    letters = re.sub(r"\W", "", value)
    return f"{letters[:2]}..." if len(letters) >= 4 else None


def _network(value: str) -> str | None:
    found = re.fullmatch(r"(\d{1,3}\.\d{1,3})\.\d{1,3}\.\d{1,3}", value)
    return f"{found[1]}.0.0" if found else None


_MAKERS: Mapping[str, Callable[[str], str | None]] = {
    Kind.BIRTH_DATE: _year,
    Kind.DATE: _year,
    Kind.AGE: _decade,
    Kind.COORDINATES: _rounded,
    Kind.POSTCODE: _area,
    Kind.IP_ADDRESS: _network,
}
