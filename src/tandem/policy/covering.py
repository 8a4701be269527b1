"""What becomes of a personal thing that would leave: kind x origin x destination -> action. Pure.

A rule is a line such as "person", "phone from mail", "* to tower.example" or "address from files to
tower.example". The user's own rules go before the built-in ones; among them the one that says most
decides, and of two that say equally much the stricter. A thing that was seen in several places has
all their origins, and the strictest of their actions: a name read in a mail stays a name from a
mail when a summary or the user says it again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tandem.personal import Kind
from tandem.types import Action, Origin

_RULE = re.compile(
    r"(?P<kind>[a-z_]+|\*)(?:\s+from\s+(?P<origin>[a-z]+|\*))?(?:\s+to\s+(?P<host>[\w.:\[\]-]+|\*))?"
)
_STRICTNESS = {action: number for number, action in enumerate(Action)}
# No Kind: nothing looks into pictures and attached files, so each stays or goes whole.
PICTURE = "picture"

# The built-in table. Places, organisations and addresses on the web that the user typed are mostly
# what the question is about ("the capital of France"); those known from the user's contacts or read
# in the user's mail are the user's life. A date alone tells little, and answers need it.
DEFAULTS: Mapping[str, Action] = {
    "*": Action.MASK,
    "place from typed": Action.KEEP,
    "place from web": Action.KEEP,
    "organisation from typed": Action.KEEP,
    "organisation from web": Action.KEEP,
    "url from typed": Action.KEEP,
    "url from web": Action.KEEP,
    "coordinates": Action.GENERALISE,
    "date": Action.KEEP,
    "age": Action.KEEP,
    "group": Action.KEEP,
    "title": Action.KEEP,
    PICTURE: Action.ASK,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table; `None` matches everything."""

    kind: str | None
    origin: Origin | None
    host: str | None
    action: Action
    is_own: bool

    @property
    def text(self) -> str:
        """The line as it is written, with its action."""
        words = self.kind or "*"
        words += f" from {self.origin}" if self.origin else ""
        words += f" to {self.host}" if self.host else ""
        whose = "your rule" if self.is_own else "built-in rule"
        return f'{whose} "{words}" = "{self.action}"'

    def fits(self, kind: str, origin: Origin, host: str) -> bool:
        """Whether it speaks of such a thing."""
        return (
            self.kind in (None, kind)
            and self.origin in (None, origin)
            and self.host in (None, host)
        )

    @property
    def weight(self) -> tuple[bool, int, int]:
        """The user's own first, then who says most, then the stricter."""
        says = (self.host is not None) + (self.origin is not None) + (self.kind is not None)
        return self.is_own, says, _STRICTNESS[self.action]


@dataclass(frozen=True, slots=True)
class Ruled:
    """An action and the rule it comes from."""

    action: Action
    reason: str


def rule_from(line: str, action: Action, *, is_own: bool = True) -> Rule:
    """Read one line. Raises `ValueError` that says what is wrong with it."""
    found = _RULE.fullmatch(line.strip().lower())
    if found is None:
        raise ValueError("a rule is written KIND [from ORIGIN] [to HOST]")
    kind, origin, host = (None if part in (None, "*") else part for part in found.groups())
    if kind is not None and kind not in (*Kind, PICTURE):
        raise ValueError(f'there is no kind "{kind}"; the kinds are {", ".join(Kind)}, {PICTURE}')
    if origin is not None and origin not in tuple(Origin):
        raise ValueError(f'there is no origin "{origin}"; the origins are {", ".join(Origin)}')
    return Rule(kind, Origin(origin) if origin else None, host, action, is_own)


class Covering:
    """The whole table: the user's own rules before the built-in ones."""

    def __init__(self, own: Mapping[str, Action] | None = None) -> None:
        rules = [rule_from(line, action) for line, action in (own or {}).items()]
        rules += [rule_from(line, action, is_own=False) for line, action in DEFAULTS.items()]
        self.rules = tuple(sorted(rules, key=lambda rule: rule.weight, reverse=True))
        told = "\n".join(rule.text for rule in self.rules)
        # Names the rules in the audit, so that a record can be read after they were changed.
        self.name = hashlib.sha256(told.encode()).hexdigest()[:12]

    def decide(self, kind: str, origins: Iterable[Origin], host: str) -> Ruled:
        """What becomes of such a thing: the strictest that any of its origins asks for."""
        ruled = [self._one(kind, origin, host) for origin in origins]
        return max(ruled, key=lambda one: _STRICTNESS[one.action])

    def _one(self, kind: str, origin: Origin, host: str) -> Ruled:
        rule = next(rule for rule in self.rules if rule.fits(kind, origin, host))
        return Ruled(rule.action, rule.text)


@dataclass(frozen=True, slots=True)
class Sinks:
    """Into what, besides the user's view, values of which kinds may be put back; "*" is all.

    A link, code that reaches out and an outward tool's argument all lead off the device: whoever
    wrote them could carry the user's data away in them.
    """

    links: frozenset[str] = frozenset()
    code: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()


def allows(kinds: frozenset[str], kind: str) -> bool:
    """Whether a sink takes this kind."""
    return "*" in kinds or kind in kinds
