"""What a pass costs, learnt while passing. Pure."""

from __future__ import annotations

from dataclasses import dataclass

_LEARN = 0.1  # weight of one more pass


@dataclass(slots=True)
class PassTimes:
    """Seconds of a pass: seconds * (1 + share * (positions - 1))."""

    seconds: float
    share: float
    is_fixed: bool = False

    def learn(self, num_positions: int, seconds: float) -> None:
        """A pass of so many positions took so long."""
        if self.is_fixed:
            return
        expected = self.seconds * (1.0 + self.share * (num_positions - 1))
        error = seconds - expected
        self.seconds = max(1e-6, self.seconds + _LEARN * error)
        if num_positions > 1:
            step = _LEARN * error / (self.seconds * (num_positions - 1))
            self.share = min(2.0, max(0.0, self.share + step))
