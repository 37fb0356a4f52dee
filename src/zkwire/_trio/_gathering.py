"""How long to let replies gather before they are read.

A server that answers more slowly than its client reads wakes the client for every two or three
replies of a thousand.  Each time costs the same system calls and passes through the scheduler:
25 us of CPU time for each get, where 100 replies at once cost 10 (``bench/``); and on a busy
machine what the client takes is not there for the server.  So where what is under way will take
the server much longer than a moment, the reader waits for that moment between two reads.  Network
drivers do the same with their interrupts.

No reply comes later by more than ``PAUSE``, a small part of what it has waited by then.
"""

from __future__ import annotations

from typing import Final, final

PAUSE: Final = 0.001
"""Seconds; the least that an event loop over epoll can sleep."""

MANY: Final = 64
"""Requests under way; with fewer nothing is ever let to gather."""

PATIENCE: Final = 8
"""Pauses that the requests under way must take the server."""

SPAN: Final = 0.004
"""Seconds over which the server's pace is measured."""


@final
class Gathering:
    """Measures how many replies come in a second, and says whether to wait for more."""

    def __init__(self) -> None:
        self._since = float("-inf")
        self._answered = 0
        self._pace = float("inf")

    def pause(self, now: float, *, answered: int, in_flight: int) -> bool:
        """Whether to pause before the next read, for ``PAUSE``.

        Args:
            now: seconds; when the last read was done.
            answered: requests answered so far.
            in_flight: requests under way.
        """
        if in_flight < MANY:
            self._since = float("-inf")
            return False
        elapsed = now - self._since
        if elapsed > 4 * SPAN:
            # A pace is one of a server that is kept busy, and it was not: look anew.
            self._pace = float("inf")
            self._since, self._answered = now, answered
        elif elapsed >= SPAN:
            self._pace = (answered - self._answered) / elapsed
            self._since, self._answered = now, answered
        return in_flight > self._pace * PAUSE * PATIENCE
