"""The time of the ensemble: the event loop's, under whatever clock it runs."""

from __future__ import annotations

import time

import trio

# A float of seconds times 1000 may fall short of the millisecond that is meant.
_ROUNDING_MS = 1e-6


class Clock:
    """Time that passes as `trio.current_time` does, and a wall clock that goes along with it.

    The wall clock starts at the real time of day, and so a virtual clock moves it too: a TTL
    node of ten hours is collected ten virtual hours later.
    """

    def __init__(self) -> None:
        self._wall_offset = time.time() - trio.current_time()

    def now(self) -> float:
        """Seconds, as `trio.current_time` counts them."""
        return trio.current_time()

    def now_ms(self) -> int:
        """The same in whole milliseconds."""
        return int(trio.current_time() * 1000 + _ROUNDING_MS)

    def wall_ms(self) -> int:
        """The time of day in milliseconds since 1970."""
        return int((trio.current_time() + self._wall_offset) * 1000 + _ROUNDING_MS)
