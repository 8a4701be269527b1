"""Is a text the same at every width? The target is probed bit by bit before it may say so.

A forward pass over k tokens need not give the bits of k passes over one: kernels change with the
width, and one flipped token changes the rest of a text. So the same tokens are computed at every
width in use and the logits compared bitwise. Widths that agree form a class. The class of width 1
needs no padding; in another one every pass is padded up to its least width, the canonical width.
Then the rule so found is tried as the verifier will use it, with drafts that are rolled back and
beside other sessions. Where nothing holds, nothing is promised.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tandem.engines.llama_target import MAX_PASS_TOKENS, LlamaTarget, Widths
from tandem.joint.ports import Step

# The probe must not hold up a cloud's start; what it could not look at in this time is not used.
PROBE_SECONDS = 2.0
# Where in the text passes are compared: near its beginning, and past the 256 tokens by which
# llama.cpp's caches grow. A slow machine looks at the first ones only.
PLACES = (40, 290, 150, 3)
# At each place at least so many rows of every width are compared.
WINDOW = 16
# What one place costs, in passes of one token (CPU, q8_0: notes of the bench), to plan with.
PASSES_PER_PLACE = 260
# A drafter needs some room: below this a class is not worth having without padding.
LEAST_USEFUL_WIDTH = 4
CERTIFIED, CANONICAL, NOT_CERTIFIED = "certified", "canonical", "not certified"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the probe found. `agreeing` are the probed widths that give the same bits; `widths` is
    the rule by which the target computes from now on.

    `engine` names library, processor and threads: bits are promised for these alone.
    """

    verdict: str
    widths: Widths
    agreeing: tuple[int, ...]
    num_rows: int
    seconds: float
    engine: str

    @property
    def words(self) -> str:
        """One line for people, kept with each answer."""
        if self.verdict == NOT_CERTIFIED:
            return f"{NOT_CERTIFIED}: the bits depend on the width of a pass ({self.engine})"
        how = f", padded to {self.widths.low}" if self.widths.low > 1 else ""
        joint = "sessions share a pass" if self.widths.is_joint else "one session a pass"
        span = f"same bits at widths {self.widths.low} to {self.widths.high}{how}"
        return f"{self.verdict}: {span}, {joint}, {self.num_rows} rows compared ({self.engine})"


def certify(
    target: LlamaTarget,
    *,
    engine: str,
    canonical_width: int = 0,
    budget_seconds: float = PROBE_SECONDS,
    seconds_now: Callable[[], float] = time.thread_time,
) -> Certificate:
    """Probe the target, set its width rule, and say what was found. All seats must be closed.

    `canonical_width` above 0 pads every pass to it even where the class of width 1 would do. The
    time is this thread's own, so that a busy machine finds the same as a quiet one.
    """
    started = seconds_now()
    max_width = target.card.max_width
    # A fifth of the time is for trying the rule.
    probe = _Probe(target, lambda: seconds_now() - started, 0.8 * budget_seconds)
    target.bind(Widths(is_joint=False), NOT_CERTIFIED)
    if canonical_width:
        chosen, reading = (canonical_width,), canonical_width
    else:
        chosen, reading = _chosen(probe.classes(), max_width)
    verdict, widths = NOT_CERTIFIED, Widths()
    if chosen:
        rule = Widths(chosen[0], chosen[-1], reading, is_joint=False)
        target.bind(rule, NOT_CERTIFIED)
        if probe.survives_drafts():
            verdict = CERTIFIED if rule.low == 1 else CANONICAL
            widths = rule
            if rule.low == 1:
                joint = Widths(rule.low, rule.high, reading, is_joint=True)
                target.bind(joint, NOT_CERTIFIED)
                widths = joint if probe.agrees_beside_others() else rule
    target.bind(widths, verdict)
    seconds = seconds_now() - started
    return Certificate(verdict, widths, chosen, probe.num_rows, seconds, engine)


def _chosen(classes: Sequence[tuple[int, ...]], max_width: int) -> tuple[tuple[int, ...], int]:
    """The widths to use, neighbours all of one class (empty for none), and the width in which
    prompts are read: the widest of the same class."""
    runs = [(run, each[-1]) for each in classes for run in _runs(each)]
    for run, reading in runs:
        if run[0] == 1 and run[-1] >= min(LEAST_USEFUL_WIDTH, max_width):
            return run, reading
    # Padding to two costs half a pass more; to eight it would cost more than drafts can save, so
    # that is only done when asked for.
    for run, reading in runs:
        if run[0] == 2 and len(run) > 1:
            return run, reading
    return (), 0


def _runs(members: tuple[int, ...]) -> list[tuple[int, ...]]:
    """A class cut where whole numbers are left out: only what was looked at is used."""
    runs: list[list[int]] = []
    for width in members:
        if runs and runs[-1][-1] == width - 1:
            runs[-1].append(width)
        else:
            runs.append([width])
    return [tuple(run) for run in runs]


@dataclass(frozen=True, slots=True)
class _Class:
    """Widths that gave the same bits, and the rows of one of them: per place, in order."""

    members: list[int]
    rows: tuple[list[bytes], ...]

    def agrees(self, rows: tuple[list[bytes], ...]) -> bool:
        pairs = zip(self.rows, rows, strict=True)
        return all(mine[: len(other)] == other[: len(mine)] for mine, other in pairs)


