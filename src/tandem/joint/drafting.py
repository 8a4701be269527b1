"""The device's policy: what to guess next, what to send, and when. Pure.

Guesses form a tree above the committed text. Each guess has a chance of being right, the product of
the acceptance along its path; the drafter always works on the likeliest place that is not guessed
yet, so it runs ahead of the verifier while its drafts are under way, and turns to the runner-up
(the hedge) where that is likelier than going on even further. What is committed moves the root: a
right guess keeps its subtree, a wrong one keeps the runner-up's, if it was the right one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tandem.joint.ports import Guess
from tandem.joint.protocol import Chain, fold

_LEARN = 0.02


@dataclass(frozen=True, slots=True)
class Plan:
    """How to draft; the planner's choice.

    `ahead`: guesses beyond the committed text, at most. `hedge`: whether to follow runners-up.
    `run`: ids that are sent together, no fewer (economy and synchronous drafting: the cloud waits
    for the whole run); 0 sends each guess when it is there. `is_on`: false drafts nothing.
    """

    ahead: int = 16
    hedge: bool = True
    run: int = 0
    is_on: bool = True


@dataclass(slots=True)
class Node:
    """A place in the tree: a guessed token (the root: the committed text)."""

    token: int
    depth: int
    fold: int
    chance: float
    parent: Node | None = None
    main: Node | None = None
    second: Node | None = None
    is_sent: bool = False
    is_barren: bool = False  # the drafter has nothing to say here


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the drafter should do now: guess `num` tokens after `path`."""

    path: tuple[int, ...]
    num: int
    node: Node = field(compare=False, repr=False)


class Drafting:
    """The tree, and what was learnt about the drafter."""

    def __init__(self, plan: Plan, *, acceptance: float = 0.7, second: float = 0.4) -> None:
        self.plan = plan
        self.length = 0  # of the committed text
        self.acceptance = acceptance  # of the first guess, given a right path
        self.second = second  # of the runner-up, given a wrong first guess
        self.guessed = 0
        self.sent = 0
        self.accepted = 0
        self._root = Node(-1, 0, 0, 1.0, is_sent=True)

    # --- what is committed -----------------------------------------------------------------------

    def observe(self, ids: Sequence[int]) -> None:
        """The text grew: move the root and learn."""
        for token in ids:
            root = self._root
            following = self._match(root, token)
            self.length += 1
            if following is None:
                following = Node(token, 0, fold(root.fold, (token,)), 1.0, is_sent=True)
                root.main, root.second = following, None  # a guess that comes late finds the truth
            following.parent = None
            self._root = following
        if ids:
            self._rebase(self._root)

    def _match(self, root: Node, token: int) -> Node | None:
        main, second = root.main, root.second
        if main is None:
            return None
        is_right = main.token == token
        self._learn(is_right)
        self.accepted += is_right
        if is_right:
            return main
        if second is not None:
            self.second += _LEARN * ((second.token == token) - self.second)
            if second.token == token:
                return second
        return None

    def _rebase(self, root: Node) -> None:
        """Depths and chances from the new root on."""
        root.depth, root.chance, root.is_sent = 0, 1.0, True
        stack = [root]
        while stack:
            node = stack.pop()
            for child, chance in self._children(node):
                child.depth, child.chance = node.depth + 1, chance
                stack.append(child)

    def _children(self, node: Node) -> list[tuple[Node, float]]:
        found: list[tuple[Node, float]] = []
        if node.main is not None:
            found.append((node.main, node.chance * self.acceptance))
        if node.second is not None:
            found.append((node.second, node.chance * (1.0 - self.acceptance) * self.second))
        return found

    # --- what to guess ---------------------------------------------------------------------------

    def next(self, num: int = 1) -> Proposal | None:
        """Where to guess on; `None` when far enough ahead."""
        if not self.plan.is_on:
            return None
        best: Node | None = None
        stack = [self._root]
        while stack:
            node = stack.pop()
            if node.main is not None:
                stack.append(node.main)
                if node.second is not None and self.plan.hedge:
                    stack.append(node.second)
            elif not node.is_barren and node.depth < self.plan.ahead:
                if best is None or node.chance > best.chance:
                    best = node
        if best is None:
            return None
        return Proposal(self._path(best), min(num, self.plan.ahead - best.depth), best)

    def _path(self, node: Node) -> tuple[int, ...]:
        tokens: list[int] = []
        while node.parent is not None:
            tokens.append(node.token)
            node = node.parent
        return tuple(reversed(tokens))

    def is_stale(self, proposal: Proposal) -> bool:
        """Whether the text has gone another way: then the guess is not worth finishing."""
        node: Node | None = proposal.node
        while node is not None and node is not self._root:
            node = node.parent
        return node is None

    def drafted(self, proposal: Proposal, guesses: Sequence[Guess]) -> None:
        """The drafter's answer. The text may have grown meanwhile: what no longer fits is lost."""
        node = proposal.node
        if not guesses:
            node.is_barren = True
        for guess in guesses:
            self.guessed += 1
            if node.main is None:
                self._grow(node, guess)
            else:
                self._learn(node.main.token == guess.token)
                if node.main.token != guess.token:
                    return
            assert node.main is not None
            node = node.main

    def _learn(self, is_right: bool) -> None:
        self.acceptance += _LEARN * (is_right - self.acceptance)

    def _grow(self, node: Node, guess: Guess) -> None:
        chance = self.acceptance if guess.confidence is None else guess.confidence
        node.main = self._child(node, guess.token, chance)
        if guess.second is not None and guess.second != guess.token:
            node.second = self._child(node, guess.second, (1.0 - chance) * self.second)

    def _child(self, node: Node, token: int, chance: float) -> Node:
        below = fold(node.fold, (token,))
        return Node(token, node.depth + 1, below, node.chance * chance, node)

    # --- what to send ----------------------------------------------------------------------------

    @property
    def run_length(self) -> int:
        """Guesses on the main path that were not sent."""
        node, num = self._root, 0
        while node.main is not None:
            node = node.main
            num += not node.is_sent
        return num

    def chains(self, skip: int = 0, *, num_seconds: int = 0) -> list[Chain]:
        """Guesses that were not sent, as chains; those of the next `skip` positions come too late
        and stay. The first `num_seconds` of a chain go with their runners-up.
        """
        found: list[Chain] = []
        stack = [self._root]
        while stack:
            node = stack.pop()
            if node.second is not None:
                stack.append(node.second)
            run: list[int] = []
            seconds: list[int | None] = []
            first = node
            while (main := node.main) is not None and not main.is_sent and main.depth > skip:
                run.append(main.token)
                main.is_sent = True
                seconds.append(None if node.second is None else node.second.token)
                node = main
                if node.second is not None:
                    stack.append(node.second)
            if run:
                del seconds[num_seconds:]
                while seconds and seconds[-1] is None:
                    seconds.pop()
                found.append(
                    Chain(self.length + first.depth, first.fold, tuple(run), tuple(seconds))
                )
                self.sent += len(run)
            if node.main is not None:
                stack.append(node.main)
        return found
