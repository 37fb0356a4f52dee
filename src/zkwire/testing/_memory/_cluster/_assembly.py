"""The members as an ensemble: what befalls them, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import TYPE_CHECKING, Final

from zkwire.testing._memory._cluster._bonds import Bonds
from zkwire.testing._memory._cluster._clock import Clock
from zkwire.testing._memory._cluster._elections import Elections
from zkwire.testing._memory._cluster._member import Phase
from zkwire.testing._memory._cluster._role import Role
from zkwire.testing._memory._cluster._term import Peer, Term
from zkwire.testing._memory._cluster._tracker import SessionTracker
from zkwire.testing._memory._database import Database

if TYPE_CHECKING:
    from zkwire.testing._memory._settings import Settings

# A QuorumPeer waits this long, or a tick if that is longer, before it serves without a quorum.
_READ_ONLY_AFTER: Final = 2.0


class Assembly:
    """The members of the ensemble, all up and led by the last one from the start."""

    def __init__(self, members: Sequence[Peer], settings: Settings, clock: Clock) -> None:
        self.members = members
        self._settings = settings
        self._clock = clock
        self._bonds = Bonds(members, settings, clock)
        self._elections = Elections(members, settings, clock)

    @property
    def terms(self) -> Sequence[Term]:
        """The reigns that last, some of them over and not aware of it."""
        return tuple(self._elections.terms)

    def role(self, member: Peer) -> Role:
        """What a member is to its clients."""
        if not member.replica.running:
            return Role.NOT_SERVING
        if member.phase is Phase.LEADING:
            return Role.STANDALONE if self._settings.standalone else Role.LEADER
        if member.phase is Phase.FOLLOWING:
            return Role.FOLLOWER
        return Role.NOT_SERVING if member.local is None else Role.READ_ONLY

    def acting(self) -> Term | None:
        """The reign in which something can be committed."""
        # At most one of them: no two majorities are apart.
        return next((term for term in self.terms if term.quorate and term.leader.able), None)

    def newest(self) -> Database:
        """The newest committed state, whoever has it."""
        if self.terms:
            return max(self.terms, key=lambda term: term.epoch).newest
        return max(self.members, key=lambda member: member.logged).replica.database

    def at_leader(self, member: Peer, action: Callable[[Term], None]) -> None:
        """Do something at the leader of a member, once its link carries that there."""
        term = member.term
        if term is None:
            return
        if member.hears:
            action(term)
        else:
            member.upstream.append(action)

    def sync(self, member: Peer, done: Callable[[], None]) -> None:
        """Call back once the member has what the leader has committed by now."""
        self.at_leader(member, lambda term: term.sync(member, done))

    def kill(self, member: Peer, *, reset: bool) -> None:
        """End a member's process."""
        if not member.replica.running:
            return
        member.replica.running = member.replica.frozen = False
        member.read_only_at, member.local = inf, None
        self._leave(member, reset=reset)
        self.review()

    def start(self, member: Peer) -> None:
        """Start a member's process."""
        if member.replica.running:
            return
        member.replica.running = True
        self._look(member)
        self.review()

    def freeze(self, member: Peer) -> None:
        """Stop a member's process."""
        if member.replica.running and not member.replica.frozen:
            member.replica.frozen = True
            self.review()

    def resume(self, member: Peer) -> None:
        """Let it go on."""
        if member.replica.frozen:
            member.replica.frozen = False
            self.review()

    def partition(self, member: Peer) -> None:
        """Cut a member off."""
        member.cuts += 1
        self.review()

    def heal(self, member: Peer) -> None:
        """Undo one `partition`."""
        member.cuts = max(member.cuts - 1, 0)
        self.review()

    def lag(self, member: Peer, seconds: float) -> None:
        """Let commits reach a member later."""
        member.hurry(seconds)
        member.take_delivery()
        if member.term is not None and member.term.leader is member:
            member.term.keep_ahead()

    def next_review(self) -> float:
        """When something changes by itself, in seconds of the clock."""
        times = [self._elections.next_at]
        for member in self.members:
            if member.able:
                times += [member.notice_at, member.read_only_at]
        return min(times)

    def review(self) -> None:
        """See who has lost whom, who may join and who has to lead, until all is settled."""
        silent = [member for member in self.members if not member.hears]
        while self._lose_somebody() or self._elections.join_somebody() or self._elections.hold():
            pass
        for member in self.members:
            if member.able and self._clock.now() >= member.read_only_at:
                member.local = SessionTracker(self._settings.tick_ms)
                member.read_only_at = inf
        for member in silent:
            if member.linked:
                self._go_on(member)
        for term in self.terms:
            term.drain()

    def _lose_somebody(self) -> bool:
        for member in self.members:
            term = member.term
            if term is not None and not self._bonds.hold(member, term):
                self._leave(member, reset=False)
                self._look(member)
                return True
        return False

    def _leave(self, member: Peer, *, reset: bool) -> None:
        term = member.term
        member.replica.close_links(reset=reset)
        if term is not None:
            self._bonds.silence(member, term)
            if term.leader is member:
                self._elections.terms.remove(term)
            else:
                term.followers.remove(member)
        member.leave()

    def _look(self, member: Peer) -> None:
        if self._settings.read_only_mode and not self._settings.standalone:
            wait = max(_READ_ONLY_AFTER, self._settings.tick_time)
            member.read_only_at = self._clock.now() + wait

    def _go_on(self, member: Peer) -> None:
        """Catch up with what was said while the link was silent, both ways."""
        term = member.term
        if term is None:
            return
        member.take_delivery()
        now_ms = self._clock.now_ms()
        touched, member.touched = member.touched, {}
        for session_id, timeout_ms in touched.items():
            arrives_ms = term.next_ping_ms(now_ms)
            term.tracker.report(session_id, now_ms, arrives_ms, timeout_ms, member.replica.id)
        while member.upstream:
            member.upstream.popleft()(term)
