"""Session ids, made as ZooKeeper makes them."""

from __future__ import annotations

from typing import Final

_COUNTER_BITS: Final = 16
_TIME_BITS: Final = 40


class SessionIds:
    """The ids that one member gives out: its number, the time it started, and a counter."""

    def __init__(self, member_id: int) -> None:
        self._member_id = member_id
        self._next = 0

    def restart(self, wall_ms: int) -> None:
        """Begin a new series, as a member does whenever it starts to serve.

        It never goes back: a virtual clock can start a member twice in one millisecond.
        """
        started = wall_ms & ((1 << _TIME_BITS) - 1)
        first = self._member_id << (_TIME_BITS + _COUNTER_BITS) | started << _COUNTER_BITS
        self._next = max(self._next, first)

    def take(self) -> int:
        """The next id, signed as on the wire: members from 128 on give negative ones."""
        taken = self._next
        self._next += 1
        return taken - (1 << 64) if taken >> 63 else taken
