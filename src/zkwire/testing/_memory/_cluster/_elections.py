"""How members find a leader: one that is there, or one of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

from zkwire.testing._memory._cluster._clock import Clock
from zkwire.testing._memory._cluster._ledger import Ledger
from zkwire.testing._memory._cluster._member import Phase
from zkwire.testing._memory._cluster._term import Peer, Term

if TYPE_CHECKING:
    from zkwire.testing._memory._settings import Settings


class Elections:
    """Who leads whom.

    Attributes:
        terms: the reigns that last, each until its own leader gives up: a deposed one serves on
            beside its successor.
        next_at: when an election is decided, in seconds of the clock.
    """

    def __init__(self, members: Sequence[Peer], settings: Settings, clock: Clock) -> None:
        """Have all members elect one of them, at once."""
        self.terms: list[Term] = []
        self.next_at = inf
        self._members = members
        self._majority = len(members) // 2 + 1
        self._settings = settings
        self._clock = clock
        self._ledger = Ledger()
        self._epoch = 0
        self._elect(members)

    def join_somebody(self) -> bool:
        """Let members without a leader join the one that is there; whether any did."""
        for term in self.terms:
            # A deposed leader that does not know it finds nobody: a later epoch has the rest.
            if term.epoch != self._epoch:
                continue
            joining = [
                member
                for member in self._members
                if member.phase is Phase.LOOKING and member.talks_to(term.leader)
            ]
            around = sum(term.leader.talks_to(follower) for follower in term.followers)
            if joining and 1 + around + len(joining) >= self._majority:
                for member in joining:
                    self._join(member, term)
                    # It gets the leader's zxid along, which may be a bare epoch.
                    database = member.replica.database
                    database.last_zxid = max(database.last_zxid, term.newest.last_zxid)
                return True
        return False

    def hold(self) -> bool:
        """Elect a leader if there are enough members without one, and it is time; if one was."""
        now = self._clock.now()
        looking = [
            member
            for member in self._members
            if member.phase is Phase.LOOKING
            and member.able
            and (self._settings.standalone or not member.cuts)
        ]
        if len(looking) < self._majority:
            self.next_at = inf
            return False
        if self._settings.standalone:
            self.next_at = now
        elif self.next_at == inf:
            self.next_at = now + self._settings.election_time
        if now < self.next_at:
            return False
        self._elect(looking)
        return True

    def _elect(self, voters: Sequence[Peer]) -> None:
        self.next_at = inf
        self._epoch += 1
        # A majority committed, a majority votes: whoever has logged the most has all of it.
        leader = max(voters, key=lambda member: (member.logged, member.replica.id))
        self._serve(leader, Phase.LEADING)
        term = Term(leader, self._epoch, self._ledger, self._settings, self._clock)
        leader.term = term
        self.terms.append(term)
        for member in voters:
            if member is not leader:
                self._join(member, term)

    def _join(self, member: Peer, term: Term) -> None:
        self._serve(member, Phase.FOLLOWING)
        member.catch_up(self._ledger.after(member.logged), term.newest)
        member.logged = self._ledger.last_zxid
        member.term = term
        member.linked = True
        term.followers.append(member)

    def _serve(self, member: Peer, phase: Phase) -> None:
        if member.local is not None:
            member.replica.close_links(reset=False)
            member.timeouts.clear()
        member.read_only_at, member.local = inf, None
        member.phase = phase
        member.session_ids.restart(self._clock.wall_ms())
