"""Noticing that the event loop did not run: blocked by somebody's code, stopped, or asleep.

While it does not run there are no pings, no answers are read, and nothing is cancelled.  Leases
account for that by themselves; whoever wonders where a session went wants to be told.
"""

from __future__ import annotations

import logging
import math
import sys
import time
from collections.abc import Callable
from typing import Final, Protocol

import trio

FRACTION: Final = 0.25
"""Of the session timeout: the longest that the loop may stand still without a word."""

_log: Final = logging.getLogger("coordinator")


class Listener(Protocol):
    """Somebody who wants to be told."""

    @property
    def stall_threshold(self) -> float:
        """Seconds; asked for when a turn has taken a while."""
        ...

    def stalled(self, seconds: float) -> None:
        """The event loop did not run for so long, which is longer than that."""


class StallDetector(trio.abc.Instrument):
    """Measures each turn of the event loop from outside of it; two clock readings a turn.

    One for all coordinators of an event loop: with one for each, thousands of them
    would be called at every turn.
    """

    def __init__(self) -> None:
        self.listeners: set[Listener] = set()
        self._now = _clock()
        self._turned = self._now()

    def restart(self) -> None:
        """Measure from now on."""
        self._turned = self._now()

    def before_io_wait(self, timeout: float) -> None:
        """The tasks of a turn have run."""
        del timeout
        now = self._now()
        self._look(now - self._turned, "was blocked by a task")
        self._turned = now

    def after_io_wait(self, timeout: float) -> None:
        """The wait is over, which should have taken ``timeout`` seconds at most."""
        now = self._now()
        self._look(now - self._turned - timeout, "was not run: a stopped process, or a sleep")
        self._turned = now

    def _look(self, seconds: float, what: str) -> None:
        if seconds <= LEAST:
            return
        told = [(each.stall_threshold, each) for each in self.listeners]
        exceeded = [(threshold, each) for threshold, each in told if seconds > threshold]
        if not exceeded:
            return
        _log.warning(
            "the event loop %s for %.3f s; more than %.3f s endangers %d session(s)",
            what,
            seconds,
            min(threshold for threshold, _ in exceeded),
            len(exceeded),
        )
        for _, each in exceeded:
            each.stalled(seconds)


def listen(listener: Listener) -> None:
    """Tell it of stalls from now on, until ``leave`` is called."""
    detector = _detector.get()
    if detector is None:
        detector = StallDetector()
        _detector.set(detector)
    if not detector.listeners:
        detector.restart()
        trio.lowlevel.add_instrument(detector)
    detector.listeners.add(listener)


def leave(listener: Listener) -> None:
    """Tell it no more, if it was told at all."""
    detector = _detector.get()
    if detector is None or listener not in detector.listeners:
        return
    detector.listeners.discard(listener)
    if not detector.listeners:
        trio.lowlevel.remove_instrument(detector)


_detector: Final[trio.lowlevel.RunVar[StallDetector | None]] = trio.lowlevel.RunVar(
    "coordinator's stall detector", default=None
)

LEAST: Final = 0.02
"""Seconds; below it the threshold is not even looked up."""


def _clock() -> Callable[[], float]:
    """Counts sleep too, where that can be told; under a virtual clock, its time.

    One that jumps over idle times by itself does so between two turns, and nothing can
    be told by it.
    """
    clock = trio.lowlevel.current_clock()
    # Whoever uses such a clock has imported it.  With it comes pytest, where that is installed,
    # a quarter of the time that it takes to import this package.
    if "trio.testing" in sys.modules:
        from trio.testing import MockClock

        if isinstance(clock, MockClock):
            jumps = math.isfinite(clock.autojump_threshold)
            return (lambda: 0.0) if jumps else clock.current_time
    if hasattr(time, "CLOCK_BOOTTIME"):
        return lambda: time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic
