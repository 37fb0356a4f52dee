"""Waiting in a thread, with a bound, and in a way that a trio cancellation reaches."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from collections.abc import Callable

_POLL_INTERVAL = 0.05


def pause(seconds: float = _POLL_INTERVAL) -> None:
    """Sleep, unless the trio task that waits for this thread has been cancelled.

    Raises:
        trio.Cancelled: The calling task was cancelled. Never in a thread that trio did not start.
    """
    # In a thread that trio did not start there is nothing to check: it raises RuntimeError.
    with contextlib.suppress(RuntimeError):
        trio.from_thread.check_cancelled()
    time.sleep(seconds)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll until the condition holds, for at most this many seconds; say whether it did."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        pause()
    return True
