"""Is a text valid GBNF? Checked before the library sees it. Pure.

The library prints a wrong grammar, which may be private, to the standard error and may recurse
without bound on a hostile one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tandem.errors import BadRequest, Unsupported

MAX_REPEAT = 1000  # the library refuses more than 2000 elements after unrolling
_MAX_CHARACTERS = 1 << 18
_MAX_NESTING = 40

_TOKEN = re.compile(
    r"""
    (?P<blank>[ \t]+|\#[^\r\n]*)
  | (?P<line>\r\n|\r|\n)
  | (?P<define>::=)
  | (?P<text>"(?:\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[tnr\\"\[\]])|[^"\\\r\n])*")
  | (?P<chars>\[\^?(?:\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[tnr\\"\[\]])
              |[^\]\\\r\n])*\])
  | (?P<any>\.)
  | (?P<name>[a-zA-Z0-9-]+)
  | (?P<repeat>[*+?]|\{\s*\d+\s*(?:,\s*\d*\s*)?\})
  | (?P<sign>[()|])
    """,
    re.VERBOSE,
)


@dataclass(slots=True)
class _Item:
    """Something in a sequence: a rule's name, a group, or characters (neither of both)."""

    name: str = ""
    group: list[list[_Item]] | None = None
    may_be_empty: bool = False


Choices = list[list[_Item]]


@dataclass(slots=True)
class _Reader:
    tokens: list[tuple[str, str]]
    at: int = 0
    rules: dict[str, Choices] = field(default_factory=dict[str, Choices])

    def kind(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at][0] if at < len(self.tokens) else "end"

    def text(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def skip_lines(self) -> None:
        while self.kind() == "line":
            self.at += 1


def check_gbnf(text: str) -> None:
    """Raises `BadRequest` for what is no GBNF, `Unsupported` for what is too large."""
    if len(text) > _MAX_CHARACTERS:
        raise Unsupported("The grammar is too large.", param="response_format")
    reader = _Reader(_tokens(text))
    reader.skip_lines()
    while reader.kind() != "end":
        _rule(reader)
        if reader.kind() not in ("line", "end"):
            raise _wrong("a rule does not end where its line does")
        reader.skip_lines()
    _check_names(reader.rules)
    _check_recursion(reader.rules)


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            line = text.count("\n", 0, at) + 1
            raise _wrong(f"line {line} has a character out of place or an open quote")
        if match.lastgroup != "blank":
            found.append((match.lastgroup or "", match.group()))
        at = match.end()
    return found


def _rule(reader: _Reader) -> None:
    name = reader.text()
    if reader.kind() != "name" or reader.kind(1) != "define":
        raise _wrong("a rule must begin with NAME ::=")
    reader.at += 2
    reader.skip_lines()
    reader.rules[name] = _choices(reader, 0)


def _choices(reader: _Reader, depth: int) -> Choices:
    if depth > _MAX_NESTING:
        raise Unsupported("The grammar is nested too deep.", param="response_format")
    choices = [_sequence(reader, depth)]
    while reader.text() == "|":
        reader.at += 1
        reader.skip_lines()
        choices.append(_sequence(reader, depth))
    return choices


def _sequence(reader: _Reader, depth: int) -> list[_Item]:
    items: list[_Item] = []
    while True:
        if depth:
            reader.skip_lines()
        kind = reader.kind()
        if kind == "repeat":
            if not items:
                raise _wrong("a repetition follows nothing")
            items[-1].may_be_empty |= _repeat_may_be_none(reader.text())
            reader.at += 1
        elif kind in ("text", "chars", "any"):
            items.append(_Item(may_be_empty=reader.text() == '""'))
            reader.at += 1
        elif kind == "name" and reader.kind(1) != "define":
            items.append(_Item(name=reader.text()))
            reader.at += 1
        elif reader.text() == "(":
            items.append(_group(reader, depth))
        else:
            return items


def _group(reader: _Reader, depth: int) -> _Item:
    reader.at += 1
    reader.skip_lines()
    choices = _choices(reader, depth + 1)
    reader.skip_lines()
    if reader.text() != ")":
        raise _wrong("a bracket is not closed")
    reader.at += 1
    return _Item(group=choices)


def _repeat_may_be_none(text: str) -> bool:
    if text in ("*", "?"):
        return True
    if text == "+":
        return False
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if max(numbers) > MAX_REPEAT:
        raise Unsupported(f"A repetition may be at most {MAX_REPEAT}.", param="response_format")
    if len(numbers) == 2 and numbers[1] < numbers[0]:
        raise _wrong("a repetition ends below its beginning")
    return numbers[0] == 0


def _items(choices: Choices) -> list[_Item]:
    found: list[_Item] = []
    for sequence in choices:
        for item in sequence:
            found.append(item)
            found += _items(item.group or [])
    return found


def _check_names(rules: dict[str, Choices]) -> None:
    if "root" not in rules:
        raise _wrong("it has no rule named root")
    for choices in rules.values():
        if any(item.name and item.name not in rules for item in _items(choices)):
            raise _wrong("a rule is used that is not defined")


def _check_recursion(rules: dict[str, Choices]) -> None:
    """No rule may reach itself before a character: the library would never end."""
    empty: set[str] = set()
    while found := {n for n, c in rules.items() if n not in empty and _may_be_empty(c, empty)}:
        empty |= found
    firsts = {name: _first_names(choices, empty) for name, choices in rules.items()}
    state: dict[str, int] = {}
    for start in rules:
        stack = [(start, iter(firsts[start]))]
        if state.get(start):
            continue
        state[start] = 1
        while stack:
            name, names = stack[-1]
            following = next(names, None)
            if following is None:
                state[name] = 2
                stack.pop()
            elif state.get(following) == 1:
                raise _wrong("a rule begins with itself")
            elif following not in state:
                state[following] = 1
                stack.append((following, iter(firsts[following])))


def _may_be_empty(choices: Choices, empty: set[str]) -> bool:
    return any(all(_is_empty(item, empty) for item in sequence) for sequence in choices)


def _is_empty(item: _Item, empty: set[str]) -> bool:
    if item.may_be_empty:
        return True
    if item.group is not None:
        return _may_be_empty(item.group, empty)
    return item.name in empty


def _first_names(choices: Choices, empty: set[str]) -> set[str]:
    names: set[str] = set()
    for sequence in choices:
        for item in sequence:
            names |= {item.name} if item.name else _first_names(item.group or [], empty)
            if not _is_empty(item, empty):
                break
    return names


def _wrong(why: str) -> BadRequest:
    return BadRequest(
        f"The grammar is not valid GBNF: {why}.",
        remedy="See llama.cpp's description of GBNF.",
        param="response_format",
    )
