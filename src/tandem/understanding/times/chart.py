"""A bottom-up chart parser for small grammars over short phrases.

A rule is a line: "DAY at|on? CLOCK", with a function that makes the meaning of the whole from the
meanings of its parts. Capital symbols carry a meaning and are handed to the function, in order;
small ones are classes of words and only have to be there. `a|b` is a choice, `x?` may be missing.

Positions are worked through from right to left, so that everything that may follow is known when a
rule's first symbol is found. No phrase is longer than `REACH` positions and no symbol keeps more
than `KEEP` meanings over the same words: time and memory grow linearly with the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from tandem.understanding.times.values import Setting

REACH = 28
KEEP = 3

Action = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """`symbol` stands for `parts` in this order. `weight` says how telling the rule is."""

    symbol: str
    parts: tuple[str, ...]
    action: Action
    weight: float
    captures: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A symbol found over atoms `start` to `end`, with its meaning."""

    symbol: str
    start: int
    end: int
    value: Any
    weight: float


class Grammar:
    """Rules by their first symbol. Filled by `rule`, then only read."""

    def __init__(self, *bases: Grammar) -> None:
        self.rules: dict[str, list[Rule]] = {}
        for base in bases:
            for first, rules in base.rules.items():
                self.rules.setdefault(first, []).extend(rules)

    def rule(self, symbol: str, *patterns: str, weight: float = 1.0) -> Callable[[Action], Action]:
        """Add a rule for each pattern; the function gets the setting and the captured values."""

        def add(action: Action) -> Action:
            for pattern in patterns:
                for parts in _expand(pattern):
                    captures = tuple(part[0].isupper() for part in parts)
                    rule = Rule(symbol, parts, action, weight, captures)
                    self.rules.setdefault(parts[0], []).append(rule)
            return action

        return add


def _expand(pattern: str) -> Iterator[tuple[str, ...]]:
    choices: list[tuple[str, ...]] = []
    for word in pattern.split():
        options = tuple(word.rstrip("?").split("|"))
        choices.append((*options, "") if word.endswith("?") else options)
    for parts in product(*choices):
        kept = tuple(part for part in parts if part)
        if kept:
            yield kept


Lattice = Sequence[Sequence[Node]]
"""For each position the nodes of words that start there."""

Chart = list[dict[str, list[Node]]]


def parse(grammar: Grammar, lattice: Lattice, setting: Setting) -> Chart:
    """Everything that the grammar finds; `chart[i][symbol]` are the nodes that start at atom i."""
    size = len(lattice)
    chart: Chart = [{} for _ in range(size + 1)]
    rules = grammar.rules
    for position in range(size - 1, -1, -1):
        if not lattice[position]:
            continue
        here = chart[position]
        agenda = list(reversed(lattice[position]))
        while agenda:
            node = agenda.pop()
            if not _enter(here, node):
                continue
            for rule in rules.get(node.symbol, ()):
                agenda.extend(_complete(rule, node, chart, setting))
    return chart


def _enter(here: dict[str, list[Node]], node: Node) -> bool:
    """Keep a node unless it is known or its place is full."""
    known = here.setdefault(node.symbol, [])
    same = 0
    for other in known:
        if other.end == node.end:
            same += 1
            if other.value == node.value or same >= KEEP:
                return False
    known.append(node)
    return True


def _complete(rule: Rule, first: Node, chart: Chart, setting: Setting) -> list[Node]:
    """Every way in which the rest of a rule follows its first part."""
    found: list[Node] = []
    paths: list[tuple[Node, ...]] = [(first,)]
    for part in rule.parts[1:]:
        paths = [
            (*path, node)
            for path in paths
            for node in chart[path[-1].end].get(part, ())
            if node.end - first.start <= REACH
        ]
        if not paths:
            return found
    for path in paths:
        values = [node.value for node, is_kept in zip(path, rule.captures, strict=True) if is_kept]
        try:
            value = rule.action(setting, *values)
        except (OverflowError, ValueError):
            continue  # a day outside of the calendar
        if value is not None:
            weight = rule.weight + sum(node.weight for node in path)
            found.append(Node(rule.symbol, first.start, path[-1].end, value, weight))
    return found


Words = Mapping[str, Sequence[tuple[str, Any]]]
"""From a word or phrase (atoms joined as `atoms.key` does) to symbols with their meanings."""
