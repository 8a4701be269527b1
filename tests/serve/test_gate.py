"""The list of open routes, the counting of requests and the token's strength: no sockets."""

from __future__ import annotations

import pytest

from tandem.clock import SystemClock
from tandem.errors import BadSettings, Overloaded
from tandem.serve.access import Access, Gate, Limits
from tandem.serve.app import ROUTES


def test_the_open_routes_are_just_the_health_checks() -> None:
    """Whoever opens another route must change this list too."""
    assert {route.path for route in ROUTES if route.is_open} == {
        "/health",
        "/health/live",
        "/health/ready",
    }


class StillClock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def monotonic(self) -> float:
        return self.seconds


def test_requests_per_minute_refill_with_time() -> None:
    """Three a minute: the fourth waits, and after 20 s one more is let in."""
    clock = StillClock()
    gate = Gate(Limits(requests_per_minute=3), clock)
    for _ in range(3):
        with gate.entered():
            pass
    with pytest.raises(Overloaded) as caught, gate.entered():
        pass
    assert caught.value.retry_after_seconds == pytest.approx(20)
    clock.seconds = 20.1
    with gate.entered():
        pass


def test_a_failed_request_leaves_its_place() -> None:
    """Errors inside do not use up the places."""
    gate = Gate(Limits(max_concurrent=1), SystemClock())
    for _ in range(3):
        with pytest.raises(ValueError, match="x"), gate.entered():
            raise ValueError("x")
    assert gate.num_inside == 0


def test_a_weak_token_is_refused() -> None:
    """No server with a token that can be guessed."""
    for token in ("", "short", "x" * 15):
        with pytest.raises(BadSettings):
            Access(token)
