"""What happens by itself, and when: the one background task."""

from __future__ import annotations

from math import inf

import trio

from zkwire.testing._memory._cluster._assembly import Assembly
from zkwire.testing._memory._cluster._clock import Clock


class Agenda:
    """What is due next.

    There is no wake-up per tick: it sleeps until the next thing that is due, and an earlier one
    that comes up wakes it.
    """

    def __init__(self, assembly: Assembly, clock: Clock) -> None:
        self._assembly = assembly
        self._clock = clock
        self._asleep_until = -inf
        self._earlier = trio.Event()

    async def run(self) -> None:
        """Do what is due when it is due, until cancelled; a checkpoint."""
        while True:
            self.perform()
            self._earlier = trio.Event()
            self._asleep_until = self._next()
            with trio.move_on_at(self._asleep_until):
                await self._earlier.wait()
            self._asleep_until = -inf

    def revise(self) -> None:
        """Wake up if something is due earlier than was known."""
        if self._asleep_until > self._clock.now() and self._next() < self._asleep_until:
            self._earlier.set()

    def perform(self) -> None:
        """Do what is due now."""
        now, now_ms = self._clock.now(), self._clock.now_ms()
        if self._assembly.next_review() <= now:
            self._assembly.review()
        for member in self._assembly.members:
            member.take_delivery()
            if member.local is not None and member.able:
                for session_id in member.local.expired(now_ms):
                    member.replica.close_links_of(session_id)
        for term in list(self._assembly.terms):
            if not term.leader.able:
                continue
            for session_id in term.tracker.expired(now_ms):
                term.close_session(session_id)
            if term.collect_at_ms is not None and term.collect_at_ms <= now_ms:
                term.collect()
            term.keep_ahead()

    def _next(self) -> float:
        now_ms = self._clock.now_ms()
        times = [self._assembly.next_review()]
        for member in self._assembly.members:
            times.append(member.next_delivery())
            if member.local is not None and member.able:
                times.append(_seconds(member.local.next_ms(now_ms)))
        for term in self._assembly.terms:
            if term.leader.able:
                times.append(_seconds(term.tracker.next_ms(now_ms)))
                times.append(_seconds(term.collect_at_ms))
        return min(times)


def _seconds(due_ms: int | None) -> float:
    return inf if due_ms is None else due_ms / 1000
