"""What a server is known to have received, and by when that was known.

A lease needs more than the last contact.  A follower passes on, every half tick of its leader,
which sessions it has heard from (Learner.ping), so the leader can be relied on to know of a
packet only if it had *arrived* half a tick before.  When a packet arrives is not seen here; when
its answer is, the packet had.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import Final

KEPT: Final = 32
"""Entries, T/24 apart: they reach back for more than one timeout."""
SPACING_FRACTION: Final = 1 / 24


class ContactHistory:
    """The latest answered requests, thinned out: when each was sent, and when answered.

    What lies further back than ``KEPT`` spacings is forgotten.  In arrays: an idle connection's
    handful takes 0.3 kB, where two deques of as many floats take 2 kB.
    """

    __slots__ = ("_answered", "_next_at", "_sent", "spacing")

    def __init__(self) -> None:
        self._answered = array("d")
        self._sent = array("d")
        self._next_at = float("-inf")
        self.spacing = 0.0
        """Seconds between two entries, at least."""

    def add(self, sent: float, answered: float) -> None:
        """Note that what was sent at ``sent`` had been answered at ``answered``."""
        if answered < self._next_at:
            return
        self._next_at = answered + self.spacing
        self._answered.append(answered)
        self._sent.append(sent)
        # All but the last of those that are too old: it is what was known since.
        forgotten = bisect_right(self._answered, answered - KEPT * self.spacing) - 1
        if forgotten > 0:
            del self._answered[:forgotten], self._sent[:forgotten]

    def known_by(self, instant: float) -> float:
        """When the latest request was sent whose answer had come by an instant; -inf: none."""
        index = bisect_right(self._answered, instant)
        return self._sent[index - 1] if index else float("-inf")
