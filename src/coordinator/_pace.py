"""How fast to try again.  Pure: the random numbers are handed in."""

from __future__ import annotations

from collections import deque
from random import Random
from typing import Final

BASE_DELAY: Final = 0.4
MAX_DELAY: Final = 5.0
"""Seconds.  With full jitter a client tries every 2.5 s on average during a long
outage, some 30 times in its first minute: 300 clients make 120 attempts a second,
and find a server that returns within 5 s.  A cap of minutes (kazoo's is an hour)
keeps clients away long after the ensemble is back."""

STEADY_AFTER: Final = 1.0
"""Seconds that a session must have been connected to count as established.  A
server that answers the handshake and hangs up would otherwise be tried in a
tight loop."""

MOST_IN_WINDOW: Final = ((3, 1.0), (30, 60.0))
"""Attempts that one client makes in any so many seconds, whatever the dice say.  Jitter spreads
clients over time, but leaves it to chance what a single one does: 5 attempts were seen in the
first second of an outage, and 38 in the first minute."""


class Pace:
    """Delays between attempts: none before the first two, then full jitter.

    The first retry goes out at once, to another server: the usual case is one
    member that was killed, and the session's clock is running.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._failures = 0
        self._lost = 0
        self._at_once = False
        self._attempts: deque[float] = deque(maxlen=max(most for most, _ in MOST_IN_WINDOW))

    @property
    def failures(self) -> int:
        """Attempts that came to nothing in a row, the loss that they follow not counted."""
        return self._failures - self._lost

    def delay(self) -> float:
        """Seconds to wait before the attempt that is due."""
        at_once, self._at_once = self._at_once, False
        if at_once or self._failures <= 1:
            return 0.0
        # 2.0 ** 1024 overflows; 30 doublings are long past any cap.
        ceiling = min(MAX_DELAY, BASE_DELAY * 2.0 ** min(self._failures - 2, 30))
        return self._random.uniform(0, ceiling)

    def attempt_at(self, now: float) -> float:
        """When to make the attempt that is due; it counts as made then."""
        at = now + self.delay()
        for most, seconds in MOST_IN_WINDOW:
            if len(self._attempts) >= most:
                at = max(at, self._attempts[-most] + seconds)
        self._attempts.append(at)
        return at

    def failed(self) -> None:
        """An attempt came to nothing."""
        self._failures += 1

    def refused(self) -> None:
        """A server answered, that the session is gone: ask for the next one without delay.

        Once only, and nothing is forgotten: a server that forgets each session
        that it has just granted must not be tried in a tight loop.
        """
        self._at_once = True

    def ended(self, *, lived: float) -> None:
        """An established connection is over, after ``lived`` seconds."""
        if lived >= STEADY_AFTER:
            self._failures = self._lost = 0
        self._failures += 1
        self._lost += 1
