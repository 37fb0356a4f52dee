"""What a server is known to have received, and by when that was known.

A lease needs more than the last contact.  A follower passes on, every half tick of its leader,
which sessions it has heard from (Learner.ping), so the leader can be relied on to know of a
packet only if it had *arrived* half a tick before.  When a packet arrives is not seen here; when
its answer is, the packet had.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from typing import Final

KEPT: Final = 32
"""Entries, T/24 apart: they reach back for more than one timeout."""
SPACING_FRACTION: Final = 1 / 24


class ContactHistory:
    """The latest answered requests, thinned out: when each was sent, and when answered."""

    def __init__(self) -> None:
        self._answered: deque[float] = deque(maxlen=KEPT)
        self._sent: deque[float] = deque(maxlen=KEPT)
        self._next_at = float("-inf")
        self.spacing = 0.0
        """Seconds between two entries, at least."""

    def add(self, sent: float, answered: float) -> None:
        """Note that what was sent at ``sent`` had been answered at ``answered``."""
        if answered >= self._next_at:
            self._next_at = answered + self.spacing
            self._answered.append(answered)
            self._sent.append(sent)

    def known_by(self, instant: float) -> float:
        """When the latest request was sent whose answer had come by an instant; -inf: none."""
        index = bisect_right(self._answered, instant)
        return self._sent[index - 1] if index else float("-inf")
