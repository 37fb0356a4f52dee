"""How fast to try again.  Pure: the random numbers are handed in."""

from __future__ import annotations

from random import Random
from types import MappingProxyType
from typing import Final

BASE_DELAY: Final = 0.4
MAX_DELAY: Final = 5.0
"""Seconds.  With full jitter a client tries every 2.5 s on average during a long
outage, some 30 times in its first minute: 300 clients make 120 attempts a second,
and find a server that returns within 5 s.  A cap of minutes (kazoo's is an hour)
keeps clients away long after the ensemble is back."""

ELECTION_DELAYS: Final = MappingProxyType({2: (0.0, 0.3), 3: (0.5, 0.65)})
"""Failures in a row, and between how many seconds the next delay is drawn then.  A member that was
killed may have been the leader, and nobody serves until there is another, 0.4 to 0.65 s later
(measured, three members on one machine).  Of the three attempts that a second may have, the last
must not come before that: where it did, nine clients of ten were without a server for more than
a second, and for 0.86 s at most since."""

STEADY_AFTER: Final = 1.0
"""Seconds that a session must have been connected to count as established.  A
server that answers the handshake and hangs up would otherwise be tried in a
tight loop."""

MOST_IN_WINDOW: Final = ((3, 1.0), (30, 60.0))
"""Attempts in a row to no avail that one client makes in any so many seconds, whatever the dice
say.  Jitter spreads clients over time, but leaves it to chance what a single one does: 5 were
seen in the first second of an outage, and 38 in the first minute."""

_KEPT: Final = max(most for most, _ in MOST_IN_WINDOW)

LONGEST_PAUSE: Final = 2 * MAX_DELAY
"""Seconds, whatever the windows say: servers that are back shall not wait for longer."""

LEAST_AT_THE_CAP: Final = 1.0
"""Seconds.  From none at all, every third client would come to thirty attempts in a minute."""


class Pace:
    """Delays: none before the first two attempts, two that await an election, then full jitter.

    The first retry goes out at once, to another server: the usual case is one
    member that was killed, and the session's clock is running.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._failures = 0
        self._lost = 0
        self._at_once = False
        self._attempts: list[float] = []

    @property
    def failures(self) -> int:
        """Attempts that came to nothing in a row, the loss that they follow not counted."""
        return self._failures - self._lost

    def delay(self, most: float = MAX_DELAY) -> float:
        """Seconds to wait before the attempt that is due, at ``most`` that many."""
        at_once, self._at_once = self._at_once, False
        if at_once or self._failures <= 1:
            return 0.0
        if self._failures in ELECTION_DELAYS:
            return self._random.uniform(*ELECTION_DELAYS[self._failures])
        # 2.0 ** 1024 overflows; 30 doublings are long past any cap.
        ceiling = min(most, MAX_DELAY, BASE_DELAY * 2.0 ** min(self._failures - 2, 30))
        least = LEAST_AT_THE_CAP if ceiling == MAX_DELAY else 0.0
        if ceiling == most < MAX_DELAY:
            least = most / 2  # the thirty of a minute shall last as long as they can
        return self._random.uniform(least, ceiling)

    def attempt_at(self, now: float, most: float = MAX_DELAY) -> float:
        """When to make the attempt that is due; it counts as made then.

        ``most``: seconds to let pass at most, where only the dice would ask for more.
        """
        # What a server's word calls for is kept from a tight loop, and from nothing else.
        windows = MOST_IN_WINDOW[:1] if self._at_once else MOST_IN_WINDOW
        at = now + self.delay(most)
        for attempts, seconds in windows:
            if len(self._attempts) >= attempts:
                at = max(at, self._attempts[-attempts] + seconds)
        at = min(at, now + LONGEST_PAUSE)
        self._attempts.append(at)
        del self._attempts[:-_KEPT]
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
            # The session's clock is running, on servers that do take clients.
            self._attempts.clear()
        self._failures += 1
        self._lost += 1
