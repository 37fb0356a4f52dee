"""Whether members still have each other: silence, and when it is taken for the end."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

from zkwire.testing._memory._cluster._clock import Clock
from zkwire.testing._memory._cluster._term import Peer, Term

if TYPE_CHECKING:
    from zkwire.testing._memory._settings import Settings


class Bonds:
    """The connections between a leader and its followers.

    A dead process closes its own, which is noticed at once.  A frozen or unreachable one is
    given up after ``sync_limit`` ticks without a word, on both sides.
    """

    def __init__(self, members: Sequence[Peer], settings: Settings, clock: Clock) -> None:
        self._members = members
        self._majority = len(members) // 2 + 1
        self._tick = settings.tick_time
        self._patience = settings.sync_limit * settings.tick_time
        self._clock = clock

    def hold(self, member: Peer, term: Term) -> bool:
        """Whether a member goes on as what it is; takes note of what it hears and does not."""
        if term.leader is member:
            return self._keeps_quorum(member, term)
        return self._keeps_leader(member, term)

    def silence(self, member: Peer, term: Term) -> None:
        """Let the link of a follower carry nothing any more."""
        if member.linked:
            member.linked = False
            member.touched.update(term.tracker.cut(member.replica.id, self._clock.now_ms()))

    def _keeps_leader(self, member: Peer, term: Term) -> bool:
        now, leader = self._clock.now(), term.leader
        gives_up = now + self._patience
        if not member.able:
            self.silence(member, term)
            member.dropped_at = min(member.dropped_at, gives_up)
            return True
        if member.cuts or leader.cuts:
            self.silence(member, term)
            if not member.cuts and self._count_around(member) >= self._majority:
                # The majority sees its connections to a lost leader break, and only the leader
                # hears nothing: one that is deposed and serves on is the harder case.
                return False
        elif leader.term is not term or now >= member.dropped_at:
            return False
        elif leader.able:
            if not member.linked:
                member.hear_again()
            return True
        else:
            self.silence(member, term)
        member.notice_at = min(member.notice_at, gives_up)
        return now < member.notice_at

    def _keeps_quorum(self, member: Peer, term: Term) -> bool:
        if not member.able:
            return True
        now = self._clock.now()
        followers = [
            other for other in term.followers if member.talks_to(other) and now < other.dropped_at
        ]
        term.quorate = len(followers) + 1 >= self._majority
        if term.quorate:
            member.notice_at = inf
            return True
        # It counts connections once a tick, and knows at once of those that were closed.
        unaware = member.cuts or len(term.followers) + 1 >= self._majority
        wait = self._patience if unaware else self._tick
        member.notice_at = min(member.notice_at, now + wait)
        return now < member.notice_at

    def _count_around(self, member: Peer) -> int:
        return sum(member.talks_to(other) for other in self._members)