class _Probe:
    """Compares passes of a target over one fixed text."""

    def __init__(
        self, target: LlamaTarget, seconds: Callable[[], float], budget_seconds: float
    ) -> None:
        self._target = target
        self._seconds = seconds
        self._budget = budget_seconds
        card = target.card
        size = min(max(PLACES) + 2 * MAX_PASS_TOKENS, card.context_tokens - 1)
        generator = np.random.default_rng(20261125)
        self._text: list[int] = generator.integers(0, card.num_vocab, size).tolist()
        fitting = [place for place in PLACES if place + MAX_PASS_TOKENS < size]
        self._places = fitting or [min(3, size - 2)]
        self.num_rows = 0

    def classes(self) -> list[tuple[int, ...]]:
        """The probed widths by class."""
        seats = [self._read(place) for place in self._places[: self._num_places()]]
        found: list[_Class] = []
        max_width = self._target.card.max_width
        for width in (1, 2, 3, 4, MAX_PASS_TOKENS, *range(5, max_width + 1)):
            if width > len(self._text) - max(self._places):
                continue
            if width > LEAST_USEFUL_WIDTH and self._seconds() > self._budget:
                break
            places = zip(seats, self._places, strict=False)
            rows = tuple(self._window(seat, place, width) for seat, place in places)
            same = next((each for each in found if each.agrees(rows)), None)
            if same is None:
                found.append(_Class([width], rows))
            else:
                same.members.append(width)
        for seat in seats:
            self._target.close(seat)
        return [tuple(sorted(each.members)) for each in found]

    def survives_drafts(self) -> bool:
        """Whether single steps, and steps with drafts of which some are rolled back, agree."""
        start = self._places[0]
        num = min(3 * WINDOW, len(self._text) - start - 1)
        plain = self._stepped(start, num, lambda left: (1, 0))
        choices = np.random.default_rng(7)
        max_width = self._target.card.max_width

        def mixed(left: int) -> tuple[int, int]:
            width = int(choices.integers(1, max_width + 1))
            good = min(int(choices.integers(1, width + 1)), left)
            return good, min(width, left) - good

        return self._stepped(start, num, mixed) == plain

    def agrees_beside_others(self) -> bool:
        """Whether rows are the same when several sessions share a pass, each at its own width."""
        card = self._target.card
        num_seats = min(card.num_seats, 4)
        if num_seats < 2:
            return True
        start = self._places[0]
        starts = [start - 2 * i if start > 2 * num_seats else start for i in range(num_seats)]
        widths = [max(1, card.max_width - 3 * i) for i in range(num_seats)]
        spans = [slice(a, a + w) for a, w in zip(starts, widths, strict=True)]
        alone: list[list[bytes]] = []
        for span in spans:
            seat = self._read(span.start)
            [rows] = self._target.advance([Step(seat, self._text[span])])
            alone.append([row.tobytes() for row in rows])
            self._target.close(seat)
        seats = [self._read(a) for a in starts]
        steps = [Step(s, self._text[span]) for s, span in zip(seats, spans, strict=True)]
        joint = [[row.tobytes() for row in rows] for rows in self._target.advance(steps)]
        for seat in seats:
            self._target.close(seat)
        self.num_rows += sum(map(len, joint))
        return joint == alone

    def _num_places(self) -> int:
        """At how many places there are seats and time to look, from what single passes take."""
        started = self._seconds()
        seat = self._read(2)
        for token in self._text[2:6]:  # the first passes warm the processor's caches up
            self._target.raw_pass(seat, [token])
        measured = self._seconds()
        for token in self._text[6:10]:
            self._target.raw_pass(seat, [token])
        per_place = (self._seconds() - measured) / 4 * PASSES_PER_PLACE
        self._target.rollback(seat, 2)
        self._target.close(seat)
        num = int((self._budget - started) / max(per_place, 1e-9))
        return max(1, min(num, len(self._places), self._target.card.num_seats))

    def _window(self, seat: int, place: int, width: int) -> list[bytes]:
        """Rows from `place` on, by passes of this width; the seat is left as it was, as bits in
        the cache would tell of the width too."""
        rows: list[bytes] = []
        at = place
        while len(rows) < WINDOW and at + width <= len(self._text):
            found = self._target.raw_pass(seat, self._text[at : at + width])
            rows += [row.tobytes() for row in found]
            at += width
        self._target.rollback(seat, place)
        self.num_rows += len(rows)
        return rows

    def _stepped(
        self, start: int, num: int, choose: Callable[[int], tuple[int, int]]
    ) -> list[bytes]:
        """Rows of `num` tokens by the target's own rule; `choose` gives, for the number of tokens
        left, how many are right and how many wrong ones follow in the step."""
        target, text = self._target, self._text
        seat = self._read(start)
        rows: list[bytes] = []
        while len(rows) < num:
            good, bad = choose(num - len(rows))
            at = start + len(rows)
            wrong = [(token + 1) % target.card.num_vocab for token in text[at : at + bad]]
            [found] = target.advance([Step(seat, [*text[at : at + good], *wrong])])
            rows += [row.tobytes() for row in found[:good]]
            target.rollback(seat, start + len(rows))
        target.close(seat)
        self.num_rows += num
        return rows

    def _read(self, num_tokens: int) -> int:
        """A seat whose cache holds the first `num_tokens` tokens of the text."""
        seat = self._target.open(self._text[: num_tokens + 1])
        while self._target.prefill(seat, MAX_PASS_TOKENS):
            pass
        return seat
