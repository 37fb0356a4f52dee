"""The clock of a lease: trio's own, and the time during which the machine slept on top.

trio's clock stops while the machine is suspended (CLOCK_MONOTONIC does); the server's goes on.
CLOCK_BOOTTIME counts both, and nothing depends on the wall clock, which can be set.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import trio


def _seconds_suspended() -> float:
    """How long the machine has been suspended since it was started."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()


def _never_suspended() -> float:
    return 0.0


# Linux alone has it.  Elsewhere a suspended machine's leases last too long by its sleep.
seconds_suspended: Final[Callable[[], float]] = (
    _seconds_suspended if hasattr(time, "CLOCK_BOOTTIME") else _never_suspended
)

NOTICED: Final = 0.01
"""Seconds.  The two clocks are read one after the other; a smaller difference is that."""

STEPS_KEPT: Final = 16
"""Sleeps that are remembered.  What lies before them all is older than any lease."""


class LeaseClock:
    """Seconds that go on while the machine sleeps; may be read from any thread.

    Under trio's virtual clock it is virtual too.
    """

    def __init__(self, suspended: Callable[[], float] = seconds_suspended) -> None:
        self._clock = trio.lowlevel.current_clock()
        self._read_suspended = suspended
        self._base = suspended()
        # (from this time of trio's clock on, seconds to add), the latest last.  Replaced,
        # never changed: another thread may be reading it.
        self._slept: tuple[tuple[float, float], ...] = ((float("-inf"), 0.0),)

    def now(self) -> float:
        """The time now."""
        slept = self._read_suspended() - self._base
        trio_now = self._clock.current_time()
        steps = self._slept
        if slept > steps[-1][1] + NOTICED:
            steps = self._slept = (*steps, (trio_now, slept))[-STEPS_KEPT:]
        return trio_now + steps[-1][1]

    def at(self, trio_time: float) -> float:
        """The same for an instant of trio's clock, never later than it was.

        When within a gap between two looks the machine slept is not known, so what
        came before the look that noticed it counts as before the sleep.
        """
        self.now()
        for since, slept in reversed(self._slept):
            if trio_time > since:
                return trio_time + slept
        return float("-inf")
