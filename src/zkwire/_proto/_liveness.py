"""When to ping, when to call the server silent, and since when it is known to live.

All of it is arithmetic on times that are handed in, in seconds.  T is the
negotiated timeout.

* A ping is due T/6 after the last write.  Java waits for about T/3; the shorter
  gap is what lets a silent server be noticed in half a timeout, and what keeps
  the bound of a lease close to T.
* It goes out a little earlier than that, by T/384 at most, at an instant that it
  shares with those of other connections.  With a turn of the event loop for each ping,
  a thousand idle connections take half as much CPU time again (measured).
* The server is silent when 0.45 T have passed since its last complete frame.
  Only what comes *in* counts.  A client that judges by what it sends never
  notices a frozen server while it is busy (measured with kazoo: 80 unanswered
  requests in 40 s at T = 4 s, still "connected").  The part of a frame counts for
  every 16 KiB, so that a long one may take its time; less does not, or one byte a
  second would pass for life.
* A server that owes no answer is not silent: it is this side that has slept, through
  its own ping, in a blocked event loop or a stopped process.  It is asked first.
* The session's clock at the server starts no earlier than the sending of the last
  request that was *answered*, so that is the time from which T must be counted;
  the arrival of the answer would be too late.
"""

from __future__ import annotations

import math
from typing import Final

from zkwire._proto._contacts import SPACING_FRACTION, ContactHistory

PING_FRACTION: Final = 1 / 6
SILENCE_FRACTION: Final = 0.45
SHARED_FRACTION: Final = 1 / 384
"""Of the timeout: what lies between two instants for pings, at most.  They are multiples of a power
of two, so that connections with other timeouts have every second or fourth in common."""


class Liveness:
    """The clock work of one connection."""

    def __init__(self, *, handshake_limit: float, now: float) -> None:
        self._ping_after = float("inf")
        self._shared = 0.0
        self._silent_after = handshake_limit
        self._last_sent = now
        self._last_received = now
        self._asked_late_at = float("-inf")
        self._is_open = False
        self._ping_queued_at: float | None = None
        # Lists, though they are queues: of an entry or two, where an empty deque takes 760 bytes.
        self._open_pings: list[float] = []
        # One mark a write, not one a request: (requests written before it, when).
        self._marks: list[tuple[int, float]] = []
        self._answered = 0
        self.last_contact = now
        """When the last request that has been answered was sent."""
        self.pings_answered = 0
        self.last_ping_seconds = 0.0
        self.handshake_sent = now
        """When the handshake was sent, at the earliest."""
        self.contacts = ContactHistory()

    def opened(self, timeout: float) -> None:
        """A session was granted with ``timeout``: every timer follows it from here on."""
        self._is_open = True
        self._ping_after = timeout * PING_FRACTION
        self._shared = 2.0 ** math.floor(math.log2(timeout * SHARED_FRACTION))
        self._silent_after = timeout * SILENCE_FRACTION
        self.contacts.spacing = timeout * SPACING_FRACTION

    @property
    def last_received(self) -> float:
        """When the last complete frame came in."""
        return self._last_received

    @property
    def silence_deadline(self) -> float:
        """When the server will have been silent for too long, if nothing comes in."""
        return max(self._last_received, self._asked_late_at) + self._silent_after

    def sent(self, now: float, *, requests_before: int) -> None:
        """Something is about to be written, ``requests_before`` requests after the first."""
        self._last_sent = now
        marks = self._marks
        if marks and marks[-1][0] == requests_before:
            # That write held no request, so nothing will ever answer for it: an idle
            # connection's pings must not pile up.
            marks.pop()
        marks.append((requests_before, now))
        if self._ping_queued_at is not None:
            self._ping_queued_at = None
            self._open_pings.append(now)

    def received(self, now: float, *, requests_answered: int) -> None:
        """Complete frames came in; that many requests have been answered in all."""
        self._last_received = now
        self._answered = requests_answered
        marks = self._marks
        while marks and marks[0][0] < requests_answered:
            # At least the first request of this write has its answer.
            sent = marks.pop(0)[1]
            if sent > self.last_contact:  # a ping that came later may be answered already
                self.last_contact = sent
        self.contacts.add(self.last_contact, now)

    def progressed(self, now: float) -> None:
        """A good part of a frame came in."""
        self._last_received = now

    def ponged(self, now: float) -> bool:
        """A ping was answered, the oldest one; False if none was open."""
        if not self._open_pings:
            return False
        sent = self._open_pings.pop(0)
        self.pings_answered += 1
        self.last_ping_seconds = now - sent
        self.last_contact = max(self.last_contact, sent)
        return True

    def ping_is_due(self, now: float) -> bool:
        """Look whether to send a ping now; if so, counts it as queued.

        Whether earlier ones are answered does not matter.  A lease relies on the
        gap between writes, and a slow server must not widen it.
        """
        if self._ping_queued_at is not None:
            # It waits behind a write that the server does not take: look again later.
            self._ping_queued_at = now
            return False
        if now < self._ping_at(self._last_sent):
            return False
        self._ping_queued_at = now
        return True

    def is_silent(self, now: float, *, owes_answers: bool) -> bool:
        """Whether the server has been silent for too long.

        ``owes_answers``: whether there are requests, apart from pings, without an answer.
        """
        if now < self.silence_deadline:
            return False
        owes_pong = bool(self._open_pings) or self._ping_queued_at is not None
        if self._is_open and not owes_answers and not owes_pong:
            # The ping that is now overdue gets as long for its answer as any other.
            self._asked_late_at = now - self._ping_after
            return False
        return True

    def next_deadline(self) -> float:
        """When to look again.

        Never earlier than what was returned before, so a sleeper needs no waking.
        """
        last = self._last_sent if self._ping_queued_at is None else self._ping_queued_at
        return min(self.silence_deadline, self._ping_at(last))

    def _ping_at(self, last: float) -> float:
        at = last + self._ping_after
        return at // self._shared * self._shared if self._is_open else at
